import json
from pathlib import Path

import pytest
import yaml
from desk_world import CAMPAIGN, make_home, put, put_registers

from planner import tables
from planner.desk.check import check_workspace
from planner.desk.home import Home
from planner.desk.manifest import write_manifest
from planner.desk.sellers import list_runs, new_seller
from planner.errors import ConfigError
from planner.intake.decisions import read_decisions
from planner.intake.dialects import dialects
from planner.intake.goods_facts import read_evidence
from planner.intake.own_rules import read_own_rows
from planner.seller import read_seller

SECTIONS = ("# limits:", "policy:")
"""First line of the sections that are commented out, and the line after their last."""
MOVES = ("# transfers:", "#   - {from_warehouse")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = make_home(tmp_path)
    put_registers(made)
    return made


def test_a_new_seller_is_valid_in_every_market_and_platform(home: Home) -> None:
    registered = {"ID", "MY", "PH", "SG", "TH", "UK", "US", "VN"}
    for dialect in sorted(one.name for one in dialects().values() if one.market in registered):
        platform, market = dialect.split("-")
        new_seller(home, f"fresh-{dialect}", market=market.upper(), platform=platform)
        shop = home.seller(f"fresh-{dialect}").shops[0]
        assert (shop.platform, shop.market, shop.dialect) == (platform, market.upper(), dialect)


def test_every_file_of_a_new_seller_can_be_used_as_it_stands(home: Home) -> None:
    new_seller(home, "fresh", market="TH")
    said = {one.file: one.problem for one in check_workspace(home, ["fresh"])}
    wrong = [file for file, problem in said.items() if problem]
    assert wrong == ["fresh/orders"]  # no export has been put there yet


def test_a_new_seller_takes_currency_and_clock_from_the_register(home: Home) -> None:
    folder = new_seller(home, "fresh", market="VN")
    seller = home.seller("fresh")
    assert seller.currency == seller.shops[0].currency == "VND"
    assert seller.shops[0].time_zone == "Asia/Ho_Chi_Minh"
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*")) == [
        "bundles.csv", "catalogue.csv", "catalogue.example.csv", "certificates.csv",
        "decisions.csv", "events.csv", "inventory/README.md", "orders/README.md", "overrides.csv",
        "returns/README.md", "rules/README.md", "seller.yml", "stock.csv", "stock_history.csv",
    ]  # fmt: skip


def test_the_sections_that_a_new_seller_leaves_out_can_be_taken_in_as_they_stand(
    home: Home,
) -> None:
    text = (new_seller(home, "fresh", market="TH") / "seller.yml").read_text(encoding="utf-8")
    lines = text.splitlines()
    first, last = (lines.index(next(x for x in lines if x.startswith(k))) for k in SECTIONS)
    moves = [line for line in lines[:first] if line.startswith(MOVES)]
    opened = [line.removeprefix("# ") for line in [*moves, *lines[first:last]]]
    seller = read_seller(yaml.safe_load("\n".join([*lines, *opened])), where="seller.yml")
    assert seller.limits.mode_cbm == {"TH.sea": 6}
    assert seller.insurance.cover == "all_risks"
    assert [part.channel for part in seller.channels] == ["tiktok-th", "offline"]
    assert (seller.carriers[0].market, seller.papers["business_licence"].state) == ("TH", "yes")
    assert seller.transfers[0].from_warehouse == "china"


def test_papers_and_decisions_of_a_new_seller_are_empty_and_readable(home: Home) -> None:
    folder = new_seller(home, "fresh", market="TH")
    assert read_evidence(folder).empty
    assert read_decisions(folder).empty
    assert read_own_rows(folder / "rules", tables.Fees).empty


def test_a_new_seller_may_count_in_another_currency(home: Home) -> None:
    folder = new_seller(home, "fresh", market="TH", currency="CNY")
    assert home.seller("fresh").currency == "CNY"
    assert "CNY for 1 THB" in (folder / "seller.yml").read_text(encoding="utf-8")


def test_the_example_catalogue_can_be_used_as_the_catalogue(home: Home) -> None:
    folder = new_seller(home, "fresh", market="TH")
    (folder / "catalogue.example.csv").replace(folder / "catalogue.csv")
    said = {one.file: one for one in check_workspace(home, ["fresh"])}
    assert said["fresh/catalogue.csv"] == ("fresh/catalogue.csv", "", {"rows": 3}, ())


def test_what_exists_is_never_written_over(home: Home) -> None:
    before = (home.seller_folder("shop-a") / "seller.yml").read_bytes()
    with pytest.raises(ConfigError, match="'shop-a' is there already; nothing was written"):
        new_seller(home, "shop-a", market="TH")
    assert (home.seller_folder("shop-a") / "seller.yml").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"market": "FR"}, "no market 'FR'; known: ID, MY"),
        ({"market": "T"}, "no market 'T'; did you mean TH"),
        ({"market": "US", "platform": "shopee"}, "no layout shopee-us; did you mean shopee-"),
        ({"market": "TH", "platform": "tiktok_shop"}, "no platform 'tiktok_shop'; did you mean t"),
        ({"market": "TH", "currency": "baht"}, "new seller fresh: line 8: currency"),
    ],
)
def test_a_new_seller_that_cannot_be_is_refused_and_leaves_nothing(
    home: Home, options: dict[str, str], told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        new_seller(home, "fresh", **options)
    assert sorted(path.name for path in home.sellers_folder.iterdir()) == ["shop-a"]


def test_the_first_new_seller_of_a_workspace_brings_the_schema_for_editors(home: Home) -> None:
    new_seller(home, "fresh", market="TH")
    schema = home.sellers_folder / "seller.schema.json"
    assert json.loads(schema.read_text(encoding="utf-8"))["title"] == "Seller"
    put(schema, "{}")
    new_seller(home, "fresh-2", market="TH")
    assert schema.read_text(encoding="utf-8") == "{}"


def test_a_list_names_campaigns_scenarios_sellers_and_what_was_run(home: Home) -> None:
    report = home.report_folder("nov", "strong", "shop-a")
    report.mkdir(parents=True)
    write_manifest(report, {"outcome": "done", "steps": {"01": {}, "02": {}}, "stale": [2]})
    (listed,) = list_runs(home)
    assert (listed.campaign, listed.scenarios) == ("nov", ("base", "strong"))
    assert [(run.id, run.outcome, run.steps, run.stale) for run in listed.runs] == [
        ("nov/base/shop-a", "", (), ()),
        ("nov/strong/shop-a", "done", (1, 2), (2,)),
    ]


def test_a_list_tells_of_a_failure_and_of_the_report_that_is_still_there(home: Home) -> None:
    for folder, outcome in (
        (home.report_folder("nov", "base", "shop-a"), "done"),
        (home.failed_folder("nov", "base", "shop-a"), "refused"),
    ):
        folder.mkdir(parents=True)
        write_manifest(folder, {"outcome": outcome, "steps": {"01": {}}, "stale": []})
    (run,) = list_runs(home)[0].runs
    assert (run.outcome, run.steps) == ("refused", (1,))


def test_a_list_goes_on_past_a_wrong_campaign_and_a_wrong_seller(home: Home) -> None:
    put(home.root / "data" / "campaigns" / "bad.yml", "campaign: bad")
    put(home.sellers_folder / "shop-b" / "seller.yml", "nonsense: 1")
    bad, good = list_runs(home)
    assert "missing key" in bad.problem
    assert [run.seller for run in good.runs] == ["shop-a", "shop-b"]


def test_only_sellers_of_the_campaigns_markets_are_listed(home: Home) -> None:
    put(home.root / "data" / "campaigns" / "nov.yml", CAMPAIGN.replace("  TH:", "  US:"))
    assert list_runs(home)[0].runs == ()


def test_a_new_seller_has_a_line_to_fill_for_each_rate_that_freight_needs(home: Home) -> None:
    text = (new_seller(home, "fresh", market="TH") / "seller.yml").read_text(encoding="utf-8")
    for money in ("CNY", "USD"):
        assert f"#   {money}: ... # 1 {money} 折合多少 THB / THB for 1 {money}" in text
    assert "freight is priced in" in text
    assert "python run.py check --seller fresh" in text

"""Memory on disk: what sellers share in one file, what they keep, and who may not be told."""

from pathlib import Path

import pandas as pd
import pytest
from desk_world import CAMPAIGN, SELLER, make_home, put

from planner import tables
from planner.desk import memories
from planner.desk.home import Home
from planner.desk.ids import checked_id
from planner.desk.memory_inputs import share_campaign
from planner.desk.stage import Stage, publish
from planner.desk.store import Desk, input_files, open_scope
from planner.errors import ConfigError, RunError

SELLERS = ("shop-a", "shop-b", "shop-c")
SAYS = "share_memory: true\n"


def ratios(seller: str, ratio: float, campaign: str = "nov") -> pd.DataFrame:
    row = {
        "seller": seller, "campaign": campaign, "memory": "uplift", "kind": "double_date",
        "phase": "sale", "place": "", "mode": "", "category": "home", "market": "TH",
        "price_band": "middle", "ended_on": pd.Timestamp("2025-11-13"),
        "actual_sum": 1000.0 * ratio, "expected_sum": 1000.0, "n_skus": 4,
    }  # fmt: skip
    return tables.checked(tables.CampaignRatios, pd.DataFrame([row]))


def reviewed(home: Home, *sellers: str) -> None:
    for place, seller in enumerate(sellers):
        told = ratios(seller, 2.0 + place)
        memories.put_down(home.memory_folder(seller), "nov", tables.CampaignRatios, told)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = make_home(tmp_path, *SELLERS)
    rules = Path(__file__).resolve().parents[1] / "data" / "rules" / "bounds.csv"
    put(home.root / "data" / "rules" / "bounds.csv", rules.read_text(encoding="utf-8"))
    for seller in SELLERS:
        put(home.seller_folder(seller) / "seller.yml", SELLER.format(seller=seller) + SAYS)
    return home


def test_what_three_sellers_showed_is_written_once_and_names_none_of_them(home: Home) -> None:
    reviewed(home, *SELLERS)
    told = share_campaign(home, "nov")
    assert (told.state, told.cells, told.given) == ("written", 4, SELLERS)
    file = home.shared_memory_folder / "nov.csv"
    text = file.read_text(encoding="utf-8")
    assert not [name for name in (*SELLERS, "tiktok-th") if name in text]
    back = memories.read_memories((home.shared_memory_folder,), tables.SharedRatios)
    assert back["n_sellers"].tolist() == [3] * 4
    assert share_campaign(home, "nov").state == "same"


def test_two_sellers_leave_no_file(home: Home) -> None:
    reviewed(home, *SELLERS[:2])
    told = share_campaign(home, "nov")
    assert (told.state, told.silent) == ("none", ("shop-c",))
    assert not home.shared_memory_folder.exists()


def test_who_says_not_to_share_is_not_read(home: Home) -> None:
    reviewed(home, *SELLERS)
    text = SELLER.format(seller="shop-b") + "share_memory: false\n"
    put(home.seller_folder("shop-b") / "seller.yml", text)
    told = share_campaign(home, "nov")
    assert (told.state, told.given, told.withheld) == ("none", ("shop-a", "shop-c"), ("shop-b",))


def test_who_says_nothing_of_sharing_gives_nothing_and_is_named(home: Home) -> None:
    reviewed(home, *SELLERS)
    put(home.seller_folder("shop-c") / "seller.yml", SELLER.format(seller="shop-c"))
    told = share_campaign(home, "nov")
    assert (told.state, told.withheld) == ("none", ("shop-c",))


def test_a_seller_whose_file_cannot_be_read_does_not_share(home: Home) -> None:
    reviewed(home, *SELLERS)
    put(home.seller_folder("shop-b") / "seller.yml", "share_memory: [")
    assert share_campaign(home, "nov").withheld == ("shop-b",)


def test_a_second_edition_is_refused_until_it_is_asked_for(home: Home) -> None:
    reviewed(home, *SELLERS)
    share_campaign(home, "nov")
    memories.put_down(
        home.memory_folder("shop-a"), "nov", tables.CampaignRatios, ratios("shop-a", 6.0)
    )
    with pytest.raises(RunError, match=r"shared/nov\.csv is there .* Say --again"):
        share_campaign(home, "nov")
    assert share_campaign(home, "nov", again=True).state == "written"
    put(home.memory_folder("shop-c") / "ratios" / "nov.csv", "").unlink()
    assert share_campaign(home, "nov", again=True).state == "written"
    assert memories.read_memories((home.shared_memory_folder,), tables.SharedRatios).empty


def test_a_desk_reads_shared_memory_and_puts_its_own_cells_down(home: Home) -> None:
    desk = Desk(home, open_scope(home, "nov", "shop-a", scenario="base", as_of=""))
    assert desk.shared_memory().empty
    assert desk.memory(tables.CampaignRatios).empty
    desk.remember(ratios("shop-a", 2.5), tables.CampaignRatios)
    assert desk.memory(tables.CampaignRatios)["actual_sum"].tolist() == [2500.0]
    assert desk.memory().empty
    reviewed(home, *SELLERS)
    share_campaign(home, "nov")
    assert len(desk.shared_memory()) == 4


def test_a_campaign_rests_on_memory_of_others_but_not_on_its_own(home: Home) -> None:
    reviewed(home, *SELLERS)
    share_campaign(home, "nov")
    put(home.root / "data" / "campaigns" / "jan.yml", CAMPAIGN.replace("nov", "jan"))
    used = {
        campaign: [path for path in input_files(home, campaign, "shop-a") if "memory" in path.parts]
        for campaign in ("nov", "jan")
    }
    assert used["nov"] == []
    assert used["jan"] == sorted(
        [home.memory_folder("shop-a") / "ratios" / "nov.csv", home.shared_memory_folder / "nov.csv"]
    )


def test_cells_prepared_in_a_stage_are_published_where_they_are_read(home: Home) -> None:
    stage = Stage(home, "nov", "base", "shop-a")
    put(stage.report / "run.json", "{}")
    put(stage.tables / "x.parquet", "")
    memories.put_down(stage.memory, "nov", tables.CampaignRatios, ratios("shop-a", 2.0))
    publish(stage)
    assert (home.memory_folder("shop-a") / "ratios" / "nov.csv").is_file()


def test_no_seller_may_bear_the_name_of_the_shared_folder() -> None:
    with pytest.raises(ConfigError, match="'shared' is a reserved name"):
        checked_id("shared", "seller")

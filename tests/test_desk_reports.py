"""What the run puts beside the pages: the workbook, a CSV twin of each sheet, all in run.json."""

import io
import json
from pathlib import Path

import pages_samples as samples
import pandas as pd
import plan_book_case as case
import pytest
from desk_world import put
from test_desk_take_decisions import CAMPAIGN, CAMPAIGN_YML, SELLER, SELLER_YML

from planner import tables
from planner.desk import reports
from planner.desk.home import Home
from planner.desk.manifest import damaged_files, write_manifest
from planner.desk.stage import Stage
from planner.desk.store import Desk, open_scope
from planner.pages.workbook import SHEETS

PROJECT = Path(__file__).resolve().parents[1]
GOODS = "sku,name,category,price,hs_code,material,purpose\nFAN-USB,Fan,home,60,84145199,ABS,home\n"


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return a stage in which notebook 03 has written all it can write."""
    samples.teach(monkeypatch, {})
    home = Home(root=tmp_path / "ws", project=PROJECT)
    put(home.root / "data" / "campaigns" / f"{CAMPAIGN}.yml", CAMPAIGN_YML)
    put(home.seller_folder(SELLER) / "seller.yml", SELLER_YML)
    put(home.seller_folder(SELLER) / "catalogue.csv", GOODS)
    made = Stage(home, CAMPAIGN, "base", SELLER)
    made.report.mkdir(parents=True)
    scope = open_scope(home, CAMPAIGN, SELLER, scenario="base", as_of="")
    desk = Desk(home=home, scope=scope, stage=made.folder)
    frames = {**case.whole(), "Catalogue": tables.empty(tables.Catalogue)}
    for name in set(frames) - {"Alerts", "QuoteProducts"}:
        desk.write(getattr(tables, name), frames[name])
    desk.write(tables.Alerts, frames["Alerts"], part="plan")
    return made


def report(stage: Stage) -> Path:
    scope = open_scope(stage.home, CAMPAIGN, SELLER, scenario="base", as_of="")
    told = reports.make_report(stage, scope, {})
    write_manifest(stage.report, {"headline": told})
    return stage.report


def test_a_twin_of_every_sheet_stands_beside_the_workbook_and_in_the_manifest(stage: Stage):
    folder = report(stage)
    twins = {f"plan-{name}.csv" for name in SHEETS}
    assert {path.name for path in folder.glob("plan*")} == {"plan.xlsx", *twins}
    listed = json.loads((folder / "run.json").read_text(encoding="utf-8"))["files"]
    assert {"plan.xlsx", *twins} <= set(listed)
    assert damaged_files(folder) == []
    (folder / "plan-order.csv").write_bytes(b"changed")
    assert damaged_files(folder) == ["plan-order.csv"]


def test_the_same_tables_give_the_same_files(stage: Stage):
    first = {path.name: path.read_bytes() for path in report(stage).glob("plan*")}
    assert {path.name: path.read_bytes() for path in report(stage).glob("plan*")} == first


def test_the_rules_of_the_plans_markets_stand_among_the_assumptions(stage: Stage):
    book = (report(stage) / "plan.xlsx").read_bytes()
    rows = pd.read_excel(
        io.BytesIO(book), sheet_name=case.named("assumptions"), header=None, engine="calamine"
    )
    markets = set(rows[2].dropna()[3:])
    assert "泰国 / Thailand" in markets
    assert "美国 / United States" not in markets
    told = rows[0].astype(str)
    assert told.str.startswith("费用 / Fees: ").any()
    assert told.str.startswith("头程线路 / Lanes: ").any()


def test_the_product_list_of_the_quote_comes_from_the_catalogue(stage: Stage):
    book = (report(stage) / "plan.xlsx").read_bytes()
    rows = case.sheet(book, "products").set_index("SKU")
    shipped = samples.ship()["sku"]
    assert set(rows.index) == set(shipped)


def test_without_the_further_tables_their_sheets_and_twins_are_left_out(stage: Stage):
    for name in case.more_tables():
        (stage.tables / f"{name}.parquet").unlink(missing_ok=True)
    names = {path.name for path in report(stage).glob("plan-*.csv")}
    kept = ("readme", "order", "shipping", "rules", "forecast", "costs", "alerts",
            "assumptions", "log")  # fmt: skip
    assert names == {f"plan-{name}.csv" for name in kept}


def test_the_index_counts_what_is_open_on_the_last_day_and_tells_what_the_review_found(
    stage: Stage,
):
    scope = open_scope(stage.home, CAMPAIGN, SELLER, scenario="base", as_of="")
    desk = Desk(home=stage.home, scope=scope, stage=stage.folder)
    planned = {"03": {"as_of": {"TH": "2025-09-16"}}}
    assert sum(reports.make_report(stage, scope, planned)["alerts"].values()) > 0
    rows = {"market": "TH", "sku": ["A", "B"], "missing": "", "currency": "THB"}
    money = {"planned_profit": 9.0, "actual_profit": [5.0, None], "best_profit": [8.0, None]}
    units = {"planned_owned_units": 7.0, "owned_units": [6.0, None]}
    profits = pd.DataFrame({**rows, **money, **units, "gap_profit": [3.0, None]})
    desk.write(tables.SeasonProfits, profits[tables.columns(tables.SeasonProfits)])
    desk.write(tables.RegretTotals, tables.empty(tables.RegretTotals))
    desk.write(tables.NextDecisions, tables.empty(tables.NextDecisions))
    over = planned | {"05": {"as_of": {"TH": "2026-01-20"}}}
    told = reports.make_report(stage, scope, over)
    assert sum(told["alerts"].values()) == 0
    assert told["review"] == {
        "planned_profit": 9.0, "actual_profit": 5.0, "best_profit": 8.0, "gap_profit": 3.0,
        "open_count": 0, "currency": "THB",
    }  # fmt: skip

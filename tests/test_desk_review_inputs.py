"""A review takes from the seller's own files every count it may know, not the newest alone."""

from pathlib import Path

import pandas as pd
import pytest
from desk_world import CAMPAIGN, SELLER, make_home, put, put_orders, put_registers

from planner import tables
from planner.desk.review_inputs import read_seen
from planner.desk.store import Desk, open_scope
from planner.intake import came_back, orders, returns
from planner.season.campaign_review import Seen
from planner.season.replays.day_grid import announced
from planner.season.stock.held import counts_by_market, held_stock

OF_THE_PLAN = (
    tables.Forecast, tables.BaselineDaily, tables.StockPlan, tables.ModePlan, tables.StockPosition,
    tables.UnitEconomics, tables.PriceLocks, tables.Gates, tables.Catalogue, tables.Exits,
    tables.Placement, tables.DemandDraws, tables.CostLines, tables.SkuWays,
    tables.OverrideEffects, tables.ReturnRates,
)  # fmt: skip
STOCK = (
    "sku,warehouse,stage,units,available_on,as_of\n"
    "A-1,main,on_hand,80,,2025-09-16\n"
    "A-1,main,in_transit,220,2025-10-20,2025-09-16\n"
    "A-1,main,on_hand,300,,2025-10-31\n"
    "A-1,main,on_hand,40,,2025-12-05\n"
    "A-1,main,on_hand,7,,2025-12-06\n"
)
KEYS = pd.DataFrame({"market": ["TH"], "sku": ["A-1"]})


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return the desk of a seller who counts stock in stock.csv and nowhere else."""
    home = make_home(tmp_path)
    put_registers(home)
    put_orders(home)
    put(home.seller_folder("shop-a") / "stock.csv", STOCK)
    made = Desk(home, open_scope(home, "nov", "shop-a", scenario="base", as_of=""))
    intake = orders.read_orders(made.seller_folder, made.scope.seller)
    back = returns.read_returns(made.seller_folder, made.scope.seller)
    made.write(tables.OrderLines, came_back.with_returns(intake.lines, back.lines))
    made.write(tables.ReturnLines, back.lines)
    made.write(tables.Parcels, intake.parcels)
    for table in (tables.Bundles, tables.Events, *OF_THE_PLAN):
        made.write(table, tables.empty(table))
    return made


def seen_by(desk: Desk) -> Seen:
    return read_seen(desk).seen


def test_counts_kept_by_hand_give_opening_leftover_and_mean_through_the_desk(desk: Desk):
    had = seen_by(desk).happened
    counts = counts_by_market(had.stock_history, KEYS, scope=desk.scope)
    row = held_stock(counts, had.stock, KEYS, daily=had.daily, scope=desk.scope).iloc[0]
    assert row[["opening_units", "leftover_units", "mean_stock_units"]].tolist() == [300, 40, 170]


def test_what_was_announced_on_the_planning_day_reaches_the_review(desk: Desk):
    looking = desk.scope.as_of(3)
    due = announced(seen_by(desk).happened.stock, desk.scope, since=looking)
    assert due[["day", "units"]].to_numpy().tolist() == [[pd.Timestamp("2025-10-20"), 220]]


def put_limits(desk: Desk, *spans: tuple[str, float, str, str]) -> None:
    """Write late dispatch's limits anew: market, most, first and last day."""
    path = desk.home.rules_folder("metrics.csv") / "metrics.csv"
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    others = [row for row in rows if ",late_dispatch_rate," not in row]
    tail = "primary,test,2025-01-01"
    changed = [
        f"{market},late_dispatch_rate,{most},False,recommended,{since},{until},{tail}"
        for market, most, since, until in spans
    ]
    path.write_text("\n".join([head, *others, *changed]) + "\n", encoding="utf-8")


def limits_of(desk: Desk) -> dict[str, float]:
    found = seen_by(desk).metrics.set_index(["metric", "market"])["threshold"]
    return found.loc["late_dispatch_rate"].to_dict()


def test_the_review_holds_a_shop_to_the_limit_in_force_when_the_campaign_ended(desk: Desk):
    # Planned in September under 4 %, sold in November under 6 %, reviewed in December under 9 %.
    put_limits(
        desk,
        ("TH", 0.04, "2020-01-01", "2025-10-31"),
        ("TH", 0.06, "2025-11-01", "2025-12-01"),
        ("TH", 0.09, "2025-12-02", ""),
    )
    assert limits_of(desk) == {"TH": 0.06}


def test_each_market_is_held_to_the_limit_in_force_when_its_own_campaign_ended(desk: Desk):
    # TH sells until 13 November, US until 1 December; both limits fall in between.
    home, selling = desk.home, CAMPAIGN.index("scenarios:")
    thai = CAMPAIGN[CAMPAIGN.index("    event:") : selling]
    other = thai.replace("2025-12-01", "2025-12-20").replace("2025-11-13", "2025-12-01")
    text = f"{CAMPAIGN[:selling]}  US:\n{other}{CAMPAIGN[selling:]}"
    put(home.root / "data" / "campaigns" / "nov.yml", text)
    shop = SELLER.format(seller="shop-a")
    places = shop.index("  - shop:"), shop.index("warehouses:")
    second = shop[places[0] : places[1]]
    for was, now in (
        ("tiktok-th", "tiktok-us"), ("TH", "US"), ("main", "there"),
        ("Asia/Bangkok", "America/New_York"), ("currency: USB", "currency: USD"),
    ):  # fmt: skip
        second = second.replace(was, now)
    text = f"{shop[: places[1]]}{second}{shop[places[1] :]}  - {{warehouse: there, market: US}}\n"
    put(home.seller_folder("shop-a") / "seller.yml", text)
    put_limits(
        desk,
        ("TH", 0.06, "2025-11-01", "2025-11-15"),
        ("TH", 0.02, "2025-11-16", ""),
        ("US", 0.05, "2025-11-01", "2025-11-19"),
        ("US", 0.03, "2025-11-20", ""),
    )
    both = Desk(home, open_scope(home, "nov", "shop-a", scenario="base", as_of=""))
    assert limits_of(both) == {"TH": 0.06, "US": 0.03}

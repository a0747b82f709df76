"""What the brief says and no other test shows whole: its numbers, and a few of its demands."""

import io
from datetime import date, timedelta
from pathlib import Path

import demand_case
import intake_case
import pages_samples as samples
import pandas as pd
import pytest
import supply_case as case
from desk_world import make_home, profile

from planner import tables
from planner.campaign import MarketPlan, Phases
from planner.demand.evidence import HISTORY_DAYS
from planner.desk.home import find_home
from planner.desk.store import Desk, open_scope
from planner.errors import RunError
from planner.frozen import Span
from planner.intake.dialects import dialects
from planner.intake.rules import read_register
from planner.pages.charts import demand_routes
from planner.pages.sheets import TABLE_TOP
from planner.pages.workbook import plan_workbook
from planner.seller import Policy
from planner.supply.charges.packing import ship_lines
from planner.supply.charges.tariffs import BRIEF_TERMS
from planner.supply.quantity.returning import returns_of
from planner.supply.quantity.safety_stock import by_extremes
from planner.supply.trips.lanes import bound, chain_dates
from planner.words import say

ROOT = Path(__file__).resolve().parents[1]
MARKETS = {"UK", "US", "TH", "VN", "MY", "PH", "SG", "ID"}
BOUNDS = case.register(tables.Bounds)
CALENDAR = read_register(case.RULES, tables.Calendar)

# --- the numbers of the brief ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "low", "high", "unit"),
    [
        ("start_of_preparation", 28, 56, "days"),
        ("sign_up", 30, 60, "days"),
        ("warm_up", 7, 14, "days"),
        ("sale", 3, 7, "days"),
        ("delivery", 1, 3, "days"),
        ("history", 90, 180, "days"),
        ("buffer", 0.10, 0.20, "rate"),
    ],
)
def test_a_range_of_the_brief_stands_in_the_register(rule: str, low: float, high: float, unit: str):
    assert bound(BOUNDS, rule) == (low, high)
    assert BOUNDS.set_index("rule").loc[rule, "unit"] == unit


@pytest.mark.parametrize(("rule", "low"), [("tail", 14), ("ship_ahead_in_risk_season", 45)])
def test_what_the_brief_gives_as_a_least_number_of_days_stands_in_the_register(
    rule: str, low: float
):
    row = BOUNDS.set_index("rule").loc[rule]
    assert (row["low"], row["unit"]) == (low, "days")
    assert pd.isna(row["high"])


def test_the_history_asked_for_is_where_the_best_grades_begin():
    asked = bound(BOUNDS, "history")
    assert HISTORY_DAYS[:2] == (asked.high, asked.low) == (180, 90)


def test_returns_in_indonesia_are_reckoned_at_fifteen_percent_unless_the_category_is_known():
    goods = pd.DataFrame({"market": ["ID", "ID"], "sku": ["A", "B"]})
    kinds = case.catalogue({"sku": "A"}, {"sku": "B", "category": "small_appliance"})
    found = returns_of(case.register(tables.ReturnRates), goods, kinds)
    assert found["return_rate"].to_list() == [0.15, 0.10]
    assert bound(BOUNDS, "return_rate_indonesia").high == 0.15


def test_the_markets_are_the_eight_of_the_brief():
    assert {name.removeprefix("tiktok-").upper() for name in dialects()} >= MARKETS
    assert set(case.register(tables.Markets)["market"]) == MARKETS


@pytest.mark.parametrize(
    ("event", "kind", "markets"),
    [
        ("9.9", "double_date", {"UK", "TH", "VN", "MY", "PH", "SG", "ID"}),
        ("11.11", "double_date", {"UK", "TH", "VN", "MY", "PH", "SG", "ID"}),
        ("black-friday", "black_friday", {"UK", "US"}),
        ("new-year-festival", "new_year", {"VN", "MY", "PH", "SG"}),
    ],
)
def test_the_calendar_holds_each_event_of_the_brief_in_its_markets(
    event: str, kind: str, markets: set[str]
):
    rows = CALENDAR[CALENDAR["event"] == f"2026-{event}"]
    assert set(rows["market"]) == markets
    assert set(rows["kind"]) == {kind}
    assert (rows["ends_on"] >= rows["starts_on"]).all()


@pytest.mark.parametrize("kind", ["double_date", "black_friday", "new_year"])
def test_each_kind_of_event_in_the_brief_has_an_uplift_to_begin_with(kind: str):
    priors = case.register(tables.UpliftPriors)
    rows = priors[(priors["kind"] == kind) & (priors["category"] == "any")]
    assert set(rows["phase"]) == {"warm_up", "sale", "tail"}


def test_the_brief_counts_six_cost_terms():
    told = ("head_haul", "clearance", "inbound", "storage", "outbound", "returns")
    assert told == BRIEF_TERMS


def test_the_register_asks_for_the_marks_that_the_brief_names():
    papers = case.register(tables.Certificates).groupby("market")["certificate"].agg(set)
    assert papers["UK"] >= {"UKCA/CE", "UK-REP", "EU-REP", "MANUAL", "WEEE"}
    assert papers["US"] >= {"FDA", "FCC", "MANUAL"}
    assert "MSDS" in papers["any"]


def test_best_day_on_the_slowest_trip_less_mean_day_on_the_mean_trip_is_1200():
    units = by_extremes(
        mean_daily_units=100.0, peak_daily_units=300.0, mean_lead_days=3.0, longest_lead_days=5.0
    )
    assert units == 300 * 5 - 100 * 3 == 1200


# --- sellers and markets ---------------------------------------------------------------------


def test_what_one_seller_writes_and_remembers_no_other_seller_reads(tmp_path: Path):
    home = make_home(tmp_path, "shop-a", "shop-b")
    desks = {
        name: Desk(home, open_scope(home, "nov", name, scenario="base", as_of=""))
        for name in ("shop-a", "shop-b")
    }
    desks["shop-a"].write(tables.HourProfile, profile())
    desks["shop-a"].remember(demand_case.a_memory(seller="shop-a"))
    assert len(desks["shop-a"].memory()) == 1
    assert desks["shop-b"].memory().empty
    with pytest.raises(RunError, match="shop-b: the table HourProfile"):
        desks["shop-b"].read(tables.HourProfile)


@pytest.mark.parametrize("market", sorted(MARKETS))
def test_each_market_has_its_calendar_currency_clock_lanes_costs_returns_and_metrics(market: str):
    row = case.register(tables.Markets).set_index("market").loc[market]
    assert len(row["currency"]) == 3
    assert "/" in row["time_zone"]
    assert market in set(CALENDAR["market"])
    registers = (tables.Lanes, tables.Fees, tables.ReturnRates, tables.Metrics, tables.Certificates)
    silent = [
        kind.__name__ for kind in registers if market not in set(case.register(kind)["market"])
    ]
    assert silent == []


def test_the_days_of_a_market_move_with_its_event():
    def chain(later: int) -> pd.DataFrame:
        scope = case.scope(plan=_moved(later), as_of="2026-09-01")
        return chain_dates(case.lanes(), case.windows(), BOUNDS, scope=scope)

    days = ["produce_by", "ship_by", "arrive_by", "shelf_by"]
    assert (chain(9)[days] - chain(0)[days] == pd.Timedelta(days=9)).all().all()


def _moved(later: int) -> dict:
    def day(text: str) -> str:
        return str(date.fromisoformat(text) + timedelta(days=later))

    spans = case.PLAN["phases"].items()
    phases = {name: {end: day(text) for end, text in span.items()} for name, span in spans}
    return {"phases": phases, "next_replenishment_on": day(case.PLAN["next_replenishment_on"])}


# --- phases ----------------------------------------------------------------------------------


def test_buyers_who_wait_lower_the_warm_up_below_ordinary_days_and_not_the_sale():
    daily = demand_case.a_daily([20.0] * 4, ratio=3.0, noise=False)
    events = demand_case.the_events()
    for name, start in demand_case.PAST.items():
        first = pd.Timestamp(start) - pd.Timedelta(days=7)
        waits = daily["day"].between(first, pd.Timestamp(start) - pd.Timedelta(days=1))
        daily = daily.assign(
            units=daily["units"].mask(waits, 8),
            phase=daily["phase"].mask(waits, "warm_up"),
            event=daily["event"].mask(waits, name),
        )
    found = demand_case.forecast_parts(daily, events=events)["uplift"]
    by_phase = found.groupby("phase")["uplift_ratio"].max()
    assert by_phase["warm_up"] < 0.8
    assert found.loc[found["phase"] == "sale", "uplift_ratio"].min() > 2


def test_a_tail_of_eighteen_days_is_forecast_at_three_times_one_of_six():
    plan = demand_case.PLAN
    tail = Span(start=plan.phases.tail.start, end=plan.phases.tail.end + timedelta(days=12))
    phases = Phases(warm_up=plan.phases.warm_up, sale=plan.phases.sale, tail=tail)
    longer = MarketPlan.model_validate({**plan.model_dump(), "phases": phases.model_dump()}
                                       | {"next_replenishment_on": "2025-12-03"})  # fmt: skip
    daily = demand_case.a_daily([20.0] * 3, noise=False)
    means = [
        demand_case.forecast_parts(daily, plans={"TH": one})["draws"]
        .query("phase == 'tail'")["draws"]
        .map(lambda worlds: worlds.mean())
        .sum()
        for one in (plan, longer)
    ]
    assert (tail.end - tail.start).days + 1 == 18
    assert means[1] / means[0] == pytest.approx(18 / 6, rel=0.05)


def test_the_demo_campaign_has_a_scenario_in_which_the_sale_runs_on():
    campaign = find_home(ROOT).campaign("demo-2025-peak")
    assert campaign.scenarios["long-tail"] == {"demand": {"sale_days_added": 7}}


# --- orders ----------------------------------------------------------------------------------


def test_an_order_line_keeps_all_that_the_brief_asks_of_a_history(tmp_path: Path):
    columns = (*intake_case.COLUMNS, "Order Channel")
    order = intake_case.an_order() | {"Order Channel": "LIVE", "Sku Quantity of return": "1"}
    data = intake_case.csv_bytes([order], columns=columns)
    folder = intake_case.a_folder(tmp_path, orders__csv=data)
    line = intake_case.read_orders(folder, intake_case.a_seller()).lines.iloc[0]
    assert (line["order_id"], line["sku"]) == ("576859029000000001", "MUG-01")
    assert (line["units"], line["returned_units"]) == (2, 1)
    assert (line["gross_minor"], line["amount_minor"], line["currency"]) == (20000, 19000, "THB")
    assert (line["status"], line["channel"], line["source"]) == ("completed", "tiktok", "live")
    assert line["ordered_at"] == pd.Timestamp("2026-01-05 10:00")
    assert intake_case.a_seller().shops[0].time_zone == "Asia/Bangkok"


def test_orders_of_live_video_and_mall_stand_apart_with_their_shares(tmp_path: Path):
    columns = (*intake_case.COLUMNS, "Order Channel")
    words = ("LIVE", "LIVE", "Video", "Shop Tab")
    data = intake_case.csv_bytes(
        [intake_case.an_order(n) | {"Order Channel": word} for n, word in enumerate(words, 1)],
        columns=columns,
    )
    folder = intake_case.a_folder(tmp_path, orders__csv=data)
    lines = intake_case.read_orders(folder, intake_case.a_seller()).lines
    assert lines["source"].tolist() == ["live", "live", "video", "mall"]
    shares = [float(share) for trace in demand_routes(lines, "en").data for share in trace.x]
    assert sorted(shares)[:3] == [0.25, 0.25, 0.5]


# --- quantities, lanes and costs -------------------------------------------------------------


def test_the_workbook_names_the_rule_its_service_level_and_its_buffer():
    policy = Policy(rule="service_level", service_level=0.9, buffer_rate=0.1)
    seller = samples.seller().model_copy(update={"policy": policy})
    scope = samples.scope().model_copy(update={"seller": seller})
    readme = _sheet(plan_workbook(_plan_tables(), scope=scope), "readme")
    row = readme[readme[0].astype(str).str.startswith(say("rule", "zh"))].iloc[0]
    for lang, told in zip(("zh", "en"), row.iloc[1:3], strict=True):
        assert told.startswith(f"{say('rule.service_level', lang)} 90%")
        assert told.endswith("10%")


def test_each_mode_gets_its_units_and_its_latest_day_to_ship():
    # At 15,000 THB/CBM a dense unit pays 30 by sea and 40 by truck, a light one 30 and 16.
    scope = case.scope()
    options = case.options(scope)
    is_sea = options["mode"] == "sea"
    lanes = options.assign(freight_rate=options["freight_rate"].mask(is_sea, 15_000.0))
    goods = case.catalogue(
        {"sku": "DENSE", "weight_kg": 1.0, "volume_cbm": 0.001},
        {"sku": "LIGHT", "weight_kg": 0.1, "volume_cbm": 0.002},
    )
    orders = {"market": "TH", "sku": ["DENSE", "LIGHT"], "order_units": [100, 500]}
    by_mode = ship_lines(pd.DataFrame(orders), goods, lanes, scope=scope).groupby("mode")
    assert by_mode["units"].sum().to_dict() == {"sea": 100, "truck": 500}
    latest = by_mode["ship_by"].max().dt.strftime("%m-%d")
    # Nine trips in ten that leave that day are in time; typical trips would allow 10-08 and 10-23.
    assert latest.to_dict() == {"sea": "09-26", "truck": "10-20"}


def test_the_workbook_adds_up_the_weight_and_the_volume_of_all_that_is_shipped():
    plan = _plan_tables()
    whole = _sheet(plan_workbook(plan, scope=samples.scope()), "shipping")
    heads = [str(text).split("\n")[0] for text in whole.iloc[TABLE_TOP]]
    sums = dict(zip(heads, whole.iloc[TABLE_TOP - 1], strict=True))
    ship = plan["ShipLines"]
    for name in ("weight_kg", "volume_cbm"):
        assert sums[say(name, "zh")] == pytest.approx(ship[name].sum())
        assert ship[name].sum() > 0


@pytest.mark.parametrize("market", sorted(MARKETS))
def test_the_cost_table_has_every_term_of_the_brief_in_each_market(market: str):
    fees, lanes = case.register(tables.Fees), case.register(tables.Lanes)
    assert {*BRIEF_TERMS} - {"head_haul"} <= set(fees.loc[fees["market"] == market, "term"])
    # Head haul stands by lane, unpriced where no price was found.
    assert lanes.loc[lanes["market"] == market, "rate_unit"].isin(["kg", "cbm"]).any()


def test_storage_is_a_dated_stair_where_it_is_known_and_unknown_where_pages_disagree():
    fees = case.register(tables.Fees).set_index(["market", "term"])["value"]
    steps = [fees["UK", term] for term in ("storage", "storage_from_31", "storage_from_91")]
    assert steps == [0.12, 0.30, 0.72]
    assert pd.isna(fees["US", "storage"])
    before = case.register(tables.Fees, "2024-07-06").set_index(["market", "term"])["value"]
    assert pd.isna(before["UK", "storage"])


# --- the platform's metrics ------------------------------------------------------------------


def test_metrics_differ_by_market_and_by_day():
    def late(market: str, on: str) -> tuple[float, str]:
        rows = case.register(tables.Metrics, on).set_index(["market", "metric"])
        return tuple(rows.loc[(market, "late_dispatch_rate"), ["threshold", "consequence"]])

    assert late("US", "2026-03-01") == (0.04, "health_points")
    assert late("US", "2026-03-02") == (0.04, "recommended")
    assert late("UK", "2026-03-02") == (0.04, "enforcement")


def _plan_tables() -> dict[str, pd.DataFrame]:
    return samples.plan_tables() | {"Alerts": tables.empty(tables.Alerts)}


def _sheet(book: bytes, name: str) -> pd.DataFrame:
    return pd.read_excel(
        io.BytesIO(book),
        sheet_name=f"{say(f'sheet.{name}', 'zh')} {say(f'sheet.{name}', 'en')}",
        header=None,
        engine="calamine",
        dtype=object,
    )


@pytest.mark.parametrize("market", sorted(MARKETS))
def test_each_market_compares_sea_air_and_express_by_time(market: str):
    lanes = read_register(case.RULES, tables.Lanes).set_index("market").loc[[market]]
    days = lanes.set_index("mode")[["min_days", "typical_days", "max_days"]]
    assert {"sea", "air", "express"} <= set(days.index)
    assert days.notna().all(axis=None)
    quick = days.loc[sorted(set(days.index) & {"air", "express", "truck"}), "typical_days"]
    assert quick.max() < days.loc["sea", "typical_days"]


def test_where_two_ways_are_priced_by_weight_the_quicker_one_is_dearer():
    lanes = read_register(case.RULES, tables.Lanes).dropna(subset=["low_rate"])
    priced = lanes[lanes["rate_unit"] == "kg"].sort_values(["market", "typical_days"])
    ahead = priced.groupby(["market", "currency"])["low_rate"].diff().dropna()
    assert len(ahead) >= 2
    assert (ahead <= 0).all()

"""What the brief says of sizing, gates, money and papers, shown on one whole plan of five goods."""

import json
from functools import cache
from pathlib import Path

import brief_plan
import numpy as np
import pandas as pd
import pytest
import supply_case as case

from planner import tables
from planner.guards import money_checks, time_checks
from planner.guards.data_checks import BARCODE_DIGITS
from planner.guards.gates import blocked, goods_gates, hold_lines
from planner.guards.paper_checks import AGREEMENT, CONFIRMATIONS, CONTRACT, PROVIDER
from planner.pages import blocks, choice_answers, plan_blocks, stock_blocks
from planner.seller import RULE_BUFFER_RATES
from planner.supply.charges.costs import TERMS
from planner.supply.charges.tariffs import BRIEF_TERMS
from planner.supply.papers.quote import quote_request
from planner.supply.quantity.returning import returns_of
from planner.supply.trips.lanes import bound, chain_dates
from planner.supply.trips.stage_parts import inbound_rule
from planner.tables.supply import COMPARED_RULES, FACTOR_RULES, RULES
from planner.words import is_known, meaning, say

ROOT = Path(__file__).resolve().parents[1]
KEYS = ["market", "sku"]
BOUNDS = case.register(tables.Bounds)
MARKETS = ("ID", "MY", "PH", "SG", "TH", "UK", "US", "VN")
RETURNS_KNOWN = {
    "home": set(), "beauty": {"US"}, "apparel": {*MARKETS} - {"UK"},
    "small_appliance": {*MARKETS} - {"UK"},
}  # fmt: skip
"""By category of the brief, the markets whose own return rate the register holds."""


@cache
def other() -> brief_plan.Whole:
    """Return the plan with the toys admitted, a meeting's decisions, dates told and a buffer."""
    paper = {"market": "", "category": "toys", "sku": "", "certificate": "ADMISSION",
             "number": "7", "file": "", "expires_on": pd.NaT}  # fmt: skip
    rows = [("TH", "MUG", "drop", None, "Li", "", None), ("TH", "FAN", "units", 50, "Li", "", None)]
    names = ["market", "sku", "decision", "units", "owner", "note", "decided_on"]
    known = brief_plan.known_goods(
        evidence=_checked(tables.Evidence, pd.DataFrame([paper])),
        decisions=_checked(tables.Decisions, pd.DataFrame(rows, columns=names)),
    )
    told = {"sign_up": {"start": "2026-09-10", "end": "2026-10-05"}, "price_lock_on": "2026-10-25"}
    policy = {"rule": "service_level", "leftover_value_rate": 0.6}
    return brief_plan.whole_plan(known, plan=told, policy=policy, limits={})


def _checked(table: type[tables.Table], frame: pd.DataFrame) -> pd.DataFrame:
    days = [name for name in frame if name.endswith("_on")]
    counts = {"units": "Int64"} if "units" in frame else {}
    return tables.checked(table, frame.astype(dict.fromkeys(days, "datetime64[us]") | counts))


def by_sku(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_index("sku")


# --- the five core actions -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("book", "call"),
    [
        ("02_forecast_uplift", "charts.phase_forecast("),
        ("03_size_stock", "plan_blocks.show_orders("),
        ("03_size_stock", "plan_blocks.show_ways("),
        ("03_size_stock", "stock_blocks.show_moves("),
        ("03_size_stock", "stock_blocks.show_routes("),
    ],
)
def test_each_of_the_five_core_actions_has_its_block_on_a_page(book: str, call: str):
    cells = json.loads((ROOT / "notebooks" / f"{book}.ipynb").read_text(encoding="utf-8"))["cells"]
    code = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    assert call in code


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_blocks_of_the_core_actions_print_their_figures_under_their_names(lang: str):
    plan = brief_plan.plain().plan
    move = {"market": "TH", "sku": "MUG", "from_place": "szx", "to_place": "house", "units": 40,
            "move": "transfer", "move_cost": 90.0, "days": 6.0, "reason": "", "currency": "THB",
            "arrive_on": pd.Timestamp("2026-10-20")}  # fmt: skip
    back = {name: 1.0 for name in tables.columns(tables.ReturnRoutes)} | {
        "market": "TH", "sku": "MUG", "route": "resell", "reason": "", "currency": "THB",
        "back_on": pd.Timestamp("2026-11-20"), "is_best": True,
    }  # fmt: skip
    told = {
        "demand_units": plan_blocks.show_orders(plan.plan, lang),
        "safety_units": plan_blocks.show_orders(plan.plan, lang),
        "ship_by": plan_blocks.show_lines(plan.ship, lang),
        "to_place": stock_blocks.show_moves(pd.DataFrame([move]), lang),
        "route": stock_blocks.show_routes(pd.DataFrame([back]), lang),
    }
    for name, block in told.items():
        heads = [column["name"] for column in block.data["columns"]]
        assert name in heads, (name, heads)
        html = block._repr_mimebundle_()["text/html"]
        assert say(name, lang) in html
        cells = [row[heads.index(name)]["text"] for row in block.data["rows"]]
        assert any(cells), name
        assert all(text in html for text in cells), name


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_core_action_without_anything_to_do_says_so(lang: str):
    told = {
        "empty.moves": choice_answers.moves_answer(tables.empty(tables.Placement), lang),
        "empty.routes": choice_answers.routes_answer(tables.empty(tables.ReturnRoutes), lang),
        "empty.ship": blocks.show_table(
            tables.empty(tables.ShipLines), lang, empty_term="empty.ship"
        ),
        "empty.table": blocks.show_table(tables.empty(tables.StockPlan), lang),
    }
    silent = [term for term, block in told.items() if say(term, lang) not in _html(block)]
    assert silent == []


def _html(block: object) -> str:
    return str(block._repr_html_()) if hasattr(block, "_repr_html_") else str(block)


# --- the chain and its dates -----------------------------------------------------------------


def test_the_chain_runs_from_materials_in_china_to_the_shelf_overseas_without_a_gap():
    stages = brief_plan.plain().plan.stages
    for mode, rows in stages.groupby("mode"):
        rows = rows.sort_values("place")
        assert rows["stage"].to_list() == [
            "materials", "production", "waiting", "pickup", "export_customs", "line_haul",
            "import_customs", "truck", "receiving", "shelf",
        ], mode  # fmt: skip
        assert (rows["ends_on"].to_numpy()[:-1] == rows["starts_on"].to_numpy()[1:]).all()
        assert rows["ends_on"].iloc[-1] == pd.Timestamp("2026-11-01")


def test_six_weeks_ahead_lie_in_the_brief_s_range_and_still_miss_its_45_days():
    """From 20 September to the shelf on 1 November: 42 days, a tension inside the brief."""
    scope = case.scope()
    typhoon = case.windows(("2026-09-01", "2026-11-30", 0.0))
    sea = chain_dates(case.lanes(), typhoon, BOUNDS, scope=scope).set_index("mode").loc["sea"]
    calm = chain_dates(case.lanes(), case.windows(), BOUNDS, scope=scope).set_index("mode")
    assert bound(BOUNDS, "start_of_preparation") == (28, 56)
    assert time_checks.start(BOUNDS, scope) == []
    assert not sea["is_feasible"]
    assert sea["reason"].startswith("reason.needs_45_days|days=45")
    assert calm.loc["sea", "is_feasible"]


def test_sign_up_is_reckoned_sixty_to_thirty_days_ahead_and_stands_on_the_sheet():
    due = brief_plan.plain().plan.deadlines.set_index("deadline")["due_on"]
    assert f"{due['sign_up_opens']:%m-%d} {due['sign_up_ends']:%m-%d}" == "09-02 10-02"
    shelf = pd.Timestamp("2026-11-01")
    assert (shelf - due["sign_up_opens"]).days == bound(BOUNDS, "sign_up").high == 60
    assert (shelf - due["sign_up_ends"]).days == bound(BOUNDS, "sign_up").low == 30


def test_what_falls_due_in_sixty_days_names_every_date_of_the_brief():
    due = other().plan.deadlines
    assert set(due["deadline"]) >= {
        "sign_up_opens", "sign_up_ends", "price_lock", "decide_by", "produce_by", "ship_by",
        "arrive_by", "shelf_by", "warm_up", "sale", "tail",
    }  # fmt: skip
    days = due.set_index("deadline")["due_on"].dt.strftime("%m-%d")
    assert (days["sign_up_ends"], days["price_lock"]) == ("10-05", "10-25")
    assert (due["days_left"] <= 60).all()


# --- gates -----------------------------------------------------------------------------------


def test_an_unapproved_category_gets_nothing_and_the_page_says_what_that_saves():
    whole = brief_plan.plain()
    plan = by_sku(whole.plan.plan).loc["TOY"]
    gate = whole.gates.query("sku == 'TOY' and gate == 'admission'").iloc[0]
    landed = by_sku(whole.plan.economics).loc["TOY", "landed_cost"]
    assert (plan["order_units"], plan["reason"].split(";")[-1]) == (0, "reason.gate_blocks")
    assert (gate["state"], gate["blocks"]) == ("pending", "order")
    assert gate["saved_cost"] == pytest.approx(plan["high_units"] * landed)


def test_once_the_platform_admits_the_category_it_is_ordered():
    gate = other().gates.query("sku == 'TOY' and gate == 'admission'").iloc[0]
    assert (gate["state"], gate["evidence"]) == ("passed", "7")
    assert by_sku(other().plan.plan).loc["TOY", "order_units"] > 0


def test_a_missing_code_leaves_the_order_and_blocks_its_ship_line_with_the_batch_it_saves():
    whole = brief_plan.plain()
    line = by_sku(hold_lines(whole.plan.ship, whole.gates)).loc["NOHS"]
    gate = whole.gates.query("sku == 'NOHS' and gate == 'hs_code'").iloc[0]
    batch = by_sku(whole.plan.mode_plan).loc["NOHS", "landed_cost"]
    assert line["units"] == by_sku(whole.plan.plan).loc["NOHS", "order_units"] > 0
    assert line["block_reason"] == "gate.hs_missing"
    assert gate["saved_cost"] == batch


@pytest.mark.parametrize("kind", ["hazardous", "medical_device", "oversize", "beauty_device"])
def test_the_shipped_register_refuses_what_the_brief_warns_of(kind: str):
    catalogue = case.catalogue({"sku": "X", "category": kind})
    facts = brief_plan.facts_of(catalogue)
    known = brief_plan.known_goods(catalogue=catalogue, facts=facts)
    found = goods_gates(known, scope=case.scope())
    state = "pending" if kind == "beauty_device" else "refused"
    assert found.query("gate == 'admission'")["state"].to_list() == [state]
    assert "gate.admission." in blocked(found, "order").iloc[0]


def test_every_mark_the_brief_names_blocks_goods_that_lack_it_or_is_told_as_weak():
    asked = case.register(tables.Certificates)
    named = {part for text in asked["certificate"] for part in text.split("/")}
    assert named >= {"CE", "UKCA", "UK-REP", "EU-REP", "MANUAL", "WEEE", "FDA", "FCC", "MSDS"}
    fan = brief_plan.plain().gates.query("sku == 'FAN' and gate == 'certificate'")
    assert set(fan["evidence"]) >= {"MSDS", "UN38.3"}
    assert set(fan["state"]) == {"missing"}
    sure = asked.set_index("certificate")["confidence"].groupby(level=0).agg(set)
    weak = [paper for paper in fan["evidence"] if not sure[paper] & {"primary", "secondary"}]
    assert fan.loc[fan["evidence"].isin(weak), "blocks"].eq("").all()


def test_a_barcode_is_a_gtin_of_eight_twelve_thirteen_or_fourteen_digits():
    assert BARCODE_DIGITS == (8, 12, 13, 14)
    codes = brief_plan.plain().gates.query("gate == 'barcode'").set_index("sku")["state"]
    assert codes.to_dict() == {
        "MUG": "passed", "TOY": "unknown", "FAN": "unknown", "THIN": "unknown", "NOHS": "unknown",
    }  # fmt: skip


# --- quantities ------------------------------------------------------------------------------


def test_the_factor_the_brief_multiplies_by_is_shown_and_never_ordered():
    assert set(COMPARED_RULES) == {*RULES, *FACTOR_RULES}
    assert not set(RULES) & set(FACTOR_RULES)
    rules = brief_plan.plain().plan.rules.query("sku == 'MUG'").set_index("rule")["target_units"]
    ten, twenty = rules["seed_style_10"], rules["seed_style_20"]
    mean = by_sku(brief_plan.plain().plan.plan).loc["MUG", "demand_units"]
    assert (ten, twenty) == pytest.approx((mean * 1.1, mean * 1.2))


def test_the_buffer_is_fifteen_per_cent_apart_from_safety_stock_and_nothing_beside_profit():
    assert RULE_BUFFER_RATES == {"profit": 0.0, "service_level": 0.15, "extremes": 0.15}
    low, high = bound(BOUNDS, "buffer")
    assert low < 0.15 < high
    row = by_sku(other().plan.plan).loc["TOY"]
    parts = row["demand_units"] + row["safety_units"] + row["buffer_units"]
    assert row["buffer_units"] == pytest.approx(0.15 * row["demand_units"])
    assert row["safety_units"] > 0
    assert row["target_units"] == pytest.approx(parts)


def test_a_budget_that_binds_is_kept_and_the_worth_of_a_step_more_is_told():
    plan = brief_plan.plain().plan
    limit = plan.limits.set_index("limit").loc["budget"]
    assert limit["is_binding"]
    assert plan.mode_plan["landed_cost"].sum() <= 40_000
    assert limit["shadow_price"] > 0
    assert "reason.worth_of_budget|rise=4000|worth=" in limit["reason"]


def test_the_plan_follows_what_a_meeting_decided_and_says_who():
    orders = by_sku(other().plan.plan)["order_units"]
    assert (orders["MUG"], orders["FAN"]) == (0, 50)
    row = by_sku(other().plan.meeting).loc["FAN"]
    assert row[["decision", "decided_units", "owner"]].to_list() == ["units", 50, "Li"]


def test_the_meeting_ranks_what_can_be_shipped_by_profit_with_grade_and_way():
    sheet = brief_plan.plain().plan.meeting
    assert sheet["sku"].to_list() == ["MUG", "FAN", "NOHS", "TOY", "THIN"]
    assert sheet["grade"].eq("B").all()
    assert sheet["feasibility"].iloc[0].startswith("feasible.by|mode=truck|ship_by=2026-10-15")


# --- ship list, quote and papers --------------------------------------------------------------


def test_cartons_of_a_shipment_hold_exactly_the_units_of_its_lines():
    plan = brief_plan.plain().plan
    packed = plan.cartons.groupby("sku")["units"].sum()
    assert packed.to_dict() == plan.ship.groupby("sku")["units"].sum().to_dict()
    held = plan.cartons["last_carton"] - plan.cartons["first_carton"] + 1
    assert (held * plan.cartons["units_per_carton"]).sum() == plan.ship["units"].sum()
    assert plan.cartons["mark"].str.contains("TH-truck-house").all()


def test_the_quote_fills_its_eight_fields_from_the_plan_and_asks_for_the_rest():
    plan = brief_plan.plain().plan
    told = plan.quote.set_index("field")
    ship = plan.ship
    size = f"kg={ship['weight_kg'].sum():.1f}|cbm={ship['volume_cbm'].sum():.2f}"
    assert len(told) == 8
    assert told.loc["quote.weight_and_volume", "value"] == f"quote.size|{size}"
    assert told.loc["quote.cut_off", "value"] == "quote.day|day=2026-11-01"
    assert told.loc["quote.double_clearance", "value"] == "quote.ddp"
    assert told.loc["quote.sensitive", "value"] == "quote.flags|battery=1|liquid=0|powder=0"
    lacks = told.loc["quote.products", ["value", "is_known", "reason"]].to_list()
    assert lacks == ["quote.open_products|n=3|lacks=1", False, "quote.products.ask"]


def test_a_quote_names_the_address_or_asks_for_it_or_for_a_warehouse():
    def told(**seller: object) -> str:
        goods = brief_plan.known_goods()
        empty = tables.empty(tables.ShipLines)
        scope = case.scope(**seller)
        asked = quote_request(empty, goods.facts, goods.catalogue, goods.forecast, scope=scope)
        return str(asked.set_index("field").loc["quote.warehouse", "value"])

    house = {"warehouse": "house", "market": "TH"}
    assert told(warehouses=[house | {"address": "1 Bangna"}]).endswith("address=house: 1 Bangna")
    assert told(warehouses=[house]) == "quote.open_address|warehouse=house"
    assert told(warehouses=[house | {"market": "CN"}]) == "quote.open_recommend"


def test_the_checklists_ask_for_all_that_the_brief_names():
    assert set(CONFIRMATIONS) == {"lead_time", "customs", "last_mile"}
    assert set(CONTRACT) >= {"signed", "receiving", "compensation", "storage_relief", "clearance"}
    assert set(PROVIDER) >= {"business_licence", "warehouse_licence", "customs_filing",
                             "client_cases", "platform_partner", "tracking_test"}  # fmt: skip
    assert set(AGREEMENT) == {"own_licence", "product_list", "msds_reports", "shop_id",
                              "logistics_channels", "sales_reports"}  # fmt: skip
    named = (*CONFIRMATIONS, *CONTRACT, *PROVIDER, *AGREEMENT)
    assert [name for name in named if not is_known(f"paper.{name}")] == []


# --- money -----------------------------------------------------------------------------------


def test_the_six_terms_of_the_brief_come_first_for_each_sku_and_others_are_named_after():
    costs = brief_plan.plain().plan.costs
    assert TERMS[:6] == BRIEF_TERMS
    for _, rows in costs.groupby("sku"):
        assert rows["term"].to_list()[:6] == list(BRIEF_TERMS)
        assert set(rows["term"]) >= {"commission", "affiliate", "duty", "import_tax", "surcharge",
                                     "insurance", "handling", "integration", "goods"}  # fmt: skip


def test_every_figure_of_the_plan_names_its_source_and_an_unknown_one_is_no_zero():
    fees = case.register(tables.Fees).query("market == 'TH' and term == 'returns'").iloc[0]
    assert np.isnan(fees["value"])
    for frame in (brief_plan.plain().plan.costs, brief_plan.plain().plan.terms):
        assert (frame["source"].str.strip() != "").all()
    costs = brief_plan.plain().plan.costs
    assert costs.loc[costs["amount_cost"].isna(), "is_known"].eq(False).all()


def test_the_receiving_days_of_the_contract_move_the_day_of_arrival():
    def arrive(days: float) -> pd.Timestamp:
        scope = case.scope(contract={"receiving_days": days})
        return chain_dates(case.lanes(), case.windows(), BOUNDS, scope=scope)["arrive_by"].min()

    assert arrive(4.0) - arrive(9.0) == pd.Timedelta(days=5)


def test_a_loss_maker_is_blocked_before_sign_up_and_of_the_others_the_most_to_lock_is_told():
    plan = brief_plan.plain().plan
    locks = by_sku(plan.locks)
    thin = by_sku(plan.plan).loc["THIN"]
    assert (locks.loc["THIN", "advice"], locks.loc["THIN", "max_units"]) == ("refuse", 0)
    assert (thin["order_units"], thin["is_blocked"]) == (0, True)
    assert thin["reason"].startswith("reason.loss_at_price")
    assert locks.loc["MUG", "advice"] == "register"
    # The lock binds on the days of the sale: no more is locked than they may ask for.
    known = brief_plan.known_goods().draws.query("sku == 'MUG' and phase == 'sale'")
    most = max(worlds.max() for worlds in known["draws"])
    assert 100 < locks.loc["MUG", "max_units"] <= np.ceil(most)
    # Sign-up closes on 5 October, 20 days before prices lock: that is the day to decide by.
    told = other()
    assert {f"{day:%m-%d}" for day in told.plan.locks["settle_by"]} == {"10-05"}
    asked = money_checks.loss_makers(told.plan.plan, told.plan.economics, told.scope)
    assert [f"{found['act_by']:%m-%d}" for found in asked] == ["10-05"]


def test_a_hero_the_seller_names_gets_its_reserve_told_beside_those_that_earn_most():
    reserves = by_sku(brief_plan.plain().plan.reserves)
    assert "MUG" in reserves.index
    assert reserves.loc["MUG", ["source_place", "days", "unit_move_cost"]].to_list() == [
        "szx", 6.0, 30.0,
    ]  # fmt: skip
    assert f"{reserves.loc['MUG', 'last_day_on']:%m-%d}" == "11-06"  # the sale ends on the 12th


def test_speed_is_weighed_by_sku_and_parcels_from_china_miss_the_promise_of_three_days():
    mail = by_sku(brief_plan.plain().plan.direct)
    assert mail["sla_days"].eq(3.0).all()
    assert mail["is_late"].all()
    assert mail["mail_advice"].to_dict() == {
        "FAN": "fallback", "MUG": "fallback", "NOHS": "fallback", "THIN": "stock",
    }  # fmt: skip
    assert "TOY" not in mail.index  # its category is not admitted: nothing can be mailed either


# --- priors and channels ----------------------------------------------------------------------


@pytest.mark.parametrize("category", ["home", "small_appliance", "apparel", "beauty"])
def test_each_category_of_the_brief_has_priors_of_uplift_and_of_returns(category: str):
    uplift = case.register(tables.UpliftPriors)
    kinds = {"double_date", "black_friday", "new_year"}
    rows = uplift[(uplift["category"] == category) & uplift["kind"].isin(kinds)]
    assert set(rows["phase"]) == {"warm_up", "sale", "tail"}
    assert set(rows["kind"]) == kinds
    returns = case.register(tables.ReturnRates)
    known = returns[returns["return_rate"].notna()].groupby("category")["market"].agg(set)
    assert known["any"] == set(MARKETS)
    # Only these have a rate of their own; the rest takes that of any category.
    assert known.get(category, set()) == RETURNS_KNOWN[category]
    goods = pd.DataFrame({"market": [*MARKETS], "sku": "A"})
    found = returns_of(returns, goods, pd.DataFrame({"sku": ["A"], "category": [category]}))
    rates = returns.set_index(["market", "category"])["return_rate"]
    for row in found.itertuples():
        kind = category if row.market in RETURNS_KNOWN[category] else "any"
        assert row.return_rate == rates[row.market, kind]


def test_channels_of_a_warehouse_part_its_stock_and_share_nothing_unless_it_is_said():
    plan = brief_plan.plain().plan
    kept = plan.channels
    assert kept["draws_on"].eq("").all()
    assert (kept["limit_units"] == kept["partition_units"]).all()
    whole = kept.groupby("sku")["partition_units"].sum()
    held = by_sku(plan.plan)
    stock = held["order_units"] + held["available_units"]
    assert (whole.sub(stock).abs() < 1).all()
    pools = plan.pools.set_index("pooling")["is_agreed"]
    assert not pools["pooled"]


def test_the_platforms_own_warehouse_lets_goods_in_only_in_its_windows():
    rules = case.register(tables.InboundRules)
    assert inbound_rule(rules, "US", "fbt", "request_open_days") == 75
    assert inbound_rule(rules, "US", "fbt", "exact_counts") == 1
    assert np.isnan(inbound_rule(rules, "TH", "fbt", "arrival_window_days"))


@pytest.mark.parametrize("market", MARKETS)
def test_a_market_can_be_reached_by_sea_by_air_and_each_way_has_days_and_source(market: str):
    lanes = case.register(tables.Lanes)
    rows = lanes[lanes["market"] == market]
    assert {"sea", "air"} <= set(rows["mode"])
    assert (rows["min_days"] <= rows["typical_days"]).all()
    assert (rows["typical_days"] <= rows["max_days"]).all()
    assert (rows["source"].str.strip() != "").all()


# --- what else the brief leaves in tension ----------------------------------------------------


@pytest.mark.parametrize(("lang", "words"), [("zh", "上一次同类大促"), ("en", "last edition")])
def test_months_of_history_hold_no_edition_of_a_yearly_event_so_its_days_are_asked_for_apart(
    lang: str, words: str
):
    assert words in say("alert.history_short.do", lang)


def test_returns_are_a_second_supply_and_no_buffer_is_needed_for_them_twice():
    """40 were counted and 3 sold since; what comes back in time counts beside what is left."""
    held = by_sku(brief_plan.plain().plan.position).loc["MUG"]
    rows = brief_plan.plain().known.draws.query("sku == 'MUG' and phase == 'before'")
    shelf = 37 + held["early_units"]
    left = np.clip(shelf - rows["draws"].iloc[0], 0, None).mean()
    assert held["on_hand_units"] == 37
    assert held["returning_units"] > 0
    assert held["available_units"] == pytest.approx(left + held["returning_units"])


def test_same_day_or_one_to_three_days_the_market_s_rule_is_the_promise_parcels_are_held_against():
    assert bound(BOUNDS, "delivery") == (1, 3)
    assert set(brief_plan.plain().plan.direct["sla_days"]) == {bound(BOUNDS, "delivery").high}


# --- words -----------------------------------------------------------------------------------


def test_the_words_of_amazon_stand_beside_those_of_the_platform():
    """The brief speaks of FBA, FBM and ASIN in a text on TikTok: both names are kept."""
    for term, other in (("kind.fbt", "FBA"), ("fulfilment.fbt", "FBA"),
                        ("fulfilment.seller", "FBM"), ("sku", "ASIN")):  # fmt: skip
        assert all(other in meaning(term, lang) for lang in ("zh", "en"))

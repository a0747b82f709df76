"""The review as a whole: an order ten days late, followed from the shelf to the decision."""

import numpy as np
import pandas as pd
import pytest
from happened_case import FIRST, SCOPE
from review_case import BOUNDS, bills, costs, late_review, late_seen, plan
from season_case import a_scope

from planner import tables
from planner.season.campaign_review import FORMS, review_campaign
from planner.season.replays.course import Course, campaign_course
from planner.season.replays.replay import best_need
from planner.season.result.cost_rates import paid_once, unit_rates
from planner.season.result.kpis import plan_against_outcome
from planner.season.result.profit_parts import profit_parts
from planner.season.result.spent import cost_review, risk_costs, units_of

RATES = pd.DataFrame({"market": ["TH"], "sku": ["a"], "return_rate": [0.1]})
NO_GATES = tables.empty(tables.Gates)
NO_BILLS = bills()


@pytest.fixture(scope="module")
def late():
    return late_review()


def figure(found, measure: str) -> pd.Series:
    return found.figures.set_index("measure").loc[measure]


def late_units(late, **changed: object):
    """Of the plan's units 40 came."""
    came = pd.DataFrame({"market": ["TH"], "sku": ["a"], "came_units": [40.0]})
    return units_of(late.outcome, plan(**changed), came, RATES, late_seen().happened.economics)


def units_of_two(late, *, order: tuple[int, int]):
    """a as above and b beside it; of each 40 came."""
    two = pd.concat([plan(order_units=order[0]), plan("b", order_units=order[1])])
    came = pd.DataFrame({"market": "TH", "sku": ["a", "b"], "came_units": 40.0})
    rates = pd.concat([RATES, RATES.assign(sku="b")])
    return units_of(late.outcome, two, came, rates, late_seen().happened.economics)


def two_ways() -> pd.DataFrame:
    """The way taken is the one that lands at 9; another one costs more."""
    return pd.DataFrame(
        {"market": "TH", "sku": "b", "mode": ["air", "sea"], "landed_cost": [20.0, 9.0],
         "unit_freight_cost": [11.0, 2.0], "unit_surcharge_cost": [1.0, 0.5]}
    )  # fmt: skip


def risks_of(late, *, gates=NO_GATES, own=NO_BILLS, shipments=None) -> pd.DataFrame:
    money = late_seen().happened.economics
    paid = costs({"storage": 30.0})
    told = risk_costs(
        late.outcome, plan(), money, paid, gates, own, left=late.left, shipments=shipments
    )
    return told.set_index("risk")


def test_every_table_of_a_review_keeps_its_contract(late):
    for form, frame in zip(FORMS, late, strict=True):
        tables.checked(form, frame)


def test_costs_of_the_skus_that_profit_counts_leave_the_others_and_their_bills_out():
    # SKU a is all there is: both tables agree. A bill that names another SKU is in the whole alone.
    own = bills(("a", "goods", 600.0), ("b", "goods", 50.0))
    found = review_campaign(late_seen(bills=own), scope=SCOPE)
    whole, earned = (
        frame.set_index("term").loc["goods", "actual_cost"]
        for frame in (found.costs, found.earned_costs)
    )
    assert (whole, earned) == (650.0, 600.0)


def test_the_gap_of_a_late_order_is_lateness_and_asks_for_a_decision(late):
    # 100 units missed at 16 net that were left over at 4 instead.
    whole = late.totals[late.totals["market"] == ""]
    assert whole["cause"].tolist() == ["lateness"]
    assert whole["regret_profit"].sum() == pytest.approx(100 * (16 - 4))
    profit = late.profits.iloc[0]
    assert profit["gap_profit"] == pytest.approx(whole["regret_profit"].sum())
    assert profit["best_profit"] - profit["actual_profit"] == profit["gap_profit"]
    assert late.decisions["subject"].tolist() == ["next_subject.lateness|market=TH"]


def test_before_the_campaign_only_what_is_still_open_is_told():
    written = pd.DataFrame(
        {"subject": ["next_subject.demand|market=TH"], "finding": [""], "decision": ["Ask earlier"],
         "owner": ["Li"], "due_on": pd.to_datetime(["2025-10-01"]).astype("datetime64[us]"),
         "state": ["open"]}
    )  # fmt: skip
    early = review_campaign(late_seen(written=written), scope=a_scope(seen_from="2025-10-30"))
    assert early.outcome.empty
    assert early.ledger.empty
    assert early.decisions["decision"].tolist() == ["Ask earlier"]


def test_each_figure_stands_beside_its_plan(late):
    # 200 sold and 100 missed of a demand of 300; planned were 280 sold, 20 missed, 20 left.
    fill = figure(late, "fill_rate")
    assert fill["planned_value"] == pytest.approx(280 / 300)
    assert fill["actual_value"] == pytest.approx(200 / 300)
    through = figure(late, "sell_through_rate")
    assert through["planned_value"] == pytest.approx(280 / 300)
    assert through["actual_value"] == pytest.approx(200 / 300)
    assert through["target_value"] == pytest.approx(0.7)
    assert not through["is_met"]
    # 100 missed at 8; the 100 that lie there were bought at 8 and bring 5, 4 and 4: they would
    # have cost 3, 4 and 4 less than new ones.
    assert figure(late, "lost_profit")["actual_value"] == pytest.approx(800 + 60 * 3 + 40 * 4)
    assert figure(late, "leftover_cost")["planned_value"] == pytest.approx(20 * 4)
    # Of 100 left 60 bring 5, 25 bring 4, and 15 have no exit: at 8 landed 3, 4 and 4 are lost.
    assert figure(late, "leftover_cost")["actual_value"] == pytest.approx(60 * 3 + 40 * 4)


def test_a_figure_without_plan_or_target_is_empty_and_not_judged(late):
    wape = figure(late, "forecast_wape")
    assert np.isnan(wape["planned_value"])
    assert pd.isna(wape["is_met"])
    assert wape["reason"] == ""


def test_a_share_of_few_skus_misses_its_target_only_beyond_chance():
    seen = late_seen()
    one = late_review().outcome
    parts = (seen.happened.economics, RATES)

    def judged(n: int) -> bool:
        """Seven of ten ranges held: 10 points short, by chance 25 with 10 SKUs, 6 with 200."""
        held = [one.assign(sku=f"s{k}", is_covered=pd.array([k % 10 < 7], "boolean"))
                for k in range(n)]  # fmt: skip
        many = pd.concat(held, ignore_index=True)
        told = plan_against_outcome(many, plan(), *parts, scope=SCOPE, bounds=seen.bounds)
        return bool(told.set_index("measure").loc["coverage", "is_met"])

    assert judged(10)
    assert not judged(200)


def test_a_shelf_that_nobody_saw_gave_no_perfect_service(late):
    # b: never counted, no stock-out seen. a ran out: of the two one is known, and it did not serve.
    blind = {"sku": "b", "lost_units": np.nan, "stock_out_days": pd.NA, "opening_units": np.nan,
             "leftover_units": np.nan, "mean_stock_units": np.nan}  # fmt: skip
    unseen = late.outcome.assign(**blind).astype({"stock_out_days": "Int64"})
    money, bounds = late_seen().happened.economics, late_seen().bounds
    policy = SCOPE.seller.policy.model_copy(update={"rule": "service_level"})
    seller = SCOPE.seller.model_copy(update={"policy": policy})
    asked = SCOPE.model_copy(update={"seller": seller})
    names = ["service_rate", "fill_rate", "stock_out_days", "lost_units", "lost_profit"]

    def told(outcome: pd.DataFrame) -> pd.DataFrame:
        plans = pd.concat([plan(sku) for sku in outcome["sku"]])
        found = plan_against_outcome(outcome, plans, money, RATES, scope=asked, bounds=bounds)
        return found.set_index("measure").loc[names]

    alone = told(unseen)
    assert alone["actual_value"].isna().all()
    assert pd.isna(alone.loc["service_rate", "is_met"])
    both = told(pd.concat([late.outcome, unseen], ignore_index=True))
    assert both["actual_value"].tolist() == told(late.outcome)["actual_value"].tolist()
    assert both["unknown_skus"].tolist() == [1, 1, 1, 1, 1]


def test_cost_terms_follow_the_units_that_came_and_were_sold(late):
    told = late.costs.set_index("term")
    assert told.loc["goods", "actual_cost"] == pytest.approx(2400.0)
    # 560 for 280 units planned, 200 sold.
    assert told.loc["outbound", "actual_cost"] == pytest.approx(400.0)
    assert told.loc["outbound", "gap_cost"] == pytest.approx(-160.0)
    assert np.isnan(told.loc["storage", "actual_cost"])
    assert told.loc["storage", "reason"] == "spent.no_bill"
    assert told.loc["storage", "unknown_skus"] == 1


def test_a_bill_takes_the_place_of_an_estimate(late):
    own = bills(("", "storage", 45.0), ("a", "refusal", 70.0))
    told = cost_review(costs({"storage": 30.0}), late_units(late), own).iloc[0]
    assert told[["actual_cost", "gap_cost", "reason"]].tolist() == [45.0, 15.0, "spent.bill"]
    risk = risks_of(late, own=own)
    assert risk.loc["refusal", "actual_cost"] == pytest.approx(70.0)
    assert np.isnan(risk.loc["over_storage", "actual_cost"])


def test_a_bill_of_one_sku_replaces_the_estimate_of_that_sku_alone(late):
    # a: 400 by the 200 of 280 units sold, 430 by its bill. b: 90 planned, nothing known of it.
    both = pd.concat([costs({"outbound": 560.0}), costs({"outbound": 90.0}, sku="b")])
    told = cost_review(both, late_units(late), bills(("a", "outbound", 430.0))).iloc[0]
    assert (told["actual_cost"], told["gap_cost"]) == (430.0, -130.0)
    assert (told["unknown_skus"], told["reason"]) == (1, "spent.bill_part")
    other = cost_review(both, late_units(late), bills(("b", "outbound", 70.0))).iloc[0]
    assert other["actual_cost"] == pytest.approx(400.0 + 70.0)
    assert other["gap_cost"] == pytest.approx(470.0 - 650.0)
    assert other["unknown_skus"] == 0


def test_a_bill_of_a_sku_whose_plan_is_unknown_is_no_gap(late):
    # a: 100 planned, 100 / 280 * 200 sold. b: a bill of 110, its plan unknown. c: nothing known.
    def told(planned: float, *own: tuple[str, str, float]) -> list[object]:
        amounts = {"a": planned, "b": np.nan, "c": np.nan}
        rows = [costs({"outbound": amount}, sku=sku) for sku, amount in amounts.items()]
        found = cost_review(pd.concat(rows), late_units(late), bills(*own)).iloc[0]
        numbers = found[["planned_cost", "actual_cost", "gap_cost", "unknown_skus"]]
        return [*numbers.astype(float).round(2), found["reason"]]

    bill_of_b = ("b", "outbound", 110.0)
    reason = "spent.bill_part;spent.no_plan|skus=1"
    came = 100 / 280 * 200
    assert told(100.0, bill_of_b) == [
        100.0, round(came + 110, 2), round(came - 100, 2), 2.0, reason,
    ]  # fmt: skip
    bare = told(np.nan, bill_of_b)
    assert (bare[1], bare[3:]) == (110.0, [3.0, reason])
    assert np.isnan([bare[0], bare[2]]).all()
    whole = told(100.0, ("", "outbound", 300.0))
    assert (whole[:2], whole[3]) == ([100.0, 300.0], 2.0)
    assert np.isnan(whole[2])


def test_a_term_planned_for_no_unit_has_no_rate_so_what_came_is_unknown(late):
    units = late_units(late, order_units=0)
    told = cost_review(costs({"goods": 0.0, "outbound": np.nan}), units, bills())
    assert told[["actual_cost", "gap_cost"]].isna().all(axis=None)
    assert told["unknown_skus"].tolist() == [1, 1]
    assert told["planned_cost"].isna().tolist() == [False, True]


def test_planned_actual_and_gap_of_a_cost_count_the_same_skus(late):
    # b came though nothing tells what it costs: neither its plan nor its outcome is told.
    units = units_of_two(late, order=(300, 40))
    both = pd.concat([costs({"goods": 2400.0}), costs({"goods": np.nan}, sku="b")])
    told = cost_review(both, units, bills()).iloc[0]
    assert told[["planned_cost", "actual_cost", "gap_cost"]].tolist() == [2400.0, 320.0, -2080.0]
    assert told["unknown_skus"] == 1


def test_goods_the_plan_did_not_order_cost_what_their_way_costs(late):
    # 40 of b came, 9 landed: 6 goods, 2 freight, 0.5 surcharge, 0.5 the rest, all of it inbound.
    units = units_of_two(late, order=(300, 0))
    terms = {"goods": 2400.0, "head_haul": 300.0, "inbound": 60.0, "duty": 0.0}
    both = pd.concat([costs(terms), costs(dict.fromkeys(terms, 0.0), sku="b")])
    rates = unit_rates(two_ways(), pd.DataFrame({"market": ["TH"], "sku": ["b"],
        "landed_cost": [9.0]}), pd.DataFrame({"sku": ["b"], "unit_cost": [6.0]}))  # fmt: skip
    told = cost_review(both, units, bills(), rates=rates).set_index("term")
    # Of a 40 of 300 came: 320 goods, 40 freight, 8 inbound.
    assert told["actual_cost"].to_dict() == pytest.approx(
        {"goods": 320 + 240, "head_haul": 40 + 80, "inbound": 8 + 20, "duty": 0.0}
    )
    assert told["unknown_skus"].eq(0).all()
    assert (told["gap_cost"] == told["actual_cost"] - told["planned_cost"]).all()


def test_a_share_of_the_price_follows_revenue_where_it_is_known(late):
    # The plan sold 280 at 25; 200 sold for 6,000 pay the fee on 6,000.
    priced = late._replace(outcome=late.outcome.assign(sold_revenue=6000.0))
    told = cost_review(costs({"commission": 350.0}), late_units(priced), bills()).iloc[0]
    price = float(late_seen().happened.economics["price"].iloc[0])
    assert told["actual_cost"] == pytest.approx(350.0 * 6000 / (280 * price))
    assert told["reason"] == "spent.by_revenue"
    blind = late._replace(outcome=late.outcome.assign(sold_revenue=np.nan))
    told = cost_review(costs({"commission": 350.0}), late_units(blind), bills()).iloc[0]
    assert told["actual_cost"] == pytest.approx(350.0 * 200 / 280)
    assert told["reason"] == "spent.by_sold"


def test_revenue_less_cost_plus_leftovers_less_goods_bought_later_is_the_profit(late):
    # 200 sold at 20 of which selling takes 4; 300 landed at 8; 100 left over bring 4 each.
    parts = {"revenue": 4000.0, "cost": 800.0 + 2400.0, "left_revenue": 400.0, "bought_cost": 0.0}
    assert {name: figure(late, name)["actual_value"] for name in parts} == pytest.approx(parts)
    profit = figure(late, "profit")
    assert profit["actual_value"] == pytest.approx(4000 - 3200 + 400)
    # Planned: 280 sold at 20, selling 4, 300 landed at 8, 2,000 expected.
    planned = {name: figure(late, name)["planned_value"] for name in parts}
    assert (planned["revenue"], planned["cost"]) == pytest.approx((5600, 1120 + 2400))
    assert planned["left_revenue"] == pytest.approx(2000 - (5600 - 3520))
    assert profit["target_value"] == late.profits["best_profit"].sum()
    assert pd.isna(profit["is_met"])


def test_what_an_order_pays_once_is_in_every_profit_of_the_review(late):
    # 300 landed at 8 are 2,400; photos and clearance of 50 are paid once, however many are sent.
    told = {"goods": 2300.0, "head_haul": 100.0, "handling": 30.0, "clearance": 20.0}
    paid = costs(told | {"outbound": 560.0})
    assert paid_once(paid, late_seen().happened.mode_plan)["once_cost"].tolist() == [50.0]
    found = review_campaign(late_seen(costs=paid), scope=SCOPE)
    profit, before = (r.profits.iloc[0] for r in (found, late))
    assert profit["actual_profit"] == before["actual_profit"] - 50
    assert profit["best_profit"] == before["best_profit"] - 50
    assert profit["planned_profit"] == before["planned_profit"]  # the plan bears them already
    assert figure(found, "cost")["actual_value"] == pytest.approx(3200 + 50)
    assert figure(found, "cost")["planned_value"] == pytest.approx(1120 + 2400 + 50)
    assert figure(found, "left_revenue")["planned_value"] == pytest.approx(2000 - (5600 - 3570))
    assert figure(found, "left_revenue")["actual_value"] == pytest.approx(400.0)
    # A term that nobody knows is not in the landed cost either; without one there is no order.
    modes = late_seen().happened.mode_plan
    assert paid_once(costs(told | {"duty": np.nan}), modes)["once_cost"].tolist() == [50.0]
    assert paid_once(paid, modes.assign(landed_cost=np.nan)).empty


def test_an_order_that_does_not_earn_what_is_paid_once_is_no_best_one(late):
    seen = late_seen()
    had = seen.happened
    gain = 300 * (16 - 8)
    for fee, best in ((gain - 1, 300), (gain + 1, 0)):
        once = pd.DataFrame({"market": ["TH"], "sku": ["a"], "once_cost": [float(fee)]})
        course = campaign_course(had, scope=SCOPE, once=once).course
        assert best_need(course).tolist() == [best]


def test_goods_bought_after_the_planning_day_beside_the_order_stand_apart():
    # 120 more came on 28 October: 30 days later they lie there, bought at 8, worth 4.
    def more(units: int) -> Course:
        had = late_seen().happened
        return campaign_course(had, scope=SCOPE).course._replace(bought=np.array([float(units)]))

    seen, found = late_seen(), late_review()
    told = profit_parts(
        more(120), found.outcome, plan(), seen.happened.economics,
        found.profits.assign(actual_profit=1200.0 - 960.0), seen.happened.position,
    ).iloc[0]  # fmt: skip
    assert told["actual_bought_cost"] == 120 * 8
    assert told["actual_cost"] == pytest.approx(3200.0)


def test_a_figure_counts_the_skus_that_it_leaves_out(late):
    # b has no price: its losses and its profit are in no figure of money, its units are.
    two = pd.concat([late.outcome, late.outcome.assign(sku="b")], ignore_index=True)
    both = pd.concat([plan(), plan("b")])
    parts = pd.DataFrame({"market": ["TH"], "sku": ["a"], "currency": ["CNY"], **{
        f"{when}_{name}": [1.0] for when in ("planned", "actual")
        for name in ("revenue", "cost", "left_revenue", "bought_cost", "profit")},
        "best_profit": [2.0]})  # fmt: skip
    told = plan_against_outcome(
        two, both, late_seen().happened.economics, RATES, scope=SCOPE, bounds=BOUNDS,
        parts=parts, left=late.left,
    ).set_index("measure")  # fmt: skip
    gone = told["unknown_skus"]
    assert gone[["lost_profit", "leftover_cost", "profit", "revenue"]].tolist() == [1, 1, 1, 1]
    assert gone[["lost_units", "leftover_units", "stock_out_days"]].tolist() == [0, 0, 0]


def test_a_term_of_unknowns_and_zeros_is_planned_as_unknown(late):
    # b orders nothing, a has no duty rate: nobody knows the duty, and it is not 0.
    units = units_of_two(late, order=(300, 0))
    both = pd.concat([costs({"duty": np.nan}), costs({"duty": 0.0}, sku="b")])
    told = cost_review(both, units, bills()).iloc[0]
    assert np.isnan(told["planned_cost"])
    assert np.isnan(told["actual_cost"])


def test_goods_on_the_shelf_were_not_refused(late):
    gates = pd.DataFrame(
        {"market": ["TH"], "sku": ["a"], "blocks": ["ship"], "saved_cost": [500.0]}
    )
    there = pd.DataFrame(
        {"sku": ["a"], "arrived_on": [FIRST], "shelf_on": [FIRST], "received_units": [298]}
    )
    for shipments, cost, reason in (
        (there, 0.0, "spent.shelved"),
        (there.assign(shelf_on=pd.NaT, received_units=0), np.nan, "spent.no_bill"),
    ):
        told = risks_of(late, gates=gates, shipments=shipments).loc["refusal"]
        assert told["actual_cost"] == pytest.approx(cost, nan_ok=True)
        assert told["reason"] == reason


def test_no_refusal_is_told_of_goods_without_a_risk_of_which_none_were_sent(late):
    gates = pd.DataFrame({"market": ["TH"], "sku": ["a"], "blocks": [""], "saved_cost": [0.0]})
    sent = pd.DataFrame(
        {"sku": ["b"], "arrived_on": [FIRST], "shelf_on": [FIRST], "received_units": [298]}
    )
    assert "refusal" not in risks_of(late, gates=gates, shipments=sent).index
    own = sent.assign(sku="a", shelf_on=pd.NaT, received_units=0)
    told = risks_of(late, gates=gates, shipments=own).loc["refusal"]
    assert np.isnan(told["actual_cost"])  # on its way or held: not known
    at_risk = gates.assign(blocks="ship", saved_cost=500.0)
    told = risks_of(late, gates=at_risk, shipments=sent).loc["refusal"]
    assert told["expected_cost"] == 500.0


def test_a_plan_of_which_one_sku_is_unknown_has_no_profit(late):
    def planned(*profits: float) -> float:
        seen = late_seen()
        own = profit_parts(
            campaign_course(seen.happened, scope=SCOPE).course, late.outcome, plan(),
            seen.happened.economics, late.profits, seen.happened.position,
        )  # fmt: skip
        rows = [own.assign(planned_profit=profit) for profit in profits]
        told = plan_against_outcome(
            late.outcome, plan(), seen.happened.economics, RATES, scope=SCOPE, bounds=BOUNDS,
            parts=pd.concat(rows),
        )  # fmt: skip
        return float(told.set_index("measure").loc["profit", "planned_value"])

    assert planned(70.0, 30.0) == 100.0
    assert np.isnan(planned(70.0, np.nan))


def test_each_risk_has_what_it_was_to_cost_and_what_it_did(late):
    risk = late.risks.set_index("risk")
    assert risk.loc["stock_out", ["expected_cost", "actual_cost"]].tolist() == [160.0, 1140.0]
    assert risk.loc["dead_stock", ["expected_cost", "actual_cost"]].tolist() == [80.0, 340.0]
    assert risk.loc["dead_stock", "reason"] == "spent.by_exits"
    assert risk.loc["over_storage", "expected_cost"] == 30.0
    assert risk.loc[["over_storage", "refusal"], "actual_cost"].isna().all()
    assert (risk.loc[["over_storage", "refusal"], "reason"] == "spent.no_bill").all()


def test_what_the_gates_held_back_is_the_cost_of_a_refusal(late):
    gates = pd.DataFrame(
        {"market": ["TH", "TH"], "sku": ["a", "a"], "blocks": ["ship", "order"],
         "saved_cost": [500.0, 500.0]}
    )  # fmt: skip
    passed = gates.head(1).assign(blocks="", saved_cost=0.0)
    assert risks_of(late, gates=gates).loc["refusal", "expected_cost"] == 500.0
    assert risks_of(late, gates=passed).loc["refusal", "expected_cost"] == 0.0
    assert np.isnan(risks_of(late).loc["refusal", "expected_cost"])


def test_leftovers_fill_the_best_open_exit_first_in_whole_units(late):
    # 100 are left: 60 marked down, 25 of 25.5 sold later, 15 have nowhere to go.
    left = late.left
    assert left["exit"].tolist() == ["markdown", "ordinary", ""]
    assert left["units"].tolist() == [60.0, 25.0, 15.0]
    assert left["exit_revenue"].tolist()[:2] == [300.0, 100.0]
    assert np.isnan(left["exit_revenue"].iloc[2])

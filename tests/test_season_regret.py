"""The regret ledger: planted losses found again, parts that add up to the cent."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from made_course import NEED, PLANTS, ordered, planted, well

from planner.season.replays.regret import regret_ledger, regret_totals, season_profits
from planner.season.replays.replay import Repairs, replay
from planner.season.replays.shapley import in_cents, shapley, subsets

LEAST_SHARE = 0.95


def told(course):
    ledger = regret_ledger(course, currency="CNY")
    return ledger, season_profits(course, currency="CNY")


def cents(series: pd.Series) -> pd.Series:
    return (series * 100).round().astype("int64")


def test_a_campaign_in_which_all_went_well_has_nothing_to_regret():
    ledger, profits = told(well())
    assert ledger.empty
    assert profits["gap_profit"].eq(0).all()
    # 160 sold at 20 net, 120 landed at 8: the 40 that lay there were paid for before the plan.
    assert profits["actual_profit"].iloc[0] == 160 * 20 - 120 * 8


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_cause_is_found_and_no_other(name: str):
    ledger, profits = told(planted(name))
    shares = ledger.groupby("cause")["regret_profit"].sum() / profits["gap_profit"].sum()
    assert profits["gap_profit"].gt(0).all()
    assert shares[PLANTS[name][0]] >= LEAST_SHARE
    strays = ledger[ledger["cause"] != PLANTS[name][0]]["regret_profit"].abs().sum()
    assert strays <= (1 - LEAST_SHARE) * profits["gap_profit"].sum()


@pytest.mark.parametrize(("one", "other"), list(combinations(PLANTS, 2)))
def test_two_planted_causes_share_the_loss_and_leave_nothing_over(one: str, other: str):
    ledger, profits = told(planted(one, other))
    own = ledger["cause"].isin([PLANTS[one][0], PLANTS[other][0]])
    whole = ledger["regret_profit"].abs().sum()
    assert ledger.loc[own, "regret_profit"].abs().sum() >= LEAST_SHARE * whole
    by_sku = cents(ledger["regret_profit"]).groupby(ledger["sku"]).sum()
    gap = cents(profits.set_index("sku")["gap_profit"])
    assert by_sku.reindex(gap.index, fill_value=0).eq(gap).all()


def test_parts_add_up_to_the_cent_though_everything_went_wrong_at_once():
    course = planted(*[name for name in PLANTS if name not in ("limits", "refusals")])
    ledger, profits = told(course)
    gap = cents(profits.set_index("sku")["gap_profit"])
    # Not the override: something else was sent on every SKU, so that nobody followed it.
    assert ledger["cause"].nunique() == 7
    assert "override" not in set(ledger["cause"])
    assert (
        cents(ledger["regret_profit"]).groupby(ledger["sku"]).sum().reindex(gap.index).eq(gap).all()
    )
    assert cents(profits["best_profit"] - profits["actual_profit"]).eq(gap.to_numpy()).all()
    totals = regret_totals(ledger, currency="CNY")
    whole = totals[totals["market"] == ""]
    assert cents(whole["regret_profit"]).sum() == gap.sum()
    assert whole["share_rate"].sum() == pytest.approx(1.0)
    assert whole["regret_profit"].is_monotonic_decreasing


def test_a_late_order_loses_what_the_days_before_it_asked_for_beyond_the_shelf():
    ledger, _ = told(planted("lateness"))
    # Of 160 wanted, 70 % come before day 5: 112, of which 40 are on the shelf; 72 are missed.
    row = ledger[ledger["sku"] == "s0"].iloc[0]
    assert row["regret_profit"] == pytest.approx(72 * (20 - 4))
    assert (row["missed_units"], row["left_units"]) == pytest.approx((72, 72))
    assert row["reason"] == "reason.regret_lateness|was=120|right=120"


def test_what_helped_against_another_fault_has_a_regret_below_zero():
    course = planted("demand")
    order = course.order
    truth = order._replace(planned_units=NEED, limited_units=NEED, sent_units=NEED)
    right = course._replace(order=truth)
    ledger, profits = told(right)
    assert profits["gap_profit"].eq(0).all()
    of = ledger[ledger["sku"] == "s0"].set_index("cause")["regret_profit"]
    # The model said 180 for 120: 60 left over at a loss of 8 - 4 each, had nobody changed it.
    assert of["demand"] == 60 * 4
    assert of["override"] == -60 * 4


def test_a_pack_that_fits_the_plan_and_not_the_need_says_so():
    twice = NEED * 2
    course = ordered(
        well(), model_units=twice, planned_units=twice, limited_units=twice, moq_units=twice,
        sent_units=twice,
    )  # fmt: skip
    ledger, _ = told(course)
    own = ledger[(ledger["cause"] == "rounding") & (ledger["sku"] == "s0")]
    assert own["reason"].tolist() == ["reason.regret_packs|was=240|right=120"]


def test_goods_sent_although_refused_are_an_order_other_than_planned():
    shut = ordered(well(), is_refused=np.ones(len(NEED), dtype=bool), sent_units=NEED + 100)
    ledger, profits = told(shut)
    assert ledger["cause"].unique().tolist() == ["execution"]
    # 100 too many, bought at 8 and left over at 4.
    assert profits["gap_profit"].eq(400).all()
    own = ledger[ledger["sku"] == "s0"]["reason"].tolist()
    assert own == ["reason.regret_execution_refused|was=220|right=0"]


def test_a_change_that_nobody_followed_books_nothing_to_the_change():
    changed = ordered(well(), planned_units=NEED * 2, limited_units=NEED * 2, sent_units=NEED + 10)
    ledger, _ = told(changed)
    assert set(ledger["cause"]) <= {"execution", "demand"}
    again = regret_ledger(changed, currency="CNY", is_frozen=False)
    own = again[(again["sku"] == "s0") & (again["cause"] == "execution")]["reason"]
    assert own.tolist() == ["reason.regret_execution_again|was=130|right=240"]


def test_units_missed_are_priced_as_on_the_days_that_missed_them():
    # Five days before the sale at 12 net and five in and after it at 20; late by those five.
    price = np.where(np.arange(10) < 5, 12.0, 20.0) + np.zeros((8, 1))
    money = well().money._replace(net_price=price, free_net_price=price)
    ledger, _ = told(planted("lateness")._replace(money=money))
    row = ledger[ledger["sku"] == "s0"].iloc[0]
    assert row["cause"] == "lateness"
    assert row["regret_profit"] == pytest.approx(72 * (12 - 4))


def test_a_returned_unit_earns_once():
    # 10 came back and lie there at the end: they bring 4, and their sale counted on 4 already.
    back = np.zeros((8, 10))
    back[:, 9] = 10
    course = well()._replace(arriving=back)
    once = course._replace(again=np.full(8, 10.0))
    left = replay(once, Repairs((), subsets(0))).left_units
    assert left.tolist() == [[10.0] * 8]
    assert told(once)[1]["actual_profit"].tolist() == told(well())[1]["actual_profit"].tolist()
    assert told(course)[1]["actual_profit"].iloc[0] == 160 * 20 - 120 * 8 + 10 * 4


def test_goods_that_nobody_fetched_are_what_was_done_otherwise():
    # The plan ordered 90 and fetched 30 that were paid for; the 30 stayed where they were.
    course = ordered(
        well(), model_units=NEED - 30, planned_units=NEED - 30, limited_units=NEED - 30,
        sent_units=NEED - 30,
    )._replace(unmoved=np.full(8, 30.0))  # fmt: skip
    ledger, profits = told(course)
    assert set(ledger["cause"]) == {"execution"}
    # 30 more sold at 20 instead of 4 at an exit; nothing more to pay for.
    assert profits["gap_profit"].tolist() == [30 * 16] * 8
    assert profits["actual_profit"].iloc[0] == 130 * 20 + 30 * 4 - 90 * 8
    assert ledger["reason"].unique().tolist() == ["reason.regret_unmoved|units=30"]


def test_the_best_order_leaves_the_last_days_out_where_they_lose_money():
    price = np.where(np.arange(10) < 7, 20.0, 6.0) + np.zeros((8, 1))
    money = well().money._replace(net_price=price, free_net_price=price)
    profits = told(well()._replace(money=money))[1]
    # Of 160 wanted 15 % come at 6, less than the 8 that they cost.
    assert profits["best_profit"].iloc[0] == pytest.approx(136 * 20 - 96 * 8)


def test_units_left_fill_the_best_exit_first():
    money = well().money._replace(
        exit_units=np.full((8, 2), [30.0, np.inf]), exit_revenue=np.full((8, 2), [6.0, -1.0])
    )
    over = ordered(well(), sent_units=NEED + 50)._replace(money=money)
    # 30 bring 6, 20 cost 1; bought at 8.
    assert told(over)[1]["gap_profit"].tolist() == [50 * 8 - 30 * 6 + 20] * 8


def test_the_best_attainable_is_never_below_what_came():
    for names in list(combinations(PLANTS, 3))[::8]:
        _, profits = told(planted(*names))
        assert profits["gap_profit"].ge(-0.005).all(), names


def test_a_sku_that_cannot_be_replayed_is_named_and_not_zero():
    gone = pd.DataFrame({"market": ["TH"], "sku": ["zz"], "missing": ["opening_units"]})
    profits = season_profits(well(), gone, currency="CNY")
    row = profits[profits["sku"] == "zz"].iloc[0]
    assert np.isnan(row["actual_profit"])
    assert row["missing"] == "opening_units"


def test_shapley_values_are_those_worked_by_hand():
    # v(a) = 6, v(b) = 0, v(ab) = 10: a gets (6 + 10) / 2, b gets (0 + 4) / 2.
    assert shapley(np.array([[0.0], [6.0], [0.0], [10.0]])).ravel().tolist() == [8.0, 2.0]
    rng = np.random.default_rng(7)
    values = rng.normal(0, 1e4, (2**5, 300))
    parts = in_cents(shapley(values))
    assert (parts.sum(axis=0) == np.rint((values[-1] - values[0]) * 100)).all()
    assert len(subsets(5)) == 32


def test_a_replay_without_repair_is_what_happened():
    course = planted("lateness")
    end = replay(course, Repairs((), subsets(0)))
    assert end.missed_units[0, 0] == pytest.approx(72)
    assert end.left_units[0, 0] == pytest.approx(72)

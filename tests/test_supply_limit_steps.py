"""What a step more of a limit earns, solved anew: lots, second limits, goods that may not leave."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case

from planner import tables
from planner.pages.reasons import tell_reason
from planner.supply.order import limit_steps
from planner.supply.order.allocation import Allocation, allocate
from planner.supply.quantity.newsvendor import KEYS
from planner.supply.quantity.value_curves import Curves
from planner.terms import Limits

DAY = pd.Timestamp("2026-09-25")


def ways(*skus: str, landed: float = 50.0) -> pd.DataFrame:
    row = {
        "market": "TH", "mode": "sea", "is_allowed": True, "produce_by": DAY, "ship_by": DAY,
        "shelf_by": pd.Timestamp("2026-11-01"), "lead_days": 30.0, "on_time_rate": 1.0,
        "late_days": 0.0, "unit_freight_cost": 5.0, "unit_surcharge_cost": 0.0,
        "landed_cost": landed, "missing": "", "reason": "", "currency": "THB",
    }  # fmt: skip
    return tables.checked(tables.SkuWays, pd.DataFrame([{**row, "sku": sku} for sku in skus]))


def order(goods: list[dict], worths: dict[str, float], limits: Limits, **more) -> Allocation:
    """Order SKUs of which the first 100 units are worth so much each; a unit costs 50."""
    keys = pd.MultiIndex.from_product([["TH"], list(worths)], names=KEYS)
    value = np.array([[0.0, 100 * worth, 100 * worth] for worth in worths.values()])
    curves = Curves(keys, np.array([[0.0, 100, 200]] * len(worths)), value)
    return allocate(
        curves, ways(*worths), case.catalogue(*goods), limits, scope=case.scope(), max_gap=1e-9,
        **more,
    )  # fmt: skip


def good(sku: str, carton: int = 50, **more: object) -> dict:
    return {"sku": sku, "carton_units": carton, "moq_units": 0, "volume_cbm": 0.01, **more}


def test_a_second_limit_that_ends_the_step_is_counted_and_named():
    # 100 of A earn 3,000 in 1 CBM for 5,000; of B 50 more units would earn 1,000, and 50 again.
    # One CBM has room for both cartons of B, but 2,600 left of the budget pays for one of them.
    plan = order(
        [good("A"), good("B")], {"A": 80.0, "B": 70.0},
        Limits(budget=7600.0, mode_cbm={"sea": 1.2}),
    )  # fmt: skip
    assert plan.units.tolist() == [100, 0]
    space, budget = (plan.limit_prices.set_index("limit").loc[n] for n in ("mode_cbm", "budget"))
    assert space["reason"] == (
        "reason.worth_of_mode_cbm|rise=1.00|worth=1000|currency=THB;"
        "reason.then_held|limits=limit.budget"
    )
    # The budget still has room for a carton, and more of it earns nothing while space holds.
    assert (budget["is_binding"], budget["shadow_price"]) == (False, 0.0)
    assert plan.reasons.tolist()[1] == "reason.limit_binds|wanted=100|limits=limit.mode_cbm"


def test_the_table_says_that_a_limit_binds_wherever_the_order_of_a_sku_says_so():
    # Neither limit has room for a carton of B, and neither alone would make it fit.
    plan = order(
        [good("A"), good("B")], {"A": 80.0, "B": 70.0},
        Limits(budget=7400.0, mode_cbm={"sea": 1.4}),
    )  # fmt: skip
    assert plan.reasons.tolist() == [
        "", "reason.limit_binds|wanted=100|limits=limit.budget,limit.mode_cbm",
    ]  # fmt: skip
    told = plan.limit_prices.set_index("limit")
    assert told["is_binding"].tolist() == [True, True]
    assert told["shadow_price"].tolist() == [0.0, 0.0]
    assert told.loc["mode_cbm", "reason"] == (
        "reason.limit_tight|left=0.40|unit=unit.cbm;reason.alone_no_gain"
    )


def test_a_step_is_wide_enough_for_the_smallest_lot_that_waits():
    # The minimum order of B asks for 5 CBM where none is left: one more CBM would earn nothing.
    plan = order(
        [good("A"), good("B", moq_units=100, volume_cbm=0.05)], {"A": 80.0, "B": 70.0},
        Limits(mode_cbm={"sea": 1.0}),
    )  # fmt: skip
    row = plan.limit_prices.iloc[0]
    assert (row["rise"], row["shadow_price"] * row["rise"]) == (5.0, pytest.approx(2000.0))


def test_with_cartons_cut_the_worth_of_a_step_is_no_more_than_its_slope_says(monkeypatch):
    monkeypatch.setattr(limit_steps, "WHOLE_UP_TO", 0)
    # 10 % of 3,000 pays for 6 more units at 30 each.
    plan = order([good("A", carton=1)], {"A": 80.0}, Limits(budget=3000.0))
    row = plan.limit_prices.iloc[0]
    assert (plan.units.tolist(), row["rise"]) == ([60], 300.0)
    assert row["shadow_price"] == pytest.approx(30 / 50)
    wide = order([good("A", carton=1)], {"A": 80.0}, Limits(budget=4800.0)).limit_prices.iloc[0]
    # 10 % of 4,800 pays for 9.6 units, of which 4 are still worth 80.
    assert wide["shadow_price"] * wide["rise"] == pytest.approx(4 * 30)


def test_room_that_goods_without_a_paper_hold_is_told_with_what_else_would_go():
    gate = {
        "market": "TH", "sku": "A", "gate": "hs_code", "state": "missing", "blocks": "ship",
        "evidence": "", "expires_on": pd.NaT, "saved_cost": np.nan, "reason": "", "source": "",
        "currency": "THB",
    }  # fmt: skip
    plan = order(
        [good("A"), good("B")], {"A": 80.0, "B": 70.0}, Limits(mode_cbm={"sea": 1.0}),
        gates=pd.DataFrame([gate]),
    )  # fmt: skip
    assert plan.units.tolist() == [100, 0]
    # If A stays behind its CBM would earn 100 * (70 - 50) with B.
    told = plan.limit_prices.iloc[0]["reason"].split(";")[-1]
    assert told == (
        "reason.room_for_stuck|room=1.00|unit=unit.cbm|skus=A|instead=B|ship_by=2026-09-25|"
        "worth=2000|currency=THB"
    )


def test_every_sentence_of_a_limit_is_told_in_both_languages_without_cents():
    plan = order(
        [good("A"), good("B")], {"A": 80.0, "B": 70.0},
        Limits(budget=7600.0, mode_cbm={"sea": 1.2}),
    )  # fmt: skip
    budget, space = plan.limit_prices["reason"]
    assert tell_reason(space, "en") == (
        "1 m³ more space, all else equal, earns 1,000 THB; after that budget holds the order back"
    )
    assert tell_reason(space, "zh").startswith("舱位多 1 m³（其他上限不变），多赚 1,000 THB；")
    assert tell_reason(budget, "en") == "Room left: 2,600 THB"
    assert tell_reason(budget, "zh") == "还有余量：2,600 THB"


def test_what_an_unpriced_order_gets_of_the_room_is_a_minimum_order_or_nothing():
    value = np.array([[0.0, 8000, 8000], [np.nan] * 3])
    keys = pd.MultiIndex.from_product([["TH"], ["A", "B"]], names=KEYS)
    rows = ways("A", "B")
    rows.loc[rows["sku"] == "B", "landed_cost"] = np.nan

    def units(moq: int) -> list[int]:
        goods = [good("A"), good("B", carton=10, moq_units=moq)]
        plan = allocate(
            Curves(keys, np.array([[0.0, 100, 200]] * 2), value), rows, case.catalogue(*goods),
            Limits(mode_cbm={"sea": 1.4}), scope=case.scope(),
            fixed_units=pd.Series([120], index=keys[1:]),
        )  # fmt: skip
        return plan.units.tolist()

    # 0.4 CBM are left for B, 40 units of the 120 asked for.
    assert units(moq=40) == [100, 40]
    assert units(moq=60) == [100, 0]

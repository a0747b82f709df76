"""What orders would have earned, by hand."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.accuracy_profit import LANDED_COST, PRICE, earned, leads, orders, profit
from planner.demand.peers import LEVELS, Told


def test_a_unit_too_many_loses_what_it_no_longer_keeps():
    exact, more = profit(np.array([8.0, 10.0]), np.array([8.0, 8.0]), leftover=0.5)
    assert exact == pytest.approx(8 * (PRICE - LANDED_COST))
    assert exact - more == pytest.approx(2 * 0.5 * LANDED_COST)


def test_the_order_is_the_quantile_of_the_critical_ratio_and_falls_with_the_leftover_value():
    told = Told(np.array([100.0]), np.linspace(40, 160, len(LEVELS))[None, :])
    kept_much, kept_some, kept_little = (value[0] for value in orders(told).values())
    assert kept_much > kept_some > kept_little
    # 7.2 / (7.2 + 0.87) = 0.892 lies just below the 0.9 quantile of 120
    assert 115 < kept_much < 120


def windows(method: str, mean: float, order: float) -> pd.DataFrame:
    names = ("kept 85 %", "kept 60 %", "kept 20 %")
    return pd.DataFrame(
        {"set": "CJ", "method": method, "actual": [10.0], "mean": mean}
        | {f"order {name}": order for name in names}
    )


def test_perfect_foresight_earns_a_hundred_and_the_formula_is_buffered():
    rows = pd.concat([windows("ours", 10.0, 10.0), windows("excel", 10.0, 10.0)])
    table = earned(rows).set_index("method")
    assert table.loc["ours"].drop("set").tolist() == [100.0, 100.0, 100.0]
    # two units too many lose 20 % of their cost of 5.8 each, of 72
    assert table.loc["excel x 1.2", "kept 20 %"] == pytest.approx(
        100 - 100 * 2 * 0.8 * 5.8 / 72, abs=0.1
    )
    lead = leads(table.reset_index()).iloc[0]
    assert (lead["least"], lead["verdict"]) == (pytest.approx(2.4, abs=0.1), "missed")

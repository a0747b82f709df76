"""A day without a cause in the calendar is named, and a level that stays is none."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from planner import tables
from planner.intake.spikes import spike_findings, spikes
from planner.intake.stock_outs import stock_outs

STEADY = [9, 11, 10, 8, 12, 10, 10]


def days(units: Sequence[int], *, promo: range = range(0)) -> pd.DataFrame:
    phase = ["sale" if n in promo else "" for n in range(len(units))]
    return pd.DataFrame(
        {
            "shop": "s", "market": "TH", "sku": "A",
            "day": pd.date_range("2025-01-01", periods=len(units), unit="us"),
            "units": units, "event": ["e" if word else "" for word in phase], "phase": phase,
        }
    )  # fmt: skip


def found(frame: pd.DataFrame, lines: pd.DataFrame | None = None) -> pd.DataFrame:
    stock = stock_outs(frame, tables.empty(tables.StockHistory))
    return spikes(frame, stock, lines=lines)


def marked(frame: pd.DataFrame) -> list[int]:
    return np.flatnonzero(found(frame)["is_spike"]).tolist()


def test_two_days_of_eight_times_the_usual_are_spikes_and_the_usual_remains():
    frame = days([*STEADY * 5, 80, 85, *STEADY * 4])
    told = found(frame)
    assert np.flatnonzero(told["is_spike"]).tolist() == [35, 36]
    left = (frame["units"] - told["excess_units"]).to_numpy()
    assert (left[35:37] > 10).all()
    assert (left[35:37] < 35).all()
    assert set(told["reason"]) == {"", "spike"}


def test_a_level_that_rises_for_good_is_no_spike():
    assert marked(days([*STEADY * 5, *(5 * unit for unit in STEADY * 5)])) == []


def test_a_promotion_day_is_no_spike():
    assert marked(days([*STEADY * 5, 80, 85, *STEADY * 4], promo=range(35, 37))) == []


def test_a_busy_day_of_chance_is_no_spike():
    assert marked(days([*STEADY * 5, 17, *STEADY * 4])) == []


def test_one_large_line_is_a_bulk_order_and_many_small_ones_are_not():
    frame = days([*STEADY * 5, 70, *STEADY * 4])
    at = frame["day"].repeat(frame["units"])
    small = pd.DataFrame({"shop": "s", "market": "TH", "sku": "A", "ordered_at": at, "units": 1})
    large = small[at == "2025-02-05"].head(1)
    bulk = pd.concat([small[at != "2025-02-05"], large.assign(units=61)])
    assert found(frame, small)["reason"].iloc[35] == "spike"
    told = found(frame, bulk).iloc[35]
    assert told["reason"] == "bulk_order"
    assert told["excess_units"] == pytest.approx(60)  # 61 less a usual line of one


def test_each_spike_is_a_finding_with_its_facts():
    frame = days([*STEADY * 5, 80, *STEADY * 4])
    told = spike_findings(frame, found(frame))
    assert told["code"].tolist() == ["W_SPIKE"]
    assert told.loc[0, "facts"].startswith("sku=A|day=2025-02-05|units=80|excess=")
    assert spike_findings(frame.iloc[:35], found(frame.iloc[:35])).empty

"""What is known of a promotion beforehand moves its forecast, where the past shows that it did."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from planner.demand.own_events import CLOSED
from planner.demand.windows import forecast_event
from planner.tables import UpliftPriors, empty

DAYS = pd.date_range("2025-01-01", periods=240)
AS_OF = date(2025, 8, 29)
SKUS = [f"S{number:02d}" for number in range(12)]
STARTS = range(20, 236, 24)
LOW_HIGH = {
    "discount_rate": (0.10, 0.40),
    "display_rate": (0.0, 1.0),
    "tier_rank": (1, 4),
    "is_joined": (0, 1),
    "live_hours": (2, 40),
    "live_sessions": (1, 9),
    "creators": (1, 30),
    "viewers": (500, 50_000),
    "ad_spend": (100, 9_000),
    "traffic_visits": (5_000, 90_000),
    "has_gift": (0, 1),
}


def history(driver: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return sales of 20 a day, doubled in promotions and quadrupled where the driver was high."""
    rng = np.random.default_rng(4)
    mean, rows = np.full(len(DAYS), 20.0), []
    for number, start in enumerate(STARTS):
        is_high = number % 2 == 1
        mean[start : start + 4] *= 4.0 if is_high else 2.0
        rows.append((f"e{number}", "platform", DAYS[start], DAYS[start + 3],
                     LOW_HIGH[driver][is_high]))  # fmt: skip
    sales = pd.DataFrame(
        {
            "sku": np.repeat(SKUS, len(DAYS)),
            "date": np.tile(DAYS, len(SKUS)),
            "units": rng.poisson(np.tile(mean, len(SKUS))),
        }
    )
    return sales, pd.DataFrame(rows, columns=["event", "kind", "start", "end", driver])


def told(sales: pd.DataFrame, past: pd.DataFrame, **ahead: object) -> pd.DataFrame:
    target = pd.DataFrame(
        [{"event": "next", "kind": "platform", "start": "2025-09-20", "end": "2025-09-23"} | ahead]
    )
    events = pd.concat([past, target], ignore_index=True)
    return forecast_event(sales, events, event="next", as_of=AS_OF, priors=empty(UpliftPriors))


@pytest.mark.parametrize("driver", LOW_HIGH)
def test_a_driver_that_moved_past_promotions_moves_the_one_ahead(driver: str):
    sales, past = history(driver)
    low, high = (told(sales, past, **{driver: value})["mean"].sum() for value in LOW_HIGH[driver])
    unknown = told(sales, past)["mean"].sum()
    assert high > 1.4 * low
    assert low < unknown < high


def test_a_driver_that_only_the_promotion_ahead_names_changes_nothing():
    sales, past = history("live_hours")
    bare = past.drop(columns="live_hours")
    pd.testing.assert_frame_equal(told(sales, bare), told(sales, bare, live_hours=60))


def test_a_driver_far_beyond_the_past_counts_as_the_furthest_of_it():
    sales, past = history("ad_spend")
    far, farther = (told(sales, past, ad_spend=spend) for spend in (9_000, 9_000_000))
    pd.testing.assert_frame_equal(far, farther)


def test_days_on_which_the_shop_is_closed_sell_nothing_ahead():
    sales, past = history("creators")
    closed = pd.DataFrame(
        [{"event": "shut", "kind": CLOSED, "start": "2025-09-21", "end": "2025-09-22"}]
    )
    whole = told(sales, past)["mean"].sum()
    half = told(sales, pd.concat([past, closed], ignore_index=True))["mean"].sum()
    assert half == pytest.approx(whole / 2, rel=0.1)


def test_a_driver_known_of_past_promotions_alone_explains_nothing_of_the_one_ahead():
    sales, past = history("discount_rate")
    bare = past.drop(columns="discount_rate")
    pd.testing.assert_frame_equal(told(sales, past), told(sales, bare))

"""A named event from people's own sales: known demand comes back, odd inputs do not break it."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from demand_case import the_priors

from planner import tables
from planner.demand.windows import forecast_event
from planner.errors import PlanningError

AS_OF = date(2025, 9, 16)
QUANTILES = ["q05", "q10", "q20", "q50", "q80", "q90", "q95", "q975"]
PAST = ["2025-05-05", "2025-06-06", "2025-07-07", "2025-08-08"]


def the_events(**columns: object) -> pd.DataFrame:
    starts = pd.to_datetime([*PAST, "2025-11-11"])
    known = {
        "event": ["5.5", "6.6", "7.7", "8.8", "11.11"],
        "kind": "double_date",
        "start": starts,
        "end": starts + pd.Timedelta(days=2),
    }
    return pd.DataFrame(known | columns)


def the_sales(levels: dict[str, float], *, ratio: float = 3.0, seed: int = 1) -> pd.DataFrame:
    days = pd.date_range("2025-03-01", "2025-09-15")
    promo = np.zeros(len(days), dtype=bool)
    for start in pd.to_datetime(PAST):
        promo |= (days >= start) & (days <= start + pd.Timedelta(days=2))
    rng = np.random.default_rng(seed)
    parts = [
        pd.DataFrame(
            {"sku": sku, "date": days, "units": rng.poisson(v * np.where(promo, ratio, 1))}
        )
        for sku, v in levels.items()
    ]
    return pd.concat(parts, ignore_index=True)


def forecast(sales: pd.DataFrame, **changed: object) -> pd.DataFrame:
    known = {"events": the_events(), "event": "11.11", "as_of": AS_OF, "priors": the_priors()}
    known |= changed
    return forecast_event(sales, known.pop("events"), **known).set_index("sku")


def well_formed(table: pd.DataFrame) -> bool:
    levels = table[QUANTILES].to_numpy()
    ordered = bool((np.diff(levels, axis=1) >= 0).all() and (levels >= 0).all())
    return ordered and bool(np.isfinite(table[["mean", *QUANTILES]].to_numpy()).all())


def test_known_levels_and_ratios_come_back():
    levels = {f"s{i}": float(v) for i, v in enumerate(np.linspace(3, 40, 25))}
    found = forecast(the_sales(levels, ratio=3.0))
    truth = np.array([levels[sku] * 3 * 3 for sku in found.index])
    assert found["mean"].sum() == pytest.approx(truth.sum(), rel=0.07)
    assert ((found["q10"] <= truth) & (truth <= found["q90"])).mean() > 0.8
    assert well_formed(found)


def test_sales_on_and_after_the_as_of_day_change_nothing():
    sales = the_sales({"a": 5.0, "b": 12.0})
    late = pd.DataFrame({"sku": "a", "date": pd.date_range(AS_OF, periods=30), "units": 500})
    future = pd.concat([sales, late, late.assign(sku="unborn")], ignore_index=True)
    pd.testing.assert_frame_equal(forecast(sales), forecast(future))


def test_rows_of_zero_and_no_rows_are_the_same():
    sales = the_sales({"a": 0.7, "b": 12.0})
    sparse = sales[sales["units"] > 0]
    pd.testing.assert_frame_equal(forecast(sales), forecast(sparse))


def test_the_order_of_rows_changes_nothing():
    sales = the_sales({"a": 5.0, "b": 12.0})
    pd.testing.assert_frame_equal(forecast(sales), forecast(sales.sample(frac=1, random_state=1)))


def test_a_stock_out_in_the_last_promotion_does_not_lower_the_forecast():
    sales = the_sales({f"s{i}": 12.0 for i in range(8)})
    out = sales["date"].between("2025-08-09", "2025-08-10")
    silent = sales.assign(units=sales["units"].mask(out, 0))
    whole = forecast(sales)["mean"].sum()
    assert forecast(silent.assign(in_stock=~out))["mean"].sum() == pytest.approx(whole, rel=0.05)


def test_promo_days_left_in_would_raise_the_level_of_ordinary_days():
    sales = the_sales({f"s{i}": 12.0 for i in range(8)}, ratio=8.0)
    neutral = the_priors(sale=1.0).assign(log_sd=0.01)
    masked = forecast(sales, priors=neutral)["mean"].sum() / 3
    left_in = forecast(sales, events=the_events().tail(1), priors=neutral)["mean"].sum() / 3
    assert masked == pytest.approx(8 * 12.0, rel=0.05)
    assert left_in > 1.1 * masked


def test_a_viral_day_near_the_end_moves_the_forecast_little():
    sales = the_sales({f"s{i}": 12.0 for i in range(8)})
    viral = sales["date"] == "2025-09-10"
    spiked = sales.assign(units=sales["units"].mask(viral, 240))
    assert forecast(spiked)["mean"].sum() / forecast(sales)["mean"].sum() < 1.25


def test_a_sku_without_history_leans_on_the_others_with_grade_d():
    events = pd.concat([the_events(sku=""), the_events(sku="new").tail(1)], ignore_index=True)
    found = forecast(the_sales({"a": 10.0, "b": 12.0}), events=events)
    assert found.index.tolist() == ["a", "b", "new"]
    assert found.loc["new", "grade"] == "D"
    assert 0 < found.loc["new", "q50"] < 2 * found.loc["b", "q50"]
    assert found.loc["new", "q90"] / found.loc["new", "q10"] > 3
    assert well_formed(found)


def test_an_event_that_names_skus_is_forecast_for_them_alone():
    events = the_events(sku=["", "", "", "", "b"])
    assert forecast(the_sales({"a": 10.0, "b": 12.0}), events=events).index.tolist() == ["b"]


@pytest.mark.parametrize(
    "sales",
    [
        pd.DataFrame({"sku": ["a"], "date": ["2025-09-15"], "units": [4]}),
        pd.DataFrame({"sku": ["a"], "date": ["2025-09-15"], "units": [0]}),
        pd.DataFrame({"sku": ["a"], "date": ["2025-09-15"], "units": [None]}),
        pd.DataFrame({"sku": "a", "date": pd.date_range("2025-03-01", "2025-09-15"), "units": 0}),
        pd.DataFrame({"sku": ["a", "a"], "date": ["2023-01-01", "2025-09-15"], "units": [1, 1]}),
        pd.DataFrame({"sku": "a", "date": pd.to_datetime([*PAST]), "units": 9}),
        the_sales({"a": 4.0}).assign(in_stock=False),
        the_sales({"a": 40000.0}),
    ],
    ids=["one day", "one zero", "unknown", "silent", "two years apart", "promo days only",
         "never in stock", "huge"],
)  # fmt: skip
def test_odd_histories_give_numbers_all_the_same(sales: pd.DataFrame):
    found = forecast(sales)
    assert well_formed(found)
    assert found["grade"].isin(tables.GRADES).all()


def test_silent_skus_are_forecast_to_stay_silent_with_grade_d():
    found = forecast(the_sales({"a": 0.0, "b": 9.0}))
    assert found.loc["a", "q975"] == 0
    assert found.loc["a", "grade"] == "D"


def test_without_any_past_event_the_register_speaks():
    found = forecast(the_sales({"a": 20.0}, ratio=1.0), events=the_events().tail(1))
    assert found.loc["a", "mean"] == pytest.approx(20 * 3 * 2.0, rel=0.1)
    assert found.loc["a", "grade"] == "C"


def test_an_event_under_way_counts_what_it_has_sold_already():
    sales = the_sales({"a": 20.0})
    days = pd.date_range("2025-11-11", periods=2)
    running = pd.concat([sales, pd.DataFrame({"sku": "a", "date": days, "units": 1000})])
    found = forecast(running, as_of=date(2025, 11, 13))
    assert found.loc["a", "q05"] > 2000


def test_an_unknown_event_is_refused_with_the_nearest():
    with pytest.raises(PlanningError, match=r"the nearest is '11\.11'"):
        forecast(the_sales({"a": 4.0}), event="11.1")


def test_depth_of_discount_counts_where_the_past_shows_it():
    rates = [0.1, 0.4, 0.1, 0.4]
    sales = the_sales({f"s{i}": 30.0 for i in range(6)})
    deep = sales["date"].between("2025-06-06", "2025-06-08")
    deep |= sales["date"].between("2025-08-08", "2025-08-10")
    sales = sales.assign(units=sales["units"].mask(deep, sales["units"] * 2))
    shallow, deeper = (
        forecast(sales, events=the_events(discount_rate=[*rates, ahead]))["mean"].sum()
        for ahead in (0.1, 0.4)
    )
    assert deeper > 1.05 * shallow


def test_easter_weeks_of_the_past_raise_the_next_one_and_no_other_promotion():
    starts = pd.to_datetime(
        ["2024-02-05", "2024-03-25", "2024-05-06", "2024-06-17", "2024-09-09", "2024-11-04"]
    )
    days = pd.date_range("2024-01-01", "2025-01-31")
    mean = np.full(len(days), 20.0)
    for start in starts:  # Easter Sunday was 31 March 2024
        inside = (days >= start) & (days <= start + pd.Timedelta(days=4))
        mean[inside] *= 3.0 if start == starts[1] else 1.5
    rng = np.random.default_rng(4)
    sales = pd.concat(
        pd.DataFrame({"sku": f"s{i:02d}", "date": days, "units": rng.poisson(mean)})
        for i in range(30)
    )
    # of the two ahead one lies in the week before Easter, 20 April 2025
    for start, least, most in (("2025-04-14", 180.0, 300.0), ("2025-03-10", 130.0, 165.0)):
        all_starts = starts.append(pd.to_datetime([start]))
        events = pd.DataFrame(
            {"event": [*"abcdef", "next"], "kind": "platform", "start": all_starts}
        ).assign(end=lambda rows: rows["start"] + pd.Timedelta(days=4))
        found = forecast(sales, events=events, event="next", as_of=date(2025, 2, 1))
        assert least < found["mean"].mean() < most


def test_a_driver_that_nobody_told_ahead_widens_the_range_beyond_what_replays_narrow():
    levels = {f"s{i:02d}": 30.0 for i in range(20)}
    sales = the_sales(levels)
    is_deep = sales["sku"].isin(list(levels)[::2])
    past = sales["units"].where(sales["units"] < 60, sales["units"] * np.where(is_deep, 2, 1))
    sales = sales.assign(units=past)
    rows = the_events().merge(pd.DataFrame({"sku": list(levels)}), how="cross")
    depth = np.where(rows["sku"].isin(list(levels)[::2]), 0.5, 0.1)
    told = forecast(sales, events=rows.assign(discount_rate=depth))
    is_ahead, is_last = rows["event"] == "11.11", rows["sku"] == "s19"
    untold = forecast(
        sales, events=rows.assign(discount_rate=np.where(is_ahead & is_last, np.nan, depth))
    )
    width = [np.log(t.loc["s19", "q90"] / t.loc["s19", "q10"]) for t in (told, untold)]
    assert width[1] > 1.2 * width[0]


FALLS = np.array([2.4, 1.2, 0.9, 0.6, 0.5, 0.4])
"""What each of six sale days sells against their mean."""


def front_loaded(*, until: str, last: float = 3.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return 20 a day and SKU, three times that in sales of six days, most of it at their start."""
    starts = pd.to_datetime([*PAST, "2025-09-09"])
    days = pd.date_range("2025-03-01", until)
    mean = np.full(len(days), 20.0)
    for start in starts:
        place = (days - start).days.to_numpy()
        inside = (place >= 0) & (place < len(FALLS))
        mean[inside] *= (last if start == starts[-1] else 3.0) * FALLS[place[inside]]
    rng = np.random.default_rng(2)
    parts = [
        pd.DataFrame({"sku": f"s{i:02d}", "date": days, "units": rng.poisson(mean)})
        for i in range(15)
    ]
    names = ["5.5", "6.6", "7.7", "8.8", "9.9"]
    events = pd.DataFrame({"event": names, "kind": "double_date", "start": starts})
    events["end"] = events["start"] + pd.Timedelta(days=len(FALLS) - 1)
    return pd.concat(parts, ignore_index=True), events


def test_the_rest_of_a_running_front_loaded_event_is_not_told_by_its_first_days():
    sales, events = front_loaded(until="2025-09-10")
    found = forecast(sales, events=events, event="9.9", as_of=date(2025, 9, 11))
    sold = sales[sales["date"] >= "2025-09-09"].groupby("sku")["units"].sum()
    rest = (found["mean"] - sold).mean()
    # four days are left: 20 x 3 x (0.9 + 0.6 + 0.5 + 0.4) = 144; even days would make 240
    assert rest == pytest.approx(144.0, rel=0.12)
    assert found["mean"].mean() == pytest.approx(360.0, rel=0.06)


def test_first_days_of_twice_the_usual_count_as_two_promotion_days_among_26():
    usual, strong = (
        forecast(sales, events=events, event="9.9", as_of=date(2025, 9, 11))["mean"].mean()
        - sales[sales["date"] >= "2025-09-09"]["units"].sum() / 15
        for sales, events in (front_loaded(until="2025-09-10", last=last) for last in (3.0, 6.0))
    )
    # (4 x 6 days x 60 + 2 x 120) / (26 x 20) = 3.23 instead of 3
    assert strong / usual == pytest.approx(3.23 / 3.0, abs=0.04)


def test_the_curve_of_days_bends_nothing_before_the_event_begins():
    sales, events = front_loaded(until="2025-09-08")
    given = {"events": events, "event": "9.9", "as_of": date(2025, 9, 9)}
    curve = pd.DataFrame(
        {"phase": "sale", "position": ["start_1"], "day_ratio": [9.0], "log_sd": [0.01]}
    )
    pd.testing.assert_frame_equal(
        forecast(sales, **given), forecast(sales, **given, day_curve=curve)
    )

"""Histories that no model likes: clear words or a sound forecast, never a crash, never a NaN."""

import warnings

import numpy as np
import pandas as pd
import pytest
from demand_case import (
    MARKET,
    PLAN,
    UNTIL,
    a_catalogue,
    no_memory,
    the_priors,
)

from planner import tables
from planner.campaign import Demand
from planner.demand import evidence, forecast
from planner.demand.baseline import fit_baseline
from planner.demand.uplift import estimate_uplift
from planner.demand.windows import forecast_event
from planner.errors import PlannerError

TODAY = pd.Timestamp("2025-11-01")
AHEAD = ("11.11", "2025-11-11", "2025-11-12")
PAST = (("9.9", "2025-09-09", "2025-09-10"), ("10.10", "2025-10-10", "2025-10-11"))
LEVELS = ["q05", "q10", "q20", "q50", "q80", "q90", "q95", "q975"]


def history(units: list[float], *, sku: str = "A", end: str = "2025-10-31") -> pd.DataFrame:
    """Return sku, date, units of consecutive days that end on a day."""
    days = pd.date_range(end=end, periods=len(units))
    return pd.DataFrame({"sku": sku, "date": days, "units": units})


def steady(days: int = 120, level: int = 5, **options: str) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return history(rng.poisson(level, days).tolist(), **options)


def promoted(frame: pd.DataFrame, past=PAST) -> pd.DataFrame:
    """Return the history with four times the units on past promo days."""
    is_promo = np.zeros(len(frame), dtype=bool)
    for _, start, end in past:
        is_promo |= frame["date"].between(start, end).to_numpy()
    return frame.assign(units=frame["units"].where(~is_promo, frame["units"] * 4 + 4))


def with_gap(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[~frame["date"].between("2025-08-01", "2025-08-20")]


def many_skus(n: int = 1000) -> pd.DataFrame:
    days = pd.date_range("2025-08-01", "2025-10-31")
    return pd.DataFrame(
        {
            "sku": [f"K{i:04d}" for i in range(n)],
            "date": [days[i % len(days)] for i in range(n)],
            "units": 1,
        }
    )


def only_promo_days() -> pd.DataFrame:
    frame = promoted(steady())
    inside = pd.Series(False, index=frame.index)
    for _, start, end in PAST:
        inside |= frame["date"].between(start, end)
    return frame[inside]


CASES = {
    "two days of history": (history([3, 4]), PAST),
    "one day of history": (history([3]), ()),
    "all zeros": (history([0] * 60), PAST),
    "two days of zeros": (history([0, 0]), ()),
    "one promo only": (promoted(steady(), PAST[1:]), PAST[1:]),
    "born yesterday": (pd.concat([promoted(steady()), history([9], sku="NEW")]), PAST),
    "dates missing in the middle": (with_gap(promoted(steady())), PAST),
    "same rows twice": (pd.concat([promoted(steady())] * 2), PAST),
    "no event behind": (steady(), ()),
    "only promo days": (only_promo_days(), PAST),
    "ten million units": (pd.concat([steady(), history([10_000_000] * 120, sku="BIG")]), PAST),
    "ten million once": (pd.concat([steady(), history([0] * 59 + [10_000_000], sku="BIG")]), PAST),
    "a thousand SKUs with one sale each": (many_skus(), PAST),
    "promo without a sale": (
        history([5] * 40 + [0] * 2 + [5] * 20),
        (("10.10", "2025-10-10", "2025-10-11"),),
    ),
    "a promo on every day": (steady(30), (("long", "2025-10-02", "2025-10-31"),)),
    "sales end long ago": (steady(end="2025-06-30"), ()),
    "sales also after the day": (steady(150, end="2025-11-30"), PAST),
}
"""By name: daily sales, and the past events."""
ASKED = list(CASES)
REFUSED = {
    "same day twice with other units": (
        pd.concat([steady(), history([77])]),
        "sales, row 121, column date: 2025-10-31; give one row per SKU and day",
    ),
    "negative units": (
        history([5] * 30 + [-3]),
        "sales, row 31, column units: -3.0; give 0 or more",
    ),
    "no row before the day": (
        history([5] * 5, end="2025-12-31"),
        "no row before the as-of day 2025-11-01",
    ),
    "no row at all": (history([]), "no row before the as-of day"),
    "units that are text": (history(["five"]), "row 1, column units: 'five'; give a number"),
    "units without end": (history([np.inf]), "column units: inf; give a number"),
}


def events(past=PAST, ahead=AHEAD) -> pd.DataFrame:
    rows = [(name, "double_date", start, end) for name, start, end in (*past, ahead)]
    return pd.DataFrame(rows, columns=["event", "kind", "start", "end"])


def told(sales: pd.DataFrame, past=PAST, **options: object) -> pd.DataFrame:
    known = {"event": "11.11", "as_of": TODAY.date(), "priors": the_priors()} | options
    return forecast_event(sales, events(past), **known)


def refuse_unsound(levels: np.ndarray, mean: np.ndarray) -> None:
    assert np.isfinite(levels).all()
    assert np.isfinite(mean).all()
    assert (levels >= 0).all()
    assert (mean >= 0).all()
    assert (np.diff(levels, axis=1) >= 0).all()


@pytest.mark.parametrize("name", ASKED)
def test_an_awkward_history_gives_a_sound_event_forecast(name: str):
    sales, past = CASES[name]
    rows = told(sales, past)
    assert set(rows["sku"]) == set(sales["sku"])
    refuse_unsound(rows[LEVELS].to_numpy(), rows["mean"].to_numpy())
    assert rows["grade"].isin(tables.GRADES).all()


@pytest.mark.parametrize("name", REFUSED)
def test_a_history_that_cannot_be_read_is_refused_in_words(name: str):
    sales, words = REFUSED[name]
    with pytest.raises(PlannerError) as problem:
        told(sales)
    assert words in str(problem.value)


def test_the_same_rows_twice_forecast_the_same_as_once():
    sales = promoted(steady())
    pd.testing.assert_frame_equal(told(pd.concat([sales, sales])), told(sales))


def test_two_days_of_history_and_a_new_sku_are_never_called_well_known():
    assert told(history([3, 4]))["grade"].tolist() == ["D"]
    rows = told(pd.concat([promoted(steady()), history([9], sku="NEW")])).set_index("sku")
    assert rows.loc["NEW", "grade"] == "D"


def test_a_sku_born_yesterday_is_forecast_from_its_one_day():
    rows = told(pd.concat([promoted(steady()), history([9], sku="NEW")])).set_index("sku")
    assert rows.loc["NEW", "mean"] > 9


def test_an_event_half_a_year_beyond_the_sales_is_graded_c_at_best():
    near = told(promoted(steady(400)))
    assert near["grade"].tolist() == ["B"]
    far = forecast_event(
        promoted(steady(400)),
        events(ahead=("11.11", "2026-05-01", "2026-05-02")),
        event="11.11",
        as_of=TODAY.date(),
        priors=the_priors(),
    )
    assert far["grade"].tolist() == ["C"]
    assert far["grade_reason"].tolist() == ["grade_reason.far_ahead|days=181"]


def test_all_zeros_forecast_next_to_nothing():
    rows = told(history([0] * 60))
    assert rows["mean"].iloc[0] < 1


def test_an_event_that_is_unknown_or_over_is_told_with_the_nearest():
    with pytest.raises(PlannerError, match=r"no event '11\.1'; the nearest is '11\.11'"):
        told(steady(), event="11.1")
    with pytest.raises(PlannerError, match=r"10\.10 ended on 2025-10-11, before the as-of day"):
        told(steady(), event="10.10")
    with pytest.raises(PlannerError, match="the events table names no promotion"):
        forecast_event(
            steady(), events().iloc[:0], event="11.11", as_of=TODAY.date(), priors=the_priors()
        )


def test_events_in_the_future_of_the_data_teach_nothing():
    later = (*PAST, ("12.12", "2025-12-12", "2025-12-12"), ("Spring", "2026-03-01", "2026-03-03"))
    pd.testing.assert_frame_equal(told(promoted(steady()), later), told(promoted(steady())))


def daily_of(sales: pd.DataFrame, past=PAST) -> pd.DataFrame:
    """Return `DailySales` of plain sales: every day from the SKU's first to the last day."""
    known = sales[sales["date"] < TODAY].drop_duplicates(["sku", "date"])
    parts = []
    for sku, part in known.groupby("sku"):
        days = pd.date_range(part["date"].min(), TODAY - pd.Timedelta(days=1))
        units = part.set_index("date")["units"].reindex(days).fillna(0).astype("int64")
        parts.append(pd.DataFrame({"sku": sku, "day": days, "units": units.to_numpy()}))
    frame = pd.concat(parts, ignore_index=True).assign(
        shop="th-one", market=MARKET, revenue_minor=0, cancelled_units=0, is_stock_out=False
    )
    frame = frame.assign(event="", phase="")
    for name, start, end in past:
        inside = frame["day"].between(start, end)
        frame["event"] = frame["event"].mask(inside, name)
        frame["phase"] = frame["phase"].mask(inside, "sale")
    return tables.checked(tables.DailySales, frame)


def past_events(past=PAST) -> pd.DataFrame:
    if not past:
        return tables.empty(tables.Events)
    names, starts, ends = zip(*past, strict=True)
    frame = pd.DataFrame({"event": names, "starts_on": pd.to_datetime(starts)})
    frame = frame.assign(
        ends_on=pd.to_datetime(ends), kind="double_date", market=MARKET, phase="sale"
    )
    return tables.checked(tables.Events, frame)


def engine(daily: pd.DataFrame, past=PAST) -> pd.DataFrame:
    """Return the Forecast of the 11.11 ahead through the notebook's own calls."""
    catalogue = a_catalogue(daily["sku"].unique())
    fit, base = fit_baseline(daily, until=UNTIL, catalogue=catalogue)
    ratios = estimate_uplift(
        daily,
        base,
        plans={MARKET: PLAN},
        events=past_events(past),
        priors=the_priors(),
        memory=no_memory(),
        catalogue=catalogue,
    )
    draws = forecast.draw_demand(
        fit, base, ratios, plans={MARKET: PLAN}, demand=Demand(), seed_text="edge", n_draws=100
    )
    grades = evidence.grade_evidence(fit, ratios)
    return forecast.summarise_draws(draws, model_draws=draws, grades=grades)


@pytest.mark.parametrize("name", ASKED)
def test_an_awkward_history_gives_a_sound_plan(name: str):
    sales, past = CASES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = engine(daily_of(sales, past), past)
    columns = list(forecast.QUANTILES)
    assert set(rows["sku"]) == set(sales["sku"])
    refuse_unsound(rows[columns].to_numpy(), rows["mean_units"].to_numpy())
    assert rows["grade"].isin(tables.GRADES).all()
    assert (rows["grade_reason"] != "").all()


def test_a_giant_beside_it_moves_a_steady_sellers_forecast_by_less_than_half():
    small = promoted(steady())
    alone = told(small)["mean"].iloc[0]
    giant = history([10_000_000] * 120, sku="BIG")
    beside = told(pd.concat([small, giant])).set_index("sku")["mean"]["A"]
    assert beside == pytest.approx(alone, rel=0.5)


def test_no_daily_row_at_all_is_refused_in_words():
    with pytest.raises(PlannerError):
        engine(tables.empty(tables.DailySales))


def test_a_thousand_skus_with_one_sale_each_sell_together_what_they_did():
    total = told(many_skus())["mean"].sum()
    ordinary = 1000 / 92 * 2
    assert ordinary * 0.5 < total < ordinary * 4


def test_one_day_of_a_million_moves_the_other_skus_by_less_than_a_tenth():
    small = promoted(steady())
    alone = told(small)["mean"].iloc[0]
    spike = history([0] * 59 + [1_000_000], sku="BIG")
    beside = told(pd.concat([small, spike])).set_index("sku")["mean"]["A"]
    assert beside == pytest.approx(alone, rel=0.1)


def test_a_sku_that_sold_on_promo_days_alone_is_not_told_to_have_never_sold():
    rows = engine(daily_of(only_promo_days()))
    assert "never_sold" not in set(rows["grade_reason"].str.split("|").str[0])
    assert (rows.loc[rows["phase"] == "sale", "mean_units"] > 0).all()


def test_a_file_of_promo_days_alone_still_forecasts_a_promotion():
    assert (told(only_promo_days())["mean"] > 0).all()

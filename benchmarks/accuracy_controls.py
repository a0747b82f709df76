"""Negative controls: what must change nothing, what must harm the forecast, what must not.

Each takes cases of the benchmark, does one thing to them and forecasts them anew with ours. Knows
no peer. A control that does not hold says that a score above it may not be believed.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from benchmarks.accuracy_ours import AHEAD, events_of, forecast_of, ours, sales_of
from benchmarks.accuracy_windows import LEAD_DAYS, Answer, Case
from planner.demand.accuracy import bias, wape
from planner.demand.baseline import fit_panel
from planner.demand.own_events import read_events, rows_ahead
from planner.demand.own_sales import panel_of_sales, read_sales
from planner.demand.peers import Told, promo_runs

Pairs = Sequence[tuple[Case, Answer]]
PLACEBO_RANGE = (0.95, 1.05)
"""Actual over forecast where there is no promotion (design, forecasting 5). [unitless]"""
LEAST_HARM = 0.08
"""Relative rise of the WAPE when past promo flags are shuffled (design, forecasting 5)."""
STOCK_OUT_BIAS, SPIKE_BIAS = 0.12, 0.25
"""Bias allowed after a stock-out in the last promotion, after a viral spike (the same)."""
SPIKE_DAYS, SPIKE_RATIO = 3, 10.0
"""A spike: so many ordinary days shortly before the cut-off sell so many means more."""
RECENT_DAYS = 14
SHIFT_TOLERANCE = 0.02
"""Change of the forecast when the whole file moves by a week: other draws only. [unitless]"""
SEED = 7


def all_controls(pairs: Pairs) -> pd.DataFrame:
    """Return one row per control: what, measure, value, what would be right, whether it holds."""
    plain = _told(pairs, lambda case: case)
    rows = [*_harms(pairs, plain), *_injections(pairs, plain), *_sames(pairs, plain)]
    placebo = _placebo(pairs)
    holds = PLACEBO_RANGE[0] <= placebo <= PLACEBO_RANGE[1]
    first = ("days ahead without a promotion", "units / forecast", placebo, "0.95 to 1.05", holds)
    return pd.DataFrame([first, *rows], columns=["control", "measure", "value", "right", "holds"])


def shuffled_flags(case: Case) -> Case:
    """Return the case with each series' past promo flags moved by a random number of days."""
    seen = case.windows
    n_series, n_days = seen.units.shape
    stream = np.random.default_rng([SEED, n_series, n_days])
    shifts = stream.integers(n_days // 9, max(n_days - n_days // 9, n_days // 9 + 1), n_series)
    columns = (np.arange(n_days) - shifts[:, None]) % n_days
    drivers = np.take_along_axis(seen.drivers, columns[:, :, None], axis=1)
    return _with(case, drivers=drivers, kinds=_kinds(case))


def flags_one_day_late(case: Case) -> Case:
    """Return the case with past promo flags a day late, as with a wrong time zone."""
    drivers = case.windows.drivers
    return _with(
        case, drivers=np.concatenate([drivers[:, :1], drivers[:, :-1]], axis=1), kinds=_kinds(case)
    )


def stock_out_in_last_promotion(case: Case) -> Case:
    """Return the case with stock for only the first day of each series' last promotion, told."""
    seen = case.windows
    units, is_known = seen.units.copy(), seen.is_known.copy()
    last = {int(series): (start, stop) for series, start, stop in promo_runs(seen)}
    for series, (start, stop) in last.items():
        first = max(start, stop - 7)
        units[series, first + 1 : stop] = 0.0
        is_known[series, first + 1 : stop] = False
    return _with(case, units=units, is_known=is_known)


def viral_spike(case: Case) -> Case:
    """Return the case with three ordinary days of the last two weeks far above the mean."""
    seen = case.windows
    units = seen.units.copy()
    ordinary = seen.is_known & ~seen.is_promo
    mean = (units * seen.is_known).sum(axis=1) / np.maximum(seen.is_known.sum(axis=1), 1)
    for series in range(len(units)):
        days = np.flatnonzero(ordinary[series, -RECENT_DAYS:])[-SPIKE_DAYS:]
        place = units.shape[1] - min(RECENT_DAYS, units.shape[1]) + days
        units[series, place] += np.ceil(SPIKE_RATIO * mean[series])
    return _with(case, units=units)


class _Totals:
    """Forecasts and truth of all cases, end to end."""

    def __init__(self, pairs: Pairs, told: Sequence[Told]) -> None:
        self.actual = np.concatenate([answer.actual for _, answer in pairs])
        self.mean = np.concatenate([one.mean for one in told])
        self.middle = np.concatenate([one.quantiles[:, 2] for one in told])


def _harms(pairs: Pairs, plain: "_Totals") -> list[tuple[object, ...]]:
    """Return what must make the forecast worse."""
    measure = "WAPE worse by"
    shuffled, late = (
        wape(plain.actual, _told(pairs, change).middle) / wape(plain.actual, plain.middle) - 1.0
        for change in (shuffled_flags, flags_one_day_late)
    )
    return [
        ("past promo flags shuffled", measure, shuffled, ">= 0.08", shuffled >= LEAST_HARM),
        ("past promo flags one day late", measure, late, "> 0", late > 0),
    ]


def _injections(pairs: Pairs, plain: "_Totals") -> list[tuple[object, ...]]:
    """Return what must not hurt much: the bias after a fault of the data."""
    level = bias(plain.actual, plain.mean)
    out, viral = (
        bias(plain.actual, _told(pairs, change).mean)
        for change in (stock_out_in_last_promotion, viral_spike)
    )
    as_is = f"(as it is: {level:+.3f})"
    is_small = abs(out) <= STOCK_OUT_BIAS
    return [
        ("stock-out in the last promotion, told", "bias", out, f"+-0.12 {as_is}", is_small),
        ("viral spike near the cut-off", "bias", viral, f"<= +0.25 {as_is}", viral <= SPIKE_BIAS),
    ]


def _sames(pairs: Pairs, plain: "_Totals") -> list[tuple[object, ...]]:
    """Return what must change nothing."""
    same = sum(_is_same_when_doubled(case) for case, _ in pairs) / len(pairs)
    shift = _shift(pairs, plain)
    is_still = abs(shift) <= SHIFT_TOLERANCE
    return [
        ("file loaded twice", "share of cut-offs with the same bytes", same, "1", same == 1.0),
        ("whole file a week later", "forecast changes by", shift, "within 0.02", is_still),
    ]


def _told(pairs: Pairs, change: Callable[[Case], Case]) -> _Totals:
    return _Totals(pairs, [ours(change(case)) for case, _ in pairs])


def _with(case: Case, *, kinds: tuple[str, ...] | None = None, **arrays: np.ndarray) -> Case:
    return case._replace(windows=case.windows._replace(**arrays), kinds=kinds or case.kinds)


def _kinds(case: Case) -> tuple[str, ...]:
    """Return the kinds with ordinary days named by the kind before: flags lie elsewhere now."""
    named = pd.Series(case.kinds).replace("", np.nan).ffill().bfill()
    return tuple(named.fillna(""))


def _placebo(pairs: Pairs) -> float:
    """Return units over forecast on the days ahead, as far ahead as windows, without a promotion.

    Notes
    -----
    The forecast is that of ordinary days, which lies inside the forecast of an event: nobody can
    name an event that is none.
    """
    sold = told = 0.0
    for case, answer in pairs:
        seen = case.windows
        days = seen.is_open_ahead & ~seen.is_promo_ahead
        days[:, : LEAD_DAYS[0]] = False
        sold += float((answer.daily_ahead * days).sum())
        told += float((_ordinary(case) * days).sum())
    return sold / told if told > 0 else float("nan")


def _ordinary(case: Case) -> np.ndarray:
    seen = case.windows
    n_days, n_ahead = seen.units.shape[1], seen.window.shape[1]
    today = seen.days[n_days]
    rows = read_events(events_of(case))
    ahead = rows_ahead(rows, AHEAD, today=today)
    known = read_sales(sales_of(case), today=today)
    panel, *_ = panel_of_sales(known, rows[rows["start"] < today], ahead, today=today)
    fitted = fit_panel(panel, horizon_days=n_ahead + n_days)
    first = int((today - panel.first_on).days)
    series = pd.Index(panel.keys["sku"]).get_indexer(list(case.skus))
    return fitted.expected[series, first : first + n_ahead]


def _shift(pairs: Pairs, plain: _Totals) -> float:
    def moved(case: Case) -> Case:
        first_on = case.windows.first_on + pd.Timedelta(days=7)
        return case._replace(windows=case.windows._replace(first_on=first_on))

    return float(_told(pairs, moved).mean.sum() / plain.mean.sum() - 1.0)


def _is_same_when_doubled(case: Case) -> bool:
    sales, events = sales_of(case), events_of(case)
    once = forecast_of(case, sales, events)
    twice = forecast_of(case, pd.concat([sales, sales]), events)
    return once.quantiles.tobytes() == twice.quantiles.tobytes()

"""A phase of which only the rest is ahead: it has begun, or a SKU is launched within it.

Knows how the days of a phase share it (`day_curve`) and which of them are still to come; knows
neither levels nor ratios. What is told of a whole phase must be bent for its rest here.
"""

import numpy as np
import pandas as pd

from planner.demand.clean import KEYS, Codes, Flags, Floats
from planner.demand.day_curve import Shape, heights
from planner.tables import Uplift, checked


def rest_ratios(baseline: pd.DataFrame, curve: pd.DataFrame) -> pd.DataFrame:
    """Return what the rest of a phase sells a day against the whole of it, where only a rest is.

    Parameters
    ----------
    baseline : DataFrame
        Table `BaselineDaily`; a SKU sells on the days ahead on which it has units.
    curve : DataFrame
        Table `DayCurve`.

    Returns
    -------
    DataFrame
        shop, market, sku, phase, rest_ratio: of SKUs that sell on a part of the phase only,
        because it has begun or because they are launched within it.

    Notes
    -----
    With `p` the weekday and season of a day and `c` its share,
    ``rest_ratio = (sum of p c over the rest / over all) / (sum of p over the rest / over all)``.
    """
    days = baseline[[*KEYS]].drop_duplicates().merge(curve, on="market")
    days = days[[*KEYS, "phase", "day", "share_rate"]].merge(
        baseline, on=[*KEYS, "day"], how="left"
    )
    plain = (days["weekday_ratio"] * days["season_ratio"]).fillna(1.0)
    ahead = days["is_future"].eq(True) & ((days["baseline_units"] > 0) | (plain == 0))
    shaped = plain * days["share_rate"]
    sums = (
        days[[*KEYS, "phase"]]
        .assign(all=shaped, rest=shaped * ahead, days=plain, rest_days=plain * ahead, gone=~ahead)
        .groupby([*KEYS, "phase"], sort=False)
        .sum()
    )
    sums = sums[(sums["gone"] > 0) & (sums["rest_days"] > 0)]
    ratio = (sums["rest"] / sums["all"]) / (sums["rest_days"] / sums["days"])
    return ratio.rename("rest_ratio").reset_index()


def for_the_rest(uplift: pd.DataFrame, rest: pd.DataFrame) -> pd.DataFrame:
    """Return the ratios for the days of each phase that are still ahead.

    Parameters
    ----------
    uplift : DataFrame
        Table `Uplift`.
    rest : DataFrame
        What `rest_ratios` gave.
    """
    if rest.empty:
        return uplift
    keys = pd.MultiIndex.from_frame(uplift[[*KEYS, "phase"]])
    ratio = rest.set_index([*KEYS, "phase"])["rest_ratio"].reindex(keys).fillna(1.0).to_numpy()
    changed = {name: uplift[name] * ratio for name in ("uplift_ratio", "low_ratio", "high_ratio")}
    return checked(Uplift, uplift.assign(**changed))


def evened(daily: pd.DataFrame, curve: pd.DataFrame) -> pd.DataFrame:
    """Return the daily sales with the days of a phase that has begun freed of its day curve.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales`.
    curve : DataFrame
        Table `DayCurve`.

    Notes
    -----
    What a promotion sold on its first days is no measure of all of them: a day counts as its
    units over ``share x days``. Units are then no longer whole.
    """
    days = curve.groupby(["market", "phase"])["share_rate"].transform("size")
    height = curve[["market", "phase", "day"]].assign(height=curve["share_rate"] * days)
    found = daily[["market", "phase", "day"]].merge(
        height, on=["market", "phase", "day"], how="left"
    )["height"]
    if found.isna().all():
        return daily
    return daily.assign(units=daily["units"].to_numpy() / found.fillna(1.0).to_numpy())


def day_heights(start: Codes, stop: Codes, shape: Shape, *, n_days: int) -> Floats:
    """Return what each day of a phase sells against its mean day, 1 outside, series by series.

    Parameters
    ----------
    start, stop : array, shape (n_series,)
        Column of its first day, and that after its last, of each series; alike without one.
    shape : Shape
        What `day_curve.learn_shape` gave.
    n_days : int
        Columns wanted. [days]

    Returns
    -------
    array, shape (n_series, n_days)
        [unitless]
    """
    height = np.ones((len(start), n_days))
    for first, last in {*zip(start.tolist(), stop.tolist(), strict=True)}:
        rows = (start == first) & (stop == last)
        column = np.arange(max(first, 0), min(last, n_days))
        if column.size:
            height[np.ix_(rows, column)] = heights(last - first, shape)[column - first]
    return height


def rest_by_series(height: Floats, plain: Floats, window: Flags, *, n_known: int) -> Floats:
    """Return what the rest of a phase sells a day against the whole of it; 1 without a rest.

    Parameters
    ----------
    height : array, shape (n_series, n_days)
        What `day_heights` gave. [unitless]
    plain : array, shape (n_series, n_days)
        What a day sells by weekday and season. [unitless]
    window : array, shape (n_series, n_days)
        Days of the phase.
    n_known : int
        Columns that are over. [days]

    Notes
    -----
    As in `rest_ratios`.

    Examples
    --------
    Six days that sell 3, 2, 1, 0.5, 0.5 and 0.5 times as much: the last three are half of the
    days and a fifth of the sales.

    >>> height = np.array([[3.0, 2.0, 1.0, 0.5, 0.5, 0.5]])
    >>> days = np.ones((1, 6))
    >>> rest_by_series(height, days, days > 0, n_known=3).round(3).tolist()
    [0.4]
    """
    shaped, even = height * plain * window, plain * window
    ahead = slice(n_known, None)
    rest, rest_days = shaped[:, ahead].sum(axis=1), even[:, ahead].sum(axis=1)
    whole, days = shaped.sum(axis=1), even.sum(axis=1)
    known = (rest_days > 0) & (whole > 0)
    share, day_share = rest / np.where(known, whole, 1.0), rest_days / np.where(known, days, 1.0)
    return np.where(known, share / np.where(known, day_share, 1.0), 1.0)

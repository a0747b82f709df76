"""Scores of window totals: by window, by set and method, and one method against another.

Pure tables; knows nothing of sales or forecasters. The losses are those of `demand.accuracy`.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from benchmarks.accuracy_profit import orders
from benchmarks.accuracy_windows import Answer
from planner.demand.accuracy import SCORED_LEVELS, pinball
from planner.demand.peers import LEVELS, Told

N_RESAMPLES = 2000
"""Draws of events with replacement behind an interval of a ratio. [draws]"""
RATIO_LEVELS = (0.05, 0.95)
"""Ends of the 90 % interval of a ratio."""
KEYS = ["set", "method"]


def score(told: Told, answer: Answer, *, method: str, ms_per_sku: float) -> pd.DataFrame:
    """Return one row per window: what was said, what came, the losses.

    Parameters
    ----------
    told : Told
        Already free of NaN.
    answer : Answer
        What came.
    method : str
        Who said it.
    ms_per_sku : float
        Processor time. [ms]
    """
    actual, quantiles = answer.actual, told.quantiles
    at = {level: quantiles[:, place] for place, level in enumerate(LEVELS)}
    losses = [pinball(actual, at[level], level=level) for level in SCORED_LEVELS]
    loss = np.mean(losses, axis=0)
    return answer.table.assign(
        method=method,
        actual=actual,
        mean=told.mean,
        middle=at[0.5],
        error=np.abs(actual - at[0.5]),
        loss=loss,
        scaled_loss=loss / answer.scale,
        in80=(at[0.1] <= actual) & (actual <= at[0.9]),
        in95=(at[0.025] <= actual) & (actual <= at[0.975]),
        ms_per_sku=ms_per_sku,
        **orders(told),
    )


def mended(told: Told, spare: Told) -> tuple[Told, int]:
    """Return a forecast whose unusable windows are the spare's, and how many there were.

    Notes
    -----
    Unusable: NaN or infinite anywhere, negative, or falling quantiles.
    """
    falls = (np.diff(told.quantiles, axis=1) < -1e-9).any(axis=1)
    values = np.column_stack([told.mean, told.quantiles])
    bad = ~np.isfinite(values).all(axis=1) | (values < 0).any(axis=1) | falls
    mean = np.where(bad, spare.mean, told.mean)
    quantiles = np.where(bad[:, None], spare.quantiles, told.quantiles)
    return Told(mean, quantiles), int(bad.sum())


def summary(rows: pd.DataFrame, by: Sequence[str] = tuple(KEYS)) -> pd.DataFrame:
    """Return the scores of groups of windows.

    Returns
    -------
    DataFrame
        `by` and windows; wape (of the median), wql, spl, bias (of the mean), cov80, cov95
        [unitless], ms_per_sku [ms].
    """
    groups = rows.groupby(list(by), sort=False, observed=True)
    wanted = groups["actual"].sum()
    table = pd.DataFrame(
        {
            "windows": groups.size(),
            "wape": groups["error"].sum() / wanted,
            "wql": 2.0 * groups["loss"].sum() / wanted,
            "spl": groups["scaled_loss"].mean(),
            "bias": groups["mean"].sum() / wanted - 1.0,
            "cov80": groups["in80"].mean(),
            "cov95": groups["in95"].mean(),
            "ms_per_sku": groups["ms_per_sku"].mean(),
        }
    )
    return table.reset_index()


def ratios(rows: pd.DataFrame, *, ours: str) -> pd.DataFrame:
    """Return our scaled loss over that of each method, set by set, with its 90 % interval.

    Returns
    -------
    DataFrame
        set, method, spl_ratio, spl_ratio_low, spl_ratio_high; below 1 is better than the method.

    Notes
    -----
    Whole events are drawn with replacement, the same ones for both, because the windows of an
    event fail together.
    """
    told = []
    for (name, method), part in rows.groupby(KEYS, sort=False):
        own = rows[(rows["set"] == name) & (rows["method"] == ours)]
        if own.empty:
            continue
        middle, draws = _resampled(own, part)
        low, high = np.quantile(draws, RATIO_LEVELS)
        told.append((name, method, middle, float(low), float(high)))
    return pd.DataFrame(told, columns=[*KEYS, "spl_ratio", "spl_ratio_low", "spl_ratio_high"])


def joint_ratio(rows: pd.DataFrame, opponents: pd.Series, *, ours: str) -> tuple[float, ...]:
    """Return the geometric mean of the ratios over sets, and its 90 % interval.

    Parameters
    ----------
    rows : DataFrame
        Windows of `score`.
    opponents : Series
        By set, the method that is held against ours.
    """
    middles, draws = [], []
    for name, method in opponents.items():
        part = rows[rows["set"] == name]
        middle, drawn = _resampled(part[part["method"] == ours], part[part["method"] == method])
        middles.append(np.log(middle))
        draws.append(np.log(drawn))
    low, high = np.quantile(np.mean(draws, axis=0), RATIO_LEVELS)
    return tuple(float(value) for value in np.exp([np.mean(middles), low, high]))


def _resampled(own: pd.DataFrame, other: pd.DataFrame) -> tuple[float, np.ndarray]:
    """Return the ratio of mean scaled losses, and the same over draws of events.

    Notes
    -----
    A variant that takes only long histories is compared on the windows that it has.
    """
    keys = ["seller", "event"]
    case = ["seller", "cut_off_on"]
    own = own.merge(other[case].drop_duplicates(), on=case)
    sums = own.groupby(keys)["scaled_loss"].sum(), other.groupby(keys)["scaled_loss"].sum()
    pairs = pd.concat(sums, axis=1).to_numpy()
    stream = np.random.default_rng(0)
    drawn = stream.integers(0, len(pairs), (N_RESAMPLES, len(pairs)))
    totals = pairs[drawn].sum(axis=1)
    return float(pairs[:, 0].sum() / pairs[:, 1].sum()), totals[:, 0] / totals[:, 1]

"""How much the figures of a SKU rest on: a grade from A to D, and the reason in one term.

Knows what the forecast was made from, not what it says. Each kind of evidence
gives a grade of its own; the worst of them stands, and its reason is told.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.demand.baseline import LEANING
from planner.demand.calibration import Z_80
from planner.demand.clean import KEYS, Floats
from planner.intake.like_items import like_items
from planner.tables import GRADES

HISTORY_DAYS = (180, 90, 0)
"""Days of history for A, B and C: the brief asks for 3 to 6 months of orders; below 3 months C
at best (demands, row 32). [days]"""
CLEAN_DAYS = (90, 45, 28)
"""Ordinary days in stock for A, B and C: half of that history, promotions being many; four
weeks give each weekday four times. [days]"""
PAST_EVENTS = (2, 1, 0)
"""Own past sale phases for A, B and C: with two the SKU's own ratio starts to outweigh the
seller's (forecasting, section 1). [events]"""
STOCK_OUT_SHARE = (0.05, 0.15, 0.40)
"""Share of stock-out days up to which A, B and C hold (house judgement). [unitless]"""
RANGE_RATIO = (3.0, 5.0, 12.0)
"""Upper over lower end of the sale's 80 % range up to which A, B and C hold: the widths at
which a plan from the middle is off by a factor 1.7, 2.2 and 3.5 at worst. [unitless]"""
COVERED_SHARE = (0.60, 0.40)
"""Share of a market's replayed windows inside their 80 % range from which A, then B hold: far
below 0.8 the ranges are not to be trusted (house judgement). [unitless]"""
MIN_REPLAYED = 5
"""Series a replay needs before its coverage lowers a grade. [series]"""
SALE_DAYS = 5.0
"""Length of a sale by which day noise is weighed: the brief's 3 to 7 days. [days]"""
RATIO_BLANKS = {
    "uplift_ratio": 1.0, "log_sd": 0.0, "common_log_sd": 0.0, "spread_ratio": 1.0, "past_events": 0
}  # fmt: skip
MAX_LOG_RANGE = 50.0
"""Keeps the ratio finite; no range that wide is told. [unitless]"""


class Evidence(NamedTuple):
    """One kind of evidence: the grade of each series as a position in GRADES, and its reason."""

    rank: np.ndarray
    reason: np.ndarray


def grade_evidence(
    fit: pd.DataFrame,
    uplift: pd.DataFrame,
    *,
    backtest: pd.DataFrame | None = None,
    catalogue: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the grade of each shop and SKU, and what holds it down.

    Parameters
    ----------
    fit, uplift : DataFrame
        Tables `BaselineFit` and `Uplift`.
    backtest : DataFrame, optional
        Table `Backtest`; a market whose past events fell outside their ranges too often loses
        its best grades.
    catalogue : DataFrame, optional
        Table `Catalogue`; names the like item that a level rests on.

    Returns
    -------
    DataFrame
        shop, market, sku, grade, grade_reason: a glossary term and its facts, parted by "|".
    """
    series = fit.sort_values(KEYS).reset_index(drop=True)
    sale = uplift[uplift["phase"] == "sale"]
    series = series.merge(sale[[*KEYS, *RATIO_BLANKS]], on=KEYS, how="left").fillna(RATIO_BLANKS)
    kinds = [
        _by_sales(series),
        _by_start(series, catalogue),
        _by_history(series),
        _by_stock_outs(series),
        _by_events(series),
        _by_range(series),
        _by_replay(series, backtest),
    ]
    ranks = np.stack([kind.rank for kind in kinds])
    worst = ranks.argmax(axis=0)
    reasons = np.stack([kind.reason for kind in kinds])[worst, np.arange(len(series))]
    rank = ranks.max(axis=0) if len(series) else np.zeros(0, dtype=int)
    solid = "grade_reason.solid|days=" + series["clean_days"].astype("str")
    solid += "|events=" + series["past_events"].astype(int).astype("str")
    return series[KEYS].assign(
        grade=pd.array(np.array(GRADES, dtype=object)[rank], dtype="str"),
        grade_reason=solid.where(rank == 0, pd.array(reasons.astype(object), dtype="str")),
    )


def range_ratio(series: pd.DataFrame) -> Floats:
    """Return the upper over the lower end of the 80 % range of a sale of five days.

    Parameters
    ----------
    series : DataFrame
        Columns of `BaselineFit` and of `Uplift`'s sale phase.

    Notes
    -----
    ``exp(2 * 1.28 * sd)`` where ``sd^2`` sums drift, ratio, their common parts and day noise
    ``dispersion / units``.
    """
    units = series["level_units"] * series["uplift_ratio"] * SALE_DAYS
    spread = series.get("spread_ratio", pd.Series(1.0, index=series.index))
    drift = series[["drift_sd", "common_drift_sd"]].mul(spread, axis=0)
    variance = drift.pow(2).sum(axis=1) + series[["log_sd", "common_log_sd"]].pow(2).sum(axis=1)
    variance = variance + series["dispersion_ratio"] / (units + 1.0)
    return np.exp(np.minimum(2.0 * Z_80 * np.sqrt(variance), MAX_LOG_RANGE)).to_numpy()


def _by_sales(series: pd.DataFrame) -> Evidence:
    silent = (series["level_units"] <= 0).to_numpy()
    return Evidence(np.where(silent, 3, 0), _told(len(series), "grade_reason.never_sold"))


def _by_start(series: pd.DataFrame, catalogue: pd.DataFrame | None) -> Evidence:
    """Return D for a level that rests on other SKUs, with the 80 % range it lies in."""
    if "method" not in series:
        return Evidence(np.zeros(len(series), dtype=int), np.full(len(series), "", dtype=object))
    leans = series["method"].isin(LEANING).to_numpy()
    sd, level = series["drift_sd"] * series["spread_ratio"], series["level_units"].clip(lower=1e-9)
    middle = np.log(level) - 0.5 * sd**2
    ends = {"low": middle - Z_80 * sd, "high": middle + Z_80 * sd}
    facts = {name: [f"{value:.2g}" for value in np.exp(end)] for name, end in ends.items()}
    facts["days"] = series["clean_days"]
    told = _told(len(series), "grade_reason.start", source=series["method"], **facts)
    is_like = (series["method"] == "method.like").to_numpy()
    if catalogue is not None and is_like.any():
        likes = like_items(catalogue).groupby("sku")["like"].agg(",".join)
        names = series["sku"].map(likes).fillna("")
        named = _told(len(series), "grade_reason.start_like", skus=names, **facts)
        told = np.where(is_like & (names != "").to_numpy(), named, told)
    return Evidence(np.where(leans, 3, 0), told)


def _by_history(series: pd.DataFrame) -> Evidence:
    clean = series["clean_days"].to_numpy()
    days = clean + series["masked_promo_days"].to_numpy()
    days = days + series["masked_stock_out_days"].to_numpy()
    by_days, by_clean = _rank_from_above(days, HISTORY_DAYS), _rank_from_above(clean, CLEAN_DAYS)
    needed = np.array([HISTORY_DAYS[0], *HISTORY_DAYS])[by_days]
    short = _told(len(days), "grade_reason.short_history", days=days, needed=needed)
    needed = np.array([CLEAN_DAYS[0], *CLEAN_DAYS])[by_clean]
    few = _told(len(days), "grade_reason.few_clean_days", days=clean, needed=needed)
    return Evidence(np.maximum(by_days, by_clean), np.where(by_days >= by_clean, short, few))


def _by_stock_outs(series: pd.DataFrame) -> Evidence:
    lost = series["masked_stock_out_days"].to_numpy()
    share = lost / np.maximum(series["clean_days"].to_numpy() + lost, 1)
    rank = _rank_from_below(share, STOCK_OUT_SHARE)
    percent = [f"{part:.0%}" for part in share]
    return Evidence(rank, _told(len(share), "grade_reason.stock_outs", share=percent))


def _by_events(series: pd.DataFrame) -> Evidence:
    events = series["past_events"].to_numpy().astype(int)
    rank = _rank_from_above(events, PAST_EVENTS)
    few = _told(len(events), "grade_reason.few_events", events=events)
    none = _told(len(events), "grade_reason.no_own_event")
    return Evidence(rank, np.where(events > 0, few, none))


def _by_range(series: pd.DataFrame) -> Evidence:
    ratio = range_ratio(series)
    times = [f"{value:.1f}" for value in ratio]
    rank = _rank_from_below(ratio, RANGE_RATIO)
    return Evidence(rank, _told(len(ratio), "grade_reason.wide_range", times=times))


def _by_replay(series: pd.DataFrame, backtest: pd.DataFrame | None) -> Evidence:
    """Weigh a market by its whole record: every event replayed, every SKU in it."""
    rank, covered = np.zeros(len(series), dtype=int), np.ones(len(series))
    if backtest is not None and not backtest.empty:
        replay = backtest.groupby("market")["is_covered"].agg(["mean", "size"])
        of_series = replay.reindex(series["market"])
        enough = (of_series["size"] >= MIN_REPLAYED).to_numpy()
        covered = np.where(enough, of_series["mean"].to_numpy(), 1.0)
        rank = _rank_from_above(covered, COVERED_SHARE)
    percent = [f"{part:.0%}" for part in covered]
    return Evidence(rank, _told(len(series), "grade_reason.replay_missed", covered=percent))


def _rank_from_above(values: np.ndarray, floors: tuple[float, ...]) -> np.ndarray:
    return (np.asarray(values)[:, None] < np.array(floors)).sum(axis=1)


def _rank_from_below(values: np.ndarray, ceilings: tuple[float, ...]) -> np.ndarray:
    return (np.asarray(values)[:, None] > np.array(ceilings)).sum(axis=1)


def _told(count: int, term: str, **facts: object) -> np.ndarray:
    columns = [[f"|{name}={value}" for value in values] for name, values in facts.items()]
    lines = (
        [term + "".join(parts) for parts in zip(*columns, strict=True)]
        if columns
        else [term] * count
    )
    return np.array(lines, dtype=object)

"""A named event forecast from people's own daily sales, by the same engine.

Knows which days of which SKU the event takes; the tables are read by `own_sales`,
the arithmetic is that of `baseline`, `pooling` and `forecast`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from planner.demand import patterns
from planner.demand.baseline import PanelFit, fit_panel, fit_table
from planner.demand.calibration import calibrated_noise, spread_factor
from planner.demand.clean import KEYS, Codes, Flags, Floats, Panel
from planner.demand.day_curve import learn_shape
from planner.demand.draws import Doubt, draw_totals, quantiles_of
from planner.demand.drivers import driver_matrix, easter_share
from planner.demand.evidence import grade_evidence
from planner.demand.forecast import QUANTILES
from planner.demand.own_events import read_events, rows_ahead
from planner.demand.own_markets import NOWHERE
from planner.demand.own_sales import OWN, panel_of_sales, read_sales
from planner.demand.pooling import Pooled, pool
from planner.demand.promo_runs import Runs
from planner.demand.promotions import past_runs, target_of
from planner.demand.rest_of_phase import day_heights, rest_by_series
from planner.demand.spread import day_noise, with_unknown
from planner.demand.window_days import (
    by_precedence,
    days_ahead_of,
    days_of,
    last_stop,
    row_of_series,
)
from planner.tables import DayCurvePriors, EventForecast, checked, empty

N_DRAWS = 500
CHUNK_SERIES = 2048
"""SKUs whose draws are held at a time; 8 MB."""
FAR_DAYS = 180
"""Beyond so many days after the last known one a grade is C at best: half a year of trend and
season that no past promotion was forecast over (house judgement). [days]"""


def forecast_event(
    sales: pd.DataFrame,
    events: pd.DataFrame,
    *,
    event: str,
    as_of: date,
    priors: pd.DataFrame,
    market: str = NOWHERE,
    day_curve: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the total demand of one named event for each SKU that takes part.

    Parameters
    ----------
    sales : DataFrame
        sku, date, units, and if known in_stock, price, discount_rate, category. A day without
        a row sold nothing, unless the file says that the SKU was not in stock.
    events : DataFrame
        event, kind, start, end (both included), and if known sku and any of
        `own_events.KNOWN_AHEAD` (discount_rate, live_hours ...); a row without a SKU holds for
        all. Rows before the as-of day are the promotions to learn from; the kind `closed` names
        days, past or ahead, on which nothing can be sold.
    event : str
        Name of the event ahead.
    as_of : date
        The day one looks from; that day and later are unknown.
    priors : DataFrame
        Register `UpliftPriors`.
    market : str
        Whose holidays and feasts the season knows; none without one.
    day_curve : DataFrame, optional
        Register `DayCurvePriors`: how an event that has begun falls on its days, behind what past
        ones of the seller show; evenly without it.

    Returns
    -------
    DataFrame
        Table `EventForecast`; quantiles never fall and are never negative. [units]

    Raises
    ------
    PlanningError
        If a column is missing, a cell cannot be read, the event is unknown or over, or no
        sale is known before the as-of day.
    """
    today = pd.Timestamp(as_of)
    rows = read_events(events)
    ahead = rows_ahead(rows, event, today=today)
    known = read_sales(sales, today=today)
    past = by_precedence(rows[rows["start"] < today], ahead)
    panel, row = panel_of_sales(known, past, ahead, today=today, market=market)
    fitted = fit_panel(panel, horizon_days=int((ahead["end"].max() - panel.end).days) + 1)
    window = days_ahead_of(panel, ahead, rows, fitted.expected.shape[1])
    shipped = empty(DayCurvePriors) if day_curve is None else day_curve
    even, rest_ratio = _begun(panel, fitted, ahead, window, shipped)
    runs, pooled = _pooled(even, fitted, rows, past, ahead, row, priors)
    spread_ratio = _spread_ratio(even, fitted, runs, pooled, ahead)
    levels = {"q025_units": 0.025} | QUANTILES
    told = _told(
        panel,
        fitted,
        pooled,
        window,
        rest_ratio=rest_ratio,
        spread_ratio=spread_ratio,
        seed_text=f"{OWN}|{today:%Y-%m-%d}",
        event=event,
        levels=list(levels.values()),
    )
    columns = ["mean", *(name.removesuffix("_units") for name in levels)]
    table = panel.keys[["sku"]].assign(**dict(zip(columns, told, strict=True)))
    table[["grade", "grade_reason"]] = _grades(panel, fitted, pooled, spread_ratio)
    table = _held_where_far(table, days_ahead=int((ahead["start"].min() - panel.end).days))
    return checked(EventForecast, table[window.any(axis=1)])


def _told(
    panel: Panel,
    fitted: PanelFit,
    pooled: Pooled,
    window: Flags,
    *,
    rest_ratio: Floats,
    spread_ratio: float,
    seed_text: str,
    event: str,
    levels: Sequence[float],
) -> Floats:
    """Return mean and quantiles of each total; the draws of many SKUs do not stay in memory."""
    n_days = panel.units.shape[1]
    ordinary = (fitted.expected[:, n_days:] * window[:, n_days:]).sum(axis=1)
    mean = (ordinary * np.exp(pooled.log_ratio) * rest_ratio)[:, None]
    sold_already = (panel.units * window[:, :n_days]).sum(axis=1)[:, None]
    names = panel.keys["sku"].to_list()
    doubt = Doubt(
        dispersion=calibrated_noise(fitted.dispersion, spread_ratio),
        drift_sd=fitted.drift_sd * spread_ratio,
        common_drift_sd=fitted.common_drift_sd * spread_ratio,
        ratio_sd=with_unknown(pooled.log_sd * spread_ratio, pooled.unknown_variance)[:, None],
        common_ratio_sd=np.array([pooled.common_log_sd * spread_ratio]),
    )
    told = np.empty((1 + len(levels), len(names)))
    for start in range(0, len(names), CHUNK_SERIES):
        part = slice(start, start + CHUNK_SERIES)
        own = doubt._replace(
            dispersion=doubt.dispersion[part],
            drift_sd=doubt.drift_sd[part],
            ratio_sd=doubt.ratio_sd[part],
        )
        rest = draw_totals(
            mean[part], own, names=names[part], event=event, seed_text=seed_text, n_draws=N_DRAWS
        )
        worlds = rest[:, 0] + sold_already[part]
        told[0, part], told[1:, part] = worlds.mean(axis=1), quantiles_of(worlds, levels)
    return told


def _begun(
    panel: Panel, fitted: PanelFit, ahead: pd.DataFrame, window: Flags, shipped: pd.DataFrame
) -> tuple[Panel, Floats]:
    """Return sales freed of how an event that has begun falls on its days, and what its rest sells.

    Notes
    -----
    What its first days sold is no measure of the whole, nor is the whole one of the rest: a day
    counts as its units over its height, and the rest is told by the heights of its own days.
    """
    n_known = panel.units.shape[1]
    start, stop = days_of(ahead, panel)
    if (start >= n_known).all():
        return panel, np.ones(len(panel.keys))
    expected = fitted.expected[:, :n_known]
    shape = learn_shape(
        panel,
        expected,
        phase="sale",
        ahead={str(panel.keys["market"].iloc[0]): (ahead["start"].min(), ahead["end"].max())},
        dispersion=day_noise(panel.units, expected, fitted.is_clean).pooled,
        shipped=shipped,
    )
    place = row_of_series(panel, ahead)
    start, stop = (np.where(place < 0, 0, edge[place]) for edge in (start, stop))
    height = day_heights(start, stop, shape, n_days=window.shape[1])
    plain = fitted.weekday_ratio * fitted.season_ratio
    even = replace(panel, units=panel.units / height[:, :n_known])
    return even, rest_by_series(height, plain, window, n_known=n_known)


def _pooled(
    panel: Panel,
    fitted: PanelFit,
    rows: pd.DataFrame,
    past: pd.DataFrame,
    ahead: pd.DataFrame,
    row: Codes,
    priors: pd.DataFrame,
) -> tuple[Runs, Pooled]:
    expected = fitted.expected[:, : panel.units.shape[1]]
    noise = day_noise(panel.units, expected, fitted.is_clean)
    kinds = dict(zip(rows["event"], rows["kind"], strict=True))
    runs = past_runs(panel, expected, fitted.is_clean, phase="sale", kinds=kinds)
    market = str(panel.keys["market"].iloc[0])
    known = _known_ahead(past, market)[row[runs.series, runs.start]]
    place = row_of_series(panel, ahead)
    category = panel.keys["category"].to_numpy(dtype=object)
    kind = np.append(ahead["kind"].to_numpy(dtype=object), "")[place]
    start, stop = days_of(ahead, panel)
    days = (stop - start)[place]
    seen = patterns.of_runs(runs)
    seen = patterns.with_whole_length(seen, runs, start=start[place], days=days)
    runs = runs._replace(drivers=np.column_stack([seen, known]))
    pattern = patterns.of_target(
        start=start[place],
        days=days,
        last_stop=last_stop(panel, runs, rows, start[place]),
        daily_units=fitted.level,
    )
    driven = _known_ahead(ahead, market)
    driven = np.vstack([driven, np.full(driven.shape[1], np.nan)])[place]
    target = target_of(kind, category, priors, phase="sale")
    target = target._replace(drivers=np.column_stack([pattern, driven]))
    runs.drivers[:, np.isnan(target.drivers).all(axis=0)] = np.nan
    return runs, pool(
        runs,
        target,
        dispersion=noise.dispersion,
        seller_dispersion=noise.pooled,
        pattern_slopes=patterns.EXPECTED_SLOPES,
    )


def _known_ahead(rows: pd.DataFrame, market: str) -> Floats:
    """Return what is known of the promotion of each row, the calendar too, for a log ratio."""
    days = (rows["end"] - rows["start"]).dt.days.to_numpy(dtype=float) + 1
    display = rows["display_rate"] if "display_rate" in rows else np.full(len(rows), np.nan)
    feast = easter_share(rows["start"], rows["end"], market=market)
    return np.column_stack([driver_matrix(rows, days=days), display, feast])


def _spread_ratio(
    panel: Panel, fitted: PanelFit, runs: Runs, pooled: Pooled, ahead: pd.DataFrame
) -> float:
    n_days = panel.units.shape[1]
    factor = (fitted.weekday_ratio * fitted.season_ratio)[:, :n_days]
    return spread_factor(
        panel,
        factor=factor,
        is_clean=fitted.is_clean,
        half_life_days=fitted.half_life_days,
        drift_variance=fitted.drift_sd**2 + fitted.common_drift_sd**2,
        dispersion=fitted.dispersion,
        runs=runs,
        pooled=pooled,
        lead_days=int((ahead["start"].min() - panel.end).days),
    )


def _grades(panel: Panel, fitted: PanelFit, pooled: Pooled, spread_ratio: float) -> pd.DataFrame:
    sale = panel.keys[KEYS].assign(
        phase="sale",
        uplift_ratio=np.exp(pooled.log_ratio),
        log_sd=with_unknown(pooled.log_sd * spread_ratio, pooled.unknown_variance),
        common_log_sd=pooled.common_log_sd * spread_ratio,
        spread_ratio=spread_ratio,
        past_events=pooled.past_runs,
    )
    return grade_evidence(fit_table(panel, fitted), sale)[["grade", "grade_reason"]]


def _held_where_far(table: pd.DataFrame, *, days_ahead: int) -> pd.DataFrame:
    """Hold grades better than C at C where the event lies far beyond what is known."""
    held = table["grade"].isin(("A", "B")) & (days_ahead > FAR_DAYS)
    reason = f"grade_reason.far_ahead|days={days_ahead}"
    return table.assign(
        grade=table["grade"].mask(held, "C"), grade_reason=table["grade_reason"].mask(held, reason)
    )

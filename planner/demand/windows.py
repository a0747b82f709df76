"""A named event forecast from people's own daily sales, by the same engine.

Knows which days of which SKU the event takes; the tables are read by `own_sales`,
the arithmetic is that of `baseline`, `pooling` and `forecast`.
"""

from datetime import date

import numpy as np
import pandas as pd

from planner.demand.baseline import PanelFit, fit_panel, fit_table
from planner.demand.clean import KEYS, Flags, Floats, Panel
from planner.demand.draws import Doubt, draw_totals
from planner.demand.evidence import grade_evidence
from planner.demand.forecast import QUANTILES
from planner.demand.own_sales import OWN, panel_of_sales, read_events, read_sales, rows_ahead
from planner.demand.pooling import Pooled, pool
from planner.demand.spread import day_noise
from planner.demand.uplift import past_runs, target_of
from planner.tables import EventForecast, checked

N_DRAWS = 1000


def forecast_event(
    sales: pd.DataFrame, events: pd.DataFrame, *, event: str, as_of: date, priors: pd.DataFrame
) -> pd.DataFrame:
    """Return the total demand of one named event for each SKU that takes part.

    Parameters
    ----------
    sales : DataFrame
        sku, date, units, and if known in_stock, price, discount_rate, category. A day without
        a row sold nothing, unless the file says that the SKU was not in stock.
    events : DataFrame
        event, kind, start, end (both included), and if known discount_rate, sku; a row without
        a SKU holds for all. Rows before the as-of day are the promotions to learn from.
    event : str
        Name of the event ahead.
    as_of : date
        The day one looks from; that day and later are unknown.
    priors : DataFrame
        Register `UpliftPriors`.

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
    panel, depth = panel_of_sales(known, rows[rows["start"] < today], ahead, today=today)
    fitted = fit_panel(panel, horizon_days=int((ahead["end"].max() - panel.end).days) + 1)
    window = _window(panel, ahead, fitted.expected.shape[1])
    pooled = _pooled(panel, fitted, rows, ahead, depth, priors)
    worlds = _worlds(
        panel, fitted, pooled, window, seed_text=f"{OWN}|{today:%Y-%m-%d}", event=event
    )
    table = pd.DataFrame({"sku": panel.keys["sku"], "mean": worlds.mean(axis=1)})
    columns = [name.removesuffix("_units") for name in QUANTILES]
    table[columns] = np.quantile(worlds, list(QUANTILES.values()), axis=1).T
    table["grade"] = _grades(panel, fitted, pooled)
    return checked(EventForecast, table[window.any(axis=1)])


def _worlds(
    panel: Panel, fitted: PanelFit, pooled: Pooled, window: Flags, *, seed_text: str, event: str
) -> Floats:
    n_days = panel.units.shape[1]
    ordinary = (fitted.expected * window)[:, n_days:].sum(axis=1)
    doubt = Doubt(
        dispersion=fitted.dispersion,
        drift_sd=fitted.drift_sd,
        common_drift_sd=fitted.common_drift_sd,
        ratio_sd=pooled.log_sd[:, None],
        common_ratio_sd=np.array([pooled.common_log_sd]),
    )
    rest = draw_totals(
        (ordinary * np.exp(pooled.log_ratio))[:, None],
        doubt,
        names=panel.keys["sku"].to_list(),
        event=event,
        seed_text=seed_text,
        n_draws=N_DRAWS,
    )
    sold_already = (panel.units * window[:, :n_days]).sum(axis=1)
    return rest[:, 0] + sold_already[:, None]


def _pooled(
    panel: Panel,
    fitted: PanelFit,
    rows: pd.DataFrame,
    ahead: pd.DataFrame,
    depth: Floats,
    priors: pd.DataFrame,
) -> Pooled:
    past = fitted.expected[:, : panel.units.shape[1]]
    noise = day_noise(panel.units, past, fitted.is_clean)
    kinds = dict(zip(rows["event"], rows["kind"], strict=True))
    runs = past_runs(panel, past, fitted.is_clean, phase="sale", kinds=kinds, depth=depth)
    kind = _of_series(panel, ahead, "kind", "")
    category = panel.keys["category"].to_numpy(dtype=object)
    deep = _of_series(panel, ahead, "discount_rate", np.nan).astype(float)
    target = target_of(kind, category, priors, phase="sale", depth=deep)
    return pool(runs, target, dispersion=noise.dispersion, seller_dispersion=noise.pooled)


def _grades(panel: Panel, fitted: PanelFit, pooled: Pooled) -> pd.Series:
    sale = panel.keys[KEYS].assign(
        phase="sale",
        uplift_ratio=np.exp(pooled.log_ratio),
        log_sd=pooled.log_sd,
        common_log_sd=pooled.common_log_sd,
        past_events=pooled.past_runs,
    )
    return grade_evidence(fit_table(panel, fitted), sale)["grade"]


def _window(panel: Panel, ahead: pd.DataFrame, n_days: int) -> Flags:
    """Return the days of the event, series by series."""
    window = np.zeros((len(panel.keys), n_days), dtype=bool)
    starts = np.maximum((ahead["start"] - panel.first_on).dt.days.to_numpy(), 0)
    stops = (ahead["end"] - panel.first_on).dt.days.to_numpy() + 1
    place = pd.Index(panel.keys["sku"]).get_indexer(ahead["sku"])
    for series, sku, start, stop in zip(place, ahead["sku"], starts, stops, strict=True):
        window[series if sku else slice(None), start:stop] = True
    return window


def _of_series(panel: Panel, ahead: pd.DataFrame, column: str, blank: object) -> np.ndarray:
    values = np.full(len(panel.keys), blank, dtype=object)
    common = ahead.loc[ahead["sku"] == "", column]
    if len(common):
        values[:] = common.iloc[-1]
    own = ahead[ahead["sku"] != ""].groupby("sku")[column].last()
    found = own.index.get_indexer(panel.keys["sku"])
    values[found >= 0] = own.to_numpy(dtype=object)[found[found >= 0]]
    return values

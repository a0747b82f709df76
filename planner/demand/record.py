"""How good the forecasts of past events were, method by method and slice by slice.

Knows what each method said of each past event and what came; knows neither how a
forecast is made nor how it is shown. A record of few events is told as it is: the
counts stand beside every figure.
"""

import numpy as np
import pandas as pd

from planner.demand.accuracy import (
    SCORED_LEVELS,
    bias,
    coverage,
    wape,
    weighted_quantile_loss,
)
from planner.demand.backtest import LEVELS
from planner.demand.clean import KEYS
from planner.tables import Record, checked, empty

OURS, RULE, NAIVE = "ours", "rule", "naive"
METHODS = {OURS: "mean_units", RULE: "rule_units", NAIVE: "naive_units"}
"""Column of `Backtest` with each method's point forecast."""
MANY_PAST_EVENTS = 3
"""SKUs with so many past promotions or more stand together. [events]"""
TOLD_COLUMNS = [*KEYS, "event", "kind", "starts_on", "past_events", "method", "actual", "point"]


def record_of(replay: pd.DataFrame, *, peers: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return how far each method was off: over all, by market, kind, past promotions, event.

    Parameters
    ----------
    replay : DataFrame
        Table `Backtest`.
    peers : DataFrame, optional
        More methods on the same windows, in the form of `told_by`.

    Returns
    -------
    DataFrame
        Table `Record`; without rows if nothing was replayed.

    Notes
    -----
    A window is one SKU in one event. WAPE and bias are of the mean forecast and sum over
    windows before they divide, so that big SKUs count as the units they are. Coverage is the
    share of windows inside the 80 % and 95 % range; a method without ranges has none, and its
    quantile loss is that of its one figure. Added value is the rule's WAPE less the method's:
    above 0 the method earns its trouble.
    """
    if replay.empty:
        return empty(Record)
    told = told_by(replay)
    if peers is not None and len(peers):
        told = pd.concat([told, peers], ignore_index=True)
    told = told.assign(
        of_all="",
        of_past=told["past_events"].clip(upper=MANY_PAST_EVENTS).astype("str"),
        of_event=event_names(told),
    )
    slices = {
        "all": "of_all",
        "market": "market",
        "kind": "kind",
        "past_events": "of_past",
        "event": "of_event",
    }
    parts = [_slice(told, name, column) for name, column in slices.items()]
    return checked(Record, pd.concat(parts, ignore_index=True))


def told_by(replay: pd.DataFrame) -> pd.DataFrame:
    """Return one row per window and method: what it said, and what came.

    Parameters
    ----------
    replay : DataFrame
        Table `Backtest`.

    Returns
    -------
    DataFrame
        shop, market, sku, event, kind, starts_on, past_events, method, actual, point [units],
        and the quantiles of `backtest.LEVELS`, NaN where the method gives no range.
    """
    parts = []
    for method, column in METHODS.items():
        part = replay.assign(method=method, actual=replay["actual_units"], point=replay[column])
        if method != OURS:
            part = part.assign(**dict.fromkeys(LEVELS, np.nan))
        parts.append(part[[*TOLD_COLUMNS, *LEVELS]])
    return pd.concat(parts, ignore_index=True)


def event_names(rows: pd.DataFrame) -> pd.Series:
    """Return first day and name of each row's event, so that editions part and sort by time."""
    return rows["starts_on"].dt.strftime("%Y-%m-%d") + " " + rows["event"]


def score(told: pd.DataFrame) -> dict[str, float]:
    """Return the measures of one method on its windows.

    Parameters
    ----------
    told : DataFrame
        Rows of `told_by`, of one method.

    Examples
    --------
    >>> rows = pd.DataFrame({"actual": [10.0, 30.0], "point": [14.0, 26.0]})
    >>> score(rows.assign(**dict.fromkeys(LEVELS, float("nan"))))["wape_rate"]
    0.2
    """
    actual, point = told["actual"].to_numpy(), told["point"].to_numpy()
    by_level = {level: told[name].to_numpy(dtype=float) for name, level in LEVELS.items()}
    guesses = {level: by_level[level] for level in SCORED_LEVELS}
    if np.isnan(by_level[0.5]).all():
        guesses = dict.fromkeys(SCORED_LEVELS, point)
    return {
        "wape_rate": wape(actual, point),
        "bias_rate": bias(actual, point),
        "covered_80_rate": _covered(actual, by_level[0.1], by_level[0.9]),
        "covered_95_rate": _covered(actual, by_level[0.025], by_level[0.975]),
        "quantile_loss_rate": weighted_quantile_loss(actual, guesses),
    }


def _slice(told: pd.DataFrame, name: str, column: str) -> pd.DataFrame:
    rows = []
    for value, part in told.groupby(column, sort=True):
        by_method = {method: of for method, of in part.groupby("method", sort=False)}
        scores = {method: score(of) for method, of in by_method.items()}
        for method, of in by_method.items():
            counts = {
                "event_count": of[["market", "event", "starts_on"]].drop_duplicates().shape[0],
                "window_count": len(of),
            }
            added = scores[RULE]["wape_rate"] - scores[method]["wape_rate"]
            rows.append(
                {"slice": name, "value": str(value), "method": method}
                | counts
                | scores[method]
                | {"added_value_rate": np.nan if method == RULE else added}
            )
    return pd.DataFrame(rows)


def _covered(actual: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    known = np.isfinite(low) & np.isfinite(high)
    return coverage(actual[known], low[known], high[known])

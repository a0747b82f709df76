"""How much more a promotion sells than ordinary days, and how sure that is.

Knows past promotions, what they sold and what ordinary days would have sold;
memory of earlier campaigns and shipped priors fill in where there is no past.
Knows nothing of levels ahead, nor of draws.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from planner.campaign import MarketPlan
from planner.demand.clean import KEYS, PHASE_CODES, Flags, Floats, Panel, panel_of, reach
from planner.demand.level import NEIGHBOUR_DAYS, WEEK_DAYS
from planner.demand.pooling import Names, Pooled, Runs, Target, pool
from planner.demand.spread import day_noise
from planner.tables import PROMO_PHASES, Uplift, checked

ANY = ("", "*", "any", "all")
"""How a register row says that it holds for every category or kind."""
UNKNOWN_RATIO, UNKNOWN_LOG_SD = 1.0, 0.8
"""Where not even the register names a phase: as likely below ordinary days as above."""
Z_80 = 1.2816
"""Half-width of an 80 % interval. [standard deviations]"""


def estimate_uplift(
    daily: pd.DataFrame,
    baseline: pd.DataFrame,
    *,
    plans: Mapping[str, MarketPlan],
    events: pd.DataFrame,
    priors: pd.DataFrame,
    memory: pd.DataFrame,
    catalogue: pd.DataFrame,
) -> pd.DataFrame:
    """Return the ratio of each phase ahead to ordinary days, with its range and its roots.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales`.
    baseline : DataFrame
        Table `BaselineDaily` of the same history.
    plans : Mapping of str to MarketPlan
        By market, the promotion ahead.
    events : DataFrame
        Table `Events`; gives the kind of each past event.
    priors : DataFrame
        Register `UpliftPriors`; a category or kind of "*" holds for all.
    memory : DataFrame
        Table `UpliftMemory`, already cut by `memory.usable_memory`.
    catalogue : DataFrame
        Table `Catalogue`.

    Returns
    -------
    DataFrame
        Table `Uplift`: `uplift_ratio` is the mean, `low_ratio` and `high_ratio` hold 80 %.

    Notes
    -----
    Days without stock are left out of what a past promotion sold and of what was expected
    alike. How seller, kind of event, category and SKU are weighed: see `pooling.pool`.
    """
    panel = panel_of(daily, catalogue=catalogue)
    expected, is_clean = _history(panel, baseline)
    noise = day_noise(panel.units, expected, is_clean)
    kinds = dict(zip(events["event"], events["kind"], strict=True))
    unseen = _unseen(memory, daily)
    tables = []
    for phase in PROMO_PHASES:
        runs = past_runs(panel, expected, is_clean, phase=phase, kinds=kinds)
        runs = _joined(runs, _memory_runs(unseen, panel, phase))
        target = _target(panel, plans, priors, phase)
        pooled = pool(runs, target, dispersion=noise.dispersion, seller_dispersion=noise.pooled)
        table = _table(panel, pooled, _source(runs, target, pooled), phase)
        tables.append(table[_takes_part(panel, plans, phase)])
    table = pd.concat(tables, ignore_index=True).sort_values(KEYS, kind="stable")
    return checked(Uplift, table)


def past_runs(
    panel: Panel,
    expected: Floats,
    is_clean: Flags,
    *,
    phase: str,
    kinds: Mapping[str, str],
    depth: Floats | None = None,
) -> Runs:
    """Return every past run of days of one phase: what it sold, and what was expected.

    Parameters
    ----------
    panel : Panel
        Daily sales.
    expected : array, shape (n_series, n_days)
        Units ordinary days would have sold. [units/day]
    is_clean : array, shape (n_series, n_days)
        Days from which `expected` was told.
    phase : {"warm_up", "sale", "tail"}
    kinds : Mapping of str to str
        Kind of each event by its name.
    depth : array, shape (n_series, n_days), optional
        Discount of each promo day, NaN where it is unknown. [unitless]
    """
    n_days = panel.units.shape[1]
    inside = (panel.phase == PHASE_CODES[phase]) & panel.is_known
    label = np.where(inside, panel.event, -1).ravel()
    begins = np.concatenate([[True], label[1:] != label[:-1]])
    begins[::n_days] = True
    run, first = np.cumsum(begins) - 1, np.flatnonzero(begins)
    counted = (inside & ~panel.is_stock_out).ravel()
    sold = np.bincount(run, panel.units.ravel() * counted)
    usual = np.bincount(run, expected.ravel() * counted)
    keep = (label[first] >= 0) & (np.bincount(run, counted) > 0) & (usual > 0)
    series, start = np.divmod(first[keep], n_days)
    name = np.array(panel.events, dtype=object)[label[first[keep]]]
    return Runs(
        series=series,
        occurrence=pd.factorize(label[first[keep]] * n_days + start // WEEK_DAYS)[0],
        kind=np.array([kinds.get(event, "") for event in name], dtype=object),
        category=panel.keys["category"].to_numpy(dtype=object)[series],
        sold=sold[keep],
        expected=usual[keep],
        around=_ordinary_units(expected, is_clean)[series, start],
        depth=np.full(len(series), np.nan) if depth is None else depth[series, start],
        is_memory=np.zeros(len(series), dtype=bool),
    )


def shipped_prior(
    priors: pd.DataFrame, *, category: str, kind: str, phase: str
) -> tuple[float, float]:
    """Return the log ratio that the register gives and its spread, the closest row first.

    Notes
    -----
    The row of category and kind, else of the category alone, else of the kind alone, else of
    neither; else the middle of all rows of the phase with the widest spread.
    """
    rows = priors[priors["phase"] == phase]
    for same_category in (rows["category"] == category, rows["category"].isin(ANY)):
        for same_kind in (rows["kind"] == kind, rows["kind"].isin(ANY)):
            found = rows[same_category & same_kind]
            if len(found):
                row = found.iloc[-1]
                return float(np.log(row["uplift_ratio"])), float(row["log_sd"])
    if len(rows):
        return float(np.log(rows["uplift_ratio"]).mean()), float(rows["log_sd"].max())
    return float(np.log(UNKNOWN_RATIO)), UNKNOWN_LOG_SD


def target_of(
    kind: Names, category: Names, priors: pd.DataFrame, *, phase: str, depth: Floats | None = None
) -> Target:
    """Return the promotion ahead of each series, with what the register says of it."""
    pairs = pd.Series(list(zip(kind, category, strict=True)), dtype=object)
    known = {
        pair: shipped_prior(priors, kind=pair[0], category=pair[1], phase=phase)
        for pair in pairs.unique()
    }
    prior = np.array([known[pair] for pair in pairs]).reshape(-1, 2)
    depths = np.full(len(pairs), np.nan) if depth is None else depth
    return Target(kind, category, prior[:, 0], prior[:, 1], depths)


def _history(panel: Panel, baseline: pd.DataFrame) -> tuple[Floats, Flags]:
    past = baseline[~baseline["is_future"]]
    series = pd.MultiIndex.from_frame(panel.keys[KEYS]).get_indexer(
        pd.MultiIndex.from_frame(past[KEYS])
    )
    day = ((past["day"] - panel.first_on) // pd.Timedelta(days=1)).to_numpy()
    known = (series >= 0) & (day >= 0) & (day < panel.units.shape[1])
    expected, clean = np.zeros(panel.units.shape), np.zeros(panel.units.shape, dtype=bool)
    cell = series[known], day[known]
    expected[cell] = past["baseline_units"].to_numpy()[known]
    clean[cell] = ~past["is_masked"].to_numpy()[known]
    return expected, clean


def _ordinary_units(expected: Floats, is_clean: Flags) -> Floats:
    start, stop = reach(is_clean, NEIGHBOUR_DAYS)
    sums = np.zeros((len(expected), expected.shape[1] + 1))
    np.cumsum(expected * is_clean, axis=1, out=sums[:, 1:])
    return np.take_along_axis(sums, stop, 1) - np.take_along_axis(sums, start, 1)


def _unseen(memory: pd.DataFrame, daily: pd.DataFrame) -> pd.DataFrame:
    """Return the remembered promotions whose last day the daily sales do not hold."""
    if memory.empty:
        return memory
    held = daily.loc[daily["phase"] != "", ["market", "day", "phase"]].drop_duplicates()
    ended = pd.MultiIndex.from_frame(memory[["market", "ended_on", "phase"]])
    return memory[~ended.isin(pd.MultiIndex.from_frame(held))]


def _memory_runs(memory: pd.DataFrame, panel: Panel, phase: str) -> Runs:
    rows = memory[memory["phase"] == phase]
    keys = pd.MultiIndex.from_frame(panel.keys[KEYS])
    expected = rows["expected_units"].to_numpy(dtype=float)
    return Runs(
        series=keys.get_indexer(pd.MultiIndex.from_frame(rows[KEYS])),
        occurrence=pd.factorize(pd.MultiIndex.from_frame(rows[["market", "campaign"]]))[0],
        kind=rows["kind"].to_numpy(dtype=object),
        category=rows["category"].to_numpy(dtype=object),
        sold=rows["actual_units"].to_numpy(dtype=float),
        expected=expected,
        around=expected,
        depth=np.full(len(rows), np.nan),
        is_memory=np.ones(len(rows), dtype=bool),
    )


def _joined(runs: Runs, remembered: Runs) -> Runs:
    shift = int(runs.occurrence.max()) + 1 if runs.occurrence.size else 0
    remembered = remembered._replace(occurrence=remembered.occurrence + shift)
    return Runs(*(np.concatenate(pair) for pair in zip(runs, remembered, strict=True)))


def _target(
    panel: Panel, plans: Mapping[str, MarketPlan], priors: pd.DataFrame, phase: str
) -> Target:
    kinds = {market: plan.kind for market, plan in plans.items()}
    kind = np.array([kinds.get(market, "") for market in panel.keys["market"]], dtype=object)
    return target_of(kind, panel.keys["category"].to_numpy(dtype=object), priors, phase=phase)


def _takes_part(panel: Panel, plans: Mapping[str, MarketPlan], phase: str) -> Flags:
    having = [market for market, plan in plans.items() if phase in plan.phases.named()]
    return panel.keys["market"].isin(having).to_numpy()


def _source(runs: Runs, target: Target, pooled: Pooled) -> Names:
    """Return the nearest root of each ratio: SKU, category, seller, memory or register."""
    fresh = ~runs.is_memory
    seen = set(runs.category[fresh])
    in_category = np.array([name in seen for name in target.category], dtype=bool)
    remembered = bool(runs.is_memory.any())
    has_runs = bool(fresh.any())
    choices = [pooled.past_runs > 0, pooled.own_weight > 0, in_category & (target.category != "")]
    rest = "portfolio" if has_runs else ("memory" if remembered else "shipped")
    return np.select(choices, ["sku", "memory", "category"], rest)


def _table(panel: Panel, pooled: Pooled, source: Names, phase: str) -> pd.DataFrame:
    variance = pooled.log_sd**2 + pooled.common_log_sd**2
    middle, half = pooled.log_ratio - 0.5 * variance, Z_80 * np.sqrt(variance)
    return panel.keys[KEYS].assign(
        phase=phase,
        uplift_ratio=np.exp(pooled.log_ratio),
        low_ratio=np.exp(middle - half),
        high_ratio=np.exp(middle + half),
        own_ratio=np.exp(pooled.own_log_ratio),
        prior_ratio=np.exp(pooled.log_prior),
        own_weight=pooled.own_weight,
        past_events=pooled.past_runs,
        log_sd=pooled.log_sd,
        common_log_sd=pooled.common_log_sd,
        source=pd.array(source.astype(object), dtype="str"),
    )

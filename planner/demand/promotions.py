"""Past promotions as runs of days, and the one ahead as a target, for `pooling`.

Knows what each past run sold and what ordinary days would have sold, what memory of
earlier campaigns adds, and what the register says of the promotion ahead.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.campaign import MarketPlan
from planner.demand.clean import KEYS, PHASE_CODES, Codes, Flags, Floats, Panel, reach
from planner.demand.level import NEIGHBOUR_DAYS, WEEK_DAYS
from planner.demand.pooling import Names
from planner.demand.promo_runs import Runs, Target

ANY = ("", "*", "any", "all")
"""How a register row says that it holds for every category or kind."""
NEVER = -(10**6)
"""Column of what never was."""
UNKNOWN_RATIO, UNKNOWN_LOG_SD = 1.0, 0.8
"""Where not even the register names a phase: as likely below ordinary days as above."""


class Past(NamedTuple):
    """What ordinary days of the history would have sold; shape (n_series, n_days)."""

    expected: Floats
    """[units/day]"""
    factor: Floats
    """What a day sells against a mean day: weekday times season. [unitless]"""
    is_clean: Flags
    daily_ahead: Floats
    """Shape (n_series,): mean of the ordinary days ahead. [units/day]"""


def past_of(panel: Panel, baseline: pd.DataFrame) -> Past:
    """Return what table `BaselineDaily` says of the days of a panel."""
    keys = pd.MultiIndex.from_frame(panel.keys[KEYS])
    past = baseline[~baseline["is_future"]]
    series = keys.get_indexer(pd.MultiIndex.from_frame(past[KEYS]))
    day = ((past["day"] - panel.first_on) // pd.Timedelta(days=1)).to_numpy()
    known = (series >= 0) & (day >= 0) & (day < panel.units.shape[1])
    expected, factor = np.zeros(panel.units.shape), np.zeros(panel.units.shape)
    clean = np.zeros(panel.units.shape, dtype=bool)
    cell = series[known], day[known]
    expected[cell] = past["baseline_units"].to_numpy()[known]
    factor[cell] = (past["weekday_ratio"] * past["season_ratio"]).to_numpy()[known]
    clean[cell] = ~past["is_masked"].to_numpy()[known]
    ahead = baseline[baseline["is_future"]].groupby(KEYS)["baseline_units"].mean()
    return Past(expected, factor, clean, ahead.reindex(keys).fillna(0.0).to_numpy())


def past_runs(
    panel: Panel,
    expected: Floats,
    is_clean: Flags,
    *,
    phase: str,
    kinds: Mapping[str, str],
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

    Returns
    -------
    Runs
        In order of series, then time; without drivers.
    """
    n_days = panel.units.shape[1]
    inside = (panel.phase == PHASE_CODES[phase]) & panel.is_known
    label = np.where(inside, panel.event, -1).ravel()
    begins = np.concatenate([[True], label[1:] != label[:-1]])
    begins[::n_days] = True
    run, first = np.cumsum(begins) - 1, np.flatnonzero(begins)
    days = np.diff(first, append=label.size)
    counted = (inside & ~panel.is_stock_out).ravel()
    sold = np.bincount(run, panel.units.ravel() * counted)
    usual = np.bincount(run, expected.ravel() * counted)
    keep = (label[first] >= 0) & (np.bincount(run, counted) > 0) & (usual > 0)
    series, start = np.divmod(first[keep], n_days)
    name = np.array(panel.events, dtype=object)[label[first[keep]]]
    return Runs(
        series=series,
        occurrence=pd.factorize(label[first[keep]] * n_days + start // WEEK_DAYS)[0],
        event=name,
        kind=np.array([kinds.get(event, "") for event in name], dtype=object),
        category=panel.keys["category"].to_numpy(dtype=object)[series],
        sold=sold[keep],
        expected=usual[keep],
        around=_ordinary_units(expected, is_clean, series, start),
        drivers=np.zeros((len(series), 0)),
        start=start,
        days=days[keep],
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
    row = shipped_row(priors, category=category, kind=kind, phase=phase)
    if row is not None:
        return float(np.log(row["uplift_ratio"])), float(row["log_sd"])
    rows = priors[priors["phase"] == phase]
    if len(rows):
        return float(np.log(rows["uplift_ratio"]).mean()), float(rows["log_sd"].max())
    return float(np.log(UNKNOWN_RATIO)), UNKNOWN_LOG_SD


def shipped_row(priors: pd.DataFrame, *, category: str, kind: str, phase: str) -> pd.Series | None:
    """Return the row of the register that holds for a promotion; None if no row does."""
    told = {name: priors[name].to_numpy(dtype=object) for name in ("phase", "category", "kind")}
    any_category, any_kind = (
        np.array([word in ANY for word in told[name]], dtype=bool) for name in ("category", "kind")
    )
    for same_category in (told["category"] == category, any_category):
        for same_kind in (told["kind"] == kind, any_kind):
            found = np.flatnonzero((told["phase"] == phase) & same_category & same_kind)
            if found.size:
                return priors.iloc[int(found[-1])]
    return None


def target_of(kind: Names, category: Names, priors: pd.DataFrame, *, phase: str) -> Target:
    """Return the promotion ahead of each series, with what the register says of it."""
    pairs = pd.Series(list(zip(kind, category, strict=True)), dtype=object)
    known = {
        pair: shipped_prior(priors, kind=pair[0], category=pair[1], phase=phase)
        for pair in pairs.unique()
    }
    prior = np.array([known[pair] for pair in pairs]).reshape(-1, 2)
    drivers = np.zeros((len(pairs), 0))
    return Target(kind, category, prior[:, 0], prior[:, 1], drivers, is_quiet=phase != "sale")


def days_ahead(panel: Panel, plans: Mapping[str, MarketPlan], phase: str) -> tuple[Codes, Codes]:
    """Return column of the first day and length of the phase ahead, series by series."""
    spans = {name: plan.phases.named().get(phase) for name, plan in plans.items()}
    first = {n: (pd.Timestamp(s.start) - panel.first_on).days for n, s in spans.items() if s}
    length = {n: (s.end - s.start).days + 1 for n, s in spans.items() if s}
    market = panel.keys["market"]
    start = market.map(first).fillna(panel.units.shape[1]).to_numpy(dtype=int)
    return start, market.map(length).fillna(1).to_numpy(dtype=int)


def announced_stops(panel: Panel, events: pd.DataFrame, *, before: Codes) -> Codes:
    """Return the column after the last sale announced ahead of each series' promotion.

    Parameters
    ----------
    panel : Panel
        Gives the market of each series and the last day known.
    events : DataFrame
        Table `Events`, those of the calendar ahead too.
    before : array, shape (n_series,)
        Column of the promotion's first day; very negative where nothing is announced before it.
    """
    rows = events[(events["phase"] == "sale") & (events["starts_on"] >= panel.end)]
    stops = (rows["ends_on"] - panel.first_on).dt.days.to_numpy() + 1
    last = np.full(len(before), NEVER)
    for market, stop in zip(rows["market"], stops, strict=True):
        ok = (panel.keys["market"] == market).to_numpy() & (stop <= before)
        last = np.where(ok, np.maximum(last, stop), last)
    return last


def unseen_memory(memory: pd.DataFrame, daily: pd.DataFrame) -> pd.DataFrame:
    """Return the remembered promotions whose last day the daily sales do not hold."""
    if memory.empty:
        return memory
    held = daily.loc[daily["phase"] != "", ["market", "day", "phase"]].drop_duplicates()
    ended = pd.MultiIndex.from_frame(memory[["market", "ended_on", "phase"]])
    return memory[~ended.isin(pd.MultiIndex.from_frame(held))]


def remembered_runs(memory: pd.DataFrame, panel: Panel, phase: str) -> Runs:
    """Return remembered promotions as runs without days; -1 for a SKU that is only remembered."""
    rows = memory[memory["phase"] == phase]
    keys = pd.MultiIndex.from_frame(panel.keys[KEYS] if len(rows) else panel.keys[KEYS].iloc[:0])
    expected = rows["expected_units"].to_numpy(dtype=float)
    return Runs(
        series=keys.get_indexer(pd.MultiIndex.from_frame(rows[KEYS])),
        occurrence=pd.factorize(pd.MultiIndex.from_frame(rows[["market", "campaign"]]))[0],
        event=rows["event"].to_numpy(dtype=object),
        kind=rows["kind"].to_numpy(dtype=object),
        category=rows["category"].to_numpy(dtype=object),
        sold=rows["actual_units"].to_numpy(dtype=float),
        expected=expected,
        around=expected,
        drivers=np.zeros((len(rows), 0)),
        start=np.full(len(rows), -1),
        days=np.full(len(rows), 1),
        is_memory=np.ones(len(rows), dtype=bool),
    )


def joined_runs(runs: Runs, remembered: Runs) -> Runs:
    """Return both one after the other; an event is not shared between them."""
    shift = int(runs.occurrence.max()) + 1 if runs.occurrence.size else 0
    remembered = remembered._replace(occurrence=remembered.occurrence + shift)
    return Runs(*(np.concatenate(pair) for pair in zip(runs, remembered, strict=True)))


def _ordinary_units(expected: Floats, is_clean: Flags, series: Codes, day: Codes) -> Floats:
    start, stop = (edge[series, day] for edge in reach(is_clean, NEIGHBOUR_DAYS))
    sums = np.zeros((len(expected), expected.shape[1] + 1))
    np.cumsum(expected * is_clean, axis=1, out=sums[:, 1:])
    return sums[series, stop] - sums[series, start]

"""What many past promotions say together about the next: seller, kind, category, SKU.

Pure arithmetic on log ratios. Knows nothing of tables or days; `uplift` gathers
the past promotions and tells the result.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.demand import slopes
from planner.demand.clean import Codes, Flags, Floats
from planner.demand.promo_runs import Names, OfGroup, Runs, Target
from planner.demand.shocks import Spreads, told_spreads, without_shock
from planner.demand.spread import MAX_LOG_VARIANCE

POOL_UNITS = 30.0
"""Pseudo-units, times the seller's dispersion, behind a category's or kind's own ratio."""
KIND_EVENTS = 2.0
"""Pseudo-events behind the ratio of one kind of event. [events]"""
SELLER_SD = 0.30
"""How far one event's log ratio lies from the next's before the events themselves tell; weighs
one event against what they tell, and both against a shipped prior."""
SUM_SHARE = 0.5
"""Share of what the past sums of a kind fell short by that its next ratio makes good. All of it is
too much where levels fall (set CJ: bias +.03 to +.09); none leaves a small seller a quarter short.
"""
MAX_HELD = 0.95
"""Of its own ratio an event sets at most so much, that the rest still tells its shock."""


class Pooled(NamedTuple):
    """Log ratio of the promotion ahead, one element per series unless said otherwise."""

    log_ratio: Floats
    """Logarithm of the mean ratio."""
    log_prior: Floats
    """The same without the series' own past."""
    own_log_ratio: Floats
    """What the own past alone says; NaN without one."""
    own_weight: Floats
    past_runs: Codes
    """Own past promotions, remembered ones left out."""
    log_sd: Floats
    """Doubt in the ratio, apart from `unknown_variance`."""
    unknown_variance: Floats
    """What drives promotions and is not known of this one. Past promotions, of which it was known,
    do not show it, so that no replay of them may narrow it."""
    common_log_sd: float
    """Shock that all SKUs of the event share."""
    data_weight: Floats
    """Weight of the seller's promotions against the shipped prior."""
    others_log_ratio: Floats
    """Shape (n_runs,): log ratio of each run as all the other runs tell it."""
    others_variance: Floats
    """Shape (n_runs,): variance of that, without day noise and the event's shock."""
    effects: Floats
    """Shape (n_series, 4 + n_drivers): what adds up to `log_ratio`: seller with the shipped prior,
    kind, category, each driver, own past."""
    own_log_sd: Floats
    """Doubt in the next ratio if the own past alone told it, shock left out; NaN without one."""


def pool(
    runs: Runs,
    target: Target,
    *,
    dispersion: Floats,
    seller_dispersion: float,
    pattern_slopes: Sequence[float] = (),
) -> Pooled:
    """Return the log ratio ahead of each series, shrunk from the seller down to the SKU.

    Parameters
    ----------
    runs : Runs
        Past promotions of one phase.
    target : Target
        The promotion ahead.
    dispersion : array, shape (n_series,)
        Variance over mean of a day's sales. [unitless]
    seller_dispersion : float
        The same over all SKUs. [unitless]
    pattern_slopes : sequence of float
        Slopes expected of the first drivers, which may lower a ratio as well as raise it; the
        others, what a seller does for a promotion, are expected to do nothing and never lower it.

    Notes
    -----
    A run says ``log((sold + 1) / (expected + 1))``. Sums of runs give the seller's ratio,
    the factor of a kind of event and that of a category, each shrunk by pseudo-units; what is
    known of each promotion bends it (`slopes`). The spreads between and within SKUs are told
    without the shock that all SKUs of an event shared. A run's rest weighs
    ``1 / (tau^2 + dispersion / expected)``, and the series' mean rest is shrunk by the spread
    between SKUs. That mean is one of logarithms and so near a median, but the ratio is to be a
    mean: half of what the runs of a kind sold above what the others tell of each is added.
    """
    own = runs.series >= 0
    series, n_series = runs.series[own], len(target.kind)
    group = _bent_ratios(runs, target, seller_dispersion, pattern_slopes)
    rest, chance, spreads, doubt = _strays(runs, own, group.seen, dispersion, target)
    weight = 1 / (spreads.within + chance)
    weights = np.bincount(series, weight, n_series)
    rests = np.bincount(series, weight * rest, n_series)
    precision = weights + 1 / spreads.between
    left = precision[series] - weight
    data_weight = _data_weight(runs, spreads.shock, seller_dispersion, target.prior_sd)
    log_prior = data_weight * group.ahead + (1 - data_weight) * target.log_prior
    effects = group.effects * data_weight[:, None]
    effects[:, 0] += (1 - data_weight) * target.log_prior
    variance = spreads.within + 1 / precision
    variance += (1 - data_weight) * target.prior_sd**2
    others, variances = group.seen.copy(), np.full(len(own), spreads.within + spreads.between)
    others[own] += (rests[series] - weight * rest) / left
    variances[own] = spreads.within + 1 / left
    missing = _missing_in_sums(runs, own, others, seller_dispersion)
    others += _of_kinds(missing, runs.kind)
    added = data_weight * _of_kinds(missing, target.kind)
    log_prior, effects[:, 1] = log_prior + added, effects[:, 1] + added
    return Pooled(
        log_ratio=log_prior + rests / precision,
        log_prior=log_prior,
        own_log_ratio=_measured(runs, own, n_series),
        own_weight=weights / precision,
        past_runs=np.bincount(series, ~runs.is_memory[own], n_series).astype(int),
        log_sd=np.sqrt(np.minimum(variance, MAX_LOG_VARIANCE)),
        unknown_variance=data_weight * group.unknown,
        common_log_sd=float(np.sqrt(spreads.shock * (1.0 + doubt))),
        data_weight=data_weight,
        others_log_ratio=others,
        others_variance=variances,
        effects=np.column_stack([effects, rests / precision]),
        own_log_sd=np.sqrt(spreads.within + 1 / np.where(weights > 0, weights, np.nan)),
    )


def _strays(
    runs: Runs, own: Flags, seen: Floats, dispersion: Floats, target: Target
) -> tuple[Floats, Floats, Spreads, float]:
    """Return own runs' rests beyond their group, their chance, the spreads, and doubt in shocks."""
    series, usual = runs.series[own], (runs.expected * np.exp(seen))[own]
    rest = np.log1p(runs.sold[own]) - np.log1p(usual)
    chance = dispersion[series] * (1 / (usual + 1) + 1 / (runs.around[own] + 1))
    held, doubt = _leverage(runs, target.kind)
    alone, shock = without_shock(rest, chance, runs.occurrence[own], held, is_quiet=target.is_quiet)
    return rest, chance, told_spreads(alone, chance, series=series, shock=shock), doubt


def _missing_in_sums(runs: Runs, own: Flags, others: Floats, dispersion: float) -> pd.Series:
    """Return by kind of event the logarithm of what is to be added so that its sum comes true.

    A kind seen once tells of its shock, not of a sum, and adds nothing.
    """
    events = pd.DataFrame(
        {
            "kind": runs.kind,
            "event": runs.occurrence,
            "sold": runs.sold,
            "told": runs.expected * np.exp(others),
        }
    )[own]
    kinds = events.groupby("kind").agg(
        n=("event", "nunique"), sold=("sold", "sum"), told=("told", "sum")
    )
    pseudo = POOL_UNITS * dispersion
    short = np.log((kinds["sold"] + pseudo) / (kinds["told"] + pseudo))
    return SUM_SHARE * short * (kinds["n"] - 1) / (kinds["n"] + 1)


def _of_kinds(missing: pd.Series, kind: Names) -> Floats:
    return missing.reindex(kind).fillna(0.0).to_numpy()


def _measured(runs: Runs, own: Flags, n_series: int) -> Floats:
    """Return the log ratio that each series' own runs showed together; NaN without one."""
    series = runs.series[own]
    sold, usual = (np.bincount(series, v[own], n_series) for v in (runs.sold, runs.expected))
    has_runs = np.bincount(series, minlength=n_series) > 0
    return np.where(has_runs, np.log1p(sold) - np.log1p(usual), np.nan)


def _leverage(runs: Runs, wanted: Names) -> tuple[Floats, float]:
    """Return how far each event sets the ratio it is judged by, and the doubt of the one ahead.

    The doubt is in shocks: the ratio of a kind told by one event strays as far as the event.
    """
    if not runs.series.size:
        return np.zeros(0), 1.0
    n_events = int(runs.occurrence.max()) + 1
    usual = np.bincount(runs.occurrence, runs.expected, n_events)
    kind = np.full(n_events, "", dtype=object)
    kind[runs.occurrence] = runs.kind
    held, doubts = np.zeros(n_events), {}
    for name in pd.unique(np.concatenate([kind, wanted])):
        same = kind == name
        share = same.sum() / (same.sum() + KIND_EVENTS)
        weight = (1 - share) * usual / max(usual.sum(), 1e-9)
        weight[same] += share * usual[same] / max(usual[same].sum(), 1e-9)
        held[same] = weight[same]
        doubts[name] = float(np.square(weight).sum())
    ahead = np.mean([doubts[name] for name in pd.unique(wanted)]) if len(wanted) else 1.0
    return np.minimum(held, MAX_HELD), min(float(ahead), 1.0)


def _bent_ratios(
    runs: Runs, target: Target, dispersion: float, pattern_slopes: Sequence[float]
) -> OfGroup:
    """Return the log ratios of seller, kind and category, bent by what is known of each."""
    seen, ahead, offsets = _group_ratios(runs, target, dispersion)
    n_drivers, n_patterns = runs.drivers.shape[1], len(pattern_slopes)
    slope = slopes.fit_slopes(
        runs.drivers,
        runs.sold,
        runs.expected * np.exp(seen),
        rises=np.arange(n_drivers) >= n_patterns,
        dispersion=dispersion,
        expected=np.append(pattern_slopes, np.zeros(max(n_drivers - n_patterns, 0)))[:n_drivers],
    )
    unknown = slopes.unknown_variance(target.drivers, slope)
    offsets[:, 0] += 0.5 * unknown  # the ratio is a mean: what may be above weighs more
    bent = slopes.effects_by_driver(target.drivers, slope)
    return OfGroup(
        seen=seen + slopes.effect_of(runs.drivers, slope),
        ahead=ahead + 0.5 * unknown + slopes.effect_of(target.drivers, slope),
        effects=np.column_stack([offsets, bent]),
        unknown=unknown,
    )


def _group_ratios(runs: Runs, target: Target, dispersion: float) -> tuple[Floats, Floats, Floats]:
    """Return the log ratio of each run's group, of each target's, and what adds up to the latter.

    The last has the shape (n_series, 3): the seller's ratio, and what kind and category add.
    """
    pseudo = POOL_UNITS * dispersion
    seller = float(np.log1p(runs.sold.sum()) - np.log1p(runs.expected.sum()))
    seen = np.full(len(runs.series), seller)
    ahead = np.full(len(target.kind), seller)
    offsets = [ahead]
    for names, wanted in ((runs.kind, target.kind), (runs.category, target.category)):
        labels = pd.unique(np.concatenate([names, wanted]))
        code, code_ahead = pd.Index(labels).get_indexer(names), pd.Index(labels).get_indexer(wanted)
        sold = np.bincount(code, runs.sold, len(labels))
        usual = np.bincount(code, runs.expected * np.exp(seen), len(labels))
        offset = np.log((sold + pseudo) / (usual + pseudo))
        if names is runs.kind:
            events = pd.Series(runs.occurrence).groupby(code).nunique()
            seen_events = events.reindex(range(len(labels)), fill_value=0).to_numpy()
            offset = offset * seen_events / (seen_events + KIND_EVENTS)
        seen, ahead = seen + offset[code], ahead + offset[code_ahead]
        offsets.append(offset[code_ahead])
    return seen, ahead, np.column_stack(offsets)


def _data_weight(runs: Runs, shock: float, dispersion: float, prior_sd: Floats) -> Floats:
    if not runs.series.size:
        return np.zeros(len(prior_sd))
    events = len(np.unique(runs.occurrence))
    of_one_event = (SELLER_SD**2 + events * shock) / (events + 1)
    variance = of_one_event / events + dispersion / (runs.sold.sum() + 1)
    return prior_sd**2 / (prior_sd**2 + variance)

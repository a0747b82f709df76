"""Demand still to come, learnt from what has sold: every draw of the plan moved to where sales say.

Arrays of one market at one moment (`sightings.Sight`); knows nothing of tables, stock or money.
"""

import hashlib
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from planner.season.outlook.plan_spread import respread, spread_ratios
from planner.season.outlook.sightings import PHASES, Sight

CURVE_LOG_SD = 0.2
"""How far a day strays from its share where no `DayCurve` tells. House estimate. [log units]"""
AFTER_LOG_SD = 0.1
"""The same of ordinary days after the campaign, which no curve tells. House estimate."""
HOUR_LOG_SD = 0.3
"""How far the hours of a day before a moment stray from their share of it, in log odds, at a
quarter of the day; it falls as the day ends. House estimate: live sessions move."""
PASSING_LOG_SD = 0.1
"""How far one SKU's sales to date may be lifted by what does not last, such as one video. House
estimate. [log units]"""
DEFAULT_EXCESS = 0.1
"""alpha in var = mean + alpha mean^2 of a SKU's day where no fit tells it (forecasting 3.5)."""
MAX_EXCESS = 2.0
RIDGE = 1e-3
"""Share of a sight's variance added to it, so that sights that say the same do not fight."""
LEAST_VARIANCE = 1e-6
MAX_LOG_STEP = 3.0
"""The most that sales may move a draw: twentyfold. [log units]"""


class Learnt(NamedTuple):
    """What is believed of the rest of a campaign in one market."""

    phase_units: np.ndarray
    """shape (n_sku, n_phases, n_draws): demand from the moment on, by phase. [units]"""
    day_shares: np.ndarray
    """shape (n_sku, n_days): of the rest of its phase, what falls on each day of the sight."""

    def totals(self, last_phase: str = "after") -> np.ndarray:
        """Return demand from the moment to the end of a phase, shape (n_sku, n_draws). [units]."""
        return self.phase_units[:, : PHASES.index(last_phase) + 1].sum(axis=1)


def learn_rest(
    sight: Sight, *, excess: np.ndarray, seed_text: str, is_pooled: bool = True
) -> Learnt:
    """Return demand still to come, world by world.

    Parameters
    ----------
    sight : Sight
        Plan and sales of one market.
    excess : ndarray, shape (n_sku,)
        alpha in ``var = mean + alpha mean^2`` of a SKU's day; NaN where not known.
    seed_text : str
        What the days' noise is drawn from.
    is_pooled : bool
        Whether a SKU also learns from what all others sold.

    Notes
    -----
    Each world's total of a running phase is split on its days: a binomial draw by the shares of
    the plan, times a shock of each day that all SKUs share and one of the SKU's own. The shocks of
    a day seen are not made good on the days to come. So each world tells what would have been sold
    to date and what would be left. All are then moved by the linear regression (in logarithms,
    phase by phase) of what is left on what is sold: of the SKU itself, and of the mean over SKUs
    weighted by how little chance is in them. Where a shelf was empty, sales are a floor: the
    world's demand of those days is mapped on what lies above it, and the rest is moved along. How
    wide the plan's draws are is corrected first by what SKUs show to date (`plan_spread`).

    References
    ----------
    Beaumont, Zhang and Balding, Genetics 162 (2002), regression adjustment; Evensen, Ocean
    Dynamics 53 (2003), ensemble update; Tobin, Econometrica 26 (1958), limited observations.
    """
    rng = np.random.default_rng(seed_of(f"{seed_text}|{sight.at}"))
    alpha, told = known_excess(excess, sight), _told(sight)
    split = split_worlds(sight, alpha, rng)
    if is_pooled:
        split = _as_wide_as_found(sight, split, told, alpha)
    targets = np.log1p(np.concatenate([split.left, split.floor.sum(1, keepdims=True)], axis=1))
    views, gaps = _views(np.log1p(split.seen), told, rng, is_pooled=is_pooled)
    moved = _moved(targets, views, gaps)
    moved = _above_floor(moved, told)
    units = np.rint(np.maximum(np.expm1(moved[:, :-1]), 0.0))
    return Learnt(np.where(split.left.max(axis=2, keepdims=True) > 0, units, 0.0), _shares(sight))


class Split(NamedTuple):
    """Demand of each world by phase, all of shape (n_sku, n_phases, n_draws).

    What was seen in full, what was seen as a floor, what is left.
    """

    seen: np.ndarray
    floor: np.ndarray
    left: np.ndarray


class _Told(NamedTuple):
    """Sales by phase, shape (n_sku, n_phases), and of the days on which they are a floor."""

    seen: np.ndarray
    has_seen: np.ndarray
    floor: np.ndarray
    has_floor: np.ndarray


def seed_of(text: str) -> int:
    """Return the seed that a text stands for."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16])


def known_excess(excess: np.ndarray, sight: Sight) -> np.ndarray:
    """Return alpha of each SKU's day, the default where it is not known, shape (n_sku,)."""
    known = np.where(np.isnan(excess), DEFAULT_EXCESS, excess)
    return np.clip(known, 0.0, MAX_EXCESS) * np.ones(len(sight.keys))


def split_worlds(sight: Sight, excess: np.ndarray, rng: np.random.Generator) -> Split:
    """Return each world's total of a phase on what is past of its days and what is left."""
    n_draws = sight.worlds.shape[2]
    seen, floor, left = (np.zeros(sight.worlds.shape) for _ in range(3))
    for place in range(len(PHASES)):
        inside = sight.phase == place
        past = sight.past[:, inside]
        if not (past > 0).any():
            left[:, place] = sight.worlds[:, place]
            continue
        rows = (past < 1).any(axis=1) | sight.is_floor[:, inside].any(axis=1)
        seen[~rows, place] = sight.worlds[~rows, place]
        if not rows.any():
            continue
        shock = _shocks(sight, rows, inside, excess, rng)
        gone = _past_shares(past[rows], rng, n_draws)
        plain = sight.expected[rows][:, inside]
        cut = sight.is_floor[rows][:, inside]
        total = sight.worlds[rows, place].astype("int64")
        parts = []
        for chosen in (~cut, cut):
            mean = (plain * past[rows] * chosen).sum(axis=1)
            shown = np.einsum("sd,sdk,sdk->sk", plain * chosen, gone, shock)
            parts.append((mean, _over(shown, mean)))
        mean = (plain * (1 - past[rows])).sum(axis=1)
        to_come = np.einsum("sd,sdk,sdk->sk", plain, 1 - gone, shock)
        whole = np.maximum(plain.sum(axis=1), 1e-12)
        first = rng.binomial(total, np.clip(parts[0][0] / whole, 0, 1)[:, None])
        second = np.clip(parts[1][0] / np.maximum(whole - parts[0][0], 1e-12), 0, 1)
        second = rng.binomial(total - first, second[:, None])
        seen[rows, place], floor[rows, place] = first * parts[0][1], second * parts[1][1]
        left[rows, place] = (total - first - second) * _over(to_come, mean)
    return Split(seen, floor, left)


def _over(units: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Return each world's units over their mean, 1 where nothing is expected."""
    blank = np.ones(units.shape)
    return np.divide(units, mean[:, None], out=blank, where=mean[:, None] > 0)


def _as_wide_as_found(sight: Sight, split: Split, told: _Told, excess: np.ndarray) -> Split:
    """Return the worlds with the spread of their totals as SKUs to date show it."""
    noise = _noise(sight, excess)
    own, common = spread_ratios(sight.worlds, split.seen, told.seen, told.has_seen, noise=noise)
    factor = respread(sight.worlds, own, common, noise=noise)
    return Split(*(part * factor for part in split))


def _noise(sight: Sight, excess: np.ndarray) -> np.ndarray:
    """Return the variance of the logarithm of each total that the days' chance alone explains."""
    mean = np.maximum(sight.worlds.mean(axis=2), 0.5)
    days = np.array([max(int((sight.phase == place).sum()), 1) for place in range(len(PHASES))])
    return (1.0 + excess[:, None] * mean / days) / mean


def _shocks(
    sight: Sight,
    rows: np.ndarray,
    inside: np.ndarray,
    excess: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return what each world makes of the days of a phase, shape (n_sku, n_days, n_draws)."""
    default = np.where(sight.phase[inside] == PHASES.index("after"), AFTER_LOG_SD, CURVE_LOG_SD)
    told, n_draws = sight.day_sd[inside], sight.worlds.shape[2]
    day_sd = np.where(np.isnan(told), default, told)
    shared = np.exp(day_sd[:, None] * rng.standard_normal((inside.sum(), n_draws)))
    own_sd = np.sqrt(np.log1p(excess[rows]))[:, None, None].astype(np.float32)
    shape = (int(rows.sum()), int(inside.sum()), n_draws)
    own = np.exp(own_sd * rng.standard_normal(shape, dtype=np.float32) - own_sd**2 / 2)
    return shared * own


def _past_shares(past: np.ndarray, rng: np.random.Generator, n_draws: int) -> np.ndarray:
    """Return the share of each day that is past; a day under way strays in log odds."""
    part = np.clip(past, 1e-9, 1 - 1e-9)
    odds = np.log(part / (1 - part))
    stray = HOUR_LOG_SD * np.sqrt(np.clip((1 - past) / 0.75, 0.0, None))
    shock = rng.standard_normal((past.shape[1], n_draws))
    moved = 1 / (1 + np.exp(-(odds[:, :, None] + stray[:, :, None] * shock)))
    is_running = (past > 0) & (past < 1)
    return np.where(is_running[:, :, None], moved, past[:, :, None])


def _told(sight: Sight) -> _Told:
    n_sku = len(sight.keys)
    parts = [np.zeros((n_sku, len(PHASES))) for _ in range(2)]
    has = [np.zeros((n_sku, len(PHASES)), dtype=bool) for _ in range(2)]
    for place in range(len(PHASES)):
        inside = sight.phase == place
        for number, chosen in enumerate((~sight.is_floor, sight.is_floor)):
            mine = (chosen & (sight.past > 0))[:, inside]
            parts[number][:, place] = (sight.sold[:, inside] * mine).sum(axis=1)
            has[number][:, place] = mine.any(axis=1)
    return _Told(parts[0], has[0], parts[1], has[1])


def _views(
    seen: np.ndarray, told: _Told, rng: np.random.Generator, *, is_pooled: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return what each world would have shown, centred, and how far it lies below what was shown.

    Returns
    -------
    views, gaps : ndarray, shape (n_sku, n_views, n_draws)
    """
    phases = np.flatnonzero(told.has_seen.any(axis=0))
    own = np.where(told.has_seen[:, phases, None], seen[:, phases], 0.0)
    shown = np.where(told.has_seen[:, phases], np.log1p(told.seen[:, phases]), 0.0)
    passing = PASSING_LOG_SD * rng.standard_normal(own.shape)
    views = own + np.where(told.has_seen[:, phases, None], passing, 0.0)
    answers = shown
    if is_pooled and len(phases):
        weight = 1.0 / (own.var(axis=2) + LEAST_VARIANCE) * told.has_seen[:, phases]
        weight = np.where(own.mean(axis=2) > 0, weight, 0.0)
        part = weight / np.maximum(weight.sum(axis=0), 1e-12)
        pooled = np.einsum("sp,spk->pk", part, own)
        common = np.einsum("sp,sp->p", part, shown)
        views = np.concatenate([views, np.broadcast_to(pooled, views.shape)], axis=1)
        answers = np.concatenate([shown, np.broadcast_to(common, shown.shape)], axis=1)
    gaps = answers[:, :, None] - views
    return views - views.mean(axis=2, keepdims=True), gaps


def _moved(targets: np.ndarray, views: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """Return the targets moved along their regression on the views by each world's gap."""
    if not views.shape[1]:
        return targets
    n_draws = targets.shape[2]
    centred = targets - targets.mean(axis=2, keepdims=True)
    square = views @ views.transpose(0, 2, 1) / n_draws
    variance = np.einsum("sii->si", square)
    ridge = RIDGE * variance + LEAST_VARIANCE
    square = square + ridge[:, :, None] * np.eye(views.shape[1])
    cross = views @ centred.transpose(0, 2, 1) / n_draws
    slope = np.linalg.solve(square, cross)
    step = slope.transpose(0, 2, 1) @ gaps
    return targets + np.clip(step, -MAX_LOG_STEP, MAX_LOG_STEP)


def _above_floor(moved: np.ndarray, told: _Told) -> np.ndarray:
    """Return the targets given that demand of the days with an empty shelf was no less than sold.

    The last target is the logarithm of demand on those days.
    """
    floor = np.log1p((told.floor * told.has_floor).sum(axis=1))
    cut = moved[:, -1]
    centre, sd = cut.mean(axis=1), cut.std(axis=1)
    binds = (floor > 0) & (sd > 1e-9)
    wide = np.where(binds, sd, 1.0)
    below = ndtr((floor - centre) / wide)
    rank = ndtr((cut - centre[:, None]) / wide[:, None])
    level = np.clip(below[:, None] + rank * (1 - below[:, None]), 1e-12, 1 - 1e-12)
    mapped = np.maximum(centre[:, None] + wide[:, None] * ndtri(level), floor[:, None])
    change = np.where(binds[:, None], mapped - cut, 0.0)
    away = moved - moved.mean(axis=2, keepdims=True)
    slope = np.einsum("stk,sk->st", away, away[:, -1]) / moved.shape[2]
    slope = slope / np.where(binds, wide**2, 1.0)[:, None]
    step = np.clip(slope[:, :, None] * change[:, None, :], -MAX_LOG_STEP, MAX_LOG_STEP)
    return moved + np.where(binds[:, None, None], step, 0.0)


def _shares(sight: Sight) -> np.ndarray:
    """Return how the rest of each phase falls on the days ahead, by the plan."""
    ahead = sight.expected * (1 - sight.past)
    shares = np.zeros(ahead.shape)
    for place in range(len(PHASES)):
        inside = sight.phase == place
        total = ahead[:, inside].sum(axis=1, keepdims=True)
        shares[:, inside] = np.divide(
            ahead[:, inside], total, out=np.zeros((len(ahead), int(inside.sum()))), where=total > 0
        )
    return shares

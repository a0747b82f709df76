"""Ordinary days near a promotion: the dip after it, and buyers who wait before it.

Told from past promotions against ordinary days further away, pooled over SKUs and
events, shrunk to a dated prior. Knows nothing of promo days themselves.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.demand.clean import Codes, Flags, Floats, Panel, capped
from planner.demand.level import WEEK_DAYS
from planner.demand.promotions import shipped_prior

NEAR = ("dip_1_7", "dip_8_14", "wait_1_7")
"""Days 1 to 7 and 8 to 14 after a promotion, and the seven before it."""
FAR_DAYS = 42
"""How far from a promotion the ordinary days that it is held against may lie. [days]"""
MIN_FAR_DAYS, MIN_NEAR_DAYS = 7, 3
"""Ordinary days on one side, and days near the promotion, that a comparison needs. [days]"""
RECENT_DAYS = 56
"""Clean days on which the level ahead mostly rests. [days]"""
EVENT_SD, EVENT_COUNT = 0.12, 3.0
"""Prior spread of one event's log ratio, drift of the level included, and its weight. [events]"""
UNNAMED_LOG_SD = 0.10
"""Where the register names no prior: ordinary days, give or take so much."""
SMALL_KINDS = ("mid_month", "payday")
"""Sales too small to leave a dip behind, or to tell of a big promotion."""
MAX_LOG = 1.0
PROMO, PLAIN = -1, 3
"""Codes beside the positions in `NEAR`."""


class Ripple(NamedTuple):
    """Ratio of one group of days to ordinary ones."""

    log_ratio: float
    log_sd: float
    """Of the next event, not of the mean of all."""
    past_events: int


class Told(NamedTuple):
    """Log ratio of each past event, and the variance that chance explains."""

    log_ratio: Floats
    chance: Floats


def told_dips(
    panel: Panel, expected: Floats, *, is_big: Flags, priors: pd.DataFrame, dispersion: float
) -> dict[str, Ripple]:
    """Return the ratio of days near a promotion to days far from any.

    Parameters
    ----------
    panel : Panel
        Daily sales.
    expected : array, shape (n_series, n_days)
        Units ordinary days would have sold. [units/day]
    is_big : array, shape (n_series, n_days)
        Days of promotions that can leave a dip.
    priors : DataFrame
        Register `UpliftPriors`; its phases `dip_1_7`, `dip_8_14` and `wait_1_7`.
    dispersion : float
        Variance over mean of a day's sales. [unitless]

    Notes
    -----
    One event says ``log(near sold / near ordinary) - log(far sold / far ordinary)``, summed over
    the SKUs that took part; far days of both sides count alike, so that a steady drift cancels.
    Days near two promotions are left out.
    """
    units = capped(panel.units, panel.is_clean, slack=2.0)
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in NEAR}
    for market in panel.keys["market"].unique():
        rows = (panel.keys["market"] == market).to_numpy()
        big = is_big[rows]
        code = day_codes(big.any(axis=0), is_strict=True)
        for start, end in blocks(big.any(axis=0)):
            took_part = big[:, start : end + 1].any(axis=1)
            clean = panel.is_clean[rows][took_part]
            sold = (units[rows][took_part] * clean).sum(axis=0)
            usual = (expected[rows][took_part] * clean).sum(axis=0)
            for name, told in _one_event(sold, usual, code, (start, end), dispersion).items():
                seen[name].append(told)
    return {
        name: shrunk(
            Told(*(np.array(part, dtype=float) for part in zip(*told, strict=True)))
            if told
            else Told(np.zeros(0), np.zeros(0)),
            *prior_of(priors, name),
        )
        for name, told in seen.items()
    }


def day_codes(is_promo: Flags, *, is_strict: bool = False) -> Codes:
    """Return of each day where it stands to promotions: position in `NEAR`, PLAIN or PROMO.

    Parameters
    ----------
    is_promo : array, shape (n_days,)
    is_strict : bool
        Whether a day both after one and before the next promotion is left out as PROMO;
        otherwise it counts as one after.

    Examples
    --------
    >>> day_codes(np.array([True] + [False] * 15)).tolist()
    [-1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 3]
    """
    days = np.arange(len(is_promo))
    last = np.maximum.accumulate(np.where(is_promo, days, -10 * FAR_DAYS))
    after = days - last
    following = np.where(is_promo, days, len(days) + 10 * FAR_DAYS)[::-1]
    before = np.minimum.accumulate(following)[::-1] - days
    is_waiting = before <= WEEK_DAYS
    code = np.select([after <= WEEK_DAYS, after <= 2 * WEEK_DAYS, is_waiting], [0, 1, 2], PLAIN)
    if is_strict:
        code = np.where(is_waiting & (after <= 2 * WEEK_DAYS), PROMO, code)
    return np.where(is_promo, PROMO, code)


def blocks(flags: Flags) -> list[tuple[int, int]]:
    """Return first and last position of each run of true values.

    Examples
    --------
    >>> blocks(np.array([True, True, False, True]))
    [(0, 1), (3, 3)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(int)))
    return [(int(start), int(stop) - 1) for start, stop in edges.reshape(-1, 2)]


def usual_ratio(expected: Floats, is_clean: Flags, log_by_code: Floats, code: Codes) -> float:
    """Return what the recent clean days were against plain ones: the level rests on them.

    Parameters
    ----------
    expected, is_clean : array, shape (n_series, n_days)
        Ordinary units [units/day] and the days that set the level.
    log_by_code : array, shape (4,)
        Log ratio of each code of `NEAR` and of plain days.
    code : array, shape (n_days,)
        As `day_codes` gives them.
    """
    weight = (expected * is_clean).sum(axis=0)
    weight = np.where(code == PROMO, 0.0, weight)
    recent = np.flatnonzero(weight > 0)[-RECENT_DAYS:]
    if not recent.size:
        return 1.0
    return float(np.average(np.exp(log_by_code[code[recent]]), weights=weight[recent]))


def shrunk(told: Told, log_prior: float, prior_sd: float) -> Ripple:
    """Return what events say together, shrunk to a prior.

    Notes
    -----
    An event weighs ``1 / (spread^2 + chance)``, the prior ``1 / prior_sd^2``; the spread between
    events is learnt with the weight of `EVENT_COUNT` events behind a house figure.

    Examples
    --------
    >>> one = shrunk(Told(np.array([np.log(0.8)]), np.array([0.0])), 0.0, EVENT_SD)
    >>> round(float(np.exp(one.log_ratio)), 3)  # halfway in logarithms
    0.894
    """
    shown = np.clip(told.log_ratio, -MAX_LOG, MAX_LOG)
    count = len(shown)
    middle = np.average(shown, weights=1 / (EVENT_SD**2 + told.chance)) if count else 0.0
    extra = max(float(((shown - middle) ** 2 - told.chance).sum()), 0.0)
    spread = (extra + EVENT_COUNT * EVENT_SD**2) / (max(count - 1, 0) + EVENT_COUNT)
    weight = 1 / (spread + told.chance)
    precision = weight.sum() + prior_sd**-2.0
    mean = (float(weight @ shown) + log_prior * prior_sd**-2.0) / precision
    doubt = float(np.sqrt(1 / precision + spread)) if count else prior_sd
    return Ripple(float(mean), doubt, count)


def prior_of(priors: pd.DataFrame, name: str) -> tuple[float, float]:
    """Return log ratio and spread that the register gives for days near a promotion."""
    if not (priors["phase"] == name).any():
        return 0.0, UNNAMED_LOG_SD
    return shipped_prior(priors, category="", kind="", phase=name)


def _one_event(
    sold: Floats, usual: Floats, code: Codes, block: tuple[int, int], dispersion: float
) -> dict[str, tuple[float, float]]:
    start, end = block
    day = np.arange(len(code))
    told = usual > 0
    plain = told & (code == PLAIN)
    sides = [plain & (day >= start - FAR_DAYS) & (day < start)]
    sides.append(plain & (day > end) & (day <= end + FAR_DAYS))
    far = [_log(sold, usual, side, dispersion) for side in sides if side.sum() >= MIN_FAR_DAYS]
    if not far:
        return {}
    level = sum(log for log, _ in far) / len(far)
    noise = sum(chance for _, chance in far) / len(far) ** 2
    found = {}
    for place, name in enumerate(NEAR):
        reach = (day < start) & (day >= start - WEEK_DAYS)
        if name != "wait_1_7":
            reach = (day > end) & (day <= end + 2 * WEEK_DAYS)
        near = told & (code == place) & reach
        if near.sum() >= MIN_NEAR_DAYS:
            log, chance = _log(sold, usual, near, dispersion)
            found[name] = (log - level, chance + noise)
    return found


def _log(sold: Floats, usual: Floats, days: Flags, dispersion: float) -> tuple[float, float]:
    ordinary = usual[days].sum() + 1
    return float(np.log((sold[days].sum() + 1) / ordinary)), float(dispersion / ordinary)

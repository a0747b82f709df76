"""How wide the plan's draws turned out to be, told by how far SKUs landed from them so far.

Arrays of one market; a plan may be more afraid than its campaign gives reason for, or less. Knows
nothing of days, tables or stock.
"""

import numpy as np

from planner.season.outlook.sightings import PHASES

LIKE = {"tail": "warm_up", "after": "warm_up", "warm_up": "warm_up", "sale": "sale"}
"""Phase that tells of the spread of another: the quiet ones tell of each other."""
OWN_COUNT = 1.0
"""SKUs at which what they show of the spread counts as much as the plan's. [count]"""
COMMON_COUNT = 3.0
"""The same of the shock that all share: one campaign shows it once a phase. [count]"""
BOUNDS = (0.1, 4.0)
"""Least and greatest ratio of the variance found to the plan's. [unitless]"""
TELLING_SHARE = 0.02
"""Phases of which less is seen tell nothing of the spread. [unitless]"""


def spread_ratios(
    worlds: np.ndarray,
    seen: np.ndarray,
    sold: np.ndarray,
    has_seen: np.ndarray,
    *,
    noise: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return by phase the variance found over the plan's: of single SKUs, and of what all share.

    Parameters
    ----------
    worlds, seen : ndarray, shape (n_sku, n_phases, n_draws)
        The plan's totals, and what of them each world would have shown to date. [units]
    sold : ndarray, shape (n_sku, n_phases)
        What was shown. [units]
    has_seen : ndarray of bool, shape (n_sku, n_phases)
    noise : ndarray, shape (n_sku, n_phases)
        Variance of the logarithm of a total that chance alone explains. [unitless]

    Returns
    -------
    own, common : ndarray, shape (n_phases,)
        1 where nothing is seen. [unitless]

    Notes
    -----
    With `z` a SKU's distance from the mean world in standard deviations, all SKUs' common one
    taken off, and `r` the share of its variance that is doubt and not chance, ``E z^2 = 1 + (v -
    1) r``; `v` is fitted over SKUs and shrunk to 1. What all share is seen once only: it is taken
    to be as wide as `v` says, and moved by its own square. A phase not yet seen takes `LIKE`'s.
    """
    own, common = np.ones(len(PHASES)), np.ones(len(PHASES))
    for place in range(len(PHASES)):
        part = seen[:, place].mean(axis=1) / np.maximum(worlds[:, place].mean(axis=1), 1e-9)
        rows = np.flatnonzero(has_seen[:, place] & (part > TELLING_SHARE))
        if len(rows) < 2:
            continue
        shown = np.log1p(seen[rows, place])
        gap = np.log1p(sold[rows, place]) - shown.mean(axis=1)
        apart, _ = parted(shown)
        weight = weights_of(shown)
        whole = weight @ shown
        common_z = (weight @ gap) / max(float(whole.std()), 1e-6)
        variance = np.maximum(apart.var(axis=1), 1e-9)
        z_squared = (gap - weight @ gap) ** 2 / variance
        doubt = np.maximum(parted(np.log1p(worlds[rows, place]))[0].var(axis=1), 0.0)
        share = np.clip((doubt - noise[rows, place]) / variance, 0.0, 1.0)
        rise = (share * (z_squared - 1.0)).sum() / (OWN_COUNT + (share**2).sum())
        own[place] = max(1.0 + rise, BOUNDS[0])
        common[place] = (COMMON_COUNT * own[place] + common_z**2) / (COMMON_COUNT + 1.0)
    for name, like in LIKE.items():
        here, there = PHASES.index(name), PHASES.index(like)
        own[here], common[here] = own[there], common[there]
    return np.clip(own, *BOUNDS), np.clip(common, *BOUNDS)


def respread(
    worlds: np.ndarray, own: np.ndarray, common: np.ndarray, *, noise: np.ndarray
) -> np.ndarray:
    """Return by how much each world's total is to be multiplied so that the spread is as found.

    Returns
    -------
    ndarray, shape (n_sku, n_phases, n_draws)
        [unitless]
    """
    factor = np.ones(worlds.shape)
    for place in range(len(PHASES)):
        if own[place] == 1.0 and common[place] == 1.0:
            continue
        apart, shared = parted(np.log1p(worlds[:, place]))
        variance = np.maximum(apart.var(axis=1), 1e-9)
        chance = np.clip(noise[:, place] / variance, 0.0, 1.0)
        stretch = np.sqrt(own[place] * (1 - chance) + chance)[:, None] - 1.0
        shift = stretch * apart + (np.sqrt(common[place]) - 1.0) * shared[None, :]
        factor[:, place] = np.exp(shift)
    return factor


def parted(logs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the logarithms of SKUs as what all share and what each has of its own, both centred.

    Returns
    -------
    own : ndarray, shape (n_sku, n_draws)
    shared : ndarray, shape (n_draws,)
    """
    centred = logs - logs.mean(axis=1, keepdims=True)
    shared = weights_of(logs) @ centred
    return centred - shared[None, :], shared


def weights_of(logs: np.ndarray) -> np.ndarray:
    """Return the weight of each SKU in the mean of all: the less chance, the more."""
    variance = logs.var(axis=1)
    weight = np.where(variance > 0, 1.0 / (variance + 1e-6), 0.0)
    return weight / max(float(weight.sum()), 1e-12)

"""What other SKUs say of one whose level is not known: like items, near prices, its category.

Pure arithmetic on logarithms of levels. How far each source is to be believed is told by
hiding SKUs whose level is known. Knows no days.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.demand.clean import Codes, Flags, Floats
from planner.intake.like_items import like_items

SOURCES = ("like", "price", "category", "seller", "none")
"""Whose levels speak, the nearest first."""
PRIOR_SD = (0.5, 0.8, 0.8, 0.9, 1.0)
"""Spread of a SKU's log level round what each source says, before data tell (house judgement)."""
PRIOR_SKUS = 3.0
"""SKUs at which what the seller's own show counts as much as that. [SKUs]"""
SD_RANGE = (0.2, 2.0)
MAX_LOG_ERROR = 3.0
UNKNOWN_LOG_LEVEL = -0.7
"""Half a unit a day, where no SKU tells anything. [log units/day]"""
NEAR_SKUS = 12
"""Neighbours by price that are looked at. [SKUs]"""
NEAR_LOG_PRICE = 0.35
"""Distance of prices at which a neighbour counts 61 %: a factor of 1.4. [unitless]"""
MIN_NEAR_WEIGHT = 2.0
"""Neighbours, by weight, that a middle takes. [SKUs]"""
MIN_GROUP_SKUS = 3
"""SKUs of a category that tell its middle. [SKUs]"""
NEWCOMER_SKUS = 10.0
"""Launches at which their place among the other SKUs counts half. [SKUs]"""


class Like(NamedTuple):
    """Pairs of series: `child` sells about `factor` times what `parent` sells."""

    child: Codes
    parent: Codes
    factor: Floats


def like_pairs(keys: pd.DataFrame, catalogue: pd.DataFrame | None) -> Like:
    """Return the like items that the seller named, as positions of series of the same shop.

    Parameters
    ----------
    keys : DataFrame
        shop, market and sku of each series.
    catalogue : DataFrame, optional
        Table `Catalogue`; `like_sku` holds SKUs parted by ";", each with a factor after ":".

    Notes
    -----
    A like item that the shop does not sell says nothing there, and neither does a SKU of itself.
    """
    likes = like_items(pd.DataFrame({"sku": [], "like": []}) if catalogue is None else catalogue)
    likes = likes[likes["factor"].gt(0) & (likes["like"] != likes["sku"])]
    places = keys[["shop", "market", "sku"]].assign(place=np.arange(len(keys)))
    child = likes.drop(columns="place").merge(places, on="sku")
    parent = places.rename(columns={"sku": "like", "place": "parent"})
    both = child.merge(parent, on=["shop", "market", "like"])
    return Like(
        both["place"].to_numpy(dtype=int),
        both["parent"].to_numpy(dtype=int),
        both["factor"].to_numpy(dtype=float),
    )


def prices_of(keys: pd.DataFrame, catalogue: pd.DataFrame | None) -> Floats:
    """Return each series' price from the catalogue, NaN where it is unknown."""
    if catalogue is None or catalogue.empty or "price" not in catalogue:
        return np.full(len(keys), np.nan)
    prices = keys["sku"].map(catalogue.set_index("sku")["price"])
    return prices.to_numpy(dtype=float)


def others(
    shown: Floats,
    speaks: Flags,
    *,
    group: Codes,
    shop: Codes,
    price: Floats,
    like: Like | None,
    is_newcomer: Flags,
) -> tuple[Floats, Floats, Codes]:
    """Return middle and variance of each series' log level, and who says so.

    Parameters
    ----------
    shown : array, shape (n_series,)
        Logarithm of the level that each series itself shows. [log units/day]
    speaks : array, shape (n_series,)
        Series whose level is known.
    group, shop : array, shape (n_series,)
        Codes of category within the market, and of shop.
    price : array, shape (n_series,)
        NaN where unknown. [currency]
    like : Like or None
    is_newcomer : array, shape (n_series,)
        Series launched after the shop.

    Returns
    -------
    middle, variance : array, shape (n_series,)
        [log units/day], [unitless]
    source : array, shape (n_series,)
        Position in SOURCES.

    Notes
    -----
    Each source foretells every series that speaks, the series itself left out; the mean square
    of its errors, with `PRIOR_SKUS` of `PRIOR_SD` behind it, is its variance. The source of the
    least variance among those that say anything speaks. What launches sold against the others
    moves the middle of newcomers, a like item's word excepted.
    """
    n_series = len(shown)
    place = np.unique(np.stack([shop, group]), axis=1, return_inverse=True)[1].ravel()
    said = np.stack(
        [
            _like_middle(shown, speaks, like),
            _near_middle(shown, speaks, place, price),
            _group_middle(shown, speaks, place, MIN_GROUP_SKUS),
            _group_middle(shown, speaks, shop, 2),
        ]
    )
    whole = float(np.median(shown[speaks])) if speaks.any() else UNKNOWN_LOG_LEVEL
    said = np.concatenate([said, np.full((1, n_series), whole)])
    hidden = speaks & np.isfinite(shown)
    variance, offset = np.empty(len(SOURCES)), np.zeros(len(SOURCES))
    for rung, sd in enumerate(PRIOR_SD):
        told = hidden & np.isfinite(said[rung])
        error, fresh = (shown - said[rung])[told], is_newcomer[told]
        if SOURCES[rung] != "like":
            offset[rung] = error[fresh].sum() / (fresh.sum() + NEWCOMER_SKUS)
        error = error - offset[rung] * fresh
        square = (np.clip(error, -MAX_LOG_ERROR, MAX_LOG_ERROR) ** 2).sum()
        variance[rung] = (square + PRIOR_SKUS * sd**2) / (len(error) + PRIOR_SKUS)
    variance = np.clip(variance, SD_RANGE[0] ** 2, SD_RANGE[1] ** 2)
    cost = np.where(np.isfinite(said), variance[:, None], np.inf)
    source = cost.argmin(axis=0)
    middle = said[source, np.arange(n_series)] + offset[source] * is_newcomer
    return middle, variance[source], source


def _like_middle(shown: Floats, speaks: Flags, like: Like | None) -> Floats:
    middle = np.full(len(shown), np.nan)
    if like is None or not len(like.child):
        return middle
    ok = speaks[like.parent] & (like.factor > 0)
    child = like.child[ok]
    values = shown[like.parent[ok]] + np.log(like.factor[ok])
    count = np.bincount(child, minlength=len(shown))
    total = np.bincount(child, values, minlength=len(shown))
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _near_middle(shown: Floats, speaks: Flags, place: Codes, price: Floats) -> Floats:
    """Return the weighted median of the neighbours by price, each series itself left out."""
    middle = np.full(len(shown), np.nan)
    log_price = np.log(price)
    for code in np.unique(place[speaks & np.isfinite(log_price)]):
        here = (place == code) & np.isfinite(log_price)
        told = np.flatnonzero(here & speaks)
        if len(told) < MIN_GROUP_SKUS:
            continue
        told = told[np.argsort(log_price[told], kind="stable")]
        rows = np.flatnonzero(here)
        width = min(NEAR_SKUS + 1, len(told))
        at = np.searchsorted(log_price[told], log_price[rows]) - width // 2
        window = told[np.clip(at, 0, len(told) - width)[:, None] + np.arange(width)]
        apart = (log_price[window] - log_price[rows, None]) / NEAR_LOG_PRICE
        weight = np.exp(-0.5 * apart**2) * (window != rows[:, None])
        found = _weighted_median(shown[window], weight)
        middle[rows] = np.where(weight.sum(axis=1) >= MIN_NEAR_WEIGHT, found, np.nan)
    return middle


def _weighted_median(values: Floats, weight: Floats) -> Floats:
    order = np.argsort(values, axis=1, kind="stable")
    values = np.take_along_axis(values, order, 1)
    mass = np.cumsum(np.take_along_axis(weight, order, 1), axis=1)
    half = 0.5 * mass[:, -1:]
    rows = np.arange(len(values))
    return values[rows, np.minimum((mass < half).sum(axis=1), values.shape[1] - 1)]


def _group_middle(shown: Floats, speaks: Flags, code: Codes, least: int) -> Floats:
    """Return the median of each series' group, the series itself left out."""
    middle = np.full(len(shown), np.nan)
    for name in np.unique(code[speaks]):
        here = np.flatnonzero(code == name)
        told = here[speaks[here]]
        told = told[np.argsort(shown[told], kind="stable")]
        if len(told) < least:
            continue
        values = shown[told]
        middle[here] = np.median(values)
        if len(told) > least:
            middle[told] = _medians_without_each(values)
        else:
            middle[told] = np.nan
    return middle


def _medians_without_each(ordered: Floats) -> Floats:
    """Return the median of sorted values with each in turn taken out."""
    left = len(ordered) - 1
    low, high = (left - 1) // 2, left // 2
    place = np.arange(len(ordered))
    below, above = low + (place <= low), high + (place <= high)
    return 0.5 * (ordered[below] + ordered[above])

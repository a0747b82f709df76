"""What a provider's sellers showed, read by the next forecast: shrunk from wide cells to narrow.

Knows how cells of several campaigns are joined, how far a narrow cell is trusted against the
one above it, and all of them against the register. Writes nothing and names no seller.
"""

from collections.abc import Mapping
from itertools import takewhile
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.campaign import MarketPlan
from planner.demand.campaign_ratios import CELL, bands_of
from planner.demand.clean import Flags, Panel
from planner.demand.pooling import SELLER_SD
from planner.demand.promo_runs import Target
from planner.demand.shared_memory import ALL, TREES

EVENT_SD = 0.15
"""How far one campaign lies from the next, all sellers alike; sets what a single one can teach.
[log units]"""
LEVEL_SD, LEVEL_CELLS = 0.15, 3.0
"""How far a cell lies from the one above it before the cells themselves tell, and the weight of
that in cells."""
LEAST_LEVEL_SD = 0.03


class Known(NamedTuple):
    """What one ratio is told to be, and by how much it is told."""

    log_ratio: float
    log_sd: float
    """How far a seller who gave nothing to it may lie from it."""
    n_sellers: int
    """Of the narrowest cell; 0 where no cell tells and the register stands."""
    n_skus: int
    n_campaigns: int


class Shared(NamedTuple):
    """Cells of all campaigns that may be used, joined, and how far levels lie apart."""

    cells: pd.DataFrame
    """Index: `CELL`. Columns: log_ratio, variance, n_sellers, n_skus, n_campaigns."""
    seller_sd: Mapping[str, float]
    """By memory, how far sellers lie apart."""
    level_sd: Mapping[tuple[str, str], float]
    """By memory and column that splits, how far the parts lie from the whole."""
    bands: pd.Series
    """Price band by SKU of the seller that is planned."""


def shared_of(ratios: pd.DataFrame, bands: pd.Series) -> Shared:
    """Return the cells of all campaigns, joined.

    Parameters
    ----------
    ratios : DataFrame
        Table `SharedRatios`, cut by `memory.usable_memory`.
    bands : Series
        As `campaign_ratios.price_bands` returns them.

    Notes
    -----
    Campaigns weigh by their sellers. The same sellers come again, so that the largest number of
    them counts, not the sum: ``variance = seller_sd^2 / sellers + EVENT_SD^2 / campaigns``.
    What is shared is a mean ratio, as a plan needs it, and campaigns are joined as means.
    """
    seller_sd = {memory: _seller_sd(ratios, memory) for memory in TREES}
    weight = ratios["n_sellers"].astype(float)
    rows = ratios.assign(weight=weight, total=weight * ratios["cell_ratio"])
    cells = rows.groupby(CELL).agg(
        total=("total", "sum"),
        weight=("weight", "sum"),
        n_sellers=("n_sellers", "max"),
        n_skus=("n_skus", "max"),
        n_campaigns=("campaign", "nunique"),
    )
    apart = cells.index.get_level_values("memory").map(seller_sd).to_numpy(dtype=float)
    cells["log_ratio"] = np.log(cells["total"] / cells["weight"])
    cells["variance"] = apart**2 / cells["n_sellers"] + EVENT_SD**2 / cells["n_campaigns"]
    levels = {
        (memory, column): _level_sd(cells, memory, column, seller_sd[memory])
        for memory, (_, path) in TREES.items()
        for column in path
    }
    return Shared(cells, seller_sd, levels, bands)


def cell_ratio(
    shared: Shared, memory: str, place: Mapping[str, str], *, log_prior: float, prior_sd: float
) -> Known:
    """Return what a cell says of a seller who gave nothing to it, shrunk from wide to narrow.

    Parameters
    ----------
    shared : Shared
    memory : {"uplift", "phase_day", "returns", "receiving", "lead"}
    place : Mapping of str to str
        The columns of `CELL` that hold for the ratio wanted.
    log_prior, prior_sd : float
        What stands without any cell, and how sure it is: the register. [log units]

    Notes
    -----
    The widest cell is weighed against the register by their variances, and no more than it shows
    that the register errs: ``weight = t / (t + variance)`` with ``t = min(prior_sd^2,
    max(gap^2 - variance, 0))``, `gap` the distance of the two (empirical Bayes, Morris 1983): a
    cell within its own error of the register leaves it alone. Each narrower cell then counts
    against the one above it with ``level_sd^2 / (level_sd^2 + variance)``; one that was not
    written leaves what is above it, a little less sure.
    """
    split, keys = _way_down(memory, place)
    found = list(takewhile(lambda key: key in shared.cells.index, keys))
    if not found:
        return Known(log_prior, prior_sd, 0, 0, 0)
    apart = [shared.level_sd[memory, column] ** 2 for column in split]
    log_ratio, variance = log_prior, prior_sd**2
    for depth, key in enumerate(found):
        cell = shared.cells.loc[key]
        inner, outer = (apart[depth - 1], variance) if depth else (variance, 0.0)
        weight = inner / (inner + cell["variance"])
        believed = weight if depth else _shown(cell, log_ratio, prior_sd)
        log_ratio = believed * cell["log_ratio"] + (1.0 - believed) * log_ratio
        variance = weight * cell["variance"] + (1.0 - weight) ** 2 * outer
    untold = sum(apart[len(found) - 1 :])
    log_sd = np.sqrt(variance + shared.seller_sd[memory] ** 2 + untold)
    counts = (int(cell[name]) for name in ("n_sellers", "n_skus", "n_campaigns"))
    return Known(float(log_ratio), float(log_sd), *counts)


def _shown(cell: pd.Series, log_prior: float, prior_sd: float) -> float:
    """Return the weight of the widest cell: what it shows of the register's error, at most all."""
    gap = (cell["log_ratio"] - log_prior) ** 2 - cell["variance"]
    error = min(prior_sd**2, max(gap, 0.0))
    return error / (error + cell["variance"])


def with_shared(
    target: Target, panel: Panel, shared: Shared, *, phase: str
) -> tuple[Target, Flags]:
    """Return the promotion ahead with what other sellers showed behind it, and whose it is.

    Parameters
    ----------
    target : Target
        Its prior is that of the register.
    panel : Panel
        Gives market and SKU of each series.
    shared : Shared
    phase : {"warm_up", "sale", "tail"}
    """
    band = np.array(bands_of(panel.keys["sku"], shared.bands), dtype=object)
    market = panel.keys["market"].to_numpy(dtype=object)
    series = list(
        zip(
            target.kind, target.category, market, band, target.log_prior, target.prior_sd,
            strict=True,
        )
    )  # fmt: skip
    known = {row: uplift_of(shared, phase, *row[:4], prior=(row[4], row[5])) for row in set(series)}
    told = np.array([known[row][:3] for row in series]).reshape(-1, 3)
    return target._replace(log_prior=told[:, 0], prior_sd=told[:, 1]), told[:, 2] > 0


def uplift_of(
    shared: Shared,
    phase: str,
    kind: str,
    category: str,
    market: str,
    band: str,
    *,
    prior: tuple[float, float],
) -> Known:
    """Return the log uplift of a phase for one kind of event, category, market and price band."""
    place = {"phase": phase, "kind": kind, "category": category, "market": market}
    place["price_band"] = band
    return cell_ratio(shared, "uplift", place, log_prior=prior[0], prior_sd=prior[1])


def with_shared_days(
    curve: pd.DataFrame, shared: Shared, *, plans: Mapping[str, MarketPlan]
) -> pd.DataFrame:
    """Return the register of day curves with what other sellers' days showed in its place.

    Parameters
    ----------
    curve : DataFrame
        Register `DayCurvePriors`.
    shared : Shared
    plans : Mapping of str to MarketPlan
        Events of one kind are told by that kind; of several, by all kinds together.
    """
    kinds = {plan.kind for plan in plans.values()}
    kind = kinds.pop() if len(kinds) == 1 else ALL
    rows = curve.copy()
    for at, row in curve.iterrows():
        place = {"phase": row["phase"], "place": row["position"], "kind": kind}
        prior = float(np.log(row["day_ratio"])), float(row["log_sd"])
        told = cell_ratio(shared, "phase_day", place, log_prior=prior[0], prior_sd=prior[1])
        if told.n_sellers:
            rows.loc[at, "day_ratio"] = np.exp(told.log_ratio)
            rows.loc[at, "log_sd"] = min(told.log_sd, prior[1])
            rows.loc[at, "source"] = told_source(told)
            rows.loc[at, "confidence"] = "measured"
    return rows


def told_source(known: Known) -> str:
    """Return how a row of a register says that memory of other sellers stands behind it.

    Examples
    --------
    >>> told_source(Known(0.1, 0.2, 4, 31, 2))
    'memory of at least 4 sellers: 31 SKUs, 2 campaigns'
    """
    return (
        f"memory of at least {known.n_sellers} sellers: {known.n_skus} SKUs, "
        f"{known.n_campaigns} campaigns"
    )


def _way_down(memory: str, place: Mapping[str, str]) -> tuple[list[str], list[tuple[str, ...]]]:
    """Return the columns that split the widest cell, and the cells on the way, widest first."""
    named, path = TREES[memory]
    key = dict.fromkeys(CELL, "") | {"memory": memory} | {name: place[name] for name in named}
    key |= dict.fromkeys(path, ALL)
    split = [column for column in path if place[column] != ALL]
    keys = [tuple(key.values())]
    for column in split:
        key[column] = place[column]
        keys.append(tuple(key.values()))
    return split, keys


def _seller_sd(ratios: pd.DataFrame, memory: str) -> float:
    """Return how far sellers lie apart: as the widest cells tell it, else the house's figure."""
    told = ratios[(ratios["memory"] == memory) & ratios["seller_log_sd"].notna()]
    if told.empty:
        return SELLER_SD
    return float(np.sqrt(np.average(told["seller_log_sd"] ** 2, weights=told["n_sellers"])))


def _level_sd(cells: pd.DataFrame, memory: str, column: str, seller_sd: float) -> float:
    """Return how far parts lie from the cell above them, shrunk to the house's figure."""
    path = TREES[memory][1]
    below = path[path.index(column) + 1 :]
    rows = cells[cells.index.get_level_values("memory") == memory].reset_index()
    parts = rows[(rows[column] != ALL) & (rows[list(below)] == ALL).all(axis=1)]
    whole = rows[rows[column] == ALL][[*CELL, "log_ratio"]]
    on = [name for name in CELL if name != column]
    pairs = parts.merge(whole, on=on, suffixes=("", "_whole"))
    excess = (pairs["log_ratio"] - pairs["log_ratio_whole"]) ** 2
    excess = excess - seller_sd**2 / pairs["n_sellers"]  # other sellers, not other goods
    variance = (excess.sum() + LEVEL_CELLS * LEVEL_SD**2) / (len(pairs) + LEVEL_CELLS)
    return float(np.sqrt(max(variance, LEAST_LEVEL_SD**2)))

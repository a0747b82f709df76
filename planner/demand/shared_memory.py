"""What the sellers of a provider showed together, so that none of them can be told from it.

Knows which cells may be written: enough sellers, enough SKUs, no seller dominant, and no cell
that tells a seller by what it lacks against the cell above it. What a reader makes of them is
the business of `shared_cells`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.demand.campaign_ratios import CELL
from planner.demand.clean import Floats
from planner.demand.pooling import SELLER_SD
from planner.errors import ConfigError
from planner.tables import SharedRatios, checked, columns, empty

TREES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "uplift": (("kind", "phase"), ("category", "market", "price_band")),
    "phase_day": (("phase", "place"), ("kind",)),
    "returns": ((), ("category", "market")),
    "receiving": (("place",), ("market",)),
    "lead": (("mode", "place"), ("market",)),
}
"""By memory: what every cell is told by, and along what cells are split, widest first."""
ALL = "any"
"""Stands where a cell is not split."""
SKU_SD = 0.35
"""How far a SKU's log ratio lies from its seller's, for the weight of a seller with few SKUs."""
LEAST_SUM = 0.5
"""Stands for nothing, whose logarithm would be without end. [units or days]"""
DIGITS = 3
"""Digits that a ratio is written with."""
SD_DIGITS = 2


class Sharing(NamedTuple):
    """When a cell may be written."""

    min_sellers: int
    min_skus: int
    max_share: float
    """Largest weight of one seller in a cell. [unitless]"""


def sharing_of(bounds: pd.DataFrame) -> Sharing:
    """Return when a cell may be written, as the register `Bounds` says.

    Raises
    ------
    ConfigError
        If a row is missing, or lets a seller be recognised: fewer than three in a cell.
    """
    rows = bounds.drop_duplicates("rule", keep="last").set_index("rule")
    named = ("memory_min_sellers", "memory_min_skus", "memory_seller_share")
    for name in named:
        if name not in rows.index:
            raise ConfigError(f"bounds.csv has no row in force for the rule {name!r}; add one")
    sharing = Sharing(
        int(rows.loc[named[0], "low"]), int(rows.loc[named[1], "low"]), rows.loc[named[2], "high"]
    )
    if sharing.min_sellers < 3:
        raise ConfigError(
            f"bounds.csv, memory_min_sellers: {sharing.min_sellers} lets one of two sellers work "
            "out the other; write 3 or more"
        )
    return sharing


def share_ratios(ratios: pd.DataFrame, sharing: Sharing) -> pd.DataFrame:
    """Return the cells of one campaign that enough sellers filled.

    Parameters
    ----------
    ratios : DataFrame
        Table `CampaignRatios` of every seller that shares.
    sharing : Sharing

    Returns
    -------
    DataFrame
        Table `SharedRatios`; no seller, shop or SKU is named, no units are told.

    Notes
    -----
    A seller's ratio in a cell is that of its sums; the cell's is their mean, weighed by ordinary
    units (days, shipments), no seller above `max_share`. It is a mean, not a middle of logarithms:
    a plan buys units, and a middle lies below the mean by half the variance. Nor do all sellers
    count alike: tiny ones show the largest ratios, by chance, and hold few of the units.

    Cells are written from wide to narrow. What a written cell holds beyond its written parts
    is again of no seller or of at least `min_sellers`: else its smallest part is left out, with
    all below it. How far sellers lie apart is told from twice `min_sellers` on: with three, mean
    and spread would let one of them work out the other two.

    `ended_on` is the last day of the month: the day itself may be that of one seller's goods.

    Two editions of the file, before and after a seller joined, can tell that seller by their
    difference; so can all sellers of a cell but one, if they put theirs together.
    """
    tables = []
    for memory, (named, path) in TREES.items():
        rows = ratios[ratios["memory"] == memory]
        for _, part in rows.groupby(list(named)) if named else [((), rows)]:
            if _is_enough(part, sharing):
                whole = dict.fromkeys(path, ALL)
                tables += _cells(part, path, sharing, whole)
    if not tables:
        return empty(SharedRatios)
    frame = pd.DataFrame(tables)[columns(SharedRatios)].sort_values(CELL, kind="stable")
    frame["seller_log_sd"] = frame["seller_log_sd"].astype(float)
    return checked(SharedRatios, frame)


def capped_weights(weights: Floats, max_share: float) -> Floats:
    """Return weights that sum to 1 with none above the share, or all alike where they are too few.

    Parameters
    ----------
    weights : array, shape (n_sellers,)
    max_share : float

    Examples
    --------
    >>> capped_weights(np.array([8.0, 1.0, 1.0]), 0.4).round(3).tolist()
    [0.4, 0.3, 0.3]
    """
    share = weights / weights.sum()
    if max_share * len(share) <= 1.0:
        return np.full(len(share), 1.0 / len(share))
    held = np.zeros(len(share), dtype=bool)
    while (share > max_share + 1e-12).any():
        held |= share > max_share
        free = weights * ~held
        share = np.where(held, max_share, free / free.sum() * (1.0 - max_share * held.sum()))
    return share


def _cells(
    rows: pd.DataFrame, path: Sequence[str], sharing: Sharing, place: Mapping[str, str]
) -> Iterator[dict[str, object]]:
    """Yield a cell that may be written, then those of its parts that may."""
    yield _cell(rows, sharing, place)
    if not path:
        return
    column, below = path[0], path[1:]
    parts = {str(name): part for name, part in rows.groupby(column)}
    kept = {name: part for name, part in parts.items() if name and _is_enough(part, sharing)}
    while kept and 0 < _left_over(rows, column, kept) < sharing.min_sellers:
        kept.pop(min(kept, key=lambda name: (kept[name]["seller"].nunique(), name)))
    for name, part in kept.items():
        yield from _cells(part, below, sharing, {**place, column: name})


def _left_over(rows: pd.DataFrame, column: str, kept: Mapping[str, pd.DataFrame]) -> int:
    """Return how many sellers gave to a cell outside those of its parts that are written."""
    return rows.loc[~rows[column].isin(list(kept)), "seller"].nunique()


def _is_enough(rows: pd.DataFrame, sharing: Sharing) -> bool:
    enough_sellers = rows["seller"].nunique() >= sharing.min_sellers
    return bool(enough_sellers and rows["n_skus"].sum() >= sharing.min_skus)


def _cell(rows: pd.DataFrame, sharing: Sharing, place: Mapping[str, str]) -> dict[str, object]:
    sums = rows.groupby("seller")[["actual_sum", "expected_sum", "n_skus"]].sum()
    ratio = (sums["actual_sum"].clip(lower=LEAST_SUM) / sums["expected_sum"]).to_numpy()
    weight = capped_weights(sums["expected_sum"].to_numpy(), sharing.max_share)
    spread = _spread(np.log(ratio), sums, sharing)
    tells_spread = len(sums) >= 2 * sharing.min_sellers and set(place.values()) <= {ALL}
    return {
        **dict.fromkeys(CELL, ""),
        **rows[["campaign", "memory", *TREES[rows["memory"].iloc[0]][0]]].iloc[0].to_dict(),
        **place,
        "ended_on": rows["ended_on"].max() + pd.offsets.MonthEnd(0),
        "cell_ratio": float(f"{weight @ ratio:.{DIGITS}g}"),
        "seller_log_sd": round(float(spread), SD_DIGITS) if tells_spread else np.nan,
        "n_sellers": len(sums),
        "n_skus": int(sums["n_skus"].sum()),
    }


def _spread(log_ratio: Floats, sums: pd.DataFrame, sharing: Sharing) -> float:
    """Return how far sellers' ratios lie apart, without the chance in each; in log units."""
    chance = (SKU_SD**2 / sums["n_skus"] + 1 / sums["actual_sum"].clip(lower=1.0)).to_numpy()
    weight = capped_weights(1 / (SELLER_SD**2 + chance), sharing.max_share)
    middle = float(weight @ log_ratio)
    apart = float(weight @ (log_ratio - middle) ** 2) / (1.0 - float(weight @ weight))
    return float(np.sqrt(max(apart - float(weight @ chance), 0.0)))

"""Ranges of sums: the worlds of all SKUs added up one by one, then cut at 10 and 90 %.

Knows table `DemandDraws`, whose draw k is the same world for every SKU and shop. A range
told of a sum must come from here: the SKUs' own ends added up are too wide.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from planner.demand.clean import Floats
from planner.demand.draws import quantiles_of

ENDS = (0.10, 0.90)
"""Ends of the 80 % range that the pages tell."""
RANGE_COLUMNS = ["market", "phase", "mean", "low", "high"]


def sum_range(draws: pd.DataFrame) -> tuple[float, float]:
    """Return the 80 % range of the sum of all rows. [units].

    Parameters
    ----------
    draws : DataFrame
        Table `DemandDraws`, with rows.

    Examples
    --------
    >>> one = np.arange(0.0, 101.0)
    >>> low, high = sum_range(pd.DataFrame({"draws": [one, 100.0 - one]}))
    >>> round(float(low)), round(float(high))
    (100, 100)
    """
    total = np.zeros(len(draws["draws"].iloc[0]))
    for worlds in draws["draws"]:
        total += worlds
    low, high = quantiles_of(total[None, :], list(ENDS))
    return float(low[0]), float(high[0])


def sum_ratios(draws: pd.DataFrame, levels: Sequence[float]) -> Floats:
    """Return each quantile of the sum over that of the SKUs added up, shape (n_levels,).

    Parameters
    ----------
    draws : DataFrame
        Table `DemandDraws`, with rows; a SKU's phases and shops are added up first.
    levels : sequence of float
        Between 0 and 1. [unitless]

    Notes
    -----
    For sums of which only the SKUs' own quantiles are at hand: below the middle SKUs added up
    are too low, above it too high, and these ratios set both right as far as worlds are shared.

    Examples
    --------
    >>> one = np.arange(0.0, 101.0)
    >>> pair = pd.DataFrame({"market": "TH", "sku": ["a", "b"], "draws": [one, 100.0 - one]})
    >>> sum_ratios(pair, [0.1, 0.5, 0.9]).round(2).tolist()
    [5.0, 1.0, 0.56]
    """
    worlds = np.stack(draws.groupby(["market", "sku"], sort=True)["draws"].sum().to_list())
    added = quantiles_of(worlds, list(levels)).sum(axis=1)
    joint = quantiles_of(worlds.sum(axis=0)[None, :], list(levels))[:, 0]
    return np.divide(joint, added, out=np.ones_like(joint), where=added > 0)


def phase_ranges(draws: pd.DataFrame) -> pd.DataFrame:
    """Return mean and 80 % range of each market's phases, summed over SKUs and shops.

    Parameters
    ----------
    draws : DataFrame
        Table `DemandDraws`.

    Returns
    -------
    DataFrame
        Indexed by market and phase: mean, low and high. [units]
    """
    rows = []
    for (market, phase), part in draws.groupby(["market", "phase"], sort=True):
        mean = float(sum(worlds.mean() for worlds in part["draws"]))
        rows.append((market, phase, mean, *sum_range(part)))
    return pd.DataFrame(rows, columns=RANGE_COLUMNS).set_index(["market", "phase"])

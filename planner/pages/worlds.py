"""Ranges of sums: the worlds of all SKUs added up one by one, then cut at 10 and 90 %.

Knows table `DemandDraws`, whose draw k is the same world for every SKU and shop. A range
told of a sum must come from here: the SKUs' own ends added up are too wide.
"""

import numpy as np
import pandas as pd

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

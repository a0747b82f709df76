"""Way choice: in which order the ways of a SKU are taken, those whose cost is known first.

Knows the table of ways. Unknown is not zero: a way that only looks cheap because a part of its
cost is not known stands behind every way whose cost is.
"""

import pandas as pd

KEYS = ["market", "sku"]
UNPRICED = "cost.surcharge"
"""Term of `missing` that differs from way to way; duty and handling are unknown on all alike."""
FORBIDDEN = "reason.way_forbidden"
"""Term of `reason` where a mode does not take the goods, however much time there is."""
UNKNOWN = 2
"""Grade of a way whose carriage is not known; one more where the goods are not."""


def is_priced(ways: pd.DataFrame) -> pd.Series:
    """Return whether the cost of each way can be held against that of another.

    Parameters
    ----------
    ways : DataFrame
        Table `SkuWays`.

    Returns
    -------
    Series of bool
        False where the landed cost is unknown or a surcharge that applies has no price.
    """
    return ways["landed_cost"].notna() & ~ways["missing"].str.contains(UNPRICED, regex=False)


def in_order(ways: pd.DataFrame) -> pd.DataFrame:
    """Return the ways of every SKU in the order in which they are taken.

    Parameters
    ----------
    ways : DataFrame
        Table `SkuWays`, or rows of it with more columns.

    Returns
    -------
    DataFrame
        The same rows: those allowed first, then those fully priced, then by landed cost; where
        that is unknown by freight, which differs by way when the goods do not. Of two that cost
        the same the slower one comes first, for haste costs money.
    """
    keyed = ways.assign(_shut=~ways["is_allowed"].astype(bool), _blank=~is_priced(ways))
    order = ["_shut", "_blank", "landed_cost", "unit_freight_cost"]
    ranked = keyed.sort_values(
        [*KEYS, *order, "lead_days", "mode"],
        ascending=[True] * (len(KEYS) + len(order)) + [False, True],
        na_position="last",
    )
    return ranked.drop(columns=["_shut", "_blank"])


def first_ways(ways: pd.DataFrame) -> pd.DataFrame:
    """Return the way that each SKU takes if nothing binds; SKUs without one allowed are not in it.

    Parameters
    ----------
    ways : DataFrame
        Table `SkuWays`.

    Returns
    -------
    DataFrame
        The same columns, one row by market and SKU.
    """
    return in_order(ways[ways["is_allowed"]]).drop_duplicates(KEYS)


def comparable(ways: pd.DataFrame) -> pd.DataFrame:
    """Return the ways that may be weighed against each other by their cost.

    Parameters
    ----------
    ways : DataFrame
        Table `SkuWays`.

    Returns
    -------
    DataFrame
        Of the ways allowed those fully priced; of a SKU that has none those whose carriage is
        known, for the goods cost the same on all of them; else the first one alone.
    """
    open_ways = ways[ways["is_allowed"]]
    is_told = ~open_ways["missing"].str.contains(UNPRICED, regex=False)
    grade = (~is_told | open_ways["unit_freight_cost"].isna()) * UNKNOWN + ~is_priced(open_ways)
    best = grade.groupby([open_ways[name] for name in KEYS]).transform("min")
    is_first = open_ways.index.isin(first_ways(open_ways).index)
    return open_ways[(grade == best) & ((best < UNKNOWN) | is_first)].copy()


def whatever_the_day(ways: pd.DataFrame) -> pd.DataFrame:
    """Return the ways that nothing forbids for the goods, for units that leave on another day.

    Parameters
    ----------
    ways : DataFrame
        Table `SkuWays`, or rows of it with more columns.

    Returns
    -------
    DataFrame
        The rows of `comparable`, in order, as if all of them could still be in time.
    """
    is_taken = ~ways["reason"].str.contains(FORBIDDEN, regex=False)
    return in_order(comparable(ways.assign(is_allowed=is_taken)))


def known_cost(ways: pd.DataFrame) -> pd.Series:
    """Return what tells the ways of a SKU apart in cost: landed cost, else carriage alone.

    Parameters
    ----------
    ways : DataFrame
        Rows of `comparable`.

    Returns
    -------
    Series
        NaN where nothing is known; then the SKU has one way only. [currency/unit]
    """
    carriage = ways["unit_freight_cost"] + ways["unit_surcharge_cost"].fillna(0.0)
    return ways["landed_cost"].fillna(carriage)

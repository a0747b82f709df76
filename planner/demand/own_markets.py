"""Which market people's own two tables are of, and the rows of one market among several.

Knows the optional column `market` of sales and events; knows no feast, no season.
"""

import pandas as pd

from planner.demand.own_cells import texts
from planner.errors import PlanningError

NOWHERE = ""
"""Market of sales that name none."""


def of_market(
    sales: pd.DataFrame, events: pd.DataFrame, *, market: str = NOWHERE
) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """Return the rows of one market, and which market that is.

    Parameters
    ----------
    sales, events : DataFrame
        Each with the column `market` if it names any; a blank cell holds in every market.
    market : str
        The one wanted; without it the one that the sales name, if they name any.

    Returns
    -------
    sales, events : DataFrame
        Without the column.
    market : str
        Blank where nothing names one.

    Raises
    ------
    PlanningError
        If the sales name several markets and none is chosen, or the chosen one has no row.

    Examples
    --------
    >>> sales = pd.DataFrame({"sku": ["a", "a"], "market": ["TH", "MY"]})
    >>> mine, events, market = of_market(sales, pd.DataFrame({"event": []}), market="MY")
    >>> len(mine), market
    (1, 'MY')
    """
    blank = pd.Series("", index=sales.index, dtype="str")
    named = texts(sales["market"]).str.upper() if "market" in sales else blank
    found = sorted(set(named) - {NOWHERE})
    if not market and len(found) > 1:
        raise PlanningError(
            f"sales: rows of several markets ({', '.join(found)}); choose one with --market"
        )
    market = market or next(iter(found), NOWHERE)
    kept = sales[named.isin([market, NOWHERE])].drop(columns="market", errors="ignore")
    if market and kept.empty and len(sales):
        raise PlanningError(f"sales: no row of market {market}; the file names {', '.join(found)}")
    if "market" in events:
        of_event = texts(events["market"]).str.upper()
        events = events[of_event.isin([market, NOWHERE])] if market else events
        events = events.drop(columns="market")
    return kept.reset_index(drop=True), events.reset_index(drop=True), market

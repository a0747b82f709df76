"""What each forecast would have earned: one order a window, replayed on what came.

Knows a published cost table and the newsvendor's quantile; the formula beside it orders
Excel's rule times 1.2. Perfect foresight earns 100.
"""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from planner.demand.peers import LEVELS, Told
from planner.supply.quantity.newsvendor import critical_ratio

PRICE, LANDED_COST = 13.0, 5.8
"""Of a unit: the price of the design page's simulation, its cost of 5 and sea freight of 0.8."""
LEFTOVER = {"kept 85 %": 0.85, "kept 60 %": 0.60, "kept 20 %": 0.20}
"""What a unit left over is still worth, as a share of its landed cost: long-lived to fad goods."""
FORMULA, BUFFER = "excel", 1.2
"""The rule that orders its point times the buffer, as a spreadsheet does."""
SHOWN = ("ours", "excel x 1.2", "prophet_add", "prophet_log", "lgbm_direct", "lgbm_recursive")
MUST_POINTS = {"CJ": 10.0, "VN": 10.0}
"""Points of perfect foresight by which ours must lead the formula."""


def orders(told: Told) -> dict[str, np.ndarray]:
    """Return the order of each window under each leftover value, by the newsvendor's quantile.

    Parameters
    ----------
    told : Told
        Quantiles at `peers.LEVELS`; between them they are taken straight over normal scores.

    Returns
    -------
    dict of str to array, shape (n,)
        Columns `order 85 %`, ... [units]
    """
    scores = ndtri(np.array(LEVELS))
    found = {}
    for name, share in LEFTOVER.items():
        ratio = critical_ratio(PRICE - LANDED_COST, LANDED_COST * (1 - share))
        wanted = float(ndtri(ratio))
        found[f"order {name}"] = np.array(
            [np.interp(wanted, scores, row) for row in told.quantiles]
        )
    return found


def profit(ordered: np.ndarray, demand: np.ndarray, *, leftover: float) -> np.ndarray:
    """Return what orders earned; `leftover` is the share of the landed cost a unit left keeps.

    Examples
    --------
    >>> profit(np.array([10.0]), np.array([8.0]), leftover=0.5).round(2).tolist()
    [51.8]
    """
    sold = np.minimum(ordered, demand)
    return PRICE * sold + leftover * LANDED_COST * (ordered - sold) - LANDED_COST * ordered


def earned(rows: pd.DataFrame) -> pd.DataFrame:
    """Return profit by set, method and leftover value, perfect foresight being 100.

    Parameters
    ----------
    rows : DataFrame
        Windows as `accuracy_scores.score` gives them.
    """
    formula = rows[rows["method"] == FORMULA].assign(method=f"{FORMULA} x {BUFFER}")
    for name in LEFTOVER:
        formula[f"order {name}"] = BUFFER * formula["mean"]
    both = pd.concat([rows, formula], ignore_index=True)
    both = both[both["method"].isin(SHOWN)]
    foresight = (PRICE - LANDED_COST) * both.groupby(["set", "method"], sort=False)["actual"].sum()
    table = pd.DataFrame(index=foresight.index)
    for name, share in LEFTOVER.items():
        made = profit(both[f"order {name}"].to_numpy(), both["actual"].to_numpy(), leftover=share)
        total = both.assign(made=made).groupby(["set", "method"], sort=False)["made"].sum()
        table[name] = (100 * total / foresight).round(1)
    return table.reset_index()


def leads(table: pd.DataFrame) -> pd.DataFrame:
    """Return by how many points ours leads the formula, set by set, and whether that is enough."""
    own = table[table["method"] == "ours"].set_index("set")[list(LEFTOVER)]
    rule = table[table["method"] == f"{FORMULA} x {BUFFER}"].set_index("set")[list(LEFTOVER)]
    lead = (own - rule).dropna().round(1)
    least = lead.min(axis=1)
    must = pd.Series(MUST_POINTS).reindex(lead.index)
    verdict = np.where(must.isna(), "", np.where(least >= must, "reached", "missed"))
    return lead.assign(least=least, must=must, verdict=verdict).reset_index()

"""The register of actions as one market reads it: lead times, shares, costs of a unit.

Knows nothing of shelves or demand; a fact that nobody told stays unknown.
"""

import math

import pandas as pd

from planner.scope import Scope

ANY = "any"


def rules_of(rules: pd.DataFrame, market: str, scope: Scope) -> dict[str, dict[str, float]]:
    """Return the rules of a market by action; its own come before those for any.

    Parameters
    ----------
    rules : DataFrame
        Register `ActionRules`, rows in force.
    market : str
    scope : Scope
        Its seller's exchange rates.

    Returns
    -------
    dict of str to dict
        By action its facts; what a unit costs in the seller's currency.
    """
    rows = rules[rules["market"].isin((market, ANY))].assign(own=rules["market"] == market)
    rows = rows.sort_values("own").drop_duplicates("action", keep="last")
    rates = [
        scope.seller.fx_rate(row.currency) if pd.notna(row.unit_cost) else math.nan
        for row in rows.itertuples()
    ]
    return rows.assign(unit_cost=rows["unit_cost"] * rates).set_index("action").to_dict("index")


def confidence_of(rules: dict[str, dict[str, float]], action: str) -> str:
    """Return how well the facts of an action are known, as a term; blank where nobody tells."""
    told = rules.get(action, {}).get("confidence", "")
    return f"confidence.{told}" if told else ""


def fact_of(rules: dict[str, dict[str, float]], action: str, name: str) -> float:
    """Return one fact of an action, NaN where the register does not tell it."""
    return float(rules.get(action, {}).get(name, math.nan))

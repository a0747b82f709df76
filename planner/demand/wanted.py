"""Which facts to fetch first: what is missing, how many SKUs it touches, what money rests on it.

Knows what is missing and what a missing fact makes unsure. Money that nobody can
tell stays unknown and stands behind the money that is known.
"""

import numpy as np
import pandas as pd

from planner.demand.clean import KEYS
from planner.demand.lost_rows import (
    MONEY_DAYS,
    is_recent,
    lost_rows,
    revenue_of,
    worth_of_minor_unit,
)
from planner.demand.trust import MASTER_FACTS, PRICING_FACTS
from planner.intake.bundles import explode
from planner.scope import Scope
from planner.tables import Bundles, WantedFacts, checked, empty

NAMED = 5
"""SKUs that one fact names. [count]"""
SELLER_FACTS = {"stock_history": "wanted_reason.margin", "lead_time": "wanted_reason.lead_time"}
"""Facts that `SkuTrust.missing` names beside the catalogue's, and why they are wanted."""


def wanted_facts(
    trust: pd.DataFrame,
    daily: pd.DataFrame,
    trail: pd.DataFrame,
    *,
    catalogue: pd.DataFrame,
    gaps: pd.DataFrame,
    files: pd.DataFrame,
    rejected: pd.DataFrame,
    has_returns: bool,
    scope: Scope,
    lines: pd.DataFrame | None = None,
    bundles: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the facts worth fetching, the most money first.

    Parameters
    ----------
    trust, daily, trail : DataFrame
        Tables `SkuTrust`, `DailySales` and `DemandTrail`.
    catalogue, files, rejected : DataFrame
        Tables `Catalogue`, `Reconciliation` and `RejectedRows`.
    gaps : DataFrame
        As `intake.coverage.missing_days` returns it: shop and days [days] of each run.
    has_returns : bool
        Whether returns come from a return export of their own.
    scope : Scope
    lines, bundles : DataFrame, optional
        Tables `OrderLines` and `Bundles`: money is unknown for a SKU of which a line's is.

    Returns
    -------
    DataFrame
        Table `WantedFacts`. Facts without known money follow, those of most SKUs first.

    Notes
    -----
    Without cost, price, weight or volume no profit can be told: the revenue of the last days
    rests on the fact. Without stock reports a day without stock is inferred: the margin on the
    units filled in rests on it. A day that no export covers is worth a mean day's revenue. Lost
    rows are worth the amounts of theirs that can be read.
    """
    if trust.empty:
        return empty(WantedFacts)
    recipes = empty(Bundles) if bundles is None else bundles
    sold = None if lines is None else explode(lines, recipes, counts=())
    revenue = revenue_of(daily, scope, lines=sold)
    skus = trust.merge(revenue, on=KEYS, how="left")
    lacking = skus.assign(fact=skus["missing"].str.split(";")).explode("fact")
    lacking = lacking[lacking["fact"] != ""]
    margin = _margin_at_stake(trail, catalogue)
    found = [
        _of_fact(str(fact), part, margin)
        for (fact, _), part in lacking.groupby(["fact", "market"], sort=False)
    ]
    found += _of_gaps(gaps, daily, revenue)
    known = skus["sku"].unique()
    lost = lost_rows(rejected, files, known, scope=scope, bundles=recipes)
    found += _of_lost_rows(lost, explode(lost, recipes, counts=())["sku"], skus, scope)
    if not has_returns:
        found += [_of_returns(part) for _, part in skus.groupby("market")]
    if not found:
        return empty(WantedFacts)
    rows = pd.DataFrame(found).assign(currency=scope.seller.currency)
    rows["worth"] = rows["worth"].astype(float)
    order = rows.assign(first=rows["fact"].str.split("|").str[0].map(_rank))
    order = order.sort_values(
        ["worth", "n_skus", "first", "fact"],
        ascending=[False, False, True, True],
        na_position="last",
    )
    return checked(WantedFacts, order.drop(columns="first"))


def _of_fact(fact: str, part: pd.DataFrame, margin: pd.DataFrame) -> dict[str, object]:
    worth = np.nan
    reason = SELLER_FACTS.get(fact, f"wanted_reason.{fact}")
    if fact in PRICING_FACTS:
        worth = part["revenue"].sum(min_count=1)
        reason = f"wanted_reason.revenue|days={MONEY_DAYS}"
    elif fact == "stock_history":
        worth = part[KEYS].merge(margin, on=KEYS)["margin"].sum(min_count=1)
        reason += f"|days={MONEY_DAYS}"
    return _row(f"wanted.{fact}", part, worth, reason)


def _of_gaps(
    gaps: pd.DataFrame, daily: pd.DataFrame, revenue: pd.DataFrame
) -> list[dict[str, object]]:
    found = []
    length = daily[is_recent(daily)].groupby("shop")["day"].nunique()
    for shop, part in gaps[gaps["reason"] != "rejected"].groupby("shop"):
        own = revenue[revenue["shop"] == shop]
        days = int(part["days"].sum())
        a_day = own["revenue"].sum(min_count=1) / max(int(length.get(shop, 0)), 1)
        fact = f"wanted.missing_days|days={days}|shop={shop}"
        found.append(_row(fact, own, days * a_day, "wanted_reason.missing_days"))
    return found


def _of_lost_rows(
    lost: pd.DataFrame, named: pd.Series, skus: pd.DataFrame, scope: Scope
) -> list[dict[str, object]]:
    if lost.empty:
        return []
    touched = skus[skus["sku"].isin(named)]
    rates = {shop.shop: worth_of_minor_unit(shop, scope) for shop in scope.seller.shops}
    minor = lost["amount_minor"].astype("Float64").astype(float)
    worth = (minor * lost["shop"].map(rates).astype(float)).sum(min_count=1)
    row = _row(f"wanted.lost_rows|rows={len(lost)}", touched, worth, "wanted_reason.lost_rows")
    return [row | {"market": ""}]


def _of_returns(part: pd.DataFrame) -> dict[str, object]:
    return _row("wanted.returns", part, np.nan, "wanted_reason.returns")


def _row(fact: str, part: pd.DataFrame, worth: float, reason: str) -> dict[str, object]:
    names = part.sort_values(["revenue", "sku"], ascending=[False, True])["sku"].drop_duplicates()
    return {
        "fact": fact,
        "market": "" if part.empty else str(part["market"].iloc[0]),
        "n_skus": len(names),
        "skus": ", ".join([*names[:NAMED], *(["..."] if len(names) > NAMED else [])]),
        "worth": worth,
        "reason": reason,
    }


def _margin_at_stake(trail: pd.DataFrame, catalogue: pd.DataFrame) -> pd.DataFrame:
    """Return price less cost on the units filled in on the last days without stock."""
    recent = trail[is_recent(trail)] if len(trail) else trail
    filled = recent.groupby(KEYS, as_index=False)["stock_out_units"].sum()
    filled = filled.merge(catalogue[["sku", "price", "unit_cost"]], on="sku", how="left")
    a_unit = (filled["price"] - filled["unit_cost"]).clip(lower=0)
    return filled[KEYS].assign(margin=filled["stock_out_units"] * a_unit)


def _rank(fact: str) -> int:
    order = [f"wanted.{name}" for name in ("missing_days", *MASTER_FACTS)]
    return order.index(fact) if fact in order else len(order)

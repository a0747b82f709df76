"""What the campaign cost, term by term, and what its four risks cost, beside the plan.

No bill is read unless the seller gave one: what follows from units at planned rates is an
estimate and says so, what does not is unknown. Nothing here reads the plan's reasons.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import tables
from planner.season.days import KEYS
from planner.season.result.cost_rates import rates_by_term
from planner.season.result.leftovers import leftover_loss, missed_loss
from planner.season.result.planned_risks import planned_risks
from planner.supply.charges.costs import ORDER_TERMS, SOLD_TERMS

BACK_TERMS = ("returns",)
"""Terms that follow the units that came back."""
PRICE_TERMS = ("commission", "transaction", "affiliate", "ads")
"""Terms sold that are a share of the price: they follow revenue where it is known."""
RISKS = tables.REVIEW_RISKS
KNOWN_BY = {"dead_stock": "spent.by_exits"}
"""What a risk is reckoned by where it is not units at the plan's money."""


class Units(NamedTuple):
    """Units of each SKU, planned and as they came; market, sku and these columns."""

    frame: pd.DataFrame
    """order_units, came_units, plan_sold, sold_units, plan_back, back_units, plan_revenue,
    sold_revenue; empty if unknown."""


def units_of(
    outcome: pd.DataFrame,
    plan: pd.DataFrame,
    came: pd.DataFrame,
    rates: pd.DataFrame,
    economics: pd.DataFrame,
) -> Units:
    """Return what was planned and what came, SKU by SKU of the plan.

    Parameters
    ----------
    outcome, plan : DataFrame
        Tables `Outcome` and `StockPlan`.
    came : DataFrame
        market, sku, came_units: of the campaign's order, as counts tell.
    rates : DataFrame
        market, sku, return_rate as the plan expected it.
    economics : DataFrame
        Table `UnitEconomics`: its price is that at which the plan took its sales in.
    """
    seen = outcome[[*KEYS, "actual_units", "returned_units", "sold_revenue"]]
    frame = plan[[*KEYS, "order_units", "demand_units", "lost_units"]]
    frame = frame.merge(seen, on=KEYS, how="left").merge(came, on=KEYS, how="left")
    frame = frame.merge(rates[[*KEYS, "return_rate"]], on=KEYS, how="left")
    frame = frame.merge(economics[[*KEYS, "price"]], on=KEYS, how="left")
    sold = frame["demand_units"] - frame["lost_units"]
    found = frame[[*KEYS, "order_units", "came_units"]].assign(
        plan_sold=sold,
        sold_units=frame["actual_units"],
        plan_back=sold * frame["return_rate"],
        back_units=frame["returned_units"].astype(float),
        plan_revenue=sold * frame["price"],
        sold_revenue=frame["sold_revenue"],
    )
    return Units(found)


def cost_review(
    costs: pd.DataFrame,
    units: Units,
    bills: pd.DataFrame,
    *,
    rates: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return each cost term by market: planned, actual, and where the actual comes from.

    Parameters
    ----------
    costs : DataFrame
        Table `CostLines`.
    units : Units
    bills : DataFrame
        Table `ActualCosts`: what people read off bills. One for all goods takes the place of a
        term's estimates, one that names a SKU that of the estimate of this SKU.
    rates : DataFrame, optional
        As `unit_rates` returns them, for goods that came though the plan ordered none.

    Returns
    -------
    DataFrame
        Table `CostReview`: `gap = actual - planned` of the SKUs that know both, to which
        `planned_cost` keeps too; one that the plan knew nothing of stands in `actual_cost` alone.
        `unknown_skus` counts those that the gap leaves out. A bill for all goods has no gap while
        the plan of one of them is unknown.

    Notes
    -----
    ``actual = planned * units as they came / units planned``: of goods, freight and entry by the
    units of the order that came, of selling terms by units sold, of returns by units that came
    back. Shares of the price follow revenue instead, where it is known. Of a term planned for no
    unit the rate is that of `rates`: goods, freight and surcharge by SKU, the rest of the landed
    cost parted as the market's plan parts it. Without a rate it is unknown, unless none came.
    Storage follows bills only.
    """
    if costs.empty:
        return tables.empty(tables.CostReview)
    rows = costs.merge(units.frame, on=KEYS, how="left")
    rows["estimate"] = _estimated(rows, rates_by_term(rows, rates))
    found = []
    for (market, term), part in rows.groupby(["market", "term"], sort=False):
        own = bills[(bills["market"] == market) & (bills["term"] == term)]
        told = _told(part, str(term)) if own.empty else _by_bill(part, own, str(term))
        found.append({"market": market, "term": term, **told})
    frame = pd.DataFrame(found).assign(currency=costs["currency"].iloc[0])
    frame = frame.astype({name: float for name in ("planned_cost", "actual_cost", "gap_cost")})
    return tables.checked(tables.CostReview, frame[tables.columns(tables.CostReview)])


def risk_costs(
    outcome: pd.DataFrame,
    plan: pd.DataFrame,
    economics: pd.DataFrame,
    costs: pd.DataFrame,
    gates: pd.DataFrame,
    bills: pd.DataFrame,
    *,
    left: pd.DataFrame,
    shipments: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what running out, leftovers, storage and refusal were to cost each SKU, and did.

    Parameters
    ----------
    outcome, plan, economics, costs, gates : DataFrame
        Tables `Outcome`, `StockPlan`, `UnitEconomics`, `CostLines` and `Gates`.
    bills : DataFrame
        Table `ActualCosts`: rows of the terms `storage` and `refusal` that name a SKU.
    left : DataFrame
        Table `LeftoverExits`: what each unit left over brings where it goes.
    shipments : DataFrame, optional
        Table `Shipments`: a SKU whose goods were all received was not refused.

    Returns
    -------
    DataFrame
        Table `RiskCosts`, a row for each SKU of the plan and risk; unknown is empty and named. No
        row tells a refusal of goods that every gate lets through and of which none were sent.

    Notes
    -----
    Units missed at what they would have earned. Units left at landed cost less what their exits
    bring: in the plan the mean of its unit, as they came the exits that these units fill. What a
    refusal would have cost is the loss that the gates of the plan avoid; goods on the shelf cost
    none. What else storage and refusals did cost stands on bills alone.
    """
    frame = plan[[*KEYS, "lost_units", "leftover_units", "currency"]].merge(
        economics[[*KEYS, "under_cost", "over_cost", "landed_cost"]], on=KEYS, how="left"
    )
    seen = outcome[[*KEYS, "lost_units", "leftover_units"]]
    frame = frame.merge(seen, on=KEYS, how="left", suffixes=("", "_seen"))
    expected = planned_risks(plan, economics, costs, gates)
    places = pd.MultiIndex.from_frame(frame[KEYS])
    actual = {
        "stock_out": missed_loss(frame, left),
        "dead_stock": leftover_loss(frame, left),
        "over_storage": _billed(bills, "storage", places),
        "refusal": _billed(bills, "refusal", places),
    }
    is_shelved = frame["sku"].isin(_received(shipments)) & np.isnan(actual["refusal"])
    actual["refusal"] = np.where(is_shelved, 0.0, actual["refusal"])
    parts = [
        _risk(frame, risk, expected[f"{risk}_cost"].to_numpy(), actual[risk]) for risk in RISKS
    ]
    told = pd.concat(parts, ignore_index=True).sort_values([*KEYS, "risk"])
    is_told = told["sku"].isin(frame.loc[is_shelved, "sku"]) & (told["risk"] == "refusal")
    told["reason"] = told["reason"].mask(is_told, "spent.shelved")
    sent = told["sku"] if shipments is None or shipments.empty else shipments["sku"]
    is_spared = told["expected_cost"].eq(0) & told["actual_cost"].isna() & ~told["sku"].isin(sent)
    told = told[~(is_spared & (told["risk"] == "refusal"))]
    return tables.checked(tables.RiskCosts, told[tables.columns(tables.RiskCosts)])


def _estimated(rows: pd.DataFrame, by_way: pd.Series) -> pd.Series:
    planned, came = (pd.Series(np.nan, index=rows.index) for _ in range(2))
    groups = (
        (ORDER_TERMS, "order_units", "came_units"),
        (SOLD_TERMS, "plan_sold", "sold_units"),
        (BACK_TERMS, "plan_back", "back_units"),
    )
    for terms, before, after in groups:
        own = rows["term"].isin(terms)
        planned, came = planned.mask(own, rows[before]), came.mask(own, rows[after])
    priced = rows["term"].isin(PRICE_TERMS) & rows["sold_revenue"].notna()
    priced &= rows["plan_revenue"] > 0
    planned, came = (
        planned.mask(priced, rows["plan_revenue"]),
        came.mask(priced, rows["sold_revenue"]),
    )
    rate = rows["amount_cost"] / planned.where(planned > 0)
    rate = rate.mask(planned.eq(0), by_way)
    return (rate * came).mask(came == 0, 0.0)


def _told(part: pd.DataFrame, term: str) -> dict[str, object]:
    """Return what estimates say of one term; a sum of nothing but unknowns and zeros is unknown."""
    actual = _known_sum(part["estimate"])
    if pd.isna(actual):
        return {
            "planned_cost": _known_sum(part["amount_cost"]), "actual_cost": actual,
            "gap_cost": np.nan, "unknown_skus": int(part["estimate"].isna().sum()),
            "reason": "spent.no_bill",
        }  # fmt: skip
    both = part[part["estimate"].notna() & part["amount_cost"].notna()]
    planned = both["amount_cost"].sum(min_count=1)
    return {
        "planned_cost": planned, "actual_cost": actual,
        "gap_cost": both["estimate"].sum(min_count=1) - planned,
        "unknown_skus": len(part) - len(both), "reason": _basis(part, term),
    }  # fmt: skip


def _known_sum(amounts: pd.Series) -> float:
    """Return the sum of what is known; unknown where only unknowns and zeros are."""
    whole = amounts.sum(min_count=1)
    return np.nan if amounts.isna().any() and not whole > 0 else float(whole)


def _by_bill(part: pd.DataFrame, own: pd.DataFrame, term: str) -> dict[str, object]:
    """Return what bills say of one term, and estimates of the SKUs that none of them names."""
    if (own["sku"] != "").all():
        return _by_sku_bills(part, own.groupby("sku")["amount_cost"].sum(), term)
    planned, actual = _known_sum(part["amount_cost"]), own["amount_cost"].sum()
    gone = int(part["amount_cost"].isna().sum())
    return {
        "planned_cost": planned, "actual_cost": actual,
        "gap_cost": np.nan if gone else actual - planned,
        "unknown_skus": gone, "reason": "spent.bill",
    }  # fmt: skip


def _by_sku_bills(part: pd.DataFrame, billed: pd.Series, term: str) -> dict[str, object]:
    """Return a term with some SKUs billed; a bill for a SKU that is not planned adds to it."""
    is_billed = part["sku"].isin(billed.index)
    seen = part.assign(estimate=part["sku"].map(billed).fillna(part["estimate"]))
    told = _told(seen, term)
    more = billed[~billed.index.isin(part["sku"])].sum()
    if more > 0:
        is_blank = pd.isna(told["actual_cost"])
        told["actual_cost"] = more if is_blank else told["actual_cost"] + more
        told["gap_cost"] = np.nan if is_blank else told["gap_cost"] + more
    reason = "spent.bill" if is_billed.all() else "spent.bill_part"
    bare = int((seen["amount_cost"].isna() & (seen["estimate"] > 0)).sum())
    return {**told, "reason": f"{reason};spent.no_plan|skus={bare}" if bare else reason}


def _basis(part: pd.DataFrame, term: str) -> str:
    if term in ORDER_TERMS:
        return "spent.by_came"
    if term in BACK_TERMS:
        return "spent.by_back"
    is_priced = term in PRICE_TERMS and part["sold_revenue"].notna().all()
    return "spent.by_revenue" if is_priced else "spent.by_sold"


def _billed(bills: pd.DataFrame, term: str, places: pd.MultiIndex) -> np.ndarray:
    own = bills[(bills["term"] == term) & (bills["sku"] != "")]
    return own.groupby(KEYS)["amount_cost"].sum().reindex(places).to_numpy(dtype=float)


def _received(shipments: pd.DataFrame | None) -> pd.Index:
    """Return the SKUs of which every shipment that reached a warehouse's door is on the shelf."""
    if shipments is None or shipments.empty:
        return pd.Index([], dtype="str")
    rows = shipments[shipments["arrived_on"].notna()]
    is_in = rows["shelf_on"].notna() & (rows["received_units"].fillna(0) > 0)
    return pd.Index(is_in.groupby(rows["sku"]).all().loc[lambda own: own].index)


def _risk(
    frame: pd.DataFrame, risk: str, expected: pd.Series | np.ndarray, actual: pd.Series | np.ndarray
) -> pd.DataFrame:
    told = frame[[*KEYS, "currency"]].assign(
        risk=risk,
        expected_cost=np.asarray(expected, dtype=float),
        actual_cost=np.asarray(actual, dtype=float),
    )
    is_bill = risk in ("over_storage", "refusal")
    known = "spent.bill" if is_bill else KNOWN_BY.get(risk, "spent.by_units")
    unknown = "spent.no_bill" if is_bill else "spent.no_price"
    told["reason"] = np.where(told["actual_cost"].isna(), unknown, known)
    return told.astype({"reason": "str"})

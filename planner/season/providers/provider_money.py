"""Money over many sellers: what is at risk, what was lost, and in which currency it can be told.

Amounts of two currencies are never added up without the rates of the sellers' own files. Knows
nothing of who is late.
"""

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from planner import tables
from planner.season.providers.provider_today import unowned
from planner.seller import Seller

LOCK_CODES = ("price_below_cost", "lock_raise", "lock_refuse", "lock_cap", "price_lock_deadline")
"""Alerts about the locked price."""
GATE_BEGINNINGS = ("gate_", "paper_", "carton_", "barcode_", "importer_", "sensitive_")
"""Of alerts about what goods need before they may leave or be listed."""
FIRST_CURRENCIES = ("CNY", "USD")
"""Preferred where several are shared: those in which providers keep their books."""
MADE_AGAIN = "reason.regret_execution_again"
"""What a review says of an order held against a plan that was not put aside."""
TOP_REGRETS = 15
"""Largest losses told by SKU; the ledger of each seller has them all. [rows]"""
PROFITS = ["planned_profit", "actual_profit", "best_profit", "gap_profit"]


def shared_rates(sellers: Iterable[Seller]) -> pd.DataFrame:
    """Return the currency in which the money of all sellers can be told, and at which rates.

    Parameters
    ----------
    sellers : iterable of Seller

    Returns
    -------
    DataFrame
        Table `SharedRates`. Shared is a currency that every seller either keeps its own books in
        or gives a rate for; of several CNY, then USD, then the first by name.

    Notes
    -----
    An amount of a seller is divided by `fx_ratio`: units of its own currency for one shared.
    """
    known = sorted(sellers, key=lambda one: one.seller)
    if not known:
        return tables.empty(tables.SharedRates)
    told = [{one.currency, *one.fx_rates} for one in known]
    common = set.intersection(*told)
    ordered = [name for name in FIRST_CURRENCIES if name in common] + sorted(common)
    shared = ordered[0] if ordered else ""
    rows = [
        {
            "seller": one.seller,
            "own_currency": one.currency,
            "fx_ratio": one.fx_rate(shared) if shared else math.nan,
            "currency": shared,
        }
        for one in known
    ]
    return tables.checked(tables.SharedRates, pd.DataFrame(rows))


def weights_of(rates: pd.DataFrame) -> dict[str, float]:
    """Return by seller the units of the shared currency for one of its own; known ones only.

    Parameters
    ----------
    rates : DataFrame
        Table `SharedRates`.
    """
    known = rates[rates["fx_ratio"].notna()]
    return dict(zip(known["seller"], 1.0 / known["fx_ratio"], strict=True))


def seller_risks(alerts: pd.DataFrame, states: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """Return the money that open alerts put at risk, by seller, the most first.

    Parameters
    ----------
    alerts : DataFrame
        As `provider.open_alerts` returns it.
    states, rates : DataFrame
        Tables `SellerStates` and `SharedRates`.

    Returns
    -------
    DataFrame
        Table `SellerRisks`, for sellers that were run and are not over; empty money where alerts
        name none. Of several alerts on one SKU only the largest counts; alerts on many SKUs may
        still overlap, so that the sum is an upper bound.
    """
    asked = states[states["last_step"].notna() & (states["seller_state"] != "ended")]
    rows = [_risk(seller, alerts[alerts["seller"] == seller]) for seller in asked["seller"]]
    if not rows:
        return tables.empty(tables.SellerRisks)
    own = rates.set_index("seller")["own_currency"]
    frame = pd.DataFrame(rows)
    frame["currency"] = frame["seller"].map(own).fillna("")
    shared = frame["risk_cost"] * _weights(frame, rates)
    frame = frame.assign(shared=shared.fillna(-1.0))
    frame = frame.sort_values(["shared", "seller"], ascending=[False, True])
    return tables.checked(tables.SellerRisks, frame.drop(columns="shared"))


def in_one_currency(
    amounts: pd.DataFrame, column: str, rates: pd.DataFrame
) -> list[tuple[str, float]]:
    """Return the sum of an amount over sellers: in the shared currency, else one by currency.

    Parameters
    ----------
    amounts : DataFrame
        With `seller`, `currency` and the column; rows without a figure are left out.
    column : str
    rates : DataFrame
        Table `SharedRates`.
    """
    known = amounts[amounts[column].notna()]
    if known.empty:
        return []
    weights = _weights(known, rates)
    if weights.notna().all():
        return [(str(rates["currency"].iloc[0]), float((known[column] * weights).sum()))]
    sums = known.groupby("currency")[column].sum()
    return [(str(name), float(value)) for name, value in sums.items()]


def as_called(rows: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """Return losses with each cause named as the seller's own review names it.

    Parameters
    ----------
    rows : DataFrame
        Table `RegretTotals` or `RegretLedger` with `seller`.
    ledger : DataFrame
        Table `RegretLedger` with `seller`: tells whose plan was made again afterwards. Of such a
        plan nobody can be said to have strayed.

    Returns
    -------
    DataFrame
        The rows; cause `execution` of those sellers is `execution_again`.
    """
    is_again = ledger["reason"].str.contains(f"{MADE_AGAIN}|", regex=False)
    unfrozen = ledger.loc[is_again, "seller"].unique()
    is_renamed = rows["seller"].isin(unfrozen) & (rows["cause"] == "execution")
    return rows.assign(cause=rows["cause"].mask(is_renamed, "execution_again"))


def seller_profits(
    profits: pd.DataFrame, totals: pd.DataFrame, decisions: pd.DataFrame, rates: pd.DataFrame
) -> pd.DataFrame:
    """Return what each review found in money, the seller that missed most first.

    Parameters
    ----------
    profits, totals, decisions : DataFrame
        Tables `SeasonProfits`, `RegretTotals` and `NextDecisions` with `seller`.
    rates : DataFrame
        Table `SharedRates`; without a shared currency sellers come by name.

    Returns
    -------
    DataFrame
        Table `SellerProfits`, each amount in its seller's currency, over SKUs whose money is
        known.
    """
    if profits.empty:
        return tables.empty(tables.SellerProfits)
    is_known = profits["actual_profit"].notna()
    sums = profits[is_known].groupby("seller")[PROFITS].sum(skipna=False)
    frame = profits.assign(left_out_count=~is_known).groupby("seller", as_index=False)
    frame = frame.agg(left_out_count=("left_out_count", "sum"), currency=("currency", "first"))
    frame = frame.join(sums, on="seller")
    whole = totals[(totals["market"] == "") & (totals["regret_profit"] > 0)]
    dearest = whole.sort_values(["regret_profit", "cause"], ascending=[False, True])
    dearest = dearest.drop_duplicates("seller").rename(columns={"regret_profit": "cause_profit"})
    frame = frame.merge(dearest[["seller", "cause", "cause_profit"]], on="seller", how="left")
    counts = unowned(decisions)["seller"].value_counts()
    shared = (frame["gap_profit"] * _weights(frame, rates)).fillna(-math.inf)
    frame = frame.assign(
        cause=frame["cause"].fillna("").astype("str"),
        open_count=frame["seller"].map(counts).fillna(0).astype(int),
        shared=shared,
    ).sort_values(["shared", "seller"], ascending=[False, True])
    kinds = dict.fromkeys((*PROFITS, "cause_profit"), float)
    return tables.checked(
        tables.SellerProfits, frame[tables.columns(tables.SellerProfits)].astype(kinds)
    )


def seller_regrets(
    ledger: pd.DataFrame, rates: pd.DataFrame, *, rows: int = TOP_REGRETS
) -> pd.DataFrame:
    """Return the largest losses by SKU and cause over all sellers.

    Parameters
    ----------
    ledger : DataFrame
        Table `RegretLedger` with `seller`.
    rates : DataFrame
        Table `SharedRates`; without a shared currency the rows come seller by seller.
    rows : int

    Returns
    -------
    DataFrame
        Table `SellerRegrets`, each amount in its seller's currency and in the shared one.
    """
    shared = (ledger["regret_profit"] * _weights(ledger, rates)).astype(float)
    currency = "" if rates.empty else str(rates["currency"].iloc[0])
    known = ledger.assign(
        shared=shared.fillna(-math.inf), shared_profit=shared, shared_currency=currency
    )
    known = known[known["regret_profit"] > 0].sort_values(
        ["shared", "regret_profit", "seller", "market", "sku", "cause"],
        ascending=[False, False, True, True, True, True],
    )
    return tables.checked(
        tables.SellerRegrets, known[tables.columns(tables.SellerRegrets)].head(rows)
    )


def cause_totals(totals: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """Return what each cause cost over all sellers, the dearest first.

    Parameters
    ----------
    totals : DataFrame
        Table `RegretTotals` with `seller`; rows of a blank market are the whole of a seller.
    rates : DataFrame
        Table `SharedRates`.

    Returns
    -------
    DataFrame
        Table `CauseTotals`: in the shared currency; without one, one row per cause and currency,
        since amounts of two currencies make no sum.
    """
    whole = totals[totals["market"] == ""]
    weights = _weights(whole, rates)
    is_shared = bool(weights.notna().all()) and len(whole) > 0
    known = whole.assign(
        regret_profit=whole["regret_profit"] * weights if is_shared else whole["regret_profit"],
        currency=rates["currency"].iloc[0] if is_shared else whole["currency"],
    )
    sums = known.groupby(["currency", "cause"], as_index=False).agg(
        n_sellers=("seller", "nunique"), regret_profit=("regret_profit", "sum")
    )
    gap = sums.groupby("currency")["regret_profit"].transform("sum")
    sums["share_rate"] = np.where(gap > 0, sums["regret_profit"] / gap.where(gap > 0), np.nan)
    sums = sums.sort_values(["currency", "regret_profit", "cause"], ascending=[True, False, True])
    sums = sums.astype({"regret_profit": float, "share_rate": float})
    return tables.checked(tables.CauseTotals, sums[tables.columns(tables.CauseTotals)])


def _weights(frame: pd.DataFrame, rates: pd.DataFrame) -> pd.Series:
    """Return for each row what one unit of its seller's currency is worth; NaN where not known."""
    return frame["seller"].map(weights_of(rates)).astype(float)


def _risk(seller: str, alerts: pd.DataFrame) -> dict[str, object]:
    unknown = int(alerts["risk_cost"].isna().sum())
    ranked = alerts.sort_values("risk_cost", ascending=False, kind="stable")
    is_again = (ranked["sku"] != "") & ranked.duplicated(["market", "sku"])
    alerts = ranked[~is_again]
    codes = alerts["code"]
    is_lock = codes.isin(LOCK_CODES)
    is_gate = ~is_lock & codes.str.startswith(GATE_BEGINNINGS)
    kinds = {"price_lock": is_lock, "gates": is_gate, "others": ~is_lock & ~is_gate}
    costs = {
        f"{kind}_cost": float(alerts.loc[mask, "risk_cost"].sum(min_count=1))
        if mask.any() else 0.0
        for kind, mask in kinds.items()
    }  # fmt: skip
    whole = float(alerts["risk_cost"].sum(min_count=1)) if len(alerts) else 0.0
    return {"seller": seller, **costs, "risk_cost": whole, "unknown_count": unknown}

"""Surcharges: what sensitive goods and busy events add to a way, and which ways they close.

Knows batteries, liquids, powders, categories and kinds of events. Knows nothing
of quantities or of whether a way is in time. What an event adds to the parcels of buyers belongs
to no way: it is paid for what is sold on its days.
"""

import math

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.supply.charges.packing import TRAVEL_FLAGS, travel_flags
from planner.supply.charges.tariffs import own_figure, told_source
from planner.supply.trips.lanes import ANY_MARKET, known_rate

FORBIDDEN = "forbidden"
OWN_UNIT = "share_freight"
"""Unit of a seller's own figure where the register names none, or forbids."""
OF_PARCELS = "share_outbound"
"""Unit of what is added to the delivery of a parcel."""
SHARE_UNITS = ("share_freight", OF_PARCELS)
PAIR_COLUMNS = ["market", "sku", "mode", "unit_freight_cost", "charged_kg", "outbound_cost"]


def way_surcharges(
    pairs: pd.DataFrame, catalogue: pd.DataFrame, surcharges: pd.DataFrame, *, scope: Scope
) -> pd.DataFrame:
    """Return what is added to the freight of one unit on each way, and what forbids the way.

    Parameters
    ----------
    pairs : DataFrame
        market, sku, mode, unit_freight_cost, charged_kg, outbound_cost [currency/unit].
    catalogue : DataFrame
        Table `Catalogue`: flags and category.
    surcharges : DataFrame
        Register `Surcharges`, rows in force on the planning day.
    scope : Scope
        Its campaign says which kind of event it is. The seller's own figures are keys of `fees`
        such as `surcharge.battery`, `air.surcharge.liquid` or `TH.truck.surcharge.black_friday`;
        one on goods that the register forbids opens the way, as a share of the freight.

    Returns
    -------
    DataFrame
        One row per row of `pairs`, in its order: unit_cost, shipment_cost (NaN where nothing of
        it is known), is_known, forbidden (kinds that may not go), kinds (that cost more), unpriced
        (kinds of which nobody knows what they cost), source.

    Notes
    -----
    A row of the market beats one of `any`, then a row of the mode beats one of `any`. The classes
    of goods on a forwarder's card are alternatives: of several that a unit falls into the dearest
    is charged. What an event adds comes on top, a share of the outbound fee aside, which
    `parcel_rush` tells. A battery, liquid or powder that no row prices is
    unknown; a category or an event without a row adds nothing.
    """
    found = _by_kind(pairs, catalogue, surcharges, scope)
    order = pd.RangeIndex(len(pairs))
    if found.empty:
        return _nothing(order)
    is_event = found["is_event"]
    found["unknown"] = found["value"].isna() & ~found["is_forbidden"]
    goods, event = found[~is_event].groupby("place"), found[is_event].groupby("place")
    result = _nothing(order)
    for column in ("unit_cost", "shipment_cost"):
        dearest = goods[column].max().reindex(order)
        rush = event[column].sum(min_count=1).reindex(order)
        both = dearest.fillna(0) + rush.fillna(0)
        is_blank = dearest.isna() & rush.isna() & order.isin(found.loc[found["unknown"], "place"])
        result[column] = both.mask(is_blank).to_numpy()
    unknown = found.groupby("place")["unknown"].any().reindex(order, fill_value=False)
    result["is_known"] = ~unknown.to_numpy(dtype=bool)
    result["forbidden"] = _joined(found[found["is_forbidden"]], "kind", order)
    priced = ~found["is_forbidden"] & (found["value"] > 0)
    result["kinds"] = _joined(found[priced], "kind", order)
    result["unpriced"] = _joined(found[found["unknown"]], "kind", order)
    told = _joined(found, "source", order)
    result["source"] = told.where(told != "", result["source"])
    return result


def parcel_rush(surcharges: pd.DataFrame, *, scope: Scope) -> pd.Series:
    """Return by market what the event adds to the outbound fee of a parcel on its sale days.

    Parameters
    ----------
    surcharges : DataFrame
        Register `Surcharges`, rows in force on the planning day.
    scope : Scope
        Its campaign says which kind of event it is; seller's own figures as in `way_surcharges`.

    Returns
    -------
    Series
        A share of the fee: 0 where the event adds nothing to it, NaN where nobody knows what.
        [unitless]
    """
    found = {}
    for market, plan in scope.plans.items():
        row = _row(market, ANY_MARKET, plan.kind, surcharges, scope)
        is_due = row is not None and row["unit"] == OF_PARCELS
        found[market] = row["value"] if row is not None and is_due else 0.0
    return pd.Series(found, dtype=float)


def goods_kinds(catalogue: pd.DataFrame) -> pd.DataFrame:
    """Return sku and kind: the flags that are set, and the category."""
    flags = travel_flags(catalogue).rename(columns={"flag": "kind"})
    category = catalogue["category"].fillna("").str.strip().str.lower()
    named = pd.DataFrame({"sku": catalogue["sku"], "kind": category})
    return pd.concat([flags, named[named["kind"] != ""]], ignore_index=True).drop_duplicates()


def _by_kind(
    pairs: pd.DataFrame, catalogue: pd.DataFrame, surcharges: pd.DataFrame, scope: Scope
) -> pd.DataFrame:
    ways = pairs[PAIR_COLUMNS].reset_index(drop=True).rename_axis("place").reset_index()
    goods = ways.merge(goods_kinds(catalogue), on="sku").assign(is_event=False)
    events = {market: plan.kind for market, plan in scope.plans.items()}
    rush = ways.assign(kind=ways["market"].map(events), is_event=True)
    both = pd.concat([goods, rush], ignore_index=True)
    sought = both[["market", "mode", "kind"]].drop_duplicates()
    rows = [_row(*way, surcharges, scope) for way in sought.itertuples(index=False, name=None)]
    known = pd.DataFrame([row for row in rows if row])
    if known.empty:
        return known
    both = both.merge(known, on=["market", "mode", "kind"]).sort_values(["place", "kind"])
    both = both[~both["is_event"] | (both["unit"] != OF_PARCELS)]
    measures = {
        "share_freight": both["unit_freight_cost"],
        "share_outbound": both["outbound_cost"],
        "kg": both["charged_kg"],
    }
    measure = pd.Series(1.0, index=both.index)
    for unit, column in measures.items():
        measure = measure.where(both["unit"] != unit, column.astype(float))
    is_shipment = both["unit"] == "shipment"
    money = both["value"] * measure
    both["unit_cost"] = money.where(~is_shipment, 0.0)
    both["shipment_cost"] = money.where(is_shipment, 0.0)
    both["value"] = money
    return both


def _row(
    market: str, mode: str, kind: str, surcharges: pd.DataFrame, scope: Scope
) -> dict[str, object] | None:
    same = surcharges[surcharges["kind"] == kind]
    same = same[same["market"].isin([market, ANY_MARKET]) & same["mode"].isin([mode, ANY_MARKET])]
    own = own_figure(scope, market, f"{mode}.surcharge.{kind}", f"surcharge.{kind}")
    key = {"market": market, "mode": mode, "kind": kind}
    if same.empty and own is None:
        unknown = {"value": math.nan, "unit": "", "is_forbidden": False}
        told = {"source": "not in surcharges.csv"}
        return {**key, **unknown, **told} if kind in TRAVEL_FLAGS else None
    ranked = same.assign(far=2 * (same["market"] == ANY_MARKET) + (same["mode"] == ANY_MARKET))
    row = ranked.sort_values("far").iloc[0].to_dict() if len(ranked) else {"unit": OWN_UNIT}
    if own is not None:
        unit = OWN_UNIT if row["unit"] == FORBIDDEN else row["unit"]
        given = {"value": own, "unit": unit, "is_forbidden": False}
        return {**key, **given, "source": "seller.yml: fees"}
    rate = 1.0 if row["unit"] in SHARE_UNITS else known_rate(scope.seller, row["currency"])
    return {
        **key,
        "value": row["value"] * rate,
        "unit": row["unit"],
        "is_forbidden": row["unit"] == FORBIDDEN,
        "source": told_source(row),
    }


def _nothing(order: pd.Index) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "unit_cost": 0.0,
            "shipment_cost": 0.0,
            "is_known": True,
            "forbidden": "",
            "kinds": "",
            "unpriced": "",
            "source": "surcharges.csv: none for these goods",
        },
        index=order,
    )


def _joined(found: pd.DataFrame, column: str, order: pd.Index) -> pd.Series:
    unique = found.drop_duplicates(["place", column])
    texts = unique.groupby("place")[column].agg(", ".join)
    return pd.Series(np.where(order.isin(texts.index), texts.reindex(order), ""), dtype="str")

"""Where units stand: arrived is not checked, checked is not sellable; and what the platform shows.

Joins stock counts, movements at the warehouse and shipments. Knows nothing of demand.
"""

import pandas as pd

from planner import tables
from planner.intake.known import newest_known
from planner.scope import Scope

STAGE_COLUMNS = {
    "ordered": "ordered_units",
    "in_transit": "in_transit_units",
    "receiving": "arrived_units",
    "checked": "checked_units",
    "on_hand": "sellable_units",
}
"""Stage of `Stock` and the column that counts it."""
PLACE = ["market", "warehouse", "sku"]
RECEIVING = ("checked", "shelved")
"""Kinds of movement that tell how far a shipment has come inside the warehouse."""
SHARED = "reason.stage_shared"
"""Less is shown than there is, by shops that share a warehouse and may part it."""
DAY = pd.Timedelta(days=1)


def stock_by_stage(stock: pd.DataFrame, shown: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """Return each warehouse's newest count by stage, beside what the platform shows buyers.

    Parameters
    ----------
    stock : DataFrame
        Table `Stock`; several snapshots may stand in it, of each warehouse the newest counts.
    shown : DataFrame
        Table `PlatformCounts`; of each shop the newest day counts.
    scope : Scope
        Its looking days of step 4; what is dated later is not known.

    Returns
    -------
    DataFrame
        Table `StockStages` of the warehouses that serve a shop, gaps first.

    Notes
    -----
    ``gap = shown - sellable`` of the same day: above zero the platform sells what is not there,
    below zero buyers do not see what is. Where several shops draw on one warehouse none of them
    need show all of it if they part it: what the best of them lacks is told with that reason.
    """
    newest = _newest(stock, scope)
    if newest.empty:
        return tables.empty(tables.StockStages)
    counted = newest.pivot_table(
        index=PLACE, columns="stage", values="units", aggfunc="sum", fill_value=0
    )
    counted = counted.reindex(columns=list(STAGE_COLUMNS), fill_value=0)
    counted = counted.rename(columns=STAGE_COLUMNS)
    grouped = newest.groupby(PLACE)
    inbound = newest[newest["stage"] != "on_hand"]
    is_late = inbound["available_on"] < inbound["as_of"]
    coming = inbound[~is_late]
    first_on = coming.groupby(PLACE)["available_on"].transform("min")
    frame = counted.assign(
        counted_on=grouped["as_of"].max(),
        next_on=coming.groupby(PLACE)["available_on"].min(),
        next_units=coming[coming["available_on"] == first_on].groupby(PLACE)["units"].sum(),
        overdue_units=inbound[is_late].groupby(PLACE)["units"].sum(),
    ).reset_index()
    none = ["overdue_units", "next_units"]
    frame[none] = frame[none].fillna(0).astype("int64")
    frame["next_on"] = frame["next_on"].astype("datetime64[us]")
    frame = frame.merge(_shown(shown, scope), on=PLACE, how="left")
    frame = frame.assign(**_gap(frame, scope))
    width = frame["platform_gap_units"].abs().mask(shares_shelf(frame), 0).fillna(-1)
    order = width.mul(-1).sort_values(kind="stable").index
    return tables.checked(tables.StockStages, frame.loc[order])


def shares_shelf(stages: pd.DataFrame) -> pd.Series:
    """Return by row of `StockStages` whether shops that part a shelf may well show less of it."""
    return stages["reason"].str.startswith(SHARED)


def receipts(shipments: pd.DataFrame, moves: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """Return for each shipment and SKU what arrived, was checked and went on the shelf, and when.

    Parameters
    ----------
    shipments : DataFrame
        Table `Shipments`.
    moves : DataFrame
        Table `StockMoves`; those that name a shipment.
    scope : Scope
        Its looking days of step 4; what is dated on them or later is not known.

    Returns
    -------
    DataFrame
        Table `Receipts` of shipments that have arrived, stuck units first.

    Notes
    -----
    Arrived is what the shipment says it received, else the moves of kind `arrived`. On the shelf
    is what movements say; where they say nothing of a shipment, its own `shelf_on` stands for all
    of it. A warehouse whose movements name shipments at all tells that nothing was checked or
    shelved by being silent; of any other, silence leaves checked, sellable and stuck unknown.
    """
    looking = _looking(scope)
    places = _places(scope)
    sent = shipments.assign(market=shipments["warehouse"].map(places))
    sent = sent[sent["market"].isin(scope.markets)]
    looks = pd.to_datetime(sent["market"].map(looking))
    known = moves.assign(market=moves["warehouse"].map(places))
    known = known[known["day"] < pd.to_datetime(known["market"].map(looking))]
    frame = sent.rename(columns={"units": "sent_units"}).assign(looks=looks)
    for kind, name in (("arrived", "dock"), ("checked", "checked"), ("shelved", "sellable")):
        part = known[(known["kind"] == kind) & (known["shipment"] != "")]
        sums = part.groupby(["shipment", "sku"]).agg(units=("units", "sum"), day=("day", "max"))
        named = {"units": f"{name}_units", "day": f"{name}_on"}
        frame = frame.merge(sums.rename(columns=named).reset_index(), how="left")
    frame["arrived_on"] = frame["arrived_on"].where(frame["arrived_on"] < frame["looks"])
    frame["arrived_on"] = frame["arrived_on"].fillna(frame["dock_on"])
    frame = frame[frame["arrived_on"].notna()]
    if frame.empty:
        return tables.empty(tables.Receipts)
    receiving = known[(known["shipment"] != "") & known["kind"].isin(RECEIVING)]
    tells = frame["warehouse"].isin(receiving["warehouse"])
    tells |= frame["shipment"].isin(receiving["shipment"])
    return _told(_shelved(frame, tells))


def _shelved(frame: pd.DataFrame, tells: pd.Series) -> pd.DataFrame:
    """Return the shipments with what arrived and what of it is known to be on the shelf."""
    arrived = frame["received_units"].fillna(frame["dock_units"].astype("Int64"))
    is_whole = frame["sellable_units"].isna() & (frame["shelf_on"] < frame["looks"])
    shelved = frame["sellable_units"].astype("Int64").mask(is_whole, arrived)
    return frame.assign(
        came_units=arrived.astype("Int64"),
        sellable_units=shelved,
        sellable_on=frame["sellable_on"].mask(is_whole, frame["shelf_on"]),
        is_told=is_whole | tells,
    )


def _told(frame: pd.DataFrame) -> pd.DataFrame:
    arrived = frame["came_units"]
    silent = frame["is_told"].map({True: 0, False: pd.NA}).astype("Int64")
    shelved, checked = (
        frame[name].astype("Int64").fillna(silent) for name in ("sellable_units", "checked_units")
    )
    stuck = (arrived - shelved).clip(lower=0).astype("Int64").where(frame["is_told"])
    is_stuck = (stuck > 0).fillna(False).astype(bool)
    missing = (frame["sent_units"] - arrived).clip(lower=0).astype("Int64")
    waited = (frame["looks"] - frame["arrived_on"]) / DAY
    reason = pd.Series("reason.receipt_done", index=frame.index)
    reason = reason.mask(is_stuck, "reason.receipt_stuck").mask(
        stuck.isna(), "reason.receipt_untold"
    )
    lacking = (missing > 0).fillna(False).astype(bool)
    reason = reason.where(~lacking, reason + ";reason.receipt_missing")
    rows = frame.assign(
        checked_units=checked,
        sellable_units=shelved,
        stuck_units=stuck,
        stuck_days=waited.where(is_stuck),
        missing_units=missing,
        reason=reason.astype("str"),
        most=-stuck.fillna(0) - missing.fillna(0),
    )
    rows = rows.sort_values(["most", "market", "shipment", "sku"])
    for name in ("arrived_on", "checked_on", "sellable_on"):
        rows[name] = rows[name].astype("datetime64[us]")
    return tables.checked(tables.Receipts, rows[tables.columns(tables.Receipts)])


def _newest(stock: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    served = {shop.warehouse for shop in scope.shops}
    known = newest_known(stock, _looking(scope), seller=scope.seller)
    known = known[known["warehouse"].isin(served)]
    known = known.assign(market=known["warehouse"].map(_places(scope)))
    return known[known["market"].isin(scope.markets)]


def _shown(shown: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return by place the most that one of its shops shows, of its newest known day."""
    home = {shop.shop: shop for shop in scope.shops}
    rows = shown[shown["shop"].isin(home)]
    rows = rows.assign(
        market=[home[shop].market for shop in rows["shop"]],
        warehouse=[home[shop].warehouse for shop in rows["shop"]],
    ).astype({"market": "str", "warehouse": "str"})
    rows = rows[rows["as_of"] <= pd.to_datetime(rows["market"].map(_looking(scope)))]
    rows = rows[rows["as_of"] == rows.groupby(["shop", "sku"])["as_of"].transform("max")]
    rows = rows.sort_values("units").drop_duplicates(PLACE, keep="last")
    named = rows.rename(columns={"units": "platform_units", "as_of": "platform_on"})
    named = named[[*PLACE, "platform_units", "platform_on"]]
    return named.astype({"platform_units": "Int64", "platform_on": "datetime64[us]"})


def _gap(frame: pd.DataFrame, scope: Scope) -> dict[str, pd.Series]:
    shops = pd.Series([shop.warehouse for shop in scope.shops]).value_counts()
    is_shared = frame["warehouse"].map(shops) > 1
    is_same = frame["platform_on"] == frame["counted_on"]
    gap = (frame["platform_units"] - frame["sellable_units"]).where(is_same)
    gap = gap.astype("Int64")
    reason = pd.Series("reason.stage_agrees", index=frame.index)
    reason = reason.mask(gap.gt(0).fillna(False), "reason.stage_oversold")
    is_fewer = gap.lt(0).fillna(False)
    reason = reason.mask(is_fewer, "reason.stage_hidden")
    reason = reason.mask(
        is_fewer & is_shared, gap.map(f"{SHARED}|units={{:.0f}}".format).str.replace("=-", "=")
    )
    reason = reason.mask(gap.isna(), "reason.stage_other_day")
    reason = reason.mask(frame["platform_units"].isna(), "reason.stage_no_platform")
    return {"platform_gap_units": gap, "reason": reason.astype("str")}


def _places(scope: Scope) -> dict[str, str]:
    return {house.warehouse: house.market for house in scope.seller.warehouses}


def _looking(scope: Scope) -> dict[str, pd.Timestamp]:
    return {market: pd.Timestamp(day) for market, day in scope.as_of(4).items()}

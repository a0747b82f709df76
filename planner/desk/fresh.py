"""What has come in since the plan: orders, returns and stock counts as their files stand now.

Step 4 reads the seller's files itself, through the readers of step 1, and keeps the plan of steps
2 and 3. Computes no forecast and no stock position.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from planner import tables
from planner.desk.files import hash_of
from planner.desk.store import Desk
from planner.intake import came_back, coverage, inventory, orders, plans, returns
from planner.intake.bundles import explode
from planner.intake.exception_notes import read_exception_notes
from planner.intake.folders import listed_exports
from planner.intake.known import as_known
from planner.intake.owned_files import owned_files
from planner.intake.parcels import known_parcels
from planner.intake.sales import daily_sales
from planner.scope import Scope
from planner.season.platform.platform_watch import Watch

STEP = 4
TRACK = "track"
"""Part of the tables that step 4 makes of files that step 1 has not seen."""
KEPT = (tables.OrderLines, tables.ReturnLines, tables.Parcels, tables.Reconciliation)
HOUR = pd.Timedelta(hours=1)


class Fresh(NamedTuple):
    """What is known of a running campaign at the moment from which it is tracked."""

    lines: pd.DataFrame
    """Table `OrderLines` as known at the moment."""
    parcels: pd.DataFrame
    """Table `Parcels` likewise."""
    returns: pd.DataFrame
    """Table `ReturnLines`, all of them."""
    daily: pd.DataFrame
    """Table `DailySales` up to the looking day; days that no export covers have no row."""
    exploded: pd.DataFrame
    """`lines` with every bundle as its parts: for the sales of the looking day."""
    at: dict[str, pd.Timestamp]
    """By market the moment up to which its orders are known, on the looking day."""
    stock: pd.DataFrame
    """Table `Stock`, every count known, each at the start of its day however late it was taken."""
    stock_days: pd.DataFrame
    """Table `StockHistory`."""
    bundles: pd.DataFrame
    events: pd.DataFrame
    files: pd.DataFrame
    """Table `Reconciliation` of all order exports that are there now."""
    ages: pd.DataFrame
    """Table `DataAges`: how old what is known is, shop by shop."""


class _Taken(NamedTuple):
    """What the exports say, all of it."""

    lines: pd.DataFrame
    returns: pd.DataFrame
    parcels: pd.DataFrame
    files: pd.DataFrame


def read_fresh(desk: Desk) -> Fresh:
    """Return what the seller's files say at the moment of tracking.

    Parameters
    ----------
    desk : Desk
        Notebook 01 has written `Bundles`, `Events` and `Reconciliation` of the planning day.

    Raises
    ------
    InputError
        If an export cannot be used, or more rows are lost than the policy bears: a broken new
        file stops the tracking and not only itself.

    Notes
    -----
    What is later than the moment is cut (`as_known`). Orders are known up to the newest moment in
    the files, in whole hours that are over: an export of 13:20 tells all of 12:00 to 13:00, and
    what it holds of the hour after it waits. Where the
    exports are still those of step 1, its tables are taken; where they are not, they are read
    again, and kept as part `track` for the other language.
    """
    scope, folder = desk.scope, desk.seller_folder
    moments = {market: pd.Timestamp(at) for market, at in scope.moments(STEP).items()}
    taken = _taken_in(desk)
    lines, returned = taken.lines, taken.returns
    known = as_known(lines, moments, returns=returned)
    bundles, events = desk.read(tables.Bundles), desk.read(tables.Events)
    exploded = explode(known, bundles)
    counted = inventory.read_inventory(folder, scope.seller)
    stock = inventory.read_snapshots(folder, scope.seller, moments, counted=counted)
    stock_days = inventory.read_stock_history(folder, scope.seller, counted=counted)
    daily = daily_sales(
        known,
        bundles=bundles,
        events=events,
        stock_history=stock_days,
        until=scope.as_of(STEP),
        joined=plans.read_campaigns_joined(folder),
        uncovered=coverage.uncovered_days(taken.files, lines, until=scope.as_of(STEP)),
        catalogue=desk.read(tables.Catalogue),
    )
    new = ~taken.files["sha256"].isin(desk.read(tables.Reconciliation)["sha256"])
    ages = data_ages(lines, stock, scope=scope, new_files=taken.files.loc[new, "shop"])
    return Fresh(
        lines=known,
        parcels=known_parcels(taken.parcels, known, moments),
        returns=returned,
        daily=daily,
        exploded=exploded,
        at=known_until(ages, moments),
        stock=at_day_start(stock, exploded, scope=scope),
        stock_days=stock_days,
        bundles=bundles,
        events=events,
        files=taken.files,
        ages=ages,
    )


def read_watch(desk: Desk, fresh: Fresh) -> Watch:
    """Return the platform's rules in force, and what people wrote of exceptions.

    Raises
    ------
    PlannerError
        Names file, row, column and value that cannot be read.
    """
    today = desk.scope.first_day(STEP)  # a limit that changed since the plan is the one that holds
    return Watch(
        parcels=fresh.parcels,
        metrics=desk.rules(tables.Metrics, on=today),
        caps=desk.rules(tables.OrderCapRules, on=today),
        notes=read_exception_notes(desk.seller_folder),
        inbound=desk.rules(tables.InboundRules, on=today),
    )


def at_day_start(stock: pd.DataFrame, lines: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """Return counts taken during a day as they would have been at its start.

    Parameters
    ----------
    stock : DataFrame
        Table `Stock`; `as_of` is a day, or a moment of one.
    lines : DataFrame
        Table `OrderLines`, bundles exploded: what sold between the day's start and the count.
    scope : Scope
        Which shops draw on which warehouse.

    Notes
    -----
    ``units at the start = units counted + units sold since the day began``, for goods on hand. All
    of the season's arithmetic takes a count for one made before the sales of its day. Of several
    counts of a warehouse on one day the last stands.
    """
    days = [stock["warehouse"], stock["as_of"].dt.normalize()]
    stock = stock[stock["as_of"] == stock.groupby(days)["as_of"].transform("max")]
    day = stock["as_of"].dt.normalize()
    is_late = (stock["as_of"] > day) & (stock["stage"] == "on_hand")
    if not is_late.any():
        return tables.checked(tables.Stock, stock.assign(as_of=day))
    houses = {shop.shop: shop.warehouse for shop in scope.seller.shops}
    sold = lines.loc[lines["is_demand"], ["shop", "sku", "units", "ordered_at"]]
    sold = sold.assign(warehouse=sold["shop"].map(houses)).drop(columns="shop")
    counted = stock.loc[is_late, ["sku", "warehouse", "as_of"]].reset_index(names="place")
    pairs = counted.merge(sold, on=["sku", "warehouse"])
    since = pairs["as_of"].dt.normalize()
    inside = (pairs["ordered_at"] >= since) & (pairs["ordered_at"] < pairs["as_of"])
    back = pairs[inside].groupby("place")["units"].sum().reindex(stock.index, fill_value=0)
    return tables.checked(tables.Stock, stock.assign(as_of=day, units=stock["units"] + back))


def data_ages(
    lines: pd.DataFrame, stock: pd.DataFrame, *, scope: Scope, new_files: pd.Series
) -> pd.DataFrame:
    """Return how old what is known is, shop by shop.

    Parameters
    ----------
    lines : DataFrame
        Table `OrderLines`; an order later than the moment tells that the exports reach it.
    stock : DataFrame
        Table `Stock` as known at the moment.
    scope : Scope
    new_files : Series of str
        Shop of each export that the plan had not seen.

    Returns
    -------
    DataFrame
        Table `DataAges`, the oldest first.
    """
    moments = scope.moments(STEP)
    rows = []
    for shop in scope.shops:
        looking = pd.Timestamp(moments[shop.market])
        own = lines.loc[lines["shop"] == shop.shop]
        last = own[["ordered_at", "paid_at", "shipped_at", "cancelled_at"]].max(axis=None)
        until = min(pd.Timestamp(last).floor("h"), looking) if len(own) else pd.NaT
        counts = stock.loc[stock["warehouse"] == shop.warehouse, "as_of"]
        rows.append({
            "shop": shop.shop,
            "market": shop.market,
            "looking_at": looking,
            "orders_until_at": until,
            "behind_hours": (looking - until) / HOUR,
            "counted_at": counts.max(),
            "count_age_hours": (looking - counts.max()) / HOUR,
            "new_files_count": int((new_files == shop.shop).sum()),
        })  # fmt: skip
    kinds = tables.empty(tables.DataAges).dtypes.to_dict()
    frame = pd.DataFrame(rows, columns=list(kinds)).astype(kinds)
    return tables.checked(tables.DataAges, frame.sort_values("behind_hours", ascending=False))


def known_until(ages: pd.DataFrame, moments: Mapping[str, datetime]) -> dict[str, pd.Timestamp]:
    """Return by market the earliest moment up to which its shops are known, on the looking day.

    Parameters
    ----------
    ages : DataFrame
        Table `DataAges`; a shop without an order tells nothing.
    moments : Mapping of str to datetime
        By market, the moment one looks from.
    """
    first = ages.groupby("market")["orders_until_at"].min().dropna()
    return {
        market: max(
            min(first.get(market, pd.Timestamp(at)), pd.Timestamp(at)), pd.Timestamp(at).normalize()
        )
        for market, at in moments.items()
    }


def _taken_in(desk: Desk) -> _Taken:
    """Return what the exports say: from tables made of these very files, else read anew."""
    scope, folder = desk.scope, desk.seller_folder
    exports, back = _hashes(folder, scope)
    if _is_made_of(desk, "", exports | back):
        return _read_part(desk, "")
    if _is_made_of(desk, TRACK, exports | back):
        taken = _read_part(desk, TRACK)
    else:
        intake = orders.read_orders(folder, scope.seller)
        orders.refuse_if_too_much_lost(intake, scope.policy)
        returned = returns.read_returns(folder, scope.seller)
        lines = came_back.with_returns(intake.lines, returned.lines)
        files = pd.concat([intake.files, returned.files], ignore_index=True)
        taken = _Taken(lines, returned.lines, intake.parcels, files)
    for table, frame in zip(KEPT, taken, strict=True):  # also what the last run kept: it moves on
        desk.write(table, frame, part=TRACK)
    return taken._replace(files=_of_orders(taken.files, exports))


def _is_made_of(desk: Desk, part: str, now: dict[str, str]) -> bool:
    """Return whether the tables of a part were made of these files and no others."""
    if not all(desk.has(table, part) for table in KEPT):
        return False
    files = desk.read(tables.Reconciliation, part)
    if not part:
        beside = desk.read(tables.Reconciliation, "returns")
        files = pd.concat([files, beside], ignore_index=True)
    return dict(zip(files["file"], files["sha256"], strict=True)) == now


def _read_part(desk: Desk, part: str) -> _Taken:
    return _Taken(*(desk.read(table, part) for table in KEPT))


def _of_orders(files: pd.DataFrame, exports: dict[str, str]) -> pd.DataFrame:
    return files[files["file"].isin(list(exports))].reset_index(drop=True)


def _hashes(folder: Path, scope: Scope) -> tuple[dict[str, str], dict[str, str]]:
    """Return the SHA-256 of every order and every return export that is there, by its name."""
    exports, _ = listed_exports(folder / "orders", scope.seller)
    shops = [shop.shop for shop in scope.seller.shops]
    back = owned_files(folder / "returns", shops, what="shop")
    told = [{file.name: hash_of(file.path) for file in files} for files in (exports, back)]
    return told[0], told[1]

"""Reads what a seller has planned and joined: live sessions, shipments, past promotions.

Each file may be absent: its table is then empty. A file that is there must be right.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import get_args

import pandas as pd

from planner.intake.contracts import ROW, did_you_mean
from planner.intake.masters import SAME_EVENT_DAYS, master_path
from planner.intake.rules import Check, read_table, refuse_repeats
from planner.intake.tracking_numbers import numbers_in, wrong_numbers
from planner.seller import Mode, Seller
from planner.tables.contract import Table, checked, columns, empty
from planner.tables.promotions import CampaignsJoined, LivePlan
from planner.tables.stock import TOLD_STAGES, Milestones, Shipments

EXCEPTION_COLUMNS = ("event", "market", "sku", "starts_on", "is_joined")


def read_live_plan(folder: Path, seller: Seller) -> pd.DataFrame:
    """Return the live sessions planned: when, how long, by whom, for which SKU.

    Parameters
    ----------
    folder : Path
        Folder of the seller; reads `live_plan.csv` or `.xlsx`.
    seller : Seller
        Names the shops.

    Returns
    -------
    DataFrame
        Keeps the contract LivePlan: `starts_at` [shop's wall clock], `hours` [hours],
        `ad_budget` [the seller's currency]; no rows if there is no file.

    Raises
    ------
    InputError
        Names file, row, column, value and remedy, for every wrong cell at once.
    """
    optional = ("creator", "expected_viewers", "ad_budget", "discount_rate")
    checks = (
        partial(blank_cells, names=("shop", "sku")),
        partial(strange_cells, name="shop", known=[shop.shop for shop in seller.shops]),
    )
    path, plan = _read(folder, "live_plan", LivePlan, optional, checks)
    if path is None:
        return plan
    refuse_repeats(path, plan, ("shop", "sku", "starts_at"))
    done = plan.sort_values(["starts_at", "shop", "sku"])
    return checked(LivePlan, done[columns(LivePlan)])


def read_shipments(folder: Path, seller: Seller) -> pd.DataFrame:
    """Return what was sent to each warehouse, how, and what arrived.

    Parameters
    ----------
    folder : Path
        Folder of the seller; reads `shipments.csv` or `.xlsx`.
    seller : Seller
        Names the warehouses.

    Returns
    -------
    DataFrame
        Keeps the contract Shipments; no rows if there is no file. A day or count that is not
        known is missing, never 0.

    Raises
    ------
    InputError
        Names file, row, column, value and remedy, for every wrong cell at once; also for goods
        that arrived before they left, and for tracking numbers that break their check digit.
    """
    days = ("shipped_on", "due_on", "arrived_on", "shelf_on")
    optional = (*days, "received_units", "tracking")
    houses = [house.warehouse for house in seller.warehouses]
    checks = (
        partial(blank_cells, names=("shipment", "sku", "warehouse", "mode")),
        partial(strange_cells, name="warehouse", known=houses),
        partial(strange_cells, name="mode", known=get_args(Mode)),
        _out_of_order,
        _mistyped,
    )
    path, sent = _read(folder, "shipments", Shipments, optional, checks)
    if path is None:
        return sent
    refuse_repeats(path, sent, ("shipment", "sku"))
    return checked(Shipments, sent[columns(Shipments)])


def read_milestones(folder: Path, sent: pd.DataFrame) -> pd.DataFrame:
    """Return which stages of a shipment's trip are over, and since when.

    Parameters
    ----------
    folder : Path
        Folder of the seller; reads `milestones.csv` or `.xlsx`.
    sent : DataFrame
        Table `Shipments`; names the shipments.

    Returns
    -------
    DataFrame
        Keeps the contract Milestones; no rows if there is no file.

    Raises
    ------
    InputError
        Names file, row, column, value and remedy, for every wrong cell at once; also a stage of a
        shipment that is told twice.
    """
    checks = (
        partial(strange_cells, name="shipment", known=sorted(set(sent["shipment"]))),
        partial(strange_cells, name="stage", known=TOLD_STAGES),
    )
    path, told = _read(folder, "milestones", Milestones, (), checks)
    if path is None:
        return told
    refuse_repeats(path, told, ("shipment", "stage"))
    return checked(Milestones, told[columns(Milestones)])


def read_campaigns_joined(folder: Path) -> pd.DataFrame:
    """Return which past promotions the seller joined, by market, and by SKU where it differs.

    Parameters
    ----------
    folder : Path
        Folder of the seller; reads `campaigns_joined.csv` or `.xlsx`.

    Returns
    -------
    DataFrame
        Keeps the contract CampaignsJoined; a row without a SKU speaks for the whole shop.

    Raises
    ------
    InputError
        Names file, row, column, value and remedy.
    """
    optional = ("sku", "tier", "discount_rate")
    checks = (partial(blank_cells, names=("event", "market")),)
    path, joined = _read(folder, "campaigns_joined", CampaignsJoined, optional, checks)
    if path is None:
        return joined
    refuse_repeats(path, joined, ("event", "market", "sku", "starts_on"))
    return checked(CampaignsJoined, joined[columns(CampaignsJoined)])


def events_joined(events: pd.DataFrame, joined: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the promotions a market took part in, and the SKUs of which the contrary is true.

    Parameters
    ----------
    events : DataFrame
        Keeps the contract Events.
    joined : DataFrame
        Keeps the contract CampaignsJoined. What it does not name was joined by every SKU.

    Returns
    -------
    tuple of DataFrame and DataFrame
        The events, all phases, without those that a market did not join and none of its SKUs
        did; and the exceptions, shape (n, 5): `event`, `market`, `sku`, `starts_on` (first day
        of the sale), `is_joined`. Where only some SKUs joined, a row with an empty `sku` says
        no for all others.

    Notes
    -----
    A row of `joined` means the event of that name and market whose sale starts nearest to its
    `starts_on`, within 60 days; a phase belongs to the sale nearest to it.
    """
    key = ["event", "market", "sale_on"]
    sales = events.loc[events["phase"] == "sale", ["event", "market", "starts_on"]]
    sales = sales.drop_duplicates().rename(columns={"starts_on": "sale_on"})
    told = nearest_sale(joined, sales).dropna(subset="sale_on")
    is_whole = told["sku"] == ""
    shop_says_no = told.loc[is_whole & ~told["is_joined"], key].assign(shop=False)
    sku_says_yes = told.loc[~is_whole & told["is_joined"], key].drop_duplicates().assign(some=True)
    fate = shop_says_no.merge(sku_says_yes, on=key, how="left")
    absent = fate.loc[fate["some"].isna(), key].assign(is_absent=True)
    kept = nearest_sale(events, sales).merge(absent, on=key, how="left")["is_absent"].isna()
    said = told.merge(shop_says_no, on=key, how="left").merge(absent, on=key, how="left")
    usual = said["shop"].isna()
    is_exception = (said["sku"] == "") & ~said["is_joined"]
    is_exception |= (said["sku"] != "") & (said["is_joined"] != usual)
    exceptions = said[is_exception & said["is_absent"].isna()]
    exceptions = exceptions.drop(columns="starts_on").rename(columns={"sale_on": "starts_on"})
    order = ["starts_on", "market", "event", "sku"]
    names = list(EXCEPTION_COLUMNS)
    return (
        events[kept.to_numpy()].reset_index(drop=True),
        exceptions[names].sort_values(order, ignore_index=True),
    )


def nearest_sale(rows: pd.DataFrame, sales: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the sale of their event and market that lies nearest to their day.

    Parameters
    ----------
    rows : DataFrame
        `event`, `market`, `starts_on` and anything else.
    sales : DataFrame
        `event`, `market` and `sale_on`, the first day of each sale.

    Returns
    -------
    DataFrame
        The rows and `sale_on`, NaT where no sale of that name is within 60 days.
    """
    places = rows.reset_index(drop=True).reset_index(names="place")
    pairs = places[["place", "event", "market", "starts_on"]].merge(sales, on=["event", "market"])
    pairs["apart"] = (pairs["starts_on"] - pairs["sale_on"]).abs()
    near = pairs[pairs["apart"] <= pd.Timedelta(SAME_EVENT_DAYS, unit="D")]
    near = near.sort_values(["place", "apart"]).drop_duplicates("place")
    return places.merge(near[["place", "sale_on"]], on="place", how="left").drop(columns="place")


def _read(
    folder: Path,
    name: str,
    table: type[Table],
    optional: Collection[str],
    checks: Sequence[Check],
) -> tuple[Path | None, pd.DataFrame]:
    path = master_path(folder, name)
    if path is None:
        return None, empty(table)
    return path, read_table(path, table, optional=optional, checks=checks)


def blank_cells(frame: pd.DataFrame, names: Collection[str]) -> Iterator[str]:
    """Yield a finding for each empty cell of the columns named; `frame` has the file's `row`."""
    for name in names:
        for row in frame.loc[frame[name] == "", ROW]:
            yield f'row {row}, column "{name}": empty; fill it in or delete the row'


def strange_cells(frame: pd.DataFrame, name: str, known: Collection[str]) -> Iterator[str]:
    """Yield a finding for each value of a column that is none of the known ones."""
    strange = frame[~frame[name].isin(["", *known])]
    for text, rows in strange.groupby(name, sort=False)[ROW]:
        told = f"{str(text)[:40]!r} is not known{did_you_mean(str(text), known)}"
        yield f'row {rows.iloc[0]}, column "{name}": {told} (known: {", ".join(known)})'


def _out_of_order(sent: pd.DataFrame) -> Iterator[str]:
    """Yield the shipments that came before they left, or were counted before they came."""
    for later in ("due_on", "arrived_on"):
        for row in sent.loc[sent[later] < sent["shipped_on"], ROW]:
            yield f"row {row}: {later} is before shipped_on; mend one of the two days"
    for row in sent.loc[sent["shelf_on"] < sent["arrived_on"], ROW]:
        yield f"row {row}: shelf_on is before arrived_on; mend one of the two days"
    for row in sent.loc[sent["shelf_on"].notna() & sent["arrived_on"].isna(), ROW]:
        yield f"row {row}: on the shelf and no day of arrival; fill in arrived_on"
    early = sent["received_units"].notna() & sent["arrived_on"].isna()
    for row in sent.loc[early, ROW]:
        yield f"row {row}: units were received and no day of arrival; fill in arrived_on"


def _mistyped(sent: pd.DataFrame) -> Iterator[str]:
    """Yield the tracking numbers that no carrier can have given."""
    for row, text in zip(sent[ROW], sent["tracking"], strict=True):
        for number in wrong_numbers(numbers_in(text)):
            yield (
                f'row {row}, column "tracking": {number[:40]!r} breaks its check digit or lost '
                "digits in a spreadsheet; copy it again from the carrier, as text"
            )

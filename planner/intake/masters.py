"""Reads what the seller says beside the exports: goods, bundles, stock, past promotions.

Each is a CSV or an XLSX, and may be absent: its table is then empty, and what it would have said
is unknown. A file that is there must be right: no cell is guessed, none is passed over.
"""

from collections.abc import Collection
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from planner.errors import InputError
from planner.intake.contracts import ROW, did_you_mean
from planner.intake.like_items import wrong_likes
from planner.intake.override_rows import OverrideFile, overrides_of, wrong_cells
from planner.intake.rules import read_table, refuse_blank, refuse_repeats
from planner.seller import Seller
from planner.tables.contract import checked, columns, empty
from planner.tables.goods import Bundles, Catalogue
from planner.tables.promotions import Events, Overrides
from planner.tables.stock import Stock, StockHistory

CUBIC_CM_PER_CBM = 1_000_000
MASTER_SUFFIXES = (".csv", ".xlsx")
OVERRIDE_NEEDS = ("owner", "reason", "expires_on")
SAME_EVENT_DAYS = 60  # an event of the same name further off is another year's


class CatalogueFile(Catalogue):
    """One row per SKU as the seller keeps it: costs in any currency, sizes by edge or volume."""

    cost_currency: str
    length_cm: float = pa.Field(nullable=True, gt=0)
    width_cm: float = pa.Field(nullable=True, gt=0)
    height_cm: float = pa.Field(nullable=True, gt=0)
    carton_length_cm: float = pa.Field(nullable=True, gt=0)
    carton_width_cm: float = pa.Field(nullable=True, gt=0)
    carton_height_cm: float = pa.Field(nullable=True, gt=0)
    carton_kg: float = pa.Field(nullable=True, gt=0)
    material: str
    purpose: str
    declared_cost: float = pa.Field(nullable=True, gt=0)
    is_hero: bool


def master_path(folder: Path, name: str) -> Path | None:
    """Return the file of a hand-kept table, `<name>.csv` or `<name>.xlsx`, or None.

    Raises
    ------
    InputError
        If both are there: nobody could say which counts; or if it is no plain file.
    """
    paths = [folder / f"{name}{suffix}" for suffix in MASTER_SUFFIXES]
    found = [path for path in paths if path.exists() or path.is_symlink()]
    if len(found) > 1:
        names = " and ".join(path.name for path in found)
        raise InputError(f"{names} are both there; keep one of the two and delete the other")
    for path in found:
        if path.is_symlink() or not path.is_file():
            what = "a folder, link or device, not a plain file; put the file itself there"
            raise InputError(f"{path.name}: {what}")
    return found[0] if found else None


def read_catalogue(folder: Path, seller: Seller) -> pd.DataFrame:
    """Return the seller's goods, costs in the seller's currency.

    Parameters
    ----------
    folder : Path
        Folder of the seller; reads `catalogue.csv` or `.xlsx`. Only the column `sku` must be there.
    seller : Seller
        Gives the exchange rates for rows with a `cost_currency` of their own.

    Returns
    -------
    DataFrame
        Keeps the contract Catalogue; no rows if there is no file.

    Raises
    ------
    InputError
        Names file, row, column, value and remedy, for every wrong cell at once.
    ConfigError
        If seller.yml gives no rate for a currency.

    Notes
    -----
    ``volume_cbm = length_cm * width_cm * height_cm / 1e6`` where the file gives no volume and
    all three edges. An empty flag (`has_battery` ...) reads as no.
    """
    path = master_path(folder, "catalogue")
    if path is None:
        return empty(Catalogue)
    optional = [name for name in columns(CatalogueFile) if name != "sku"]
    goods = read_table(path, CatalogueFile, optional=optional, checks=(wrong_likes,))
    refuse_blank(path, goods, ("sku",))
    currencies = goods["cost_currency"].where(goods["cost_currency"] != "", seller.currency)
    rates = {currency: seller.fx_rate(currency) for currency in currencies.unique()}
    edges = goods["length_cm"] * goods["width_cm"] * goods["height_cm"] / CUBIC_CM_PER_CBM
    done = goods.assign(
        unit_cost=goods["unit_cost"] * currencies.map(rates).astype("float64"),
        volume_cbm=goods["volume_cbm"].fillna(edges),
        certificates=_joined(goods["certificates"]),
    )
    return checked(Catalogue, done[columns(Catalogue)])


def completed(catalogue: pd.DataFrame, skus: Collection[str]) -> pd.DataFrame:
    """Return the catalogue with a row for every SKU that was sold, all of it unknown."""
    seen = sorted(set(skus) - set(catalogue["sku"]))
    if not seen:
        return checked(Catalogue, catalogue)
    unknown = empty(Catalogue).reindex(range(len(seen)))
    texts = ["name", "category", "hs_code", "barcode", "certificates", "like_sku"]
    flags = ["has_battery", "has_liquid", "has_powder"]
    unknown = unknown.assign(
        sku=pd.Series(seen, dtype="str"),
        **{name: pd.Series("", index=unknown.index, dtype="str") for name in texts},
        **{name: False for name in flags},
    ).astype(empty(Catalogue).dtypes.to_dict())
    whole = unknown if catalogue.empty else pd.concat([catalogue, unknown], ignore_index=True)
    return checked(Catalogue, whole)


def read_bundles(folder: Path) -> pd.DataFrame:
    """Return what each bundle is made of.

    Raises
    ------
    InputError
        If a component is itself a bundle, or a pair stands twice; names file and row.

    Notes
    -----
    A component may be its own SKU: selling A with a gift draws one A and one GIFT. Such a SKU is
    a good with a gift; as a component of another bundle it would hide its gift, and is refused.
    """
    path = master_path(folder, "bundles")
    if path is None:
        return empty(Bundles)
    bundles = read_table(path, Bundles)
    refuse_blank(path, bundles, ("sku", "component"))
    refuse_repeats(path, bundles, ("sku", "component"))
    is_own = bundles["component"] == bundles["sku"]
    nested = bundles[bundles["component"].isin(bundles["sku"]) & ~is_own]
    if len(nested):
        first = nested.iloc[0]
        raise InputError(
            f'{path.name}, row {first[ROW]}, column "component": {first["component"]!r} is itself '
            "a bundle; list the goods it is made of"
        )
    return checked(Bundles, bundles.drop(columns=ROW))


def read_stock_file(folder: Path) -> pd.DataFrame:
    """Return every stock count that is kept by hand.

    Parameters
    ----------
    folder : Path
        Folder of the seller; reads `stock.csv` or `.xlsx`.

    Returns
    -------
    DataFrame
        Keeps the contract Stock, in file order: several snapshots of a warehouse may stand in it.
    """
    path = master_path(folder, "stock")
    if path is None:
        return empty(Stock)
    stock = read_table(path, Stock, optional=("available_on",))
    refuse_blank(path, stock, ("sku", "warehouse"))
    refuse_repeats(path, stock, ("sku", "warehouse", "stage", "available_on", "as_of"))
    return checked(Stock, stock.drop(columns=ROW))


def refuse_unknown_warehouses(folder: Path, seller: Seller) -> None:
    """Raise if stock.csv counts goods in a warehouse that seller.yml does not name.

    Raises
    ------
    InputError
        Names the first row of each such warehouse, and the known ones.
    """
    path = master_path(folder, "stock")
    if path is None:
        return
    stock = read_table(path, Stock, optional=("available_on",))
    known = [house.warehouse for house in seller.warehouses]
    strange = stock[~stock["warehouse"].isin(known)].drop_duplicates("warehouse")
    if len(strange):
        told = "; ".join(
            f'row {row[ROW]}, column "warehouse": {row["warehouse"]!r} is not in seller.yml'
            f"{did_you_mean(row['warehouse'], known)}"
            for row in strange.to_dict("records")
        )
        raise InputError(
            f"{path.name}, {told} (known: {', '.join(known)}); mend the row, or add the "
            "warehouse to seller.yml"
        )


def read_stock_history_file(folder: Path) -> pd.DataFrame:
    """Return the hand-kept stock of past days: sellable units at each day's end."""
    path = master_path(folder, "stock_history")
    if path is None:
        return empty(StockHistory)
    history = read_table(path, StockHistory)
    refuse_blank(path, history, ("sku",))
    refuse_repeats(path, history, ("sku", "day"))
    return checked(StockHistory, history.drop(columns=ROW))


def read_events(
    folder: Path, calendar: pd.DataFrame, *, markets: Collection[str] | None = None
) -> pd.DataFrame:
    """Return past and announced promotions: the register's, and the seller's own on top.

    Parameters
    ----------
    folder : Path
        Folder of the seller; reads `events.csv` or `.xlsx`.
    calendar : DataFrame
        The register Calendar.
    markets : collection of str, optional
        Only the register's rows of these markets; without it all of them.

    Returns
    -------
    DataFrame
        Keeps the contract Events. Where both name the same event, market and phase within
        60 days of each other, the seller's row stands.
    """
    names = columns(Events)
    public = (
        calendar[names]
        if markets is None
        else calendar.loc[calendar["market"].isin(markets), names]
    )
    path = master_path(folder, "events")
    if path is None:
        return checked(Events, _dated(public))
    own = read_table(path, Events)
    refuse_blank(path, own, ("event", "market"))
    refuse_repeats(path, own, ("event", "market", "phase", "starts_on"))
    own = own.drop(columns=ROW)
    key = ["event", "market", "phase"]
    pairs = public.reset_index(names="place").merge(own[[*key, "starts_on"]], on=key)
    days_apart = (pairs["starts_on_x"] - pairs["starts_on_y"]).dt.days.abs()
    replaced = pairs.loc[days_apart <= SAME_EVENT_DAYS, "place"]
    parts = [part for part in (public.drop(index=replaced.unique()), own) if len(part)]
    return checked(Events, _dated(pd.concat(parts)) if parts else empty(Events))


def read_overrides(folder: Path) -> pd.DataFrame:
    """Return what an analyst would plan otherwise, each row with owner, reason and expiry.

    Parameters
    ----------
    folder : Path
        Folder of the seller; reads `overrides.csv` or `.xlsx`. Column `change` holds ``*1.2``,
        ``+250``, ``=1200`` or ``-10%``; the older column `demand_ratio` still counts.

    Returns
    -------
    DataFrame
        Keeps the contract Overrides, in file order; no rows if there is no file.

    Raises
    ------
    InputError
        Names file, row, column, value and remedy, for every wrong cell at once.
    """
    path = master_path(folder, "overrides")
    if path is None:
        return empty(Overrides)
    optional = [name for name in columns(OverrideFile) if name not in OVERRIDE_NEEDS]
    written = read_table(path, OverrideFile, optional=optional, checks=(wrong_cells,))
    refuse_repeats(path, written, [name for name in written if name not in (ROW, "reason")])
    return checked(Overrides, overrides_of(written))


def _joined(lists: pd.Series) -> pd.Series:
    parts = lists.str.split(";").map(lambda names: [name.strip() for name in names])
    return parts.map(lambda names: ";".join(name for name in names if name)).astype("str")


def _dated(events: pd.DataFrame) -> pd.DataFrame:
    return events.sort_values(["starts_on", "market", "event", "phase"], ignore_index=True)

"""Reads what customs, warehouses and the platform want to know of goods, and papers that exist.

The facts stand in the seller's catalogue beside prices and sizes; the papers in `certificates`.
A flag that nobody filled in is unknown here, not no.
"""

from pathlib import Path

import pandas as pd

from planner.intake.contracts import ROW
from planner.intake.masters import CatalogueFile, master_path, read_catalogue
from planner.intake.rules import read_table, refuse_blank, refuse_repeats
from planner.seller import Seller
from planner.tables.contract import checked, columns, empty
from planner.tables.goods import Evidence, GoodsFacts

FLAGS = ("has_battery", "has_liquid", "has_powder")
EDGES = ["length_cm", "width_cm", "height_cm"]
CARTON_EDGES = [f"carton_{edge}" for edge in EDGES]
PAPER_KEY = ("certificate",)


class GoodsFile(CatalogueFile):
    """One row per SKU as the seller keeps it, flags as they are written."""

    has_battery: str
    has_liquid: str
    has_powder: str


def read_goods_facts(folder: Path, seller: Seller) -> pd.DataFrame:
    """Return what the catalogue says of goods beyond price and size.

    Parameters
    ----------
    folder : Path
        Folder of the seller; reads `catalogue.csv` or `.xlsx`.
    seller : Seller
        Gives the exchange rates for rows with a `cost_currency` of their own; a declared value
        is in the currency of the unit cost.

    Returns
    -------
    DataFrame
        Keeps the contract GoodsFacts; no rows if there is no file.

    Raises
    ------
    InputError
        As `masters.read_catalogue`: that every cell is right is checked there.

    Notes
    -----
    `longest_cm` is the longest of the edges that are given; `carton_cm` is known only where all
    three edges of the carton are.
    """
    path = master_path(folder, "catalogue")
    goods = read_catalogue(folder, seller)
    if path is None:
        return empty(GoodsFacts)
    optional = [name for name in columns(GoodsFile) if name != "sku"]
    written = read_table(path, GoodsFile, optional=optional)
    currencies = written["cost_currency"].where(written["cost_currency"] != "", seller.currency)
    rates = currencies.map({name: seller.fx_rate(name) for name in currencies.unique()})
    blank = written[list(FLAGS)].apply(lambda text: text.str.strip() == "")
    facts = written.assign(
        unit_cost=goods["unit_cost"],
        certificates=goods["certificates"],
        declared_cost=written["declared_cost"] * rates.astype("float64"),
        longest_cm=written[EDGES].max(axis=1),
        carton_cm=written[CARTON_EDGES].max(axis=1, skipna=False),
        has_unknown_flags=blank.any(axis=1),
    )
    return checked(GoodsFacts, facts[columns(GoodsFacts)])


def read_evidence(folder: Path) -> pd.DataFrame:
    """Return the papers that the seller holds.

    Parameters
    ----------
    folder : Path
        Folder of the seller; reads `certificates.csv` or `.xlsx`: a row speaks for one SKU, for a
        category, or for all goods, in one market or in all; only `certificate` must be filled.

    Returns
    -------
    DataFrame
        Keeps the contract Evidence; no rows if there is no file.

    Raises
    ------
    InputError
        Names file, row, column, value and remedy.
    """
    papers = evidence_rows(folder)
    return checked(Evidence, papers[columns(Evidence)])


def evidence_rows(folder: Path) -> pd.DataFrame:
    """Return the papers as `read_evidence` does, the file's row numbers beside."""
    path = master_path(folder, "certificates")
    if path is None:
        return empty(Evidence).assign(**{ROW: pd.Series(dtype="int64")})
    optional = [name for name in columns(Evidence) if name != "certificate"]
    papers = read_table(path, Evidence, optional=optional)
    refuse_blank(path, papers, PAPER_KEY)
    refuse_repeats(path, papers, ("market", "category", "sku", "certificate", "number"))
    return papers


def catalogue_rows(folder: Path) -> pd.DataFrame:
    """Return the catalogue as it is written, the file's row numbers beside."""
    path = master_path(folder, "catalogue")
    if path is None:
        return empty(CatalogueFile).assign(**{ROW: pd.Series(dtype="int64")})
    return read_table(path, CatalogueFile, optional=columns(CatalogueFile))

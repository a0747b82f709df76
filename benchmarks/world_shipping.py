"""What a seller keeps of goods on their way and in the house: shipments, movements, shown stock.

Told from the truth, with the gaps that people leave: returns put back that nobody wrote down, a
carton short at the dock, a platform that shows yesterday's count.
"""

from datetime import date, timedelta

import pandas as pd

from benchmarks.world_demand import days_of, position
from benchmarks.world_specs import Spec
from benchmarks.world_stock import PROMO_LEAD_DAYS, Stock

TRIP_DAYS = {
    "TH": {"truck": 10, "sea": 42}, "US": {"air": 15, "sea": 44}, "ID": {"air": 13, "sea": 42},
}  # fmt: skip
"""By market: how the campaign's goods come, then how those that came late; days door to door, as
the register's typical chain has them."""
DOCK_DAYS = 3
"""Days from the dock to the shelf. [days]"""
PICKUP_DAYS = 2
"""Days after an order on which goods that come by sea leave. [days]"""
SHORT_PLACE, SHORT_UNITS = 6, 2
"""Which SKU of the campaign's shipment came short, and by how many units."""
UNTOLD_EVERY = 7
"""One in so many returns is put back and not written down."""
SHOWN_OFF = {2: 5, 5: -4}
"""Place of a SKU and how far the platform's count is off. [units]"""
BACK_DAYS = 3
"""Goods sent back are in the house so many days before they are on the shelf. [days]"""


def shipment_rows(spec: Spec, stock: Stock) -> list[list[str]]:
    """Return header and rows of `shipments.csv`: the campaign's goods, and those that came late."""
    header = [
        "shipment", "sku", "warehouse", "mode", "units", "shipped_on", "due_on", "arrived_on",
        "shelf_on", "received_units",
    ]  # fmt: skip
    return [header, *map(_texts, _sent(spec, stock))]


def move_rows(spec: Spec, stock: Stock) -> list[list[str]]:
    """Return header and rows of `stock_moves.csv`: receipts, and returns put back on the shelf."""
    header = ["sku", "warehouse", "day", "kind", "units", "shipment", "note"]
    rows = []
    for shipment, sku, house, _, _, _, _, arrived, _, received in _sent(spec, stock):
        days = (arrived, arrived + timedelta(days=1), arrived + timedelta(days=DOCK_DAYS))
        for kind, day in zip(("arrived", "checked", "shelved"), days, strict=True):
            rows.append([sku, house, day, kind, received, shipment, ""])
    return [header, *map(_texts, sorted(rows + _returns(spec, stock), key=lambda row: row[2]))]


def shown_rows(spec: Spec, stock: Stock) -> list[list[str]]:
    """Return header and rows of `platform_stock.csv`: what each shop showed on the looking day."""
    night = position(days_of(spec), spec.track_on) - 1
    rows = []
    for shop in spec.shops:
        for place, sku in enumerate(spec.skus):
            units = int(stock.on_hand_units[place, night]) + SHOWN_OFF.get(place, 0)
            rows.append([shop.shop, sku, max(units, 0), spec.track_on])
    return [["shop", "sku", "units", "as_of"], *map(_texts, rows)]


def back_rows(spec: Spec, stock: Stock, day: date) -> list[list[str]]:
    """Return rows of `stock.csv`: goods sent back that are in the house and not on the shelf."""
    first, house, rows = position(days_of(spec), day), spec.shops[0].warehouse, []
    for ahead in range(1, BACK_DAYS):
        stage = "checked" if ahead == 1 else "receiving"
        for sku, units in zip(spec.skus, stock.back_units[:, first + ahead], strict=True):
            if units:
                rows.append([sku, house, stage, units, day + timedelta(days=ahead), day])
    return [_texts(row) for row in rows]


def _sent(spec: Spec, stock: Stock) -> list[list[object]]:
    """Return the campaign's shipment and those that were to come with it and are late."""
    house, market = spec.shops[0].warehouse, spec.shops[0].market
    shelf = spec.campaign.phases.start - timedelta(days=PROMO_LEAD_DAYS)
    rows: list[list[object]] = []
    late = {(one.sku, pd.Timestamp(one.available_on)) for one in spec.late}
    for row in stock.deliveries.itertuples():
        is_late = (row.sku, row.available_on) in late
        if row.available_on != pd.Timestamp(shelf) and not is_late:
            continue
        mode, days = list(TRIP_DAYS[market].items())[is_late]
        arrived = row.available_on.date() - timedelta(days=DOCK_DAYS)
        left = arrived - timedelta(days=days)
        left = row.ordered_on.date() + timedelta(days=PICKUP_DAYS) if is_late else left
        short = SHORT_UNITS if row.sku == spec.skus[SHORT_PLACE] and not is_late else 0
        due = left + timedelta(days=days)
        name = f"{market}-{mode.upper()}-1"
        sold = row.available_on.date()
        units = row.units - short
        rows.append([name, row.sku, house, mode, row.units, left, due, arrived, sold, units])
    return rows


def _returns(spec: Spec, stock: Stock) -> list[list[object]]:
    """Return what was put back on the shelf since the campaign began and written down."""
    days, house, rows = days_of(spec), spec.shops[0].warehouse, []
    first = position(days, spec.campaign.phases.start - timedelta(days=1))
    for place in range(first, position(days, spec.review_on)):
        for sku, units in zip(spec.skus, stock.back_units[:, place], strict=True):
            if units:
                rows.append([sku, house, days[place].date(), "returned", int(units), "", ""])
    return [row for number, row in enumerate(rows) if number % UNTOLD_EVERY]


def _texts(row: list[object]) -> list[str]:
    return [str(value) for value in row]

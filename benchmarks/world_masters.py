"""What a seller keeps beside the exports: goods, bundles, stock, stock reports, past promotions."""

from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from benchmarks.world_demand import days_of, position
from benchmarks.world_files import write_csv
from benchmarks.world_shipping import back_rows, move_rows, shipment_rows, shown_rows
from benchmarks.world_specs import Spec
from benchmarks.world_stock import Stock

HAND_WRITTEN = (
    "seller.yml", "bundles.csv", "overrides.csv", "certificates.csv", "decisions.csv",
    "live_plan.csv", "milestones.csv", "rules/*.csv",
)  # fmt: skip
CATALOGUE_COLUMNS = (
    "sku", "name", "category", "price", "promo_price", "unit_cost", "cost_currency", "weight_kg",
    "length_cm", "width_cm", "height_cm", "carton_units", "moq_units", "hs_code", "barcode",
    "certificates", "has_battery", "has_liquid", "has_powder", "material", "purpose",
    "declared_cost", "is_hero",
)  # fmt: skip
RECEIVING_DAYS = 3
"""Days before they can be sold on which goods are at the warehouse's door. [days]"""
ORDERED_DAYS = 2
"""Days after an order on which goods are not yet on their way. [days]"""


def write_masters(spec: Spec, stock: Stock, folder: Path) -> None:
    """Write every file of a seller's folder but the exports."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted(path for name in HAND_WRITTEN for path in spec.folder.glob(name)):
        target = folder / source.relative_to(spec.folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text(encoding="utf-8")
        target.write_text(text, encoding="utf-8", newline="\n")
    write_csv(folder / "catalogue.csv", catalogue_rows(spec))
    write_csv(folder / "events.csv", event_rows(spec))
    write_csv(folder / "campaigns_joined.csv", joined_rows(spec))
    write_csv(folder / "stock.csv", stock_rows(spec, stock))
    write_csv(folder / "stock_history.csv", history_rows(spec, stock))
    write_csv(folder / "shipments.csv", shipment_rows(spec, stock))
    write_csv(folder / "stock_moves.csv", move_rows(spec, stock))
    write_csv(folder / "platform_stock.csv", shown_rows(spec, stock))


def catalogue_rows(spec: Spec) -> list[list[str]]:
    """Return header and rows of `catalogue.csv`; bundles are no goods and stay out."""
    goods = [
        [row[name] for name in CATALOGUE_COLUMNS] for row in spec.rows if row["sku"] in spec.skus
    ]
    return [list(CATALOGUE_COLUMNS), *goods]


def event_rows(spec: Spec) -> list[list[str]]:
    """Return header and rows of `events.csv`: promotions that began before the planning day."""
    header = ["event", "kind", "market", "phase", "starts_on", "ends_on"]
    market = spec.shops[0].market
    rows = [
        [promo.event, promo.kind, market, phase, str(span.start), str(span.end)]
        for promo in spec.promos
        if promo.phases.start < spec.plan_on
        for phase, span in promo.phases.named().items()
    ]
    return [header, *rows]


def joined_rows(spec: Spec) -> list[list[str]]:
    """Return header and rows of `campaigns_joined.csv`: past promotions, all of them joined."""
    market = spec.shops[0].market
    rows = [
        [promo.event, market, "", str(promo.phases.sale.start), "yes", "", ""]
        for promo in spec.promos
        if promo.phases.start < spec.plan_on
    ]
    return [["event", "market", "sku", "starts_on", "is_joined", "tier", "discount_rate"], *rows]


def stock_rows(spec: Spec, stock: Stock) -> list[list[str]]:
    """Return header and rows of `stock.csv`: what was known on the mornings of three days."""
    header = ["sku", "warehouse", "stage", "units", "available_on", "as_of"]
    rows = []
    for day in (spec.plan_on, spec.track_on, spec.review_on):
        rows += _snapshot(spec, stock, day)
        rows += back_rows(spec, stock, day) if day == spec.track_on else []
        elsewhere = [row for row in spec.stock_elsewhere if row["as_of"] == str(day)]
        rows += [[row[name] for name in header] for row in elsewhere]
    return [header, *rows]


def history_rows(spec: Spec, stock: Stock) -> list[list[str]]:
    """Return header and rows of `stock_history.csv`: sellable units at each day's end."""
    days = days_of(spec).strftime("%Y-%m-%d")
    rows = [
        [sku, day, str(units)]
        for sku, path in zip(spec.skus, stock.on_hand_units, strict=True)
        for day, units in zip(days, path, strict=True)
    ]
    return [["sku", "day", "units"], *rows]


def _snapshot(spec: Spec, stock: Stock, day: date) -> list[list[str]]:
    warehouse = spec.shops[0].warehouse
    last_night = position(days_of(spec), day) - 1
    shelf = stock.on_hand_units[:, last_night]
    rows = [
        [sku, warehouse, "on_hand", str(units), "", str(day)]
        for sku, units in zip(spec.skus, shelf, strict=True)
    ]
    now = pd.Timestamp(day)
    moves = stock.deliveries
    coming = moves[(moves["ordered_on"] < now) & (moves["available_on"] >= now)]
    return rows + [
        [
            row.sku,
            warehouse,
            _stage(now, row.ordered_on, row.available_on),
            str(row.units),
            str(row.available_on.date()),
            str(day),
        ]
        for row in coming.itertuples()
    ]


def _stage(now: pd.Timestamp, ordered_on: pd.Timestamp, available_on: pd.Timestamp) -> str:
    if available_on - now <= timedelta(days=RECEIVING_DAYS):
        return "receiving"
    return "ordered" if now - ordered_on <= timedelta(days=ORDERED_DAYS) else "in_transit"

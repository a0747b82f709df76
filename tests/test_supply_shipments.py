"""Cartons of a shipment, numbered through, and what a forwarder asks for."""

import pandas as pd
import pytest

from planner import tables
from planner.errors import PlanningError
from planner.supply.papers import shipments
from planner.supply.papers.quote import FIELDS, quote_products, quote_request
from tests.test_guards_gates import facts
from tests.test_guards_gates import scope as scope_of_case

DAY = pd.Timestamp("2025-10-01")


def mode_plan(*rows: tuple[str, str, int]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["sku", "mode", "units"]).assign(
        market="US", warehouse="w", landed_cost=1.0, volume_cbm=1.0, ship_by=DAY, shelf_by=DAY,
        reason="", currency="USD",
    )  # fmt: skip
    return tables.checked(tables.ModePlan, frame[tables.columns(tables.ModePlan)])


def catalogue(**sizes: int | None) -> pd.DataFrame:
    frame = pd.DataFrame({"sku": list(sizes), "carton_units": list(sizes.values())})
    flags = {"has_battery": True, "has_liquid": False, "has_powder": False}
    return frame.astype({"carton_units": "Int64"}).assign(name="goods", **flags)


def test_cartons_are_numbered_through_a_shipment_and_anew_in_the_next():
    plan = mode_plan(("A", "sea", 48), ("B", "sea", 20), ("A", "air", 24))
    marks = shipments.carton_marks(plan, catalogue(A=24, B=10), scope=scope_of_case()).marks
    told = marks.set_index(["mode", "sku"])[["first_carton", "last_carton"]]
    assert told.loc[("sea", "A")].tolist() == [1, 2]
    assert told.loc[("sea", "B")].tolist() == [3, 4]
    assert told.loc[("air", "A")].tolist() == [1, 1]


def test_a_last_carton_that_is_not_full_has_a_row_of_its_own():
    plan = mode_plan(("A", "sea", 50))
    marks = shipments.carton_marks(plan, catalogue(A=24), scope=scope_of_case()).marks
    assert marks[["units_per_carton", "units"]].to_numpy().tolist() == [[24, 48], [2, 2]]
    assert marks["last_carton"].max() == 3
    assert marks["units"].sum() == 50


def test_the_mark_names_seller_campaign_shipment_goods_and_count():
    plan = mode_plan(("A", "sea", 48))
    marks = shipments.carton_marks(plan, catalogue(A=24), scope=scope_of_case()).marks
    assert marks["mark"][0] == "a / c / US-sea-w / A / 1-2 of 2 / 24"


def test_goods_without_a_carton_size_are_told_apart_and_not_numbered():
    packed = shipments.carton_marks(
        mode_plan(("A", "sea", 5), ("B", "sea", 20)), catalogue(A=None, B=10), scope=scope_of_case()
    )
    assert packed.loose[["sku", "units"]].to_numpy().tolist() == [["A", 5]]
    assert packed.marks["sku"].unique().tolist() == ["B"]


def test_counts_that_disagree_are_refused():
    lines = mode_plan(("A", "sea", 48))
    with pytest.raises(PlanningError, match="48"):
        shipments._refuse_difference(pd.DataFrame({"units": [47]}), lines)


def ship(units: int = 48) -> pd.DataFrame:
    return pd.DataFrame(
        [{"market": "US", "sku": "A", "mode": "sea", "units": units, "weight_kg": 96.0,
          "volume_cbm": 0.5}]
    )  # fmt: skip


def forecast() -> pd.DataFrame:
    days = {"starts_on": DAY, "ends_on": DAY + pd.Timedelta(days=59)}
    return pd.DataFrame([{"market": "US", "phase": "sale", "mean_units": 1200.0, **days}])


def request(goods: pd.DataFrame | None = None, lines: pd.DataFrame | None = None) -> pd.DataFrame:
    known = facts() if goods is None else goods
    found = quote_request(
        ship() if lines is None else lines, known, catalogue(A=24), forecast(),
        scope=scope_of_case(),
    )  # fmt: skip
    return found.set_index("field")


def test_a_request_has_the_eight_fields_of_the_brief():
    assert list(request().index) == [f"quote.{name}" for name in FIELDS]
    assert len(FIELDS) == 8


def test_what_nobody_said_is_open_and_asked_for():
    told = request()
    assert told.loc["quote.products", "value"] == "quote.open_products|n=1|lacks=1"
    assert not told.loc["quote.warehouse", "is_known"]
    assert told.loc["quote.double_clearance", "reason"] == "quote.double_clearance.ask"


def test_weight_volume_and_orders_come_from_the_plan():
    told = request(facts(material="PP", purpose="storage"))["value"]
    assert told["quote.products"] == "quote.skus|n=1"
    assert told["quote.weight_and_volume"] == "quote.size|kg=96.0|cbm=0.50"
    assert told["quote.monthly_orders"] == "quote.orders|orders=600"
    assert told["quote.sensitive"] == "quote.flags|battery=1|liquid=0|powder=0"


def test_a_plan_that_ships_nothing_asks_for_no_freight():
    assert request(lines=ship().head(0)).loc["quote.weight_and_volume", "value"] == "quote.nothing"


def test_the_product_list_gives_what_customs_want_to_know():
    row = quote_products(ship(), facts(material="PP"), catalogue(A=24)).iloc[0]
    assert (row["hs_code"], row["material"], row["units"]) == ("3924.90", "PP", 48)

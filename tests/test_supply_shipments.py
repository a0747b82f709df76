"""Cartons of a shipment, numbered through, and what a forwarder asks for."""

import pandas as pd
import pytest

from planner import tables
from planner.errors import PlanningError
from planner.scope import Scope
from planner.seller import Contract, Warehouse
from planner.supply.papers import shipments
from planner.supply.papers.quote import FIELDS, quote_products, quote_request, taxes_beside
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
    row = {"shop": "s", "market": "US", "phase": "sale", "mean_units": 1200.0, **days}
    return pd.DataFrame([row])


def request(
    goods: pd.DataFrame | None = None, lines: pd.DataFrame | None = None, **given: object
) -> pd.DataFrame:
    known = facts() if goods is None else goods
    found = quote_request(
        ship() if lines is None else lines, known, catalogue(A=24), forecast(),
        scope=given.pop("scope", None) or scope_of_case(), **given,
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
    assert told["quote.monthly_orders"] == "quote.open_orders|days=60|units=1200"
    assert told["quote.sensitive"] == "quote.flags|battery=1|liquid=0|powder=0"


def test_orders_are_not_units_and_an_ordinary_month_stands_beside_the_campaign():
    houses = pd.DataFrame({"market": ["US"], "monthly_orders": [310.0]})
    told = request(houses=houses, units_per_order={"s": 2.0})
    row = told.loc["quote.monthly_orders"]
    assert row["value"] == "quote.orders|monthly=310|days=60|orders=600"
    assert row["is_known"]


def test_each_warehouse_that_goods_go_to_has_its_own_address_or_is_asked_for_it():
    def told(addresses: tuple[str, str], *sent: str) -> str:
        houses = tuple(
            Warehouse(warehouse=name, market="US", address=address)
            for name, address in zip(("w", "v"), addresses, strict=True)
        )
        rows = pd.concat([mode_plan(("A", "sea", 48)).assign(warehouse=name) for name in sent])
        asked = request(mode_plan=rows, scope=_with_seller(warehouses=houses))
        return str(asked.loc["quote.warehouse", "value"])

    assert told(("1 A St", "2 B St"), "w", "v") == "quote.address|address=w: 1 A St; v: 2 B St"
    assert told(("1 A St", ""), "w", "v") == "quote.open_addresses|address=w: 1 A St|warehouse=v"
    assert told(("", ""), "w", "v") == "quote.open_address|warehouse=w, v"
    assert told(("1 A St", ""), "w") == "quote.address|address=w: 1 A St"


def test_a_price_without_tax_leaves_its_duty_to_pay_whatever_the_contract_says():
    rates = pd.DataFrame([{"market": "US", "category": "any", "duty_rate": 0.1,
                           "import_tax_rate": 0.0, "base": "fob", "source": "x",
                           "confidence": "low", "as_of": DAY}])  # fmt: skip
    goods = catalogue(A=24).assign(category="home", unit_cost=5.0)
    ways = pd.DataFrame([{"market": "US", "sku": "A", "mode": "sea", "unit_freight_cost": 1.0,
                          "unit_surcharge_cost": 0.0}])  # fmt: skip

    def tax(duty: str | None, duty_rate: float = 0.1) -> str:
        scope = _with_seller(contract=Contract(duty=duty))
        due = taxes_beside(ship(), ways, goods, rates.assign(duty_rate=duty_rate), scope=scope)
        return str(request(taxes=due, scope=scope).loc["quote.double_clearance", "reason"])

    currency = scope_of_case().seller.currency
    assert tax("DDP") == tax("DDU") == f"quote.tax|tax=24.00|currency={currency}"
    assert tax(None).startswith("quote.double_clearance.ask;quote.tax|tax=24.00")
    assert tax("DDP", float("nan")) == "quote.tax_unknown"


def _with_seller(**changed: object) -> Scope:
    scope = scope_of_case()
    return scope.model_copy(update={"seller": scope.seller.model_copy(update=changed)})


def test_a_plan_that_ships_nothing_asks_for_no_freight():
    assert request(lines=ship().head(0)).loc["quote.weight_and_volume", "value"] == "quote.nothing"


def test_the_product_list_gives_what_customs_want_to_know():
    row = quote_products(ship(), facts(material="PP"), catalogue(A=24)).iloc[0]
    assert (row["hs_code"], row["material"], row["units"]) == ("3924.90", "PP", 48)

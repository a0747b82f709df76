"""What goods must show before they are ordered or shipped."""

from datetime import date

import guards_case as case
import numpy as np
import pandas as pd
import pytest
import supply_case

from planner import tables
from planner.campaign import AsOf, Campaign, MarketPlan, Phases
from planner.frozen import Span, Words
from planner.guards.gates import batch_costs, blocked, goods_gates, hold_lines, priced
from planner.pages.telling import tell_reason
from planner.scope import scope_of
from planner.seller import Profile, Seller, Shop, Warehouse

DAY = pd.Timestamp("2025-01-01")
SHELF = date(2025, 11, 1)


def scope():
    name = Words(zh="例", en="Example")
    shop = Shop(
        shop="s", platform="tiktok", market="US", currency="USD",
        time_zone="America/Los_Angeles", warehouse="w",
    )  # fmt: skip
    seller = Seller(
        seller="a", name=name, currency="USD", profile=Profile(category="home"),
        shops=(shop,), warehouses=(Warehouse(warehouse="w", market="US"),),
    )  # fmt: skip
    sale = Span(start=SHELF, end=date(2025, 11, 3))
    plan = MarketPlan(
        event="11.11", kind="double_date", phases=Phases(sale=sale),
        next_replenishment_on=date(2025, 11, 20),
    )  # fmt: skip
    campaign = Campaign(
        campaign="c", name=name, as_of=AsOf(plan=date(2025, 9, 1)), markets={"US": plan}
    )
    return scope_of(campaign, seller)


def register(kind: type, *rows: dict) -> pd.DataFrame:
    known = {"valid_from": DAY, "valid_to": pd.NaT, "source": "a test", "as_of": DAY}
    frame = pd.DataFrame([{"confidence": "primary", **known, **row} for row in rows])
    frame = frame.reindex(columns=tables.columns(kind)) if rows else tables.empty(kind)
    return frame


BOUNDS = register(
    tables.Bounds,
    {"rule": "declared_value", "low": 0.9, "high": 1.5, "unit": "ratio"},
    {"rule": "oversize_edge", "low": None, "high": 120.0, "unit": "cm"},
    {"rule": "oversize_weight", "low": None, "high": 30.0, "unit": "kg"},
)
TOYS = register(
    tables.Certificates, {"market": "US", "category": "toys", "certificate": "CPC/EN71"}
)
REVIEW = register(
    tables.Admissions,
    {"market": "any", "category": "toys", "admission": "review", "review_days": None},
    {"market": "any", "category": "medical_device", "admission": "closed", "review_days": None},
)


def facts(**changes: object) -> pd.DataFrame:
    row = {
        "sku": "A", "category": "home", "hs_code": "3924.90", "barcode": "4006381333931",
        "certificates": "", "material": "", "purpose": "", "unit_cost": 10.0, "price": 30.0,
        "declared_cost": 10.0, "longest_cm": 40.0, "weight_kg": 2.0, "is_hero": False,
        "has_unknown_flags": False, "carton_cm": np.nan, "carton_kg": np.nan, **changes,
    }  # fmt: skip
    return tables.checked(tables.GoodsFacts, pd.DataFrame([row]))


def catalogue_of(goods: pd.DataFrame) -> pd.DataFrame:
    flags = {"has_battery": False, "has_liquid": False, "has_powder": False}
    return goods[["sku", "category", "certificates"]].assign(**flags)


def evidence(**changes: object) -> pd.DataFrame:
    row = {
        "market": "", "category": "toys", "sku": "", "certificate": "CPC", "number": "7",
        "file": "cpc.pdf", "expires_on": pd.Timestamp("2026-01-01"), **changes,
    }  # fmt: skip
    return tables.checked(tables.Evidence, pd.DataFrame([row]))


def gates(goods: pd.DataFrame, *papers: pd.DataFrame, asked=TOYS, admissions=None) -> pd.DataFrame:
    held = pd.concat(papers) if papers else tables.empty(tables.Evidence)
    rules = tables.empty(tables.Admissions) if admissions is None else admissions
    return goods_gates(known_of(goods, held, catalogue_of(goods), asked, rules), scope=scope())


def known_of(goods, held, catalogue, asked, rules):
    registers = {tables.Certificates: asked, tables.Admissions: rules, tables.Bounds: BOUNDS}
    return case.known(facts=goods, evidence=held, catalogue=catalogue, registers=registers)


def one(frame: pd.DataFrame, gate: str) -> pd.Series:
    rows = frame[frame["gate"] == gate]
    assert len(rows) == 1
    return rows.iloc[0]


def test_goods_that_show_everything_are_held_up_by_nothing():
    found = gates(facts())
    assert set(found["state"]) == {"passed"}
    assert blocked(found, "order").empty
    assert blocked(found, "ship").empty


def test_a_missing_paper_holds_the_shipment_and_not_the_order():
    found = gates(facts(category="toys"))
    assert one(found, "certificate")["state"] == "missing"
    assert blocked(found, "ship").to_dict() == {("US", "A"): "gate.paper_missing|paper=CPC/EN71"}
    assert blocked(found, "order").empty


def test_a_paper_of_a_weak_source_is_asked_for_and_holds_nothing():
    found = gates(facts(category="toys"), asked=TOYS.assign(confidence="unverified"))
    assert one(found, "certificate")["state"] == "missing"
    assert blocked(found, "ship").empty


def test_either_of_two_papers_will_do():
    assert one(gates(facts(category="toys"), evidence()), "certificate")["state"] == "passed"
    listed = gates(facts(category="toys", certificates="EN71"))
    assert one(listed, "certificate")["state"] == "passed"


def test_a_paper_that_ends_before_goods_are_on_the_shelf_has_expired():
    ends = pd.Timestamp(SHELF) - pd.Timedelta(days=1)
    found = gates(facts(category="toys"), evidence(expires_on=ends))
    assert one(found, "certificate")["state"] == "expired"
    assert blocked(found, "ship").tolist() == ["gate.paper_expired|paper=CPC/EN71|until=2025-10-31"]


def test_of_two_papers_the_one_that_holds_longest_counts():
    old = evidence(expires_on=pd.Timestamp("2024-01-01"), number="6")
    assert one(gates(facts(category="toys"), old, evidence()), "certificate")["state"] == "passed"


@pytest.mark.parametrize("other", [{"market": "TH"}, {"sku": "B"}, {"category": "home"}])
def test_a_paper_of_other_goods_or_markets_says_nothing(other: dict):
    found = gates(facts(category="toys"), evidence(**other))
    assert one(found, "certificate")["state"] == "missing"


def test_a_category_under_review_is_not_ordered_until_it_is_admitted():
    waiting = gates(facts(category="toys", certificates="CPC"), admissions=REVIEW)
    assert one(waiting, "admission")["state"] == "pending"
    assert blocked(waiting, "order").index.tolist() == [("US", "A")]
    admitted = gates(facts(category="toys"), evidence(certificate="ADMISSION"), admissions=REVIEW)
    assert one(admitted, "admission")["state"] == "passed"
    assert blocked(admitted, "order").empty


def test_no_paper_opens_a_closed_category():
    goods = facts(category="medical_device")
    paper = evidence(certificate="ADMISSION", category="medical_device")
    found = gates(goods, paper, admissions=REVIEW)
    assert one(found, "admission")["state"] == "refused"
    assert one(found, "admission")["blocks"] == "order"


@pytest.mark.parametrize("size", [{"longest_cm": 121.0}, {"weight_kg": 31.0}])
def test_goods_too_big_for_parcels_are_refused_with_the_limit(size: dict):
    found = one(gates(facts(**size)), "size")
    assert (found["state"], found["blocks"]) == ("refused", "order")
    assert "edge=120|weight=30" in found["reason"]


def test_a_wrong_barcode_holds_the_shipment_and_an_empty_one_is_asked_for():
    assert one(gates(facts(barcode="4006381333932")), "barcode")["blocks"] == "ship"
    blank = one(gates(facts(barcode="")), "barcode")
    assert (blank["state"], blank["blocks"]) == ("unknown", "")


def test_without_an_hs_code_nothing_passes_customs():
    found = one(gates(facts(hs_code=" ")), "hs_code")
    assert (found["state"], found["blocks"]) == ("missing", "ship")


@pytest.mark.parametrize(
    ("declared", "state"), [(8.9, "refused"), (9.0, "passed"), (15.1, "refused"), (None, "unknown")]
)
def test_the_declared_value_is_held_against_what_the_goods_cost(declared, state: str):
    goods = facts()
    goods["declared_cost"] = pd.Series([declared], dtype=float)
    assert one(gates(goods), "declared_value")["state"] == state


def test_flags_that_nobody_filled_in_are_unknown():
    assert one(gates(facts(has_unknown_flags=True)), "sensitive")["state"] == "unknown"


def test_a_sku_without_any_facts_is_unknown_in_all_of_them():
    catalogue = catalogue_of(facts(sku="B"))
    nothing = [tables.empty(kind) for kind in (tables.GoodsFacts, tables.Evidence)]
    known = known_of(*nothing, catalogue, TOYS, tables.empty(tables.Admissions))
    found = goods_gates(known, scope=scope())
    states = found.set_index("gate")["state"].to_dict()
    assert states == {
        "hs_code": "missing", "barcode": "unknown", "declared_value": "unknown",
        "sensitive": "unknown",
    }  # fmt: skip


def test_what_is_avoided_is_the_batch_where_a_gate_blocks():
    plan = case.planned(
        plan=case.stock_plan(market="US"), mode_plan=case.ordered(market="US", landed_cost=1200.0),
    )  # fmt: skip
    shut = priced(gates(facts(category="toys")), plan, scope=scope())
    found = shut.set_index("gate")["saved_cost"]
    assert found["certificate"] == 1200.0
    assert found.drop("certificate").isna().all()


def test_a_batch_that_is_not_ordered_is_what_high_demand_would_ask_for():
    value = supply_case.economics(landed_cost=50.0)
    plan = case.stock_plan(order_units=0, high_units=300)
    held = case.planned(plan=plan, economics=value)
    assert batch_costs(held)["wanted_cost"].to_list() == [300 * 50.0]
    assert batch_costs(held)["batch_cost"].to_list() == [0.0]
    unknown = case.planned(plan=plan, economics=supply_case.economics(landed_cost=float("nan")))
    assert batch_costs(unknown)["wanted_cost"].isna().all()
    both = pd.concat([case.ordered(), case.ordered(mode="air", landed_cost=float("nan"))])
    some = case.planned(plan=case.stock_plan(), mode_plan=both)
    assert batch_costs(some)["batch_cost"].isna().all()


def test_a_line_whose_paper_is_missing_is_held_and_keeps_its_units():
    row = {
        "market": "US", "mode": "sea", "units": 10, "cartons": 1, "weight_kg": 1.0,
        "volume_cbm": 0.1, "chargeable": 0.1, "rate_unit": "cbm", "freight_cost": 5.0,
        "produce_by": DAY, "ship_by": DAY, "arrive_by": DAY, "shelf_by": DAY,
        "block_reason": "", "currency": "USD",
    }  # fmt: skip
    rows = pd.DataFrame([{**row, "sku": "A"}, {**row, "sku": "B"}])
    ship = tables.checked(tables.ShipLines, rows.astype({"cartons": "Int64"}))
    held = hold_lines(ship, gates(facts(category="toys")))
    assert held["block_reason"].to_list() == ["gate.paper_missing|paper=CPC/EN71", ""]
    assert held["units"].to_list() == [10, 10]


def test_an_order_that_is_blocked_is_not_blocked_again_as_a_shipment():
    found = gates(facts(category="toys", hs_code=""), admissions=REVIEW)
    assert len(found[found["blocks"] == "ship"]) == 2
    assert blocked(found, "ship").empty


def test_the_days_of_a_review_stand_in_its_reason_where_they_are_known():
    waiting = gates(facts(category="toys"), admissions=REVIEW.assign(review_days=7.0))
    told = "gate.admission.review|category=category.toys"
    assert one(waiting, "admission")["reason"] == f"{told}|days=7"
    assert one(gates(facts(category="toys"), admissions=REVIEW), "admission")["reason"] == told


def carton(*rules: dict, kind: str = "third_party", **goods: object) -> pd.Series:
    """Return the gate of a carton of 20 units of 1 kg, 10 l each, unless told otherwise."""
    known = {"kind": "any", "market": "any", "unit": "kg"}
    asked = register(tables.InboundRules, *({**known, **rule} for rule in rules))
    row = facts(**{"weight_kg": 1.0, **goods.pop("facts", {})})
    held = catalogue_of(row).assign(
        **{"carton_units": 20, "weight_kg": 1.0, "volume_cbm": 0.01, **goods}
    )
    case_known = known_of(row, tables.empty(tables.Evidence), held, TOYS, REVIEW.iloc[:0])
    case_known.registers[tables.InboundRules] = asked
    place = scope()
    house = place.seller.warehouses[0].model_copy(update={"kind": kind})
    seller = place.seller.model_copy(update={"warehouses": (house,)})
    found = goods_gates(case_known, scope=place.model_copy(update={"seller": seller}))
    for reason in found["reason"]:
        assert all("{" not in tell_reason(reason, lang) for lang in ("zh", "en"))
    return one(found, "carton")


def test_a_carton_over_the_weight_that_the_warehouse_takes_is_not_shipped():
    row = carton({"rule": "carton_max_kg", "value": 19.9})
    assert (row["state"], row["blocks"]) == ("refused", "ship")
    assert row["reason"] == "gate.carton_heavy|kg=20|limit=19.9"
    assert carton({"rule": "carton_max_kg", "value": 20.0})["state"] == "passed"


def test_a_limit_of_a_weak_source_is_told_and_holds_nothing():
    row = carton({"rule": "carton_max_kg", "value": 15.0, "confidence": "unverified"})
    assert (row["state"], row["blocks"]) == ("refused", "")
    assert row["reason"].endswith(";gate.limit_unsure")


def test_a_carton_is_at_least_as_long_as_a_unit_and_as_a_cube_of_its_volume():
    # 20 units of 10 l make 0.2 cbm, a cube of 58.5 cm; nobody knows how much longer it is.
    edge = {"rule": "carton_max_cm", "value": 58.0, "unit": "cm"}
    assert carton(edge)["reason"] == "gate.carton_long|cm=58.48|limit=58"
    unmeasured = carton({**edge, "value": 63.5})
    assert (unmeasured["state"], unmeasured["blocks"]) == ("unknown", "")
    assert unmeasured["reason"] == "gate.carton_edges|kg=20|limit=63.5"
    assert carton({**edge, "value": 63.5}, facts={"longest_cm": 70.0})["state"] == "refused"


def test_a_carton_that_was_measured_and_weighed_is_judged_by_that():
    edge = {"rule": "carton_max_cm", "value": 63.5, "unit": "cm"}
    heavy = {"rule": "carton_max_kg", "value": 21.0}
    assert carton(edge, heavy, facts={"carton_cm": 63.5})["state"] == "passed"
    long = carton(edge, heavy, facts={"carton_cm": 64.0})
    assert (long["state"], long["reason"]) == ("refused", "gate.carton_long|cm=64|limit=63.5")
    # goods weigh 20 kg, the carton around them 1.5 more
    packed = carton(edge, heavy, facts={"carton_cm": 60.0, "carton_kg": 21.5})
    assert packed["reason"] == "gate.carton_heavy|kg=21.5|limit=21"


def test_a_carton_of_unknown_content_is_unknown():
    row = carton({"rule": "carton_max_kg", "value": 20.0}, carton_units=None)
    assert (row["state"], row["reason"]) == ("unknown", "gate.carton_unknown")


def test_the_nearest_rule_counts_and_the_kind_of_warehouse_with_it():
    general = {"rule": "carton_max_kg", "value": 15.0}
    own = {"rule": "carton_max_kg", "market": "US", "kind": "fbt", "value": 25.0}
    assert carton(general, own, kind="fbt")["state"] == "passed"
    assert carton(general, own, kind="third_party")["state"] == "refused"
    pallet = {"rule": "pallet_max_kg", "value": 18.0}
    assert carton(pallet)["reason"] == "gate.pallet_heavy|kg=20|limit=18"


def test_the_shipped_register_asks_for_cartons_in_every_market():
    rules = supply_case.register(tables.InboundRules)
    assert {"carton_max_kg", "carton_max_cm", "pallet_max_kg"} <= set(rules["rule"])
    row = carton(*rules.to_dict("records"), kind="fbt", carton_units=30)
    assert (row["state"], row["blocks"]) == ("refused", "")

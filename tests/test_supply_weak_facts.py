"""Rows that a plan should not rest on unseen, and a seller's own rows in their place."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import supply_case as case

from planner import tables
from planner.desk.store import open_desk
from planner.errors import ConfigError
from planner.guards.money_checks import exchange_rates, weak_facts
from planner.intake.own_rules import key_of, read_own_rows, with_own_rows
from planner.pages.telling import tell
from planner.supply.charges.tariffs import tariffs_in_force
from planner.supply.charges.weak_facts import still_weak, weak_rows

ROOT = Path(__file__).resolve().parents[1]
HEAD = "market,term,value,unit,currency,valid_from,valid_to,confidence,source,as_of\n"


def fees() -> pd.DataFrame:
    sure = case.fees(inbound=(2.0, "unit"), outbound=(5.0, "unit")).assign(confidence="primary")
    frame = pd.concat([sure, case.fees(storage=(np.nan, "cbm_day"), returns=(4.0, "unit"))])
    frame.loc[frame["term"] == "inbound", "valid_to"] = pd.Timestamp("2026-08-31")
    return frame.astype({"valid_to": "datetime64[us]"})


def judged(frame: pd.DataFrame, **seller) -> dict[str, str]:
    rows = weak_rows({"Fees": frame}, {"Fees": key_of(tables.Fees)}, scope=case.scope(**seller))
    return rows.set_index("fact")["state"].to_dict()


def test_expired_missing_and_weak_facts_are_named_and_sure_ones_are_not():
    named = {"cost.inbound": "expired", "cost.storage": "missing", "cost.returns": "weak"}
    assert judged(fees()) == named


def test_the_gravest_come_first():
    assert list(judged(fees()).values()) == ["expired", "missing", "weak"]


def test_a_newer_row_in_force_takes_the_place_of_an_expired_one():
    newer = case.fees(inbound=(3.0, "unit")).assign(
        valid_from=pd.Timestamp("2026-09-01"), confidence="primary"
    )
    assert "cost.inbound" not in judged(pd.concat([fees(), newer]))
    later = newer.assign(valid_from=pd.Timestamp("2026-12-01"))
    assert judged(pd.concat([fees(), later]))["cost.inbound"] == "expired"


def test_a_fact_that_the_seller_knows_better_is_not_told():
    assert "cost.storage" not in judged(fees(), fees={"TH.storage": 0.4})


def test_facts_of_other_markets_are_not_told():
    assert judged(fees().assign(market="VN")) == {}


def test_each_fact_of_the_shipped_registers_is_told_in_words():
    kinds = (tables.Fees, tables.Surcharges, tables.DutyRates, tables.HandlingFees)
    rows = weak_rows(
        {kind.__name__: case.register(kind) for kind in kinds},
        {kind.__name__: key_of(kind) for kind in kinds},
        scope=case.scope(),
    )
    assert rows["fact"].str.startswith("fact.surcharge").any()
    assert not [fact for fact in rows["fact"] if tell(fact, "fact", "zh") == fact]


def test_a_return_rate_that_own_orders_replaced_or_no_goods_use_is_not_weak_ground():
    facts = ["category.any", "category.beauty", "category.home", "apparel"]
    weak = pd.DataFrame({"market": "TH", "register": "ReturnRates", "fact": facts})
    weak.loc[len(weak)] = ["TH", "DutyRates", "apparel"]
    told = "own orders: {} older than 14 days, 9 of 9 units back; weighed as 200 orders, 10.0%: x"
    rates = pd.DataFrame(
        {"market": "TH", "category": ["any", "beauty", "home", "apparel"],
         "source": [told.format(199), told.format(200), told.format(9000), "an article"]}
    )  # fmt: skip
    goods = case.catalogue({"sku": "A", "category": "beauty"}, {"sku": "B", "category": "home"})
    left = still_weak(weak, rates, goods)
    assert left["fact"].to_list() == ["category.any", "apparel"]
    assert left["register"].to_list() == ["ReturnRates", "DutyRates"]


def test_weak_facts_raise_one_alert_by_state():
    rows = weak_rows({"Fees": fees()}, {"Fees": key_of(tables.Fees)}, scope=case.scope())
    found = {alert["code"]: alert for alert in weak_facts(rows, case.scope())}
    assert set(found) == {"facts_expired", "facts_missing", "facts_weak"}
    assert found["facts_expired"]["severity"] == "warn"
    assert "facts=cost.storage" in found["facts_missing"]["facts"]


def test_a_fee_in_a_currency_without_a_rate_is_named():
    scope = case.scope()
    dollars = case.fees(clearance=(30.0, "unit"), commission=(0.1, "share_price"))
    registers = [dollars.assign(currency="USD")]
    (alert,) = exchange_rates(case.options(scope), scope, registers=registers)
    assert "rate_of=USD|n=1" in alert["facts"]
    known = case.scope(fx_rates={"USD": 32.0})
    assert exchange_rates(case.options(known), known, registers=registers) == []


def own(folder: Path, text: str) -> pd.DataFrame:
    (folder / "fees.csv").write_text(HEAD + text, encoding="utf-8")
    return read_own_rows(folder, tables.Fees)


def test_a_sellers_own_row_takes_the_place_of_the_shipped_one(tmp_path: Path):
    mine = own(tmp_path, "TH,outbound,7,unit,THB,2026-01-01,,measured,invoice 81,2026-08-01\n")
    merged = with_own_rows(fees(), mine, tables.Fees)
    assert len(merged) == len(fees())
    row = merged.set_index("term").loc["outbound"]
    assert (row["value"], row["source"]) == (7, "seller: invoice 81")
    told = tariffs_in_force(merged, scope=case.scope()).set_index("term")
    assert told.loc["outbound", "value"] == 7
    assert told.loc["outbound", "source"] == "seller: invoice 81 (measured, 2026-08-01)"


def test_a_seller_may_add_a_fact_that_no_register_has(tmp_path: Path):
    mine = own(
        tmp_path, "TH,affiliate,0.1,share_price,THB,2026-01-01,,measured,contract,2026-08-01\n"
    )
    assert "affiliate" in with_own_rows(fees(), mine, tables.Fees)["term"].to_list()


def test_without_a_file_the_register_stands(tmp_path: Path):
    none = read_own_rows(tmp_path, tables.Fees)
    assert none.empty
    pd.testing.assert_frame_equal(with_own_rows(fees(), none, tables.Fees), fees())


def test_two_own_rows_for_one_fact_are_refused(tmp_path: Path):
    row = "TH,outbound,7,unit,THB,2026-01-01,,measured,invoice 81,2026-08-01\n"
    with pytest.raises(ConfigError, match=r"fees.csv of the seller: two rows in force for TH, out"):
        with_own_rows(fees(), own(tmp_path, row + row), tables.Fees)


def test_a_broken_own_row_is_named_with_file_and_row(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"fees.csv, row 2, column \"value\""):
        own(tmp_path, "TH,outbound,seven,unit,THB,2026-01-01,,measured,invoice,2026-08-01\n")


def test_the_desk_puts_a_sellers_own_row_in_place_of_the_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for folder in ("campaigns", "rules", "sellers/demo-th-home"):
        shutil.copytree(ROOT / "data" / folder, tmp_path / "data" / folder)
    monkeypatch.setenv("PLANNER_HOME", str(tmp_path))
    desk = open_desk("demo-2025-peak", "demo-th-home")
    shipped = desk.rules(tables.Fees)
    mine = tmp_path / "data" / "sellers" / "demo-th-home" / "rules"
    mine.mkdir(exist_ok=True)
    text = "TH,outbound,7,unit,THB,2025-01-01,,measured,invoice 81,2025-08-01\n"
    (mine / "fees.csv").write_text(HEAD + text, encoding="utf-8")
    merged = desk.rules(tables.Fees)
    assert len(merged) == len(shipped)
    told = merged[(merged["market"] == "TH") & (merged["term"] == "outbound")]
    assert told["source"].to_list() == ["seller: invoice 81"]
    whole = desk.all_rules(tables.Fees)
    assert len(whole) > len(merged)
    assert (whole["source"] == "seller: invoice 81").sum() == 1

"""plan.xlsx: inert text, formulas with their value, equal bytes, what a buyer may change."""

import io
import re
import zipfile

import pages_samples as samples
import pandas as pd
import pytest

from planner.pages.sheets import TABLE_TOP
from planner.pages.workbook import plan_workbook, sheet_names
from planner.words import say

PAYLOADS = (
    '=HYPERLINK("http://evil.example","x")',
    "{=1+1}",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "http://evil.example",
    "=cmd|'/c calc'!A1",
    "\t=1+1",
)
OWN_FORMULA = re.compile(r"^(IF|SUM|SUMPRODUCT|SUBTOTAL|ROUNDUP|\d+-COUNT)\(")
SHEETS = ("readme", "order", "shipping", "rules", "forecast", "costs", "alerts", "assumptions",
          "log")  # fmt: skip
"""Of a plan that has none of the further tables."""


@pytest.fixture(autouse=True)
def _words(monkeypatch: pytest.MonkeyPatch) -> None:
    samples.teach(monkeypatch, {})


@pytest.fixture(scope="module")
def book() -> bytes:
    with pytest.MonkeyPatch.context() as monkeypatch:
        samples.teach(monkeypatch, {})
        return plan_workbook(samples.plan_tables(), scope=samples.scope())


def sheet(book: bytes, name: str) -> pd.DataFrame:
    """Read a sheet back: headings by their Chinese first line."""
    whole = pd.read_excel(
        io.BytesIO(book), sheet_name=named(name), header=None, engine="calamine", dtype=object
    )
    body = whole.iloc[TABLE_TOP + 1 :].reset_index(drop=True)
    body.columns = [str(text).split("\n")[0] for text in whole.iloc[TABLE_TOP]]
    return body


def readme(book: bytes) -> pd.DataFrame:
    return pd.read_excel(
        io.BytesIO(book), sheet_name=named("readme"), header=None, engine="calamine"
    )


def named(name: str) -> str:
    return f"{say(f'sheet.{name}', 'zh')} {say(f'sheet.{name}', 'en')}"


def heading(term: str) -> str:
    return say(term, "zh")


def part(book: bytes, place: int) -> str:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return archive.read(f"xl/worksheets/sheet{place}.xml").decode()


def test_the_sheets_stand_in_order_named_in_both_languages(book: bytes):
    names = pd.ExcelFile(io.BytesIO(book), engine="calamine").sheet_names
    assert names == [named(name) for name in SHEETS]
    assert sheet_names(samples.plan_tables()) == SHEETS


def test_the_same_plan_gives_the_same_bytes(book: bytes):
    assert plan_workbook(samples.plan_tables(), scope=samples.scope()) == book


def test_the_workbook_is_dated_by_the_planning_day_and_not_by_the_clock(book: bytes):
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        core = archive.read("docProps/core.xml").decode()
        assert {info.date_time[0] for info in archive.infolist()} == {1980}
    assert "2025-09-16T00:00:00Z" in core


def test_the_order_list_holds_the_plan_and_leaves_the_decision_open(book: bytes):
    order = sheet(book, "order")
    plan = samples.plan()
    assert order["SKU"].to_list() == plan["sku"].to_list()
    sure = plan["grade"] != "D"
    assert (
        order.loc[sure, heading("order_units")].to_list() == plan.loc[sure, "order_units"].to_list()
    )
    assert order[heading("sheet.decided_units")].isna().all()


def test_a_row_of_grade_d_has_a_range_and_no_final_number(book: bytes):
    last = sheet(book, "order").iloc[-1]
    assert last[heading("order_units")] == "100\u2013252"
    assert last[heading("demand_units")] == "\u2013"
    assert pd.isna(last[heading("sheet.final_units")]) or last[heading("sheet.final_units")] == ""


def test_formulas_keep_the_value_they_have_now(book: bytes):
    order, plan = sheet(book, "order"), samples.plan()
    sure = (plan["grade"] != "D").to_numpy()
    final = order.loc[sure, heading("sheet.final_units")].astype(int)
    assert final.to_list() == plan.loc[sure, "order_units"].to_list()
    first = order.iloc[0]
    assert first[heading("cartons")] == first[heading("order_units")] / 24 == 99


def test_a_blocked_order_is_zero_until_somebody_decides(book: bytes):
    blocked = sheet(book, "order").iloc[9]
    assert blocked[heading("is_blocked")].startswith("是")
    assert blocked[heading("sheet.final_units")] == 0
    assert 'IF(L14="",0,L14)' in part(book, SHEETS.index("order") + 1)


def test_an_unknown_cost_is_a_word_and_never_enters_a_sum(book: bytes):
    costs = sheet(book, "costs")
    clearance = next(name for name in costs if name.startswith(heading("cost.clearance")))
    assert set(costs[clearance]) == {"未知 / unknown"}
    assert set(costs[heading("sheet.unknown_terms")]) == {1, 2}
    whole = pd.read_excel(
        io.BytesIO(book), sheet_name=named("costs"), header=None, engine="calamine", dtype=object
    )
    totals = dict(zip(whole.iloc[TABLE_TOP], whole.iloc[TABLE_TOP - 1], strict=True))
    sums = {str(name).split(" /")[0]: value for name, value in totals.items()}
    assert sums[heading("cost.clearance")] == "未知 / unknown"
    assert sums[heading("head.cost")] == pytest.approx(400252.8)


def test_shipping_follows_the_order_list_and_asks_for_asn_and_tracking(book: bytes):
    ship = sheet(book, "shipping")
    assert ship[heading("sheet.decided")].to_list() == ship[heading("units")].to_list()
    assert ship[heading("ship_by")].is_monotonic_increasing
    for term in ("sheet.asn", "sheet.tracking"):
        assert ship[heading(term)].isna().all()


def test_a_sku_sent_two_ways_is_not_split_by_a_formula():
    tables = samples.plan_tables()
    twice = tables["ShipLines"].iloc[[0]].assign(mode="air")
    tables["ShipLines"] = pd.concat([tables["ShipLines"], twice], ignore_index=True)
    ship = sheet(plan_workbook(tables, scope=samples.scope()), "shipping")
    both = ship[ship["SKU"] == twice["sku"].iloc[0]]
    assert both[heading("sheet.decided")].to_list() == ["\u2013", "\u2013"]


def test_only_a_decision_outside_the_range_is_marked(book: bytes):
    assert sheet(book, "order")[heading("sheet.outside")].isna().all()
    order = part(book, SHEETS.index("order") + 1)
    assert 'IF(L5="","",IF(OR(L5&lt;J5,L5&gt;K5)' in order


def test_a_sum_of_zeros_beside_unknown_costs_is_unknown():
    tables = samples.plan_tables()
    costs = tables["CostLines"]
    is_free = (costs["term"] == "clearance") & (costs["sku"] == "FAN-USB")
    tables["CostLines"] = costs.assign(
        amount_cost=costs["amount_cost"].where(~is_free, 0.0), is_known=costs["is_known"] | is_free
    )
    book = plan_workbook(tables, scope=samples.scope())
    whole = pd.read_excel(
        io.BytesIO(book), sheet_name=named("costs"), header=None, engine="calamine", dtype=object
    )
    assert whole.iloc[TABLE_TOP - 1, 3] == "未知 / unknown"


def test_rules_stand_side_by_side(book: bytes):
    rules = sheet(book, "rules")
    assert len(rules) == len(samples.SKUS)
    assert rules.shape[1] == 2 + 3 * 3 + 1
    tables = samples.plan_tables()
    extremes = tables["RuleComparison"]["rule"] == "extremes"
    cut = tables["RuleComparison"].assign(held_back_units=70 * extremes)
    told = sheet(plan_workbook(tables | {"RuleComparison": cut}, scope=samples.scope()), "rules")
    # Beside the order of the extremes formula, the third of the rules, what it could not order.
    assert told.shape[1] == rules.shape[1] + 1
    assert told.iloc[:, 2 + 3 + 3 + 1].tolist() == [70] * len(samples.SKUS)


def test_only_formulas_are_locked_and_no_password_is_set(book: bytes):
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        names = archive.namelist()
        styles = archive.read("xl/styles.xml").decode()
    assert not [name for name in names if "vba" in name.lower()]
    order = part(book, SHEETS.index("order") + 1)
    assert "<sheetProtection" in order
    assert "password" not in order
    assert 'locked="0"' in styles


def test_decisions_are_whole_numbers_and_states_come_from_a_list(book: bytes):
    order, alerts = (part(book, SHEETS.index(name) + 1) for name in ("order", "alerts"))
    assert '<dataValidation type="whole" operator="greaterThanOrEqual"' in order
    assert '<dataValidation type="list"' in alerts


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_text_that_looks_like_a_formula_or_an_address_stays_text(payload: str):
    tables = {
        name: frame.replace({"sku": {"MOP-360-BLUE": payload}}) if "sku" in frame else frame
        for name, frame in samples.plan_tables().items()
    }
    tables["StockPlan"] = tables["StockPlan"].assign(reason=payload, currency=payload)
    book = plan_workbook(tables, scope=samples.scope())
    assert payload in sheet(book, "order")["SKU"].to_list()
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist() if "xml" in name}
    text = "".join(xml for name, xml in parts.items() if "worksheets/" in name)
    assert "hyperlink" not in text
    formulas = re.findall(r"<f>(.*?)</f>", text)
    assert formulas
    assert [formula for formula in formulas if not OWN_FORMULA.match(formula)] == []


def test_a_plan_without_rows_still_makes_a_workbook_that_says_so():
    none = {name: frame.head(0) for name, frame in samples.plan_tables().items()}
    order = sheet(plan_workbook(none, scope=samples.scope()), "order")
    assert order.iloc[0, 0].startswith(say("empty.table", "zh"))


def test_the_read_me_counts_skus_that_another_rule_sized(book: bytes):
    told = str(readme(book).to_numpy())
    tables = samples.plan_tables()
    tables["StockPlan"] = tables["StockPlan"].assign(rule=["extremes"] * 3 + ["profit"] * 11)
    mixed = plan_workbook(tables, scope=samples.scope())
    page = readme(mixed)
    row = page[page[0].astype(str).str.contains(say("sheet.other_rule", "en"), regex=False)]
    assert row[2].to_list() == [
        say("sheet.other_rule_count", "en", count=3, all=14, rules=say("rule.extremes", "en"))
    ]
    assert say("sheet.other_rule", "en") not in told


def test_the_total_of_a_sku_without_any_known_cost_is_a_word():
    tables = samples.plan_tables()
    blind = tables["CostLines"]["sku"] == "FAN-USB"
    tables["CostLines"] = tables["CostLines"].assign(
        amount_cost=tables["CostLines"]["amount_cost"].mask(blind),
        is_known=tables["CostLines"]["is_known"] & ~blind,
    )
    costs = sheet(plan_workbook(tables, scope=samples.scope()), "costs").set_index("SKU")
    total = costs[f"{say('head.cost', 'zh')} / {say('head.cost', 'en')}"]
    assert total["FAN-USB"].startswith(say("word.unknown", "zh"))
    assert total["MOP-360-BLUE"] > 0


def test_a_blocked_sku_has_no_cushion_and_a_line_says_what_it_is_charged_by(book: bytes):
    order = sheet(book, "order").set_index("SKU")
    assert order.loc["VACUUM-MINI", say("safety_units", "zh")] == "\u2013"
    assert set(sheet(book, "shipping")[say("rate_unit", "zh")]) == {
        f"{say('rate_unit.kg', 'zh')} / {say('rate_unit.kg', 'en')}"
    }

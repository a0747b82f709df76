"""The sheets a plan is decided and shipped with: optional, counted by formula, inert, in print."""

import io
import re
import zipfile

import pages_samples as samples
import pandas as pd
import plan_book_case as case
import pytest

from planner import tables
from planner.pages.assumptions import rules_used
from planner.pages.sheets import TABLE_TOP
from planner.pages.workbook import NEEDS, SHEETS, plan_workbook, sheet_names
from planner.words import say

FORMULA = re.compile(r"^(IF|IFERROR|SUM|SUMPRODUCT|SUBTOTAL|ROUNDUP|\d+-COUNT)\(")


@pytest.fixture(autouse=True)
def _words(monkeypatch: pytest.MonkeyPatch) -> None:
    samples.teach(monkeypatch, {})


@pytest.fixture(scope="module")
def book() -> bytes:
    with pytest.MonkeyPatch.context() as monkeypatch:
        samples.teach(monkeypatch, {})
        return case.book()


def head(term: str) -> str:
    return say(term, "zh")


def both(term: str) -> str:
    return f"{say(term, 'zh')} / {say(term, 'en')}"


def place(name: str) -> int:
    return SHEETS.index(name) + 1


def remade(**changed: pd.DataFrame) -> bytes:
    return plan_workbook({**case.whole(), **changed}, scope=samples.scope())


def test_every_sheet_is_there_when_every_table_is(book: bytes):
    names = pd.ExcelFile(io.BytesIO(book), engine="calamine").sheet_names
    assert names == [case.named(name) for name in SHEETS]


@pytest.mark.parametrize("table", sorted(set(NEEDS.values())))
def test_a_table_that_is_not_there_leaves_out_its_sheet_and_nothing_else(table: str):
    less = {name: frame for name, frame in case.whole().items() if name != table}
    made = plan_workbook(less, scope=samples.scope())
    names = pd.ExcelFile(io.BytesIO(made), engine="calamine").sheet_names
    kept = [name for name in SHEETS if NEEDS.get(name) != table]
    assert names == [case.named(name) for name in kept]


def test_the_same_tables_give_the_same_bytes(book: bytes):
    assert case.book() == book


def test_every_sheet_is_frozen_below_its_headings_and_printed_with_them(book: bytes):
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        names = archive.read("xl/workbook.xml").decode()
    for name in SHEETS[1:]:
        xml = case.part(book, place(name))
        assert f'ySplit="{TABLE_TOP + 1}"' in xml, name
        assert 'fitToHeight="0"' in xml, name
        assert f"{case.named(name)}'!$4:$4</definedName>" in names, name


def test_an_earlier_decision_stands_filled_in_and_as_a_record(book: bytes):
    rows = case.sheet(book, "meeting").set_index("SKU")
    decided = rows.loc["MOP-360-GREY"]
    assert decided[head("decision")] == both("decision.units")
    assert decided[head("decided_units")] == 240
    assert decided[head("note")] == "-10 % of plan"
    assert decided[head("sheet.earlier")] == f"{both('decision.units')} · 240 · Li"
    others = rows.drop(index=list(case.DECIDED))
    for term in ("decision", "decided_units", "owner", "note", "sheet.earlier"):
        assert others[head(term)].isna().all(), term


def test_a_sku_of_grade_d_is_put_to_the_meeting_as_a_range(book: bytes):
    rows = case.sheet(book, "meeting")
    weak = rows[rows[head("grade")] == "D"]
    assert weak[head("order_units")].str.contains("\u2013").all()
    assert (weak[head("expected_profit")] == "\u2013").all()


def test_the_meeting_takes_only_decisions_of_the_list(book: bytes):
    xml = case.part(book, place("meeting"))
    for name in tables.DECISIONS:
        assert both(f"decision.{name}") in xml
    assert xml.count("<dataValidation ") == 3


def test_cartons_shipments_and_shipping_lines_agree_to_the_unit(book: bytes):
    lines, packs = case.sheet(book, "shipping"), case.sheet(book, "shipments")
    assert set(lines[head("sheet.check")]) == {both("sheet.agrees")}
    assert set(packs[head("sheet.check")]) == {both("sheet.agrees")}
    total = samples.ship()["units"].sum()
    assert packs[head("units")].sum() == packs[head("sheet.listed_units")].sum() == total
    marks = case.sheet(book, "cartons")
    assert marks[head("units")].sum() == total
    assert packs[head("cartons")].sum() == marks[head("cartons")].sum()


def test_one_unit_too_few_in_a_carton_is_seen_on_its_line_and_its_shipment():
    marks = case.cartons()
    marks.loc[0, "units"] -= 1
    made = remade(CartonMarks=marks)
    lines = case.sheet(made, "shipping").set_index("SKU")
    differs = lines[head("sheet.check")] == both("sheet.differs")
    assert lines.index[differs].to_list() == [marks.loc[0, "sku"]]
    packs = case.sheet(made, "shipments").set_index(head("shipment"))
    wrong = packs[head("sheet.check")] == both("sheet.differs")
    assert packs.index[wrong].to_list() == [marks.loc[0, "shipment"]]


def test_skus_that_differ_in_case_only_are_not_counted_together():
    marks = case.cartons()
    twin = marks.iloc[[0]].assign(sku=marks.loc[0, "sku"].lower(), units=7)
    lines = case.sheet(remade(CartonMarks=pd.concat([marks, twin])), "shipping").set_index("SKU")
    sku = marks.loc[0, "sku"]
    assert lines.loc[sku, head("sheet.in_cartons")] == marks.query("sku == @sku")["units"].sum()


def test_shipped_can_be_chosen_only_with_a_tracking_number(book: bytes):
    xml = case.part(book, place("shipments"))
    rule = re.search(r'<dataValidation type="list".*?<formula1>(.*?)</formula1>', xml, re.S)
    assert rule
    packs = case.sheet(book, "shipments")
    letter = {name: chr(65 + at) for at, name in enumerate(packs.columns)}
    state = letter[head("sheet.ship_state")]
    lacks = "+".join(
        f"{letter[head(term)]}{TABLE_TOP + 2}" for term in ("sheet.untracked", "sheet.held_lines")
    )
    assert rule.group(1) == (
        f"IF({lacks}&gt;0,${state}$2:${state}$2,${state}$2:${state}$3)"
    )  # fmt: skip
    marks = case.cartons().groupby("shipment").size()
    found = packs.set_index(head("shipment"))[head("sheet.untracked")]
    assert found.to_dict() == marks.to_dict()
    whole = pd.read_excel(
        io.BytesIO(book), sheet_name=case.named("shipments"), header=None, engine="calamine"
    )
    words = whole.iloc[1:3, ord(state) - 65].to_list()
    assert words == [both("ship_state.packed"), both("ship_state.shipped")]


def test_a_shipment_counts_its_lines_that_are_held_up():
    ship = samples.ship()
    ship.loc[[0, 1], "block_reason"] = "gate.hs_missing"
    packs = case.sheet(remade(ShipLines=ship), "shipments").set_index(head("mode"))
    assert packs.loc[both("mode.sea_fast"), head("sheet.held_lines")] == 2
    assert packs.loc[both("mode.truck"), head("sheet.held_lines")] == 0


def test_a_line_whose_carton_is_unknown_is_told_apart_from_a_wrong_count():
    marks = case.cartons().query("sku != 'UMBRELLA-UV'")
    lines = case.sheet(remade(CartonMarks=marks), "shipping").set_index("SKU")
    assert lines.loc["UMBRELLA-UV", head("sheet.check")] == both("sheet.not_packed")


def test_with_cartons_the_lines_ask_for_no_number_of_their_own(book: bytes):
    assert head("sheet.tracking") not in case.sheet(book, "shipping")
    assert case.sheet(book, "cartons")[head("sheet.tracking")].isna().all()


def test_a_line_shows_its_warehouse_its_chance_and_what_holds_it_up():
    ship = samples.ship().assign(warehouse="bkk", block_reason="")
    ship.loc[0, "block_reason"] = "gate.hs_missing"
    made = remade(ShipLines=ship, LaneOptions=samples.options())
    rows = case.sheet(made, "shipping").set_index("SKU")
    assert set(rows[head("warehouse")]) == {"bkk"}
    assert rows[head("block_reason")].notna().sum() == 1
    assert rows.loc[ship.loc[0, "sku"], head("block_reason")].startswith(
        say("gate.hs_missing", "zh")
    )
    assert rows[head("on_time_rate")].between(0, 1).any()
    assert set(rows[head("sheet.check")]) == {both("sheet.agrees")}


def test_open_gates_stand_in_order_of_what_they_hold_up(book: bytes):
    rows = case.sheet(book, "gates")
    assert rows["SKU"].to_list() == ["VACUUM-MINI", "FAN-USB", "KETTLE-1.7L"]
    saved = rows[head("saved_cost")].to_list()
    assert saved == ["未知 / unknown", 8400, "\u2013"]


def test_deadlines_stand_by_day_and_limits_that_bind_first(book: bytes):
    assert case.sheet(book, "deadlines")[head("days_left")].to_list() == [-6, 15]
    limits = case.sheet(book, "limits")
    assert limits[head("limit")].to_list() == [both("limit.warehouse_cbm"), both("limit.budget")]
    assert limits[head("shadow_price")].to_list() == [310.5, 0]


def test_an_unknown_hs_code_or_declared_value_is_named_unknown(book: bytes):
    rows = case.sheet(book, "products").set_index("SKU")
    assert rows.loc["KETTLE-1.7L", head("hs_code")] == "未知 / unknown"
    assert rows.loc["FAN-USB", head("hs_code")] == "84145199"
    assert rows.loc["FAN-USB", head("declared_cost")] == "未知 / unknown"


def test_assumptions_name_policy_unknown_costs_and_weak_rows_with_their_day(book: bytes):
    rows = case.sheet(book, "assumptions").set_index(head("sheet.assumption"))
    groups = rows[head("sheet.group")].drop_duplicates().to_list()
    assert groups == [both(f"assumption.{name}") for name in ("policy", "unknown", "weak")]
    assert rows.loc[both("cost.clearance"), head("state")] == both("state.unknown")
    ended = rows.loc[f"{both('register.Lanes')}: {both('mode.sea')}"]
    assert ended[head("state")] == both("state.expired")
    assert ended[head("confidence")] == both("confidence.secondary")
    assert str(ended[head("valid_to")])[:10] == "2025-08-31"
    assert str(ended[head("as_of")])[:10] == "2024-05-01"


def test_rules_in_use_are_told_with_value_confidence_and_source():
    row = {
        "market": ["TH", "US"], "term": "clearance", "value": [650.0, 1.0], "unit": "shipment",
        "currency": "CNY", "valid_from": pd.Timestamp("2020-01-01"), "valid_to": pd.NaT,
        "confidence": "secondary", "source": "page 1", "as_of": pd.Timestamp("2026-11-22"),
    }  # fmt: skip
    windows = pd.DataFrame(
        {
            "market": "any", "stage": "line_haul", "window": ["last year", "this year"],
            "starts_on": pd.to_datetime(["2024-10-01", "2025-10-01"]),
            "ends_on": pd.to_datetime(["2024-10-07", "2025-10-07"]), "added_days": 3.0,
            "valid_from": pd.Timestamp("2020-01-01"), "valid_to": pd.NaT, "confidence": "low",
            "source": "page 2", "as_of": pd.Timestamp("2026-11-22"),
        }
    )  # fmt: skip
    missing = [name for name in tables.columns(tables.RiskWindows) if name not in windows]
    windows = windows.assign(**dict.fromkeys(missing, ""))
    seasons = rules_used({tables.RiskWindows: windows}, scope=samples.scope())
    assert len(seasons) == 1
    assert "2025-10-07" in seasons.loc[0, "value"]
    used = rules_used({tables.Fees: pd.DataFrame(row)}, scope=samples.scope())
    assert used[["register", "market", "fact"]].to_numpy().tolist() == [
        ["Fees", "TH", both("cost.clearance")]
    ]
    assert "650" in used.loc[0, "value"]
    made = remade(RulesUsed=used, WeakRows=case.more_tables()["WeakRows"].head(0))
    rows = case.sheet(made, "assumptions").set_index(head("sheet.assumption"))
    told = rows.loc[f"{both('register.Fees')}: {both('cost.clearance')}"]
    assert told[head("source")] == "page 1"
    assert told[head("sheet.group")] == both("assumption.used")


def test_only_return_rates_that_a_sku_takes_are_told_and_the_fallback_says_who_takes_it():
    row = {
        "market": "TH", "category": ["any", "apparel", "small_appliance"],
        "return_rate": [0.151, 0.225, 0.1], "lag_days": 14.0, "resale_rate": 0.7,
        "valid_from": pd.Timestamp("2020-01-01"), "valid_to": pd.NaT, "confidence": "low",
        "source": "page 1", "as_of": pd.Timestamp("2026-11-22"),
    }  # fmt: skip
    register = {tables.ReturnRates: pd.DataFrame(row)}
    skus = [f"s{n}" for n in range(4)]
    plan = {
        "StockPlan": pd.DataFrame({"market": "TH", "sku": skus}),
        "Catalogue": pd.DataFrame(
            {"sku": skus, "category": ["Home", "kitchen ", "home", "small_appliance"]}
        ),
    }
    used = rules_used(register, scope=samples.scope(), plan=plan)
    assert used["fact"].to_list() == [
        "全部类目：家居、厨房没有自己的退货率，用它（3 个 SKU）"
        " / all categories: no rate for home, kitchen, which take this one (3 SKUs)",
        both("category.small_appliance"),
    ]
    # What own orders made of the rates is what the plan took: home has one, kitchen takes all.
    own = pd.DataFrame(row | {"category": ["any", "home", "small_appliance"]})
    used = rules_used(register, scope=samples.scope(), plan=plan | {"ReturnRates": own})
    assert "（1 个 SKU）" in used.loc[0, "fact"]
    assert used["fact"].to_list()[1:] == [both("category.home"), both("category.small_appliance")]
    assert "0.225" in used.loc[1, "value"]


def test_the_names_of_a_weak_row_are_told_in_both_languages():
    one = case.more_tables()["WeakRows"].head(1)
    rows = pd.concat([one] * 4, ignore_index=True).assign(
        register=["ReturnRouteFees", "ReturnRates", "ExitRules", "LaneStages"],
        fact=["bulk_return", "apparel", "destroy 1", "air export_customs"],
    )  # fmt: skip
    made = case.sheet(remade(WeakRows=rows), "assumptions")[head("sheet.assumption")].to_list()
    for register, name in (
        ("ReturnRouteFees", both("route.bulk_return")),
        ("ReturnRates", both("category.apparel")),
        ("ExitRules", f"{both('exit.destroy')}; 1"),
        ("LaneStages", f"{both('mode.air')}; {both('stage.export_customs')}"),
    ):
        assert f"{both(f'register.{register}')}: {name}" in made


def test_the_log_of_exceptions_asks_for_what_a_ticket_needs(book: bytes):
    rows = case.sheet(book, "log")
    for name in ("order_id", "what", "evidence", "deadline", "kind"):
        assert head(f"sheet.log_{name}") in rows
    assert both("exception.delay") in case.part(book, place("log"))


@pytest.mark.parametrize("payload", ["=1+1", "@SUM(1)", "http://evil.example", "{=1+1}"])
def test_no_text_of_the_further_tables_becomes_a_formula_or_a_link(payload: str):
    more = {}
    for name, frame in case.more_tables().items():
        texts = [c for c in ("sku", "owner", "note", "evidence", "source", "mark", "name", "reason",
                             "place", "shipment", "warehouse", "register", "fact", "material")
                 if c in frame]  # fmt: skip
        more[name] = frame.assign(**dict.fromkeys(texts, payload))
    made = remade(**more)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        sheets = [archive.read(n).decode() for n in archive.namelist() if "worksheets/sheet" in n]
    assert payload in case.sheet(made, "meeting")[head("note")].to_list()
    text = "".join(sheets)
    assert "hyperlink" not in text
    formulas = re.findall(r"<f>(.*?)</f>", text)
    assert formulas
    assert [formula for formula in formulas if not FORMULA.match(formula)] == []


def test_tables_without_rows_still_make_their_sheets():
    none = {name: frame.head(0) for name, frame in case.whole().items()}
    made = plan_workbook(none, scope=samples.scope())
    for name in set(SHEETS) - {"readme", "log", "assumptions"}:
        assert case.sheet(made, name).iloc[0, 0].startswith(say("empty.table", "zh")), name
    assert sheet_names(none) == SHEETS

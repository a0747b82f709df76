"""CSV twins: the tables of the sheets, readable by a Chinese Excel, and no text is a formula."""

import csv
import io
from pathlib import Path

import pages_samples as samples
import pandas as pd
import plan_book_case as case
import pytest
import python_calamine

from planner.intake.inert import as_inert, as_written
from planner.pages.csv_twins import csv_twins
from planner.pages.sheets import TABLE_TOP
from planner.pages.workbook import SHEETS, plan_workbook, sheet_names
from planner.words import say

PAYLOADS = (
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1", "  =1+1", "\uff1d1+1",
    "=cmd|'/c calc'!A1", '=HYPERLINK("http://evil.example","x")',
)  # fmt: skip
SIGNS = "=+-@\uff1d\uff0b\uff20\uff0d"


@pytest.fixture(autouse=True)
def _words(monkeypatch: pytest.MonkeyPatch) -> None:
    samples.teach(monkeypatch, {})


@pytest.fixture(scope="module")
def book() -> bytes:
    with pytest.MonkeyPatch.context() as monkeypatch:
        samples.teach(monkeypatch, {})
        return case.book()


@pytest.fixture(scope="module")
def twins(book: bytes) -> dict[str, bytes]:
    return csv_twins(book, SHEETS)


def rows_of(twin: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(twin.decode("utf-8-sig"), newline="")))


def test_there_is_a_twin_of_every_sheet_of_the_plan(twins: dict[str, bytes]):
    assert list(twins) == list(sheet_names(case.whole()))


def test_it_opens_in_a_chinese_excel_and_ends_its_lines_as_windows_does(twins: dict[str, bytes]):
    for twin in twins.values():
        assert twin.startswith(b"\xef\xbb\xbf")
        assert twin.endswith(b"\r\n")
        assert len(twin.split(b"\r\n")) - 1 == len(rows_of(twin))


def test_row_1_holds_the_headings_and_every_other_row_is_that_of_the_sheet(
    book: bytes, twins: dict[str, bytes]
):
    workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book))
    for place, name in enumerate(SHEETS[1:], 1):
        cells = workbook.get_sheet_by_index(place).to_python(skip_empty_area=False)[TABLE_TOP:]
        heads, *twin = rows_of(twins[name])
        assert heads == [" ".join(text.split()) for text in cells[0]], name
        assert len(twin) == len(cells) - 1, name
        for row, line in zip(twin, cells[1:], strict=True):
            for text, value in zip(row, line, strict=True):
                if isinstance(value, float):
                    assert float(text) == pytest.approx(value, abs=0.005)
                elif isinstance(value, str):
                    assert as_written(text) == value
                else:
                    assert text == str(value)[:10]
    order = rows_of(twins["order"])
    at = [text.split()[0] for text in order[0]].index(say("sheet.final_units", "zh"))
    assert order[1][at] == str(samples.plan()["order_units"].iloc[0])


def test_pandas_reads_each_twin_with_the_columns_of_its_sheet(
    twins: dict[str, bytes], tmp_path: Path
):
    for name, twin in twins.items():
        path = tmp_path / f"plan-{name}.csv"
        path.write_bytes(twin)
        frame = pd.read_csv(path, encoding="utf-8-sig", dtype=str)
        assert list(frame.columns) == rows_of(twin)[0], name
        assert frame.columns.is_unique, name
        assert not any("Unnamed" in head or "\n" in head for head in frame), name
        assert len(frame) == len(rows_of(twin)) - 1, name
    units = pd.read_csv(tmp_path / "plan-shipping.csv", encoding="utf-8-sig")
    assert units.iloc[:, [4, 5]].sum().sum() > 0


def test_a_table_without_rows_is_its_headings_alone():
    tables = samples.plan_tables()
    tables["StockPlan"], tables["ShipLines"] = (
        tables[name].iloc[:0] for name in ("StockPlan", "ShipLines")
    )
    twin = csv_twins(plan_workbook(tables, scope=samples.scope()), sheet_names(tables))["order"]
    assert len(rows_of(twin)) == 1


def test_the_title_of_each_sheet_stands_in_the_read_me(twins: dict[str, bytes]):
    lines = {line[0]: line[1] for line in rows_of(twins["readme"])}
    assert lines["order"] == f"{say('sheet.order_title', 'zh')} / {say('sheet.order_title', 'en')}"
    assert set(SHEETS[1:]) <= set(lines)


def test_numbers_stay_numbers_and_days_are_written_year_first(twins: dict[str, bytes]):
    line = twins["shipping"].decode("utf-8-sig").split("\r\n")[1]
    assert line.startswith('"AIRFRYER-4L",')
    assert ",1464,1464," in line
    assert '"2025-09-20"' in line


def test_a_loss_stays_a_number_and_gets_no_apostrophe(twins: dict[str, bytes]):
    assert ",-3,-8,4," in twins["locks"].decode("utf-8-sig")


@pytest.mark.parametrize("payload", [text for text in PAYLOADS if "\r" not in text])
def test_no_text_of_a_twin_begins_as_a_formula_does(payload: str):
    tables = {
        name: frame.replace({"sku": {"MOP-360-BLUE": payload}}) if "sku" in frame else frame
        for name, frame in samples.plan_tables().items()
    }
    tables["StockPlan"] = tables["StockPlan"].assign(reason=payload, currency=payload)
    book = plan_workbook(tables, scope=samples.scope())
    seen = 0
    for twin in csv_twins(book, sheet_names(tables)).values():
        for row in rows_of(twin):
            for text in row:
                if not text or is_number(text):
                    continue
                assert text.lstrip(" ")[0] not in SIGNS
                assert text[0] not in "\t\r\n"
                seen += text.startswith("'")
    assert seen >= 3


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_a_semicolon_opens_no_cell_for_a_formula(sign: str):
    assert as_inert(f"A;{sign}1+1") == f"A;'{sign}1+1"
    assert as_inert(f"A\n{sign}1+1") == f"A\n'{sign}1+1"
    assert as_inert(f"A{sign}1") == f"A{sign}1"


def test_a_text_made_safe_comes_back_as_it_was_written():
    for text in (*PAYLOADS, "it's", "'quoted'", "plain", ""):
        assert as_written(as_inert(text)) == text


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True

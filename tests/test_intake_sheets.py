"""A workbook is looked through before it is opened, and a cell becomes the text of an export."""

import io
import zipfile
from datetime import date, datetime

import pytest
from intake_case import xlsx_bytes

from planner.intake import sheets as sheets_module
from planner.intake.sheets import WorkbookError, as_text, sheets

FORM = "%d/%m/%Y %H:%M:%S"


def remade(data: bytes, *, part: str = "xl/worksheets/sheet1.xml", **changes: bytes) -> bytes:
    """Return a workbook with `old` replaced by `new` in one part."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", 8) as new:
        for info in old.infolist():
            body = old.read(info)
            body = body.replace(changes["old"], changes["new"]) if info.filename == part else body
            new.writestr(info.filename, body)
    return made.getvalue()


def code_of(data: bytes) -> str:
    with pytest.raises(WorkbookError) as told:
        list(sheets(data))
    return told.value.code


def test_rows_are_counted_from_one_even_where_they_are_blank():
    (sheet,) = sheets(xlsx_bytes([["a", "b"], [], ["1", 2.5]]))
    assert sheet.rows == [["a", "b"], ["", ""], ["1", 2.5]]


def test_a_stale_dimension_and_one_row_per_cell_change_nothing():
    book = xlsx_bytes([["a", "b"], ["1", "2"]])
    stale = remade(book, old=b'<dimension ref="A1:B2"/>', new=b'<dimension ref="A1"/>')
    split = remade(stale, old=b"</c><c ", new=b'</c></row><row r="2"><c ')
    assert [sheet.rows for sheet in sheets(stale)] == [[["a", "b"], ["1", "2"]]]
    assert [sheet.rows[1] for sheet in sheets(split)] == [["1", "2"]]


def test_hidden_rows_count_and_are_told():
    book = remade(
        xlsx_bytes([["a"], ["1"], ["2"]]), old=b'<row r="2"', new=b'<row hidden="1" r="2"'
    )
    (sheet,) = sheets(book)
    assert sheet.hidden_rows == 1
    assert len(sheet.rows) == 3


@pytest.mark.parametrize("reference", [b'r="XFD1048576"', b"r='XFD1048576'", b'r = "A999999"'])
def test_a_cell_far_away_is_refused_however_it_is_written(reference: bytes):
    far = b"<row><c " + reference + b"><v>1</v></c></row></sheetData>"
    assert code_of(remade(xlsx_bytes([["a"]]), old=b"</sheetData>", new=far)) == "E_SHEET_SIZE"


def test_entities_of_its_own_are_refused():
    entity = b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/hostname">]><worksheet '
    assert code_of(remade(xlsx_bytes([["a"]]), old=b"<worksheet ", new=entity)) == "E_XML"


def test_a_part_that_unpacks_to_two_hundred_times_its_size_is_refused():
    blanks = b"</sheetData>" + b" " * 5_000_000
    assert code_of(remade(xlsx_bytes([["a"]]), old=b"</sheetData>", new=blanks)) == "E_ZIP_BOMB"


def test_a_cut_or_damaged_or_strange_archive_is_refused():
    book = xlsx_bytes([["a", "b"]] * 50)
    damaged = bytearray(book)
    place = book.find(b"sheet1.xml") + 60
    damaged[place : place + 8] = b"\xff" * 8
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    for data in (book[: len(book) * 2 // 3], bytes(damaged), other.getvalue(), b"PK\x03\x04"):
        assert code_of(data) == "E_CONTAINER"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("00123", "00123"),
        (True, "TRUE"),
        (2.0, "2"),
        (19.9, "19.9"),
        (0.1 + 0.2, "0.3"),
        (5.768590292230865e17, "5.768590292230865e+17"),
        (date(2026, 1, 5), "05/01/2026 00:00:00"),
        (datetime(2026, 1, 5, 23, 59, 58, 999_900), "05/01/2026 23:59:59"),
    ],
)
def test_a_cell_becomes_what_a_csv_export_would_hold(value: object, text: str):
    assert as_text(value, FORM) == text


def test_a_far_cell_is_found_between_two_blocks_however_it_is_padded(monkeypatch):
    monkeypatch.setattr(sheets_module, "BLOCK_BYTES", 4_000)
    for blanks in (0, 10, 3_000):
        far = b"<row><c r" + b" " * blanks + b'= "XFD1048576"><v>1</v></c></row></sheetData>'
        for shift in (0, 3_500, 3_980):
            rows = b"<row/>" * (shift // 6) + far
            book = remade(xlsx_bytes([["a"]]), old=b"</sheetData>", new=rows)
            assert code_of(book) == "E_SHEET_SIZE"


def test_a_tag_without_an_end_is_refused_before_it_is_held_whole(monkeypatch):
    monkeypatch.setattr(sheets_module, "BLOCK_BYTES", 4_000)
    endless = b"<row " + b"x" * 9_000
    assert code_of(remade(xlsx_bytes([["a"]]), old=b"</sheetData>", new=endless)) == "E_CONTAINER"

"""One Excel workbook and its sheets: safe options, formats, bilingual headings, tables.

Everything that opens or fills a workbook goes through here. Text stays text
whatever it begins with, nothing becomes a link, and a formula is written only
where the code says `Formula`. What stands in the sheets is not known here.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from planner.pages.bilingual import both, head_of
from planner.pages.kinds import is_missing, kind_of, tell_text
from planner.pages.theme import letters
from planner.words import LANGS, is_known, meaning, say

SAFE_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
FONT = "Microsoft YaHei"
INK, MUTED, ACCENT, LINE = "#1A2430", "#5A6675", "#0F5C9C", "#DFE5EC"
HEAD_FILL, INPUT_FILL, COMPUTED_FILL = "#EEF3F8", "#FFF6CC", "#F4F6F9"
NUMBER_FORMATS = {
    "units": "#,##0",
    "count": "#,##0",
    "rate": "0.0%",
    "ratio": "0.00",
    "days": "0.#",
    "money": "[>=1000]#,##0;[<=-1000]-#,##0;#,##0.00",
    "kg": "#,##0.0",
    "cbm": "#,##0.000",
    "date": "yyyy-mm-dd",
    "time": "yyyy-mm-dd hh:mm",
    "amount": "[>=1000]#,##0;General",
    "text": "General",
}
MIN_WIDTH, MAX_WIDTH = 9.0, 46.0
"""Width of a column. [characters]"""
PAPER_A4 = 9
LINE_POINTS = 15
"""Height of one line of a heading. [points]"""
TABLE_TOP = 3
"""Row of the headings, counted from 0: title, totals and one empty row stand above."""
PROTECTION = {
    "autofilter": True,
    "sort": True,
    "format_cells": True,
    "format_columns": True,
    "format_rows": True,
}


class Formula(NamedTuple):
    """A formula and the value it has now, for viewers that do not calculate."""

    text: str
    value: float | str


@dataclass(frozen=True)
class Column:
    """One column of a sheet: heading, cells, and how they are told.

    Parameters
    ----------
    term : str
        Term of the heading; its name decides the number format too.
    cells : sequence
        Number, date, text, `Formula`, or None: unknown, or still to be filled in.
    heading : str
        In place of the term's own words.
    is_input : bool
        Whether the buyer fills it in; a cell that is not missing stands filled in already.
    wide : bool
        Whether long text wraps inside it.
    kind : str
        How its numbers are told, where the term's name does not say it.
    """

    term: str
    cells: Sequence[object]
    heading: str = ""
    is_input: bool = False
    wide: bool = False
    kind: str = ""

    @cached_property
    def is_text(self) -> bool:
        """Whether all its cells are texts, or are to be; asked once, not once a cell."""
        return self.is_input or all(isinstance(value, str) for value in self.cells)

    @property
    def number_format(self) -> str:
        """How Excel shows its numbers and days."""
        return NUMBER_FORMATS.get(self.kind or kind_of(self.term), "General")


@dataclass
class Book:
    """A workbook in memory; `finished` returns its bytes.

    Parameters
    ----------
    created : date
        Written as the day of making, so that the same plan gives the same bytes.
    title : str
    """

    created: date
    title: str
    _buffer: io.BytesIO = field(default_factory=io.BytesIO)
    _formats: dict[tuple[object, ...], Format] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open the workbook."""
        self._workbook = xlsxwriter.Workbook(self._buffer, SAFE_OPTIONS)
        moment = datetime(self.created.year, self.created.month, self.created.day)
        self._workbook.set_properties({"title": self.title, "author": "planner", "created": moment})
        self._workbook.set_calc_mode("auto")

    def sheet(self, term: str, *, number: int = 0) -> Worksheet:
        """Return a new sheet named by a term in both languages, numbered if there are several."""
        name = f"{say(term, 'zh')} {say(term, 'en')}" + (f" {number}" if number else "")
        sheet = self._workbook.add_worksheet(name[:31])
        sheet.hide_gridlines(2)
        sheet.set_paper(PAPER_A4)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer("&L&A&R&P / &N")
        return sheet

    def format(self, **properties: object) -> Format:
        """Return a cell format; the same properties give the same one."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            base = {"font_name": FONT, "font_size": 10, "font_color": INK, "valign": "top"}
            self._formats[key] = self._workbook.add_format({**base, **properties})
        return self._formats[key]

    def finished(self) -> bytes:
        """Close the workbook and return it."""
        self._workbook.close()
        return self._buffer.getvalue()


def write_title(book: Book, sheet: Worksheet, title: str, note: str = "") -> None:
    """Write what a sheet is, and one muted line under it."""
    sheet.write_string(0, 0, title, book.format(bold=True, font_size=15))
    sheet.set_row(0, 24)
    if note:
        sheet.write_string(1, 0, note, book.format(font_color=MUTED))


def write_table(
    book: Book, sheet: Worksheet, columns: Sequence[Column], *, summed: Sequence[str] = ()
) -> None:
    """Write headings, cells and sums; freeze, filter, protect and set up for print.

    Parameters
    ----------
    book : Book
    sheet : Worksheet
    columns : sequence of Column
        All of the same length.
    summed : sequence of str
        Terms of columns whose visible rows are summed above the headings.
    """
    rows = len(columns[0].cells)
    for place, column in enumerate(columns):
        _write_heading(book, sheet, place, column)
        for row, value in enumerate(column.cells, TABLE_TOP + 1):
            _write_cell(book, sheet, (row, place), value, column)
        if column.term in summed and rows:
            _write_sum(book, sheet, place, column)
        sheet.set_column(place, place, _width(column))
    lines = max((column.heading or head_of(column.term)).count("\n") + 1 for column in columns)
    sheet.set_row(TABLE_TOP, LINE_POINTS * lines + 4)
    if not rows:
        sheet.write_string(TABLE_TOP + 1, 0, both("empty.table"), book.format(font_color=MUTED))
    sheet.freeze_panes(TABLE_TOP + 1, 1)
    sheet.autofilter(TABLE_TOP, 0, TABLE_TOP + max(rows, 1), len(columns) - 1)
    sheet.repeat_rows(TABLE_TOP)
    sheet.protect("", PROTECTION)


def cell(row: int, place: int) -> str:
    """Return the address of a cell of a table; `row` counts from 0 below the headings."""
    return xl_rowcol_to_cell(TABLE_TOP + 1 + row, place)


def letters_of(place: int) -> str:
    """Return the letters over a column, counted from 0: ``letters_of(27)`` is AB."""
    return xl_col_to_name(place)


def span(rows: int, place: int, *, sheet: str = "") -> str:
    """Return the address of a whole column of a table, on another sheet if named."""
    name = xl_col_to_name(place)
    first, last = TABLE_TOP + 2, TABLE_TOP + 1 + max(rows, 1)
    where = f"'{sheet}'!" if sheet else ""
    return f"{where}${name}${first}:${name}${last}"


def validate(sheet: Worksheet, place: int, rows: int, *, note: str, **rule: object) -> None:
    """Allow only some values in an input column, and say which when a cell is chosen.

    Parameters
    ----------
    sheet : Worksheet
    place : int
        Column, counted from 0.
    rows : int
    note : str
        Term of what is said, in both languages.
    **rule : object
        As xlsxwriter's `data_validation` takes it.
    """
    told = "\n".join(say(note, lang) for lang in LANGS)
    sheet.data_validation(
        span(rows, place),
        {**rule, "input_message": told, "error_message": told, "ignore_blank": True},
    )


def _write_heading(book: Book, sheet: Worksheet, place: int, column: Column) -> None:
    looks = book.format(
        bold=True, text_wrap=True, valign="bottom", bottom=2, bottom_color=ACCENT,
        bg_color=INPUT_FILL if column.is_input else HEAD_FILL,
        align="left" if column.is_text else "right",
    )  # fmt: skip
    sheet.write_string(TABLE_TOP, place, column.heading or head_of(column.term), looks)
    told = [meaning(column.term, lang) for lang in ("zh", "en")] if is_known(column.term) else []
    if any(told):
        sheet.write_comment(TABLE_TOP, place, "\n".join(told), {"x_scale": 2, "font_size": 9})


def _write_cell(
    book: Book, sheet: Worksheet, at: tuple[int, int], value: object, column: Column
) -> None:
    looks = {
        "bottom": 1, "bottom_color": LINE, "locked": isinstance(value, Formula),
        "num_format": column.number_format,
    }  # fmt: skip
    if column.is_input:
        looks |= {"bg_color": INPUT_FILL}
    if column.is_input and (is_missing(value) or value == ""):
        sheet.write_blank(*at, None, book.format(**looks, text_wrap=column.wide))
    elif isinstance(value, Formula):
        styled = book.format(**looks, bg_color=COMPUTED_FILL, align=_side(column))
        sheet.write_formula(*at, f"={value.text}", styled, value.value)
    elif is_missing(value):
        unknown = book.format(**looks, italic=True, font_color="#7B6A45", align=_side(column))
        sheet.write_string(*at, both("word.unknown"), unknown)
    elif isinstance(value, pd.Timestamp | date):
        sheet.write_datetime(*at, pd.Timestamp(value).to_pydatetime(), book.format(**looks))
    elif isinstance(value, str):
        text = book.format(**looks, text_wrap=column.wide, align=_side(column))
        sheet.write_string(*at, tell_text(value), text)
    else:
        sheet.write_number(*at, float(value), book.format(**looks))


def _write_sum(book: Book, sheet: Worksheet, place: int, column: Column) -> None:
    values = [value.value if isinstance(value, Formula) else value for value in column.cells]
    numbers = [value for value in values if not isinstance(value, str) and not is_missing(value)]
    shown = NUMBER_FORMATS.get(column.kind or kind_of(column.term), "#,##0")
    looks = book.format(bold=True, font_size=12, num_format=shown)
    cells, unknown = span(len(column.cells), place), both("word.unknown")
    some = f"COUNT({cells})<ROWS({cells})"
    total = f'=IF(AND({some},SUBTOTAL(109,{cells})=0),"{unknown}",SUBTOTAL(109,{cells}))'
    value: float | str = float(sum(numbers))
    if len(numbers) < len(values) and not value:
        value = unknown
    sheet.write_formula(TABLE_TOP - 1, place, total, looks, value)


def _side(column: Column) -> str:
    return "left" if column.is_text else "right"


def _width(column: Column) -> float:
    texts = [str(value) for value in column.cells if isinstance(value, str)]
    lines = (column.heading or head_of(column.term)).split("\n") + texts
    widest = max((letters(line) for line in lines), default=0)
    if column.is_input:
        widest = max(widest, 30 if column.wide else 12)
    return min(max(widest + 2, MIN_WIDTH), MAX_WIDTH)

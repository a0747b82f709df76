"""track.xlsx: what a running campaign asks to be done, to be sent and to be filled in.

Exceptions with yellow cells for owner, state and note; tickets and appeals by the fields that a
provider and a platform ask for; metrics, caps, waiting orders. Text stays text. Nothing here
touches disk.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.intake.inert import as_inert
from planner.pages.bilingual import both, head_of, reasons
from planner.pages.csv_twins import excel_csv
from planner.pages.kinds import REASONS, WORDS, tell_text
from planner.pages.sheets import Book, Column, validate, write_table, write_title
from planner.scope import Scope
from planner.tables.contract import columns
from planner.tables.platform import EXCEPTION_STATES, ExceptionNotes
from planner.words import is_known

INPUTS = ("owner", "case_state", "note")
WIDE = ("proof", "reason", "note", "screenshot", "order_id")
DAILY = [
    "market", "sku", "day", "yesterday_units", "change_units", "known_units", "unexplained_units",
    "stock_units", "cover", "action", "action_units", "act_by",
]  # fmt: skip
LOG = [
    "case", "case_kind", "about", "sku", "found_on", "happened_at", "proof", "owner",
    "act_until_at", "case_state", "is_seen", "is_reopened", "stake", "note",
]  # fmt: skip
METRICS = [
    "shop", "metric", "counted_over", "window_days", "value_rate", "threshold_rate", "is_breached",
    "orders", "failed_orders", "left_orders", "recover_orders", "consequence", "reason",
]  # fmt: skip
CAPS = [
    "shop", "cap_tier", "from_rate", "release_rate", "late_rate", "is_reached", "left_orders",
    "release_orders", "base_orders",
    "cap_orders", "starts_on", "ends_on", "wanted_orders", "lost_orders", "lost_units",
    "lost_profit", "reason",
]  # fmt: skip
AGEING = [
    "shop", "order_id", "sku", "units", "order_revenue", "order_profit", "waiting_since_at",
    "dispatch_by", "hours_left", "cancel_at", "reason",
]  # fmt: skip
TICKET = ["case", "order_id", "sku", "proof", "screenshot", "case_state", "owner"]
APPEAL = [*TICKET, "appeal_by", "appeal_round"]
HEADINGS = {"proof": "head.description"}
"""Columns that a ticket calls otherwise."""
TICKET_HEADINGS = {"order_id": "ticket_about"}
"""Columns that only a ticket calls otherwise: one of goods names a shipment."""


class Sheet(NamedTuple):
    """One sheet: its term, the table it shows, which columns, and which rows."""

    term: str
    table: str
    columns: list[str]
    rows: Callable[[pd.DataFrame], pd.DataFrame] | None = None


SHEETS = (
    Sheet("sheet.daily", "DailyCheck", DAILY),
    Sheet("sheet.cases", "Exceptions", LOG),
    Sheet("sheet.tickets", "Tickets", TICKET, lambda of: of[of["send_to"] == "provider"]),
    Sheet("sheet.appeals", "Tickets", APPEAL, lambda of: of[of["send_to"] == "platform"]),
    Sheet("sheet.metrics", "PlatformMetrics", METRICS),
    Sheet("sheet.caps", "CapRisks", CAPS),
    Sheet("sheet.ageing", "AgeingOrders", AGEING),
)


def track_workbook(tables: Mapping[str, pd.DataFrame], *, scope: Scope) -> bytes:
    """Return the workbook of a day of tracking.

    Parameters
    ----------
    tables : Mapping
        By name: `DailyCheck`, `Exceptions`, `Tickets`, `PlatformMetrics`, `CapRisks`,
        `AgeingOrders`; one that is not there has no sheet.
    scope : Scope
        The day that the file is dated by.

    Returns
    -------
    bytes
        An .xlsx file without formulas, macros or links; the same tables give the same bytes.
    """
    book = Book(scope.last_day(4), title=f"{scope.campaign.campaign} {scope.seller.seller} track")
    for sheet in SHEETS:
        if sheet.table in tables:
            frame = tables[sheet.table]
            _write(book, sheet, frame if sheet.rows is None else sheet.rows(frame))
    return book.finished()


def exceptions_csv(notes: pd.DataFrame) -> bytes:
    """Return the exception log as the file that a person fills in and puts into his folder.

    Parameters
    ----------
    notes : DataFrame
        Table `ExceptionNotes`.

    Returns
    -------
    bytes
        `case` is the name by which a case is known again and stays as it is; so do `proof_on` and
        `extent`, by which newer evidence is told from what was known. With the mark by
        which Excel on a Chinese Windows knows UTF-8; no cell is a formula.
    """
    texts = [name for name in notes if pd.api.types.is_string_dtype(notes[name])]
    inert = notes.assign(**{name: [as_inert(text) for text in notes[name]] for name in texts})
    told = inert[columns(ExceptionNotes)]
    return excel_csv(told)


def _write(book: Book, sheet: Sheet, frame: pd.DataFrame) -> None:
    page = book.sheet(sheet.term)
    write_title(book, page, both(sheet.term), both(f"{sheet.term}_note"))
    is_log = sheet.table == "Exceptions"
    named = HEADINGS | (TICKET_HEADINGS if sheet.table == "Tickets" else {})
    names = [name for name in sheet.columns if name != "market" or len(frame[name].unique()) > 1]
    cells = [
        _column(name, frame, head=named.get(name, ""), is_input=is_log and name in INPUTS)
        for name in names
    ]
    write_table(book, page, cells)
    if is_log and len(frame):
        place = sheet.columns.index("case_state")
        states = [both(f"state.{state}") for state in EXCEPTION_STATES]
        validate(page, place, len(frame), note="sheet.cases_states", validate="list", source=states)


def _column(name: str, frame: pd.DataFrame, *, head: str, is_input: bool) -> Column:
    cells = [_told(name, value) for value in frame[name]]
    heading = head_of(head) if head else ""
    return Column(name, cells, heading=heading, is_input=is_input, wide=name in WIDE)


def _told(name: str, value: object) -> object:
    """Return a value as a sheet in two languages shows it."""
    if pd.isna(value):
        return both(f"{name}.none") if is_known(f"{name}.none") else None
    if name in WORDS:
        term = f"{WORDS[name]}.{value}"
        return both(term) if is_known(term) else tell_text(value)
    if name in REASONS and value != "":
        return reasons([str(value)])[0]
    if isinstance(value, bool | np.bool_):
        return both("word.yes" if value else "word.no")
    return value

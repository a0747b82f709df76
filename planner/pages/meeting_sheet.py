"""The sheet of the selection meeting: goods in order of worth, and yellow cells to decide in.

Decisions are read back by `planner decisions`; what was decided before stands beside and stays.
"""

from collections.abc import Mapping

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from planner.intake.inert import as_written
from planner.pages.bilingual import both, head_of, reasons, unless, words
from planner.pages.kinds import is_missing, tell_text
from planner.pages.order_list import KEYS, MAX_WHO, order_cells
from planner.pages.sheets import Book, Column, validate, write_table, write_title
from planner.pages.telling import DASH
from planner.scope import Scope
from planner.tables import DECISIONS

Tables = Mapping[str, pd.DataFrame]


def meeting_columns(tables: Tables) -> list[Column]:
    """Return the columns of the selection meeting, earlier decisions filled in.

    Parameters
    ----------
    tables : Mapping
        By name: `MeetingSheet` and `StockPlan`.
    """
    rows = tables["MeetingSheet"].sort_values("rank", kind="stable")
    plan = tables["StockPlan"]
    asked = dict(zip(plan[KEYS].itertuples(index=False, name=None), order_cells(plan), strict=True))
    keys = list(rows[KEYS].itertuples(index=False, name=None))
    unsure = (rows["grade"] == "D").to_list()
    currency = tell_text(rows["currency"].iloc[0]) if len(rows) else ""
    profit = head_of("expected_profit", currency=currency)
    prices = _prices(rows, tables.get("PriceLocks"), currency)
    taken = [both(f"decision.{name}") if name else "" for name in rows["decision"]]
    texts = {name: [as_written(text) for text in rows[name]] for name in ("owner", "note")}
    return [
        Column("sku", rows["sku"].to_list()),
        Column("rank", rows["rank"].to_list(), kind="count"),
        Column("market", words("market", rows["market"])),
        Column("grade", rows["grade"].to_list()),
        Column("expected_profit", unless(unsure, rows["expected_profit"]), heading=profit),
        Column("order_units", [asked.get(key, DASH) for key in keys]),
        *prices,
        Column("feasibility", reasons(rows["feasibility"]), wide=True),
        Column("advice", reasons(rows["advice"])),
        Column("sheet.earlier", _earlier(rows), wide=True),
        Column("decision", taken, is_input=True),
        Column("decided_units", rows["decided_units"].to_list(), is_input=True),
        Column("owner", texts["owner"], is_input=True),
        Column("note", texts["note"], is_input=True, wide=True),
    ]


def write_meeting(book: Book, sheet: Worksheet, tables: Tables, scope: Scope) -> None:
    """Write the sheet: its columns and what the yellow cells take."""
    columns = meeting_columns(tables)
    write_title(book, sheet, both("sheet.meeting_title"), both("sheet.meeting_note"))
    write_table(book, sheet, columns)
    place = {column.term: number for number, column in enumerate(columns)}
    source = [both(f"decision.{name}") for name in DECISIONS]
    for term, rule, note in (
        ("decision", {"validate": "list", "source": source}, "sheet.decision_help"),
        ("decided_units", {"validate": "integer", "criteria": ">=", "value": 0},
         "sheet.meeting_units_help"),
        ("owner", {"validate": "length", "criteria": "<=", "value": MAX_WHO}, "sheet.who_help"),
    ):  # fmt: skip
        validate(sheet, place[term], len(columns[0].cells), note=note, **rule)


def earlier_told(decision: str, units: int | None, owner: str) -> str:
    """Return the record of a decision beside the yellow cells; blank where there is none."""
    if not decision:
        return ""
    number = "" if is_missing(units) else f"{units:,}"
    parts = (both(f"decision.{decision}"), number, as_written(owner))
    return " · ".join(part for part in parts if part)


def _prices(rows: pd.DataFrame, locks: pd.DataFrame | None, currency: str) -> list[Column]:
    """Return the price of the campaign and the least that earns, where the plan has weighed it."""
    if locks is None:
        return []
    by_sku = rows[KEYS].merge(locks, on=KEYS, how="left")
    return [
        Column(name, by_sku[name].to_list(), heading=head_of(name, currency=currency))
        for name in ("price", "least_price")
    ]


def _earlier(rows: pd.DataFrame) -> list[str]:
    """Return what was decided before, as a record that the yellow cells do not change."""
    lines = zip(rows["decision"], rows["decided_units"], rows["owner"], strict=True)
    return [earlier_told(*line) for line in lines]

"""Sheets that a plan is decided and defended with: meeting, gates, papers, days, prices, limits.

Each is one table of the plan, told in both languages; what people fill in is yellow. Decisions
of the meeting are read back by `planner decisions`.
"""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from planner.pages.bilingual import both, head_of, reasons, words
from planner.pages.kinds import is_missing, tell_text
from planner.pages.meeting_sheet import write_meeting
from planner.pages.sheets import Book, Column, validate, write_table, write_title
from planner.pages.telling import DASH
from planner.scope import Scope
from planner.words import is_known

Tables = Mapping[str, pd.DataFrame]
Writer = Callable[[Book, Worksheet, Tables, Scope], None]
STATES = ("open", "doing", "closed")
EXCEPTIONS = ("delay", "loss", "rejected", "wrong_count", "customs", "listing", "other")
LOG_FIELDS = (
    "kind", "order_id", "sku", "what", "evidence", "who", "deadline", "answer",
)  # fmt: skip
LOG_ROWS = 40
"""Empty rows of the log of exceptions, enough for a campaign on paper."""


def write_state(book: Book, sheet: Worksheet, columns: list[Column], **options: object) -> None:
    """Write a table whose last columns are who sees to it and how far it is."""
    rows = len(columns[0].cells)
    columns = [
        *columns,
        Column("owner", [None] * rows, is_input=True),
        Column("sheet.state", [None] * rows, is_input=True),
    ]
    write_table(book, sheet, columns, **options)
    source = [both(f"sheet.state_{state}") for state in STATES]
    place = len(columns) - 1
    validate(sheet, place, rows, validate="list", source=source, note="sheet.state_help")


def told(family: str, values: Sequence[str]) -> list[str]:
    """Return values of a list that may grow, in both languages where the glossary knows them."""
    terms = [f"{family}.{value}" for value in values]
    pairs = zip(terms, values, strict=True)
    return [both(term) if is_known(term) else tell_text(value) for term, value in pairs]


def days_of(values: pd.Series) -> list[object]:
    """Return days, a dash where there is none."""
    return [DASH if is_missing(day) else day for day in values]


def _write_quote(book: Book, sheet: Worksheet, tables: Tables, scope: Scope) -> None:
    rows = tables["QuoteRequest"]
    columns = [
        Column("field", reasons(rows["field"])),
        Column("market", words("market", rows["market"])),
        Column("value", reasons(rows["value"]), wide=True),
        Column(
            "is_known", [both("word.yes" if known else "word.no") for known in rows["is_known"]]
        ),
        Column("head.do", reasons(rows["reason"]), wide=True),
    ]
    write_title(book, sheet, both("sheet.quote_title"), both("sheet.quote_note"))
    write_table(book, sheet, columns)


def _write_products(book: Book, sheet: Worksheet, tables: Tables, scope: Scope) -> None:
    rows = tables["QuoteProducts"]
    currency = tell_text(scope.seller.currency)
    texts = ("name", "hs_code", "material", "purpose")
    columns = [
        Column("sku", rows["sku"].to_list()),
        Column("market", words("market", rows["market"])),
        *(
            Column(name, [text or None for text in rows[name]], heading=both(f"goods.{name}"))
            if name == "material"
            else Column(name, [text or None for text in rows[name]])
            for name in texts
        ),
        *(Column(name, rows[name].to_list(), heading=head_of(name, currency=currency))
          for name in ("unit_cost", "declared_cost")),
        *(Column(name, rows[name].to_list()) for name in ("units", "weight_kg", "volume_cbm")),
    ]  # fmt: skip
    write_title(book, sheet, both("sheet.products_title"), both("sheet.products_note"))
    write_table(book, sheet, columns, summed=("units", "weight_kg", "volume_cbm"))


def _write_gates(book: Book, sheet: Worksheet, tables: Tables, scope: Scope) -> None:
    gates = tables["Gates"]
    is_open = (gates["state"] != "passed") | (gates["blocks"] != "")
    rows = gates[is_open].sort_values(
        "blocks", key=lambda what: what.map({"order": 0, "ship": 1}).fillna(2), kind="stable"
    )
    currency = tell_text(scope.seller.currency)
    columns = [
        Column("sku", rows["sku"].to_list()),
        Column("market", words("market", rows["market"])),
        Column("blocks", told("blocks", rows["blocks"])),
        Column("gate", told("gate", rows["gate"])),
        Column("state", told("state", rows["state"])),
        Column("sheet.what", reasons(rows["reason"]), wide=True),
        Column("evidence", rows["evidence"].to_list(), wide=True),
        Column("expires_on", days_of(rows["expires_on"])),
        Column("saved_cost", _saved(rows), heading=head_of("saved_cost", currency=currency)),
        Column("source", rows["source"].to_list(), wide=True),
    ]
    write_title(book, sheet, both("sheet.gates_title"), both("sheet.gates_note"))
    write_state(book, sheet, columns)


def _saved(rows: pd.DataFrame) -> list[object]:
    pairs = zip(rows["saved_cost"], rows["blocks"], strict=True)
    return [cost if blocks else DASH for cost, blocks in pairs]


def _write_papers(book: Book, sheet: Worksheet, tables: Tables, scope: Scope) -> None:
    rows = tables["PaperChecks"]
    columns = [
        Column("paper", reasons(rows["paper"])),
        Column("subject", told("subject", rows["subject"])),
        Column("state", told("state", rows["state"])),
        Column("evidence", rows["evidence"].to_list(), wide=True),
        Column("confirmed_on", days_of(rows["confirmed_on"])),
        Column("head.do", reasons(rows["reason"].mask(rows["state"] == "passed", "")), wide=True),
    ]
    write_title(book, sheet, both("sheet.papers_title"), both("sheet.papers_note"))
    write_state(book, sheet, columns)


def _write_deadlines(book: Book, sheet: Worksheet, tables: Tables, scope: Scope) -> None:
    rows = tables["Deadlines"].sort_values(["due_on", "market"], kind="stable")
    columns = [
        Column("due_on", rows["due_on"].to_list()),
        Column("deadline", told("deadline", rows["deadline"])),
        Column("market", words("market", rows["market"])),
        Column("mode", told("mode", rows["mode"])),
        Column("days_left", rows["days_left"].to_list()),
        Column("is_past", [both("word.yes" if past else "word.no") for past in rows["is_past"]]),
        Column("reason", reasons(rows["reason"]), wide=True),
    ]
    write_title(book, sheet, both("sheet.deadlines_title"), both("sheet.deadlines_note"))
    write_state(book, sheet, columns)


def _write_limits(book: Book, sheet: Worksheet, tables: Tables, scope: Scope) -> None:
    rows = tables["LimitPrices"].sort_values("is_binding", ascending=False, kind="stable")
    currency = tell_text(scope.seller.currency)
    binding = [both("word.yes" if binds else "word.no") for binds in rows["is_binding"]]
    columns = [
        Column("limit", told("limit", rows["limit"])),
        Column("market", told("market", rows["market"])),
        Column("place", _places(rows), heading=both("sheet.where")),
        Column("is_binding", binding),
        Column("used", rows["used"].round(3).to_list(), kind="amount"),
        Column("cap", rows["cap"].round(3).to_list(), kind="amount"),
        Column("unit", told("unit", rows["unit"])),
        Column(
            "shadow_price", rows["shadow_price"].to_list(), kind="money",
            heading=head_of("shadow_price", currency=currency),
        ),
        Column("reason", reasons(rows["reason"]), wide=True),
    ]  # fmt: skip
    write_title(book, sheet, both("sheet.limits_title"), both("sheet.limits_note"))
    write_table(book, sheet, columns)


def _places(limits: pd.DataFrame) -> list[str]:
    modes = told("mode", limits["place"])
    named = zip(limits["limit"] == "mode_cbm", modes, limits["place"], strict=True)
    return [mode if is_mode else tell_text(place) for is_mode, mode, place in named]


def _write_locks(book: Book, sheet: Worksheet, tables: Tables, scope: Scope) -> None:
    rows = tables["PriceLocks"]
    currency = tell_text(scope.seller.currency)
    money = ("price", "mean_unit_profit", "low_unit_profit", "high_unit_profit", "least_price")
    figures = {
        name: Column(name, rows[name].to_list(), heading=head_of(name, currency=currency))
        for name in money
    }
    free = {"register": both("max_units.none"), "raise_price": both("max_units.none")}
    most = [
        free.get(advice, DASH) if is_missing(units) else units
        for advice, units in zip(rows["advice"], rows["max_units"], strict=True)
    ]
    columns = [
        Column("sku", rows["sku"].to_list()),
        Column("market", words("market", rows["market"])),
        Column("advice", told("advice", rows["advice"])),
        Column("max_units", most),
        figures["least_price"],
        *(figures[name] for name in money[:-1]),
        Column("loss_chance", rows["loss_chance"].to_list(), kind="rate"),
        Column("settle_by", days_of(rows["settle_by"])),
        Column("reason", reasons(rows["reason"]), wide=True),
    ]
    write_title(book, sheet, both("sheet.locks_title"), both("sheet.locks_note"))
    write_table(book, sheet, columns)


def _write_log(book: Book, sheet: Worksheet, tables: Tables, scope: Scope) -> None:
    blank = [None] * LOG_ROWS
    columns = [Column("sheet.log_on", blank, is_input=True, kind="date")]
    columns += [
        Column(
            f"sheet.log_{name}",
            blank,
            is_input=True,
            wide=name in ("what", "answer"),
            kind="date" if name == "deadline" else "",
        )
        for name in LOG_FIELDS
    ]
    write_title(book, sheet, both("sheet.log_title"), both("sheet.log_note"))
    write_state(book, sheet, columns)
    source = [both(f"exception.{kind}") for kind in EXCEPTIONS]
    validate(sheet, 1, LOG_ROWS, validate="list", source=source, note="sheet.log_kind_help")


WRITERS: dict[str, tuple[str, Writer]] = {
    "meeting": ("MeetingSheet", write_meeting),
    "quote": ("QuoteRequest", _write_quote),
    "products": ("QuoteProducts", _write_products),
    "gates": ("Gates", _write_gates),
    "papers": ("PaperChecks", _write_papers),
    "deadlines": ("Deadlines", _write_deadlines),
    "locks": ("PriceLocks", _write_locks),
    "limits": ("LimitPrices", _write_limits),
    "log": ("", _write_log),
}
"""By name of a sheet: the table it needs, blank if none, and what writes it."""

"""The sheet a buyer orders by: what is suggested, what is decided, what follows from it.

Decisions go into yellow cells; final units and cartons follow by formula. A
quantity of grade D is a range until somebody decides.
"""

import math
from collections.abc import Mapping, Sequence

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from planner.pages.bilingual import both, head_of, reasons, unless, words
from planner.pages.cross_sums import Placed
from planner.pages.kinds import is_missing, tell_text
from planner.pages.sheets import (
    TABLE_TOP,
    Book,
    Column,
    Formula,
    cell,
    span,
    validate,
    write_table,
    write_title,
)
from planner.pages.telling import tell_range

KEYS = ["market", "sku"]
ORDER_FIGURES = ("demand_units", "safety_units", "buffer_units", "available_units")
MEETING_SAYS = "sheet.meeting_says"
MAX_WHO = 40
"""Letters of a name in a decision."""


def order_columns(
    tables: Mapping[str, pd.DataFrame], meeting: Placed | None = None
) -> list[Column]:
    """Return the columns of the order list, what is decided and what follows from it included.

    Parameters
    ----------
    tables : Mapping
        By name: `StockPlan`, `ShipLines`, and `Catalogue` if there is one.
    meeting : Placed, optional
        The sheet of the meeting: what it decides of each SKU is shown beside the order.
    """
    plan = _with_goods(tables["StockPlan"], tables.get("Catalogue"), tables["ShipLines"])
    rows = len(plan)
    currency = str(plan["currency"].iloc[0]) if rows else ""
    unsure = (plan["grade"] == "D").to_list()
    first = [
        Column("sku", plan["sku"].to_list()),
        Column("name", plan["name"].to_list(), wide=True),
        Column("market", words("market", plan["market"])),
        Column("grade", plan["grade"].to_list()),
        *(Column(name, unless(_untold(plan, name), _told(plan, name))) for name in ORDER_FIGURES),
        Column("order_units", order_cells(plan)),
        Column("low_units", plan["low_units"].to_list()),
        Column("high_units", plan["high_units"].to_list()),
        Column("sheet.decided_units", [None] * rows, is_input=True),
        Column("sheet.who", [None] * rows, is_input=True),
        Column("sheet.why", [None] * rows, is_input=True, wide=True),
    ]
    place = {column.term: number for number, column in enumerate(first)}
    said = [] if meeting is None else [Column(MEETING_SAYS, _meeting_cells(first, meeting))]
    final = Column("sheet.final_units", _final_cells(plan, place))
    at = len(first)
    return [
        *first,
        final,
        Column("sheet.outside", _outside_cells(plan, place, both("sheet.outside_word"))),
        Column("carton_units", plan["carton_units"].to_list()),
        Column("cartons", _carton_cells(plan, final, at)),
        Column("service_level", unless(unsure, plan["service_level"])),
        Column(
            "expected_profit",
            unless(unsure, plan["expected_profit"]),
            heading=head_of("expected_profit", currency=tell_text(currency)),
        ),
        Column(
            "is_blocked", [both("word.yes" if stop else "word.no") for stop in plan["is_blocked"]]
        ),
        Column("reason", reasons(plan["reason"]), wide=True),
        *said,
    ]


def _untold(plan: pd.DataFrame, name: str) -> list[bool]:
    """Return where a figure says nothing: of grade D, and a cushion where nothing is ordered."""
    unsure = plan["grade"] == "D"
    blocked = plan["is_blocked"].astype(bool)
    return (unsure | blocked if name == "safety_units" else unsure).to_list()


def _told(plan: pd.DataFrame, name: str) -> list[object]:
    """Return a figure; what is available of a stock that nobody counted is unknown."""
    is_known = plan["is_stock_known"] | (name != "available_units")
    return plan[name].astype(object).where(is_known, None).to_list()


def _with_goods(
    plan: pd.DataFrame, catalogue: pd.DataFrame | None, ship: pd.DataFrame
) -> pd.DataFrame:
    goods = pd.DataFrame(columns=["sku", "name", "carton_units"])
    if catalogue is not None and len(catalogue):
        goods = catalogue[["sku", "name", "carton_units"]]
    told = plan.merge(goods, on="sku", how="left")
    told["name"] = told["name"].fillna("").astype(object)
    packed = ship[ship["cartons"].fillna(0) > 0].groupby(KEYS)[["units", "cartons"]].sum()
    inside = (packed["units"] / packed["cartons"].astype(float)).reindex(
        pd.MultiIndex.from_frame(told[KEYS])
    )
    shipped = pd.Series(inside.to_numpy(dtype=float), index=told.index).where(
        lambda size: size % 1 == 0
    )
    told["carton_units"] = pd.to_numeric(told["carton_units"]).astype(float).fillna(shipped)
    return told


def order_cells(plan: pd.DataFrame) -> list[object]:
    """Return what is suggested for each row of a plan; of grade D a range."""
    return [
        tell_range(row.low_units, row.high_units, "_units", "en")
        if row.grade == "D"
        else row.order_units
        for row in plan.itertuples()
    ]


def _final_cells(plan: pd.DataFrame, place: Mapping[str, int]) -> list[Formula]:
    cells = []
    for row, line in enumerate(plan.itertuples()):
        decided = cell(row, place["sheet.decided_units"])
        if line.grade == "D":
            cells.append(Formula(f'IF({decided}="","",{decided})', ""))
        elif line.is_blocked:
            cells.append(Formula(f'IF({decided}="",0,{decided})', 0))
        else:
            asked = cell(row, place["order_units"])
            cells.append(Formula(f'IF({decided}="",{asked},{decided})', int(line.order_units)))
    return cells


def _meeting_cells(first: Sequence[Column], meeting: Placed) -> list[Formula]:
    """Return what the meeting decides of each SKU, as its yellow cells stand at the moment."""
    here = Placed("", first)
    keys = ("sku", "market")
    found = zip(
        *(meeting.cells(name) for name in (*keys, "decision", "decided_units")), strict=True
    )
    told = {line[:2]: _said(*line[2:]) for line in found}
    ranges = [meeting.range(name) for name in keys]
    cells = []
    for row, key in enumerate(zip(*(here.cells(name) for name in keys), strict=True)):
        tests = ",".join(
            f"--EXACT({there},{cell(row, here.at(name))})"
            for there, name in zip(ranges, keys, strict=True)
        )
        line = f"SUMPRODUCT({tests},ROW({ranges[0]}))-{TABLE_TOP + 1}"
        parts = [f"INDEX({meeting.range(name)},{line})" for name in ("decision", "decided_units")]
        cells.append(Formula(f'IFERROR(TRIM({parts[0]}&" "&{parts[1]}),"")', told.get(key, "")))
    return cells


def _said(decision: str, units: object) -> str:
    return decision if is_missing(units) else f"{decision} {units}".strip()


def _outside_cells(plan: pd.DataFrame, place: Mapping[str, int], word: str) -> list[Formula]:
    """Return a mark on decisions outside the range; nothing is decided yet."""
    cells = []
    for row in range(len(plan)):
        decided = cell(row, place["sheet.decided_units"])
        low, high = cell(row, place["low_units"]), cell(row, place["high_units"])
        out = f"OR({decided}<{low},{decided}>{high})"
        cells.append(Formula(f'IF({decided}="","",IF({out},"{word}",""))', ""))
    return cells


def _carton_cells(plan: pd.DataFrame, final: Column, at: int) -> list[Formula]:
    cells = []
    for row, size in enumerate(plan["carton_units"]):
        units, inside = cell(row, at), cell(row, at + 2)
        value = final.cells[row].value
        known = value != "" and not math.isnan(size)
        text = f'IF(AND(ISNUMBER({units}),ISNUMBER({inside})),ROUNDUP({units}/{inside},0),"")'
        cells.append(Formula(text, math.ceil(value / size) if known else ""))
    return cells


def write_order(
    book: Book, sheet: Worksheet, columns: Sequence[Column], tables: Mapping[str, pd.DataFrame]
) -> None:
    """Write the order list, with checks of what may be entered and marks on what stands out."""
    write_title(book, sheet, both("sheet.order_title"), both("sheet.order_note"))
    write_table(book, sheet, columns, summed=("sheet.final_units", "cartons"))
    rows = len(tables["StockPlan"])
    place = {column.term: number for number, column in enumerate(columns)}
    decided, who = place["sheet.decided_units"], place["sheet.who"]
    validate(
        sheet, decided, rows, validate="integer", criteria=">=", value=0, note="sheet.decided_help"
    )
    validate(
        sheet, who, rows, validate="length", criteria="<=", value=MAX_WHO, note="sheet.who_help"
    )
    looks = book.format(font_color="#B3261E", bold=True)
    marked = span(rows, place["sheet.outside"])
    sheet.conditional_format(
        marked, {"type": "cell", "criteria": "!=", "value": '""', "format": looks}
    )
    if MEETING_SAYS in place:
        clash = f'=AND({cell(0, decided)}<>"",{cell(0, place[MEETING_SAYS])}<>"")'
        told = span(rows, place[MEETING_SAYS])
        sheet.conditional_format(told, {"type": "formula", "criteria": clash, "format": looks})
    weak = book.format(font_color="#B3261E")
    sheet.conditional_format(
        span(rows, place["grade"]),
        {"type": "cell", "criteria": "==", "value": '"D"', "format": weak},
    )

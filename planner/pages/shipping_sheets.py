"""What leaves the house: shipping lines by lane, shipments with their numbers, carton marks.

The counts of the three sheets are compared by formula, so that a changed figure shows at once.
A shipment may be called shipped only when it, or each of its cartons, has a tracking number.
"""

from collections.abc import Mapping, Sequence

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from planner.pages.bilingual import both, head_of, reasons, words
from planner.pages.cross_sums import Placed
from planner.pages.kinds import tell_text
from planner.pages.order_list import KEYS
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
from planner.pages.telling import DASH

SHIP_FIGURES = (
    "units", "cartons", "weight_kg", "volume_cbm", "chargeable", "freight_cost", "produce_by",
    "ship_by", "arrive_by", "shelf_by",
)  # fmt: skip
LANE = ("market", "mode", "warehouse")
SHIP_STATES = ("packed", "shipped")


def carton_columns(marks: pd.DataFrame) -> list[Column]:
    """Return the columns of the cartons, numbered through by shipment.

    Parameters
    ----------
    marks : DataFrame
        Table `CartonMarks`.
    """
    rows = marks.sort_values(["shipment", "first_carton"], kind="stable")
    count = rows["last_carton"] - rows["first_carton"] + 1
    return [
        Column("shipment", rows["shipment"].to_list()),
        Column("sku", rows["sku"].to_list()),
        Column("market", words("market", rows["market"])),
        Column("mode", words("mode", rows["mode"])),
        Column("warehouse", rows["warehouse"].to_list()),
        Column("first_carton", rows["first_carton"].to_list()),
        Column("last_carton", rows["last_carton"].to_list()),
        Column("cartons", count.to_list()),
        Column("units_per_carton", rows["units_per_carton"].to_list(), kind="units"),
        Column("units", rows["units"].to_list()),
        Column("mark", rows["mark"].to_list(), wide=True),
        Column("sheet.tracking", [None] * len(rows), is_input=True),
    ]


def shipping_columns(
    tables: Mapping[str, pd.DataFrame], order: Placed, cartons: Placed | None
) -> list[Column]:
    """Return the shipping lines, first to leave on top; their units follow the order list.

    Parameters
    ----------
    tables : Mapping
        By name: `ShipLines` and `StockPlan`; `LaneOptions` too if there is one, for the chance
        to be in time. Lines may bear a `warehouse` and a `block_reason`.
    order : Placed
        The order list.
    cartons : Placed, optional
        Carton marks to compare with; without them the sheet itself asks for ASN and tracking.
    """
    ship = tables["ShipLines"].sort_values(["ship_by", "mode", *KEYS], kind="stable")
    currency = tell_text(ship["currency"].iloc[0]) if len(ship) else ""
    lane = [name for name in LANE if name in ship]
    columns = [Column("sku", ship["sku"].to_list())]
    columns += [Column(name, _lane_words(name, ship[name])) for name in lane]
    columns.append(Column("units", ship["units"].to_list()))
    columns.append(Column("sheet.decided", _decided_cells(ship, tables["StockPlan"], order)))
    if cartons is not None:
        columns += _compared(columns, lane, cartons)
    for name in SHIP_FIGURES[1:]:
        heading = head_of(name, currency=currency) if name.endswith("_cost") else ""
        if name == "chargeable":
            columns.append(Column("rate_unit", words("rate_unit", ship["rate_unit"])))
        kind = "kg" if name == "chargeable" else ""
        columns.append(Column(name, ship[name].to_list(), heading=heading, kind=kind))
    if "LaneOptions" in tables:
        chance = tables["LaneOptions"].set_index(["market", "mode"])["on_time_rate"]
        keys = pd.MultiIndex.from_frame(ship[["market", "mode"]])
        columns.append(Column("on_time_rate", chance.reindex(keys).to_list()))
    if "block_reason" in ship:
        held = reasons(ship["block_reason"].fillna(""))
        columns.append(Column("block_reason", held, wide=True))
    if cartons is None:
        for name in ("sheet.asn", "sheet.tracking"):
            columns.append(Column(name, [None] * len(ship), is_input=True))
    return columns


def shipment_columns(cartons: Placed, shipping: Placed, ship: pd.DataFrame) -> list[Column]:
    """Return one row a shipment: counts by formula, whether they agree, and its numbers.

    Parameters
    ----------
    cartons, shipping : Placed
    ship : DataFrame
        Table `ShipLines`.

    Notes
    -----
    Lines that name no warehouse are compared with all shipments of their lane together.
    """
    heads = pd.DataFrame({name: cartons.cells(name) for name in ("shipment", *LANE)})
    heads = heads.drop_duplicates(ignore_index=True)
    rows = len(heads)
    first = [Column(name, heads[name].to_list()) for name in heads]
    here = Placed("", first)
    leaves = {key: day.min() for key, day in ship.groupby(["market", "mode"])["ship_by"]}
    days = {(both(f"market.{m}"), both(f"mode.{way}")): day for (m, way), day in leaves.items()}
    lanes = heads[["market", "mode"]].itertuples(index=False, name=None)
    first.append(Column("ship_by", [days.get(key, DASH) for key in lanes]))
    for term in ("cartons", "units"):
        first.append(Column(term, cartons.sums_where(term, here, ["shipment"])))
    keys = [name for name in LANE if name in ship]
    listed = shipping.sums_where("sheet.ordered", here, keys)
    packed = cartons.sums_where("units", here, keys)
    first.append(Column("sheet.listed_units", listed))
    checks = [
        _agreeing(f"{one.text}={other.text}", one.value == other.value)
        for one, other in zip(packed, listed, strict=True)
    ]
    first.append(Column("sheet.check", checks))
    first.append(Column("sheet.held_lines", _held_lines(ship, keys, heads), kind="count"))
    first.append(Column("sheet.asn", [None] * rows, is_input=True))
    at = len(first)
    return [
        *first,
        Column("sheet.tracking", [None] * rows, is_input=True),
        Column("sheet.untracked", _untracked(cartons, heads, at), kind="count"),
        Column("sheet.ship_state", [None] * rows, is_input=True),
        Column("sheet.remark", _remarks(rows, at)),
    ]


def write_cartons(book: Book, sheet: Worksheet, cartons: Placed) -> None:
    """Write the cartons and their marks."""
    write_title(book, sheet, both("sheet.cartons_title"), both("sheet.cartons_note"))
    write_table(book, sheet, cartons.columns, summed=("cartons", "units"))


def write_shipping(book: Book, sheet: Worksheet, shipping: Placed) -> None:
    """Write the shipping lines with their sums; a difference to the cartons stands out."""
    write_title(book, sheet, both("sheet.shipping_title"), both("sheet.shipping_note"))
    summed = ("units", "sheet.decided", "cartons", "weight_kg", "volume_cbm", "freight_cost")
    write_table(book, sheet, shipping.columns, summed=summed)
    if any(column.term == "sheet.check" for column in shipping.columns):
        for term in ("sheet.differs", "sheet.not_packed"):
            _mark(book, sheet, shipping, "sheet.check", both(term))


def write_shipments(book: Book, sheet: Worksheet, shipments: Placed) -> None:
    """Write the shipments; `shipped` waits for a tracking number and for lines that are held."""
    write_title(book, sheet, both("sheet.shipments_title"), both("sheet.shipments_note"))
    write_table(book, sheet, shipments.columns, summed=("cartons", "units"))
    rows, place = len(shipments.columns[0].cells), shipments.at("sheet.ship_state")
    letters = cell(0, place).rstrip("0123456789")
    for step, state in enumerate(SHIP_STATES):
        legend = book.format(font_color="#5A6675", font_size=8)
        sheet.write_string(
            TABLE_TOP - len(SHIP_STATES) + step, place, both(f"ship_state.{state}"), legend
        )
    last = TABLE_TOP
    first, whole = (f"${letters}${last - 1}:${letters}${end}" for end in (last - 1, last))
    lacks = "+".join(cell(0, shipments.at(f"sheet.{name}")) for name in ("untracked", "held_lines"))
    source = f"=IF({lacks}>0,{first},{whole})"
    validate(sheet, place, rows, validate="list", source=source, note="sheet.ship_state_help")
    _mark(book, sheet, shipments, "sheet.check", both("sheet.differs"))
    for term in ("sheet.tracking_missing", "sheet.still_held"):
        _mark(book, sheet, shipments, "sheet.remark", both(term))


def _lane_words(name: str, values: pd.Series) -> list[str]:
    return values.to_list() if name == "warehouse" else words(name, values)


def _decided_cells(ship: pd.DataFrame, plan: pd.DataFrame, order: Placed) -> list[object]:
    """Return the units of each line after the buyer's decision; of a SKU sent two ways, none."""
    skus, markets, units = (order.range(term) for term in ("sku", "market", "sheet.final_units"))
    keys = plan[KEYS].itertuples(index=False, name=None)
    final = dict(zip(keys, order.cells("sheet.final_units"), strict=True))
    is_split = ship.duplicated(KEYS, keep=False)
    lines = ship[KEYS].itertuples(index=False, name=None)
    cells: list[object] = []
    for row, (key, split) in enumerate(zip(lines, is_split, strict=True)):
        same = f"--EXACT({skus},{cell(row, 0)}),--({markets}={cell(row, 1)})"
        text = f'IF(SUMPRODUCT({same},--ISNUMBER({units}))=0,"",SUMPRODUCT({same},{units}))'
        cells.append(DASH if split else Formula(text, final.get(key, "")))
    return cells


def _compared(columns: Sequence[Column], lane: Sequence[str], cartons: Placed) -> list[Column]:
    """Return what is ordered of each line, what its cartons hold, and whether the two agree."""
    here = Placed("", columns)
    keys = ("sku", *lane)
    at_units, at_decided = here.at("units"), here.at("sheet.decided")
    ordered = []
    pairs = zip(here.cells("units"), here.cells("sheet.decided"), strict=True)
    for row, (units, decided) in enumerate(pairs):
        told = cell(row, at_decided)
        value = float(units) if isinstance(decided, str) else float(decided)
        ordered.append(Formula(f"IF(ISNUMBER({told}),{told},{cell(row, at_units)})", value))
    packed = cartons.sums_where("units", here, keys)
    checks = []
    yes, no, none = (both(f"sheet.{name}") for name in ("agrees", "differs", "not_packed"))
    for row, (one, other) in enumerate(zip(ordered, packed, strict=True)):
        units, inside = (cell(row, len(columns) + step) for step in (0, 1))
        text = f'IF({units}={inside},"{yes}",IF({inside}=0,"{none}","{no}"))'
        value = yes if one.value == other.value else no if other.value else none
        checks.append(Formula(text, value))
    return [
        Column("sheet.ordered", ordered),
        Column("sheet.in_cartons", packed),
        Column("sheet.check", checks),
    ]


def _agreeing(test: str, is_so: bool) -> Formula:
    yes, no = both("sheet.agrees"), both("sheet.differs")
    return Formula(f'IF({test},"{yes}","{no}")', yes if is_so else no)


def _untracked(cartons: Placed, heads: pd.DataFrame, at: int) -> list[Formula]:
    """Return how many rows of cartons lack a number while their shipment has none either."""
    blank = f'--({cartons.range("sheet.tracking")}="")'
    names = cartons.cells("shipment")
    return [
        Formula(
            f'IF({cell(row, at)}="",'
            f"SUMPRODUCT(--EXACT({cartons.range('shipment')},{cell(row, 0)}),{blank}),0)",
            names.count(shipment),
        )
        for row, shipment in enumerate(heads["shipment"])
    ]


def _held_lines(ship: pd.DataFrame, keys: Sequence[str], heads: pd.DataFrame) -> list[int]:
    """Return how many lines of each shipment's lane are held up by something."""
    if "block_reason" not in ship:
        return [0] * len(heads)
    rows = ship[ship["block_reason"].fillna("") != ""]
    told = {name: _lane_words(name, rows[name]) for name in keys}
    held = list(zip(*told.values(), strict=True))
    return [held.count(key) for key in heads[list(keys)].itertuples(index=False, name=None)]


def _remarks(rows: int, at: int) -> list[Formula]:
    """Return what is wrong with a state that was pasted over the list of states."""
    shipped, lacks = both("ship_state.shipped"), both("sheet.tracking_missing")
    held = both("sheet.still_held")
    return [
        Formula(
            f'IF({cell(row, at + 2)}<>"{shipped}","",IF({cell(row, at - 2)}>0,"{held}",'
            f'IF({cell(row, at + 1)}>0,"{lacks}","")))',
            "",
        )
        for row in range(rows)
    ]


def _mark(book: Book, sheet: Worksheet, placed: Placed, term: str, word: str) -> None:
    looks = book.format(font_color="#B3261E", bold=True)
    rows = len(placed.columns[0].cells)
    rule = {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": looks}
    sheet.conditional_format(span(rows, placed.at(term)), rule)

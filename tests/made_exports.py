"""Made-up exports of every platform and market, each line's truth known, and how to write them.

Every column that the planner does not read is filled with marks that stand for a person's name,
telephone and address: none of them may ever be found in anything the planner says.
"""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

import xlsxwriter

from planner.intake.cells import fold
from planner.intake.dialects import FIELDS, Dialect, dialects
from planner.seller import Shop, read_seller

MARKS = ("CANARYNAME", "CANARYPHONE", "CANARYADDR", "668991234")
"""What must not be found: a name, a telephone and an address, and a telephone of digits alone."""
ZONES = {
    "US": "America/Los_Angeles", "UK": "Europe/London", "TH": "Asia/Bangkok",
    "VN": "Asia/Ho_Chi_Minh", "MY": "Asia/Kuala_Lumpur", "PH": "Asia/Manila",
    "SG": "Asia/Singapore", "ID": "Asia/Jakarta", "BR": "America/Sao_Paulo",
    "MX": "America/Mexico_City",
}  # fmt: skip
GOODS = {
    "MUG-01": 8900, "TEE-BLK-M": 19900, "00123": 7500, "1E5": 6000, "MAR-1": 9900, "NULL": 5500,
    "衣架-红": 4500, "2e06918610327a": 14900,
}  # fmt: skip
"""SKUs that a careless reader changes, and their price in minor units."""
FIRST = datetime(2026, 1, 13, 8)
FINER = ("to_ship", "shipped", "delivered", "completed")


class Line(NamedTuple):
    """What one record says, however it is written."""

    order_id: str
    sku: str
    units: int
    amount_minor: int
    day: str
    is_demand: bool


@dataclass(frozen=True)
class Made:
    """One export as a table of texts, with the truth beside it."""

    dialect: Dialect
    shop: Shop
    header: list[str]
    records: list[list[str]]
    truth: list[Line]
    above: list[list[str]] = field(default_factory=list)
    """Rows between the header and the first record that describe the columns."""
    title: list[str] = field(default_factory=list)
    """Lines above the header."""

    def place(self, name: str) -> int | None:
        """Return where a field stands, None if the export has no such column."""
        rule = self.dialect.columns.get(name)
        declared = {fold(head) for head in rule.headers} if rule else set()
        return next((n for n, head in enumerate(self.header) if fold(head) in declared), None)

    def with_cell(self, record: int, place: int, text: str) -> "Made":
        """Return the export with one cell changed."""
        rows = [list(row) for row in self.records]
        rows[record][place] = text
        return replace(self, records=rows)


def order_dialects() -> list[str]:
    """Return the names of all dialects of order exports."""
    every = dialects().items()
    return sorted(name for name, one in every if getattr(one, "kind", "orders") == "orders")


def shop_for(dialect: Dialect) -> Shop:
    """Return a shop that writes a dialect."""
    shop = {
        "shop": "a-shop", "platform": dialect.platform, "market": dialect.market,
        "currency": dialect.currency, "time_zone": ZONES[dialect.market],
        "dialect": dialect.name, "warehouse": "main",
    }  # fmt: skip
    seller = read_seller(
        {
            "seller": "a-seller",
            "name": {"zh": "卖家", "en": "Seller"},
            "currency": dialect.currency,
            "profile": {"category": "home"},
            "shops": [shop],
            "warehouses": [{"warehouse": "main", "market": dialect.market}],
        },
        where="seller.yml",
    )
    return seller.shops[0]


def an_export(name: str, rng: Random, *, lines: int = 12) -> Made:
    """Return a sound export of a dialect: every line of it must be kept, to the minor unit."""
    dialect = dialects()[name]
    read = {key: rng.choice(rule.headers) for key, rule in dialect.columns.items()}
    unread = {fold(head): head for head in (*dialect.other_headers, *dialect.free_text)}
    unread = {key: head for key, head in unread.items() if key not in dialect.field_by_header}
    kept = [head for head in unread.values() if rng.random() < 0.9]
    header = [*read.values(), *kept]
    style = rng.choice(("plain", "marked", "grouped"))
    rows: list[list[str]] = []
    truth: list[Line] = []
    moment = FIRST
    for number in range(lines):
        moment += timedelta(minutes=rng.randrange(30, 1500))
        found = _order(dialect, rng, moment, number, min(rng.choice((1, 1, 2, 3)), lines))
        for cells, line in found:
            words = {read[key]: _written(dialect, key, cells.get(key), style) for key in read}
            words |= {head: _personal(head, rng) for head in kept}
            rows.append([words[head] for head in header])
            truth.append(line)
        if len(rows) >= lines:
            break
    return Made(dialect, shop_for(dialect), header, rows, truth)


def _order(
    dialect: Dialect, rng: Random, moment: datetime, number: int, count: int
) -> list[tuple[dict, Line]]:
    status = rng.choice([one for one in dialect.statuses if dialect.statuses[one]])
    on_delivery = "payment_method" in dialect.columns and rng.random() < 0.3
    order_id = f"57685902922{number:03d}{rng.randrange(1, 10_000):04d}"
    if not _matches(dialect, order_id):
        order_id = f"2601{number:02d}{rng.randrange(10**6, 10**7):X}KQ"
    times = _times(dialect, moment, status, on_delivery)
    parts = []
    for sku in rng.sample(sorted(GOODS), count):
        units = rng.choice((1, 1, 2, 3)) if "units" in dialect.columns else 1
        each = GOODS[sku] * (1 if dialect.minor_digits == 2 else 10 ** (2 - dialect.minor_digits))
        ours, theirs = rng.choice((0, 100, 500)), rng.choice((0, 0, 1000))
        parts.append((sku, units, each, ours, theirs))
    total = sum(units * (each - ours - theirs) for _, units, each, ours, theirs in parts)
    found = []
    for sku, units, each, ours, theirs in parts:
        amount = units * (each - ours - theirs)
        cells = times | {
            "order_id": order_id,
            "line_id": f"9{number:04d}{rng.randrange(10**9):09d}",
            "status": rng.choice(dialect.statuses[status]),
            "seller_sku": sku,
            "sku_id": f"17293847561029{sorted(GOODS).index(sku):05d}",
            "units": units,
            "returned_units": 0,
            "unit_price": each,
            "deal_price": each - ours - theirs,
            "gross": each * units,
            "platform_discount": ours * units,
            "seller_discount": theirs * units,
            "amount": amount,
            "order_total": total,
            "payment_method": rng.choice(dialect.cod_words) if on_delivery else "Credit card",
            "order_type": "Normal",
            "cancel_type": "Cancel" if status == "cancelled" else "",
            "creator": f"CANARYNAME handle {number}",
            "country": dialect.countries[dialect.market][0],
            "fulfilment": next(iter(dialect.fulfilment_words.get("seller", ())), ""),
        }
        wanted = status not in ("cancelled", "unpaid") or (status == "unpaid" and on_delivery)
        day = f"{moment:%Y-%m-%d}"
        found.append((cells, Line(order_id, sku, units, amount, day, wanted)))
    return found


def _matches(dialect: Dialect, order_id: str) -> bool:
    return bool(re.fullmatch(dialect.order_id_pattern, order_id)) and dialect.platform != "shopee"


def _times(dialect: Dialect, moment: datetime, status: str, on_delivery: bool) -> dict:
    steps = {"ordered_at": 0}
    if status not in ("unpaid", "cancelled") and not on_delivery:
        steps["paid_at"] = 3
    if status in ("shipped", "delivered", "completed"):
        steps |= {"ready_at": 600, "shipped_at": 900}
    if status in ("delivered", "completed"):
        steps["delivered_at"] = 4000
    if status == "completed":
        steps["completed_at"] = 9000
    if status == "cancelled":
        steps["cancelled_at"] = 60
    found = {}
    for name, minutes in steps.items():
        when = moment + timedelta(minutes=minutes)
        if dialect.clock == "utc":
            zone = ZoneInfo(ZONES[dialect.market])
            when = when.replace(tzinfo=zone).astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
        found[name] = when
    return found


def _written(dialect: Dialect, name: str, value: object, style: str) -> str:
    if value is None:
        return ""
    if FIELDS[name] == "money":
        return money_text(dialect, int(str(value)), style)
    if isinstance(value, datetime):
        return value.strftime(dialect.time_formats[0])
    return str(value)


def money_text(dialect: Dialect, minor: int, style: str) -> str:
    """Return an amount as the dialect writes it: plain, after its currency, or in groups."""
    whole, part = divmod(minor, 10**dialect.minor_digits)
    text = str(whole)
    if style == "grouped" and dialect.thousands:
        text = f"{whole:,}".replace(",", dialect.thousands)
    if dialect.minor_digits:
        text += f"{dialect.decimal}{part:0{dialect.minor_digits}d}"
    return f"{dialect.money_marks[0]} {text}" if style == "marked" else text


def _personal(head: str, rng: Random) -> str:
    number = rng.randrange(1000)
    return rng.choice(
        (f"CANARYNAME {head[:5]}", "Canaryname", f"CANARYPHONE-{number}", f"668991234{number:03d}",
         f"CANARYADDR {number} Soi 3, \"A\"", "")
    )  # fmt: skip


def described(made: Made, times: int = 1) -> Made:
    """Return a TikTok export with rows below the header that describe the columns."""
    texts = [f"About {head}." for head in made.header]
    place = made.place("order_id")
    if place is not None:
        texts[place] = made.dialect.descriptions[0]
    return replace(made, above=[list(texts) for _ in range(times)])


def decomposed(made: Made) -> Made:
    """Return the export with its headers in Unicode NFD, as some systems write them."""
    return replace(made, header=[unicodedata.normalize("NFD", head) for head in made.header])


def as_csv(
    made: Made,
    *,
    delimiter: str = ",",
    end: str = "\r\n",
    encoding: str = "utf-8",
    quote_all: bool = False,
    surplus: bool = False,
    blank_every: int = 0,
) -> tuple[bytes, list[int]]:
    """Return the export as text, and the physical line of each record."""
    out: list[str] = []
    line = 1
    rows: list[int] = []

    def put(cells: Sequence[str]) -> None:
        nonlocal line
        file = io.StringIO(newline="")
        quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
        csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting).writerow(cells)
        text = file.getvalue()
        out.append(text)
        line += text.replace("\r\n", "\n").replace("\r", "\n").count("\n")

    for title in made.title:
        out.append(title + end)
        line += 1
    put(made.header)
    for cells in made.above:
        put(cells)
    for number, cells in enumerate(made.records):
        if blank_every and number % blank_every == blank_every - 1:
            out.append(end)
            line += 1
        rows.append(line)
        put([*cells, ""] if surplus else cells)
    return "".join(out).encode(encoding, "surrogateescape"), rows


def as_xlsx(
    made: Made, *, cover: bool = False, dates: bool = False, is_1904: bool = False
) -> tuple[bytes, list[int]]:
    """Return the export as a workbook of texts, its order times real dates if so wished."""
    file = io.BytesIO()
    options = {"in_memory": True, "date_1904": is_1904, "strings_to_formulas": False}
    book = xlsxwriter.Workbook(file, options)
    shape = book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"})
    if cover:
        book.add_worksheet("Cover").write_string(0, 0, "Cover")
    sheet = book.add_worksheet("OrderSKUList")
    place = made.place("ordered_at")
    table = [[title] for title in made.title] + [made.header, *made.above, *made.records]
    for number, cells in enumerate(table):
        for column, text in enumerate(cells):
            moment = _moment(made.dialect, text) if dates and column == place else None
            if moment is not None:
                sheet.write_datetime(number, column, moment, shape)
            elif text:
                sheet.write_string(number, column, text[:32_000])
    book.close()
    first = len(table) - len(made.records) + 1
    return file.getvalue(), list(range(first, first + len(made.records)))


def _moment(dialect: Dialect, text: str) -> datetime | None:
    try:
        return datetime.strptime(text, dialect.time_formats[0])
    except ValueError:
        return None


def as_loose_xlsx(made: Made) -> tuple[bytes, list[int]]:
    """Return the export as a workbook with each cell in a row of its own."""
    table = [made.header, *made.above, *made.records]
    first = len(table) - len(made.records) + 1
    return loose_xlsx(table), list(range(first, first + len(made.records)))


def loose_xlsx(table: Sequence[Sequence[str]]) -> bytes:
    """Return a workbook as the platform writes it: a stale size, each cell in a row of its own."""
    body = []
    for number, cells in enumerate(table, 1):
        body += [
            f'<row r="{number}"><c r="{_letters(column)}{number}" t="inlineStr"><is>'
            f'<t xml:space="preserve">{escape(text)}</t></is></c></row>'
            for column, text in enumerate(cells)
            if text
        ]
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet2.xml" ContentType="{kind}.worksheet+xml"/>'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="OrderSKUList" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet2.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet2.xml": f'<worksheet xmlns="{main}"><dimension ref="A1:A1"/>'
        f"<sheetData>{''.join(body)}</sheetData></worksheet>",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), head + text)
    return file.getvalue()


def _letters(column: int) -> str:
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text

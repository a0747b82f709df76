"""Files to the byte: CSV as platforms write it, and XLSX with the quirks of order exports.

The same rows give the same bytes. A workbook is written by hand here, because
real order exports carry what no library writes: a sheet dimension of `A1:A1`
whatever the sheet holds, text in the cells themselves, the data in `sheet2.xml`.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

Row = Sequence[str]
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
"""Date of every part of a workbook: the first a ZIP can hold."""
CREATED = "2025-01-01T00:00:00Z"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def write_csv(path: Path, rows: Iterable[Row], *, has_bom: bool = False) -> None:
    """Write rows as UTF-8; with a byte order mark and CRLF as platforms do, else plain LF."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n" if has_bom else "\n").writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.getvalue().encode("utf-8-sig" if has_bom else "utf-8"))


def write_workbook(path: Path, rows: Iterable[Row], *, sheet: str, part: str = "sheet1") -> None:
    """Write rows as one sheet of text cells, as order exports do.

    Parameters
    ----------
    sheet : str
        Name on the tab, for instance ``OrderSKUList``.
    part : str
        Name of the part that holds it; real exports also use ``sheet2``.

    Notes
    -----
    Cells bear no reference of their own (`r` is optional): a third of the size.
    """
    parts = {
        "[Content_Types].xml": _content_types(part),
        "_rels/.rels": _relations(
            ("officeDocument", OFFICE, "xl/workbook.xml"),
            ("core-properties", f"{PACKAGE}/relationships/metadata", "docProps/core.xml"),
        ),
        "docProps/core.xml": _core(),
        "xl/workbook.xml": _workbook(sheet),
        "xl/_rels/workbook.xml.rels": _relations(("worksheet", OFFICE, f"worksheets/{part}.xml")),
        f"xl/worksheets/{part}.xml": _sheet(rows),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in parts.items():
            info = zipfile.ZipInfo(name, date_time=ZIP_DATE)
            info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 0
            archive.writestr(info, (XML + text).encode("utf-8"))


def _sheet(rows: Iterable[Row]) -> str:
    body = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
    return (
        f'<worksheet xmlns="{MAIN}"><dimension ref="A1:A1"/>'
        f"<sheetData>{body}</sheetData></worksheet>"
    )


def _cell(text: str) -> str:
    if not text:
        return "<c/>"
    keep = ' xml:space="preserve"' if text != text.strip() else ""
    return f'<c t="inlineStr"><is><t{keep}>{escape(text)}</t></is></c>'


def _workbook(sheet: str) -> str:
    return (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        f'<sheet name="{escape(sheet)}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )


def _relations(*targets: tuple[str, str, str]) -> str:
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{base}/{kind}" Target="{target}"/>'
        for number, (kind, base, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'


def _content_types(part: str) -> str:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return (
        f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/{part}.xml" ContentType="{kind}.worksheet+xml"/>'
        '<Override PartName="/docProps/core.xml" '
        'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
    )


def _core() -> str:
    return (
        f'<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" '
        'xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{CREATED}</dcterms:created>'
        "</cp:coreProperties>"
    )

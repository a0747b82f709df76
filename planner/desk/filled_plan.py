"""Reads the yellow cells of a plan.xlsx that people filled in: what was decided on each SKU.

Sheets are known by their headings, rows by SKU and market, so that a sheet may be sorted,
filtered or saved by another program. Every wrong cell is named; nothing is guessed.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from planner.desk.filled_sheets import (
    FilledSheet,
    Key,
    market_words,
    opened,
    planned_keys,
    sheet_with,
    words_of,
    wrong_sku,
)
from planner.errors import InputError
from planner.intake import sheets
from planner.intake.cells import fold
from planner.intake.inert import as_inert
from planner.pages.bilingual import both
from planner.pages.meeting_sheet import earlier_told
from planner.scope import Scope
from planner.tables import DECISIONS

MAX_FINDINGS = 8
MAX_UNITS = 10_000_000
ORDER = ("sku", "market", "sheet.decided_units", "sheet.who", "sheet.why")
MEETING = ("sku", "market", "sheet.earlier", "decision", "decided_units", "owner", "note")
BY_UNITS = "units"


class Decided(NamedTuple):
    """What one row of a sheet says."""

    where: str
    """Cell of the decision, for messages."""
    decision: str
    """Empty where the yellow cells were cleared of an earlier decision."""
    units: int | None
    owner: str
    note: str
    is_new: bool = True
    """Not so where the meeting's cells still say what was decided earlier."""

    @property
    def told(self) -> str:
        """The decision in words."""
        return f"{self.decision} {self.units}" if self.units is not None else self.decision


def read_filled(path: Path, *, scope: Scope) -> dict[Key, Decided]:
    """Return what a filled workbook decides, by market and SKU.

    Parameters
    ----------
    path : Path
        A plan.xlsx of this campaign and seller.
    scope : Scope
        Whose plan it must be.

    Returns
    -------
    dict
        Rows with nothing in the yellow cells are left out, unless an earlier decision is
        cleared.

    Raises
    ------
    InputError
        Names sheet, cell, value and remedy, of up to eight wrong cells at once; a SKU that was
        overwritten is one, and one that the order list and the meeting decide differently.

    Notes
    -----
    The meeting comes with its earlier decisions filled in. A number of the order list goes before
    one that still stands there as it was; against a changed one it is a contradiction.
    """
    tables = opened(path, scope=scope)
    found = {kind: sheet_with(tables, kind) for kind in (ORDER, MEETING)}
    if found[ORDER] is None:
        raise InputError(
            f"{path.name}: no sheet has the headings of the order list; give the plan.xlsx that "
            "was filled in, its headings as they were"
        )
    findings: list[str] = []
    planned = planned_keys(tables, scope)
    read = [_rows(one, scope, planned, findings) for one in found.values() if one is not None]
    decided = _joined(*read, findings=findings)
    if findings:
        more = len(findings) - MAX_FINDINGS
        told = "; ".join(findings[:MAX_FINDINGS]) + (f"; and {more} more" if more > 0 else "")
        raise InputError(f"{path.name}, {told}")
    return decided


def _rows(
    sheet: FilledSheet,
    scope: Scope,
    planned: Mapping[str, Counter[Key]],
    findings: list[str],
) -> dict[Key, Decided]:
    markets = market_words(scope)
    is_meeting = "decision" in sheet.places
    yellow = (MEETING if is_meeting else ORDER)[3 if is_meeting else 2 :]
    found: dict[Key, Decided] = {}
    for row in range(sheet.head + 1, len(sheet.rows)):
        filled = [term for term in yellow if sheet.cell(row, term) not in ("", None)]
        earlier = is_meeting and sheet.cell(row, "sheet.earlier") not in ("", None)
        if not (filled or earlier):
            continue
        key = sheet.key(row, markets)
        if key is None:
            term = "market" if sheet.cell(row, "sku") not in ("", None) else "sku"
            findings.append(
                f"{sheet.at(row, term)}: {sheet.cell(row, term)!r} is none of the plan; put back "
                "what stood there, or empty the yellow cells of the row"
            )
            continue
        if wrong := wrong_sku(sheet.name, key, planned):
            findings.append(f"{sheet.at(row, 'sku')}: {wrong}")
            continue
        if not filled:
            found[key] = Decided(sheet.at(row, "decision"), "", None, "", "")
            continue
        read = _of_meeting if is_meeting else _of_order
        decided = read(sheet, row, findings)
        if decided is not None:
            found[key] = decided
    return found


def _of_order(sheet: FilledSheet, row: int, findings: list[str]) -> Decided | None:
    term = "sheet.decided_units"
    units = _units(sheet, row, term, findings)
    owner, note = (_text(sheet.cell(row, name)) for name in ("sheet.who", "sheet.why"))
    if sheet.cell(row, term) in ("", None):
        findings.append(
            f"{sheet.at(row, term)}: empty beside a name or a reason; write how many units, or "
            "empty the other yellow cells of the row"
        )
        return None
    where = sheet.at(row, term)
    if units is None or not _has_owner(sheet, row, "sheet.who", owner, findings):
        return None
    return Decided(where, BY_UNITS, units, owner, note)


def _of_meeting(sheet: FilledSheet, row: int, findings: list[str]) -> Decided | None:
    words = {fold(text): name for name in DECISIONS for text in words_of("decision", name)}
    said, where = sheet.cell(row, "decision"), sheet.at(row, "decision")
    decision = words.get(fold(str(said))) if said not in ("", None) else ""
    if not decision:
        told = "empty beside other yellow cells" if decision == "" else f"{said!r} is no decision"
        choices = ", ".join(both(f"decision.{name}") for name in DECISIONS)
        findings.append(f"{where}: {told}; choose one of {choices}")
        return None
    has_units = sheet.cell(row, "decided_units") not in ("", None)
    if has_units != (decision == BY_UNITS):
        wrong = "stands beside another decision; empty it" if has_units else "is empty; write it"
        word = both(f"decision.{BY_UNITS}")
        findings.append(f"{sheet.at(row, 'decided_units')}: the number {wrong}, or choose {word}")
        return None
    units = _units(sheet, row, "decided_units", findings) if has_units else None
    owner, note = (_text(sheet.cell(row, name)) for name in ("owner", "note"))
    is_owned = _has_owner(sheet, row, "owner", owner, findings)
    if not is_owned or (has_units and units is None):
        return None
    is_new = earlier_told(decision, units, owner) != sheet.cell(row, "sheet.earlier")
    return Decided(where, decision, units, owner, note, is_new)


def _units(sheet: FilledSheet, row: int, term: str, findings: list[str]) -> int | None:
    value = sheet.cell(row, term)
    if value in ("", None):
        return None
    text = value.replace(",", "") if isinstance(value, str) else value
    is_number = not isinstance(value, bool) and isinstance(text, int | float)
    if is_number or (isinstance(text, str) and text.isascii() and text.isdigit()):
        number = float(text)
        if number.is_integer() and 0 <= number <= MAX_UNITS:
            return int(number)
    findings.append(
        f"{sheet.at(row, term)}: {value!r} must be a whole number from 0 to {MAX_UNITS:,}"
    )
    return None


def _has_owner(sheet: FilledSheet, row: int, term: str, owner: str, findings: list[str]) -> bool:
    if not owner:
        findings.append(f"{sheet.at(row, term)}: empty; write who decided")
    return bool(owner)


def _joined(*read: dict[Key, Decided], findings: list[str]) -> dict[Key, Decided]:
    """Return both sheets as one; where both speak of a SKU they must say the same."""
    joined: dict[Key, Decided] = {}
    for key, decided in ((key, one) for rows in read for key, one in rows.items()):
        first = joined.get(key)
        if first is None or not first.decision:
            joined[key] = decided
        elif decided.decision and decided.is_new and first.told != decided.told:
            findings.append(
                f"{first.where} says {first.told} of {key[1]}, {decided.where} says "
                f"{decided.told}; keep one of the two"
            )
    return joined


def _text(value: object) -> str:
    text = sheets.as_text(value, "%Y-%m-%d") if value is not None else ""
    return as_inert(" ".join(text.split()))

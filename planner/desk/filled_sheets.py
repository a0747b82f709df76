"""Sheets of a plan.xlsx that people filled in: found by their headings, read cell by cell.

A sheet may be sorted, filtered or saved by another program. Whose plan it is, and which SKUs
it is about, is read here; what the yellow cells decide, in `filled_plan`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from planner.errors import InputError
from planner.intake import sheets
from planner.intake.cells import fold
from planner.intake.contracts import did_you_mean
from planner.pages.bilingual import both, head_of
from planner.pages.read_me import made_for
from planner.pages.sheets import letters_of
from planner.scope import Scope
from planner.words import LANGS, say

MAX_BYTES = 50_000_000
HEAD_ROWS = 20
"""Headings stand within so many rows from the top, whatever was put above them."""
GOODS = ("sku", "market")
"""Headings of every sheet about SKUs."""
Key = tuple[str, str]
"""Market and SKU."""


class FilledSheet(NamedTuple):
    """One sheet, and where its headings stand."""

    name: str
    head: int
    """Row of the headings, counted from 0."""
    places: dict[str, int]
    rows: Sequence[Sequence[object]]

    def cell(self, row: int, term: str) -> object:
        """Return a cell, a text without blanks at its ends."""
        line, place = self.rows[row], self.places[term]
        value = line[place] if place < len(line) else ""
        return value.strip() if isinstance(value, str) else value

    def at(self, row: int, term: str) -> str:
        """Return where a cell is, for messages."""
        heading = both(term)
        letter = letters_of(self.places[term])
        return f'sheet "{self.name}", cell {letter}{row + 1} ({heading})'

    def key(self, row: int, markets: Mapping[str, str]) -> Key | None:
        """Return market and SKU of a row, None where one of them is none of the plan's."""
        sku = sheets.as_text(self.cell(row, "sku"), "%Y-%m-%d")
        said = self.cell(row, "market")
        market = markets.get(fold(said)) if isinstance(said, str) else None
        return (market, sku) if market and sku else None


def opened(path: Path, *, scope: Scope) -> list[sheets.Sheet]:
    """Return the sheets of a workbook that is a plan of this campaign and seller.

    Raises
    ------
    InputError
        If there is no such file, it is no workbook, or another's plan.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file; give the plan.xlsx that was filled in")
    if path.stat().st_size > MAX_BYTES:
        raise InputError(f"{path.name}: larger than {MAX_BYTES // 1_000_000} MB; is it a plan?")
    data = path.read_bytes()
    try:
        tables = list(sheets.sheets(data))
    except sheets.WorkbookError as fault:
        raise InputError(f"{path.name}: {fault}; save it again as XLSX") from None
    _refuse_other_plan(path, tables, scope)
    return tables


def sheet_with(tables: Sequence[sheets.Sheet], terms: Sequence[str]) -> FilledSheet | None:
    """Return the first sheet with all these headings."""
    return next(_sheets_with(tables, terms), None)


def market_words(scope: Scope) -> dict[str, str]:
    """Return the plan's markets by every word for them, as `FilledSheet.key` asks for them."""
    return {fold(text): name for name in scope.markets for text in words_of("market", name)}


def planned_keys(tables: Sequence[sheets.Sheet], scope: Scope) -> dict[str, Counter[Key]]:
    """Return by name of a sheet how often each SKU of a market stands in it."""
    markets = market_words(scope)
    found = {}
    for sheet in _sheets_with(tables, GOODS):
        keys = (sheet.key(row, markets) for row in range(sheet.head + 1, len(sheet.rows)))
        found[sheet.name] = Counter(key for key in keys if key)
    return found


def wrong_sku(name: str, key: Key, planned: Mapping[str, Counter[Key]]) -> str:
    """Return what is wrong with the SKU of a filled row, blank if it is the plan's own.

    Parameters
    ----------
    name : str
        Of the sheet.
    key : tuple of str
    planned : mapping
        As `planned_keys` returns it: the sheets of a plan speak of the same goods, so that a SKU
        overwritten in one is missing in all others, or stands twice in its own.
    """
    market, sku = key
    if planned[name][key] > 1:
        return f"{sku} stands twice; keep one row"
    elsewhere = [keys for other, keys in planned.items() if other != name]
    known = sorted({said for keys in elsewhere for place, said in keys if place == market})
    if elsewhere and sku not in known:
        return (
            f"{sku!r} is no SKU of the plan{did_you_mean(sku, known)}; put back what stood there, "
            "or empty the yellow cells of the row"
        )
    return ""


def words_of(family: str, name: str) -> Iterator[str]:
    """Yield every word for a value of a closed list."""
    term = f"{family}.{name}"
    yield name
    yield both(term)
    for lang in LANGS:
        yield say(term, lang)


def _refuse_other_plan(path: Path, tables: Sequence[sheets.Sheet], scope: Scope) -> None:
    label, wanted = both("sheet.made_for"), made_for(scope)
    for sheet in tables:
        for row in sheet.rows:
            if len(row) > 1 and row[0] == label:
                if row[1] == wanted:
                    return
                raise InputError(
                    f"{path.name} is the plan of {row[1]}, not of {wanted}; give that plan, or "
                    "name its campaign and seller"
                )
    raise InputError(
        f"{path.name}: no line {label!r} says whose plan it is; fill in a plan.xlsx of {wanted}"
    )


def _sheets_with(tables: Sequence[sheets.Sheet], terms: Sequence[str]) -> Iterator[FilledSheet]:
    wanted = {_heading(head_of(term)): term for term in terms}
    for sheet in tables:
        for number, row in enumerate(sheet.rows[:HEAD_ROWS]):
            heads = [_heading(text) if isinstance(text, str) else "" for text in row]
            places = {wanted[text]: place for place, text in enumerate(heads) if text in wanted}
            if len(places) == len(terms):
                yield FilledSheet(sheet.name, number, places, sheet.rows)
                break


def _heading(text: str) -> str:
    return " ".join(text.split())

"""Sums over the cells of another sheet, as a formula and with the value they have now.

Texts are compared letter by letter: Excel alone takes `a-1` and `A-1` for one SKU, and a
criterion such as `>5` for a comparison. What is summed is not known here.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from planner.pages.sheets import Column, Formula, cell, span


class Placed(NamedTuple):
    """Columns and the name of the sheet they stand in, for the formulas of other sheets."""

    name: str
    columns: Sequence[Column]

    def at(self, term: str) -> int:
        """Return the place of a column."""
        return [column.term for column in self.columns].index(term)

    def cells(self, term: str) -> list[object]:
        """Return the values of a column, of formulas their value."""
        column = self.columns[self.at(term)]
        return [entry.value if isinstance(entry, Formula) else entry for entry in column.cells]

    def range(self, term: str) -> str:
        """Return the address of a column's cells."""
        return span(len(self.columns[0].cells), self.at(term), sheet=self.name)

    def sums_where(self, term: str, here: "Placed", keys: Sequence[str]) -> list[Formula]:
        """Return, for each row of another table, the sum of a column where all keys are equal.

        Parameters
        ----------
        term : str
            Column that is summed; all of it numbers.
        here : Placed
            The table whose rows are looked up; the formulas stand in its sheet.
        keys : sequence of str
            Columns of both tables.
        """
        totals: dict[tuple[object, ...], float] = defaultdict(float)
        found = zip(*(self.cells(key) for key in keys), strict=True)
        for key, value in zip(found, self.cells(term), strict=True):
            totals[key] += float(value)
        wanted = zip(*(here.cells(key) for key in keys), strict=True)
        ranges, places = [self.range(key) for key in keys], [here.at(key) for key in keys]
        summed, sums = self.range(term), []
        for row, key in enumerate(wanted):
            pairs = zip(ranges, places, strict=True)
            tests = ",".join(f"--EXACT({there},{cell(row, place)})" for there, place in pairs)
            sums.append(Formula(f"SUMPRODUCT({tests},{summed})", totals.get(key, 0.0)))
        return sums

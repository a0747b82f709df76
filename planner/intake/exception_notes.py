"""Reads what people wrote of exceptions: `exceptions.csv` or `.xlsx` of the seller."""

from pathlib import Path

import pandas as pd

from planner.intake.inert import as_written
from planner.intake.masters import master_path
from planner.intake.rules import read_table, refuse_blank, refuse_repeats
from planner.tables.contract import checked, columns, empty
from planner.tables.platform import ExceptionNotes

NEEDED = ("case", "case_kind", "owner", "case_state")


def read_exception_notes(folder: Path) -> pd.DataFrame:
    """Return who has taken which exception, how far it is, and what he wrote.

    Parameters
    ----------
    folder : Path
        Folder of the seller. Columns `case`, `case_kind`, `owner` and `case_state` (open,
        working, done or dropped) must be there; the other columns of the contract may be left
        out. The report of the last run holds such a file to begin with. A case stands once.

    Returns
    -------
    DataFrame
        Keeps the contract ExceptionNotes; no rows if there is no file.

    Raises
    ------
    InputError
        Names file, row, column, value and remedy, for every wrong cell at once.
    """
    path = master_path(folder, "exceptions")
    if path is None:
        return empty(ExceptionNotes)
    optional = [name for name in columns(ExceptionNotes) if name not in NEEDED]
    written = read_table(path, ExceptionNotes, optional=optional)
    refuse_blank(path, written, ("case",))
    refuse_repeats(path, written, ("case",))
    told = {name: _plain(written[name]) for name in columns(ExceptionNotes)}
    return checked(ExceptionNotes, pd.DataFrame(told))


def _plain(cells: pd.Series) -> pd.Series:
    """Return texts without the apostrophes by which the report kept them from being formulas."""
    if not pd.api.types.is_string_dtype(cells):
        return cells
    return cells.map(as_written, na_action="ignore").astype(cells.dtype)

"""Reads what a review decided for next time: `next_decisions.csv` or `.xlsx` of the seller."""

from pathlib import Path

import pandas as pd

from planner.intake.masters import master_path
from planner.intake.rules import read_table, refuse_blank, refuse_repeats
from planner.tables.contract import checked, columns, empty
from planner.tables.regret import NextDecisions

NEEDED = ("subject", "decision", "owner", "state")


class FilledDecisions(NextDecisions):
    """One row per subject as the report hands it out: its words beside, never read back."""

    label: str


def read_next_decisions(folder: Path) -> pd.DataFrame:
    """Return what reviews decided, each with its owner and how far it is.

    Parameters
    ----------
    folder : Path
        Folder of the seller. Columns `subject`, `decision`, `owner` and `state` (open, done or
        dropped) must be there; `finding` and `due_on` may be left out, and so may `label`, the
        words of the subject, which counts for nothing. A subject stands once.

    Returns
    -------
    DataFrame
        Keeps the contract NextDecisions; no rows if there is no file.

    Raises
    ------
    InputError
        Names file, row, column, value and remedy, for every wrong cell at once.
    """
    path = master_path(folder, "next_decisions")
    if path is None:
        return empty(NextDecisions)
    optional = [name for name in columns(FilledDecisions) if name not in NEEDED]
    written = read_table(path, FilledDecisions, optional=optional)
    refuse_blank(path, written, ("subject",))
    refuse_repeats(path, written, ("subject",))
    return checked(NextDecisions, written[columns(NextDecisions)])

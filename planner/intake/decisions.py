"""Reads what a meeting or a buyer decided: `decisions.csv` or `.xlsx` in the seller's folder."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from planner.intake.contracts import ROW
from planner.intake.masters import master_path
from planner.intake.rules import read_table, refuse_blank, refuse_repeats
from planner.tables.contract import checked, columns, empty
from planner.tables.meeting import Decisions

NEEDED = ("market", "sku", "decision", "owner")


def read_decisions(folder: Path) -> pd.DataFrame:
    """Return the decisions on SKUs, each with its owner.

    Parameters
    ----------
    folder : Path
        Folder of the seller. Columns `market`, `sku`, `decision` (push, hold, drop or units) and
        `owner` must be there; `units`, `note` and `decided_on` may be left out.

    Returns
    -------
    DataFrame
        Keeps the contract Decisions; no rows if there is no file.

    Raises
    ------
    InputError
        Names file, row, column, value and remedy, for every wrong cell at once; a decision on
        `units` without units, or units beside another decision, is wrong.
    """
    return checked(Decisions, decision_rows(folder)[columns(Decisions)])


def decision_rows(folder: Path) -> pd.DataFrame:
    """Return the decisions as `read_decisions` does, the file's row numbers beside."""
    path = master_path(folder, "decisions")
    if path is None:
        return empty(Decisions).assign(**{ROW: pd.Series(dtype="int64")})
    optional = [name for name in columns(Decisions) if name not in NEEDED]
    written = read_table(path, Decisions, optional=optional, checks=(_wrong_units,))
    refuse_blank(path, written, ("market", "sku", "owner"))
    refuse_repeats(path, written, ("market", "sku"))
    return written


def _wrong_units(frame: pd.DataFrame) -> Iterator[str]:
    asks = frame["decision"] == "units"
    for row in frame.loc[asks & frame["units"].isna(), ROW]:
        yield (
            f'row {row}, column "units": empty, but the decision is units; write how many, '
            "or hold, drop or push"
        )
    for row, value in frame.loc[~asks & frame["units"].notna(), [ROW, "units"]].to_numpy():
        yield (
            f'row {row}, column "units": {value} beside another decision; empty the cell, or '
            "write units as the decision"
        )

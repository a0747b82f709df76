"""The form of every table: strict columns, and findings told once.

A table is a class; its docstring opens with its grain. `checked` returns the
frame with exactly the columns of the contract, in order, or raises one error
that lists every finding.
"""

import pandas as pd
import pandera.pandas as pa

from planner.errors import TableError

MAX_FINDINGS = 8


class Table(pa.DataFrameModel):
    """Base of all contracts: an unknown column is an error, not a passenger."""

    class Config:
        """Strict."""

        strict = True


def columns(table: type[Table]) -> list[str]:
    """Return the column names of a contract in their written order."""
    return list(table.to_schema().columns)


def empty(table: type[Table]) -> pd.DataFrame:
    """Return a frame without rows that keeps the contract."""
    kinds = {name: _kind(column) for name, column in table.to_schema().columns.items()}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})


def checked(table: type[Table], frame: pd.DataFrame) -> pd.DataFrame:
    """Return `frame` in the contract's column order, or say all that is wrong.

    Raises
    ------
    TableError
        Names the table and up to eight findings: column, row, value, rule.
    """
    try:
        table.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as problem:
        raise TableError(f"{table.__name__}: {_told(problem.failure_cases)}") from None
    return frame[columns(table)].reset_index(drop=True)


def grain(table: type[Table]) -> str:
    """Return the first sentence of a contract's docstring."""
    return (table.__doc__ or "").strip().split("\n")[0]


def _kind(column: pa.Column) -> str:
    kind = str(column.dtype)
    return "str" if kind.startswith("str") else kind


def _told(cases: pd.DataFrame) -> str:
    lines = []
    for case in cases.head(MAX_FINDINGS).itertuples():
        where = "" if pd.isna(case.index) else f", row {case.index}"
        lines.append(f"{case.column}{where}: {case.failure_case!r} breaks {case.check}")
    more = len(cases) - len(lines)
    return "; ".join(lines) + (f"; and {more} more" if more > 0 else "")

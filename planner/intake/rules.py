"""Reads registers of dated facts, and any other table that people keep as CSV or XLSX.

Each fact says from when to when it holds and where it comes from. What the facts mean is the
business of the rooms below.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

import pandas as pd

from planner.errors import ConfigError, InputError, PlannerError
from planner.intake import sheets
from planner.intake.contracts import (
    ROW,
    rows_by_contract,
    sheet_rows_by_contract,
    text_columns,
)
from planner.intake.texts import decoded
from planner.tables.contract import Table, checked, columns
from planner.tables.rules import Register

MAX_FINDINGS = 8
KEPT_REGISTERS = 128
"""Texts of registers that are kept taken apart. [count]"""
Check = Callable[[pd.DataFrame], Iterable[str]]
"""Yields what is wrong with the rows of a file beyond its contract, each with row and remedy."""
WORKBOOK = ".xlsx"
MAX_BYTES = 50_000_000  # a hand-kept table; a bigger file is something else


def read_register(folder: Path, register: type[Register]) -> pd.DataFrame:
    """Return a register: every row valid by its contract, facts of one key in order of time.

    Parameters
    ----------
    folder : Path
        Folder of the registers. The file bears the register's name: ``RiskWindows`` is
        ``risk_windows.csv``.
    register : type of Register
        The contract that the file must keep.

    Returns
    -------
    DataFrame
        Keeps the contract.

    Raises
    ------
    ConfigError
        If the file is missing or breaks its contract, if a row ends before it starts, or if
        two rows of one key do not stand in order of `valid_from`. Names file and row.

    Notes
    -----
    The key of a register is its own leading text columns: market and mode of lanes, for
    instance.
    """
    path = folder / f"{_snake(register.__name__)}.csv"
    named = Path(path.name)  # messages name the file, not the folder
    return _register_rows(register, named, text_of(path, ConfigError)).copy(deep=False)


@lru_cache(maxsize=KEPT_REGISTERS)
def _register_rows(register: type[Register], path: Path, text: str) -> pd.DataFrame:
    """Return the rows of a register; the same text is taken apart once for all its readers."""
    frame, findings = rows_by_contract(text, register)
    _refuse_findings(path, findings, ConfigError)
    ended = frame["valid_to"] < frame["valid_from"]
    _refuse_rows(path, frame, ended, "valid_to is before valid_from; swap the two days")
    earlier = frame.groupby(_key(register), sort=False)["valid_from"].diff() < pd.Timedelta(0)
    what = "valid_from is earlier than in a row above with the same key; sort the rows by time"
    _refuse_rows(path, frame, earlier, what)
    return checked(register, frame.drop(columns=ROW))


def in_force(register: pd.DataFrame, on: date) -> pd.DataFrame:
    """Return the rows of a register that are valid on a day, first and last day included.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-01-01", "2026-01-01"])
    >>> rows = pd.DataFrame({"valid_from": days, "valid_to": [days[1], pd.NaT], "fee": [1, 2]})
    >>> in_force(rows, date(2025, 6, 1))["fee"].tolist()
    [1]
    """
    day = pd.Timestamp(on)
    is_open = register["valid_to"].isna() | (register["valid_to"] >= day)
    return register[(register["valid_from"] <= day) & is_open].reset_index(drop=True)


def read_table(
    path: Path,
    table: type[Table],
    *,
    optional: Collection[str] = (),
    error: type[PlannerError] = InputError,
    checks: Sequence[Check] = (),
) -> pd.DataFrame:
    """Return the rows of a CSV or XLSX by a table's contract, the file's row numbers beside.

    Parameters
    ----------
    path : Path
        CSV in UTF-8 or as a Chinese Excel saves it (GB18030, UTF-16), or an XLSX workbook.
    table : type of Table
        Its columns, their kinds and their checks.
    optional : collection of str
        Columns of the contract that the file may leave out: their cells are then unknown.
    error : type of PlannerError
        What to raise.
    checks : sequence of Check, optional
        What else may be wrong with the rows; told together with what breaks the contract.

    Returns
    -------
    DataFrame
        The contract's columns and `row`: the physical line of the file or row of the sheet.

    Raises
    ------
    PlannerError
        Of the kind `error`. Names file, row, column, value and remedy; up to eight at once.
    """
    if path.suffix.lower() == WORKBOOK:
        frame, findings = _workbook_rows(path, table, optional, error)
    else:
        frame, findings = rows_by_contract(text_of(path, error), table, optional=optional)
    if len(frame.columns):
        findings = [*findings, *(found for check in checks for found in check(frame))]
    _refuse_findings(path, findings, error)
    return frame


def refuse_blank(path: Path, frame: pd.DataFrame, names: Collection[str]) -> None:
    """Raise if a cell that must be filled is empty.

    Raises
    ------
    InputError
        Names the first row of the first such column.
    """
    for name in names:
        blank = frame.loc[frame[name] == "", ROW]
        if len(blank):
            raise InputError(
                f'{path.name}, row {blank.iloc[0]}, column "{name}": empty; fill it in or delete '
                "the row"
            )


def refuse_repeats(path: Path, frame: pd.DataFrame, key: Sequence[str]) -> None:
    """Raise if two rows of a file say something about the same key.

    Raises
    ------
    InputError
        Names both rows.
    """
    repeats = frame[frame.duplicated(list(key), keep=False)]
    if repeats.empty:
        return
    names, group = next(iter(repeats.groupby(list(key), dropna=False, sort=False)))
    pairs = zip(key, names, strict=True)
    what = ", ".join(
        f"{column} {name.date() if isinstance(name, pd.Timestamp) else name}"
        for column, name in pairs
        if not pd.isna(name)
    )
    rows = ", ".join(str(row) for row in group[ROW])
    raise InputError(f"{path.name}, rows {rows}: {what} stands more than once; keep one row")


def text_of(path: Path, error: type[PlannerError] = InputError) -> str:
    """Return a hand-kept file as text, whatever a spreadsheet program saved it in.

    Raises
    ------
    PlannerError
        Of the kind `error`, if there is no such file, it is too large, or it is no text.
    """
    said = decoded(_bytes_of(path, error))
    if said is None or said.is_damaged:
        raise error(f"{path.name}: not a text in one encoding; save it as CSV UTF-8")
    return said.text


def _refuse_findings(path: Path, findings: Sequence[str], error: type[PlannerError]) -> None:
    if findings:
        more = len(findings) - MAX_FINDINGS
        told = "; ".join(findings[:MAX_FINDINGS]) + (f"; and {more} more" if more > 0 else "")
        raise error(f"{path.name}, {told}")


def _bytes_of(path: Path, error: type[PlannerError]) -> bytes:
    if path.is_symlink() or not path.is_file():
        raise error(f"{path.name}: no such file in {path.parent}; put it there")
    if path.stat().st_size > MAX_BYTES:
        raise error(f"{path.name}: larger than {MAX_BYTES // 1_000_000} MB; is it the right file?")
    return path.read_bytes()


def _workbook_rows(
    path: Path, table: type[Table], optional: Collection[str], error: type[PlannerError]
) -> tuple[pd.DataFrame, list[str]]:
    data = _bytes_of(path, error)
    try:
        rows = (sheet.rows for sheet in sheets.sheets(data))
        return sheet_rows_by_contract(rows, table, optional=optional)
    except sheets.WorkbookError as fault:
        raise error(f"{path.name}: {fault}; save it again as XLSX, or as CSV UTF-8") from None


def _refuse_rows(path: Path, frame: pd.DataFrame, broken: pd.Series, what: str) -> None:
    if broken.any():
        raise ConfigError(f"{path.name}, row {frame.loc[broken, ROW].iloc[0]}: {what}")


def _key(register: type[Register]) -> list[str]:
    own = [name for name in columns(register) if name not in columns(Register)]
    texts = text_columns(register)
    return own[: next((n for n, name in enumerate(own) if name not in texts), len(own))]


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()

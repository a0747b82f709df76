"""A seller's own rows of the registers: they beat what the project ships.

Knows which row replaces which. What the facts mean is the business of the rooms
below.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from planner.errors import ConfigError
from planner.intake.contracts import ROW, did_you_mean, text_columns
from planner.intake.rules import read_register
from planner.tables.contract import checked, columns, empty
from planner.tables.rules import Register

PASSING = (".", "~$")
"""Beginnings of names that systems and Excel make for a while."""
MARK = "seller: "
"""Stands before the source of a seller's own row."""

COUNTED = ("step", "week", "tier")
"""Columns that count the rows of one thing, and so name them."""


def read_own_rows(folder: Path, register: type[Register]) -> pd.DataFrame:
    """Return a seller's own rows of a register, empty where he keeps no such file.

    Parameters
    ----------
    folder : Path
        `data/sellers/<seller>/rules`; the file bears the register's name, as in `data/rules`, and
        has the same columns.
    register : type of Register

    Returns
    -------
    DataFrame
        Keeps the contract; each source begins with `seller: `.

    Raises
    ------
    ConfigError
        As `read_register`: names file and row.
    """
    if not any(path.stem == _stem(register) for path in folder.glob("*.csv")):
        return empty(register)
    frame = read_register(folder, register)
    return frame.assign(source=MARK + frame["source"])


def refuse_strange_files(folder: Path, registers: Sequence[type[Register]]) -> None:
    """Raise if a file among the seller's own rules is no register's: nobody would read it.

    Texts (.md, .txt) may stand beside them; a register must be a CSV named in small letters.

    Raises
    ------
    ConfigError
        Names the file and the register it may be meant for.
    """
    known = [f"{_stem(register)}.csv" for register in registers]
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        if path.name.startswith(PASSING) or path.suffix.lower() in (".md", ".txt"):
            continue
        if path.name not in known:
            raise ConfigError(
                f"rules/{path.name} of the seller bears no register's name"
                f"{did_you_mean(path.name, known)}; rename it or take it away"
            )


def with_own_rows(
    shipped: pd.DataFrame, own: pd.DataFrame, register: type[Register]
) -> pd.DataFrame:
    """Return the rows in force of a register with the seller's own in place of those they name.

    Parameters
    ----------
    shipped, own : DataFrame
        Rows of the register in force on one day.
    register : type of Register

    Returns
    -------
    DataFrame
        In the order of the key. A row of the seller's beats the shipped row of the same key alone:
        one for `any` market leaves a market's own row as it is.

    Raises
    ------
    ConfigError
        If two of the seller's rows in force name the same fact.
    """
    key = key_of(register)
    twice = own[own.duplicated(key)]
    if len(twice):
        named = ", ".join(str(twice[name].iloc[0]) for name in key)
        raise ConfigError(
            f"{_stem(register)}.csv of the seller: two rows in force for {named}; end the older "
            "one by valid_to"
        )
    if own.empty:
        return shipped
    taken = pd.MultiIndex.from_frame(own[key])
    kept = shipped[~pd.MultiIndex.from_frame(shipped[key]).isin(taken)]
    merged = pd.concat([kept, own]).sort_values(key, kind="stable")
    return checked(register, merged)


def key_of(register: type[Register]) -> list[str]:
    """Return the columns that name a fact: the leading text columns, and the step or week.

    Examples
    --------
    >>> from planner.tables.tariffs import Fees, Surcharges
    >>> key_of(Fees), key_of(Surcharges)
    (['market', 'term'], ['market', 'mode', 'kind'])
    """
    dated = {*columns(Register), ROW}
    own = [name for name in columns(register) if name not in dated]
    texts = text_columns(register)
    last = next((n for n, name in enumerate(own) if name not in texts), len(own))
    return own[:last] + [name for name in own[last:] if name in COUNTED]


def _stem(register: type[Register]) -> str:
    name = register.__name__
    return "".join(f"_{c.lower()}" if c.isupper() and n else c.lower() for n, c in enumerate(name))

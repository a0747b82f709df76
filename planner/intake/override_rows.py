"""Reads what one row of overrides.csv says: whom it touches, and how it changes the forecast.

Knows the ways in which people write a change (``*1.2``, ``+250``, ``=1200``, ``-10%``) and what
a spreadsheet program makes of them. Knows no forecast.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import pandas as pd
import pandera.pandas as pa

from planner.intake.cells import fold
from planner.intake.contracts import ROW, did_you_mean
from planner.tables.contract import Table, empty
from planner.tables.promotions import MAX_RATIO, MAX_UNITS, PHASES, TARGETS, Overrides
from planner.words import LANGS, say

EVERYTHING = ("*", "all", "everything", "全部", "所有")
WHOLE_HORIZON = ("", "horizon", "whole", *EVERYTHING)
FORMS = "write *1.2, +15%, -10%, +250, -100 or =1200"
SIGNS = str.maketrans(
    {"×": "x", "✕": "x", "✖": "x", "·": "x", "−": "-", "–": "-", "—": "-", "‐": "-", "'": ""}
)
WORDS = {"乘以": "*", "乘": "*", "增加": "+", "加": "+", "add": "+", "减少": "-", "减": "-",
         "minus": "-", "less": "-", "设为": "=", "改为": "=", "set": "="}  # fmt: skip
"""Words that stand for a sign: a spreadsheet does not count with them."""
NUMBER = r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,12}(?:\.\d{1,9})?)"
CHANGE = re.compile(rf"(?P<sign>[*x=+-]){NUMBER}(?P<unit>%|units?|pcs|件|个)?", re.ASCII)
TIMES = re.compile(rf"{NUMBER}(?:x|\*|倍)", re.ASCII)
BARE = re.compile(rf"{NUMBER}%?", re.ASCII)


class Change(NamedTuple):
    """How an override changes the forecast."""

    kind: str
    """`ratio`, `added_units` or `set_units`."""
    amount: float


class OverrideFile(Table):
    """One row per override as people write it; all that is left empty holds for everything."""

    shop: str
    market: str
    category: str
    sku: str
    phase: str
    change: str
    demand_ratio: str
    owner: str = pa.Field(str_length={"min_value": 1})
    reason: str = pa.Field(str_length={"min_value": 1})
    expires_on: pd.Timestamp


def read_change(text: str) -> Change:
    """Return what a cell of the column `change` means.

    Parameters
    ----------
    text : str
        ``*1.2``, ``x1.2``, ``1.2x``, ``+15%``, ``-10%``: a ratio; ``+250``, ``-100``: units more
        or fewer; ``=1200``: units in all. Full-width digits and signs read as the narrow ones;
        the words add, less, set (加, 减, 设为) stand for a sign.

    Raises
    ------
    ValueError
        If it means none of them; says what to write.

    Examples
    --------
    >>> read_change("×1.2"), read_change("＋１５％")
    (Change(kind='ratio', amount=1.2), Change(kind='ratio', amount=1.15))
    >>> read_change("-100"), read_change("= 1,200")
    (Change(kind='added_units', amount=-100.0), Change(kind='set_units', amount=1200.0))
    """
    plain = _plain(text)
    times = TIMES.fullmatch(plain)
    found = CHANGE.fullmatch(f"*{times['number']}" if times else plain)
    if found is None:
        raise ValueError(_remedy(text, plain))
    change = _change(found)
    if change.kind == "ratio":
        if not 0 <= change.amount <= MAX_RATIO:
            raise ValueError(f"{text!r} is no ratio from 0 to {MAX_RATIO}; {FORMS}")
        return change
    if not change.amount.is_integer():
        what = "units are whole"
        if abs(change.amount) < 1:
            what += "; a spreadsheet makes this of a percentage"
        raise ValueError(f"{text!r}: {what}; {FORMS}")
    if abs(change.amount) > MAX_UNITS:
        raise ValueError(f"{text!r} is more than {MAX_UNITS:,} units; mend the cell")
    return change


def wrong_cells(frame: pd.DataFrame) -> Iterator[str]:
    """Yield what is wrong with the rows of an `OverrideFile`, each with row, column, remedy."""
    for row in frame.to_dict("records"):
        for column, what in _faults(row):
            yield f'row {row[ROW]}, column "{column}": {what}'


def overrides_of(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of an `OverrideFile` without a fault as those of table `Overrides`."""
    if frame.empty:
        return empty(Overrides)
    changes = [read_change(_written(row)) for row in frame.to_dict("records")]
    phases = _phase_by_word()
    table = frame.drop(columns="demand_ratio").assign(
        market=frame["market"].str.upper(),
        phase=pd.Series([phases[fold(text)] for text in frame["phase"]], dtype="str"),
        change=pd.Series([_written(row) for row in frame.to_dict("records")], dtype="str"),
        kind=pd.Series([change.kind for change in changes], dtype="str"),
        amount=pd.Series([change.amount for change in changes], dtype="float64"),
    )
    for name in TARGETS:
        is_all = table[name].map(fold).isin(EVERYTHING)
        table[name] = table[name].mask(is_all, "")
    return table.rename(columns={ROW: "row"})


def _plain(text: str) -> str:
    plain = fold(text).translate(SIGNS).replace(" ", "")
    for word, sign in WORDS.items():
        if plain.startswith(word):
            return sign + plain.removeprefix(word)
    return plain


def _change(found: re.Match[str]) -> Change:
    number = float(found["number"].replace(",", ""))
    sign, unit = found["sign"], found["unit"] or ""
    if unit == "%" and sign != "=":
        share = round(number / 100, 12)
        amount = share if sign in "*x" else 1 + share if sign == "+" else 1 - share
        return Change("ratio", round(amount, 12))
    if sign in "*x" and not unit:
        return Change("ratio", number)
    if sign == "=" and unit != "%":
        return Change("set_units", number)
    if sign in "+-":
        return Change("added_units", number if sign == "+" else -number)
    return Change("ratio", float("nan"))


def _remedy(text: str, plain: str) -> str:
    told = repr(text[:40])
    if BARE.fullmatch(plain):
        return (
            f"{told} has no sign, so it may be a ratio, a change or a total (a spreadsheet drops "
            f"the sign of =1200 and +250 in a cell that is not text); {FORMS}, or in words: "
            "set 1200, add 250"
        )
    return f"{told} is no change of a forecast; {FORMS}"


def _faults(row: dict[str, object]) -> Iterator[tuple[str, str]]:
    if not (row["sku"] or row["category"]):
        yield "sku", "empty, and so is category; name one, or write all to touch every SKU"
    if fold(str(row["phase"])) not in _phase_by_word():
        known = [*PHASES, "horizon"]
        told = f"{str(row['phase'])[:40]!r} is no phase{did_you_mean(str(row['phase']), known)}"
        yield "phase", f"{told} (known: {', '.join(known)}; empty for the whole horizon)"
    if row["change"] and row["demand_ratio"]:
        yield "change", f"{row['change']!r} beside demand_ratio {row['demand_ratio']!r}; keep one"
        return
    if not (row["change"] or row["demand_ratio"]):
        yield "change", f"empty; {FORMS}"
        return
    try:
        change = read_change(_written(row))
    except ValueError as fault:
        yield ("change" if row["change"] else "demand_ratio"), str(fault)
    else:
        if row["demand_ratio"] and (change.kind != "ratio" or change.amount == 0):
            yield "demand_ratio", f"{row['demand_ratio']!r} is no number above 0"


def _written(row: dict[str, object]) -> str:
    """Return the change of a row, a bare ratio of the older column with its sign."""
    if row["change"]:
        return str(row["change"])
    plain = _plain(str(row["demand_ratio"]))
    return f"*{plain}" if BARE.fullmatch(plain) and not plain.endswith("%") else plain


@cache
def _phase_by_word() -> dict[str, str]:
    """Return the phase of every word for it; of those for the whole horizon, the empty text."""
    words = {name: name for name in PHASES}
    words |= {fold(say(f"phase.{name}", lang)): name for name in PHASES for lang in LANGS}
    whole = {fold(say("phase.horizon", lang)): "" for lang in LANGS}
    return words | whole | dict.fromkeys(WHOLE_HORIZON, "")

"""Settles the files of one shop and counts: rows and money in are kept plus rejected.

Corrections stand in for what they name, a file given twice counts once, the newest export speaks
for an order. Which files there are, and how they were read, is not known here.
"""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from planner.errors import InputError
from planner.intake.corrections import corrected
from planner.intake.dialects import dialect_of
from planner.intake.messages import names_told
from planner.intake.overlaps import ages_of, completions, joined, seams, settled
from planner.intake.parcels import parcels_of
from planner.seller import Shop
from planner.tables.contract import Table, checked, columns, empty
from planner.tables.intake import OrderLines, Reconciliation, RejectedRows

WHOLE = ("units", "returned_units")
MONEY = ("gross_minor", "amount_minor")


class Export(NamedTuple):
    """One file of a shop, read and judged."""

    shop: Shop
    name: str
    sha256: str
    rows: pd.DataFrame
    findings: list[tuple[str, str]]
    last_at: pd.Timestamp
    """The newest moment that the file knows of."""
    is_correction: bool


class Balance(NamedTuple):
    """What became of the rows of one shop."""

    lines: pd.DataFrame
    """Keeps the contract OrderLines."""
    rejected: pd.DataFrame
    """Keeps the contract RejectedRows."""
    files: pd.DataFrame
    """Keeps the contract Reconciliation."""
    findings: list[tuple[str, str, str]]
    """File, code and facts of what was noticed on the way."""
    parcels: pd.DataFrame
    """Keeps the contract Parcels."""


def balanced(exports: Sequence[Export]) -> Balance:
    """Return the kept lines, rejected rows and balance of one shop's files.

    Parameters
    ----------
    exports : sequence of Export
        In the order of their names; the newest of several corrections of one row is the last.

    Raises
    ------
    InputError
        If all of them are corrections.

    Notes
    -----
    Rows whose amount is not known count as unreadable, and add nothing to a sum of money.
    """
    shop = exports[0].shop
    names = pd.Series([export.name for export in exports], dtype="str")
    rows = _settled(exports)
    is_kept = rows["code"] == ""
    counted = _reconciled(exports, rows, is_kept)
    mended = [(exports[p].name, code, facts) for p, code, facts in completions(rows, by="place")]
    rejected = rows.loc[~is_kept].copy()
    lines = rows.loc[is_kept].drop(columns=["code", "column", "value", "cells", "age"])
    del rows
    rejected["file"] = names.take(rejected["place"]).set_axis(rejected.index)
    lines["file"] = names.take(lines["place"]).set_axis(lines.index)
    for name in ("shop", "market", "currency"):
        lines[name] = pd.Series(getattr(shop, name), index=lines.index, dtype="str")
    parcels = parcels_of(lines)
    lines = lines[columns(OrderLines)]
    lines = lines.astype(dict.fromkeys(WHOLE, "int64") | dict.fromkeys(MONEY, "Int64"))
    kept = counted.set_index("file")["rows_kept"]
    told = [
        (export.name, "W_CORRECTIONS", f"rows={len(export.rows)}|kept={kept[export.name]}")
        for export in exports
        if export.is_correction
    ]
    return Balance(
        checked(OrderLines, lines),
        checked(RejectedRows, rejected[columns(RejectedRows)]),
        counted,
        [*told, *mended],
        parcels,
    )


def framed(table: type[Table], facts: Sequence[dict[str, object]]) -> pd.DataFrame:
    """Return rows as a table that keeps its contract, also without any."""
    if not facts:
        return empty(table)
    return checked(table, pd.DataFrame(list(facts)).astype(empty(table).dtypes.to_dict()))


def _settled(exports: Sequence[Export]) -> pd.DataFrame:
    """Return the rows of all files, every order spoken for by its newest file alone."""
    dialect = dialect_of(exports[0].shop)
    plain = [place for place, export in enumerate(exports) if not export.is_correction]
    if not plain:
        raise InputError(
            f"{names_told([export.name for export in exports])}: corrections, and no export that "
            "they mend; put the export back beside them"
        )
    ages = ages_of([(exports[place].last_at, exports[place].name) for place in plain])
    newest = sorted(zip(ages, plain, strict=True))
    owner = {exports[place].sha256: place for _, place in newest}  # of equal files the newest
    parts = [
        exports[place].rows.assign(place=place, age=age)
        for place, age in zip(plain, ages, strict=True)
    ]
    fixes = [
        export.rows.assign(place=place)
        for place, export in enumerate(exports)
        if export.is_correction and len(export.rows)
    ]
    id_header = dialect.header_of("order_id")
    for n, place in enumerate(plain):
        if owner[exports[place].sha256] != place:
            parts[n] = _given_twice(parts[n], id_header)
    once = [n for n, place in enumerate(plain) if owner[exports[place].sha256] == place]
    split = seams([(ages[n], parts[n]["order_id"]) for n in once])
    rows = pd.concat(parts, ignore_index=True)
    del parts
    if fixes:
        called = {}
        for place in plain:
            name, twin = exports[place].name, owner[exports[place].sha256]
            called |= {name.rpartition("/")[2]: twin, name: twin}
        digests = [export.sha256 for export in exports]
        rows = corrected(rows, pd.concat(fixes, ignore_index=True), called, digests, dialect)
    rows, doubtful = joined(rows, split)
    rows = settled(rows, id_header=id_header)
    is_gone = rows["code"].loc[doubtful.index] == "E_SUPERSEDED"
    rows.loc[is_gone.index[is_gone], "mended"] = "W_INCOMPLETE"
    return rows


def _given_twice(rows: pd.DataFrame, id_header: str) -> pd.DataFrame:
    """Return the rows of a file whose every row another file holds."""
    texts = {"code": "E_DUPLICATE", "column": id_header, "cells": "{}"}
    columns = {name: pd.Series(text, index=rows.index, dtype="str") for name, text in texts.items()}
    return rows.assign(**columns, value=rows["order_id"].where(rows["code"] == "", ""))


def _reconciled(exports: Sequence[Export], rows: pd.DataFrame, is_kept: pd.Series) -> pd.DataFrame:
    amounts, day = rows["amount_minor"], rows["ordered_at"].dt.normalize().where(is_kept)
    has_money = rows["code"] != "E_REPEATED_HEADER"
    parts = pd.DataFrame(
        {
            "rows_kept": is_kept.astype("int64"),
            "rows_rejected": (~is_kept).astype("int64"),
            "in_minor": amounts,
            "kept_minor": amounts.where(is_kept),
            "rejected_minor": amounts.where(~is_kept),
            "unreadable_rows": (amounts.isna() & has_money).astype("int64"),
        }
    )
    every = range(len(exports))
    sums = parts.groupby(rows["place"]).sum().reindex(every, fill_value=0)
    days = day.groupby(rows["place"])
    first, last = days.min().reindex(every), days.max().reindex(every)
    facts = [
        {
            "file": export.name,
            "shop": export.shop.shop,
            "dialect": export.shop.dialect,
            "sha256": export.sha256,
            "rows_in": len(export.rows),
            **{name: int(value) for name, value in sums.loc[place].items()},
            "currency": export.shop.currency,
            "first_on": first[place],
            "last_on": last[place],
        }
        for place, export in enumerate(exports)
    ]
    return framed(Reconciliation, facts)

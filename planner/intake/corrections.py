"""Rows that somebody corrected: they stand in for the rejected rows that they name.

How a file of corrections is opened and judged is the business of `correction_files`; which of its
rows count in the end is decided here.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from planner.intake.cells import fold
from planner.intake.correction_files import SOURCE, SOURCE_KEY, STILL_WRONG
from planner.intake.dialects import Dialect
from planner.intake.messages import printable
from planner.intake.overlaps import NOT_LOST, SAME_LINE

VERDICT = ("code", "column", "value")
FILE_NAME = re.compile(r"([\w.() -]+/)?[\w.() -]+\.(csv|tsv|txt|xls|xlsm|xlsx)", re.IGNORECASE)
WHOLE = re.compile("[0-9]{1,9}")
KEY = re.compile("k[0-9a-f]{12}")  # the letter keeps a spreadsheet from reading a number


def fields_told(cells: Mapping[str, str], dialect: Dialect) -> dict[str, str]:
    """Return the cells of a rejected row by field."""
    named = {dialect.field_by_header.get(fold(head), ("", ""))[0]: cells[head] for head in cells}
    return {field: text for field, text in named.items() if field}


def source_key(cells: Mapping[str, str], sha256: str, dialect: Dialect) -> str:
    """Return the fingerprint of a rejected row: other rows of its file, or at its place, differ.

    Parameters
    ----------
    cells : Mapping
        By header, what may be shown of it.
    sha256 : str
        Of its file: all there is to go by if the row shows no order id.
    dialect : Dialect
    """
    told = fields_told(cells, dialect)
    known = _json(dict(sorted(told.items()))) + ("" if told.get("order_id") else sha256)
    return "k" + hashlib.sha256(known.encode()).hexdigest()[:12]


def corrected(
    rows: pd.DataFrame,
    fixes: pd.DataFrame,
    names: Mapping[str, int],
    digests: Sequence[str],
    dialect: Dialect,
) -> pd.DataFrame:
    """Return the rows of a shop's exports and of its corrections, each counted once.

    Parameters
    ----------
    rows : DataFrame
        Judged rows with `place`, the number of their file, and its `age`.
    fixes : DataFrame
        As `Corrections.rows`, with `place`, the newest file last.
    names : Mapping
        Number of a file by each name it may be called.
    digests : sequence of str
        By number of a file: its SHA-256.
    dialect : Dialect

    Returns
    -------
    DataFrame
        A row that is stood in for bears E_CORRECTED and the cells that count now; what stands in
        for it has the age of its file. A correction that names no rejected row, or is of another
        order than the row it names, bears E_CORRECTION, all but the best of several for one row
        E_SUPERSEDED, and one that repeats a line of its file E_DUPLICATE.

    Notes
    -----
    A good correction goes before one that is still wrong, a newer before an older one. A row in
    which nothing was changed has the fault that it had.
    """
    if fixes.empty:
        return rows
    olds = _to_mend(rows)
    news = fixes.to_dict("records")
    rivals: dict[tuple[int, int], list[tuple[bool, int]]] = defaultdict(list)
    for n, new in enumerate(news):
        new["age"] = -1
        aim = _aim(new, names)
        if blame := _misfit(new, aim, olds.get(aim), digests, dialect):
            _tell(new, "E_CORRECTION", *blame)
            continue
        old = olds[aim]
        new[SOURCE_KEY] = _key_of(old, digests[aim[0]], dialect)
        if new["code"] == STILL_WRONG or (not new["code"] and _is_unchanged(new, old, dialect)):
            _tell(new, old["code"], old["column"], old["value"])
        rivals[aim].append((new["code"] == "", n))
    best = {aim: max(candidates)[1] for aim, candidates in rivals.items()}
    for aim, candidates in rivals.items():
        for _, n in candidates:
            news[n]["age"] = olds[aim]["age"]
            if n != best[aim]:
                _tell(news[n], "E_SUPERSEDED", SOURCE[1], news[n]["source_row"])
    for n in _copies(rows, news, best, dialect):
        _tell(news[n], "E_DUPLICATE", dialect.header_of("order_id"), news[n]["order_id"])
    marked = rows.copy()
    index = pd.MultiIndex.from_frame(rows[["place", "row"]])
    done = rows.index[index.get_indexer(list(best))] if best else rows.index[:0]
    marked.loc[done, "code"] = "E_CORRECTED"
    marked.loc[done, "cells"] = [_with_key(news[n]) for n in best.values()]
    told = fixes.assign(
        **{name: pd.array([new[name] for new in news], dtype="str") for name in VERDICT},
        cells=pd.array([_with_source(new) for new in news], dtype="str"),
        age=[new["age"] for new in news],
    )
    return pd.concat([marked, told[list(rows.columns)]], ignore_index=True)


def _to_mend(rows: pd.DataFrame) -> dict[tuple[int, int], dict[str, Any]]:
    """Return by place and row the rejected rows that a correction may stand in for."""
    wrong = rows[(rows["code"] != "") & ~rows["code"].isin(NOT_LOST)]
    told = ["order_id", *VERDICT, "cells", "age"]
    return dict(wrong.set_index(["place", "row"])[told].to_dict("index"))


def _aim(new: Mapping[str, Any], names: Mapping[str, int]) -> tuple[int, int]:
    row = new["source_row"]
    return names.get(new["source_file"], -1), int(row) if WHOLE.fullmatch(row) else -1


def _misfit(
    new: Mapping[str, Any],
    aim: tuple[int, int],
    old: Mapping[str, Any] | None,
    digests: Sequence[str],
    dialect: Dialect,
) -> tuple[str, str] | None:
    """Return the column and cell that show a correction to be of no rejected row, or another's."""
    if new["code"] == "E_CORRECTION":
        return new["column"], new["value"]
    if old is None:
        return _strange(new, aim)
    if new[SOURCE_KEY] not in ("", _key_of(old, digests[aim[0]], dialect)):
        return SOURCE_KEY, new[SOURCE_KEY] if KEY.fullmatch(new[SOURCE_KEY]) else ""
    ids = {new["order_id"], old["order_id"]}
    if len(ids) > 1 and all(re.fullmatch(dialect.order_id_pattern, text) for text in ids):
        return dialect.header_of("order_id"), new["order_id"]
    return None


def _key_of(old: Mapping[str, Any], sha256: str, dialect: Dialect) -> str:
    return source_key(json.loads(old["cells"]), sha256, dialect)


def _copies(
    rows: pd.DataFrame,
    news: Sequence[Mapping[str, Any]],
    best: Mapping[tuple[int, int], int],
    dialect: Dialect,
) -> Iterator[int]:
    """Yield the good corrections that say what another line of the same file says already.

    Lines with an id of their own are no copies of each other.
    """
    if dialect.repeated_line != "copy":
        return
    good = {aim: n for aim, n in sorted(best.items()) if news[n]["code"] == ""}
    sound = rows[
        (rows["code"] == "") & rows["order_id"].isin([news[n]["order_id"] for n in good.values()])
    ]
    seen = set(sound[["place", *SAME_LINE]].itertuples(index=False, name=None))
    for (place, _), n in good.items():
        if "line_id" in json.loads(news[n]["texts"]):
            continue
        said = (place, *(news[n][name] for name in SAME_LINE))
        if said in seen:
            yield n
        seen.add(said)


def _strange(new: Mapping[str, Any], aim: tuple[int, int]) -> tuple[str, str]:
    """Return the column to blame, and its cell if it looks like a file's name or a number."""
    if aim[0] >= 0:
        return SOURCE[1], str(aim[1]) if aim[1] >= 0 else ""
    file = new["source_file"]
    return SOURCE[0], printable(file, limit=60) if FILE_NAME.fullmatch(file) else ""


def _tell(new: dict[str, Any], code: str, column: str, value: str) -> None:
    new["code"], new["column"], new["value"] = code, column, value


def _is_unchanged(new: Mapping[str, Any], old: Mapping[str, Any], dialect: Dialect) -> bool:
    before = fields_told(json.loads(old["cells"]), dialect)
    return json.loads(new["texts"]) == {field: text for field, text in before.items() if text}


def _with_source(new: Mapping[str, Any]) -> str:
    """Return the cells of a correction with what they stand in for, so that it can be told."""
    file, row = (new[name] for name in SOURCE)
    told = (file if FILE_NAME.fullmatch(file) else "", row if WHOLE.fullmatch(row) else "")
    return _json({**dict(zip(SOURCE, told, strict=True)), **json.loads(_with_key(new))})


def _with_key(new: Mapping[str, Any]) -> str:
    key = {SOURCE_KEY: new[SOURCE_KEY]} if KEY.fullmatch(new[SOURCE_KEY]) else {}
    return _json({**key, **json.loads(new["cells"])})


def _json(cells: Mapping[str, str]) -> str:
    return json.dumps(cells, ensure_ascii=False)

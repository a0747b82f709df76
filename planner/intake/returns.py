"""Reads return and refund exports; `came_back` puts them beside the order lines.

Every row ends as a line or a rejected row, counted. The newest file that names a return speaks
for it. Buyers' names and notes are never read.
"""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.intake import confined
from planner.intake.balance import framed
from planner.intake.confined import Answer, Task
from planner.intake.dialects import dialect_of
from planner.intake.files import read_raw
from planner.intake.overlaps import ages_of
from planner.intake.owned_files import owned_files, task_of
from planner.intake.return_rows import judged_returns
from planner.seller import Seller, Shop
from planner.tables.contract import checked, columns, empty
from planner.tables.intake import Findings, Reconciliation, RejectedRows, ReturnLines

SAME_RETURN = ["return_id", "order_id", "sku", "units", "kind", "state", "requested_at"]
LONGEST_RETURN_DAYS = 120  # from the request to the refund, disputes included


class Returns(NamedTuple):
    """What the return exports said, and what became of every row."""

    lines: pd.DataFrame
    """Keeps the contract ReturnLines."""
    rejected: pd.DataFrame
    """Keeps the contract RejectedRows."""
    files: pd.DataFrame
    """Keeps the contract Reconciliation; no money is counted here."""
    findings: pd.DataFrame
    """Keeps the contract Findings."""


class _Export(NamedTuple):
    shop: Shop
    name: str
    sha256: str
    rows: pd.DataFrame
    findings: list[tuple[str, str]]


def read_returns(folder: Path, seller: Seller, *, skus: Collection[str] | None = None) -> Returns:
    """Return every line of a seller's return and refund exports, each row kept or rejected.

    Parameters
    ----------
    folder : Path
        The seller's folder: exports lie in ``returns/<shop>/``, or in ``returns/`` if there is
        one shop. There may be none.
    seller : Seller
        Names the shops and their dialects.
    skus : collection of str, optional
        The seller's SKUs; with them a line of any other SKU is rejected.

    Returns
    -------
    NamedTuple
        Lines, rejected rows, counts by file, and findings.

    Raises
    ------
    InputError
        If a file cannot be used at all; all such files are told at once.

    Notes
    -----
    A return that stands in several files is taken from the file with the latest moment. Its
    other rows are rejected: E_DUPLICATE if they say the same, else E_SUPERSEDED.
    """
    shops = {shop.shop: shop for shop in seller.shops}
    files = owned_files(folder / "returns", list(shops), what="shop")
    tasks = [task_of(file, shops[file.owner], skus) for file in files]
    for owner in dict.fromkeys(file.owner for file in files):
        dialect_of(shops[owner], kind="returns")
    exports: list[_Export] = []
    refused: list[str] = []
    answers = confined.each("planner.intake.returns:read_confined", tasks) if tasks else []
    for file, answer in zip(files, answers, strict=True):
        if isinstance(answer, InputError):
            refused.append(str(answer))
        elif isinstance(answer, Answer):
            exports.append(_export_of(answer, shops[file.owner]))
        else:
            raise answer
    if refused:
        more = f"{len(refused)} of {len(files)} return exports cannot be used:\n- "
        raise InputError(refused[0] if len(refused) == 1 else more + "\n- ".join(refused))
    return _returns(exports)


def read_confined(task: Task) -> Answer:
    """Return one file read and judged, in the form in which a child process tells it."""
    shop = Shop.model_validate(task["shop"])
    dialect = dialect_of(shop, kind="returns")
    raw = read_raw(Path(task["path"]), dialect, name=task["name"])
    rows, findings = judged_returns(raw, shop=shop, dialect=dialect, skus=task["skus"])
    return Answer({"rows": rows}, {"name": raw.name, "sha256": raw.sha256, "findings": findings})


def _returns(exports: Sequence[_Export]) -> Returns:
    parts = [
        _rows_of_a_shop([export for export in exports if export.shop.shop == shop])
        for shop in dict.fromkeys(export.shop.shop for export in exports)
    ]
    if not parts:
        tables = (empty(table) for table in (ReturnLines, RejectedRows, Reconciliation, Findings))
        return Returns(*tables)
    rows = pd.concat(parts, ignore_index=True)
    good = rows["code"] == ""
    lines = rows.loc[good, columns(ReturnLines)].astype({"units": "int64"})
    lines = lines.sort_values(["shop", "requested_at", "return_id", "row"])
    amount = pd.Series(pd.NA, index=rows.index[~good], dtype="Int64")
    rejected = rows[~good].assign(amount_minor=amount)[columns(RejectedRows)]
    told = [
        {"file": export.name, "code": code, "facts": facts}
        for export in exports
        for code, facts in export.findings
    ]
    return Returns(
        checked(ReturnLines, lines),
        checked(RejectedRows, rejected.sort_values(["file", "row"])),
        _reconciled(exports, rows),
        framed(Findings, told),
    )


def _rows_of_a_shop(exports: Sequence[_Export]) -> pd.DataFrame:
    """Return the rows of one shop's files, every return spoken for by its newest file alone."""
    ages = ages_of([(_last_known(export.rows), export.name) for export in exports])
    shop = exports[0].shop
    rows = pd.concat(
        [
            export.rows.assign(file=export.name, age=age, shop=shop.shop, market=shop.market)
            for export, age in zip(exports, ages, strict=True)
        ],
        ignore_index=True,
    )
    good = rows[rows["code"] == ""]
    newest = good.groupby("return_id")["age"].transform("max")
    older = good[good["age"] < newest]
    lasting = good.loc[good["age"] == newest, SAME_RETURN].drop_duplicates()
    pairs = older[SAME_RETURN].merge(lasting, on=SAME_RETURN, how="left", indicator=True)
    is_same = pairs["_merge"].eq("both").to_numpy()
    rows.loc[older.index, "code"] = np.where(is_same, "E_DUPLICATE", "E_SUPERSEDED")
    rows.loc[older.index, "column"] = dialect_of(shop, kind="returns").header_of("return_id")
    return rows


def _last_known(rows: pd.DataFrame) -> pd.Timestamp:
    """Return the newest moment that the sound rows of an export tell.

    A refund long after the last request is a slip, and would make an old export the newest.
    """
    good = rows[rows["code"] == ""]
    limit = good["requested_at"].max() + pd.Timedelta(days=LONGEST_RETURN_DAYS)
    return good["last_at"].where(good["last_at"] <= limit, good["requested_at"]).max()


def _reconciled(exports: Sequence[_Export], rows: pd.DataFrame) -> pd.DataFrame:
    facts = []
    for export in exports:
        own = rows[rows["file"] == export.name]
        kept = own[own["code"] == ""]
        days = kept["requested_at"].dt.normalize()
        facts.append(
            {
                "file": export.name, "shop": export.shop.shop,
                "dialect": dialect_of(export.shop, kind="returns").name, "sha256": export.sha256,
                "rows_in": len(own), "rows_kept": len(kept), "rows_rejected": len(own) - len(kept),
                "in_minor": 0, "kept_minor": 0, "rejected_minor": 0, "unreadable_rows": 0,
                "currency": export.shop.currency, "first_on": days.min(), "last_on": days.max(),
            }
        )  # fmt: skip
    return framed(Reconciliation, facts)


def _export_of(answer: Answer, shop: Shop) -> _Export:
    findings = [(code, facts) for code, facts in answer.facts["findings"]]
    facts = answer.facts
    return _Export(shop, facts["name"], facts["sha256"], answer.frames["rows"], findings)

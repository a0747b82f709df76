"""Reads a seller's order exports: every row ends as a kept line or a rejected row, counted.

Overlapping exports are settled here: the newest file speaks for an order. Rows in are rows kept
plus rows rejected, and so is the money, file by file, to the minor unit.
"""

from collections.abc import Collection, Sequence
from pathlib import Path
from stat import S_ISREG
from typing import Any, NamedTuple

import pandas as pd

from planner.errors import InputError
from planner.intake import confined
from planner.intake.balance import Export, balanced, framed
from planner.intake.confined import Answer, Task
from planner.intake.correction_files import (
    HEAD_BYTES,
    SOURCE,
    SOURCE_KEY,
    is_correction,
    read_corrections,
)
from planner.intake.dialects import dialect_of, dialects
from planner.intake.faults import judged
from planner.intake.files import MAX_BYTES, read_raw
from planner.intake.folders import File, listed_exports
from planner.intake.messages import OtherDialectError, names_told
from planner.intake.overlaps import NOT_LOST
from planner.seller import Policy, Seller, Shop
from planner.tables.intake import Findings
from planner.words import say

REASONS_TOLD = 3
LONGEST_ORDER_DAYS = 120  # from order to its last moment, returns and disputes included
TOLD_OF_A_ROW = (
    "row", "order_id", "sku", "units", "returned_units", "status", "returned_from", "kind",
    "is_demand", "channel", "source", "fulfilment", "ordered_at", "paid_at", "shipped_at",
    "cancelled_at", "ready_at", "delivered_at", "cancelled_by", "tracking", "gross_minor",
    "amount_minor", "code", "column", "value", "cells",
)  # fmt: skip
"""All that is kept of a row once its file is judged."""


class Intake(NamedTuple):
    """What the exports said, and what became of every row."""

    lines: pd.DataFrame
    """Keeps the contract OrderLines."""
    rejected: pd.DataFrame
    """Keeps the contract RejectedRows."""
    files: pd.DataFrame
    """Keeps the contract Reconciliation."""
    findings: pd.DataFrame
    """Keeps the contract Findings."""
    parcels: pd.DataFrame
    """Keeps the contract Parcels."""


def read_orders(folder: Path, seller: Seller, *, skus: Collection[str] | None = None) -> Intake:
    """Return every order line of a seller's exports, each row kept or rejected.

    Parameters
    ----------
    folder : Path
        The seller's folder: exports lie in ``orders/<shop>/``, or in ``orders/`` if there is
        one shop.
    seller : Seller
        Names shops, markets, currencies and the dialect of each shop's exports.
    skus : collection of str, optional
        The seller's SKUs; with them a line of any other SKU is rejected.

    Returns
    -------
    Intake
        Lines, rejected rows, reconciliation by file, findings, and the ways of orders.

    Raises
    ------
    InputError
        If there is no export, or a file cannot be used at all; all such files are told at once.

    Notes
    -----
    An order that stands in several files of a shop is taken from the file whose last known
    moment is the latest, of equal ones from the one that sorts last. Its other lines are
    rejected: E_DUPLICATE if they say the same, else E_SUPERSEDED.
    """
    files, others = listed_exports(folder / "orders", seller)
    if not files:
        raise InputError(
            f"no order export in {folder.name}/orders; put the CSV or XLSX files of Seller Center "
            "there; with several shops, one folder per shop"
        )
    remarks = [(name, code, "") for name, code in others]
    owners = {file.shop.shop: file.shop for file in files}
    idle = sorted({shop.shop for shop in seller.shops} - set(owners))
    remarks += [(f"orders/{name}", "W_NO_FILES", f"shop={name}") for name in idle]
    exports: list[Export] = []
    refused: list[InputError] = []
    for shop in owners.values():
        dialect_of(shop)  # refuses what no file can mend, before any is opened
        tasks = [_task(file, skus, seller) for file in files if file.shop == shop]
        for answer in confined.each("planner.intake.orders:read_confined", tasks):
            if isinstance(answer, InputError):
                refused.append(answer)
            elif isinstance(answer, Answer):
                exports.append(_export_of(answer, shop))
            else:
                raise answer
    if refused:
        raise InputError(_all_told(refused, len(files)))
    _refuse_one_file_for_two_shops(exports)
    return _intake(exports, remarks)


def read_confined(task: Task) -> Answer:
    """Return one file read and judged, in the form in which a child process tells it."""
    shop = Shop.model_validate(task["shop"])
    file = File(Path(task["path"]), task["name"], shop)
    export = _read(file, task["skus"], shops=task["shops"])
    facts = {
        "name": export.name,
        "sha256": export.sha256,
        "findings": export.findings,
        "last_at": "" if pd.isna(export.last_at) else export.last_at.isoformat(),
        "is_correction": export.is_correction,
    }
    return Answer({"rows": export.rows}, facts)


def warm_up() -> None:
    """Read what every child process needs, before there is one."""
    dialects()
    say("remedy.E_LIMIT", "en")


def refuse_if_too_much_lost(intake: Intake, policy: Policy) -> None:
    """Raise if more rows were lost than the policy bears.

    Raises
    ------
    InputError
        Says how many, the three commonest reasons with an example each, and the remedies.

    Notes
    -----
    Lost are rejected rows over rows in, apart from rows whose order is kept from another row.
    """
    lost = intake.rejected[~intake.rejected["code"].isin(NOT_LOST)]
    rows_in = int(intake.files["rows_in"].sum())
    if len(lost) <= policy.max_lost_ratio * rows_in:
        return
    reasons = lost["code"].value_counts().head(REASONS_TOLD)
    told = " ".join(
        f"({n}) {count} x {_example(lost[lost['code'] == code].iloc[0])}"
        for n, (code, count) in enumerate(reasons.items(), 1)
    )
    raise InputError(
        f"{len(lost)} of {rows_in} rows of the order exports cannot be used, "
        f"{len(lost) / rows_in:.1%}; the policy bears {policy.max_lost_ratio:.1%} "
        f"(max_lost_ratio). The commonest reasons: {told}"
    )


def _example(row: pd.Series) -> str:
    code = row["code"]
    value = f": {row['value']!r}" if row["value"] else ""
    place = f'{row["file"]}, row {row["row"]}, column "{row["column"]}"{value}'
    reason, remedy = (say(f"{kind}.{code}", "en") for kind in ("reject", "remedy"))
    return f"{reason}, for instance {place}. {remedy}. [{code}]"


def _task(file: File, skus: Collection[str] | None, seller: Seller) -> Task:
    return {
        "path": str(file.path),
        "name": file.name,
        "shop": file.shop.model_dump(mode="json"),
        "skus": None if skus is None else sorted(skus),
        "shops": [shop.shop for shop in seller.shops],
    }


def _export_of(answer: Answer, shop: Shop) -> Export:
    facts: dict[str, Any] = answer.facts
    findings = [(str(code), str(told)) for code, told in facts["findings"]]
    return Export(
        shop,
        str(facts["name"]),
        str(facts["sha256"]),
        answer.frames["rows"],
        findings,
        pd.Timestamp(facts["last_at"] or None),
        bool(facts["is_correction"]),
    )


def _read(
    file: File, skus: Collection[str] | None, *, shops: Collection[str] | None = None
) -> Export:
    dialect = dialect_of(file.shop)
    data = _bytes_of_correction(file.path)
    fixes = read_corrections(
        data, name=file.name, shop=file.shop, dialect=dialect, skus=skus, shops=shops
    )
    if fixes.rows is not None:  # else a buyer only wrote a word that corrections have
        told = [*TOLD_OF_A_ROW, *SOURCE, SOURCE_KEY, "texts"]
        rows = fixes.rows[told] if len(fixes.rows) else fixes.rows
        other = [("W_OTHER_SHOP", f"rows={fixes.foreign_rows}")] * bool(fixes.foreign_rows)
        return Export(file.shop, file.name, fixes.sha256, rows, other, pd.NaT, is_correction=True)
    raw = read_raw(file.path, dialect, name=file.name)
    rows, findings = judged(raw, shop=file.shop, dialect=dialect, skus=skus)
    kept, last_at = rows[list(TOLD_OF_A_ROW)], _last_known(rows)
    return Export(file.shop, raw.name, raw.sha256, kept, findings, last_at, is_correction=False)


def _last_known(rows: pd.DataFrame) -> pd.Timestamp:
    """Return the newest moment that the sound rows of an export tell.

    A moment long after the last order is a slip, and would make an old export the newest.
    """
    good = rows[rows["code"] == ""]
    limit = good["ordered_at"].max() + pd.Timedelta(days=LONGEST_ORDER_DAYS)
    return good["last_at"].where(good["last_at"] <= limit, good["ordered_at"]).max()


def _bytes_of_correction(path: Path) -> bytes:
    """Return what a file holds if it is a correction; nothing for anything else."""
    try:
        seen = path.lstat()
    except OSError:
        return b""
    if not S_ISREG(seen.st_mode) or seen.st_size > MAX_BYTES:
        return b""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        data = head + file.read() if head.startswith(b"PK") else head
        return data + file.read() if is_correction(data) else b""


def _all_told(refused: Sequence[InputError], count: int) -> str:
    """Return what is wrong with every file, files with one and the same advice together."""
    names: dict[str, list[str]] = {}
    for problem in refused:
        is_other = isinstance(problem, OtherDialectError)
        key = problem.advice if is_other else str(problem)
        names.setdefault(key, []).extend([problem.name] if is_other else [])
    texts = [f"{names_told(of)}: {key} [E_DIALECT]" if of else key for key, of in names.items()]
    if len(texts) == len(refused) == 1:
        return texts[0]
    if len(texts) == 1:
        return f"{len(refused)} of {count} order exports: {texts[0]}"
    told = "\n".join(f"- {text}" for text in texts)
    return f"{len(refused)} of {count} order exports cannot be used:\n{told}"


def _refuse_one_file_for_two_shops(exports: Sequence[Export]) -> None:
    owner: dict[str, Export] = {}
    for export in exports:
        if export.is_correction:  # one workbook may mend rows of several shops
            continue
        first = owner.setdefault(export.sha256, export)
        if first.shop != export.shop:
            raise InputError(
                f"{export.name}: the same file as {first.name}, given for two shops; keep it where "
                "it belongs"
            )


def _intake(exports: Sequence[Export], remarks: Sequence[tuple[str, str, str]]) -> Intake:
    by_shop: dict[str, list[Export]] = {}
    for export in exports:
        by_shop.setdefault(export.shop.shop, []).append(export)
    told = [
        *remarks,
        *((export.name, *finding) for export in exports for finding in export.findings),
    ]
    parts = []
    for own in by_shop.values():
        parts.append(balanced(own))
        told += parts[-1].findings
    rows = [dict(zip(("file", "code", "facts"), remark, strict=True)) for remark in told]
    lines, rejected, files, _, parcels = zip(*parts, strict=True)
    whole = [pd.concat(of, ignore_index=True) for of in (lines, rejected, files)]
    return Intake(*whole, framed(Findings, rows), pd.concat(parcels, ignore_index=True))

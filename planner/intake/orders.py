"""Reads a seller's order exports: every row ends as a kept line or a rejected row, counted.

Overlapping exports are settled here: the newest file speaks for an order. Rows in are rows kept
plus rows rejected, and so is the money, file by file, to the minor unit.
"""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from planner.errors import InputError
from planner.intake.contracts import did_you_mean
from planner.intake.dialects import dialect_of
from planner.intake.faults import judged
from planner.intake.files import OtherDialectError, names_told, printable, read_raw
from planner.intake.overlaps import ages_of, settled
from planner.seller import Policy, Seller, Shop
from planner.tables.contract import Table, checked, columns, empty
from planner.tables.intake import Findings, OrderLines, Reconciliation, RejectedRows
from planner.words import say

EXPORT_SUFFIXES = (".csv", ".tsv", ".txt", ".xls", ".xlsm", ".xlsx")
NOT_LOST = ("E_DUPLICATE", "E_SUPERSEDED")
"""Codes of rows that are rejected because their order is kept from another row."""
REASONS_TOLD = 3


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


class File(NamedTuple):
    """One file of a shop, and how messages call it."""

    path: Path
    name: str
    shop: Shop


class Remark(NamedTuple):
    """One row of Findings."""

    file: str
    code: str
    facts: str


class Export(NamedTuple):
    """One file read and judged."""

    shop: Shop
    name: str
    sha256: str
    rows: pd.DataFrame
    findings: list[tuple[str, str]]


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
        Lines, rejected rows, reconciliation by file, and findings.

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
    files = _files(folder / "orders", seller)
    exports = [file for file in files if file.path.suffix.lower() in EXPORT_SUFFIXES]
    kept: list[Export] = []
    refused: list[InputError] = []
    for file in exports:
        try:
            kept.append(_read(file, skus))
        except InputError as problem:
            refused.append(problem)
    if refused:
        raise InputError(_all_told(refused, len(refused) + len(kept)))
    if not kept:
        raise InputError(
            f"no order export in {folder.name}/orders; put the CSV or XLSX files of Seller Center "
            "there; with several shops, one folder per shop"
        )
    _refuse_one_file_for_two_shops(kept)
    ignored = [Remark(file.name, "W_IGNORED_FILE", "") for file in files if file not in exports]
    idle = {shop.shop for shop in seller.shops} - {export.shop.shop for export in kept}
    idle_shops = [Remark(f"orders/{name}", "W_NO_FILES", f"shop={name}") for name in sorted(idle)]
    return _intake(kept, [*ignored, *idle_shops])


def read_export(path: Path, shop: Shop, *, skus: Collection[str] | None = None) -> Intake:
    """Return the order lines of one export file of one shop.

    Raises
    ------
    InputError
        If the file cannot be used at all.
    """
    return _intake([_read(File(path, path.name, shop), skus)], [])


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


def _files(orders: Path, seller: Seller) -> list[File]:
    """Return every file below the folder of exports with the shop it belongs to."""
    shops = {shop.shop: shop for shop in seller.shops}
    found = _listed(orders) if orders.is_dir() else []
    files: list[File] = []
    for path in found:
        if not path.is_dir():
            if len(shops) > 1:
                raise InputError(
                    f"orders/{printable(path.name)}: the seller has {len(shops)} shops; put the "
                    f"file into the folder of its shop: {', '.join(f'orders/{s}' for s in shops)}"
                )
            files.append(File(path, printable(path.name), seller.shops[0]))
        elif path.name not in shops:
            raise InputError(
                f"orders/{printable(path.name)}: no shop of that name in seller.yml"
                f"{did_you_mean(path.name, shops)}; rename the folder or add the shop"
            )
        else:
            names = ((inner, printable(f"{path.name}/{inner.name}")) for inner in _listed(path))
            files += [File(inner, name, shops[path.name]) for inner, name in names]
    return files


def _listed(folder: Path) -> list[Path]:
    files = [path for path in folder.iterdir() if not path.name.startswith((".", "~$"))]
    return sorted(files, key=lambda path: (path.stem, path.suffix))


def _read(file: File, skus: Collection[str] | None) -> Export:
    dialect = dialect_of(file.shop)
    raw = read_raw(file.path, dialect, name=file.name)
    verdicts = judged(raw, shop=file.shop, dialect=dialect, skus=skus)
    return Export(file.shop, raw.name, raw.sha256, verdicts.rows, verdicts.findings)


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
        first = owner.setdefault(export.sha256, export)
        if first.shop != export.shop:
            raise InputError(
                f"{export.name}: the same file as {first.name}, given for two shops; keep it where "
                "it belongs"
            )


def _intake(exports: Sequence[Export], remarks: Sequence[Remark]) -> Intake:
    parts = [
        _rows_of_a_shop([export for export in exports if export.shop == shop])
        for shop in dict.fromkeys(export.shop for export in exports)
    ]
    rows = pd.concat(parts, ignore_index=True)
    is_kept = rows["code"] == ""
    lines = rows.loc[is_kept, columns(OrderLines)].astype(
        {name: "int64" for name in ("units", "returned_units", "gross_minor", "amount_minor")}
    )
    rejected = rows.loc[~is_kept, columns(RejectedRows)]
    told = [Remark(export.name, *finding) for export in exports for finding in export.findings]
    return Intake(
        checked(OrderLines, lines),
        checked(RejectedRows, rejected),
        _reconciled(exports, lines, rejected, rows),
        _framed(Findings, [remark._asdict() for remark in (*remarks, *told)]),
    )


def _rows_of_a_shop(exports: Sequence[Export]) -> pd.DataFrame:
    """Return the rows of one shop's files, every order spoken for by its newest file alone."""
    shop = exports[0].shop
    ages = ages_of([(export.rows["last_at"].max(), export.name) for export in exports])
    parts = [
        export.rows.assign(file=export.name, age=age)
        for export, age in zip(exports, ages, strict=True)
    ]
    rows = pd.concat(parts, ignore_index=True)
    rows = rows.assign(shop=shop.shop, market=shop.market, currency=shop.currency)
    return settled(rows, id_header=dialect_of(shop).header_of("order_id"))


def _reconciled(
    exports: Sequence[Export], lines: pd.DataFrame, rejected: pd.DataFrame, rows: pd.DataFrame
) -> pd.DataFrame:
    facts = []
    for export in exports:
        kept = lines[lines["file"] == export.name]
        out = rejected[rejected["file"] == export.name]
        facts.append(
            {
                "file": export.name,
                "shop": export.shop.shop,
                "dialect": export.shop.dialect,
                "sha256": export.sha256,
                "rows_in": len(export.rows),
                "rows_kept": len(kept),
                "rows_rejected": len(out),
                "in_minor": int(export.rows["amount_minor"].sum()),
                "kept_minor": int(kept["amount_minor"].sum()),
                "rejected_minor": int(out["amount_minor"].sum()),
                "unreadable_rows": int(out["amount_minor"].isna().sum()),
                "currency": export.shop.currency,
                "first_on": kept["ordered_at"].dt.normalize().min(),
                "last_on": kept["ordered_at"].dt.normalize().max(),
            }
        )
    return _framed(Reconciliation, facts)


def _framed(table: type[Table], facts: Sequence[dict[str, object]]) -> pd.DataFrame:
    if not facts:
        return empty(table)
    kinds = empty(table).dtypes.to_dict()
    return checked(table, pd.DataFrame(list(facts)).astype(kinds))

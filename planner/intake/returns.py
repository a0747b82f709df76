"""Reads return and refund exports, and puts what came back beside the order lines.

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
from planner.intake.owned_files import OwnedFile, owned_files
from planner.intake.return_rows import judged_returns
from planner.seller import Seller, Shop
from planner.tables.contract import checked, columns, empty
from planner.tables.intake import Findings, OrderLines, Reconciliation, RejectedRows, ReturnLines

GOODS_BACK = ("return", "exchange")
"""Kinds of returns in which goods come back; a refund alone leaves them with the buyer."""
LINE = ["shop", "order_id", "sku"]
SAME_RETURN = ["return_id", "order_id", "sku", "units", "kind", "state", "requested_at"]
LONGEST_RETURN_DAYS = 120  # from the request to the refund, disputes included
QUIET_DAYS = 3  # without a request between two files that are still one span


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
    tasks = [_task(file, shops[file.owner], skus) for file in files]
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


def with_returns(lines: pd.DataFrame, returns: pd.DataFrame) -> pd.DataFrame:
    """Return the order lines with the units that came back, from the return exports first.

    Parameters
    ----------
    lines : DataFrame
        Keeps the contract OrderLines.
    returns : DataFrame
        Keeps the contract ReturnLines.

    Returns
    -------
    DataFrame
        Keeps the contract OrderLines. `returned_from` is ``returns`` for a line whose day the
        shop's return exports cover, or whose order they name; elsewhere the order's own column
        stands, marked ``orders`` where it has a number. So it does where a return names the
        order and a SKU that it does not have: what came back then is in doubt, and not nothing.

    Notes
    -----
    Units back are those of returns and exchanges that were not refused; a refund alone brings
    none back. They fill the lines of an order and SKU in turn, none beyond its units. The
    exports cover the days from a shop's first request to its last, without holes between files.
    """
    own = lines["returned_units"] > 0
    source = pd.Series(np.where(own, "orders", ""), index=lines.index, dtype="str")
    if returns.empty or lines.empty:
        return checked(OrderLines, lines.assign(returned_from=source))
    asked = _asked(returns)
    total = lines[LINE].merge(asked, on=LINE, how="left")["units"].fillna(0).to_numpy()
    before = (lines.groupby(LINE)["units"].cumsum() - lines["units"]).to_numpy()
    units_back = np.clip(total - before, 0, lines["units"].to_numpy()).astype("int64")
    named = lines[LINE].merge(returns[LINE].drop_duplicates().assign(is_named=True), how="left")
    is_named = named["is_named"].notna().to_numpy()
    is_covered = _is_covered(lines, returns)
    column = lines["returned_units"].to_numpy()
    is_in_doubt = _is_in_doubt(lines, asked)
    rests_on_column = is_in_doubt & (column > units_back)
    counted = np.where(is_covered & ~is_in_doubt, units_back, np.maximum(units_back, column))
    is_told = (is_covered | is_named) & ~rests_on_column
    source[is_told] = "returns"
    took = np.where(is_told | rests_on_column, counted, column)
    return checked(OrderLines, lines.assign(returned_units=took, returned_from=source))


def findings_of_returns(lines: pd.DataFrame, returns: pd.DataFrame, seller: Seller) -> pd.DataFrame:
    """Return what is to be said of the source of returns, shop by shop.

    Parameters
    ----------
    lines : DataFrame
        As `with_returns` gives them.
    returns : DataFrame
        Keeps the contract ReturnLines.
    seller : Seller
        Names the shops.

    Returns
    -------
    DataFrame
        Keeps the contract Findings: W_RETURNS_FALLBACK for a shop some of whose lines rest on
        the orders' own column, a lower bound; W_RETURNS_NO_ORDER for returns whose order and
        SKU stand in no export; W_RETURNS_TOO_MANY for order lines of which more was asked back
        than was ordered.
    """
    facts = []
    over = _asked_too_much(lines, returns)
    for shop in seller.shops:
        own = lines[lines["shop"] == shop.shop]
        fallen = int((own["returned_from"] != "returns").sum())
        if fallen:
            share = f"shop={shop.shop}|rows={fallen}|all={len(own)}"
            facts.append((f"returns/{shop.shop}", "W_RETURNS_FALLBACK", share))
        told = returns[returns["shop"] == shop.shop]
        lost = int((~_is_of(told, own)).sum())
        if lost:
            found = f"shop={shop.shop}|rows={lost}|all={len(told)}"
            facts.append((f"returns/{shop.shop}", "W_RETURNS_NO_ORDER", found))
        much = over[over["shop"] == shop.shop]
        if len(much):
            first = much.iloc[0]
            found = f"shop={shop.shop}|rows={len(much)}|sku={first['sku']}"
            found += f"|asked={first['units']}|ordered={first['ordered']}"
            facts.append((f"returns/{shop.shop}", "W_RETURNS_TOO_MANY", found))
    return framed(Findings, [dict(zip(columns(Findings), fact, strict=True)) for fact in facts])


def goods_back(returns: pd.DataFrame) -> pd.DataFrame:
    """Return the lines of returns in which goods come back: no mere refund, none refused."""
    return returns[returns["kind"].isin(GOODS_BACK) & (returns["state"] != "refused")]


def return_lags(lines: pd.DataFrame, returns: pd.DataFrame) -> pd.DataFrame:
    """Return how many days after the order goods were asked back, shop by shop.

    Returns
    -------
    DataFrame, shape (n_shops, 4)
        `shop`, `returns` (requests whose order is known), `median_days` and `p90_days` [days].
    """
    ordered = lines.groupby(["shop", "order_id"], as_index=False)["ordered_at"].min()
    asked = goods_back(returns)
    both = asked[["shop", "order_id", "requested_at"]].merge(ordered, on=["shop", "order_id"])
    waited = (both["requested_at"] - both["ordered_at"]) / pd.Timedelta(1, unit="D")
    days = both.assign(days=waited.clip(lower=0)).groupby("shop")["days"]
    return pd.DataFrame(
        {
            "returns": days.count(),
            "median_days": days.quantile(0.5),
            "p90_days": days.quantile(0.9),
        }
    ).reset_index()


def _asked(returns: pd.DataFrame) -> pd.DataFrame:
    """Return the units asked back by shop, order and SKU, of requests that were not refused."""
    back = goods_back(returns)
    return back.groupby(LINE, as_index=False)["units"].sum()


def _asked_too_much(lines: pd.DataFrame, returns: pd.DataFrame) -> pd.DataFrame:
    near = lines[lines["order_id"].isin(returns["order_id"])]
    ordered = near.groupby(LINE, as_index=False)["units"].sum()
    both = _asked(returns).merge(ordered.rename(columns={"units": "ordered"}), on=LINE)
    return both[both["units"] > both["ordered"]]


def _is_in_doubt(lines: pd.DataFrame, asked: pd.DataFrame) -> np.ndarray:
    """Return the lines of orders of which an SKU was asked back that they do not have."""
    strange = asked[~_is_of(asked, lines)]
    found = lines["order_id"].isin(strange["order_id"]).to_numpy(copy=True)
    found[found] = _places(lines[found], LINE[:2]).isin(_places(strange, LINE[:2]))
    return found


def _is_of(returns: pd.DataFrame, lines: pd.DataFrame) -> np.ndarray:
    """Return which rows name a shop, order and SKU of the order lines."""
    near = lines[lines["order_id"].isin(returns["order_id"])]
    return _places(returns, LINE).isin(_places(near, LINE))


def _places(rows: pd.DataFrame, names: Sequence[str]) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[list(names)])


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


def _is_covered(lines: pd.DataFrame, returns: pd.DataFrame) -> np.ndarray:
    """Return which lines were ordered on days that their shop's return exports cover."""
    covered = np.zeros(len(lines), dtype=bool)
    day = lines["ordered_at"].dt.normalize()
    for shop, told in returns.groupby("shop"):
        own = (lines["shop"] == shop).to_numpy()
        for first, last in _spans(told):
            covered |= own & ((day >= first) & (day <= last)).to_numpy()
    return covered


def _spans(told: pd.DataFrame) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Return the runs of days that a shop's files cover, those that nearly touch as one.

    Files nearly touch if the days between them are no more than the longest quiet run in one.
    """
    day = told["requested_at"].dt.normalize()
    days = told.assign(day=day).drop_duplicates(["file", "day"]).sort_values("day")
    quiet = days.groupby("file")["day"].diff().dt.days.max()
    bridge = max(QUIET_DAYS, 0 if pd.isna(quiet) else int(quiet)) + 1
    spans: list[tuple[pd.Timestamp, pd.Timestamp]] = []
    edges = days.groupby("file")["day"].agg(["min", "max"]).sort_values("min")
    for first, last in edges.itertuples(index=False):
        if spans and (first - spans[-1][1]).days <= bridge:
            spans[-1] = (spans[-1][0], max(spans[-1][1], last))
        else:
            spans.append((first, last))
    return spans


def _task(file: OwnedFile, shop: Shop, skus: Collection[str] | None) -> Task:
    return {
        "path": str(file.path),
        "name": file.name,
        "shop": shop.model_dump(mode="json"),
        "skus": None if skus is None else sorted(skus),
    }


def _export_of(answer: Answer, shop: Shop) -> _Export:
    findings = [(code, facts) for code, facts in answer.facts["findings"]]
    facts = answer.facts
    return _Export(shop, facts["name"], facts["sha256"], answer.frames["rows"], findings)

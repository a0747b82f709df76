"""Settles overlapping exports of one shop: of an order's versions, the newest file's counts.

Older versions are never dropped without a word: they are marked, as a repetition if they say
the same, else as superseded. A line that the newest file holds damaged is taken from an older
one.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

SAME_LINE = (
    "order_id", "sku", "units", "returned_units", "status", "ordered_at", "gross_minor",
    "amount_minor",
)  # fmt: skip
"""What two rows have in common that say the same."""
NOT_LOST = ("E_DUPLICATE", "E_SUPERSEDED", "E_CORRECTED", "E_REPEATED_HEADER")
"""Codes of rows without loss: their order is kept, or judged, from another row, or is none."""
SAME_STATE = ("status", "ordered_at", "paid_at", "shipped_at", "cancelled_at")
"""What the lines of an order have in common at one moment."""
SKU_UNREAD = ("E_SKU", "E_CONTROL_CHAR", "E_ENCODING")
"""Codes of rows whose SKU may be any."""
MIX = np.uint64(0x9E3779B97F4A7C15)  # odd, so that no two values of 64 bits become one
SHIFT = np.uint64(31)


class Seam(NamedTuple):
    """An order with which one file ends and another begins."""

    order_id: str
    ages: tuple[int, int]


def ages_of(files: Sequence[tuple[pd.Timestamp, str]]) -> list[int]:
    """Return the rank of each file by age, the newest highest.

    Parameters
    ----------
    files : sequence of (Timestamp, str)
        The last moment that a file knows of, and its name.

    Notes
    -----
    An export cannot know a moment before it has come, so the last moment is the earliest that
    the export can have been made. Of equal ones the name that sorts last counts, so that
    ``orders (1).csv`` is newer than ``orders.csv``.

    Examples
    --------
    >>> day = pd.Timestamp("2025-11-01")
    >>> ages_of([(day, "orders.csv"), (day, "orders (1).csv"), (pd.NaT, "z.csv")])
    [1, 2, 0]
    """
    keys = [
        (pd.Timestamp.min if pd.isna(last) else last, name.rpartition(".")[0] or name, n)
        for n, (last, name) in enumerate(files)
    ]
    rank = {key: place for place, key in enumerate(sorted(keys))}
    return [rank[key] for key in keys]


def seams(files: Sequence[tuple[int, pd.Series]]) -> list[Seam]:
    """Return the orders that may be split over two files of one export.

    Parameters
    ----------
    files : sequence of (int, Series)
        Rank of a file by age, and the ids of its orders in the order of its rows.

    Examples
    --------
    >>> seams([(0, pd.Series(["1", "2"])), (1, pd.Series(["2", "3"]))])
    [Seam(order_id='2', ages=(0, 1))]
    """
    firsts: dict[str, list[int]] = {}
    lasts: list[tuple[str, int]] = []
    for age, ids in files:
        named = ids[ids != ""]
        if len(named):
            firsts.setdefault(named.iloc[0], []).append(age)
            lasts.append((named.iloc[-1], age))
    return [
        Seam(order, (min(age, other), max(age, other)))
        for order, age in lasts
        for other in firsts.get(order, [])
        if other != age
    ]


def joined(rows: pd.DataFrame, split: Sequence[Seam]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows in which an order that a seam splits has one age, and those of it that disagree.

    Parameters
    ----------
    rows : DataFrame
        As `settled` takes them, with the columns SAME_STATE.
    split : sequence of Seam

    Returns
    -------
    tuple of DataFrame
        All rows; and the older rows of orders whose files hold different lines of it, but not
        the same status and moments: whether they are parts or versions cannot be told.

    Notes
    -----
    An order of which one line stands in both files is an overlap, and settled as any.
    """
    if not split:
        return rows, rows.head(0)
    of_order = rows[rows["order_id"].isin({seam.order_id for seam in split})]
    of_order = of_order[~of_order["code"].isin(NOT_LOST)]
    age, unsure = rows["age"].copy(), []
    for seam in split:
        own = of_order[of_order["order_id"] == seam.order_id]
        older, newer = (own[own["age"] == one] for one in seam.ages)
        if older.empty or newer.empty or set(older["sku"]) & set(newer["sku"]):
            continue
        good = pd.concat([older, newer])
        good = good.loc[good["code"] == "", list(SAME_STATE)]
        if len(good.drop_duplicates()) <= 1:
            age[older.index] = seam.ages[1]
        else:
            unsure.append(older.index)
    doubtful = [place for index in unsure for place in index]
    return rows.assign(age=age), rows.loc[doubtful]


def settled(rows: pd.DataFrame, *, id_header: str) -> pd.DataFrame:
    """Return the rows of one shop with older versions of an order marked.

    Parameters
    ----------
    rows : DataFrame
        Rows of all files, with `code` (empty for a good line), `column`, `value` and `age`,
        the rank of the file.
    id_header : str
        What messages call the column of the order's id.

    Returns
    -------
    DataFrame
        The same rows and `mended`. A good line whose order a newer file holds bears E_DUPLICATE
        if a line of that file says the same, else E_SUPERSEDED.

    Notes
    -----
    The newest file with a good line of an order speaks for it, whole. If that file, or a newer
    one, holds a line of the order damaged, and an older one holds it sound, the sound line stays
    beside the newest ones: `mended` of the damaged row is W_COMPLETED. Which older line it is,
    its SKU tells; without a readable SKU, that the older file has as many lines more as the
    newest has damaged ones. Where neither tells, or the order has been cancelled since, nothing
    is taken and `mended` is W_INCOMPLETE.
    """
    order = pd.factorize(rows["order_id"])[0]
    age = rows["age"].to_numpy()
    is_good = (rows["code"] == "").to_numpy()
    newest = _latest(order, age, is_good)
    is_older = is_good & (age < newest[order])
    mended = np.full(len(rows), "", dtype=object)
    is_damaged = ~is_good & ~rows["code"].isin(NOT_LOST).to_numpy() & (newest[order] >= 0)
    mended[is_damaged & (age > newest[order])] = "W_COMPLETED"  # the version is damaged whole
    partly = np.zeros(len(newest), dtype=bool)
    partly[order[is_damaged & (age == newest[order])]] = True
    before = _latest(order, age, is_older)
    in_play = np.flatnonzero((partly & (before >= 0))[order])
    if len(in_play):
        group = rows.iloc[in_play].assign(order=order[in_play], place=in_play)
        group["part"] = np.select(
            [
                is_good[in_play] & (age == newest[order])[in_play],
                is_older[in_play] & (age == before[order])[in_play],
                is_damaged[in_play] & (age == newest[order])[in_play],
            ],
            ["new", "old", "damaged"],
            "",
        )
        taken, told = _completed(group[group["part"] != ""])
        is_older[taken] = False
        mended[told.index] = told.to_numpy()
    marked = rows.assign(mended=pd.Series(mended, index=rows.index, dtype="str"))
    gone = np.flatnonzero(is_older)
    if not len(gone):
        return marked
    lines = _line_keys(rows, order)
    is_same = np.isin(lines[gone], lines[is_good & (age == newest[order])])
    said = {"code": np.where(is_same, "E_DUPLICATE", "E_SUPERSEDED"), "column": id_header}
    for name, texts in {**said, "value": rows["order_id"].to_numpy(dtype=object)[gone]}.items():
        column = rows[name].to_numpy(dtype=object).copy()
        column[gone] = texts
        marked[name] = pd.Series(column, index=rows.index, dtype="str")
    return marked


def completions(rows: pd.DataFrame, *, by: str = "file") -> Iterator[tuple[Any, str, str]]:
    """Yield file, code and facts of orders that the newest export holds only in part.

    Parameters
    ----------
    rows : DataFrame
        As `settled` returns them.
    by : str
        Column that tells the files apart.
    """
    told = rows[rows["mended"] != ""]
    for (file, code), group in told.groupby([by, "mended"]):
        yield file, str(code), f"rows={len(group)}|orders={group['order_id'].nunique()}"


def _latest(order: np.ndarray, age: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return by order the newest age among some rows, -1 if it has none of them."""
    latest = np.full(int(order.max(initial=-1)) + 1, -1)
    np.maximum.at(latest, order[mask], age[mask])
    return latest


def _completed(group: pd.DataFrame) -> tuple[np.ndarray, pd.Series]:
    """Return the places of older lines that stay, and by place what damaged rows are told.

    Takes orders of which the newest version (`part` new) has damaged rows, with the newest
    version before it (`part` old).
    """
    pair = ["order", "sku"]
    is_unread = group["code"].isin(SKU_UNREAD) | (group["sku"] == "")
    part = group["part"].mask((group["part"] == "damaged") & is_unread, "unread")
    group = group.assign(part=part, is_live=group["status"] != "cancelled")
    for name in ("new", "old", "damaged"):
        is_part = group["part"] == name
        group[f"n_{name}"] = is_part.groupby([group[key] for key in pair]).transform("sum")
    by_order = group["order"]
    is_new = group["part"] == "new"
    is_live = (is_new & group["is_live"]).groupby(by_order).transform("any")
    is_spare = (group["part"] == "old") & (group["n_new"] == 0)
    is_named = is_spare & (group["n_damaged"] > 0)
    n_left = (is_spare & ~is_named).groupby(by_order).transform("sum")
    n_unread = (group["part"] == "unread").groupby(by_order).transform("sum")
    fits = (n_left == n_unread) & (n_left > 0)
    may_stay = is_live | ~group["is_live"]
    is_taken = (is_named | (is_spare & fits)) & may_stay
    refused = ((is_named | (is_spare & fits)) & ~may_stay).groupby(by_order).transform("any")
    is_damaged = group["part"] == "damaged"
    found = is_damaged & (group["n_new"] == 0) & (group["n_old"] > 0)
    unsure = is_damaged & (group["n_new"] > 0) & (group["n_old"] > group["n_new"])
    found |= (group["part"] == "unread") & fits
    unsure |= ((group["part"] == "unread") & ~fits & (n_left > 0)) | (found & refused)
    told = pd.Series(np.select([unsure, found], ["W_INCOMPLETE", "W_COMPLETED"], ""))
    told.index = pd.Index(group["place"])
    return group.loc[is_taken, "place"].to_numpy(), told[told != ""]


def _line_keys(rows: pd.DataFrame, order: np.ndarray) -> np.ndarray:
    """Return one number of 64 bits for what a row says; two rows that differ share none."""
    key = np.zeros(len(rows), dtype=np.uint64)
    for name in SAME_LINE:
        column = rows[name]
        if name == "order_id":
            codes = order
        elif isinstance(column.dtype, pd.StringDtype):
            codes = pd.factorize(column)[0]
        elif name.endswith("_at"):
            codes = column.to_numpy().astype("datetime64[us]").astype("int64")
        else:
            codes = column.to_numpy(dtype="int64", na_value=-1)
        key = (key ^ codes.astype(np.uint64)) * MIX
        key ^= key >> SHIFT
    return key

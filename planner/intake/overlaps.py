"""Settles overlapping exports of one shop: of an order's versions, the newest file's counts.

Older versions are never dropped without a word: they are marked, as a repetition if they say
the same, else as superseded.
"""

from collections.abc import Sequence

import pandas as pd

SAME_LINE = (
    "order_id", "sku", "units", "returned_units", "status", "ordered_at", "gross_minor",
    "amount_minor",
)  # fmt: skip
"""What two rows have in common that say the same."""


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
    order = sorted(keys)
    return [order.index(key) for key in keys]


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
        The same rows; a good line whose order a newer file holds bears E_DUPLICATE if a line
        of that file says the same, else E_SUPERSEDED.
    """
    good = rows[rows["code"] == ""]
    newest = good.groupby("order_id")["age"].transform("max")
    older = good[good["age"] < newest]
    if older.empty:
        return rows
    same = list(SAME_LINE)
    lasting = good.loc[good["age"] == newest, same].drop_duplicates()
    pairs = older[same].merge(lasting, on=same, how="left", indicator=True)
    codes = pairs["_merge"].eq("both").map({True: "E_DUPLICATE", False: "E_SUPERSEDED"})
    marked = rows.copy()
    marked.loc[older.index, "code"] = codes.to_numpy()
    marked.loc[older.index, "column"] = id_header
    marked.loc[older.index, "value"] = older["order_id"]
    return marked

"""Daily sales out of a plain file at once, or nothing where the file is not wholly plain.

Knows what a plain file looks like: UTF-8, ISO days, numbers as numbers, one row per SKU and
day. Whatever is not, is left to the strict reader, which names each cell that is wrong.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

NEEDED = ("sku", "date", "units")
NUMBERS = ("units", "price", "discount_rate")
WORDS = ("sku", "in_stock", "category", "market")
DAY = r"^\d{4}-\d{2}-\d{2}$"
PLAIN_STOCK = ("0", "1")


def read_plain_sales(path: Path) -> pd.DataFrame | None:
    """Return daily sales of a wholly plain CSV, None for any other file.

    Returns
    -------
    DataFrame or None
        sku, date, units and those of in_stock, price, discount_rate, category and market that the
        file has. Equal to what the strict reader makes of the same file.
    """
    try:
        raw = path.read_bytes()
        header = raw.split(b"\n", 1)[0].decode("ascii").strip("\r")
    except (OSError, UnicodeDecodeError):
        return None
    names = [name.removeprefix('"').removesuffix('"') for name in header.split(",")]
    known = {*NEEDED, *NUMBERS, *WORDS}
    if len(set(names)) < len(names) or not set(NEEDED) <= set(names) <= known:
        return None
    try:
        table = csv.read_csv(
            pa.py_buffer(raw),
            convert_options=csv.ConvertOptions(
                column_types={name: pa.float64() if name in NUMBERS else pa.string()
                              for name in names},
                strings_can_be_null=False,
                null_values=[],
            ),
        )  # fmt: skip
    except pa.ArrowInvalid:
        return None
    return _frame_of(table) if _is_plain(table) else None


def _is_plain(table: pa.Table) -> bool:
    if not table.num_rows:
        return False
    skus, days = (pc.unique(table[name]) for name in ("sku", "date"))
    trimmed = pc.utf8_trim_whitespace(skus)
    if pc.any(pc.or_(pc.not_equal(skus, trimmed), pc.equal(skus, ""))).as_py():
        return False
    for name in set(WORDS) & set(table.column_names):  # a stray quotation mark swallows rows
        if pc.any(pc.match_substring_regex(pc.unique(table[name]), '["\n\r]')).as_py():
            return False
    if not pc.all(pc.match_substring_regex(days, DAY)).as_py():
        return False
    if pd.to_datetime(days.to_pandas(), format="%Y-%m-%d", errors="coerce").isna().any():
        return False
    if "in_stock" in table.column_names:
        words = pc.unique(table["in_stock"]).to_pylist()
        if not set(words) <= set(PLAIN_STOCK):
            return False
    most = {"discount_rate": 1.0}
    for name in set(NUMBERS) & set(table.column_names):
        values = table[name].to_numpy()
        if not (np.isfinite(values) & (values >= 0) & (values <= most.get(name, np.inf))).all():
            return False
    cell = [table[name].combine_chunks().dictionary_encode().indices for name in ("sku", "date")]
    codes = cell[0].to_numpy().astype(np.int64) * len(days) + cell[1].to_numpy()
    return len(np.unique(codes)) == len(codes)


def _frame_of(table: pa.Table) -> pd.DataFrame:
    columns = {
        name: table[name].to_numpy() if name in NUMBERS else table[name].to_pandas().astype("str")
        for name in table.column_names
    }
    days = pd.Series(columns["date"])
    codes, values = pd.factorize(days)
    columns["date"] = pd.to_datetime(pd.Series(values), format="%Y-%m-%d").to_numpy()[codes]
    return pd.DataFrame(columns)

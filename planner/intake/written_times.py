"""Moments as exports write them: read by declared formats, missing where none fits wholly.

Knows formats of days and hours; knows no platform, and no clock of a market.
"""

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa

from planner.intake.cells import arrow_texts

DIRECTIVES = {
    "%d": "[0-9]{1,2}", "%m": "[0-9]{1,2}", "%Y": "[0-9]{4}", "%H": "[0-9]{1,2}",
    "%I": "[0-9]{1,2}", "%M": "[0-9]{2}", "%S": "[0-9]{2}", "%p": "(?:AM|PM)",
    "%b": "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)",
}  # fmt: skip
WIDTHS = {"%Y": 4, **dict.fromkeys(("%d", "%m", "%H", "%I", "%M", "%S", "%p"), 2)}
"""Signs of a directive that is filled to its width."""
FIRST_YEAR = 1700  # earlier ones are nobody's order and go the long way


def times(texts: pd.Series, formats: Sequence[str]) -> pd.Series:
    """Return moments by the first declared format that fits wholly, NaT where none does.

    Examples
    --------
    >>> days = times(pd.Series(["30/02/2026 10:00", "29/02/2024 10:00"]), ["%d/%m/%Y %H:%M"])
    >>> days.isna().tolist()
    [True, False]
    """
    found = np.full(len(texts), np.datetime64("NaT", "us"))
    arrow = arrow_texts(texts).combine_chunks()
    for form in formats:
        fresh = _padded_times(arrow, form)
        found = np.where(np.isnat(found), fresh, found)
        rest = np.isnat(found) & (pa.compute.binary_length(arrow).to_numpy() > 0)
        if rest.any():
            others = texts[rest]
            others = others[others.str.fullmatch(_pattern(form))]
            read = pd.to_datetime(others, format=form, errors="coerce").astype("datetime64[us]")
            found[rest] = read.reindex(texts.index[rest]).to_numpy()
    return pd.Series(found, index=texts.index)


def _padded_times(texts: pa.Array, form: str) -> np.ndarray:
    """Return moments of texts that fill a format with all its digits; of any other NaT.

    A table of digits instead of one text after the other: exports write one width throughout.
    """
    parts = re.findall("%[a-zA-Z]|.", form)
    found = np.full(len(texts), np.datetime64("NaT", "us"))
    directives = [part for part in parts if len(part) == 2]
    if not {"%d", "%m", "%Y"} <= set(directives) <= set(WIDTHS):
        return found
    width = sum(WIDTHS.get(part, 1) for part in parts)
    is_wide = (pa.compute.binary_length(texts).to_numpy() == width).nonzero()[0]
    if not len(is_wide) or not form.isascii():
        return found
    wide = texts.take(pa.array(is_wide))
    signs = np.frombuffer(wide.buffers()[2], dtype=np.uint8)[: width * len(is_wide)]
    signs = signs.reshape(-1, width)
    fits = np.ones(len(is_wide), dtype=bool)
    values: dict[str, np.ndarray] = {}
    place = 0
    for part in parts:
        block = signs[:, place : place + WIDTHS.get(part, 1)]
        place += block.shape[1]
        if part == "%p":
            fits &= ((block[:, 0] == ord("A")) | (block[:, 0] == ord("P"))) & (
                block[:, 1] == ord("M")
            )
            values[part] = (block[:, 0] == ord("P")) * 12
        elif part in WIDTHS:
            digits = block - np.uint8(ord("0"))
            fits &= (digits < 10).all(axis=1)
            values[part] = digits @ 10 ** np.arange(block.shape[1] - 1, -1, -1)
        else:
            fits &= block[:, 0] == ord(part)
    moments = _assembled(values)
    found[is_wide] = np.where(fits, moments, np.datetime64("NaT", "us"))
    return found


def _assembled(values: dict[str, np.ndarray]) -> np.ndarray:
    """Return moments of the numbers behind directives, NaT where a number is out of range."""
    zero = np.zeros_like(values["%d"])
    day, minute, second = values["%d"], values.get("%M", zero), values.get("%S", zero)
    months = (values["%Y"] - 1970) * 12 + values["%m"] - 1
    month = months.astype("datetime64[M]")
    length = ((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype("int64")
    is_right = (values["%m"] >= 1) & (values["%m"] <= 12) & (day >= 1) & (day <= length)
    is_right &= (values["%Y"] >= FIRST_YEAR) & (minute < 60) & (second < 60)
    if "%I" in values:
        is_right &= (values["%I"] >= 1) & (values["%I"] <= 12)
        hour = values["%I"] % 12 + values.get("%p", zero)
    else:
        hour = values.get("%H", zero)
    is_right &= hour < 24
    seconds = ((day - 1) * 24 + hour) * 3_600 + minute * 60 + second
    moments = month.astype("datetime64[us]") + (seconds * 1_000_000).astype("timedelta64[us]")
    return np.where(is_right, moments, np.datetime64("NaT", "us"))


@cache
def _pattern(form: str) -> str:
    parts = re.split("(%[a-zA-Z])", form)
    return "".join(DIRECTIVES.get(part, re.escape(part)) for part in parts)

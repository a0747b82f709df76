"""Reads the cells of exports: each distinct text once, by a pattern before any number.

Knows how ids, units, money and moments are written; knows no platform. What cannot be read
comes back as missing, never as a guess.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

MAX_UNITS = 100_000  # of one SKU in one order line; more is a slip of the pen
ZERO_WIDTH = ("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff")
BLANKS = " \t\r\n\v\f\u00a0\u1680\u2000\u2001\u2002\u2003\u2009\u200a\u202f\u3000" + "".join(
    ZERO_WIDTH
)
INVISIBLE = re.compile(f"[{''.join(ZERO_WIDTH)}]")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
CONTROL_BYTES = re.compile(
    rb"[\x00-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xaa-\xae]|\xe2\x81[\xa6-\xa9]"
)
"""The same signs in UTF-8."""
TEXT = pd.StringDtype("pyarrow", na_value=np.nan)
WHOLE = re.compile(r"[0-9]{1,7}")
PRECISION_LOST = re.compile(
    r"[0-9]+(\.[0-9]*)?[eE]\+[0-9]+|[0-9]{9,}\.[0-9]+|[0-9]+\.[0-9]+[eE][0-9]+"
)
FOREIGN_MONEY = re.compile(r"(?:[A-Z]{3}|[A-Z]{0,2}[$€£¥￥₫฿₱₹]|Rp|RM) ?[0-9][0-9.,]*")
SKU = re.compile(r"[^\x00-\x1f\x7f<>{}\\|;`]{1,100}")
CLIMBS = re.compile(r"(^|[/\\])\.\.([/\\]|$)")
EXCEL_DAMAGE = re.compile(
    r"[0-9]{1,2}-(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r"|[0-9]\.[0-9]{1,6}E\+[0-9]{1,3}|#(REF!|N/A|VALUE!|NAME\?|DIV/0!|#+)"
)
DIRECTIVES = {
    "%d": "[0-9]{1,2}", "%m": "[0-9]{1,2}", "%Y": "[0-9]{4}", "%H": "[0-9]{1,2}",
    "%I": "[0-9]{1,2}", "%M": "[0-9]{2}", "%S": "[0-9]{2}", "%p": "(?:AM|PM)",
    "%b": "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)",
}  # fmt: skip
WIDTHS = {"%Y": 4, **dict.fromkeys(("%d", "%m", "%H", "%I", "%M", "%S", "%p"), 2)}
"""Signs of a directive that is filled to its width."""
FIRST_YEAR = 1700  # earlier ones are nobody's order and go the long way
NO_TELEPHONE = r"(?![-+()]*[0-9]{7,15}$)"
SHAPES = {
    "id": re.compile(NO_TELEPHONE + r"[-A-Za-z.+'/]{0,4}[0-9][-0-9A-Za-z.+'/]{0,59}"),
    # No name, sentence or address, which have blanks or no digit.
    "sku": re.compile(NO_TELEPHONE + r"(?=[^0-9]*[0-9])[^\s@,\"\x00-\x20\x7f]{1,60}"),
    "units": re.compile(r"(?!.*[0-9]{7})[-+0-9.,eExX_]{1,12}"),
    # Nine digits in a row are none of a line's money.
    "money": re.compile(
        r"(?!.*[0-9]{9})[A-Z]{0,3}[$€£¥￥₫฿₱]? ?[-+(]?[0-9][-+0-9.,eE)]{0,18}(?: ?[A-Z]{3})?"
    ),
    "time": re.compile(NO_TELEPHONE + r"[-+0-9/:., APMTZ]{1,32}"),
    # Letters of all scripts, with the marks that Thai writes above and below them.
    "word": re.compile(r"(?:[^\W\d_]|[\u0e31-\u0e4e])+(?:[ /-](?:[^\W\d_]|[\u0e31-\u0e4e])+){0,5}"),
    "flag": re.compile("yes"),
    "mark": re.compile("(?!)"),  # a number of a parcel, a text by a person: never
}
"""What a value must look like before a message may quote it."""


class MoneyForm(NamedTuple):
    """How a platform writes money in one market."""

    marks: tuple[str, ...]
    """Codes and symbols that may stand before a number."""
    minor_digits: int
    decimal: str = "."
    thousands: str = ""


def fold(text: str) -> str:
    r"""Return a text as it is compared: NFKC, case folded, blanks made single.

    Examples
    --------
    >>> fold(" Created\u00a0Time ")
    'created time'
    """
    plain = INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return " ".join(plain.casefold().split())


def tidy(text: str) -> str:
    r"""Return a cell in NFC without the blanks, tabs and invisible signs around it.

    Examples
    --------
    >>> tidy("\u00a0MUG-01 \u200b\t")
    'MUG-01'
    """
    return text.strip(" \t\r\n") if text.isascii() else _tidy(text)


def unwrapped(text: str) -> str:
    """Return an id or SKU without what keeps a spreadsheet from changing it.

    Examples
    --------
    >>> unwrapped('="00123"'), unwrapped("'00123"), unwrapped("O'Neill")
    ('00123', '00123', "O'Neill")
    """
    if text.startswith('="') and text.endswith('"') and len(text) > 3:
        return tidy(text[2:-1])
    return tidy(text[1:]) if text.startswith("'") else text


def each(texts: pd.Series, read: Callable[[str], Any], dtype: str = "str") -> pd.Series:
    """Return what `read` makes of every text, asking it once for each distinct one.

    Examples
    --------
    >>> each(pd.Series(["a", "b", "a"]), str.upper).tolist()
    ['A', 'B', 'A']
    """
    codes, distinct = pd.factorize(texts)
    answers = pd.array([read(text) for text in distinct.tolist()], dtype=dtype)
    return pd.Series(answers.take(codes), index=texts.index)


def marked(texts: pd.Series, test: Callable[[str], Any]) -> np.ndarray:
    """Return for every text whether it passes a test."""
    return each(texts, lambda text: bool(test(text)), "bool").to_numpy()


def units(texts: pd.Series) -> pd.Series:
    """Return counts [units] as whole numbers, missing where a text is none.

    Examples
    --------
    >>> units(pd.Series(["2", "1.5", "２", "1,000", "0"])).tolist()
    [2, <NA>, <NA>, <NA>, 0]
    """
    return each(texts, _units, "Int64")


def money(texts: pd.Series, form: MoneyForm) -> pd.Series:
    """Return amounts in minor units, missing where a text is no amount of this form.

    Examples
    --------
    >>> baht = MoneyForm(("THB", "฿"), 2)
    >>> money(pd.Series(["199.00", "THB 5", "199,00", "-5.00"]), baht).tolist()
    [19900, 500, <NA>, <NA>]
    >>> money(pd.Series(["Rp 120.000", "26000"]), MoneyForm(("Rp",), 0, ",", ".")).tolist()
    [120000, 26000]
    """
    return each(texts, lambda text: _minor(text, form), "Int64")


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


def may_hold_control(texts: pd.Series) -> bool:
    r"""Return whether a text may hold a sign that `CONTROL` finds; False is sure.

    Examples
    --------
    >>> [may_hold_control(pd.Series([text])) for text in ("红色", "a\u200eb", "a\tb", "a\x85")]
    [False, True, True, True]
    """
    for chunk in arrow_texts(texts).chunks:
        data = chunk.buffers()[2]
        signs = np.frombuffer(data or b"", dtype=np.uint8)
        if (signs < 32).any() or (signs == 127).any():
            return True
        leads = (signs == 0xC2) | (signs == 0xE2)
        if leads.any() and CONTROL_BYTES.search(memoryview(data)):
            return True
    return False


def arrow_texts(texts: pd.Series) -> pa.ChunkedArray:
    """Return texts as the Arrow array that holds them; nothing is copied."""
    found = texts.astype(TEXT).array.__arrow_array__()
    return found if isinstance(found, pa.ChunkedArray) else pa.chunked_array([found])


def is_sku(text: str) -> bool:
    """Return whether a text can be a SKU that no spreadsheet or stranger has touched.

    Examples
    --------
    >>> [is_sku(sku) for sku in ("00123", "1E5", "MAR-1", "衣架-红", "1-Mar", "../x", "")]
    [True, True, True, True, False, False, False]
    """
    return (
        bool(SKU.fullmatch(text)) and not EXCEL_DAMAGE.fullmatch(text) and not CLIMBS.search(text)
    )


def quoted(text: str, kind: str) -> str:
    """Return a value that a message may show, empty if it does not look like its column."""
    shape = SHAPES[kind]
    return text if len(text) <= 60 and shape.fullmatch(text) else ""


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


def _tidy(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip(BLANKS)


def _units(text: str) -> int | None:
    if not WHOLE.fullmatch(text):
        return None
    count = int(text)
    return count if count <= MAX_UNITS else None


def _minor(text: str, form: MoneyForm) -> int | None:
    found = _money_pattern(form).fullmatch(text)
    if not found:
        return None
    whole = found["whole"].replace(form.thousands, "") if form.thousands else found["whole"]
    part = found["part"] or ""
    if form.minor_digits == 0:
        return int(whole) if not part.strip("0") else None
    return int(whole + part.ljust(form.minor_digits, "0"))


@cache
def _money_pattern(form: MoneyForm) -> re.Pattern[str]:
    marks = "|".join(re.escape(mark) for mark in sorted(form.marks, key=len, reverse=True))
    grouped = rf"|[0-9]{{1,3}}(?:{re.escape(form.thousands)}[0-9]{{3}}){{1,3}}"
    digits = "[0-9]{1,12}" + (grouped if form.thousands else "")
    places = max(form.minor_digits, 2)  # 26000.00 is how a market without minor units writes it
    return re.compile(
        rf"(?:(?:{marks}) ?)?(?P<whole>{digits})(?:{re.escape(form.decimal)}"
        rf"(?P<part>[0-9]{{1,{places}}}))?"
    )


@cache
def _pattern(form: str) -> str:
    parts = re.split("(%[a-zA-Z])", form)
    return "".join(DIRECTIVES.get(part, re.escape(part)) for part in parts)

"""Reads the cells of exports: each distinct text once, by a pattern before any number.

Knows how ids, units and money are written; knows no platform. What cannot be read
comes back as missing, never as a guess.
"""

import re
import unicodedata
from collections.abc import Callable
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
NO_TELEPHONE = r"(?![-+()]*[0-9]{7,15}$)"
SHAPES = {
    "id": re.compile(NO_TELEPHONE + r"[-A-Za-z.+'/]{0,4}[0-9][-0-9A-Za-z.+'/]{0,59}"),
    # No name, sentence or address, which have blanks or no digit.
    "sku": re.compile(NO_TELEPHONE + r"(?=[^0-9]*[0-9])[^\s@,\"\x00-\x20\x7f]{1,60}"),
    "units": re.compile(r"(?!.*[0-9]{7})[-+0-9.,eExX_]{1,12}"),
    # Nine digits in a row are none of a line's money; a dash or N/A for none names nobody.
    "money": re.compile(
        r"[-\u2013\u2014*/.?]{1,4}|#?N/A"
        r"|(?!.*[0-9]{9})[A-Z]{0,3}[$€£¥￥₫฿₱]? ?[-+(]?[0-9][-+0-9.,eE)]{0,18}(?: ?[A-Z]{3})?"
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

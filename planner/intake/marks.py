"""Marks of an order: who bears its cancellation, and whether it has a tracking number.

The cells themselves may name people and parcels: they are judged here, and only the verdict
leaves the process that read them.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from planner.intake.cells import each, fold
from planner.intake.dialect import Dialect
from planner.intake.files import RawTable
from planner.intake.tracking_numbers import keeps_format


def cancelled_by(raw: RawTable, status: pd.Series, dialect: Dialect) -> pd.Series:
    """Return who bears the cancellation of each record's order.

    Parameters
    ----------
    raw : RawTable
        The file's wanted cells as text.
    status : Series of str
        Of each record; only a cancelled one has an answer.
    dialect : Dialect
        What its words mean.

    Returns
    -------
    Series of str
        As `tables.CANCELLERS`; blank where nobody says.

    Notes
    -----
    The buyer who cancels bears it himself. Where the seller or the platform's system cancelled,
    the reason decides: a parcel that was not shipped in time is cancelled by the system and borne
    by the seller, one that the seller cancels because the buyer asked him is not.
    """
    is_off = (status == "cancelled").to_numpy(dtype=bool)
    who = pd.Series("", index=status.index, dtype="str")
    if not is_off.any() or not {"cancel_by", "cancel_reason"} & set(raw.headers):
        return who
    by = each(raw.frame.loc[is_off, "cancel_by"], lambda text: _named(text, dialect.cancel_words))
    why = each(raw.frame.loc[is_off, "cancel_reason"], lambda text: _said(text, dialect))
    borne = by.where((by == "buyer") | (why == ""), why)
    who.loc[is_off] = borne
    return who


def tracking_of(raw: RawTable) -> pd.Series:
    """Return of each record whether it has a tracking number, as `tables.TRACKINGS`.

    Notes
    -----
    A number of a format without a known check digit counts as given: whether the carrier ever
    scanned it is not in an export.
    """
    text = raw.frame["tracking"]
    if "tracking" not in raw.headers:
        return pd.Series("", index=text.index, dtype="str")
    is_given = (text != "").to_numpy(dtype=bool)
    told = pd.Series(np.where(is_given, "given", "none"), index=text.index, dtype="str")
    for place in np.flatnonzero(is_given):
        if keeps_format(text.iloc[place]) is False:
            told.iloc[place] = "wrong"
    return told


def _said(text: str, dialect: Dialect) -> str:
    """Return who bears a reason; failing its cause, who it says cancelled."""
    return _within(text, dialect.cause_words) or _within(text, dialect.cancel_words)


def _named(text: str, words: Mapping[str, Sequence[str]]) -> str:
    word = fold(text)
    return next((who for who, said in words.items() if word in map(fold, said)), "")


def _within(text: str, words: Mapping[str, Sequence[str]]) -> str:
    word = fold(text)
    found = (who for who, said in words.items() if any(fold(part) in word for part in said))
    return next(found, "") if word else ""

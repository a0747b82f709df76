"""Judges the records of one export: which row is refused, for which cell, and why.

A row bears one fault, the first in the order below; a file in which every row bears one, or in
which one cause runs through all rows, is refused as a whole. A value is told only where the rest
of its row is sound and it looks like its column: a shifted row puts a telephone number anywhere.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.intake.cells import (
    CONTROL,
    FOREIGN_MONEY,
    PRECISION_LOST,
    fold,
    is_sku,
    marked,
    quoted,
    times,
)
from planner.intake.dialects import FIELDS, Dialect, dialects
from planner.intake.files import Finding, RawTable, names_told, refusal
from planner.intake.grids import SHAPELESS
from planner.intake.lines import MONEY_FIELDS, TIME_FIELDS, assumed_returns, parsed
from planner.seller import Shop
from planner.words import say

MAX_SPAN_DAYS = 1_000  # from the middle day of an export; it covers months, not years
MIN_ROUNDED_IDS = 5  # ids that all end in 000: by chance once in 10^15
ROUNDED_DIGITS = 16  # digits from which a spreadsheet rounds
SWAPPED_RATIO = 0.2  # of rows that are days only if month and day change places
MIN_SWAPPED_ROWS = 3
SPREAD_RATIO = 3  # how much shorter the swapped reading's period must be to raise doubt
OUTLIER_RATIO = 10  # price over the SKU's median
MIN_ONE_STATUS_ROWS = 20


class Fault(NamedTuple):
    """One kind of fault: the rows that bear it, and the field to blame."""

    field: str
    code: str
    rows: np.ndarray


class Judged(NamedTuple):
    """One file's records with their verdicts, and what was noticed."""

    rows: pd.DataFrame
    """As `lines.parsed`, with `code`, `column` and `value`: the fault, empty for a good line."""
    findings: list[Finding]


def judged(
    raw: RawTable, *, shop: Shop, dialect: Dialect, skus: Collection[str] | None = None
) -> Judged:
    """Return the records of one export, each a good line or a fault told.

    Parameters
    ----------
    raw : RawTable
        The file's wanted cells as text.
    shop : Shop
        Whose export it is.
    dialect : Dialect
        How the export writes.
    skus : collection of str, optional
        The seller's SKUs; with them any other SKU is a fault.

    Raises
    ------
    InputError
        If one cause runs through the file: rounded ids, months before days, another seller's
        SKUs, or no good row at all.
    """
    rows = parsed(raw, shop=shop, dialect=dialect)
    _refuse_rounded_ids(raw)
    _refuse_swapped_days(raw, rows, dialect)
    faults = list(_faults(raw, rows, shop, dialect, skus))
    rows = _with_verdicts(rows, raw, faults)
    known = {fold(name) for names in dialect.countries.values() for name in names}
    is_place = marked(rows["value"], lambda text: fold(text) in known)
    rows["value"] = rows["value"].where((rows["code"] != "E_MARKET") | is_place, "")
    if skus is not None and not rows["sku"].isin(set(skus)).any():
        what = "not one SKU of this seller in the file"
        raise refusal("E_WRONG_SELLER", raw.name, what, column=raw.headers[dialect.sku_from[0]])
    _refuse_without_a_good_row(raw, rows, dialect)
    is_total = (rows["units"].isna() & rows["ordered_at"].isna() & (rows["sku"] == "")).to_numpy()
    lost = rows["code"].isin(SHAPELESS).to_numpy() | (is_total & (rows["code"] != "").to_numpy())
    rows["amount_minor"] = rows["amount_minor"].mask(lost)
    return Judged(rows, [*raw.findings, *_findings(raw, rows, dialect)])


def _faults(
    raw: RawTable,
    rows: pd.DataFrame,
    shop: Shop,
    dialect: Dialect,
    skus: Collection[str] | None,
) -> Iterator[Fault]:
    text = raw.frame
    for field in raw.headers:
        yield Fault(field, "E_CONTROL_CHAR", marked(text[field], CONTROL.search))
    yield from _id_faults(text, dialect)
    counts = rows["units"].fillna(0).to_numpy()
    yield Fault("units", "E_QTY", counts < 1)
    returned = rows["returned_units"]
    too_many = returned.isna() | (returned > rows["units"]).fillna(False).astype(bool)
    yield Fault("returned_units", "E_RETURN", too_many.to_numpy() & (counts > 0))
    yield from _money_faults(raw, rows, dialect)
    yield Fault("ordered_at", "E_DATE", _implausible(rows["ordered_at"], dialect.first_year))
    yield Fault("status", "E_STATUS", (rows["status"] == "").to_numpy())
    known = None if skus is None else set(skus)
    bad_sku = marked(rows["sku"], lambda sku: not (is_sku(sku) if known is None else sku in known))
    yield Fault(dialect.sku_from[0], "E_SKU", bad_sku)
    names = {fold(name) for name in dialect.countries[shop.market]}
    strange = marked(
        text["country"], lambda name: name and "*" not in name and fold(name) not in names
    )
    yield Fault("country", "E_MARKET", strange)
    if dialect.repeated_line == "copy":
        yield Fault("order_id", "E_DUPLICATE", text["is_repeat"].to_numpy())


def _id_faults(text: pd.DataFrame, dialect: Dialect) -> Iterator[Fault]:
    lost = marked(text["order_id"], PRECISION_LOST.fullmatch)
    right = text["order_id"].str.fullmatch(dialect.order_id_pattern).to_numpy(dtype=bool)
    yield Fault("order_id", "E_ID_PRECISION", lost & ~right)
    yield Fault("order_id", "E_ID", ~right & ~lost)
    yield Fault("sku_id", "E_ID_PRECISION", marked(text["sku_id"], PRECISION_LOST.fullmatch))


def _money_faults(raw: RawTable, rows: pd.DataFrame, dialect: Dialect) -> Iterator[Fault]:
    has = [field for field in MONEY_FIELDS if field in raw.headers and field != "order_total"]
    for field in has:
        unread = rows[field].isna().to_numpy()
        foreign = unread & marked(raw.frame[field], FOREIGN_MONEY.fullmatch)
        yield Fault(field, "E_CURRENCY", foreign)
        yield Fault(field, "E_MONEY", unread & ~foreign)
    present = [*has, "units"]
    for total, one, other in dialect.products:
        if {total, one, other} <= set(present):
            yield Fault(total, "E_ARITHMETIC", _differs(rows[total], rows[one] * rows[other]))
    for total, whole, *less in dialect.differences:
        if {total, whole, *less} <= set(present):
            rest = rows[whole] - sum(rows[field] for field in less)
            yield Fault(total, "E_ARITHMETIC", _differs(rows[total], rest))


def _differs(said: pd.Series, computed: pd.Series) -> np.ndarray:
    return (said != computed).fillna(False).to_numpy(dtype=bool)


def _implausible(moments: pd.Series, first_year: int) -> np.ndarray:
    middle = moments.median()
    far = (moments - middle).abs() > pd.Timedelta(days=MAX_SPAN_DAYS)
    return (moments.isna() | far | (moments.dt.year < first_year)).to_numpy()


def _with_verdicts(rows: pd.DataFrame, raw: RawTable, faults: list[Fault]) -> pd.DataFrame:
    code = raw.frame["code"].to_numpy(dtype=object).copy()
    column = raw.frame["column"].to_numpy(dtype=object).copy()
    value = np.full(len(rows), "", dtype=object)
    is_sound = code == ""
    blamed = {field: np.zeros(len(rows), dtype=bool) for field in FIELDS}
    for fault in faults:
        blamed[fault.field] |= fault.rows
    alone = is_sound & (sum(marks.astype(int) for marks in blamed.values()) == 1)
    for fault in faults:
        fresh = fault.rows & (code == "")
        code[fresh] = fault.code
        column[fresh] = raw.headers.get(fault.field, fault.field)
        for place in np.flatnonzero(fresh & alone):
            value[place] = quoted(raw.frame[fault.field].iloc[place], FIELDS[fault.field])
    texts = {"code": code, "column": column, "value": value}
    return rows.assign(**{name: pd.Series(cells, dtype="str") for name, cells in texts.items()})


def _refuse_rounded_ids(raw: RawTable) -> None:
    ids = pd.Series(raw.frame["order_id"].unique(), dtype="str")
    ids = ids[ids.str.fullmatch(f"[0-9]{{{ROUNDED_DIGITS},}}")]
    if len(ids) >= MIN_ROUNDED_IDS and ids.str.endswith("000").all():
        what = "every id ends in 000: a spreadsheet program has rounded them"
        raise refusal("E_ID_PRECISION", raw.name, what, column=raw.headers["order_id"])


def _refuse_swapped_days(raw: RawTable, rows: pd.DataFrame, dialect: Dialect) -> None:
    unread = rows["ordered_at"].isna() & (raw.frame["ordered_at"] != "")
    swapped = times(raw.frame["ordered_at"].where(unread, ""), _swapped(dialect.time_formats))
    count = int(swapped.notna().sum())
    if count >= MIN_SWAPPED_ROWS and count >= SWAPPED_RATIO * len(rows):
        first = rows.loc[swapped.notna(), "row"].iloc[0]
        what = f"{count} of {len(rows)} rows name the month before the day, or the other way round"
        raise refusal("E_DATE", raw.name, what, row=first, column=raw.headers["ordered_at"])


def _swapped(formats: tuple[str, ...]) -> list[str]:
    marks = str.maketrans({"d": "m", "m": "d"})
    return [form[:8].translate(marks) + form[8:] for form in formats]


def _market_told(country: str, dialect: Dialect) -> str:
    """Return how to declare the market of a country's name, empty if no dialect is known for it."""
    known = {f"{dialect.platform}-{market.lower()}": market for market in dialect.countries}
    for name, market in known.items():
        names = {fold(one) for one in dialect.countries[market]}
        if name in dialects() and fold(country) in names:
            return (
                f"; this looks like a {name} export; in seller.yml set market: {market}, currency: "
                f"{dialects()[name].currency}, the time_zone of that market and dialect: {name}"
            )
    return ""


def _refuse_without_a_good_row(raw: RawTable, rows: pd.DataFrame, dialect: Dialect) -> None:
    if (rows["code"] == "").any():
        return
    code = rows["code"].value_counts().index[0]
    first = rows[rows["code"] == code].iloc[0]
    said = f"; the first holds {first['value']!r}" if first["value"] else ""
    what = f"not one of {len(rows)} rows can be used: {say(f'reject.{code}', 'en')}{said}"
    if code == "E_MARKET":
        what += _market_told(raw.frame["country"].loc[first.name], dialect)
    raise refusal(code, raw.name, what, row=int(first["row"]), column=first["column"])


def _findings(raw: RawTable, rows: pd.DataFrame, dialect: Dialect) -> Iterator[Finding]:
    good = (rows["code"] == "").to_numpy()
    first = dialect.sku_from[0]
    borrowed = int((good & (raw.frame[first] == "").to_numpy()).sum())
    if borrowed:
        yield "W_SKU_FALLBACK", f"rows={borrowed}|column={raw.headers.get(first, first)}"
    assumed = int((good & assumed_returns(raw, dialect)).sum())
    if assumed:
        yield "W_RETURN_ASSUMED", f"rows={assumed}"
    for field in TIME_FIELDS:
        lost = int((good & (rows[field].isna() & (raw.frame[field] != "")).to_numpy()).sum())
        if lost:
            yield "W_TIME", f"rows={lost}|column={raw.headers[field]}"
    if len(rows) in dialect.export_caps:
        yield "W_EXPORT_CAP", f"rows={len(rows)}"
    statuses = rows.loc[good, "status"].unique()
    if len(statuses) == 1 and good.sum() >= MIN_ONE_STATUS_ROWS:
        yield "W_ONE_STATUS", f"status={statuses[0]}"
    yield from _doubts(raw, rows[good], dialect)


def _doubts(raw: RawTable, good: pd.DataFrame, dialect: Dialect) -> Iterator[Finding]:
    if not set(dialect.together) <= set(raw.headers):
        names = ", ".join(dialect.header_of(field) for field in dialect.together)
        yield "W_NO_ARITHMETIC", f"columns={names}"
    price = good["unit_price"].astype("float64")
    far = price > OUTLIER_RATIO * price.groupby(good["sku"]).transform("median")
    if far.any():
        worst = good.loc[far, "sku"].value_counts().index[0]
        yield "W_PRICE_OUTLIER", f"rows={int(far.sum())}|sku={names_told([worst])}"
    other = times(raw.frame.loc[good.index, "ordered_at"], _swapped(dialect.time_formats))
    if len(good) >= MIN_SWAPPED_ROWS and other.notna().all():
        spread, swapped = (s.max() - s.min() for s in (good["ordered_at"], other))
        if spread > SPREAD_RATIO * max(swapped, pd.Timedelta(days=1)):
            yield "W_DATE_AMBIGUOUS", f"days={spread.days}|other_days={swapped.days}"

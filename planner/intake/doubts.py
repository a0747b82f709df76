"""What is noticed on an export that is read all the same: codes and facts, one each.

Knows the records and their verdicts; refuses nothing.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from planner.intake.dialects import Dialect
from planner.intake.files import Finding, RawTable
from planner.intake.lines import MONEY_FIELDS, TIME_FIELDS, assumed_returns, unknown_origins
from planner.intake.messages import names_told
from planner.intake.written_times import times

MIN_SWAPPED_ROWS = 3
SPREAD_RATIO = 3  # how much shorter the swapped reading's period must be to raise doubt
OUTLIER_RATIO = 10  # price over the SKU's median
MIN_ONE_STATUS_ROWS = 20
LAST_MONTH = 12


def findings_of(raw: RawTable, rows: pd.DataFrame, dialect: Dialect) -> Iterator[Finding]:
    """Yield what is to be told of a file beside its rejected rows.

    Parameters
    ----------
    raw : RawTable
        The file's wanted cells as text.
    rows : DataFrame
        Its records as `lines.parsed`, with `code`, empty for a good line.
    dialect : Dialect
        How the export writes.
    """
    good = (rows["code"] == "").to_numpy()
    first = dialect.sku_from[0]
    borrowed = int((good & (raw.frame[first] == "").to_numpy()).sum())
    if borrowed:
        yield "W_SKU_FALLBACK", f"rows={borrowed}|column={raw.headers.get(first, first)}"
    assumed = int((good & assumed_returns(raw, dialect)).sum())
    if assumed:
        yield "W_RETURN_ASSUMED", f"rows={assumed}"
    for field in TIME_FIELDS:
        if field in raw.headers:
            unread = rows[field].isna() & (raw.frame[field] != "")
            lost = int((good & unread.to_numpy()).sum())
            if lost:
                yield "W_TIME", f"rows={lost}|column={raw.headers[field]}"
    for field, words in unknown_origins(raw, dialect).items():
        facts = f"rows={len(words)}|words={words.nunique()}|column={raw.headers[field]}"
        yield "W_SOURCE_UNKNOWN", facts
    if dialect.status_if_absent and not {"status", "substatus"} & set(raw.headers):
        yield "W_NO_STATUS", f"status={dialect.status_if_absent}"
    if len(rows) in dialect.export_caps:
        yield "W_EXPORT_CAP", f"rows={len(rows)}"
    statuses = rows.loc[good, "status"].unique()
    if len(statuses) == 1 and good.sum() >= MIN_ONE_STATUS_ROWS:
        yield "W_ONE_STATUS", f"status={statuses[0]}"
    yield from _money_doubts(raw, rows[good], dialect)
    yield from _date_doubts(raw, rows[good], dialect)


def swapped_formats(formats: Sequence[str]) -> list[str]:
    """Return formats of moments with month and day in each other's place.

    Examples
    --------
    >>> swapped_formats(["%d/%m/%Y %H:%M"])
    ['%m/%d/%Y %H:%M']
    """
    marks = str.maketrans({"d": "m", "m": "d"})
    numbered = (form for form in formats if "%b" not in form)  # a month by name cannot be swapped
    return [form[:8].translate(marks) + form[8:] for form in numbered]


def _money_doubts(raw: RawTable, good: pd.DataFrame, dialect: Dialect) -> Iterator[Finding]:
    if "amount" not in raw.headers and good["amount"].isna().all():
        yield "W_NO_MONEY", f"columns={dialect.header_of('amount')}"
    has_money = not set(MONEY_FIELDS).isdisjoint(raw.headers)
    if has_money and not set(dialect.together) <= set(raw.headers):
        names = ", ".join(dialect.header_of(field) for field in dialect.together)
        yield "W_NO_ARITHMETIC", f"columns={names}"
    price = good["unit_price"].to_numpy(dtype="float64", na_value=np.nan)
    price = pd.Series(price, index=good.index)
    far = price > OUTLIER_RATIO * price.groupby(good["sku"]).transform("median")
    if far.any():
        worst = good.loc[far, "sku"].value_counts().index[0]
        yield "W_PRICE_OUTLIER", f"rows={int(far.sum())}|sku={names_told([worst])}"


def _date_doubts(raw: RawTable, good: pd.DataFrame, dialect: Dialect) -> Iterator[Finding]:
    formats = swapped_formats(dialect.time_formats)
    if len(good) < MIN_SWAPPED_ROWS or good["ordered_at"].dt.day.max() > LAST_MONTH:
        return  # a day after the twelfth can be read in one way alone
    other = times(raw.frame.loc[good.index, "ordered_at"], formats)
    if other.notna().all():
        spread, swapped = (s.max() - s.min() for s in (good["ordered_at"], other))
        if spread > SPREAD_RATIO * max(swapped, pd.Timedelta(days=1)):
            yield "W_DATE_AMBIGUOUS", f"days={spread.days}|other_days={swapped.days}"

"""Finds days that the exports do not cover: holes between files, cut-off files, single tabs.

Such a day is unknown: no order on it is no proof that nobody bought. Works on what was read,
never on files.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.intake.corrections import fields_told
from planner.intake.dialects import dialects
from planner.intake.overlaps import NOT_LOST
from planner.intake.written_times import times
from planner.tables.contract import checked, empty
from planner.tables.intake import Findings

WINDOW_DAYS = 28  # on either side of a hole, from which the usual rate is taken
MAX_CHANCE = 1e-3  # of a hole inside a file: rarer than this is no quiet spell
MAX_CHANCE_BETWEEN = 0.05  # of a hole between two files, where a missing export is likely anyway
MAD_TO_SD = 1.4826  # of a normal distribution
MIN_TAB_LINES = 20
MIN_TAB_DAYS = 3  # the orders of a day or two may all be waiting still
UNFINISHED = ("unpaid", "on_hold", "to_ship")
CODES = {
    "between": "W_GAP",
    "quiet": "W_GAP",
    "after": "W_GAP",
    "cap": "W_CUT_DAYS",
    "one_status": "W_TAB_DAYS",
    "rejected": "W_GAP_REJECTED",
}
LIMITS = {"cap": 1.0, "between": MAX_CHANCE_BETWEEN, "quiet": MAX_CHANCE, "after": MAX_CHANCE}
HOLE_COLUMNS = ["shop", "first_on", "last_on", "days", "reason"]


class _Hole(NamedTuple):
    first: pd.Timestamp
    last: pd.Timestamp
    reason: str


def missing_days(
    files: pd.DataFrame,
    lines: pd.DataFrame,
    *,
    until: Mapping[str, date] | None = None,
    rejected: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the runs of days whose orders are missing in the exports, wholly or in part.

    Parameters
    ----------
    files : DataFrame
        Keeps the contract Reconciliation, of order exports.
    lines : DataFrame
        Keeps the contract OrderLines, of all kinds, with the statuses of the files.
    until : mapping of market to date, optional
        First day of each market that is not looked at; days up to it that no file reaches are
        missing too. Without it the last order ends the history.
    rejected : DataFrame, optional
        Keeps the contract RejectedRows: a day whose rows are there and were not kept needs no
        new export.

    Returns
    -------
    DataFrame, shape (n_runs, 5)
        `shop`, `first_on`, `last_on` (both missing), `days` [days] and `reason`: ``cap`` (beside
        a file that ends at the platform's row cap), ``between`` (between two files), ``quiet``
        (inside a file, all but impossible), ``after`` (no file reaches so far), ``one_status``
        (only one tab was exported) or ``rejected`` (each of the days has rows that were rejected).

    Notes
    -----
    A run of k days without an order has the chance ``p0 ** k``, with ``p0 = (r / (r + m)) ** r``
    of a negative binomial whose mean m and variance ``m + m ** 2 / r`` are the median and the
    median deviation of orders a day in the 28 days on either side.
    """
    told = _rejected_days(files, rejected)
    rows = [
        (shop, hole.first, hole.last, (hole.last - hole.first).days + 1, _blame(hole, shop, told))
        for shop, own in lines.groupby("shop")
        for hole in _holes(files[files["shop"] == shop], own, until or {})
    ]
    frame = pd.DataFrame(rows, columns=HOLE_COLUMNS)
    kinds = {"shop": "str", "days": "int64", "reason": "str"}
    days = dict.fromkeys(("first_on", "last_on"), "datetime64[us]")
    return frame.astype({**kinds, **days}).sort_values(["shop", "first_on"], ignore_index=True)


def uncovered_days(
    files: pd.DataFrame, lines: pd.DataFrame, *, until: Mapping[str, date] | None = None
) -> pd.DataFrame:
    """Return every day of `missing_days`, one row each: its demand is unknown, not zero.

    Returns
    -------
    DataFrame, shape (n_days, 3)
        `shop`, `day` and `reason`.
    """
    holes = missing_days(files, lines, until=until)
    spans = zip(holes["first_on"], holes["last_on"], strict=True)
    days = holes.assign(day=[pd.date_range(first, last).tolist() for first, last in spans])
    days = days.explode("day").astype({"day": "datetime64[us]"})
    return days[["shop", "day", "reason"]].reset_index(drop=True)


def gaps(
    files: pd.DataFrame,
    lines: pd.DataFrame,
    *,
    until: Mapping[str, date] | None = None,
    rejected: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return a finding for every run of missing days: export these days again, or mend the rows.

    Returns
    -------
    DataFrame
        Keeps the contract Findings: W_GAP, W_CUT_DAYS, W_TAB_DAYS or W_GAP_REJECTED with the first
        and last day.
    """
    holes = missing_days(files, lines, until=until, rejected=rejected)
    told = _rejected_days(files, rejected)
    if holes.empty:
        return empty(Findings)
    rows = []
    for hole in holes.itertuples():
        facts = (
            f"shop={hole.shop}|first={hole.first_on:%Y-%m-%d}|last={hole.last_on:%Y-%m-%d}"
            f"|days={hole.days}"
        )
        if hole.reason == "one_status":
            own = _tab_status(lines[lines["shop"] == hole.shop], hole.first_on, hole.last_on)
            facts += f"|status={own}"
        if hole.reason == "rejected":
            first = _within(told, hole.shop, hole.first_on, hole.last_on).iloc[0]
            facts += f"|file={first['file']}|row={first['row']}"
        rows.append((f"orders/{hole.shop}", CODES[hole.reason], facts))
    frame = pd.DataFrame(rows, columns=["file", "code", "facts"]).astype("str")
    return checked(Findings, frame)


def _rejected_days(files: pd.DataFrame, rejected: pd.DataFrame | None) -> pd.DataFrame:
    """Return shop, day, file and row of the rejected rows whose day can be read."""
    lost = [] if rejected is None else rejected[~rejected["code"].isin(NOT_LOST)]
    parts = [pd.DataFrame(columns=["shop", "day", "file", "row"])]
    for file in files.itertuples() if len(lost) else ():
        own = lost[lost["file"] == file.file]
        dialect = dialects().get(file.dialect)
        if len(own) and dialect is not None:
            cells = [fields_told(json.loads(text), dialect) for text in own["cells"]]
            said = pd.Series([told.get("ordered_at", "") for told in cells], dtype="str")
            day = times(said, dialect.time_formats).dt.normalize().to_numpy()
            parts.append(own.assign(shop=file.shop, day=day)[["shop", "day", "file", "row"]])
    return pd.concat([part for part in parts if len(part)] or parts).dropna(subset=["day"])


def _within(
    told: pd.DataFrame, shop: object, first: pd.Timestamp, last: pd.Timestamp
) -> pd.DataFrame:
    return told[(told["shop"] == shop) & (told["day"] >= first) & (told["day"] <= last)]


def _blame(hole: _Hole, shop: object, told: pd.DataFrame) -> str:
    """Return why a hole is there; where rows of all its days were rejected, that is why."""
    days = 0
    if hole.reason != "one_status" and len(told):
        days = _within(told, shop, hole.first, hole.last)["day"].nunique()
    return "rejected" if days == (hole.last - hole.first).days + 1 else hole.reason


def _holes(files: pd.DataFrame, lines: pd.DataFrame, until: Mapping[str, date]) -> Iterator[_Hole]:
    files = files.dropna(subset=["first_on", "last_on"])
    orders = lines.assign(day=lines["ordered_at"].dt.normalize()).drop_duplicates(
        ["day", "order_id"]
    )
    day = pd.Timedelta(1, unit="D")
    end_of_all = until.get(str(lines["market"].iloc[0]))
    last_day = orders["day"].max() if end_of_all is None else pd.Timestamp(end_of_all) - day
    orders = orders[orders["day"] <= last_day]
    if orders.empty:
        return
    counts = orders.groupby("day").size()
    last_order = counts.index.max()
    days = pd.date_range(counts.index.min(), last_day)
    counts = counts.reindex(days, fill_value=0)
    capped = _capped(files)
    for first, last in _runs(counts.to_numpy() == 0):
        start, end = days[first], days[last]
        is_after = start > last_order and not (files["last_on"] > end).any()
        reason = "after" if is_after else _reason(files, capped, start, end)
        if _chance(counts.to_numpy(), first, last) <= LIMITS[reason]:
            yield _Hole(start, end, reason)
    for hole in _tabs(files, lines):
        if hole.first <= last_day:
            yield hole._replace(last=min(hole.last, last_day))


def _reason(
    files: pd.DataFrame, capped: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp
) -> str:
    day = pd.Timedelta(1, unit="D")
    if capped["first_on"].eq(end + day).any() or capped["last_on"].eq(start - day).any():
        return "cap"
    is_inside = (files["first_on"] < start) & (files["last_on"] > end)
    return "quiet" if is_inside.any() else "between"


def _capped(files: pd.DataFrame) -> pd.DataFrame:
    known = dialects()
    caps = [known[name].export_caps if name in known else () for name in files["dialect"]]
    is_full = [rows in cap for rows, cap in zip(files["rows_in"], caps, strict=True)]
    return files[np.array(is_full, dtype=bool)]


def _runs(is_empty: np.ndarray) -> list[tuple[int, int]]:
    """Return the first and last place of every run.

    Examples
    --------
    >>> _runs(np.array([False, True, True, False, True]))
    [(1, 2), (4, 4)]
    """
    edges = np.diff(np.concatenate([[0], is_empty.astype(int), [0]]))
    firsts, lasts = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _chance(counts: np.ndarray, first: int, last: int) -> float:
    """Return the chance of no order from one day to another at the usual rate around them."""
    before = counts[max(0, first - WINDOW_DAYS) : first]
    around = np.concatenate([before, counts[last + 1 : last + 1 + WINDOW_DAYS]])
    mean = float(np.median(around)) if len(around) else 0.0
    if mean == 0:
        return 1.0
    spread = MAD_TO_SD * float(np.median(np.abs(around - mean)))
    excess = spread**2 - mean
    log_none = -mean
    if excess > 0:
        size = mean**2 / excess
        log_none = size * np.log(size / (size + mean))
    return float(np.exp(log_none * (last - first + 1)))


def _tabs(files: pd.DataFrame, lines: pd.DataFrame) -> Iterator[_Hole]:
    """Yield the days for which there is nothing but files of one unfinished status."""
    by_file = lines.groupby("file")["status"].agg(["nunique", "first", "size"])
    is_tab = (
        (by_file["nunique"] == 1)
        & by_file["first"].isin(UNFINISHED)
        & (by_file["size"] >= MIN_TAB_LINES)
    )
    tabs = files[files["file"].isin(by_file.index[is_tab])]
    tabs = tabs[(tabs["last_on"] - tabs["first_on"]).dt.days >= MIN_TAB_DAYS - 1]
    whole = files.drop(index=tabs.index)
    days = _days_of(tabs) - _days_of(whole)
    for start, end in _spans(sorted(days)):
        yield _Hole(start, end, "one_status")


def _days_of(files: pd.DataFrame) -> set[pd.Timestamp]:
    spans = zip(files["first_on"], files["last_on"], strict=True)
    return {day for first, last in spans for day in pd.date_range(first, last)}


def _spans(days: list[pd.Timestamp]) -> Iterator[tuple[pd.Timestamp, pd.Timestamp]]:
    start = previous = None
    for day in days:
        if previous is not None and (day - previous).days > 1:
            yield start, previous
            start = day
        start = day if start is None else start
        previous = day
    if previous is not None:
        yield start, previous


def _tab_status(lines: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> str:
    day = lines["ordered_at"].dt.normalize()
    status = lines.loc[(day >= first) & (day <= last), "status"]
    return "" if status.empty else str(status.mode().iloc[0])

"""Which windows are forecast, chosen once from history alone; and what a forecaster sees of each.

The list is a file whose digest is held here: nobody can drop a window that went badly. Arrays
end at the cut-off; of the days ahead only the inputs that anyone may know are handed on.
``python -m benchmarks.accuracy_windows`` writes the list anew and tells its digest.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.accuracy_sales import AHEAD_DAYS, SalesSet
from benchmarks.accuracy_sets import SETS
from planner.demand.clean import Flags, Floats
from planner.demand.peers import Windows, promo_runs

LIST = Path(__file__).resolve().parent / "accuracy_windows.csv"
WINDOWS_SHA256 = "edf9684896d889af91cbd5cbb598c52003411c57f0e5e1c3ad50ffadb798de16"
COLUMNS = ["set", "seller", "cut_off_on", "sku", "starts_on", "ends_on"]
LEAD_DAYS = (28, 49)
"""A window begins so many days after its cut-off, the last not included. [days]"""
MAX_WINDOW_DAYS = 14
MIN_OPEN_DAYS = {"CJ": 5, "R180": 3, "R730": 3}
"""Open days that a window needs; 1 where the set is not named. [days]"""
MIN_CLEAN_DAYS = 42
"""Days without promotion that a history needs; without them no method has a level. [days]"""
RECENT_DAYS = 56
MAX_SKUS = {"CJ": 150, "R180": 60, "R730": 60}
"""Windows per cut-off; of more, some are drawn by lot, with a seed. [windows]"""
SEED = 2026
SCALE_FLOOR = 0.1
"""Least scale of a series, so that one that sells nothing counts finitely. [units/day]"""


class Case(NamedTuple):
    """One cut-off of one seller, as a forecaster may see it."""

    set: str
    seller: str
    windows: Windows
    skus: tuple[str, ...]
    category: tuple[str, ...]
    driver_names: tuple[str, ...]
    kinds: tuple[str, ...]
    """Kind of the promotion of each day, known and ahead, shape (L + H,)."""


class Answer(NamedTuple):
    """What came, which no forecaster sees, and by what it is told apart."""

    actual: Floats
    """Units wanted in each window, shape (n,). [units]"""
    scale: Floats
    """Error of the weekly naive forecast in sample, times the days, shape (n,). [units]"""
    daily_ahead: Floats
    """Units wanted on each day ahead, shape (n, H). [units/day]"""
    table: pd.DataFrame
    """set, seller, event, cut_off_on, sku, days, past_promos, daily_units of each window."""


def read_windows() -> pd.DataFrame:
    """Return the list of windows.

    Raises
    ------
    RuntimeError
        If the file is not the one whose digest is held here.
    """
    found = sha256(LIST.read_bytes()).hexdigest()
    if found != WINDOWS_SHA256:
        raise RuntimeError(
            f"{LIST.name} has the digest {found}, not {WINDOWS_SHA256}: the list of windows was"
            " changed. Take the committed file; if a new list is meant, every method must be run"
            " on it, and the digest in accuracy_windows.py changes with it"
        )
    return pd.read_csv(LIST, dtype=str, parse_dates=["cut_off_on", "starts_on", "ends_on"])


def choose_windows(sets: Iterable[SalesSet]) -> pd.DataFrame:
    """Return the windows of some sets: SKUs by their history, days by the promo calendar."""
    parts = [_of_cut_off(one, column) for one in sets for column in one.cut_offs]
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def cases_of(sets: Sequence[SalesSet], windows: pd.DataFrame) -> Iterator[tuple[Case, Answer]]:
    """Return each cut-off of the list with what is known there, and apart from it the answer."""
    for one in sets:
        own = windows[(windows["set"] == one.name) & (windows["seller"] == one.seller)]
        for cut_off_on, rows in own.groupby("cut_off_on", sort=True):
            yield case_of(one, rows, (cut_off_on - one.first_on).days)


def case_of(one: SalesSet, rows: pd.DataFrame, cut_off: int) -> tuple[Case, Answer]:
    """Return one cut-off of a set for the windows of some rows of the list."""
    series = pd.Index(one.skus).get_indexer(rows["sku"])
    past = slice(max(cut_off - one.history_days, 0), cut_off)
    stop = min(cut_off + AHEAD_DAYS, one.units.shape[1])
    ahead = slice(cut_off, stop)
    days = one.first_on + pd.to_timedelta(np.arange(cut_off, stop), unit="D")
    starts, ends = rows["starts_on"].to_numpy()[:, None], rows["ends_on"].to_numpy()[:, None]
    category = tuple(one.category[place] for place in series)
    seen = Windows(
        first_on=one.first_on + pd.Timedelta(days=past.start),
        units=one.units[series, past].copy(),
        is_known=one.is_known[series, past].copy(),
        drivers=one.drivers[series, past].copy(),
        drivers_ahead=one.drivers[series, ahead].copy(),
        is_open_ahead=one.is_open[series, ahead].copy(),
        window=(days.to_numpy() >= starts) & (days.to_numpy() <= ends),
        category=pd.factorize(np.array(category))[0],
    )
    kinds = one.day_kind[past.start : stop]
    case = Case(one.name, one.seller, seen, tuple(rows["sku"]), category, one.driver_names, kinds)
    return case, _answer(seen, one.wanted[series, ahead], rows)


def part_of(case: Case, chosen: np.ndarray) -> Case:
    """Return the case with some of its series only."""
    seen = case.windows
    arrays = {name: getattr(seen, name)[chosen] for name in seen._fields if name != "first_on"}
    return case._replace(
        windows=seen._replace(**arrays),
        skus=tuple(np.array(case.skus)[chosen]),
        category=tuple(np.array(case.category)[chosen]),
    )


def main() -> None:
    """Write the list anew and tell its digest."""
    table = choose_windows(one for make in SETS.values() for one in make())
    table.to_csv(LIST, index=False, date_format="%Y-%m-%d", lineterminator="\n")
    counts = table.groupby("set").size().to_dict()
    sys.stdout.write(f"{counts}\n{sha256(LIST.read_bytes()).hexdigest()}\n")


def _of_cut_off(one: SalesSet, cut_off: int) -> pd.DataFrame:
    past = slice(max(cut_off - one.history_days, 0), cut_off)
    units, is_known = one.units[:, past], one.is_known[:, past]
    is_promo = one.is_promo[:, past]
    starts, stops = _next_promotion(one, cut_off)
    chosen = (
        (starts >= 0)
        & (units.sum(axis=1) >= one.min_units)
        & (units[:, -RECENT_DAYS:].sum(axis=1) > 0)
        & ((is_known & ~is_promo).sum(axis=1) >= MIN_CLEAN_DAYS)
    )
    places = np.flatnonzero(chosen)
    most = MAX_SKUS.get(one.name, len(places))
    if len(places) > most:
        stream = np.random.default_rng([SEED, cut_off])
        places = np.sort(stream.choice(places, most, replace=False))

    def day(columns: np.ndarray) -> pd.DatetimeIndex:
        return one.first_on + pd.to_timedelta(columns, unit="D")

    return pd.DataFrame({"sku": np.array(one.skus, dtype=object)[places]}).assign(
        set=one.name,
        seller=one.seller,
        cut_off_on=day(np.full(len(places), cut_off)),
        starts_on=day(starts[places]),
        ends_on=day(stops[places] - 1),
    )


def _next_promotion(one: SalesSet, cut_off: int) -> tuple[np.ndarray, np.ndarray]:
    """Return first column and column after the last of each series' window, -1 without one."""
    least = MIN_OPEN_DAYS.get(one.name, 1)
    is_promo = one.is_promo
    starts, stops = np.full(len(is_promo), -1), np.full(len(is_promo), -1)
    end = min(cut_off + AHEAD_DAYS, is_promo.shape[1])
    for series, flags in enumerate(is_promo):
        for column in range(cut_off + LEAD_DAYS[0], min(cut_off + LEAD_DAYS[1], end)):
            if flags[column] and not flags[column - 1]:
                ordinary = np.flatnonzero(~flags[column:end])
                stop = column + int(ordinary[0]) if len(ordinary) else end
                stop = min(stop, column + MAX_WINDOW_DAYS)
                if one.is_open[series, column:stop].sum() >= least:
                    starts[series], stops[series] = column, stop
                break
    return starts, stops


def _answer(seen: Windows, wanted: Floats, rows: pd.DataFrame) -> Answer:
    counted = seen.counted
    days = counted.sum(axis=1)
    runs = promo_runs(seen)
    known = seen.is_known.sum(axis=1)
    table = rows[["set", "seller", "cut_off_on", "sku"]].reset_index(drop=True)
    week = rows["starts_on"].dt.to_period("W").dt.start_time.dt.strftime("%Y-%m-%d")
    table = table.assign(
        event=week.to_numpy(),
        days=days,
        past_promos=np.bincount(runs[:, 0], minlength=len(rows)),
        daily_units=(seen.units * seen.is_known).sum(axis=1) / np.maximum(known, 1),
    )
    return Answer((wanted * counted).sum(axis=1), naive_scale(seen) * days, wanted, table)


def naive_scale(seen: Windows) -> Floats:
    """Return the mean error of the same weekday a week before, in sample [units/day]."""
    both: Flags = seen.is_known[:, 7:] & seen.is_known[:, :-7]
    error = np.abs(seen.units[:, 7:] - seen.units[:, :-7]) * both
    return np.maximum(error.sum(axis=1) / np.maximum(both.sum(axis=1), 1), SCALE_FLOOR)


if __name__ == "__main__":
    main()

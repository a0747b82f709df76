"""One forecaster on one cut-off: its answer, its processor time, its failures; kept if asked.

A forecaster that crashes or says something unusable counts as the seasonal naive there, and is
counted. What was said can be kept in a folder under the digest of the list of windows, so that
peers, which do not change, are run once.
"""

import logging
import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.accuracy_ours import ours
from benchmarks.accuracy_sales import SalesSet
from benchmarks.accuracy_scores import mended, score
from benchmarks.accuracy_windows import WINDOWS_SHA256, Answer, Case, case_of, part_of
from planner.demand.peers import Told, seasonal_naive
from planner.demand.peers_learned import PEERS

OURS = "ours"
METHODS = (OURS, *PEERS)
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
CANARY_SERIES = 8
"""Series on which each method is run twice, with the future scrambled. [series]"""


class Run(NamedTuple):
    """What one method said of one cut-off."""

    told: Told
    failed: int
    """Windows that count as the seasonal naive. [windows]"""
    ms_per_sku: float
    """Processor time, children included. [ms]"""


def suits(method: str, case: Case) -> bool:
    """Return whether a variant makes sense with so much history."""
    return method == OURS or case.windows.units.shape[1] >= PEERS[method].min_days


def forecaster(method: str) -> Callable[[Case], Told]:
    """Return what is called for a method."""
    return ours if method == OURS else partial(_peer, method)


def run(method: str, case: Case) -> Run:
    """Return what a method says of a case; its failures count as the seasonal naive."""
    started = _processor_seconds()
    try:
        told = forecaster(method)(case)
    except Exception as problem:  # whatever it is, it is scored; nothing may drop a window
        logging.getLogger(__name__).error("%s on %s %s: %r", method, *case[:2], problem)
        n_series = len(case.skus)
        told = Told(np.full(n_series, np.nan), np.full((n_series, 7), np.nan))
    seconds = _processor_seconds() - started
    told, failed = mended(told, seasonal_naive(case.windows))
    return Run(told, failed, 1000.0 * seconds / len(case.skus))


def run_all(
    pairs: Sequence[tuple[Case, Answer]],
    methods: Iterable[str],
    *,
    processes: int,
    keep: Path | None = None,
) -> pd.DataFrame:
    """Return the scored windows of all methods on all cases.

    Parameters
    ----------
    pairs : sequence of (Case, Answer)
        What is seen, and what came.
    methods : iterable of str
        Keys of `METHODS`.
    processes : int
        How many work at once; each is held to one thread.
    keep : Path, optional
        Folder in which peers' answers are kept and looked for. Ours is always run.
    """
    for name in ONE_THREAD:
        os.environ[name] = "1"
    jobs = [(method, place) for method in methods for place in range(len(pairs))]
    jobs = [(method, place) for method, place in jobs if suits(method, pairs[place][0])]
    with ProcessPoolExecutor(processes) as pool:
        runs = list(
            pool.map(
                partial(_kept, keep),
                [method for method, _ in jobs],
                [pairs[place][0] for _, place in jobs],
            )
        )
    tables = []
    for (method, place), one in zip(jobs, runs, strict=True):
        answer = pairs[place][1]
        table = score(one.told, answer, method=method, ms_per_sku=one.ms_per_sku)
        tables.append(table.assign(failed=one.failed / len(table)))
    return pd.concat(tables, ignore_index=True)


def sees_no_future(method: str, one: SalesSet, rows: pd.DataFrame, cut_off: int) -> bool:
    """Return whether a method says the same, byte for byte, when all later sales are scrambled.

    Notes
    -----
    The scrambling goes through the same door as the sales: set, list, case, forecaster.
    """
    told = []
    for sales in (one, scrambled(one, cut_off)):
        case, _ = case_of(sales, rows.head(CANARY_SERIES), cut_off)
        said = forecaster(method)(case)
        told.append(said.mean.tobytes() + said.quantiles.tobytes())
    return told[0] == told[1]


def scrambled(one: SalesSet, cut_off: int) -> SalesSet:
    """Return the set with everything unknown at a cut-off replaced by other figures."""
    stream = np.random.default_rng(cut_off)
    changed = {}
    for name in ("units", "wanted"):
        values = getattr(one, name).copy()
        values[:, cut_off:] = stream.permuted(values[:, cut_off:], axis=1) * 3.0 + 7.0
        changed[name] = values
    is_known = one.is_known.copy()
    is_known[:, cut_off:] = ~is_known[:, cut_off:]
    return one._replace(**changed, is_known=is_known)


def few(pair: tuple[Case, Answer], n_series: int) -> tuple[Case, Answer]:
    """Return the first series of a case with their answers."""
    case, answer = pair
    chosen = np.arange(min(n_series, len(case.skus)))
    return part_of(case, chosen), Answer(
        answer.actual[chosen],
        answer.scale[chosen],
        answer.daily_ahead[chosen],
        answer.table.iloc[chosen].reset_index(drop=True),
    )


def _peer(method: str, case: Case) -> Told:
    return PEERS[method].forecast(case.windows)


def _kept(keep: Path | None, method: str, case: Case) -> Run:
    logging.disable(logging.INFO)  # cmdstanpy tells of each first fit
    warnings.simplefilter("ignore")  # peers' own, about the versions they meet
    if keep is None or method == OURS:
        return run(method, case)
    as_of = case.windows.days[case.windows.units.shape[1]]
    stem = f"{case.set}-{case.seller}-{as_of:%Y%m%d}-{len(case.skus)}-{method}"
    place = keep / WINDOWS_SHA256[:12] / f"{stem}.npz"
    if place.exists():
        with np.load(place) as found:
            told = Told(found["mean"], found["quantiles"])
            return Run(told, int(found["failed"]), float(found["ms_per_sku"]))
    one = run(method, case)
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_suffix(".part.npz")
    np.savez(
        draft,
        mean=one.told.mean,
        quantiles=one.told.quantiles,
        failed=one.failed,
        ms_per_sku=one.ms_per_sku,
    )
    draft.replace(place)
    return one


def _processor_seconds() -> float:
    return sum(os.times()[:4])

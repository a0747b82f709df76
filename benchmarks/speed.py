"""How long a forecast takes, how that grows with the SKUs, and what it needs in memory.

Every figure is the median of three fresh processes of one thread each; processor and wall
time, files read and answers written inside the clock. Run: ``python run.py bench speed``.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import psutil

from benchmarks.results import RESULTS_FOLDER, write_results
from benchmarks.speed_inputs import write_inputs
from benchmarks.speed_page import NOTES, add_targets, judged, write_curve

START = "from benchmarks.speed_jobs import main; main()"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
TITLE = "Speed and memory of the forecast"
WATCH_SECONDS = 0.02
REPEATS, MANY_SKUS = 3, 50_000
"""Processes whose median counts; from so many SKUs on one process does."""
TOTALS = tuple(f"window totals, {kind}" for kind in ("CSV", "DataFrame", "arrays"))
CHECKED, DAILY, PLAN = "window totals, checked CSV", "daily paths", "forecast and plan"
PEERS = (
    "peer: Excel rule, excel",
    "peer: Prophet, no promo, prophet",
    "peer: Prophet + promo, prophet_add",
    "peer: AutoETS, autoets",
    "peer: LightGBM, lgbm_recursive",
    "peer: LightGBM, lgbm_direct",
)
SHORT_DAYS, LONG_DAYS = 180, 730
CURVE, LONG_CURVE, CHECKED_CURVE = (100, 500, 2_000, 10_000, 100_000), (500, 2_000, 10_000), (500,)
PEER_SKUS, SHORT_PEER_SKUS = 50, 10
SHORT_CURVE = (100, 500)
Asked = tuple[str, int, int]
"""Job, SKUs, days of history."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark, write its results and show them."""
    parser = argparse.ArgumentParser(prog="bench speed", description=__doc__)
    parser.add_argument("--short", action="store_true", help="500 SKUs at most, each once")
    is_short = parser.parse_args(arguments).short
    rows: list[dict[str, Any]] = []
    page = Path()
    for asked in asked_for(is_short=is_short):
        rows.append(median_of(asked, 1 if is_short or asked[1] >= MANY_SKUS else REPEATS))
        page = write_page(pd.DataFrame(rows), is_short=is_short)  # a run broken off has said so far
    print(page.read_text(encoding="utf-8"), page, sep="\n")


def write_page(rows: pd.DataFrame, *, is_short: bool) -> Path:
    """Write JSON, page and picture of what was measured so far; return the page."""
    curve = write_curve(rows, RESULTS_FOLDER / f"speed{'-short' if is_short else ''}.png")
    page = write_results("speed", rows, title=TITLE, notes=NOTES, is_short=is_short)
    add_targets(page, judged(rows), curve)
    return page


def asked_for(*, is_short: bool) -> list[Asked]:
    """Return what is measured, the quick things first."""
    if is_short:
        totals = [(job, skus, SHORT_DAYS) for skus in SHORT_CURVE for job in TOTALS]
        peers = [(job, SHORT_PEER_SKUS, SHORT_DAYS) for job in PEERS]
        return [*totals, (DAILY, 100, SHORT_DAYS), (PLAN, 100, SHORT_DAYS), *peers]
    curves = ((SHORT_DAYS, CURVE), (LONG_DAYS, LONG_CURVE))
    return [
        *((PLAN, 500, days) for days in (SHORT_DAYS,)),
        *((DAILY, skus, SHORT_DAYS) for skus in (500, 2_000)),
        *((CHECKED, skus, SHORT_DAYS) for skus in CHECKED_CURVE),
        *((job, PEER_SKUS, SHORT_DAYS) for job in PEERS),
        *((job, skus, days) for days, sizes in curves for skus in sizes for job in TOTALS),
    ]


def median_of(asked: Asked, repeats: int) -> dict[str, Any]:
    """Return one line of the result: the median of some processes that do the same.

    Parameters
    ----------
    asked : tuple
        Job, SKUs, days of history.
    repeats : int
        Processes.

    Returns
    -------
    dict
        `cpu_seconds` and `wall_seconds` from input to answer, `cpu_ms_per_sku`,
        `process_cpu_seconds` with start and imports, `peak_mb`; no figure where a peer's
        package is not installed, which `note` says.
    """
    job, skus, days = asked
    with tempfile.TemporaryDirectory() as place:
        if "CSV" in job:
            write_inputs(Path(place), skus, days)
        told = [measured(job, Path(place), skus, days) for _ in range(repeats)]
    row: dict[str, Any] = {"job": job, "skus": skus, "days": days}
    if "note" in told[0]:
        return row | {"note": told[0]["note"]}
    middle = pd.DataFrame(told).median()
    return row | {
        "cpu_ms_per_sku": round(1000 * middle["work_cpu"] / skus, 3),
        "cpu_seconds": round(middle["work_cpu"], 3),
        "wall_seconds": round(middle["work_seconds"], 3),
        "process_cpu_seconds": round(middle["process_cpu"], 2),
        "peak_mb": round(middle["peak_mb"]),
        "processes": repeats,
        "note": "" if middle["skus"] == skus else f"{middle['skus']:.0f} SKUs answered",
    }


def measured(job: str, folder: Path, skus: int, days: int) -> dict[str, Any]:
    """Return what one process needed for one job.

    Raises
    ------
    RuntimeError
        If the job fails; with what it said.
    """
    peak = 0
    alone = os.environ | dict.fromkeys(THREADS, "1")
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as wrong:
        command = [sys.executable, "-c", START, job, str(folder), str(skus), str(days)]
        process = psutil.Popen(command, stdout=said, stderr=wrong, env=alone)
        while process.poll() is None:
            peak = max(peak, _memory(process))
            time.sleep(WATCH_SECONDS)
        for stream in (said, wrong):
            stream.seek(0)
        if process.returncode:
            raise RuntimeError(f"{job}, {skus} SKUs: {wrong.read().decode(errors='replace')}")
        told = json.loads(said.read().splitlines()[-1])
    return told | {"peak_mb": peak / 1e6}


def _memory(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.Error:  # it has just ended
        return 0


if __name__ == "__main__":
    main()

"""Order exports to daily demand, beside the bare read and group-by of others.

Each contender reads the same files in a process of its own; time is that of the whole process,
memory the peak of the process and its children. Run: ``python run.py bench intake [--short]``.
"""

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import psutil

from benchmarks.intake_contenders import CONTENDERS
from benchmarks.intake_files import LINES_PER_FILE, write_exports
from benchmarks.results import write_results

ALONE, BARE = "planner, all checks", "pandas, all columns"
FULL_LINES = 1_000_000
CURVE = (10_000, 100_000, 5_000_000)  # sizes for the planner and the leanest others only
CURVE_CONTENDERS = (ALONE, "pandas, four columns", "duckdb", "polars")
SHORT_LINES = (10_000, 50_000)
WATCH_SECONDS = 0.02
START = "from benchmarks.intake_contenders import main; main()"
PEERS = ("duckdb", "polars")
NOTES = (
    "Files: one Thai shop, 54 columns, 15,000 lines a file, a row that describes the columns, ids"
    " and moments with a trailing tab, statuses in Thai, quoted addresses; about 670 bytes a line,"
    " invented by this project's own generator. They lie in the page cache for everyone.",
    "seconds: the whole process, start and imports included. work: without them. peak_mb: resident"
    " memory of the process and all its children, pages that they share counted in each.",
    "us_per_line: work over lines. times_bare: seconds over those of pandas with all columns.",
    "planner: every check, verdicts, overlaps, reconciliation of rows and money, contracts of"
    " every table, then daily sales with every day of every SKU; each file in a limited child"
    " process, two at a time. The others check nothing and trust every cell; they leave out"
    " cancelled orders, and all must come to the same units.",
    "Where we lose: DuckDB and Polars do the bare work several times faster. A small seller waits"
    " for what does not grow with lines: the start of the planner and of its children, and the"
    " days of every SKU, which are searched for stock-outs (400 SKUs, 730 days here). A file that"
    " is not regular costs about twice as much to open.",
    "Tried and kept: bytes proved regular with numpy (every quotation mark opens or closes a whole"
    " cell), then pyarrow.csv for the wanted columns only; a file that is not regular is read cell"
    " by cell as ever. Moments from a table of digits in place of"
    " strptime. Control signs sought in the bytes of a column, not in each cell.",
    "Tried and rejected: Polars or DuckDB in the place of pyarrow. One full file, the 24 columns"
    " that are read, one thread: pyarrow 23 ms, Polars 22 ms, DuckDB 50 ms, of about 200 ms that"
    " the file costs with all checks; not worth an engine more to install. pyarrow without the"
    " proof before it: it takes any quotation mark where it stands and knows no physical lines.",
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark, write its results and show them."""
    parser = argparse.ArgumentParser(prog="bench intake", description=__doc__)
    parser.add_argument("--short", action="store_true", help="10,000 and 50,000 lines only")
    parser.add_argument("--folder", type=Path, help="where to write the files; 4 GB, temporary")
    asked = parser.parse_args(arguments)
    absent = [name for name in PEERS if importlib.util.find_spec(name) is None]
    notes = [*NOTES, *(f"{name} is not installed here and took no part." for name in absent)]
    sizes = SHORT_LINES if asked.short else (FULL_LINES, *CURVE)
    rows: list[dict[str, Any]] = []
    page = Path()
    for lines in sizes:
        is_whole = asked.short or lines == FULL_LINES
        asked_for = tuple(CONTENDERS) if is_whole else CURVE_CONTENDERS
        names = [name for name in asked_for if name not in absent]
        with tempfile.TemporaryDirectory(dir=asked.folder) as place:
            write_exports(Path(place), lines)
            rows += compared([measured(name, Path(place)) for name in names])
        page = write_results(  # after every size: a long run that breaks off has said something
            "intake",
            pd.DataFrame(rows),
            title="Order exports to daily demand, with all checks and without any",
            notes=notes,
            is_short=asked.short,
        )
    print(page.read_text(encoding="utf-8"), page, sep="\n")


def measured(name: str, folder: Path) -> dict[str, Any]:
    """Return what one contender needed for the exports of a folder, in a process of its own.

    Raises
    ------
    RuntimeError
        If the contender fails; with what it said.
    """
    started = time.perf_counter()
    peak = 0
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as wrong:
        command = [sys.executable, "-c", START, name, str(folder)]
        process = psutil.Popen(command, stdout=said, stderr=wrong)
        while True:
            peak = max(peak, _memory(process))
            try:
                code = process.wait(timeout=WATCH_SECONDS)
                break
            except (psutil.TimeoutExpired, subprocess.TimeoutExpired):
                continue
        seconds = time.perf_counter() - started
        for stream in (said, wrong):
            stream.seek(0)
        if code:
            raise RuntimeError(f"{name}: {wrong.read().decode(errors='replace')}")
        told = json.loads(said.read().splitlines()[-1])
    return {"contender": name, **told, "seconds": seconds, "peak_mb": peak / 1e6}


def compared(told: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines of the result for contenders that read the same files.

    Raises
    ------
    RuntimeError
        If they come to different rows or units.
    """
    answers = {(one["rows"], one["units"]) for one in told}
    if len(answers) > 1:
        raise RuntimeError(f"the contenders disagree about rows and units: {answers}")
    bare = next((one["seconds"] for one in told if one["contender"] == BARE), None)
    return [
        {
            "lines": one["rows"],
            "files": -(-one["rows"] // LINES_PER_FILE),
            "contender": one["contender"],
            "seconds": round(one["seconds"], 2),
            "work": round(one["work_seconds"], 2),
            "us_per_line": round(1e6 * one["work_seconds"] / one["rows"], 2),
            "peak_mb": round(one["peak_mb"]),
            "times_bare": round(one["seconds"] / bare, 2) if bare else None,
            "units": one["units"],
        }
        for one in told
    ]


def _memory(process: psutil.Process) -> int:
    total = 0
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0
    for one in family:
        try:
            total += one.memory_info().rss
        except psutil.Error:  # it has just ended
            continue
    return total


if __name__ == "__main__":
    main()

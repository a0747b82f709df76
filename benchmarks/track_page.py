"""From two new files, orders and stock, to the finished page of notebook 04, for a large seller.

The seller is a demo seller whose goods are repeated until there are enough; its plan is made from
the older exports, not timed. Then a new export and a new stock count are dropped in, and one
command makes the page. Run: ``python run.py bench track_page``.
"""

import argparse
import csv
import hashlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from python_calamine import CalamineWorkbook

from benchmarks.results import write_results

PROJECT = Path(__file__).resolve().parents[1]
CAMPAIGN, SELLER = "demo-2025-peak", "demo-th-home"
AS_OF = "2025-11-12T14"
FIRST_EXPORT = "2025-06-01"
"""Older exports are left out, so that the made history is half a year."""
NEW_EXPORT = "2025-12-01"
"""The export that is dropped in: it holds November, and what came later is cut."""
SKUS, SHORT_SKUS = 500, 20
LONGEST_SECONDS = 60
ID_STEP = 10**16
"""Between the order numbers of two copies; those of the demo lie closer together."""
TITLE = "From two new files to the page of notebook 04"
NOTES = (
    "The demo seller's goods repeated: every order once per copy, SKU and order number its own. "
    "Exports are CSV of 54 columns; the plan of steps 1 to 3 is made before and is not timed.",
    "new files, both languages: `planner run --steps 4 --as-of 2025-11-12T14` after a new order "
    "export and a new stock.csv were dropped in; all exports are read again, once, with every "
    "check; pages, track.xlsx, plan.xlsx and index are written. nothing new: the same again.",
    "seconds are wall time, the start of the processes included; the target is 60. cpu_seconds: "
    "processor time of all processes together.",
    "same: whether tables and pages of the repeated run are byte for byte those of the first.",
)
Rows = list[list[str]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark, write its results and show them."""
    parser = argparse.ArgumentParser(prog="bench track_page", description=__doc__)
    parser.add_argument("--short", action="store_true", help="20 SKUs only")
    is_short = parser.parse_args(arguments).short
    with tempfile.TemporaryDirectory() as folder:
        rows = measured(Path(folder), SHORT_SKUS if is_short else SKUS)
    page = write_results("track_page", rows, title=TITLE, notes=NOTES, is_short=is_short)
    sys.stdout.write(f"{page.read_text(encoding='utf-8')}\n{page}\n")


def measured(home: Path, skus: int) -> pd.DataFrame:
    """Return the seconds of each run over a seller of so many SKUs."""
    source = PROJECT / "data" / "sellers" / SELLER
    seller = home / "data" / "sellers" / SELLER
    shutil.copytree(PROJECT / "data" / "campaigns", home / "data" / "campaigns")
    goods = pd.read_csv(source / "catalogue.csv", dtype="str")["sku"]
    copies = -(-skus // len(goods))
    lines = write_seller(source, seller, copies)
    new_lines, new_stock = _held_back(seller, home)
    plan_times = _run(home, "--steps", "1-3")
    shutil.move(new_lines, seller / "orders" / new_lines.name)
    shutil.move(new_stock, seller / "stock.csv")
    told: list[tuple[str, tuple[float, float], dict[str, str]]] = []
    for name in ("new files, both languages", "nothing new, both languages"):
        times = _run(home, "--steps", "4", "--as-of", AS_OF)
        told.append((name, times, made_of(home)))
    same = told[0][2] == told[1][2]
    rows = [
        (name, copies * len(goods), lines, *times, times[0] <= LONGEST_SECONDS, same)
        for name, times, _ in told
    ]
    rows.append(("the plan before, steps 1 to 3", rows[0][1], lines, *plan_times, None, None))
    names = ["run", "skus", "order_lines", "seconds", "cpu_seconds", "in_time", "same"]
    return pd.DataFrame(rows, columns=names)


def write_seller(source: Path, target: Path, copies: int) -> int:
    """Write a demo seller whose goods stand so many times over; return its order lines."""
    (target / "orders").mkdir(parents=True)
    shutil.copy2(source / "seller.yml", target / "seller.yml")
    for path in sorted(source.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = list(csv.reader(file))
        _write(target / path.name, repeated(table, copies))
    lines = 0
    for path in sorted((source / "orders").glob("*.xlsx")):
        if path.stem.removeprefix("All order-")[:10] < FIRST_EXPORT:
            continue
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
        table = [[str(cell) for cell in row] for row in sheet]
        rows = repeated(table, copies)
        lines += len(rows) - 1
        _write(target / "orders" / f"{path.stem}.csv", rows)
    return lines


def repeated(table: Rows, copies: int) -> Rows:
    """Return a table whose rows stand once per copy, each with SKUs and orders of its own.

    Examples
    --------
    >>> repeated([["sku", "units"], ["A", "1"]], 2)
    [['sku', 'units'], ['A-0', '1'], ['A-1', '1']]
    """
    header, rows = table[0], table[1:]
    names = ("sku", "component", "like_sku", "seller sku", "sku id")
    named = [place for place, head in enumerate(header) if head.strip().lower() in names]
    numbered = [place for place, head in enumerate(header) if head.strip() == "Order ID"]
    if not named:
        return table
    told = [header]
    for copy in range(copies):
        for row in rows:
            if copy and not any(row[place].strip() for place in named):
                continue  # a row for the whole shop
            made = list(row)
            for place in named:
                text = row[place].strip()
                made[place] = f"{text}-{copy}" if text else ""
            for place in numbered:
                text = row[place].strip()
                made[place] = str(int(text) + copy * ID_STEP) if text.isdigit() else row[place]
            told.append(made)
    return told


def made_of(home: Path) -> dict[str, str]:
    """Return the hash of every table and page of the tracking run, the manifest left out."""
    folders = [home / "data" / "work" / CAMPAIGN, home / "reports" / CAMPAIGN]
    paths = [path for root in folders for path in sorted(root.glob(f"base@{AS_OF}/**/*.*"))]
    kept = [path for path in paths if path.suffix in (".parquet", ".html", ".xlsx", ".csv")]
    return {
        path.relative_to(home).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in kept
    }


def _held_back(seller: Path, home: Path) -> tuple[Path, Path]:
    """Take away what is to be dropped in later: the newest exports and the newest stock."""
    later = [path for path in seller.glob("orders/*.csv") if path.stem[-16:-6] >= NEW_EXPORT]
    for path in later[1:]:
        path.unlink()
    kept = home / later[0].name
    shutil.move(later[0], kept)
    stock = home / "stock.csv"
    shutil.move(seller / "stock.csv", stock)
    counts = pd.read_csv(stock, dtype="str", keep_default_na=False)
    counts[counts["as_of"] == counts["as_of"].min()].to_csv(seller / "stock.csv", index=False)
    return kept, stock


def _run(home: Path, *arguments: str) -> tuple[float, float]:
    """Run the seller and return wall and processor seconds; what went wrong ends the benchmark."""
    command = [sys.executable, "-m", "planner", "run", CAMPAIGN, "--seller", SELLER]
    began, spent = time.perf_counter(), _spent()
    done = subprocess.run(
        [*command, "--home", str(home), *arguments],
        cwd=PROJECT, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"the run broke:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return round(time.perf_counter() - began, 1), round(_spent() - spent, 1)


def _spent() -> float:
    """Return the processor seconds of every process that this one has started and seen end."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _write(path: Path, rows: Rows) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()

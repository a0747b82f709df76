"""Who takes part in the intake benchmark: each reads the same exports in a process of its own.

Each imports only what it needs, inside its function: what another imports is not its cost. The
others do the bare work with no check at all: read, part the days, sum units by SKU and day.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

USED = ["Order Status", "Seller SKU", "Quantity", "Created Time"]
CANCELLED = "ยกเลิกแล้ว"
TIME_FORMAT = "%d/%m/%Y %H:%M:%S"


def planner(folder: Path) -> dict[str, Any]:
    """Read with every check, settle, reconcile, then daily sales with every day of every SKU."""
    from benchmarks.intake_files import FIRST_DAY, HISTORY_DAYS, benchmark_seller, sku_names
    from planner.intake.orders import read_orders
    from planner.intake.sales import daily_sales
    from planner.tables import Bundles, Events, StockHistory, empty

    started = time.perf_counter()
    intake = read_orders(folder, benchmark_seller(), skus=sku_names())
    until = (FIRST_DAY + timedelta(days=HISTORY_DAYS)).date()
    daily = daily_sales(
        intake.lines,
        bundles=empty(Bundles),
        events=empty(Events),
        stock_history=empty(StockHistory),
        until={"TH": until},
    )
    rows = int(intake.files["rows_in"].sum())
    return _told(rows, int(daily["units"].sum()), started)


def pandas_all(folder: Path) -> dict[str, Any]:
    """Read every column with `pandas.read_csv`, then group."""
    return _pandas(folder, None)


def pandas_used(folder: Path) -> dict[str, Any]:
    """Read four columns with `pandas.read_csv`, then group."""
    return _pandas(folder, USED)


def duckdb(folder: Path) -> dict[str, Any]:
    """Read all files and group in one query of DuckDB."""
    import duckdb as engine

    started = time.perf_counter()
    daily = engine.sql(
        f"""
        SELECT "Seller SKU" AS sku,
               strptime(rtrim("Created Time", chr(9)), '{TIME_FORMAT}')::DATE AS day,
               sum("Quantity"::BIGINT) FILTER ("Order Status" <> '{CANCELLED}') AS units,
               count(*) AS rows
        FROM read_csv('{folder}/orders/*.csv', all_varchar = true, header = true, delim = ',',
                      quote = '"', escape = '"', max_line_size = 1000000)
        WHERE "Quantity" NOT LIKE 'About%'
        GROUP BY ALL
        """
    ).fetchnumpy()
    return _told(int(daily["rows"].sum()), int(daily["units"].sum()), started)


def polars(folder: Path) -> dict[str, Any]:
    """Scan all files and group in one query of Polars."""
    import polars as engine

    started = time.perf_counter()
    lines = engine.scan_csv(
        f"{folder}/orders/*.csv", infer_schema=False, skip_rows_after_header=1
    ).select(USED)
    moment = engine.col("Created Time").str.strip_chars_end("\t")
    units = engine.col("Quantity").cast(engine.Int64)
    daily = (
        lines.with_columns(moment.str.to_datetime(TIME_FORMAT).dt.date().alias("day"))
        .group_by("Seller SKU", "day")
        .agg(
            units.filter(engine.col("Order Status") != CANCELLED).sum().alias("units"),
            engine.len().alias("rows"),
        )
        .collect(engine="streaming")
    )
    return _told(int(daily["rows"].sum()), int(daily["units"].sum()), started)


def main() -> None:
    """Do the work of the contender and the folder that the command line names; tell as JSON."""
    name, folder = sys.argv[1:]
    told = json.dumps(CONTENDERS[name](Path(folder)))
    sys.stdout.write(f"\n{told}")  # a line of its own: an engine may have drawn its progress


CONTENDERS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "planner, all checks": planner,
    "pandas, all columns": pandas_all,
    "pandas, four columns": pandas_used,
    "duckdb": duckdb,
    "polars": polars,
}


def _pandas(folder: Path, used: list[str] | None) -> dict[str, Any]:
    import pandas as pd

    started = time.perf_counter()
    files = sorted((folder / "orders").glob("*.csv"))
    parts = [pd.read_csv(path, skiprows=[1], usecols=used) for path in files]
    lines = pd.concat(parts, ignore_index=True)
    moments = lines["Created Time"].str.rstrip("\t")
    lines["day"] = pd.to_datetime(moments, format=TIME_FORMAT).dt.normalize()
    sold = lines[lines["Order Status"] != CANCELLED]
    daily = sold.groupby(["Seller SKU", "day"])["Quantity"].sum()
    return _told(len(lines), int(daily.sum()), started)


def _told(rows: int, units: int, started: float) -> dict[str, Any]:
    return {"rows": rows, "units": units, "work_seconds": time.perf_counter() - started}

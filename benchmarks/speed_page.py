"""What the speed benchmark says of its figures: targets, growth, a picture.

Knows the lines that `speed` measured; measures nothing.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

NOTES = (
    "cpu_ms_per_sku, cpu_seconds, wall_seconds: from input to answer, median of fresh processes of"
    " one thread each (from 50,000 SKUs on one process). process_cpu_seconds: with the start of"
    " Python, imports and, where the input is in memory, the making of it. peak_mb: resident"
    " memory of the whole process, likewise. Wall time suffers from all else the machine does.",
    "Sales are made: 2.7 units a day in the middle, one SKU in six over 9; 12 categories, and"
    " promotions of three days every 45. CSV: read with pandas, forecast, written with pandas."
    " checked CSV: what the command line does, which reads each cell as text and checks it."
    " arrays: level, ratio and 500 draws without tables, calibration and grades.",
    "daily paths: from daily sales to the demand of each day of the horizon (baseline, uplift of"
    " three phases, draws of five, day curve, quantiles of each day). forecast and plan: what"
    " notebooks 02 and 03 compute, in a process that did it once before, without pages and without"
    " the replay of past events; a demo seller whose goods are repeated.",
    "Peers see the same sales and days, at small size; their cost is per SKU, so it is comparable."
    " Loading and compiling their packages is not timed. They answer for the window totals only.",
)
NONE = "not measured"
LINEAR_TIMES = 1.3
"""Cost per SKU at most this many times that of a tenth of the SKUs counts as linear."""
MEMORY_MB = 16_000
BLUE, GREY = "#1f5fa8", "#9aa3ad"


class Target(NamedTuple):
    """A figure to reach (design, forecasting, section 5)."""

    what: str
    unit: str
    most: float
    reached: Callable[[pd.DataFrame], float]


def judged(rows: pd.DataFrame) -> pd.DataFrame:
    """Return target, reached and met; a target that was not measured says so.

    Parameters
    ----------
    rows : DataFrame
        Lines of `speed.median_of`.
    """
    told = []
    for target in TARGETS:
        reached = target.reached(rows)
        is_known = np.isfinite(reached)
        told.append(
            {
                "target": f"{target.what} <= {target.most:g} {target.unit}",
                "reached": f"{reached:.3g} {target.unit}" if is_known else NONE,
                "met": ("yes" if reached <= target.most else "no") if is_known else NONE,
            }
        )
    return pd.DataFrame(told)


def add_targets(page: Path, targets: pd.DataFrame, curve: Path | None) -> None:
    """Put the table of targets, and the picture if there is one, below a page's heading."""
    lines = page.read_text(encoding="utf-8").splitlines()
    table = ["| target | reached | met |", "|---|---|---|"]
    table += [f"| {' | '.join(row)} |" for row in targets.to_numpy().tolist()]
    picture = [f"![cost per SKU by number of SKUs]({curve.name})", ""] if curve else []
    whole = [*lines[:2], *table, "", *picture, *lines[2:]]
    page.write_text("\n".join([*whole, ""]), encoding="utf-8")


def write_curve(rows: pd.DataFrame, path: Path) -> Path | None:
    """Write cost and memory by number of SKUs as PNG; None without matplotlib or totals."""
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        return None
    totals = rows[rows["job"].str.startswith("window totals")]
    if totals.empty:
        return None
    figure = Figure(figsize=(9, 3.8), layout="constrained")
    for axes, column, name in zip(
        figure.subplots(1, 2),
        ("cpu_ms_per_sku", "peak_mb"),
        ("CPU ms per SKU", "peak memory, MB"),
        strict=True,
    ):
        for (job, days), part in totals.groupby(["job", "days"]):
            style = "-" if days == totals["days"].min() else "--"
            label = f"{job.removeprefix('window totals, ')}, {days} days"
            axes.plot(part["skus"], part[column], style, marker="o", label=label)
        axes.set(xscale="log", yscale="log", xlabel="SKUs", title=name)
        axes.grid(alpha=0.3)
    figure.axes[0].axhline(0.2, color=GREY, lw=1)
    figure.axes[0].legend(fontsize=7)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    return path


def _one(rows: pd.DataFrame, column: str, **wanted: object) -> float:
    chosen = np.ones(len(rows), dtype=bool)
    for name, value in wanted.items():
        chosen &= (rows[name] == value).to_numpy()
    found = rows.loc[chosen, column]
    return float(found.iloc[0]) if len(found) else float("nan")


def _growth(rows: pd.DataFrame) -> float:
    """Return cost per SKU of 100,000 against 10,000, reading and writing included."""
    many, few = (
        _one(rows, "cpu_ms_per_sku", job="window totals, CSV", skus=skus, days=180)
        for skus in (100_000, 10_000)
    )
    return many / few


def _csv(column: str, skus: int, job: str = "window totals, CSV") -> Callable[..., float]:
    return lambda rows: _one(rows, column, job=job, skus=skus, days=180)


TARGETS = (
    Target("window totals, CSV to CSV, 2,000 SKUs", "ms", 0.2, _csv("cpu_ms_per_sku", 2_000)),
    Target(
        "window totals, DataFrame, 2,000 SKUs",
        "ms",
        0.2,
        _csv("cpu_ms_per_sku", 2_000, "window totals, DataFrame"),
    ),
    Target("daily paths, 500 SKUs", "ms", 1.5, _csv("cpu_ms_per_sku", 500, "daily paths")),
    Target(
        "500 SKUs forecast and plan, warm", "s", 1.0, _csv("cpu_seconds", 500, "forecast and plan")
    ),
    Target("10,000 SKUs, CSV to CSV", "s", 10.0, _csv("cpu_seconds", 10_000)),
    Target("100,000 SKUs, cost per SKU against 10,000", "times", LINEAR_TIMES, _growth),
    Target("100,000 SKUs, memory", "MB", MEMORY_MB, _csv("peak_mb", 100_000)),
)
"""What must be met, all at 180 days of history."""

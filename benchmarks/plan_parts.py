"""How long each part of the whole plan of notebook 03 takes, and how that grows with the SKUs.

Each part is a public function that `campaign_plan` calls; what it calls in turn is in its time.
Run: ``python run.py bench plan_parts``; `bench solve` shows the same for its own sizes.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from inspect import getmembers, isfunction, ismodule
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pandas as pd

from benchmarks.plan_case import plan_case
from benchmarks.results import write_results
from planner.guards.gates import goods_gates
from planner.supply import campaign_order, campaign_plan

SIZES, SHORT_SIZES = (100, 500, 2000, 5000), (24,)
SHOWN_SHARE = 0.01
"""Parts that took less of the whole in each size are summed up as `others`."""
WHOLE, OTHERS = "whole plan", "others"
TITLE = "Time of the whole plan, part by part"
NOTES = (
    "One market, 3 modes in time, 3 warehouses, 3 channels on one pool, 500 worlds of demand; "
    "budget, booked space by mode, whole containers, space and quota of warehouses bind together.",
    "Processor seconds of one thread by number of SKUs; the last lines are the wall time of the "
    "whole, the gigabytes of the process at its peak, made case included, and the target.",
    "What the order's solver needs hangs on how hard its limits are, not only on the SKUs; it "
    "stops at a gap of 0.2 % or after a number of branches, never by the clock.",
)
TARGETS = {500: 10.0, 5000: 90.0}
"""Wall seconds by SKUs on a quiet machine of two processors."""
Times = dict[str, float]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark, write its results and show them."""
    parser = argparse.ArgumentParser(prog="bench plan_parts", description=__doc__)
    parser.add_argument("--short", action="store_true", help="24 SKUs only")
    is_short = parser.parse_args(arguments).short
    page = write_parts(SHORT_SIZES if is_short else SIZES, is_short=is_short)
    sys.stdout.write(f"{page.read_text(encoding='utf-8')}\n{page}\n")


def write_parts(sizes: Sequence[int], *, is_short: bool) -> Path:
    """Measure the sizes, write JSON and page after each, and return the page."""
    told: dict[int, Times] = {}
    for skus in sizes:
        told[skus] = measured(skus)
        page = write_results(
            "plan_parts", growth(told), title=TITLE, notes=NOTES, is_short=is_short
        )
    return page


def measured(skus: int) -> Times:
    """Return processor seconds by part for one size, then wall seconds and gigabytes."""
    case = plan_case(skus)
    gates = goods_gates(case.known, scope=case.scope)
    parts: Times = {}
    with _clocked(parts):
        began, began_cpu = time.perf_counter(), time.process_time()
        campaign_plan.plan_campaign(case.known, gates, scope=case.scope)
        wall, whole = time.perf_counter() - began, time.process_time() - began_cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    return {**parts, WHOLE: whole, "wall seconds": wall, "peak GB": peak}


def growth(told: dict[int, Times]) -> pd.DataFrame:
    """Return one row per part and a column per size, the part of most time first.

    A part that a size did not go through has no figure there.
    """
    frame = pd.DataFrame(told)
    extra = [WHOLE, "wall seconds", "peak GB"]
    parts = frame.drop(index=extra)
    is_small = ~(parts >= SHOWN_SHARE * frame.loc[WHOLE]).any(axis=1)
    shown = parts[~is_small].sort_values(parts.columns[-1], ascending=False)
    shown.loc[OTHERS] = frame.loc[WHOLE] - shown.sum()
    table: dict[str, Any] = {f"{skus}": shown[skus].round(2) for skus in frame.columns}
    rows = pd.concat([pd.DataFrame(table), frame.loc[extra].round(2).set_axis([*table], axis=1)])
    rows.loc["target, wall seconds"] = [TARGETS.get(skus) for skus in frame.columns]
    return rows.rename_axis("part").reset_index()


@contextmanager
def _clocked(parts: Times) -> Iterator[None]:
    """Add the time of each function that the plan calls to `parts`, only the outermost."""
    modules = {
        module
        for whole in (campaign_plan, campaign_order)
        for _, module in getmembers(whole, ismodule)
        if module.__name__.startswith("planner.supply.")
    }
    depth: list[str] = []
    patches = [
        patch.object(module, name, _timed(made, f"{module.__name__[15:]}.{name}", parts, depth))
        for module in modules
        for name, made in getmembers(module, isfunction)
        if made.__module__ == module.__name__ and not name.startswith("_")
    ]
    for one in patches:
        one.start()
    try:
        yield
    finally:
        for one in patches:
            one.stop()


def _timed(
    made: Callable[..., Any], name: str, parts: Times, depth: list[str]
) -> Callable[..., Any]:
    @wraps(made)
    def told(*given: Any, **named: Any) -> Any:
        if depth:
            return made(*given, **named)
        depth.append(name)
        began = time.process_time()
        try:
            return made(*given, **named)
        finally:
            depth.clear()
            parts[name] = parts.get(name, 0.0) + time.process_time() - began

    return told


if __name__ == "__main__":
    main()

"""Forecasts of promotion windows against what came, beside the usual peers, on public sales.

The windows are a committed list; each method sees arrays that end at the cut-off; a crash scores
as the seasonal naive. Run: ``python run.py bench accuracy [--short] [--sets CJ,R180]
[--methods ours,excel]``. A partial run writes only ``results/accuracy-short.*``.
"""

import argparse
import json
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.accuracy_controls import all_controls
from benchmarks.accuracy_figures import write_figures
from benchmarks.accuracy_page import Findings, page_of
from benchmarks.accuracy_runs import METHODS, OURS, few, run_all, sees_no_future, suits
from benchmarks.accuracy_sales import SalesSet
from benchmarks.accuracy_scores import KEYS, ratios, summary
from benchmarks.accuracy_sets import SETS
from benchmarks.accuracy_windows import Answer, Case, cases_of, read_windows
from benchmarks.results import RESULTS_FOLDER

PAGE = Path(__file__).resolve().parent / "accuracy.md"
PROCESSES = 2
SHORT_CUT_OFFS, SHORT_SERIES = 2, 25
CONTROL_SETS = ("CJ", "R180", "VN", "SIM")
"""Sets on which the negative controls are run; those of long history cost much and add little."""
CONTROL_CUT_OFFS = 16
COLUMNS = ["set", "method", "is_ours", "windows", "wape", "wql", "spl", "bias", "cov80", "cov95"]
COLUMNS += ["spl_ratio", "spl_ratio_low", "spl_ratio_high", "ms_per_sku"]
DECIMALS = 4

Pairs = list[tuple[Case, Answer]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark, write its results and show them."""
    logging.disable(logging.INFO)
    asked = _asked(arguments)
    is_partial = asked.short or set(asked.sets) < set(SETS) or set(asked.methods) < set(METHODS)
    windows, sets, absent = read_windows(), {}, []
    for name in asked.sets:
        try:
            sets[name] = SETS[name]()
        except FileNotFoundError as problem:
            absent.append(f"Set {name} took no part: {problem}.")
    pairs = {name: list(cases_of(made, windows)) for name, made in sets.items()}
    if asked.short:
        pairs = {
            name: [few(one, SHORT_SERIES) for one in part[:SHORT_CUT_OFFS]]
            for name, part in pairs.items()
        }
    flat = [pair for part in pairs.values() for pair in part]
    rows = run_all(flat, asked.methods, processes=asked.processes, keep=asked.keep)
    findings = Findings(
        rows=rows,
        ratios=ratios(rows, ours=OURS),
        canaries=_canaries(sets, pairs, windows, asked.methods),
        controls=_controls(pairs) if OURS in asked.methods and not asked.no_controls else None,
        absent=absent,
        is_partial=is_partial,
    )
    stem = "accuracy-short" if is_partial else "accuracy"
    data = RESULTS_FOLDER / f"{stem}.json"
    told = {"rows": json.loads(result_rows(rows, findings.ratios).to_json(orient="records"))}
    data.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    figures = write_figures(findings, RESULTS_FOLDER)
    page = RESULTS_FOLDER / f"{stem}.md" if is_partial else PAGE
    page.write_text(page_of(findings, figures, beside=page.parent), encoding="utf-8")
    print(page.read_text(encoding="utf-8"), page, sep="\n")


def result_rows(rows: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """Return the lines of the result: a set and a method each, ours against it."""
    table = summary(rows).merge(told, on=KEYS, how="left")
    table["is_ours"] = table["method"] == OURS
    for column in ("spl_ratio", "spl_ratio_low", "spl_ratio_high"):
        table[column] = table[column].where(~table["is_ours"])
    figures = table.select_dtypes("float").columns
    table[figures] = table[figures].round(DECIMALS)
    return table[COLUMNS]


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench accuracy", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a few series of two cut-offs a set")
    parser.add_argument("--sets", default=",".join(SETS), help=f"of {', '.join(SETS)}")
    parser.add_argument("--methods", default=",".join(METHODS), help=f"of {', '.join(METHODS)}")
    parser.add_argument("--processes", type=int, default=PROCESSES)
    parser.add_argument("--keep", type=Path, help="folder that keeps what peers said")
    parser.add_argument("--no-controls", action="store_true", help="leave negative controls out")
    asked = parser.parse_args(arguments)
    for name, known in (("sets", SETS), ("methods", METHODS)):
        chosen = [one for one in getattr(asked, name).split(",") if one]
        strange = [one for one in chosen if one not in known]
        if strange or not chosen:
            parser.error(
                f"--{name}: {', '.join(strange) or 'nothing'}; choose of {', '.join(known)}"
            )
        setattr(asked, name, chosen)
    return asked


def _canaries(
    sets: dict[str, list[SalesSet]], pairs: dict[str, Pairs], windows: pd.DataFrame, methods: list
) -> pd.DataFrame:
    """Return for each set and method whether scrambling the future changes nothing."""
    told = []
    for name, made in sets.items():
        one, case = made[0], pairs[name][0][0]
        cut_off = len(case.windows.days) - case.windows.window.shape[1]
        cut_off += (case.windows.first_on - one.first_on).days
        day = one.first_on + pd.Timedelta(days=cut_off)
        is_here = (windows["set"] == name) & (windows["seller"] == one.seller)
        rows = windows[is_here & (windows["cut_off_on"] == day)]
        told += [
            {"set": name, "method": method, "holds": sees_no_future(method, one, rows, cut_off)}
            for method in methods
            if suits(method, case)
        ]
    return pd.DataFrame(told)


def _controls(pairs: dict[str, Pairs]) -> pd.DataFrame:
    parts = []
    for name in CONTROL_SETS:
        if name in pairs:
            own = pairs[name]
            places = np.unique(np.linspace(0, len(own) - 1, CONTROL_CUT_OFFS).astype(int))
            parts.append(all_controls([own[place] for place in places]).assign(set=name))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


if __name__ == "__main__":
    main()

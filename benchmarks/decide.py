"""What each policy of ordering earns: on simulated truth, beside an oracle, and on real history.

All policies see the same history and pay the same published prices. Run:
``python run.py bench decide [--short] [--sets SIM,CJ]``. A partial run writes only
``results/decide-short.*``.
"""

import argparse
import json
import logging
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from benchmarks.accuracy_profit import LEFTOVER
from benchmarks.decide_page import Findings, page_of, write_figure
from benchmarks.decide_replay import replayed
from benchmarks.decide_scores import calibration_of, leads_of, rows_of
from benchmarks.decide_sets import SETS, replays
from benchmarks.decide_why import tried, why_of
from benchmarks.results import RESULTS_FOLDER

PAGE = Path(__file__).resolve().parent / "decide.md"
SHORT_SETS = ("SIM", "SIM2", "R180")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark, write its results and show them."""
    logging.disable(logging.INFO)
    asked = _asked(arguments)
    parts, trials, absent = [], [], []
    for name in asked.sets:
        try:
            found, other = [], []
            for case in replays(name, is_short=asked.short):
                found += [replayed(case, goods) for goods in LEFTOVER]
                if case.guessed is None:
                    other += [tried(case, goods) for goods in LEFTOVER]
        except FileNotFoundError as problem:
            absent.append(f"Set {name} took no part: {problem}.")
        else:
            parts += found
            trials += other
    events = pd.concat(parts, ignore_index=True)
    rows, leads = rows_of(events), leads_of(events)
    is_partial = asked.short or set(asked.sets) < set(SETS)
    stem = "decide-short" if is_partial else "decide"
    told = {
        "rows": json.loads(rows.to_json(orient="records")),
        "leads": json.loads(leads.to_json(orient="records")),
    }
    RESULTS_FOLDER.mkdir(exist_ok=True)
    data = RESULTS_FOLDER / f"{stem}.json"
    data.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    figure = write_figure(rows, RESULTS_FOLDER / f"{stem}.png")
    page = RESULTS_FOLDER / f"{stem}.md" if is_partial else PAGE
    why = why_of(pd.concat(trials, ignore_index=True)) if trials else None
    findings = Findings(rows, leads, calibration_of(events), absent, is_partial, why)
    text = page_of(findings, figure, beside=page.parent)
    page.write_text(text, encoding="utf-8")
    print(page.read_text(encoding="utf-8"), page, sep="\n")


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench decide", description=__doc__)
    parser.add_argument("--short", action="store_true", help="few worlds and windows a set")
    parser.add_argument("--sets", help=f"of {', '.join(SETS)}")
    asked = parser.parse_args(arguments)
    default = SHORT_SETS if asked.short else SETS
    chosen = [one for one in (asked.sets or ",".join(default)).split(",") if one]
    strange = [one for one in chosen if one not in SETS]
    if strange or not chosen:
        parser.error(f"--sets: {', '.join(strange) or 'nothing'}; choose of {', '.join(SETS)}")
    asked.sets = chosen
    return asked


if __name__ == "__main__":
    main()

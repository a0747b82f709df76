"""How a benchmark says what it measured: one JSON and one readable page.

The page names the machine's processor count and the versions, so that figures
of two runs can be compared; it holds no path of the machine.
"""

import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import pandas as pd

RESULTS_FOLDER = Path(__file__).resolve().parent / "results"
NAMED_PACKAGES = ("numpy", "pandas", "prophet", "promo-stock-planner")


def write_results(
    name: str, rows: pd.DataFrame, *, title: str, notes: Sequence[str], is_short: bool
) -> Path:
    """Write ``results/NAME.json`` and ``NAME.md``, ``NAME-short`` if short; return the page.

    Parameters
    ----------
    name : str
        The benchmark.
    rows : DataFrame
        One row per line of the result, as measured.
    title : str
        Heading of the page.
    notes : sequence of str
        What was measured and what it does not say.
    is_short : bool
        Whether it was a short run, which proves only that the benchmark works.
    """
    RESULTS_FOLDER.mkdir(exist_ok=True)
    stem = f"{name}-short" if is_short else name
    made_with = {
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        **{package: version(package) for package in NAMED_PACKAGES},
    }
    told = {"title": title, "notes": list(notes), "made_with": made_with, "is_short": is_short}
    told["rows"] = json.loads(rows.to_json(orient="records"))
    text = json.dumps(told, ensure_ascii=False, indent=1)
    (RESULTS_FOLDER / f"{stem}.json").write_text(text + "\n", encoding="utf-8")
    page = RESULTS_FOLDER / f"{stem}.md"
    page.write_text(_page(title, notes, made_with, rows), encoding="utf-8")
    return page


def _page(
    title: str, notes: Sequence[str], made_with: dict[str, object], rows: pd.DataFrame
) -> str:
    shown = rows.astype(object).where(rows.notna(), "–").astype(str)
    lines = [f"# {title}", "", *(f"- {note}" for note in notes), ""]
    lines += [" | ".join(["", *row, ""]).strip() for row in [list(shown.columns)]]
    lines += ["|" + "---|" * len(shown.columns)]
    lines += [" | ".join(["", *row, ""]).strip() for row in shown.to_numpy().tolist()]
    used = ", ".join(f"{key} {value}" for key, value in made_with.items())
    return "\n".join([*lines, "", f"Made with {used}.", ""])

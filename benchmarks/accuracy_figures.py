"""The accuracy benchmark as three pictures: ratios with intervals, losses, coverage by event."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.accuracy_page import Findings
from benchmarks.accuracy_scores import summary
from benchmarks.accuracy_targets import OURS

BLUE, GREY, RED = "#1f5fa8", "#9aa3ad", "#c0392b"
DOTS_PER_INCH = 110


def write_figures(findings: Findings, folder: Path) -> Sequence[Path]:
    """Write the pictures as PNG and return their paths; none without matplotlib or without ours."""
    try:
        import matplotlib as mpl
    except ModuleNotFoundError:
        return []
    if OURS not in set(findings.rows["method"]):
        return []
    mpl.use("Agg")
    made = {
        "ratios": _ratios(findings.ratios[findings.ratios["method"] != OURS]),
        "losses": _losses(findings.rows),
        "coverage": _coverage(findings.rows[findings.rows["method"] == OURS]),
    }
    ending = "-short" if findings.is_partial else ""
    paths = []
    for name, figure in made.items():
        if figure is not None:
            paths.append(folder / f"accuracy-{name}{ending}.png")
            figure.savefig(paths[-1], dpi=DOTS_PER_INCH, metadata={"Software": None})
    return paths


def _ratios(table: pd.DataFrame) -> object | None:
    from matplotlib.figure import Figure

    if table.empty:
        return None
    sets = list(table["set"].unique())
    most = table.groupby("set").size().max()
    figure = Figure(figsize=(3.1 * len(sets) + 1.5, 0.32 * most + 1.6), layout="constrained")
    for axes, name in zip(_axes(figure, len(sets)), sets, strict=True):
        part = table[table["set"] == name].sort_values("spl_ratio", ascending=False)
        lines = np.arange(len(part))
        colour = np.where(
            part["spl_ratio_high"] < 1, BLUE, np.where(part["spl_ratio_low"] > 1, RED, GREY)
        )
        axes.hlines(lines, part["spl_ratio_low"], part["spl_ratio_high"], color=colour, lw=2)
        axes.scatter(part["spl_ratio"], lines, color=colour, s=26, zorder=3)
        axes.axvline(1.0, color="black", lw=0.8)
        axes.set_yticks(lines, part["method"], fontsize=8)
        axes.set_title(name)
        axes.set_xlim(left=0)
        axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle("Scaled loss, ours over the method, 90 % by events; left of 1 is ours better")
    return figure


def _losses(rows: pd.DataFrame) -> object:
    from matplotlib.figure import Figure

    table = summary(rows)
    sets = list(table["set"].unique())
    most = table.groupby("set").size().max()
    figure = Figure(figsize=(3.1 * len(sets) + 1.5, 0.32 * most + 1.6), layout="constrained")
    for axes, name in zip(_axes(figure, len(sets)), sets, strict=True):
        part = table[table["set"] == name].sort_values("wape", ascending=False)
        lines = np.arange(len(part))
        colour = np.where(part["method"] == OURS, BLUE, GREY)
        axes.barh(lines, part["wape"], color=colour)
        axes.set_yticks(lines, part["method"], fontsize=8)
        axes.set_title(name)
        axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle("WAPE of window totals")
    return figure


def _coverage(rows: pd.DataFrame) -> object:
    from matplotlib.figure import Figure

    table = summary(rows, ["set", "event"])
    table = table[table["windows"] >= 10].reset_index(drop=True)
    figure = Figure(figsize=(max(6.0, 0.24 * len(table) + 2), 3.6), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(table))
    axes.scatter(places, table["cov95"], color=GREY, s=22, label="95 % range")
    axes.scatter(places, table["cov80"], color=BLUE, s=22, label="80 % range")
    for level, colour in ((0.8, BLUE), (0.95, GREY)):
        axes.axhline(level, color=colour, lw=0.8, ls="--")
    axes.set_xticks(places, table["set"] + " " + table["event"], rotation=90, fontsize=7)
    axes.set_ylim(0, 1.02)
    axes.legend(loc="lower right", fontsize=8)
    axes.set_title("Ours: share of totals inside the range, by week of the event")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _axes(figure: object, count: int) -> list:
    return list(np.atleast_1d(figure.subplots(1, count)))

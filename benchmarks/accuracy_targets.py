"""The figures that the design set before the run, and what came of them.

Section 5 of the design on forecasting, as data: nothing here is changed after a run.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.accuracy_scores import joint_ratio, summary
from planner.demand.peers_learned import PEERS

OURS = "ours"
COVERAGE = {"cov80": (0.75, 0.87), "cov95": (0.92, 0.98)}


class Target(NamedTuple):
    """Our scaled loss over that of a family's best variant on each set."""

    told: str
    families: tuple[str, ...]
    must: float
    aim: float
    is_on_every_set: bool = False
    only_sets: tuple[str, ...] = ()


ANY = tuple(dict.fromkeys(peer.family for peer in PEERS.values()))
TARGETS = (
    Target("Excel rule", ("Excel rule",), 0.72, 0.65),
    Target("Excel rule, worst set", ("Excel rule",), 1.00, 1.00, True),
    Target("best Prophet + promo variant of each set", ("Prophet + promo",), 0.79, 0.70),
    Target("best LightGBM set-up of each set", ("LightGBM",), 0.86, 0.78),
    Target("AutoETS", ("AutoETS",), 0.66, 0.60),
    Target("seasonal naive", ("seasonal naive",), 0.66, 0.60),
    Target("best single peer of each set, chosen afterwards; worst set", ANY, 1.00, 0.85, True),
    Target(
        "two years of history: best Prophet per series",
        ("Prophet + promo", "Prophet, no promo"),
        1.00,
        0.90,
        only_sets=("R730",),
    ),
)


def best_of(rows: pd.DataFrame, families: tuple[str, ...]) -> pd.Series:
    """Return by set the method of some families with the least scaled loss.

    Notes
    -----
    A variant that leaves out windows of a set, for want of history, is no opponent there.
    """
    names = [name for name, peer in PEERS.items() if peer.family in families]
    table = summary(rows[rows["method"].isin(names)])
    table = table[table["windows"] == table.groupby("set")["windows"].transform("max")]
    if table.empty:
        return pd.Series(dtype="str")
    return table.loc[table.groupby("set", sort=False)["spl"].idxmin()].set_index("set")["method"]


def reached(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per target: opponent, must, aim, reached, interval, what it came to.

    Notes
    -----
    A target that no method of the run belongs to is left out.
    """
    told = []
    for target in TARGETS:
        opponents = best_of(rows, target.families)
        if target.only_sets:
            opponents = opponents[opponents.index.isin(target.only_sets)]
        if opponents.empty:
            continue
        value, low, high, where = _value(rows, opponents, target)
        told.append(
            {
                "against": target.told,
                "opponents": ", ".join(f"{name}: {who}" for name, who in opponents.items()),
                "must": target.must,
                "aim": target.aim,
                "reached": value,
                "low": low,
                "high": high,
                "worst_set": where,
                "verdict": _verdict(value, target),
            }
        )
    return pd.DataFrame([*told, *_coverage(rows)])


def _value(
    rows: pd.DataFrame, opponents: pd.Series, target: Target
) -> tuple[float, float, float, str]:
    alone = {name: joint_ratio(rows, opponents.loc[[name]], ours=OURS) for name in opponents.index}
    worst = max(alone, key=lambda name: alone[name][0])
    chosen = alone[worst] if target.is_on_every_set else joint_ratio(rows, opponents, ours=OURS)
    return *chosen, worst


def _verdict(value: float, target: Target) -> str:
    if value <= target.aim:
        return "aim reached"
    return "reached" if value <= target.must else "missed"


def _coverage(rows: pd.DataFrame) -> list[dict[str, object]]:
    table = summary(rows[rows["method"] == OURS]).set_index("set")
    told = []
    for column, (low, high) in COVERAGE.items():
        held = table[column].between(low, high)
        off = np.maximum(low - table[column], table[column] - high)
        told.append(
            {
                "against": f"coverage of the {column[3:]} % range",
                "opponents": ", ".join(
                    f"{name}: {value:.3f}" for name, value in table[column].items()
                ),
                "must": f"{low:.2f} to {high:.2f}",
                "aim": f"{int(column[3:]) / 100:.2f} +- 0.03",
                "reached": float(table[column].mean()),
                "low": float(table[column].min()),
                "high": float(table[column].max()),
                "worst_set": str(off.idxmax()),
                "verdict": "reached" if held.all() else "missed on " + ", ".join(held.index[~held]),
            }
        )
    return told

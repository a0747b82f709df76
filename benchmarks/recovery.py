"""Demand that empty shelves cut, recovered from sales, against simulated truth.

Worlds like the demo sellers and small worlds of other kinds, with stock reports and without.
Beside it the rule of zeros that spreadsheets use, and no correction. Run:
``python run.py bench recovery [--short]``.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd

from benchmarks.recovery_worlds import ODDITIES, Case, small_case
from benchmarks.results import write_results
from benchmarks.world import SPECS, Truth, simulate
from benchmarks.world_demand import phase_days
from planner.intake.chances import chance_of_more
from planner.intake.stock_outs import stock_outs
from planner.tables import StockHistory, empty

SEEDS = tuple(range(401, 409)) + tuple(range(501, 509))
SHORT_SEEDS = (401,)
BANDS = {"under 0.5": (0, 0.5), "0.5 to 2": (0.5, 2), "2 to 10": (2, 10), "over 10": (10, 1e9)}
"""SKUs by units of a usual day. [units/day]"""
KEYS = ["shop", "market", "sku", "day"]
ZERO_CHANCE = 0.01
FAST_UNITS = 2.0
"""Above so many units a day false alarms are counted over all SKUs. [units/day]"""
LEFT_CHANCE, LEFT_DISPERSION = 0.01, 0.1
"""A promotion is left in a day whose ordinary line is rarer than that by the true baseline."""
Method = Callable[[Case, bool], tuple[np.ndarray, np.ndarray, np.ndarray]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark, write its results and show them."""
    parser = argparse.ArgumentParser(prog="bench recovery", description=__doc__)
    parser.add_argument("--short", action="store_true", help="one seed per world")
    is_short = parser.parse_args(arguments).short
    seeds = SHORT_SEEDS if is_short else SEEDS
    rows = [row for world, cases in worlds(seeds) for row in rows_of(world, cases)]
    page = write_results(
        "recovery",
        pd.DataFrame(rows),
        title="Demand that empty shelves cut, recovered from sales",
        notes=(
            "bias: units told over units wanted on days on which the shelf was empty at some time,"
            " less 1, bias_sd: its standard deviation from seeds to seeds; promo_bias: the same on"
            " promotion days. told_lost: units told as lost over"
            " units truly lost, less 1, over all days.",
            "false_alarms: share of days in stock that are called stock-outs, of SKUs above 2 units"
            " a day where there are any; recall: share of the units truly lost that were lost on"
            " days called stock-outs; day_recall: the same of days on which units were lost.",
            "promo_left: the ordinary line told on promotion days over the true mean without"
            " promotion, less 1; promo_days_left: promotion days whose ordinary line chance would"
            " reach once in a hundred (they count as not lifted), of promo_days.",
            "zero runs: runs of zeros rarer than 1 % at the SKU's own Poisson rate, filled with"
            " the mean of its other ordinary days. Without reports, day totals and moments tell.",
            "The worlds are this project's own; they say how well a truth of that kind is found.",
        ),
        is_short=is_short,
    )
    print(page.read_text(encoding="utf-8"), page, sep="\n")


def worlds(seeds: Sequence[int]) -> Iterator[tuple[str, list[Case]]]:
    """Yield each world's name and its cases."""
    for seller, spec in SPECS.items():
        yield seller, [demo_case(simulate(spec, seed)) for seed in seeds]
    for name, oddity in ODDITIES.items():
        yield name, [small_case(oddity, seed) for seed in seeds]


def demo_case(truth: Truth) -> Case:
    """Return a demo world as the planner sees it, stock-outs unmarked."""
    daily = truth.daily.sort_values(KEYS, ignore_index=True)
    promo = pd.Series("", index=truth.days), pd.Series("", index=truth.days)
    for one in truth.spec.promos:
        for phase, chosen in phase_days(truth.days, one).items():
            promo[0][chosen], promo[1][chosen] = one.event, phase
    daily["event"], daily["phase"] = daily["day"].map(promo[0]), daily["day"].map(promo[1])
    daily["units"] = daily["sales_units"].round().astype("int64")
    ends = pd.DataFrame(truth.stock.on_hand_units, truth.spec.skus, truth.days)
    history = ends.rename_axis("sku").reset_index().melt("sku", var_name="day", value_name="units")
    history["day"] = history["day"].astype("datetime64[us]")
    daily = daily.merge(history.rename(columns={"units": "ends"}), on=["sku", "day"])
    daily["is_cut"] = (daily["demand_units"] > daily["sales_units"]) & (daily["ends"] == 0)
    daily["is_out"] = daily["ends"] == 0
    started = daily.groupby(KEYS[:3])["units"].cumsum() > 0
    daily = daily[started].reset_index(drop=True)
    usual = daily.groupby(KEYS[:3])["baseline_units"].transform("median")
    told = daily[["demand_units", "is_cut", "is_out", "baseline_units"]].assign(mean_units=usual)
    return Case(daily, history, _demo_lines(truth), told)


def rows_of(world: str, cases: Sequence[Case]) -> Iterator[dict[str, object]]:
    """Yield lines of the result for one world: methods, with and without reports, by band."""
    for method, has_reports in METHODS:
        started = time.perf_counter()
        answers = [METHODS[method, has_reports](case, has_reports) for case in cases]
        seconds = (time.perf_counter() - started) / len(cases)
        whole = pd.concat(
            [
                case.truth.assign(
                    told=told,
                    called=called,
                    case=number,
                    ordinary=ordinary,
                    units=case.daily["units"],
                    is_promo=case.daily["phase"] != "",
                )
                for number, (case, (told, called, ordinary)) in enumerate(
                    zip(cases, answers, strict=True)
                )
            ]
        )
        kind = {"world": world, "method": method, "reports": "yes" if has_reports else "no"}
        yield kind | {"units_a_day": "all"} | scores_of(whole) | {"seconds": round(seconds, 2)}
        if method == "planner":
            for band, (low, high) in BANDS.items():
                part = whole[(whole["mean_units"] >= low) & (whole["mean_units"] < high)]
                if part["is_cut"].any():
                    yield kind | {"units_a_day": band} | scores_of(part)


def planner(case: Case, has_reports: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Recover with this project's intake."""
    history = case.history if has_reports else empty(StockHistory)
    told = stock_outs(case.daily, history, lines=case.lines)
    called = told["is_stock_out"].to_numpy(dtype=bool)
    return told["demand_units"].to_numpy(), called, told["ordinary_units"].to_numpy()


def zero_runs(case: Case, has_reports: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Recover by the rule of zeros."""
    daily = case.daily
    units = daily["units"].to_numpy(dtype=float)
    series = daily.groupby(KEYS[:3]).ngroup()
    ordinary = daily["phase"].eq("")
    mean = daily["units"].where(ordinary & daily["units"].gt(0)).groupby(series).transform("sum")
    mean = (mean / ordinary.groupby(series).transform("sum")).to_numpy()
    zero = daily["units"].eq(0)
    run = (zero.ne(zero.shift()) | series.ne(series.shift())).cumsum()
    length = zero.groupby(run).transform("size")
    called = (zero & (np.exp(-mean * length) < ZERO_CHANCE)).to_numpy()
    free = (ordinary & ~called).groupby(series).transform("sum")
    usual = (daily["units"].where(ordinary & ~called, 0).groupby(series).transform("sum")) / free
    filled = np.where(called, usual, units)
    return filled, called, filled


def uncorrected(case: Case, has_reports: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Take sales for demand."""
    units = case.daily["units"].to_numpy(dtype=float)
    return units, np.zeros(len(units), dtype=bool), units


def scores_of(whole: pd.DataFrame) -> dict[str, object]:
    """Return how demand told compares with the truth; `whole` has `told`, `called` beside it."""
    out, cut, free = whole[whole["is_out"]], whole[whole["is_cut"]], whole[~whole["is_out"]]
    promo = out[out["is_promo"]]
    fast = free[free["mean_units"] > FAST_UNITS]
    free = fast if len(fast) else free
    lost = cut["demand_units"] - cut["units"]
    said = (whole["told"] - whole["units"]).sum()
    return {
        "out_days": len(out),
        "bias": _less_one(out["told"].sum(), out["demand_units"].sum()),
        "bias_sd": _doubt(out),
        "promo_bias": _less_one(promo["told"].sum(), promo["demand_units"].sum()),
        "told_lost": _less_one(said, lost.sum()),
        "false_alarms": round(free["called"].mean(), 4),
        "recall": round((lost * cut["called"]).sum() / max(lost.sum(), 1), 3),
        "day_recall": round(cut["called"].mean(), 3),
        **_promo_scores(whole[whole["is_promo"]]),
    }


METHODS: dict[tuple[str, bool], Method] = {
    ("planner", True): planner,
    ("planner", False): planner,
    ("zero runs", False): zero_runs,
    ("no correction", False): uncorrected,
}


def _promo_scores(promo: pd.DataFrame) -> dict[str, object]:
    line, true = promo["ordinary"].to_numpy(float), promo["baseline_units"].to_numpy(float)
    chance = chance_of_more(np.floor(line), true, np.array(LEFT_DISPERSION))
    return {
        "promo_left": _less_one(line.sum(), true.sum()),
        "promo_days": len(promo),
        "promo_days_left": int((chance < LEFT_CHANCE).sum()),
    }


def _doubt(out: pd.DataFrame) -> float | None:
    """Return the standard deviation that other seeds would give the bias."""
    cases = out.groupby("case")[["told", "demand_units"]].sum()
    wanted, n_case = cases["demand_units"].sum(), len(cases)
    if n_case < 2 or wanted == 0:
        return None
    off = cases["told"] - cases["told"].sum() / wanted * cases["demand_units"]
    return round(float(np.sqrt((off**2).sum() * n_case / (n_case - 1)) / wanted), 3)


def _less_one(told: float, true: float) -> float | None:
    return round(told / true - 1, 3) if true else None


def _demo_lines(truth: Truth) -> pd.DataFrame:
    spec = truth.spec
    names = {place: item.sku for place, item in enumerate(spec.listings)}
    lines = pd.DataFrame(
        {
            "shop": truth.lines["shop"].map({n: shop.shop for n, shop in enumerate(spec.shops)}),
            "sku": truth.lines["sku"].map(names),
            "ordered_at": truth.lines["ordered_at"],
        }
    )
    parts = pd.DataFrame(spec.bundles, columns=["sku", "component", "units"])
    bundled = lines.merge(parts, on="sku").assign(sku=lambda frame: frame["component"])
    lines = pd.concat([lines[~lines["sku"].isin(parts["sku"])], bundled[lines.columns]])
    return lines.assign(market=lines["shop"].map({one.shop: one.market for one in spec.shops}))


if __name__ == "__main__":
    main()

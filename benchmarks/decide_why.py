"""Why a fixed factor on the forecast can tie with the range: what other orders would have earned.

Orders once by the range of every series, scaled, and with one ratio to the mean for all series;
and by the scale that the other sets would have wished. Nothing of it is used by the product.
"""

import numpy as np
import pandas as pd

from benchmarks.accuracy_profit import LANDED_COST, PRICE
from benchmarks.decide_policies import FORECAST_BUFFER, FORECAST_PLUS, ratio_of_goods
from benchmarks.decide_replay import Replay, terms_of
from planner.supply.later.two_stage import earned

KEYS = ["set", "goods"]
SCALES = (0.85, 0.9, 0.95, 1.0, 1.05, 1.1, 1.15)
"""Of every order by the range; 1 is ours."""
OURS_SCALE = 1.0
ONE_RATIO, LEARNT = "one ratio for all", "scale learnt on the other sets"
TEXT = (
    "Ratio: what one order at the critical ratio is to the mean of the forecast, over all series;"
    f" where it lies near {FORECAST_BUFFER:g}, a constant of {FORECAST_BUFFER:g} orders the same"
    " in sum and can differ only series by series. One ratio: every series of a planning day"
    " ordered at that ratio, so that no series has a range of its own. Best scale: the factor on"
    " all our orders that would have earned most, known only afterwards. Learnt: the factor that"
    " earns most on all other sets together, in points of foresight. All in points of perfect"
    " foresight above ours, one way of transport; a factor is worth keeping only where it helps"
    " sets that it was not learnt on."
)


def tried(case: Replay, goods: str) -> pd.DataFrame:
    """Return what other orders would have earned on one planning day.

    Parameters
    ----------
    case : Replay
    goods : str
        A key of `accuracy_profit.LEFTOVER`.

    Returns
    -------
    DataFrame
        set, goods, order (its name, or its scale), profit, foresight, ordered, forecast.
    """
    own = np.maximum(case.quantile(ratio_of_goods(goods)), 0.0)
    whole = max(float(case.mean.sum()), 1e-9)
    orders = {scale: scale * own for scale in SCALES}
    orders[ONE_RATIO] = case.mean * float(own.sum()) / whole
    orders[FORECAST_PLUS] = FORECAST_BUFFER * case.mean
    terms = terms_of(case, goods)
    wanted = float((case.truth.warm + case.truth.rest).mean(axis=1).sum())
    rows = []
    for name, units in orders.items():
        profit = earned(case.truth, terms, np.rint(units), None)[0].mean(axis=1).sum()
        rows.append({
            "set": case.set, "goods": goods, "order": name, "profit": float(profit),
            "foresight": (PRICE - LANDED_COST) * wanted, "ordered": float(own.sum()),
            "forecast": whole,
        })  # fmt: skip
    return pd.DataFrame(rows)


def why_of(found: pd.DataFrame) -> pd.DataFrame:
    """Return by set and goods how the orders tried stand against ours.

    Parameters
    ----------
    found : DataFrame
        What `tried` gave, all sets one below the other.

    Returns
    -------
    DataFrame
        set, goods, ratio, the lead over ours of the fixed factor, of one ratio for all, of the
        best scale in hindsight and of the scale learnt on the other sets. [points of foresight]
    """
    sums = found.groupby([*KEYS, "order"], sort=False)[["profit", "foresight"]].sum()
    sums = sums.assign(points=100 * sums["profit"] / sums["foresight"]).reset_index()
    points = sums.pivot_table(index=KEYS, columns="order", values="points", sort=False)
    scales = points[list(SCALES)].astype(float)
    ours = scales[OURS_SCALE]
    size = found.groupby(KEYS, sort=False)[["ordered", "forecast"]].sum()
    table = pd.DataFrame(index=ours.index)
    table["ratio"] = size["ordered"] / size["forecast"]
    for name in (FORECAST_PLUS, ONE_RATIO):
        table[name] = points[name].astype(float) - ours
    table["best scale"] = scales.idxmax(axis=1)
    table["at the best scale"] = scales.max(axis=1) - ours
    learnt = [_learnt(scales, *key) for key in scales.index]
    table["learnt"] = learnt
    table[LEARNT] = [scales.loc[key, scale] for key, scale in zip(ours.index, learnt, strict=True)]
    table[LEARNT] -= ours
    order = pd.MultiIndex.from_frame(found[KEYS].drop_duplicates())
    return table.reindex(order).round(2).reset_index()


def reading_of(table: pd.DataFrame) -> str:
    """Return in one sentence each what ranges by series and learnt factors are worth.

    Parameters
    ----------
    table : DataFrame
        What `why_of` gave.
    """
    width = table.groupby("set", sort=False)[ONE_RATIO].agg(["min", "max"])
    spans = [f"{name} {row['min']:+.2f} to {row['max']:+.2f}" for name, row in width.iterrows()]
    gain, loss = table[LEARNT].max(), table[LEARNT].min()
    return (
        f"One ratio for all series changes what ours earns by {', '.join(spans)} points: where that"
        " is near 0 the widths of single series are neither the cause nor a cure, and what is left"
        " is where the forecast's mean stands, told by the bias above. A factor learnt on the"
        f" other sets adds at most {gain:.2f} points and costs up to {-loss:.2f}; ours uses none."
    )


def _learnt(scales: pd.DataFrame, name: str, goods: str) -> float:
    """Return the scale that earns most on the other sets; ours where there is none."""
    others = scales.xs(goods, level="goods").drop(index=name)
    return OURS_SCALE if others.empty else float(others.sum().idxmax())

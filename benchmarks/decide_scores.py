"""Scores of the policies, and by how much ours leads each of them, with intervals.

Events are drawn with replacement; shares are of sums, so that large series count by their money.
"""

import numpy as np
import pandas as pd

from benchmarks.decide_policies import NEWSVENDOR, OURS, POLICIES, ratio_of_goods
from benchmarks.decide_replay import ORACLE

KEYS = ["set", "goods"]
SUMS = ["profit", "foresight", "wanted", "sold", "ordered"]
DECIMALS = 4
N_DRAWS = 2000
INTERVAL = (0.05, 0.95)
SEED = 2026
COLUMNS = [
    "set",
    "policy",
    "is_ours",
    "goods",
    "profit_share_of_oracle",
    "profit_share_of_foresight",
    "fill_rate",
    "leftover_share",
]


def rows_of(events: pd.DataFrame) -> pd.DataFrame:
    """Return the lines of the result; the oracle's own line is among them.

    Parameters
    ----------
    events : DataFrame
        What `decide_replay.replayed` gave.
    """
    table = events.groupby([*KEYS, "policy"], sort=False)[SUMS].sum().reset_index()
    oracle = table[table["policy"] == ORACLE].set_index(KEYS)["profit"].rename("oracle")
    table = table.join(oracle, on=KEYS)
    table["is_ours"] = table["policy"] == OURS
    table["profit_share_of_oracle"] = table["profit"] / table["oracle"]
    table["profit_share_of_foresight"] = table["profit"] / table["foresight"]
    table["fill_rate"] = table["sold"] / table["wanted"]
    ordered = table["ordered"].where(table["ordered"] > 0)
    table["leftover_share"] = ((table["ordered"] - table["sold"]) / ordered).fillna(0.0)
    place = {name: number for number, name in enumerate((*POLICIES, ORACLE))}
    table["place"] = table["policy"].map(place)
    table["group"] = table.groupby(KEYS, sort=False).ngroup()
    figures = COLUMNS[4:]
    table[figures] = table[figures].round(DECIMALS)
    return table.sort_values(["group", "place"])[COLUMNS].reset_index(drop=True)


def calibration_of(events: pd.DataFrame) -> pd.DataFrame:
    """Return how often one order at the critical ratio was enough, and what the forecast was off.

    Returns
    -------
    DataFrame
        set, goods, asked (the ratio), met (share of series and worlds), forecast_bias.
    """
    own = events[events["policy"] == NEWSVENDOR]
    sums = own.groupby(KEYS, sort=False)[["met", "series", "forecast", "wanted"]].sum()
    table = sums.reset_index()[KEYS]
    table["asked"] = [ratio_of_goods(goods) for goods in table["goods"]]
    table["met"] = (sums["met"] / sums["series"]).to_numpy()
    table["forecast_bias"] = (sums["forecast"] / sums["wanted"] - 1).to_numpy()
    return table.round(3)


def leads_of(events: pd.DataFrame) -> pd.DataFrame:
    """Return by how many points of perfect foresight ours leads each policy.

    Returns
    -------
    DataFrame
        set, goods, policy, lead, low, high: the lead and its 90 % interval over events.
    """
    stream = np.random.default_rng(SEED)
    found = []
    for (name, goods), part in events.groupby(KEYS, sort=False):
        profit = part.pivot_table(index="event", columns="policy", values="profit", sort=False)
        whole = part[part["policy"] == OURS].groupby("event")["foresight"].sum()
        whole = whole.reindex(profit.index).to_numpy()
        drawn = stream.integers(0, len(profit), (N_DRAWS, len(profit)))
        for policy in [one for one in (*POLICIES, ORACLE) if one in profit and one != OURS]:
            gain = (profit[OURS] - profit[policy]).to_numpy()
            points = 100 * gain[drawn].sum(axis=1) / whole[drawn].sum(axis=1)
            low, high = np.quantile(points, INTERVAL)
            lead = 100 * gain.sum() / whole.sum()
            found.append((name, goods, policy, len(profit), lead, low, high))
    columns = [*KEYS, "policy", "events", "lead", "low", "high"]
    return pd.DataFrame(found, columns=columns).round({"lead": 2, "low": 2, "high": 2})

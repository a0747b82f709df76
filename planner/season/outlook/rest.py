"""The rest of the campaign: demand from the looking day to the horizon's end, learnt from sales.

Joins the draws to what has been sold and gives quantiles and a daily course. Knows
nothing of stock, lanes or actions.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.season.days import KEYS
from planner.season.outlook import worlds as draws_of
from planner.season.outlook.belief import Belief, believe
from planner.season.outlook.worlds import Worlds

LEVELS = (0.10, 0.50, 0.90)


class Rest(NamedTuple):
    """Demand still to come; row i of every array belongs to row i of `keys`."""

    keys: pd.DataFrame
    """market, sku."""
    weights: np.ndarray
    """shape (n_sku, n_draws): belief in each world. [unitless]"""
    units: np.ndarray
    """shape (n_sku, n_draws): demand to come in each world. [units]"""
    daily: np.ndarray
    """shape (n_sku, n_days): expected demand by day, column 0 the looking day. [units/day]"""
    after: np.ndarray
    """shape (n_sku,): expected demand of a day after the campaign, NaN if none. [units/day]"""

    def quantile(self, levels: tuple[float, ...]) -> np.ndarray:
        """Return quantiles of demand to come, shape (n_sku, n_levels). [units]."""
        return draws_of.quantiles(self.units, self.weights, levels)

    def quantile_at(self, levels: np.ndarray) -> np.ndarray:
        """Return for each SKU the quantile at its own level, shape (n_sku,). [units]."""
        steps = tuple(np.unique(levels)) or (0.5,)
        table = self.quantile(steps)
        return table[np.arange(len(levels)), np.searchsorted(steps, levels)]

    def course(self, total: np.ndarray) -> np.ndarray:
        """Return the daily course stretched to a total of each SKU, shape (n_sku, n_days)."""
        expected = self.daily.sum(axis=1)
        return self.daily * (total / np.where(expected > 0, expected, 1.0))[:, None]


def rest_of_campaign(
    draws: pd.DataFrame,
    sums: pd.DataFrame,
    *,
    scope: Scope,
    by_day: pd.DataFrame | None = None,
) -> Rest:
    """Return demand from the looking day to the horizon's end, given the sales to date.

    Parameters
    ----------
    draws : DataFrame
        Table `DemandDraws`.
    sums : DataFrame
        market, sku, units_to_date, is_censored, seen_until: sales to date, whether stock ran
        out, and the first day whose sales are not known.
    scope : Scope
        Its looking days of step 4 and its horizons.
    by_day : DataFrame, optional
        Table `ForecastDaily`: how a phase falls on its days; without it evenly.

    Notes
    -----
    See `belief.believe` for the likelihood.
    """
    worlds = draws_of.market_worlds(draws)
    looking, ends = scope.as_of(4), scope.horizon_ends
    worlds = _in_markets(worlds, scope)
    starts = {market: plan.phases.start for market, plan in scope.plans.items()}
    seen = {market: looking[market] for market in looking} | _seen(sums)
    keys, to_date = draws_of.demand_between(worlds, starts, seen, by_day=by_day)
    _, rest = draws_of.demand_between(worlds, looking, ends, by_day=by_day)
    known = keys.merge(sums, on=KEYS, how="left")
    belief = believe(
        to_date,
        rest,
        known["units_to_date"].to_numpy(dtype=float, na_value=np.nan),
        market=keys["market"].to_numpy(),
        doubt=draws_of.doubt_of_days(worlds, starts, seen, by_day=by_day),
        is_censored=known["is_censored"].fillna(False).to_numpy(dtype=bool),
    )
    daily = _daily_course(worlds, keys, belief, scope, by_day)
    after = _after_rate(worlds, keys, belief)
    return Rest(keys, belief.weights, rest * belief.scale[:, None], daily, after)


def _in_markets(worlds: Worlds, scope: Scope) -> Worlds:
    inside = worlds.keys["market"].isin(scope.markets).to_numpy()
    return Worlds(worlds.keys[inside].reset_index(drop=True), worlds.units[inside])


def _seen(sums: pd.DataFrame) -> dict[str, pd.Timestamp]:
    return sums.groupby("market")["seen_until"].max().dt.date.to_dict()


def _expected(worlds: Worlds, keys: pd.DataFrame, belief: Belief) -> tuple[np.ndarray, np.ndarray]:
    """Return each phase's row in `keys` and its believed demand per day. [units/day]."""
    places = pd.MultiIndex.from_frame(keys).get_indexer(pd.MultiIndex.from_frame(worlds.keys[KEYS]))
    mean = (worlds.units * belief.weights[places]).sum(axis=1) * belief.scale[places]
    days = (worlds.keys["ends_on"] - worlds.keys["starts_on"]).dt.days.to_numpy() + 1
    return places, mean / days


def _daily_course(
    worlds: Worlds,
    keys: pd.DataFrame,
    belief: Belief,
    scope: Scope,
    by_day: pd.DataFrame | None,
) -> np.ndarray:
    places, rate = _expected(worlds, keys, belief)
    looking = pd.to_datetime(worlds.keys["market"].map(scope.as_of(4)))
    first = (worlds.keys["starts_on"] - looking).dt.days.to_numpy()
    last = (worlds.keys["ends_on"] - looking).dt.days.to_numpy()
    days = np.arange(max(int(last.max(initial=-1)) + 1, 1))
    inside = (days >= first[:, None]) & (days <= last[:, None])
    course = np.zeros((len(keys), len(days)))
    even = np.where(inside, 1.0, 0.0)
    shape = even if by_day is None else even * _shape(worlds.keys, by_day, looking, len(days))
    np.add.at(course, places, rate[:, None] * shape)
    return course


def _shape(keys: pd.DataFrame, by_day: pd.DataFrame, looking: pd.Series, n_days: int) -> np.ndarray:
    """Return each day's forecast against the mean day of its phase, 1 where there is none."""
    columns = [*KEYS, "phase"]
    rows = by_day.groupby([*columns, "day"], as_index=False)["mean_units"].sum()
    mean = rows.groupby(columns)["mean_units"].transform("mean")
    place = pd.MultiIndex.from_frame(keys[columns]).get_indexer(
        pd.MultiIndex.from_frame(rows[columns])
    )
    rows, mean, place = rows[place >= 0], mean[place >= 0], place[place >= 0]
    day = (rows["day"] - looking.to_numpy()[place]).dt.days.to_numpy()
    ahead = (day >= 0) & (day < n_days) & (mean > 0).to_numpy()
    shape = np.ones((len(keys), n_days))
    ratio = (rows["mean_units"] / mean).to_numpy()
    shape[place[ahead], day[ahead]] = ratio[ahead]
    return shape


def _after_rate(worlds: Worlds, keys: pd.DataFrame, belief: Belief) -> np.ndarray:
    places, rate = _expected(worlds, keys, belief)
    is_after = (worlds.keys["phase"] == "after").to_numpy()
    result = np.full(len(keys), np.nan)
    result[places[is_after]] = rate[is_after]
    return result

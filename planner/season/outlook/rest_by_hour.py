"""The rest of the campaign from any moment of it, SKU by SKU, from what has sold so far.

Joins plan, sales and hours into what the posterior needs, and tells the result as tables. Knows
nothing of stock or actions.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.season.days import KEYS
from planner.season.outlook.posterior import Learnt, learn_rest
from planner.season.outlook.rest import Rest
from planner.season.outlook.sightings import PHASES, Sight, moments, sight_of

LEVELS = (0.10, 0.50, 0.90)
LEAST_LEVEL_UNITS = 0.1
"""Below it a fit's dispersion says nothing of a day's noise. [units/day]"""


class MarketRest(NamedTuple):
    """One market: what was seen, and what is believed of the rest."""

    market: str
    sight: Sight
    learnt: Learnt

    @property
    def ahead(self) -> np.ndarray:
        """Places of the days not yet over, the running one first."""
        return np.flatnonzero(self.sight.days >= self.sight.at.normalize())

    def by_day(self, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Return demand of each day ahead in each world, shape (n_row, n_ahead, n_draws). [units].

        The running day holds what is left of it.
        """
        days = self.ahead
        share = self.learnt.day_shares[rows][:, days]
        return self.learnt.phase_units[rows][:, self.sight.phase[days]] * share[:, :, None]

    @property
    def is_event_day(self) -> np.ndarray:
        """Whether each day ahead belongs to a phase of the campaign, shape (n_ahead,)."""
        return self.sight.phase[self.ahead] < PHASES.index("after")


def rest_by_hour(
    draws: pd.DataFrame,
    by_day: pd.DataFrame,
    track: pd.DataFrame,
    *,
    scope: Scope,
    at: Mapping[str, pd.Timestamp] | None = None,
    hours: pd.DataFrame | None = None,
    today: pd.DataFrame | None = None,
    curve: pd.DataFrame | None = None,
    fit: pd.DataFrame | None = None,
    is_pooled: bool = True,
) -> list[MarketRest]:
    """Return for each market demand from a moment to the horizon's end, learnt from sales.

    Parameters
    ----------
    draws, by_day, track : DataFrame
        Tables `DemandDraws`, `ForecastDaily` and `TrackDaily`.
    scope : Scope
        Its looking days of step 4.
    at : Mapping of str to Timestamp, optional
        By market, a moment of the looking day by the shop's clock; without one its beginning.
    hours : DataFrame, optional
        Table `HourProfile`, for moments within a day; without it hours are taken as even.
    today : DataFrame, optional
        Sales of the looking day before the moment, as `sightings.sales_today` returns them, with
        `is_stock_out` where known.
    curve : DataFrame, optional
        Table `DayCurve`: how far a day strays from its share.
    fit : DataFrame, optional
        Table `BaselineFit`: how far a SKU's days stray by chance.
    is_pooled : bool
        Whether a SKU learns from the others too.

    Notes
    -----
    See `posterior.learn_rest`. Before the campaign, and after its horizon, a market has no rest.
    """
    found = []
    for market, moment in moments(scope, at).items():
        plan = scope.plans[market]
        has_rest = pd.Timestamp(plan.phases.start) <= moment
        has_rest &= moment < pd.Timestamp(plan.next_replenishment_on)
        if not has_rest or not (draws["market"] == market).any():
            continue
        sight = sight_of(
            market,
            draws,
            by_day[by_day["market"] == market],
            track[track["market"] == market],
            scope=scope,
            at=moment,
            hours=hours,
            today=None if today is None else today[today["market"] == market],
            curve=curve,
        )
        excess = day_excess(fit, sight.keys)
        learnt = learn_rest(sight, excess=excess, seed_text=scope.seed_text, is_pooled=is_pooled)
        found.append(MarketRest(market, sight, learnt))
    return found


def day_excess(fit: pd.DataFrame | None, keys: pd.DataFrame) -> np.ndarray:
    """Return alpha in ``var = mean + alpha mean^2`` of a SKU's day, NaN where no fit tells it.

    Parameters
    ----------
    fit : DataFrame, optional
        Table `BaselineFit`; the shops of a market count by their level.
    keys : DataFrame
        market, sku.
    """
    if fit is None or fit.empty:
        return np.full(len(keys), np.nan)
    level = fit["level_units"].clip(lower=LEAST_LEVEL_UNITS)
    parts = fit[KEYS].assign(level=level, part=fit["dispersion_ratio"] - 1.0)
    sums = parts.groupby(KEYS)[["level", "part"]].sum()
    alpha = (sums["part"] / sums["level"]).reindex(pd.MultiIndex.from_frame(keys[KEYS]))
    return alpha.to_numpy(dtype=float)


def rest_table(rests: list[MarketRest]) -> pd.DataFrame:
    """Return what is still to come beside what the plan had for the same time.

    Returns
    -------
    DataFrame
        Table `RestOfEvent`.
    """
    parts = [_rows(rest) for rest in rests]
    if not parts:
        return tables.empty(tables.RestOfEvent)
    return tables.checked(tables.RestOfEvent, pd.concat(parts, ignore_index=True))


def as_rest(rests: list[MarketRest]) -> Rest:
    """Return the same as `rest.rest_of_campaign` does, for `track.track_status`."""
    n_days = max((len(rest.ahead) for rest in rests), default=1)
    daily = [rest.by_day().mean(axis=2) for rest in rests]
    n_draws = rests[0].sight.worlds.shape[2] if rests else 1
    keys = [rest.sight.keys for rest in rests]
    whole = pd.concat(keys, ignore_index=True) if keys else pd.DataFrame(columns=KEYS)
    padded = [np.pad(part, ((0, 0), (0, n_days - part.shape[1]))) for part in daily]
    units = [rest.learnt.totals() for rest in rests]
    after = [_after_rate(rest) for rest in rests]
    return Rest(
        whole,
        np.full((len(whole), n_draws), 1.0 / n_draws),
        np.concatenate(units) if units else np.zeros((0, n_draws)),
        np.concatenate(padded) if padded else np.zeros((0, n_days)),
        np.concatenate(after) if after else np.zeros(0),
    )


def _rows(rest: MarketRest) -> pd.DataFrame:
    sight, learnt = rest.sight, rest.learnt
    event = learnt.totals("tail")
    levels = np.quantile(event, LEVELS, axis=1)
    planned = planned_rest(sight)
    width = np.diff(np.quantile(planned, (LEVELS[0], LEVELS[-1]), axis=1), axis=0)[0]
    ratio = np.divide(
        levels[2] - levels[0], width, out=np.full(len(width), np.nan), where=width > 0
    )
    named = dict(zip(("rest_q10_units", "rest_q50_units", "rest_q90_units"), levels, strict=True))
    return sight.keys.assign(
        looking_at=sight.at,
        sold_units=sight.sold.sum(axis=1),
        is_censored=sight.is_floor.any(axis=1),
        planned_rest_units=planned.mean(axis=1),
        **named,
        rest_mean_units=event.mean(axis=1),
        horizon_mean_units=learnt.totals().mean(axis=1),
        width_ratio=ratio,
    )


def planned_rest(sight: Sight) -> np.ndarray:
    """Return the plan's worlds of the rest of the event, by the plan's shares of the days.

    Returns
    -------
    ndarray, shape (n_sku, n_draws)
        From the moment to the last day of the last phase. [units]
    """
    total = np.zeros((len(sight.keys), sight.worlds.shape[2]))
    for place in range(PHASES.index("after")):
        inside = sight.phase == place
        whole = np.maximum(sight.expected[:, inside].sum(axis=1), 1e-12)
        left = (sight.expected[:, inside] * (1 - sight.past[:, inside])).sum(axis=1)
        total += sight.worlds[:, place] * (left / whole)[:, None]
    return total


def _after_rate(rest: MarketRest) -> np.ndarray:
    place = PHASES.index("after")
    days = int((rest.sight.phase == place).sum())
    mean = rest.learnt.phase_units[:, place].mean(axis=1)
    return mean / days if days else np.full(len(mean), np.nan)

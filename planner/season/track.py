"""The campaign as it runs: sold against plan, what is still to come, what to do today.

Joins the parts of this room into the tables of notebook 04. Knows nothing of how
sales were read or how the forecast was made.
"""

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.season.acting import actions
from planner.season.acting.actions import Verdict
from planner.season.days import (
    KEYS,
    campaign_days,
    known_until,
    planned_by_day,
    planned_rates,
    seen_until,
    sold_by_day,
)
from planner.season.outlook.rest import LEVELS, Rest, rest_of_campaign
from planner.season.platform.dispatch import dispatch_metrics
from planner.season.platform.waiting_orders import ageing_orders
from planner.season.stock import shelf
from planner.season.stock.held import dead_stock_days
from planner.season.stock.stock_check import check_stock

__all__ = [
    "ageing_orders",
    "check_stock",
    "dispatch_metrics",
    "track_daily",
    "track_status",
]

QUANTILE_COLUMNS = ["horizon_q10_units", "horizon_q50_units", "horizon_q90_units"]


def track_daily(
    daily: pd.DataFrame,
    forecast: pd.DataFrame,
    *,
    scope: Scope,
    by_day: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what each market sold on each campaign day to date, beside what was planned.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales` as known on the tracking day.
    forecast : DataFrame
        Table `Forecast`.
    scope : Scope
        Its looking days of step 4; a market's days end there, at the horizon, or where its
        exports end.
    by_day : DataFrame, optional
        Table `ForecastDaily`: what each day was expected to sell.

    Returns
    -------
    DataFrame
        Table `TrackDaily`, shops added up; empty before the campaign starts. A SKU that sold
        without standing in the forecast has no planned units.

    Notes
    -----
    Without `by_day`, ``planned = phase mean / days of the phase``: the forecast is spread evenly
    over a phase, so a peak on its first day shows as a pace above plan that falls back.
    """
    days = campaign_days(scope, until=known_until(daily, seen_until(scope, step=4)))
    sold = sold_by_day(daily, days)
    if by_day is None:
        planned = planned_rates(forecast).merge(days, on=["market", "phase"])
    else:
        planned = planned_by_day(by_day).merge(days, on=["market", "phase", "day"])
    merged = planned.merge(sold, on=[*KEYS, "day", "phase"], how="outer")
    merged["units"] = merged["units"].fillna(0).astype("int64")
    merged["is_stock_out"] = merged["is_stock_out"].eq(True)
    return tables.checked(tables.TrackDaily, merged.sort_values([*KEYS, "day"]))


def track_status(
    track: pd.DataFrame,
    draws: pd.DataFrame,
    held: pd.DataFrame,
    coming: pd.DataFrame,
    lane_options: pd.DataFrame,
    economics: pd.DataFrame,
    *,
    scope: Scope,
    bounds: pd.DataFrame | None = None,
    by_day: pd.DataFrame | None = None,
    rest: Rest | None = None,
) -> pd.DataFrame:
    """Return where each SKU stands on the tracking day and what to do about it.

    Parameters
    ----------
    track : DataFrame
        Table `TrackDaily`.
    draws : DataFrame
        Table `DemandDraws`.
    held : DataFrame
        What can be sold on the looking day, as `counts.stock_today` returns it.
    coming : DataFrame
        What is coming, as `counts.arrivals` or `milestones.as_expected` returns it.
    lane_options, economics : DataFrame
        Tables `LaneOptions`, `UnitEconomics`.
    scope : Scope
        Its looking days of step 4.
    bounds : DataFrame, optional
        Register `Bounds`; its rule `dead_stock_days` spares stock that ordinary days will sell
        in good time from being cleared. Without it, all that is left at the horizon's end
        though demand is high counts as left over.
    by_day : DataFrame, optional
        Table `ForecastDaily`: how the rest of each phase falls on its days.
    rest : Rest, optional
        Demand to come as `rest_by_hour.as_rest` tells it; without it, it is learnt by day here.

    Returns
    -------
    DataFrame
        Table `TrackStatus`: every SKU of the forecast and every SKU sold, by market and SKU.
        Rest and stock are empty where unknown, and the reason says so.

    Notes
    -----
    `stock_units` is what `held` says, goods under way left out; `cover_days` is that and what
    becomes sellable before the shelf runs empty by the rate expected on the tracking day, until
    `agreement.agreed` puts the hours of the shelf in its place. See `belief.believe` for the rest
    and `actions.decide` for the action.
    """
    sums = _sums(track, scope)
    if rest is None:
        rest = rest_of_campaign(draws, sums, scope=scope, by_day=by_day)
    held = rest.keys.merge(held, on=KEYS, how="left")
    arriving = _arrival_matrix(rest, coming, scope)
    today = held["stock_units"].where(held["stock_units"] >= 0).to_numpy(dtype=float)
    cases = actions.sizes(
        rest,
        today,
        arriving,
        lane_options,
        economics,
        scope=scope,
        dead_stock_days=dead_stock_days(bounds),
    )
    verdicts = [
        _unknown(row, scope) or actions.decide(case)
        for row, case in zip(held.to_dict("records"), cases, strict=True)
    ]
    status = _forecast_side(rest, scope).assign(**_stock_side(rest, today, arriving, scope))
    status = status.assign(**_verdict_columns(verdicts, held))
    return tables.checked(tables.TrackStatus, _with_unplanned(status, sums, scope))


def _sums(track: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return by market and SKU the sales to date, and the first day not known of the market."""
    grouped = track.groupby(KEYS, as_index=False)
    sums = grouped.agg(units_to_date=("units", "sum"), is_censored=("is_stock_out", "any"))
    sums["planned_to_date"] = grouped["planned_units"].sum(min_count=1)["planned_units"]
    last = (track.groupby("market")["day"].max() + pd.Timedelta(days=1)).to_dict()
    sums["seen_until"] = pd.to_datetime(sums["market"].map(last))
    return sums


def _arrival_matrix(rest: Rest, due: pd.DataFrame, scope: Scope) -> np.ndarray:
    matrix = np.zeros(rest.daily.shape)
    places = pd.MultiIndex.from_frame(rest.keys).get_indexer(pd.MultiIndex.from_frame(due[KEYS]))
    days = (due["day"] - pd.to_datetime(due["market"].map(scope.as_of(4)))).dt.days.to_numpy()
    inside = (places >= 0) & (days < matrix.shape[1])
    units = due["units"].to_numpy(dtype=float)
    np.add.at(matrix, (places[inside], days[inside].astype(int)), units[inside])
    return matrix


def _forecast_side(rest: Rest, scope: Scope) -> pd.DataFrame:
    looking = pd.to_datetime(rest.keys["market"].map(scope.as_of(4)))
    levels = pd.DataFrame(rest.quantile(LEVELS), columns=QUANTILE_COLUMNS)
    return rest.keys.assign(as_of=looking).join(levels)


def _stock_side(
    rest: Rest, today: np.ndarray, arriving: np.ndarray, scope: Scope
) -> dict[str, object]:
    course = shelf.run_down(today, arriving, rest.daily)
    empty = shelf.first_empty_day(course)
    units = today + shelf.coming_until(arriving, empty)
    rate = rest.daily[:, 0]
    cover = np.where(rate > 0, units / np.where(rate > 0, rate, 1.0), np.nan)
    looking = pd.to_datetime(rest.keys["market"].map(scope.as_of(4)))
    runs_out = (looking + pd.to_timedelta(empty, unit="D")).where(empty >= 0)
    return {"stock_units": today, "cover_days": cover, "runs_out_on": runs_out}


def _unknown(row: dict[str, object], scope: Scope) -> Verdict | None:
    """Return the verdict where the season or the count leaves nothing to weigh."""
    plan, looking = scope.plans[row["market"]], scope.as_of(4)[row["market"]]
    if looking < plan.phases.start:
        reason = f"reason.track_not_started|starts_on={plan.phases.start}"
        return Verdict("none", 0, pd.NaT, reason)
    if looking >= plan.next_replenishment_on:
        reason = f"reason.track_over|replenished_on={plan.next_replenishment_on}"
        return Verdict("none", 0, pd.NaT, reason)
    if pd.isna(row["stock_units"]):
        return Verdict("check_stock", 0, pd.Timestamp(looking), "reason.track_no_count")
    if row["counted_on"].date() < plan.phases.start:
        reason = f"reason.track_old_count|counted_on={row['counted_on']:%Y-%m-%d}"
        return Verdict("check_stock", 0, pd.Timestamp(looking), reason)
    if row["stock_units"] < 0:
        held = row["counted_units"] + row["arrived_units"]
        reason = f"reason.track_sold_more_than_held|held={held:.0f}|sold={row['sold_units']:.0f}"
        return Verdict("check_stock", int(-row["stock_units"]), pd.Timestamp(looking), reason)
    return None


def _verdict_columns(verdicts: list[Verdict], held: pd.DataFrame) -> dict[str, object]:
    overdue = held["overdue_units"].fillna(0)
    notes = [f";reason.track_overdue|units={units:.0f}" if units else "" for units in overdue]
    reasons = [verdict.reason + note for verdict, note in zip(verdicts, notes, strict=True)]
    return {
        "action": pd.Series([verdict.action for verdict in verdicts], dtype="str"),
        "action_units": pd.Series([int(verdict.units) for verdict in verdicts], dtype="int64"),
        "act_by": pd.Series([verdict.act_by for verdict in verdicts], dtype="datetime64[us]"),
        "reason": pd.Series(reasons, dtype="str"),
    }


def _with_unplanned(status: pd.DataFrame, sums: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Add sales to date, and the SKUs sold that no forecast foresaw."""
    merged = status.merge(sums.drop(columns=["is_censored", "seen_until"]), on=KEYS, how="outer")
    merged["as_of"] = pd.to_datetime(merged["market"].map(scope.as_of(4)))
    merged["units_to_date"] = merged["units_to_date"].fillna(0).astype("int64")
    merged["action_units"] = merged["action_units"].fillna(0).astype("int64")
    merged["action"] = merged["action"].fillna("watch")
    unplanned = "reason.track_no_plan|units=" + merged["units_to_date"].astype("str")
    merged["reason"] = merged["reason"].fillna(unplanned)
    starts = {market: plan.phases.start for market, plan in scope.plans.items()}
    is_early = merged["as_of"] <= pd.to_datetime(merged["market"].map(starts))
    planned = merged["planned_to_date"].mask(is_early & merged["horizon_q50_units"].notna(), 0.0)
    merged["planned_to_date"] = planned
    merged["pace_ratio"] = merged["units_to_date"] / planned.where(planned > 0)
    return merged.sort_values(KEYS)

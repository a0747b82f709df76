"""Checks of time: lanes that come too late, seasons that delay, days that cannot be missed.

Each function returns the alerts of one subject. Whether a lane is in time was
decided in `supply.trips.lanes`; here it is told.
"""

import pandas as pd

from planner.guards.entries import KEYS, Entry, as_terms, by_sku, entry, named, named_terms
from planner.scope import Scope
from planner.supply.leftovers.exits import ladder_value
from planner.supply.quantity.value_curves import exit_ladders
from planner.supply.trips.lanes import bound
from planner.supply.trips.legs import own_days

STEP = 3
WEAK = r"\((?:unverified|low), \d{4}-\d{2}-\d{2}\)$"
"""End of a lane's source whose figures nobody verified."""
CODES = {
    "needs_45_days": ("ship_ahead_45", "warn"),
    "lead_time_implausible": ("sea_lead_implausible", "warn"),
    "too_late_for_": ("too_late_for_mode", "note"),
}
"""Beginning of a lane's reason: the alert it is, and how grave while another lane is in time."""


def lanes(
    lane_options: pd.DataFrame,
    bounds: pd.DataFrame,
    scope: Scope,
    *,
    ship: pd.DataFrame | None = None,
) -> list[Entry]:
    """Return alerts for lanes that are too late, not plausible, or near their last day.

    Parameters
    ----------
    lane_options : DataFrame
        Table `LaneOptions`.
    bounds : DataFrame
        Register `Bounds`.
    scope : Scope
    ship : DataFrame, optional
        Table `ShipLines`: where a market ships, only lanes that it ships by are near their last
        day.

    Notes
    -----
    Only a lane that is still in time has a day to act by: that of the others has passed.
    """
    found = []
    used = set() if ship is None else {*zip(ship["market"], ship["mode"], strict=True)}
    shipping = {market for market, _ in used}
    near = bound(bounds, "deadline_near").high
    for row in lane_options.to_dict("records"):
        facts = {**_facts(row["reason"]), "mode": row["mode"], "market": row["market"]}
        for head, (code, severity) in CODES.items():
            if row["reason"].startswith(f"reason.{head}"):
                found.append(entry(code, severity, scope=scope, **facts))
        is_used = row["market"] not in shipping or (row["market"], row["mode"]) in used
        if is_used and row["is_feasible"] and row["slack_days"] <= near:
            facts["on_time"] = row["on_time_rate"]
            act_by = row["produce_by"]
            found.append(entry("ship_deadline", "warn", scope=scope, act_by=act_by, **facts))
    return found


def start(bounds: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return an alert for each market whose planning begins later than the brief asks for.

    Notes
    -----
    The 4 to 8 weeks of the brief are those of shipping: what making takes comes before them.
    """
    least = bound(bounds, "start_of_preparation").low
    ahead = bound(bounds, "ship_ahead_in_risk_season").low
    own = sum(own_days(scope).values())
    found = []
    for market, plan in scope.plans.items():
        days = (plan.shelf_day - scope.as_of(STEP)[market]).days
        if days < least:
            facts = {"days": days, "least": least, "ahead": ahead, "shelf_by": plan.shelf_day}
            found.append(entry("start_late", "warn", scope=scope, market=market, **facts))
        elif days - own < least:
            facts = {"days": days, "least": least, "own": own, "shelf_by": plan.shelf_day}
            found.append(entry("start_excludes_own", "warn", scope=scope, market=market, **facts))
    return found


def weak_lanes(lane_options: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return one alert for each market whose lanes in time rest on figures nobody verified."""
    weak = lane_options[lane_options["is_feasible"] & lane_options["source"].str.contains(WEAK)]
    found = []
    for market, rows in weak.groupby("market"):
        modes = named_terms(as_terms("mode", rows["mode"].to_list()))
        facts = {"n": len(rows), "modes": modes}
        found.append(entry("lane_unverified", "note", scope=scope, market=str(market), **facts))
    return found


def seasons(stage_days: pd.DataFrame, lane_options: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return one alert for each market whose lanes in time a season of delays stretches."""
    ways = lane_options.loc[lane_options["is_feasible"], ["market", "mode"]]
    slow = stage_days[stage_days["added_days"] > 0].merge(ways, on=["market", "mode"])
    found = []
    for market, rows in slow.groupby("market"):
        facts = {
            "stages": named_terms(as_terms("stage", rows["stage"].to_list())),
            "days": rows.groupby("mode")["added_days"].sum().max(),
            "modes": named_terms(as_terms("mode", sorted(rows["mode"]))),
        }
        found.append(entry("season_stretches", "note", scope=scope, market=str(market), **facts))
    return found


def nothing_in_time(
    plan: pd.DataFrame, lane_options: pd.DataFrame, economics: pd.DataFrame, scope: Scope
) -> list[Entry]:
    """Return an alert for each market that no lane reaches in time, with the margin it misses."""
    served = set(lane_options.loc[lane_options["is_feasible"], "market"])
    lost = plan[~plan["market"].isin(served)]
    lost = lost.merge(economics[[*KEYS, "under_cost"]], on=KEYS, how="left")
    lost["risk_cost"] = lost["lost_units"] * lost["under_cost"].clip(lower=0)
    found = []
    for market, rows in lost.groupby("market"):
        lanes_there = lane_options[lane_options["market"] == market]
        fastest = lanes_there.sort_values("lead_days").iloc[0]
        found.append(
            entry(
                "too_late_for_all", "stop", scope=scope, market=str(market),
                act_by=scope.as_of(STEP)[str(market)],
                risk_cost=float(rows["risk_cost"].sum(min_count=1)),
                units=rows["lost_units"].sum(), mode=fastest["mode"], ship_by=fastest["ship_by"],
            )
        )  # fmt: skip
    return found


def price_lock(bounds: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return for each market until when the campaign price can still be changed."""
    near = bound(bounds, "deadline_near").high
    found = []
    for market, plan in scope.plans.items():
        today, lock = scope.as_of(STEP)[market], plan.price_lock_on
        if lock is not None and lock >= today:
            days = (lock - today).days
            severity = "warn" if days <= near else "note"
            facts = {"days": days, "lock": lock}
            found.append(
                entry(
                    "price_lock_deadline",
                    severity,
                    scope=scope,
                    market=market,
                    act_by=lock,
                    **facts,
                )
            )
    return found


def inbound(
    position: pd.DataFrame, economics: pd.DataFrame, exits: pd.DataFrame, scope: Scope
) -> list[Entry]:
    """Return alerts for units on their way that come too late, or on a day nobody knows.

    Notes
    -----
    What is dated within the horizon still sells from its day on; the rest costs what it is worth
    on the shelf less what its exits bring, best first.
    """
    late = position[position["late_units"] > 0]
    money = ["landed_cost", "leftover_revenue"]
    late = late.merge(economics[[*KEYS, *money]], on=KEYS, how="left")
    late["served_units"] = late["later_units"] - late["later_left_units"]
    units = (late["late_units"] - late["served_units"]).to_numpy(dtype=float)
    ladder = exit_ladders(exits, pd.MultiIndex.from_frame(late[KEYS]), late["leftover_revenue"])
    brought = ladder_value(*ladder, units[:, None])
    late["risk_cost"] = late["landed_cost"] * units - brought[:, 0]
    facts = ("late_units", "later_units", "served_units")
    return by_sku("inbound_late", "warn", late, scope=scope, facts=facts)


def stock_known(position: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return one alert for each market where the stock of SKUs is not known."""
    found = []
    for market, rows in position.groupby("market"):
        unknown = rows[~rows["is_known"]]
        if len(unknown):
            severity = "stop" if len(unknown) == len(rows) else "warn"
            names = unknown["sku"].to_list()
            sku = names[0] if len(names) == 1 else ""
            facts = {"n": len(names), "skus": named(names), "all": len(rows)}
            found.append(
                entry("stock_unknown", severity, scope=scope, market=str(market), sku=sku, **facts)
            )
    return found


def _facts(reason: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in reason.split("|")[1:])

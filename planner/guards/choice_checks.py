"""Checks of what the plan chose: prices to lock, limits, reserves, waiting, decisions, cartons.

Each function returns the alerts of one subject. What is best was decided in `supply`; here it is
told what people still have to do about it.
"""

import pandas as pd

from planner.guards.entries import KEYS, Entry, entry, shared
from planner.guards.gate_checks import last_days
from planner.scope import Scope
from planner.supply.decisions.meeting import STOPPED
from planner.supply.locks.lock_reasons import LOCKED_UNITS
from planner.supply.order.limit_words import in_money
from planner.supply.plan_tables import Planned
from planner.supply.trips.lanes import STEP

MINIMUM = "moq"
"""Limit that holds an order up; the others hold it down."""
WARNS, TELLS = 0.1, 0.01
"""Rise of profit over rise of a limit, both in per cent. House judgement, no source. [unitless]"""
NO_RESERVE = ("reserve_too_slow", "reserve_no_source", "reserve_cost_unknown")
"""Reasons for which a hero SKU has no reserve though it would want one."""
DECISIONS_TOLD = {
    "unknown": ("warn", ()),
    "waits": ("warn", ()),
    "blocked": ("warn", ()),
    "changed": ("warn", ("asked_units", "order_units")),
    "below_moq": ("warn", ("order_units", "moq_units")),
}
"""By state of a decision: how grave it is, and the units that are told."""
LOCKS = {"refuse": ("lock_refuse", "warn"), "raise_price": ("lock_raise", "warn"),
         "cap": ("lock_cap", "note")}  # fmt: skip
"""By advice: the alert it is, and how grave."""


def locks(planned: Planned, scope: Scope) -> list[Entry]:
    """Return one alert for each market and advice on the price, until sign-up or the lock.

    Notes
    -----
    Money at risk is the mean loss of a unit times the units asked for on the days of the lock:
    what the worlds in which a unit loses money cost on average; where only the number is capped
    it is not told. A SKU that loses money at the mean of its known costs has an alert of its own,
    see `money_checks.loss_makers`.
    """
    rows = planned.locks.merge(planned.economics[[*KEYS, "margin_profit"]], on=KEYS)
    rows = rows[rows["advice"].isin(LOCKS) & ~(rows["margin_profit"] < 0)]
    locked_units = rows["reason"].str.extract(LOCKED_UNITS)[0].astype(float)
    rows["risk_cost"] = (rows["mean_unit_loss"] * locked_units).where(rows["advice"] != "cap")
    found = []
    for (market, advice), part in rows.groupby(["market", "advice"]):
        code, severity = LOCKS[advice]
        day = part["settle_by"].min()
        is_open = day >= pd.Timestamp(scope.as_of(STEP)[market])
        facts = {"day": day}
        if advice == "cap":
            facts["units"] = part["max_units"].sum()
        act_by = day if is_open else None
        found.append(shared(code, severity, part, scope=scope, act_by=act_by, **facts))
    return found


def limits(planned: Planned, scope: Scope) -> list[Entry]:
    """Return one alert for each limit that binds, with what a step more of it is worth.

    Notes
    -----
    The minimum orders of a market share a note. Another limit warns where one per cent more of
    it would raise the plan's profit by `WARNS` per cent, is a note from `TELLS` on, and is not
    told below.
    """
    binding = planned.limits[planned.limits["is_binding"]]
    profit = planned.plan["expected_profit"].sum()
    is_minimum = binding["limit"] == MINIMUM
    found = [
        shared(
            "limit_moq", "note", rows.rename(columns={"place": "sku"})[["market", "sku"]],
            scope=scope, worth=in_money(rows["shadow_price"].max()), money=scope.seller.currency,
        )
        for _, rows in binding[is_minimum].groupby("market")
    ]  # fmt: skip
    for row in binding[~is_minimum].to_dict("records"):
        weight = row["shadow_price"] * row["cap"] / profit if profit > 0 else float("inf")
        if not weight >= TELLS:
            continue
        is_money = row["unit"] == scope.seller.currency
        facts = {
            "limits": f"limit.{row['limit']}",
            "each": row["unit"] if is_money else f"unit.{row['unit']}",
            "rise": in_money(row["rise"]) if is_money else row["rise"],
            "worth": in_money(row["shadow_price"] * row["rise"]),
            "money": scope.seller.currency,
        }
        code = "limit_binds"
        if row["place"]:
            kind = "mode." if row["limit"] == "mode_cbm" else ""
            code, facts["place"] = "limit_binds_at", f"{kind}{row['place']}"
        severity = "warn" if weight >= WARNS else "note"
        found.append(entry(code, severity, scope=scope, market=row["market"], **facts))
    return found


def heroes(planned: Planned, scope: Scope) -> list[Entry]:
    """Return one alert for each market whose best SKUs have nowhere to fetch units from."""
    bare = bare_heroes(planned.reserves)
    lacks = planned.reserves[pd.MultiIndex.from_frame(planned.reserves[KEYS]).isin(bare)]
    rows = lacks[KEYS].merge(planned.plan[[*KEYS, "lost_units"]], on=KEYS)
    rows = rows.merge(planned.economics[[*KEYS, "under_cost"]], on=KEYS)
    rows["risk_cost"] = rows["lost_units"] * rows["under_cost"].clip(lower=0)
    rows["act_by"] = rows.join(last_days(planned), on=KEYS)["leave_by"]
    return [
        shared("hero_no_reserve", "warn", part, scope=scope, facts=("lost_units",))
        for _, part in rows.groupby("market")
    ]


def bare_heroes(reserves: pd.DataFrame) -> pd.MultiIndex:
    """Return market and SKU of the heroes that want a reserve and have none.

    Parameters
    ----------
    reserves : DataFrame
        Table `Reserves`.
    """
    lacks = reserves[reserves["units"] == 0]
    why = lacks["reason"].str.split("|").str[0].str.split(";").str[0].str.removeprefix("reason.")
    return pd.MultiIndex.from_frame(lacks.loc[why.isin(NO_RESERVE), KEYS])


def waiting(option: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return one note for each market where holding units back for news is worth money.

    Parameters
    ----------
    option : DataFrame
        Table `FreightOptions`.
    scope : Scope
    """
    pays = option[option["is_worth"]].assign(act_by=lambda rows: rows["decide_on"])
    return [
        shared(
            "option_worth", "note", part, scope=scope, facts=("held_units", "option_profit"),
            money=scope.seller.currency,
        )
        for _, part in pays.groupby("market")
    ]  # fmt: skip


def decisions(worth: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return alerts for decisions that the plan could not follow, or follows at a cost.

    Parameters
    ----------
    worth : DataFrame
        Table `DecisionWorth`.
    scope : Scope

    Notes
    -----
    Not followed: a SKU or market the plan does not know; a day after the planning day; units
    that are blocked; units that limits or cartons changed. Followed, but told: an order below
    the minimum, and what all decisions together cost against the plan's own orders. Who decided
    to push a SKU left its units to the plan: of it only that nothing is ordered is told.
    """
    rows = worth.astype({"asked_units": float, "order_units": float})
    found = []
    for state, (severity, facts) in DECISIONS_TOLD.items():
        for _, part in rows[rows["state"] == state].groupby("market"):
            found.append(shared(f"decision_{state}", severity, part, scope=scope, facts=facts))
    is_met = rows["state"].isin(("followed", "below_moq", "changed"))
    dear = rows[is_met & (rows["decision_cost"] >= 1)].assign(
        risk_cost=lambda part: part["decision_cost"]
    )
    for _, part in dear.groupby("market"):
        facts = {"facts": ("decision_cost",), "currency": scope.seller.currency}
        found.append(shared("decision_costs", "note", part, scope=scope, **facts))
    return found


def loose_goods(loose: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return one alert for each market with goods that no carton can be made of.

    Parameters
    ----------
    loose : DataFrame
        market, mode, warehouse, sku, units, as `shipments.carton_marks` tells them.
    scope : Scope
    """
    return [
        shared("loose_goods", "warn", part, scope=scope, facts=("units",))
        for _, part in loose.groupby("market")
    ]


def settled(gates: pd.DataFrame, decided: pd.DataFrame) -> pd.MultiIndex:
    """Return the SKUs of which it is known why nothing is ordered: a gate, or a decision.

    Parameters
    ----------
    gates, decided : DataFrame
        Tables `Gates` and `Decisions`.
    """
    stopped = decided.loc[decided["decision"].isin(STOPPED), KEYS]
    shut = gates.loc[gates["blocks"] == "order", KEYS]
    return pd.MultiIndex.from_frame(pd.concat([stopped, shut]))

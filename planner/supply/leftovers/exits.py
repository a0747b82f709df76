"""Exits: where each unit left over can go, what it brings there, and by when.

Knows the worth of every way out and ranks them. Knows nothing of how many units will be left;
`ladder_value` prices any number of them, best exits first.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.supply.charges.tariffs import tariffs_in_force
from planner.supply.leftovers.exit_kinds import Ways, offers
from planner.supply.leftovers.leftover_goods import goods_left, keeping_cost, rules_of
from planner.supply.quantity.newsvendor import KEYS

LAST_RESORT = "leftover_rate"
"""The policy's flat share of the landed cost, where the register opens no exit."""


def best_exits(
    catalogue: pd.DataFrame,
    economics: pd.DataFrame,
    exit_rules: pd.DataFrame,
    calendar: pd.DataFrame,
    draws: pd.DataFrame,
    *,
    scope: Scope,
    fees: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the exits of every market and SKU, the best one that is open first.

    Parameters
    ----------
    catalogue, economics : DataFrame
        Tables `Catalogue` and `UnitEconomics`.
    exit_rules, calendar : DataFrame
        Registers `ExitRules` and `Calendar`, rows in force on the planning day.
    draws : DataFrame
        Table `DemandDraws`: what ordinary days and another event can absorb.
    scope : Scope
        Channels, transfers, the price lock, own fees (`exit.destroy` under `fees`).
    fees : DataFrame, optional
        Register `Fees`, for storage; without it only the seller's own tariff is known.

    Returns
    -------
    DataFrame
        Table `Exits`.

    Notes
    -----
    A unit is left over when the horizon ends; a markdown may start when the sale ends.
    ``revenue = min(gross, landed) - storage - holding rate * landed`` over the days it waits from
    then; unknown storage is left out and named in the reason. No exit is worth more than the
    landed cost, for a unit kept saves at most the next one bought: over-ordering never pays.
    None is worth more than a sale at the campaign price net of its selling costs either (nothing,
    where that is below nothing): keeping goods from a buyer never pays.

    ======================= ====================================== ==============================
    exit                    gross                                  takes at most
    ======================= ====================================== ==============================
    ordinary (by stretch)   net ordinary price                     daily units x days
    next_event              net campaign price                     share of this campaign
    other_channel           net price x the channel's ratio        its daily units x days
    other_market            min(net, landed cost) there - transfer share of its daily units x days
    markdown (ladder)       share of the ordinary price - selling  share of the horizon's demand
                            cost
    ship_home               share of the landed cost - fee         any number
    destroy                 - fee                                  any number
    ======================= ====================================== ==============================

    Selling cost is not cut with a marked-down price: the figure is a lower end. Where seller.yml
    or the campaign sets ``policy.leftover_value_rate`` itself, that share of the landed cost is
    the most any exit brings. Where no exit is open, the rate (written or not) times landed cost
    is the exit `leftover_rate`, for any number of units; its reason says whose figure it is.
    """
    if economics.empty:
        return tables.empty(tables.Exits)
    goods = goods_left(catalogue, economics, draws)
    tariffs = tariffs_in_force(tables.empty(tables.Fees) if fees is None else fees, scope=scope)
    parts = []
    for market, plan in scope.plans.items():
        here = goods[goods["market"] == market].reset_index(drop=True)
        rules = rules_of(exit_rules, market, scope)
        ways = Ways(here, goods, rules, calendar, plan, market, scope)
        found = _priced(ways, offers(ways), tariffs) if len(rules) else _none(here)
        parts.append(pd.concat([found, _flat_rate(here, found, scope)], ignore_index=True))
    frame = _ranked(pd.concat(parts, ignore_index=True))
    frame["currency"] = scope.seller.currency
    return tables.checked(tables.Exits, frame[tables.columns(tables.Exits)])


def ladder_value(most: np.ndarray, revenue: np.ndarray, units: npt.ArrayLike) -> np.ndarray:
    """Return what a number of units left over brings, best exits first, each up to its most.

    Parameters
    ----------
    most, revenue : ndarray, shape (n, e)
        Steps as `exit_ladder` tells them: units that each takes, and what one brings. [units],
        [currency/unit]
    units : array_like, shape (n, k)
        Units left over. [units]

    Returns
    -------
    ndarray, shape (n, k)
        Concave in the units; NaN for a SKU without an exit whose worth is known. [currency]

    Notes
    -----
    Units that no open exit takes bring nothing, or cost what the dearest exit for any number of
    units costs, so that closing an exit or making it worse never raises the value. An exit that
    costs more than that is left alone.
    """
    left = np.maximum(np.asarray(units, dtype=float), 0.0)
    total, used = np.zeros_like(left), np.zeros((len(most), 1))
    for step in np.flatnonzero(most.any(axis=0)):
        room = most[:, step : step + 1]
        total += revenue[:, step : step + 1] * np.clip(left - used, 0.0, room)
        used = used + room
    return total


def exit_ladder(
    exits: pd.DataFrame, *, keys: pd.MultiIndex | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the steps that leftovers take: how many units each takes, and what one brings.

    Returns
    -------
    max_units, unit_revenue : ndarray, shape (n, e)
        Falling in revenue; the last step takes any number. Steps a SKU does not have take 0;
        a SKU without a known exit has NaN revenue throughout. [units], [currency/unit]
    """
    rows = pd.MultiIndex.from_frame(exits[KEYS])
    keys = rows.unique().sort_values() if keys is None else keys
    place = keys.get_indexer(rows)
    revenue = exits["unit_revenue"].to_numpy(dtype=float)
    most = exits["max_units"].to_numpy(dtype=float)
    is_used = (place >= 0) & exits["is_open"].to_numpy(dtype=bool) & ~np.isnan(revenue)
    rest = _rest(place, most, revenue, len(keys))
    has_exit = np.bincount(place[is_used], minlength=len(keys)) > 0
    used = np.flatnonzero(is_used)
    order = used[revenue[used] >= rest[place[used]]]
    order = order[np.lexsort((-revenue[order], place[order]))]
    rung = pd.Series(place[order]).groupby(place[order]).cumcount().to_numpy(dtype=int)
    shape = (len(keys), (int(rung.max()) + 1 if len(rung) else 0) + 1)
    caps, worth = np.zeros(shape), np.zeros(shape)
    caps[place[order], rung] = np.where(np.isnan(most[order]), np.inf, most[order])
    worth[place[order], rung] = revenue[order]
    worth[:, -1], caps[:, -1] = rest, np.inf
    worth[~has_exit] = np.nan
    return caps, worth


def _rest(place: np.ndarray, most: np.ndarray, revenue: np.ndarray, n_keys: int) -> np.ndarray:
    """Return what a unit brings that no open exit takes: nothing, or the cost of the last way."""
    rest = np.zeros(n_keys)
    takes_any = (place >= 0) & np.isnan(most) & ~np.isnan(revenue)
    np.minimum.at(rest, place[takes_any], revenue[takes_any])
    return rest


def _priced(ways: Ways, rows: pd.DataFrame, tariffs: pd.DataFrame) -> pd.DataFrame:
    kept = keeping_cost(rows, ways.rules, tariffs, market=ways.market, scope=ways.scope)
    gross = np.minimum(rows["gross_revenue"], rows["landed_cost"])
    revenue = gross - kept["storage"].fillna(0.0) - kept["holding"]
    cap = rows["landed_cost"] * ways.scope.policy.leftover_value_rate
    is_capped = (revenue > cap) & _is_own_rate(ways.scope)
    revenue = revenue.mask(is_capped, cap)
    sale = rows["net_revenue"].clip(lower=0)
    is_above = revenue > sale
    is_unpriced = rows["gross_revenue"].isna() & (rows["closed"] == "")
    is_full = (rows["max_units"].isna() & rows["wait_days"].gt(0)) | (rows["max_units"] == 0)
    closed = rows["closed"].mask(is_unpriced, "reason.exit_cost_unknown")
    closed = closed.mask((closed == "") & is_full, "reason.exit_no_demand")
    rows = rows.assign(
        unit_revenue=revenue.mask(is_above, sale),
        is_open=closed == "",
        max_units=rows["max_units"].mask(rows["max_units"].isna() & is_full, 0.0),
    )
    more = pd.Series("", index=rows.index, dtype="str")
    own = f";reason.exit_capped|share={ways.scope.policy.leftover_value_rate:.2f}"
    more = more.mask(is_capped, own).mask(is_above, ";" + _capped_by(sale, ways.scope))
    is_upper = kept["storage"].isna()
    rows["reason"] = (
        rows["reason"] + more + is_upper.map({True: ";reason.exit_storage_unknown", False: ""})
    )
    rows["reason"] = rows["reason"].where(rows["is_open"], closed)
    return rows


def _capped_by(sale: pd.Series, scope: Scope) -> pd.Series:
    tail = f"|currency={scope.seller.currency}"
    told = [f"reason.exit_capped_by_sale|net={net:.2f}{tail}" for net in sale]
    return pd.Series(told, index=sale.index, dtype="str")


def _is_own_rate(scope: Scope) -> bool:
    return "leftover_value_rate" in scope.policy.model_fields_set


def _none(goods: pd.DataFrame) -> pd.DataFrame:
    columns = {"exit": "str", "unit_revenue": float, "is_open": bool}
    return goods.iloc[:0].assign(**{n: pd.Series(dtype=kind) for n, kind in columns.items()})


def _flat_rate(goods: pd.DataFrame, found: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return the policy's rate as an exit for the SKUs that have no other."""
    served = pd.MultiIndex.from_frame(found.loc[found["is_open"].astype(bool), KEYS])
    alone = goods[~pd.MultiIndex.from_frame(goods[KEYS]).isin(served)]
    rate, is_known = scope.policy.leftover_value_rate, alone["landed_cost"].notna()
    whose = "reason.leftover_rate_own" if _is_own_rate(scope) else "reason.leftover_rate_assumed"
    told = pd.Series(f"{whose}|share={rate:.2f}", index=alone.index, dtype="str")
    worth, sale = alone["landed_cost"] * rate, alone["net_revenue"].clip(lower=0)
    told = told.mask(worth > sale, told + ";" + _capped_by(sale, scope))
    return alone.assign(
        exit=LAST_RESORT,
        exit_step=1,
        unit_revenue=worth.mask(worth > sale, sale),
        max_units=np.nan,
        done_by=pd.NaT,
        is_open=is_known,
        reason=told.where(is_known, "reason.exit_cost_unknown"),
    )


def _ranked(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.assign(is_closed=~frame["is_open"].astype(bool))
    frame = frame.sort_values(
        [*KEYS, "is_closed", "unit_revenue", "done_by", "exit", "exit_step"],
        ascending=[True, True, True, False, True, True, True],
        kind="stable",
    )
    kinds = {"exit_step": int, "max_units": float, "unit_revenue": float, "is_open": bool}
    frame = frame.astype({**kinds, "done_by": "datetime64[us]"})
    return frame.assign(rank=frame.groupby(KEYS).cumcount() + 1)

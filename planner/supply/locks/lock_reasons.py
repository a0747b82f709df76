"""Lock reasons: why a price is refused, capped or registered, and by when that is settled.

Knows the figures of `price_lock` and the days of the plan; reckons neither money nor units.
"""

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.supply.locks.lock_stock import WHOLE_TOLERANCE
from planner.supply.trips.lanes import STEP

CENTS_BELOW = 1000
"""Money of this size and more is told without decimals, as on every page."""
LOCKED_UNITS = r"reason\.lock_days\|[^;]*units=(\d+)"
"""Where a reason tells how many units the days of the lock ask for."""


def lock_reasons(frame: pd.DataFrame, level: float, scope: Scope) -> pd.Series:
    """Return why each price gets its advice, what is not known of it, and the days it binds.

    Parameters
    ----------
    frame : DataFrame
        Figures of `price_lock.guard_prices` with `advice`, `currency` and `withdrawn_gain`.
    level : float
        Chance of a loss from which the price is too low. [unitless]
    scope : Scope
    """
    told = [
        ";".join(part for part in (_why(row, level), *_more(row, scope)) if part)
        for row in frame.to_dict("records")
    ]
    return pd.Series(told, index=frame.index, dtype="str")


def settle_days(markets: pd.Series, scope: Scope) -> pd.Series:
    """Return by row the last day on which the registration can still be changed.

    Notes
    -----
    The end of sign-up or the price lock, whichever comes first of those not past on the planning
    day; the later one where both are past; empty where neither is known.
    """
    days = {market: _settle_by(market, scope) for market in scope.plans}
    return pd.to_datetime(markets.map(days)).astype("datetime64[us]")


def _settle_by(market: str, scope: Scope) -> pd.Timestamp | None:
    plan, today = scope.plans[market], scope.as_of(STEP)[market]
    ends = [plan.sign_up.end if plan.sign_up else None, plan.price_lock_on]
    known = [day for day in ends if day is not None]
    still = [day for day in known if day >= today]
    found = min(still) if still else max(known, default=None)
    return None if found is None else pd.Timestamp(found)


def _why(row: dict, level: float) -> str:
    money = f"currency={row['currency']}"
    if row["advice"] == "unknown":
        return f"reason.lock_unknown|what={row['unknown']}"
    if row["advice"] == "unlisted":
        return "reason.lock_unlisted"
    if row["advice"] == "refuse":
        return _refused(row, money)
    if row["advice"] == "raise_price":
        price = _in_money(row["least_price"])
        return f"reason.lock_raise|chance={row['loss_chance']:.2f}|level={level:.2f}" + (
            f"|price={price}|{money}"
        )
    if row["advice"] == "cap":
        asked = np.ceil(row["asked_units"] - WHOLE_TOLERANCE)
        return f"{row['cap_term']}|units={row['max_units']:.0f}|asked={asked:.0f}"
    return f"reason.lock_register|chance={row['loss_chance']:.2f}"


def _refused(row: dict, money: str) -> str:
    if row["margin_profit"] >= 0:
        return "reason.lock_no_demand"
    loss, mean = _in_money(-row["margin_profit"]), _in_money(-row["mean_unit_profit"])
    if mean == loss:
        return f"reason.lock_refuse|loss={loss}|{money}"
    return f"reason.lock_refuse_more|loss={loss}|mean={mean}|{money}"


def _more(row: dict, scope: Scope) -> list[str]:
    if row["advice"] in ("unknown", "unlisted"):
        return []
    sale = scope.plans[row["market"]].phases.sale
    without = f"reason.lock_without|what={row['unknown']}" if row["unknown"] else ""
    days = f"reason.lock_days|first={sale.start}|last={sale.end}|units={row['sale_units']:.0f}"
    gain = row["withdrawn_gain"]
    if row["advice"] != "refuse" or not gain >= 1:
        return [without, days]
    out = f"reason.lock_withdraw|gain={gain:.0f}|currency={row['currency']}"
    return [without, days, out]


def _in_money(amount: float) -> str:
    return f"{amount:.0f}" if abs(amount) >= CENTS_BELOW else f"{amount:.2f}"

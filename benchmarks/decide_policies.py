"""How many units each policy orders for one promotion: the rules of the trade, and ours.

Knows a history that ends on the planning day and the days of the window; sees no truth. Money is
the published table of `accuracy_profit`.
"""

import numpy as np

from benchmarks.accuracy_profit import BUFFER, LANDED_COST, LEFTOVER, PRICE
from planner.demand.clean import Flags, Floats
from planner.demand.peers import Windows, excel_rule
from planner.supply.quantity.newsvendor import critical_ratio
from planner.supply.quantity.safety_stock import by_extremes

OURS = "ours"
NEWSVENDOR = "newsvendor, one stage"
FORECAST_BUFFER = 1.15
"""The forecast's mean with 10 to 20 % on top, as the brief has it. [unitless]"""
HISTORY_DAYS = 180
"""The formula looks at three to six months. [days]"""
MEAN_LEAD_DAYS, LONGEST_LEAD_DAYS = 32, 40
"""Sea to the United States in this project's register of lanes. [days]"""
ERP_WINDOWS = (3, 7, 14, 30, 60, 90)
"""Days over which a seller's ERP averages sales, of equal weight unless set otherwise (Lingxing,
replenishment rules by MSKU). [days]"""
COVER_DAYS = (0, 7, 15)
"""Safety days on top of the window; no default is known, so three are shown. [days]"""
FORMULA_RAW = "formula, raw history"
FORMULA_CLEAN = "formula, clean history + 15 %"
FORECAST_PLUS = f"forecast x {FORECAST_BUFFER:g}"
EXCEL_PLUS = f"Excel uplift x {BUFFER:g}"
COVERS = tuple(f"days of cover + {days}" for days in COVER_DAYS)
POLICIES = (
    FORMULA_RAW,
    FORMULA_CLEAN,
    *COVERS,
    EXCEL_PLUS,
    FORECAST_PLUS,
    NEWSVENDOR,
    OURS,
)


def rules_of_thumb(windows: Windows) -> dict[str, Floats]:
    """Return the orders of the policies that know no range of demand, shape (n,). [units]."""
    days = windows.counted.sum(axis=1)
    clean = windows.is_known & ~windows.is_promo
    every = np.ones_like(clean)
    found = {
        FORMULA_RAW: formula(windows, every, days),
        FORMULA_CLEAN: FORECAST_BUFFER * formula(windows, clean, days),
    }
    daily = erp_daily_units(windows)
    for name, more in zip(COVERS, COVER_DAYS, strict=True):
        found[name] = daily * (days + more)
    return found | {EXCEL_PLUS: BUFFER * excel_rule(windows).mean}


def formula(windows: Windows, counted: Flags, days: Floats) -> Floats:
    """Return the mean of the history over the window, and the brief's safety stock on top.

    Notes
    -----
    ``mean day x days + (largest day x longest lead - mean day x mean lead)``.
    """
    units, chosen = windows.units[:, -HISTORY_DAYS:], counted[:, -HISTORY_DAYS:]
    count = np.maximum(chosen.sum(axis=1), 1)
    mean = np.where(chosen, units, 0.0).sum(axis=1) / count
    most = np.where(chosen, units, 0.0).max(axis=1)
    lead = np.full(len(mean), float(MEAN_LEAD_DAYS))
    longest = np.full(len(mean), float(LONGEST_LEAD_DAYS))
    return mean * days + by_extremes(mean, most, lead, longest)


def erp_daily_units(windows: Windows) -> Floats:
    """Return the mean of the averages of the last 3, 7, 14, 30, 60 and 90 days.

    Notes
    -----
    Promotions stay in unless somebody types them out: after 7 days at 5 times the usual rate it
    is 2.95 times that rate.
    """
    return np.mean([windows.units[:, -days:].mean(axis=1) for days in ERP_WINDOWS], axis=0)


def ratio_of_goods(goods: str) -> float:
    """Return the critical ratio of goods of which a leftover keeps a share of its cost."""
    return float(critical_ratio(PRICE - LANDED_COST, LANDED_COST * (1 - LEFTOVER[goods])))

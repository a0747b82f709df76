"""Size reasons: why an order is as large as it is, or blocked, as terms of the glossary with facts.

Reads one row of a plan in the making. Decides nothing; that is `sizing`.
"""

from collections.abc import Callable

import pandas as pd

from planner.seller import Policy

NO_GRADE = "D"
"""Evidence so weak that people decide on its range."""

NAMED = 3
"""Unknown terms of an order that its reason names."""


def told_by_row(facts: pd.DataFrame, tell: Callable[[dict], str]) -> pd.Series:
    """Return what is told of each row.

    Parameters
    ----------
    facts : DataFrame
        Indexed by market and SKU.
    tell : callable
        Of one row, as a dict.
    """
    return pd.Series([tell(row) for row in facts.to_dict("records")], facts.index, dtype="str")


def block_reason(row: dict) -> str:
    """Return why an order is blocked, blank where it is not.

    Parameters
    ----------
    row : dict
        margin_profit, under_cost, currency, has_lane, grade, grade_reason.
    """
    if row["margin_profit"] < 0 and not row["under_cost"] > 0:
        return f"reason.loss_at_price|loss={-row['margin_profit']:.2f}|currency={row['currency']}"
    if not row["has_lane"]:
        return "reason.too_late_for_all"
    if row["grade"] == NO_GRADE:
        return ";".join(part for part in ("reason.grade_d", row["grade_reason"]) if part)
    return ""


def order_reason(row: dict, policy: Policy) -> str:
    """Return why an order is as large as it is.

    Parameters
    ----------
    row : dict
        Of the plan: rule, missing, order_units, needed_units, available_units and what the limits
        said of it; of the position what lands midway; carton and least_lot.
    policy : Policy
        Its rule: where another one was taken, that is told first.

    Notes
    -----
    A minimum order or a carton is the reason where it more than doubles what is needed, or where
    the order is the least that can be placed and a full carton above what is needed.
    """
    parts = []
    if row["rule"] != policy.rule:
        parts = [
            _not_reckoned(row["missing"]) if policy.rule == "profit" else "reason.no_clean_days"
        ]
    if not row["is_stock_known"]:
        parts.append("reason.stock_unknown")
    order, needed = row["order_units"], row["needed_units"]
    if order == 0 and needed < 1:
        parts.append(f"reason.enough_stock|available={row['available_units']:.0f}")
    elif row["limited"]:
        parts.append(row["limited"])
    elif order == 0:
        parts.append(f"reason.pack_not_worth|needed={needed:.0f}")
    elif order > 2 * needed or order == row["least_lot"] >= needed + row["carton"]:
        parts.append(f"reason.moq_raises|needed={needed:.0f}")
    parts = parts or [f"reason.by_{row['rule']}"]
    if row["later_units"]:
        served = row["later_units"] - row["later_left_units"]
        facts = f"units={row['later_units']:.0f}|served={served:.0f}|on={row['later_on']:%Y-%m-%d}"
        parts.append(f"reason.lands_midway|{facts}")
    return ";".join(parts)


def _not_reckoned(missing: str) -> str:
    """Return what the profit rule lacks, the first few by name."""
    names = [name for name in missing.split(";") if name]
    if len(names) > NAMED:
        told = ",".join(names[:NAMED])
        return f"reason.economics_unknown_more|terms={told}|count={len(names)}"
    return f"reason.economics_unknown|terms={','.join(names)}"

"""The order of one campaign: what rules ask for, what people decided, what the limits leave of it.

Joins rules, decisions and the allocation for `campaign_plan`; does no arithmetic of its own.
"""

from typing import NamedTuple

import pandas as pd

from planner.scope import Scope
from planner.supply.charges import packing
from planner.supply.decisions import decided, meeting
from planner.supply.order import allocation, order_ways
from planner.supply.plan_tables import Known
from planner.supply.quantity import allotment, cushions, sizing, value_curves
from planner.supply.quantity.newsvendor import KEYS
from planner.supply.quantity.order_worth import Case
from planner.supply.quantity.value_curves import Curves


class _Question(NamedTuple):
    """What every rule and the allocation are asked with."""

    known: Known
    base: dict[str, pd.DataFrame]
    gates: pd.DataFrame
    curves: Curves
    case: Case
    scope: Scope


def size_order(
    known: Known, gates: pd.DataFrame, base: dict[str, pd.DataFrame], scope: Scope
) -> dict[str, pd.DataFrame]:
    """Return the order, its lines, the rules beside it and what the limits are worth.

    Parameters
    ----------
    known : Known
    gates : DataFrame
        Table `Gates`.
    base : dict of str to DataFrame
        What `campaign_plan` has made before: options, ways, terms, position, economics, exits.
    scope : Scope

    Returns
    -------
    dict of str to DataFrame
        decided, rules, plan, mode_plan, limits and ship, as `plan_tables.Planned` names them.

    Notes
    -----
    The rules are compared last: the row of the policy's rule is the plan itself. Where people
    decided, the plan is made without their decisions too, to tell what these cost.
    """
    asked = _question(known, gates, base, scope)
    alone = _plan(asked)
    asked_for = allotment.fixed_units(alone)
    due = decided.due_decisions(known.decisions, scope=scope)
    fixed = meeting.with_decisions(asked_for, alone, due)
    firm = fixed.index.intersection(meeting.decided_units(due).index)
    chosen = _allocated(asked, fixed, firm)
    plan = own = _plan(asked, chosen)
    if not fixed.sort_index().equals(asked_for.sort_index()):
        own = _plan(asked, _allocated(asked, asked_for))
    worth = decided.decision_worth(known.decisions, own, plan, known.catalogue, scope=scope)
    plan = decided.with_reasons(plan, worth)
    return {
        "decided": worth,
        "rules": _rules(asked, plan),
        "plan": plan,
        "mode_plan": chosen.mode_plan,
        "limits": chosen.limit_prices,
        "ship": packing.ship_lines(
            plan, known.catalogue, base["options"], scope=scope, mode_plan=chosen.mode_plan
        ),
    }


def _question(
    known: Known, gates: pd.DataFrame, base: dict[str, pd.DataFrame], scope: Scope
) -> _Question:
    curves = value_curves.plain_curves(
        known.draws, base["position"], base["economics"], base["exits"], scope=scope
    )
    case = cushions.gather(
        known.draws,
        known.daily,
        base["position"],
        base["economics"],
        base["options"],
        known.catalogue,
        scope,
        exits=base["exits"],
        late_costs=order_ways.late_costs(base["ways"], curves, scope=scope),
    )
    return _Question(known, base, gates, curves, case, scope)


def _plan(asked: _Question, chosen: allocation.Allocation | None = None) -> pd.DataFrame:
    known, base = asked.known, asked.base
    return sizing.size_stock(
        known.draws,
        known.daily,
        base["position"],
        base["economics"],
        known.forecast,
        base["options"],
        known.catalogue,
        scope=asked.scope,
        case=asked.case,
        allocation=chosen,
    )


def _allocated(
    asked: _Question, fixed: pd.Series, firm: pd.MultiIndex | None = None
) -> allocation.Allocation:
    return allocation.allocate(
        asked.curves,
        asked.base["ways"],
        asked.known.catalogue,
        scope=asked.scope,
        fixed_units=fixed,
        gates=asked.gates,
        lane_options=asked.base["options"],
        terms=asked.base["terms"],
        firm=firm,
        prices=asked.base["economics"].set_index(KEYS)["price"],
    )


def _rules(asked: _Question, plan: pd.DataFrame) -> pd.DataFrame:
    known, base = asked.known, asked.base
    return sizing.compare_rules(
        known.draws,
        known.daily,
        base["position"],
        base["economics"],
        base["options"],
        scope=asked.scope,
        catalogue=known.catalogue,
        forecast=known.forecast,
        case=asked.case,
        gates=asked.gates,
        ways=base["ways"],
        terms=base["terms"],
        plan=plan,
    )

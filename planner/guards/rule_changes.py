"""Rule changes: which facts differ between two states of the registers, and what flips by it.

Compares rows by the columns that name a fact, and two plans of the same seller SKU by SKU. Reads
nothing; what a state of the registers is, the desk says.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from planner import tables
from planner.guards.entries import KEYS
from planner.intake.own_rules import key_of
from planner.scope import Scope
from planner.supply.plan_tables import Planned, Registers
from planner.supply.trips.lanes import ANY_MARKET

LASTING = (
    tables.Lanes,
    tables.LaneStages,
    tables.Bounds,
    tables.DutyRates,
    tables.ReturnRates,
)
"""Facts that hold at any time: a day without one is a gap, not a rule that is not there yet."""
CHARGES = (tables.Fees, tables.HandlingFees, tables.WarehouseFees, tables.ReturnRouteFees)
"""Facts that may begin, but do not end without somebody saying what holds next."""
DATED = tables.columns(tables.Register)
Rows = dict[tuple[str, ...], dict[str, object]]


def changed_facts(before: Registers, after: Registers, *, scope: Scope) -> pd.DataFrame:
    """Return the facts of the plan's markets that differ, column by column.

    Parameters
    ----------
    before, after : mapping of register to DataFrame
        Rows in force in both states, each fact once.
    scope : Scope

    Returns
    -------
    DataFrame
        Table `RuleChanges`; where a fact is in one state only, the other value is blank.
    """
    parts = [
        _changed(kind, _named(before[kind], kind, scope), _named(after[kind], kind, scope))
        for kind in before
    ]
    rows = [row for part in parts for row in part]
    if not rows:
        return tables.empty(tables.RuleChanges)
    return tables.checked(tables.RuleChanges, pd.DataFrame(rows))


def gaps(before: Registers, after: Registers, *, scope: Scope) -> list[tuple[str, str, bool]]:
    """Return the facts that one state lacks and should have: register, fact, whether it has ended.

    Parameters
    ----------
    before, after : mapping of register to DataFrame
        Rows in force in both states.
    scope : Scope
        Its markets.
    """
    found = []
    for kind in (*LASTING, *CHARGES):
        if kind not in before:
            continue
        old, new = (_named(state[kind], kind, scope) for state in (before, after))
        found += [(kind.__name__, " ".join(name), True) for name in old if name not in new]
        if kind in LASTING:
            found += [(kind.__name__, " ".join(name), False) for name in new if name not in old]
    return found


def flips(before: Planned, after: Planned, *, scope: Scope) -> pd.DataFrame:
    """Return each SKU's order, ways and money under both states of the registers.

    Parameters
    ----------
    before, after : Planned
        Plans of the same seller on the same draws and day.
    scope : Scope

    Returns
    -------
    DataFrame
        Table `RulesDiff`: flips first, then by the size of what they change in money.

    Notes
    -----
    A flip is another number of units, another way, blocked or not, or another advice on the
    price. The cost is the landed cost of the order.
    """
    old, new = _case(before), _case(after)
    rows = old.merge(new, on=KEYS, suffixes=("_old", "_new"))
    reasons = [_reason(row) for row in rows.to_dict("records")]
    frame = rows.assign(
        seller=scope.seller.seller,
        old_units=rows["units_old"],
        new_units=rows["units_new"],
        old_modes=rows["modes_old"],
        new_modes=rows["modes_new"],
        old_profit=rows["profit_old"],
        new_profit=rows["profit_new"],
        profit_difference=rows["profit_new"] - rows["profit_old"],
        cost_difference=rows["cost_new"] - rows["cost_old"],
        is_flip=[bool(reason) for reason in reasons],
        reason=reasons,
        currency=scope.seller.currency,
    )
    size = frame["profit_difference"].abs().fillna(frame["cost_difference"].abs())
    frame = frame.assign(still=~frame["is_flip"], less=-size)
    frame = frame.sort_values(["still", "less", *KEYS], na_position="last")
    return tables.checked(tables.RulesDiff, frame[tables.columns(tables.RulesDiff)])


def _named(frame: pd.DataFrame, kind: type[tables.Register], scope: Scope) -> Rows:
    """Return the rows of the plan's markets by the values that name them."""
    if "market" in frame:
        frame = frame[frame["market"].isin([*scope.markets, ANY_MARKET])]
    names = frame[key_of(kind)].astype("str").itertuples(index=False, name=None)
    return dict(zip(names, frame.to_dict("records"), strict=True))


def _changed(kind: type[tables.Register], old: Rows, new: Rows) -> list[dict[str, object]]:
    key = key_of(kind)
    own = [name for name in tables.columns(kind) if name not in (*DATED, *key)]
    found = []
    for name in sorted({*old, *new}):
        left, right = old.get(name, {}), new.get(name, {})
        about = {
            "market": dict(zip(key, name, strict=True)).get("market", ""),
            "register": kind.__name__,
            "fact": " ".join(_without_market(key, name)),
            "source": str((right or left)["source"]),
        }
        if not (left and right):
            whole = [_whole(row, own) for row in (left, right)]
            found.append({**about, "field": "", "old_value": whole[0], "new_value": whole[1]})
            continue
        for column in own:
            values = _text(left[column]), _text(right[column])
            if values[0] != values[1]:
                pair = {"old_value": values[0], "new_value": values[1]}
                found.append({**about, "field": column, **pair})
    return found


def _whole(row: Mapping[str, object], columns: Sequence[str]) -> str:
    return " ".join(filter(None, (_text(row.get(column)) for column in columns)))


def _without_market(key: Sequence[str], name: tuple[str, ...]) -> tuple[str, ...]:
    pairs = zip(key, name, strict=True)
    return tuple(part for head, part in pairs if head != "market")


def _text(value: object) -> str:
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _case(planned: Planned) -> pd.DataFrame:
    """Return for each market and SKU what was decided, and what it costs and earns."""
    rows = planned.plan[[*KEYS, "order_units", "expected_profit", "is_blocked"]]
    rows = rows.rename(columns={"order_units": "units", "expected_profit": "profit"})
    sent = planned.mode_plan[planned.mode_plan["units"] > 0].groupby(KEYS)
    rows = rows.join(sent["landed_cost"].sum(skipna=False).rename("cost"), on=KEYS)
    modes = sent["mode"].agg(lambda names: ",".join(sorted(set(names))))
    rows = rows.join(modes.rename("modes"), on=KEYS)
    rows = rows.merge(planned.locks[[*KEYS, "advice"]], on=KEYS, how="left")
    rows["cost"] = rows["cost"].mask(rows["units"] == 0, 0.0)
    rows[["modes", "advice"]] = rows[["modes", "advice"]].fillna("")
    return rows


def _reason(row: Mapping[str, object]) -> str:
    told = []
    if row["units_old"] != row["units_new"]:
        told.append(f"diff.units|old={row['units_old']}|new={row['units_new']}")
    if row["modes_old"] != row["modes_new"] and row["modes_old"] and row["modes_new"]:
        old, new = (_terms("mode", str(row[name])) for name in ("modes_old", "modes_new"))
        told.append(f"diff.modes|before={old}|now={new}")
    if row["is_blocked_old"] != row["is_blocked_new"]:
        told.append("diff.blocked" if row["is_blocked_new"] else "diff.unblocked")
    if row["advice_old"] != row["advice_new"]:
        old, new = (_terms("advice", str(row[name])) for name in ("advice_old", "advice_new"))
        told.append(f"diff.advice|before={old}|now={new}")
    return ";".join(told)


def _terms(family: str, names: str) -> str:
    return ",".join(f"{family}.{name}" for name in names.split(","))

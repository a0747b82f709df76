"""Entries: one alert each, its facts written so that any language can tell them.

Knows the form of an alert and how many of a kind are told one by one. Knows
nothing of what is being checked.
"""

import math
from collections.abc import Sequence
from datetime import date

import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.words import is_known

Entry = dict[str, object]

KEYS = ["market", "sku"]
TOLD_SINGLY = 3
"""SKUs of one market and code that stop and get an alert each; the rest share one. [count]"""
NAMED = 5
"""SKUs that a shared alert names. [count]"""
TERMS_NAMED = 8
"""Terms that an alert names; how many there are in all is told beside them. [count]"""
UNPRICED = "unpriced"
"""Fact of an alert: SKUs whose money is not in its sum, for it is not known. [count]"""
SEPARATOR = ", "
"""Between the names, or the glossary terms, of one fact."""


def entry(
    code: str,
    severity: str,
    *,
    scope: Scope,
    market: str = "",
    sku: str = "",
    act_by: date | pd.Timestamp | None = None,
    risk_cost: float = math.nan,
    **facts: object,
) -> Entry:
    """Return one alert as a row of table `Alerts`.

    Parameters
    ----------
    code : str
        The glossary holds `alert.<code>` and `alert.<code>.do`.
    severity : {"stop", "warn", "note"}
    scope : Scope
        Its seller's currency is that of the money at risk.
    market, sku : str
        Empty for all.
    act_by : date or Timestamp, optional
        Last day on which the remedy helps.
    risk_cost : float
        Money at risk, NaN where it cannot be told; not below zero. [currency]
    **facts : object
        Values of the sentences, written as `name=value|name=value`.
    """
    return {
        "code": code,
        "severity": severity,
        "market": market,
        "sku": sku,
        "act_by": pd.NaT if act_by is None else pd.Timestamp(act_by),
        "risk_cost": risk_cost if math.isnan(risk_cost) else max(float(risk_cost), 0.0),
        "currency": scope.seller.currency,
        "facts": "|".join(f"{name}={_written(value)}" for name, value in facts.items()),
    }


def by_sku(
    code: str,
    severity: str,
    rows: pd.DataFrame,
    *,
    scope: Scope,
    act_by: date | pd.Timestamp | None = None,
    facts: Sequence[str] = (),
    firsts: Sequence[str] = (),
) -> list[Entry]:
    """Return one alert for all SKUs of a market; those that stop stand alone, up to three.

    Parameters
    ----------
    rows : DataFrame
        market, sku, risk_cost [currency] and the columns named in `facts`, which are added up
        where SKUs share an alert, and in `firsts`, of which the first day is told.
    act_by : date or Timestamp, optional
        One for all; without it the first of the column `act_by`, if there is one.

    Notes
    -----
    Each sentence may use {n} and {skus}: 1 and the SKU's own name, or how many and the first
    names.
    """
    found = []
    ranked = rows.sort_values(["market", "risk_cost", "sku"], ascending=[True, False, True])
    told = {"scope": scope, "act_by": act_by, "facts": facts, "firsts": firsts}
    alone = TOLD_SINGLY if severity == "stop" else 0
    for _, part in ranked.groupby("market", sort=False):
        singles = [part.iloc[[place]] for place in range(min(alone, len(part)))]
        for rows_told in [*singles, part.iloc[alone:]]:
            if len(rows_told):
                found.append(shared(code, severity, rows_told, **told))
    return found


def shared(
    code: str,
    severity: str,
    rows: pd.DataFrame,
    *,
    scope: Scope,
    act_by: date | pd.Timestamp | None = None,
    facts: Sequence[str] = (),
    firsts: Sequence[str] = (),
    **more: object,
) -> Entry:
    """Return one alert for all SKUs of one market; a single SKU is named as such.

    Parameters
    ----------
    rows : DataFrame
        As in `by_sku`, all of one market; `risk_cost` may be missing, else the SKUs that risk
        most are named first.
    """
    risk = math.nan
    if "risk_cost" in rows:
        rows = rows.sort_values(["risk_cost", "sku"], ascending=[False, True])
        risk = rows["risk_cost"].sum(min_count=1)
        unpriced = int(rows["risk_cost"].isna().sum())
        more = {**more, UNPRICED: unpriced} if unpriced and not math.isnan(risk) else more
    if act_by is None and "act_by" in rows:
        act_by = rows["act_by"].min()
    names = rows["sku"].drop_duplicates().to_list()
    return entry(
        code,
        severity,
        scope=scope,
        market=str(rows["market"].iloc[0]),
        sku=names[0] if len(names) == 1 else "",
        act_by=act_by,
        risk_cost=float(risk),
        n=len(names),
        skus=named(names),
        **{name: rows[name].sum() for name in facts},
        **{name: rows[name].min() for name in firsts},
        **more,
    )


def named(names: Sequence[str]) -> str:
    """Return the first names in a row, and dots if there are more.

    Examples
    --------
    >>> named(["A", "B"]), named(list("ABCDEFG"))
    ('A, B', 'A, B, C, D, E, ...')
    """
    tail = ["..."] if len(names) > NAMED else []
    return SEPARATOR.join([*names[:NAMED], *tail])


def named_terms(terms: Sequence[str]) -> str:
    """Return terms of the glossary in a row, so that a page can tell each; no dots among them.

    Examples
    --------
    >>> named_terms(["cost.duty", "cost.duty", "cost.goods"])
    'cost.duty, cost.goods'
    """
    return SEPARATOR.join([*dict.fromkeys(terms)][:TERMS_NAMED])


def as_terms(family: str, names: Sequence[str]) -> list[str]:
    """Return names as terms of the glossary, so that a page can tell them; unknown ones as told.

    Examples
    --------
    >>> as_terms("cost", ["duty", "a_seller's_own"])
    ['cost.duty', "a_seller's_own"]
    """
    return [f"{family}.{name}" if is_known(f"{family}.{name}") else name for name in names]


def as_alerts(entries: Sequence[Entry]) -> pd.DataFrame:
    """Return entries as table `Alerts`, gravest and most urgent first."""
    if not entries:
        return tables.empty(tables.Alerts)
    frame = pd.DataFrame(entries).astype({"act_by": "datetime64[us]", "risk_cost": float})
    return in_order(frame)


def as_ranked(entries: Sequence[Entry]) -> pd.DataFrame:
    """Return entries as table `Alerts`, gravest first, else in the order in which they come."""
    if not entries:
        return tables.empty(tables.Alerts)
    frame = pd.DataFrame(entries).astype({"act_by": "datetime64[us]", "risk_cost": float})
    grave = {severity: place for place, severity in enumerate(tables.SEVERITIES)}
    frame = frame.sort_values("severity", key=lambda names: names.map(grave), kind="stable")
    return tables.checked(tables.Alerts, frame)


def in_order(alerts: pd.DataFrame) -> pd.DataFrame:
    """Return alerts by severity, then the day to act by, then money at risk."""
    grave = {severity: place for place, severity in enumerate(tables.SEVERITIES)}
    frame = alerts.assign(grave=alerts["severity"].map(grave), less=-alerts["risk_cost"])
    frame = frame.sort_values(["grave", "act_by", "less", "code", *KEYS], na_position="last")
    return tables.checked(tables.Alerts, frame.drop(columns=["grave", "less"]))


def _written(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)) or value is pd.NaT:
        return ""
    if isinstance(value, pd.Timestamp | date):
        return f"{value:%Y-%m-%d}"
    if hasattr(value, "dtype") or isinstance(value, float):
        return f"{float(value):.10g}"
    return str(value).replace("|", "/")

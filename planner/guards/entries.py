"""Entries: one alert each, its facts written so that any language can tell them.

Knows the form of an alert and how many of a kind are told one by one. Knows
nothing of what is being checked.
"""

import math
from collections.abc import Sequence
from datetime import date

import pandas as pd

from planner import tables
from planner.campaign import Scope

Entry = dict[str, object]

KEYS = ["market", "sku"]
TOLD_SINGLY = 3
"""SKUs of one market and code that get an alert each; the others share one. [count]"""
NAMED = 5
"""SKUs that a shared alert names. [count]"""


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
) -> list[Entry]:
    """Return an alert for each of the gravest SKUs of a market, and one for the rest of them.

    Parameters
    ----------
    rows : DataFrame
        market, sku, risk_cost [currency] and the columns named in `facts`, which are added up
        where SKUs share an alert.

    Notes
    -----
    Each sentence may use {n} and {skus}: 1 and the SKU's own name, or how many and the first
    names.
    """
    found = []
    ranked = rows.sort_values(["market", "risk_cost", "sku"], ascending=[True, False, True])
    for market, part in ranked.groupby("market", sort=False):
        for row in part.head(TOLD_SINGLY).to_dict("records"):
            told = {name: row[name] for name in facts}
            found.append(
                entry(
                    code, severity, scope=scope, market=str(market), sku=row["sku"], act_by=act_by,
                    risk_cost=row["risk_cost"], n=1, skus=row["sku"], **told,
                )
            )  # fmt: skip
        rest = part.iloc[TOLD_SINGLY:]
        if len(rest):
            found.append(shared(code, severity, rest, scope=scope, act_by=act_by, facts=facts))
    return found


def shared(
    code: str,
    severity: str,
    rows: pd.DataFrame,
    *,
    scope: Scope,
    act_by: date | pd.Timestamp | None = None,
    facts: Sequence[str] = (),
    **more: object,
) -> Entry:
    """Return one alert for all SKUs of one market; a single SKU is named as such.

    Parameters
    ----------
    rows : DataFrame
        As in `by_sku`, all of one market; `risk_cost` may be missing.
    """
    risk = rows["risk_cost"].sum(min_count=1) if "risk_cost" in rows else math.nan
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
    return ", ".join([*names[:NAMED], *tail])


def as_alerts(entries: Sequence[Entry]) -> pd.DataFrame:
    """Return entries as table `Alerts`, gravest and most urgent first."""
    if not entries:
        return tables.empty(tables.Alerts)
    frame = pd.DataFrame(entries).astype({"act_by": "datetime64[us]", "risk_cost": float})
    return in_order(frame)


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

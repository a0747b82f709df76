"""Facts of the registers as memory tells them: returns, days of trips, days to the shelf.

Knows in which order a fact is believed: the seller's own row, what the seller's campaigns showed
weighed against what other sellers' did, then the register. Changes no shipped row in place.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.demand.shared_cells import Known, Shared, cell_ratio, told_source
from planner.intake.own_rules import MARK, key_of
from planner.scope import Scope
from planner.supply.charges.own_returns import PRIOR_ORDERS
from planner.tables import InboundRules, Lanes, Register, ReturnRates, checked

ANY = "any"
REGISTER_SD = 0.35
"""How far a register's row lies from a seller's own rate or days (house judgement). [log units]"""
CASES = 2.0
"""Shipments that days told by others weigh against the seller's own. [shipments]"""
RECEIVING = "receiving_days"


class Memory(NamedTuple):
    """What may be remembered on the planning day."""

    own: pd.DataFrame
    """`CampaignRatios` of the seller's campaigns that are over."""
    shared: Shared


def remembered_rules(
    frame: pd.DataFrame, register: type[Register], memory: Memory, *, scope: Scope, goods: list[str]
) -> pd.DataFrame:
    """Return the rows in force of a register with what memory knows better in their place.

    Parameters
    ----------
    frame : DataFrame
        Rows in force of the register, the seller's own rows on top.
    register : type of Register
        `ReturnRates`, `Lanes` and `InboundRules` are remembered; others come back as they are.
    memory : Memory
    scope : Scope
        Gives markets and kinds of warehouses.
    goods : list of str
        Categories of the seller.

    Returns
    -------
    DataFrame
        Keeps the contract. A remembered row names in `source` the campaigns, sellers and counts
        behind it; a row of the seller's own (`seller: `) is never replaced.
    """
    tellers = {ReturnRates: _returns, Lanes: _lanes, InboundRules: _receivings}
    if register not in tellers or (memory.own.empty and memory.shared.cells.empty):
        return frame
    new = tellers[register](frame, memory, scope, goods)
    if not new:
        return frame
    rows = pd.DataFrame(new)[list(frame.columns)].astype(frame.dtypes.to_dict())
    key = key_of(register)
    taken = pd.MultiIndex.from_frame(rows[key])
    kept = frame[~pd.MultiIndex.from_frame(frame[key]).isin(taken)]
    return checked(register, pd.concat([kept, rows]).sort_values(key, kind="stable"))


def _returns(
    frame: pd.DataFrame, memory: Memory, scope: Scope, goods: list[str]
) -> list[dict[str, object]]:
    """Return the return rate of each market and category that memory knows."""
    rows = []
    for market in scope.markets:
        for category in sorted({*goods} - {""}):
            of_market = frame[frame["market"] == market]
            base = _nearest(of_market, "category", category)
            if base is None or _is_own(of_market[of_market["category"].isin([category, ANY])]):
                continue
            place = {"category": category, "market": market}
            told, source = _weighed(
                memory, "returns", place, prior=float(base["return_rate"]), behind=PRIOR_ORDERS
            )
            if source:
                rate = float(np.clip(told, 0.0, 1.0))
                rows.append({**base, "category": category, "return_rate": rate} | _named(source))
    return rows


def _lanes(
    frame: pd.DataFrame, memory: Memory, scope: Scope, goods: list[str]
) -> list[dict[str, object]]:
    """Return the lanes of the plan with their days as trips showed them.

    Longest days are never shortened and shortest never lengthened by what a few trips showed.
    """
    rows = []
    for row in frame[frame["market"].isin(scope.markets)].to_dict("records"):
        if str(row["source"]).startswith(MARK):
            continue
        place = {"mode": row["mode"], "place": "trip", "market": row["market"]}
        ratio, source = _weighed(
            memory, "lead", place, prior=1.0, behind=CASES * float(row["typical_days"])
        )
        if source:
            days = {
                "min_days": row["min_days"] * min(ratio, 1.0),
                "typical_days": row["typical_days"] * ratio,
                "max_days": row["max_days"] * max(ratio, 1.0),
            }
            rows.append({**row, **days, **_named(source)})
    return rows


def _receivings(
    frame: pd.DataFrame, memory: Memory, scope: Scope, goods: list[str]
) -> list[dict[str, object]]:
    """Return the usual days from door to shelf of each market and kind of warehouse."""
    rows = []
    usual = frame[frame["rule"] == RECEIVING]
    kinds = sorted({(house.market, house.kind) for house in scope.seller.warehouses})
    for market, kind in kinds:
        of_market = usual[usual["market"].isin([market, ANY])]
        base = _nearest(of_market[of_market["kind"] == kind], "market", market)
        own = of_market[of_market["kind"].isin([kind, ANY])]
        if market not in scope.markets or base is None or _is_own(own):
            continue
        place = {"place": kind, "market": market}
        days, source = _weighed(
            memory, "receiving", place, prior=float(base["value"]), behind=CASES
        )
        if source:
            rows.append({**base, "market": market, "value": days} | _named(source))
    return rows


def _weighed(
    memory: Memory, name: str, place: dict[str, str], *, prior: float, behind: float
) -> tuple[float, str]:
    """Return a ratio of own and others' campaigns over a register's, and where it comes from.

    ``(sum + behind x told by others) / (base + behind)``; blank where nobody remembers.
    """
    others = Known(np.nan, REGISTER_SD, 0, 0, 0)
    if prior > 0:
        others = cell_ratio(
            memory.shared, name, place, log_prior=float(np.log(prior)), prior_sd=REGISTER_SD
        )
    told = float(np.exp(others.log_ratio)) if prior > 0 else prior
    rows = memory.own[memory.own["memory"] == name]
    for column, value in place.items():
        rows = rows[rows[column] == value]
    sources = [told_source(others)] if others.n_sellers else []
    if len(rows):
        came, base = float(rows["actual_sum"].sum()), float(rows["expected_sum"].sum())
        told = came / base if np.isnan(told) else (came + behind * told) / (base + behind)
        sources.insert(0, _own_source(rows))
    return told, "; ".join(sources)


def _own_source(rows: pd.DataFrame) -> str:
    campaigns = sorted(rows["campaign"].unique())
    came, base = rows["actual_sum"].sum(), rows["expected_sum"].sum()
    return (
        f"memory of {', '.join(campaigns)}: {came:.0f} over {base:.0f}, {rows['n_skus'].sum()} SKUs"
    )


def _nearest(rows: pd.DataFrame, column: str, wanted: str) -> dict[str, object] | None:
    """Return the row of a value, else that for any; None without one."""
    for value in (wanted, ANY):
        found = rows[rows[column] == value]
        if len(found):
            return dict(found.iloc[-1])
    return None


def _is_own(rows: pd.DataFrame) -> bool:
    return bool(rows["source"].str.startswith(MARK).any())


def _named(source: str) -> dict[str, object]:
    return {"source": source, "confidence": "measured"}

"""Cartons against the inbound rules of the warehouse that takes them: weight, edge, pallet.

A carton that nobody measured is judged by what lies in it: only what is certainly too long is
refused, the rest is asked for. A limit of a weak source is told and holds nothing.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from planner.guards.goods_checks import SURE
from planner.scope import Scope
from planner.supply.trips.lanes import ANY_MARKET

KEYS = ["market", "sku"]
ANY_KIND = "any"
LIMITS = ("carton_max_kg", "carton_max_cm", "pallet_max_kg")
"""Rules of the register `InboundRules` that a carton can break."""
BLANK = {"value": float("nan"), "confidence": "", "source": ""}
CM = 100
"""Centimetres in a metre."""


def carton_gates(
    goods: pd.DataFrame, catalogue: pd.DataFrame, inbound_rules: pd.DataFrame, *, scope: Scope
) -> pd.DataFrame:
    """Return one gate for each SKU of a market whose warehouses have a rule on cartons.

    Parameters
    ----------
    goods : DataFrame
        market, sku, longest_cm: longest edge of one unit; carton_cm, carton_kg: of a full carton
        as measured. [cm], [kg]
    catalogue : DataFrame
        sku, carton_units, weight_kg [kg/unit], volume_cbm [cbm/unit]; a column may be missing.
    inbound_rules : DataFrame
        Register `InboundRules`, rows in force.
    scope : Scope
        Its shops' warehouses say which kinds count; of several the strictest limit.

    Returns
    -------
    DataFrame
        market, sku, gate, state, blocks, evidence, reason, source.

    Notes
    -----
    Not weighed, ``carton kg = units in a carton * kg of a unit``. Not measured, its longest edge
    is at least that of one unit and at least the cube root of ``units * volume``; more is not
    known, so that a carton within that bound stays `unknown` until somebody measures it.
    """
    facts = ["carton_units", "weight_kg", "volume_cbm"]
    held = catalogue.reindex(columns=["sku", *facts]).astype(dict.fromkeys(facts, float))
    measured = goods[[*KEYS, "longest_cm", "carton_cm", "carton_kg"]]
    rows = measured.merge(held, on="sku", how="left")
    rows["kg"] = rows["carton_kg"].fillna(rows["carton_units"] * rows["weight_kg"])
    cube = CM * np.cbrt(rows["carton_units"] * rows["volume_cbm"])
    at_least = np.fmax(rows["longest_cm"].astype(float), cube)
    rows["cm"] = rows["carton_cm"].fillna(at_least)
    found = []
    for market, part in rows.groupby("market"):
        limits = _limits(inbound_rules, str(market), scope)
        if any(pd.notna(limit["value"]) for limit in limits.values()):
            found += [_gate(row, limits) for row in part.to_dict("records")]
    return pd.DataFrame(found)


def _limits(rules: pd.DataFrame, market: str, scope: Scope) -> dict[str, dict]:
    """Return the strictest row of each limit over the kinds of warehouse that are used."""
    used = {shop.warehouse for shop in scope.shops if shop.market == market}
    kinds = {house.kind for house in scope.seller.warehouses if house.warehouse in used}
    found = {}
    for name in LIMITS:
        rows = [row for kind in sorted(kinds) for row in _nearest(rules, market, kind, name)]
        found[name] = min(rows, key=lambda row: row["value"], default=BLANK)
    return found


def _nearest(rules: pd.DataFrame, market: str, kind: str, name: str) -> Iterator[dict]:
    named = rules[(rules["rule"] == name) & rules["value"].notna()]
    places = ((market, kind), (ANY_MARKET, kind), (market, ANY_KIND), (ANY_MARKET, ANY_KIND))
    for place, house in places:
        row = named[(named["market"] == place) & (named["kind"] == house)]
        if len(row):
            yield row.iloc[-1].to_dict()
            return


def _gate(row: dict, limits: dict[str, dict]) -> dict[str, object]:
    weight, edge, pallet = (limits[name] for name in LIMITS)
    told = f"|kg={row['kg']:.4g}|limit="
    broken = []
    if row["kg"] > weight["value"]:
        broken.append((weight, f"gate.carton_heavy{told}{weight['value']:g}"))
    if row["kg"] > pallet["value"]:
        broken.append((pallet, f"gate.pallet_heavy{told}{pallet['value']:g}"))
    if row["cm"] > edge["value"]:
        broken.append((edge, f"gate.carton_long|cm={row['cm']:.4g}|limit={edge['value']:g}"))
    is_sure = any(limit["confidence"] in SURE for limit, _ in broken)
    reasons = [reason for _, reason in broken]
    if broken and not is_sure:
        reasons.append("gate.limit_unsure")
    state = "refused" if broken else "unknown"
    if np.isnan(row["kg"]):
        reasons.append("gate.carton_unknown")
    elif not broken and (np.isnan(edge["value"]) or not np.isnan(row["carton_cm"])):
        state, reasons = "passed", ["gate.passed"]
    elif not broken:
        reasons.append(f"gate.carton_edges|kg={row['kg']:.4g}|limit={edge['value']:g}")
    used = [limit for limit, _ in broken] or [weight, edge, pallet]
    return {
        **{key: row[key] for key in KEYS},
        "gate": "carton",
        "state": state,
        "blocks": "ship" if is_sure else "",
        "evidence": "catalogue",
        "reason": ";".join(reasons),
        "source": "; ".join(dict.fromkeys(limit["source"] for limit in used if limit["source"])),
    }

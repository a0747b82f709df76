"""Ways: may a SKU go by a mode, will it be in time, and what does one unit cost on the shelf.

Puts lanes, surcharges, duty, handling and cover together for every SKU and mode.
Knows nothing of quantities; which way gets how many units is decided in
`allocation`. What is unknown is left out of the sum and named.
"""

from typing import get_args

import numpy as np
import pandas as pd

from planner import tables
from planner.campaign import EventKind
from planner.scope import Scope
from planner.supply.charges.duty import unit_duty
from planner.supply.charges.freight_rates import own_rates
from planner.supply.charges.handling import INTEGRATION, handling_terms
from planner.supply.charges.packing import chargeable, unit_freight
from planner.supply.charges.surcharges import way_surcharges
from planner.supply.charges.tariffs import figures, per_unit, sources, tariffs_in_force
from planner.supply.quantity.newsvendor import KEYS

WAY = [*KEYS, "mode"]
LANDED_TERMS = (
    "goods", "head_haul", "surcharge", "clearance", "inbound", "duty", "import_tax", "handling",
    "insurance",
)  # fmt: skip
"""What makes up the landed cost of a unit, in the order in which it arises."""
EVENT_KINDS = get_args(EventKind)
GOODS_COLUMNS = ["sku", "category", "unit_cost", "weight_kg", "volume_cbm"]


def ways_and_terms(
    catalogue: pd.DataFrame,
    lane_options: pd.DataFrame,
    fees: pd.DataFrame,
    surcharges: pd.DataFrame,
    duty_rates: pd.DataFrame,
    handling_fees: pd.DataFrame,
    *,
    scope: Scope,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return whether each SKU may go by each mode, when and at what cost, and every term of it.

    Parameters
    ----------
    catalogue, lane_options : DataFrame
        Tables `Catalogue` and `LaneOptions`.
    fees, surcharges, duty_rates, handling_fees : DataFrame
        Registers `Fees`, `Surcharges`, `DutyRates` and `HandlingFees`, rows in force on the
        planning day.
    scope : Scope
        Contract, cover and the seller's own figures; see `way_surcharges`, `unit_duty`,
        `handling_terms` and `own_rates` for their keys.

    Returns
    -------
    ways : DataFrame
        Table `SkuWays`, one row by market, SKU and mode, in the seller's currency. `missing`
        names unknown terms as `cost.<term>`.
    terms : DataFrame
        Table `WayTerms`: the same cost term by term, each with its source. `unit_cost` is the
        part of a term that is known, NaN where none is. `integration` stands beside the landed
        terms: it is paid once and belongs to no unit.

    Notes
    -----
    ``landed = goods + freight + surcharge + clearance + inbound + duty + import tax + handling
    + insurance`` of one unit. Goods and freight must be known; each other unknown term is left
    out and named, so that the cost shown is a lower end. What is paid once for a shipment or a
    SKU costs one unit more nothing: it stands in `costs`.

    A way is allowed if its lane is feasible (in time, allowed by the policy) and nothing forbids
    it for the goods.

    ``insurance = premium rate * declared value + loss rate * (1 - payout) * landed value``; the
    unit cost stands for the declared value. Cover of all risks pays the better of its payout and
    the provider's compensation by contract, any other cover on the way only the latter. What is
    lost and nobody is known to pay for costs its landed value; a payout or compensation that
    nobody told counts as none and is named.
    """
    pairs = _pairs(catalogue, lane_options, fees, scope)
    if pairs.empty:
        return tables.empty(tables.SkuWays), tables.empty(tables.WayTerms)
    extra = way_surcharges(pairs, catalogue, surcharges, scope=scope)
    terms = _terms(pairs, extra, fees, duty_rates, handling_fees, scope)
    return _ways(pairs, extra, terms, scope), terms


def _ways(
    pairs: pd.DataFrame, extra: pd.DataFrame, terms: pd.DataFrame, scope: Scope
) -> pd.DataFrame:
    unit = {name: rows["unit_cost"].to_numpy() for name, rows in terms.groupby("term")}
    frame = pairs.assign(**{term: unit[term] for term in LANDED_TERMS})
    frame["landed_cost"] = _landed({term: frame[term] for term in LANDED_TERMS})
    frame["unit_surcharge_cost"], frame["currency"] = frame["surcharge"], scope.seller.currency
    frame["missing"] = _missing(terms, frame)
    frame["is_allowed"] = frame["is_feasible"] & (extra["forbidden"] == "").to_numpy()
    frame["reason"] = _reasons(frame, extra, terms)
    return tables.checked(tables.SkuWays, frame.sort_values(WAY)[tables.columns(tables.SkuWays)])


def _pairs(
    catalogue: pd.DataFrame, lane_options: pd.DataFrame, fees: pd.DataFrame, scope: Scope
) -> pd.DataFrame:
    lanes = own_rates(lane_options, scope)
    goods = catalogue[[*GOODS_COLUMNS, "price", "promo_price"]].copy()
    goods["price"] = goods["promo_price"].fillna(goods["price"])
    pairs = lanes.merge(goods, how="cross").sort_values(WAY).reset_index(drop=True)
    pairs["unit_freight_cost"] = unit_freight(pairs, scope)
    pairs["charged_kg"] = chargeable(
        pairs["weight_kg"],
        pairs["volume_cbm"],
        rate_unit="kg",
        cbm_divisor_kg=pairs["cbm_divisor_kg"],
    )
    tariffs = tariffs_in_force(fees, scope=scope)
    pairs["outbound_cost"] = per_unit(tariffs, "outbound", pairs)
    return pairs


def _terms(
    pairs: pd.DataFrame,
    extra: pd.DataFrame,
    fees: pd.DataFrame,
    duty_rates: pd.DataFrame,
    handling_fees: pd.DataFrame,
    scope: Scope,
) -> pd.DataFrame:
    parts = {
        "goods": _plain(pairs["unit_cost"], "catalogue.csv: unit_cost"),
        "head_haul": _plain(pairs["unit_freight_cost"], pairs["source"]),
        "surcharge": extra[["unit_cost", "shipment_cost", "is_known", "source"]].assign(
            sku_cost=0.0, risk_cost=0.0
        ),
        **{term: _tariff(term, pairs, fees, scope) for term in ("clearance", "inbound")},
    }
    carriage = pairs["unit_freight_cost"] + parts["surcharge"]["unit_cost"].fillna(0.0)
    duties = unit_duty(pairs.assign(carriage_cost=carriage), duty_rates, scope=scope)
    for term in ("duty", "import_tax"):
        part = _plain(duties[f"{term}_cost"], duties[f"{term}_source"])
        part["risk_cost"], part["is_known"] = duties[f"{term}_risk"], duties[f"{term}_known"]
        parts[term] = part
    parts |= _handled(pairs, handling_fees, scope)
    landed = _landed({term: part["unit_cost"] for term, part in parts.items()})
    parts["insurance"] = _insurance(pairs, landed, fees, scope)
    order = [term for term in (*LANDED_TERMS, INTEGRATION) if term in parts]
    long = pd.concat([pairs[WAY].assign(term=term, **parts[term]) for term in order])
    long["source"] = long["source"].astype("str")
    long["currency"] = scope.seller.currency
    long["place"] = long["term"].map({term: place for place, term in enumerate(order)})
    long = long.sort_values([*WAY, "place"])
    return tables.checked(tables.WayTerms, long[tables.columns(tables.WayTerms)])


def _landed(unit_costs: dict[str, pd.Series]) -> pd.Series:
    needed = unit_costs["goods"] + unit_costs["head_haul"]
    rest = [unit_costs[term] for term in LANDED_TERMS[2:] if term in unit_costs]
    return needed + pd.concat(rest, axis=1).sum(axis=1, skipna=True)


def _plain(cost: pd.Series, source: pd.Series | str) -> pd.DataFrame:
    return pd.DataFrame({"unit_cost": cost, "is_known": cost.notna(), "source": source}).assign(
        sku_cost=0.0, shipment_cost=0.0, risk_cost=0.0
    )


def _tariff(term: str, pairs: pd.DataFrame, fees: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    tariffs = tariffs_in_force(fees, scope=scope)
    part = _plain(per_unit(tariffs, term, pairs), sources(tariffs, term, pairs["market"]))
    rows = tariffs[tariffs["term"] == term].drop_duplicates("market", keep="last")
    is_shipment = pairs["market"].map(rows.set_index("market")["unit"]) == "shipment"
    part["shipment_cost"] = figures(tariffs, term, pairs["market"]).where(is_shipment, 0.0)
    return part


def _handled(
    pairs: pd.DataFrame, handling_fees: pd.DataFrame, scope: Scope
) -> dict[str, pd.DataFrame]:
    known = handling_terms(handling_fees, scope=scope)
    parts = {}
    for term, rows in known.groupby("term"):
        columns = ["unit_cost", "sku_cost", "shipment_cost", "is_known", "source"]
        part = pairs[["market"]].merge(rows[["market", *columns]], on="market", how="left")
        part["is_known"] = part["is_known"].fillna(False).astype(bool)
        part["source"] = part["source"].fillna("not in handling_fees.csv")
        parts[str(term)] = part.drop(columns="market").assign(risk_cost=0.0)
    if "handling" not in parts:
        unknown = pd.Series(np.nan, index=pairs.index)
        parts["handling"] = _plain(unknown, "not in handling_fees.csv")
    return parts


def _insurance(
    pairs: pd.DataFrame, landed: pd.Series, fees: pd.DataFrame, scope: Scope
) -> pd.DataFrame:
    terms, contract = scope.seller.insurance, scope.seller.contract
    rate = pd.Series(np.nan if terms.premium_rate is None else terms.premium_rate, pairs.index)
    source = pd.Series("seller.yml: insurance", pairs.index)
    if terms.cover == "none":
        rate = pd.Series(0.0, pairs.index)
    elif terms.premium_rate is None:
        tariffs = tariffs_in_force(fees, scope=scope)
        rate = figures(tariffs, "insurance", pairs["market"])
        source = source + "; " + sources(tariffs, "insurance", pairs["market"])
    insured = terms.payout_rate if terms.cover == "all_risks" else None
    told = [share for share in (insured, contract.loss_compensation_rate) if share is not None]
    paid = max(told, default=0.0)
    loss = np.nan if terms.loss_rate is None else terms.loss_rate
    premium = (rate * pairs["unit_cost"]).mask(rate == 0, 0.0)
    lost = pd.Series(0.0, pairs.index) if 0 in (loss, 1 - paid) else loss * (1 - paid) * landed
    both = pd.concat([premium, lost], axis=1)
    is_blank = (premium == 0) & lost.isna()
    part = _plain(both.sum(axis=1, min_count=1).mask(is_blank), source)
    part["is_known"] = both.notna().all(axis=1) & (bool(told) or loss == 0)
    return part


def _missing(terms: pd.DataFrame, frame: pd.DataFrame) -> pd.Series:
    unknown = terms[~terms["is_known"] & terms["term"].isin(LANDED_TERMS)]
    names = ("cost." + unknown["term"]).groupby([unknown[name] for name in WAY]).agg(";".join)
    named = frame[WAY].join(names.rename("missing"), on=WAY)["missing"]
    return named.fillna("").astype("str")


def _reasons(frame: pd.DataFrame, extra: pd.DataFrame, terms: pd.DataFrame) -> pd.Series:
    risk = terms.groupby(WAY)["risk_cost"].sum().rename("risk")
    due = frame[WAY].join(risk, on=WAY)["risk"].to_numpy()
    told, currency, known = [], frame["currency"].iloc[0], extra.to_dict("records")
    for place, (reason, mode, is_allowed) in enumerate(
        zip(frame["reason"], frame["mode"], frame["is_allowed"], strict=True)
    ):
        parts, way = [reason], known[place]
        if way["forbidden"]:
            kinds = _named(way["forbidden"])
            parts.insert(0, f"reason.way_forbidden|mode={mode}|kinds={kinds}")
        if is_allowed and way["kinds"]:
            parts.append(f"reason.way_surcharged|kinds={_named(way['kinds'])}")
        if is_allowed and way["unpriced"]:
            parts.append(f"reason.way_unpriced|kinds={_named(way['unpriced'])}")
        if is_allowed and due[place] > 0:
            parts.append(f"reason.duty_at_door|amount={due[place]:.10g}|currency={currency}")
        told.append(";".join(parts))
    return pd.Series(told, index=frame.index, dtype="str")


def _named(kinds: str) -> str:
    return ", ".join(
        f"{'kind' if kind in EVENT_KINDS else 'category'}.{kind}" for kind in kinds.split(", ")
    )

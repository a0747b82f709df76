"""Gates: what goods must show before they are ordered or shipped, and what is still missing.

Admission of the category, papers, barcode, HS code, declared value, refused kinds of goods. A
gate whose source is weak is told and blocks nothing. What it costs to ignore a gate, `priced`
says once a plan is known.
"""

import pandas as pd

from planner import tables
from planner.guards.carton_gates import carton_gates
from planner.guards.data_checks import is_barcode
from planner.guards.evidence import with_evidence
from planner.guards.goods_checks import SURE, alternatives, listed, needs_of
from planner.scope import Scope
from planner.supply.plan_tables import Known, Planned
from planner.supply.trips.lanes import ANY_MARKET, bound

KEYS = ["market", "sku"]
ADMISSION = "ADMISSION"
"""Name under which the papers keep a platform's approval of a category."""
REFUSED_KINDS = ("hazardous", "medical_device", "oversize")
"""Categories that the brief's service does not take, besides what the register closes."""
OPEN_STATES = {"missing": 0, "expired": 1, "refused": 2, "pending": 3, "unknown": 4, "passed": 5}


def goods_gates(known: Known, *, scope: Scope) -> pd.DataFrame:
    """Return every gate of every SKU in the markets of the plan.

    Parameters
    ----------
    known : Known
        Its `GoodsFacts`, `Evidence`, `Catalogue` and the registers `Certificates`, `Admissions`,
        `InboundRules` and `Bounds`; a SKU of the catalogue without facts is unknown in all of them.
    scope : Scope

    Returns
    -------
    DataFrame
        Table `Gates`, `saved_cost` not yet known.

    Notes
    -----
    A category under review, by invitation or closed, and kinds of goods that are not taken, block
    the order. A missing or expired paper of a sure source, a missing HS code, a wrong barcode and
    a carton over a sure limit block the shipment: what is ordered waits until they are there. A
    paper is judged on the day on which goods must be on the shelf.
    """
    facts, evidence, catalogue = known.facts, known.evidence, known.catalogue
    certificates = known.registers[tables.Certificates]
    admissions, bounds = known.registers[tables.Admissions], known.registers[tables.Bounds]
    goods = _goods(facts, catalogue, scope)
    if goods.empty:
        return tables.empty(tables.Gates)
    cartons = carton_gates(goods, catalogue, known.registers[tables.InboundRules], scope=scope)
    parts = [
        _admissions(goods, evidence, admissions),
        _refused_kinds(goods, bounds),
        _papers(goods, evidence, catalogue, certificates),
        _codes(goods),
        _declared(goods, bounds),
        _flags(goods),
        _columns(cartons) if len(cartons) else cartons,
    ]
    frame = pd.concat([part for part in parts if len(part)], ignore_index=True)
    frame = frame.assign(saved_cost=float("nan"), currency=scope.seller.currency)
    frame["expires_on"] = frame["expires_on"].astype("datetime64[us]")
    place = frame["state"].map(OPEN_STATES)
    frame = frame.assign(place=place).sort_values([*KEYS, "place", "gate", "reason"])
    return tables.checked(tables.Gates, frame.drop(columns="place"))


def blocked(gates: pd.DataFrame, what: str) -> pd.Series:
    """Return by market and SKU why it is blocked, reasons joined by `;`.

    Parameters
    ----------
    gates : DataFrame
        Table `Gates`.
    what : {"order", "ship"}
        A SKU whose order is blocked is not blocked a second time as a shipment.
    """
    rows = gates[gates["blocks"] == what]
    reasons = rows.groupby(KEYS)["reason"].agg(lambda texts: ";".join(dict.fromkeys(texts)))
    if what == "ship":
        reasons = reasons[~reasons.index.isin(blocked(gates, "order").index)]
    return reasons


def batch_costs(planned: Planned) -> pd.DataFrame:
    """Return what each SKU's batch costs until it is on the shelf.

    Parameters
    ----------
    planned : Planned

    Returns
    -------
    DataFrame
        market, sku, batch_cost (goods, freight and entry of the units ordered) and wanted_cost
        (where none is, of those that high demand would ask for); unknown where one is. [currency]
    """
    rows = planned.plan[[*KEYS, "order_units", "high_units"]]
    rows = rows.merge(planned.economics[[*KEYS, "landed_cost"]], on=KEYS, how="left")
    by_way = planned.mode_plan.groupby(KEYS)["landed_cost"].sum(skipna=False)
    rows = rows.join(by_way.rename("batch_cost"), on=KEYS)
    rows["batch_cost"] = rows["batch_cost"].fillna(rows["order_units"] * rows["landed_cost"])
    high = rows["high_units"] * rows["landed_cost"]
    rows["wanted_cost"] = rows["batch_cost"].where(rows["order_units"] > 0, high)
    return rows[[*KEYS, "batch_cost", "wanted_cost"]]


def priced(gates: pd.DataFrame, planned: Planned, *, scope: Scope) -> pd.DataFrame:
    """Return the gates with the loss that is avoided by not shipping.

    Parameters
    ----------
    gates : DataFrame
        Table `Gates`.
    planned : Planned
    scope : Scope
        Its seller's currency is that of the loss.

    Notes
    -----
    A refused batch loses all of it, see `batch_costs`: held as a shipment what is ordered, as an
    order what would be asked for. A gate that blocks nothing saves nothing.
    """
    known = gates.drop(columns="saved_cost").merge(batch_costs(planned), "left", on=KEYS)
    batch = known["batch_cost"].where(known["blocks"] == "ship", known["wanted_cost"])
    saved = batch.where(known["blocks"] != "").astype(float)
    known = known.assign(saved_cost=saved, currency=scope.seller.currency)
    return tables.checked(tables.Gates, known[tables.columns(tables.Gates)])


def hold_lines(ship: pd.DataFrame, gates: pd.DataFrame) -> pd.DataFrame:
    """Return the shipping lines with what holds them back; their units stay as planned.

    Parameters
    ----------
    ship, gates : DataFrame
        Tables `ShipLines` and `Gates`.

    Returns
    -------
    DataFrame
        Table `ShipLines`; `block_reason` is blank where a line may leave.
    """
    reasons = pd.concat([blocked(gates, "order"), blocked(gates, "ship")])
    named = ship.drop(columns="block_reason").join(reasons.rename("block_reason"), on=KEYS)
    named["block_reason"] = named["block_reason"].fillna("").astype("str")
    return tables.checked(tables.ShipLines, named[tables.columns(tables.ShipLines)])


def _goods(facts: pd.DataFrame, catalogue: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    markets = pd.DataFrame({"market": pd.Series(scope.markets, dtype="str")})
    unknown = catalogue.loc[~catalogue["sku"].isin(facts["sku"]), ["sku", "category"]]
    rows = pd.concat([facts, unknown.assign(has_unknown_flags=True)], ignore_index=True)
    texts = ["hs_code", "barcode", "certificates", "material", "purpose", "category"]
    rows[texts] = rows[texts].fillna("")
    goods = markets.merge(rows, how="cross")
    shelf = {market: pd.Timestamp(plan.shelf_day) for market, plan in scope.plans.items()}
    goods["shelf_by"] = pd.to_datetime(goods["market"].map(shelf))
    goods["kind"] = goods["category"].str.strip().str.lower()
    return goods


def _admissions(
    goods: pd.DataFrame, evidence: pd.DataFrame, admissions: pd.DataFrame
) -> pd.DataFrame:
    rules = admissions[["market", "category", "admission", "review_days", "source"]]
    everywhere = rules[rules["market"] == ANY_MARKET].drop(columns="market")
    named = goods.merge(rules, left_on=["market", "kind"], right_on=["market", "category"])
    general = goods.merge(everywhere, left_on="kind", right_on="category")
    rows = pd.concat([named, general], ignore_index=True).drop_duplicates(KEYS)
    rows = rows.drop(columns=["category_x", "category_y"]).assign(certificate=ADMISSION)
    rows = with_evidence(rows, evidence)
    is_closed = rows["admission"] == "closed"
    is_open = (rows["admission"] == "open") | (rows["has_paper"] & ~rows["is_expired"] & ~is_closed)
    rows["gate"] = "admission"
    rows["state"] = (
        pd.Series("pending", index=rows.index).mask(is_open, "passed").mask(is_closed, "refused")
    )
    rows["blocks"] = pd.Series("order", index=rows.index).where(~is_open, "")
    told = "gate.admission." + rows["admission"] + "|category=category." + rows["kind"]
    days = "|days=" + _written(rows["review_days"].astype(float), "{:g}")
    told += days.where((rows["admission"] == "review") & rows["review_days"].notna(), "")
    rows["reason"] = told.mask(is_open, "gate.passed")
    return _columns(rows)


def _refused_kinds(goods: pd.DataFrame, bounds: pd.DataFrame) -> pd.DataFrame:
    edge, weight = bound(bounds, "oversize_edge").high, bound(bounds, "oversize_weight").high
    big = (goods["longest_cm"] > edge) | (goods["weight_kg"] > weight)
    rows = goods[big & ~goods["kind"].isin(REFUSED_KINDS)].copy()
    size = _written(rows["longest_cm"], "{:g}") + "|kg=" + _written(rows["weight_kg"], "{:g}")
    rows["reason"] = f"gate.oversize|edge={edge:g}|weight={weight:g}|cm=" + size
    rows = rows.assign(gate="size", state="refused", blocks="order", evidence="catalogue")
    rows["source"] = "bounds.csv: oversize_edge, oversize_weight"
    return _columns(rows)


def _papers(
    goods: pd.DataFrame,
    evidence: pd.DataFrame,
    catalogue: pd.DataFrame,
    certificates: pd.DataFrame,
) -> pd.DataFrame:
    needs = needs_of(goods[KEYS], catalogue, certificates)
    if needs.empty:
        return needs
    rows = needs.drop(columns="category").merge(goods, on=KEYS)
    rows = with_evidence(rows, evidence)
    has = dict(zip(catalogue["sku"], catalogue["certificates"].map(listed), strict=True))
    is_listed = [
        bool(alternatives(paper) & has.get(sku, set()))
        for paper, sku in zip(rows["certificate"], rows["sku"], strict=True)
    ]
    is_listed = pd.Series(is_listed, index=rows.index)
    is_held = (rows["has_paper"] & ~rows["is_expired"]) | (is_listed & ~rows["has_paper"])
    is_sure = rows["confidence"].isin(SURE)
    rows["gate"] = "certificate"
    rows["state"] = (
        pd.Series("missing", index=rows.index)
        .mask(rows["is_expired"], "expired")
        .mask(is_held, "passed")
    )
    rows["evidence"] = rows["evidence"].where(rows["evidence"] != "", rows["certificate"])
    rows["blocks"] = pd.Series("ship", index=rows.index).where(is_sure & ~is_held, "")
    paper = "|paper=" + rows["certificate"]
    until = "|until=" + rows["expires_on"].dt.strftime("%Y-%m-%d").fillna("")
    rows["reason"] = (
        ("gate.paper_missing" + paper)
        .mask(rows["state"] == "expired", "gate.paper_expired" + paper + until)
        .mask(is_held & ~rows["has_paper"], "gate.paper_listed" + paper)
        .mask(is_held & rows["has_paper"], "gate.paper_held" + paper)
    )
    return _columns(rows)


def _codes(goods: pd.DataFrame) -> pd.DataFrame:
    hs = goods.assign(gate="hs_code", evidence=goods["hs_code"], source="catalogue: hs_code")
    lacks = goods["hs_code"].str.strip() == ""
    hs["state"] = pd.Series("passed", index=goods.index).mask(lacks, "missing")
    hs["blocks"] = pd.Series("", index=goods.index).mask(lacks, "ship")
    hs["reason"] = pd.Series("gate.passed", index=goods.index).mask(lacks, "gate.hs_missing")
    bars = goods.assign(gate="barcode", evidence=goods["barcode"], source="catalogue: barcode")
    is_blank = goods["barcode"].str.strip() == ""
    is_wrong = ~is_blank & ~goods["barcode"].map(is_barcode).astype(bool)
    bars["state"] = (
        pd.Series("passed", index=goods.index).mask(is_blank, "unknown").mask(is_wrong, "refused")
    )
    bars["blocks"] = pd.Series("", index=goods.index).mask(is_wrong, "ship")
    bars["reason"] = (
        pd.Series("gate.passed", index=goods.index)
        .mask(is_blank, "gate.barcode_unknown")
        .mask(is_wrong, "gate.barcode_wrong|barcode=" + goods["barcode"])
    )
    return pd.concat([_columns(hs), _columns(bars)], ignore_index=True)


def _declared(goods: pd.DataFrame, bounds: pd.DataFrame) -> pd.DataFrame:
    limits = bound(bounds, "declared_value")
    ratio = goods["declared_cost"] / goods["unit_cost"]
    rows = goods.assign(gate="declared_value", source="catalogue: declared_cost", blocks="")
    is_unknown = ratio.isna()
    is_off = (ratio < limits.low) | (ratio > limits.high)
    rows["evidence"] = _written(goods["declared_cost"], "{:g}").where(~is_unknown, "")
    rows["state"] = (
        pd.Series("passed", index=goods.index).mask(is_unknown, "unknown").mask(is_off, "refused")
    )
    facts = "|low=" + f"{limits.low:g}" + f"|high={limits.high:g}|ratio="
    rows["reason"] = (
        pd.Series("gate.passed", index=goods.index)
        .mask(is_unknown, "gate.declared_unknown")
        .mask(is_off, "gate.declared_off" + facts + _written(ratio, "{:.2f}"))
    )
    return _columns(rows)


def _flags(goods: pd.DataFrame) -> pd.DataFrame:
    rows = goods[goods["has_unknown_flags"].astype(bool)]
    rows = rows.assign(
        gate="sensitive", state="unknown", blocks="", evidence="", reason="gate.flags_unknown",
        source="catalogue: has_battery, has_liquid, has_powder",
    )  # fmt: skip
    return _columns(rows)


def _written(values: pd.Series, form: str) -> pd.Series:
    return values.map(form.format).astype("str")


def _columns(rows: pd.DataFrame) -> pd.DataFrame:
    kept = [*KEYS, "gate", "state", "blocks", "evidence", "expires_on", "reason", "source"]
    return rows.assign(
        expires_on=rows.get("expires_on", pd.NaT),
    )[kept]

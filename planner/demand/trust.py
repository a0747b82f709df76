"""How far the history of each SKU can be trusted, before anything is forecast from it.

Knows days, promotions, lost rows and the master data that a plan needs. The grade
holds the floors of `evidence`; notebook 02 grades again with the width of the range
and the replay, which may lower a grade, and without the master data.
"""

import json
from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.demand.clean import KEYS, Floats
from planner.demand.evidence import CLEAN_DAYS, PAST_EVENTS, STOCK_OUT_SHARE
from planner.intake.bundles import explode
from planner.intake.cells import fold
from planner.intake.dialects import dialect_of
from planner.intake.orders import NOT_LOST
from planner.scope import Scope
from planner.seller import Shop
from planner.tables import GRADES, Bundles, SkuTrust, checked, columns, empty

SHOP_SKU = ["shop", "sku"]
REJECTED_SHARE = (0.02, 0.05, 0.15)
"""Share of a SKU's rows lost up to which A, B and C hold (house judgement). [unitless]"""
MONEY_DAYS = 90
"""Revenue is weighed over these last days: the least history the brief asks for. [days]"""
MAX_BREAK_DAYS = 7
"""Days without a row within one promotion: more apart, it is the next one of that name
(house judgement). [days]"""
MASTER_FACTS = (
    "unit_cost",
    "price",
    "weight_kg",
    "volume_cbm",
    "carton_units",
    "moq_units",
    "category",
    "hs_code",
)
"""Columns of the catalogue that a plan reads, in the order in which it misses them."""
PRICING_FACTS = ("unit_cost", "price", "weight_kg", "volume_cbm")
"""Facts without which a unit cannot be priced: a SKU that lacks one is B at best, not lower,
for its history is none the worse."""


class _Kind(NamedTuple):
    """One kind of evidence: the position in GRADES and the reason of each SKU."""

    rank: np.ndarray
    reason: pd.Series


def sku_trust(
    daily: pd.DataFrame,
    lines: pd.DataFrame,
    rejected: pd.DataFrame,
    *,
    files: pd.DataFrame,
    catalogue: pd.DataFrame,
    stock_days: pd.DataFrame,
    scope: Scope,
    bundles: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return for each shop and SKU the grade of its history and the facts that are unknown.

    Parameters
    ----------
    daily, lines, rejected, files : DataFrame
        Tables `DailySales`, `OrderLines`, `RejectedRows` and `Reconciliation`.
    catalogue, stock_days : DataFrame
        Tables `Catalogue` and `StockHistory`.
    scope : Scope
        Gives shops, exchange rates, what the contract confirms, and the day from which the
        first notebook looks: later files and later stock are not known to it.
    bundles : DataFrame, optional
        Table `Bundles`: a line of a bundle is one of each of its components.

    Returns
    -------
    DataFrame
        Table `SkuTrust`, the worst grade first, within a grade the largest share of revenue.

    Notes
    -----
    The worst of days, stock-outs, promotions, lost rows and missing facts stands. A lost row
    belongs to the SKU that its cell of the SKU names; a row that names none belongs to nobody.
    Days that no export covers have no row in `daily`, and are no days of history.
    """
    if daily.empty:
        return empty(SkuTrust)
    recipes = empty(Bundles) if bundles is None else bundles
    rows = _histories(daily).merge(_own_events(daily), on=KEYS, how="left")
    rows["past_events"] = rows["past_events"].fillna(0).astype("int64")
    sold = explode(lines, recipes, counts=())
    lost = lost_rows(rejected, files, rows["sku"].unique(), scope=scope, bundles=recipes)
    rows["rejected_rate"] = _lost_rate(rows, sold, explode(lost, recipes, counts=()))
    rows["missing"] = _missing(rows, catalogue, stock_days, scope)
    revenue = revenue_of(daily, scope, lines=sold)
    rows["revenue"] = rows[KEYS].merge(revenue, on=KEYS, how="left")["revenue"]
    total = rows["revenue"].sum(skipna=False)
    rows["revenue_share"] = rows["revenue"] / total if total > 0 else np.nan
    kinds = _kinds(rows)
    ranks = np.stack([kind.rank for kind in kinds])
    reasons = np.stack([kind.reason.to_numpy(dtype=object) for kind in kinds])
    worst = reasons[ranks.argmax(axis=0), np.arange(len(rows))]
    rank = ranks.max(axis=0)
    rows["grade"] = pd.array(np.array(GRADES, dtype=object)[rank], dtype="str")
    rows["grade_reason"] = pd.array(np.where(rank == 0, _solid(rows), worst), dtype="str")
    ordered = rows.assign(rank=-rank).sort_values(
        ["rank", "revenue", *KEYS], ascending=[True, False, True, True, True]
    )
    return checked(SkuTrust, ordered[columns(SkuTrust)])


def revenue_of(
    daily: pd.DataFrame, scope: Scope, *, lines: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the revenue of each shop and SKU over the last days of its market.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales`.
    scope : Scope
        Gives shops and exchange rates.
    lines : DataFrame, optional
        Table `OrderLines` with bundles exploded: tells whose money is unknown.

    Returns
    -------
    DataFrame
        shop, market, sku, revenue [seller's currency]: unknown where there is no exchange rate,
        where the shop's exports hold no money at all, or where they do not tell the amount of a
        line of those days.
    """
    recent = daily[is_recent(daily)]
    minor = recent.groupby(KEYS, as_index=False)["revenue_minor"].sum()
    rates = {shop.shop: worth_of_minor_unit(shop, scope) for shop in scope.shops}
    has_money = minor.groupby("shop")["revenue_minor"].transform("sum") > 0
    if lines is not None:
        has_money &= ~pd.MultiIndex.from_frame(minor[KEYS]).isin(_without_money(lines, daily))
    worth = minor["shop"].map(rates).astype(float).where(has_money)
    return minor[KEYS].assign(revenue=minor["revenue_minor"] * worth)


def _without_money(lines: pd.DataFrame, daily: pd.DataFrame) -> pd.MultiIndex:
    """Return the shops and SKUs of which the amount of a recent line is unknown."""
    last = lines["market"].map(daily.groupby("market")["day"].max())
    is_late = lines["ordered_at"].dt.normalize() > last - pd.Timedelta(days=MONEY_DAYS)
    is_blank_line = lines["is_demand"] & lines["amount_minor"].isna() & is_late
    return pd.MultiIndex.from_frame(lines.loc[is_blank_line, KEYS].drop_duplicates())


def is_recent(daily: pd.DataFrame) -> pd.Series:
    """Return which rows lie in the last `MONEY_DAYS` days that their market knows."""
    last = daily.groupby("market")["day"].transform("max")
    return daily["day"] > last - pd.Timedelta(days=MONEY_DAYS)


def worth_of_minor_unit(shop: Shop, scope: Scope) -> float:
    """Return one minor unit of a shop in the seller's currency, NaN without an exchange rate."""
    seller = scope.seller
    if shop.currency != seller.currency and shop.currency not in seller.fx_rates:
        return float("nan")
    return seller.fx_rate(shop.currency) / 10 ** dialect_of(shop).minor_digits


def lost_rows(
    rejected: pd.DataFrame,
    files: pd.DataFrame,
    skus: Collection[str],
    *,
    scope: Scope,
    bundles: pd.DataFrame,
) -> pd.DataFrame:
    """Return the rejected rows that are a real loss, with their shop and the SKU that they name.

    Parameters
    ----------
    rejected, files, bundles : DataFrame
        Tables `RejectedRows`, `Reconciliation` and `Bundles`.
    skus : collection of str
        SKUs that are known; any other cell names none.
    scope : Scope
        Gives the shops, and the day by market: a file that begins on it or later is not known.

    Returns
    -------
    DataFrame
        `RejectedRows` with `shop` and `sku`, the latter empty where none is named.
    """
    shops = {shop.shop: shop for shop in scope.shops}
    ends = {name: scope.as_of(1)[shop.market] for name, shop in shops.items()}
    is_later = files["first_on"] >= pd.to_datetime(files["shop"].map(ends))
    owners = dict(zip(files["file"], files["shop"], strict=True))
    is_known = ~rejected["file"].isin(files.loc[is_later, "file"])
    lost = rejected[is_known & ~rejected["code"].isin(NOT_LOST)]
    lost = lost.assign(shop=lost["file"].map(owners))
    known = frozenset((*skus, *bundles["sku"]))
    pairs = zip(lost["cells"], lost["shop"], strict=True)
    named = [_sku_in(cells, shops.get(shop), known) for cells, shop in pairs]
    return lost.assign(sku=pd.Series(named, index=lost.index, dtype="str"))


def _sku_in(cells: str, shop: Shop | None, known: frozenset[str]) -> str:
    """Return the known SKU that stands under a header of the dialect's for SKUs, else nothing."""
    if shop is None or not cells:
        return ""
    dialect = dialect_of(shop)
    told = {}
    for header, text in json.loads(cells).items():
        field, _ = dialect.field_by_header.get(fold(header), ("", ""))
        told[field] = text
    return next((told[field] for field in dialect.sku_from if told.get(field) in known), "")


def _histories(daily: pd.DataFrame) -> pd.DataFrame:
    is_clean = ~daily["is_stock_out"] & (daily["phase"] == "")
    days = daily[[*KEYS, "units"]].assign(
        is_clean=is_clean, is_out=daily["is_stock_out"] & (daily["phase"] == "")
    )
    days["is_in"] = ~daily["is_stock_out"]
    return days.groupby(KEYS, as_index=False).agg(
        history_days=("is_in", "size"),
        in_stock_days=("is_in", "sum"),
        clean_days=("is_clean", "sum"),
        out_days=("is_out", "sum"),
        units=("units", "sum"),
    )


def _own_events(daily: pd.DataFrame) -> pd.DataFrame:
    """Count the runs of sale days of one event on which the SKU was in stock at least once."""
    named = [*KEYS, "event"]
    sale = daily[daily["phase"] == "sale"].sort_values([*named, "day"])
    is_far = ~(sale.groupby(named)["day"].diff() <= pd.Timedelta(days=MAX_BREAK_DAYS))
    held = sale.assign(run=is_far.cumsum())[~sale["is_stock_out"]]
    return (
        held.groupby(KEYS, as_index=False)["run"].nunique().rename(columns={"run": "past_events"})
    )


def _lost_rate(rows: pd.DataFrame, lines: pd.DataFrame, lost: pd.DataFrame) -> pd.Series:
    places = pd.MultiIndex.from_frame(rows[SHOP_SKU])
    out, held = (
        part.groupby(SHOP_SKU).size().reindex(places, fill_value=0).to_numpy(dtype=float)
        for part in (lost, lines)
    )
    return pd.Series(out / np.maximum(out + held, 1.0), index=rows.index)


def _missing(
    rows: pd.DataFrame, catalogue: pd.DataFrame, stock_days: pd.DataFrame, scope: Scope
) -> pd.Series:
    skus = rows["sku"]
    known = catalogue.set_index("sku").reindex(skus)
    told = pd.Series("", index=skus.index)
    for name in MASTER_FACTS:
        told = told + np.where(is_blank(known[name]), f"{name};", "")
    first = stock_days.groupby("sku")["day"].min().reindex(skus).to_numpy()
    is_counted = first < pd.to_datetime(rows["market"].map(scope.as_of(1))).to_numpy()
    told = told + np.where(is_counted, "", "stock_history;")
    if scope.seller.contract.confirmed_lead_time_on is None:
        told = told + "lead_time;"
    return told.str.removesuffix(";").astype("str")


def is_blank(column: pd.Series) -> np.ndarray:
    """Return where a fact of the catalogue is unknown: missing, or an empty text."""
    return (column.isna() | (column.astype("str").str.strip() == "")).to_numpy()


def _kinds(rows: pd.DataFrame) -> list[_Kind]:
    clean = rows["clean_days"]
    by_days = _under(clean, CLEAN_DAYS)
    needed = pd.Series(np.array([CLEAN_DAYS[0], *CLEAN_DAYS])[by_days], index=rows.index)
    out = rows["out_days"] / (clean + rows["out_days"]).clip(lower=1)
    events = rows["past_events"]
    lacking = rows["missing"].str.split(";").map(lambda names: len({*names} & {*PRICING_FACTS}))
    few = "grade_reason.few_events|events=" + events.astype("str")
    return [
        _Kind(np.where(rows["units"] > 0, 0, 3), _same(rows, "grade_reason.never_sold")),
        _Kind(
            by_days,
            "grade_reason.short_history|days=" + clean.astype("str")
            + "|needed=" + needed.astype("str"),
        ),
        _Kind(_over(out, STOCK_OUT_SHARE), "grade_reason.stock_outs|share=" + _percent(out)),
        _Kind(
            _under(events, PAST_EVENTS),
            few.where(events > 0, _same(rows, "grade_reason.no_own_event")),
        ),
        _Kind(
            _over(rows["rejected_rate"], REJECTED_SHARE),
            "grade_reason.rows_lost|share=" + _percent(rows["rejected_rate"]),
        ),
        _Kind(
            np.minimum(lacking.to_numpy(), 1),
            "grade_reason.facts_missing|count=" + lacking.astype("str"),
        ),
    ]  # fmt: skip


def _solid(rows: pd.DataFrame) -> pd.Series:
    told = "grade_reason.solid|days=" + rows["clean_days"].astype("str")
    return told + "|events=" + rows["past_events"].astype("str")


def _same(rows: pd.DataFrame, term: str) -> pd.Series:
    return pd.Series(term, index=rows.index)


def _percent(shares: pd.Series) -> pd.Series:
    return pd.Series([f"{share:.0%}" for share in shares], index=shares.index)


def _under(values: pd.Series, floors: tuple[float, ...]) -> np.ndarray:
    return (values.to_numpy()[:, None] < np.array(floors)).sum(axis=1)


def _over(values: pd.Series, ceilings: tuple[float, ...]) -> np.ndarray:
    return (_floats(values)[:, None] > np.array(ceilings)).sum(axis=1)


def _floats(values: pd.Series) -> Floats:
    return values.to_numpy(dtype=float)

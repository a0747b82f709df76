"""How far the history of each SKU can be trusted, before anything is forecast from it.

Knows days, promotions, lost rows and the master data that a plan needs. The grade
holds the floors of `evidence`; notebook 02 grades again with the width of the range
and the replay, which may lower a grade, and without the master data.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.demand.clean import KEYS, Floats
from planner.demand.evidence import CLEAN_DAYS, PAST_EVENTS, STOCK_OUT_SHARE
from planner.demand.lost_rows import lost_rate, lost_rows, revenue_of
from planner.intake.bundles import explode
from planner.scope import Scope
from planner.tables import GRADES, Bundles, SkuTrust, checked, columns, empty

REJECTED_SHARE = (0.02, 0.05, 0.15)
"""Share of a SKU's rows lost up to which A, B and C hold (house judgement). [unitless]"""
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
    rows["rejected_rate"] = lost_rate(rows, sold, explode(lost, recipes, counts=()))
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

"""What a campaign taught about uplift, kept for the next one.

Knows how a finished campaign is read, and which memories a planning day may use.
Never lets a campaign learn from itself.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from planner.campaign import MarketPlan
from planner.demand.clean import KEYS
from planner.demand.level import PRIOR_DAYS
from planner.scope import Scope
from planner.tables import Table, UpliftMemory, checked, empty


def remembered_uplift(
    sales: pd.DataFrame,
    baseline: pd.DataFrame,
    *,
    plans: Mapping[str, MarketPlan],
    scope: Scope,
    catalogue: pd.DataFrame,
) -> pd.DataFrame:
    """Return the ratio each SKU showed in each phase that is over.

    Parameters
    ----------
    sales : DataFrame
        Table `DailySales` as known after the campaign.
    baseline : DataFrame
        Table `BaselineDaily` of the planning day.
    plans : Mapping of str to MarketPlan
        The campaign's markets.
    scope : Scope
        Names seller and campaign.
    catalogue : DataFrame
        Table `Catalogue`; gives the category.

    Returns
    -------
    DataFrame
        Table `UpliftMemory`; SKUs without a day in stock in a phase are left out of it.

    Notes
    -----
    ``(sold + 1) / (expected + 1)`` over days in stock. The baseline was made before the
    campaign; it is first brought to the level that ordinary days showed since, before and
    after the phases, so that a drift of the level is not remembered as uplift.
    """
    ahead = baseline[baseline["is_future"]]
    days = ahead.merge(sales.drop(columns="market"), on=["shop", "sku", "day"])
    days = days[~days["is_stock_out"]]
    tables = [
        _phase_rows(days, sales, market, plan, phase)
        for market, plan in plans.items()
        for phase in plan.phases.named()
    ]
    tables = [table for table in tables if len(table)]
    if not tables:
        return empty(UpliftMemory)
    table = pd.concat(tables, ignore_index=True)
    category = catalogue.set_index("sku")["category"]
    return checked(
        UpliftMemory,
        table.assign(
            seller=scope.seller.seller,
            campaign=scope.campaign.campaign,
            category=table["sku"].map(category).fillna("").astype("str"),
        ),
    )


def usable_memory(
    memory: pd.DataFrame,
    *,
    campaign: str,
    as_of: Mapping[str, date],
    table: type[Table] = UpliftMemory,
) -> pd.DataFrame:
    """Return the memories that a planning day may use: other campaigns, over by then.

    Parameters
    ----------
    memory : DataFrame
        Keeps the contract `table`.
    campaign : str
        The campaign that is planned; it never learns from itself.
    as_of : Mapping of str to date
        By market, the day one looks from; a market not named is seen from the earliest.
    table : type of Table
        `UpliftMemory`, `CampaignRatios` or `SharedRatios`.
    """
    if memory.empty or not as_of:
        return memory.head(0)
    earliest = min(as_of.values())
    seen_from = pd.to_datetime(memory["market"].map(lambda name: as_of.get(name, earliest)))
    usable = (memory["campaign"] != campaign) & (memory["ended_on"] < seen_from)
    return checked(table, memory[usable])


def _phase_rows(
    days: pd.DataFrame, sales: pd.DataFrame, market: str, plan: MarketPlan, phase: str
) -> pd.DataFrame:
    span = plan.phases.named()[phase]
    end = pd.Timestamp(span.end)
    if (
        not (sales["market"] == market).any()
        or end > sales.loc[sales["market"] == market, "day"].max()
    ):
        return pd.DataFrame()
    of_market = days[days["market"] == market]
    inside = of_market["day"].between(pd.Timestamp(span.start), end)
    sums = of_market[inside].groupby(KEYS)[["units", "baseline_units"]].sum()
    expected = sums["baseline_units"] * _level_since(of_market).reindex(sums.index).fillna(1.0)
    return sums.index.to_frame(index=False).assign(
        event=plan.event,
        kind=plan.kind,
        phase=phase,
        ended_on=end,
        uplift_ratio=np.exp(np.log1p(sums["units"]) - np.log1p(expected)).to_numpy(),
        expected_units=expected.to_numpy(),
        actual_units=sums["units"].to_numpy(dtype=float),
    )


def _level_since(of_market: pd.DataFrame) -> pd.Series:
    """Return how far ordinary days since the plan lay from its baseline, shrunk to 1."""
    clean = of_market[of_market["phase"] == ""].groupby(KEYS)
    sums = clean[["units", "baseline_units"]].sum()
    behind = PRIOR_DAYS * clean["baseline_units"].mean()
    ratio = (sums["units"] + behind) / (sums["baseline_units"] + behind)
    return ratio.where(np.isfinite(ratio), 1.0)

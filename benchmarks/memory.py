"""Does memory of other sellers help a seller who gave nothing to it? Leave one seller out.

Every seller of a world but one has sold through a promotion and been reviewed; the one left out
plans the next promotion. Errors of the uplift told, against the truth. Run:
``python run.py bench memory [--short]``.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.memory_public import public_rows
from benchmarks.memory_worlds import (
    EVENTS,
    WORLDS,
    Shop,
    Truths,
    daily_of,
    provider,
    sale_of,
    scope_in,
)
from benchmarks.results import write_results
from planner import tables
from planner.demand.baseline import fit_baseline
from planner.demand.campaign_ratios import Seen, campaign_ratios, price_bands
from planner.demand.memory import remembered_uplift
from planner.demand.shared_cells import Shared, shared_of
from planner.demand.shared_memory import Sharing, share_ratios, sharing_of
from planner.demand.uplift import estimate_uplift
from planner.intake.rules import in_force, read_register
from planner.tables import empty

RULES = Path(__file__).resolve().parent.parent / "data" / "rules"
SEEDS, SHORT_SEEDS = tuple(range(601, 607)), (601,)
PUBLIC = "public: makers of a grocer's goods"
FIXED = {"no uplift": 1.0, "times two": 2.0}
NOTES = (
    "One seller at a time is left out; the others' reviews of a September sale are shared,"
    " and the one left out forecasts a November sale. sellers: how many were left out.",
    "log_error: mean of |log(told / true)| over SKUs. seller_error: the same of each"
    " seller's total of units. wape: units of the sale told from the true ordinary days and the"
    " ratio told, against units sold; over all SKUs. bias: sum of those units over units"
    " sold, less 1. covered: true ratios inside the 80 % range.",
    "better_worlds: share of worlds (seeds) whose wape is below that of times two.",
    "shipped, shared: a seller who joined no promotion before, without and with shared"
    " memory. own, own and shared: the same seller with the September sale in its history; what"
    " others showed is not told to it then, so that the two are one. Weighed in beside own sales"
    " it erred more in each of the four worlds.",
    "hidden_cells: cells that too few sellers filled, which are not written; least_sellers:"
    " the fewest sellers behind a cell that was.",
    "public: set CJ, 2017. Makers of goods stand for sellers, their categories for"
    " categories; promotions that ended by day 152 are remembered, those from day 180 on are told,"
    " one by one and not by SKU; the truth is what they sold over ordinary days round them. The"
    " register's 2.0 was measured on this very set, so that shipped and times two know its"
    " answer, and the first half sold more over its ordinary days (2.38) than the second (2.20)."
    " Here shared memory errs more than times two promotion by promotion, and more than no uplift:"
    " uplifts are skew, and a mean lies above what most promotions sell. In a maker's total it"
    " errs less than both.",
    "A shared ratio is a mean of sellers, weighed by units, none above its share.",
    "Worlds are drawn round the register's own 2.0, which is also times two; they are this"
    " project's own and say how well a truth of that kind is found, not what one is like.",
)
"""What the page says of its figures."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark, write its results and show them."""
    parser = argparse.ArgumentParser(prog="bench memory", description=__doc__)
    parser.add_argument("--short", action="store_true", help="one seed per world")
    is_short = parser.parse_args(arguments).short
    rows, seeds = [], SHORT_SEEDS if is_short else SEEDS
    for world, truths in WORLDS.items():
        told = [one for seed in seeds for one in left_out(truths, seed)]
        rows += [{"world": world} | row for row in scores(pd.concat(told, ignore_index=True))]
    sharing, priors = sharing_of(register(tables.Bounds)), register(tables.UpliftPriors)
    public = public_rows(sharing, priors, is_short=is_short)
    rows += [] if public is None else [{"world": PUBLIC} | row for row in scores(public)]
    page = write_results(
        "memory",
        pd.DataFrame(rows),
        title="Uplift of a seller told by the memory of other sellers",
        notes=NOTES,
        is_short=is_short,
    )
    print(page.read_text(encoding="utf-8"), page, sep="\n")


def left_out(truths: Truths, seed: int) -> Iterator[pd.DataFrame]:
    """Yield, for each seller of a world left out, what each method tells of its SKUs."""
    shops, sharing = provider(truths, seed), sharing_of(register(tables.Bounds))
    ratios = {shop.name: reviewed(shop) for shop in shops}
    for shop in shops:
        cells = cells_without(shop.name, ratios)
        given = pd.concat([ratios[other.name] for other in shops if other is not shop])
        yield told_of(shop, cells).assign(
            seed=seed,
            seller=shop.name,
            least_sellers=cells["n_sellers"].min(),
            hidden_cells=hidden_cells(given, sharing),
        )


def cells_without(name: str, ratios: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what all sellers but one share."""
    given = pd.concat([told for other, told in ratios.items() if other != name])
    return share_ratios(given, sharing_of(register(tables.Bounds)))


def reviewed(shop: Shop) -> pd.DataFrame:
    """Return `CampaignRatios` of a seller's first promotion."""
    scope = scope_in(shop, "sep")
    plan_on, review_on = EVENTS["sep"][1], scope.as_of(5)[shop.market]
    before = daily_of(shop, until=plan_on, joined=True)
    _, baseline = fit_baseline(before, until=scope.horizon_ends, catalogue=shop.catalogue)
    daily = daily_of(shop, until=review_on, joined=True)
    learnt = remembered_uplift(
        daily, baseline, plans=scope.plans, scope=scope, catalogue=shop.catalogue
    )
    seen = Seen(
        learnt=learnt,
        daily=daily,
        baseline=baseline,
        lines=empty(tables.OrderLines),
        shipments=empty(tables.Shipments),
        lanes=empty(tables.Lanes),
        stages=empty(tables.StageDays),
        return_rates=empty(tables.ReturnRates),
        catalogue=shop.catalogue,
        bounds=register(tables.Bounds),
    )
    return campaign_ratios(seen, scope=scope)


def told_of(shop: Shop, cells: pd.DataFrame) -> pd.DataFrame:
    """Return one row per SKU and method: the ratio told, its range, the truth and the units."""
    shared = shared_of(cells, price_bands(shop.catalogue, register(tables.Bounds)))
    sale = daily_of(shop, until=sale_of("nov")[-1].date(), joined=True)
    skus = shop.catalogue["sku"]
    days = sale[sale["day"].isin(sale_of("nov"))]
    sold = days.groupby("sku")["units"].sum().reindex(skus).to_numpy(dtype=float)
    usual = shop.level * len(days["day"].unique())
    truth = {"sku": skus, "true_ratio": shop.ratio["nov"], "usual": usual, "sold": sold}
    rows = [
        pd.DataFrame({**truth, "method": name, "ratio": ratio, "low": np.nan, "high": np.nan})
        for name, ratio in FIXED.items()
    ]
    for joined, names in ((False, ("shipped", "shared")), (True, ("own", "own and shared"))):
        for name, behind in zip(names, (None, shared), strict=True):
            told = estimated(shop, behind, joined=joined).reindex(skus)
            ratio = told[["uplift_ratio", "low_ratio", "high_ratio"]].to_numpy().T
            named = dict(zip(("ratio", "low", "high"), ratio, strict=True))
            rows.append(pd.DataFrame({**truth, "method": name, **named}))
    return pd.concat(rows, ignore_index=True)


def estimated(shop: Shop, shared: Shared | None, *, joined: bool) -> pd.DataFrame:
    """Return the uplift of the sale ahead by SKU, as the planner tells it."""
    scope, plan_on = scope_in(shop, "nov"), EVENTS["nov"][1]
    daily = daily_of(shop, until=plan_on, joined=joined)
    fit, baseline = fit_baseline(daily, until=scope.horizon_ends, catalogue=shop.catalogue)
    past = pd.DataFrame(
        {
            "event": "9.9", "kind": "double_date", "market": shop.market, "phase": "sale",
            "starts_on": sale_of("sep")[:1], "ends_on": sale_of("sep")[-1:],
        }
    )  # fmt: skip
    told = estimate_uplift(
        daily,
        baseline,
        plans=scope.plans,
        events=past if joined else past.head(0),
        priors=register(tables.UpliftPriors),
        memory=empty(tables.UpliftMemory),
        catalogue=shop.catalogue,
        fit=fit,
        shared=shared,
    )
    return told[told["phase"] == "sale"].set_index("sku")


def hidden_cells(ratios: pd.DataFrame, sharing: Sharing) -> int:
    """Return how many of the narrowest cells of uplift too few sellers filled."""
    cell = ["kind", "phase", "category", "market", "price_band"]
    sellers = ratios[ratios["memory"] == "uplift"].groupby(cell)["seller"].nunique()
    return int((sellers < sharing.min_sellers).sum())


def scores(told: pd.DataFrame) -> Iterator[Mapping[str, object]]:
    """Yield a line of the result for each method."""
    told = told.assign(
        units=told["usual"] * told["ratio"],
        log_error=np.log(told["ratio"] / told["true_ratio"]).abs(),
        is_covered=told["true_ratio"].between(told["low"], told["high"]),
    ).assign(miss=lambda table: (table["units"] - table["sold"]).abs())
    sums = told.groupby(["method", "seed"])[["miss", "sold"]].sum()
    wape = (sums["miss"] / sums["sold"]).reset_index(name="wape")
    wape = wape.pivot_table("wape", "seed", "method")
    by_seller = told.groupby(["method", "seed", "seller"])[["units", "sold"]].sum()
    seller_error = np.log((by_seller["units"] + 1) / (by_seller["sold"] + 1)).abs()
    for method, part in told.groupby("method", sort=False):
        has_range = part["low"].notna().any()
        yield {
            "method": method,
            "sellers": part.groupby("seed")["seller"].nunique().sum(),
            "log_error": round(part["log_error"].mean(), 3),
            "seller_error": round(seller_error[method].mean(), 3),
            "wape": round(part["miss"].sum() / part["sold"].sum(), 3),
            "bias": round(part["units"].sum() / part["sold"].sum() - 1, 3),
            "covered": round(part["is_covered"].mean(), 3) if has_range else None,
            "better_worlds": None
            if len(wape) == 1
            else round(float((wape[method] < wape["times two"]).mean()), 2),
            "least_sellers": part["least_sellers"].min(),
            "hidden_cells": round(part["hidden_cells"].mean(), 1),
        }


def register(kind: type[tables.Register]) -> pd.DataFrame:
    """Return a shipped register's rows in force on the second planning day."""
    return in_force(read_register(RULES, kind), EVENTS["nov"][1])


if __name__ == "__main__":
    main()

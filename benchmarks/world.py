"""Simulated sellers with known truth, and the demo folders made from them.

`simulate` draws a world: what buyers wanted, what the warehouse could sell,
which orders came of it. `write_seller` writes it down as a seller's folder, raw
exports and all; the planner sees only that. `python -m benchmarks.world` writes
the demo sellers, to the same bytes each time.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.world_demand import Demand, days_of, draw_demand, phase_days
from benchmarks.world_exports import write_exports
from benchmarks.world_masters import write_masters
from benchmarks.world_orders import draw_orders, hour_shares
from benchmarks.world_returns import told_by_orders, write_returns
from benchmarks.world_sellers import SPECS
from benchmarks.world_specs import Spec
from benchmarks.world_stock import Stock, components, run_warehouse

__all__ = ["SPECS", "Truth", "main", "simulate", "truth_of", "write_seller"]

SELLERS_FOLDER = Path(__file__).resolve().parent.parent / "data" / "sellers"


@dataclass(frozen=True, eq=False)
class Truth:
    """One world as it was: what the planner can only estimate.

    Arrays of `demand` and `stock` have the shape (n_shop, n_listing, n_day), in
    the order of `spec.shops`, `spec.listings` and `days`; a listing is a SKU or a
    bundle. The tables below count bundles as their components.
    """

    spec: Spec
    seed: int
    demand: Demand
    """Before stock-outs: baseline, uplift, viral shocks, units."""
    stock: Stock
    """After them: units sold, stock at each day's end, deliveries."""
    lines: pd.DataFrame
    """Every order line with its final fate."""

    @property
    def days(self) -> pd.DatetimeIndex:
        """The simulated days."""
        return days_of(self.spec)

    @cached_property
    def daily(self) -> pd.DataFrame:
        """One row per shop, SKU and day.

        Columns shop, market, sku, day; baseline_units (an ordinary day's mean), mean_units (with
        promotion and viral shock), demand_units (what buyers wanted), sales_units (what they got).
        """
        demand, stock = self.demand, self.stock
        values = {
            "baseline_units": demand.baseline_units,
            "mean_units": demand.mean_units,
            "demand_units": demand.units,
            "sales_units": stock.sold_units,
        }
        shops = self.spec.shops
        names = [[shop.shop for shop in shops], self.spec.skus, self.days]
        index = pd.MultiIndex.from_product(names, names=["shop", "sku", "day"])
        columns = {name: self.of_skus(array).reshape(-1) for name, array in values.items()}
        frame = pd.DataFrame(columns, index=index).reset_index()
        frame.insert(1, "market", frame["shop"].map({shop.shop: shop.market for shop in shops}))
        return frame

    @cached_property
    def uplift(self) -> pd.DataFrame:
        """One row per shop, SKU, event and phase.

        `uplift_ratio` is the mean of demand without viral shocks over the baseline; baseline,
        demand, sales and lost units are totals of the phase.
        """
        plain = self.of_skus(self.demand.baseline_units * self.demand.uplift_ratio)
        daily = self.daily.assign(plain_units=plain.reshape(-1))
        keys = ["shop", "market", "sku"]
        totals = ["plain_units", "baseline_units", "demand_units", "sales_units"]
        parts = []
        for promo in self.spec.promos:
            for phase, chosen in phase_days(self.days, promo).items():
                in_phase = daily[daily["day"].isin(self.days[chosen])]
                part = in_phase.groupby(keys, sort=False)[totals].sum().reset_index()
                span = promo.phases.named()[phase]
                parts.append(
                    part.assign(
                        event=promo.event,
                        phase=phase,
                        starts_on=pd.Timestamp(span.start),
                        ends_on=pd.Timestamp(span.end),
                    )
                )
        frame = pd.concat(parts, ignore_index=True)
        frame["uplift_ratio"] = frame["plain_units"] / frame["baseline_units"]
        frame["lost_units"] = frame["demand_units"] - frame["sales_units"]
        return frame.drop(columns="plain_units")

    @cached_property
    def stock_outs(self) -> pd.DataFrame:
        """One row per SKU and day that ended with an empty shelf: sku, day, lost_units."""
        per_day = self.daily.groupby(["sku", "day"], sort=False)[["demand_units", "sales_units"]]
        totals = per_day.sum().reset_index()
        totals["lost_units"] = totals["demand_units"] - totals["sales_units"]
        is_empty = self.stock.on_hand_units.reshape(-1) == 0
        return totals.loc[is_empty, ["sku", "day", "lost_units"]].reset_index(drop=True)

    @property
    def hour_shares(self) -> np.ndarray:
        """Share of ordinary orders by hour of the shop's clock [unitless], shape (24,)."""
        return hour_shares()

    def of_skus(self, units: np.ndarray) -> np.ndarray:
        """Return units by listing as units by SKU, shape (n_shop, n_sku, n_day)."""
        return np.einsum("hld,ls->hsd", units, components(self.spec))


def simulate(spec: Spec, seed: int) -> Truth:
    """Return the world that a spec and a seed make; the same two always make the same world."""
    demand = draw_demand(spec, seed)
    stock = run_warehouse(spec, demand, np.random.default_rng([seed, 5]))
    lines = draw_orders(spec, demand.units, stock, np.random.default_rng([seed, 6]))
    return Truth(spec, seed, demand, stock, lines)


@cache
def truth_of(seller: str) -> Truth:
    """Return the truth behind one demo seller's folder.

    Parameters
    ----------
    seller : str
        A key of `SPECS`, for instance ``demo-th-home``.
    """
    return simulate(SPECS[seller], SPECS[seller].seed)


def write_seller(truth: Truth, folder: Path) -> None:
    """Write a world as a seller's folder: exports, catalogue, stock, events.

    Parameters
    ----------
    folder : Path
        The seller's own folder, for instance ``data/sellers/demo-th-home``; files of the same
        name are replaced, others stay.
    """
    write_masters(truth.spec, truth.stock, folder)
    told = told_by_orders(truth.spec, truth.lines, seed=truth.seed)
    write_exports(truth.spec, told, folder, seed=truth.seed)
    write_returns(truth.spec, truth.lines, folder, seed=truth.seed)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the demo sellers; returns the exit code."""
    parser = argparse.ArgumentParser(description="Write the demo sellers.")
    parser.add_argument("--out", type=Path, default=SELLERS_FOLDER, help="folder of the sellers")
    out = parser.parse_args(arguments).out
    for seller in SPECS:
        write_seller(truth_of(seller), out / seller)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

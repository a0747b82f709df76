"""What a unit that is missed, sold or left over is worth on each day ahead.

The one place from which cover, actions and late shipments take the money of a unit. Knows nothing
of stock or of what can be done.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.season.days import KEYS
from planner.season.outlook.rest_by_hour import MarketRest
from planner.season.outlook.sightings import PHASES

MONEY = ["price", "selling_cost", "margin_profit", "under_cost", "leftover_revenue", "landed_cost"]
PRICES = {
    "warm_up": "warm_up_price", "sale": "sale_price", "tail": "tail_price",
    "after": "ordinary_price",
}  # fmt: skip
"""Column of `UnitEconomics` that binds on the days of a phase; where there is none, `price`."""


class UnitWorth(NamedTuple):
    """Money of a unit by SKU; rows as in the rest's keys, columns as the days ahead."""

    gains: np.ndarray
    """shape (n_sku, n_days): of a unit sold, its price less selling cost, and the penalty saved."""
    keep: np.ndarray
    """shape (n_sku,): of a unit left over. [currency]"""
    landed: np.ndarray
    """shape (n_sku,): of a unit still to be bought. [currency]"""
    penalty: np.ndarray
    """shape (n_sku,): of a unit asked for and not served. [currency]"""

    def missed(self, unmet: np.ndarray, coming: np.ndarray) -> np.ndarray:
        """Return what units missed would have earned; NaN where a cost is unknown. [currency].

        Parameters
        ----------
        unmet : ndarray, shape (n_sku, n_days)
            Expected to be asked for and not served. [units/day]
        coming : ndarray, shape (n_sku,)
            On their way or received and not yet on the shelf: these are paid for. [units]

        Notes
        -----
        A unit that is paid for loses ``gain - keep``, one still to be bought ``gain - landed``.
        Units missed are counted as paid for as far as the goods on their way go.
        """
        lost = unmet.sum(axis=1)
        paid = np.minimum(lost, coming)
        spared = paid * self.keep + np.where(lost > paid, (lost - paid) * self.landed, 0.0)
        return (unmet * self.gains).sum(axis=1) - spared


def unit_worth(rest: MarketRest, economics: pd.DataFrame) -> UnitWorth:
    """Return what units are worth on the days ahead of one market.

    Parameters
    ----------
    rest : MarketRest
    economics : DataFrame
        Table `UnitEconomics`. The price of each phase counts on its days, all after the same share
        of selling cost; where it has none, its one price counts on all.
    """
    keys = pd.MultiIndex.from_frame(rest.sight.keys)
    told = economics.set_index(KEYS)
    rows = told[MONEY].reindex(keys).astype(float)
    price = rows["price"].to_numpy()
    by_phase = [
        told[PRICES[name]].reindex(keys).to_numpy(dtype=float) if PRICES[name] in told else price
        for name in PHASES
    ]
    prices = np.stack(by_phase, axis=1)[:, rest.sight.phase[rest.ahead]]
    prices = np.where(np.isnan(prices), price[:, None], prices)
    rate = np.divide(
        rows["selling_cost"].to_numpy(), price, out=np.full(len(price), np.nan), where=price > 0
    )
    penalty = (rows["under_cost"] - rows["margin_profit"]).to_numpy()
    return UnitWorth(
        prices * (1 - rate)[:, None] + penalty[:, None],
        rows["leftover_revenue"].to_numpy(),
        rows["landed_cost"].to_numpy(),
        penalty,
    )

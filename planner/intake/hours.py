"""At which hours of its own clock a shop sells, and each of its SKUs."""

import numpy as np
import pandas as pd

from planner.tables.contract import checked, empty
from planner.tables.intake import HourProfile

HOURS = 24
SHOP_UNITS = 24
"""Units of the whole shop's profile that stand behind each SKU's own: one per hour. [units]"""


def hour_profile(lines: pd.DataFrame) -> pd.DataFrame:
    """Return for each shop and SKU the share of demand units by hour of the shop's clock.

    Parameters
    ----------
    lines : DataFrame
        Keeps the contract OrderLines; explode bundles before where components are wanted.

    Returns
    -------
    DataFrame
        Keeps the contract HourProfile: 24 rows for every shop with demand (`sku` empty) and for
        each SKU it sold; the shares of each 24 add up to 1.

    Notes
    -----
    ``share = (units + k * share of the shop) / (all units + k)`` with k = 24 units, so that a
    SKU of few units shows its shop's hours, not the hours of its few buyers.
    """
    demand = lines[lines["is_demand"]]
    if demand.empty:
        return empty(HourProfile)
    hour = demand["ordered_at"].dt.hour.to_numpy()
    units = demand["units"].to_numpy()
    shops = demand.groupby(["shop", "market"], sort=True)
    skus = demand.groupby(["shop", "market", "sku"], sort=True)
    of_shop = _counts(shops.ngroup().to_numpy(), hour, units)
    of_sku = _counts(skus.ngroup().to_numpy(), hour, units)
    shares = of_shop / of_shop.sum(axis=1, keepdims=True)
    keys = [groups.size().index.to_frame(index=False) for groups in (shops, skus)]
    shop_of_sku = keys[1].groupby(["shop", "market"], sort=True).ngroup().to_numpy()
    prior = SHOP_UNITS * shares[shop_of_sku]
    shrunk = (of_sku + prior) / (of_sku.sum(axis=1, keepdims=True) + SHOP_UNITS)
    both = pd.concat([keys[0].assign(sku=""), keys[1]], ignore_index=True)
    rows = both.loc[np.repeat(both.index, HOURS)].reset_index(drop=True)
    rows = rows.assign(
        hour=np.tile(np.arange(HOURS), len(both)),
        units=np.concatenate([of_shop, of_sku]).ravel(),
        share_rate=np.concatenate([shares, shrunk]).ravel(),
    )
    rows["sku"] = rows["sku"].astype("str")
    in_order = rows.sort_values(["shop", "market", "sku", "hour"], ignore_index=True)
    return checked(HourProfile, in_order)


def _counts(group: np.ndarray, hour: np.ndarray, units: np.ndarray) -> np.ndarray:
    size = int(group.max()) + 1
    counts = np.bincount(group * HOURS + hour, weights=units, minlength=size * HOURS)
    return counts.astype("int64").reshape(size, HOURS)

"""Turns sold bundles into the components that leave the shelf, by the seller's recipes.

Units are conserved: each sold bundle draws its components, and its money is shared among them to
the minor unit. A recipe that names the SKU itself adds a gift to it.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

ROUNDING = 1e-6
"""A share that lies so little below a whole minor unit is one. [minor units]"""


def explode(
    frame: pd.DataFrame,
    bundles: pd.DataFrame,
    *,
    counts: Sequence[str] = ("units",),
    amounts: Sequence[str] = (),
    prices: pd.Series | None = None,
) -> pd.DataFrame:
    """Return rows with every bundle replaced by its components.

    Parameters
    ----------
    frame : DataFrame
        Any rows with `sku`.
    bundles : DataFrame
        Keeps the contract Bundles. A component that is a bundle itself is not exploded again.
    counts : sequence of str
        Columns [units] that are multiplied by the component's units per bundle.
    amounts : sequence of str
        Columns [minor units] that are shared among components; unknown stays unknown.
    prices : Series, optional
        List prices by SKU; NaN where unknown. [currency/unit]

    Returns
    -------
    DataFrame
        Same columns; components stand where their bundle stood, other rows are untouched.

    Notes
    -----
    A component's share of an amount is ``amount * weight // weights of the bundle``. Its weight is
    ``units * list price``; where the price of any part of the bundle is unknown, it is the units.
    What the division leaves goes to the first component, so that the sum is the bundle's amount.
    Where a recipe names the SKU itself, the rest of it is a gift: the SKU bears the whole amount.

    Examples
    --------
    >>> sold = pd.DataFrame({"sku": ["SET"], "units": [3], "amount": [1000]})
    >>> recipe = pd.DataFrame({"sku": "SET", "component": ["A", "B"], "units": [2, 1]})
    >>> explode(sold, recipe, amounts=["amount"]).to_dict("list")
    {'sku': ['A', 'B'], 'units': [6, 3], 'amount': [667, 333]}

    One A costs 10, one B 80: of every 100, two A bear 20.

    >>> price = pd.Series({"A": 10.0, "B": 80.0})
    >>> explode(sold, recipe, amounts=["amount"], prices=price)["amount"].tolist()
    [200, 800]
    """
    is_bundle = frame["sku"].isin(bundles["sku"].unique()).to_numpy()
    if not is_bundle.any():
        return frame.reset_index(drop=True)
    rows = frame.reset_index(drop=True)
    sold = rows.loc[is_bundle, ["sku"]].reset_index(names="place")
    drawn = sold.merge(_parts(bundles, prices), on="sku").sort_values(["place", "component"])
    drawn = drawn.set_index("place")
    of_bundle = rows.loc[drawn.index]
    values = {"sku": drawn["component"].array}
    values |= {name: (of_bundle[name] * drawn["per_bundle"]).array for name in counts}
    values |= {name: _shared(of_bundle[name], drawn).array for name in amounts}
    both = pd.concat([rows[~is_bundle], of_bundle.assign(**values)])
    return both.sort_index(kind="stable").reset_index(drop=True)


def gifts_without_recipe(lines: pd.DataFrame, bundles: pd.DataFrame) -> pd.DataFrame:
    """Return the SKUs given away that no recipe draws: their stock is planned by nobody.

    Parameters
    ----------
    lines : DataFrame
        Keeps the contract OrderLines.
    bundles : DataFrame
        Keeps the contract Bundles.

    Returns
    -------
    DataFrame
        `shop`, `market`, `sku`, `lines`, `units`: gift lines, the most units first.
    """
    is_gift = (lines["kind"] == "gift") & ~lines["sku"].isin(bundles["component"])
    groups = lines[is_gift].groupby(["shop", "market", "sku"], as_index=False)
    counted = groups.agg(lines=("units", "size"), units=("units", "sum"))
    return counted.sort_values(
        ["units", "shop", "sku"], ascending=[False, True, True], ignore_index=True
    )


def _parts(bundles: pd.DataFrame, prices: pd.Series | None) -> pd.DataFrame:
    """Return recipes with the share of money that each component bears."""
    parts = bundles.groupby(["sku", "component"], as_index=False)["units"].sum()
    parts = parts.rename(columns={"units": "per_bundle"})
    is_itself = parts["component"] == parts["sku"]
    is_gift = ~is_itself & is_itself.groupby(parts["sku"]).transform("any")
    parts["weight"] = _weights(parts, prices).mask(is_gift, 0)
    parts["weights"] = parts.groupby("sku")["weight"].transform("sum")
    first = parts[~is_gift].drop_duplicates("sku").index
    return parts.assign(is_first=parts.index.isin(first))


def _weights(parts: pd.DataFrame, prices: pd.Series | None) -> pd.Series:
    """Return the weight of each part in its bundle's money: by price, or by units without one."""
    units = parts["per_bundle"]
    if prices is None:
        return units
    worth = units * parts["component"].map(prices).astype(float)
    is_known = worth.notna().groupby(parts["sku"]).transform("all")
    return worth.where(is_known, units)


def _shared(amount: pd.Series, drawn: pd.DataFrame) -> pd.Series:
    share = np.floor(amount * (drawn["weight"] / drawn["weights"]) + ROUNDING).astype(amount.dtype)
    rest = amount - share.groupby(level=0).transform("sum")
    return share + rest.where(drawn["is_first"], 0)

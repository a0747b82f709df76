"""Mode lines: what goes which way to which warehouse, read off a solved order model.

Turns cartons by way and cartons by warehouse into lines with both. Decides nothing.
"""

import numpy as np
import pandas as pd

from planner import tables
from planner.supply.order.order_goods import Goods
from planner.supply.order.order_model import Model
from planner.supply.quantity.newsvendor import KEYS


def mode_lines(
    goods: Goods, model: Model, choice: np.ndarray, cartons: np.ndarray, reasons: pd.Series
) -> pd.DataFrame:
    """Return what goes by which mode to which warehouse.

    Parameters
    ----------
    goods : Goods
    model : Model
    choice : ndarray
        Solution of the model.
    cartons : ndarray, shape (n_ways,)
        The same in whole cartons by way. [cartons]
    reasons : Series of str, shape (n_sku,)

    Returns
    -------
    DataFrame
        Table `ModePlan`. The cost of a container is shared out by volume, among those for whose
        sake it was bought: what is of unknown worth only rides in the room that is left.
    """
    lines = _by_house(goods, model, choice, cartons)
    if lines.empty:
        return tables.empty(tables.ModePlan)
    lines["units"] = (lines["cartons"] * goods.carton[lines["row"]]).astype("int64")
    lines["volume_cbm"] = lines["units"] * goods.volume[lines["row"]]
    lines["landed_cost"] = _landed(goods, model, choice, lines)
    lines["reason"] = reasons.to_numpy()[lines["row"]]
    lines["reason"] = lines["reason"].where(lines["reason"] != "", "reason.by_worth")
    lines["currency"] = goods.currency
    frame = lines.sort_values([*KEYS, "mode", "warehouse"])
    return tables.checked(tables.ModePlan, frame[tables.columns(tables.ModePlan)])


def _landed(goods: Goods, model: Model, choice: np.ndarray, lines: pd.DataFrame) -> pd.Series:
    """Return the landed cost of each line; a container is shared out by volume."""
    boxed = lines["box"] >= 0
    paid = lines["landed"] - lines["freight"].where(boxed, 0.0)
    landed = paid * lines["units"]
    if boxed.any():
        bought = np.round(choice[model.parts["containers"]])
        cost = pd.Series(bought * goods.boxes["cost"].to_numpy()).reindex(lines["box"])
        rides = goods.unknown[lines["row"]]
        volume = lines["volume_cbm"].fillna(0.0).where(~rides, 0.0)
        whole = volume.groupby(lines["box"]).transform("sum")
        landed += np.where(boxed, cost.to_numpy() * (volume / whole.where(whole > 0)), 0.0)
    return landed


def _by_house(goods: Goods, model: Model, choice: np.ndarray, cartons: np.ndarray) -> pd.DataFrame:
    """Return lines by SKU, mode and warehouse; the fastest goods go to the first warehouse."""
    ways = goods.ways.assign(cartons=cartons)
    ways = ways[ways["cartons"] > 0]
    stays = goods.stays.assign(cartons=np.round(choice[model.parts["houses"]]))
    stays = stays[stays["cartons"] > 0].sort_values("row", kind="stable")
    first = goods.houses.drop_duplicates("market").set_index("market")["warehouse"]
    is_split = ways["row"].isin(stays["row"])
    whole = ways[~is_split].assign(warehouse=lambda w: w["market"].map(first))
    split = ways[is_split].sort_values(["row", "lead_days", "mode"])
    return pd.concat([whole, _shared_out(split, stays)], ignore_index=True)


def _shared_out(ways: pd.DataFrame, stays: pd.DataFrame) -> pd.DataFrame:
    """Return cartons by way and warehouse: both in the order of each SKU, filled in turn."""
    way_ends, house_ends = _ends_by_row(ways), _ends_by_row(stays)
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for row, (start, by_way) in way_ends.items():
        begin, by_house = house_ends[row]
        ends = np.unique(np.concatenate([by_way, by_house]).astype("int64"))
        way, house = np.searchsorted(by_way, ends), np.searchsorted(by_house, ends)
        parts.append((start + way, begin + house, np.diff(ends, prepend=0)))
    if not parts:
        return ways.assign(warehouse=pd.Series(dtype="str"))
    way, house, cartons = (np.concatenate(found) for found in zip(*parts, strict=True))
    houses = stays["warehouse"].to_numpy()[house]
    return ways.iloc[way].assign(warehouse=houses, cartons=cartons)


def _ends_by_row(rows: pd.DataFrame) -> dict[int, tuple[int, np.ndarray]]:
    """Return by SKU the place of its first row and its running sums; rows stand by SKU."""
    row, cartons = rows["row"].to_numpy(), rows["cartons"].to_numpy(dtype=float)
    starts = np.flatnonzero(np.diff(row, prepend=-1))
    parts = np.split(cartons, starts[1:])
    return {
        int(row[start]): (int(start), np.cumsum(part))
        for start, part in zip(starts, parts, strict=False)
    }

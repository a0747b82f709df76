"""Shipments: which cartons travel together, how they are numbered, and the mark on each.

A shipment is what one mode brings to one warehouse. The counts of the marks agree with the
shipping lines to the unit; goods whose carton content is unknown cannot be numbered and are
told apart.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import tables
from planner.errors import PlanningError
from planner.scope import Scope

KEYS = ["market", "mode", "warehouse"]


class Packed(NamedTuple):
    """Cartons, and what could not be put into any."""

    marks: pd.DataFrame
    """Table `CartonMarks`."""
    loose: pd.DataFrame
    """market, mode, warehouse, sku, units: carton content unknown."""


def carton_marks(mode_plan: pd.DataFrame, catalogue: pd.DataFrame, *, scope: Scope) -> Packed:
    """Return the cartons of every shipment, numbered through, and goods without a carton.

    Parameters
    ----------
    mode_plan : DataFrame
        Table `ModePlan`.
    catalogue : DataFrame
        Table `Catalogue`: units in a carton.
    scope : Scope
        Names the campaign and the seller on the mark.

    Returns
    -------
    Packed

    Raises
    ------
    PlanningError
        If a carton would hold a different count than the plan says.

    Notes
    -----
    A last carton that is not full has a row of its own. The mark reads
    ``seller / campaign / market-mode-warehouse / SKU / n of all / units``.
    """
    lines = mode_plan[mode_plan["units"] > 0].merge(
        catalogue[["sku", "carton_units"]], on="sku", how="left"
    )
    is_loose = lines["carton_units"].isna()
    loose = lines.loc[is_loose, [*KEYS, "sku", "units"]].reset_index(drop=True)
    rows = _cartons(lines[~is_loose].sort_values([*KEYS, "sku"]))
    if rows.empty:
        return Packed(tables.empty(tables.CartonMarks), loose)
    ends = rows.groupby(KEYS)["cartons"].cumsum()
    rows["first_carton"], rows["last_carton"] = ends - rows["cartons"] + 1, ends
    total = rows.groupby(KEYS)["cartons"].transform("sum")
    rows["shipment"] = rows["market"] + "-" + rows["mode"] + "-" + rows["warehouse"]
    rows["mark"] = [
        f"{scope.seller.seller} / {scope.campaign.campaign} / {row.shipment} / {row.sku} / "
        f"{row.first_carton}-{row.last_carton} of {count} / {row.units_per_carton}"
        for row, count in zip(rows.itertuples(), total, strict=True)
    ]
    marks = tables.checked(tables.CartonMarks, rows[tables.columns(tables.CartonMarks)])
    _refuse_difference(marks, lines[~is_loose])
    return Packed(marks, loose)


def _cartons(lines: pd.DataFrame) -> pd.DataFrame:
    inside = lines["carton_units"].astype("int64")
    full = lines.assign(cartons=lines["units"] // inside, units_per_carton=inside)
    rest = lines["units"] % inside
    part = lines.assign(cartons=np.minimum(rest, 1), units_per_carton=rest)
    rows = pd.concat([full, part])
    rows = rows[rows["cartons"] > 0].sort_values(
        [*KEYS, "sku", "units_per_carton"], ascending=[True, True, True, True, False]
    )
    rows["units"] = rows["cartons"] * rows["units_per_carton"]
    return rows.reset_index(drop=True)


def _refuse_difference(marks: pd.DataFrame, lines: pd.DataFrame) -> None:
    packed, planned = marks["units"].sum(), lines["units"].sum()
    if packed != planned:
        raise PlanningError(
            f"cartons hold {packed} units, the shipping lines {planned}; the counts of an ASN must "
            "agree with what is shipped"
        )

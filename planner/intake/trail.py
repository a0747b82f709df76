"""Every correction between the units imported and the ordinary line, day by day.

Adds up what the modules above found; finds nothing itself. Imported units plus all corrections
are the final units.
"""

import numpy as np
import pandas as pd

from planner.intake.kinds import CANCELLED
from planner.intake.sales import order_moments, sold_before
from planner.intake.spikes import spikes
from planner.intake.stock_outs import stock_outs
from planner.tables.contract import checked, columns, empty
from planner.tables.intake import TRAIL_STEPS, DemandTrail

KEY = ["shop", "market", "sku"]
DAY = [*KEY, "day"]
NOT_WANTED = ("cancelled_units", "unpaid_units", "sample_units")
COUNTED = ("imported_units", *TRAIL_STEPS, "final_units")
"""Steps of the trail in the order in which a person reads them."""


def demand_trail(
    lines: pd.DataFrame,
    daily: pd.DataFrame,
    *,
    bundles: pd.DataFrame,
    stock_history: pd.DataFrame,
    stock: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what became of every unit imported, per shop, SKU and day.

    Parameters
    ----------
    lines, bundles, stock_history : DataFrame
        Keep their contracts; `lines` as `daily_sales` saw them.
    daily : DataFrame
        Keeps the contract DailySales.
    stock : DataFrame, optional
        `stock_outs.stock_outs` of `daily`, as `sales.read_demand` returns it; found anew without.

    Returns
    -------
    DataFrame
        Keeps the contract DemandTrail: every day of `daily`, and the days on which a bundle was
        sold or only lines that are no demand came in. Days that `daily` leaves out as unknown
        in whole or in part have no row. [units]

    Notes
    -----
    On a promotion day `promo_units` lead from the units wanted to an ordinary day's mean; on a
    spike `spike_units` take the excess out; days that lacked stock have the estimate of
    `stock_outs` added first. `demand_units` are sales, stock-outs filled, nothing else changed.
    """
    if daily.empty:
        return empty(DemandTrail)
    ends = daily.groupby("market")["day"].max() + pd.Timedelta(days=1)
    sold = sold_before(lines, ends.to_dict())
    if stock is None:
        stock = stock_outs(daily, stock_history, lines=order_moments(sold, bundles))
    wanted_lines = order_moments(sold[sold["is_demand"]], bundles)
    found = spikes(daily, stock, lines=wanted_lines)
    days = _estimates(daily, stock, found)
    whole = days.merge(_known(_listed(sold), daily), on=DAY, how="outer")
    counts = ["imported_units", *NOT_WANTED, "sold_units", *(set(TRAIL_STEPS) - set(NOT_WANTED))]
    for name in (*counts, "demand_units", "stock_out_rate", "units"):
        value = whole[name] if name in whole else pd.Series(0.0, whole.index)
        whole[name] = value.astype("float64").fillna(0.0)
    whole["bundle_units"] = whole["units"] - whole["sold_units"]
    whole["is_spike"] = whole["is_spike"].eq(True)
    whole["event"] = whole["event"].fillna("").astype("str")
    whole["final_units"] = whole[["imported_units", *TRAIL_STEPS]].sum(axis=1)
    whole["final_units"] = whole["final_units"].where(whole["final_units"].abs() > 1e-9, 0.0)
    whole = whole.sort_values(["shop", "sku", "day"], ignore_index=True)
    return checked(DemandTrail, whole[columns(DemandTrail)])


def trail_summary(trail: pd.DataFrame) -> pd.DataFrame:
    """Return one row per step of the trail: `step`, `units`, `n_skus`, `n_days` it touched.

    Parameters
    ----------
    trail : DataFrame
        Keeps the contract DemandTrail.

    Returns
    -------
    DataFrame, shape (9, 4)
        Imported units, the corrections in their order, final units; `n_days` are days of a SKU.
    """
    rows = []
    for step in COUNTED:
        touched = trail[trail[step] != 0]
        rows.append(
            {
                "step": step,
                "units": float(trail[step].sum()),
                "n_skus": touched["sku"].nunique(),
                "n_days": len(touched),
            }
        )
    return pd.DataFrame(rows).astype({"step": "str", "units": "float64"})


def _estimates(daily: pd.DataFrame, stock: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    units = daily["units"].to_numpy(dtype=float)
    wanted = stock["demand_units"].to_numpy(dtype=float)
    is_promo = (daily["phase"] != "").to_numpy()
    ordinary = stock["ordinary_units"].to_numpy(dtype=float)
    return daily[[*DAY, "event"]].assign(
        units=units,
        stock_out_units=wanted - units,
        promo_units=np.where(is_promo, ordinary - wanted, 0.0),
        spike_units=-found["excess_units"].to_numpy(dtype=float),
        demand_units=wanted,
        stock_out_rate=stock["rate"].to_numpy(dtype=float),
        is_spike=found["is_spike"].to_numpy(dtype=bool),
    )


def _listed(sold: pd.DataFrame) -> pd.DataFrame:
    """Return units per listing and day: imported, what is no demand as negative, what is."""
    is_cancelled = ~sold["is_demand"] & sold["kind"].isin(CANCELLED)
    is_unpaid = ~sold["is_demand"] & (sold["kind"] == "unpaid")
    rest = ~sold["is_demand"] & ~is_cancelled & ~is_unpaid
    units = sold["units"]
    frame = sold[KEY].assign(
        day=sold["ordered_at"].dt.normalize(),
        imported_units=units,
        cancelled_units=-units.where(is_cancelled, 0),
        unpaid_units=-units.where(is_unpaid, 0),
        sample_units=-units.where(rest, 0),
        sold_units=units.where(sold["is_demand"], 0),
    )
    return frame.groupby(DAY, as_index=False).sum()


def _known(listed: pd.DataFrame, daily: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a shop's days of which `daily` has a row, or on which nothing was sold."""
    days = pd.MultiIndex.from_frame(listed[["shop", "day"]])
    is_sold = listed.groupby(["shop", "day"])["sold_units"].transform("sum") > 0
    return listed[days.isin(pd.MultiIndex.from_frame(daily[["shop", "day"]])) | ~is_sold]

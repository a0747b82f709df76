"""SKUs that stay out of a promotion while others of their category take part.

Knows who stays out, and what such SKUs sold against ordinary days in the past, pooled by
category and shrunk to what the register says. Knows nothing of the SKUs that take part.
"""

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from planner.demand.clean import PHASE_CODES, Flags, Floats, Panel
from planner.demand.dips import Ripple, Told, prior_of, shrunk
from planner.intake.masters import SAME_EVENT_DAYS

BESIDE = "beside"
"""The register's name for days beside a promotion that the SKU does not take part in."""
YEAR = re.compile(r"^\d{4}[-_ ]?|[-_ ]?\d{4}$")


def told_beside(
    panel: Panel, expected: Floats, *, priors: pd.DataFrame, dispersion: float
) -> dict[str, Ripple]:
    """Return by category the ratio of SKUs outside to ordinary days while others were inside.

    Parameters
    ----------
    panel : Panel
        Daily sales with categories; a SKU that did not join an event bears no event that day.
    expected : array, shape (n_series, n_days)
        Units ordinary days would have sold. [units/day]
    priors : DataFrame
        Register `UpliftPriors`; its phase `beside`.
    dispersion : float
        Variance over mean of a day's sales. [unitless]

    Returns
    -------
    dict of str to Ripple
        Every category of the panel; the empty one stands for goods without a category, which
        nothing can replace.
    """
    told: dict[str, list[tuple[float, float]]] = {}
    groups = panel.keys.groupby(["market", "category"]).indices
    for (_, category), rows in groups.items():
        events = _sale_of_others(panel, rows)
        outside = (events >= 0)[None, :] & panel.is_clean[rows]
        for event in np.unique(events[events >= 0]) if category else ():
            counted = outside & (events == event)[None, :]
            usual = float((expected[rows] * counted).sum())
            if usual > 0:
                sold = float((panel.units[rows] * counted).sum())
                shown = float(np.log((sold + 1) / (usual + 1))), dispersion / (usual + 1)
                told.setdefault(category, []).append(shown)
    blank = Told(np.zeros(0), np.zeros(0))
    prior = prior_of(priors, BESIDE)
    return {
        category: shrunk(
            Told(*np.array(told[category]).T) if category in told else blank,
            *(prior if category else (0.0, prior[1])),
        )
        for category in panel.keys["category"].unique()
    }


def stays_out(
    keys: pd.DataFrame, joined: pd.DataFrame, ahead: Mapping[str, tuple[str, pd.Timestamp]]
) -> Flags:
    """Return the series that the seller says will not take part in an event ahead.

    Parameters
    ----------
    keys : DataFrame
        market and sku of each series.
    joined : DataFrame
        Table `CampaignsJoined`. What it does not name takes part; a row without a SKU speaks
        for the whole shop, a SKU's own row overrules it.
    ahead : Mapping of str to tuple of str and Timestamp
        By market, the event's name and the first day of its sale.
    """
    out = np.zeros(len(keys), dtype=bool)
    for market, (event, sale_on) in ahead.items():
        rows = joined[(joined["market"] == market) & _is_ahead(joined, event, sale_on)]
        here = (keys["market"] == market).to_numpy()
        for is_joined in rows.loc[rows["sku"] == "", "is_joined"]:
            out[here] = not is_joined
        own = rows[rows["sku"] != ""].drop_duplicates("sku", keep="last")
        said = keys["sku"].map(own.set_index("sku")["is_joined"])
        named = here & said.notna().to_numpy()
        out[named] = ~said[named].to_numpy(dtype=bool)
    return out


def same_event(name: str, other: str) -> bool:
    """Return whether two names mean the same event, whatever the year.

    Examples
    --------
    >>> same_event("2025-11.11", "11.11"), same_event("2024-black-friday", "Black Friday")
    (True, True)
    >>> same_event("2025-1.1", "11.11")
    False
    """
    return _plain(name) == _plain(other)


def _plain(name: str) -> str:
    return re.sub(r"[-_ ]+", "-", YEAR.sub("", name.strip().casefold()))


def _is_ahead(joined: pd.DataFrame, event: str, sale_on: pd.Timestamp) -> Flags:
    alike = np.array([same_event(name, event) for name in joined["event"]], dtype=bool)
    apart = (joined["starts_on"] - sale_on).abs()
    return alike & (apart <= pd.Timedelta(days=SAME_EVENT_DAYS)).to_numpy()


def _sale_of_others(panel: Panel, rows: Floats) -> Floats:
    """Return the event of each day on which SKUs of the group were on sale, else -1."""
    inside = (panel.phase[rows] == PHASE_CODES["sale"]) & panel.is_known[rows]
    return np.where(inside, panel.event[rows], -1).max(axis=0)

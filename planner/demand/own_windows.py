"""Own windows: which days of people's own sales an event asks for, and what a peer sees of them."""

import numpy as np
import pandas as pd

from planner.demand.clean import Flags, Panel
from planner.demand.own_events import CLOSED
from planner.demand.own_sales import closed_days
from planner.demand.peers import Windows


def window_of(panel: Panel, ahead: pd.DataFrame, rows: pd.DataFrame) -> Flags:
    """Return the open days of an event within a panel, series by series.

    Parameters
    ----------
    panel : Panel
    ahead, rows : DataFrame
        Rows of the event, and all rows, some of kind `closed`.
    """
    days = panel.days.to_numpy()[None, :]
    window = np.zeros(panel.units.shape, dtype=bool)
    skus = pd.Index(panel.keys["sku"])
    for sku, start, end in zip(ahead["sku"], ahead["start"], ahead["end"], strict=True):
        takes_part = np.ones(len(skus), dtype=bool) if sku == "" else (skus == sku)
        window |= (
            takes_part[:, None] & (days >= np.datetime64(start)) & (days <= np.datetime64(end))
        )
    return window & ~closed_days(rows, skus, first_on=panel.first_on, n_days=window.shape[1])


def windows_of(then: Panel, ahead: pd.DataFrame, rows: pd.DataFrame) -> Windows:
    """Return what a peer may see: sales and promotions before a cut-off, the calendar after it.

    Parameters
    ----------
    then : Panel
        Sales known at the cut-off.
    ahead, rows : DataFrame
        As for `window_of`.
    """
    beyond = int((ahead["end"].max() - then.end).days) + 1
    blank = np.zeros((len(then.keys), beyond), dtype=bool)
    none, nothing = blank.astype(int), blank.astype(float)
    longer = Panel(then.keys, then.end, nothing, blank, blank, none, none, ())
    skus, promos = pd.Index(then.keys["sku"]), rows[rows["kind"] != CLOSED]
    return Windows(
        first_on=then.first_on,
        units=then.units,
        is_known=then.is_known & ~then.is_stock_out,
        drivers=then.is_promo.astype(float)[:, :, None],
        drivers_ahead=window_of(longer, promos, rows).astype(float)[:, :, None],
        is_open_ahead=~closed_days(rows, skus, first_on=then.end, n_days=beyond),
        window=window_of(longer, ahead, rows),
        category=pd.factorize(then.keys["category"])[0],
    )

"""Daily sales laid out as arrays of series by days; a series is a SKU in a shop.

Knows which cells are known days and which are promotion days. Judges nothing.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int64]

KEY = ["shop", "market", "sku"]
WEEK_DAYS = 7


@dataclass(frozen=True)
class Grid:
    """Daily sales as arrays of shape (n_series, n_days), and where each row of the table lies."""

    keys: pd.DataFrame
    """shop, market and sku of each series."""
    first_on: pd.Timestamp
    row: Codes
    column: Codes
    units: Floats
    is_known: Flags
    promo: Codes
    """Event and phase of each day as a code over all shops, -1 on ordinary days."""
    kind: Codes
    """Phase of each day, whatever the event, as a code; -1 on ordinary days."""

    @property
    def weekday(self) -> Codes:
        """Weekday of each column, 0 for Monday."""
        return (np.arange(self.units.shape[1]) + self.first_on.day_of_week) % WEEK_DAYS

    @property
    def shop(self) -> Codes:
        """Code of each series' shop."""
        return self.keys.groupby("shop").ngroup().to_numpy()

    def laid_out(self, values: object, *, blank: object = 0.0) -> NDArray:
        """Return values of the table's rows as an array of series by days."""
        grid = np.full(self.units.shape, blank)
        grid[self.row, self.column] = values
        return grid

    def in_rows(self, grid: NDArray) -> NDArray:
        """Return an array of series by days as values of the table's rows."""
        return grid[self.row, self.column]


def grid_of(daily: pd.DataFrame) -> Grid:
    """Return daily sales as arrays.

    Parameters
    ----------
    daily : DataFrame
        `shop`, `market`, `sku`, `day`, `units`, `event`, `phase`, at least one row, each shop, SKU
        and day once. Days without a row are unknown.
    """
    series = daily.groupby(KEY, sort=True).ngroup().to_numpy()
    first_on = daily["day"].min()
    column = ((daily["day"] - first_on) // pd.Timedelta(days=1)).to_numpy()
    shape = (int(series.max()) + 1, int(column.max()) + 1)
    keys = daily[KEY].drop_duplicates().sort_values(KEY).reset_index(drop=True)
    blank = np.zeros(shape)
    ordinary = np.full(shape, -1)
    bare = Grid(keys, first_on, series, column, blank, blank > 0, ordinary, ordinary)
    phase = daily["phase"].where(daily["phase"] != "")
    named = daily["event"] + "|" + phase
    return replace(
        bare,
        units=bare.laid_out(daily["units"].to_numpy(dtype=float)),
        is_known=bare.laid_out(True, blank=False),
        promo=bare.laid_out(pd.factorize(named, sort=True)[0], blank=-1),
        kind=bare.laid_out(pd.factorize(phase, sort=True)[0], blank=-1),
    )


def first_weight(grid: Grid) -> Floats:
    """Return the days that count before anything is known of stock: known, no promotion."""
    return (grid.is_known & (grid.promo < 0)).astype(float)


def rolling_sum(values: Floats, days: int) -> Floats:
    """Return the sums over so many days round each day, fewer at the ends."""
    total = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
    column = np.arange(values.shape[1])
    start = np.maximum(column - days // 2, 0)
    stop = np.minimum(column - days // 2 + days, values.shape[1])
    return total[:, stop] - total[:, start]

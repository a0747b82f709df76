"""Which days tell what an ordinary day sells: the daily table as arrays, masks by name.

Knows days, not levels: it lays the long table out as series by days and says of
each day whether it is known, in stock and free of promotions. What such a day
sells is the business of `level` and `baseline`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.errors import PlanningError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int64]

KEYS = ["shop", "market", "sku"]
PHASE_CODES = {"": 0, "warm_up": 1, "sale": 2, "tail": 3}
CHANCE_OF_ZEROS = 0.01
"""A run of zeros rarer than this over a whole history is a stock-out (design, forecasting 3.1)."""
CAP_SPREADS = 4.0
"""A day counts for the level up to the median plus so many robust spreads (forecasting 3.1)."""
RISE_DAYS, MIN_RISE_DAYS = 56, 14
"""Days whose median tells that a level has risen, and clean days they need. [days]"""
MAD_TO_SD = 1.4826
"""Spread of a normal law per median absolute deviation. [unitless]"""
MIN_SOLD_DAYS = 5
"""Fewer days with a sale than this do not tell a stock-out from a slow SKU. [days]"""


@dataclass(frozen=True)
class Panel:
    """Daily sales as arrays of shape (n_series, n_days); series and days in sorted order."""

    keys: pd.DataFrame
    """shop, market, sku and category of each series."""
    first_on: pd.Timestamp
    """Day of column 0."""
    units: Floats
    """Units sold; 0 where nothing is known. [units/day]"""
    is_known: Flags
    """The day lies in the series' life and its sales are known."""
    is_stock_out: Flags
    """The day lacked stock, as the table says."""
    phase: Codes
    """Phase of a promotion by `PHASE_CODES`, 0 on ordinary days."""
    event: Codes
    """Position in `events`, -1 on ordinary days."""
    events: tuple[str, ...]

    @property
    def days(self) -> pd.DatetimeIndex:
        """The day of each column."""
        return self.days_ahead(0, self.units.shape[1])

    @property
    def end(self) -> pd.Timestamp:
        """First day after the history."""
        return self.first_on + pd.Timedelta(days=self.units.shape[1])

    @property
    def is_promo(self) -> Flags:
        """Whether a day belongs to a promotion, by the name of its phase."""
        return self.phase > 0

    @property
    def is_clean(self) -> Flags:
        """Whether a day shows ordinary demand: known, in stock, no promotion."""
        return self.is_known & ~self.is_stock_out & ~self.is_promo

    def days_ahead(self, start: int, stop: int) -> pd.DatetimeIndex:
        """Return the days of columns `start` to `stop`, also beyond the history."""
        first = self.first_on + pd.Timedelta(days=start)
        return pd.date_range(first, periods=max(stop - start, 0), freq="D")


def panel_of(daily: pd.DataFrame, *, catalogue: pd.DataFrame | None = None) -> Panel:
    """Return daily sales as arrays.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales`.
    catalogue : DataFrame, optional
        Table `Catalogue`; gives each SKU's category.

    Returns
    -------
    Panel
        Days before a series' first row and after its last are unknown.

    Raises
    ------
    PlanningError
        If the table has no row, or two rows for one shop, SKU and day.
    """
    if daily.empty:
        raise PlanningError("DailySales has no row; a forecast needs at least one day of sales")
    series = daily.groupby(KEYS, sort=True).ngroup().to_numpy()
    first_on = daily["day"].min()
    day = ((daily["day"] - first_on) // pd.Timedelta(days=1)).to_numpy()
    shape = (int(series.max()) + 1, int(day.max()) + 1)
    _refuse_doubles(daily, series * shape[1] + day)

    def laid_out(values: object, kind: type, blank: object) -> NDArray:
        grid = np.full(shape, blank, dtype=kind)
        grid[series, day] = values
        return grid

    units = laid_out(daily["units"].to_numpy(dtype=float), float, 0.0)
    is_known = laid_out(True, bool, False)
    phases, words = pd.factorize(daily["phase"])
    codes, names = pd.factorize(daily["event"].where(daily["phase"] != ""), sort=True)
    keys = daily[KEYS].drop_duplicates().sort_values(KEYS).reset_index(drop=True)
    return Panel(
        keys=keys.assign(category=_category(keys["sku"], catalogue)),
        first_on=first_on,
        units=units,
        is_known=is_known,
        is_stock_out=laid_out(daily["is_stock_out"].to_numpy(dtype=bool), bool, False),
        phase=laid_out(np.array([PHASE_CODES[word] for word in words])[phases], int, 0),
        event=laid_out(codes, int, -1),
        events=tuple(str(name) for name in names),
    )


def suspected_stock_outs(units: Floats, is_known: Flags) -> Flags:
    """Return the days of runs of zeros too long to be chance, where no table marks stock-outs.

    Parameters
    ----------
    units : array, shape (n_series, n_days)
        Units sold. [units/day]
    is_known : array, shape (n_series, n_days)
        Days whose sales are known.

    Returns
    -------
    array, shape (n_series, n_days)
        A run at the end of the history is left alone: it may be a SKU that has died, and
        sales that have ended must lower the forecast.

    Notes
    -----
    With mean `m` and variance `phi m` a day sells nothing with the chance
    ``phi ** (-m / (phi - 1))``; a run of `k` days is suspected if ``n_days * chance ** k``
    is below 1 %. Mean and variance hold the zeros themselves, so the rule errs to the side
    of believing them.
    """
    known = np.maximum(is_known.sum(axis=1), 1)
    mean = (units * is_known).sum(axis=1) / known
    variance = ((units - mean[:, None]) ** 2 * is_known).sum(axis=1) / known
    dispersion = np.maximum(variance / np.maximum(mean, 1e-9), 1.0 + 1e-6)
    log_chance = -mean * np.log(dispersion) / (dispersion - 1.0)
    longest = np.log(CHANCE_OF_ZEROS / known) / np.minimum(log_chance, -1e-12)
    sold = is_known & (units > 0)
    lengths, has_later_sale = _zero_runs(is_known & (units <= 0), sold)
    enough = sold.sum(axis=1) >= MIN_SOLD_DAYS
    return has_later_sale & enough[:, None] & (lengths >= np.maximum(longest, 1.0)[:, None])


def capped(
    units: Floats, is_clean: Flags, *, factor: Floats | float = 1.0, slack: float = 0.0
) -> Floats:
    """Return units with days far above the series' clean days cut to a cap.

    Parameters
    ----------
    units, is_clean : array, shape (n_series, n_days)
        Units sold [units/day] and the days that set the cap.
    factor : array, shape (n_series, n_days)
        What each day sells against a mean day, for instance by weekday. [unitless]
    slack : float
        Share of the median added to the cap while that factor is not yet known. [unitless]

    Notes
    -----
    The cap is the median plus four robust spreads plus ``3 sqrt(median) + 3``, which leaves
    slow SKUs, whose robust spread is 0, their ordinary days of a few units. It rises with the
    median of eight weeks, so that a level that has risen for good is not cut.
    """
    flat = units / factor
    median = masked_median(flat, is_clean)
    spread = MAD_TO_SD * masked_median(np.abs(flat - median[:, None]), is_clean)
    cap = (1.0 + slack) * median + CAP_SPREADS * spread + 3.0 * np.sqrt(median) + 3.0
    risen = np.maximum(_recent_median(flat, is_clean) - median[:, None], 0.0)
    return np.minimum(flat, cap[:, None] + risen) * factor


def masked_median(values: Floats, mask: Flags) -> Floats:
    """Return each row's median over the days of `mask`, 0 for a row without any.

    Examples
    --------
    >>> masked_median(np.array([[1.0, 9.0, 3.0]]), np.array([[True, False, True]]))
    array([2.])
    """
    count = mask.sum(axis=1)
    ordered = np.sort(np.where(mask, values, np.inf), axis=1)
    rows = np.arange(len(values))
    low = ordered[rows, np.maximum(count - 1, 0) // 2]
    high = ordered[rows, np.minimum(count // 2, values.shape[1] - 1)]
    return np.where(
        count > 0, 0.5 * (np.where(count > 0, low, 0) + np.where(count > 0, high, 0)), 0
    )


def reach(mask: Flags, days: int) -> tuple[Codes, Codes]:
    """Return for each day the columns from and to which its ordinary neighbours lie.

    Parameters
    ----------
    mask : array, shape (n_series, n_days)
        Clean days.
    days : int
        How far to look beyond the edges of the gap a day lies in. [days]

    Returns
    -------
    start, stop : array, shape (n_series, n_days)
        `start` included, `stop` not. A clean day is its own gap.
    """
    n_days = mask.shape[1]
    column = np.broadcast_to(np.arange(n_days), mask.shape)
    before = np.maximum.accumulate(np.where(mask, column, -1), axis=1)
    after = np.minimum.accumulate(np.where(mask, column, n_days)[:, ::-1], axis=1)[:, ::-1]
    return np.maximum(before + 1 - days, 0), np.minimum(after + days, n_days)


def _recent_median(values: Floats, mask: Flags) -> Floats:
    """Return each day's median of its eight weeks, counted from the end; 0 if few days tell."""
    n_series, n_days = values.shape
    missing = -n_days % RISE_DAYS

    def in_blocks(grid: NDArray) -> NDArray:
        blank = np.zeros((n_series, missing), grid.dtype)
        return np.concatenate([blank, grid], axis=1).reshape(-1, RISE_DAYS)

    clean = in_blocks(mask)
    enough = clean.sum(axis=1) >= MIN_RISE_DAYS
    median = np.where(enough, masked_median(in_blocks(values), clean), 0.0)
    return np.repeat(median.reshape(n_series, -1), RISE_DAYS, axis=1)[:, missing:]


def _refuse_doubles(daily: pd.DataFrame, cell: Codes) -> None:
    double = pd.Series(cell).duplicated().to_numpy()
    if double.any():
        row = daily.iloc[int(np.flatnonzero(double)[0])]
        raise PlanningError(
            f"DailySales: shop {row['shop']}, SKU {row['sku']}, {row['day']:%Y-%m-%d} stands "
            "twice; give one row per shop, SKU and day"
        )


def _category(skus: pd.Series, catalogue: pd.DataFrame | None) -> pd.Series:
    if catalogue is None or catalogue.empty:
        return pd.Series("", index=skus.index, dtype="str")
    return skus.map(catalogue.set_index("sku")["category"]).fillna("").astype("str")


def _zero_runs(is_zero: Flags, is_sold: Flags) -> tuple[Codes, Flags]:
    n_days = is_zero.shape[1]
    column = np.broadcast_to(np.arange(n_days), is_zero.shape)
    before = np.maximum.accumulate(np.where(is_sold, column, -1), axis=1)
    after = np.minimum.accumulate(np.where(is_sold, column, n_days)[:, ::-1], axis=1)[:, ::-1]
    zeros = np.concatenate([np.zeros((len(is_zero), 1), int), np.cumsum(is_zero, axis=1)], axis=1)
    lengths = np.take_along_axis(zeros, after, 1) - np.take_along_axis(zeros, before + 1, 1)
    return np.where(is_zero, lengths, 0), is_zero & (after < n_days)

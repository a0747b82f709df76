"""One seller's sales as the accuracy benchmark holds them: days by series, and the truth.

Knows how much history a window has and how far ahead one may look; reads nothing.
"""

from typing import NamedTuple

import pandas as pd

from planner.demand.clean import Flags, Floats

HISTORY_DAYS = 180
LONG_HISTORY_DAYS = 730
AHEAD_DAYS = 56
"""Days told ahead of a cut-off, as far as the data go. [days]"""
PROMO_SHARE = 0.5
"""A day is a promotion's where the promo flag, which may be a share, is above. [unitless]"""


class SalesSet(NamedTuple):
    """One seller's sales: n series, T days, k inputs that are known ahead."""

    name: str
    seller: str
    first_on: pd.Timestamp
    skus: tuple[str, ...]
    category: tuple[str, ...]
    units: Floats
    """Units sold as a seller sees them, shape (n, T). [units/day]"""
    wanted: Floats
    """Units that count as truth, shape (n, T). [units/day]"""
    is_known: Flags
    """Days in stock and open, shape (n, T)."""
    is_open: Flags
    """Days on which anything could be sold; known ahead, shape (n, T)."""
    drivers: Floats
    """Promo flag first, then what else is known ahead, shape (n, T, k)."""
    driver_names: tuple[str, ...]
    day_kind: tuple[str, ...]
    """Kind of the promotion that a day would belong to, shape (T,)."""
    cut_offs: tuple[int, ...]
    """Columns from which the windows are forecast."""
    history_days: int
    min_units: float
    """Units a series must have sold in its history to be chosen. [units]"""

    @property
    def is_promo(self) -> Flags:
        """Whether a day belongs to a promotion, shape (n, T)."""
        return self.drivers[:, :, 0] > PROMO_SHARE

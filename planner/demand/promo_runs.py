"""Promotion runs as the pooling reads them, and how their ratios fall into groups."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.demand.clean import Codes, Flags, Floats

Names = NDArray[np.str_]


class Runs(NamedTuple):
    """Past promo phases, one element per series and run of promo days."""

    series: Codes
    """Position of the series; -1 for a SKU that is only remembered."""
    occurrence: Codes
    """Which event it was; alike for all SKUs that took part."""
    event: Names
    """Its name."""
    kind: Names
    category: Names
    sold: Floats
    """Units sold on its days in stock. [units]"""
    expected: Floats
    """Units ordinary days would have sold on the same days. [units]"""
    around: Floats
    """Ordinary units on the clean days from which `expected` was told. [units]"""
    drivers: Floats
    """Shape (n_runs, n_drivers): what is known of each promotion, NaN where it is not."""
    start: Codes
    """Column of the first day; -1 for what is only remembered."""
    days: Codes
    """Length. [days]"""
    is_memory: Flags


class Target(NamedTuple):
    """The promotion ahead, one element per series."""

    kind: Names
    category: Names
    log_prior: Floats
    """Shipped log ratio. [unitless]"""
    prior_sd: Floats
    drivers: Floats
    """Shape (n_series, n_drivers), columns as in `Runs`."""
    is_quiet: bool = False
    """Whether it is a warm-up or a tail: what all SKUs of an event share strays less there."""


class OfGroup(NamedTuple):
    """Log ratios without any SKU's own past."""

    seen: Floats
    """Shape (n_runs,): of each past run."""
    ahead: Floats
    """Shape (n_series,): of the promotion ahead."""
    effects: Floats
    """Shape (n_series, 3 + n_drivers): what `ahead` consists of."""
    unknown: Floats
    """Shape (n_series,): variance of what drove the past and is not known ahead."""

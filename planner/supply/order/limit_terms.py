"""Limit terms: do the limits in a seller's file name what exists, and agree with one another.

Knows modes, markets and warehouses. The plan and the check before it ask here, so that neither
lets through what the other refuses.
"""

from collections.abc import Collection

from planner.errors import ConfigError
from planner.seller import Seller
from planner.supply.trips.lanes import SEA_MODES
from planner.terms import Limits


def refuse_bad_limits(limits: Limits, *, modes: Collection[str], seller: Seller) -> None:
    """Refuse limits of what does not exist, and limits that contradict each other.

    Parameters
    ----------
    limits : Limits
    modes : collection of str
        Modes that there are lanes for; without one only `sea` is known.
    seller : Seller
        Its markets and warehouses.

    Raises
    ------
    ConfigError
        Naming the key, the value, and what would be right.
    """
    where = f"seller {seller.seller}: limits"
    houses = {house.warehouse for house in seller.warehouses}
    for key, named in (
        ("warehouse_cbm", limits.warehouse_cbm),
        ("quota_units", limits.quota_units),
    ):
        for house in sorted(set(named) - houses):
            raise ConfigError(
                f"{where}.{key} names warehouse {house!r}, which is not listed; it has "
                f"{', '.join(sorted(houses))}"
            )
    known = set(modes) or {SEA_MODES[0]}
    for name, cap in limits.mode_cbm.items():
        market, mode = market_and_mode(name)
        if mode not in known or (market and market not in seller.markets):
            raise ConfigError(
                f"{where}.mode_cbm names {name!r}; give a mode ({', '.join(sorted(known))}) or a "
                f"market and mode, for instance {seller.markets[0]}.{sorted(known)[0]}"
            )
        box = limits.container_cbm
        if mode in SEA_MODES and box is not None and 0 < cap < box:
            raise ConfigError(
                f"{where}.mode_cbm.{name} books {cap:g} cbm, less than one whole container of "
                f"limits.container_cbm {box:g}; book at least {box:g} cbm, or take container_cbm "
                "away if loose goods are shipped"
            )


def market_and_mode(name: str) -> tuple[str, str]:
    """Return market (blank for all) and mode of a key of `limits.mode_cbm`.

    Examples
    --------
    >>> market_and_mode("TH.sea"), market_and_mode("air")
    (('TH', 'sea'), ('', 'air'))
    """
    market, _, mode = name.rpartition(".")
    return market, mode

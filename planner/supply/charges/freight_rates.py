"""Freight rates: what the seller's own forwarder charges.

Knows keys of the seller's file. Knows nothing of goods.
"""

import math

import pandas as pd

from planner.errors import ConfigError
from planner.scope import Scope

RATE_UNITS = ("kg", "cbm")
OWN_FEES = "seller.yml: fees"


def own_rates(lane_options: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return the lanes with what the seller's own forwarder charges in place of the register's.

    Parameters
    ----------
    lane_options : DataFrame
        Table `LaneOptions`.
    scope : Scope
        Keys of the seller's `fees`, each also by market (`TH.sea.freight_cbm`): `sea.freight_kg`
        or `sea.freight_cbm` [currency], `sea.divisor` [kg/cbm], `sea.least` [kg or cbm].

    Returns
    -------
    DataFrame
        As `lane_options`. A rate by another unit leaves the register's least charge behind.

    Raises
    ------
    ConfigError
        If a mode has a rate by weight and one by volume.
    """
    options = lane_options.copy()
    for place, market, mode in zip(options.index, options["market"], options["mode"], strict=True):
        own = _own_keys(scope, market, mode)
        if unit := next((name for name in RATE_UNITS if f"freight_{name}" in own), None):
            if options.loc[place, "rate_unit"] != unit:
                options.loc[place, "min_charge"] = math.nan
            options.loc[place, ["freight_rate", "rate_unit"]] = own[f"freight_{unit}"], unit
            options.loc[place, ["currency", "source"]] = scope.seller.currency, OWN_FEES
        for key, column in (("divisor", "cbm_divisor_kg"), ("least", "min_charge")):
            if key in own:
                options.loc[place, column] = own[key]
    return options


def _own_keys(scope: Scope, market: str, mode: str) -> dict[str, float]:
    fees = scope.seller.fees
    own = {
        key: fees.get(f"{market}.{mode}.{key}", fees.get(f"{mode}.{key}"))
        for key in ("freight_kg", "freight_cbm", "divisor", "least")
    }
    known = {key: value for key, value in own.items() if value is not None}
    if all(f"freight_{unit}" in known for unit in RATE_UNITS):
        raise ConfigError(
            f"seller.yml, fees: {mode} in {market} has both freight_kg and freight_cbm; keep the "
            "one that the forwarder charges by"
        )
    return known

"""Roads: by when goods can come and what a unit of each way costs, the first step of a plan.

Whatever a plan refuses of a seller's settings is refused here, before demand is looked at, so that
a check of the files can ask the same question without a forecast.
"""

import pandas as pd

from planner import tables
from planner.errors import ConfigError
from planner.scope import Scope
from planner.supply.charges import ways
from planner.supply.charges.tariffs import tariffs_in_force
from planner.supply.order.limit_terms import refuse_bad_limits
from planner.supply.places.moves import told_transfers
from planner.supply.plan_tables import Registers
from planner.supply.sharing.seats import seats_of
from planner.supply.trips import lanes, stages
from planner.terms import ORIGIN

TARIFFS = (tables.Fees, tables.Surcharges, tables.DutyRates, tables.HandlingFees)
REGISTERS = (
    tables.Lanes,
    tables.LaneStages,
    tables.RiskWindows,
    tables.InboundRules,
    tables.Bounds,
    *TARIFFS,
)
"""What the roads rest on."""


def roads_of(
    catalogue: pd.DataFrame, registers: Registers, *, scope: Scope
) -> dict[str, pd.DataFrame]:
    """Return dates and ways: what can come by when, and what a unit of it costs.

    Parameters
    ----------
    catalogue : DataFrame
        Table `Catalogue`.
    registers : mapping
        By contract the rows in force on the planning day, those of `REGISTERS` among them.
    scope : Scope

    Returns
    -------
    dict of str to DataFrame
        options (`LaneOptions`), stages (`StageDays`), ways (`SkuWays`), terms (`WayTerms`).

    Raises
    ------
    ConfigError
        If a setting of the seller's contradicts another or names what does not exist: see
        `refuse_settings`, and the rooms that read lanes, stages and fees.
    """
    rules = {"inbound_rules": registers[tables.InboundRules], "scope": scope}
    options = lanes.chain_dates(
        registers[tables.Lanes],
        registers[tables.RiskWindows],
        registers[tables.Bounds],
        lane_stages=registers[tables.LaneStages],
        **rules,
    )
    refuse_settings(options, registers[tables.Fees], scope=scope)
    tariffs = [registers[kind] for kind in TARIFFS]
    found, terms = ways.ways_and_terms(catalogue, options, *tariffs, scope=scope)
    return {
        "options": options,
        "stages": stages.stage_days(
            options,
            registers[tables.LaneStages],
            registers[tables.RiskWindows],
            confidence=lanes.bound(registers[tables.Bounds], "ship_by_confidence").low,
            **rules,
        ),
        "ways": found,
        "terms": terms,
    }


def refuse_settings(options: pd.DataFrame, fees: pd.DataFrame, *, scope: Scope) -> None:
    """Refuse limits, channels, transfers, fees and warehouses that cannot be.

    Parameters
    ----------
    options : DataFrame
        Table `LaneOptions`.
    fees : DataFrame
        Register `Fees`, rows in force.
    scope : Scope

    Raises
    ------
    ConfigError
        Names the key, the value and what would be right.
    """
    refuse_far_shops(scope)
    refuse_bad_limits(scope.seller.limits, modes=set(options["mode"]), seller=scope.seller)
    seats_of(scope)
    told_transfers(scope)
    tariffs_in_force(fees, scope=scope)


def refuse_far_shops(scope: Scope) -> None:
    """Refuse a shop that draws on a warehouse of another market; one in China mails from there.

    Raises
    ------
    ConfigError
        Names shop, warehouse and both markets.
    """
    houses = {house.warehouse: house.market for house in scope.seller.warehouses}
    for shop in scope.shops:
        market = houses[shop.warehouse]
        if market not in (shop.market, ORIGIN):
            near = sorted(name for name, place in houses.items() if place == shop.market)
            remedy = f"name one of {', '.join(near)}" if near else f"list one in {shop.market}"
            raise ConfigError(
                f"seller {scope.seller.seller}: shops.{shop.shop} sells in {shop.market} and draws "
                f"on warehouse {shop.warehouse!r} in {market}; {remedy}, or mend the market of "
                "the warehouse"
            )

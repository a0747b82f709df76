"""The plan of one campaign for one seller: the steps in their order, and what each left.

Joins the rooms of `supply`; does no arithmetic of its own. Notebook 03 calls it, and whoever
wants the same tables without a notebook.
"""

import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.supply.campaign_order import size_order
from planner.supply.charges import costs, economics, prices, surcharges
from planner.supply.decisions import meeting, missing_facts
from planner.supply.later import freight_option
from planner.supply.leftovers import exits, return_routes
from planner.supply.locks import price_lock
from planner.supply.papers import quote, shipments
from planner.supply.places import network, placement, reserves, warehouse_choice
from planner.supply.plan_tables import Known, Planned
from planner.supply.quantity import position
from planner.supply.quantity.newsvendor import KEYS
from planner.supply.roads import roads_of
from planner.supply.sharing import channels
from planner.supply.trips import deadlines, lanes


def plan_campaign(known: Known, gates: pd.DataFrame, *, scope: Scope) -> Planned:
    """Return the plan of a campaign and all that it rests on.

    Parameters
    ----------
    known : Known
        What is known on the planning day.
    gates : DataFrame
        Table `Gates`: what blocks an order gets nothing.
    scope : Scope
        Campaign, seller and scenario.

    Notes
    -----
    Dates and ways first, then stock and transfers, which come before buying; then the order that
    each rule asks for, what people decided in its place, and what the limits leave of it.
    """
    roads = roads_of(known.catalogue, known.registers, scope=scope)
    money = _money(known, roads, scope)
    held, moved = _held(known, roads, money["economics"], scope)
    base = roads | money | {"position": held}
    sized = size_order(known, gates, base, scope)
    whole = base | sized
    whole["locks"] = _locks(known, gates, whole, scope)
    placed = _placed(known, gates, whole, moved, scope)
    followed = _followed(known, gates, whole, scope)
    given = _handed_over(known, gates, whole | placed, scope)
    return Planned(**whole, **placed, **followed, **given)


def with_moved(held: pd.DataFrame, moved: pd.Series) -> pd.DataFrame:
    """Return the position after transfers between markets, which come before buying.

    Parameters
    ----------
    held : DataFrame
        Table `StockPosition`.
    moved : Series
        By market and SKU, units that come in, below zero where they leave; see
        `placement.moved_in`. What leaves is stock on hand; what comes counts as inbound in time.
    """
    net = moved.reindex(pd.MultiIndex.from_frame(held[KEYS])).fillna(0).to_numpy().astype("int64")
    out, back = (-net).clip(min=0), net.clip(min=0)
    return tables.checked(
        tables.StockPosition,
        held.assign(
            on_hand_units=(held["on_hand_units"] - out).clip(lower=0),
            inbound_units=held["inbound_units"] + back,
            available_units=(held["available_units"] + net).clip(lower=0),
        ),
    )


def _held(
    known: Known, roads: dict[str, pd.DataFrame], value: pd.DataFrame, scope: Scope
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the position with transfers in it, and the transfers.

    A unit that stays is worth what its best exit brings, as it is to the order that follows.
    """
    rows, goods = known.registers, known.catalogue
    held = position.stock_position(
        known.stock,
        known.draws,
        scope=scope,
        return_rates=rows[tables.ReturnRates],
        daily=known.daily,
        catalogue=goods,
    )
    moves = placement.place_stock(
        known.stock, known.draws, held, value, roads["ways"], goods, scope=scope, daily=known.daily
    )
    return with_moved(held, placement.moved_in(moves)), moves


def _economics(
    known: Known,
    roads: dict[str, pd.DataFrame],
    scope: Scope,
    left: pd.DataFrame | None = None,
) -> pd.DataFrame:
    rows = known.registers
    return economics.unit_economics(
        known.catalogue,
        roads["options"],
        rows[tables.Fees],
        rows[tables.ReturnRates],
        scope=scope,
        ways=roads["ways"],
        exits=left,
        unit_prices=prices.unit_prices(known.daily, known.draws, known.catalogue, scope=scope),
        rush=_rush(known, scope),
    )


def _rush(known: Known, scope: Scope) -> pd.Series:
    """Return by market and SKU what the event adds to the outbound fee of a unit sold."""
    return prices.rush_of_units(_parcels(known, scope), known.draws)


def _parcels(known: Known, scope: Scope) -> pd.Series:
    return surcharges.parcel_rush(known.registers[tables.Surcharges], scope=scope)


def _money(known: Known, roads: dict[str, pd.DataFrame], scope: Scope) -> dict[str, pd.DataFrame]:
    """Return what a unit earns, and where what is left over can go.

    Exits are priced by what a unit costs and sells for; what a leftover and a returned unit are
    worth then follows from the best exit, so that rules and allocation see the same leftover.
    """
    rows, goods, draws = known.registers, known.catalogue, known.draws
    fees = rows[tables.Fees]
    value = _economics(known, roads, scope)
    left = exits.best_exits(
        goods, value, rows[tables.ExitRules], rows[tables.Calendar], draws, scope=scope, fees=fees
    )
    value = _economics(known, roads, scope, left)
    return {"economics": value, "exits": left}


def _locks(
    known: Known, gates: pd.DataFrame, base: dict[str, pd.DataFrame], scope: Scope
) -> pd.DataFrame:
    """Return what to lock of what the plan will have at hand, and at which price."""
    rows = known.registers
    in_the_sale = economics.in_the_rush(
        base["economics"], known.catalogue, rows[tables.Fees], scope=scope,
        rush=_rush(known, scope), full=_parcels(known, scope),
    )  # fmt: skip
    return price_lock.guard_prices(
        known.catalogue,
        in_the_sale,
        base["ways"],
        known.draws,
        base["exits"],
        rows[tables.Fees],
        scope=scope,
        lanes=rows[tables.Lanes],
        duty_rates=rows[tables.DutyRates],
        return_rates=rows[tables.ReturnRates],
        bounds=rows[tables.Bounds],
        plan=position.without_midway(base["plan"], base["position"]),
        position=base["position"],
        gates=gates,
    )


def _placed(
    known: Known,
    gates: pd.DataFrame,
    base: dict[str, pd.DataFrame],
    moves: pd.DataFrame,
    scope: Scope,
) -> dict[str, pd.DataFrame]:
    """Return where each unit stands, for whom it is kept, and where help comes from."""
    goods, draws = known.catalogue, known.draws
    value, roads, plan = base["economics"], base["ways"], base["plan"]
    placed = placement.with_order(moves, base["mode_plan"], goods, scope=scope)
    there = position.without_midway(plan, base["position"])
    kept, pools = channels.protect(
        draws, value, there, scope=scope, placement=placed, daily=known.by_day
    )
    houses = warehouse_choice.compare_warehouses(
        draws,
        goods,
        known.registers[tables.WarehouseFees],
        known.registers[tables.Fees],
        scope=scope,
        units_per_order=known.units_per_order,
    )
    days = lanes.bound(known.registers[tables.Bounds], "delivery").high
    return {
        "placement": placed,
        "reserves": reserves.reserve_sources(
            draws,
            base["position"],
            value,
            roads,
            goods.merge(known.facts[["sku", "is_hero"]], on="sku", how="left"),
            plan,
            known.stock,
            hero_share=lanes.bound(known.registers[tables.Bounds], "hero_profit").low,
            scope=scope,
            placement=placed,
            gates=gates,
        ),
        "channels": kept,
        "pools": pools,
        "clock": channels.release_clock(kept, known.by_day, scope=scope),
        "warehouses": houses,
        "network": network.advise_network(draws, scope=scope, houses=houses),
        "direct": network.direct_mail(draws, value, roads, scope=scope, sla_days=days, gates=gates),
    }


def _followed(
    known: Known, gates: pd.DataFrame, base: dict[str, pd.DataFrame], scope: Scope
) -> dict[str, pd.DataFrame]:
    """Return what follows from the order: days, money, news to wait for, returns, worth."""
    rows, goods, draws = known.registers, known.catalogue, known.draws
    value, roads, held = base["economics"], base["ways"], base["position"]
    fees, back = rows[tables.Fees], rows[tables.ReturnRates]
    money = costs.cost_lines(
        base["plan"],
        base["ship"],
        value,
        draws,
        fees,
        scope=scope,
        catalogue=goods,
        lane_options=base["options"],
        return_rates=back,
        mode_plan=base["mode_plan"],
        ways=roads,
        terms=base["terms"],
        rush=_rush(known, scope),
    )
    due = deadlines.due_dates(
        base["options"],
        scope=scope,
        gates=gates,
        windows=rows[tables.RiskWindows],
        bounds=rows[tables.Bounds],
        inbound_rules=rows[tables.InboundRules],
    )
    worth = missing_facts.worth_of_facts(
        draws, held, value, roads, known.doubts, back, fees, rows[tables.Bounds], goods, scope=scope
    )
    routes = return_routes.choose_routes(
        draws, value, back, rows[tables.ReturnRouteFees], scope=scope, catalogue=goods
    )
    option = freight_option.weigh_options(
        draws, held, value, roads, base["exits"], mode_plan=base["mode_plan"], catalogue=goods,
        scope=scope,
    )  # fmt: skip
    return {"costs": money, "deadlines": due, "facts": worth, "routes": routes, "option": option}


def _handed_over(
    known: Known, gates: pd.DataFrame, base: dict[str, pd.DataFrame], scope: Scope
) -> dict[str, pd.DataFrame]:
    """Return what leaves the house: cartons, request for a quote, the sheet of the meeting."""
    goods = known.catalogue
    packed = shipments.carton_marks(base["mode_plan"], goods, scope=scope)
    taxes = quote.taxes_beside(
        base["ship"], base["ways"], goods, known.registers[tables.DutyRates], scope=scope
    )
    asked = quote.quote_request(
        base["ship"], known.facts, goods, known.forecast, scope=scope,
        mode_plan=base["mode_plan"], houses=base["warehouses"],
        units_per_order=known.units_per_order, taxes=taxes,
    )  # fmt: skip
    return {
        "cartons": packed.marks,
        "loose": packed.loose,
        "quote": asked,
        "products": quote.quote_products(base["ship"], known.facts, goods),
        "meeting": meeting.meeting_sheet(
            base["plan"],
            base["ways"],
            gates,
            base["locks"],
            known.decisions,
            mode_plan=base["mode_plan"],
        ),
    }

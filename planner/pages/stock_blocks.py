"""Blocks of notebook 03 on where stock stands and what becomes of it.

Moves before buying, the reserve, warehouses, the exits of what is left over and the routes of
what comes back. The sentence that answers for each stands in `stock_answers`.
"""

import pandas as pd

from planner.pages.blocks import Block, show_table
from planner.pages.charts_supply import rule_totals

KEYS = ["market", "sku"]
MOVE_COLUMNS = [
    "sku", "from_place", "to_place", "units", "move_cost", "days", "arrive_on", "reason",
]  # fmt: skip
RESERVE_COLUMNS = [
    "sku", "source_place", "mode", "units", "days", "unit_move_cost", "last_day_on", "reason",
]  # fmt: skip
WAREHOUSE_COLUMNS = [
    "market", "kind", "monthly_orders", "order_cost", "fixed_cost", "total_cost",
    "break_even_orders", "is_cheapest", "missing",
]  # fmt: skip
EXIT_COLUMNS = ["sku", "exit", "exit_units", "unit_revenue", "done_by", "reason"]
ROUTE_COLUMNS = [
    "sku", "route", "units", "unit_revenue", "break_even_units", "route_profit", "back_on",
    "back_units", "reason",
]  # fmt: skip
CHANNEL_COLUMNS = [
    "warehouse", "sku", "channel", "demand_units", "unit_profit", "locked_units",
    "protected_units", "limit_units", "draws_on", "reason",
]  # fmt: skip
POOL_COLUMNS = [
    "warehouse", "pooling", "is_best", "is_agreed", "expected_profit", "mixed_profit", "lost_units",
    "oversold_units", "reason",
]  # fmt: skip
DIRECT_COLUMNS = [
    "sku", "mail_advice", "mode", "mail_days", "sla_days", "stock_profit", "mail_unit_profit",
    "break_even_rate", "reason",
]  # fmt: skip
NETWORK_COLUMNS = ["market", "served_from", "monthly_orders", "kind", "order_cost", "reason"]
BY_MAIL = ("mail", "fallback")
"""Advice under which single parcels leave China at all."""
STOOD_STILL = ("stay", "ship", "reserve")
LEAST_UNITS = 1.0
"""Less than one unit left over needs no exit. [units]"""
RULE_COLUMNS = [
    "rule", "order_units", "held_back_units", "service_level", "expected_profit",
    "raw_history_units",
]  # fmt: skip
RISK_COLUMNS = ["sku", "stock_out_cost", "dead_stock_cost", "over_storage_cost", "refusal_cost"]
FIRST = 5
"""Exits on screen before the rest."""


def show_moves(placement: pd.DataFrame, lang: str) -> Block:
    """Return what moves before buying, and what would move if it could.

    Parameters
    ----------
    placement : DataFrame
        Table `Placement`.
    lang : {"zh", "en"}
    """
    rows = placement[~placement["move"].isin(STOOD_STILL) & (placement["units"] > 0)]
    return show_table(rows, lang, columns=MOVE_COLUMNS, empty_term="")


def show_reserves(reserves: pd.DataFrame, lang: str) -> Block:
    """Return what to keep in reserve for hero SKUs, and where it comes from; folded.

    Parameters
    ----------
    reserves : DataFrame
        Table `Reserves`.
    lang : {"zh", "en"}
    """
    rows = reserves[reserves["units"] > 0]
    empty = "empty.reserves_kept" if len(reserves) else "empty.reserves"
    return show_table(
        rows, lang, columns=RESERVE_COLUMNS, empty_term=empty, fold_term="fold.reserves"
    )


def show_warehouses(warehouses: pd.DataFrame, lang: str) -> Block:
    """Return what each kind of warehouse costs a month, folded; one without a price is not ranked.

    Parameters
    ----------
    warehouses : DataFrame
        Table `WarehouseChoice`.
    lang : {"zh", "en"}
    """
    is_cheapest = warehouses["is_cheapest"].astype(object)
    rows = warehouses.assign(is_cheapest=is_cheapest.where(warehouses["total_cost"].notna(), None))
    return show_table(rows, lang, columns=WAREHOUSE_COLUMNS, fold_term="fold.warehouses")


def taken_exits(exits: pd.DataFrame, plan: pd.DataFrame) -> pd.DataFrame:
    """Return where the units expected to be left over go: the best open exits that hold them.

    An exit whose worth is not known can be ranked before no other and is left out.

    Parameters
    ----------
    exits, plan : DataFrame
        Tables `Exits` and `StockPlan`; SKUs of grade D have no number to place.

    Returns
    -------
    DataFrame
        Rows of `Exits` with `leftover_units` and `exit_units`, the units that go there.
    """
    left = plan.loc[
        (plan["leftover_units"] >= LEAST_UNITS) & (plan["grade"] != "D"), [*KEYS, "leftover_units"]
    ]
    is_priced = exits["is_open"] & exits["unit_revenue"].notna()
    rows = exits[is_priced].merge(left, on=KEYS).sort_values([*KEYS, "rank"])
    room = rows["max_units"].fillna(rows["leftover_units"])
    before = room.groupby([rows[key] for key in KEYS]).cumsum() - room
    rows["exit_units"] = (rows["leftover_units"] - before).clip(lower=0, upper=room)
    return rows[rows["exit_units"] > 0]


def show_exits(exits: pd.DataFrame, plan: pd.DataFrame, lang: str) -> Block:
    """Return the exits that the expected leftover takes, the most units first; folded.

    Parameters
    ----------
    exits, plan : DataFrame
        Tables `Exits` and `StockPlan`.
    lang : {"zh", "en"}
    """
    rows = taken_exits(exits, plan).sort_values(
        ["leftover_units", *KEYS, "rank"], ascending=[False, True, True, True]
    )
    return show_table(
        rows, lang, columns=EXIT_COLUMNS, empty_term="", first=FIRST, fold_term="fold.exits"
    )


def show_risks(risks: pd.DataFrame, lang: str) -> Block:
    """Return what running out, leftovers, storage and refusal are to cost each SKU; folded.

    Parameters
    ----------
    risks : DataFrame
        As `season.result.planned_risks.planned_risks` returns them.
    lang : {"zh", "en"}
    """
    rows = risks.assign(whole=risks[RISK_COLUMNS[1:]].sum(axis=1))
    rows = rows.sort_values(["whole", *KEYS], ascending=[False, True, True])
    return show_table(rows, lang, columns=["market", *RISK_COLUMNS], fold_term="fold.risks")


def show_rules(rules: pd.DataFrame, lang: str) -> Block:
    """Return what each rule would order and earn over all SKUs, side by side.

    Parameters
    ----------
    rules : DataFrame
        Table `RuleComparison`.
    lang : {"zh", "en"}
    """
    names = {"units": "order_units", "held": "held_back_units", "level": "service_level",
             "profit": "expected_profit", "raw": "raw_history_units"}  # fmt: skip
    totals = rule_totals(rules).rename(columns=names).reset_index()
    rows = totals.assign(currency=rules["currency"].iloc[0] if len(rules) else "")
    is_held = bool((rows["held_back_units"] > 0).any())
    shown = [name for name in RULE_COLUMNS if is_held or name != "held_back_units"]
    return show_table(rows, lang, columns=shown)


def show_routes(routes: pd.DataFrame, lang: str) -> Block:
    """Return the best route of what comes back, for the SKUs where one is known; folded.

    Parameters
    ----------
    routes : DataFrame
        Table `ReturnRoutes`.
    lang : {"zh", "en"}
    """
    rows = routes[routes["is_best"]]
    return show_table(rows, lang, columns=ROUTE_COLUMNS, empty_term="", fold_term="fold.routes")


def show_direct(direct: pd.DataFrame, lang: str) -> Block:
    """Return the goods to mail from China, instead of stock or once it has run out.

    Parameters
    ----------
    direct : DataFrame
        Table `DirectMail`.
    lang : {"zh", "en"}

    Notes
    -----
    Those to mail instead of stock stand first, then those that mailing backs up best. Where there
    is none it is told whether every parcel loses or costs are missing.
    """
    rows = direct[direct["mail_advice"].isin(BY_MAIL)]
    ranked = rows.assign(place=rows["mail_advice"].map({name: n for n, name in enumerate(BY_MAIL)}))
    ranked = ranked.sort_values(["place", "break_even_rate", *KEYS])
    is_unpriced = (direct["mail_advice"] == "unknown").any()
    nothing = "empty.direct_unpriced" if is_unpriced else "empty.direct"
    fold = None if (rows["mail_advice"] == "mail").any() or rows.empty else "fold.direct"
    return show_table(ranked, lang, columns=DIRECT_COLUMNS, empty_term=nothing, fold_term=fold)


def show_network(network: pd.DataFrame, lang: str) -> Block:
    """Return where to open a warehouse, for markets that have none.

    Parameters
    ----------
    network : DataFrame
        Table `NetworkAdvice`.
    lang : {"zh", "en"}
    """
    return show_table(network, lang, columns=NETWORK_COLUMNS, empty_term="empty.network")


def show_channels(channels: pd.DataFrame, lang: str) -> Block:
    """Return what each channel may sell of a shared warehouse; folded.

    Parameters
    ----------
    channels : DataFrame
        Table `ChannelPlan`.
    lang : {"zh", "en"}
    """
    return show_table(
        channels,
        lang,
        columns=CHANNEL_COLUMNS,
        empty_term="",
        fold_term="fold.channels",
    )


def show_pools(pools: pd.DataFrame, lang: str) -> Block:
    """Return the ways of sharing a warehouse side by side; folded.

    Parameters
    ----------
    pools : DataFrame
        Table `PoolWorth`.
    lang : {"zh", "en"}
    """
    return show_table(pools, lang, columns=POOL_COLUMNS, empty_term="", fold_term="fold.pools")

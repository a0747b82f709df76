"""Blocks of notebook 03: from each long table the rows and columns that a decision needs.

The sentence that answers for each stands in `plan_answers`; here is the evidence: first the rows
that ask for something, the others folded.
"""

import pandas as pd

from planner.pages.big_numbers import named
from planner.pages.blocks import Block, show_table
from planner.pages.kinds import is_missing, tell_text, tell_word
from planner.pages.telling import tell_number
from planner.words import is_known, say

KEYS = ["market", "sku"]
LANE = ["market", "mode"]
BOOKING_COLUMNS = [
    "market", "mode", "sku_count", "units", "cartons", "weight_kg", "volume_cbm", "freight_cost",
    "produce_by", "ship_by", "shelf_by", "stopped_units",
]  # fmt: skip
SHIP_COLUMNS = [
    "sku", "mode", "units", "cartons", "weight_kg", "volume_cbm", "chargeable", "freight_cost",
    "ship_by", "shelf_by", "block_reason",
]  # fmt: skip
ORDER_COLUMNS = [
    "sku", "order_units", "grade", "demand_units", "safety_units", "buffer_units",
    "available_units", "low_units", "high_units", "service_level", "expected_profit", "reason",
]  # fmt: skip
DEADLINE_COLUMNS = ["due_on", "deadline", "days_left", "mode", "market", "reason"]
GATE_COLUMNS = ["sku", "gate", "state", "blocks", "reason", "expires_on", "saved_cost"]
HELD_TOGETHER = ["market", "gate", "state", "blocks", "reason", "expires_on", "currency"]
LOCK_COLUMNS = [
    "sku", "advice", "price", "mean_unit_profit", "low_unit_profit", "loss_chance", "lock_units",
    "least_price", "reason",
]  # fmt: skip
LANE_COLUMNS = [
    "market", "mode", "ship_by", "shelf_by", "lead_days", "on_time_rate", "lane_freight_cost",
    "lane_landed_cost", "reason",
]  # fmt: skip
FORBIDDEN = "reason.way_forbidden"
"""First term of the reason of a way that the goods may not take."""
STAGE_COLUMNS = [
    "market", "mode", "stage", "min_days", "typical_days", "max_days", "added_days", "starts_on",
    "ends_on", "reason",
]  # fmt: skip
WAY_COLUMNS = [
    "sku", "mode", "is_taken", "ship_by", "on_time_rate", "unit_freight_cost",
    "unit_surcharge_cost", "landed_cost", "reason",
]  # fmt: skip
OPTION_COLUMNS = [
    "sku", "slow_mode", "now_units", "fast_mode", "held_units", "trigger_units", "decide_on",
    "option_profit", "reason",
]  # fmt: skip
LIMIT_COLUMNS = ["limit", "place", "used", "cap", "used_share", "is_binding", "reason"]
FINE = ("register", "cap")
"""Advice on a price that asks for nothing but a cap."""
MOQ = "moq"
"""The limit that the sentence above tells SKU by SKU."""
NEXT = 5
"""Days still to come that are shown before the rest."""


def show_bookings(ship: pd.DataFrame, lang: str) -> Block:
    """Return what to book: one row per market, way and day, the first to be ordered on top.

    Parameters
    ----------
    ship : DataFrame
        Table `ShipLines`.
    lang : {"zh", "en"}

    Notes
    -----
    A sum of which one part is unknown is unknown. `stopped_units` wait for their papers.
    """
    rows = ship.assign(stopped_units=ship["units"].where(ship["block_reason"] != "", 0))
    days = ["produce_by", "ship_by", "shelf_by"]
    sums = ["cartons", "weight_kg", "volume_cbm", "freight_cost"]
    told = rows.groupby([*LANE, *days, "currency"], as_index=False).agg(
        sku_count=("sku", "nunique"),
        units=("units", "sum"),
        stopped_units=("stopped_units", "sum"),
        **{name: (name, lambda column: column.sum(skipna=False)) for name in sums},
    )
    ordered = told.sort_values(["produce_by", *LANE])
    return show_table(ordered, lang, columns=BOOKING_COLUMNS, empty_term="", cards_on_phone=True)


def show_lines(ship: pd.DataFrame, lang: str) -> Block:
    """Return the shipping lines of each SKU, folded under one line.

    Parameters
    ----------
    ship : DataFrame
        Table `ShipLines`.
    lang : {"zh", "en"}
    """
    return show_table(ship, lang, columns=SHIP_COLUMNS, empty_term="", fold_term="fold.ship")


def show_deadlines(deadlines: pd.DataFrame, lang: str) -> Block:
    """Return the days still to come, the nearest first, then those that are past.

    Parameters
    ----------
    deadlines : DataFrame
        Table `Deadlines`.
    lang : {"zh", "en"}
    """
    rows = deadlines.sort_values(["is_past", "due_on", "market"], kind="stable")
    return show_table(rows, lang, columns=DEADLINE_COLUMNS, first=NEXT)


def show_orders(plan: pd.DataFrame, lang: str) -> Block:
    """Return each SKU's way to its order: those that are ordered first, the most units on top.

    Parameters
    ----------
    plan : DataFrame
        Table `StockPlan`.
    lang : {"zh", "en"}
    """
    rows = plan.sort_values(["order_units", *KEYS], ascending=[False, True, True])
    return show_table(rows, lang, columns=ORDER_COLUMNS, first=NEXT)


def show_gates(gates: pd.DataFrame, lang: str) -> Block:
    """Return the gates that are not passed by reason, those that hold something up first.

    Parameters
    ----------
    gates : DataFrame
        Table `Gates`.
    lang : {"zh", "en"}
    """
    rows = gates[gates["state"] != "passed"]
    grave = {"order": 0, "ship": 1, "": 2}
    rows = rows.assign(place=rows["blocks"].map(grave)).sort_values(["place", "gate", *KEYS])
    held = rows.groupby(HELD_TOGETHER, dropna=False, sort=False)
    rows = held.agg(
        sku=("sku", lambda skus: named(skus.to_frame(), lang)),
        saved_cost=("saved_cost", lambda costs: costs.sum(skipna=False)),
    ).reset_index()
    holding = int((rows["blocks"] != "").sum())
    return show_table(
        rows, lang, columns=GATE_COLUMNS, empty_term="", first=holding + 1, cards_on_phone=True
    )


def show_locks(locks: pd.DataFrame, lang: str) -> Block:
    """Return what to do at sign-up, prices that cannot be locked as they are first; folded.

    Parameters
    ----------
    locks : DataFrame
        Table `PriceLocks`.
    lang : {"zh", "en"}
    """
    is_fine = locks["advice"].isin(FINE)
    rows = locks.assign(is_fine=is_fine).rename(columns={"max_units": "lock_units"})
    rows = rows.sort_values(["is_fine", "loss_chance", *KEYS], ascending=[True, False, True, True])
    first = min(int((~is_fine).sum()) + 1, NEXT)
    return show_table(
        rows, lang, columns=LOCK_COLUMNS, empty_term="", first=first, fold_term="fold.locks"
    )


def show_lanes(options: pd.DataFrame, ship: pd.DataFrame, ways: pd.DataFrame, lang: str) -> Block:
    """Return days and money of each lane, those taken first, then the next that are in time.

    Parameters
    ----------
    options, ship, ways : DataFrame
        Tables `LaneOptions`, `ShipLines` and `SkuWays`.
    lang : {"zh", "en"}

    Notes
    -----
    The money is that of all that is ordered going this one way, unknown where that of one SKU is.
    Goods that a lane does not take are left out of its money and counted in its reason.
    """
    rows = _with_lane_money(_taken_first(options, ship), ship, ways)
    rows = rows.sort_values(["is_taken", "is_feasible"], ascending=False)
    return show_table(rows, lang, columns=LANE_COLUMNS, fold_term="fold.lanes")


def show_stages(stages: pd.DataFrame, ship: pd.DataFrame, lang: str) -> Block:
    """Return the stages of the lanes that are taken, all of them where none is; folded.

    Parameters
    ----------
    stages, ship : DataFrame
        Tables `StageDays` and `ShipLines`.
    lang : {"zh", "en"}
    """
    rows = _taken_first(stages, ship)
    rows = rows[rows["is_taken"] | ~rows["is_taken"].any()]
    return show_table(rows, lang, columns=STAGE_COLUMNS, fold_term="fold.stages", first=len(rows))


def show_ways(ways: pd.DataFrame, ship: pd.DataFrame, lang: str) -> Block:
    """Return for each SKU shipped the way it takes and the cheapest it could take instead; folded.

    Parameters
    ----------
    ways, ship : DataFrame
        Tables `SkuWays` and `ShipLines`.
    lang : {"zh", "en"}
    """
    lines = ship[[*KEYS, "mode"]].drop_duplicates().assign(is_taken=True)
    rows = ways.merge(ship[KEYS].drop_duplicates(), on=KEYS).merge(
        lines, on=[*KEYS, "mode"], how="left"
    )
    rows["is_taken"] = rows["is_taken"].eq(True)
    others = rows[~rows["is_taken"] & rows["is_allowed"]].sort_values("landed_cost")
    shown = pd.concat([rows[rows["is_taken"]], others.drop_duplicates(KEYS)])
    shown = shown.sort_values([*KEYS, "is_taken"], ascending=[True, True, False])
    return show_table(shown, lang, columns=WAY_COLUMNS, empty_term="", fold_term="fold.ways")


def show_option(option: pd.DataFrame, lang: str) -> Block:
    """Return the SKUs for which waiting pays, the most first; folded.

    Parameters
    ----------
    option : DataFrame
        Table `FreightOptions`.
    lang : {"zh", "en"}
    """
    rows = option[option["option_profit"] > 0].sort_values("option_profit", ascending=False)
    return show_table(rows, lang, columns=OPTION_COLUMNS, empty_term="", fold_term="fold.option")


def show_limits(limits: pd.DataFrame, lang: str) -> Block:
    """Return how full each limit is, those that bind first; folded where none but a MOQ does.

    Parameters
    ----------
    limits : DataFrame
        Table `LimitPrices`.
    lang : {"zh", "en"}
    """
    rows = limits.assign(
        used_share=(limits["used"] / limits["cap"]).where(limits["cap"] > 0),
        place=[_limit_place(row, lang) for row in limits.itertuples()],
        cap=_amounts(limits, "cap", lang),
        used=_amounts(limits, "used", lang),
    )
    ordered = rows.sort_values("is_binding", ascending=False, kind="stable")
    is_grave = limits["is_binding"] & (limits["limit"] != MOQ)
    fold = None if is_grave.any() else "fold.limits"
    return show_table(
        ordered, lang, columns=LIMIT_COLUMNS, empty_term="", first=NEXT, fold_term=fold
    )


def _taken_first(frame: pd.DataFrame, ship: pd.DataFrame) -> pd.DataFrame:
    taken = pd.MultiIndex.from_frame(ship[LANE])
    return frame.assign(is_taken=pd.MultiIndex.from_frame(frame[LANE]).isin(taken))


def _with_lane_money(lanes: pd.DataFrame, ship: pd.DataFrame, ways: pd.DataFrame) -> pd.DataFrame:
    sent = ship.groupby(KEYS, as_index=False)["units"].sum()
    rows = ways.merge(sent, on=KEYS)
    is_closed = rows["reason"].str.startswith(FORBIDDEN)
    freight = rows["unit_freight_cost"] + rows["unit_surcharge_cost"]
    money = rows[LANE].assign(
        lane_freight_cost=freight * rows["units"],
        lane_landed_cost=rows["landed_cost"] * rows["units"],
    )
    sums = money[~is_closed].groupby(LANE).agg(lambda column: column.sum(skipna=False))
    told = lanes.merge(sums.reset_index(), on=LANE, how="left")
    left_out = rows[is_closed].groupby(LANE)["sku"].nunique()
    counts = left_out.reindex(pd.MultiIndex.from_frame(told[LANE])).fillna(0).astype(int)
    words = [f";reason.lane_without|count={count}" if count else "" for count in counts]
    return told.assign(reason=told["reason"] + words)


def _limit_place(row: object, lang: str) -> str:
    told = tell_word(row.place, "mode", lang) if row.limit == "mode_cbm" else tell_text(row.place)
    return told or (say(f"market.{row.market}", lang) if row.market else say("market.any", lang))


def _amounts(limits: pd.DataFrame, name: str, lang: str) -> list[str]:
    units = limits["unit"]
    return [_amount(value, unit, lang) for value, unit in zip(limits[name], units, strict=True)]


def _amount(value: float, unit: str, lang: str) -> str:
    if is_missing(value):
        return say("word.unknown", lang)
    term = f"unit.{unit}"
    if not is_known(term):
        return tell_number(value, "_cost", lang, unit, decimals=0)
    column = "_cbm" if unit == "cbm" else "_units"
    return f"{tell_number(value, column, lang)} {say(term, lang)}"

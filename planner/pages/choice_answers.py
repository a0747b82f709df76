"""Sentences with which sections of notebook 03 begin that hold a choice still open.

Wait or ship at once, limits, channels, warehouses, exits of leftovers, routes of returns. Every
sentence is a term of the glossary filled with figures of the tables.
"""

import pandas as pd

from planner.pages.big_numbers import counted, listed, money, named, percent, spoken
from planner.pages.blocks import Block
from planner.pages.kinds import tell_text
from planner.pages.reasons import tell_reason
from planner.pages.stock_blocks import KEYS, LEAST_UNITS, taken_exits
from planner.pages.telling import tell, tell_date, tell_number
from planner.words import is_known, say

STUCK = "reason.room_for_stuck"
"""What a limit says of goods that hold its room and may not leave."""


def option_answer(option: pd.DataFrame, lang: str) -> Block:
    """Return whether to hold goods back for news; where not, the reasons counted.

    Parameters
    ----------
    option : DataFrame
        Table `FreightOptions`.
    lang : {"zh", "en"}
    """
    if option.empty:
        return spoken([say("empty.option", lang)], lang)
    pays = option[option["option_profit"] > 0].sort_values("option_profit", ascending=False)
    rest = option.drop(pays.index)
    reasons = rest["reason"].str.split(r"[|;]").str[0].str.removeprefix("reason.")
    known = reasons[[is_known(f"why.{reason}") for reason in reasons]]
    facts = {"count": len(rest), "reasons": counted(known, "why", lang)}
    if pays.empty:
        return spoken([say("answer.option_none", lang, **facts)], lang)
    best = pays.iloc[0]
    told = say(
        "answer.option_pays",
        lang,
        count=len(pays),
        gain=money(pays["option_profit"].sum(), best["currency"], lang),
        sku=tell_text(best["sku"]),
        now=tell_number(best["now_units"], "_units", lang),
        slow=tell(best["slow_mode"], "mode", lang),
        fast=tell(best["fast_mode"], "mode", lang),
        held=tell_number(best["held_units"], "_units", lang),
        day=tell_date(best["decide_on"], "decide_on", lang),
    )
    return spoken([told, say("answer.option_rest", lang, **facts) if len(rest) else ""], lang)


def limits_answer(limits: pd.DataFrame, lang: str) -> Block:
    """Return which limit holds the order back, and how much room the fullest has left.

    Parameters
    ----------
    limits : DataFrame
        Table `LimitPrices`.
    lang : {"zh", "en"}
    """
    caps, packs = limits[limits["limit"] != "moq"], limits[limits["limit"] == "moq"]
    binding = caps[caps["is_binding"]]
    sentences = [say("answer.limits_none", lang)] if caps.empty else []
    if len(binding):
        names = [say(f"limit.{name}", lang).lower() for name in binding["limit"].drop_duplicates()]
        sentences = [say("answer.limits_bind", lang, limits=listed(names, lang))]
    elif len(caps):
        used = (caps["used"] / caps["cap"]).where(caps["cap"] > 0)
        fullest = caps.loc[used.idxmax(), "limit"] if used.notna().any() else caps["limit"].iloc[0]
        name, share = say(f"limit.{fullest}", lang), percent(used.max(), lang)
        sentences = [say("answer.limits_room", lang, limit=name, share=share)]
    stuck = caps["reason"].str.extract(f"({STUCK}[^;]*)")[0].dropna()
    sentences += [say("answer.limits_stuck", lang, told=tell_reason(told, lang)) for told in stuck]
    raised = packs[packs["is_binding"]]
    if len(raised):
        names = named(raised.rename(columns={"place": "sku"}), lang)
        sentences.append(say("answer.limits_moq", lang, skus=names))
    return spoken(sentences, lang)


def moves_answer(placement: pd.DataFrame, lang: str) -> Block:
    """Return what to move before buying, and what the moves cost.

    Parameters
    ----------
    placement : DataFrame
        Table `Placement`.
    lang : {"zh", "en"}
    """
    moved = placement[(placement["move"] == "transfer") & (placement["units"] > 0)]
    if moved.empty:
        return spoken([say("empty.moves", lang)], lang)
    units = tell_number(moved["units"].sum(), "_units", lang)
    cost = money(moved["move_cost"].sum(skipna=False), moved["currency"].iloc[0], lang)
    return spoken(
        [say("answer.moves", lang, units=units, skus=named(moved, lang), cost=cost)], lang
    )


def channels_answer(channels: pd.DataFrame, pools: pd.DataFrame, lang: str) -> Block:
    """Return how channels should share each warehouse, and what that gains over a fixed split.

    Parameters
    ----------
    channels, pools : DataFrame
        Tables `ChannelPlan` and `PoolWorth`.
    lang : {"zh", "en"}
    """
    if channels.empty:
        return spoken([say("empty.channels", lang)], lang)
    protected = channels[channels["protected_units"] > 0]
    sentences = [_best_pool(pool, lang) for _, pool in pools.groupby(["market", "warehouse"])]
    facts = {"skus": named(protected, lang), "channels": _channels(protected, lang)}
    if len(protected):
        sentences.append(say("answer.channels_protect", lang, **facts))
    return spoken(sentences or [say("answer.channels_unpriced", lang)], lang)


def warehouses_answer(warehouses: pd.DataFrame, lang: str) -> Block:
    """Return which kind of warehouse is cheapest at today's orders, by market.

    Parameters
    ----------
    warehouses : DataFrame
        Table `WarehouseChoice`.
    lang : {"zh", "en"}
    """
    best = warehouses[warehouses["is_cheapest"] & warehouses["total_cost"].notna()]
    sentences = [
        say(
            "answer.warehouse",
            lang,
            market=say(f"market.{row.market}", lang),
            orders=tell_number(row.monthly_orders, "monthly_orders", lang, decimals=0),
            kind=tell(row.kind, "kind", lang),
            cost=money(row.total_cost, row.currency, lang),
        )
        for row in best.itertuples()
    ]
    unknown = warehouses.loc[warehouses["total_cost"].isna(), "kind"].drop_duplicates()
    if len(unknown):
        kinds = listed([tell(kind, "kind", lang) for kind in unknown], lang)
        sentences.append(say("answer.warehouse_unknown", lang, kinds=kinds))
    return spoken(sentences or [say("empty.table", lang)], lang)


def exits_answer(exits: pd.DataFrame, plan: pd.DataFrame, lang: str) -> Block:
    """Return how much is expected to be left over, where it goes and what it brings back.

    Parameters
    ----------
    exits, plan : DataFrame
        Tables `Exits` and `StockPlan`.
    lang : {"zh", "en"}
    """
    left = plan[(plan["leftover_units"] >= LEAST_UNITS) & (plan["grade"] != "D")]
    if left.empty:
        return spoken([say("empty.exits", lang)], lang)
    taken = taken_exits(exits, plan)
    units = taken.groupby("exit")["exit_units"].sum().sort_values(ascending=False)
    ways = listed(
        [
            f"{say(f'exit.{name}', lang)} {tell_number(count, '_units', lang)}"
            for name, count in units.items()
        ],
        lang,
    )
    revenue = (taken["exit_units"] * taken["unit_revenue"]).sum(min_count=1)
    total = left["leftover_units"].sum()
    told = [
        say("answer.exits", lang, left=tell_number(total, "_units", lang), count=len(left)),
        say(
            "answer.exits_ways",
            lang,
            ways=ways,
            revenue=money(revenue, left["currency"].iloc[0], lang),
        )
        if len(taken)
        else "",
    ]
    blind = exits[exits["is_open"] & exits["unit_revenue"].isna()].merge(left[KEYS], on=KEYS)
    placed = taken.groupby(KEYS, as_index=False)["exit_units"].sum()
    rows = left.merge(placed, on=KEYS, how="left").fillna({"exit_units": 0.0})
    is_blind = pd.MultiIndex.from_frame(rows[KEYS]).isin(pd.MultiIndex.from_frame(blind[KEYS]))
    is_blind |= rows["expected_profit"].isna().to_numpy()
    over = rows["leftover_units"] - rows["exit_units"]
    for term, units in (("exits_unpriced", over[is_blind]), ("exits_stuck", over[~is_blind])):
        if units.sum() >= LEAST_UNITS:
            told.append(say(f"answer.{term}", lang, units=tell_number(units.sum(), "_units", lang)))
    return spoken(told, lang)


def routes_answer(routes: pd.DataFrame, lang: str) -> Block:
    """Return what to do with what comes back, and for how many SKUs nobody can tell yet.

    Parameters
    ----------
    routes : DataFrame
        Table `ReturnRoutes`.
    lang : {"zh", "en"}
    """
    if routes.empty:
        return spoken([say("empty.routes", lang)], lang)
    best = routes[routes["is_best"]]
    coming = routes.drop_duplicates(KEYS)["units"].sum()
    sentences = [say("answer.routes", lang, units=tell_number(coming, "_units", lang))]
    if len(best):
        counts = counted(best["route"], "route", lang)
        sentences.append(say("answer.routes_best", lang, counts=counts))
    open_skus = len(routes[KEYS].drop_duplicates()) - len(best[KEYS].drop_duplicates())
    if open_skus:
        sentences.append(
            say("answer.routes_open", lang, count=open_skus, what=_lacking(routes, lang))
        )
    return spoken(sentences, lang)


def _best_pool(pool: pd.DataFrame, lang: str) -> str:
    best = pool[pool["is_best"]]
    if best.empty:
        return ""
    row = best.iloc[0]
    split = pool.loc[pool["pooling"] == "split", "expected_profit"]
    gain = row["expected_profit"] - split.iloc[0] if len(split) else float("nan")
    return say(
        "answer.channels",
        lang,
        warehouse=tell_text(row["warehouse"]),
        pooling=tell(row["pooling"], "pooling", lang),
        gain=money(gain, row["currency"], lang),
    )


def _channels(rows: pd.DataFrame, lang: str) -> str:
    return listed([tell_text(name) for name in rows["channel"].drop_duplicates()], lang)


def _lacking(routes: pd.DataFrame, lang: str) -> str:
    """Return what the routes of SKUs without a best one lack, in words."""
    has_best = routes.groupby(KEYS)["is_best"].transform("any").astype(bool)
    terms = routes.loc[~has_best, "reason"].str.extract(r"what=([^|;]+)")[0].dropna()
    names = terms.str.split(",").explode().drop_duplicates()
    return listed([say(name, lang) for name in names if is_known(name)], lang)

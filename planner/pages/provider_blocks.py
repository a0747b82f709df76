"""Blocks of the provider's overview: what to do first, who is ready, money, capacity, losses.

Sellers are told by name. Nothing here stands on a page of a seller.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from planner.frozen import Words
from planner.pages.big_numbers import listed
from planner.pages.blocks import Block, show_note, show_table
from planner.pages.cards import alert_card
from planner.pages.charts_provider import lane_name
from planner.pages.kinds import tell_text
from planner.pages.telling import DASH
from planner.words import say

MISSED = "review_missed"
"""A thing whose money was missed, not at risk."""
FIRST = 3
"""Things that a provider settles first; the rest folds up."""
MOST = 40
"""Things that the page holds at most."""
STATE_COLUMNS = [
    "seller", "seller_state", "last_step", "looked_on", "next_due", "due_on", "days_left",
    "stop_count", "reason",
]  # fmt: skip
RISK_COLUMNS = [
    "seller", "price_lock_cost", "gates_cost", "others_cost", "risk_cost", "unknown_count",
]  # fmt: skip
LANE_COLUMNS = [
    "lane", "week_on", "n_sellers", "units", "weight_kg", "volume_cbm", "unmeasured_units",
    "cap_cbm", "is_too_much", "reason",
]  # fmt: skip
REGRET_COLUMNS = [
    "seller", "market", "sku", "cause", "regret_profit", "shared_profit", "missed_units",
    "left_units", "cause_facts",
]  # fmt: skip
PROFIT_COLUMNS = [
    "seller", "planned_profit", "actual_profit", "best_profit", "gap_profit", "cause",
    "cause_profit", "open_count", "left_out_count",
]  # fmt: skip
DUE_COLUMNS = ("next_due", "due_on", "days_left")
"""Of a seller that has a deadline ahead."""
CAUSE_COLUMNS = ["cause", "n_sellers", "regret_profit", "share_rate"]

Names = Mapping[str, Words]


def show_first(things: pd.DataFrame, names: Names, lang: str) -> Block:
    """Return what to do first over all sellers, as cards; the three most pressing open.

    Parameters
    ----------
    things : DataFrame
        Table `FirstThings`.
    names : Mapping
    lang : {"zh", "en"}

    Raises
    ------
    ConfigError
        If the glossary lacks a thing or what to do about it.
    """
    shown = things.head(MOST)
    items = [_card(row, names, lang) for row in shown.to_dict("records")]
    folded = len(items) - FIRST if len(items) > FIRST + 1 else 0
    empty = "" if items else say("empty.first_things", lang)
    return Block(
        "alerts",
        {
            "lang": lang,
            "items": items,
            "shown": len(items) - folded,
            "folded": say("page.more_alerts", lang, count=folded) if folded else "",
            "counts": [],
            "empty": empty,
        },
    )


def show_states(states: pd.DataFrame, names: Names, lang: str) -> Block:
    """Return how far each seller has come and what it waits for.

    Parameters
    ----------
    states : DataFrame
        Table `SellerStates`.
    names : Mapping
    lang : {"zh", "en"}
    """
    is_due = states["due_on"].notna().any()
    shown = [name for name in STATE_COLUMNS if is_due or name not in DUE_COLUMNS]
    if (states["seller_state"] == "ended").all():
        shown.remove("stop_count")
    return show_table(_named(states, names, lang), lang, columns=shown)


def show_risks(risks: pd.DataFrame, names: Names, lang: str, *, profits: pd.DataFrame) -> Block:
    """Return the money that open alerts put at risk, each seller in its own currency.

    Parameters
    ----------
    risks : DataFrame
        Table `SellerRisks`.
    names : Mapping
    lang : {"zh", "en"}
    profits : DataFrame
        Table `SellerProfits`: where it tells money, an empty table needs no word.
    """
    told = _named(risks, names, lang)
    empty = "" if len(profits) else "empty.seller_risks"
    return show_table(told, lang, columns=RISK_COLUMNS, empty_term=empty)


def show_profits(profits: pd.DataFrame, names: Names, lang: str) -> Block:
    """Return what each reviewed seller earned and missed, and why, in its own currency.

    Parameters
    ----------
    profits : DataFrame
        Table `SellerProfits`.
    names : Mapping
    lang : {"zh", "en"}
    """
    told = _named(profits, names, lang)
    told["cause"] = told["cause"].where(told["cause"] != "", None)
    is_planned = bool(told["planned_profit"].notna().any())
    shown = [name for name in PROFIT_COLUMNS if is_planned or name != "planned_profit"]
    return show_table(told, lang, columns=shown, empty_term="")


def show_rates(rates: pd.DataFrame, lang: str) -> Block:
    """Return one sentence: in which currency sums are told and at which rates, or why in none.

    Parameters
    ----------
    rates : DataFrame
        Table `SharedRates`; sellers of one currency may tell different rates.
    lang : {"zh", "en"}
    """
    shared = "" if rates.empty else str(rates["currency"].iloc[0])
    if not shared:
        told = sorted(set(rates["own_currency"]))
        return show_note("overview.no_rate", lang, currencies=listed(told, lang), tone="warn")
    others = rates[rates["own_currency"] != shared]
    parts = []
    for own, part in others.groupby("own_currency"):
        ends = dict.fromkeys(
            f"{end:,.4g}" for end in (part["fx_ratio"].min(), part["fx_ratio"].max())
        )
        facts = {"shared": shared, "ratio": DASH.join(ends), "own": own, "n": len(part)}
        parts.append(say("overview.rate", lang, **facts))
    told = {"shared": shared, "rates": listed(parts, lang)}
    return show_note("overview.rates" if parts else "overview.one_currency", lang, **told)


def show_lanes(asked: pd.DataFrame, lang: str) -> Block:
    """Return what is asked of each lane, week by week.

    Parameters
    ----------
    asked : DataFrame
        Table `CapacityAsked`.
    lang : {"zh", "en"}
    """
    rows = asked[asked["place_kind"] == "lane"]
    pairs = zip(rows["market"], rows["place"], strict=True)
    told = rows.assign(lane=[lane_name(market, mode, lang) for market, mode in pairs])
    return show_table(told, lang, columns=LANE_COLUMNS, empty_term="empty.capacity")


def show_warehouses_asked(asked: pd.DataFrame, lang: str) -> Block:
    """Return what is asked of each warehouse, week by week.

    Parameters
    ----------
    asked : DataFrame
        Table `CapacityAsked`.
    lang : {"zh", "en"}
    """
    rows = asked[asked["place_kind"] == "warehouse"]
    pairs = zip(rows["market"], rows["place"], strict=True)
    told = rows.assign(
        warehouse=[f"{say(f'market.{market}', lang)} · {place}" for market, place in pairs]
    )
    columns = ["warehouse", *LANE_COLUMNS[1:-2], "cap_units", *LANE_COLUMNS[-2:]]
    return show_table(told, lang, columns=columns, empty_term="empty.capacity")


def show_seller_regrets(regrets: pd.DataFrame, names: Names, lang: str) -> Block:
    """Return the largest losses by SKU over all sellers, in their own currency and one shared.

    Parameters
    ----------
    regrets : DataFrame
        Table `SellerRegrets`.
    names : Mapping
    lang : {"zh", "en"}
    """
    told = _named(regrets, names, lang).rename(columns={"reason": "cause_facts"})
    is_idle = regrets["shared_profit"].isna() | (regrets["currency"] == regrets["shared_currency"])
    shown = [name for name in REGRET_COLUMNS if name != "shared_profit" or not is_idle.all()]
    return show_table(told, lang, columns=shown, empty_term="empty.seller_regrets")


def show_causes(causes: pd.DataFrame, lang: str) -> Block:
    """Return what each cause cost over all sellers.

    Parameters
    ----------
    causes : DataFrame
        Table `CauseTotals`.
    lang : {"zh", "en"}
    """
    return show_table(causes, lang, columns=CAUSE_COLUMNS, empty_term="")


def show_without(term: str, sellers: Sequence[str], names: Names, lang: str) -> Block:
    """Return one sentence naming the sellers that have no such table, or that all have it.

    Parameters
    ----------
    term : str
        `overview.<what>`; the glossary also holds `overview.<what>_all`.
    sellers : sequence of str
        As `Overview.without` returns them.
    names : Mapping
    lang : {"zh", "en"}
    """
    if not sellers:
        return show_note(f"{term}_all", lang)
    told = [tell_text(names[seller].say(lang)) for seller in sellers]
    return show_note(term, lang, sellers=listed(told, lang), count=len(told), tone="warn")


def _named(frame: pd.DataFrame, names: Names, lang: str) -> pd.DataFrame:
    return frame.assign(seller=[tell_text(names[seller].say(lang)) for seller in frame["seller"]])


def _card(row: Mapping[str, object], names: Names, lang: str) -> dict[str, str]:
    card = alert_card(row, lang)
    seller = tell_text(names[str(row["seller"])].say(lang))
    where = [part for part in (seller, card["where"]) if part]
    label = {"risk_label": say("gap_profit", lang)} if row["code"] == MISSED else {}
    return card | label | {"where": " · ".join(where)}

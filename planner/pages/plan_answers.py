"""Sentences with which sections of notebook 03 begin: what to do, by when, for how much.

Every sentence is a term of the glossary filled with figures of the tables; a figure that is not
known is called unknown, and SKUs of grade D never enter a sum.
"""

import pandas as pd

from planner.pages.big_numbers import NAMED, chance, counted, listed, money, named, spoken
from planner.pages.blocks import Block
from planner.pages.kinds import is_missing, tell_text
from planner.pages.plan_blocks import FORBIDDEN, KEYS, LANE
from planner.pages.reasons import tell_reason
from planner.pages.telling import tell, tell_date, tell_number
from planner.words import say

BY_UNITS = "units"
"""The decision that names a number of units."""
STOPPED = ("drop", "hold")


def decisions_answer(meeting: pd.DataFrame, lang: str) -> Block:
    """Return which decisions of people the plan follows, and which it could not.

    Parameters
    ----------
    meeting : DataFrame
        Table `MeetingSheet`.
    lang : {"zh", "en"}
    """
    made = meeting[meeting["decision"] != ""]
    if made.empty:
        return spoken([say("answer.decisions_none", lang)], lang)
    wanted = made["decided_units"].mask(made["decision"].isin(STOPPED), 0)
    is_met = wanted.isna() | (wanted == made["order_units"])
    sentences = []
    for term, part in (("answer.decisions", made[is_met]), ("answer.decisions_not", made[~is_met])):
        told = listed([_decision(row, lang) for row in part.itertuples()], lang)
        sentences.append(say(term, lang, count=len(part), list=told) if len(part) else "")
    return spoken(sentences, lang)


def book_answer(ship: pd.DataFrame, deadlines: pd.DataFrame, lang: str) -> Block:
    """Return what to book first, by which day, and what must wait for its papers.

    Parameters
    ----------
    ship, deadlines : DataFrame
        Tables `ShipLines` and `Deadlines`.
    lang : {"zh", "en"}
    """
    if ship.empty:
        return spoken([say("answer.book_nothing", lang)], lang)
    first = ship.sort_values(["produce_by", "ship_by"], kind="stable").iloc[0]
    batch = ship[(ship[LANE] == first[LANE]).all(axis=1)]
    due = deadlines[(deadlines["deadline"] == "produce_by") & (deadlines["mode"] == first["mode"])]
    left = due.loc[due["market"] == first["market"], "days_left"]
    facts = {
        "mode": tell(first["mode"], "mode", lang),
        "units": tell_number(batch["units"].sum(), "_units", lang),
        "skus": batch["sku"].nunique(),
        "order_by": tell_date(first["produce_by"], "produce_by", lang),
        "ship_by": tell_date(first["ship_by"], "ship_by", lang),
        "days": tell_number(left.min(), "_days", lang) if len(left) else say("word.unknown", lang),
    }
    is_ready = first["produce_by"] == first["ship_by"]
    held = ship[ship["block_reason"] != ""]
    others = len(ship[LANE].drop_duplicates()) - 1
    units = tell_number(held["units"].sum(), "_units", lang)
    return spoken(
        [
            say("answer.book_ready" if is_ready else "answer.book", lang, **facts),
            say("answer.book_more", lang, count=others) if others else "",
            say("answer.book_held", lang, units=units, skus=named(held, lang)) if len(held) else "",
        ],
        lang,
    )


def stake_answer(
    plan: pd.DataFrame, rules: pd.DataFrame, lang: str, position: pd.DataFrame | None = None
) -> Block:
    """Return what the plan is expected to bring, to miss and to leave, and where it may lose.

    Parameters
    ----------
    plan, rules : DataFrame
        Tables `StockPlan` and `RuleComparison`; the latter gives the profit that 5 % of worlds
        fall below, for SKUs whose order is the one that their rule asks for.
    lang : {"zh", "en"}
    position : DataFrame, optional
        Table `StockPosition`: what is left of goods that land while the campaign runs.
    """
    sure = plan[plan["grade"] != "D"]
    if sure.empty:
        return spoken([say("empty.all_d", lang)], lang)
    unknown = int(sure["expected_profit"].isna().sum())
    is_bare = (sure["rule"] == "profit") & (sure["buffer_units"] == 0)
    currency = sure["currency"].iloc[0]
    profit = money(sure["expected_profit"].sum(min_count=1), currency, lang)
    facts = {
        "profit": profit,
        "lost": tell_number(sure["lost_units"].sum(), "_units", lang),
        "left": tell_number(sure["leftover_units"].sum(), "_units", lang),
    }
    held = rules.drop(columns="order_units").assign(asked=rules["order_units"])
    same = sure.merge(held[[*KEYS, "rule", "asked", "low_profit"]], on=[*KEYS, "rule"])
    same = same[(same["order_units"] == same["asked"]) & (same["order_units"] > 0)]
    losing = same[same["low_profit"] < 0].sort_values("low_profit")
    worst = ""
    if len(losing):
        loss = money(-losing["low_profit"].iloc[0], currency, lang)
        sku = tell_text(losing["sku"].iloc[0])
        worst = say("answer.stake_bad", lang, count=len(losing), skus=len(same), sku=sku, loss=loss)
    return spoken(
        [
            say("answer.stake", lang, **facts),
            _midway(position, lang),
            worst,
            say("answer.stake_unknown", lang, count=unknown) if unknown else "",
            say("answer.no_buffer", lang) if is_bare.any() else "",
        ],
        lang,
    )


def gates_answer(gates: pd.DataFrame, lang: str) -> Block:
    """Return which SKUs must not be ordered, which not be shipped, and what that saves.

    Parameters
    ----------
    gates : DataFrame
        Table `Gates`.
    lang : {"zh", "en"}
    """
    rows = gates[gates["state"] != "passed"]
    stopped = {kind: rows[rows["blocks"] == kind] for kind in ("order", "ship")}
    sentences = [
        say(f"answer.gates_{kind}", lang, skus=named(part, lang))
        for kind, part in stopped.items()
        if len(part)
    ]
    saved = rows.loc[rows["blocks"] != "", [*KEYS, "saved_cost"]].groupby(KEYS)["saved_cost"].max()
    if saved.sum() > 0:
        loss = money(saved.sum(), rows["currency"].iloc[0], lang)
        sentences.append(say("answer.gates_saved", lang, loss=loss))
    rest = int((rows["blocks"] == "").sum())
    if not sentences:
        sentences = [say("answer.gates_free", lang)]
    return spoken([*sentences, say("answer.gates_rest", lang, count=rest) if rest else ""], lang)


def locks_answer(locks: pd.DataFrame, lang: str) -> Block:
    """Return how many prices can be locked as they are, and the one that loses most.

    Parameters
    ----------
    locks : DataFrame
        Table `PriceLocks`.
    lang : {"zh", "en"}
    """
    if locks.empty:
        return spoken([say("empty.locks", lang)], lang)
    days = locks["settle_by"].dropna()
    day = tell_date(days.min(), "settle_by", lang) if len(days) else say("word.unknown", lang)
    counts = counted(locks["advice"], "advice", lang)
    losing = locks[locks["mean_unit_profit"] < 0].sort_values("mean_unit_profit")
    worst = ""
    if len(losing):
        row = losing.iloc[0]
        loss, price = (
            money(value, row["currency"], lang)
            for value in (-row["mean_unit_profit"], row["least_price"])
        )
        worst = say("answer.locks_worst", lang, sku=tell_text(row["sku"]), loss=loss, price=price)
    return spoken([say("answer.locks", lang, day=day, counts=counts), worst], lang)


def lanes_answer(options: pd.DataFrame, ship: pd.DataFrame, ways: pd.DataFrame, lang: str) -> Block:
    """Return how sure the ways are that the plan takes, which are too late, which are closed.

    Parameters
    ----------
    options, ship, ways : DataFrame
        Tables `LaneOptions`, `ShipLines` and `SkuWays`: which goods a lane does not take at all.
    lang : {"zh", "en"}
    """
    taken = options.merge(ship[LANE].drop_duplicates(), on=LANE).sort_values("ship_by")
    sentences = [
        say(
            "answer.lane",
            lang,
            mode=name,
            slack=row.slack_days,
            chance=chance(row.on_time_rate, lang),
        )
        for row, name in zip(taken.itertuples(), _lanes(taken, options, lang), strict=True)
    ]
    late = options[~options["is_feasible"]]
    if len(late):
        modes = listed(_lanes(late, options, lang), lang)
        sentences.append(say("answer.lanes_late", lang, modes=modes))
    sentences = sentences or [say("answer.lanes_free", lang)]
    return spoken(sentences + _closed(ways, lang), lang)


def facts_answer(facts: pd.DataFrame, lang: str) -> Block:
    """Return how many facts nobody can bound, then which other to fetch first, and its worth.

    Parameters
    ----------
    facts : DataFrame
        Table `MissingFacts`.
    lang : {"zh", "en"}
    """
    priced = facts[facts["worth_profit"] > 0].sort_values("worth_profit", ascending=False)
    unknown = facts.loc[facts["worth_profit"].isna(), "fact"].drop_duplicates()
    sentences = []
    if len(unknown):
        names = listed([tell(fact, "fact", lang) for fact in unknown[:NAMED]], lang)
        sentences.append(say("answer.facts_unknown", lang, count=len(unknown), facts=names))
    if len(priced):
        best = priced.iloc[0]
        worth = money(best["worth_profit"], best["currency"], lang)
        name = tell(best["fact"], "fact", lang)
        where = f" {tell_text(best['sku'])}" if best["sku"] else ""
        sentences.append(say("answer.facts_first", lang, fact=f"{name}{where}", worth=worth))
    return spoken(sentences or [say("empty.facts", lang)], lang)


def _midway(position: pd.DataFrame | None, lang: str) -> str:
    left = 0.0 if position is None else position["later_left_units"].sum()
    if left < 1:
        return ""
    return say("answer.stake_midway", lang, units=tell_number(left, "_units", lang))


def papers_answer(papers: pd.DataFrame, lang: str) -> Block:
    """Return how many papers of provider and contract are there, and which were never spoken of.

    Parameters
    ----------
    papers : DataFrame
        Table `PaperChecks`.
    lang : {"zh", "en"}
    """
    lacking = papers[papers["state"] != "passed"]
    if lacking.empty:
        return spoken([say("answer.papers_all", lang, count=len(papers))], lang)
    names = listed([tell(paper, "paper", lang) for paper in lacking["paper"][:NAMED]], lang)
    facts = {"passed": len(papers) - len(lacking), "count": len(papers), "lacking": len(lacking)}
    return spoken([say("answer.papers", lang, papers=names, **facts)], lang)


def quote_answer(quote: pd.DataFrame, lang: str) -> Block:
    """Return what a forwarder will ask for that is not filled in yet.

    Parameters
    ----------
    quote : DataFrame
        Table `QuoteRequest`.
    lang : {"zh", "en"}
    """
    asked = quote.loc[~quote["is_known"], "field"].drop_duplicates()
    if asked.empty:
        return spoken([say("answer.quote_ready", lang, count=len(quote))], lang)
    names = listed([tell_reason(field, lang) for field in asked], lang)
    return spoken([say("answer.quote", lang, count=len(asked), fields=names)], lang)


def _decision(row: object, lang: str) -> str:
    what = say(f"decision.{row.decision}", lang)
    if row.decision == BY_UNITS and not is_missing(row.decided_units):
        what = f"{what} {tell_number(row.decided_units, '_units', lang)}"
    who = tell_text(row.owner) or say("word.unknown", lang)
    return say("answer.decided", lang, sku=tell_text(row.sku), what=what, who=who)


def _closed(ways: pd.DataFrame, lang: str) -> list[str]:
    """Return which goods may not go which way, whether or not the plan sends them so."""
    rows = ways[ways["reason"].str.startswith(FORBIDDEN)]
    why = rows["reason"].str.split(";").str[0]
    return [
        say("answer.closed", lang, why=tell_reason(str(reason), lang), count=len(skus.unique()),
            skus=listed([tell_text(sku) for sku in skus.unique()], lang))
        for reason, skus in rows.groupby(why, sort=True)["sku"]
    ]  # fmt: skip


def _lanes(rows: pd.DataFrame, options: pd.DataFrame, lang: str) -> list[str]:
    """Return what to call each lane: its mode, and its market where there are several."""
    modes = [tell(mode, "mode", lang) for mode in rows["mode"]]
    if options["market"].nunique() < 2:
        return modes
    places = [say(f"market.{market}", lang) for market in rows["market"]]
    return [f"{place} · {mode}" for place, mode in zip(places, modes, strict=True)]

"""The answer of each notebook: one sentence, three or four big numbers, the evidence.

A review meeting reads only this. A step before its time says so; a figure that
is not known is called unknown, and SKUs of grade D never enter a sum.
"""

from typing import Any

import pandas as pd

from planner.pages.big_numbers import BETWEEN_SENTENCES, answer, big_number, early, percent
from planner.pages.blocks import Block
from planner.pages.headline_clean import clean_headline
from planner.pages.headline_forecast import forecast_headline
from planner.pages.kinds import tell_text
from planner.pages.summary import summary
from planner.pages.telling import tell_date, tell_number, tell_range
from planner.words import say

__all__ = [
    "clean_headline",
    "forecast_headline",
    "plan_headline",
    "review_headline",
    "summary",
    "track_headline",
]


def plan_headline(
    plan: pd.DataFrame,
    ship: pd.DataFrame,
    costs: pd.DataFrame,
    alerts: pd.DataFrame,
    lang: str,
    currency: str | None = None,
) -> Block:
    """Return the decision: units to order, money, the first day by which goods must leave.

    Parameters
    ----------
    plan, ship, costs, alerts : DataFrame
        Tables `StockPlan`, `ShipLines`, `CostLines` and `Alerts`.
    lang : {"zh", "en"}
    currency : str, optional
        Without it that of the costs.
    """
    if plan.empty:
        return early("head.plan_empty", lang)
    told = summary(plan, None, alerts, costs, ship=ship)
    units = tell_number(told["order_units"], "order_units", lang)
    first = told["first_ship_by"] or say("word.unknown", lang)
    mode = say(f"mode.{told['first_mode']}", lang) if told["first_mode"] else ""
    stops = told["alerts"]["stop"]
    numbers = [
        big_number(
            "order_units", units, lang, note=_unsure_note(plan, lang), unit_term="unit.units"
        ),
        _cost_number(told, currency or told["currency"], lang),
        big_number("head.first_ship_by", first, lang, note=mode),
        big_number(
            "head.stops", tell_number(stops, "count", lang), lang, tone="stop" if stops else ""
        ),
    ]
    term = "head.plan" if told["order_units"] else "head.plan_nothing"
    if told["order_units"] and not told["first_ship_by"]:
        term = "head.plan_no_date"
    sentence = say(term, lang, units=units, skus=told["order_skus"], day=first, mode=mode)
    if stops:
        sentence += BETWEEN_SENTENCES[lang] + say("head.plan_stops", lang, count=stops)
    return answer(sentence, numbers, lang, grades=told["grades"], tone="stop" if stops else "")


def track_headline(status: pd.DataFrame, lang: str) -> Block:
    """Return where the campaign stands today and how many SKUs need a hand.

    Parameters
    ----------
    status : DataFrame
        Table `TrackStatus`; empty before the campaign starts.
    lang : {"zh", "en"}
    """
    if status.empty:
        return early("head.track_early", lang)
    sold, planned = status["units_to_date"].sum(), status["planned_to_date"].sum(min_count=1)
    pace = sold / planned if planned and pd.notna(planned) else float("nan")
    to_do = status[~status["action"].isin(["none", "watch"])]
    urgent = to_do["act_by"].min()
    numbers = [
        big_number("head.sold", tell_number(sold, "_units", lang), lang, unit_term="unit.units"),
        big_number("head.pace", percent(pace, lang), lang),
        big_number("head.to_replenish", _count(status, "replenish"), lang),
        big_number("head.to_slow", _count(status, "slow_down", "clear"), lang),
    ]
    facts = {
        "day": tell_date(status["as_of"].max(), "as_of", lang),
        "pace": percent(pace, lang),
        "count": len(to_do),
        "by": tell_date(urgent, "act_by", lang) if pd.notna(urgent) else say("act_by.none", lang),
    }
    term = "head.track_act" if len(to_do) else "head.track_calm"
    return answer(say(term, lang, **facts), numbers, lang)


def review_headline(measures: pd.DataFrame, outcome: pd.DataFrame, lang: str) -> Block:
    """Return how the campaign ended: demand against forecast, units missed, units left.

    Parameters
    ----------
    measures, outcome : DataFrame
        Tables `OutcomeMeasures` and `Outcome`; empty before the campaign is over.
    lang : {"zh", "en"}

    Notes
    -----
    Off forecast is `(forecast - demand) / demand`, above 0 where the forecast was too high: the
    sign and the SKUs of the measure `forecast_bias`, those whose forecast and demand are known.
    """
    if outcome.empty:
        return early("head.review_early", lang)
    lost = outcome["lost_units"].sum(min_count=1)
    sold = outcome["campaign_units"].sum(min_count=1)
    demand = outcome["actual_units"].sum() + (lost if pd.notna(lost) else 0)
    off = _forecast_bias(outcome)
    leftover = outcome["leftover_units"].sum(min_count=1)
    numbers = [
        big_number(
            "head.actual_demand",
            tell_number(demand, "_units", lang),
            lang,
            note=say("head.in_campaign", lang, units=tell_number(sold, "_units", lang)),
            unit_term="unit.units",
        ),
        big_number("head.off_forecast", percent(off, lang, sign=True, digits=1), lang),
        big_number("lost_units", tell_number(lost, "_units", lang), lang, unit_term="unit.units"),
        big_number(
            "leftover_units", tell_number(leftover, "_units", lang), lang, unit_term="unit.units"
        ),
    ]
    covered = outcome["is_covered"].dropna()
    facts = {
        "demand": tell_number(demand, "_units", lang),
        "off": percent(abs(off), lang, digits=1),
        "inside": int(covered.sum()),
        "skus": len(covered),
    }
    way = (
        "head.review_unknown"
        if pd.isna(off)
        else "head.review_over"
        if off < 0
        else "head.review_under"
    )
    return answer(say(way, lang, **facts), numbers, lang)


def _forecast_bias(outcome: pd.DataFrame) -> float:
    demand = outcome["actual_units"] + outcome["lost_units"]
    known = outcome["forecast_units"].notna() & demand.notna()
    came, said = demand[known].sum(), outcome.loc[known, "forecast_units"].sum()
    return float((said - came) / came) if came else float("nan")


def _cost_number(told: dict[str, Any], currency: str, lang: str) -> dict[str, str]:
    missing = len(told["cost_unknown_terms"])
    note = say("head.cost_unknown", lang, count=missing) if missing else ""
    if told["cost"] is None:
        return big_number("head.cost", say("word.unknown", lang), lang, note=note)
    value = tell_number(told["cost"], "_cost", lang, decimals=0)
    told_cost = big_number("head.cost", value, lang, note=note, tone="warn" if missing else "")
    return told_cost | {"unit": tell_text(currency)}


def _unsure_note(plan: pd.DataFrame, lang: str) -> str:
    unsure = plan[plan["grade"] == "D"]
    if unsure.empty:
        return ""
    told = tell_range(unsure["low_units"].sum(), unsure["high_units"].sum(), "_units", lang)
    return say("head.range_only", lang, count=len(unsure), range=told)


def _count(status: pd.DataFrame, *actions: str) -> str:
    return tell_number(int(status["action"].isin(actions).sum()), "count", "en")

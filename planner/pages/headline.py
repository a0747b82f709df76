"""The answer of each notebook: one sentence, three or four big numbers, the evidence.

A review meeting reads only this. A step before its time says so; a figure that
is not known is called unknown, and SKUs of grade D never enter a sum.
"""

from typing import Any

import pandas as pd

from planner.pages.big_numbers import BETWEEN_SENTENCES, answer, big_number, early
from planner.pages.blocks import Block
from planner.pages.headline_clean import clean_headline
from planner.pages.headline_forecast import forecast_headline
from planner.pages.headline_review import review_headline
from planner.pages.headline_track import track_headline
from planner.pages.kinds import tell_text
from planner.pages.summary import summary
from planner.pages.telling import tell_number, tell_range
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

"""The answer of each notebook: one sentence, three or four big numbers, the evidence.

A review meeting reads only this. A step before its time says so; a figure that
is not known is called unknown, and SKUs of grade D never enter a sum.
"""

from typing import Any

import pandas as pd

from planner.pages.blocks import NO_LOSS_CODES, Block
from planner.pages.kinds import tell_text
from planner.pages.summary import KEYS, grade_counts, of_skus, summary
from planner.pages.telling import heading, tell_date, tell_number, tell_range
from planner.words import meaning, say

__all__ = [
    "clean_headline",
    "forecast_headline",
    "plan_headline",
    "review_headline",
    "summary",
    "track_headline",
]

BETWEEN_SENTENCES = {"zh": "", "en": " "}


def clean_headline(
    files: pd.DataFrame, rejected: pd.DataFrame, daily: pd.DataFrame, lang: str
) -> Block:
    """Return whether the history can be trusted: rows in and kept, days covered, share lost.

    Parameters
    ----------
    files, rejected, daily : DataFrame
        Tables `Reconciliation`, `RejectedRows` and `DailySales`.
    lang : {"zh", "en"}
    """
    if daily.empty:
        return _early("head.clean_empty", lang)
    rows_in = int(files["rows_in"].sum())
    lost = int((~rejected["code"].isin(NO_LOSS_CODES)).sum())
    lost_rate = lost / rows_in if rows_in else 0.0
    span = (daily["day"].max() - daily["day"].min()).days + 1
    skus = len(daily[KEYS].drop_duplicates())
    facts = {
        "days": span,
        "skus": skus,
        "first": tell_date(daily["day"].min(), "day", lang),
        "last": tell_date(daily["day"].max(), "day", lang),
        "lost": tell_number(lost, "count", lang),
        "rate": f"{lost_rate:.1%}",
    }
    out_rate = float(daily["is_stock_out"].mean())
    return _headline(
        say("head.clean_good" if lost == 0 else "head.clean_lost", lang, **facts),
        [
            _number("head.days_of_history", tell_number(span, "count", lang), lang),
            _number("rows_kept", tell_number(files["rows_kept"].sum(), "count", lang), lang),
            _number("head.lost_rate", facts["rate"], lang, tone="warn" if lost else ""),
            _number("head.stock_out_rate", f"{out_rate:.1%}", lang),
        ],
        lang,
    )


def forecast_headline(forecast: pd.DataFrame, replay: pd.DataFrame, lang: str) -> Block:
    """Return how much will sell and how sure that is.

    Parameters
    ----------
    forecast, replay : DataFrame
        Tables `Forecast` and `Backtest`.
    lang : {"zh", "en"}

    Notes
    -----
    A SKU counts once per market whatever the number of its shops, with the grade of the shop
    that sells most of it; the sums hold all shops of the SKUs that are not of grade D.
    """
    horizon = forecast[forecast["phase"] == "horizon"]
    if horizon.empty:
        return _early("head.forecast_empty", lang)
    skus = of_skus(forecast)
    graded = forecast.drop(columns="grade").merge(skus[[*KEYS, "grade"]], on=KEYS)
    told = graded[graded["grade"] != "D"]
    sure = told[told["phase"] == "horizon"]
    range_told = tell_range(sure["q10_units"].sum(), sure["q90_units"].sum(), "_units", lang)
    mean = tell_number(sure["mean_units"].sum(), "_units", lang)
    in_sale = told.loc[told["phase"] == "sale", "mean_units"].sum()
    numbers = [
        _number("head.demand", mean, lang, note=range_told, unit_term="unit.units"),
        _number(
            "head.demand_in_sale",
            tell_number(in_sale, "_units", lang),
            lang,
            unit_term="unit.units",
        ),
        _number("head.skus", tell_number(len(skus), "count", lang), lang),
    ]
    if len(replay):
        numbers.append(_coverage(replay, lang))
    facts = {
        "units": mean,
        "range": range_told,
        "skus": int((skus["grade"] != "D").sum()),
        "unsure": int((skus["grade"] == "D").sum()),
    }
    term = "head.forecast_d" if facts["unsure"] else "head.forecast"
    return _headline(say(term, lang, **facts), numbers, lang, grades=grade_counts(skus))


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
        return _early("head.plan_empty", lang)
    told = summary(plan, None, alerts, costs, ship=ship)
    units = tell_number(told["order_units"], "order_units", lang)
    first = told["first_ship_by"] or say("word.unknown", lang)
    mode = say(f"mode.{told['first_mode']}", lang) if told["first_mode"] else ""
    stops = told["alerts"]["stop"]
    numbers = [
        _number("order_units", units, lang, note=_unsure_note(plan, lang), unit_term="unit.units"),
        _cost_number(told, currency or told["currency"], lang),
        _number("head.first_ship_by", first, lang, note=mode),
        _number(
            "head.stops", tell_number(stops, "count", lang), lang, tone="stop" if stops else ""
        ),
    ]
    term = "head.plan" if told["order_units"] else "head.plan_nothing"
    if told["order_units"] and not told["first_ship_by"]:
        term = "head.plan_no_date"
    sentence = say(term, lang, units=units, skus=told["order_skus"], day=first, mode=mode)
    if stops:
        sentence += BETWEEN_SENTENCES[lang] + say("head.plan_stops", lang, count=stops)
    return _headline(sentence, numbers, lang, grades=told["grades"], tone="stop" if stops else "")


def track_headline(status: pd.DataFrame, lang: str) -> Block:
    """Return where the campaign stands today and how many SKUs need a hand.

    Parameters
    ----------
    status : DataFrame
        Table `TrackStatus`; empty before the campaign starts.
    lang : {"zh", "en"}
    """
    if status.empty:
        return _early("head.track_early", lang)
    sold, planned = status["units_to_date"].sum(), status["planned_to_date"].sum(min_count=1)
    pace = sold / planned if planned and pd.notna(planned) else float("nan")
    to_do = status[~status["action"].isin(["none", "watch"])]
    urgent = to_do["act_by"].min()
    numbers = [
        _number("head.sold", tell_number(sold, "_units", lang), lang, unit_term="unit.units"),
        _number("head.pace", _percent(pace, lang), lang),
        _number("head.to_replenish", _count(status, "replenish"), lang),
        _number("head.to_slow", _count(status, "slow_down", "clear"), lang),
    ]
    facts = {
        "day": tell_date(status["as_of"].max(), "as_of", lang),
        "pace": _percent(pace, lang),
        "count": len(to_do),
        "by": tell_date(urgent, "act_by", lang) if pd.notna(urgent) else say("act_by.none", lang),
    }
    term = "head.track_act" if len(to_do) else "head.track_calm"
    return _headline(say(term, lang, **facts), numbers, lang)


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
        return _early("head.review_early", lang)
    lost = outcome["lost_units"].sum(min_count=1)
    sold = outcome["campaign_units"].sum(min_count=1)
    demand = outcome["actual_units"].sum() + (lost if pd.notna(lost) else 0)
    off = _forecast_bias(outcome)
    leftover = outcome["leftover_units"].sum(min_count=1)
    numbers = [
        _number(
            "head.actual_demand",
            tell_number(demand, "_units", lang),
            lang,
            note=say("head.in_campaign", lang, units=tell_number(sold, "_units", lang)),
            unit_term="unit.units",
        ),
        _number("head.off_forecast", _percent(off, lang, sign=True, digits=1), lang),
        _number("lost_units", tell_number(lost, "_units", lang), lang, unit_term="unit.units"),
        _number(
            "leftover_units", tell_number(leftover, "_units", lang), lang, unit_term="unit.units"
        ),
    ]
    covered = outcome["is_covered"].dropna()
    facts = {
        "demand": tell_number(demand, "_units", lang),
        "off": _percent(abs(off), lang, digits=1),
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
    return _headline(say(way, lang, **facts), numbers, lang)


def _forecast_bias(outcome: pd.DataFrame) -> float:
    demand = outcome["actual_units"] + outcome["lost_units"]
    known = outcome["forecast_units"].notna() & demand.notna()
    came, said = demand[known].sum(), outcome.loc[known, "forecast_units"].sum()
    return float((said - came) / came) if came else float("nan")


def _headline(
    sentence: str,
    numbers: list[dict[str, str]],
    lang: str,
    *,
    grades: dict[str, int] | None = None,
    tone: str = "",
) -> Block:
    chips = [
        {"grade": grade, "count": count, "meaning": say(f"grade.{grade}", lang)}
        for grade, count in (grades or {}).items()
        if count
    ]
    return Block(
        "headline",
        {
            "lang": lang,
            "sentence": sentence,
            "numbers": numbers,
            "grades": chips,
            "grades_label": say("head.grades", lang),
            "tone": tone,
        },
    )


def _early(term: str, lang: str) -> Block:
    return _headline(say(term, lang), [], lang, tone="early")


def _number(
    term: str, value: str, lang: str, *, note: str = "", unit_term: str = "", tone: str = ""
) -> dict[str, str]:
    is_known = value != say("word.unknown", lang)
    return {
        "label": heading(term, lang).label,
        "value": tell_text(value),
        "unit": say(unit_term, lang) if unit_term and is_known else "",
        "note": note,
        "meaning": meaning(term, lang),
        "tone": tone if is_known else "unknown",
    }


def _coverage(replay: pd.DataFrame, lang: str) -> dict[str, str]:
    skus = of_skus(replay)
    inside = int(skus["is_covered"].sum())
    note = say("head.coverage_note", lang)
    return _number("head.coverage", f"{inside} / {len(skus)}", lang, note=note)


def _cost_number(told: dict[str, Any], currency: str, lang: str) -> dict[str, str]:
    missing = len(told["cost_unknown_terms"])
    note = say("head.cost_unknown", lang, count=missing) if missing else ""
    if told["cost"] is None:
        return _number("head.cost", say("word.unknown", lang), lang, note=note)
    value = tell_number(told["cost"], "_cost", lang, decimals=0)
    number = _number("head.cost", value, lang, note=note, tone="warn" if missing else "")
    return number | {"unit": tell_text(currency)}


def _unsure_note(plan: pd.DataFrame, lang: str) -> str:
    unsure = plan[plan["grade"] == "D"]
    if unsure.empty:
        return ""
    told = tell_range(unsure["low_units"].sum(), unsure["high_units"].sum(), "_units", lang)
    return say("head.range_only", lang, count=len(unsure), range=told)


def _percent(rate: float, lang: str, *, sign: bool = False, digits: int = 0) -> str:
    if pd.isna(rate):
        return say("word.unknown", lang)
    told = f"{rate:+.{digits}%}" if sign else f"{rate:.{digits}%}"
    return told.replace("-", "\u2212")


def _count(status: pd.DataFrame, *actions: str) -> str:
    return tell_number(int(status["action"].isin(actions).sum()), "count", "en")

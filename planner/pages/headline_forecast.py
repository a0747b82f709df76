"""The answer of notebook 02: how much will sell, from which day to which, how sure that is."""

import pandas as pd

from planner.demand.forecast import HORIZON_PHASES
from planner.demand.record import OURS, RULE
from planner.pages.big_numbers import answer, big_number, early, percent
from planner.pages.blocks import Block
from planner.pages.summary import grade_counts, of_skus, without_d
from planner.pages.telling import tell_date, tell_number, tell_range
from planner.pages.worlds import sum_range
from planner.words import say

BETWEEN_SENTENCES = {"zh": "", "en": " "}
NO_BREAK_SPACE, NO_BREAK_HYPHEN = "\u00a0", "\u2011"
LEAST_CHANGE_UNITS = 1.0
"""People's changes below this leave the sentence as it is. [units]"""


def forecast_headline(
    forecast: pd.DataFrame,
    draws: pd.DataFrame,
    replay: pd.DataFrame,
    lang: str,
    *,
    caps: pd.DataFrame | None = None,
    record: pd.DataFrame | None = None,
) -> Block:
    """Return how much will sell, on which days, and how sure that is.

    Parameters
    ----------
    forecast, draws, replay : DataFrame
        Tables `Forecast`, `DemandDraws` and `Backtest`.
    lang : {"zh", "en"}
    caps : DataFrame, optional
        Table `OrderCaps`: where a limit cuts demand, the sentence on changes names it too.
    record : DataFrame, optional
        Table `Record`: how far off the same method was before stands in the place of the number
        of SKUs, which the sentence tells.

    Notes
    -----
    A SKU counts once per market whatever the number of its shops, with the grade of the shop
    that sells most of it; the sums hold all shops of the SKUs that are not of grade D. A range
    is that of the sum, world by world, not the sum of the SKUs' ranges.
    """
    if forecast[forecast["phase"] == "horizon"].empty:
        return early("head.forecast_empty", lang)
    skus = of_skus(forecast)
    told, worlds = without_d(forecast, forecast), without_d(draws, forecast)
    sure, in_sale = told[told["phase"] == "horizon"], told[told["phase"] == "sale"]
    horizon_worlds = worlds[worlds["phase"].isin(HORIZON_PHASES)]
    sale_worlds = worlds[worlds["phase"] == "sale"]
    numbers = [
        _units_number("head.demand", sure, _range_of(horizon_worlds, lang), lang),
        _units_number("head.demand_in_sale", in_sale, _range_of(sale_worlds, lang), lang),
        big_number("head.skus", tell_number(len(skus), "count", lang), lang)
        if record is None
        else _record_number(record, lang),
    ]
    if record is None or len(replay):  # the record says already that nothing was replayed
        numbers.append(_coverage(replay, lang))
    facts = {
        "start": _day(forecast["starts_on"], "min", forecast["phase"], lang),
        "end": _day(forecast["ends_on"], "max", forecast["phase"], lang),
        "units": tell_number(sure["mean_units"].sum(), "_units", lang),
        "range": _range_of(horizon_worlds, lang),
        "skus": int((skus["grade"] != "D").sum()),
        "unsure": int((skus["grade"] == "D").sum()),
    }
    term = "head.forecast_d" if facts["unsure"] else "head.forecast"
    term = term if facts["skus"] else "head.forecast_only_d"
    sentence = say(term, lang, **facts) + _changed(sure, caps, lang)
    return answer(sentence, numbers, lang, grades=grade_counts(skus))


def _range_of(worlds: pd.DataFrame, lang: str) -> str:
    low, high = sum_range(worlds) if len(worlds) else (0.0, 0.0)
    return tell_range(low, high, "_units", lang)


def _day(days: pd.Series, end: str, phases: pd.Series, lang: str) -> str:
    return tell_date(days[phases == "horizon"].agg(end), "day", lang)


def _units_number(term: str, rows: pd.DataFrame, told: str, lang: str) -> dict[str, str]:
    """Return the sum of the means; below it its range and the days it holds."""
    if rows.empty:
        return big_number(term, say("word.unknown", lang), lang)
    units = tell_number(rows["mean_units"].sum(), "_units", lang)
    note = ""
    if len(rows):
        first, last = rows["starts_on"].min(), rows["ends_on"].max()
        days = say("head.span", lang, start=f"{first:%m-%d}", end=f"{last:%m-%d}")
        whole = days.replace(" ", NO_BREAK_SPACE).replace("-", NO_BREAK_HYPHEN)
        note = say("head.range_and_days", lang, range=told, days=whole)
    return big_number(term, units, lang, note=note, unit_term="unit.units")


def _changed(sure: pd.DataFrame, caps: pd.DataFrame | None, lang: str) -> str:
    """Return what people and order limits changed, nothing where they changed nothing."""
    planned = sure["mean_units"].sum()
    change = planned - sure["model_mean_units"].sum()
    if abs(change) < LEAST_CHANGE_UNITS:
        return ""
    is_cut = caps is not None and caps["cut_units"].sum() >= LEAST_CHANGE_UNITS
    delta = f"{change:+,.0f}".replace("-", "\u2212")
    model = round(planned) - round(change)  # the figures told add up
    told = {"delta": delta, "model": tell_number(model, "_units", lang)}
    term = "head.changed_or_cut" if is_cut else "head.changed"
    return BETWEEN_SENTENCES[lang] + say(term, lang, **told)


def _record_number(record: pd.DataFrame, lang: str) -> dict[str, str]:
    """Return how far this method was off before; without a replay that it was not tried."""
    whole = record[record["slice"] == "all"].set_index("method")
    if whole.empty or pd.isna(whole.loc[OURS, "wape_rate"]):
        return big_number("head.record", "\u2013", lang, note=say("head.not_tried", lang))
    ours, rule = whole.loc[OURS], percent(whole.loc[RULE, "wape_rate"], lang)
    covered = percent(ours["covered_80_rate"], lang)
    note = say(
        "head.record_note", lang, events=int(ours["event_count"]), rule=rule, covered=covered
    )
    return big_number("head.record", percent(ours["wape_rate"], lang), lang, note=note)


def _coverage(replay: pd.DataFrame, lang: str) -> dict[str, str]:
    if replay.empty:
        note = say("head.not_replayed", lang)
        return big_number("head.coverage", "\u2013", lang, note=note)
    skus = of_skus(replay)
    inside = int(skus["is_covered"].sum())
    note = say("head.coverage_note", lang)
    return big_number("head.coverage", f"{inside} / {len(skus)}", lang, note=note)

"""The answer of the provider's overview: who needs a hand; once all is over, what was earned.

Sellers are told by name. Amounts of two currencies are told side by side, never added up.
"""

from collections.abc import Mapping

import pandas as pd

from planner.frozen import Words
from planner.pages.big_numbers import (
    BETWEEN_SENTENCES,
    answer,
    big_number,
    early,
    listed,
    money,
    percent,
)
from planner.pages.blocks import Block
from planner.pages.kinds import tell_text
from planner.pages.reasons import tell_reason
from planner.pages.telling import tell, tell_number
from planner.season.providers.provider_money import PROFITS, in_one_currency
from planner.words import say

BROKEN = ("failed", "refused", "not_run")
MONEY = ("actual_profit", "best_profit", "gap_profit")
PLANNED = "planned_profit"
WAITING = ("unfinished", "outdated", "to_settle")


def provider_headline(
    states: pd.DataFrame,
    risks: pd.DataFrame,
    rates: pd.DataFrame,
    names: Mapping[str, Words],
    lang: str,
    *,
    profits: pd.DataFrame,
    causes: pd.DataFrame,
) -> Block:
    """Return how many sellers are ready, late or broken and what is due; or how it all ended.

    Parameters
    ----------
    states, risks, rates : DataFrame
        Tables `SellerStates`, `SellerRisks` and `SharedRates`.
    names : Mapping
        By seller, its name.
    lang : {"zh", "en"}
    profits, causes : DataFrame
        Tables `SellerProfits` and `CauseTotals`: the answer once every seller is reviewed.
    """
    if states.empty:
        return early("head.overview_none", lang)
    found = states["seller_state"]
    is_over = bool((found == "ended").all())
    if is_over and set(states["seller"]) <= set(profits["seller"]):
        return _ended(profits, causes, rates, lang)
    counts = {
        "ready": int((found == "ready").sum()),
        "waiting": int(found.isin(WAITING).sum()),
        "late": int((found == "late").sum()),
        "broken": int(found.isin(BROKEN).sum()),
        "ended": int((found == "ended").sum()),
    }
    term = "head.overview_over" if is_over else "head.overview"
    sentence = say(term, lang, all=len(states), **counts)
    next_one = states[states["due_on"].notna()].sort_values(["due_on", "seller"])
    if len(next_one):
        sentence += BETWEEN_SENTENCES[lang] + _next_due(next_one.iloc[0], names, lang)
    tones = {"late": "stop", "broken": "stop"}
    numbers = [
        big_number(
            f"head.sellers_{name}", tell_number(counts[name], "count", lang), lang,
            tone=tones.get(name, "") if counts[name] else "", note=_note(name, counts, lang),
        )
        for name in ("ready", "late", "broken")
    ]  # fmt: skip
    tone = "stop" if counts["late"] or counts["broken"] else ""
    return answer(sentence, [*numbers, _at_risk(risks, rates, lang)], lang, tone=tone)


def _ended(profits: pd.DataFrame, causes: pd.DataFrame, rates: pd.DataFrame, lang: str) -> Block:
    """Return what all sellers together earned and missed, and what nobody has taken on."""
    shown = [name for name in PROFITS if name != PLANNED or profits[name].notna().all()]
    sums = {name: in_one_currency(profits, name, rates) for name in shown}
    told = {
        name: listed([money(value, unit, lang) for unit, value in sums[name]], lang)
        for name in shown
    }
    unowned = int(profits["open_count"].sum())
    left_out = int(profits["left_out_count"].sum())
    sentence = _told_end(sums, causes, len(profits), lang)
    if unowned:
        sentence += BETWEEN_SENTENCES[lang] + say("head.overview_unowned", lang, n=unowned)
    note = say("head.skus_left_out", lang, count=left_out) if left_out else ""
    tones = {"gap_profit": "warn" if any(value > 0 for _, value in sums["gap_profit"]) else ""}
    numbers = [
        big_number(
            name, told[name] or say("word.unknown", lang), lang,
            tone=tones.get(name, ""), note=note if name == MONEY[0] else "",
        )
        for name in shown
    ]  # fmt: skip
    last = big_number(
        "open_count", tell_number(unowned, "count", lang), lang, tone="warn" if unowned else ""
    )
    return answer(sentence, [*numbers, last][: len(PROFITS)], lang)


def _told_end(
    sums: Mapping[str, list[tuple[str, float]]], causes: pd.DataFrame, count: int, lang: str
) -> str:
    """Return the end in one sentence, with money where one currency holds it all."""
    is_one = all(len(sums[name]) == 1 for name in MONEY)
    if not is_one or causes.empty or pd.isna(causes["share_rate"].iloc[0]):
        return say("head.overview_reviewed", lang, all=count)
    (unit, actual), (_, best), (_, gap) = (sums[name][0] for name in MONEY)
    first = causes.iloc[0]
    facts = {name: money(value, unit, lang) for name, value in
             (("actual", abs(actual)), ("best", best), ("gap", gap))}  # fmt: skip
    facts |= {
        "cause": say(f"cause.{first['cause']}", lang),
        "share": percent(float(first["share_rate"]), lang),
    }
    term = "head.overview_money" if actual >= 0 else "head.overview_loss"
    return say(term, lang, all=count, **facts)


def _next_due(row: pd.Series, names: Mapping[str, Words], lang: str) -> str:
    return say(
        "head.overview_next", lang, seller=tell_text(names[row["seller"]].say(lang)),
        what=tell_reason(row["next_due"], lang), day=tell(row["due_on"], "due_on", lang),
        days=int(row["days_left"]),
    )  # fmt: skip


def _note(name: str, counts: Mapping[str, int], lang: str) -> str:
    if name != "ready":
        return ""
    told = {"head.sellers_waiting": counts["waiting"], "head.sellers_ended": counts["ended"]}
    return listed([say(term, lang, count=count) for term, count in told.items() if count], lang)


def _at_risk(risks: pd.DataFrame, rates: pd.DataFrame, lang: str) -> dict[str, str]:
    sums = in_one_currency(risks, "risk_cost", rates)
    unknown = int(risks["unknown_count"].sum())
    note = say("head.risk_unknown", lang, count=unknown) if unknown else ""
    told = listed([money(value, name, lang) for name, value in sums], lang)
    return big_number("head.at_risk", told or say("word.none", lang), lang, note=note)

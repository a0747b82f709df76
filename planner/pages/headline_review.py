"""The answer of notebook 05: what was earned, what could have been, and what made the difference.

Money first; where no cost is known, units. A step before its time says so.
"""

from collections.abc import Sequence

import pandas as pd

from planner.pages.big_numbers import (
    BETWEEN_LARGE,
    BETWEEN_SENTENCES,
    LARGE_MONEY,
    answer,
    big_number,
    early,
    large_money,
    large_number,
    listed,
    percent,
)
from planner.pages.blocks import Block
from planner.pages.charts_review import cause_term
from planner.pages.kinds import tell_text
from planner.pages.reasons import tell_reason
from planner.pages.telling import tell_number
from planner.season.result.outcome import demand_seen
from planner.words import say

NAMED_SKUS = 3
"""SKUs left out that a sentence names."""


def review_headline(
    profits: pd.DataFrame,
    totals: pd.DataFrame,
    outcome: pd.DataFrame,
    lang: str,
    *,
    is_frozen: bool = True,
    ledger: pd.DataFrame | None = None,
    decisions: pd.DataFrame | None = None,
) -> Block:
    """Return how the campaign ended: profit, the best that could be had, what the gap is made of.

    Parameters
    ----------
    profits, totals, outcome : DataFrame
        Tables `SeasonProfits`, `RegretTotals` and `Outcome`; empty before the campaign is over.
    lang : {"zh", "en"}
    is_frozen : bool
        Whether the plan compared was put aside, as `charts_review.cause_term` takes it.
    ledger, decisions : DataFrame, optional
        Tables `RegretLedger` and `NextDecisions`: the dearest single fact, and how much there is to
        decide.

    Notes
    -----
    Where no SKU's money is known the answer is `units_headline`.
    """
    if outcome.empty:
        return early("head.review_early", lang)
    known = profits[profits["actual_profit"].notna()]
    if known.empty:
        return units_headline(outcome, lang)
    currency = str(known["currency"].iloc[0])
    actual, best, gap = (
        float(known[name].sum()) for name in ("actual_profit", "best_profit", "gap_profit")
    )
    facts = {name: large_money(value, currency, lang) for name, value in
             (("actual", abs(actual)), ("best", best), ("gap", gap))}  # fmt: skip
    whole = totals[(totals["market"] == "") & (totals["regret_profit"] > 0)]
    term = "head.review_money_even" if actual >= 0 else "head.review_loss_even"
    if len(whole) and gap > 0:
        first = whole.iloc[0]
        term = "head.review_money" if actual >= 0 else "head.review_loss"
        facts |= {
            "cause": say(cause_term(first["cause"], is_frozen=is_frozen), lang),
            "loss": large_money(float(first["regret_profit"]), currency, lang),
            "share": percent(float(first["regret_profit"]) / gap, lang),
        }
    gone = profits.loc[profits["actual_profit"].isna(), "sku"].tolist()
    note = say("head.review_left_out", lang, skus=named_skus(gone, lang)) if gone else ""
    numbers = [
        _tile("actual_profit", actual, currency, lang) | {"note": note},
        _tile("best_profit", best, currency, lang),
        _tile("gap_profit", gap, currency, lang) | ({"tone": "warn"} if gap > 0 else {}),
    ]
    is_open = decisions is not None and (decisions["state"] == "open").any()
    if is_open:
        count = f"{int((decisions['state'] == 'open').sum())}"
        numbers.append(big_number("head.to_decide", count, lang, unit_term="unit.items"))
    sentences = [say(term, lang, **facts), _dearest(ledger, gap, lang)]
    return answer(BETWEEN_SENTENCES[lang].join(filter(None, sentences)), numbers, lang)


def _dearest(ledger: pd.DataFrame | None, gap: float, lang: str) -> str:
    """Return the dearest SKU and cause in one sentence: what happened, and what it cost."""
    if ledger is None or ledger.empty or not gap > 0:
        return ""
    first = ledger.loc[ledger["regret_profit"].idxmax()]
    if not first["regret_profit"] > 0:
        return ""
    return say(
        "head.review_dearest",
        lang,
        sku=tell_text(first["sku"]),
        what=tell_reason(first["reason"], lang),
        loss=large_money(float(first["regret_profit"]), str(first["currency"]), lang),
        share=percent(float(first["regret_profit"]) / gap, lang),
    )


def units_headline(outcome: pd.DataFrame, lang: str) -> Block:
    """Return how the campaign ended in units: demand against forecast, missed, left over.

    Parameters
    ----------
    outcome : DataFrame
        Table `Outcome`; empty before the campaign is over.
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
    told = [say("head.review_unpriced", lang), say(way, lang, **facts)]
    return answer(BETWEEN_SENTENCES[lang].join(told), numbers, lang)


def named_skus(skus: Sequence[str], lang: str) -> str:
    """Return the first few SKUs by name and the number of the others.

    Parameters
    ----------
    skus : sequence of str
    lang : {"zh", "en"}

    Examples
    --------
    >>> named_skus(["a", "b", "c", "d", "e"], "en")
    'a, b, c and 2 more'
    """
    told = listed([tell_text(sku) for sku in skus[:NAMED_SKUS]], lang)
    others = len(skus) - NAMED_SKUS
    return told if others <= 0 else say("review.and_others", lang, skus=told, count=others)


def _tile(term: str, value: float, currency: str, lang: str) -> dict[str, str]:
    """Return a big number of money, in few digits where it is of millions."""
    told = tell_number(value, "_profit", lang)
    if abs(value) >= LARGE_MONEY:
        told = BETWEEN_LARGE[lang].join(large_number(value, lang))
    return big_number(term, told, lang) | {"unit": tell_text(currency)}


def _forecast_bias(outcome: pd.DataFrame) -> float:
    demand = demand_seen(outcome)
    known = outcome["forecast_units"].notna() & demand.notna()
    came, said = demand[known].sum(), outcome.loc[known, "forecast_units"].sum()
    return float((said - came) / came) if came else float("nan")

"""The answer of notebook 01: can this history be trusted, what was thrown out, what to fetch."""

import pandas as pd

from planner.guards.data_checks import days_exported
from planner.guards.entries import named
from planner.pages.big_numbers import answer, big_number, early
from planner.pages.blocks import NO_LOSS_CODES, Block
from planner.pages.reasons import tell_sentence
from planner.pages.summary import grade_counts, of_skus
from planner.pages.telling import tell_code, tell_date, tell_number
from planner.words import say

SOLID_SHARE, LEAST_SHARE = 0.8, 0.2
"""Share of demand on SKUs of grade A or B from which a history is trusted, and under which it is
not (house judgement). [unitless]"""
REASONS_TOLD = 3
JOINTS = {"zh": "、", "en": ", "}
BLANK = {"zh": "", "en": " "}
STOPS = {"zh": "；", "en": "; "}


def clean_headline(
    files: pd.DataFrame,
    rejected: pd.DataFrame,
    daily: pd.DataFrame,
    lang: str,
    *,
    trust: pd.DataFrame,
    wanted: pd.DataFrame,
    gaps: pd.DataFrame,
    later: int = 0,
) -> Block:
    """Return whether the history can be trusted: yes, within limits, or no; and what to do next.

    Parameters
    ----------
    files, rejected, daily, trust, wanted : DataFrame
        Tables `Reconciliation`, `RejectedRows`, `DailySales`, `SkuTrust` and `WantedFacts`.
    lang : {"zh", "en"}
    gaps : DataFrame
        As `intake.coverage.missing_days` returns it, with `days` [days].
    later : int
        Lines kept that were ordered on the as-of day or later and are not used on this day.

    Notes
    -----
    A SKU counts once whatever the number of its shops, with the grade of the shop that earns most
    by it. Yes if no row is lost, no day is missing and SKUs of grade A or B bear most of the
    demand; no if they bear next to none of it.
    """
    if daily.empty:
        return early("head.clean_empty", lang)
    lost = rejected[~rejected["code"].isin(NO_LOSS_CODES)]
    share = solid_share(daily, trust)
    missing_days = int(gaps["days"].sum()) if len(gaps) else 0
    is_whole = lost.empty and not missing_days
    verdict = "yes" if is_whole and share >= SOLID_SHARE else "limits"
    verdict = "no" if share < LEAST_SHARE else verdict
    return answer(
        _sentence(verdict, daily, lost, len(rejected) - len(lost), wanted, gaps, lang),
        [
            _rows(files, later, lang),
            _money(files, lang),
            big_number(
                "head.solid_share",
                f"{share:.0%}",
                lang,
                tone="" if share >= SOLID_SHARE else "warn",
            ),
            _days(days_exported(daily, gaps), missing_days, lang),
        ],
        lang,
        grades=grade_counts(of_skus(trust.fillna({"revenue_share": 0.0}), by="revenue_share")),
        tone="stop" if verdict == "no" else "",
    )


def solid_share(daily: pd.DataFrame, trust: pd.DataFrame) -> float:
    """Return the share of units of demand that SKUs of grade A or B sold. [unitless]."""
    solid = trust.loc[trust["grade"].isin(["A", "B"]), ["shop", "sku"]]
    is_solid = pd.MultiIndex.from_frame(daily[["shop", "sku"]]).isin(
        pd.MultiIndex.from_frame(solid)
    )
    total = daily["units"].sum()
    return float(daily.loc[is_solid, "units"].sum() / total) if total else 0.0


def _sentence(
    verdict: str,
    daily: pd.DataFrame,
    lost: pd.DataFrame,
    harmless: int,
    wanted: pd.DataFrame,
    gaps: pd.DataFrame,
    lang: str,
) -> str:
    first, last = daily["day"].min(), daily["day"].max()
    facts = {
        "days": days_exported(daily, gaps),
        "goods": _goods(daily, lang),
        "first": tell_date(first, "day", lang),
        "last": tell_date(last, "day", lang),
    }
    parts = [say(f"head.trust_{verdict}", lang, **facts)]
    if len(gaps):
        parts.append(_missing(gaps, lang))
    if lost.empty:
        parts.append(say("head.trust_nothing_lost", lang))
    else:
        codes = lost["code"].value_counts().index[:REASONS_TOLD]
        reasons = JOINTS[lang].join(tell_code(code, "code", lang) for code in codes)
        rows = tell_number(len(lost), "count", lang)
        parts.append(say("head.trust_lost", lang, lost=rows, reasons=reasons))
    if harmless:
        told = tell_number(harmless, "count", lang)
        parts.append(say("head.trust_harmless", lang, harmless=told))
    if len(wanted):
        row = wanted.iloc[0]
        fact = tell_sentence(f"{row['fact']}|n={row['n_skus']}", lang)
        parts.append(say("head.trust_next", lang, fact=fact))
    return BLANK[lang].join(parts)


def _goods(daily: pd.DataFrame, lang: str) -> str:
    """Return how many SKUs are told of; one that several shops sell counts once."""
    facts = {"n": daily["sku"].nunique(), "shops": daily["shop"].nunique()}
    return say("head.clean_skus_shops" if facts["shops"] > 1 else "head.clean_skus", lang, **facts)


def _missing(gaps: pd.DataFrame, lang: str) -> str:
    spans = [
        tell_date(hole.first_on, "day", lang)
        + (f"..{tell_date(hole.last_on, 'day', lang)}" if hole.days > 1 else "")
        for hole in gaps.sort_values("first_on").itertuples()
    ]
    days = tell_number(gaps["days"].sum(), "count", lang)
    return say("head.trust_missing", lang, days=days, spans=named(list(dict.fromkeys(spans))))


def _rows(files: pd.DataFrame, later: int, lang: str) -> dict[str, str]:
    kept, out = (
        tell_number(files[name].sum(), "count", lang) for name in ("rows_kept", "rows_rejected")
    )
    note = say("head.kept_and_rejected", lang, kept=kept, rejected=out)
    if later:
        unused = say("head.kept_later", lang, later=tell_number(later, "count", lang))
        note = f"{note}{STOPS[lang]}{unused}"
    return big_number(
        "rows_in", tell_number(files["rows_in"].sum(), "count", lang), lang, note=note
    )


def _money(files: pd.DataFrame, lang: str) -> dict[str, str]:
    sums = files.groupby("currency", sort=False)[["in_minor", "kept_minor", "rejected_minor"]].sum()
    if not sums["in_minor"].any():
        return big_number("in_minor", say("word.unknown", lang), lang)
    told = [
        [tell_number(row[name], name, lang, str(currency)) for name in sums]
        for currency, row in sums.iterrows()
    ]
    notes = [say("head.kept_and_rejected", lang, kept=kept, rejected=out) for _, kept, out in told]
    value = " + ".join(entry[0] for entry in told)
    return big_number("in_minor", value, lang, note=JOINTS[lang].join(notes))


def _days(days: int, missing_days: int, lang: str) -> dict[str, str]:
    term = "head.days_missing" if missing_days else "head.no_day_missing"
    return big_number(
        "head.days_of_history",
        tell_number(days, "count", lang),
        lang,
        note=say(term, lang, days=missing_days),
        tone="warn" if missing_days else "",
    )

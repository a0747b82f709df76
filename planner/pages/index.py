"""The rows and totals of the index: one seller each, told in one language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from planner.frozen import Words
from planner.pages.big_numbers import BETWEEN_SENTENCES
from planner.pages.kinds import tell_text
from planner.pages.telling import DASH, tell_number
from planner.tables import GRADES, SEVERITIES
from planner.words import say

STEPS = (1, 2, 3, 4, 5)
COLUMNS = (
    "seller", "alerts", "profit", "order", "cost", "ship_by", "evidence", "pages", "files",
)  # fmt: skip
RIGHT_COLUMNS = ("profit", "order", "cost", "ship_by")
LEFT_OUT_OF_PLANS = ("profit",)
"""Columns that mean nothing before any seller is reviewed."""
LEFT_OUT_OF_REVIEWS = ("ship_by",)
"""Columns that mean nothing once every seller is reviewed."""
IDLE_WHEN_OVER = ("page.total_missed", "page.total_stops")
"""Figures that say nothing where all is reviewed and they are 0."""
FILE_TERMS = {
    "05-slides.html": "page.file_slides",
    "05-slides-zh.pdf": "page.file_pdf_zh",
    "05-slides-en.pdf": "page.file_pdf_en",
}
"""Files told in words; the others by their names, as they lie in the folder."""
ALERT_WEIGHTS = {"stop": 1_000_000, "warn": 1_000, "note": 1}
"""Sorting by alerts puts one grave alert above any number of lesser ones."""


@dataclass(frozen=True)
class Entry:
    """One seller of the index.

    Parameters
    ----------
    seller : str
        Its id.
    name : Words
    state : {"done", "refused", "failed"}
    reason : str or Words
        Why it was refused or failed.
    summary : Mapping
        As `headline.summary` returns it.
    pages : Mapping
        Address of each step's page, seen from the index.
    files : Mapping
        Address of each file for people, by its name.
    stale : tuple of int
        Steps whose page rests on tables that have changed since.
    as_of : str
        Day its last step looked from; empty if not known.
    is_old : bool
        Whether its pages were made by an earlier run than the one the index tells of.
    is_part : bool
        Whether the run that broke made and published them, up to the step that broke.
    """

    seller: str
    name: Words
    state: str = "done"
    reason: str | Words = ""
    summary: Mapping[str, Any] = field(default_factory=dict)
    pages: Mapping[int, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    stale: tuple[int, ...] = ()
    as_of: str = ""
    is_old: bool = False
    is_part: bool = False


def in_order(entries: Sequence[Entry], weights: Mapping[str, float] | None = None) -> list[Entry]:
    """Return the sellers as people should look at them: who failed, then who missed most money.

    Parameters
    ----------
    entries : sequence of Entry
    weights : Mapping, optional
        By seller, units of one shared currency for one of its own.

    Notes
    -----
    Money counts only where all reviews are in one currency or can be told in one; else, and
    among equals, by id.
    """
    reviews = {entry.seller: review for entry in entries if (review := entry.summary.get("review"))}
    if len({review["currency"] for review in reviews.values()}) == 1:
        weights = dict.fromkeys(reviews, 1.0)
    known = weights if weights is not None and {*reviews} <= {*weights} else {}

    def missed(entry: Entry) -> float:
        gap = entry.summary.get("review", {}).get("gap_profit")
        return (gap or 0.0) * known.get(entry.seller, 0.0)

    return sorted(entries, key=lambda one: (one.state == "done", -missed(one), one.seller))


def index_columns(entries: Sequence[Entry], lang: str) -> list[dict[str, str]]:
    """Return the headings of the index: money once a seller is reviewed, days until all are.

    Parameters
    ----------
    entries : sequence of Entry
    lang : {"zh", "en"}
    """
    reviewed = [bool(entry.summary.get("review")) for entry in entries]
    hidden = () if any(reviewed) else LEFT_OUT_OF_PLANS
    hidden += LEFT_OUT_OF_REVIEWS if entries and all(reviewed) else ()
    return [
        {
            "name": name,
            "label": say(f"page.index_{name}", lang),
            "align": "right" if name in RIGHT_COLUMNS else "left",
        }
        for name in COLUMNS
        if name not in hidden
    ]


def index_row(entry: Entry, lang: str, seen: Sequence[str] = ()) -> dict[str, Any]:
    """Return one seller's row, or the reason why it has no plan.

    Parameters
    ----------
    entry : Entry
    lang : {"zh", "en"}
    seen : sequence of str
        Days told above the index; a row of another day tells its own.
    """
    own_day = entry.as_of if entry.as_of not in seen else ""
    is_old = _is_old(entry)
    row = {
        "seller": entry.seller,
        "name": tell_text(entry.name.say(lang)),
        "state": entry.state,
        "state_word": say(f"status.{entry.state}", lang),
        "why": "",
        "links": [_link(entry, step, lang) for step in STEPS],
        "files": [
            {"href": href, "label": say(FILE_TERMS[name], lang) if name in FILE_TERMS else name}
            for name, href in entry.files.items()
        ],
        "as_of": say("page.own_day", lang, day=tell_text(own_day)) if own_day else "",
        "is_old": is_old,
        "old_word": _old_word(entry, lang) if is_old else "",
    }
    if entry.state == "done":
        return row | _figures(entry.summary, lang)
    reason = entry.reason.say(lang) if isinstance(entry.reason, Words) else entry.reason
    return row | {"why": tell_text(reason) or row["state_word"]}


def index_totals(entries: Sequence[Entry], lang: str) -> dict[str, Any]:
    """Return the headline of the index: sellers done and missed, things to settle, units.

    Parameters
    ----------
    entries : sequence of Entry
    lang : {"zh", "en"}
    """
    done = [entry for entry in entries if entry.state == "done"]
    shown = [entry for entry in entries if entry.state == "done" or entry.is_part]
    stops = sum(entry.summary.get("alerts", {}).get("stop", 0) for entry in shown)
    missed = len(entries) - len(done)
    reviews = [entry.summary["review"] for entry in done if entry.summary.get("review")]
    unowned = sum(review["open_count"] for review in reviews)
    units = sum(entry.summary.get("order_units", 0) for entry in shown)
    are_all = bool(reviews) and len(reviews) == len(entries)
    end = ("page.total_unowned", unowned, "", "warn" if unowned else "")
    tiles = (
        ("page.total_reviewed", len(reviews), "", "") if are_all
        else ("page.total_done", len(done), "", ""),
        ("page.total_missed", missed, "", "stop" if missed else ""),
        ("page.total_stops", stops, "", "stop" if stops else ""),
        end if are_all else ("page.total_units", units, say("unit.units", lang), ""),
    )  # fmt: skip
    is_calm = are_all and not stops
    term = "page.index_stops" if stops else "page.index_done" if missed else "page.index_calm"
    told = [
        say("page.index_all_reviewed", lang, all=len(entries), n=unowned) if is_calm
        else say(term, lang, done=len(done), stops=stops, all=len(entries))
    ]  # fmt: skip
    if missed:
        told.append(say("page.index_missed", lang, n=missed))
    if reviews and not is_calm:
        told.append(say("page.index_some_reviewed", lang, count=len(reviews), n=unowned))
    return {
        "kind": "headline",
        "tone": "stop" if stops or missed else "",
        "sentence": BETWEEN_SENTENCES[lang].join(told),
        "numbers": [
            {
                "label": say(name, lang), "value": tell_number(value, "count", lang), "unit": unit,
                "note": "", "meaning": "", "tone": tone,
            }
            for name, value, unit, tone in tiles
            if value or not (are_all and name in IDLE_WHEN_OVER)
        ],
        "grades": [],
        "grades_label": "",
    }  # fmt: skip


def _is_old(entry: Entry) -> bool:
    """Return whether links lead to an earlier run: the last one left no pages of its own."""
    has_links = bool(entry.pages or entry.files)
    return has_links and (entry.is_old or not (entry.state == "done" or entry.is_part))


def _old_word(entry: Entry, lang: str) -> str:
    day = tell_text(entry.as_of)
    return say("page.earlier_day", lang, day=day) if day else say("page.earlier", lang)


def _link(entry: Entry, step: int, lang: str) -> dict[str, Any]:
    is_stale = step in entry.stale
    title = say(f"step.{step}", lang) + (f" · {say('page.stale', lang)}" if is_stale else "")
    if _is_old(entry):
        title += f" · {_old_word(entry, lang)}"
    return {"step": step, "href": entry.pages.get(step, ""), "title": title, "is_stale": is_stale}


def _figures(summary: Mapping[str, Any], lang: str) -> dict[str, Any]:
    alerts, grades = summary.get("alerts", {}), summary.get("grades", {})
    mode = summary.get("first_mode")
    return {
        "counts": [
            {"severity": name, "label": say(f"severity.{name}", lang), "count": alerts[name]}
            for name in SEVERITIES
            if alerts.get(name)
        ],
        **_result(summary, lang),
        "alert_weight": sum(ALERT_WEIGHTS[name] * alerts.get(name, 0) for name in SEVERITIES),
        **_units(summary, lang),
        **_cost(summary, lang),
        "ship_by": summary.get("first_ship_by") or DASH,
        "mode": say(f"mode.{mode}", lang) if mode else "",
        "grades": [
            {"grade": grade, "count": grades[grade]} for grade in GRADES if grades.get(grade)
        ],
    }


def _result(summary: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """Return what a review found: profit, the gap below it, what nobody has taken on."""
    review = summary.get("review")
    if not review:
        return {"reviewed": "", "unowned": "", "profit": DASH, "profit_sort": None, "gap": ""}
    currency, count = tell_text(review["currency"]), review["open_count"]
    profit, gap = review["actual_profit"], review["gap_profit"]
    is_known = profit is not None
    told = tell_number(profit, "_profit", lang, currency, decimals=0) if is_known else ""
    missed = tell_number(gap, "_profit", lang, currency, decimals=0) if is_known else ""
    return {
        "reviewed": say("page.index_reviewed", lang),
        "unowned": say("page.index_unowned", lang, n=count) if count else "",
        "profit": told or say("word.unknown", lang),
        "profit_sort": profit,
        "gap": say("page.index_gap", lang, gap=missed) if is_known else "",
    }


def _units(summary: Mapping[str, Any], lang: str) -> dict[str, Any]:
    units, unsure = summary.get("order_units"), summary.get("range_skus", 0)
    if units is None:
        return {"units": DASH, "units_sort": None, "units_note": ""}
    note = say("page.of_skus", lang, count=summary["order_skus"], all=summary["skus"])
    if unsure:
        note += " · " + say("page.unsure_skus", lang, count=unsure)
    told = tell_number(units, "order_units", lang)
    return {"units": told, "units_sort": units, "units_note": note}


def _cost(summary: Mapping[str, Any], lang: str) -> dict[str, Any]:
    cost, terms = summary.get("cost"), summary.get("cost_unknown_terms", [])
    currency = tell_text(summary.get("currency", ""))
    if not summary:
        return {"cost": DASH, "cost_sort": None, "cost_note": ""}
    known = cost is not None
    told = (
        tell_number(cost, "_cost", lang, currency, decimals=0)
        if known
        else say("word.unknown", lang)
    )
    note = say("head.cost_unknown", lang, count=len(terms)) if terms else ""
    return {"cost": told, "cost_sort": cost, "cost_note": note}

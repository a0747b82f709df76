"""The rows and totals of the index: one seller each, told in one language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from planner.frozen import Words
from planner.pages.kinds import tell_text
from planner.pages.telling import DASH, tell_number
from planner.tables import GRADES, SEVERITIES
from planner.words import say

STEPS = (1, 2, 3, 4, 5)
COLUMNS = ("seller", "alerts", "order", "cost", "ship_by", "evidence", "pages", "workbook")
RIGHT_COLUMNS = ("order", "cost", "ship_by")
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
    workbook : str
        Address of plan.xlsx, empty if there is none.
    quarantine : str
        Address of quarantine.xlsx, empty if no row was rejected.
    stale : tuple of int
        Steps whose page rests on tables that have changed since.
    as_of : str
        Day its pages are seen from, empty if that is the index's own.
    is_old : bool
        Whether its pages were made by an earlier run than the one the index tells of.
    """

    seller: str
    name: Words
    state: str = "done"
    reason: str | Words = ""
    summary: Mapping[str, Any] = field(default_factory=dict)
    pages: Mapping[int, str] = field(default_factory=dict)
    workbook: str = ""
    quarantine: str = ""
    stale: tuple[int, ...] = ()
    as_of: str = ""
    is_old: bool = False


def index_columns(lang: str) -> list[dict[str, str]]:
    """Return the headings of the index."""
    return [
        {
            "label": say(f"page.index_{name}", lang),
            "align": "right" if name in RIGHT_COLUMNS else "left",
        }
        for name in COLUMNS
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
        "workbook": entry.workbook,
        "quarantine": entry.quarantine,
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
    stops = sum(entry.summary.get("alerts", {}).get("stop", 0) for entry in done)
    missed = len(entries) - len(done)
    units = sum(entry.summary.get("order_units", 0) for entry in done)
    tiles = (
        ("page.total_done", len(done), "", ""),
        ("page.total_missed", missed, "", "stop" if missed else ""),
        ("page.total_stops", stops, "", "stop" if stops else ""),
        ("page.total_units", units, say("unit.units", lang), ""),
    )
    term = "page.index_stops" if stops else "page.index_calm"
    return {
        "kind": "headline",
        "tone": "stop" if stops or missed else "",
        "sentence": say(term, lang, done=len(done), stops=stops, all=len(entries)),
        "numbers": [
            {
                "label": say(name, lang), "value": tell_number(value, "count", lang), "unit": unit,
                "note": "", "meaning": "", "tone": tone,
            }
            for name, value, unit, tone in tiles
        ],
        "grades": [],
        "grades_label": "",
    }  # fmt: skip


def _is_old(entry: Entry) -> bool:
    """Return whether links lead to an earlier run: the last one left no pages of its own."""
    has_links = bool(entry.pages or entry.workbook)
    return has_links and (entry.is_old or entry.state != "done")


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
        "alert_weight": sum(ALERT_WEIGHTS[name] * alerts.get(name, 0) for name in SEVERITIES),
        **_units(summary, lang),
        **_cost(summary, lang),
        "ship_by": summary.get("first_ship_by") or DASH,
        "mode": say(f"mode.{mode}", lang) if mode else "",
        "grades": [
            {"grade": grade, "count": grades[grade]} for grade in GRADES if grades.get(grade)
        ],
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

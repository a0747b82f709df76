"""What the last line of a notebook cell shows, figures aside: tables, alerts, notes, measures.

A block is plain data already told in one language. JupyterLab shows its HTML,
the report draws its data through templates of its own, and neither ever sees a
value that was not told and escaped.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from planner.errors import ConfigError
from planner.intake.orders import NOT_LOST
from planner.pages.cards import alert_card, measure_tile
from planner.pages.cells import column_cells, column_head
from planner.pages.kinds import kind_of
from planner.pages.reasons import tell_reason
from planner.pages.telling import DASH, tell_number
from planner.pages.theme import environment
from planner.tables import SEVERITIES
from planner.words import is_known, say

__all__ = [
    "BLOCK_MIMETYPE",
    "Block",
    "show_alerts",
    "show_measures",
    "show_note",
    "show_rejected",
    "show_table",
    "tell_number",
    "tell_reason",
]

BLOCK_MIMETYPE = "application/vnd.planner.block+json"
BLOCK_KINDS = ("headline", "table", "alerts", "note", "measures", "cards")
LEFT_OUT = ("currency", "cost_currency", "shared_currency", "draws", "sha256")
"""Columns shown only when asked for: folded into others, or of no use to a reader."""
BRIEF = ("money", "date", "time", "days")
"""What stands on top of a card on a phone: clock and money."""
FOLD_ROWS = 16
"""A longer table shows its first rows on screen until the reader asks for all."""
SHOWN_ALERTS = 6
"""Alerts shown before the rest folds up; those that stop an order are always shown."""
PLACES = ("shop", "market")
NO_LOSS_CODES = NOT_LOST
"""Rows that stand elsewhere already: dropping them loses nothing."""
REJECTED_ROWS = 200
"""Rejected rows that a page holds at most; the first fold open, all stand in the workbook."""
REJECTED_COLUMNS = ("file", "row", "column", "value", "code", "remedy")


@dataclass(frozen=True)
class Block:
    """One thing to show: its kind and its data, told in one language.

    Parameters
    ----------
    kind : {"headline", "table", "alerts", "note", "measures", "cards"}
    data : Mapping
        Only text, numbers, flags, lists and mappings of them.
    """

    kind: str
    data: Mapping[str, Any]

    def __post_init__(self) -> None:
        """Refuse a kind that no template draws."""
        if self.kind not in BLOCK_KINDS:
            raise ConfigError(f"no template draws a block of kind {self.kind!r}; use {BLOCK_KINDS}")

    def as_json(self) -> dict[str, Any]:
        """Return the block as pure data."""
        return {"kind": self.kind, **self.data}

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {
            BLOCK_MIMETYPE: self.as_json(),
            "text/html": environment().get_template("lab.html.j2").render(block=self.as_json()),
            "text/plain": "\n".join(_plain_lines(self.data)),
        }


def show_table(
    frame: pd.DataFrame,
    lang: str,
    *,
    columns: Sequence[str] | None = None,
    rows: int | None = None,
    title_term: str | None = None,
    empty_term: str = "empty.table",
    fold_term: str | None = None,
    first: int | None = None,
    cards_on_phone: bool = False,
) -> Block:
    """Return a table with headings, units and meanings from the glossary.

    Parameters
    ----------
    frame : DataFrame
    lang : {"zh", "en"}
    columns : sequence of str, optional
        Columns to show, in this order; without it all but the currency. A shop or market that
        is the same in every row of SKUs is left out.
    rows : int, optional
        At most so many rows are shown; the table says how many are not.
    title_term, empty_term : str
        Terms of the heading, and of what an empty table says; blank where a sentence above says it.
    fold_term : str, optional
        Sentence that stands for the table until the reader opens it; may tell the `count` of rows.
    first : int, optional
        Rows on screen until the reader asks for all, where fewer than usual hold the answer.
    cards_on_phone : bool
        Whether a narrow screen shows each row as a card, its days and its money on top.

    Returns
    -------
    Block
        Money stands in the frame's `currency`; a row of grade D tells its order as a range.

    Raises
    ------
    ConfigError
        If the glossary lacks a column.
    """
    named = list(columns) if columns else [name for name in frame if name not in LEFT_OUT]
    shown = [name for name in named if not _says_nothing(frame, name)]
    part = frame if rows is None else frame.head(rows)
    cells = [column_cells(part, name, lang) for name in shown]
    hidden = len(frame) - len(part)
    return Block(
        "table",
        {
            "lang": lang,
            "title": say(title_term, lang) if title_term else "",
            "columns": [_head(frame, name, lang, is_card=cards_on_phone) for name in shown],
            "rows": [list(row) for row in zip(*cells, strict=True)],
            "show_all": _fold_words(len(part), first, lang),
            "first": first or 0,
            "folded": say(fold_term, lang, count=len(frame)) if fold_term and len(frame) else "",
            "more": say("page.rows_hidden", lang, hidden=hidden) if hidden else "",
            "empty": say(empty_term, lang) if empty_term and frame.empty else "",
            "cards": cards_on_phone,
            "legend": say("page.legend", lang),
            "scroll": say("page.scroll", lang),
        },
    )


def show_rejected(rejected: pd.DataFrame, lang: str, *, rows: int = REJECTED_ROWS) -> Block:
    """Return the rejected rows with what is wrong and how to mend it, those to mend first.

    Parameters
    ----------
    rejected : DataFrame
        Table `RejectedRows`.
    lang : {"zh", "en"}
    rows : int
        At most so many rows are shown.
    """
    ordered = rejected.sort_values("code", key=lambda code: code.isin(NO_LOSS_CODES), kind="stable")
    told = ordered.assign(remedy=[_remedy(code, lang) for code in ordered["code"]])
    return show_table(told, lang, columns=REJECTED_COLUMNS, rows=rows, empty_term="empty.rejected")


def show_alerts(alerts: pd.DataFrame, lang: str, *, only_grave: bool = False) -> Block:
    """Return alerts as cards, gravest first: what, what to do, until when, money at risk.

    Parameters
    ----------
    alerts : DataFrame
        Table `Alerts`, in the order in which they should be read within one severity.
    lang : {"zh", "en"}
    only_grave : bool
        Whether all that do not stop are folded, where a table above has told them; where there
        are none nothing is said: it has told that too.

    Raises
    ------
    ConfigError
        If the glossary lacks `alert.<code>` or `alert.<code>.do`.
    """
    grave = {severity: place for place, severity in enumerate(SEVERITIES)}
    ordered = alerts.sort_values("severity", key=lambda column: column.map(grave), kind="stable")
    counts = alerts["severity"].value_counts()
    stops = int((alerts["severity"] == SEVERITIES[0]).sum())
    shown = max(stops, 1 if only_grave else SHOWN_ALERTS)
    folded = len(alerts) - shown if len(alerts) > shown + 1 else 0
    return Block(
        "alerts",
        {
            "lang": lang,
            "items": [alert_card(row, lang) for row in ordered.to_dict("records")],
            "shown": len(alerts) - folded,
            "folded": say("page.more_alerts", lang, count=folded) if folded else "",
            "counts": [
                {
                    "severity": name,
                    "label": say(f"severity.{name}", lang),
                    "count": int(counts[name]),
                }
                for name in SEVERITIES
                if name in counts
            ],
            "empty": "" if len(alerts) or only_grave else say("empty.alerts", lang),
        },
    )


def show_note(term: str, lang: str, *, tone: str = "plain", **facts: object) -> Block:
    """Return one sentence of the glossary, its facts filled in.

    Parameters
    ----------
    term : str
    lang : {"zh", "en"}
    tone : {"plain", "warn", "answer"}
    **facts : object
        Facts that the sentence names.
    """
    return Block("note", {"lang": lang, "text": say(term, lang, **facts), "tone": tone})


def show_measures(frame: pd.DataFrame, lang: str) -> Block:
    """Return the measures of a review as tiles: name, value, unit, what it means.

    Parameters
    ----------
    frame : DataFrame
        Table `OutcomeMeasures`.
    lang : {"zh", "en"}
    """
    many = len(frame["market"].unique()) > 1
    items = [measure_tile(row, lang, many_markets=many) for row in frame.to_dict("records")]
    empty = "" if items else say("empty.measures", lang)
    return Block("measures", {"lang": lang, "items": items, "empty": empty})


def _head(frame: pd.DataFrame, name: str, lang: str, *, is_card: bool) -> dict[str, Any]:
    head = column_head(frame, name, lang)
    return {**head, "brief": kind_of(name) in BRIEF} if is_card else head


def _fold_words(rows: int, first: int | None, lang: str) -> str:
    most = FOLD_ROWS if first is None else first
    return say("page.show_all", lang, count=rows) if rows > most else ""


def _says_nothing(frame: pd.DataFrame, name: str) -> bool:
    """Return whether a place is the same in every row and stands on top of the page already."""
    return name in PLACES and "sku" in frame and len(frame) > 1 and len(frame[name].unique()) == 1


def _remedy(code: str, lang: str) -> str:
    return say(f"remedy.{code}", lang) if is_known(f"remedy.{code}") else DASH


def _plain_lines(data: Mapping[str, Any]) -> list[str]:
    tellers: dict[str, Callable[[Any], list[str]]] = {
        "sentence": lambda text: [text],
        "detail": lambda text: [text] if text else [],
        "text": lambda text: [text],
        "title": lambda text: [text] if text else [],
        "numbers": lambda items: [
            f"{item['label']}: {item['value']} {item['unit']}" for item in items
        ],
        "columns": lambda items: [" | ".join(item["label"] for item in items)],
        "rows": lambda rows: [" | ".join(cell["text"] for cell in row) for row in rows],
        "items": lambda items: [
            " | ".join(str(text) for text in item.values() if text) for item in items
        ],
        "more": lambda text: [text] if text else [],
        "empty": lambda text: [text] if text else [],
    }
    return [
        line.rstrip()
        for key, value in data.items()
        if key in tellers
        for line in tellers[key](value)
    ]

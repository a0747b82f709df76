"""Blocks of notebook 03 on what people still have to decide, to ask for and to sign."""

import pandas as pd

from planner.pages.blocks import Block, show_table
from planner.pages.reasons import tell_sentence

FACT_COLUMNS = ["fact", "market", "sku", "worth_profit", "spread", "reason"]
MEETING_COLUMNS = [
    "rank", "sku", "grade", "order_units", "expected_profit", "feasibility", "advice", "decision",
    "decided_units", "owner",
]  # fmt: skip
PAPER_COLUMNS = ["paper", "subject", "state", "evidence", "confirmed_on", "reason"]
QUOTE_COLUMNS = ["market", "field", "value", "is_known", "reason"]
OPEN_COLUMNS = ["next_subject", "next_decision", "next_owner", "next_due_on", "late_days"]
FETCH = 5
"""Facts to fetch first."""
NEXT = 6
"""SKUs of the meeting on screen before the rest."""


def show_open_decisions(decisions: pd.DataFrame, lang: str) -> Block:
    """Return what the last reviews decided and nobody has done, overdue first; else nothing.

    Parameters
    ----------
    decisions : DataFrame
        As `season.decisions_next.still_open` returns it.
    lang : {"zh", "en"}
    """
    names = ["subject", "finding", "decision", "owner", "due_on"]
    told = decisions.rename(columns={name: f"next_{name}" for name in names})
    title = None if told.empty else "head.open_decisions"
    return show_table(told, lang, columns=OPEN_COLUMNS, title_term=title, empty_term="")


def show_facts(facts: pd.DataFrame, lang: str) -> Block:
    """Return the facts that nobody can price, then those to fetch first; folded.

    Parameters
    ----------
    facts : DataFrame
        Table `MissingFacts`.
    lang : {"zh", "en"}
    """
    priced = facts[facts["worth_profit"] > 0].head(FETCH)
    unknown = facts[facts["worth_profit"].isna()]
    rows = pd.concat([unknown, priced])
    return show_table(rows, lang, columns=FACT_COLUMNS, empty_term="", fold_term="fold.facts")


def show_meeting(meeting: pd.DataFrame, lang: str) -> Block:
    """Return what the selection meeting looks at, SKU by SKU, the best on top.

    Parameters
    ----------
    meeting : DataFrame
        Table `MeetingSheet`.
    lang : {"zh", "en"}
    """
    return show_table(meeting, lang, columns=MEETING_COLUMNS, first=NEXT)


def show_papers(papers: pd.DataFrame, lang: str) -> Block:
    """Return the papers of provider and contract, those that are not there first.

    Parameters
    ----------
    papers : DataFrame
        Table `PaperChecks`.
    lang : {"zh", "en"}
    """
    lacking = papers["state"] != "passed"
    rows = papers.assign(lacking=lacking).sort_values("lacking", ascending=False, kind="stable")
    return show_table(rows, lang, columns=PAPER_COLUMNS, fold_term="fold.papers", first=len(rows))


def show_quote(quote: pd.DataFrame, lang: str) -> Block:
    """Return what a forwarder asks for and what is known of it; folded.

    Parameters
    ----------
    quote : DataFrame
        Table `QuoteRequest`.
    lang : {"zh", "en"}
    """
    told = {
        name: [tell_sentence(text, lang) for text in quote[name]] for name in ("field", "value")
    }
    rows = quote.assign(**told)
    return show_table(
        rows, lang, columns=QUOTE_COLUMNS, fold_term="fold.quote", first=max(len(rows), 1)
    )

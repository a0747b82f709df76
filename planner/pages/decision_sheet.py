"""The decisions of a review as a file to fill in: CSV that Excel opens and the next run reads."""

import pandas as pd

from planner.intake.inert import as_inert
from planner.pages.bilingual import both, reasons
from planner.pages.csv_twins import excel_csv
from planner.tables import NextDecisions, columns

PROPOSAL = "next_step."
"""Beginning of a decision that nobody has taken yet."""
LABEL = "label"


def next_decisions_csv(decisions: pd.DataFrame) -> bytes:
    """Return the decisions of a review as CSV, to be filled in and put into the seller's folder.

    Parameters
    ----------
    decisions : DataFrame
        Table `NextDecisions`.

    Returns
    -------
    bytes
        `subject` is the name by which a decision is known again and stays as it is; `label` is
        its words, for reading only; `finding` tells it, and what is proposed, in both languages;
        `decision`, `owner` and `due_on` are blank until somebody writes them.
    """
    is_proposal = decisions["decision"].str.startswith(PROPOSAL)
    told = reasons(decisions["finding"].tolist())
    proposed = reasons(decisions["decision"].tolist())
    finding = [
        f"{text} [{both('next_proposal')}: {what}]" if is_open else text
        for text, what, is_open in zip(told, proposed, is_proposal, strict=True)
    ]
    frame = decisions.assign(
        finding=[as_inert(text) for text in finding],
        decision=[as_inert(text) for text in decisions["decision"].mask(is_proposal, "")],
        owner=[as_inert(text) for text in decisions["owner"]],
    )
    frame = frame[columns(NextDecisions)]
    label = [as_inert(text) for text in reasons(decisions["subject"].tolist())]
    frame.insert(1, LABEL, label)
    return excel_csv(frame)

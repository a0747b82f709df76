"""The figures of a review: planned, as they came, met or not, what was asked for.

Table of the review in, block out; nothing is reckoned here.
"""

import pandas as pd

from planner.pages.blocks import Block, show_table
from planner.pages.cards import measure_tile
from planner.pages.kinds import is_missing
from planner.pages.reasons import tell_reason
from planner.pages.telling import MONEY_CENTS_BELOW, tell_number
from planner.words import say

MEASURES = (
    "revenue", "cost", "left_revenue", "bought_cost", "profit", "lost_profit", "leftover_cost",
    "fill_rate", "service_rate", "stock_out_days", "lost_units",
    "sell_through_rate", "turnover", "leftover_units", "dead_stock_rate", "return_rate",
    "forecast_wape", "forecast_bias", "coverage",
)  # fmt: skip
"""The figures of the review in the order of reading, a line each for money (profit below what it
is made of), service, stock and demand."""
REPLAYED = ("revenue", "cost", "left_revenue", "bought_cost", "profit")
"""Of the SKUs that can be replayed; the sentence above the table names the others."""
MET = {True: "word.yes", False: "word.no"}


def show_figures(figures: pd.DataFrame, lang: str) -> Block:
    """Return the figures of the review: planned, as it came, met or not, target.

    Parameters
    ----------
    figures : DataFrame
        Table `ReviewMeasures`; a figure that nobody knows and a column without any are left out,
        and one that leaves SKUs out says so.
    lang : {"zh", "en"}

    Notes
    -----
    A phone shows the first four columns; the target, the longest, comes last.
    """
    places = {name: place for place, name in enumerate(MEASURES)}
    known = figures[figures[["planned_value", "actual_value"]].notna().any(axis=1)]
    known = known.assign(place=known["measure"].map(places).fillna(len(places)))
    known = known.sort_values(["market", "place"], kind="stable")
    rows = known.to_dict("records")
    cents = _cents(known)
    told = pd.DataFrame(
        {
            "market": [row["market"] for row in rows],
            "measure": [_name(row, lang) for row in rows],
            "planned": [_value(row, "planned_value", lang, cents) for row in rows],
            "actual": [_value(row, "actual_value", lang, cents) for row in rows],
            "target": [_target(row, lang, cents) for row in rows],
            "met": [met_word(row["is_met"], lang) for row in rows],
        }
    )  # fmt: skip
    columns = ["measure", "planned", "actual", "met", "target"]
    shown = ["market", *columns] if len(figures["market"].unique()) > 1 else columns
    shown = [name for name in shown if told.empty or told[name].ne("").any()]
    return show_table(told, lang, columns=shown, first=len(told), empty_term="empty.measures")


def met_word(is_met: object, lang: str) -> str:
    """Return whether a target is met, in a word; blank where nobody can say."""
    return "" if is_missing(is_met) else say(MET[bool(is_met)], lang)


def _cents(figures: pd.DataFrame) -> int:
    """Return the decimals of all money of the table: none where some of it is large."""
    is_money = figures["unit"].str.isupper()
    money = figures.loc[is_money, ["planned_value", "actual_value"]].astype(float)
    return 0 if money.abs().max(axis=None) >= MONEY_CENTS_BELOW else 2


def _value(row: dict[str, object], column: str, lang: str, cents: int) -> str:
    """Return one figure told in its own unit; nothing where it is not known."""
    if is_missing(row[column]):
        return ""
    measured_in = str(row["unit"])
    if measured_in.isupper():
        return f"{tell_number(row[column], '_cost', lang, decimals=cents)} {measured_in}"
    tile = measure_tile({**row, "value": row[column]}, lang, many_markets=False)
    return f"{tile['value']} {tile['unit']}".strip()


def _name(row: dict[str, object], lang: str) -> str:
    """Return what a figure is called, and how many SKUs it leaves out."""
    name = say(f"measure.{row['measure']}", lang)
    gone = 0 if row["measure"] in REPLAYED else int(row["unknown_skus"])
    return say("review.without_skus", lang, measure=name, count=gone) if gone else name


def _target(row: dict[str, object], lang: str, cents: int) -> str:
    """Return what was asked for, and in brackets how it is meant."""
    value, reason = _value(row, "target_value", lang, cents), str(row["reason"])
    if not value or not reason:
        return value
    return say("review.target", lang, value=value, reason=tell_reason(reason, lang))

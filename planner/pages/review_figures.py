"""The figures of a review in groups: planned, as they came, what was asked for, met or not.

Table of the review in, block out; nothing is reckoned here.
"""

import pandas as pd

from planner.pages.blocks import Block, show_table
from planner.pages.cards import measure_tile
from planner.pages.kinds import is_missing
from planner.pages.reasons import tell_reason
from planner.pages.telling import MONEY_CENTS_BELOW, tell_number
from planner.words import say

MEASURE_GROUPS = {
    "revenue": "money", "cost": "money", "left_revenue": "money", "bought_cost": "money",
    "profit": "money", "lost_profit": "money", "leftover_cost": "money",
    "fill_rate": "service", "service_rate": "service",
    "stock_out_days": "service", "lost_units": "service", "sell_through_rate": "stock",
    "turnover": "stock", "leftover_units": "stock", "dead_stock_rate": "stock",
    "return_rate": "stock", "forecast_wape": "demand", "forecast_bias": "demand",
    "coverage": "demand",
}  # fmt: skip
"""Each figure of the review and what it is about, in the order of reading: profit below what it is
made of."""
REPLAYED = ("revenue", "cost", "left_revenue", "bought_cost", "profit")
"""Of the SKUs that can be replayed; the sentence above the table names the others."""
MET = {True: "word.yes", False: "word.no"}


def show_figures(figures: pd.DataFrame, lang: str) -> Block:
    """Return the figures of the review in groups: planned, as it came, target, met or not.

    Parameters
    ----------
    figures : DataFrame
        Table `ReviewMeasures`; a figure that nobody knows and a column without any are left out,
        and one that leaves SKUs out says so.
    lang : {"zh", "en"}
    """
    places = {name: place for place, name in enumerate(MEASURE_GROUPS)}
    known = figures[figures[["planned_value", "actual_value"]].notna().any(axis=1)]
    known = known.assign(place=known["measure"].map(places).fillna(len(places)))
    known = known.sort_values(["market", "place"], kind="stable")
    rows = known.to_dict("records")
    cents = _cents(known)
    groups = pd.Series([MEASURE_GROUPS.get(row["measure"], "") for row in rows], dtype="str")
    is_first = groups.ne(groups.shift()) | known["market"].ne(known["market"].shift()).to_numpy()
    told = pd.DataFrame(
        {
            "market": [row["market"] for row in rows],
            "measure_group": [
                say(f"measure_group.{group}", lang) if group and first else ""
                for group, first in zip(groups, is_first, strict=True)
            ],
            "measure": [_name(row, lang) for row in rows],
            "planned": [_value(row, "planned_value", lang, cents) for row in rows],
            "actual": [_value(row, "actual_value", lang, cents) for row in rows],
            "target": [_target(row, lang, cents) for row in rows],
            "met": [met_word(row["is_met"], lang) for row in rows],
        }
    )  # fmt: skip
    columns = ["measure_group", "measure", "planned", "actual", "target", "met"]
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

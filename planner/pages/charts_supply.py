"""Figures of notebook 03: what to order, under which rule, and at what cost."""

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from planner.pages.kinds import tell_text
from planner.pages.marks import add_marks, ranked, row_figure
from planner.pages.telling import tell, tell_number, tell_range
from planner.pages.theme import (
    ACCENT,
    AMBER,
    GREY,
    INK,
    MUTED,
    WARN,
    empty_figure,
    inert,
    new_figure,
    note_below,
    numbers,
    rows_height,
    template,
)
from planner.tables import RULES
from planner.words import say

KEYS = ["market", "sku"]
TEXT_ROOM = 1.45
"""The axis runs on by this much so that a text behind the longest bar is not cut off."""
LARGEST = 12
"""SKUs drawn of an order; the table below has them all."""


def stock_plan(plan: pd.DataFrame, position: pd.DataFrame, lang: str) -> go.Figure:
    """Return for each SKU the stock at hand and the order, against demand and target.

    Parameters
    ----------
    plan : DataFrame
        Table `StockPlan`.
    position : DataFrame
        Table `StockPosition`; units that come too late are told in the hover.
    lang : {"zh", "en"}

    Returns
    -------
    Figure
        A SKU of grade D has no bar for its order but the range it lies in.
    """
    if plan.empty:
        return empty_figure(lang)
    held = position[["market", "sku", "late_units", "is_known"]]
    joined = plan.merge(held, on=["market", "sku"], how="left").fillna({"late_units": 0})
    shown = ranked(joined, "target_units", most=LARGEST)
    figure = row_figure(shown, len(plan) - len(shown), lang, barmode="stack")
    unsure = shown["grade"] == "D"
    bars = (
        ("available_units", shown["available_units"], GREY),
        ("order_units", shown["order_units"].where(~unsure, 0), ACCENT),
    )
    for column, values, colour in bars:
        figure.add_bar(
            y=shown["label"].to_list(), x=numbers(values, 0), orientation="h",
            name=say(column, lang), marker_color=colour,
            customdata=[tell_number(value, "_units", lang) for value in shown["late_units"]],
            hovertemplate=f"%{{y}}<br>{say(column, lang)} %{{x:,}}<br>"
            f"{say('late_units', lang)} %{{customdata}}<extra></extra>",
        )  # fmt: skip
    _add_order_ranges(figure, shown[unsure], lang)
    for column, colour in (("demand_units", AMBER), ("target_units", INK)):
        add_marks(
            figure, shown[~unsure], column, name=say(column, lang), symbol="line-ns", colour=colour,
            size=16,
        )  # fmt: skip
    figure.update_xaxes(title=say("unit.units", lang), rangemode="tozero")
    return figure


def rule_totals(comparison: pd.DataFrame) -> pd.DataFrame:
    """Return units, service level and profit of each rule over all SKUs, by rule.

    Parameters
    ----------
    comparison : DataFrame
        Table `RuleComparison`.

    Returns
    -------
    DataFrame
        By rule: units, held (asked for beyond the limits), level, profit (of the SKUs whose profit
        every rule knows), unknown (SKUs of which one does not), raw (units of the formula on
        uncleaned history).
    """
    rules = comparison["rule"].nunique()
    known = comparison.groupby(KEYS)["expected_profit"].transform("count") == rules
    weighted = comparison.assign(
        weight=comparison["service_level"] * comparison["target_units"],
        profit=comparison["expected_profit"].where(known),
    )
    totals = weighted.groupby("rule").agg(
        units=("order_units", "sum"),
        held=("held_back_units", "sum"),
        target=("target_units", "sum"),
        weight=("weight", "sum"),
        plain=("service_level", "mean"),
        profit=("profit", lambda column: column.sum(min_count=1)),
        raw=("raw_history_units", lambda column: column.sum(min_count=1)),
    )
    totals["unknown"] = len(comparison.loc[~known, KEYS].drop_duplicates())
    totals["level"] = (totals["weight"] / totals["target"]).where(
        totals["target"] > 0, totals["plain"]
    )
    return totals.reindex([rule for rule in RULES if rule in totals.index])


def compare_rules(comparison: pd.DataFrame, lang: str) -> go.Figure:
    """Return the three rules side by side: units held, service level, expected profit.

    Parameters
    ----------
    comparison : DataFrame
        Table `RuleComparison`.
    lang : {"zh", "en"}

    Returns
    -------
    Figure
        A cross marks what the extremes formula gives on uncleaned history. The bars of profit
        cover the SKUs whose profit every rule knows; a note counts the others.
    """
    if comparison.empty:
        return empty_figure(lang)
    totals = rule_totals(comparison)
    names = [say(f"rule.{rule}", lang) for rule in totals.index]
    figure = make_subplots(
        rows=2, cols=1, vertical_spacing=0.18, row_heights=[4, 3],
        subplot_titles=[say("chart.rule_units", lang), _profit_title(comparison, lang)],
    )  # fmt: skip
    figure.update_layout(template=template(), height=370, margin_b=12)
    told = [
        say("chart.units_and_level", lang, units=units, level=level)
        for units, level in zip(totals["units"], totals["level"], strict=True)
    ]
    _add_rule_bars(figure, 1, names, numbers(totals["units"], 0), told)
    profits = [tell_number(profit, "_cost", lang, decimals=0) for profit in totals["profit"]]
    _add_rule_bars(figure, 2, names, numbers(totals["profit"].fillna(0), 0), profits)
    _add_raw_history(figure, totals, lang)
    figure.update_annotations(x=0, xanchor="left", font={"size": 13, "color": MUTED})
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(showticklabels=False, showgrid=False, zeroline=True)
    _make_room(figure, totals)
    unknown = int(totals["unknown"].iloc[0])
    if unknown:
        note_below(figure, _two_lines(say("chart.no_profit", lang, count=unknown)), depth=12)
        figure.update_layout(height=figure.layout.height + 40, margin_b=52)
    return figure


def cost_lines(costs: pd.DataFrame, lang: str) -> go.Figure:
    """Return what each cost term comes to, the dearest on top, unknown terms named as unknown.

    A term that is known to cost nothing is left out.

    Parameters
    ----------
    costs : DataFrame
        Table `CostLines`.
    lang : {"zh", "en"}
    """
    if costs.empty:
        return empty_figure(lang)
    totals = costs.groupby("term", sort=False).agg(
        amount=("amount_cost", lambda column: column.sum(min_count=1)),
        unknown=("is_known", lambda column: int((~column).sum())),
    )
    totals = totals[(totals["amount"] > 0) | (totals["unknown"] > 0)]
    if totals.empty:
        return empty_figure(lang)
    totals = totals.sort_values("amount", ascending=False, kind="stable")
    currency = tell_text(costs["currency"].iloc[0])
    names = [tell(term, "term", lang) for term in totals.index]
    told = [_money_text(row.amount, row.unknown, lang) for row in totals.itertuples()]
    figure = new_figure(rows_height(len(names)), bargap=0.4)
    figure.add_bar(
        y=names, x=numbers(totals["amount"].fillna(0)), orientation="h", text=told,
        textposition="outside", cliponaxis=False, marker_color=ACCENT,
        hovertemplate="%{y}<br>%{text}<extra></extra>", showlegend=False,
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed")
    longest = totals["amount"].max() if totals["amount"].notna().any() else 1.0
    figure.update_xaxes(
        title=currency, range=[0, TEXT_ROOM * max(float(longest), 1.0)], tickformat=","
    )
    return figure


def _add_order_ranges(figure: go.Figure, unsure: pd.DataFrame, lang: str) -> None:
    if unsure.empty:
        return
    x: list[float | None] = []
    y: list[str | None] = []
    told = []
    for row in unsure.itertuples():
        told.append(tell_range(row.low_units, row.high_units, "_units", lang))
        x += [row.available_units + row.low_units, row.available_units + row.high_units, None]
        y += [row.label, row.label, None]
    figure.add_scatter(
        x=x, y=y, mode="lines", name=say("chart.order_range", lang),
        line={"color": ACCENT, "width": 4, "dash": "dot"}, hoverinfo="skip",
    )  # fmt: skip
    figure.add_scatter(
        x=x[1::3], y=y[1::3], mode="text", textposition="middle right", showlegend=False,
        text=[f"  {text}" for text in told],
        textfont={"size": 11, "color": ACCENT}, hoverinfo="skip", cliponaxis=False,
    )  # fmt: skip


def _two_lines(text: str) -> str:
    """Return a sentence broken at its semicolon, or a phone would cut off its end."""
    return text.replace("；", "；<br>").replace("; ", ";<br>")


def _profit_title(comparison: pd.DataFrame, lang: str) -> str:
    currency = tell_text(comparison["currency"].iloc[0])
    return f"{say('expected_profit', lang)} ({inert(currency)})"


def _add_rule_bars(
    figure: go.Figure, row: int, names: list[str], values: list[float | None], told: list[str]
) -> None:
    figure.add_bar(
        y=names, x=values, orientation="h", text=told, textposition="outside", cliponaxis=False,
        marker_color=ACCENT, showlegend=False,
        hovertemplate="%{y}<br>%{text}<extra></extra>", row=row, col=1,
    )  # fmt: skip


def _add_raw_history(figure: go.Figure, totals: pd.DataFrame, lang: str) -> None:
    raw = totals["raw"].dropna()
    if raw.empty:
        return
    units = float(raw.iloc[-1])
    figure.add_scatter(
        x=[round(units)], y=[say("chart.raw_row", lang)], mode="markers+text", showlegend=False,
        marker={"symbol": "x", "size": 10, "color": WARN}, textfont={"color": WARN},
        text=[f"  {say('chart.raw_history', lang, units=units)}"], textposition="middle right",
        hovertemplate=f"{say('raw_history_units', lang)} %{{x:,}}<extra></extra>",
        cliponaxis=False, row=1, col=1,
    )  # fmt: skip


def _make_room(figure: go.Figure, totals: pd.DataFrame) -> None:
    longest = max(float(totals["units"].max()), float(totals["raw"].fillna(0).max()), 1.0)
    figure.update_xaxes(range=[0, longest * TEXT_ROOM * 1.1], row=1, col=1)
    profit = totals["profit"].fillna(0)
    low, high = min(float(profit.min()), 0.0), max(float(profit.max()), 1.0)
    room = (TEXT_ROOM - 1) * (high - low)
    figure.update_xaxes(range=[low - room if low < 0 else 0, high + room], row=2, col=1)


def _money_text(amount: float, unknown: int, lang: str) -> str:
    """Return an amount, and for how many SKUs it is not known."""
    told = tell_number(amount, "_cost", lang, decimals=0)
    if not unknown:
        return told
    if pd.isna(amount):
        return say("word.unknown", lang)
    if not amount:
        return say("chart.unknown_for", lang, count=unknown)
    return say("chart.and_unknown", lang, amount=told, count=unknown)

"""Figures of notebook 02 on what a forecast consists of: the way from ordinary days to the mean.

Knows how steps are drawn and told; the steps themselves come from `demand.decomposition`. A
figure holds the first SKUs by demand and shows one; a list inside the page picks another.
"""

import pandas as pd
import plotly.graph_objects as go

from planner.demand.decomposition import horizon_steps, phase_steps
from planner.pages.blocks import Block, show_table
from planner.pages.picks import KEYS, add_picks, names_of
from planner.pages.telling import tell_number, tell_range
from planner.pages.theme import (
    ACCENT,
    ACCENT_SOFT,
    GREY,
    MAX_DRAWN,
    MUTED,
    WARN,
    empty_figure,
    labels,
    new_figure,
    note_below,
    rows_height,
)
from planner.words import say

Key = tuple[str, str, str]

FIRST_STEPS = ("level", "ordinary")
"""Steps that stand on the ground; the others float on those before them."""
LEAST_SHARE = 0.002
"""A step smaller than this share of the total is not drawn; its units stand in the note."""
FEW_UNITS = 9.5
"""Below it units are told with a decimal. [units]"""
REASON_COLUMNS = ("sku", "phase", "uplift_ratio", "low_ratio", "high_ratio", "reason")


def horizon_ladder(
    parts: pd.DataFrame,
    forecast: pd.DataFrame,
    doubts: pd.DataFrame,
    lang: str,
    *,
    most: int = MAX_DRAWN,
) -> go.Figure:
    """Return the way from ordinary days to the horizon's mean of one SKU, phase by phase.

    Parameters
    ----------
    parts : DataFrame
        Table `Decomposition`.
    forecast : DataFrame
        Table `Forecast`; ranks the SKUs and gives the range.
    doubts : DataFrame
        Table `DoubtShares`; the largest is named below the figure.
    lang : {"zh", "en"}
    most : int
        SKUs that can be picked.

    Returns
    -------
    Figure
        One bar per step, the forecast last, with its 80 % range as a line.
    """
    return _ladder(horizon_steps(parts), forecast, doubts, lang, phase="horizon", most=most)


def phase_ladder(
    parts: pd.DataFrame,
    forecast: pd.DataFrame,
    doubts: pd.DataFrame,
    lang: str,
    *,
    phase: str = "sale",
    most: int = MAX_DRAWN,
) -> go.Figure:
    """Return the way from ordinary days to the mean of one phase of one SKU, cause by cause.

    Parameters
    ----------
    parts, forecast, doubts : DataFrame
        As `horizon_ladder` takes them.
    lang : {"zh", "en"}
    phase : str
    most : int
        SKUs that can be picked.
    """
    steps = phase_steps(parts, phase=phase)
    return _ladder(steps, forecast, doubts, lang, phase=phase, most=most)


def ladder_bars(steps: pd.DataFrame, lang: str) -> go.Bar:
    """Return the bars of one series: each step on top of those before it, the sum last.

    Parameters
    ----------
    steps : DataFrame
        Columns step and part_units, in order.
    lang : {"zh", "en"}
    """
    units = steps["part_units"].to_numpy(dtype=float)
    total = float(units.sum())
    drawn = (abs(units) >= LEAST_SHARE * max(abs(total), 1.0)) | steps["step"].isin(FIRST_STEPS)
    bases, sizes, colours, texts, level = [], [], [], [], 0.0
    for amount, name, is_drawn in zip(units, steps["step"], drawn, strict=True):
        start, level = level, level + amount
        if not is_drawn:
            continue
        bases.append(round(min(start, level), 1))
        sizes.append(round(abs(amount), 1))
        first = name in FIRST_STEPS
        colours.append(GREY if first else WARN if amount < 0 else ACCENT_SOFT)
        told = _told(abs(amount), lang)
        texts.append(told if first else f"{'+' if amount > 0 else '-'}{told}")
    names = [say(f"part.{name}", lang) for name in steps.loc[drawn, "step"]]
    return go.Bar(
        y=labels([*names, say("part.total", lang)]),
        x=[*sizes, round(total, 1)], base=[*bases, 0.0],
        orientation="h", marker_color=[*colours, ACCENT],
        text=[*texts, tell_number(total, "_units", lang)],
        textposition="outside", cliponaxis=False, showlegend=False, constraintext="none",
        hovertemplate="%{y}<br>%{text}<extra></extra>",
    )  # fmt: skip


def reasons_table(
    reasons: pd.DataFrame, forecast: pd.DataFrame, lang: str, *, most: int = MAX_DRAWN
) -> Block:
    """Return why each ratio of the largest SKUs is what it is, a sentence per phase; folded.

    Parameters
    ----------
    reasons : DataFrame
        What `ratio_reasons.explain_ratios` gave.
    forecast : DataFrame
        Table `Forecast`; ranks the SKUs.
    lang : {"zh", "en"}
    most : int
        SKUs shown.
    """
    order = {key: place for place, key in enumerate(largest_series(forecast, most))}
    place = pd.Series(list(reasons[KEYS].itertuples(index=False, name=None)), dtype=object)
    shown = reasons.assign(place=place.map(order).to_numpy(dtype=float))
    shown = shown[shown["place"].notna()].sort_values("place", kind="stable")
    return show_table(shown, lang, columns=["shop", *REASON_COLUMNS], fold_term="fold.ratios")


def largest_series(forecast: pd.DataFrame, most: int = MAX_DRAWN) -> list[Key]:
    """Return shop, market and SKU of the series that sell most over the horizon."""
    whole = forecast[forecast["phase"] == "horizon"]
    ranked = whole.sort_values(["mean_units", "sku"], ascending=[False, True])
    return list(ranked.head(most)[KEYS].itertuples(index=False, name=None))


def _ladder(
    steps: pd.DataFrame,
    forecast: pd.DataFrame,
    doubts: pd.DataFrame,
    lang: str,
    *,
    phase: str,
    most: int,
) -> go.Figure:
    groups = dict(iter(steps.groupby(KEYS, sort=False)))
    chosen = [key for key in largest_series(forecast, most) if key in groups]
    if not chosen:
        return empty_figure(lang)
    ranges = forecast[forecast["phase"] == phase].set_index(KEYS)
    leading = _leading(doubts[doubts["phase"] == phase])
    longest = max(len(groups[key]) for key in chosen) + 2
    figure, members = new_figure(rows_height(longest) + 24), []
    for key in chosen:
        figure.add_trace(ladder_bars(groups[key], lang))
        row = ranges.loc[key]
        _add_range(figure, row, lang)
        figure.add_trace(_note(row, key[2], leading.get(key), lang))
        members.append(list(range(len(figure.data) - 3, len(figure.data))))
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(title=say("unit.units", lang), rangemode="tozero")
    figure.update_layout(
        xaxis2={"overlaying": "x", "visible": False, "range": [0, 1], "fixedrange": True},
        yaxis2={"overlaying": "y", "visible": False, "range": [0, 1], "fixedrange": True},
    )
    add_picks(figure, names_of(chosen), members)
    left_out = len(groups) - len(chosen)
    if left_out > 0:
        note_below(figure, say("chart.parts_left_out", lang, count=left_out))
    return figure


def _told(units: float, lang: str) -> str:
    """Return units with a decimal where there are few, as steps of a small SKU are."""
    return tell_number(units, "_units", lang) if units >= FEW_UNITS else f"{units:.1f}"


def _add_range(figure: go.Figure, row: pd.Series, lang: str) -> None:
    place = labels([say("chart.range_80", lang)])[0]
    told = tell_range(row["q10_units"], row["q90_units"], "_units", lang)
    low, high = float(row["q10_units"]), float(row["q90_units"])
    figure.add_scatter(
        x=[round(low, 1), round((low + high) / 2, 1), round(high, 1)], y=[place] * 3,
        mode="lines+markers+text", line={"color": MUTED, "width": 2}, showlegend=False,
        marker={"symbol": "line-ns-open", "size": [9, 0, 9], "color": MUTED}, cliponaxis=False,
        text=["", told, ""], textposition="top center",
        hovertemplate=f"{say('chart.range_80', lang)} {told}<extra></extra>",
    )  # fmt: skip


def _note(row: pd.Series, sku: str, leading: tuple[str, float] | None, lang: str) -> go.Scatter:
    """Return two short lines above the bars; a trace, so that the list switches it too."""
    text = ""
    if leading is not None:
        told = tell_range(row["q10_units"], row["q90_units"], "_units", lang)
        doubt = say(f"because.{leading[0]}", lang)
        lines = [
            say("chart.parts_range", lang, sku=labels([sku])[0], range=told),
            say("chart.parts_doubt", lang, doubt=doubt, share=leading[1]),
        ]
        text = "<br>".join(lines)
    return go.Scatter(
        x=[0.0], y=[1.0], xaxis="x2", yaxis="y2", mode="text", text=[text],
        textposition="top right", textfont={"size": 12, "color": MUTED}, cliponaxis=False,
        showlegend=False, hoverinfo="skip",
    )  # fmt: skip


def _leading(doubts: pd.DataFrame) -> dict[Key, tuple[str, float]]:
    """Return the largest source of doubt of each series, and its share."""
    if doubts.empty:
        return {}
    first = doubts.sort_values("variance_share", ascending=False).drop_duplicates(KEYS)
    keys = first[KEYS].itertuples(index=False, name=None)
    return dict(zip(keys, zip(first["doubt"], first["variance_share"], strict=True), strict=True))

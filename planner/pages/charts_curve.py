"""Figures of how demand falls on days: the curve inside a phase, and the horizon day by day."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from planner.demand.draws import quantiles_of
from planner.pages.marks import event_name
from planner.pages.summary import without_d
from planner.pages.telling import tell_range
from planner.pages.theme import (
    ACCENT,
    ACCENT_SOFT,
    GREY,
    INK,
    MUTED,
    SERIES,
    date_axis,
    days,
    empty_figure,
    labels,
    new_figure,
    note_below,
    numbers,
)
from planner.pages.worlds import ENDS, phase_ranges
from planner.tables import PROMO_PHASES
from planner.words import say

RANGE_OPACITY = 0.18
PEAK_RATIO = 1.15
"""A day that stands so far above the one before bears the name of the event that lifts it."""
JOINTS = {"zh": "、", "en": ", "}


def day_curve(curve: pd.DataFrame, lang: str) -> go.Figure:
    """Return each day's share of its phase with its 80 % range, and an even share beside it.

    Parameters
    ----------
    curve : DataFrame
        Table `DayCurve`.
    lang : {"zh", "en"}
    """
    if curve.empty:
        return empty_figure(lang)
    figure = new_figure(380)
    markets = list(curve["market"].unique())
    for place, market in enumerate(markets):
        of_market = curve[curve["market"] == market]
        for phase in PROMO_PHASES:
            part = of_market[of_market["phase"] == phase]
            if len(part):
                named = [say(f"phase.{phase}", lang)]
                named = [say(f"market.{market}", lang), *named] if len(markets) > 1 else named
                colour = ACCENT if phase == "sale" else ACCENT_SOFT
                colour = SERIES[place % len(SERIES)] if len(markets) > 1 else colour
                _add_phase(figure, part, " · ".join(named), colour, lang)
    figure.update_yaxes(
        title=say("chart.share_of_phase", lang), tickformat=".0%", rangemode="tozero"
    )
    date_axis(figure)
    note_below(figure, _learnt_from(curve, lang))
    return figure


def horizon_by_day(
    forecast: pd.DataFrame,
    draws: pd.DataFrame,
    lang: str,
    *,
    events: pd.DataFrame | None = None,
    whole: pd.DataFrame | None = None,
    sku: str | None = None,
) -> go.Figure:
    """Return demand of each day of the horizon with its 80 % range.

    Parameters
    ----------
    forecast, draws : DataFrame
        Tables `ForecastDaily` and `DemandDraws`.
    lang : {"zh", "en"}
    events : DataFrame, optional
        Table `Events`: those that lift a day are named there.
    whole : DataFrame, optional
        Table `Forecast`: SKUs of grade D in it are left out of the sum, as in the headline.
    sku : str, optional
        Only this SKU; without it the sum of all.

    Notes
    -----
    The band of the sum is that of the SKUs added up, drawn in by what the phase's own sum,
    world by world, is narrower than its SKUs' ranges added up.
    """
    if sku is None and whole is not None:
        forecast, draws = without_d(forecast, whole), without_d(draws, whole)
    rows = _drawn_in(forecast, draws) if sku is None else forecast[forecast["sku"] == sku]
    if rows.empty:
        return empty_figure(lang)
    sums = rows.groupby("day")[["mean_units", "q10_units", "q90_units"]].sum().reset_index()
    figure = new_figure(400)
    x = days(sums["day"])
    figure.add_scatter(
        x=x, y=numbers(sums["q10_units"], 1), mode="lines", line={"width": 0},
        showlegend=False, hoverinfo="skip",
    )  # fmt: skip
    figure.add_scatter(
        x=x, y=numbers(sums["q90_units"], 1), mode="lines", line={"width": 0}, fill="tonexty",
        fillcolor=_soft(ACCENT), name=say("chart.range_80", lang), hoverinfo="skip",
    )  # fmt: skip
    told = [tell_range(row.q10_units, row.q90_units, "_units", lang) for row in sums.itertuples()]
    figure.add_scatter(
        x=x, y=numbers(sums["mean_units"], 1), mode="lines", name=say("mean_units", lang),
        line={"color": ACCENT, "width": 2.4}, customdata=told,
        hovertemplate=f"%{{x}}<br>{say('mean_units', lang)} %{{y:,}}<br>"
        f"{say('chart.range_80', lang)} %{{customdata}}<extra></extra>",
    )  # fmt: skip
    figure.update_yaxes(title=say("chart.units_a_day", lang), rangemode="tozero")
    date_axis(figure)
    if events is not None:
        _name_peaks(figure, sums, events[events["market"].isin(rows["market"])], lang)
    return figure


def _drawn_in(forecast: pd.DataFrame, draws: pd.DataFrame) -> pd.DataFrame:
    """Return the days with ends as near to the mean as those of their phase's sum are."""
    if forecast.empty:
        return forecast
    own = draws[["market", "phase"]].reset_index(drop=True)
    worlds = np.stack(draws["draws"].to_list())
    own["low"], own["high"] = quantiles_of(worlds, list(ENDS))
    joint = phase_ranges(draws)
    summed = own.groupby(["market", "phase"])[["low", "high"]].sum().reindex(joint.index)
    out = forecast.copy()
    for column, end in (("q10_units", "low"), ("q90_units", "high")):
        width = (summed[end] - joint["mean"]).abs()
        kept = ((joint[end] - joint["mean"]).abs() / width.where(width > 0)).clip(upper=1.0)
        share = (
            out[["market", "phase"]]
            .merge(
                kept.fillna(1.0).rename("kept").reset_index(), on=["market", "phase"], how="left"
            )["kept"]
            .fillna(1.0)
            .to_numpy()
        )
        out[column] = out["mean_units"] + (out[column] - out["mean_units"]) * share
    return out


def _name_peaks(figure: go.Figure, sums: pd.DataFrame, events: pd.DataFrame, lang: str) -> None:
    """Write the name of each event above the day that it lifts over the day before."""
    units = sums.set_index("day")["mean_units"]
    is_lifted = units > PEAK_RATIO * units.shift(1)
    sales = events[events["phase"] == "sale"].drop_duplicates("starts_on", keep="last")
    for row in sales.sort_values("starts_on").itertuples():
        if is_lifted.get(row.starts_on, False):
            name = labels([event_name(row.event, lang)])[0]
            figure.add_annotation(
                x=days(pd.Series([row.starts_on]))[0], y=float(units[row.starts_on]), text=name,
                showarrow=False, yanchor="bottom", yshift=6, font={"size": 12, "color": MUTED},
            )  # fmt: skip


def _learnt_from(curve: pd.DataFrame, lang: str) -> str:
    """Return how many past runs each phase's shape was learnt from."""
    seen = curve.groupby("phase")["past_events"].max()
    if not seen.max():
        return say("chart.curve_shipped", lang)
    counts = [
        say("chart.curve_phase", lang, phase=say(f"phase.{phase}", lang), events=int(seen[phase]))
        for phase in PROMO_PHASES
        if phase in seen.index
    ]
    return say("chart.curve_seen", lang, counts=JOINTS[lang].join(counts))


def _add_phase(figure: go.Figure, part: pd.DataFrame, name: str, colour: str, lang: str) -> None:
    x = days(part["day"])
    share = part["share_rate"]
    above = numbers(part["share_high_rate"] - share, 4)
    below = numbers(share - part["share_low_rate"], 4)
    told = [
        f"{low:.1%} – {high:.1%}"
        for low, high in zip(part["share_low_rate"], part["share_high_rate"], strict=True)
    ]
    figure.add_scatter(
        x=x, y=numbers(share, 4), mode="lines+markers", name=name, customdata=told,
        line={"color": colour, "width": 2}, marker={"size": 8},
        error_y={
            "type": "data", "symmetric": False, "array": above, "arrayminus": below,
            "color": INK, "thickness": 1.2, "width": 4,
        },
        hovertemplate=f"%{{x}}<br>{name} %{{y:.1%}}<br>{say('chart.range_80', lang)} "
        "%{customdata}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=x, y=[round(1 / len(part), 4)] * len(part), mode="lines", showlegend=False,
        line={"color": GREY, "width": 1.2, "dash": "dot"}, hoverinfo="skip",
    )  # fmt: skip


def _soft(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{RANGE_OPACITY})"

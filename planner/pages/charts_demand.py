"""Figures of notebook 02: how much will sell, how sure that is, and what it rests on."""

import pandas as pd
import plotly.graph_objects as go

from planner.pages.marks import add_marks, add_promo_bands, add_ranges, end_axis, ranked, row_figure
from planner.pages.summary import of_skus, without_d
from planner.pages.telling import tell_number, tell_range
from planner.pages.theme import (
    ACCENT,
    ACCENT_SOFT,
    GRADE_SYMBOLS,
    GREY,
    INK,
    LIGHT,
    PAPER,
    SERIES,
    WARN,
    date_axis,
    days,
    empty_figure,
    new_figure,
    note_below,
    numbers,
)
from planner.pages.worlds import phase_ranges
from planner.tables import GRADES, PHASES
from planner.words import say

PHASE_COLOURS = {"before": GREY, "sale": ACCENT}


def phase_forecast(forecast: pd.DataFrame, draws: pd.DataFrame, lang: str) -> go.Figure:
    """Return mean demand of each phase with its 80 % range, summed over SKUs.

    Parameters
    ----------
    forecast, draws : DataFrame
        Tables `Forecast` and `DemandDraws`.
    lang : {"zh", "en"}

    Notes
    -----
    The range is that of the sum, world by world. `before` is grey: it is served from stock at
    hand and is no part of the horizon. SKUs of grade D are left out, as in the headline.
    """
    phases = forecast[forecast["phase"] != "horizon"]
    if phases.empty:
        return empty_figure(lang)
    skus = of_skus(forecast)
    unsure = int((skus["grade"] == "D").sum())
    if unsure == len(skus):
        return empty_figure(lang, "empty.all_d")
    phases, draws = without_d(phases, forecast), without_d(draws, forecast)
    figure = new_figure(400, barmode="group", bargap=0.45)
    many = len(phases["market"].unique()) > 1
    for place, (market, part) in enumerate(phases.groupby("market")):
        totals = _phase_totals(part, draws)
        _add_phase_bars(
            figure, totals, [_phase_label(row, lang, many) for row in totals.itertuples()], lang
        )
        colours = [PHASE_COLOURS.get(phase, ACCENT_SOFT) for phase in totals["phase"]]
        figure.data[-1].update(
            name=say(f"market.{market}", lang),
            marker_color=SERIES[place % len(SERIES)] if many else colours,
        )
    figure.update_layout(showlegend=many, margin_t=40 if many else 20)
    figure.update_xaxes(tickangle=0)
    figure.update_yaxes(title=say("unit.units", lang), rangemode="tozero")
    notes = [say("chart.before_apart", lang)] if (phases["phase"] == "before").any() else []
    notes += [say("chart.without_d", lang, count=unsure)] if unsure else []
    if notes:
        note_below(figure, "<br>".join(notes), depth=88)
    return figure


def sku_forecast(forecast: pd.DataFrame, lang: str) -> go.Figure:
    """Return demand of each SKU over the horizon: median, 60 % and 80 % ranges, grade as marker.

    Parameters
    ----------
    forecast : DataFrame
        Table `Forecast`.
    lang : {"zh", "en"}

    Returns
    -------
    Figure
        A SKU of grade D has its range and no dot.
    """
    horizon = forecast[forecast["phase"] == "horizon"]
    if horizon.empty:
        return empty_figure(lang)
    shown = ranked(horizon, "q50_units")
    figure = row_figure(shown, 0, lang)
    add_ranges(figure, shown, ("q10_units", "q90_units"), name=say("chart.range_80", lang), width=2)
    add_ranges(figure, shown, ("q20_units", "q80_units"), name=say("chart.range_60", lang), width=8)
    for grade in GRADES[:3]:
        _add_graded(figure, shown[shown["grade"] == grade], grade, lang)
    _name_d(figure, shown[shown["grade"] == "D"], lang)
    figure.update_xaxes(title=say("unit.units", lang))
    end_axis(figure, shown, ["q90_units"])
    rest = horizon.drop(shown.index)
    if len(rest):
        sure = rest.loc[rest["grade"] != "D", "q50_units"].sum()
        units = tell_number(sure, "q50_units", lang)
        note_below(figure, say("chart.rest_of_skus", lang, count=len(rest), units=units))
    return figure


def baseline_and_history(
    daily: pd.DataFrame, baseline: pd.DataFrame, lang: str, *, sku: str | None = None
) -> go.Figure:
    """Return units sold by day and the units an ordinary day would sell, into the horizon.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales`.
    baseline : DataFrame
        Table `BaselineDaily`.
    lang : {"zh", "en"}
    sku : str, optional
        Only this SKU; without it the sum of all.
    """
    if sku is not None:
        daily, baseline = daily[daily["sku"] == sku], baseline[baseline["sku"] == sku]
    if baseline.empty:
        return empty_figure(lang)
    sold = daily.groupby("day", as_index=False)["units"].sum()
    base = baseline.groupby("day", as_index=False).agg(
        units=("baseline_units", "sum"), is_future=("is_future", "all")
    )
    figure = new_figure(420)
    lines = (
        ("chart.sold", sold, GREY, 1.2, "solid"),
        ("chart.baseline", base[~base["is_future"]], ACCENT, 2.4, "solid"),
        ("chart.baseline_future", base[base["is_future"]], ACCENT, 2.4, "dot"),
    )
    for term, part, colour, width, dash in lines:
        figure.add_scatter(
            x=days(part["day"]), y=numbers(part["units"], 1), name=say(term, lang), mode="lines",
            line={"color": colour, "width": width, "dash": dash},
            hovertemplate=f"%{{x}}<br>{say(term, lang)} %{{y:,}}<extra></extra>",
        )  # fmt: skip
    add_promo_bands(figure, daily[daily["event"] != ""], lang)
    figure.update_yaxes(title=say("chart.units_a_day", lang), rangemode="tozero")
    date_axis(figure)
    return figure


def uplift_ranges(uplift: pd.DataFrame, lang: str, *, phase: str = "sale") -> go.Figure:
    """Return the uplift of each SKU in one phase: its own past, the prior, and what was taken.

    Parameters
    ----------
    uplift : DataFrame
        Table `Uplift`.
    lang : {"zh", "en"}
    phase : {"warm_up", "sale", "tail"}
        The phase drawn; the table beside the figure holds the others.
    """
    part = uplift[uplift["phase"] == phase]
    if part.empty:
        return empty_figure(lang)
    shown = ranked(part, "uplift_ratio")
    figure = row_figure(shown, len(part) - len(shown), lang)
    add_ranges(figure, shown, ("low_ratio", "high_ratio"), name=say("chart.uplift_range", lang))
    marks = (
        ("prior_ratio", "line-ns", GREY, 14, None),
        ("own_ratio", "circle", WARN, 9, PAPER),
        ("uplift_ratio", "circle", ACCENT, 9, None),
    )
    for column, symbol, colour, size, fill in marks:
        add_marks(
            figure, shown, column, name=say(column, lang), symbol=symbol, colour=colour, size=size,
            digits=2, fill=fill,
        )  # fmt: skip
    figure.add_vline(x=1, line={"color": LIGHT, "width": 1.5}, layer="below")
    word = say(f"phase.{phase}", lang)
    figure.update_xaxes(title=say("chart.times_ordinary", lang, phase=word))
    end_axis(figure, shown, ["high_ratio", "own_ratio", "prior_ratio"])
    return figure


def backtest(replay: pd.DataFrame, lang: str) -> go.Figure:
    """Return the last past event of each SKU: the range given from data before it, and the truth.

    Parameters
    ----------
    replay : DataFrame
        Table `Backtest`.
    lang : {"zh", "en"}
    """
    if replay.empty:
        return empty_figure(lang, "empty.backtest")
    shown = ranked(replay, "actual_units")
    figure = row_figure(shown, len(replay) - len(shown), lang)
    add_ranges(figure, shown, ("q10_units", "q90_units"), name=say("chart.range_80", lang), width=5)
    marks = (
        ("q50_units", "chart.forecast_median", "circle", ACCENT, 7),
        ("rule_units", "chart.excel_rule", "x-thin", WARN, 8),
        ("actual_units", "chart.actual", "diamond", INK, 8),
    )
    for column, term, symbol, colour, size in marks:
        add_marks(
            figure, shown, column, name=say(term, lang), symbol=symbol, colour=colour, size=size
        )
    figure.update_xaxes(title=say("unit.units", lang))
    end_axis(figure, shown, ["q90_units", "rule_units", "actual_units"])
    return figure


def _phase_totals(part: pd.DataFrame, draws: pd.DataFrame) -> pd.DataFrame:
    totals = part.groupby("phase").agg(
        mean=("mean_units", "sum"), starts_on=("starts_on", "min"), ends_on=("ends_on", "max")
    )
    market = part["market"].iloc[0]
    ranges = phase_ranges(draws[draws["market"] == market]).loc[market]
    totals = totals.join(ranges[["low", "high"]])
    return totals.reindex([phase for phase in PHASES if phase in totals.index]).reset_index()


def _phase_label(row: tuple, lang: str, many: bool) -> str:
    name = say(f"phase.{row.phase}", lang)
    if row.phase == "before":
        name = f"{name}<br>{say('chart.not_in_total', lang)}"
    return name if many else f"{name}<br>{row.starts_on:%m-%d} –<br>{row.ends_on:%m-%d}"


def _add_phase_bars(figure: go.Figure, totals: pd.DataFrame, names: list[str], lang: str) -> None:
    told = [tell_range(row.low, row.high, "_units", lang) for row in totals.itertuples()]
    above = numbers(totals["high"] - totals["mean"], 0)
    below = numbers(totals["mean"] - totals["low"], 0)
    figure.add_bar(
        x=names, y=numbers(totals["mean"], 0), customdata=told,
        error_y={
            "type": "data", "symmetric": False, "array": above, "arrayminus": below,
            "color": INK, "thickness": 1.4, "width": 5,
        },
        hovertemplate=f"%{{x}}<br>{say('mean_units', lang)} %{{y:,}}<br>"
        f"{say('chart.range_80', lang)} %{{customdata}}<extra></extra>",
    )  # fmt: skip
    for row, name in zip(totals.itertuples(), names, strict=True):
        figure.add_annotation(
            x=name, y=row.high, text=tell_number(row.mean, "_units", lang), showarrow=False,
            yanchor="bottom", yshift=4, font={"size": 14, "weight": 600},
        )  # fmt: skip


def _add_graded(figure: go.Figure, part: pd.DataFrame, grade: str, lang: str) -> None:
    if part.empty:
        return
    told = [tell_range(row.q10_units, row.q90_units, "_units", lang) for row in part.itertuples()]
    add_marks(
        figure, part, "q50_units", name=say("chart.grade", lang, grade=grade),
        symbol=GRADE_SYMBOLS[grade], colour=ACCENT, fill=PAPER if grade == "C" else None,
    )  # fmt: skip
    figure.data[-1].update(
        customdata=told,
        hovertemplate=f"%{{y}}<br>{say('q50_units', lang)} %{{x:,}}<br>"
        f"{say('chart.range_80', lang)} %{{customdata}}<extra></extra>",
    )


def _name_d(figure: go.Figure, unsure: pd.DataFrame, lang: str) -> None:
    if unsure.empty:
        return
    figure.add_scatter(
        x=numbers(unsure["q90_units"], 0), y=unsure["label"].to_list(), mode="text",
        text=[f"  {say('chart.only_range', lang)}"] * len(unsure), textposition="middle right",
        textfont={"size": 11, "color": WARN}, showlegend=False, hoverinfo="skip", cliponaxis=False,
    )  # fmt: skip

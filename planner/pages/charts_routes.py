"""Figures of notebook 01 on how demand reaches the shop: by which route, at which hour."""

import pandas as pd
import plotly.graph_objects as go

from planner.pages.kinds import tell_text
from planner.pages.picks import KEYS, add_picks, first_series, names_of
from planner.pages.telling import tell_number
from planner.pages.theme import (
    ACCENT,
    ACCENT_SOFT,
    GREY,
    LIGHT,
    empty_figure,
    inert,
    labels,
    new_figure,
    numbers,
    rows_height,
)
from planner.words import say

ROUTES = ("source", "fulfilment", "channel")


def demand_routes(lines: pd.DataFrame, lang: str) -> go.Figure:
    """Return the share of demand by what made the buyer order, by who ships and by channel.

    Parameters
    ----------
    lines : DataFrame
        Table `OrderLines`; only lines that are demand count. What an export does not say is
        grey and called unknown.
    lang : {"zh", "en"}
    """
    demand = lines[lines["is_demand"]]
    if demand.empty:
        return empty_figure(lang)
    parts = []
    for route in ROUTES:
        units = demand.groupby(route)["units"].sum().sort_values(ascending=False)
        for value, amount in units.items():
            parts.append((route, str(value), int(amount), amount / units.sum()))
    told = labels(
        [f"{say(route, lang)} · {_route(route, value, lang)}" for route, value, *_ in parts]
    )
    figure = new_figure(rows_height(len(parts)))
    colours = {
        route: colour for route, colour in zip(ROUTES, (ACCENT, ACCENT_SOFT, GREY), strict=True)
    }
    figure.add_bar(
        y=told, x=[round(share, 4) for *_, share in parts], orientation="h", showlegend=False,
        marker_color=[colours[route] if value else LIGHT for route, value, *_ in parts],
        text=[f"{share:.1%} · {tell_number(units, '_units', lang)}" for *_, units, share in parts],
        textposition="outside", cliponaxis=False, hoverinfo="skip",
    )  # fmt: skip
    figure.update_yaxes(
        categoryorder="array", categoryarray=told, range=[len(told) - 0.4, -0.6], type="category"
    )
    figure.update_xaxes(range=[0, 1.25], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1])
    return figure


def hours_by_sku(
    profile: pd.DataFrame, daily: pd.DataFrame, lang: str, *, most: int = 12
) -> go.Figure:
    """Return the share of units by hour of the shop's clock, of the shop or one of its SKUs.

    Parameters
    ----------
    profile, daily : DataFrame
        Tables `HourProfile` and `DailySales`; revenue of the latter ranks the SKUs.
    lang : {"zh", "en"}
    most : int
        SKUs that can be picked.
    """
    if profile.empty:
        return empty_figure(lang)
    wholes = profile[profile["sku"] == ""]
    skus = profile[profile["sku"] != ""]
    chosen = [("shop", *key) for key in wholes[KEYS].drop_duplicates().itertuples(index=False)]
    series = [(key[1], key[2], key[3]) for key in chosen]
    ranked = first_series(daily, skus, most) if len(skus) else []
    names = [inert(tell_text(shop)) for shop, _, _ in series] + names_of(ranked)
    groups = dict(iter(profile.groupby(KEYS, sort=False)))
    figure, members = new_figure(340), []
    for key in [*series, *ranked]:
        part = groups[key]
        peak = part["share_rate"].max()
        colours = [ACCENT if share == peak else ACCENT_SOFT for share in part["share_rate"]]
        figure.add_bar(
            x=part["hour"].to_list(), y=numbers(part["share_rate"], 4), marker_color=colours,
            showlegend=False,
            hovertemplate=f"%{{x}}:00<br>{say('share_rate', lang)} %{{y:.1%}}<extra></extra>",
        )  # fmt: skip
        members.append([len(figure.data) - 1])
    add_picks(figure, names, members)
    figure.update_layout(bargap=0.2)
    figure.update_xaxes(title=say("chart.hour", lang), tickmode="linear", tick0=0, dtick=2)
    figure.update_yaxes(tickformat=".0%", title=say("share_rate", lang))
    return figure


def _route(route: str, value: str, lang: str) -> str:
    if not value:
        return say("chart.not_said", lang)
    return say(f"{route}.{value}", lang) if route != "channel" else tell_text(value)

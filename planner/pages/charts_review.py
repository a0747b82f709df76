"""Figures of notebook 05 on money: the way from profit as it came to the best, by cause and rule.

Table in, figure out; the parts come from `season.replays.regret` and `season.replays.seller_rules`.
"""

from collections.abc import Iterable
from itertools import pairwise

import pandas as pd
import plotly.graph_objects as go

from planner.pages.big_numbers import BETWEEN_LARGE, LARGE_MONEY, large_number
from planner.pages.kinds import tell_text
from planner.pages.marks import ranked, row_figure
from planner.pages.picks import add_picks
from planner.pages.telling import MONEY_CENTS_BELOW, tell_number
from planner.pages.theme import (
    ACCENT,
    AMBER,
    GOOD,
    GREY,
    INK,
    PURPLE,
    SERIES,
    WARN,
    date_axis,
    days,
    empty_figure,
    inert,
    labels,
    new_figure,
    note_below,
    numbers,
    rows_height,
)
from planner.tables import REGRET_CAUSES, SELLER_RULES
from planner.words import say

KEYS = ["market", "sku"]
SHOWN_SKUS = 12
"""A meeting talks about the dearest dozen; the others stand in the table."""
PICKED_SKUS = 12
LEAST_SHARE = 0.004
"""A part smaller than this share of the longest bar is not drawn by SKU."""
TEXT_ROOM = 0.4
"""Share of the bars' span kept free beside them for their figures, on a phone too."""
CAUSE_COLOURS = dict(
    zip(
        REGRET_CAUSES,
        (ACCENT, PURPLE, AMBER, INK, WARN, "#56b4e9", "#7a4b00", GREY, GOOD),
        strict=True,
    )
)
RULE_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")


def cause_term(cause: object, *, is_frozen: bool = True) -> str:
    """Return the term of a cause of loss, as it is called beside this plan.

    Parameters
    ----------
    cause : str
        Of `RegretLedger`.
    is_frozen : bool
        Whether the plan compared was put aside: of one that was made again afterwards nobody can
        be said to have strayed.

    Examples
    --------
    >>> cause_term("execution", is_frozen=False)
    'cause.execution_again'
    """
    is_again = cause == "execution" and not is_frozen
    return f"cause.{cause}_again" if is_again else f"cause.{cause}"


def profit_waterfall(
    profits: pd.DataFrame, totals: pd.DataFrame, lang: str, *, is_frozen: bool = True
) -> go.Figure:
    """Return the way from the profit as it came to the best attainable, cause by cause.

    Parameters
    ----------
    profits : DataFrame
        Table `SeasonProfits`; a SKU that cannot be replayed is left out and counted below.
    totals : DataFrame
        Table `RegretTotals`; the rows of a blank market, over all markets, are drawn.
    lang : {"zh", "en"}
    is_frozen : bool
        As `cause_term` takes it.

    Returns
    -------
    Figure
        The dearest cause first; the bars add up to the best to the cent. A bar to the left is a
        deviation that helped.
    """
    known = profits[profits["actual_profit"].notna()]
    if known.empty:
        return empty_figure(lang, "empty.outcome")
    parts = totals[totals["market"] == ""]
    names = [say("actual_profit", lang)]
    names += [say(cause_term(cause, is_frozen=is_frozen), lang) for cause in parts["cause"]]
    names = labels([*names, say("best_profit", lang)])
    steps = parts["regret_profit"].tolist()
    start, best = float(known["actual_profit"].sum()), float(known["best_profit"].sum())
    ends = [start]
    for step in steps:
        ends.append(ends[-1] + step)
    bases = [0.0, *(min(a, b) for a, b in pairwise(ends)), 0.0]
    sizes = [start, *(abs(step) for step in steps), best]
    colours = [GREY, *(WARN if step > 0 else GOOD for step in steps), ACCENT]
    whole = _decimals([start, best])
    is_large = max(abs(start), abs(best), *map(abs, steps)) >= LARGE_MONEY
    told = {"lang": lang, "decimals": whole, "is_large": is_large}
    texts = [_money(start, **told), *(_money(step, **told, sign=True) for step in steps)]
    figure = new_figure(rows_height(len(names)) + 10)
    figure.add_bar(
        y=names, x=[round(size, 2) for size in sizes], base=[round(base, 2) for base in bases],
        orientation="h", marker_color=colours, text=[*texts, _money(best, **told)],
        textposition="outside", cliponaxis=False, showlegend=False, constraintext="none",
        hovertemplate="%{y}<br>%{text}<extra></extra>",
    )  # fmt: skip
    low, high = min(0.0, start, *ends), max(0.0, best, *ends)
    room = TEXT_ROOM * (high - low)
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(
        title=_axis("chart.profit", profits, lang), nticks=6, showticklabels=not is_large,
        range=[low - (room if low < 0 else 0.0), high + room],
    )  # fmt: skip
    gone = len(profits) - len(known)
    if gone:
        note_below(figure, say("chart.not_replayed", lang, count=gone))
    return figure


def regret_by_sku(
    ledger: pd.DataFrame, lang: str, *, most: int = SHOWN_SKUS, is_frozen: bool = True
) -> go.Figure:
    """Return the SKUs that missed most profit, each bar in its causes.

    Parameters
    ----------
    ledger : DataFrame
        Table `RegretLedger`.
    lang : {"zh", "en"}
    most : int
        SKUs drawn.
    is_frozen : bool
        As `cause_term` takes it.
    """
    sums = ledger.groupby(KEYS, as_index=False)["regret_profit"].sum()
    least = LEAST_SHARE * float(sums["regret_profit"].max()) if len(sums) else 0.0
    parts = ledger.assign(size=ledger["regret_profit"].abs()).groupby(KEYS)["size"].max()
    is_drawn = (sums["regret_profit"] > least) & (parts.to_numpy() >= least)
    sums = sums[is_drawn]
    if sums.empty:
        return empty_figure(lang, "empty.regret")
    shown = ranked(sums, "regret_profit").head(most)
    figure = row_figure(shown, len(sums) - len(shown), lang, barmode="relative")
    rows = ledger.merge(shown[[*KEYS, "label"]], on=KEYS)
    order = rows.groupby("cause")["regret_profit"].sum().sort_values(ascending=False)
    for cause in order.index:
        part = rows[(rows["cause"] == cause) & (rows["regret_profit"].abs() >= least)]
        if part.empty:
            continue
        name = say(cause_term(cause, is_frozen=is_frozen), lang)
        told = [tell_number(value, "regret_profit", lang) for value in part["regret_profit"]]
        figure.add_bar(
            y=part["label"].to_list(), x=numbers(part["regret_profit"]), orientation="h",
            name=name, marker_color=CAUSE_COLOURS[str(cause)], customdata=told,
            hovertemplate=f"%{{y}}<br>{name} %{{customdata}}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title=_axis("regret_profit", ledger, lang), nticks=6)
    figure.update_layout(margin_t=70, height=figure.layout.height + 30)
    return figure


def rules_by_profit(sums: pd.DataFrame, lang: str) -> go.Figure:
    """Return what each rule that sellers use would have earned less or more than our plan.

    Parameters
    ----------
    sums : DataFrame
        As `seller_rules.rule_sums` returns it.
    lang : {"zh", "en"}
    """
    others = sums[sums["rule"] != "ours"]
    if others.empty:
        return empty_figure(lang, "empty.rules")
    gain = -others["gained_profit"]
    is_large = float(gain.abs().max()) >= LARGE_MONEY
    told = {"lang": lang, "decimals": _decimals(gain), "is_large": is_large}
    names = labels([say(f"rule.{rule}", lang) for rule in others["rule"]])
    figure = new_figure(rows_height(len(names)))
    figure.add_bar(
        y=names, x=numbers(gain), orientation="h",
        marker_color=[GOOD if value > 0 else WARN for value in gain],
        text=[_money(value, **told, sign=True) for value in gain], textposition="outside",
        cliponaxis=False, hovertemplate="%{y}<br>%{text}<extra></extra>",
    )  # fmt: skip
    low, high = min(0.0, float(gain.min())), max(0.0, float(gain.max()))
    room = TEXT_ROOM * (high - low)
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(
        title=_axis("chart.against_ours", sums, lang), range=[low - room, high + room], nticks=6
    )
    figure.add_vline(x=0, line_color=INK, line_width=1)
    return figure


def rule_days(
    replayed: pd.DataFrame, totals: pd.DataFrame, lang: str, *, most: int = PICKED_SKUS
) -> go.Figure:
    """Return the shelf of one SKU day by day under each rule; a list picks another SKU.

    Parameters
    ----------
    replayed : DataFrame
        Table `SellerRules`.
    totals : DataFrame
        Table `SellerRuleTotals`: the SKUs on which rules differ most stand first.
    lang : {"zh", "en"}
    most : int
        SKUs that can be picked.
    """
    if replayed.empty:
        return empty_figure(lang, "empty.rules")
    spread = totals.groupby(KEYS)["rule_profit"].agg(lambda own: own.max() - own.min())
    chosen = list(spread.sort_values(ascending=False, kind="stable").index[:most])
    figure, members = new_figure(400), []
    places = {rule: place for place, rule in enumerate(SELLER_RULES)}
    groups = dict(iter(replayed.groupby([*KEYS, "rule"])))
    for market, sku in chosen:
        own = [rule for rule in SELLER_RULES if (market, sku, rule) in groups]
        for rule in own:
            part = groups[market, sku, rule].sort_values("day")
            name = say(f"rule.{rule}", lang)
            figure.add_scatter(
                x=days(part["day"]), y=numbers(part["shelf_units"], 1), mode="lines", name=name,
                line={
                    "color": SERIES[places[rule]], "dash": RULE_DASHES[places[rule]],
                    "width": 3 if rule == "ours" else 1.8, "shape": "hv",
                },
                hovertemplate=f"%{{x}}<br>{name} %{{y:,.0f}}<extra></extra>",
            )  # fmt: skip
        members.append(list(range(len(figure.data) - len(own), len(figure.data))))
    many = len({market for market, _ in chosen}) > 1
    names = [f"{market} · {sku}" if many else sku for market, sku in chosen]
    figure.update_yaxes(title=say("chart.shelf_units", lang), rangemode="tozero")
    date_axis(figure)
    add_picks(figure, labels([tell_text(name) for name in names]), members)
    return figure


def _money(value: float, *, lang: str, decimals: int, is_large: bool, sign: bool = False) -> str:
    """Return one figure in the unit of its chart: that of the largest."""
    told = tell_number(value, "_profit", lang, decimals=decimals)
    if is_large and value:
        told = BETWEEN_LARGE[lang].join(large_number(value, lang))
    return f"+{told}" if sign and value > 0 else told


def _decimals(values: Iterable[float]) -> int:
    """Return the decimals of all figures of one chart: none where one of them is large."""
    largest = max((abs(value) for value in values if not pd.isna(value)), default=0.0)
    return 0 if largest >= MONEY_CENTS_BELOW else 2


def _axis(term: str, frame: pd.DataFrame, lang: str) -> str:
    return f"{say(term, lang)} ({inert(tell_text(frame['currency'].iloc[0]))})"

"""The platform's metrics and caps on orders, of a running campaign and of one that is over.

Each begins with one sentence that answers; the tables are the evidence.
"""

import pandas as pd

from planner.pages.big_numbers import listed, money, percent, spoken
from planner.pages.blocks import Block, show_table
from planner.pages.review_figures import met_word
from planner.pages.telling import tell_number
from planner.season.platform.dispatch import FAST_DELIVERY, OTHER_PLATFORM, SAME_DAY
from planner.words import say

METRIC_COLUMNS = [
    "shop", "metric_over", "value_rate", "goal", "failed_of", "left_orders", "reason",
]  # fmt: skip
KEPT_COLUMNS = ["shop", "metric", "whole_rate", "goal", "met", "failed_of", "reason"]
CAP_COLUMNS = [
    "shop", "cap_tier", "from_rate", "left_orders", "cap_orders", "wanted_orders", "lost_orders",
    "lost_profit", "release_rate", "release_orders", "reason",
]  # fmt: skip
AIMS = {SAME_DAY: "goal.same_day", FAST_DELIVERY: "goal.fast_delivery"}
"""Metrics that only the brief asks for."""
FAR_SHARE = 0.5
"""Of a day's orders: with so many more that may be late, a cap is far (house judgement). [share]"""
CAPPING = "order_limit"
"""Consequence of a limit beyond which orders are capped."""
KEPT_ROWS = 8
"""Metrics of a campaign that is over; the others are a click away."""


def metrics_answer(marks: pd.DataFrame, lang: str, *, caps: pd.DataFrame | None = None) -> Block:
    """Return which limits are broken, how near the next is, and what a cap would take.

    Parameters
    ----------
    marks : DataFrame
        Table `PlatformMetrics`.
    lang : {"zh", "en"}
    caps : DataFrame, optional
        Table `CapRisks`; without it, as after a campaign, nothing is told of what a cap would take.
    """
    broken = marks[marks["is_breached"].fillna(False).astype(bool)]
    judged = marks[marks["is_breached"].notna()]
    if judged.empty:
        return spoken([say("answer.metrics_none", lang)], lang)
    told = say("answer.metrics_kept", lang)
    if len(broken):
        row = broken.iloc[0]
        told = say(
            "answer.metrics_broken", lang,
            count=broken[["shop", "metric"]].drop_duplicates().shape[0],
            metric=say(f"metric.{row['metric']}", lang),
            rate=percent(row["value_rate"], lang),
            limit=percent(row["threshold_rate"], lang),
        )  # fmt: skip
    capped = "" if caps is None else _cap_told(caps, lang) or _unruled_cap(marks, lang)
    return spoken([told, capped, _aims(marks, lang)], lang)


def show_metrics(marks: pd.DataFrame, lang: str) -> Block:
    """Return the platform's metrics of each shop, broken limits first; folded if none is."""
    broken = marks["is_breached"].fillna(False).astype(bool)
    rows = _told(marks.loc[(~broken).sort_values(kind="stable").index], lang)
    fold = {"first": int(broken.sum())} if broken.any() else {"fold_term": "fold.metrics"}
    return show_table(rows, lang, columns=METRIC_COLUMNS, empty_term="empty.metrics", **fold)


def show_kept(marks: pd.DataFrame, lang: str) -> Block:
    """Return the platform's metrics over a whole campaign: broken limits first, unknown ones last.

    Parameters
    ----------
    marks : DataFrame
        Table `PlatformMetrics` of a campaign that is over.
    lang : {"zh", "en"}
    """
    kept = marks["is_breached"].astype(object).map({True: 0, False: 1}).fillna(2).astype(int)
    places = kept.mask(marks["value_rate"].isna(), 3).sort_values(kind="stable").index
    rows = _told(marks.loc[places], lang)
    met = [met_word(None if pd.isna(bad) else not bad, lang) for bad in rows["is_breached"]]
    known = int(rows["value_rate"].notna().sum())
    return show_table(
        rows.assign(met=met, whole_rate=rows["value_rate"]), lang, columns=KEPT_COLUMNS,
        empty_term="empty.metrics", first=min(known, KEPT_ROWS),
    )  # fmt: skip


def _told(rows: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Return rows of `PlatformMetrics` with what is asked for and how many failed, in words."""
    counts = zip(rows["failed_orders"], rows["orders"], strict=True)
    told = [f"{tell_number(bad, 'failed_orders', lang)} / {of:,}" for bad, of in counts]
    over = [
        _metric_over(*pair, lang) for pair in zip(rows["metric"], rows["counted_over"], strict=True)
    ]
    return rows.assign(goal=goals(rows), failed_of=told, metric_over=over)


def _metric_over(metric: str, span: str, lang: str) -> str:
    """Return a metric's name, with the platform's window where it is not of the campaign."""
    name = say(f"metric.{metric}", lang)
    return name if span == "campaign" else f"{name} · {say(f'counted_over.{span}', lang)}"


def goals(marks: pd.DataFrame) -> list[str]:
    """Return by row of `PlatformMetrics` what is asked for: a platform's limit, or the brief's aim.

    Returns
    -------
    list of str
        A term and its facts; what no platform judges says who asks for it, or that nobody does.
    """
    return [_goal(row) for row in marks.to_dict("records")]


def _goal(row: dict[str, object]) -> str:
    limit, follows = row["threshold_rate"], row["consequence"]
    if not pd.isna(limit):
        facts = f"limit={limit:.4f}"
        return f"goal.enforced|{facts}|consequence={follows}" if follows else f"goal.limit|{facts}"
    if str(row["reason"]).startswith(OTHER_PLATFORM):
        return "goal.unknown"
    return AIMS.get(str(row["metric"]), "goal.none")


def show_caps(caps: pd.DataFrame, lang: str) -> Block:
    """Return the tiers of the cap on orders, how near each is; folded while none is reached."""
    is_reached = caps["is_reached"].fillna(False).astype(bool).any()
    fold = None if is_reached else "fold.caps"
    named = [name for name in CAP_COLUMNS if is_reached or name != "release_orders"]
    return show_table(caps, lang, columns=named, empty_term="empty.caps", fold_term=fold)


def _aims(marks: pd.DataFrame, lang: str) -> str:
    """Return how far the dispatch and delivery that the brief asks for are reached."""
    whole = marks[(marks["counted_over"] == "campaign") & marks["value_rate"].notna()]
    told = []
    for metric in AIMS:
        own = whole[whole["metric"] == metric]
        if len(own):
            kept = 1 - own["failed_orders"].sum() / own["orders"].sum()
            told.append(say(f"answer.{metric}", lang, rate=percent(float(kept), lang)))
    return say("answer.aims", lang, parts=listed(told, lang)) if told else ""


def _unruled_cap(marks: pd.DataFrame, lang: str) -> str:
    """Return what a metric threatens that caps orders by tiers which no register knows."""
    threats = marks[(marks["consequence"] == CAPPING) & marks["threshold_rate"].notna()]
    if threats.empty:
        return ""
    first = threats.iloc[0]
    return say(
        "answer.cap_unruled", lang,
        metric=say(f"metric.{first['metric']}", lang),
        limit=percent(first["threshold_rate"], lang),
    )  # fmt: skip


def _cap_told(caps: pd.DataFrame, lang: str) -> str:
    if caps.empty:
        return ""
    reached = caps[caps["is_reached"].fillna(False).astype(bool)]
    told = reached.sort_values("cap_tier") if len(reached) else caps[caps["late_rate"].notna()]
    if told.empty:
        return ""
    row = told.iloc[-1] if len(reached) else told.sort_values("left_orders").iloc[0]
    is_known = not pd.isna(row["cap_orders"])
    if not len(reached) and row["left_orders"] >= FAR_SHARE * row["base_orders"]:
        return say("answer.cap_far", lang, left=int(row["left_orders"]))
    term = "answer.cap_now" if len(reached) else "answer.cap_next"
    return say(
        term, lang,
        orders=f"{row['cap_orders']:.0f}" if is_known else say("word.unknown", lang),
        left="" if len(reached) else int(row["left_orders"]),
        from_rate=percent(row["from_rate"], lang),
        money=money(row["lost_profit"], row["currency"], lang),
    )  # fmt: skip

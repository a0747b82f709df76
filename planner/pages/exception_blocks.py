"""Blocks of notebook 04: the platform's metrics, orders that wait, caps, and the exception log.

Each section begins with one sentence that answers; the tables are the evidence.
"""

import pandas as pd

from planner.pages.big_numbers import listed, money, percent, spoken
from planner.pages.blocks import Block, show_table
from planner.pages.telling import tell_date, tell_number
from planner.season.platform.dispatch import FAST_DELIVERY, SAME_DAY
from planner.season.platform.exceptions import CLOSED
from planner.words import say

AGE_COLUMNS = [
    "shop", "orders_until_at", "behind_hours", "counted_at", "count_age_hours", "new_files_count",
]  # fmt: skip
METRIC_COLUMNS = [
    "shop", "metric_over", "value_rate", "goal", "failed_of", "left_orders", "reason",
]  # fmt: skip
CAP_COLUMNS = [
    "shop", "cap_tier", "from_rate", "left_orders", "cap_orders", "wanted_orders", "lost_orders",
    "lost_profit", "release_rate", "release_orders", "reason",
]  # fmt: skip
AGEING_COLUMNS = [
    "shop", "order_id", "sku", "units", "dispatch_by", "hours_left", "cancel_at", "reason",
]  # fmt: skip
LOG_COLUMNS = [
    "case_kind", "about", "sku", "happened_on", "proof", "owner", "act_until_at", "case_state",
    "stake",
]  # fmt: skip
TICKET_COLUMNS = [
    "case", "send_to", "ticket_about", "sku", "proof", "screenshot", "appeal_by", "appeal_round",
    "owner",
]  # fmt: skip
AIMS = {SAME_DAY: "goal.same_day", FAST_DELIVERY: "goal.fast_delivery"}
"""Metrics that only the brief asks for."""
OLD = "data_old"
"""Row of the register `Bounds`: orders known only until so many hours ago are called old. [h]"""
FAR_SHARE = 0.5
"""Of a day's orders: with so many more that may be late, a cap is far (house judgement). [share]"""
CAPPING = "order_limit"
"""Consequence of a limit beyond which orders are capped."""
FIRST_ROWS = 6


def ages_answer(ages: pd.DataFrame, lang: str, *, bounds: pd.DataFrame | None = None) -> Block:
    """Return how old what the page knows is.

    Parameters
    ----------
    ages : DataFrame
        Table `DataAges`.
    lang : {"zh", "en"}
    bounds : DataFrame, optional
        Register `Bounds`: from how many hours on data are called old; without it none are.
    """
    if ages.empty:
        return spoken([say("answer.ages_none", lang)], lang)
    oldest = ages.iloc[0]
    new = int(ages["new_files_count"].sum())
    facts = {"shop": oldest["shop"], "files": new}
    if pd.isna(oldest["behind_hours"]):
        return spoken([say("answer.ages_unknown", lang, **facts)], lang)
    at = tell_date(oldest["orders_until_at"], "orders_until_at", lang)
    most = pd.Series(dtype=float) if bounds is None else bounds.loc[bounds["rule"] == OLD, "high"]
    is_old = len(most) and oldest["behind_hours"] >= most.iloc[-1]
    hours = f"{oldest['behind_hours']:.0f}"
    if is_old:
        return spoken([say("answer.ages_old", lang, at=at, hours=hours, **facts)], lang)
    told = [say("answer.ages_until", lang, at=at)]
    told += [say("answer.ages_behind", lang, hours=hours)] if hours != "0" else []
    told += [say("answer.ages_new", lang, files=new)] if new else []
    return spoken(told, lang)


def show_ages(ages: pd.DataFrame, lang: str) -> Block:
    """Return up to when orders and stock of each shop are known, the oldest first."""
    return show_table(ages, lang, columns=AGE_COLUMNS, empty_term="", fold_term="fold.ages")


def metrics_answer(marks: pd.DataFrame, caps: pd.DataFrame, lang: str) -> Block:
    """Return which limits are broken, how near the next is, and what a cap would take.

    Parameters
    ----------
    marks, caps : DataFrame
        Tables `PlatformMetrics` and `CapRisks`.
    lang : {"zh", "en"}
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
    return spoken(
        [told, _cap_told(caps, lang) or _unruled_cap(marks, lang), _aims(marks, lang)], lang
    )


def show_metrics(marks: pd.DataFrame, lang: str) -> Block:
    """Return the platform's metrics of each shop, broken limits first; folded if none is."""
    broken = marks["is_breached"].fillna(False).astype(bool)
    rows = marks.loc[(~broken).sort_values(kind="stable").index]
    counts = zip(rows["failed_orders"], rows["orders"], strict=True)
    told = [f"{tell_number(bad, 'failed_orders', lang)} / {of:,}" for bad, of in counts]
    over = [
        _metric_over(*pair, lang) for pair in zip(rows["metric"], rows["counted_over"], strict=True)
    ]
    rows = rows.assign(goal=goals(rows), failed_of=told, metric_over=over)
    fold = {"first": int(broken.sum())} if broken.any() else {"fold_term": "fold.metrics"}
    return show_table(rows, lang, columns=METRIC_COLUMNS, empty_term="empty.metrics", **fold)


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
    return AIMS.get(str(row["metric"]), "goal.none")


def show_caps(caps: pd.DataFrame, lang: str) -> Block:
    """Return the tiers of the cap on orders, how near each is; folded while none is reached."""
    is_reached = caps["is_reached"].fillna(False).astype(bool).any()
    fold = None if is_reached else "fold.caps"
    named = [name for name in CAP_COLUMNS if is_reached or name != "release_orders"]
    return show_table(caps, lang, columns=named, empty_term="empty.caps", fold_term=fold)


def ageing_answer(ageing: pd.DataFrame, lang: str) -> Block:
    """Return how many orders are late and how many soon will be.

    Parameters
    ----------
    ageing : DataFrame
        Table `AgeingOrders`.
    lang : {"zh", "en"}
    """
    late = ageing[ageing["hours_left"] <= 0]
    soon = ageing[ageing["hours_left"] > 0]
    if ageing.empty:
        return spoken([say("answer.ageing_none", lang)], lang)
    told = [say("answer.ageing_late", lang, count=len(late))] if len(late) else []
    if len(soon):
        first = f"{soon['dispatch_by'].min():%Y-%m-%d} 24:00"
        told.append(say("answer.ageing_soon", lang, count=len(soon), by=first))
    unruled = int(ageing["hours_left"].isna().sum())
    if unruled:
        told.append(say("answer.ageing_unruled", lang, count=unruled))
    return spoken(told, lang)


def show_ageing(ageing: pd.DataFrame, lang: str) -> Block:
    """Return the orders that wait, the longest waiting first."""
    return show_table(ageing, lang, columns=AGEING_COLUMNS, empty_term="", first=FIRST_ROWS)


def log_answer(log: pd.DataFrame, lang: str) -> Block:
    """Return how many cases are open, who has none, and the nearest deadline.

    Parameters
    ----------
    log : DataFrame
        Table `Exceptions`.
    lang : {"zh", "en"}
    """
    seen = log[log["is_seen"]]
    is_open = ~seen["case_state"].isin(CLOSED)
    cases, closed = seen[is_open], seen[~is_open]
    told = [say("answer.cases_none", lang)]
    if len(cases):
        stake = cases["stake"]
        amount = say("word.unknown", lang)
        if stake.notna().any():
            amount = money(stake.sum(), cases["currency"].iloc[0], lang)
        told = [
            say(
                "answer.cases", lang, count=len(cases), money=amount,
                free=int((cases["owner"] == "").sum()),
            )
        ]  # fmt: skip
        first = cases["act_until_at"].min()
        if pd.notna(first):
            told.append(say("answer.cases_by", lang, by=tell_date(first, "act_until_at", lang)))
        unknown = int(stake.isna().sum())
        if 0 < unknown < len(cases):
            told.append(say("answer.cases_unpriced", lang, count=unknown))
        again = int(cases["is_reopened"].sum())
        if again:
            told.append(say("answer.cases_reopened", lang, count=again))
    if len(closed):
        told.append(say("answer.cases_again", lang, count=len(closed)))
    return spoken(told, lang)


def show_log(log: pd.DataFrame, lang: str) -> Block:
    """Return the exception log, the nearest deadline on top; its state where cases differ in it.

    The case's own mark stands in `exceptions.csv` and `track.xlsx`, where it is needed.
    """
    spare = ["case_state"] if log["case_state"].nunique() < 2 else []
    named = [name for name in LOG_COLUMNS if name not in spare]
    rows = log.rename(columns={"happened_at": "happened_on"})
    return show_table(rows, lang, columns=named, empty_term="", first=FIRST_ROWS)


def show_tickets(tickets: pd.DataFrame, lang: str) -> Block:
    """Return the tickets and appeals to send; folded, `track.xlsx` holds them too."""
    rows = tickets.rename(columns={"order_id": "ticket_about"})
    is_appeal = (rows["send_to"] == "platform").any()
    named = [name for name in TICKET_COLUMNS if is_appeal or not name.startswith("appeal_")]
    return show_table(rows, lang, columns=named, empty_term="", fold_term="fold.tickets")


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

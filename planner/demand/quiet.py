"""Days ahead outside the campaign: other events, dips after promotions, buyers who wait.

Knows the calendar before and after a campaign and the ratio of each of its days to an
ordinary one. Knows nothing of the campaign's own phases.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.campaign import MarketPlan
from planner.demand.clean import KEYS, Flags, Floats, Panel, panel_of
from planner.demand.day_curve import past_expected
from planner.demand.dips import (
    NEAR,
    PLAIN,
    PROMO,
    SMALL_KINDS,
    Ripple,
    day_codes,
    told_dips,
    usual_ratio,
)
from planner.demand.forecast import phase_spans
from planner.demand.pooling import pool
from planner.demand.promotions import past_runs, target_of
from planner.demand.spread import Noise, day_noise
from planner.demand.substitution import same_event, stays_out

QUIET_PHASES = ("before", "after")
PHASE_RANK = {"sale": 0, "tail": 1, "warm_up": 2}
"""Which event names a day that two of them claim."""


class Past(NamedTuple):
    """What the history says: arrays of shape (n_series, n_days) unless said otherwise."""

    panel: Panel
    expected: Floats
    is_clean: Flags
    is_big: Flags
    """Days of promotions that can leave a dip."""
    noise: Noise
    dips: Mapping[str, Ripple]
    """By the names of `NEAR`."""


def quiet_days(
    daily: pd.DataFrame,
    baseline: pd.DataFrame,
    *,
    plans: Mapping[str, MarketPlan],
    events: pd.DataFrame,
    priors: pd.DataFrame,
    catalogue: pd.DataFrame,
    joined: pd.DataFrame,
) -> pd.DataFrame:
    """Return every day before and after the campaign: its ratio to ordinary days, and why.

    Parameters
    ----------
    daily, baseline, plans, events, priors, catalogue, joined
        As for `with_ripples`.

    Returns
    -------
    DataFrame
        shop, market, sku, day, phase (`before`, `after`), baseline_units [units/day], day_ratio,
        cause (an event's name, `dip_1_7`, `dip_8_14`, `wait_1_7` or empty), own_sd, common_sd.

    Notes
    -----
    The level ahead rests on recent clean days, of which some were dips themselves: every
    ratio without an event is divided by their mean one. A day of another event takes the
    ratio of that kind; where the seller sat out some of them, ``1 + share joined x (ratio - 1)``.
    """
    past = past_of(panel_of(daily, catalogue=catalogue), baseline, events, priors)
    return days_around(past, baseline, plans, events, priors, joined)


def past_of(
    panel: Panel, baseline: pd.DataFrame, events: pd.DataFrame, priors: pd.DataFrame
) -> Past:
    """Return what the history says of ordinary days, promotions and the days near them."""
    expected, is_clean = past_expected(panel, baseline)
    noise = day_noise(panel.units, expected, is_clean)
    kinds = dict(zip(events["event"], events["kind"], strict=True))
    small = np.array([kinds.get(name, "") in SMALL_KINDS for name in panel.events], dtype=bool)
    is_small = np.append(small, False)[panel.event]
    is_big = panel.is_promo & panel.is_known & ~is_small
    dips = told_dips(panel, expected, is_big=is_big, priors=priors, dispersion=noise.pooled)
    return Past(panel, expected, is_clean, is_big, noise, dips)


def days_around(
    past: Past,
    baseline: pd.DataFrame,
    plans: Mapping[str, MarketPlan],
    events: pd.DataFrame,
    priors: pd.DataFrame,
    joined: pd.DataFrame,
) -> pd.DataFrame:
    """Return what `quiet_days` does, the history already read."""
    ahead = baseline[baseline["is_future"]]
    tables = []
    for market, rows in ahead.groupby("market", sort=True):
        if market not in plans:
            continue
        first = rows["day"].min()
        others = _other_days(events, plans[market], market, first=first)
        calendar = _calendar(past, plans[market], market, others, first)
        days = rows[[*KEYS, "day", "baseline_units"]].merge(calendar, on="day")
        tables.append(_with_events(days, past, others, events, priors, joined))
    if not tables:
        return ahead.head(0).assign(phase="", day_ratio=1.0, cause="", own_sd=0.0, common_sd=0.0)
    return pd.concat(tables, ignore_index=True)


def _other_days(
    events: pd.DataFrame, plan: MarketPlan, market: str, *, first: pd.Timestamp
) -> pd.DataFrame:
    """Return event, kind, phase, sale_on and day of other events ahead; one event names a day."""
    rows = events[(events["market"] == market) & (events["ends_on"] >= first)]
    rows = rows[~_is_own(rows, plan)]
    sale_on = rows.groupby("event")["starts_on"].transform("min")
    sale_on = rows["starts_on"].where(rows["phase"] == "sale").groupby(rows["event"]).transform(
        "min"
    ).fillna(sale_on)  # fmt: skip
    rows = rows.assign(sale_on=sale_on, rank=rows["phase"].map(PHASE_RANK).astype("int64"))
    rows = rows.assign(rank=rows["rank"] + 10 * rows["kind"].isin(SMALL_KINDS))
    count = (rows["ends_on"] - rows["starts_on"]).dt.days.to_numpy() + 1
    days = rows.loc[rows.index.repeat(count)]
    step = np.concatenate([np.arange(length) for length in count]) if len(count) else []
    days = days.assign(
        day=days["starts_on"] + pd.to_timedelta(np.asarray(step, dtype=int), unit="D")
    )
    columns = ["event", "kind", "phase", "sale_on", "day"]
    return days.sort_values("rank", kind="stable").drop_duplicates("day")[columns]


def _is_own(rows: pd.DataFrame, plan: MarketPlan) -> Flags:
    """Return the rows that are the campaign itself, as the calendar knows it."""
    start, end = pd.Timestamp(plan.phases.start), pd.Timestamp(plan.phases.end)
    meets = (rows["starts_on"] <= end) & (rows["ends_on"] >= start)
    named = np.array([same_event(name, plan.event) for name in rows["event"]], dtype=bool)
    sale = plan.phases.sale
    on_sale = (rows["starts_on"] <= pd.Timestamp(sale.end)) & (
        rows["ends_on"] >= pd.Timestamp(sale.start)
    )
    alike = on_sale & (rows["kind"] == plan.kind) & (rows["phase"] == "sale")
    own = set(rows.loc[(named & meets) | alike, "event"])
    return rows["event"].isin(own).to_numpy()


def _calendar(
    past: Past, plan: MarketPlan, market: str, others: pd.DataFrame, first: pd.Timestamp
) -> pd.DataFrame:
    """Return day, phase, cause and ratio of the days before and after, other events left blank."""
    panel = past.panel
    rows = (panel.keys["market"] == market).to_numpy()
    spans = phase_spans(plan, first=first)
    last = max(end for _, end in spans.values())
    days = pd.date_range(panel.first_on, max(last, panel.days[-1]), unit="us")
    promo = (days >= pd.Timestamp(plan.phases.start)) & (days <= pd.Timestamp(plan.phases.end))
    promo |= days.isin(others.loc[~others["kind"].isin(SMALL_KINDS), "day"])
    promo[: panel.units.shape[1]] |= past.is_big[rows].any(axis=0)
    code = day_codes(promo)
    log_ratio = np.array([*(past.dips[name].log_ratio for name in NEAR), 0.0])
    known = code[: panel.units.shape[1]]
    usual = usual_ratio(past.expected[rows], past.is_clean[rows], log_ratio, known)
    sds = np.array([*(past.dips[name].log_sd for name in NEAR), 0.0])
    near = np.where(code == PROMO, PLAIN, code)
    table = pd.DataFrame(
        {
            "day": days,
            "cause": pd.array([(*NEAR, "")[place] for place in near], dtype="str"),
            "day_ratio": np.exp(log_ratio[near]) / usual,
            "common_sd": sds[near],
        }
    )
    table["phase"] = ""
    for phase in QUIET_PHASES:
        if phase in spans:
            table.loc[table["day"].between(*spans[phase]), "phase"] = phase
    return table[table["phase"] != ""]


def _with_events(
    days: pd.DataFrame,
    past: Past,
    others: pd.DataFrame,
    events: pd.DataFrame,
    priors: pd.DataFrame,
    joined: pd.DataFrame,
) -> pd.DataFrame:
    """Return the days with those of other events at the ratio of their kind."""
    days = days.assign(own_sd=0.0)
    place = pd.MultiIndex.from_frame(past.panel.keys[KEYS]).get_indexer(
        pd.MultiIndex.from_frame(days[KEYS])
    )
    for (event, phase), part in others.groupby(["event", "phase"], sort=True):
        here = days["day"].isin(part["day"]).to_numpy()
        if not here.any():
            continue
        kind, sale_on = part["kind"].iloc[0], part["sale_on"].iloc[0]
        market = days["market"].iloc[0]
        keys = past.panel.keys
        is_out = stays_out(keys, joined, {market: (event, sale_on)})
        category = keys["category"].to_numpy(dtype=object)
        names = np.full(len(keys), kind, dtype=object)
        kinds = dict(zip(events["event"], events["kind"], strict=True))
        pooled = pool(
            past_runs(past.panel, past.expected, past.is_clean, phase=phase, kinds=kinds),
            target_of(names, category, priors, phase=phase),
            dispersion=past.noise.dispersion,
            seller_dispersion=past.noise.pooled,
        )
        share = _joined_share(joined, events, kind, market)
        ratio = 1 + np.where(is_out, 0.0, share) * (np.exp(pooled.log_ratio) - 1)
        cell = place[here]
        days.loc[here, "day_ratio"] = ratio[cell]
        days.loc[here, "own_sd"] = np.where(is_out, 0.0, pooled.log_sd)[cell]
        days.loc[here, "common_sd"] = pooled.common_log_sd
        days.loc[here, "cause"] = event
    return days


def _joined_share(joined: pd.DataFrame, events: pd.DataFrame, kind: str, market: str) -> float:
    """Return the chance that a market joins an event of a kind, as the seller's words tell it."""
    rows = joined[(joined["market"] == market) & (joined["sku"] == "")]
    named = events.loc[(events["market"] == market) & (events["kind"] == kind), "event"].unique()
    said = [
        is_joined
        for name, is_joined in zip(rows["event"], rows["is_joined"], strict=True)
        if any(same_event(name, other) for other in named)
    ]
    return (sum(said) + 1) / (len(said) + 1)

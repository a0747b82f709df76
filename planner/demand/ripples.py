"""Rows of uplift beyond the campaign's own: days before and after it, and SKUs outside it.

Joins `quiet` and `substitution` into the table of uplifts, so that draws are made of them by
the same road as of promo phases. Knows ratios to ordinary days; knows nothing of draws.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from planner.campaign import MarketPlan
from planner.demand.calibration import Z_80
from planner.demand.clean import KEYS, panel_of
from planner.demand.quiet import Past, days_around, past_of
from planner.demand.substitution import stays_out, told_beside
from planner.tables import PROMO_PHASES, Uplift, checked


def with_ripples(
    uplift: pd.DataFrame,
    daily: pd.DataFrame,
    baseline: pd.DataFrame,
    *,
    plans: Mapping[str, MarketPlan],
    events: pd.DataFrame,
    priors: pd.DataFrame,
    catalogue: pd.DataFrame,
    joined: pd.DataFrame,
) -> pd.DataFrame:
    """Return the uplifts with rows for `before` and `after`, and SKUs that stay out told apart.

    Parameters
    ----------
    uplift : DataFrame
        Table `Uplift` of the promo phases.
    daily, baseline : DataFrame
        Tables `DailySales` and `BaselineDaily`.
    plans : Mapping of str to MarketPlan
        By market, the promotion ahead.
    events : DataFrame
        Table `Events`, past and ahead; what lies ahead comes from the calendar.
    priors : DataFrame
        Register `UpliftPriors`.
    catalogue : DataFrame
        Table `Catalogue`; its categories pool substitution.
    joined : DataFrame
        Table `CampaignsJoined`.

    Returns
    -------
    DataFrame
        Table `Uplift`. A SKU that stays out of the promotion ahead sells on sale days what such
        SKUs of its category sold before, and on other promo days what ordinary days do.

    Notes
    -----
    The ratio of a phase is the mean of its days' ratios, weighted by ordinary units. A part
    that takes the share `s` of the phase's demand adds ``(s x its log_sd)^2`` to the variance.
    """
    panel = panel_of(daily, catalogue=catalogue)
    past = past_of(panel, baseline, events, priors)
    days = days_around(past, baseline, plans, events, priors, joined)
    kept = uplift[uplift["phase"].isin(PROMO_PHASES)]
    inside = _with_outsiders(kept, past, plans, priors, joined)
    parts = [part for part in (inside, _quiet_rows(days, past)) if len(part)]
    table = pd.concat(parts, ignore_index=True) if parts else uplift
    return checked(Uplift, table.sort_values(KEYS, kind="stable"))


def effects_ahead(
    quiet: pd.DataFrame, *, uplift: pd.DataFrame, rippled: pd.DataFrame
) -> pd.DataFrame:
    """Return what each cause does to the days ahead, to be shown.

    Parameters
    ----------
    quiet : DataFrame
        What `quiet.quiet_days` gave.
    uplift, rippled : DataFrame
        Table `Uplift` before and after `with_ripples`: where they differ, a SKU stays out.

    Returns
    -------
    DataFrame
        market, phase, cause, affected_days [days], skus, uplift_ratio, low_ratio, high_ratio
        (80 %) and added_units [units]: what the cause adds to ordinary days; NaN for SKUs outside.
    """
    named = quiet[quiet["cause"] != ""]
    named = named.assign(
        demand=named["baseline_units"] * named["day_ratio"],
        variance=named["own_sd"] ** 2 + named["common_sd"] ** 2,
    )
    told = named.groupby(["market", "phase", "cause"], sort=True, as_index=False).agg(
        affected_days=("day", "nunique"),
        skus=("sku", "nunique"),
        demand=("demand", "sum"),
        usual=("baseline_units", "sum"),
        plain=("day_ratio", "mean"),
        variance=("variance", "mean"),
    )
    ratio = (told["demand"] / told["usual"]).where(told["usual"] > 0, told["plain"])
    told = told.assign(uplift_ratio=ratio, added_units=told["demand"] - told["usual"])
    both = uplift.merge(rippled, on=[*KEYS, "phase"], suffixes=("_own", ""))
    out = both[(both["phase"] == "sale") & (both["uplift_ratio_own"] != both["uplift_ratio"])]
    beside = out.groupby(["market", "phase"], sort=True, as_index=False).agg(
        skus=("sku", "nunique"),
        uplift_ratio=("uplift_ratio", "mean"),
        variance=("log_sd", lambda sd: float((sd**2).mean())),
    )
    table = pd.concat([told, beside.assign(cause="beside")], ignore_index=True)
    half = Z_80 * np.sqrt(table["variance"].to_numpy(dtype=float))
    table["low_ratio"] = table["uplift_ratio"] * np.exp(-half)
    table["high_ratio"] = table["uplift_ratio"] * np.exp(half)
    names = ["market", "phase", "cause", "affected_days", "skus", "uplift_ratio"]
    return table[[*names, "low_ratio", "high_ratio", "added_units"]].astype(
        {"affected_days": "Int64"}
    )


def _quiet_rows(days: pd.DataFrame, past: Past) -> pd.DataFrame:
    """Return one row of `Uplift` per series and quiet phase."""
    if days.empty:
        return days.head(0)
    days = days.assign(demand=days["baseline_units"] * days["day_ratio"])
    by_cause = days.groupby([*KEYS, "phase", "cause"], sort=True).agg(
        demand=("demand", "sum"),
        usual=("baseline_units", "sum"),
        plain=("day_ratio", "sum"),
        count=("day_ratio", "size"),
        own=("own_sd", "mean"),
        common=("common_sd", "mean"),
    )
    keys = [*KEYS, "phase"]
    total = by_cause.groupby(keys)[["demand", "usual", "plain", "count"]].transform("sum")
    even = by_cause["plain"] / total["plain"]
    share = (by_cause["demand"] / total["demand"]).where(total["demand"] > 0, even)
    ratio = (total["demand"] / total["usual"]).where(
        total["usual"] > 0, total["plain"] / total["count"]
    )
    parts = pd.DataFrame(
        {
            "uplift_ratio": ratio,
            "own": (share * by_cause["own"]) ** 2,
            "common": (share * by_cause["common"]) ** 2,
        }
    )
    table = parts.groupby(keys).agg(
        uplift_ratio=("uplift_ratio", "first"), own=("own", "sum"), common=("common", "sum")
    )
    seen = max((dip.past_events for dip in past.dips.values()), default=0)
    table = table.reset_index().assign(
        own_ratio=np.nan,
        prior_ratio=lambda rows: rows["uplift_ratio"],
        own_weight=0.0,
        past_events=seen,
        log_sd=lambda rows: np.sqrt(rows["own"]),
        common_log_sd=lambda rows: np.sqrt(rows["common"]),
        spread_ratio=1.0,
        source=pd.array(["portfolio" if seen else "shipped"] * len(table), dtype="str"),
    )
    return _with_range(table.drop(columns=["own", "common"]))


def _with_outsiders(
    uplift: pd.DataFrame,
    past: Past,
    plans: Mapping[str, MarketPlan],
    priors: pd.DataFrame,
    joined: pd.DataFrame,
) -> pd.DataFrame:
    keys = past.panel.keys
    ahead = {market: (p.event, pd.Timestamp(p.phases.sale.start)) for market, p in plans.items()}
    is_out = stays_out(keys, joined, ahead)
    if not is_out.any():
        return uplift
    beside = told_beside(past.panel, past.expected, priors=priors, dispersion=past.noise.pooled)
    category = keys["category"]
    taken = keys.assign(is_in=~is_out).groupby(["market", "category"])["is_in"].transform("any")
    row = pd.MultiIndex.from_frame(keys[KEYS]).get_indexer(pd.MultiIndex.from_frame(uplift[KEYS]))
    outside = (row >= 0) & is_out[row]
    moved = outside & taken.to_numpy()[row] & (uplift["phase"] == "sale").to_numpy()
    told = [beside[name] for name in category.iloc[row[outside]]]
    rows = uplift[outside].assign(
        uplift_ratio=np.where(moved[outside], np.exp([one.log_ratio for one in told]), 1.0),
        log_sd=[one.log_sd for one in told],
        common_log_sd=0.0,
        spread_ratio=1.0,
        own_ratio=np.nan,
        own_weight=0.0,
        past_events=[one.past_events for one in told],
        source=pd.array(
            ["category" if one.past_events else "shipped" for one in told], dtype="str"
        ),
    )
    rows = _with_range(rows.assign(prior_ratio=rows["uplift_ratio"]))
    return pd.concat([uplift[~outside], rows]).sort_index()


def _with_range(table: pd.DataFrame) -> pd.DataFrame:
    variance = table["log_sd"] ** 2 + table["common_log_sd"] ** 2
    middle, half = np.log(table["uplift_ratio"]) - 0.5 * variance, Z_80 * np.sqrt(variance)
    return table.assign(low_ratio=np.exp(middle - half), high_ratio=np.exp(middle + half))

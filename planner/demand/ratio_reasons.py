"""Why each ratio is what it is, as sentences of the glossary with their figures.

Knows the tables of uplift and the register of shipped ratios; writes terms and facts, no
language.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.campaign import MarketPlan
from planner.demand.calibration import Z_80
from planner.demand.campaign_ratios import bands_of
from planner.demand.clean import KEYS
from planner.demand.promotions import shipped_prior, shipped_row
from planner.demand.shared_cells import Known, Shared, told_source, uplift_of
from planner.tables import PROMO_PHASES

SAME_RATIO = 1e-6
"""Ratios closer than this, as logarithms, are one. [unitless]"""
COUNTING = ("ratio.own", "ratio.outside", "ratio.around")
"""Sentences with a number of promotions; each has a twin for a single one."""
ROW = [*KEYS, "phase"]
BEHIND = ["category", "kind", "phase", "market", "band", "has_own"]


def explain_ratios(
    uplift: pd.DataFrame,
    effects: pd.DataFrame,
    *,
    priors: pd.DataFrame,
    plans: Mapping[str, MarketPlan],
    catalogue: pd.DataFrame,
    shared: Shared | None = None,
) -> pd.DataFrame:
    """Return one sentence on each ratio: what the data say, what the others say, what was taken.

    Parameters
    ----------
    uplift : DataFrame
        Table `Uplift`; a part of its rows does.
    effects : DataFrame
        Table `UpliftEffects`.
    priors : DataFrame
        Register `UpliftPriors`; its source is named where the ratio rests on it.
    plans : Mapping of str to MarketPlan
        By market, the promotion ahead.
    catalogue : DataFrame
        Table `Catalogue`; its categories pick the row of the register.
    shared : Shared, optional
        What other sellers showed; where it stands in place of the register, it is told with
        the number of sellers, SKUs and campaigns behind it.

    Returns
    -------
    DataFrame
        shop, market, sku, phase, uplift_ratio, low_ratio, high_ratio and `reason`, a term of the
        glossary with its facts.

    Notes
    -----
    What the own past says alone is told for the promotion ahead: ``prior_ratio x exp(own_effect /
    own_weight)``, so that the ratio taken lies between it and what the others say; `measured` is
    what past promotions sold under their own conditions. Its range has the doubt that the ratio
    ahead would have if nobody else told it.
    """
    rows = uplift.merge(effects, on=ROW, how="left")
    rows["category"] = rows["sku"].map(catalogue.set_index("sku")["category"]).fillna("")
    rows["kind"] = rows["market"].map({market: plan.kind for market, plan in plans.items()})
    rows["band"] = "" if shared is None else bands_of(rows["sku"], shared.bands)
    rows["has_own"] = rows["data_weight"] > 0
    behind = _behind(rows, priors, shared)
    told = effects.columns[effects.columns.str.endswith("_effect")]
    explained = rows[told].sum(axis=1)
    strays = (np.log(rows["uplift_ratio"]) - explained).abs() > SAME_RATIO
    terms = _terms(rows, strays.to_numpy())
    reasons = [
        _sentence(term, row, behind[tuple(row[name] for name in BEHIND)])
        for term, row in zip(terms, rows.to_dict("records"), strict=True)
    ]
    named = [*ROW, "uplift_ratio", "low_ratio", "high_ratio"]
    return rows[named].assign(reason=pd.array(reasons, dtype="str"))


def _terms(rows: pd.DataFrame, strays: np.ndarray) -> list[str]:
    is_promo = rows["phase"].isin(PROMO_PHASES)
    is_plain = (np.log(rows["uplift_ratio"]).abs() < SAME_RATIO) & (rows["log_sd"] < SAME_RATIO)
    choices = {
        "ratio.ordinary": ~is_promo & is_plain,
        "ratio.around": ~is_promo,
        "ratio.outside": is_promo & strays,
        "ratio.own": rows["past_events"] > 0,
        "ratio.memory": rows["own_weight"] > 0,
        "ratio.remembered": rows["source"] == "memory",
        "ratio.category": rows["source"] == "category",
        "ratio.portfolio": rows["source"] == "portfolio",
    }
    terms = np.select(list(choices.values()), list(choices), "ratio.shipped")
    is_one = (rows["past_events"] == 1) & np.isin(terms, COUNTING)
    return list(np.where(is_one, np.char.add(terms, "_one"), terms))


class _Behind(NamedTuple):
    """What stands behind the data: the register's ratio, or what other sellers showed."""

    ratio: float
    source: str
    known: Known | None


def _sentence(term: str, row: Mapping[str, object], behind: _Behind) -> str:
    """Return a term and the facts that its sentence may name; the glossary picks among them."""
    weight = float(row["own_weight"])
    own = float(row["prior_ratio"]) * np.exp(row["own_effect"] / weight) if weight else np.nan
    doubt = np.hypot(float(row["own_log_sd"]) * row["spread_ratio"], row["common_log_sd"])
    middle = own * np.exp(-0.5 * doubt**2)
    facts = {
        "own": own,
        "own_low": middle * np.exp(-Z_80 * doubt),
        "own_high": middle * np.exp(Z_80 * doubt),
        "measured": row["own_ratio"],
        "events": row["past_events"],
        "weight": row["own_weight"],
        "data_weight": row["data_weight"],
        "others": row["prior_ratio"],
        "taken": row["uplift_ratio"],
        "low": row["low_ratio"],
        "high": row["high_ratio"],
        "shipped": behind.ratio,
    }
    if behind.known:
        term = "ratio.shared" if term == "ratio.shipped" else term
        facts |= {"sellers": behind.known.n_sellers, "skus": behind.known.n_skus}
        facts["campaigns"] = behind.known.n_campaigns
    told = "|".join(f"{name}={_number(value)}" for name, value in facts.items())
    return f"{term}|{told}|source={_text(behind.source)}"


def _behind(
    rows: pd.DataFrame, priors: pd.DataFrame, shared: Shared | None
) -> dict[tuple[object, ...], _Behind]:
    """Return by category, kind, phase, market and price band what stands behind the data.

    Other sellers stand there only for a seller without a promotion of its own in the phase.
    """
    found = {}
    for key in rows[BEHIND].drop_duplicates().itertuples(index=False, name=None):
        category, kind, phase, market, band = map(str, key[:-1])
        row = shipped_row(priors, category=category, kind=kind, phase=phase)
        told = (np.nan, "") if row is None else (float(row["uplift_ratio"]), str(row["source"]))
        found[key] = _Behind(*told, None)
        if shared is not None and not key[-1] and phase in PROMO_PHASES:
            prior = shipped_prior(priors, category=category, kind=kind, phase=phase)
            known = uplift_of(shared, phase, kind, category, market, band, prior=prior)
            if known.n_sellers:
                found[key] = _Behind(float(np.exp(known.log_ratio)), told_source(known), known)
    return found


def _number(value: object) -> str:
    number = float(value)
    return "" if not np.isfinite(number) else f"{number:.6g}"


def _text(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ")

"""Tables of notebook 02: each SKU's forecast with what it rests on, each ratio with its source."""

import pandas as pd

from planner.demand.forecast import HORIZON_PHASES, horizon_rows
from planner.pages.blocks import Block, show_note, show_table
from planner.pages.intake_blocks import show_findings
from planner.pages.reasons import tell_sentence
from planner.pages.summary import without_d
from planner.pages.worlds import phase_ranges
from planner.tables import PROMO_PHASES
from planner.tables.promotions import TARGETS
from planner.words import is_known, say

FORECAST_COLUMNS = (
    "shop", "sku", "grade", "q10_units", "q50_units", "q90_units", "mean_units",
    "model_mean_units", "grade_reason",
)  # fmt: skip
PHASE_COLUMNS = (
    "market", "phase", "starts_on", "ends_on", "low_units", "mean_units", "high_units", "made_from",
)  # fmt: skip
UPLIFT_COLUMNS = (
    "shop", "sku", "phase", "uplift_ratio", "low_ratio", "high_ratio", "own_ratio", "prior_ratio",
    "own_weight", "past_events", "source",
)  # fmt: skip
OVERRIDE_COLUMNS = (
    "row", "shop", "market", "category", "sku", "phase", "change", "model_units", "given_units",
    "planned_units", "difference_units", "owner", "override_reason", "expires_on", "reason",
)  # fmt: skip
CAP_COLUMNS = (
    "shop", "phase", "limited_days", "limit_orders", "units_per_order", "wanted_units",
    "cut_units", "binding_rate", "source",
)  # fmt: skip
LEAST_CHANGE_UNITS = 0.5
"""A plan that differs from the model by less is told as the model's. [units]"""
LEAST_OWN = 0.01
"""A weight that a reader sees as more than nothing. [unitless]"""
MOSTLY_OWN = 0.5
"""A ratio is said to come from its own past from this weight on. [unitless]"""


def phase_table(
    forecast: pd.DataFrame,
    draws: pd.DataFrame,
    baseline: pd.DataFrame,
    uplift: pd.DataFrame,
    lang: str,
) -> Block:
    """Return what each phase of the horizon sells, how sure that is, and what it is made of.

    Parameters
    ----------
    forecast, draws, baseline, uplift : DataFrame
        Tables `Forecast`, `DemandDraws`, `BaselineDaily` and `Uplift`.
    lang : {"zh", "en"}

    Notes
    -----
    SKUs of grade D are left out, as in the headline; the range is that of the sum.
    """
    rows = without_d(forecast[forecast["phase"].isin(HORIZON_PHASES)], forecast)
    if rows.empty:
        return show_table(rows, lang, columns=PHASE_COLUMNS[:1], empty_term="empty.all_d")
    keys = ["market", "phase"]
    sums = rows.groupby(keys).agg(
        starts_on=("starts_on", "min"), ends_on=("ends_on", "max"), mean_units=("mean_units", "sum")
    )
    told = sums.join(phase_ranges(without_d(draws, forecast))[["low", "high"]]).reset_index()
    told = told.rename(columns={"low": "low_units", "high": "high_units"})
    order = told["phase"].map({name: place for place, name in enumerate(HORIZON_PHASES)})
    told = told.assign(place=order).sort_values(["market", "place"], ignore_index=True)
    ahead = without_d(baseline[baseline["is_future"]], forecast)
    ratios = without_d(uplift, forecast)
    told["made_from"] = [_phase_basis(row, ahead, ratios) for row in told.itertuples()]
    several = len(told["market"].unique()) > 1
    return show_table(told, lang, columns=PHASE_COLUMNS if several else PHASE_COLUMNS[1:])


def _phase_basis(row: tuple, ahead: pd.DataFrame, ratios: pd.DataFrame) -> str:
    """Return the code of the sentence on what a phase's mean is made of."""
    inside = ahead["day"].between(row.starts_on, row.ends_on) & (ahead["market"] == row.market)
    ordinary = float(ahead.loc[inside, "baseline_units"].sum())
    ratio = row.mean_units / ordinary if ordinary > 0 else 1.0
    facts = f"units={ordinary:.0f}|ratio={ratio:.2f}"
    if row.phase not in PROMO_PHASES:
        return f"phase_basis.quiet|{facts}"
    of_phase = ratios[(ratios["phase"] == row.phase) & (ratios["market"] == row.market)]
    weight = of_phase.groupby("sku")["own_weight"].max()
    own = int((weight >= MOSTLY_OWN).sum())
    others, mean = len(weight) - own, float(weight.mean()) if len(weight) else 0.0
    borrowed = "shared" if mean >= LEAST_OWN else "others"
    term = "mixed" if own and others else ("own" if own else borrowed)
    return f"phase_basis.{term}|{facts}|own={own}|others={others}|weight={mean:.2f}"


def sku_table(forecast: pd.DataFrame, lang: str, *, caps: pd.DataFrame | None = None) -> Block:
    """Return the whole horizon of each SKU, largest first; a changed one says that it is.

    Parameters
    ----------
    forecast : DataFrame
        Table `Forecast`.
    lang : {"zh", "en"}
    caps : DataFrame, optional
        Table `OrderCaps`: where a limit cuts demand, it may be what changed a SKU.
    """
    rows = horizon_rows(forecast)
    is_cut = caps is not None and caps["cut_units"].sum() >= LEAST_CHANGE_UNITS
    word = "grade_reason.changed_or_cut" if is_cut else "grade_reason.changed"
    is_changed = (rows["mean_units"] - rows["model_mean_units"]).abs() >= LEAST_CHANGE_UNITS
    reasons = rows["grade_reason"].where(~is_changed, rows["grade_reason"] + ";" + word)
    return show_table(rows.assign(grade_reason=reasons), lang, columns=FORECAST_COLUMNS)


def uplift_table(uplift: pd.DataFrame, lang: str) -> Block:
    """Return the ratio of each SKU and phase and where it comes from.

    Parameters
    ----------
    uplift : DataFrame
        Table `Uplift`. A ratio that leans on others by more than half is not called its own.
    lang : {"zh", "en"}
    """
    is_mixed = (uplift["source"] == "sku") & (uplift["own_weight"] < MOSTLY_OWN)
    source = uplift["source"].where(~is_mixed, "mixed")
    return show_table(uplift.assign(source=source), lang, columns=UPLIFT_COLUMNS)


def override_table(effects: pd.DataFrame, lang: str) -> Block:
    """Return what each override touched and changed; a target it does not name reads "all".

    Parameters
    ----------
    effects : DataFrame
        Table `OverrideEffects`.
    lang : {"zh", "en"}
    """
    if effects.empty:
        return show_note("empty.overrides", lang)
    all_of_it = say("slice.all", lang)
    named = {name: effects[name].where(effects[name] != "", all_of_it) for name in TARGETS}
    return show_table(effects.assign(**named), lang, columns=OVERRIDE_COLUMNS)


def cap_table(caps: pd.DataFrame, lang: str) -> Block:
    """Return what order limits cut off, one sentence where there is none.

    Parameters
    ----------
    caps : DataFrame
        Table `OrderCaps`.
    lang : {"zh", "en"}
    """
    if caps.empty:
        return show_note("empty.order_caps", lang)
    return show_table(caps, lang, columns=CAP_COLUMNS)


def forecast_remarks(findings: pd.DataFrame, lang: str) -> Block | None:
    """Return what a reader must know of the forecast itself: feasts ahead, totals never seen.

    Parameters
    ----------
    findings : DataFrame
        Table `Findings`, as `campaign_forecast` left it; nothing is shown without rows.
    lang : {"zh", "en"}
    """
    if findings.empty:
        return None
    told = [tell_sentence(f"finding.{row.code}|{row.facts}", lang) for row in findings.itertuples()]
    return show_table(findings.assign(remark=told), lang, columns=["remark"])


def file_remarks(findings: pd.DataFrame, lang: str) -> Block:
    """Return what was noticed on the seller's files, one sentence where there is nothing.

    Parameters
    ----------
    findings : DataFrame
        Table `Findings`.
    lang : {"zh", "en"}
    """
    if findings.empty:
        return show_note("empty.findings", lang)
    names = findings["file"]
    told = [say(f"file.{name}", lang) if is_known(f"file.{name}") else name for name in names]
    return show_findings(findings.assign(file=told), lang)

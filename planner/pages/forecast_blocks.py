"""Tables of notebook 02: each SKU's forecast with what it rests on, each ratio with its source."""

import pandas as pd

from planner.demand.forecast import horizon_rows
from planner.pages.blocks import Block, show_table
from planner.tables.intake import TARGETS
from planner.words import say

FORECAST_COLUMNS = (
    "shop", "sku", "grade", "q10_units", "q50_units", "q90_units", "mean_units",
    "model_mean_units", "grade_reason",
)  # fmt: skip
UPLIFT_COLUMNS = (
    "shop", "sku", "phase", "uplift_ratio", "low_ratio", "high_ratio", "own_ratio", "prior_ratio",
    "own_weight", "past_events", "source",
)  # fmt: skip
OVERRIDE_COLUMNS = (
    "row", "shop", "market", "category", "sku", "phase", "change", "model_units", "given_units",
    "planned_units", "difference_units", "owner", "override_reason", "expires_on", "reason",
)  # fmt: skip
LEAST_CHANGE_UNITS = 0.5
"""A plan that differs from the model by less is told as the model's. [units]"""
MOSTLY_OWN = 0.5
"""A ratio is said to come from its own past from this weight on. [unitless]"""


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
    all_of_it = say("slice.all", lang)
    named = {name: effects[name].where(effects[name] != "", all_of_it) for name in TARGETS}
    return show_table(
        effects.assign(**named), lang, columns=OVERRIDE_COLUMNS, empty_term="empty.overrides"
    )

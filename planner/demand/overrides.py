"""What analysts plan otherwise: ratios and units laid over the model's draws, both figures kept.

Knows whom an override touches, until when it holds and how its units are spread. Knows
nothing of how the draws came about.
"""

import difflib
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.demand.clean import KEYS, Flags, Floats
from planner.errors import PlanningError
from planner.tables import DemandDraws, OverrideEffects, checked, empty
from planner.tables.promotions import TARGETS

WHOLE = "horizon"
"""Phase of an override that names none: warm-up to after, without `before`."""
SAME_UNITS = 1e-6


class Planned(NamedTuple):
    """Draws with the overrides in them, and what each override did."""

    draws: pd.DataFrame
    """Table `DemandDraws`."""
    effects: pd.DataFrame
    """Table `OverrideEffects`."""


class _Plan(NamedTuple):
    """Planned worlds of each row of the draws, their means, and the model's."""

    worlds: np.ndarray
    model: Floats
    means: Floats
    is_new: Flags

    def put(self, where: np.ndarray, worlds: Floats, means: Floats) -> None:
        for place, row in zip(where, worlds, strict=True):
            self.worlds[place] = row
        self.means[where], self.is_new[where] = means, True


def apply_overrides(
    draws: pd.DataFrame,
    overrides: pd.DataFrame,
    *,
    as_of: Mapping[str, date],
    catalogue: pd.DataFrame | None = None,
) -> Planned:
    """Return the draws to plan with, and one row on what each override touched and changed.

    Parameters
    ----------
    draws : DataFrame
        Table `DemandDraws` of the model; it stays as it is.
    overrides : DataFrame
        Table `Overrides`; they apply in its order, each to what those above it left.
    as_of : Mapping of str to date
        By market, the day from which one looks; an override holds to the day it expires.
    catalogue : DataFrame, optional
        Table `Catalogue`: says which SKUs are of a category.

    Returns
    -------
    Planned
        Rows that no override touches keep their draws, to the bit.

    Raises
    ------
    PlanningError
        If an override names a category and there is no catalogue.

    Notes
    -----
    Units are spread over the SKUs, shops and phases touched in proportion to their means. A
    ratio or a set total scales every world. Units added or taken shift every world by as much:
    what is known to come on top does not make the rest less sure. A world that would fall below
    zero is 0, and the row is then scaled so that its mean moves by the units all the same. Where
    the total is 0 the units are spread evenly over days and SKUs and hold in every world,
    without a range.
    """
    if overrides.empty:
        return Planned(draws, empty(OverrideEffects))
    cells = _cells(draws, overrides, catalogue)
    seen_from = pd.to_datetime(cells["market"].map(as_of))
    worlds = np.empty(len(draws), dtype=object)
    for place, row in enumerate(draws["draws"]):
        worlds[place] = row
    means = np.array([row.mean() for row in worlds], dtype=float)
    plan = _Plan(worlds, means, means.copy(), np.zeros(len(draws), dtype=bool))
    effects = []
    for row in overrides.to_dict("records"):
        is_touched = touched(cells, row)
        holds = (seen_from <= row["expires_on"]).to_numpy()
        effects.append(_effect(row, cells, plan, is_touched, holds))
    is_new = plan.is_new.any()
    table = checked(DemandDraws, draws.assign(draws=plan.worlds)) if is_new else draws
    return Planned(table, checked(OverrideEffects, pd.DataFrame(effects)))


def touched(cells: pd.DataFrame, override: Mapping[str, object]) -> Flags:
    """Return which rows an override touches, whether or not it has expired.

    Parameters
    ----------
    cells : DataFrame
        phase, and of shop, market, category and sku those that are known; a target among them
        is compared.
    override : Mapping
        One row of table `Overrides` or `OverrideEffects`: an empty target holds for all, an
        empty phase or `horizon` for warm-up to after.
    """
    phase = override["phase"]
    is_touched = (cells["phase"] != "before").to_numpy()
    if phase not in ("", WHOLE):
        is_touched = (cells["phase"] == phase).to_numpy()
    for name in TARGETS:
        if override[name] and name in cells:
            is_touched = is_touched & (cells[name] == override[name]).to_numpy()
    return is_touched


def _cells(
    draws: pd.DataFrame, overrides: pd.DataFrame, catalogue: pd.DataFrame | None
) -> pd.DataFrame:
    cells = draws[[*KEYS, "phase", "starts_on", "ends_on"]].reset_index(drop=True)
    if catalogue is None:
        named = overrides.loc[overrides["category"] != ""]
        if len(named):
            raise PlanningError(
                f"overrides, row {named['row'].iloc[0]}: category "
                f"{named['category'].iloc[0]!r} needs a catalogue that says which SKUs it has; "
                "give apply_overrides the catalogue"
            )
        return cells.assign(category="")
    category = catalogue.set_index("sku")["category"]
    return cells.assign(category=cells["sku"].map(category).fillna("").astype("str"))


def _effect(
    row: dict[str, object], cells: pd.DataFrame, plan: _Plan, is_touched: Flags, holds: Flags
) -> dict[str, object]:
    """Apply one override to the plan, and return its row of the effects."""
    own = {name: row[name] for name in ("row", *TARGETS, "change", "owner", "expires_on")}
    own |= {"phase": row["phase"] or WHOLE, "override_reason": row["reason"]}
    is_live = is_touched & holds
    if not is_live.any():
        is_over = is_touched.any() or not holds.any()
        gone = dict.fromkeys(("given_units", "planned_units", "difference_units"), np.nan)
        if is_over:
            day = f"override.expired|expires_on={row['expires_on']:%Y-%m-%d}"
            gone |= {"status": "expired", "reason": day}
        else:
            gone |= {"status": "nothing", "reason": _no_match(row, cells)}
        model = plan.model[is_touched].sum() if is_touched.any() else np.nan
        n_skus = cells.loc[is_touched, "sku"].nunique()
        return own | gone | {"model_units": model, "n_skus": n_skus}
    model, given = plan.model[is_live].sum(), plan.means[is_live].sum()
    _change(row, cells, plan, is_live)
    done = plan.means[is_live].sum()
    return own | {
        "status": "applied",
        "n_skus": cells.loc[is_live, "sku"].nunique(),
        "model_units": model,
        "given_units": given,
        "planned_units": done,
        "difference_units": done - given,
        "reason": _told(row, model, given, done),
    }


def _change(row: Mapping[str, object], cells: pd.DataFrame, plan: _Plan, is_live: Flags) -> None:
    """Move the worlds of the rows touched, in place."""
    where = np.flatnonzero(is_live)
    means = plan.means[where]
    given, amount = means.sum(), float(row["amount"])
    wanted = {
        "ratio": given * amount,
        "added_units": max(given + amount, 0.0),
        "set_units": max(amount, 0.0),
    }[str(row["kind"])]
    if given <= 0 and wanted <= 0:
        return
    worlds = np.stack([plan.worlds[place] for place in where])
    if given <= 0:
        days = (cells["ends_on"] - cells["starts_on"]).dt.days.to_numpy()[is_live] + 1.0
        target = wanted * days / days.sum()
        moved = np.broadcast_to(target[:, None], worlds.shape).copy()
    else:
        target = means * (wanted / given)
        is_sum = row["kind"] == "added_units"
        moved = _shifted(worlds, means, target) if is_sum else worlds * (wanted / given)
    plan.put(where, moved, target)


def _shifted(worlds: Floats, means: Floats, target: Floats) -> Floats:
    """Return the worlds of each row moved alike so that its mean is `target`, none below zero."""
    moved = np.maximum(worlds + (target - means)[:, None], 0.0)
    reached = moved.mean(axis=1)
    factor = np.divide(target, reached, out=np.zeros_like(target), where=reached > 0)
    return moved * factor[:, None]


def _told(row: Mapping[str, object], model: float, given: float, done: float) -> str:
    """Return how an override came to its units, as a term with facts."""
    if done > 0 and given <= 0:
        return "override.from_nothing"
    if row["kind"] == "added_units" and given + float(row["amount"]) < -SAME_UNITS:
        return f"override.cut|asked={abs(float(row['amount'])):.0f}|units={given:.0f}"
    if abs(given - model) > max(SAME_UNITS, SAME_UNITS * model):
        return f"override.after_others|units={given:.0f}"
    return "override.applied"


def _no_match(row: Mapping[str, object], cells: pd.DataFrame) -> str:
    """Return which name of an override nothing bears, and the nearest one that something does."""
    for name in TARGETS:
        known = cells.loc[cells[name] != "", name].unique().tolist()
        said = str(row[name])
        if said and said not in known:
            folded = {text.casefold(): text for text in known}
            near = difflib.get_close_matches(said.casefold(), list(folded), 1, cutoff=0.6)
            told = f"column=target.{name}|value={_fact(said)}"
            if near:
                return f"override.typo|{told}|nearest={_fact(folded[near[0]])}"
            return f"override.unknown|{told}"
    phase = row["phase"]
    if phase and phase not in set(cells["phase"]):
        return f"override.no_phase|phase={phase}"
    return "override.no_row"


def _fact(text: str) -> str:
    return text.replace("|", "/").replace(";", ",")

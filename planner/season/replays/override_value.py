"""What each person's change was worth, in money: the campaign replayed with it and without it.

Units are judged in `overrides_review`; here the rest of the campaign stays as it happened, so
that a change nobody acted on is worth nothing.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import tables
from planner.demand.overrides import touched
from planner.season.days import KEYS
from planner.season.replays.course import Gathered, Happened
from planner.season.replays.order_steps import Steps, steps_of
from planner.season.replays.regret import rows_of
from planner.season.replays.replay import Course, Repairs, ending_of, is_done_otherwise, limited
from planner.season.replays.shapley import in_cents, shapley, subsets
from planner.supply.quantity.position import HORIZON_PHASES

MOST_ORDERS = 8
"""With more changes on one SKU each is valued on top of those above it. [changes]"""
SET, ADDED, SHARE = "=", ("+", "-"), "%"
"""How a change is written: `=1200`, `+250`, `+15%`; everything else is a ratio."""


class _Change(NamedTuple):
    """One change of a person, and what it did to each cell of the forecast."""

    source: str
    row: int
    change: str
    owner: str
    cells: np.ndarray
    """Which cells it touches, shape (n_cells,)."""
    before: np.ndarray
    after: np.ndarray


def override_value(
    happened: Happened, gathered: Gathered, effects: pd.DataFrame, *, currency: str
) -> pd.DataFrame:
    """Return for each change and SKU what it earned or cost.

    Parameters
    ----------
    happened : Happened
    gathered : Gathered
        As `course.campaign_course` returns it for the same tables.
    effects : DataFrame
        Table `OverrideEffects`; those that did not apply fall out.
    currency : str
        Of all money: the seller's.

    Returns
    -------
    DataFrame
        Table `OverrideValue`, dearest change first; decisions of the meeting stand in it too.

    Notes
    -----
    Where several changes touch one SKU each gets its Shapley value over them: its gain averaged
    over all orders of making them. Beyond `MOST_ORDERS` of them, its gain on top of those above.
    The order without a change is the plan's target times the forecast's mean without it over its
    mean with all, less the stock in time, in the same cartons and under the same limits; without
    a decision alone it is the plan's own, as the plan told it.
    """
    course = gathered.course
    steps = steps_of(happened, course.keys)
    cells = _cells(happened)
    changes = _changes(effects, cells) + _decided(happened.decisions, cells)
    rows = []
    for places, own in _groups(course, cells, changes):
        needed = _needed(happened, course, steps, cells, changes, places, own)
        rows += _valued(course, steps, changes, places, own, needed)
    if not rows:
        return tables.empty(tables.OverrideValue)
    frame = pd.DataFrame(rows).assign(currency=currency)
    frame["is_helped"] = frame["is_helped"].astype("boolean")
    size = frame["value_profit"].abs()
    frame = frame.assign(size=-size).sort_values(["size", *KEYS, "source", "row"])
    return tables.checked(tables.OverrideValue, frame[tables.columns(tables.OverrideValue)])


def owner_totals(value: pd.DataFrame) -> pd.DataFrame:
    """Return by owner how many changes were made and what they were worth.

    Parameters
    ----------
    value : DataFrame
        Table `OverrideValue`.

    Returns
    -------
    DataFrame
        owner, n_skus, value_profit, currency; the one who helped most first.
    """
    grouped = value.groupby(["owner", "currency"], as_index=False)
    sums = grouped.agg(n_skus=("sku", "nunique"), value_profit=("value_profit", "sum"))
    sums = sums.sort_values(["value_profit", "owner"], ascending=[False, True])
    return sums[["owner", "n_skus", "value_profit", "currency"]].reset_index(drop=True)


def _cells(happened: Happened) -> pd.DataFrame:
    """Return shop, market, sku, phase, category and mean_units as the model had them."""
    rows = happened.forecast[happened.forecast["phase"].isin(HORIZON_PHASES)]
    rows = rows.sort_values([*KEYS, "shop", "phase"]).reset_index(drop=True)
    category = rows["sku"].map(happened.catalogue.set_index("sku")["category"])
    return rows[["shop", *KEYS, "phase", "starts_on", "ends_on"]].assign(
        category=category.fillna("").astype("str"), mean_units=rows["model_mean_units"]
    )


def _changes(effects: pd.DataFrame, cells: pd.DataFrame) -> list[_Change]:
    """Return the overrides that applied, laid over the model's means one after the other."""
    now = cells["mean_units"].to_numpy(dtype=float)
    days = ((cells["ends_on"] - cells["starts_on"]).dt.days + 1).to_numpy(dtype=float)
    found = []
    for row in effects[effects["status"] == "applied"].to_dict("records"):
        is_own = touched(cells, row)
        given, done = now[is_own].sum(), float(row["planned_units"])
        after = now.copy()
        if given > 0:
            after[is_own] = now[is_own] * (done / given)
        elif is_own.any():
            after[is_own] = done * days[is_own] / days[is_own].sum()
        found.append(
            _Change("override", int(row["row"]), row["change"], row["owner"], is_own, now, after)
        )
        now = after
    return found


def _decided(decisions: pd.DataFrame, cells: pd.DataFrame) -> list[_Change]:
    """Return the decisions that set a quantity; who said push left it to the plan."""
    found = []
    for row in decisions[decisions["decision"] != "push"].to_dict("records"):
        is_own = ((cells["market"] == row["market"]) & (cells["sku"] == row["sku"])).to_numpy()
        units = "" if pd.isna(row["units"]) else f"={row['units']}"
        none = np.zeros(0)
        change = units or str(row["decision"])
        found.append(_Change("decision", 0, change, row["owner"], is_own, none, none))
    return found


def _groups(
    course: Course, cells: pd.DataFrame, changes: list[_Change]
) -> list[tuple[np.ndarray, list[int]]]:
    """Return SKUs that the same changes touch: their rows in the course, and the changes."""
    if not changes or not len(course.keys):
        return []
    rows = pd.MultiIndex.from_frame(course.keys[KEYS])
    places = rows.get_indexer(pd.MultiIndex.from_frame(cells[KEYS]))
    flags = np.zeros((len(rows), len(changes)), dtype=bool)
    for column, change in enumerate(changes):
        hit = places[change.cells]
        flags[hit[hit >= 0], column] = True
    kinds, member = np.unique(flags, axis=0, return_inverse=True)
    found = [
        (np.flatnonzero(member.ravel() == kind), np.flatnonzero(own).tolist())
        for kind, own in enumerate(kinds)
    ]
    return [(places, own) for places, own in found if own]


def _kept(own: list[int]) -> np.ndarray:
    """Return which changes each replay keeps: all subsets, or with too many the growing ones."""
    n = len(own)
    if n <= MOST_ORDERS:
        return subsets(n)
    return np.tri(n + 1, n, -1, dtype=bool)


def _needed(
    happened: Happened,
    course: Course,
    steps: Steps,
    cells: pd.DataFrame,
    changes: list[_Change],
    places: np.ndarray,
    own: list[int],
) -> np.ndarray:
    """Return what is needed with each set of changes kept, shape (n_sets, n_places). [units]."""
    kept = _kept(own)
    rows = pd.MultiIndex.from_frame(course.keys.iloc[places][KEYS])
    member = rows.get_indexer(pd.MultiIndex.from_frame(cells[KEYS]))
    plan = happened.plan.set_index(KEYS).reindex(rows)
    target, stock = (plan[n].to_numpy(dtype=float) for n in ("target_units", "available_units"))
    inside = member >= 0
    whole = _summed(_means(cells, changes, own), member, inside, len(places))
    needed = np.zeros((len(kept), len(places)))
    decisions = [n for n, place in enumerate(own) if changes[place].source == "decision"]
    for row, flags in enumerate(kept):
        chosen = [own[n] for n in np.flatnonzero(flags)]
        mean = _summed(_means(cells, changes, chosen), member, inside, len(places))
        ratio = np.divide(mean, whole, out=np.ones_like(mean), where=whole > 0)
        needed[row] = np.maximum(target * ratio - stock, 0.0)
        is_decided = any(flags[n] for n in decisions)
        is_same = np.isclose(ratio, 1.0, rtol=1e-9)
        is_whole = is_same & (is_decided == bool(decisions))
        needed[row] = np.where(is_whole | is_decided, steps.planned[places], needed[row])
        is_own = is_same & ~is_whole & ~np.isnan(steps.own[places])
        needed[row] = np.where(is_own, steps.own[places], needed[row])
    return needed


def _means(cells: pd.DataFrame, changes: list[_Change], chosen: list[int]) -> np.ndarray:
    """Return the forecast's mean of each cell with some changes made. [units]."""
    now = cells["mean_units"].to_numpy(dtype=float).copy()
    for place in chosen:
        made = changes[place]
        if made.source == "decision":
            continue
        moved = np.divide(made.after, made.before, out=np.ones_like(now), where=made.before > 0)
        sign = made.change[:1]
        if sign in ADDED and not made.change.endswith(SHARE):
            new = np.maximum(now + made.after - made.before, 0.0)
        else:
            new = made.after if sign == SET else now * moved
        now = np.where(made.cells, new, now)
    return now


def _summed(units: np.ndarray, member: np.ndarray, inside: np.ndarray, n: int) -> np.ndarray:
    return np.bincount(member[inside], weights=units[inside], minlength=n)


def _valued(
    course: Course,
    steps: Steps,
    changes: list[_Change],
    places: np.ndarray,
    own: list[int],
    needed: np.ndarray,
) -> list[dict[str, object]]:
    part = rows_of(course, places)
    asked, sent, is_followed = _sent(part, needed)
    nothing = Repairs((), np.zeros((len(sent), 0), dtype=bool))
    profit = ending_of(part, nothing, sent).profit
    gains = shapley(profit) if len(own) <= MOST_ORDERS else np.diff(profit, axis=0)
    cents = in_cents(gains)
    kept = _kept(own)
    rows = []
    for player, place in enumerate(own):
        others = kept[:, player] == 0
        last = int(np.flatnonzero(others & (kept.sum(axis=1) == kept[others].sum(axis=1).max()))[0])
        made = changes[place]
        for column in range(len(places)):
            worth, is_own = cents[player, column] / 100.0, bool(is_followed[column])
            term = "reason.override_worth" if worth else "reason.override_same_money"
            came = f"reason.override_not_followed|sent={part.order.sent_units[column]:.0f}"
            term = term if is_own else came
            rows.append(
                dict(part.keys.iloc[column]) | {
                    "source": made.source, "row": made.row, "change": made.change,
                    "owner": made.owner, "without_units": asked[last, column],
                    "planned_units": asked[-1, column], "value_profit": worth,
                    "is_helped": None if worth == 0 else worth > 0, "reason": term,
                }
            )  # fmt: skip
    return rows


def _sent(part: Course, needed: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what the plan asks for at each need, what is sent, and whether it followed at all."""
    order = part.order
    asked = np.where(order.is_refused, 0.0, limited(order, needed))
    rightly, is_other = order.sent_units - order.misplaced_units, is_done_otherwise(order)
    is_followed = ~is_other & ~order.is_refused
    done = np.where(is_other, rightly, asked)
    return asked, np.maximum(done + order.misplaced_units, 0.0), is_followed

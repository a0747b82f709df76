"""Takes the decisions of a filled plan.xlsx into the seller's folder, for the next run.

A decision on other SKUs stays as it was; the file is replaced whole or not at all.
"""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from planner.desk.asked_days import day_of
from planner.desk.files import put_in_place
from planner.desk.filled_plan import Decided, read_filled
from planner.desk.filled_sheets import Key
from planner.desk.home import Home
from planner.desk.store import open_scope
from planner.errors import InputError
from planner.intake.decisions import read_decisions
from planner.intake.masters import master_path
from planner.supply.decisions.decided import due_decisions
from planner.tables import Decisions, checked, columns

FILE_NAME = "decisions.csv"
SAID = ["decision", "units", "owner", "note"]


class Taken(NamedTuple):
    """What became of the decisions of a seller."""

    path: Path
    changed: int
    kept: int
    """Rows of the file that stand as they were."""
    withdrawn: int
    waiting: int = 0
    """Decisions dated after the planning day, which the plan of that day does not follow."""


def take_decisions(
    home: Home, campaign: str, seller: str, filled: Path, *, decided_on: str = ""
) -> Taken:
    """Read a filled plan.xlsx and put its decisions into the seller's `decisions.csv`.

    Parameters
    ----------
    home : Home
    campaign, seller : str
        Whose plan it is; another's is refused.
    filled : Path
    decided_on : str
        Day of the decisions, year-month-day; without one it is left open.

    Raises
    ------
    PlannerError
        Names what cannot be read, cell by cell; the file is then as it was.

    Notes
    -----
    A decision that is already in the file keeps its row, and so its day. An earlier decision
    whose yellow cells were cleared is withdrawn.
    """
    scope = open_scope(home, campaign, seller, scenario="base", as_of="")
    on = day_of(decided_on, option="--on")
    folder = home.seller_folder(seller)
    path = master_path(folder, "decisions") or folder / FILE_NAME
    if path.suffix != ".csv":
        raise InputError(f"{path.name} is kept by hand; save it as {FILE_NAME} and delete it")
    decided = read_filled(filled, scope=scope)
    before = read_decisions(folder)
    after = _updated(before, decided, pd.Timestamp(on) if on else pd.NaT)
    was, now = (_rows_by_key(frame) for frame in (before, after))
    changed = sum(was.get(key) != row for key, row in now.items())
    waiting = len(after) - len(due_decisions(after, scope=scope))
    taken = Taken(path, changed, len(now) - changed, len(was.keys() - now.keys()), waiting)
    if was != now:
        put_in_place(path, lambda made: _write(after, made))
    return taken


def _updated(before: pd.DataFrame, decided: dict[Key, Decided], on: pd.Timestamp) -> pd.DataFrame:
    rows = {(row["market"], row["sku"]): row for row in before.to_dict("records")}
    for (market, sku), one in decided.items():
        if not one.decision:
            rows.pop((market, sku), None)
            continue
        units = pd.NA if one.units is None else one.units
        said = dict(zip(SAID, (one.decision, units, one.owner, one.note), strict=True))
        old = rows.get((market, sku))
        if old is None or any(_told(old[name]) != _told(said[name]) for name in SAID):
            rows[market, sku] = {"market": market, "sku": sku, **said, "decided_on": on}
    frame = pd.DataFrame([rows[key] for key in sorted(rows)], columns=columns(Decisions))
    kinds = dict.fromkeys(["market", "sku", "decision", "owner", "note"], "str")
    frame = frame.astype(kinds).astype({"units": "Int64"})
    frame["decided_on"] = pd.to_datetime(frame["decided_on"]).astype("datetime64[us]")
    return checked(Decisions, frame)


def _rows_by_key(frame: pd.DataFrame) -> dict[Key, tuple[str, ...]]:
    names = [*SAID, "decided_on"]
    return {
        (row["market"], row["sku"]): tuple(_told(row[name]) for name in names)
        for row in frame.to_dict("records")
    }


def _told(value: object) -> str:
    return "" if pd.isna(value) else str(value)


def _write(frame: pd.DataFrame, path: Path) -> None:
    """Write the rows with a byte order mark, so that a Chinese Excel reads the names."""
    frame.to_csv(
        path, index=False, lineterminator="\n", date_format="%Y-%m-%d", encoding="utf-8-sig"
    )

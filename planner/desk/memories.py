"""Memory on disk: what reviews put down, one file per campaign, and what sellers share.

`data/memory/<seller>/<campaign>.csv` holds the uplifts of SKUs, `ratios/<campaign>.csv` beside
them the cells of the campaign, `data/memory/shared/<campaign>.csv` what enough sellers showed
together. Nothing here computes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from planner import tables
from planner.desk.files import put_in_place
from planner.intake import rules

PLACES = {tables.UpliftMemory: "", tables.CampaignRatios: "ratios", tables.SharedRatios: ""}
"""By table, the folder below a seller's memory, or below the shared one."""
MEMORY_FORMAT = "%.6f"


def read_memories(folders: Sequence[Path], table: type[tables.Table]) -> pd.DataFrame:
    """Return what all campaigns left, those of an earlier folder in place of a later's.

    Parameters
    ----------
    folders : sequence of Path
        Roots of memory: of a stage, then the published one.
    table : type of Table
        `UpliftMemory`, `CampaignRatios` or `SharedRatios`.
    """
    files: dict[str, Path] = {}
    for folder in reversed(folders):
        files |= {path.name: path for path in (folder / PLACES[table]).glob("*.csv")}
    frames = [read_memory(files[name], table) for name in sorted(files)]
    kept = [frame for frame in frames if len(frame)] or [tables.empty(table)]
    return tables.checked(table, pd.concat(kept, ignore_index=True))


def read_memory(path: Path, table: type[tables.Table] = tables.UpliftMemory) -> pd.DataFrame:
    """Return what one file remembers.

    Raises
    ------
    InputError
        Names file, row and column of what is wrong.
    """
    return tables.checked(table, rules.read_table(path, table).drop(columns=rules.ROW))


def put_down(folder: Path, campaign: str, table: type[tables.Table], frame: pd.DataFrame) -> Path:
    """Write what a campaign left in place of what it left before; return the file."""
    kept = tables.checked(table, frame)
    path = path_of(folder, campaign, table)
    put_in_place(path, lambda beside: beside.write_bytes(written(kept)))
    return path


def path_of(folder: Path, campaign: str, table: type[tables.Table]) -> Path:
    """Return the file of what a campaign left, below a root of memory."""
    return folder / PLACES[table] / f"{campaign}.csv"


def written(frame: pd.DataFrame) -> bytes:
    """Return the file that holds a table of memory."""
    text = frame.to_csv(
        index=False, lineterminator="\n", date_format="%Y-%m-%d", float_format=MEMORY_FORMAT
    )
    return text.encode("utf-8")


def memory_files(folder: Path, *, beside: str = "") -> list[Path]:
    """Return the files of a memory, but for those of one campaign: it does not teach itself."""
    return [path for path in folder.rglob("*.csv") if path.stem != beside]


def table_of(path: Path) -> type[tables.Table]:
    """Return which table a file of a seller's memory holds."""
    is_ratios = path.parent.name == PLACES[tables.CampaignRatios]
    return tables.CampaignRatios if is_ratios else tables.UpliftMemory

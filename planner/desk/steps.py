"""Which notebook writes a table, and what each of them left in a folder.

Knows a table by the module and the name of its contract; reads no row of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from planner import tables
from planner.desk import parquet
from planner.desk.files import hash_of

STEP_OF_MODULE = {
    "intake": 1, "uplift": 2, "demand": 2, "supply": 3, "plan": 3, "places": 3, "season": 4,
    "track": 4, "review": 5,
}  # fmt: skip
STEP_OF_TABLE = {
    "Outcome": 5,
    "OutcomeMeasures": 5,
    "OverrideReview": 5,
    "OverrideValue": 5,
    "RegretLedger": 5,
    "RegretTotals": 5,
    "SeasonProfits": 5,
    "SellerRules": 5,
    "SellerRuleTotals": 5,
    "NextDecisions": 5,
    "UpliftMemory": 5,
    "Overrides": 2,
    "Drivers": 2,
    "ReturnRates": 3,
}
STEP_OF_PART = {"clean": 1, "forecast": 2, "plan": 3, "track": 4, "review": 5}


def step_of(table: type[tables.Table], part: str = "") -> int:
    """Return the number of the notebook that writes a table.

    Examples
    --------
    >>> step_of(tables.Forecast)
    2
    """
    by_module = STEP_OF_MODULE.get(table.__module__.rpartition(".")[2], 1)
    return STEP_OF_PART.get(part) or STEP_OF_TABLE.get(table.__name__, by_module)


def step_of_file(path: Path) -> int:
    """Return the number of the notebook that writes a table's file."""
    name, _, part = path.stem.partition("-")
    return step_of(getattr(tables, name, tables.Table), part)


def tables_in(folder: Path) -> dict[str, dict[str, Any]]:
    """Return, for each table of a folder, the notebook it belongs to, its rows and its hash."""
    return {
        path.stem: {
            "step": step_of_file(path),
            "rows": parquet.row_count(path),
            "sha256": hash_of(path),
        }
        for path in sorted(folder.glob("*.parquet"))
    }

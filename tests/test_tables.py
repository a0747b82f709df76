"""Contracts: strict columns, findings told once, empty tables that keep their form."""

import pandas as pd
import pytest

from planner import tables
from planner.errors import TableError

ALL_TABLES = [
    table
    for table in (getattr(tables, name) for name in tables.__all__)
    if isinstance(table, type) and issubclass(table, tables.Table) and table is not tables.Table
]


@pytest.mark.parametrize("table", ALL_TABLES, ids=lambda table: table.__name__)
def test_an_empty_table_keeps_its_contract(table: type[tables.Table]) -> None:
    empty = tables.checked(table, tables.empty(table))
    assert list(empty.columns) == tables.columns(table)


@pytest.mark.parametrize("table", ALL_TABLES, ids=lambda table: table.__name__)
def test_the_docstring_of_a_table_opens_with_its_grain(table: type[tables.Table]) -> None:
    assert tables.grain(table).startswith("One row per ")


def bundle(**changes: object) -> pd.DataFrame:
    return pd.DataFrame({"sku": ["set"], "component": ["cup"], "units": [2], **changes})


def test_an_unknown_column_is_an_error() -> None:
    with pytest.raises(TableError, match=r"Bundles: .*extra"):
        tables.checked(tables.Bundles, bundle(extra=[1]))


def test_every_finding_is_told_at_once_with_row_and_value() -> None:
    frame = pd.concat([bundle(), bundle(units=[0]), bundle(units=[-3])], ignore_index=True)
    with pytest.raises(TableError) as told:
        tables.checked(tables.Bundles, frame)
    assert "units, row 1: 0" in str(told.value)
    assert "units, row 2: -3" in str(told.value)


def test_columns_come_back_in_the_contracts_order() -> None:
    shuffled = bundle()[["units", "sku", "component"]]
    assert list(tables.checked(tables.Bundles, shuffled).columns) == ["sku", "component", "units"]


def test_a_reconciliation_that_does_not_balance_is_refused() -> None:
    row = dict.fromkeys(tables.columns(tables.Reconciliation), 0)
    row |= {"file": "a.csv", "shop": "s", "dialect": "d", "sha256": "x", "currency": "THB"}
    frame = pd.DataFrame([row | {"rows_in": 3, "rows_kept": 1, "rows_rejected": 1}])
    frame[["first_on", "last_on"]] = pd.NaT
    frame = frame.astype({"first_on": "datetime64[us]", "last_on": "datetime64[us]"})
    with pytest.raises(TableError, match="rows_balance"):
        tables.checked(tables.Reconciliation, frame)

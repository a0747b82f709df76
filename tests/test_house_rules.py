"""The registers of data/rules: every fact by its contract, dated, sourced, once at a time."""

import csv
import re
from collections import defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from planner import tables
from planner.intake.rules import read_register

FOLDER = Path(__file__).resolve().parents[1] / "data" / "rules"
KEYS = {
    "markets": ("market",),
    "calendar": ("event", "market", "phase"),
    "lanes": ("market", "mode", "origin"),
    "lane_stages": ("market", "mode", "stage"),
    "inbound_rules": ("market", "kind", "rule"),
    "risk_windows": ("market", "event", "stage"),
    "fees": ("market", "term"),
    "return_rates": ("market", "category"),
    "uplift_priors": ("category", "kind", "phase"),
    "day_curve_priors": ("phase", "position"),
    "launch_curve": ("category", "week"),
    "certificates": ("market", "category", "certificate"),
    "admissions": ("market", "category"),
    "action_rules": ("market", "action"),
    "bounds": ("rule",),
    "metrics": ("market", "metric"),
    "order_cap_rules": ("market", "mode", "tier"),
    "exit_rules": ("market", "exit", "step"),
    "return_route_fees": ("market", "route"),
    "duty_rates": ("market", "category"),
    "handling_fees": ("market", "work"),
    "surcharges": ("market", "mode", "kind"),
    "warehouse_fees": ("market", "kind", "fee"),
}
REGISTERS = {
    re.sub(r"(?<!^)(?=[A-Z])", "_", register.__name__).lower(): register
    for register in tables.REGISTERS
}
FOR_EVER = date.max

Row = dict[str, str]


def rows_of(name: str) -> list[Row]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def key_of(name: str, row: Row) -> tuple[str, ...]:
    return tuple(row[column] for column in KEYS[name])


def overlaps(name: str, rows: list[Row]) -> list[tuple[str, ...]]:
    """Return the keys of which two facts are in force on one day; both ends count."""
    periods = defaultdict(list)
    for row in rows:
        last = date.fromisoformat(row["valid_to"]) if row["valid_to"] else FOR_EVER
        periods[key_of(name, row)].append((date.fromisoformat(row["valid_from"]), last))
    return [
        key
        for key, spans in periods.items()
        if any(later[0] <= earlier[1] for earlier, later in pairwise(sorted(spans)))
    ]


def test_every_register_has_its_file_and_every_file_its_register():
    assert sorted(REGISTERS) == sorted(path.stem for path in FOLDER.glob("*.csv"))
    assert sorted(REGISTERS) == sorted(KEYS)


@pytest.mark.parametrize("name", REGISTERS)
def test_a_register_keeps_its_contract(name: str):
    assert len(read_register(FOLDER, REGISTERS[name])) == len(rows_of(name)) > 0


@pytest.mark.parametrize("name", REGISTERS)
def test_its_rows_stand_sorted_by_key_and_time(name: str):
    order = [(*key_of(name, row), row["valid_from"]) for row in rows_of(name)]
    unsorted = [later for earlier, later in pairwise(order) if later < earlier]
    assert unsorted == []


@pytest.mark.parametrize("name", REGISTERS)
def test_one_fact_is_in_force_at_a_time(name: str):
    assert overlaps(name, rows_of(name)) == []


@pytest.mark.parametrize("name", REGISTERS)
def test_each_fact_says_where_it_comes_from_and_when_that_was_read(name: str):
    for number, row in enumerate(rows_of(name), 2):
        assert len(row["source"].strip()) >= len("the brief"), f"row {number}"
        date.fromisoformat(row["as_of"])
        first = date.fromisoformat(row["valid_from"])
        assert not row["valid_to"] or first <= date.fromisoformat(row["valid_to"]), f"row {number}"


@pytest.mark.parametrize("name", REGISTERS)
def test_a_figure_that_is_not_known_is_empty_and_unverified(name: str):
    nullable = [
        column
        for column, kind in REGISTERS[name].to_schema().columns.items()
        if kind.nullable and column != "valid_to"
    ]
    sure = [
        key_of(name, row)
        for row in rows_of(name)
        if nullable and not any(row[column] for column in nullable)
        if row["confidence"] in ("primary", "measured")
    ]
    assert sure == []


def test_two_periods_that_share_a_day_are_seen():
    first = {"rule": "buffer", "valid_from": "2020-01-01", "valid_to": "2025-06-01"}
    second = {"rule": "buffer", "valid_from": "2025-06-01", "valid_to": ""}
    assert overlaps("bounds", [first, second]) == [("buffer",)]
    assert overlaps("bounds", [{**first, "valid_to": "2025-05-31"}, second]) == []

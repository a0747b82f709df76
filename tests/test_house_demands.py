"""Each demand of the brief stands in demands.csv, and what is called done names its test."""

import ast
import csv
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEMANDS = 88  # numbered statements of the brief
HEADINGS = ["number", "name", "place", "test", "status"]
STATUSES = {"done", "partly", "open"}
LACKS = "; lacks "

with (ROOT / "tests" / "demands.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


@cache
def names_in(path: str) -> frozenset[str]:
    file = ROOT / path
    if not (path.startswith("tests/") and file.is_file()):
        return frozenset()
    names = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        head = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        names |= {f"{head}{part.name}" for part in inside if isinstance(part, ast.FunctionDef)}
    return frozenset(name for name in names if name.split("::")[-1].startswith("test_"))


def exists(test: str) -> bool:
    path, _, name = test.partition("::")
    return name.split("[")[0] in names_in(path)


def test_every_demand_of_the_brief_has_its_row():
    assert list(ROWS[0]) == HEADINGS
    assert [row["number"] for row in ROWS] == [str(number) for number in range(1, DEMANDS + 1)]


def test_every_row_has_a_name_a_place_and_a_status():
    assert [row["number"] for row in ROWS if not (row["name"] and row["place"])] == []
    assert {row["status"] for row in ROWS} <= STATUSES


def test_every_place_is_there():
    places = [(row["number"], place.strip()) for row in ROWS for place in row["place"].split(",")]
    assert [place for place in places if not list(ROOT.glob(f"{place[1]}*"))] == []


def test_what_is_met_in_part_says_what_it_lacks():
    assert [
        row["number"] for row in ROWS if (row["status"] == "partly") != (LACKS in row["name"])
    ] == []


def test_what_is_done_names_tests_that_exist():
    done = [row for row in ROWS if row["status"] != "open"]
    named = [(row["number"], row["test"].split()) for row in done]
    assert [number for number, tests in named if not tests] == []
    assert [(n, test) for n, tests in named for test in tests if not exists(test)] == []


def test_what_is_open_names_no_test():
    assert [row["number"] for row in ROWS if row["status"] == "open" and row["test"]] == []


def test_a_test_that_does_not_exist_is_seen():
    assert exists("tests/test_house_demands.py::test_every_demand_of_the_brief_has_its_row")
    assert not exists("tests/test_house_demands.py::test_that_nobody_wrote")
    assert not exists("tests/test_never.py::test_x")
    assert not exists("tests/test_house_demands.py::exists")

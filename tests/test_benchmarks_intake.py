"""The intake benchmark: the same files for everyone, and nobody agrees by chance."""

import csv
from pathlib import Path

import pytest
from one_export import read_export

from benchmarks import intake
from benchmarks.intake_files import COLUMNS, DIALECT, benchmark_seller, sku_names, write_exports
from planner.intake.dialects import dialects


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("exports")
    write_exports(place, 15_200)
    return place


def test_the_same_size_gives_the_same_bytes_in_full_files_and_a_rest(folder: Path, tmp_path: Path):
    write_exports(tmp_path, 15_200)
    first, second = (
        [p.read_bytes() for p in sorted(one.rglob("*.csv"))] for one in (folder, tmp_path)
    )
    assert first == second
    assert [data.count(b"\n") for data in first] == [15_002, 202]


def test_the_files_are_what_the_dialect_knows_with_every_cell_in_place(folder: Path):
    path = folder / "orders" / "orders_002.csv"
    rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert {len(row) for row in rows} == {len(COLUMNS)} == {54}
    assert {column for column in COLUMNS if column.casefold() not in known_headers()} == set()
    assert len({row[0] for row in rows[2:]}) < len(rows) - 2  # some orders have several lines


def test_no_row_of_them_is_refused(folder: Path):
    shop = benchmark_seller().shops[0]
    found = read_export(folder / "orders" / "orders_002.csv", shop, skus=sku_names())
    assert (len(found.lines), len(found.rejected)) == (200, 0)


@pytest.mark.parametrize(
    "name",
    [pytest.param("planner, all checks", marks=pytest.mark.slow), "pandas, four columns"],
)
def test_a_contender_is_measured_in_its_own_process(folder: Path, name: str):
    told = intake.measured(name, folder)
    assert told["rows"] == 15_200
    assert told["seconds"] > told["work_seconds"] > 0
    assert told["peak_mb"] > 50


def test_contenders_that_disagree_are_no_result():
    one = {"contender": "a", "rows": 10, "units": 7, "seconds": 1, "work_seconds": 1, "peak_mb": 1}
    with pytest.raises(RuntimeError, match="disagree"):
        intake.compared([one, one | {"units": 8}])
    row, bare = intake.compared([one, one | {"contender": intake.BARE, "seconds": 0.5}])
    assert (row["times_bare"], bare["times_bare"]) == (2.0, 1.0)


def test_a_contender_that_fails_says_why(tmp_path: Path):
    with pytest.raises(RuntimeError, match="pandas, four columns"):
        intake.measured("pandas, four columns", tmp_path)


def known_headers() -> frozenset[str]:
    return dialects()[DIALECT].known_headers

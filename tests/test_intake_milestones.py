"""Reading which stages of a shipment's trip are over."""

from pathlib import Path

import pytest

from planner import tables
from planner.errors import InputError
from planner.intake.plans import read_milestones
from planner.supply.trips.stage_parts import PREPARATION, TRIP

HEADER = "shipment,stage,ended_on\n"


def shipments():
    row = {"shipment": "S1", "sku": "a", "warehouse": "th-house", "mode": "sea", "units": 10}
    frame = tables.empty(tables.Shipments).reindex(range(1))
    return frame.assign(**row)


def told(folder: Path, *rows: str):
    (folder / "milestones.csv").write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return read_milestones(folder, shipments())


def test_without_a_file_no_stage_is_over(tmp_path: Path):
    assert read_milestones(tmp_path, shipments()).empty


def test_each_stage_that_is_over_is_told_with_its_day(tmp_path: Path):
    over = told(tmp_path, "S1,pickup,2025-09-13", "S1,line_haul,2025-11-04")
    assert over["stage"].tolist() == ["pickup", "line_haul"]
    assert over["ended_on"].dt.strftime("%m-%d").tolist() == ["09-13", "11-04"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("S2,pickup,2025-09-13", 'row 2, column "shipment"'),
        ("S1,line_hual,2025-09-13", "line_haul"),
        ("S1,pickup,13 Sep", "ended_on"),
    ],
)
def test_a_wrong_cell_is_refused_by_name(tmp_path: Path, row: str, words: str):
    with pytest.raises(InputError, match=r"milestones\.csv") as problem:
        told(tmp_path, row)
    assert words in str(problem.value)


def test_a_stage_that_is_told_twice_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="pickup"):
        told(tmp_path, "S1,pickup,2025-09-13", "S1,pickup,2025-09-14")


def test_the_stages_are_those_of_the_chain_that_somebody_else_ends():
    chain = {*PREPARATION, *TRIP, "receiving", "shelf"}
    assert set(TRIP) < set(tables.TOLD_STAGES) < chain

"""What the last reviews decided stands at the head of the next plan until somebody has done it."""

from pathlib import Path

import pandas as pd
from desk_world import make_home, put

from planner.desk.plan_inputs import read_open_decisions
from planner.desk.store import Desk, open_scope
from planner.pages.ask_blocks import show_open_decisions

WRITTEN = (
    "subject,finding,decision,owner,due_on,state\n"
    "Carton of the lamp,,Ask for 20,Wu,2025-09-06,open\n"
    "Old matter,,none,Wu,,dropped\n"
)


def desk_of(folder: Path) -> Desk:
    """The planning day of the campaign is 16 September 2025."""
    home = make_home(folder)
    return Desk(home=home, scope=open_scope(home, "nov", "shop-a", scenario="base", as_of=""))


def cells(row: list[object]) -> list[str]:
    return [str(getattr(cell, "text", cell)) for cell in row]


def test_the_next_plan_shows_what_the_last_review_decided_and_how_late_it_is(tmp_path: Path):
    desk = desk_of(tmp_path)
    put(desk.seller_folder / "next_decisions.csv", WRITTEN)
    found = read_open_decisions(desk)
    assert found["subject"].tolist() == ["Carton of the lamp"]
    assert found["late_days"].tolist() == [10]
    shown = show_open_decisions(found, "en").data
    assert shown["title"] == "Decided in the last review and still open"
    told = " ".join(cells(shown["rows"][0]))
    for word in ("Carton of the lamp", "Ask for 20", "Wu", "10"):
        assert word in told


def test_without_open_decisions_the_plan_says_nothing_of_them(tmp_path: Path):
    found = read_open_decisions(desk_of(tmp_path))
    assert found.empty
    data = show_open_decisions(pd.DataFrame(found), "zh").data
    assert (data["title"], data["rows"], data["empty"]) == ("", [], "")

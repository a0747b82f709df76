"""The published figures of tracking and memory hold what the page beside them claims."""

import json

import pytest

from benchmarks.results import RESULTS_FOLDER

NOMINAL, AWAY = 0.80, 0.04
DAYS = ("day 1", "day 2", "day 3")
PAGE_SECONDS = 60


def rows_of(name: str) -> list[dict[str, object]]:
    told = json.loads((RESULTS_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert not told["is_short"]
    return told["rows"]


@pytest.fixture(scope="module")
def looks() -> dict[str, dict[str, object]]:
    rows = rows_of("track")
    return {row["row"]: row for row in rows if row["learns"] == "from all"}


@pytest.fixture(scope="module")
def acts() -> list[dict[str, object]]:
    return [row for row in rows_of("track") if row["row"].startswith("act:")]


def test_ranges_of_skus_hold_what_they_say_at_every_moment(looks):
    assert {row["campaigns"] for row in looks.values()} == {501}
    for row in looks.values():
        assert abs(row["cover80"] - NOMINAL) <= AWAY


def test_every_day_seen_narrows_the_ranges_and_keeps_them_below_the_plans(looks):
    widths = [looks[day]["width"] for day in DAYS]
    assert widths == sorted(widths, reverse=True)
    assert all(row["of_plan"] < 1 for row in looks.values())


def test_ranges_of_all_skus_together_hold_after_each_of_the_first_three_sale_days(looks):
    for day in DAYS:
        assert round(abs(looks[day]["total"] - NOMINAL), 3) <= AWAY


def test_acting_earned_more_than_nothing_and_no_action_came_too_late(acts):
    assert len(acts) == 2
    assert all(row["gain_low"] > 0 and row["late"] == 0 for row in acts)


def test_the_page_of_a_large_seller_stood_within_a_minute_and_twice_the_same():
    pages = [row for row in rows_of("track_page") if row["in_time"] is not None]
    assert pages
    assert all(row["seconds"] < PAGE_SECONDS and row["same"] is not False for row in pages)


def test_memory_beats_no_uplift_in_every_made_world_and_times_two_in_all_but_its_own():
    """Where the register's own 2.0 is the truth, memory costs at most a twentieth."""
    found = {(row["world"], row["method"]): row["wape"] for row in rows_of("memory")}
    made = [world for world, method in found if method == "shared" and "public" not in world]
    assert len(made) == 4
    for world in made:
        shared, twice = found[world, "shared"], found[world, "times two"]
        assert shared < found[world, "no uplift"]
        assert shared < (twice * 1.05 if world == "the register is right" else twice)

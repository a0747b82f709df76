"""Hours of a shop and of its SKUs: shares add up to one, few buyers are no pattern."""

import pytest
from lines_case import lines

from planner.intake.hours import hour_profile


def profile_of(*changes):
    return hour_profile(lines(*changes)).set_index(["sku", "hour"])["share_rate"]


def test_the_hours_of_a_shop_are_its_units_by_hour():
    profile = profile_of(
        {"ordered_at": "2025-01-01 09:15:00", "units": 1},
        {"ordered_at": "2025-01-02 21:00:00", "units": 3},
        {"ordered_at": "2025-01-02 22:00:00", "status": "cancelled"},
    )
    assert profile.loc[""].loc[[9, 21, 22]].tolist() == [0.25, 0.75, 0.0]


def test_a_sku_of_few_units_shows_the_hours_of_its_shop():
    profile = profile_of(
        {"ordered_at": "2025-01-01 09:00:00", "units": 12},
        {"ordered_at": "2025-01-01 21:00:00", "units": 36, "sku": "B"},
    )
    # The shop sells a quarter at 9. A: (12 + 24 x 1/4) / (12 + 24); B at 9: 6 / (36 + 24).
    assert profile[("A", 9)] == pytest.approx(18 / 36)
    assert profile[("B", 9)] == pytest.approx(6 / 60)
    assert profile[("A", 21)] == pytest.approx(18 / 36)


def test_every_shop_and_sku_has_24_hours_whose_shares_add_up_to_one():
    table = hour_profile(
        lines(
            {"ordered_at": "2025-01-01 09:00:00"},
            {"ordered_at": "2025-01-01 23:59:59", "sku": "B"},
            {"shop": "t", "sku": "B", "ordered_at": "2025-01-01 00:00:00"},
        )
    )
    groups = table.groupby(["shop", "sku"])["share_rate"]
    assert groups.size().to_dict() == dict.fromkeys(
        [("s", ""), ("s", "A"), ("s", "B"), ("t", ""), ("t", "B")], 24
    )
    assert groups.sum().to_numpy() == pytest.approx(1)
    other = table[(table["shop"] == "t") & (table["hour"] == 0)]
    assert other["share_rate"].tolist() == [1.0, 1.0]  # the hours of its own shop, not of s


def test_a_history_without_demand_is_an_empty_table():
    assert hour_profile(lines({"status": "cancelled"})).empty

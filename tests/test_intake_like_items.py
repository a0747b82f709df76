"""The catalogue's column `like_sku`: what it says, and what is wrong with it."""

import pandas as pd

from planner.intake.contracts import ROW
from planner.intake.like_items import like_items, wrong_likes


def goods(*likes: str) -> pd.DataFrame:
    skus = ["A", "B", "C:1", "N"]
    cells = ["", "", "", *likes]
    frame = pd.DataFrame({"sku": [*skus, "M"][: len(cells)], "like_sku": cells}, dtype="str")
    return frame.assign(**{ROW: range(2, len(frame) + 2)})


def told(cell: str) -> list[tuple[str, float]]:
    found = like_items(goods(cell))
    return list(zip(found["like"], found["factor"], strict=True))


def test_several_like_items_are_parted_by_semicolons_of_either_width():
    assert told("A;B：0.8") == [("A", 1.0), ("B", 0.8)]
    assert told(" A ； B ") == [("A", 1.0), ("B", 1.0)]


def test_a_sku_that_holds_a_colon_is_not_taken_apart():
    assert told("C:1") == [("C:1", 1.0)]
    assert told("C:1:0.5") == [("C:1", 0.5)]


def test_a_blank_names_nothing():
    assert told("") == []
    assert told(" ; ") == []
    assert like_items(pd.DataFrame({"sku": ["A"]})).empty


def test_what_cannot_be_meant_is_refused_with_row_and_remedy():
    (unknown,) = wrong_likes(goods("AB"))
    assert "row 5" in unknown
    assert "'AB' is no SKU of this file" in unknown
    (own,) = wrong_likes(goods("N"))
    assert "own SKU" in own
    for factor in ("0", "-1", "much", ""):
        (wrong,) = wrong_likes(goods(f"A:{factor}"))
        assert "factor" in wrong


def test_a_right_column_is_passed():
    assert wrong_likes(goods("A:0.8;B", "A")) == []

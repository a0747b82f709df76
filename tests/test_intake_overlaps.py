"""Overlapping exports: the newest version of an order counts, whole, and loses no line."""

import time
from typing import Any

import numpy as np
import pandas as pd

from planner.intake.overlaps import Seam, ages_of, completions, joined, seams, settled

GOOD = {
    "order_id": "1", "sku": "A", "units": 1, "returned_units": 0, "status": "to_ship",
    "ordered_at": "2025-01-01", "gross_minor": 100, "amount_minor": 100, "code": "", "column": "",
    "value": "", "age": 0,
}  # fmt: skip


def rows(*changes: dict[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame([GOOD | change for change in changes])
    frame["file"] = frame["age"].map({0: "old.csv", 1: "new.csv", 2: "newest.csv"})
    texts = dict.fromkeys(("order_id", "sku", "status", "code", "column", "value", "file"), "str")
    money = dict.fromkeys(("units", "returned_units", "gross_minor", "amount_minor"), "Int64")
    frame["ordered_at"] = pd.to_datetime(frame["ordered_at"]).astype("datetime64[us]")
    return frame.astype(texts | money)


def codes(*changes: dict[str, Any]) -> list[str]:
    return settled(rows(*changes), id_header="Order ID")["code"].tolist()


def new(**changes: Any) -> dict[str, Any]:
    return {"age": 1, "status": "shipped"} | changes


def test_of_an_orders_versions_the_newest_counts_whole():
    assert codes({}, {"sku": "B"}, new()) == ["E_SUPERSEDED", "E_SUPERSEDED", ""]


def test_an_older_row_that_says_the_same_is_a_repetition():
    assert codes({}, {"age": 1}) == ["E_DUPLICATE", ""]
    assert codes({"amount_minor": None}, {"age": 1, "amount_minor": None}) == ["E_DUPLICATE", ""]
    for name, other in (("units", 2), ("returned_units", 1), ("amount_minor", 99)):
        assert codes({name: other}, {"age": 1}) == ["E_SUPERSEDED", ""]


def test_the_marked_row_names_the_order():
    marked = settled(rows({}, new()), id_header="Order ID").iloc[0]
    assert marked[["column", "value"]].tolist() == ["Order ID", "1"]


def test_a_line_that_the_newest_file_holds_damaged_is_taken_from_the_older_one():
    frame = rows({}, {"sku": "B"}, new(), new(sku="B", code="E_QTY"))
    done = settled(frame, id_header="Order ID")
    assert done["code"].tolist() == ["E_SUPERSEDED", "", "", "E_QTY"]
    assert done["status"].tolist()[1:3] == ["to_ship", "shipped"]
    assert list(completions(done)) == [("new.csv", "W_COMPLETED", "rows=1|orders=1")]


def test_a_damaged_row_without_a_readable_sku_is_the_line_that_is_missing():
    damaged = new(sku="1-Mar", code="E_SKU")
    assert codes({}, {"sku": "B"}, new(), damaged) == ["E_SUPERSEDED", "", "", "E_SKU"]


def test_where_it_cannot_be_told_which_line_is_missing_none_is_taken_and_it_is_said():
    damaged = new(sku="", code="E_SKU")
    frame = rows({}, {"sku": "B"}, {"sku": "C"}, new(), damaged)
    done = settled(frame, id_header="Order ID")
    assert done["code"].tolist() == ["E_SUPERSEDED"] * 3 + ["", "E_SKU"]
    assert list(completions(done)) == [("new.csv", "W_INCOMPLETE", "rows=1|orders=1")]


def test_a_damaged_second_line_of_a_sku_is_not_guessed():
    frame = rows({}, {"units": 2}, new(), new(code="E_MONEY"))
    done = settled(frame, id_header="Order ID")
    assert done["code"].tolist() == ["E_SUPERSEDED", "E_SUPERSEDED", "", "E_MONEY"]
    assert [code for _, code, _ in completions(done)] == ["W_INCOMPLETE"]


def test_an_order_cancelled_since_is_not_completed_by_a_living_line():
    frame = rows(
        {}, {"sku": "B"}, new(status="cancelled"), new(sku="B", status="", code="E_STATUS")
    )
    done = settled(frame, id_header="Order ID")
    assert done["code"].tolist()[:3] == ["E_SUPERSEDED", "E_SUPERSEDED", ""]
    assert [code for _, code, _ in completions(done)] == ["W_INCOMPLETE"]


def test_a_version_that_is_damaged_whole_leaves_the_order_to_the_older_one():
    frame = rows({}, new(code="E_QTY"))
    done = settled(frame, id_header="Order ID")
    assert done["code"].tolist() == ["", "E_QTY"]
    assert [code for _, code, _ in completions(done)] == ["W_COMPLETED"]


def test_a_damaged_line_that_no_older_file_holds_is_only_refused():
    frame = rows({}, new(), new(sku="B", code="E_QTY"))
    done = settled(frame, id_header="Order ID")
    assert done["code"].tolist() == ["E_SUPERSEDED", "", "E_QTY"]
    assert list(completions(done)) == []


def test_a_corrected_row_misses_nothing():
    frame = rows({"sku": "B"}, new(), new(sku="B"), new(sku="B", code="E_CORRECTED"))
    done = settled(frame, id_header="Order ID")
    assert done["code"].tolist() == ["E_SUPERSEDED", "", "", "E_CORRECTED"]
    assert list(completions(done)) == []


def test_the_line_comes_from_the_newest_file_but_one():
    frame = rows(
        {"sku": "B"}, {"sku": "B", "age": 1, "units": 5}, {"age": 2}, {"age": 2, "sku": "B"}
    )
    frame.loc[3, "code"] = "E_MONEY"
    assert settled(frame, id_header="Order ID")["code"].tolist() == [
        "E_SUPERSEDED", "", "", "E_MONEY",
    ]  # fmt: skip


def test_of_files_with_one_last_moment_the_name_that_sorts_last_is_the_newest():
    day = pd.Timestamp("2025-11-01")
    assert ages_of([(day, "b.csv"), (day, "a.csv"), (pd.NaT, "c.csv")]) == [2, 1, 0]


def parts(*changes: dict[str, Any]) -> pd.DataFrame:
    frame = rows(*changes)
    for name in ("paid_at", "shipped_at", "cancelled_at"):
        frame[name] = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us]")
    return frame


def test_a_seam_is_the_last_order_of_one_file_and_the_first_of_another():
    files = [(1, pd.Series(["3", "2", ""])), (0, pd.Series(["2", "1"])), (2, pd.Series([""]))]
    assert seams(files) == [Seam("2", (0, 1))]


def test_an_order_split_over_two_parts_of_an_export_is_whole():
    frame, doubtful = joined(parts({}, {"age": 1, "sku": "B"}), [Seam("1", (0, 1))])
    assert settled(frame, id_header="Order ID")["code"].tolist() == ["", ""]
    assert doubtful.empty


def test_parts_that_hold_one_line_both_are_an_overlap():
    split = parts({}, {"sku": "B"}, {"age": 1, "sku": "B"})
    frame, doubtful = joined(split, [Seam("1", (0, 1))])
    assert settled(frame, id_header="Order ID")["code"].tolist() == [
        "E_SUPERSEDED", "E_DUPLICATE", "",
    ]  # fmt: skip
    assert doubtful.empty


def test_parts_that_disagree_are_versions_and_doubtful():
    frame, doubtful = joined(parts({}, new(sku="B")), [Seam("1", (0, 1))])
    assert settled(frame, id_header="Order ID")["code"].tolist() == ["E_SUPERSEDED", ""]
    assert doubtful.index.tolist() == [0]


def test_settling_costs_a_second_per_million_rows():
    count = 200_000
    numbers = np.arange(count)
    frame = rows(*[GOOD] * 2).loc[np.zeros(count, dtype=int)].reset_index(drop=True)
    frame["order_id"] = (numbers % (count // 2)).astype("str")
    frame["order_id"] = frame["order_id"].astype("str")
    frame["age"] = numbers // (count // 2)
    frame.loc[count // 2 :: 50, "code"] = "E_QTY"
    start = time.process_time()
    done = settled(frame, id_header="Order ID")
    assert time.process_time() - start < 2.0  # about 0.3 s; a quadratic step takes minutes
    assert (done["code"] == "").sum() == count // 2

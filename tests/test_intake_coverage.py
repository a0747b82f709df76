"""Days that the exports do not cover are named, and quiet days of a small shop are not."""

from collections.abc import Sequence

import pandas as pd
import pytest

from planner import tables
from planner.intake.coverage import gaps, missing_days, uncovered_days

START = pd.Timestamp("2026-01-01")


def shop_days(
    *parts: tuple[str, Sequence[int], int], status: str = "completed", rows_in: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Files and lines: name, days since 1 January on which it has orders, orders a day."""
    facts = [
        {"file": name, "order_id": f"{day}-{n}", "ordered_at": START + pd.Timedelta(days=day)}
        for name, days, orders in parts
        for day in days
        for n in range(orders)
    ]
    lines = pd.DataFrame(facts).assign(
        shop="th", market="TH", sku="A", units=1, returned_units=0, status=status,
        returned_from="", kind="firm", is_demand=True, channel="tiktok", source="", fulfilment="",
        paid_at=pd.NaT, shipped_at=pd.NaT, cancelled_at=pd.NaT, gross_minor=pd.NA,
        amount_minor=pd.NA, currency="THB", row=2,
    )  # fmt: skip
    lines = lines.astype(tables.empty(tables.OrderLines).dtypes.to_dict())
    by_file = lines.groupby("file", as_index=False).agg(
        rows_in=("row", "size"), first_on=("ordered_at", "min"), last_on=("ordered_at", "max")
    )
    files = by_file.assign(
        shop="th", dialect="tiktok-th", sha256="", rows_kept=by_file["rows_in"], rows_rejected=0,
        in_minor=0, kept_minor=0, rejected_minor=0, unreadable_rows=0, currency="THB",
    )  # fmt: skip
    if rows_in:
        files.loc[files.index[-1], ["rows_in", "rows_kept"]] = rows_in
    files = files.astype(tables.empty(tables.Reconciliation).dtypes.to_dict())
    return tables.checked(tables.Reconciliation, files), tables.checked(tables.OrderLines, lines)


def holes(files: pd.DataFrame, lines: pd.DataFrame) -> list[tuple[str, str, int, str]]:
    found = missing_days(files, lines).itertuples()
    return [(f"{h.first_on:%m-%d}", f"{h.last_on:%m-%d}", h.days, h.reason) for h in found]


def test_two_days_between_two_files_are_missing():
    case = shop_days(("a", range(20), 5), ("b", range(22, 40), 5))
    assert holes(*case) == [("01-21", "01-22", 2, "between")]
    found = gaps(*case)
    assert found["code"].tolist() == ["W_GAP"]
    assert found["facts"].tolist() == ["shop=th|first=2026-01-21|last=2026-01-22|days=2"]


def test_every_missing_day_is_unknown_and_not_zero():
    days = uncovered_days(*shop_days(("a", range(20), 5), ("b", range(22, 40), 5)))
    assert days["day"].dt.day.tolist() == [21, 22]
    assert days["shop"].tolist() == ["th", "th"]


def test_a_quiet_spell_inside_a_file_is_told_only_where_it_is_all_but_impossible():
    quiet = [*range(15), *range(17, 40)]
    assert holes(*shop_days(("a", quiet, 5))) == [("01-16", "01-17", 2, "quiet")]  # e^-10
    assert holes(*shop_days(("a", quiet, 2))) == []  # e^-4 is 2 in 100


def test_a_small_shop_between_two_files_may_have_sold_nothing():
    assert holes(*shop_days(("a", range(20), 1), ("b", range(21, 40), 1))) == []  # e^-1


def test_a_shop_whose_orders_come_in_bursts_may_be_quiet_for_two_days():
    days = [*range(15), *range(17, 40)]
    parts = [("a", [day], 1 if day % 2 else 30) for day in days]
    assert holes(*shop_days(*parts)) == []


def test_a_hole_beside_a_file_at_the_row_cap_is_cut_off():
    case = shop_days(("a", range(20), 5), ("b", range(21, 40), 5), rows_in=15_000)
    assert holes(*case) == [("01-21", "01-21", 1, "cap")]
    assert gaps(*case)["code"].tolist() == ["W_CUT_DAYS"]


def test_days_of_which_there_is_one_tab_only_are_known_in_part():
    files, lines = shop_days(("all", range(20), 5), ("to_ship", range(18, 30), 5))
    lines.loc[lines["file"] == "to_ship", "status"] = "to_ship"
    assert holes(files, lines) == [("01-21", "01-30", 10, "one_status")]
    assert gaps(files, lines)["facts"].iloc[0].endswith("|status=to_ship")


@pytest.mark.parametrize("status", ["completed", "delivered"])
def test_a_month_that_is_all_done_is_whole(status: str):
    assert holes(*shop_days(("a", range(30), 5), status=status)) == []


def test_without_lines_nothing_is_missing():
    frames = tables.empty(tables.Reconciliation), tables.empty(tables.OrderLines)
    assert missing_days(*frames).empty
    assert uncovered_days(*frames).empty
    assert gaps(*frames).empty


def test_days_whose_rows_were_all_rejected_need_no_new_export():
    files, lines = shop_days(("a", [*range(20), *range(22, 40)], 6))
    cells = [f'{{"Created Time": "{day}/01/2026 10:00:00"}}' for day in (21, 22)]
    facts = {"file": "a", "row": [7, 8], "column": "x", "value": "-", "code": "E_MONEY"}
    rejected = pd.DataFrame({**facts, "amount_minor": pd.NA, "cells": cells})
    rejected = rejected.astype(tables.empty(tables.RejectedRows).dtypes.to_dict())
    assert gaps(files, lines)["code"].tolist() == ["W_GAP"]
    found = gaps(files, lines, rejected=rejected)
    assert found["code"].tolist() == ["W_GAP_REJECTED"]
    assert found["facts"].iloc[0].endswith("|days=2|file=a|row=7")
    assert missing_days(files, lines, rejected=rejected)["reason"].tolist() == ["rejected"]
    # one day alone was rejected, the other is not there: the export lacks it
    assert gaps(files, lines, rejected=rejected.iloc[:1])["code"].tolist() == ["W_GAP"]

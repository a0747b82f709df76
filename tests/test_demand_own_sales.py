"""People's own tables: what is read, what is refused and how it is told."""

import numpy as np
import pandas as pd
import pytest

from planner.demand import own_events, own_sales
from planner.errors import PlanningError

TODAY = pd.Timestamp("2025-02-01")


def sales(**columns: object) -> pd.DataFrame:
    return pd.DataFrame(
        {"sku": ["x", "x"], "date": ["2025-01-01", "2025-01-03"], "units": [4, 6]} | columns
    )


def events(**columns: object) -> pd.DataFrame:
    known = {
        "event": ["1.1", "2.2"],
        "kind": ["double_date", "double_date"],
        "start": ["2025-01-02", "2025-02-02"],
        "end": ["2025-01-02", "2025-02-03"],
    }
    return pd.DataFrame(known | columns)


def panel(frame: pd.DataFrame, **columns: object) -> own_sales.Panel:
    rows = own_events.read_events(events(**columns))
    ahead = own_events.rows_ahead(rows, "2.2", today=TODAY)
    known = own_sales.read_sales(frame, today=TODAY)
    past = rows[rows["start"] < TODAY]
    return own_sales.panel_of_sales(known, past, ahead, today=TODAY)[0]


def test_a_day_without_a_row_sold_nothing():
    found = panel(sales())
    assert found.units[0, :3].tolist() == [4.0, 0.0, 6.0]
    assert found.is_known[0, :3].all()


def test_a_day_out_of_stock_and_an_unknown_day_are_not_zero_sales():
    frame = sales(units=[4, None], in_stock=["no", "yes"])
    found = panel(frame)
    assert found.is_stock_out[0, 0]
    assert not found.is_known[0, 2]


def test_days_on_and_after_the_as_of_day_are_not_read():
    late = pd.DataFrame({"sku": ["x", "y"], "date": ["2025-02-01", "2025-03-01"], "units": [9, 9]})
    found = panel(pd.concat([sales(), late], ignore_index=True))
    assert found.keys["sku"].tolist() == ["x"]
    assert found.units.sum() == 10


def test_past_events_are_promo_days_for_all_or_for_the_sku_they_name():
    assert panel(sales()).phase[0, :3].tolist() == [0, 2, 0]
    assert panel(sales(), sku=["y", ""]).phase.sum() == 0
    assert panel(sales(), sku=["x", ""]).phase[0, 1] == 2


def test_a_sku_that_only_the_event_names_takes_part_without_a_history():
    found = panel(sales(), sku=["", "new"])
    assert found.keys["sku"].tolist() == ["new", "x"]
    assert not found.is_known[0].any()


def test_a_file_that_ends_early_says_nothing_of_later_days():
    days = pd.date_range("2024-11-01", "2025-01-10")
    steady = pd.DataFrame({"sku": "x", "date": days, "units": 20})
    assert panel(steady).end == pd.Timestamp("2025-01-11")
    slow = steady.assign(units=np.where(np.arange(len(days)) % 20 == 0, 1, 0))
    assert panel(slow).end == TODAY


def test_a_sku_launched_late_has_no_zeros_before_its_launch():
    days = pd.date_range("2024-11-01", "2025-01-31")
    old = pd.DataFrame({"sku": "old", "date": days, "units": 5})
    new = pd.DataFrame({"sku": "new", "date": days[-20:], "units": 5})
    found = panel(pd.concat([old, new], ignore_index=True))
    assert found.is_known.sum(axis=1).tolist() == [20, 92]
    assert not found.is_stock_out.any()


def test_a_sku_with_one_row_yesterday_is_known_since_yesterday():
    old = pd.DataFrame({"sku": "old", "date": pd.date_range("2024-11-01", TODAY)[:-1], "units": 5})
    new = pd.DataFrame({"sku": ["new"], "date": ["2025-01-31"], "units": [3]})
    found = panel(pd.concat([old, new], ignore_index=True))
    assert found.is_known.sum(axis=1).tolist() == [1, 92]


def test_a_slow_sku_was_on_sale_for_one_usual_gap_before_its_first_row():
    old = pd.DataFrame({"sku": "old", "date": pd.date_range("2024-11-01", TODAY)[:-1], "units": 5})
    days = ["2025-01-12", "2025-01-20"]  # two sales in twenty days: nine silent days between
    slow = pd.DataFrame({"sku": "slow", "date": days, "units": 1})
    found = panel(pd.concat([old.astype({"date": "str"}), slow], ignore_index=True))
    assert found.is_known.sum(axis=1).tolist() == [92, 20 + 9]


def test_a_sku_with_one_row_is_not_older_where_the_file_ends_early():
    days = pd.date_range("2024-11-01", "2025-01-10")
    old = pd.DataFrame({"sku": "old", "date": days, "units": 20})
    new = pd.DataFrame({"sku": "new", "date": days[-1:], "units": 3})
    found = panel(pd.concat([old, new], ignore_index=True))
    assert found.is_known.sum(axis=1).tolist() == [1, 71]


def test_numbers_read_as_skus_keep_their_text():
    frame = sales(sku=[1001, 1001])
    assert own_sales.read_sales(frame, today=TODAY)["sku"].tolist() == ["1001", "1001"]
    rows = own_events.read_events(events(sku=[1001, np.nan]))
    assert rows["sku"].tolist() == ["1001", ""]


def test_the_same_row_twice_counts_once_and_two_that_differ_are_refused():
    twice = pd.concat([sales(), sales()], ignore_index=True)
    assert own_sales.read_sales(twice, today=TODAY)["units"].sum() == 10
    differ = pd.concat([sales(), sales(units=[5, 6])], ignore_index=True)
    with pytest.raises(PlanningError, match="row 3, column date: 2025-01-01; give one row per"):
        own_sales.read_sales(differ, today=TODAY)


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"units": [4, -2]}, r"sales, row 2, column units: -2"),
        ({"units": [4, "many"]}, r"sales, row 2, column units: 'many'; give a number"),
        ({"units": [4, np.inf]}, r"sales, row 2, column units: inf"),
        ({"date": ["2025-01-01", "soon"]}, r"sales, row 2, column date: 'soon'; give a day"),
    ],
)
def test_a_cell_that_cannot_be_is_refused_with_its_place(columns: dict[str, object], told: str):
    with pytest.raises(PlanningError, match=told):
        own_sales.read_sales(sales(**columns), today=TODAY)


def test_a_missing_column_is_named_with_what_was_found():
    with pytest.raises(PlanningError, match=r"column units is missing.*found sku, date"):
        own_sales.read_sales(sales().drop(columns="units"), today=TODAY)
    with pytest.raises(PlanningError, match="column start is missing"):
        own_events.read_events(events().drop(columns="start"))


def test_no_sale_before_the_as_of_day_is_refused():
    with pytest.raises(PlanningError, match="no row before the as-of day 2025-01-01"):
        own_sales.read_sales(sales(), today=pd.Timestamp("2025-01-01"))


def test_an_event_that_ends_before_it_starts_is_refused():
    with pytest.raises(PlanningError, match="events, row 2, column end: 2025-01-01"):
        own_events.read_events(events(end=["2025-01-02", "2025-01-01"]))


def test_an_unknown_event_is_told_with_the_nearest():
    with pytest.raises(PlanningError, match=r"no event '2\.22'; the nearest is '2\.2'"):
        own_events.rows_ahead(own_events.read_events(events()), "2.22", today=TODAY)


def test_an_event_whose_only_rows_are_closed_is_told_to_be_closed():
    rows = own_events.read_events(events(kind=["double_date", "closed"]))
    with pytest.raises(PlanningError, match=r"2\.2 is of kind closed, so nothing is sold on it"):
        own_events.rows_ahead(rows, "2.2", today=TODAY)


def test_an_event_that_is_over_is_told_with_its_last_day():
    with pytest.raises(PlanningError, match=r"1\.1 ended on 2025-01-02, before the as-of day"):
        own_events.rows_ahead(own_events.read_events(events()), "1.1", today=TODAY)


def test_the_next_edition_of_a_yearly_event_is_the_one_ahead():
    rows = own_events.read_events(
        events(
            event=["11.11", "11.11"],
            start=["2025-11-11", "2026-11-11"],
            end=["2025-11-12", "2026-11-12"],
        )
    )
    ahead = own_events.rows_ahead(rows, "11.11", today=TODAY)
    assert ahead["start"].tolist() == [pd.Timestamp("2025-11-11")]

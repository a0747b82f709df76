"""Step 4 from an hour of a day, and new files that it reads itself."""

from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest
from desk_world import OPEN, ORDER_HEADER, book, make_home, put, put_notebooks, put_orders
from lines_case import lines
from season_case import a_scope, stock

from planner import tables
from planner.desk.asked_days import moment_of
from planner.desk.files import hash_of
from planner.desk.fresh import at_day_start, data_ages, known_until, read_fresh
from planner.desk.home import Home
from planner.desk.ids import view_of
from planner.desk.runner import run_campaign
from planner.desk.store import Desk, open_scope
from planner.errors import ConfigError, InputError
from planner.intake import came_back, orders, returns
from planner.season.outlook.sightings import moments

HOUR = "2025-11-11T14"


def desk_of(home: Home, as_of: str = HOUR) -> Desk:
    return Desk(home, open_scope(home, "nov", "shop-a", scenario="base", as_of=as_of))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Return a workspace whose step 1 has read the first export."""
    made = make_home(tmp_path)
    put_orders(made, rows=134)
    step_one(made)
    return made


def step_one(home: Home) -> None:
    """Write what notebook 01 writes of the files that are there."""
    desk = desk_of(home, "")
    intake = orders.read_orders(desk.seller_folder, desk.scope.seller)
    back = returns.read_returns(desk.seller_folder, desk.scope.seller)
    desk.write(tables.OrderLines, came_back.with_returns(intake.lines, back.lines))
    desk.write(tables.ReturnLines, back.lines)
    desk.write(tables.Parcels, intake.parcels)
    desk.write(tables.Reconciliation, intake.files)
    desk.write(tables.Reconciliation, back.files, part="returns")
    desk.write(tables.Catalogue, tables.empty(tables.Catalogue))
    desk.write(tables.Bundles, tables.empty(tables.Bundles))
    desk.write(tables.Events, tables.empty(tables.Events))


def put_new(home: Home, *moments_of: str, units: str = "3") -> Path:
    """Drop in an export of one order at each moment, of 11 November 2025."""
    rows = [
        f"57699902922308{n:04d},Completed,A-1,1,{units},10,10,10,11/11/2025 {at}:00"
        for n, at in enumerate(moments_of)
    ]
    path = home.seller_folder("shop-a") / "orders" / "new.csv"
    return put(path, "\n".join([ORDER_HEADER, *rows]) + "\n")


def test_an_hour_names_a_moment_of_the_shops_clock_and_a_folder_that_windows_takes(home):
    scope = desk_of(home).scope
    assert scope.as_of(4) == {"TH": date(2025, 11, 11)}
    assert scope.moments(4) == {"TH": datetime(2025, 11, 11, 14)}
    assert moments(scope) == {"TH": pd.Timestamp("2025-11-11 14:00")}
    assert view_of("base", HOUR) == f"base@{HOUR}"
    assert not set(view_of("base", HOUR)) & set('<>:"/\\|?*')
    assert home.report_folder("nov", view_of("base", HOUR)).name == f"base@{HOUR}"


@pytest.mark.parametrize("text", ["2025-11-11T24", "2025-11-11T00", "2025-11-11T9", "T14",
                                  "2025-11-11T14:00"])  # fmt: skip
def test_an_hour_that_is_none_is_refused(text):
    with pytest.raises(ConfigError, match="give a day"):
        moment_of(text)


def test_only_step_4_looks_from_an_hour(home):
    with pytest.raises(ConfigError, match="add --steps 4"):
        run_campaign(home, "nov", steps=(3, 4), as_of=HOUR)


def test_tables_of_step_1_serve_while_the_files_are_the_same(home, monkeypatch):
    def never(*args: object, **more: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(orders, "read_orders", never)
    fresh = read_fresh(desk_of(home))
    assert len(fresh.lines) == 134
    assert fresh.ages.loc[0, "new_files_count"] == 0
    assert not desk_of(home).has(tables.OrderLines, "track")


def test_a_new_export_is_read_and_what_is_later_than_the_hour_is_not_known(home):
    put_new(home, "09:00", "13:59", "14:00")
    fresh = read_fresh(desk_of(home))
    today = fresh.exploded[fresh.exploded["ordered_at"] >= "2025-11-11"]
    assert sorted(today["ordered_at"].dt.hour) == [9, 12, 13]
    assert fresh.daily["day"].max() == pd.Timestamp("2025-11-10")
    assert fresh.ages.loc[0, "new_files_count"] == 1
    assert fresh.at == {"TH": pd.Timestamp("2025-11-11 14:00")}


def test_the_other_language_takes_what_the_first_has_read(home, monkeypatch):
    put_new(home, "09:00")
    first = read_fresh(desk_of(home))
    monkeypatch.setattr(orders, "read_orders", lambda *args, **more: pytest.fail("read again"))
    second = read_fresh(desk_of(home))
    for name in ("lines", "parcels", "daily", "files", "ages"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))


def test_the_plan_of_the_steps_before_is_not_touched_by_a_new_file(home):
    folder = home.tables_folder("nov", "base", "shop-a")
    before = {path.name: path.read_bytes() for path in folder.glob("*.parquet")}
    put_new(home, "09:00")
    read_fresh(desk_of(home))
    assert {path.name: path.read_bytes() for path in folder.glob("*.parquet")} == before


def test_a_changed_export_changes_what_was_kept_of_it(home):
    put_new(home, "09:00")
    assert read_fresh(desk_of(home)).lines["units"].sum() == 137
    put_new(home, "09:00", units="5")
    assert read_fresh(desk_of(home)).lines["units"].sum() == 139


def test_a_broken_new_export_stops_the_tracking(home):
    path = put_new(home, "09:00")
    path.write_text(path.read_text().replace(",3,10,", ",x,10,") + "rubbish\n" * 9)
    with pytest.raises(InputError):
        read_fresh(desk_of(home))


def test_an_export_that_ends_early_does_not_make_the_hours_after_it_quiet(home):
    put_new(home, "09:20")
    for path in home.seller_folder("shop-a").glob("orders/july.csv"):
        text = path.read_text().splitlines()
        path.write_text("\n".join(text[:-1]) + "\n")  # its last order is of noon on the 11th
    fresh = read_fresh(desk_of(home))
    # forty minutes of its hour are not in it: they must not count as minutes without a sale
    assert fresh.at == {"TH": pd.Timestamp("2025-11-11 09:00")}
    assert fresh.ages.loc[0, "behind_hours"] == 5.0


def test_a_market_without_an_order_is_looked_at_from_the_moment_itself(home):
    ages = data_ages(tables.empty(tables.OrderLines), tables.empty(tables.Stock), scope=a_scope(),
                     new_files=pd.Series(dtype="str"))  # fmt: skip
    noon = datetime(2025, 11, 11, 12)
    told = known_until(ages, dict.fromkeys(ages["market"], noon))
    assert set(told.values()) == {pd.Timestamp(noon)}


def test_a_count_taken_at_noon_is_told_as_it_was_at_the_days_start():
    # 40 counted at 12:00; 2 sold at 09:00 go back on, 2 of the afternoon and of yesterday do not.
    scope = a_scope(seen_from="2025-11-13")
    counted = tables.checked(
        tables.Stock, stock(("A", "on_hand", 40, None, "2025-11-13 12:00"),
                            ("A", "in_transit", 7, "2025-11-20", "2025-11-13 12:00")),
    )  # fmt: skip
    sold = lines(
        {"shop": "th-one", "ordered_at": "2025-11-13 09:00"},
        {"shop": "th-one", "ordered_at": "2025-11-13 15:00", "order_id": "2"},
        {"shop": "th-one", "ordered_at": "2025-11-12 09:00", "order_id": "3"},
    )
    told = at_day_start(counted, sold, scope=scope)
    assert told["units"].tolist() == [42, 7]
    assert (told["as_of"] == pd.Timestamp("2025-11-13")).all()


def test_of_two_counts_of_a_day_the_last_stands():
    counted = tables.checked(
        tables.Stock, stock(("A", "on_hand", 50, None, "2025-11-12 00:00"),
                            ("A", "on_hand", 40, None, "2025-11-13 09:00"),
                            ("B", "on_hand", 9, None, "2025-11-13 09:00"),
                            ("A", "on_hand", 30, None, "2025-11-13 12:00")),
    )  # fmt: skip
    told = at_day_start(counted, lines({}), scope=a_scope(seen_from="2025-11-13"))
    assert told[["sku", "units"]].to_numpy().tolist() == [["A", 50], ["A", 30]]


def test_a_shop_without_an_order_is_of_unknown_age():
    ages = data_ages(tables.empty(tables.OrderLines), tables.empty(tables.Stock), scope=a_scope(),
                     new_files=pd.Series(dtype="str"))  # fmt: skip
    assert ages[["behind_hours", "count_age_hours"]].isna().all(axis=None)


def test_the_same_step_run_twice_leaves_the_same_tables_and_pages(home):
    cell = (
        "from planner.desk.fresh import read_fresh\n"
        "fresh = read_fresh(desk)\n"
        "desk.write(tables.DataAges, fresh.ages)\n"
        "fresh.ages"
    )
    put_notebooks(home, step_4=book(OPEN, cell))
    put_new(home, "09:00")

    def made() -> dict[str, str]:
        result = run_campaign(home, "nov", steps=(4,), as_of=HOUR, langs=("en",))
        assert result.exit_code == 0, result.sellers
        roots = (home.tables_folder("nov", f"base@{HOUR}", "shop-a"),
                 home.report_folder("nov", f"base@{HOUR}"))  # fmt: skip
        files = [path for root in roots for path in sorted(root.rglob("*")) if path.is_file()]
        kept = [path for path in files if path.suffix in (".parquet", ".html", ".csv")]
        return {path.relative_to(home.root).as_posix(): hash_of(path) for path in kept}

    first = made()
    assert any(name.endswith("04.html") for name in first)
    assert made() == first

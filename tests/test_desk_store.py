from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from desk_world import make_home, profile, put

from planner import tables
from planner.desk import parquet
from planner.desk.asked_days import day_of
from planner.desk.files import put_in_place
from planner.desk.steps import step_of, step_of_file, tables_in
from planner.desk.store import Desk, file_of, input_files, open_desk, open_scope
from planner.errors import ConfigError, InputError, RunError, TableError


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    home = make_home(tmp_path)
    return Desk(home, open_scope(home, "nov", "shop-a", scenario="base", as_of=""))


def draws(values: np.ndarray) -> pd.DataFrame:
    day = pd.Timestamp("2025-11-11")
    frame = pd.DataFrame({"sku": [f"S{row}" for row in range(len(values))]})
    frame = frame.assign(shop="a", market="TH", phase="sale", starts_on=day, ends_on=day)
    return tables.checked(tables.DemandDraws, frame.assign(draws=list(values)))


def memory(ratio: float = 2.5, campaign: str = "sep") -> pd.DataFrame:
    row = {
        "seller": "shop-a", "shop": "tiktok-th", "market": "TH", "category": "home", "sku": "00123",
        "campaign": campaign, "event": "9.9", "kind": "double_date", "phase": "sale",
        "ended_on": pd.Timestamp("2025-09-11"), "uplift_ratio": ratio,
        "expected_units": 10.0, "actual_units": 25.0,
    }  # fmt: skip
    return tables.checked(tables.UpliftMemory, pd.DataFrame([row]))


def test_a_table_comes_back_as_it_was_written(desk: Desk) -> None:
    desk.write(tables.HourProfile, profile())
    pd.testing.assert_frame_equal(desk.read(tables.HourProfile), profile())
    assert (
        desk.home.tables_folder("nov", "base", "shop-a").joinpath("HourProfile.parquet").is_file()
    )


def test_an_empty_table_with_dates_and_missing_whole_numbers_comes_back(desk: Desk) -> None:
    for table in (tables.Catalogue, tables.OrderLines, tables.DemandDraws, tables.Alerts):
        desk.write(table, tables.empty(table))
        pd.testing.assert_frame_equal(desk.read(table), tables.empty(table))


def test_parts_of_a_table_are_kept_apart(desk: Desk) -> None:
    clean = tables.empty(tables.Alerts)
    desk.write(tables.Alerts, clean, part="clean")
    assert desk.has(tables.Alerts, "clean")
    assert not desk.has(tables.Alerts)
    with pytest.raises(RunError, match=r"'\.\./x' cannot name a part"):
        desk.write(tables.Alerts, clean, part="../x")


def test_a_frame_that_breaks_its_contract_is_not_written(desk: Desk) -> None:
    with pytest.raises(TableError, match="HourProfile"):
        desk.write(tables.HourProfile, profile().assign(hour=24))
    assert not desk.has(tables.HourProfile)


def test_a_missing_table_names_itself_and_the_notebook_to_run(desk: Desk) -> None:
    with pytest.raises(
        RunError, match=r"table Forecast .* run notebook 02 first: python run\.py run nov"
    ):
        desk.read(tables.Forecast)


def test_a_table_of_an_older_contract_is_refused_with_the_cure(desk: Desk) -> None:
    desk.write(tables.HourProfile, profile())
    folder = desk.home.tables_folder("nov", "base", "shop-a")
    profile().drop(columns="units").to_parquet(folder / "HourProfile.parquet")
    with pytest.raises(
        RunError, match=r"HourProfile.*written by another version.*'units'.*run notebook 01 first"
    ):
        desk.read(tables.HourProfile)


def test_a_damaged_file_is_told_with_the_cure(desk: Desk) -> None:
    desk.write(tables.HourProfile, profile())
    path = desk.home.tables_folder("nov", "base", "shop-a") / "HourProfile.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(RunError, match=r"is damaged .* run its notebook again"):
        desk.read(tables.HourProfile)


def test_the_same_rows_give_the_same_bytes(desk: Desk) -> None:
    folder = desk.home.tables_folder("nov", "base", "shop-a")
    written = []
    for _ in range(2):
        desk.write(tables.DemandDraws, draws(np.random.default_rng(1).random((3, 50))))
        written.append((folder / "DemandDraws.parquet").read_bytes())
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("values", "kept_as"),
    [
        (np.arange(20.0).reshape(2, 10), "int16"),
        (np.full((2, 10), 1e6), "int32"),
        (np.full((2, 10), 0.5), "float"),
        (np.full((2, 10), 0.1), "double"),
        (np.full((2, 10), 7), "int16"),
        (np.full((2, 10), np.nan), "float"),
    ],
)
def test_draws_take_the_smallest_type_that_loses_nothing(
    tmp_path: Path, values: np.ndarray, kept_as: str
) -> None:
    path = tmp_path / "DemandDraws.parquet"
    parquet.write_table(draws(values), path)
    assert str(pq.read_schema(path).field("draws").type.value_type) == kept_as
    back = parquet.read_table(path)["draws"]
    assert back[0].dtype == values.dtype
    np.testing.assert_array_equal(np.vstack(back.to_list()), values)


def test_draws_are_small_on_disk_and_come_back_fast_as_arrays(tmp_path: Path) -> None:
    path = tmp_path / "DemandDraws.parquet"
    values = np.random.default_rng(1).poisson(40, (500, 500)).astype(float)
    parquet.write_table(draws(values), path)
    assert path.stat().st_size < values.nbytes / 4
    assert np.shares_memory(
        *parquet.read_table(path)["draws"].iloc[[0, 1]].map(lambda row: row.base)
    )


def test_rows_with_unequal_numbers_of_draws_are_refused(tmp_path: Path) -> None:
    frame = draws(np.ones((2, 3)))
    frame["draws"] = [np.ones(3), np.ones(4)]
    with pytest.raises(TableError, match="rows hold 3 to 4 draws"):
        parquet.write_table(frame, tmp_path / "x.parquet")


def test_a_write_that_breaks_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = put(tmp_path / "table", "old")

    def break_half_way(beside: Path) -> None:
        beside.write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        put_in_place(path, break_half_way)
    assert [file.name for file in tmp_path.iterdir()] == ["table"]
    assert path.read_text() == "old"


def test_a_stage_is_read_first_and_alone_is_written(desk: Desk, tmp_path: Path) -> None:
    desk.write(tables.HourProfile, profile(hour=1))
    staged = replace(desk, stage=tmp_path / "stage")
    assert staged.read(tables.HourProfile)["hour"].tolist() == [1]
    staged.write(tables.HourProfile, profile(hour=2))
    assert staged.read(tables.HourProfile)["hour"].tolist() == [2]
    assert desk.read(tables.HourProfile)["hour"].tolist() == [1]


def test_the_desk_opens_on_the_workspace_and_stage_of_its_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = make_home(tmp_path)
    monkeypatch.setenv("PLANNER_HOME", str(home.root))
    monkeypatch.setenv("PLANNER_PROJECT", str(home.project))
    monkeypatch.setenv("PLANNER_STAGE", str(tmp_path / "stage"))
    desk = open_desk("nov", "shop-a", "strong", "2025-11-12")
    assert desk.scope.as_of(1) == {"TH": date(2025, 11, 12)}
    assert desk.scope.campaign.demand.demand_ratio == 1.5
    assert desk.seller_folder == home.root / "data" / "sellers" / "shop-a"
    desk.write(tables.HourProfile, profile())
    assert (tmp_path / "stage" / "tables" / "HourProfile.parquet").is_file()


@pytest.mark.parametrize("day", ["2025-13-01", "tomorrow", "2025-1-1", "20251101", "2025-11-31"])
def test_a_day_that_is_no_day_is_refused(day: str) -> None:
    with pytest.raises(ConfigError, match="give a day such as 2026-11-12"):
        day_of(day)


def test_no_review_yet_remembers_nothing(desk: Desk) -> None:
    assert desk.memory().empty


def test_what_a_review_remembers_comes_back_and_a_second_review_replaces_it(desk: Desk) -> None:
    desk.remember(memory())
    desk.remember(memory(ratio=3.25, campaign="nov"))
    put(desk.home.memory_folder("shop-a") / "jun.csv", memory(campaign="jun").to_csv(index=False))
    back = desk.memory()
    assert back[["campaign", "sku", "uplift_ratio"]].to_numpy().tolist() == [
        ["jun", "00123", 2.5],
        ["nov", "00123", 3.25],
    ]
    assert (desk.home.memory_folder("shop-a") / "nov.csv").read_text().splitlines()[1] == (
        "shop-a,tiktok-th,TH,home,00123,nov,9.9,double_date,sale,2025-09-11,3.250000,10.000000,"
        "25.000000"
    )


def test_memory_of_a_stage_stands_before_the_published_one(desk: Desk, tmp_path: Path) -> None:
    desk.remember(memory(ratio=2.0))
    staged = replace(desk, stage=tmp_path / "stage")
    staged.remember(memory(ratio=4.0))
    assert staged.memory()["uplift_ratio"].tolist() == [4.0]
    assert desk.memory()["uplift_ratio"].tolist() == [2.0]


def test_damaged_memory_is_told_by_file_row_and_column(desk: Desk) -> None:
    text = memory().to_csv(index=False).replace("2.5", "a lot")
    put(desk.home.memory_folder("shop-a") / "sep.csv", text)
    with pytest.raises(InputError, match=r'sep\.csv, row 2, column "uplift_ratio"'):
        desk.memory()


LANES = (
    "market,mode,origin,min_days,typical_days,max_days,low_rate,high_rate,currency,rate_unit,"
    "cbm_divisor_kg,min_charge,valid_from,valid_to,confidence,source,as_of\n"
    "TH,sea,CN,10,14,20,1,2,USD,cbm,500,1,2025-01-01,2025-09-15,low,old,2025-01-01\n"
    "TH,sea,CN,15,20,25,1,2,USD,cbm,500,1,2025-09-16,,low,new,2025-09-01\n"
    "US,sea,CN,30,35,40,1,2,USD,cbm,500,1,2025-01-01,2025-09-15,low,gone,2025-01-01\n"
)


def test_rules_are_those_in_force_on_the_planning_day(desk: Desk) -> None:
    put(desk.home.root / "data" / "rules" / "lanes.csv", LANES)
    assert desk.rules(tables.Lanes)["source"].tolist() == ["new"]


def test_a_market_with_a_planning_day_of_its_own_has_its_rules_of_that_day(desk: Desk) -> None:
    path = desk.home.campaign_file("nov")
    own_day = "kind: double_date\n    as_of: {plan: 2025-09-15}"
    put(path, path.read_text(encoding="utf-8").replace("kind: double_date", own_day))
    put(desk.home.root / "data" / "rules" / "lanes.csv", LANES)
    scope = open_scope(desk.home, "nov", "shop-a", scenario="base", as_of="")
    assert replace(desk, scope=scope).rules(tables.Lanes)["source"].tolist() == ["old"]


def test_the_calendar_comes_whole(desk: Desk) -> None:
    put(
        desk.home.root / "data" / "rules" / "calendar.csv",
        "event,kind,market,phase,starts_on,ends_on,valid_from,valid_to,confidence,source,as_of\n"
        "2024-9.9,double_date,TH,sale,2024-09-09,2024-09-09,2024-01-01,2024-12-31,low,x,2024-01-01\n",
    )
    assert len(desk.rules(tables.Calendar)) == 1


def test_every_register_has_the_file_that_its_name_says() -> None:
    assert [file_of(register) for register in (tables.RiskWindows, tables.UpliftPriors)] == [
        "risk_windows.csv",
        "uplift_priors.csv",
    ]


def test_each_table_belongs_to_the_notebook_that_writes_it(desk: Desk) -> None:
    written = {
        1: (tables.OrderLines, tables.Catalogue, tables.Events),
        2: (tables.BaselineFit, tables.DemandDraws, tables.Backtest),
        3: (tables.LaneOptions, tables.StockPlan, tables.CostLines, tables.ModePlan),
        4: (tables.TrackDaily, tables.TrackStatus),
        5: (tables.Outcome, tables.OutcomeMeasures, tables.RegretTotals, tables.RiskCosts),
    }
    for step, kinds in written.items():
        assert {step_of(kind) for kind in kinds} == {step}
    parts = {"clean": 1, "plan": 3, "track": 4}
    assert {part: step_of(tables.Alerts, part) for part in parts} == parts
    assert step_of_file(Path("Alerts-plan.parquet")) == 3


def test_the_tables_of_a_folder_are_listed_with_step_rows_and_hash(desk: Desk) -> None:
    desk.write(tables.HourProfile, profile())
    told = tables_in(desk.home.tables_folder("nov", "base", "shop-a"))
    assert list(told) == ["HourProfile"]
    assert told["HourProfile"]["step"] == 1
    assert told["HourProfile"]["rows"] == 1
    assert len(told["HourProfile"]["sha256"]) == 64


def test_inputs_are_the_campaign_the_sellers_files_and_the_registers(desk: Desk) -> None:
    orders = put(desk.seller_folder / "orders" / "a.csv", "x")
    lanes = put(desk.home.root / "data" / "rules" / "lanes.csv", LANES)
    put(desk.home.root / "data" / "sellers" / "other" / "orders" / "b.csv", "x")
    put(desk.seller_folder / "orders" / "~$a.xlsx", "open in Excel")
    put(desk.home.memory_folder("shop-a") / "nov.csv", "its own review")
    earlier = put(desk.home.memory_folder("shop-a") / "sep.csv", "an earlier one")
    markets = desk.home.rules_folder("markets.csv") / "markets.csv"
    own = [desk.seller_folder / "seller.yml", orders, lanes, earlier]
    found = input_files(desk.home, "nov", "shop-a")
    assert found == sorted([desk.home.campaign_file("nov"), markets, *own])


def test_a_link_among_a_sellers_files_is_refused(
    desk: Desk, make_link: Callable[[Path, Path | str], None]
) -> None:
    put(desk.seller_folder / "orders" / "a.csv", "x")
    make_link(desk.seller_folder / "orders" / "b.csv", desk.seller_folder / "seller.yml")
    with pytest.raises(InputError, match=r"shop-a/orders/b\.csv is a link"):
        input_files(desk.home, "nov", "shop-a")


def seen_from(desk: Desk, day: str) -> Desk:
    return Desk(desk.home, open_scope(desk.home, "nov", "shop-a", scenario="base", as_of=day))


def test_a_later_day_rests_on_the_plan_and_writes_beside_it(desk: Desk) -> None:
    desk.write(tables.HourProfile, profile(20))
    later = seen_from(desk, "2025-11-12")
    pd.testing.assert_frame_equal(later.read(tables.HourProfile), profile(20))
    later.write(tables.HourProfile, profile(21))
    pd.testing.assert_frame_equal(later.read(tables.HourProfile), profile(21))
    pd.testing.assert_frame_equal(desk.read(tables.HourProfile), profile(20))


def test_an_earlier_day_does_not_see_what_the_plan_knew(desk: Desk) -> None:
    desk.write(tables.HourProfile, profile())
    earlier = seen_from(desk, "2025-09-15")
    assert not earlier.has(tables.HourProfile)
    with pytest.raises(RunError, match=r"--steps 1 --as-of 2025-09-15"):
        earlier.read(tables.HourProfile)


def test_a_review_from_another_day_is_remembered_once_the_campaign_is_over(desk: Desk) -> None:
    seen_from(desk, "2025-11-12").remember(memory())
    assert desk.memory().empty
    seen_from(desk, "2026-03-01").remember(memory(ratio=2.0))
    assert desk.memory()["uplift_ratio"].tolist() == [2.0]
    desk.remember(memory())
    assert len(desk.memory()) == 1

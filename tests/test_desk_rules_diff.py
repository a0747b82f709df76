"""The command that plans twice: under the registers of two days, or with edited rows."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import supply_case as case
from desk_world import make_home, put, put_registers
from rich.console import Console

from planner import __main__ as cli
from planner import tables
from planner.desk.home import Home
from planner.desk.rules_diff import as_csv, diff_rules, registers_on, tell_diff
from planner.desk.store import Desk, open_scope
from planner.errors import ConfigError
from planner.supply.plan_tables import Registers

FEES = "market,term,value,unit,currency,valid_from,valid_to,confidence,source,as_of\n"
DAYS = {
    "before": ("2025-09-16", "2025-10-31"),
    "warm_up": ("2025-11-01", "2025-11-10"),
    "sale": ("2025-11-11", "2025-11-13"),
    "after": ("2025-11-14", "2025-11-30"),
}
THIN, FAT = {"sku": "THIN", "unit_cost": 55.0}, {"sku": "FAT", "unit_cost": 5.0}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Return a workspace with one planned seller: a thin and a fat margin at the same price."""
    made = make_home(tmp_path)
    put_registers(made)
    goods = case.catalogue(*({**sku, "weight_kg": 0.1, "volume_cbm": 0.0005, "carton_units": 1}
                             for sku in (THIN, FAT)))  # fmt: skip
    desk = desk_of(made)
    columns = tables.columns(tables.Catalogue)
    lacks = {name: "" for name in columns if name not in goods}
    desk.write(tables.Catalogue, goods.assign(**lacks)[columns])
    desk.write(tables.DemandDraws, draws())
    for none_yet in (tables.DailySales, tables.OrderLines, tables.ReturnLines):
        desk.write(none_yet, tables.empty(none_yet))
    desk.write(tables.DoubtShares, tables.empty(tables.DoubtShares))
    desk.write(tables.ForecastDaily, by_day())
    both = [case.forecast(sku, shop="tiktok-th") for sku in ("THIN", "FAT")]
    desk.write(tables.Forecast, pd.concat(both))
    put(desk.seller_folder / "catalogue.csv", "sku,unit_cost\nTHIN,55\nFAT,5\n")
    return made


def draws() -> pd.DataFrame:
    rows = [
        {
            "shop": "tiktok-th", "market": "TH", "sku": sku, "phase": phase,
            "starts_on": pd.Timestamp(first), "ends_on": pd.Timestamp(last),
            "draws": np.full(20, 100.0 if phase == "sale" else 0.0),
        }
        for sku in ("FAT", "THIN")
        for phase, (first, last) in DAYS.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def by_day() -> pd.DataFrame:
    """Return 100 units over the three days of the sale."""
    days = pd.date_range("2025-11-11", "2025-11-13", unit="us")
    row = {name: 100 / 3 for name in tables.columns(tables.ForecastDaily) if "units" in name}
    rows = [
        {**row, "shop": "tiktok-th", "market": "TH", "sku": sku, "day": day, "phase": "sale",
         }
        for sku in ("FAT", "THIN")
        for day in days
    ]  # fmt: skip
    return pd.DataFrame(rows)[tables.columns(tables.ForecastDaily)]


def desk_of(home: Home) -> Desk:
    return Desk(home=home, scope=open_scope(home, "nov", "shop-a", scenario="base", as_of=""))


def commission(*rows: tuple[float, str, str]) -> str:
    lines = [f"TH,commission,{value},share_price,THB,{first},{last},primary,notice 7,2025-08-01"
             for value, first, last in rows]  # fmt: skip
    return FEES + "\n".join(lines) + "\n"


def with_commission(home: Home, *rows: tuple[float, str, str]) -> None:
    """Put these commissions in the place of those of the project."""
    path = home.root / "data" / "rules" / "fees.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("TH,commission,")]
    put(path, "\n".join([*kept, *commission(*rows).splitlines()[1:]]) + "\n")


TWICE = ((0.05, "2020-01-01", "2025-10-31"), (0.35, "2025-11-01", ""))


def test_one_row_that_changes_flips_exactly_the_planted_sku(home: Home):
    with_commission(home, *TWICE)
    found = diff_rules(home, "nov", first="2025-10-01", second="2025-12-01")
    assert found.facts[["fact", "field", "old_value", "new_value"]].to_numpy().tolist() == [
        ["commission", "value", "0.05", "0.35"]
    ]
    skus = found.skus.set_index("sku")
    assert skus["is_flip"].to_dict() == {"THIN": True, "FAT": False}
    assert skus.loc["THIN", ["old_units", "new_units"]].to_list() == [100, 0]
    assert skus.loc["FAT", ["old_units", "new_units"]].to_list() == [100, 100]
    # 30 % of a price of 100 on 100 units sold, less what a late unit loses less of: its margin.
    assert -3000.0 < skus.loc["FAT", "profit_difference"] < -2970.0


def test_edited_rows_flip_the_same_sku_and_leave_the_registers_alone(home: Home, tmp_path: Path):
    with_commission(home, (0.05, "2020-01-01", ""))
    before = (home.root / "data" / "rules" / "fees.csv").read_bytes()
    edited = put(tmp_path / "edit" / "fees.csv", commission((0.35, "2020-01-01", "")))
    found = diff_rules(home, "nov", changed=edited)
    assert found.skus.loc[found.skus["is_flip"], "sku"].to_list() == ["THIN"]
    for changed in (edited, edited.parent):
        assert commission_of(registers_on(desk_of(home), None, changed)) == [0.35]
    assert (home.root / "data" / "rules" / "fees.csv").read_bytes() == before


def test_what_has_ended_without_a_successor_is_refused_by_name(home: Home):
    with_commission(home, (0.05, "2020-01-01", "2025-10-31"))
    with pytest.raises(ConfigError, match=r"fees\.csv, TH commission: has ended"):
        diff_rules(home, "nov", first="2025-10-01", second="2025-12-01")


def test_a_lane_that_has_not_begun_is_refused_by_name(home: Home):
    with pytest.raises(ConfigError, match=r"lanes\.csv, TH air CN: has not begun on 2019-01-01"):
        diff_rules(home, "nov", first="2019-01-01", second="2025-10-01")


def test_edited_rows_that_are_not_in_force_are_refused_by_name(home: Home, tmp_path: Path):
    late = put(tmp_path / "edit" / "fees.csv", commission((0.35, "2026-01-01", "")))
    with pytest.raises(ConfigError, match="not in force on the planning day: TH commission"):
        diff_rules(home, "nov", changed=late)


def test_nothing_to_compare_is_refused(home: Home, tmp_path: Path):
    with pytest.raises(ConfigError, match="--from and --to"):
        diff_rules(home, "nov")
    with pytest.raises(ConfigError, match="name the file as in data/rules"):
        diff_rules(home, "nov", changed=put(tmp_path / "row.csv", FEES))


def test_a_sellers_own_row_beats_the_register_on_both_days(home: Home):
    with_commission(home, *TWICE)
    own = home.seller_folder("shop-a") / "rules" / "fees.csv"
    put(own, commission((0.05, "2020-01-01", "")))
    for day in (date(2025, 10, 1), date(2025, 12, 1)):
        assert commission_of(registers_on(desk_of(home), day)) == [0.05]


def commission_of(registers: Registers) -> list[float]:
    fees = registers[tables.Fees]
    return fees.loc[(fees["market"] == "TH") & (fees["term"] == "commission"), "value"].to_list()


def test_the_command_tells_facts_skus_and_the_sum_and_writes_a_csv(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    with_commission(home, *TWICE)
    monkeypatch.setenv("PLANNER_HOME", str(home.root))
    out = tmp_path / "diff.csv"
    words = ["rules", "diff", "nov", "--from", "2025-10-01", "--to", "2025-12-01",
             "--csv", str(out)]  # fmt: skip
    monkeypatch.setattr("sys.argv", ["planner", *words])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 0
    told = capsys.readouterr().out
    assert "commission" in told
    assert "shop-a: 1 of 2 SKUs flip" in told
    written = pd.read_csv(out)
    assert list(written.columns) == tables.columns(tables.RulesDiff)
    assert written["sku"].to_list() == ["THIN", "FAT"]


def test_two_days_alike_say_so(home: Home):
    found = diff_rules(home, "nov", first="2025-10-01", second="2025-10-02")
    console = Console(record=True, width=120)
    tell_diff(found, console)
    assert "are the same" in console.export_text()
    assert as_csv(found).count("\n") == 3

"""Twelve real monthly exports become one seller: made, filled, checked and run as the README says.

Skipped where the shared folder with real exports is not beside the project.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from planner.desk.parquet import read_table

ROOT = Path(__file__).resolve().parents[1]
EXPORTS = sorted((ROOT.parent / "shared" / "data").glob("shopee-vn-*/Order.all.*.xlsx"))
CAMPAIGN = """
campaign: double-11
name: {zh: 双11, en: Double 11}
as_of: {plan: 2023-09-25}
markets:
  VN:
    event: "2023-11.11"
    kind: double_date
    phases:
      warm_up: {start: 2023-11-04, end: 2023-11-10}
      sale: {start: 2023-11-11, end: 2023-11-13}
      tail: {start: 2023-11-14, end: 2023-11-20}
    next_replenishment_on: 2023-12-01
"""

pytestmark = pytest.mark.skipif(
    len(EXPORTS) != 12, reason="the real exports are not beside the project (../shared/data)"
)


def planner(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "planner", *words, "--home", str(home)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=home)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("real")
    made = planner(home, "new-seller", "real-shop", "--market", "VN", "--platform", "shopee")
    assert made.returncode == 0, made.stderr
    for path in EXPORTS:
        shutil.copy(path, home / "data" / "sellers" / "real-shop" / "orders")
    (home / "data" / "campaigns").mkdir(exist_ok=True)
    (home / "data" / "campaigns" / "double-11.yml").write_text(CAMPAIGN, encoding="utf-8")
    done = planner(home, "run", "double-11", "--steps", "1-3", "--lang", "zh")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return home


def test_every_line_of_the_real_exports_is_kept_or_rejected(home):
    folder = home / "data" / "work" / "double-11" / "base" / "real-shop"
    files = read_table(folder / "Reconciliation.parquet")
    assert len(files) == 12
    assert files["rows_in"].sum() == 6052
    assert (files["rows_in"] == files["rows_kept"] + files["rows_rejected"]).all()
    assert (files["in_minor"] == files["kept_minor"] + files["rejected_minor"]).all()
    lines = read_table(folder / "OrderLines.parquet")
    assert len(lines) == files["rows_kept"].sum()
    assert (lines["not_demand"] == "cancelled").sum() == 1278


def test_unknown_costs_and_stock_of_a_new_seller_stay_unknown(home):
    folder = home / "data" / "work" / "double-11" / "base" / "real-shop"
    economics = read_table(folder / "UnitEconomics.parquet")
    assert economics["landed_cost"].isna().all()
    assert not read_table(folder / "StockPosition.parquet")["is_known"].any()
    codes = set(read_table(folder / "Alerts-plan.parquet")["code"])
    assert {"stock_unknown", "missing_cost"} <= codes


def test_a_thin_history_is_told_as_a_range_and_no_number(home):
    folder = home / "data" / "work" / "double-11" / "base" / "real-shop"
    plan = read_table(folder / "StockPlan.parquet")
    doubtful = plan[plan["grade"] == "D"]
    assert len(doubtful) > 0
    assert (doubtful["order_units"] == 0).all()
    assert doubtful["is_blocked"].all()


def test_checking_the_seller_reads_everything_and_writes_nothing(home):
    before = sorted(path for path in home.rglob("*"))
    told = planner(home, "check", "--seller", "real-shop")
    assert told.returncode == 0
    assert told.stdout.count(" rows in, ") == 12
    assert sorted(path for path in home.rglob("*")) == before

"""Freezing a plan: put aside once, never changed unasked, read back, and said to be so."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from desk_world import make_home, put
from lines_case import lines
from review_case import plan
from typer.testing import CliRunner

from planner import tables
from planner.__main__ import app
from planner.desk.freeze import freeze_plan, frozen_folder, plan_then, read_decisions_then
from planner.desk.problems import told_problem
from planner.desk.store import Desk, input_files, open_scope
from planner.errors import RunError
from planner.intake.rules import in_force, read_register
from planner.pages.reasons import tell_reason

RULES = Path(__file__).resolve().parents[1] / "data" / "rules"
EARLY = date(2025, 10, 20)
KEY = ("nov", "shop-a")
DECIDED = "market,sku,decision,units,owner\nTH,a,units,50,Li\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A seller with a plan of 300 units and orders of July."""
    home = make_home(tmp_path)
    made = Desk(home=home, scope=open_scope(home, *KEY, scenario="base", as_of=""))
    made.write(tables.OrderLines, lines({"ordered_at": "2025-07-01"}))
    made.write(tables.StockPlan, plan())
    return made


def frozen(desk: Desk, **options: object):
    return freeze_plan(desk.home, *KEY, **options)


def test_without_a_frozen_plan_the_review_says_that_it_was_made_again(desk: Desk) -> None:
    then = plan_then(desk)
    assert then.reason == "plan_then.made_again|since=2025-09-16"
    assert not then.is_sure
    assert then.read(tables.StockPlan)["order_units"].tolist() == [300]


def test_the_review_reads_the_plan_as_it_stood_and_says_that_it_changed(desk: Desk) -> None:
    assert frozen(desk, on=EARLY).state == "frozen"
    assert plan_then(desk).reason == "plan_then.frozen_on|frozen_on=2025-10-20|tables=2"
    desk.write(tables.StockPlan, plan(order_units=999))
    then = plan_then(desk)
    assert then.is_sure
    assert then.read(tables.StockPlan)["order_units"].tolist() == [300]
    assert then.reason.endswith(";plan_then.changed|tables=1")
    assert desk.read(tables.StockPlan)["order_units"].tolist() == [999]


def test_freezing_the_same_twice_changes_nothing(desk: Desk) -> None:
    first = frozen(desk, on=EARLY)
    text = (first.folder / "frozen.json").read_bytes()
    again = frozen(desk, on=date(2025, 10, 25))
    assert again.state == "same"
    assert (first.folder / "frozen.json").read_bytes() == text


def test_another_plan_is_frozen_over_the_first_only_if_asked_to(desk: Desk) -> None:
    folder = frozen(desk, on=EARLY).folder
    desk.write(tables.StockPlan, plan(order_units=999))
    with pytest.raises(RunError, match=r"1 tables differ, such as StockPlan.*--force"):
        frozen(desk)
    assert plan_then(desk).read(tables.StockPlan)["order_units"].tolist() == [300]
    assert frozen(desk, on=EARLY, force=True).state == "replaced"
    then = plan_then(desk)
    assert then.read(tables.StockPlan)["order_units"].tolist() == [999]
    assert then.reason.endswith(";plan_then.again|times=1")
    assert [path.name for path in folder.parent.iterdir()] == ["shop-a"]


def test_freezing_after_the_campaign_has_begun_is_said(desk: Desk) -> None:
    assert not frozen(desk).is_begun
    desk.write(tables.OrderLines, lines({"ordered_at": "2025-11-02"}))
    late = frozen(desk, force=True)
    assert (late.state, late.is_begun) == ("same", False)
    desk.write(tables.StockPlan, plan(order_units=301))
    assert frozen(desk, force=True).is_begun
    then = plan_then(desk)
    assert not then.is_sure
    assert then.reason.startswith("plan_then.known|")


def test_the_day_given_says_whether_the_campaign_has_begun(desk: Desk) -> None:
    assert frozen(desk, on=date(2025, 11, 1)).is_begun
    assert plan_then(desk).reason.startswith("plan_then.begun_on|frozen_on=2025-11-01|")


def test_a_day_given_says_nothing_against_orders_that_are_there(desk: Desk) -> None:
    desk.write(tables.OrderLines, lines({"ordered_at": "2025-11-02"}))
    assert frozen(desk, on=EARLY).is_begun
    then = plan_then(desk)
    assert not then.is_sure
    assert tell_reason(then.reason, "en").startswith(
        f"Frozen for {EARLY} (2 tables) when orders of 2025-11-02 lay in the folder already"
    )


def test_a_freezing_that_stopped_between_two_folders_loses_no_plan(desk: Desk) -> None:
    folder = frozen(desk, on=EARLY).folder
    folder.rename(folder.with_name(f".{folder.name}.old"))
    then = plan_then(desk)
    assert then.is_sure
    assert then.read(tables.StockPlan)["order_units"].tolist() == [300]
    folder.rename(folder.with_name(f".{folder.name}.old"))
    desk.write(tables.StockPlan, plan(order_units=999))
    with pytest.raises(RunError, match="another plan"):
        frozen(desk, on=EARLY)


def test_the_review_takes_the_return_rates_that_the_plan_believed(desk: Desk) -> None:
    believed = in_force(read_register(RULES, tables.ReturnRates), EARLY).assign(return_rate=0.07)
    desk.write(tables.ReturnRates, believed)
    frozen(desk, on=EARLY)
    desk.write(tables.ReturnRates, believed.assign(return_rate=0.5))
    assert set(plan_then(desk).read(tables.ReturnRates)["return_rate"]) == {0.07}


def test_what_people_decided_is_frozen_with_the_plan(desk: Desk) -> None:
    put(desk.seller_folder / "decisions.csv", DECIDED)
    frozen(desk, on=EARLY)
    put(desk.seller_folder / "decisions.csv", DECIDED.replace("50", "70"))
    then = plan_then(desk)
    assert read_decisions_then(then)["units"].tolist() == [50]
    assert then.reason.endswith("plan_then.changed|tables=1")


def test_a_frozen_table_changed_by_hand_is_refused_by_name(desk: Desk) -> None:
    folder = frozen(desk).folder
    (folder / "StockPlan.parquet").write_bytes(b"other")
    with pytest.raises(RunError, match=r"StockPlan\.parquet: not the table that was frozen"):
        plan_then(desk).read(tables.StockPlan)


def test_the_command_freezes_every_seller_of_the_campaign_and_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANNER_PROJECT", str(desk.home.project))
    asked = ["freeze", "nov", "--home", str(desk.home.root), "--on", "2025-11-02"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert "shop-a: plan frozen (2 tables)" in done.output
    assert "shop-a: mind that the campaign had begun" in done.output


def test_a_day_of_freezing_written_otherwise_is_refused_in_both_languages(desk: Desk) -> None:
    asked = ["freeze", "nov", "--home", str(desk.home.root), "--on", "20/10/2025"]
    problem = CliRunner().invoke(app, asked).exception
    told = told_problem(problem)
    assert told.startswith("日期写成 2026-11-12 / --on is '20/10/2025'; give a day such as")


def test_without_a_plan_there_is_nothing_to_freeze(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no plan to freeze; run .* --steps 1-3"):
        freeze_plan(make_home(tmp_path), *KEY)


def test_a_frozen_plan_is_an_input_of_the_review(desk: Desk) -> None:
    frozen(desk)
    path = frozen_folder(desk.home, "nov", "base", "shop-a") / "frozen.json"
    assert path in input_files(desk.home, *KEY)


def test_the_goods_of_the_plan_are_frozen_with_it(desk: Desk) -> None:
    goods = tables.empty(tables.Catalogue)
    desk.write(tables.Catalogue, goods)
    assert frozen(desk).count == 3
    assert plan_then(desk).read(tables.Catalogue).empty


def test_orders_of_another_market_do_not_begin_a_campaign(desk: Desk) -> None:
    other = lines({"ordered_at": "2025-11-02", "market": "VN"})
    desk.write(tables.OrderLines, pd.concat([desk.read(tables.OrderLines), other]))
    assert not frozen(desk).is_begun

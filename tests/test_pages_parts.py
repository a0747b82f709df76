"""Ladders from ordinary days to the forecast, and the board that holds both views."""

from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from demand_case import MARKET, PLAN, a_daily
from test_demand_decomposition import case

from planner import tables
from planner.demand.decomposition import share_doubt
from planner.pages.charts_parts import (
    horizon_ladder,
    ladder_bars,
    largest_series,
    phase_ladder,
    reasons_table,
)
from planner.pages.explore_parts import phase_views, two_views_board

# Prophet 1.5 on pandas 3.1
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")
KEY = ("th-one", MARKET, "S000")
STEPS = pd.DataFrame(
    {"step": ["ordinary", "seller", "category", "own"], "part_units": [100.0, 80.0, -30.0, 0.05]}
)


@pytest.fixture(scope="module")
def told() -> dict[str, pd.DataFrame]:
    daily = a_daily([40.0, 20.0])
    parts = case(daily)
    doubts = share_doubt(parts["forecast"], fit=parts["fit"], uplift=parts["uplift"])
    return {**parts, "daily": daily, "doubts": doubts}


def test_each_bar_stands_on_those_before_it_and_the_last_on_the_ground():
    bars = ladder_bars(STEPS, "en")
    assert list(bars.base) == [0.0, 100.0, 150.0, 0.0]
    assert list(bars.x) == [100.0, 80.0, 30.0, 150.1]
    assert list(bars.text) == ["100", "+80", "-30", "150"]


def test_a_step_too_small_to_see_has_no_bar():
    assert "Its own past" not in ladder_bars(STEPS, "en").y


def test_the_largest_sku_is_shown_first_and_the_list_holds_the_others(told):
    figure = horizon_ladder(told["parts"], told["forecast"], told["doubts"], "zh")
    assert [trace.visible for trace in figure.data] == [True] * 3 + [False] * 3
    buttons = figure.layout.updatemenus[0].buttons
    assert [button.label for button in buttons] == ["S000", "S001"]
    assert list(buttons[1].args[0]["visible"]) == [False] * 3 + [True] * 3


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_note_names_range_and_largest_doubt(told, lang):
    figure = phase_ladder(told["parts"], told["forecast"], told["doubts"], lang)
    note = figure.data[2].text[0]
    assert note.startswith("S000")
    assert "%" in note


def test_skus_beyond_the_list_are_counted(told):
    figure = horizon_ladder(told["parts"], told["forecast"], told["doubts"], "en", most=1)
    assert "1 more SKUs" in figure.layout.annotations[0].text


def test_nothing_to_draw_is_said_in_words(told):
    nothing = told["forecast"].head(0)
    figure = horizon_ladder(told["parts"].head(0), nothing, told["doubts"].head(0), "en")
    assert not figure.data
    assert figure.layout.annotations[0].text


def test_reasons_come_in_the_order_of_demand(told):
    block = reasons_table(told["reasons"], told["forecast"], "en")
    names = [row[0]["text"] for row in block.data["rows"]]
    assert names == ["S000"] * 3 + ["S001"] * 3
    assert largest_series(told["forecast"])[0] == KEY


def test_both_views_are_cut_into_the_same_phases(told):
    days = pd.date_range("2025-10-31", "2025-11-21")
    plan = {"warm_up": 10, "sale": 4, "tail": 6}
    phase = ["", *(name for name, count in plan.items() for _ in range(count)), ""]
    view = pd.DataFrame({"day": days, "phase": phase, "is_future": True}).assign(
        ordinary_units=10.0, expected_units=lambda rows: 10.0 + 5.0 * (rows["phase"] == "sale")
    )
    views = phase_views(view, told["parts"], KEY)
    assert list(views.index) == ["warm_up", "sale", "tail", "after"]
    assert views["prophet_ordinary"].tolist() == [100.0, 40.0, 60.0, 10.0]
    assert views["prophet_promo"].tolist() == [0.0, 20.0, 0.0, 0.0]
    means = told["forecast"].set_index(["sku", "phase"])["mean_units"]
    sums = views["engine_ordinary"] + views["engine_promo"]
    assert sums["sale"] == pytest.approx(means["S000", "sale"])


def a_board(told: dict[str, pd.DataFrame], daily: pd.DataFrame):
    ahead = told["baseline"][told["baseline"]["is_future"]]
    by_day = ahead[["shop", "market", "sku", "day"]].assign(
        phase="after",
        mean_units=ahead["baseline_units"],
        q10_units=0.0,
        q50_units=ahead["baseline_units"],
        q90_units=2 * ahead["baseline_units"],
    )
    return two_views_board(
        daily,
        forecast=told["forecast"],
        by_day=by_day,
        parts=told["parts"],
        drivers=tables.empty(tables.Drivers),
        scope=SimpleNamespace(plans={MARKET: PLAN}),
        lang="en",
    )


def test_switching_the_sale_off_moves_prophet_and_leaves_the_engine(told):
    board = a_board(told, told["daily"])
    curve, _, ladder = board.children[3:]
    before = [np.array(trace.y, dtype=float) for trace in (curve.data[1], curve.data[5])]
    bars, text = list(ladder.data[0].x), board.children[2].value
    board.children[1].children[1].value = False
    after = [np.array(trace.y, dtype=float) for trace in (curve.data[1], curve.data[5])]
    assert before[0].sum() - after[0].sum() == pytest.approx(4 * 80, rel=0.1)
    assert (before[1] == after[1]).all()
    assert list(ladder.data[0].x) == bars
    assert board.children[2].value != text
    assert "<b>" not in text


def test_a_sku_too_young_for_prophet_shows_the_engine_alone(told):
    young = told["daily"]["day"] > told["daily"]["day"].max() - timedelta(days=20)
    board = a_board(told, told["daily"][young])
    assert board.children[2].value.startswith("This SKU has 20 days of history")
    assert len(board.children[3].data[1].x) == 0
    assert set(board.children[4].data[0].x[1]) == {"Engine"}

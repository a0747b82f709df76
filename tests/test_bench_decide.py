"""Policies of ordering on the same history and money: orders, truth, scores, a short run."""

import json
import time

import numpy as np
import pandas as pd
import pytest

from benchmarks import decide, decide_page
from benchmarks.accuracy_profit import LANDED_COST, LEFTOVER, PRICE
from benchmarks.decide_policies import (
    FORECAST_PLUS,
    LONGEST_LEAD_DAYS,
    MEAN_LEAD_DAYS,
    NEWSVENDOR,
    OURS,
    POLICIES,
    erp_daily_units,
    formula,
    ratio_of_goods,
)
from benchmarks.decide_replay import ORACLE, Replay, replayed
from benchmarks.decide_scores import COLUMNS, calibration_of, leads_of, rows_of
from benchmarks.decide_sets import SETS, quantile_of
from benchmarks.decide_truth import true_totals
from benchmarks.decide_why import LEARNT, ONE_RATIO, SCALES, reading_of, tried, why_of
from benchmarks.world import SPECS
from benchmarks.world_demand import days_of, draw_demand, phase_days
from benchmarks.world_stock import components
from planner.demand.peers import LEVELS, Told, Windows
from planner.supply.later.two_stage import Worlds
from planner.supply.quantity.newsvendor import optimal_units

PLAN_ON = pd.Timestamp("2025-09-16")


def windows(units: list[float], *, promo: list[int] = (), days: int = 5) -> Windows:
    known = np.array([units], dtype=float)
    drivers = np.zeros((1, known.shape[1], 1))
    drivers[0, list(promo), 0] = 1.0
    every = np.ones((1, days), dtype=bool)
    return Windows(
        first_on=pd.Timestamp("2025-01-01"),
        units=known,
        is_known=known >= 0,
        drivers=drivers,
        drivers_ahead=np.ones((1, days, 1)),
        is_open_ahead=every,
        window=every,
        category=np.zeros(1, dtype=int),
    )


def replay(truth: list[float]) -> Replay:
    came = np.array([truth], dtype=float)
    nothing = np.zeros_like(came)
    return Replay(
        set="SIM",
        event=("one",),
        windows=windows([10.0] * 100),
        mean=came.mean(axis=1),
        quantile=lambda level: optimal_units(came, level),
        truth=Worlds(nothing, nothing, came, nothing, nothing),
        is_distribution=True,
    )


def test_the_brief_s_formula_by_hand():
    history = windows([10.0] * 99 + [50.0])
    told = formula(history, history.is_known, np.array([5]))
    mean = 10.4
    assert told.item() == pytest.approx(mean * 5 + 50 * LONGEST_LEAD_DAYS - mean * MEAN_LEAD_DAYS)


def test_a_promotion_of_a_week_at_five_times_the_rate_is_seen_as_2_95_times():
    history = windows([1.0] * 100 + [5.0] * 7)
    assert erp_daily_units(history).item() == pytest.approx(2.95, abs=0.005)


def test_the_critical_ratio_of_the_published_goods():
    assert ratio_of_goods("kept 85 %") == pytest.approx(7.2 / (7.2 + 0.15 * 5.8))


def test_a_quantile_between_those_told_is_straight_over_normal_scores():
    told = Told(np.array([1.0]), np.array([np.arange(7.0)]))
    assert [quantile_of(told, level).item() for level in LEVELS] == pytest.approx(list(range(7)))


def test_who_knows_the_distribution_earns_all_of_the_oracle_and_others_no_more():
    table = rows_of(replayed(replay([40.0, 60.0, 80.0, 200.0]), "kept 20 %"))
    shares = table.set_index("policy")["profit_share_of_oracle"]
    assert shares[OURS] == shares[NEWSVENDOR] == shares[ORACLE] == 1.0
    assert (shares <= 1.0).all()


def test_shares_by_hand():
    events = replayed(replay([40.0, 60.0]), "kept 60 %")
    ours = rows_of(events).set_index("policy").loc[OURS]
    # the ratio of 0.756 asks for the higher of two worlds: 60 ordered, 50 sold on average
    margin, loss = PRICE - LANDED_COST, 0.4 * LANDED_COST
    assert ours["profit_share_of_foresight"] == pytest.approx(
        (50 * margin - 10 * loss) / (50 * margin), abs=1e-4
    )
    assert (ours["fill_rate"], ours["leftover_share"]) == (1.0, pytest.approx(10 / 60, abs=1e-4))


def test_how_often_an_order_was_enough_is_told_beside_what_was_asked_for():
    row = calibration_of(replayed(replay([40.0, 60.0, 80.0, 100.0]), "kept 60 %")).iloc[0]
    # 7.2 / (7.2 + 2.32) = 0.756 asks for the fourth of four worlds, which is always enough
    assert row[["asked", "met", "forecast_bias"]].tolist() == [0.756, 1.0, 0.0]


def test_a_lead_is_in_points_of_foresight_and_its_interval_holds_it():
    made = [
        {"set": "CJ", "goods": "g", "event": f"{n}", "policy": policy, "profit": profit * n}
        for n in range(1, 6)
        for policy, profit in ((OURS, 8.0), (POLICIES[0], 5.0))
    ]
    events = pd.DataFrame(made).assign(foresight=10.0, wanted=1.0, sold=1.0, ordered=1.0)
    lead = leads_of(events).iloc[0]
    assert lead["lead"] == pytest.approx(100 * 3.0 * 15 / 50)
    assert lead["low"] < lead["lead"] < lead["high"]


def test_true_futures_have_the_mean_of_the_simulator_s_own_laws():
    """Many worlds drawn whole, their past included, against futures drawn anew of each."""
    spec = SPECS["demo-id-gadget"]
    parts = components(spec)
    own, anew = [], []
    for seed in range(40):
        demand = draw_demand(spec, seed)
        days = phase_days(days_of(spec), spec.promos[-1])["sale"]
        own.append((demand.units[:, :, days].sum(axis=2) @ parts).sum())
        anew.append(
            true_totals(spec, seed, as_of=PLAN_ON, n_worlds=40)["sale"].sum(axis=(0, 1)).mean()
        )
    gap = np.mean(own) / np.mean(anew) - 1
    doubt = np.std(np.array(own) - np.array(anew)) / np.sqrt(40) / np.mean(anew)
    assert abs(gap) < 3 * doubt
    assert np.corrcoef(own, anew)[0, 1] > 0.4  # the past that is kept is the world's own


def test_true_futures_know_nothing_of_what_came():
    spec = SPECS["demo-id-gadget"]
    first = true_totals(spec, 3, as_of=PLAN_ON, n_worlds=50)
    again = true_totals(spec, 3, as_of=PLAN_ON, n_worlds=50)
    other = true_totals(spec, 4, as_of=PLAN_ON, n_worlds=50)
    assert all((first[phase] == again[phase]).all() for phase in first)
    assert (first["sale"] != other["sale"]).any()


def test_a_loss_is_told_as_a_loss():
    leads = pd.DataFrame(
        [
            ("CJ", "g", POLICIES[0], 9, -2.0, -3.0, -1.0),
            ("CJ", "g", POLICIES[1], 9, 1.0, -1.0, 3.0),
        ],
        columns=["set", "goods", "policy", "events", "lead", "low", "high"],
    )
    (line,) = decide_page._wins(leads)
    assert f"less than {POLICIES[0]};" in line
    assert f"open: {POLICIES[1]}." in line


def test_other_orders_are_held_against_ours_and_a_scale_is_learnt_elsewhere():
    def rows(name: str, best: float) -> pd.DataFrame:
        """A set on which the scale `best` earns most: 100 less 10 for every step away from it."""
        place = SCALES.index(best)
        profits = {scale: 100.0 - 10 * abs(SCALES.index(scale) - place) for scale in SCALES}
        told = profits | {ONE_RATIO: 50.0, FORECAST_PLUS: 70.0}
        return pd.DataFrame(
            [
                (name, "g", order, profit, 100.0, 120.0, 100.0)
                for order, profit in told.items()
            ],
            columns=["set", "goods", "order", "profit", "foresight", "ordered", "forecast"],
        )  # fmt: skip

    table = why_of(pd.concat([rows("A", 1.05), rows("B", 0.95), rows("C", 0.95)])).set_index("set")
    assert table["ratio"].eq(1.2).all()
    assert table["best scale"].to_list() == [1.05, 0.95, 0.95]
    # A learns 0.95 from B and C, which earns 80 where ours earns 90; ours is as far from all.
    assert (table.loc["A", "learnt"], table.loc["A", LEARNT]) == (0.95, -10.0)
    assert table.loc["A", ["at the best scale", ONE_RATIO, FORECAST_PLUS]].to_list() == [
        10.0, -40.0, -20.0,
    ]  # fmt: skip
    told = reading_of(table.reset_index())
    assert "A -40.00 to -40.00" in told
    assert "at most 10.00 points and costs up to 10.00" in told


def test_what_ours_earns_is_what_the_scale_of_one_earns():
    case, goods = replay([40.0, 50.0, 60.0, 90.0]), next(iter(LEFTOVER))
    found = tried(case, goods).set_index("order")["profit"]
    events = replayed(case, goods).set_index("policy")["profit"]
    assert found[1.0] == pytest.approx(events[NEWSVENDOR])
    assert found[FORECAST_PLUS] == pytest.approx(events[FORECAST_PLUS])
    assert found[ONE_RATIO] == pytest.approx(found[1.0])  # one series: its own ratio


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # Prophet 1.5 on pandas 3.1
def test_the_short_run_writes_rows_of_the_agreed_form(tmp_path, monkeypatch):
    monkeypatch.setattr(decide, "RESULTS_FOLDER", tmp_path)
    started = time.process_time()
    decide.main(["--short", "--sets", "SIM,SIM2"])
    assert time.process_time() - started < 20
    told = json.loads((tmp_path / "decide-short.json").read_text(encoding="utf-8"))
    rows = pd.DataFrame(told["rows"])
    assert list(rows.columns) == COLUMNS
    assert set(rows["policy"]) == {*POLICIES, ORACLE}
    assert rows.loc[rows["is_ours"], "profit_share_of_oracle"].gt(0.9).all()
    assert (tmp_path / "decide-short.md").exists()


def test_a_set_that_does_not_exist_is_refused():
    with pytest.raises(SystemExit):
        decide.main(["--sets", "NONE"])
    assert "SIM" in SETS

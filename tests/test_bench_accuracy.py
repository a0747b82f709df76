"""The accuracy benchmark: scores by hand, the list of windows, and nobody sees the future."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from benchmarks import accuracy, accuracy_windows
from benchmarks.accuracy_controls import all_controls, flags_one_day_late, shuffled_flags
from benchmarks.accuracy_ours import AHEAD, events_of
from benchmarks.accuracy_page import TRIED, Findings, page_of
from benchmarks.accuracy_runs import OURS, run, run_all, scrambled, sees_no_future
from benchmarks.accuracy_sales import SalesSet
from benchmarks.accuracy_scores import joint_ratio, mended, ratios, score, summary
from benchmarks.accuracy_targets import best_of, reached
from benchmarks.accuracy_windows import (
    Answer,
    case_of,
    cases_of,
    choose_windows,
    part_of,
    read_windows,
)
from planner.demand.peers import LEVELS, Told, seasonal_naive

CUT_OFF = 168
PROMO_EVERY, PROMO_DAYS = 28, 4


@pytest.fixture(scope="module")
def sales() -> SalesSet:
    """Return 30 series with a promotion of four days every four weeks that trebles them."""
    stream = np.random.default_rng(5)
    n_series, n_days = 30, 240
    flags = (np.arange(n_days) % PROMO_EVERY) < PROMO_DAYS
    level = stream.uniform(3, 12, n_series)[:, None]
    units = stream.poisson(level * np.where(flags, 3.0, 1.0)).astype(float)
    drivers = np.broadcast_to(flags.astype(float)[:, None], (n_series, n_days, 1))
    everything = np.ones(units.shape, dtype=bool)
    return SalesSet(
        name="TRY",
        seller="try",
        first_on=pd.Timestamp("2024-01-01"),
        skus=tuple(f"s{one:02d}" for one in range(n_series)),
        category=("home",) * n_series,
        units=units,
        wanted=units,
        is_known=everything,
        is_open=everything,
        drivers=drivers,
        driver_names=("is_promo",),
        day_kind=("platform",) * n_days,
        cut_offs=(CUT_OFF - 28, CUT_OFF),
        history_days=180,
        min_units=15,
    )


@pytest.fixture(scope="module")
def pairs(sales):
    return list(cases_of([sales], choose_windows([sales])))


@pytest.fixture(scope="module")
def scored(pairs) -> pd.DataFrame:
    return run_all(pairs, [OURS, "excel", "snaive"], processes=1)


def one_answer(actual: list[float], scale: list[float]) -> Answer:
    table = pd.DataFrame(
        {
            "set": "TRY",
            "seller": "try",
            "event": ["a", "b"],
            "cut_off_on": pd.Timestamp("2024-06-17"),
            "sku": ["x", "y"],
            "days": 2,
        }
    )
    return Answer(np.array(actual), np.array(scale), np.zeros((2, 2)), table)


def test_the_scores_of_two_windows_are_those_worked_by_hand():
    told = Told(np.array([12.0, 30.0]), np.tile([[8.0], [30.0]], len(LEVELS)))
    rows = score(told, one_answer([10.0, 20.0], [4.0, 10.0]), method="flat", ms_per_sku=1.0)
    # Two too few: mean of 2 x (.5 .8 .9 .95) = 1.575; ten too many: mean of 10 x (.5 .2 .1 .05).
    assert rows["loss"].to_list() == pytest.approx([1.575, 2.125])
    told = summary(rows).iloc[0]
    assert told["wape"] == pytest.approx((2 + 10) / 30)
    assert told["wql"] == pytest.approx(2 * (1.575 + 2.125) / 30)
    assert told["spl"] == pytest.approx((1.575 / 4 + 2.125 / 10) / 2)
    assert told["bias"] == pytest.approx(42 / 30 - 1)
    assert told["cov80"] == 0.0


def test_the_ratio_of_two_methods_is_that_of_their_scaled_losses():
    answer = one_answer([10.0, 20.0], [1.0, 1.0])
    near = Told(np.array([11.0, 21.0]), np.tile([[11.0], [21.0]], len(LEVELS)))
    far = Told(np.array([12.0, 22.0]), np.tile([[12.0], [22.0]], len(LEVELS)))
    rows = pd.concat(
        score(told, answer, method=name, ms_per_sku=0.0)
        for name, told in {"ours": near, "far": far}.items()
    )
    table = ratios(rows, ours="ours").set_index("method")
    assert table.loc["far"].to_list()[1:] == pytest.approx([0.5, 0.5, 0.5])
    assert joint_ratio(rows, pd.Series({"TRY": "far"}), ours="ours") == pytest.approx((0.5,) * 3)


def test_an_unusable_answer_counts_as_the_seasonal_naive_and_is_counted():
    good = Told(np.array([1.0, 2.0, 3.0]), np.ones((3, 7)))
    spare = Told(np.full(3, 9.0), np.full((3, 7), 9.0))
    quantiles = good.quantiles.copy()
    quantiles[1, 3], quantiles[2, 0] = np.nan, 5.0
    told, failed = mended(good._replace(quantiles=quantiles), spare)
    assert failed == 2
    assert told.mean.tolist() == [1.0, 9.0, 9.0]
    assert (told.quantiles[1:] == 9.0).all()


def test_a_crash_scores_as_the_seasonal_naive(pairs, monkeypatch):
    def broken(case):
        raise ZeroDivisionError

    monkeypatch.setattr("benchmarks.accuracy_runs.ours", broken)
    case, _ = pairs[0]
    one = run(OURS, case)
    assert one.failed == len(case.skus)
    assert (one.told.mean == seasonal_naive(case.windows).mean).all()


def test_the_list_of_windows_is_the_committed_one(monkeypatch, tmp_path):
    windows = read_windows()
    assert list(windows.columns) == accuracy_windows.COLUMNS
    assert not windows.duplicated(["set", "seller", "cut_off_on", "sku"]).any()
    lead = (windows["starts_on"] - windows["cut_off_on"]).dt.days
    assert lead.between(28, 48).all()
    other = tmp_path / "accuracy_windows.csv"
    other.write_bytes(accuracy_windows.LIST.read_bytes()[:-1])
    monkeypatch.setattr(accuracy_windows, "LIST", other)
    with pytest.raises(RuntimeError, match="list of windows was changed"):
        read_windows()


def test_windows_are_chosen_without_a_look_at_later_sales(sales):
    shorter = sales._replace(cut_offs=(CUT_OFF,))
    chosen = choose_windows([shorter])
    assert chosen.equals(choose_windows([scrambled(shorter, CUT_OFF)]))
    assert set(chosen["starts_on"]) == {pd.Timestamp("2024-01-01") + pd.Timedelta(days=196)}
    assert set(chosen["ends_on"] - chosen["starts_on"]) == {pd.Timedelta(days=PROMO_DAYS - 1)}


def test_a_case_ends_at_the_cut_off_and_the_answer_lies_apart(sales, pairs):
    case, answer = pairs[1]
    assert case.windows.units.shape[1] == CUT_OFF
    assert case.windows.drivers_ahead.shape[1] == 56
    assert answer.actual.tolist() == sales.wanted[:, 196:200].sum(axis=1).tolist()
    assert set(answer.table["past_promos"]) == {6}


def test_our_tables_tell_past_and_announced_promotions_the_window_and_closed_days(pairs):
    case, _ = pairs[1]
    seen = case.windows
    is_open = seen.is_open_ahead.copy()
    is_open[0, 29] = False
    case = part_of(case._replace(windows=seen._replace(is_open_ahead=is_open)), np.array([0]))
    rows = events_of(case)
    past = rows[rows["end"] < pd.Timestamp("2024-01-01") + pd.Timedelta(days=CUT_OFF)]
    assert len(past) == 6
    told = rows.drop(past.index).set_index("event")[["kind", "start", "end"]]
    start = pd.Timestamp("2024-01-01") + pd.Timedelta(days=CUT_OFF)
    assert told.loc[AHEAD, "start"] == start + pd.Timedelta(days=28)
    assert told.loc[AHEAD, "end"] == start + pd.Timedelta(days=31)
    assert told.loc["closed"].to_list() == ["closed", *[start + pd.Timedelta(days=29)] * 2]
    assert len(told) == 3  # the third: the promotion that begins on the cut-off itself


@pytest.mark.parametrize("method", [OURS, "excel", "excel_raw", "snaive"])
def test_no_method_changes_a_byte_when_the_future_is_scrambled(sales, method):
    windows = choose_windows([sales._replace(cut_offs=(CUT_OFF,))])
    assert sees_no_future(method, sales, windows, CUT_OFF)


def test_the_canary_sings_when_a_method_does_see_the_future(sales, monkeypatch):
    windows = choose_windows([sales._replace(cut_offs=(CUT_OFF,))])

    def leaking(one, rows, cut_off):
        case, answer = case_of(one, rows, cut_off)
        units = np.concatenate([case.windows.units[:, 1:], answer.daily_ahead[:, 28:29]], axis=1)
        return case._replace(windows=case.windows._replace(units=units)), answer

    monkeypatch.setattr("benchmarks.accuracy_runs.case_of", leaking)
    assert not sees_no_future("snaive", sales, windows, CUT_OFF)


def test_ours_beats_the_spreadsheet_and_the_naive_week_where_promotions_treble_sales(scored):
    table = summary(scored).set_index("method")
    assert table.loc[OURS, "wape"] < 0.15
    assert table.loc[OURS, "spl"] < table.loc[["excel", "snaive"], "spl"].min()
    assert scored["failed"].sum() == 0


def test_shuffled_flags_harm_and_the_other_controls_hold(pairs):
    table = all_controls(pairs).set_index("control")
    assert table.loc["past promo flags shuffled", "value"] > 0.08
    assert table.loc["past promo flags one day late", "value"] > 0
    assert table.loc["file loaded twice", "value"] == 1.0
    assert table["holds"].all(), table.to_string()


@pytest.mark.parametrize("change", [shuffled_flags, flags_one_day_late])
def test_a_control_moves_past_flags_and_nothing_else(pairs, change):
    case, _ = pairs[0]
    other = change(case).windows
    assert not np.array_equal(other.drivers, case.windows.drivers)
    assert np.array_equal(other.drivers_ahead, case.windows.drivers_ahead)
    assert np.array_equal(other.units, case.windows.units)


def test_the_best_peer_is_chosen_set_by_set_and_held_against_the_target(scored):
    assert best_of(scored, ("Excel rule", "seasonal naive")).to_dict() in (
        {"TRY": "excel"},
        {"TRY": "snaive"},
    )
    table = reached(scored).set_index("against")
    assert table.loc["Excel rule", "reached"] == table.loc["Excel rule, worst set", "reached"]
    assert "AutoETS" not in table.index


def test_the_page_tells_wins_coverage_and_controls(scored, tmp_path):
    controls = pd.DataFrame(
        [("a control", "bias", 0.5, "0", False, "TRY")],
        columns=["control", "measure", "value", "right", "holds", "set"],
    )
    canaries = pd.DataFrame({"set": ["TRY"], "method": ["excel"], "holds": [False]})
    findings = Findings(scored, ratios(scored, ours=OURS), canaries, controls, (), True)
    page = page_of(findings, [tmp_path / "results" / "one.png"], beside=tmp_path)
    assert "**TRY**: better than" in page
    assert "Not so: excel on TRY." in page
    assert "| TRY | a control | bias | 0.500 | 0 | NO |" in page
    assert "(results/one.png)" in page


def test_the_page_ends_with_the_ideas_that_were_tried(scored):
    table = pd.read_csv(TRIED, keep_default_na=False)
    findings = Findings(scored, ratios(scored, ours=OURS), pd.DataFrame({"holds": []}), None, (), 0)
    page = page_of(findings, [], beside=TRIED.parent)
    last = page.split("\n## ")[-1]
    assert last.startswith("Ideas tried: kept and rejected")
    assert [line.split(" | ")[0][2:] for line in last.splitlines()[6:-2]] == table["idea"].to_list()
    assert f"Of {len(table)} ideas {(table['verdict'] == 'kept').sum()} were kept" in last


def test_every_idea_has_sentences_and_a_verdict():
    table = pd.read_csv(TRIED, keep_default_na=False)
    assert not table["idea"].duplicated().any()
    assert table["tried"].str.endswith(".").all()
    assert table["figures"].str.endswith(".").all()
    assert set(table["verdict"].str.split(":").str[0]) == {"kept", "rejected", "finding"}
    assert not table.apply(lambda column: column.str.contains(r"[/\\|]").any()).any()


def test_the_data_hold_one_line_per_set_and_method(scored):
    table = accuracy.result_rows(scored, ratios(scored, ours=OURS))
    assert list(table.columns) == accuracy.COLUMNS
    own = table[table["is_ours"]].iloc[0]
    assert np.isnan(own["spl_ratio"])
    assert (table.loc[~table["is_ours"], "spl_ratio"] < 1).all()


def test_an_unknown_set_or_method_is_refused_by_name(capsys):
    ask = partial(accuracy.main, ["--sets", "CJ,moon"])
    with pytest.raises(SystemExit):
        ask()
    assert "--sets: moon" in capsys.readouterr().err

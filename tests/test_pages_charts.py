"""Figures: right numbers in the right marks, unknown as unknown, inert text, nothing remote."""

import json
from collections.abc import Callable

import numpy as np
import pages_samples as samples
import pandas as pd
import plotly.graph_objects as go
import pytest

from planner.pages import charts
from planner.pages.charts_supply import LARGEST
from planner.pages.theme import GREY, MAX_DRAWN, template
from planner.words import LANGS, say

HOSTILE = "<a href='https://evil.example'>click</a>"
FIGURES: dict[str, Callable[[str], go.Figure]] = {
    "reconciliation": lambda lang: charts.reconciliation(samples.files(), lang),
    "rejected_by_reason": lambda lang: charts.rejected_by_reason(samples.rejected(), lang),
    "daily_history": lambda lang: charts.daily_history(samples.daily(), lang),
    "hour_profile": lambda lang: charts.hour_profile(samples.hours(), lang),
    "hours_by_sku": lambda lang: charts.hours_by_sku(samples.hours(), samples.daily(), lang),
    "trail_steps": lambda lang: charts.trail_steps(samples.trail(), lang),
    "trail_by_sku": lambda lang: charts.trail_by_sku(samples.trail(), samples.daily(), lang),
    "demand_routes": lambda lang: charts.demand_routes(samples.lines(), lang),
    "phase_forecast": lambda lang: charts.phase_forecast(samples.forecast(), samples.draws(), lang),
    "sku_forecast": lambda lang: charts.sku_forecast(samples.forecast(), lang),
    "baseline_and_history": lambda lang: charts.baseline_and_history(
        samples.daily(), samples.baseline(), lang
    ),
    "uplift_ranges": lambda lang: charts.uplift_ranges(samples.uplift(), lang),
    "backtest": lambda lang: charts.backtest(samples.replay(), lang),
    "stock_plan": lambda lang: charts.stock_plan(samples.plan(), samples.position(), lang),
    "compare_rules": lambda lang: charts.compare_rules(samples.comparison(), lang),
    "lane_calendar": lambda lang: charts.lane_calendar(
        samples.options(), lang, scope=samples.scope()
    ),
    "cost_lines": lambda lang: charts.cost_lines(samples.costs(), lang),
    "forecast_against_actual": lambda lang: charts.forecast_against_actual(samples.outcome(), lang),
    "loss_split": lambda lang: charts.loss_split(samples.outcome(), lang),
}
TRIED_ELSEWHERE = {
    *("day_curve", "horizon_by_day"), *("horizon_ladder", "phase_ladder"), "record_by_event",
    *("price_locks", "worth_of_facts"),
    *("event_curve", "rest_ranges"),
    *("profit_waterfall", "regret_by_sku", "rule_days", "rules_by_profit"),
}  # fmt: skip
"""In test_pages_curve, _parts, _record, _plan_blocks, _review and _track."""
EMPTY: dict[str, go.Figure] = {
    "reconciliation": charts.reconciliation(samples.files().head(0), "en"),
    "rejected_by_reason": charts.rejected_by_reason(samples.rejected().head(0), "en"),
    "daily_history": charts.daily_history(samples.daily().head(0), "en"),
    "hour_profile": charts.hour_profile(samples.hours().head(0), "en"),
    "hours_by_sku": charts.hours_by_sku(samples.hours().head(0), samples.daily(), "en"),
    "trail_steps": charts.trail_steps(samples.trail().head(0), "en"),
    "trail_by_sku": charts.trail_by_sku(samples.trail().head(0), samples.daily(), "en"),
    "demand_routes": charts.demand_routes(samples.lines().head(0), "en"),
    "phase_forecast": charts.phase_forecast(samples.forecast().head(0), samples.draws(), "en"),
    "sku_forecast": charts.sku_forecast(samples.forecast().head(0), "en"),
    "baseline_and_history": charts.baseline_and_history(
        samples.daily().head(0), samples.baseline().head(0), "en"
    ),
    "uplift_ranges": charts.uplift_ranges(samples.uplift().head(0), "en"),
    "backtest": charts.backtest(samples.replay().head(0), "en"),
    "stock_plan": charts.stock_plan(samples.plan().head(0), samples.position().head(0), "en"),
    "compare_rules": charts.compare_rules(samples.comparison().head(0), "en"),
    "lane_calendar": charts.lane_calendar(samples.options().head(0), "en"),
    "cost_lines": charts.cost_lines(samples.costs().head(0), "en"),
    "forecast_against_actual": charts.forecast_against_actual(samples.outcome().head(0), "en"),
    "loss_split": charts.loss_split(samples.outcome().head(0), "en"),
}


def trace(figure: go.Figure, name: str) -> go.Scatter:
    return next(found for found in figure.data if found.name == name)


def notes(figure: go.Figure) -> str:
    return " ".join(str(note.text) for note in figure.layout.annotations)


def many_skus(frame: pd.DataFrame, count: int) -> pd.DataFrame:
    one = frame.head(1)
    return pd.concat(
        [one.assign(sku=f"SKU-{place:03d}") for place in range(count)], ignore_index=True
    )


def test_every_figure_of_the_notebooks_is_tried_here():
    assert sorted(FIGURES) == sorted(EMPTY)
    assert set(FIGURES) | TRIED_ELSEWHERE == set(charts.__all__)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_has_the_shared_look_a_height_and_no_title_and_speaks_both_languages(name: str):
    zh, en = (FIGURES[name](lang) for lang in LANGS)
    for figure in (zh, en):
        assert figure.layout.template == template()
        assert figure.layout.height > 120
        assert figure.layout.title.text is None
    assert zh.to_json() != en.to_json()


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_holds_plain_numbers_and_no_markup_but_line_breaks(name: str):
    text = FIGURES[name]("en").to_json()
    assert '"bdata"' not in text
    for markup in ("<b>", "<i>", "<a ", "<span", "http"):
        assert markup not in text.replace("\\u003c", "<")


@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_table_becomes_a_figure_that_says_so(name: str):
    assert len(EMPTY[name].data) == 0
    assert notes(EMPTY[name]) in {
        say(term, "en")
        for term in (
            *("empty.figure", "empty.files", "empty.rejected", "empty.backtest"),
            *("empty.track", "empty.outcome", "empty.loss"),
        )
    }


def test_a_sku_that_is_markup_stays_text():
    plan = samples.plan().replace({"sku": {"MOP-360-BLUE": HOSTILE}})
    position = samples.position().replace({"sku": {"MOP-360-BLUE": HOSTILE}})
    text = charts.stock_plan(plan, position, "en").to_json().replace("\\u003c", "<")
    assert "<a href" not in text
    assert "&lt;a href" in text


def test_at_most_thirty_skus_are_drawn_and_the_rest_is_counted():
    forecast = samples.forecast()
    many = many_skus(forecast[forecast["phase"] == "horizon"], 45)
    figure = charts.sku_forecast(many, "en")
    assert len(figure.layout.yaxis.categoryarray) == MAX_DRAWN
    assert "15 more SKUs" in notes(figure)
    replay = charts.backtest(many_skus(samples.replay(), 33), "en")
    assert "3 more" in notes(replay)


def test_two_skus_whose_names_begin_alike_keep_a_row_each():
    long = "A-VERY-LONG-SKU-NAME-THAT-IS-CUT-"
    replay = many_skus(samples.replay(), 2).assign(sku=[long + "1", long + "2"])
    names = charts.backtest(replay, "en").layout.yaxis.categoryarray
    assert len(set(names)) == 2


def test_a_sku_of_grade_d_has_a_range_but_no_dot():
    figure = charts.sku_forecast(samples.forecast(), "en")
    dots = {label for found in figure.data if found.mode == "markers" for label in found.y}
    assert {"FAN-USB", "GIFT-SET-A"} & dots == set()
    lines = trace(figure, say("chart.range_80", "en"))
    assert {"FAN-USB", "GIFT-SET-A"} < set(lines.y)


def test_a_sku_of_grade_d_is_ordered_as_a_range_without_bar_or_target():
    few = samples.plan().sort_values("target_units").head(LARGEST)
    figure = charts.stock_plan(few, samples.position(), "en")
    order = trace(figure, say("order_units", "en"))
    assert dict(zip(order.y, order.x, strict=True))["FAN-USB"] == 0
    assert "FAN-USB" not in trace(figure, say("target_units", "en")).y
    assert "FAN-USB" in trace(figure, say("chart.order_range", "en")).y


def test_an_order_of_many_skus_draws_the_largest_and_counts_the_others():
    plan = samples.plan()
    figure = charts.stock_plan(plan, samples.position(), "en")
    shown = plan.nlargest(LARGEST, "target_units")["sku"]
    assert len(plan) > LARGEST
    assert set(trace(figure, say("order_units", "en")).y) == set(shown)
    assert say("chart.left_out", "en", count=len(plan) - LARGEST) in str(figure.layout.annotations)


def test_phase_totals_add_up_over_skus():
    forecast = samples.forecast()
    figure = charts.phase_forecast(forecast, samples.draws(), "en")
    bar, left_out = figure.data[0], forecast.loc[forecast["grade"] == "D", "sku"].unique()
    draws = samples.draws()[~samples.draws()["sku"].isin(left_out)]
    sale = forecast[(forecast["phase"] == "sale") & (forecast["grade"] != "D")]
    place = [name.split("<br>")[0] for name in bar.x].index(say("phase.sale", "en"))
    assert bar.y[place] == round(sale["mean_units"].sum())
    total = np.sum(draws.loc[draws["phase"] == "sale", "draws"].to_list(), axis=0)
    assert bar.error_y.array[place] == pytest.approx(
        np.quantile(total, 0.9) - sale["mean_units"].sum(), abs=1
    )
    assert say("chart.without_d", "en", count=len(left_out)) in notes(figure)


def test_demand_before_the_event_is_grey_and_said_to_be_outside_the_total():
    forecast, draws = samples.forecast(), samples.draws()
    early = forecast[forecast["phase"] == "warm_up"].assign(phase="before")
    worlds = draws[draws["phase"] == "warm_up"].assign(phase="before")
    figure = charts.phase_forecast(pd.concat([early, forecast]), pd.concat([worlds, draws]), "en")
    names = list(figure.data[0].x)
    assert names[0].startswith("Before<br>(not in the total")
    assert figure.data[0].marker.color[0] == GREY
    assert say("chart.before_apart", "en") in notes(figure)


def test_days_out_of_stock_are_hollow_marks_and_promotions_named_bands():
    figure = charts.daily_history(samples.daily(), "en")
    out = trace(figure, say("is_stock_out", "en"))
    assert out.marker.symbol == "circle-open"
    days = samples.daily().query("is_stock_out")["day"].nunique()
    assert len(out.x) == days
    assert {note.text for note in figure.layout.annotations} == {"6.6", "9.9"}


def test_one_sku_can_be_drawn_alone():
    daily = samples.daily()
    line = charts.daily_history(daily, "en", sku="FAN-USB").data[0]
    assert sum(line.y) == daily.loc[daily["sku"] == "FAN-USB", "units"].sum()


def shown(figure: go.Figure, place: int = 0) -> list[go.Scatter]:
    """Return what a reader sees after picking from the list."""
    visible = figure.layout.updatemenus[0].buttons[place].args[0]["visible"]
    return [found for found, is_shown in zip(figure.data, visible, strict=True) if is_shown]


def test_the_ladder_starts_with_what_was_imported_and_ends_with_the_final_line():
    trail = samples.trail()
    bar = charts.trail_steps(trail, "en").data[0]
    assert bar.x[0] == trail["imported_units"].sum()
    assert bar.x[-1] == trail["final_units"].sum()
    lifted = list(bar.y).index(say("chart.trail.promo_units", "en"))
    assert bar.x[lifted] == -trail["promo_units"].sum()
    assert len(bar.y) == 9
    idle = list(bar.y).index(say("chart.trail.bundle_units", "en"))
    assert (bar.x[idle], bar.text[idle]) == (0, "0"), "a step that moves nothing is told as none"


def test_a_ladder_step_begins_where_the_one_before_it_ends():
    bar = charts.trail_steps(samples.trail(), "en").data[0]
    level = bar.x[0]
    for base, size, text in list(zip(bar.base, bar.x, bar.text, strict=True))[1:-1]:
        is_up = text.startswith("+")
        assert (base if is_up else base + size) == pytest.approx(level, abs=0.2)
        level = base + size if is_up else base
    assert level == pytest.approx(bar.x[-1], abs=0.2)


def test_the_reader_picks_one_sku_and_sees_its_imported_and_final_line():
    trail = samples.trail()
    figure = charts.trail_by_sku(trail, samples.daily(), "en")
    names = [button.label for button in figure.layout.updatemenus[0].buttons]
    assert names[0] == say("chart.all_skus", "en")
    place = names.index("MOP-360-BLUE")
    own = trail[trail["sku"] == "MOP-360-BLUE"]
    lines = {found.name: found for found in shown(figure, place)}
    assert sum(lines[say("chart.trail.final_units", "en")].y) == pytest.approx(
        own["final_units"].sum()
    )
    spike = lines[say("is_spike", "en")]
    assert (spike.x, spike.text) == (("2025-05-10",), ("05-10",))


def test_a_day_without_a_row_is_a_gap_and_moves_no_later_day():
    trail = samples.trail()
    own = trail[trail["sku"] == "MOP-360-BLUE"].sort_values("day")
    holes = own["day"].iloc[[10, 11, 12]]
    figure = charts.trail_by_sku(own[~own["day"].isin(holes)], samples.daily(), "en")
    line = next(
        found for found in shown(figure, 1) if found.name == say("chart.trail.final_units", "en")
    )
    assert line.x0 == f"{own['day'].iloc[0]:%Y-%m-%d}"
    assert len(line.y) == len(own)
    assert [place for place, value in enumerate(line.y) if value is None] == [10, 11, 12]
    assert line.y[-1] == pytest.approx(own["final_units"].iloc[-1], abs=0.05)


def test_days_that_lacked_stock_are_the_fuller_the_likelier():
    figure = charts.trail_by_sku(samples.trail(), samples.daily(), "en")
    place = [button.label for button in figure.layout.updatemenus[0].buttons].index("AIRFRYER-4L")
    out = next(found for found in shown(figure, place) if found.name == say("is_stock_out", "en"))
    assert set(out.marker.opacity) == {0.9}
    assert len(out.x) == 6


def test_promotions_of_a_picked_sku_are_named_bands():
    figure = charts.trail_by_sku(samples.trail(), samples.daily(), "en")
    band = next(found for found in shown(figure, 1) if found.mode == "text")
    assert set(band.text) == {"6.6", "9.9"}


def test_only_the_first_skus_can_be_picked_and_the_rest_is_counted():
    figure = charts.trail_by_sku(samples.trail(), samples.daily(), "en", most=5)
    assert len(figure.layout.updatemenus[0].buttons) == 1 + 5
    assert "9 more" in notes(figure)


def test_the_shop_comes_before_its_skus_in_the_list_of_hours():
    figure = charts.hours_by_sku(samples.hours(), samples.daily(), "en")
    names = [button.label for button in figure.layout.updatemenus[0].buttons]
    assert names == [samples.SHOP, "MOP-360-BLUE", "MOP-360-GREY"]
    assert len(shown(figure, 1)[0].y) == 24


def test_a_route_that_the_export_does_not_say_is_named_as_such_and_shares_add_up():
    bar = charts.demand_routes(samples.lines(), "en").data[0]
    told = dict(zip(bar.y, bar.x, strict=True))
    unsaid = f"{say('source', 'en')} · {say('chart.not_said', 'en')}"
    live = f"{say('source', 'en')} · {say('source.live', 'en')}"
    assert told[unsaid] + told[live] == pytest.approx(1, abs=1e-3)


def test_modes_that_come_too_late_are_grey_and_say_so():
    figure = charts.lane_calendar(samples.options(), "en", scope=samples.scope())
    leg = figure.data[0]
    late = [name for name in leg.y if "too late" in name]
    assert len(late) == 1
    grey = dict(zip(leg.y, leg.marker.color, strict=True))[late[0]]
    assert [colour for colour in leg.marker.color if colour == grey] == [grey]
    assert "2025-09-16" in notes(figure)


def test_an_unknown_cost_is_written_as_unknown_and_a_partly_known_one_counts_what_lacks():
    bar = charts.cost_lines(samples.costs(), "en").data[0]
    told = dict(zip(bar.y, bar.text, strict=True))
    assert told[say("cost.clearance", "en")] == "unknown"
    assert "SKUs unknown: 2" in told[say("cost.storage", "en")]


def test_rules_sum_what_is_known_and_say_what_is_not():
    some = samples.comparison()
    blind = (some["sku"] == "FAN-USB") & (some["rule"] == "profit")
    some.loc[blind, "expected_profit"] = np.nan
    figure = charts.compare_rules(some, "en")
    assert say("chart.no_profit", "en", count=1) in notes(figure).replace(";<br>", "; ")
    rest = some[some["sku"] != "FAN-USB"].groupby("rule")["expected_profit"].sum()
    assert figure.data[1].text == tuple(
        f"{rest[rule]:,.0f}" for rule in ("profit", "service_level", "extremes")
    )
    whole = charts.compare_rules(samples.comparison(), "en")
    assert "no known profit" not in notes(whole)
    nothing = charts.compare_rules(some.assign(expected_profit=np.nan), "en")
    assert nothing.data[1].text == ("unknown",) * 3


def test_demand_in_the_review_is_what_was_sold_and_what_was_missed():
    outcome = samples.outcome()
    figure = charts.forecast_against_actual(outcome, "en")
    drawn = sum(sum(found.y) for found in figure.data if found.mode == "markers")
    known = outcome[outcome["forecast_units"].notna()]
    assert drawn == pytest.approx((known["actual_units"] + known["lost_units"]).sum(), abs=7)


def test_the_same_tables_give_the_same_bytes():
    one, other = (FIGURES["sku_forecast"]("zh").to_json() for _ in range(2))
    assert json.loads(one) == json.loads(other)
    assert one == other

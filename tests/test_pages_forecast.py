"""Tables of notebook 02: what a change is called, whose ratio it is, ranges of sums."""

import numpy as np
import pages_samples as samples
import pandas as pd

from planner import tables
from planner.pages import charts, forecast_blocks, marks, picks, worlds
from planner.words import say


def column(block: object, name: str) -> list[str]:
    place = [head["name"] for head in block.data["columns"]].index(name)
    return [row[place]["text"] for row in block.data["rows"]]


def test_a_sku_that_people_changed_says_so_and_the_others_do_not():
    forecast = samples.forecast()
    forecast = forecast.assign(model_mean_units=forecast["mean_units"])
    at = forecast.index[(forecast["phase"] == "horizon") & (forecast["sku"] == samples.SKUS[0])]
    forecast.loc[at, "model_mean_units"] += 40.0
    told = column(forecast_blocks.sku_table(forecast, "zh"), "grade_reason")
    assert [text.endswith("；已人工调整") for text in told].count(True) == 1


def test_a_ratio_that_leans_on_others_is_not_called_its_own():
    uplift = samples.uplift().head(2).assign(source="sku", own_weight=[0.014, 0.5])
    told = column(forecast_blocks.uplift_table(uplift, "en"), "source")
    assert told == [say("source.mixed", "en"), say("source.sku", "en")]


def test_an_override_of_all_categories_says_all():
    row = dict.fromkeys(("shop", "market", "category"), "") | {"row": 2, "sku": "A"}
    row |= {"phase": "sale", "change": "+20", "owner": "Li", "override_reason": "live"}
    row |= {"expires_on": pd.Timestamp("2025-12-01"), "status": "applied", "n_skus": 1}
    units = dict.fromkeys(("model_units", "given_units", "planned_units", "difference_units"), 1.0)
    effects = pd.DataFrame([row | units | {"reason": "override.applied"}])
    block = forecast_blocks.override_table(tables.checked(tables.OverrideEffects, effects), "zh")
    assert column(block, "category") == ["全部"]
    assert column(block, "sku") == ["A"]


def test_the_range_of_a_phase_is_that_of_its_worlds_added_up():
    one = np.arange(0.0, 101.0)
    draws = pd.DataFrame({"market": "TH", "phase": "sale", "draws": [one, one[::-1]]})
    row = worlds.phase_ranges(draws).loc[("TH", "sale")]
    assert row.to_list() == [100.0, 100.0, 100.0]
    apart = pd.DataFrame({"market": "TH", "phase": "sale", "draws": [one, one]})
    assert worlds.phase_ranges(apart).loc[("TH", "sale")].to_list() == [100.0, 20.0, 180.0]


def test_shops_that_begin_alike_are_told_by_what_differs_where_room_is_short():
    shops = ["qiaojiang-tiktok", "qiaojiang-shopee"]
    frame = pd.DataFrame({"sku": "ID-GD-002", "shop": shops})
    assert marks.series_names(frame).to_list() == ["ID-GD-002 · tiktok", "ID-GD-002 · shopee"]
    assert picks.names_of([(shop, "ID", "ID-GD-002") for shop in shops]) == [
        "ID-GD-002 · tiktok",
        "ID-GD-002 · shopee",
    ]
    near = pd.DataFrame({"sku": "A", "shop": ["a-one", "a-two"]})
    assert marks.series_names(near).to_list() == ["A · a-one", "A · a-two"]


def phases() -> object:
    return forecast_blocks.phase_table(
        samples.forecast(), samples.draws(), samples.baseline(), samples.uplift(), "en"
    )


def test_the_phase_table_leaves_out_grade_d_as_the_headline_does():
    forecast = samples.forecast()
    sure = forecast[(forecast["grade"] != "D") & (forecast["phase"] == "sale")]
    told = dict(zip(column(phases(), "phase"), column(phases(), "mean_units"), strict=True))
    assert float(told["Sale"].replace(",", "")) == round(sure["mean_units"].sum())
    assert list(told) == [name for name in ("Warm-up", "Sale", "Tail", "After") if name in told]


def test_each_phase_says_what_it_is_made_of_and_a_single_market_is_not_named():
    assert all("ordinary days" in text for text in column(phases(), "made_from"))
    assert "market" not in [head["name"] for head in phases().data["columns"]]


def test_a_ratio_that_rests_on_own_past_in_part_is_told_with_that_part():
    own = samples.uplift().assign(own_weight=0.48)
    tables_of = (samples.forecast(), samples.draws(), samples.baseline())
    told = {
        row: dict(zip(column(block, "phase"), column(block, "made_from"), strict=True))["Sale"]
        for row, block in (
            ("in part", forecast_blocks.phase_table(*tables_of, own, "en")),
            ("none", forecast_blocks.phase_table(*tables_of, own.assign(own_weight=0.0), "en")),
        )
    }
    assert "48% on average rests on the SKUs' own past promotions" in told["in part"]
    assert "past promotions of their own weigh nothing" in told["none"]


def test_a_seller_of_grade_d_alone_has_one_sentence_instead_of_phases():
    unsure = samples.forecast().assign(grade="D")
    block = forecast_blocks.phase_table(
        unsure, samples.draws(), samples.baseline(), samples.uplift(), "en"
    )
    assert (block.data["rows"], block.data["empty"]) == ([], say("empty.all_d", "en"))
    figure = charts.phase_forecast(unsure, samples.draws(), "en")
    assert say("empty.all_d", "en") in figure.layout.annotations[0].text


def test_what_is_empty_is_one_sentence_and_no_box():
    blank = {
        "empty.overrides": forecast_blocks.override_table(
            tables.empty(tables.OverrideEffects), "en"
        ),
        "empty.order_caps": forecast_blocks.cap_table(tables.empty(tables.OrderCaps), "en"),
        "empty.findings": forecast_blocks.file_remarks(tables.empty(tables.Findings), "en"),
    }
    told = {term: (block.kind, block.data["text"]) for term, block in blank.items()}
    assert told == {term: ("note", say(term, "en")) for term in blank}
    assert forecast_blocks.forecast_remarks(tables.empty(tables.Findings), "en") is None


def test_what_drives_demand_is_told_in_words_where_a_remark_has_no_file():
    facts = "driver=live_hours|phases=sale"
    row = pd.DataFrame([("drivers", "W_DRIVER_UNMOVED", facts)], columns=["file", "code", "facts"])
    told = column(forecast_blocks.file_remarks(row, "zh"), "file")
    assert told == ["直播、投流、流量的计划和往期"]


def test_a_feast_in_the_horizon_is_named_with_its_days_beside_the_answer():
    facts = "market=ID|feast=feast.ramadan|start=2026-02-19|end=2026-03-20|count=0|days=200"
    row = pd.DataFrame([("Forecast", "W_FEAST_UNSEEN", facts)], columns=["file", "code", "facts"])
    told = column(forecast_blocks.forecast_remarks(row, "en"), "remark")
    assert told[0].startswith("Indonesia: the horizon touches Ramadan (2026-02-19 to 2026-03-20")

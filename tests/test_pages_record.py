"""The record as a reader sees it: the sentence, what is added to it, the table, the figure."""

import pages_samples as samples
import pandas as pd
import pytest

from planner import tables
from planner.demand.record import record_of
from planner.pages import charts_record, headline, record_blocks
from planner.words import say


def a_record(events: int = 4, *, bias: float = 0.0, rule: float = 2.0) -> pd.DataFrame:
    """Return the record of so many events; ours off by `bias`, the rule at `rule` times."""
    first = samples.replay()
    parts = [
        first.assign(
            event=f"{month}.{month}",
            starts_on=pd.Timestamp(2025, month, month),
            past_events=month,
            mean_units=first["actual_units"] * (1 + bias),
            rule_units=first["actual_units"] * rule,
            naive_units=first["actual_units"] * 0.4,
        )
        for month in range(1, events + 1)
    ]
    return record_of(tables.checked(tables.Backtest, pd.concat(parts)))


def sentence(record: pd.DataFrame, lang: str = "en") -> str:
    return record_blocks.record_card(record, lang).data["sentence"]


def test_the_sentence_tells_events_windows_and_the_error_of_each_method():
    told = sentence(a_record(4, bias=0.05))
    for fact in ("4", "56 SKU forecasts", "missed by 5%", "rule by 100%", "repeated by 60%"):
        assert fact in told
    assert "过去 4 场大促" in sentence(a_record(4), "zh")


def test_a_record_off_in_one_direction_says_which_and_by_how_much():
    assert "20% too much" in sentence(a_record(bias=0.2))
    assert "20% too little" in sentence(a_record(bias=-0.2))
    assert "too" not in sentence(a_record(bias=0.05))


def test_a_method_that_lost_to_the_spreadsheet_says_so():
    assert "rule was closer" in sentence(a_record(bias=0.08, rule=1.01))
    assert "rule was closer" not in sentence(a_record(bias=0.08, rule=1.5))


@pytest.mark.parametrize(("events", "is_few"), [(1, True), (2, True), (3, False)])
def test_few_events_are_called_few(events: int, is_few: bool):
    assert ("proves nothing" in sentence(a_record(events))) is is_few


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_a_replay_the_card_says_what_is_needed(lang: str):
    card = record_blocks.record_card(tables.empty(tables.Record), lang)
    assert "28" in card.data["sentence"]
    assert card.data["numbers"] == []
    assert card.data["tone"] == "early"
    assert record_blocks.record_table(tables.empty(tables.Record), lang) is None
    assert charts_record.record_by_event(tables.empty(tables.Record), lang) is None


def test_the_card_says_how_far_ahead_it_looked_and_what_is_summed():
    card = record_blocks.record_card(a_record(4), "en", lead_days={"TH": 42, "US": 57})
    assert "42\u201357 days ahead" in card.data["sentence"]
    assert "warm-up to tail" in card.data["sentence"]


def test_past_promotions_that_cannot_be_replayed_are_counted_with_the_reason():
    none = tables.empty(tables.Record)
    card = record_blocks.record_card(none, "en", lead_days={"ID": 46}, past_events=2)
    assert card.data["sentence"].startswith("There are 2 past promotions, but 46 days before")
    zh = record_blocks.record_card(none, "zh", lead_days={"ID": 46}, past_events=1)
    assert zh.data["sentence"].startswith("有 1 场往期大促，但要提前 46 天")


def test_a_gain_is_told_in_points_and_not_as_a_share():
    table = record_blocks.record_table(a_record(4, bias=0.1), "en").data
    assert table["first"] == 3  # ours, the rule, last week; the slices once a reader asks
    assert table["show_all"]
    place = [column["label"] for column in table["columns"]].index("Gain over spreadsheet")
    assert table["rows"][0][place]["text"] == "90.0 pp"


def test_the_table_leaves_out_slices_that_repeat_the_whole():
    rows = record_blocks.record_table(a_record(4), "en").data["rows"]
    names = [row[0]["text"] for row in rows]
    assert names == [
        *["All"] * 3, *["1 past promotion"] * 3, *["2 past promotions"] * 3,
        *["3 or more past promotions"] * 3,
    ]  # fmt: skip


def test_a_method_without_ranges_has_none_rather_than_an_unknown_one():
    table = record_blocks.record_table(a_record(4), "en").data
    place = [column["label"] for column in table["columns"]].index("In 80% range")
    assert [row[place]["text"] for row in table["rows"][:3]] == ["71.4%", "no range", "no range"]


def test_the_figure_has_a_bar_per_method_and_event_in_the_order_they_came():
    figure = charts_record.record_by_event(a_record(3, bias=0.1, rule=5.0), "zh")
    assert [bar.name for bar in figure.data] == ["本方法", "表格算法", "照搬上周"]
    assert [name.split("<br>")[:3] for name in figure.data[0].x] == [
        [f"{month}.{month}", "2025", f"0{month}-0{month}"] for month in (1, 2, 3)
    ]
    assert list(figure.data[0].y) == [0.1, 0.1, 0.1]
    assert list(figure.data[1].y) == [charts_record.TOP_RATE] * 3
    assert figure.data[1].text[0] == "400%"


def test_where_no_forecast_stands_below_the_warning_speaks_of_the_forecast():
    lost = a_record(4, bias=0.3, rule=1.0)
    assert "figures below" in record_blocks.record_sentence(lost, "en")
    told = record_blocks.record_sentence(lost, "en", shows_figures=False)
    assert "figures below" not in told
    assert "before you order" in told


def test_a_record_of_one_event_is_told_in_the_singular():
    assert "Over 1 past promotion (" in sentence(a_record(1))


def test_the_headline_names_the_record_and_once_that_there_is_none():
    told = samples.forecast(), samples.draws()
    block = headline.forecast_headline(*told, samples.replay(), "en", record=a_record(4, bias=0.05))
    assert say("head.record", "en") in [number["label"] for number in block.data["numbers"]]
    assert any(number["value"] == "5%" for number in block.data["numbers"])
    none = tables.empty(tables.Record)
    bare = headline.forecast_headline(*told, samples.replay().head(0), "en", record=none)
    notes = [number["note"] for number in bare.data["numbers"]]
    assert notes.count(say("head.not_tried", "en")) == 1
    assert len(notes) == 3


@pytest.mark.parametrize(("lang", "name"), [("zh", "黑五"), ("en", "Black Friday")])
def test_an_event_of_the_calendar_is_drawn_by_its_name_and_one_of_a_seller_by_its_own(lang, name):
    record = a_record(2)
    is_first = record["value"].str.endswith("1.1")
    record["value"] = record["value"].mask(is_first, "2024-11-28 2024-black-friday")
    bars = charts_record.record_by_event(record, lang).data[0].x
    assert [bar.split("<br>")[0] for bar in bars] == [name, "2.2"]

"""The record as a reader sees it: the sentence, what is added to it, the table, the figure."""

import pages_samples as samples
import pandas as pd
import pytest

from planner import tables
from planner.demand.record import record_of
from planner.pages import charts_record, record_blocks


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
    assert record_blocks.record_table(tables.empty(tables.Record), lang).data["empty"]
    assert charts_record.record_by_event(tables.empty(tables.Record), lang).layout.annotations


def test_the_table_leaves_out_slices_that_repeat_the_whole():
    rows = record_blocks.record_table(a_record(4), "en").data["rows"]
    names = [row[0]["text"] for row in rows]
    assert names == [
        *["All"] * 3, *["1 past promotions"] * 3, *["2 past promotions"] * 3,
        *["3 or more past promotions"] * 3,
    ]  # fmt: skip


def test_a_method_without_ranges_has_none_rather_than_an_unknown_one():
    table = record_blocks.record_table(a_record(4), "en").data
    place = [column["label"] for column in table["columns"]].index("In 80% range")
    assert [row[place]["text"] for row in table["rows"][:3]] == ["71.4%", "no range", "no range"]


def test_the_figure_has_a_bar_per_method_and_event_in_the_order_they_came():
    figure = charts_record.record_by_event(a_record(3, bias=0.1, rule=5.0), "zh")
    assert [bar.name for bar in figure.data] == ["本方法", "表格算法", "照搬上周"]
    assert [name.split("<br>")[1] for name in figure.data[0].x] == [
        "2025-01-01", "2025-02-02", "2025-03-03",
    ]  # fmt: skip
    assert list(figure.data[0].y) == [0.1, 0.1, 0.1]
    assert list(figure.data[1].y) == [charts_record.TOP_RATE] * 3
    assert figure.data[1].text[0] == "400.0%"

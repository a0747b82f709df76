"""Blocks: tables, alerts, notes and measures as data, as HTML for JupyterLab, as plain text."""

import json

import numpy as np
import pages_samples as samples
import pandas as pd
import pytest

from planner.errors import ConfigError
from planner.pages.blocks import (
    BLOCK_MIMETYPE,
    Block,
    show_alerts,
    show_measures,
    show_note,
    show_rejected,
    show_table,
)
from planner.words import say

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def _words(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {f"{kind}.E_QTY": ("不对", "not right") for kind in ("reject", "remedy")}
    samples.teach(monkeypatch, {**wrong, "note.t": ("共 {n} 个", "{n} in all")})


def texts(block: Block, name: str) -> list[str]:
    place = [column["name"] for column in block.data["columns"]].index(name)
    return [row[place]["text"] for row in block.data["rows"]]


def labels(block: Block) -> list[str]:
    return [column["name"] for column in block.data["columns"]]


def test_a_block_is_pure_json_and_escaped_html_and_plain_text():
    frame = pd.DataFrame({"sku": [HOSTILE, "B"], "order_units": [1, 2]})
    bundle = show_table(frame, "en")._repr_mimebundle_()
    assert json.loads(json.dumps(bundle[BLOCK_MIMETYPE]))["kind"] == "table"
    assert HOSTILE not in bundle["text/html"]
    assert "&lt;img src=x" in bundle["text/html"]
    assert "B | 2" in bundle["text/plain"]


def test_no_html_of_a_block_names_an_address():
    html = show_table(samples.plan(), "zh")._repr_mimebundle_()["text/html"]
    assert "http" not in html
    assert "url(" not in html


def test_a_kind_that_no_template_draws_is_refused():
    with pytest.raises(ConfigError, match="chart"):
        Block("chart", {})


def test_headings_bear_unit_meaning_and_side():
    block = show_table(samples.plan(), "en", columns=["sku", "order_units", "service_level"])
    sku, order, level = block.data["columns"]
    assert (sku["align"], order["align"]) == ("left", "right")
    assert order["unit"] == say("unit.units", "en")
    assert level["meaning"] != ""


def test_a_column_without_a_heading_is_an_error():
    with pytest.raises(ConfigError, match="mystery"):
        show_table(pd.DataFrame({"mystery": [1]}), "en")


def test_one_currency_stands_in_the_heading_and_several_stand_in_the_cells():
    frame = pd.DataFrame({"sku": ["A", "B"], "risk_cost": [1.5, 2.0], "currency": ["CNY", "CNY"]})
    one = show_table(frame, "en", columns=["sku", "risk_cost"])
    assert one.data["columns"][1]["unit"] == "CNY"
    assert texts(one, "risk_cost") == ["1.50", "2.00"]
    two = show_table(frame.assign(currency=["CNY", "THB"]), "en", columns=["sku", "risk_cost"])
    assert texts(two, "risk_cost") == ["CNY 1.50", "THB 2.00"]


def test_money_of_one_column_has_the_same_decimals_everywhere():
    frame = pd.DataFrame({"sku": ["A", "B"], "risk_cost": [1500.4, 2.25]})
    assert texts(show_table(frame, "en"), "risk_cost") == ["1,500", "2"]


def test_minor_units_are_told_with_the_decimals_of_their_currency():
    block = show_table(samples.files(), "en", columns=["file", "in_minor"])
    assert texts(block, "in_minor")[0] == "9,123,456.50"
    assert block.data["columns"][1]["unit"] == "THB"


def test_unknown_is_a_word_in_a_cell_that_sorts_as_nothing():
    frame = pd.DataFrame({"sku": ["A", "B"], "unit_cost": [np.nan, 2.0]})
    first = show_table(frame, "zh").data["rows"][0][1]
    assert first == {"text": "未知", "tone": "unknown", "sort": None}


def test_a_row_of_grade_d_shows_its_range_and_no_single_number():
    block = show_table(
        samples.plan(), "en", columns=["sku", "grade", "demand_units", "order_units"]
    )
    assert texts(block, "grade")[-1] == "D"
    assert texts(block, "order_units")[-1] == "100\u2013252"
    assert texts(block, "demand_units")[-1] == "\u2013"
    assert texts(block, "order_units")[0] == "2,376"


def test_stock_that_nobody_counted_is_unknown_and_not_the_number_it_stands_as():
    block = show_table(samples.position(), "en")
    assert texts(block, "available_units")[-1] == "unknown"
    assert texts(block, "demand_before_units")[-1] == "110"


def test_a_shop_that_is_the_same_in_every_row_of_skus_is_left_out():
    columns = ["shop", "market", "sku", "day", "units"]
    one = samples.daily().head(6)
    assert labels(show_table(one, "en", columns=columns)) == ["sku", "day", "units"]
    two = one.assign(shop=["a", "b"] * 3)
    assert "shop" in labels(show_table(two, "en", columns=columns))


def test_rows_beyond_the_limit_are_counted():
    block = show_table(samples.plan(), "en", columns=["sku"], rows=5)
    assert len(block.data["rows"]) == 5
    assert "9" in block.data["more"]


def test_rows_become_cards_on_a_phone_with_clock_and_money_marked_only_where_asked():
    plan = samples.plan()
    html = show_table(plan, "en", columns=["sku", "order_units", "expected_profit"])
    assert 'class="on-cards"' not in html._repr_mimebundle_()["text/html"]
    asked = show_table(plan, "en", columns=["sku", "order_units", "expected_profit"],
                       cards_on_phone=True)  # fmt: skip
    assert [head["brief"] for head in asked.data["columns"]] == [False, False, True]
    text = asked._repr_mimebundle_()["text/html"]
    assert 'class="on-cards"' in text
    assert f'data-label="{say("order_units", "en")}' in text


def test_an_empty_table_keeps_its_headings_and_says_so():
    block = show_table(samples.plan().head(0), "zh", columns=["sku", "order_units"])
    assert labels(block) == ["sku", "order_units"]
    assert block.data["empty"] == say("empty.table", "zh")


def test_numbers_sort_by_value_and_days_by_their_text():
    frame = pd.DataFrame(
        {"sku": ["A"], "order_units": [12], "ship_by": [pd.Timestamp("2025-09-20")]}
    )
    assert [cell["sort"] for cell in show_table(frame, "en").data["rows"][0]] == [None, 12.0, None]


def test_real_losses_stand_before_rows_that_are_no_loss():
    block = show_rejected(samples.rejected(), "en", rows=3)
    assert texts(block, "code") == ["not right"] * 3
    assert texts(block, "remedy") == ["not right"] * 3
    assert "130" in block.data["more"]


def test_rows_that_nobody_can_mend_stand_behind_those_that_can():
    codes = ["E_REPEATED_HEADER", "E_DUPLICATE", "E_QTY"]
    rejected = samples.rejected().head(3).assign(code=codes)
    assert texts(show_rejected(rejected, "en"), "code")[0] == "not right"


def test_a_cell_of_long_text_is_marked_by_its_width_so_that_a_phone_gives_it_room():
    short, long = (
        show_rejected(samples.rejected().head(1).assign(code="E_DUPLICATE", value=text), "zh")
        for text in ("请按平台原格式导出并核对", "请按平台原格式导出并核对吧")
    )
    marks = [block._repr_mimebundle_()["text/html"].count("is-text") for block in (short, long)]
    assert marks[1] == marks[0] + 1


def test_many_hidden_rows_are_told_with_a_separator():
    many = pd.concat([samples.rejected()] * 30, ignore_index=True)
    assert show_rejected(many, "en").data["more"].startswith("3,790 more rows")


def test_alerts_stand_gravest_first_with_what_to_do_until_when_and_money():
    block = show_alerts(samples.alerts(), "en")
    assert [item["severity"] for item in block.data["items"]] == ["stop", "stop", "warn", "note"]
    first = block.data["items"][0]
    assert first["text"] == "Papers are missing; 12 days to get."
    assert first["do"] == "Get the papers, then confirm the order."
    assert (first["act_by"], first["risk"]) == ("2025-09-20", "CNY 84,200")
    assert "VACUUM-MINI" in first["where"]
    assert block.data["counts"][0]["count"] == 2


def test_money_at_risk_that_is_unknown_is_left_away_and_not_zero():
    risks = [item["risk"] for item in show_alerts(samples.alerts(), "en").data["items"]]
    assert risks == ["CNY 84,200", "", "CNY 12,600", ""]


def test_an_alert_without_words_names_the_missing_term():
    alerts = samples.alerts().assign(code="nobody_wrote_this")
    with pytest.raises(ConfigError, match="nobody_wrote_this"):
        show_alerts(alerts, "en")


def test_no_alerts_is_said_in_words():
    assert show_alerts(samples.alerts().head(0), "en").data["empty"] == say("empty.alerts", "en")


def test_a_note_is_its_sentence():
    assert show_note("note.t", "en", n=3).data["text"] == "3 in all"


def test_measures_are_told_by_their_unit():
    items = {item["label"]: item for item in show_measures(samples.measures(), "en").data["items"]}
    assert items["Forecast error"]["value"] == "21.3%"
    assert items["Forecast bias"]["value"] == "\u22124.2%"
    assert items["Turnover"]["value"] == "1.83"
    assert items["Cost of stock-outs"] == {
        "label": "Cost of stock-outs",
        "value": "unknown",
        "unit": "",
        "note": "",
        "meaning": "",
        "tone": "unknown",
    }
    money = samples.measures().assign(value=1234.0, unit="CNY").head(1)
    tile = show_measures(money, "en").data["items"][0]
    assert (tile["value"], tile["unit"]) == ("1,234", "CNY")


def test_what_a_lane_charges_for_bears_its_unit():
    one = show_table(samples.ship(), "en", columns=["sku", "chargeable"])
    assert one.data["columns"][1]["unit"] == "kg"
    two = samples.ship().head(2).assign(rate_unit=["kg", "cbm"], chargeable=[12.0, 3.5])
    block = show_table(two, "en", columns=["sku", "chargeable"])
    assert block.data["columns"][1]["unit"] == ""
    assert texts(block, "chargeable") == ["12.00 kg", "3.50 m\u00b3"]


def test_a_blocked_sku_shows_no_safety_stock_and_another_may_show_less_than_none():
    plan = samples.plan().head(2).assign(is_blocked=[True, False], safety_units=[-40.0, -7.0])
    assert texts(show_table(plan, "en"), "safety_units") == ["\u2013", "\u22127"]


def test_an_alert_tells_codes_in_words():
    alerts = samples.alerts().head(1).assign(facts="days=reject.E_DATE;reject.E_QTY")
    (card,) = show_alerts(alerts, "en").data["items"]
    assert "E_" not in card["text"]
    assert say("reject.E_DATE", "en") in card["text"]

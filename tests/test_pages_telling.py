"""How single values are told: numbers by column, unknown, words, sentences with facts."""

import numpy as np
import pandas as pd
import pytest
from pages_samples import teach

from planner.errors import ConfigError
from planner.pages.kinds import kind_of, tell_text
from planner.pages.reasons import tell_reason, tell_sentence
from planner.pages.telling import heading, minor_digits, tell, tell_missing, tell_number, tell_range
from planner.seller import Policy
from planner.supply.quantity.size_reasons import order_reason
from planner.words import say


@pytest.fixture(autouse=True)
def _words(monkeypatch: pytest.MonkeyPatch) -> None:
    teach(
        monkeypatch,
        {
            "reason.t_by": ("{mode}最迟{ship_by}发货", "{mode} by {ship_by}"),
            "reason.t_share": (
                "占 {rate:.0%}，{units:,.0f} 件",
                "{rate:.0%} of {units:,.0f} units",
            ),
            "reason.t_money": ("每件 {loss:,.2f}", "{loss:,.2f} each"),
            "reason.t_cost": ("{term}未知", "{term} unknown"),
            "reason.t_plain": ("够用", "enough"),
            "own_column.none": ("没有", "none of it"),
        },
    )


@pytest.mark.parametrize(
    ("value", "column", "told"),
    [
        (1234.4, "order_units", "1,234"),
        (0.4, "lost_units", "<1"),
        (0.0, "lost_units", "0"),
        (2.34, "level_units", "2.3"),
        (0.1534, "return_rate", "15.3%"),
        (0.95, "service_level", "95.0%"),
        (-0.042, "bias_rate", "\u22124.2%"),
        (1.256, "uplift_ratio", "1.26"),
        (12345.678, "freight_cost", "12,346"),
        (12.5, "unit_cost", "12.50"),
        (3.0, "lead_days", "3"),
        (3.25, "lead_days", "3.2"),
        (-7, "slack_days", "\u22127"),
        (12.34, "weight_kg", "12.3"),
        (0.0123, "volume_cbm", "0.012"),
        (684, "units_to_date", "684"),
    ],
)
def test_a_column_name_says_how_its_numbers_are_rounded(value: float, column: str, told: str):
    assert tell_number(value, column, "en") == told


def test_money_bears_its_currency_and_minor_units_their_own_decimals():
    assert tell_number(1234567, "in_minor", "en", "THB") == "THB 12,345.67"
    assert tell_number(1234567, "in_minor", "en", "VND") == "VND 1,234,567"
    assert tell_number(84200.0, "risk_cost", "en", "CNY") == "CNY 84,200"


def test_minor_units_of_a_currency_nobody_exports_are_refused_by_name():
    with pytest.raises(ConfigError, match="XAU"):
        minor_digits("XAU")


@pytest.mark.parametrize("value", [float("nan"), None, pd.NaT, pd.NA, np.nan])
@pytest.mark.parametrize("column", ["order_units", "unit_cost", "ship_by", "is_covered", "mode"])
def test_what_is_missing_is_called_unknown_and_never_zero_or_blank(value: object, column: str):
    assert tell(value, column, "zh") == "未知"
    assert tell(value, column, "en") == "unknown"


def test_a_column_may_have_its_own_word_for_none():
    assert tell_missing("own_column", "en") == "none of it"


def test_days_flags_and_words_are_told_in_the_language():
    assert tell(pd.Timestamp("2025-09-20 11:30"), "ship_by", "zh") == "2025-09-20"
    assert tell(pd.Timestamp("2025-09-20 11:30"), "paid_at", "zh") == "2025-09-20 11:30"
    assert [tell(np.True_, "is_covered", "zh"), tell(False, "is_covered", "en")] == ["是", "no"]
    assert tell("sale", "phase", "zh") == say("phase.sale", "zh")


def test_a_value_without_a_word_stays_as_it_is():
    assert tell("home-th", "shop", "zh") == "home-th"
    assert tell("teleport", "mode", "en") == "teleport"


def test_control_and_direction_characters_cannot_hide_in_a_text():
    assert tell_text("A\u202egnp.exe\x07") == "A\ufffdgnp.exe\ufffd"


def test_a_range_of_one_value_is_told_once():
    assert tell_range(10, 20, "_units", "en") == "10\u201320"
    assert tell_range(0, 0, "_units", "en") == "0"


def test_a_reason_is_its_sentence_with_facts_translated():
    text = "reason.t_by|mode=sea|ship_by=2025-09-20 00:00:00"
    assert tell_reason(text, "en") == f"{say('mode.sea', 'en')} by 2025-09-20"
    assert tell_reason("reason.t_cost|term=duty", "zh") == f"{say('cost.duty', 'zh')}未知"


def test_number_formats_of_a_sentence_apply_to_facts_that_came_as_text():
    assert tell_reason("reason.t_share|rate=0.153|units=1234.0", "en") == "15% of 1,234 units"


def test_a_fact_that_is_not_known_is_called_unknown():
    assert tell_reason("reason.t_share|rate=nan|units=", "en") == "unknown of unknown units"


def test_several_reasons_are_joined_and_a_semicolon_in_a_fact_parts_nothing():
    assert tell_reason("reason.t_plain;reason.t_cost|term=duty", "en") == (
        f"enough; {say('cost.duty', 'en')} unknown"
    )
    assert "A;B" in tell_reason("reason.t_by|mode=A;B|ship_by=x", "en")


def test_a_fact_named_like_an_argument_or_holding_braces_does_no_harm():
    assert tell_reason("reason.t_cost|term={0.__class__}|lang=en", "en") == "{0.__class__} unknown"


def test_a_sentence_that_lacks_a_fact_names_it():
    with pytest.raises(ConfigError, match="ship_by"):
        tell_reason("reason.t_by|mode=sea", "en")


def test_a_text_that_is_no_term_comes_back_as_it_is():
    assert tell_reason("typed by hand", "zh") == "typed by hand"


def test_a_heading_without_words_is_an_error_and_not_a_fallback():
    with pytest.raises(ConfigError, match="no_such_column"):
        heading("no_such_column", "en")


def test_kinds_follow_the_names_of_columns():
    names = ("cartons", "own_weight", "freight_rate", "critical_ratio", "as_of", "grade", "code")
    kinds = ["units", "rate", "money", "ratio", "date", "grade", "code"]
    assert [kind_of(name) for name in names] == kinds


@pytest.mark.parametrize("joint", [", ", ";"])
def test_terms_inside_a_fact_are_told_in_words(monkeypatch: pytest.MonkeyPatch, joint: str):
    teach(monkeypatch, {"reason.t_of": ("见{what}", "see {what}")})
    listed = joint.join(["reject.E_DATE", "phase.sale"])
    date, sale = say("reject.E_DATE", "en"), say("phase.sale", "en")
    assert tell_sentence(f"reason.t_of|what={listed}", "en") == f"see {date}, {sale}"
    assert tell_reason("reason.t_of|what=phase.sale", "zh") == "见" + say("phase.sale", "zh")


@pytest.mark.parametrize("fact", ["what=phase.sale, MOP-360", "what=draws", "sku=phase.sale"])
def test_a_fact_that_is_not_wholly_terms_stays_as_it_is(monkeypatch: pytest.MonkeyPatch, fact: str):
    key, value = fact.split("=")
    teach(monkeypatch, {"reason.t_of": (f"见{{{key}}}", f"see {{{key}}}")})
    assert tell_sentence(f"reason.t_of|{fact}", "en") == f"see {value}"


@pytest.mark.parametrize(
    ("fact", "told"),
    [("84158.87", "84,159 each"), ("12.5", "12.50 each"), ("-1000.4", "-1,000 each")],
)
def test_money_of_a_sentence_has_no_cents_where_they_say_nothing(fact: str, told: str):
    assert tell_reason(f"reason.t_money|loss={fact}", "en") == told


def test_a_sentence_never_tells_a_trip_as_certain_nor_a_limit_with_a_capital():
    facts = "alert.ship_deadline|mode=SEA|ship_by=2025-09-20|slack=2|on_time="
    assert tell_reason(f"{facts}0.999", "zh").endswith("准时的把握 99% 以上")
    assert tell_reason(f"{facts}0.94", "zh").endswith("准时的把握 94%")
    held = tell_reason("reason.limit_binds|wanted=9|limits=limit.budget,limit.mode_cbm", "en")
    assert held == "9 units without limits; held back by budget, booked space"


def test_the_reason_of_an_order_by_service_level_names_a_few_unknown_terms():
    row = {"rule": "service", "is_stock_known": True, "order_units": 9, "needed_units": 9.0,
           "limited": "reason.enough_stock|available=3", "later_units": 0}  # fmt: skip
    policy = Policy(rule="profit")
    told = order_reason({**row, "missing": "cost.goods;cost.insurance"}, policy)
    assert tell_reason(told, "zh").startswith("缺货款、保险与货损，改按服务水平；")
    many = "cost.goods;cost.insurance;cost.duty;cost.inbound"
    told = tell_reason(order_reason({**row, "missing": many}, policy), "en")
    assert "(4 in all); by service level instead" in told
    assert say("cost.inbound", "en") not in told

"""Cells are read by a pattern before any number, and never by a guess."""

import pandas as pd
import pytest

from planner.intake.cells import (
    MoneyForm,
    fold,
    is_sku,
    marked,
    may_hold_control,
    money,
    quoted,
    tidy,
    units,
    unwrapped,
)
from planner.intake.written_times import times

BAHT = MoneyForm(("THB", "฿"), 2)
DONG = MoneyForm(("VND", "₫"), 0)
RUPIAH = MoneyForm(("IDR", "Rp"), 0, decimal=",", thousands=".")
DOLLAR = MoneyForm(("USD", "$"), 2, thousands=",")


@pytest.mark.parametrize(
    ("form", "text", "minor"),
    [
        (BAHT, "199.00", 19_900),
        (BAHT, "199.5", 19_950),
        (BAHT, "THB 199.00", 19_900),
        (BAHT, "฿5", 500),
        (DONG, "26000.00", 26_000),
        (DONG, "26000", 26_000),
        (RUPIAH, "Rp 120.000", 120_000),
        (RUPIAH, "120.000,00", 120_000),
        (RUPIAH, "50000", 50_000),
        (DOLLAR, "$1,022.25", 102_225),
        (DOLLAR, "41", 4_100),
        (DOLLAR, "0.00", 0),
    ],
)
def test_money_is_read_in_minor_units_by_the_declared_form(form: MoneyForm, text: str, minor: int):
    assert money(pd.Series([text]), form).tolist() == [minor]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (BAHT, text)
        for text in (
            "", "free", "-5.00", "199.005", "199,00", "1.999.00", "USD 5.00", "$199.00",
            "Infinity", "2e06918610327a", "1.99E+02", "−5.00", "(5.00)", "１９９", "1" * 13,
        )
    ]
    + [(DONG, "26000.50"), (RUPIAH, "120.00"), (RUPIAH, "1.20.000"), (DOLLAR, "1,02.25")],
)  # fmt: skip
def test_an_amount_of_another_form_is_missing_and_not_zero(form: MoneyForm, text: str):
    assert money(pd.Series([text]), form).isna().tolist() == [True]


@pytest.mark.parametrize(
    "text",
    ["-2", "1.5", "two", "", "1000000000", "inf", "NaN", "1e400", "4e492493924924", "1,000", "２",
     "²", "๒", "1_0", "0x10", "9" * 5000, "#N/A", "TRUE", "100001"],
)  # fmt: skip
def test_a_count_is_ascii_digits_up_to_a_hundred_thousand_or_missing(text: str):
    assert units(pd.Series([text])).isna().tolist() == [True]
    assert units(pd.Series(["7", "100000", "0"])).tolist() == [7, 100_000, 0]


@pytest.mark.parametrize(
    "text",
    ["", "30/02/2026 10:00:00", "29/02/2025 10:00:00", "05/13/2026 10:00:00",
     "05/01/2026 24:00:00", "05/01/26 10:00:00", "46027.416667", "1767600000", "yesterday",
     "2026-01-05T10:00:00+09:00", "########", "01/02", "05 ม.ค. 2569", "05/01/2026"],
)  # fmt: skip
def test_a_moment_fits_the_declared_format_wholly_or_is_missing(text: str):
    assert times(pd.Series([text]), ["%d/%m/%Y %H:%M:%S"]).isna().tolist() == [True]


def test_the_second_before_midnight_and_midnight_are_two_days():
    moments = times(
        pd.Series(["31/12/2025 23:59:59", "01/01/2026 00:00:00"]), ["%d/%m/%Y %H:%M:%S"]
    )
    assert moments.dt.strftime("%Y-%m-%d").tolist() == ["2025-12-31", "2026-01-01"]


def test_a_twelve_hour_clock_is_read_with_its_half_of_the_day():
    moments = times(
        pd.Series(["03/01/2026 9:00:00 PM", "03/01/2026 12:00:00 AM"]), ["%m/%d/%Y %I:%M:%S %p"]
    )
    assert moments.dt.strftime("%m-%d %H").tolist() == ["03-01 21", "03-01 00"]


@pytest.mark.parametrize(
    "sku",
    ["00123", "1E5", "MAR-1", "NULL", "NA", "2e06918610327a", "衣架-红", "SKU A/B", "O'Neill"],
)
def test_a_sku_that_looks_like_something_else_is_still_a_sku(sku: str):
    assert is_sku(sku)


@pytest.mark.parametrize(
    "sku",
    ["", "1-Mar", "1.00E+05", "#REF!", "../../x", "{0.__class__}", "a\x00b", "x;--", "y" * 101],
)
def test_a_damaged_or_hostile_sku_is_none(sku: str):
    assert not is_sku(sku)


def test_headers_and_cells_are_compared_without_case_blanks_and_composition():
    assert fold("  Created\u00a0Time\u200b ") == fold("created  time")
    assert fold("Gia\u0301 \u01b0u") == fold("Gi\u00e1 \u01b0u")
    assert tidy("\u00a0MUG-01 \u200b\t") == "MUG-01"
    assert unwrapped('="576859029223086481"') == "576859029223086481"
    assert unwrapped("'00123") == "00123"


def test_a_value_is_quoted_only_if_it_looks_like_its_column():
    assert quoted("1,000", "units") == "1,000"
    assert [quoted(text, "money") for text in ("-", "—", "N/A")] == ["-", "—", "N/A"]
    assert quoted("Somchai", "money") == ""
    assert quoted("Somchai Jaidee", "units") == ""
    assert quoted("0812345678901234", "units") == ""
    assert quoted("someone@example.org", "sku") == ""
    assert quoted("12 Soi 3", "word") == ""
    assert quoted("Teleported", "word") == "Teleported"


def test_each_distinct_text_is_asked_about_once():
    asked: list[str] = []
    answers = marked(
        pd.Series(["a", "b", "a", "a"]), lambda text: asked.append(text) or text == "a"
    )
    assert answers.tolist() == [True, False, True, True]
    assert sorted(asked) == ["a", "b"]


@pytest.mark.parametrize(
    ("form", "text", "moment"),
    [
        ("%d/%m/%Y %H:%M:%S", "29/02/2024 23:59:59", "2024-02-29 23:59:59"),
        ("%d/%m/%Y %H:%M:%S", "29/02/2025 10:00:00", None),
        ("%d/%m/%Y %H:%M:%S", "31/04/2025 10:00:00", None),
        ("%d/%m/%Y %H:%M:%S", "01/13/2025 10:00:00", None),
        ("%d/%m/%Y %H:%M:%S", "01/01/2025 24:00:00", None),
        ("%d/%m/%Y %H:%M:%S", "1/2/2025 9:05:00", "2025-02-01 09:05:00"),
        ("%d/%m/%Y %H:%M:%S", "01/02/2025T10:00:00", None),
        ("%d/%m/%Y %H:%M:%S", "0\u0e51/02/2025 10:00:0", None),
        ("%m/%d/%Y %I:%M:%S %p", "12/31/2025 12:00:01 AM", "2025-12-31 00:00:01"),
        ("%m/%d/%Y %I:%M:%S %p", "12/31/2025 12:00:01 PM", "2025-12-31 12:00:01"),
        ("%m/%d/%Y %I:%M:%S %p", "12/31/2025 00:00:01 PM", None),
        ("%d %b %Y %H:%M", "05 Nov 2025 10:20", "2025-11-05 10:20:00"),
    ],
)
def test_a_moment_is_read_to_the_letter_of_its_format(form: str, text: str, moment: str | None):
    read = times(pd.Series(["", text, "x"], index=[5, 3, 9]), [form])
    assert read.isna().tolist() == [True, moment is None, True]
    assert moment is None or read[3] == pd.Timestamp(moment)


def test_of_texts_without_a_control_sign_it_is_sure():
    assert not may_hold_control(pd.Series(["", "a b", "สินค้า", "é", "红色，“x”"]))
    for sign in ("\x00", "\x1f", "\x7f", "\x80", "\x9f", "\u200e", "\u202e", "\u2066", "\u2069"):
        assert may_hold_control(pd.Series(["ok", f"a{sign}b"]))

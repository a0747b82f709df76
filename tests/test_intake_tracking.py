"""Tracking numbers keep the check digit of their format, or their row is named."""

from pathlib import Path

import pytest
from intake_case import a_seller
from test_intake_plans import put

from planner.errors import InputError
from planner.intake.plans import read_shipments
from planner.intake.tracking_numbers import keeps_format, numbers_in, wrong_numbers

SENT = "shipment,sku,warehouse,mode,units,tracking\n"


def test_the_published_example_of_the_posts():
    # 4, 7, 3, 1, 2, 4, 8, 2 weighed 8, 6, 4, 2, 3, 5, 9, 7 make 200; 11 - 200 mod 11 = 9.
    assert keeps_format("RB473124829GB") is True
    assert [n for n in range(10) if keeps_format(f"RB47312482{n}GB")] == [9]


def test_a_remainder_of_ten_or_eleven_has_its_own_digit():
    # 8 x 7 = 56, and 11 - 56 mod 11 = 10: the digit is 0. Nothing weighed makes 11: the digit is 5.
    assert keeps_format("RB700000000CN") is True
    assert keeps_format("RB000000005CN") is True


def test_american_parcels_weigh_their_digits_as_a_barcode_does():
    # From the right 20 digits 0, then 4 and 9: 4 x 1 + 9 x 3 = 31 or 4 x 3 + 9 x 1 = 21.
    assert keeps_format("9400000000000000000009") is True
    assert [n for n in range(10) if keeps_format(f"940000000000000000000{n}")] == [9]
    assert keeps_format("420" + "10001" + "9400000000000000000009") is True


@pytest.mark.parametrize("number", ["TH01234ABCDE", "JT0001234567", "123456789012", ""])
def test_a_format_without_a_published_check_digit_is_unknown_and_not_wrong(number: str):
    assert keeps_format(number) is None
    assert wrong_numbers([number]) == []


def test_a_number_that_a_spreadsheet_rounded_is_wrong():
    assert keeps_format("9.4001E+21") is False


def test_a_list_of_numbers_may_be_parted_as_people_do():
    text = "tested 3: RB473124829GB; TH01234ABCDE, 9400000000000000000009"
    assert numbers_in(text) == ["RB473124829GB", "TH01234ABCDE", "9400000000000000000009"]


def test_a_shipment_with_a_mistyped_number_is_refused_with_its_row(tmp_path: Path):
    house = a_seller().warehouses[0].warehouse
    text = f"{SENT}S1,A,{house},sea,10,RB473124829GB\nS2,A,{house},sea,10,RB473124820GB\n"
    with pytest.raises(InputError, match=r"row 3, column \"tracking\": 'RB473124820GB'"):
        read_shipments(put(tmp_path, "shipments.csv", text), a_seller())
    sound = read_shipments(
        put(tmp_path, "shipments.csv", text.replace("820GB", "829GB")), a_seller()
    )
    assert sound["tracking"].to_list() == ["RB473124829GB"] * 2

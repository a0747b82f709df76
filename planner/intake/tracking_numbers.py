"""Tracking numbers: which formats carry a check digit, and whether a number keeps its own.

Knows the two formats whose check digit is published: item identifiers of the world's posts and
parcels of the American one. Numbers of other carriers are of unknown format, not wrong.
"""

import re
from collections.abc import Sequence

POSTAL = re.compile(r"[A-Z]{2}(\d{8})(\d)[A-Z]{2}")
"""Service, eight digits, check digit, country. Source: UPU standard S10."""
POSTAL_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
PARCEL = re.compile(r"(?:420\d{5})?(9[1-5](?:\d{20}|\d{24}))")
"""22 or 26 digits, perhaps after 420 and the ZIP code. Source: USPS Publication 199."""
AS_NUMBER = re.compile(r"\d(?:\.\d+)?E\+\d+", re.IGNORECASE)
"""What a spreadsheet leaves of a long number: its last digits are lost."""
NUMBERS = re.compile(r"[;,\s]+")
"""Between the numbers of a list."""
LEAST_LENGTH = 8
"""Shorter texts of a list are words about it, not numbers of parcels (house judgement)."""


def keeps_format(number: str) -> bool | None:
    """Return whether a tracking number keeps its check digit; None if its format has none known.

    Notes
    -----
    Posts: the sum of the eight digits weighed 8, 6, 4, 2, 3, 5, 9, 7; ``11 - sum mod 11`` is the
    check digit, 10 standing for 0 and 11 for 5. American parcels: as on a barcode, digits from
    the right weigh 3, 1, 3, 1 ... and the check digit brings the sum to a multiple of ten.

    Examples
    --------
    >>> keeps_format("RB473124829GB"), keeps_format("RB473124820GB"), keeps_format("TH0123ABC")
    (True, False, None)
    """
    text = re.sub(r"\s", "", number).upper()
    if AS_NUMBER.fullmatch(text):
        return False
    if found := POSTAL.fullmatch(text):
        return _postal_digit(found[1]) == int(found[2])
    if found := PARCEL.fullmatch(text):
        return _parcel_digit(found[1][:-1]) == int(found[1][-1])
    return None


def numbers_in(text: str) -> list[str]:
    """Return the tracking numbers that a text lists; words without a digit are none.

    Examples
    --------
    >>> numbers_in("tested: RB473124829GB; 9400100000000000000001")
    ['RB473124829GB', '9400100000000000000001']
    """
    parts = NUMBERS.split(text)
    return [part for part in parts if len(part) >= LEAST_LENGTH and re.search(r"\d{4}|E\+", part)]


def wrong_numbers(numbers: Sequence[str]) -> list[str]:
    """Return the numbers that break their own check digit, or lost digits in a spreadsheet."""
    return [number for number in numbers if keeps_format(number) is False]


def _postal_digit(digits: str) -> int:
    pairs = zip(digits, POSTAL_WEIGHTS, strict=True)
    rest = 11 - sum(int(digit) * weight for digit, weight in pairs) % 11
    return {10: 0, 11: 5}.get(rest, rest)


def _parcel_digit(digits: str) -> int:
    weighed = sum(
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))
    )
    return -weighed % 10

"""Says whose export a file is: by its headers, and by the cells below where headers do not tell.

Knows every dialect; reads no file. Of cells it tells only how many fit, never what they say.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import pandas as pd

from planner.intake.cells import fold, money, tidy
from planner.intake.dialects import Dialect, dialects
from planner.intake.fields import FIELDS_BY_KIND
from planner.intake.headers import (
    Heads,
    Layout,
    fields_found,
    layout_of,
    missing_fields,
    unknown_headers,
)
from planner.intake.texts import SURROGATE
from planner.intake.written_times import times

MIN_FIELDS = 2  # with fewer known headers a file is something else
AMOUNTS = ("amount", "unit_price", "gross")
LANGUAGES = {"TH": "th", "VN": "vi", "ID": "id", "BR": "pt"}
"""By market: the language of its own words of status, where it has some."""


class Candidate(NamedTuple):
    """A dialect whose export a file may be, and what speaks for it and against it."""

    dialect: str
    kind: str
    line: int
    """Physical line of the header row, 1-based."""
    n_headers: int
    n_known: int
    """How many of the headers the dialect declares."""
    fields: tuple[str, ...]
    missing: tuple[str, ...]
    """Headers that an export of the dialect must have and the file has not."""
    unknown: tuple[str, ...]
    """Headers that the dialect does not declare."""
    language: str = ""
    """Of the statuses in the first records, empty if they are not known."""
    date_order: str = ""
    """Of the moments in the first records: day_first, month_first, year_first, or empty."""


def recognised(heads: Heads, declared: Dialect | None = None) -> list[Candidate]:
    """Return the dialects that a file fits, the best first; the nearest one if it fits none.

    Parameters
    ----------
    heads : Heads
        The first records of the file.
    declared : Dialect, optional
        What the seller says it is; stands first among those that fit equally well.

    Returns
    -------
    list of Candidate
        Several where neither headers nor cells tell the markets apart; with `missing` where the
        file fits no dialect; empty where it has not two known headers.

    Notes
    -----
    The dialect with the most fields wins, orders, returns and inventory alike; a list of the
    seller's own (`own`) only where no platform fits. Dialects with equally many are told apart
    by what stands below the header, in this order: the buyer's country, marks of currency, forms
    of amounts, words of status, forms of moments.
    """
    found = [_placed(dialect, heads) for dialect in _all_dialects(declared)]
    whole = [one for one in found if not missing_fields(one[1], one[0])]
    whole = [one for one in whole if one[0].platform != "own"] or whole
    near = [one for one in found if fields_found(one[1]) >= MIN_FIELDS]
    if not near:
        return []
    known = whole or near
    least = min(_distance(*one) for one in known)
    best = [one for one in known if _distance(*one) == least]
    for cue in CUES:
        shares = [cue(*one, heads) for one in best]
        best = [one for one, share in zip(best, shares, strict=True) if share == max(shares)]
    here = [one for one in best if declared is not None and one[0].market == declared.market]
    if here and (not whole or best[0][0].kind != "orders"):  # only orders differ by market
        best = here
    best.sort(key=lambda one: declared is None or one[0].name != declared.name)
    return [_candidate(*one, heads) for one in best]


def advice_for(heads: Heads, declared: Dialect) -> str:
    """Return what to change where a file is not what it is declared to be, empty if nothing fits.

    Parameters
    ----------
    heads : Heads
        The first records of the file.
    declared : Dialect
        What the seller says it is, which it does not fit, or not in its cells.

    Returns
    -------
    str
        The dialect that it looks like, and what to set in seller.yml or where to move the file.
        A list of the seller's own is never advised: only its seller can say what it is.
    """
    whole = [one for one in recognised(heads, declared) if not one.missing]
    found = [dialects(one.kind)[one.dialect] for one in whole if one.dialect != declared.name]
    found = [one for one in found if one.platform != "own"]
    if not found or len(found) < len(whole):
        return ""
    here = [one for one in found if one.market == declared.market]
    near = here or [one for one in found if one.platform == declared.platform] or found
    return _advice([one for one in near if one.kind == near[0].kind], declared)


def _advice(fits: Sequence[Dialect], declared: Dialect) -> str:
    names = " or ".join(dialect.name for dialect in fits)
    kind = fits[0].kind
    if kind != declared.kind:
        return (
            f"this looks like a {names} export, of {kind} and not of {declared.kind}; move it to "
            f"{kind}/"
        )
    keys = ("platform", "market", "currency")
    changes = {key: " or ".join(dict.fromkeys(getattr(fit, key) for fit in fits)) for key in keys}
    sets = [f"{key}: {to}" for key, to in changes.items() if to != getattr(declared, key)]
    sets += ["the time_zone of that market"] if changes["market"] != declared.market else []
    change = f"{', '.join(sets)} and dialect: {names}".removeprefix(" and ")
    told = f"this looks like a {names} export and seller.yml says {declared.name}"
    return f"{told}; in seller.yml set {change}"


def _all_dialects(declared: Dialect | None) -> Iterator[Dialect]:
    if declared is not None:
        yield declared
    for kind in FIELDS_BY_KIND:
        for name, dialect in dialects(kind).items():
            if declared is None or name != declared.name:
                yield dialect


def _placed(dialect: Dialect, heads: Heads) -> tuple[Dialect, Layout]:
    layouts = [layout_of(head, dialect, str(place)) for place, head in enumerate(heads)]
    return dialect, max(layouts, key=fields_found, default=Layout(1, [], {}, {}))


def _distance(dialect: Dialect, layout: Layout) -> tuple[float, int]:
    lost = len(missing_fields(layout, dialect)) / max(1, len(dialect.required))
    return lost, -fields_found(layout)


def _candidate(dialect: Dialect, layout: Layout, heads: Heads) -> Candidate:
    headers = [head for head in layout.header if head]
    unknown = _readable(unknown_headers(layout, dialect))
    return Candidate(
        dialect=dialect.name,
        kind=dialect.kind,
        line=layout.line,
        n_headers=len(headers),
        n_known=len(headers) - len(unknown),
        fields=tuple(layout.places),
        missing=tuple(dialect.header_of(field) for field in missing_fields(layout, dialect)),
        unknown=tuple(unknown),
        language=_language(_cells("status", layout, heads), dialect),
        date_order=_date_order(_moments(dialect, layout, heads), dialect),
    )


def _readable(names: Sequence[str]) -> list[str]:
    return [SURROGATE.sub("\ufffd", name) for name in names]


def _cells(field: str, layout: Layout, heads: Heads) -> list[str]:
    """Return the readable cells of a field in the first records below the header."""
    if field not in layout.places or not layout.delimiter:
        return []
    place = layout.places[field]
    below = [one for one in heads[int(layout.delimiter)] if one.line > layout.line]
    found = [tidy(one.cells[place]) for one in below if len(one.cells) > place]
    return [cell for cell in found if cell and not SURROGATE.search(cell)]


def _share(cells: Sequence[str], fits: Callable[[str], bool]) -> float:
    return sum(map(fits, cells)) / len(cells) if cells else 0.0


def _in_country(dialect: Dialect, layout: Layout, heads: Heads) -> float:
    names = {fold(name) for name in dialect.countries[dialect.market]}
    return _share(_cells("country", layout, heads), lambda cell: fold(cell) in names)


def _with_mark(dialect: Dialect, layout: Layout, heads: Heads) -> float:
    marks = {fold(mark) for mark in dialect.money_marks}
    return _share(_amounts(layout, heads), lambda cell: fold(cell.rstrip("0123456789., ")) in marks)


def _as_money(dialect: Dialect, layout: Layout, heads: Heads) -> float:
    amounts = _amounts(layout, heads)
    return float(money(pd.Series(amounts, dtype="str"), dialect.money).notna().sum())


def _in_words(dialect: Dialect, layout: Layout, heads: Heads) -> float:
    words = _cells("status", layout, heads) + _cells("substatus", layout, heads)
    return _share(words, lambda cell: bool(dialect.status_of(cell)))


def _on_days(dialect: Dialect, layout: Layout, heads: Heads) -> float:
    moments = pd.Series(_moments(dialect, layout, heads), dtype="str")
    return float(times(moments, dialect.time_formats).notna().sum())


CUES = (_in_country, _with_mark, _as_money, _in_words, _on_days)
"""What tells dialects with the same headers apart, the surest first."""


def _amounts(layout: Layout, heads: Heads) -> list[str]:
    return [cell for field in AMOUNTS for cell in _cells(field, layout, heads)]


def _moments(dialect: Dialect, layout: Layout, heads: Heads) -> list[str]:
    fields = ("requested_at",) if dialect.kind == "returns" else ("ordered_at",)
    return [cell for field in fields for cell in _cells(field, layout, heads)]


def _language(words: Sequence[str], dialect: Dialect) -> str:
    known = [word for word in words if dialect.status_of(word)]
    if not known:
        return ""
    if all(word.isascii() for word in known):
        plain = {
            fold(word)
            for one in dialects().values()
            if one.platform == dialect.platform and one.market not in LANGUAGES
            for said in one.statuses.values()
            for word in said
        }
        is_english = all(fold(word) in plain for word in known)
        return "en" if is_english or dialect.market not in LANGUAGES else LANGUAGES[dialect.market]
    if any("\u4e00" <= sign <= "\u9fff" for word in known for sign in word):
        return "zh"
    return LANGUAGES.get(dialect.market, "")


def _date_order(moments: Sequence[str], dialect: Dialect) -> str:
    texts = pd.Series(moments, dtype="str")
    for form in dialect.time_formats:
        if len(texts) and times(texts, (form,)).notna().any():
            return {"%d": "day_first", "%m": "month_first"}.get(form[:2], "year_first")
    return ""

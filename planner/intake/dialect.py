"""One dialect: how one platform writes one kind of export in one market, and what its words mean.

Knows no files: `dialects` reads and combines them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from planner.frozen import Frozen
from planner.intake.cells import MoneyForm, fold
from planner.intake.contracts import did_you_mean
from planner.intake.fields import KEYS, LINE_MONEY, ExportKind, fields_of
from planner.seller import Market, Platform
from planner.tables.intake import (
    CANCELLERS,
    FULFILMENTS,
    KINDS,
    RETURN_KINDS,
    RETURN_STATES,
    SOURCES,
    STATUSES,
)


class ColumnRule(Frozen):
    """The headers under which a field may stand."""

    headers: tuple[str, ...] = Field(min_length=1)
    is_required: bool = False


class Dialect(Frozen):
    """How one platform writes one kind of export in one market."""

    name: str
    kind: ExportKind = "orders"
    platform: Platform
    market: Market
    currency: str
    clock: Literal["local", "utc"]
    """Whether times are the shop's wall clock or universal time."""
    time_formats: tuple[str, ...] = Field(min_length=1)
    order_id_pattern: str
    money_marks: tuple[str, ...]
    """Codes and symbols that may stand before an amount."""
    minor_digits: int = Field(ge=0, le=3)
    decimal: str
    thousands: str
    columns: dict[str, ColumnRule]
    together: tuple[str, ...] = ()
    """Fields of which an export has all or none."""
    any_of: tuple[tuple[str, ...], ...] = ()
    """Fields of which a trimmed export needs only one."""
    units_per_row: int = Field(0, ge=0)
    """Units of a record in an export without a column of units; 0 where it must have one."""
    status_if_absent: str = ""
    """Status of every record in an export without a column of statuses; empty: it must have one."""
    sku_from: tuple[str, ...] = Field(min_length=1)
    """Fields that name the SKU, in order: the first that is filled counts."""
    products: tuple[tuple[str, str, str], ...] = ()
    """Arithmetic of a line: the first field is the product of the other two."""
    differences: tuple[tuple[str, ...], ...] = ()
    """Arithmetic of a line: the first field is the second less all others."""
    repeated_line: Literal["copy", "second_line"]
    """What an identical line of one file is: a copy of the first, or one more sale."""
    statuses: dict[str, tuple[str, ...]]
    status_starts: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Beginnings of status sentences that end in a day of their own."""
    returned_words: tuple[str, ...] = ()
    """Return statuses that mean the goods came back."""
    cod_words: tuple[str, ...] = ()
    """Payment methods on which an order is firm before it is paid."""
    kind_words: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """By kind of line (`tables.KINDS`): order types and cancel types that mean it."""
    channel_words: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """By channel: what names it; a channel that is not named is the platform."""
    source_words: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """By source (`tables.SOURCES`): what names it."""
    fulfilment_words: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """By fulfilment (`tables.FULFILMENTS`): what names it."""
    cancel_words: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """By who can cancel an order (`tables.CANCELLERS`): what names him."""
    cause_words: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """By who bears a cancellation (`tables.CANCELLERS`): what its reason says."""
    blank_words: tuple[str, ...] = ()
    """What stands in a cell that is empty."""
    descriptions: tuple[str, ...] = ()
    """What the order id's cell says in a row that describes the columns."""
    countries: dict[str, tuple[str, ...]]
    """Names of each market's country."""
    free_text: tuple[str, ...] = ()
    """Headers of cells that may hold several lines."""
    other_headers: tuple[str, ...] = ()
    """Headers that are known and never read."""
    export_caps: tuple[int, ...] = ()
    """Row counts at which the platform cuts an export off."""
    first_year: int

    @model_validator(mode="after")
    def _names_known_fields(self) -> Dialect:
        known = fields_of(self.kind)
        named = [*self.columns, *self.together, *self.sku_from]
        rules = (*self.products, *self.differences, *self.any_of)
        refuse_unknown("field", [*named, *(field for rule in rules for field in rule)], known)
        is_orders = self.kind == "orders"
        states = STATUSES if is_orders else RETURN_STATES
        absent = [self.status_if_absent] if self.status_if_absent else []
        refuse_unknown("status", [*self.statuses, *self.status_starts, *absent], states)
        refuse_unknown("kind", self.kind_words, KINDS if is_orders else RETURN_KINDS)
        refuse_unknown("source", self.source_words, SOURCES)
        refuse_unknown("fulfilment", self.fulfilment_words, FULFILMENTS)
        refuse_unknown("canceller", [*self.cancel_words, *self.cause_words], CANCELLERS)
        if self.market not in self.countries:
            raise ValueError(f"countries: give the names of {self.market}'s country")
        return self

    @property
    def money(self) -> MoneyForm:
        """How amounts are written."""
        return MoneyForm(self.money_marks, self.minor_digits, self.decimal, self.thousands)

    @property
    def key(self) -> str:
        """The field whose cell tells a record from a repeated header or a description."""
        return KEYS[self.kind]

    @cached_property
    def field_by_header(self) -> dict[str, tuple[str, str]]:
        """By folded header: the field and the header as it is declared."""
        return {
            fold(header): (field, header)
            for field, rule in self.columns.items()
            for header in rule.headers
        }

    @cached_property
    def known_headers(self) -> frozenset[str]:
        """Every header that is declared, folded."""
        rest = (fold(header) for header in (*self.other_headers, *self.free_text))
        return frozenset((*self.field_by_header, *rest))

    @cached_property
    def marked(self) -> tuple[str, ...]:
        """Headers of cells that are judged and never told; a person may have written them."""
        marks = {field for field, kind in fields_of(self.kind).items() if kind == "mark"}
        rules = (rule for field, rule in self.columns.items() if field in marks)
        return tuple(header for rule in rules for header in rule.headers)

    @cached_property
    def status_by_word(self) -> dict[str, str]:
        """By folded word: the status."""
        return {fold(word): status for status, words in self.statuses.items() for word in words}

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Fields without which a file is no export of this dialect."""
        given = ("units",) * bool(self.units_per_row) + ("status",) * bool(self.status_if_absent)
        needed = (field for field, rule in self.columns.items() if rule.is_required)
        return tuple(field for field in needed if field not in given)

    @cached_property
    def kind_by_word(self) -> dict[str, str]:
        """By folded word: the kind of an order line, or of a return."""
        return {fold(word): kind for kind, words in self.kind_words.items() for word in words}

    def missing(self, found: Collection[str]) -> list[str]:
        """Return the fields that an export must have and this one has not.

        Parameters
        ----------
        found : collection of str
            The fields that it has.

        Notes
        -----
        Fields that come together are missing only where some of them are there. An export with
        at most one column of line money was trimmed on purpose: its other money is unknown, and
        of the fields that say the same (`any_of`) one will do. A whole export that lacks one of
        them has lost a column.
        """
        if sum(field in found for field in LINE_MONEY) > 1:
            absent = [field for field in self.together if field not in found]
            partly = absent if len(absent) < len(self.together) else []
            return [field for field in self.required if field not in found] + partly
        optional = {field for group in self.any_of for field in group}
        optional |= {field for field, kind in fields_of(self.kind).items() if kind == "money"}
        lost = [group[0] for group in self.any_of if not set(group) & set(found)]
        lost = [field for field in lost if field in self.required]
        return lost + [f for f in self.required if f not in optional and f not in found]

    def status_of(self, text: str) -> str:
        """Return the status a word means, empty if the dialect does not know it."""
        word = fold(text)
        if word in self.status_by_word:
            return self.status_by_word[word]
        starts = ((s, fold(start)) for s, words in self.status_starts.items() for start in words)
        return next((status for status, start in starts if word.startswith(start)), "")

    def header_of(self, field: str) -> str:
        """Return the header under which a field usually stands."""
        return self.columns[field].headers[0]


def refuse_unknown(what: str, names: Iterable[str], known: Collection[str]) -> None:
    """Refuse the first name that is not known, with the nearest that is.

    Raises
    ------
    ValueError
        If a name is not known.
    """
    for name in names:
        if name not in known:
            raise ValueError(f"no {what} {name!r}{did_you_mean(name, known)}")

"""How each platform writes its order export in each market: data files, read and checked.

A dialect is a YAML file in `dialects/`, named after platform and market; it extends a file
with what the platform's markets share. Mappings merge, lists add up with a file's own entries
first, single values replace.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from planner.errors import ConfigError
from planner.frozen import Frozen
from planner.intake.cells import MoneyForm, fold
from planner.intake.contracts import did_you_mean
from planner.intake.masters import read_yaml
from planner.seller import Market, Shop
from planner.tables.intake import STATUSES

Kind = Literal["id", "sku", "units", "money", "time", "word"]
FIELDS: dict[str, Kind] = {
    "order_id": "id",
    "status": "word",
    "substatus": "word",
    "return_status": "word",
    "seller_sku": "sku",
    "parent_sku": "sku",
    "sku_id": "sku",
    "units": "units",
    "returned_units": "units",
    "unit_price": "money",
    "deal_price": "money",
    "gross": "money",
    "platform_discount": "money",
    "seller_discount": "money",
    "amount": "money",
    "order_total": "money",
    "ordered_at": "time",
    "paid_at": "time",
    "ready_at": "time",
    "shipped_at": "time",
    "delivered_at": "time",
    "completed_at": "time",
    "cancelled_at": "time",
    "payment_method": "word",
    "channel": "word",
    "country": "word",
}
"""Everything that is ever read from an export, and how it is written; the rest stays out."""


class ColumnRule(Frozen):
    """The headers under which a field may stand."""

    headers: tuple[str, ...] = Field(min_length=1)
    is_required: bool = False


class Dialect(Frozen):
    """One platform's order export in one market."""

    name: str
    platform: Literal["tiktok", "shopee"]
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
        named = [*self.columns, *self.together, *self.sku_from]
        named += [field for rule in (*self.products, *self.differences) for field in rule]
        for field in named:
            if field not in FIELDS:
                raise ValueError(f"no field {field!r}{did_you_mean(field, FIELDS)}")
        for status in (*self.statuses, *self.status_starts):
            if status not in STATUSES:
                raise ValueError(f"no status {status!r}{did_you_mean(status, STATUSES)}")
        return self

    @property
    def money(self) -> MoneyForm:
        """How amounts are written."""
        return MoneyForm(self.money_marks, self.minor_digits, self.decimal, self.thousands)

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
    def status_by_word(self) -> dict[str, str]:
        """By folded word: the status."""
        return {fold(word): status for status, words in self.statuses.items() for word in words}

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Fields without which a file is no export of this dialect."""
        return tuple(field for field, rule in self.columns.items() if rule.is_required)

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


@cache
def dialects() -> dict[str, Dialect]:
    """Return every dialect by name.

    Raises
    ------
    ConfigError
        If a dialect file says something that cannot be.

    Examples
    --------
    >>> dialects()["tiktok-th"].time_formats
    ('%d/%m/%Y %H:%M:%S',)
    """
    folder = Path(str(resources.files("planner.intake").joinpath("dialects")))
    sources = {path.stem: read_yaml(path) for path in sorted(folder.glob("*.yml"))}
    found = {name: _extended(name, sources) for name in sources}
    return {name: _built(name, said) for name, said in found.items() if "market" in said}


def dialect_of(shop: Shop) -> Dialect:
    """Return the dialect of a shop's exports.

    Raises
    ------
    ConfigError
        If there is no such dialect, or it writes another market's currency than the shop's.
    """
    known = dialects()
    if shop.dialect not in known:
        hint = did_you_mean(shop.dialect, known)
        raise ConfigError(
            f"seller.yml: shop {shop.shop} has the dialect {shop.dialect!r}, which does not exist"
            f"{hint} (known: {', '.join(known)})"
        )
    dialect = known[shop.dialect]
    said = {"platform": shop.platform, "market": shop.market, "currency": shop.currency}
    for key, value in said.items():
        if getattr(dialect, key) != value:
            raise ConfigError(
                f"seller.yml: shop {shop.shop} has {key} {value}; its dialect {dialect.name} is "
                f"for {getattr(dialect, key)}; change one of the two"
            )
    return dialect


def _extended(name: str, sources: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    if name not in sources:
        raise ConfigError(f"dialects: {name}.yml is extended and does not exist")
    own = {key: value for key, value in sources[name].items() if key != "extends"}
    base = sources[name].get("extends")
    return _merged(_extended(str(base), sources), own) if base else own


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in own.items():
        before = result.get(key)
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            result[key] = _merged(before, value)
        elif isinstance(value, list) and isinstance(before, list):
            result[key] = [*value, *before]
        else:
            result[key] = value
    return result


def _built(name: str, said: Mapping[str, Any]) -> Dialect:
    try:
        return Dialect.model_validate({"name": name, **said})
    except ValidationError as problem:
        told = "; ".join(
            f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}"
            for error in problem.errors()
        )
        raise ConfigError(f"dialects/{name}.yml: {told}") from None

"""Finds the dialect of a shop's exports: data files, read, checked and combined.

A dialect of orders is a YAML file in `dialects/`, named after platform and market; it extends a
file with what the platform's markets share. Mappings merge, lists add up with a file's own
entries first, single values replace. What a seller says of columns of their own comes before all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from planner.errors import ConfigError
from planner.intake.cells import fold
from planner.intake.contracts import did_you_mean
from planner.intake.dialect import ColumnRule, Dialect, refuse_unknown
from planner.intake.fields import FIELDS, INVENTORY_FIELDS, RETURN_FIELDS, ExportKind, fields_of
from planner.intake.rules import text_of
from planner.intake.strict_yaml import mapping_of
from planner.seller import Shop
from planner.tables.intake import STATUSES

__all__ = [
    "FIELDS",
    "INVENTORY_FIELDS",
    "RETURN_FIELDS",
    "ColumnRule",
    "Dialect",
    "dialect_of",
    "dialects",
    "fields_of",
    "market_hint",
]

COPIED = (
    "platform", "market", "currency", "clock", "time_formats", "money_marks", "minor_digits",
    "decimal", "thousands", "countries", "first_year",
)  # fmt: skip
"""What the other exports of a shop share with its order export."""
SIGNS = {"CNY": ("RMB", "¥", "￥"), "JPY": ("¥", "￥"), "HKD": ("HK$",), "EUR": ("€",)}
"""Signs of currencies that people keep lists in and no platform's export has."""
WITHOUT_CENTS = {"JPY": 0, "KRW": 0}
"""Decimals of such currencies where there are not two."""
ANY_MARKET = "any"
"""Market of a file that is one dialect in every market."""


@cache
def dialects(kind: ExportKind = "orders") -> dict[str, Dialect]:
    """Return every dialect of a kind of export by name.

    Raises
    ------
    ConfigError
        If a dialect file says something that cannot be.

    Notes
    -----
    A dialect of orders is one file. Those of returns and inventory are one file per platform,
    which takes money, clock and moments from the order dialect of each market.

    Examples
    --------
    >>> dialects()["tiktok-th"].time_formats
    ('%d/%m/%Y %H:%M:%S',)
    >>> dialects("returns")["tiktok-returns-sg"].currency
    'SGD'
    """
    found = _said()
    if kind == "orders":
        here = {name: said for name, said in found.items() if said.get("kind", kind) == kind}
        built = {
            name: _built(name, said)
            for name, said in here.items()
            if said.get("market", ANY_MARKET) != ANY_MARKET
        }
        spread = [name for name, said in here.items() if said.get("market") == ANY_MARKET]
        return built | _spread({name: here[name] for name in spread}, built)
    files = {name: said for name, said in found.items() if said.get("kind") == kind}
    return _spread(files, dialects())


def dialect_of(shop: Shop, kind: ExportKind = "orders") -> Dialect:
    """Return the dialect of a shop's exports, with what the seller says of its columns in front.

    Raises
    ------
    ConfigError
        If there is no such dialect, it writes another market's currency than the shop's, or the
        shop's `columns` name a field that does not exist.
    """
    dialect = _dialect_of_orders(shop)
    if kind == "orders":
        return _with_own_columns(dialect, shop)
    name = f"{shop.platform}-{kind}-{shop.market.lower()}"
    if name not in dialects(kind):
        there = sorted({one.platform for one in dialects(kind).values()})
        raise ConfigError(
            f"seller.yml: shop {shop.shop}: {kind} exports of {shop.platform} cannot be read; "
            f"known platforms: {', '.join(there)}"
        )
    return dialects(kind)[name]


def market_hint(market: str, known: Collection[str]) -> str:
    """Return a hint at the market that an unknown one may mean, empty if none is near.

    Examples
    --------
    >>> market_hint("GB", ["TH", "UK"]), market_hint("TX", ["TH", "UK"])
    ('; did you mean UK?', '; did you mean TH?')
    """
    names = {
        fold(name): place
        for dialect in dialects().values()
        for place, said in dialect.countries.items()
        for name in said
    }
    meant = names.get(fold(market), "")
    letters = [meant] if meant in known else get_close_matches(market, known, 1, cutoff=0.5)
    return f"; did you mean {letters[0]}?" if letters else ""


def _dialect_of_orders(shop: Shop) -> Dialect:
    known = dialects()
    if shop.dialect not in known:
        raise ConfigError(f"seller.yml: shop {shop.shop} {_unknown_told(shop)}")
    dialect = known[shop.dialect]
    if dialect.platform == shop.platform == "own" and dialect.market == shop.market:
        return _in_currency(dialect, shop.currency)
    said = {"platform": shop.platform, "market": shop.market, "currency": shop.currency}
    for key, value in said.items():
        if getattr(dialect, key) != value:
            raise ConfigError(
                f"seller.yml: shop {shop.shop} has {key} {value}; its dialect {dialect.name} is "
                f"for {getattr(dialect, key)}; change one of the two"
            )
    return dialect


def _unknown_told(shop: Shop) -> str:
    known = dialects()
    platforms = sorted({one.platform for one in known.values()})
    markets = sorted({one.market for one in known.values() if one.platform == shop.platform})
    if shop.dialect == f"{shop.platform}-{shop.market.lower()}":
        if shop.platform not in platforms:
            near = did_you_mean(shop.platform, platforms)
            return (
                f"has the platform {shop.platform!r}, which has no dialect{near} "
                f"(known: {', '.join(platforms)})"
            )
        near = market_hint(shop.market, markets)
        return (
            f"has the market {shop.market!r}, which has no dialect of {shop.platform}{near} "
            f"(known: {', '.join(markets)})"
        )
    hint = did_you_mean(shop.dialect, known)
    return (
        f"has the dialect {shop.dialect!r}, which does not exist{hint} "
        f"(known: {', '.join(sorted(known))})"
    )


def _in_currency(dialect: Dialect, currency: str) -> Dialect:
    """Return the layout of a list that people keep, money as spreadsheets show that currency."""
    same = [one for one in dialects().values() if one.currency == currency]
    said = [mark for one in same for mark in one.money_marks]
    marks = dict.fromkeys((currency, *said, *SIGNS.get(currency, ())))
    digits = same[0].minor_digits if same else WITHOUT_CENTS.get(currency, 2)
    form: dict[str, Any] = {"minor_digits": digits, "decimal": ".", "thousands": ","}
    if currency == dialect.currency and dialect.decimal != ".":
        form = {}  # a point parts thousands there, and a comma could be either
    return _changed(dialect, {"currency": currency, "money_marks": tuple(marks), **form})


def _with_own_columns(dialect: Dialect, shop: Shop) -> Dialect:
    if not (shop.columns or shop.time_formats or shop.statuses or shop.units_per_row):
        return dialect
    try:
        refuse_unknown("field", shop.columns, fields_of("orders"))
        refuse_unknown("status", shop.statuses, STATUSES)
    except ValueError as problem:
        raise ConfigError(f"seller.yml: shop {shop.shop}: columns: {problem}") from None
    claimed = {fold(head) for heads in shop.columns.values() for head in heads}
    columns = {}
    for field in dict.fromkeys((*shop.columns, *dialect.columns)):
        rule = dialect.columns.get(field)
        old = [head for head in rule.headers if fold(head) not in claimed] if rule else []
        heads = [*shop.columns.get(field, ()), *old]
        if heads:
            columns[field] = {"headers": heads, "is_required": bool(rule and rule.is_required)}
        elif rule and rule.is_required:
            raise ConfigError(
                f"seller.yml: shop {shop.shop}: columns: {rule.headers[0]!r} is the {field} of "
                f"{dialect.name}; name the column that holds it under {field}"
            )
    words = {fold(word) for said in shop.statuses.values() for word in said}
    statuses = {
        status: [
            *shop.statuses.get(status, ()),
            *(word for word in dialect.statuses.get(status, ()) if fold(word) not in words),
        ]
        for status in dict.fromkeys((*shop.statuses, *dialect.statuses))
    }
    changes = {
        "columns": columns,
        "statuses": statuses,
        "time_formats": [*shop.time_formats, *dialect.time_formats],
        "units_per_row": shop.units_per_row or dialect.units_per_row,
        "repeated_line": "second_line" if shop.units_per_row else dialect.repeated_line,
    }
    return _changed(dialect, changes)


def _changed(dialect: Dialect, changes: Mapping[str, Any]) -> Dialect:
    return Dialect.model_validate({**dialect.model_dump(), **changes})


@cache
def _said() -> dict[str, dict[str, Any]]:
    folder = dialect_folder()
    paths = sorted(folder.glob("*.yml"))
    sources = {path.stem: mapping_of(text_of(path, ConfigError), path.name) for path in paths}
    return {name: _extended(name, sources) for name in sources}


def dialect_folder() -> Path:
    """Return the folder with a file for each dialect."""
    return Path(str(resources.files("planner.intake").joinpath("dialects")))


def _spread(
    files: Mapping[str, Mapping[str, Any]], orders: Mapping[str, Dialect]
) -> dict[str, Dialect]:
    """Return each file as a dialect of every market that its platform, or any, has orders of."""
    found = {}
    for file, said in files.items():
        for market in sorted({dialect.market for dialect in orders.values()}):
            here = [one for one in orders.values() if one.market == market]
            if said.get("market") != ANY_MARKET:
                here = [one for one in here if one.platform == said["platform"]]
            if not here:
                continue
            base = next((one for one in here if one.platform == "tiktok"), here[0])
            shared = base.model_dump(include=set(COPIED))
            own: dict[str, Any] = {"platform": said["platform"]}
            own["time_formats"] = [*said.get("time_formats", ()), *shared["time_formats"]]
            name = f"{file}-{market.lower()}"
            found[name] = _built(name, {**said, **shared, **own})
    return found


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

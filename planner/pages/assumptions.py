"""The sheet of assumptions: policy, weak facts, unknown costs, and every rule the plan rests on.

A reader sees at once what was taken for true, from where, how sure and of which day. Figures
are told as their registers hold them; whether they are right is not known here.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from planner.intake.contracts import ROW
from planner.intake.own_rules import key_of
from planner.pages.big_numbers import listed
from planner.pages.bilingual import both, reasons, words
from planner.pages.kinds import WORDS, is_missing, tell_text
from planner.pages.plan_sheets import days_of, told
from planner.pages.sheets import Book, Column, write_table, write_title
from planner.pages.telling import DASH
from planner.scope import Scope
from planner.seller import Policy
from planner.supply.trips.lanes import ANY_MARKET
from planner.tables import (
    Admissions,
    Bounds,
    Certificates,
    DutyRates,
    ExitRules,
    Fees,
    HandlingFees,
    InboundRules,
    Lanes,
    LaneStages,
    Register,
    ReturnRates,
    ReturnRouteFees,
    RiskWindows,
    Surcharges,
    WarehouseFees,
    columns,
)
from planner.words import LANGS, is_known, say

RULE_COLUMNS = (
    "register", "market", "fact", "value", "confidence", "valid_to", "as_of", "source",
)  # fmt: skip
PLAN_REGISTERS = (
    Lanes, LaneStages, RiskWindows, InboundRules, Fees, Surcharges, DutyRates, HandlingFees,
    ReturnRates, ReturnRouteFees, ExitRules, WarehouseFees, Admissions, Certificates, Bounds,
)  # fmt: skip
"""Registers whose rows in force are told."""
TOLD = ("category", "exit", "route", "work", "kind", "stage", "fee", "base")
FAMILIES = {**WORDS, **{name: name for name in TOLD}}
"""By column of a register, the family of the words of its values."""
NAMED = {register.__name__: register for register in PLAN_REGISTERS}
HEADS = {"value_rate": "sheet.value_kept", "base": "sheet.of_what"}
"""Columns whose word elsewhere says something else."""


PLACE = ["market", "category"]
FALLBACK = "told_as"
"""Beside the columns of a register: what a row is told as, where its key would say too little."""


class _Line(NamedTuple):
    """One assumption."""

    group: str
    market: str
    what: str
    value: str
    state: str = ""
    confidence: str = ""
    valid_to: object = None
    as_of: object = None
    source: str = ""


def rules_used(
    registers: Mapping[type[Register], pd.DataFrame],
    *,
    scope: Scope,
    plan: Mapping[str, pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """Return the rows of registers that hold for the markets of a plan, as a reader is told them.

    Parameters
    ----------
    registers : mapping
        By contract the rows in force on the planning day.
    scope : Scope
    plan : mapping, optional
        By name `StockPlan`, `Catalogue` and, if there is one, `ReturnRates`: of return rates as the
        plan had them only those are told that one of its SKUs takes.

    Returns
    -------
    DataFrame
        register, market, fact, value, confidence, valid_to, as_of, source. The return rate of all
        categories names the categories that have none of their own.
    """
    if plan is not None and ReturnRates in registers:
        taken = _rates_taken(plan.get("ReturnRates", registers[ReturnRates]), plan)
        registers = {**registers, ReturnRates: taken}
    there = (*scope.markets, ANY_MARKET)
    rows: list[tuple[object, ...]] = []
    for register, frame in registers.items():
        keys = key_of(register)
        dated = {*columns(Register), ROW, *keys}
        figures = [name for name in columns(register) if name not in dated]
        has_market = "market" in frame
        kept = frame[frame["market"].isin(there)] if has_market else frame
        if "ends_on" in kept:
            kept = kept[_touches(kept, scope)]
        for line in kept.to_dict("records"):
            fact = line.get(FALLBACK) or _joined(line, [name for name in keys if name != "market"])
            value = _joined(line, figures, is_named=True)
            market = line["market"] if has_market else ANY_MARKET
            last = (line[name] for name in RULE_COLUMNS[4:])
            rows.append((register.__name__, market, fact, value, *last))
    return pd.DataFrame(rows, columns=list(RULE_COLUMNS))


def write_assumptions(
    book: Book, sheet: Worksheet, tables: Mapping[str, pd.DataFrame], scope: Scope
) -> None:
    """Write what the plan takes for true, the weakest ground before the rest.

    Parameters
    ----------
    book : Book
    sheet : Worksheet
    tables : Mapping
        By name: `CostLines`; `WeakRows` and `RulesUsed` (as `rules_used` returns it) if there
        are any.
    scope : Scope
        Its seller's policy.
    """
    lines = [*_policy(scope.policy), *_unknown(tables["CostLines"])]
    lines += _weak(tables.get("WeakRows"))
    lines += _used(tables.get("RulesUsed"))
    frame = pd.DataFrame(lines, columns=list(_Line._fields)).astype(object)
    texts = {name: [text or DASH for text in frame[name]] for name in ("market", "value", "source")}
    cells = [
        Column("sheet.assumption", frame["what"].to_list(), wide=True),
        Column("sheet.group", words("assumption", frame["group"])),
        Column("market", texts["market"]),
        Column("value", texts["value"], wide=True),
        Column("state", [text or DASH for text in told("state", frame["state"])]),
        Column("confidence", [text or DASH for text in told("confidence", frame["confidence"])]),
        Column("valid_to", days_of(frame["valid_to"]), kind="date"),
        Column("as_of", days_of(frame["as_of"])),
        Column("source", texts["source"], wide=True),
    ]
    write_title(book, sheet, both("sheet.assumptions_title"), both("sheet.assumptions_note"))
    write_table(book, sheet, cells)


def _policy(policy: Policy) -> Iterable[_Line]:
    """Yield the seller's policy, whether written down or taken by default."""
    named = {**policy.model_dump(), "buffer_rate": policy.buffer}
    for name, value in named.items():
        source = "seller.yml" if name in policy.model_fields_set else both("sheet.by_default")
        yield _Line("policy", "", _head(name), _policy_value(name, value), source=source)


def _policy_value(name: str, value: object) -> str:
    if name == "rule":
        return both(f"rule.{value}")
    if isinstance(value, tuple | list):
        return ", ".join(both(f"mode.{mode}") for mode in value) or both("mode.any")
    is_share = name.endswith(("_rate", "_level", "_ratio"))
    return f"{value:.1%}" if is_share else f"{value:g}"


def _unknown(costs: pd.DataFrame) -> Iterable[_Line]:
    rows = costs[~costs["is_known"].astype(bool)].drop_duplicates(["market", "term", "source"])
    for row in rows.itertuples():
        market, what = both(f"market.{row.market}"), both(f"cost.{row.term}")
        yield _Line("unknown", market, what, both("word.unknown"), "unknown", source=row.source)


def _weak(rows: pd.DataFrame | None) -> Iterable[_Line]:
    for row in rows.itertuples() if rows is not None else ():
        what = f"{_register(row.register)}: {_weak_fact(row.register, row.fact)}"
        market = told("market", [row.market])[0]
        yield _Line(
            "weak", market, what, "", row.state, row.confidence, row.valid_to, row.as_of, row.source
        )


def _weak_fact(register: str, fact: str) -> str:
    """Return what a row is about: a sentence as it is, names of a register by its columns."""
    kind = NAMED.get(register)
    keys = [name for name in key_of(kind) if name != "market"] if kind else []
    names = fact.split(" ", len(keys) - 1) if keys else []
    if is_known(fact.split("|")[0]) or len(names) != len(keys):
        return reasons([fact])[0]
    return _joined(dict(zip(keys, names, strict=True)), keys)


def _used(rows: pd.DataFrame | None) -> Iterable[_Line]:
    for row in rows.itertuples() if rows is not None else ():
        what = f"{_register(row.register)}: {row.fact}"
        market = told("market", [row.market])[0]
        days = (row.valid_to, row.as_of)
        yield _Line("used", market, what, row.value, "", row.confidence, *days, row.source)


def _rates_taken(rates: pd.DataFrame, plan: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the return rates that a SKU takes; the one of all categories says who takes it."""
    goods = plan["StockPlan"][["market", "sku"]].merge(plan["Catalogue"][["sku", "category"]])
    goods["category"] = goods["category"].fillna("").str.strip().str.lower()
    rates = rates.drop_duplicates(PLACE, keep="last")
    named = pd.MultiIndex.from_frame(rates[PLACE])
    wanted = pd.MultiIndex.from_frame(goods[PLACE])
    others = {
        market: part["category"] for market, part in goods[~wanted.isin(named)].groupby("market")
    }
    is_all = rates["category"] == ANY_MARKET
    told = [
        _all_but(others[market]) if whole and market in others else ""
        for market, whole in zip(rates["market"], is_all, strict=True)
    ]
    rates = rates.assign(**{FALLBACK: told})
    return rates[(~is_all & named.isin(wanted)) | (rates[FALLBACK] != "")]


def _all_but(categories: pd.Series) -> str:
    """Return that categories without a rate of their own take that of all, in both languages."""
    names = [name or "none" for name in sorted(set(categories))]
    texts = [
        say("sheet.rate_of_all", lang, skus=len(categories), names=listed(
            [say(term, lang) if is_known(term := f"category.{name}") else name for name in names],
            lang))
        for lang in LANGS
    ]  # fmt: skip
    return " / ".join(texts)


def _touches(windows: pd.DataFrame, scope: Scope) -> pd.Series:
    """Return which windows of time lie between the planning day and the end of the horizon."""
    plans = scope.plans.values()
    first, last = scope.first_day(3), max(plan.next_replenishment_on for plan in plans)
    return (windows["ends_on"] >= pd.Timestamp(first)) & (
        windows["starts_on"] <= pd.Timestamp(last)
    )


def _joined(line: Mapping[str, object], names: Iterable[str], *, is_named: bool = False) -> str:
    parts = []
    for name in names:
        value = line[name]
        if is_missing(value):
            text = both("word.unknown")
        elif isinstance(value, pd.Timestamp):
            text = f"{value:%Y-%m-%d}"
        elif isinstance(value, float):
            text = f"{value:g}"
        else:
            text = _named(name, str(value))
        parts.append(f"{_head(HEADS.get(name, name))} = {text}" if is_named else text)
    return "; ".join(part for part in parts if part)


def _named(column: str, value: str) -> str:
    """Return a name in both languages where the glossary knows it; a kind may be a category."""
    families = [FAMILIES[column]] if column in FAMILIES else []
    families += ["category"] if column == "kind" else []
    known = [family for family in families if is_known(f"{family}.{value}")]
    return told(known[0], [value])[0] if known else tell_text(value)


def _head(name: str) -> str:
    return both(name) if is_known(name) else name


def _register(name: str) -> str:
    return told("register", [name])[0]

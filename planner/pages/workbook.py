"""plan.xlsx: what a buyer works from, in Chinese and English on the same sheet.

Yellow cells are for the buyer, grey ones are formulas with their value stored.
A quantity of grade D is a range and no number, an unknown cost is called
unknown; the totals follow what the buyer decides. Nothing here touches disk.
"""

from collections.abc import Mapping

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from planner.campaign import Scope
from planner.pages.bilingual import both, head_of, reasons, unless, words
from planner.pages.blocks import show_alerts
from planner.pages.kinds import tell_text
from planner.pages.order_list import KEYS, order_columns, write_order, write_shipping
from planner.pages.sheets import Book, Column, Formula, cell, validate, write_table, write_title
from planner.pages.telling import DASH
from planner.seller import Policy
from planner.tables import GRADES, PHASES, RULES, SEVERITIES
from planner.words import LANGS, glossary, is_known, say

SHEETS = ("readme", "order", "shipping", "rules", "forecast", "costs", "alerts")
FORECAST_FIGURES = ("starts_on", "ends_on", "q10_units", "q50_units", "q90_units", "mean_units")
EXPLAINED = (
    "grade", "demand_units", "safety_units", "buffer_units", "available_units", "target_units",
    "order_units", "low_units", "high_units", "service_level", "expected_profit", "chargeable",
)  # fmt: skip
STATES = ("open", "doing", "closed")


def plan_workbook(tables: Mapping[str, pd.DataFrame], *, scope: Scope) -> bytes:
    """Return the workbook of one seller's plan.

    Parameters
    ----------
    tables : Mapping
        By name: `StockPlan`, `ShipLines`, `RuleComparison`, `Forecast`, `CostLines`, `Alerts`;
        `Catalogue` too if there is one, for names and carton sizes.
    scope : Scope
        Seller, campaign and the days the plan is made on.

    Returns
    -------
    bytes
        An .xlsx file without macros or links; the same plan gives the same bytes.
    """
    title = f"{scope.seller.name.zh} / {scope.seller.name.en}"
    book = Book(created=scope.first_day(3), title=title)
    sheets = {name: book.sheet(f"sheet.{name}") for name in SHEETS}
    order = order_columns(tables)
    _write_readme(book, sheets["readme"], tables, scope)
    write_order(book, sheets["order"], order, tables)
    write_shipping(book, sheets["shipping"], tables, order, sheets["order"].get_name())
    _write_rules(book, sheets["rules"], tables["RuleComparison"])
    _write_forecast(book, sheets["forecast"], tables["Forecast"])
    _write_costs(book, sheets["costs"], tables["CostLines"])
    _write_alerts(book, sheets["alerts"], tables["Alerts"])
    sheets["order"].activate()
    return book.finished()


def _write_rules(book: Book, sheet: Worksheet, comparison: pd.DataFrame) -> None:
    wide = comparison.set_index([*KEYS, "rule"]).unstack("rule") if len(comparison) else None  # noqa: PD010
    keys = list(wide.index) if wide is not None else []
    columns = [
        Column("sku", [sku for _, sku in keys]),
        Column("market", words("market", [market for market, _ in keys])),
    ]
    for rule in RULES:
        for name in ("order_units", "service_level", "expected_profit"):
            has = wide is not None and (name, rule) in wide
            values = wide[(name, rule)].to_list() if has else [None] * len(keys)
            columns.append(Column(name, values, heading=f"{both(f'rule.{rule}')}\n{head_of(name)}"))
    raw = comparison.groupby(KEYS)["raw_history_units"].max().reindex(keys) if keys else []
    columns.append(Column("raw_history_units", list(raw)))
    write_title(book, sheet, both("sheet.rules_title"), both("sheet.rules_note"))
    write_table(book, sheet, columns)


def _write_forecast(book: Book, sheet: Worksheet, forecast: pd.DataFrame) -> None:
    place = {phase: number for number, phase in enumerate((*PHASES, "horizon"))}
    rows = forecast.sort_values(
        ["market", "sku", "phase"],
        key=lambda c: c.map(place) if c.name == "phase" else c,
        kind="stable",
    )
    unsure = (rows["grade"] == "D").to_list()
    columns = [
        Column("sku", rows["sku"].to_list()),
        Column("shop", rows["shop"].to_list()),
        Column("market", words("market", rows["market"])),
        Column("phase", words("phase", rows["phase"])),
    ]
    for name in FORECAST_FIGURES:
        is_point = name in ("q50_units", "mean_units")
        columns.append(
            Column(name, unless(unsure, rows[name]) if is_point else rows[name].to_list())
        )
    columns += [
        Column("grade", rows["grade"].to_list()),
        Column("grade_reason", reasons(rows["grade_reason"]), wide=True),
    ]
    write_title(book, sheet, both("sheet.forecast_title"), both("sheet.forecast_note"))
    write_table(book, sheet, columns)


def _write_costs(book: Book, sheet: Worksheet, costs: pd.DataFrame) -> None:
    terms = list(dict.fromkeys(costs["term"]))
    amounts = costs.set_index([*KEYS, "term"])["amount_cost"]
    wide = amounts.unstack("term") if len(costs) else None  # noqa: PD010
    keys = list(wide.index) if wide is not None else []
    currency = tell_text(costs["currency"].iloc[0]) if len(costs) else ""
    columns = [
        Column("sku", [sku for _, sku in keys]),
        Column("market", words("market", [market for market, _ in keys])),
        *(
            Column(
                "amount_cost", wide[term].to_list(), heading=f"{both(f'cost.{term}')}\n({currency})"
            )
            for term in terms
        ),
    ]
    known = [wide.loc[key].sum(min_count=1) for key in keys] if wide is not None else []
    last, unknown = len(terms) + 1, both("word.unknown")
    sums = []
    for row, value in enumerate(known):
        terms_of = f"{cell(row, 2)}:{cell(row, last)}"
        text = f'IF(COUNT({terms_of})=0,"{unknown}",SUM({terms_of}))'
        sums.append(Formula(text, unknown if pd.isna(value) else float(value)))
    gaps = [
        Formula(
            f"{len(terms)}-COUNT({cell(row, 2)}:{cell(row, last)})", int(wide.loc[key].isna().sum())
        )
        for row, key in enumerate(keys)
    ]
    columns += [
        Column("head.cost", sums, heading=f"{both('head.cost')}\n({currency})"),
        Column("sheet.unknown_terms", gaps),
    ]
    write_title(book, sheet, both("sheet.costs_title"), both("sheet.costs_note"))
    write_table(book, sheet, columns, summed=("amount_cost", "head.cost"))


def _write_alerts(book: Book, sheet: Worksheet, alerts: pd.DataFrame) -> None:
    zh, en = (show_alerts(alerts, lang).data["items"] for lang in LANGS)
    grave = {name: place for place, name in enumerate(SEVERITIES)}
    ordered = alerts.sort_values("severity", key=lambda column: column.map(grave), kind="stable")
    texts = {
        name: [f"{one[name]}\n{other[name]}" for one, other in zip(zh, en, strict=True)]
        for name in ("text", "do")
    }
    currency = tell_text(ordered["currency"].iloc[0]) if len(ordered) else ""
    rows = len(ordered)
    columns = [
        Column("severity", [both(f"severity.{name}") for name in ordered["severity"]]),
        Column("sku", ordered["sku"].to_list()),
        Column("market", words("market", ordered["market"])),
        Column("sheet.what", texts["text"], wide=True),
        Column("head.do", texts["do"], wide=True),
        Column("act_by", [DASH if pd.isna(day) else day for day in ordered["act_by"]]),
        Column(
            "risk_cost",
            ordered["risk_cost"].to_list(),
            heading=head_of("risk_cost", currency=currency),
        ),
        Column("sheet.who", [None] * rows, is_input=True),
        Column("sheet.state", [None] * rows, is_input=True),
    ]
    write_title(book, sheet, both("sheet.alerts_title"), both("sheet.alerts_note"))
    write_table(book, sheet, columns)
    options = [both(f"sheet.state_{state}") for state in STATES]
    validate(
        sheet, len(columns) - 1, rows, validate="list", source=options, note="sheet.state_help"
    )


def _write_readme(
    book: Book, sheet: Worksheet, tables: Mapping[str, pd.DataFrame], scope: Scope
) -> None:
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 2, 62)
    plain, bold = book.format(text_wrap=True), book.format(bold=True, text_wrap=True)
    write_title(
        book, sheet, f"{scope.seller.name.zh} / {scope.seller.name.en}", both("sheet.readme_note")
    )
    row = 3
    for name, zh, en in [*_facts(tables, scope), *_legend(), *_meanings()]:
        is_heading = not zh
        style = book.format(bold=True, font_size=12, font_color="#0F5C9C") if is_heading else bold
        sheet.write_string(row, 0, tell_text(name), style)
        fill = (
            book.format(text_wrap=True, bg_color="#FFF6CC")
            if name == both("sheet.yellow")
            else plain
        )
        sheet.write_string(row, 1, tell_text(zh), fill)
        sheet.write_string(row, 2, tell_text(en), fill)
        row += 1
    sheet.set_portrait()
    sheet.fit_to_pages(1, 1)


def _facts(tables: Mapping[str, pd.DataFrame], scope: Scope) -> list[tuple[str, str, str]]:
    policy, plan = scope.policy, tables["StockPlan"]
    grades = plan["grade"].value_counts()
    told = " · ".join(f"{grade} {int(grades.get(grade, 0))}" for grade in GRADES)
    days = {f"{market} {day}" for market, day in scope.as_of(3).items()}
    facts = [(both("sheet.about"), "", "")]
    facts.append((both("head.campaign"), scope.campaign.name.zh, scope.campaign.name.en))
    facts.append((both("head.scenario"), *(_scenario(scope, lang) for lang in LANGS)))
    facts.append((both("head.as_of"), *[", ".join(sorted(days))] * 2))
    facts.append((both("rule"), *(_rule(policy, lang) for lang in LANGS)))
    others = int((plan["rule"] != policy.rule).sum())
    if others:
        facts.append(
            (
                both("sheet.other_rule"),
                *(say("sheet.other_rule_count", lang, count=others, all=len(plan),
                      rules=_other_rules(plan, policy, lang)) for lang in LANGS),
            )
        )  # fmt: skip
    facts.append((both("head.grades"), told, told))
    unknown = (
        tables["CostLines"].loc[~tables["CostLines"]["is_known"].astype(bool), "term"].unique()
    )
    missing = [", ".join(say(f"cost.{term}", lang) for term in unknown) or DASH for lang in LANGS]
    return [*facts, (both("sheet.unknown_costs"), *missing)]


def _rule(policy: Policy, lang: str) -> str:
    level = f" {policy.service_level:.0%}" if policy.rule == "service_level" else ""
    rule, buffer = say(f"rule.{policy.rule}", lang), say("buffer_units", lang)
    return f"{rule}{level} · {buffer} {policy.buffer:.0%}"


def _other_rules(plan: pd.DataFrame, policy: Policy, lang: str) -> str:
    rules = [rule for rule in plan["rule"].unique() if rule != policy.rule]
    return ", ".join(say(f"rule.{rule}", lang) for rule in rules)


def _scenario(scope: Scope, lang: str) -> str:
    return say("page.scenario_base", lang) if scope.scenario == "base" else scope.scenario


def _legend() -> list[tuple[str, str, str]]:
    lines = [(both("sheet.legend"), "", "")]
    for name in ("yellow", "grey", "unknown", "range", "protect"):
        lines.append((both(f"sheet.{name}"), *(say(f"sheet.{name}_means", lang) for lang in LANGS)))
    lines += [(grade, *(say(f"grade.{grade}", lang) for lang in LANGS)) for grade in GRADES]
    return lines


def _meanings() -> list[tuple[str, str, str]]:
    terms = [glossary()[name] for name in EXPLAINED if is_known(name)]
    told = [
        (both(term.term), term.meaning_zh, term.meaning_en) for term in terms if term.meaning_zh
    ]
    return [(both("page.legend"), "", ""), *told]

"""The first sheet of plan.xlsx: whose plan it is, what was assumed, how to read the rest.

Every line stands in Chinese and in English. Figures come from the plan's tables as they are.
"""

from collections.abc import Mapping

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from planner.pages.bilingual import both
from planner.pages.kinds import tell_text
from planner.pages.sheets import INPUT_FILL, Book, write_title
from planner.pages.telling import DASH
from planner.scope import Scope
from planner.seller import Policy
from planner.tables import GRADES
from planner.words import LANGS, glossary, is_known, say

EXPLAINED = (
    "grade", "demand_units", "safety_units", "buffer_units", "available_units", "target_units",
    "order_units", "low_units", "high_units", "service_level", "expected_profit", "chargeable",
)  # fmt: skip


def write_readme(
    book: Book, sheet: Worksheet, tables: Mapping[str, pd.DataFrame], scope: Scope
) -> None:
    """Write the sheet; see `workbook.plan_workbook` for the tables."""
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
            book.format(text_wrap=True, bg_color=INPUT_FILL)
            if name == both("sheet.yellow")
            else plain
        )
        sheet.write_string(row, 1, tell_text(zh), fill)
        sheet.write_string(row, 2, tell_text(en), fill)
        row += 1
    sheet.set_portrait()
    sheet.fit_to_pages(1, 1)


def made_for(scope: Scope) -> str:
    """Return what says whose plan a workbook is, for who reads it back."""
    return f"{scope.campaign.campaign} / {scope.seller.seller}"


def _facts(tables: Mapping[str, pd.DataFrame], scope: Scope) -> list[tuple[str, str, str]]:
    policy, plan = scope.policy, tables["StockPlan"]
    grades = plan["grade"].value_counts()
    told = " · ".join(f"{grade} {int(grades.get(grade, 0))}" for grade in GRADES)
    days = {f"{market} {day}" for market, day in scope.as_of(3).items()}
    facts = [(both("sheet.about"), "", "")]
    facts.append((both("head.campaign"), scope.campaign.name.zh, scope.campaign.name.en))
    facts.append((both("sheet.made_for"), *[made_for(scope)] * 2))
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

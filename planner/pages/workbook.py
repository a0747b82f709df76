"""plan.xlsx: what a buyer works from, in Chinese and English on the same sheet.

Yellow cells are for the buyer, grey ones are formulas with their value stored.
A quantity of grade D is a range and no number, an unknown cost is called
unknown; the totals follow what the buyer decides. Nothing here touches disk.
"""

from collections.abc import Mapping

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from planner.pages.assumptions import write_assumptions
from planner.pages.bilingual import both, head_of, reasons, unless, words
from planner.pages.blocks import show_alerts
from planner.pages.cross_sums import Placed
from planner.pages.kinds import tell_text
from planner.pages.meeting_sheet import meeting_columns
from planner.pages.order_list import KEYS, order_columns, write_order
from planner.pages.plan_sheets import WRITERS, write_state
from planner.pages.read_me import write_readme
from planner.pages.sheets import Book, Column, Formula, cell, write_table, write_title
from planner.pages.shipping_sheets import (
    carton_columns,
    shipment_columns,
    shipping_columns,
    write_cartons,
    write_shipments,
    write_shipping,
)
from planner.pages.telling import DASH
from planner.scope import Scope
from planner.tables import PHASES, RULES, SEVERITIES
from planner.words import LANGS

SHEETS = (
    "readme", "meeting", "order", "shipping", "shipments", "cartons", "quote", "products",
    "gates", "papers", "deadlines", "locks", "limits", "rules", "forecast", "costs", "alerts",
    "assumptions", "log",
)  # fmt: skip
"""All there can be, in their order; `sheet_names` says which a plan has."""
NEEDS = {
    "shipments": "CartonMarks", "cartons": "CartonMarks",
    **{name: table for name, (table, _) in WRITERS.items() if table},
}  # fmt: skip
"""By name of a sheet, the table without which it is left out."""
FORECAST_FIGURES = ("starts_on", "ends_on", "q10_units", "q50_units", "q90_units", "mean_units")


def plan_workbook(tables: Mapping[str, pd.DataFrame], *, scope: Scope) -> bytes:
    """Return the workbook of one seller's plan.

    Parameters
    ----------
    tables : Mapping
        By name: `StockPlan`, `ShipLines`, `RuleComparison`, `Forecast`, `CostLines`, `Alerts`.
        If there are any: `Catalogue`, `LaneOptions`, `MeetingSheet`, `CartonMarks`,
        `QuoteRequest`, `QuoteProducts` (of `supply.papers.quote`), `Gates`, `PaperChecks`,
        `Deadlines`, `PriceLocks`, `LimitPrices`, `WeakRows`, `RulesUsed` (of
        `assumptions.rules_used`); a sheet whose table is not there is left out.
    scope : Scope
        Seller, campaign and the days the plan is made on.

    Returns
    -------
    bytes
        An .xlsx file without macros or links; the same plan gives the same bytes.
    """
    title = f"{scope.seller.name.zh} / {scope.seller.name.en}"
    book = Book(created=scope.first_day(3), title=title)
    sheets = {name: book.sheet(f"sheet.{name}") for name in sheet_names(tables)}
    meeting = None
    if "meeting" in sheets:
        meeting = Placed(sheets["meeting"].get_name(), meeting_columns(tables))
    order = order_columns(tables, meeting)
    write_readme(book, sheets["readme"], tables, scope)
    write_order(book, sheets["order"], order, tables)
    _write_leaving(book, sheets, tables, Placed(sheets["order"].get_name(), order))
    _write_rules(book, sheets["rules"], tables["RuleComparison"])
    _write_forecast(book, sheets["forecast"], tables["Forecast"])
    _write_costs(book, sheets["costs"], tables["CostLines"])
    _write_alerts(book, sheets["alerts"], tables["Alerts"])
    write_assumptions(book, sheets["assumptions"], tables, scope)
    for name, (_, write) in WRITERS.items():
        if name in sheets:
            write(book, sheets[name], tables, scope)
    sheets["order"].activate()
    return book.finished()


def sheet_names(tables: Mapping[str, pd.DataFrame]) -> tuple[str, ...]:
    """Return the sheets of the workbook that these tables make, in their order."""
    return tuple(name for name in SHEETS if name not in NEEDS or NEEDS[name] in tables)


def _write_leaving(
    book: Book, sheets: Mapping[str, Worksheet], tables: Mapping[str, pd.DataFrame], order: Placed
) -> None:
    """Write the sheets of what is shipped; with carton marks their counts are compared."""
    cartons = None
    if "cartons" in sheets:
        cartons = Placed(sheets["cartons"].get_name(), carton_columns(tables["CartonMarks"]))
        write_cartons(book, sheets["cartons"], cartons)
    name = sheets["shipping"].get_name()
    shipping = Placed(name, shipping_columns(tables, order, cartons))
    write_shipping(book, sheets["shipping"], shipping)
    if cartons is not None:
        columns = shipment_columns(cartons, shipping, tables["ShipLines"])
        shipments = Placed(sheets["shipments"].get_name(), columns)
        write_shipments(book, sheets["shipments"], shipments)


def _write_rules(book: Book, sheet: Worksheet, comparison: pd.DataFrame) -> None:
    wide = comparison.set_index([*KEYS, "rule"]).unstack("rule") if len(comparison) else None  # noqa: PD010
    keys = list(wide.index) if wide is not None else []
    columns = [
        Column("sku", [sku for _, sku in keys]),
        Column("market", words("market", [market for market, _ in keys])),
    ]
    held = comparison.groupby("rule")["held_back_units"].sum()
    for rule in RULES:
        more = ("held_back_units",) if held.get(rule, 0) > 0 else ()
        for name in ("order_units", *more, "service_level", "expected_profit"):
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
        Column("head.cost", sums, heading=f"{both('head.cost')}\n({currency})", kind="money"),
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
    ]
    write_title(book, sheet, both("sheet.alerts_title"), both("sheet.alerts_note"))
    write_state(book, sheet, columns)

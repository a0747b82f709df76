"""Two states of the registers, one plan under each: what flips, and what it is worth.

For the day on which a fee, a lane or a duty changes: draws, stock and planning day stay the same,
so that every difference comes from the rules. Writes no table of the campaign.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from rich.console import Console
from rich.table import Table

from planner import tables
from planner.desk.asked_days import day_of
from planner.desk.home import Home
from planner.desk.own_event import FIGURE_FORMAT
from planner.desk.plan_inputs import REGISTERS, read_known
from planner.desk.problems import both
from planner.desk.progress import plain_line
from planner.desk.runner import chosen_sellers
from planner.desk.store import Desk, file_of, open_scope
from planner.errors import ConfigError
from planner.guards.gates import goods_gates
from planner.guards.rule_changes import changed_facts, flips, gaps
from planner.intake import own_rules, rules
from planner.pages.reasons import tell_reason
from planner.pages.telling import tell_number
from planner.supply.campaign_plan import plan_campaign
from planner.supply.plan_tables import Known, Planned, Registers
from planner.words import LANGS, is_known, say

MAX_NAMED = 8
"""Facts that a refusal names."""
WIDTH = 130
"""Width of a table that is not written to a terminal. [letters]"""


class RulesFound(NamedTuple):
    """What differs between two states of the registers."""

    skus: pd.DataFrame
    """Table `RulesDiff`, of all sellers."""
    facts: pd.DataFrame
    """Table `RuleChanges`."""


def diff_rules(
    home: Home,
    campaign: str,
    *,
    sellers: Sequence[str] = (),
    scenario: str = "base",
    first: str = "",
    second: str = "",
    changed: Path | None = None,
) -> RulesFound:
    """Return what flips between the registers of two days, or between them and edited rows.

    Parameters
    ----------
    home : Home
    campaign, scenario : str
        Their notebooks 01 and 02 have run.
    sellers : sequence of str
        All of the campaign without any.
    first, second : str
        ISO days whose registers are compared; the planning day without one.
    changed : Path, optional
        Register, or folder of registers, whose rows take the place of those that name the same
        fact in the second state: a whole copy, or only the rows that were edited.

    Raises
    ------
    PlannerError
        If nothing is to be compared, a fact in force in one state has ended or not begun in the
        other, or the changed rows are not in force; names each.
    """
    days = (day_of(first), day_of(second))
    if changed is None and days[0] == days[1]:
        raise ConfigError(
            "rules diff compares two states of the registers: give --from and --to two different "
            "days, or --with a file of changed rows"
        )
    read = home.campaign(campaign)
    pairs = []
    for seller in chosen_sellers(home, read, sellers):
        scope = open_scope(home, campaign, seller, scenario=scenario, as_of="")
        pairs.append(_compared(Desk(home=home, scope=scope), days, changed))
    skus = pd.concat([found.skus for found in pairs], ignore_index=True)
    facts = pd.concat([found.facts for found in pairs], ignore_index=True).drop_duplicates()
    return RulesFound(
        tables.checked(tables.RulesDiff, skus), tables.checked(tables.RuleChanges, facts)
    )


def registers_on(desk: Desk, day: date | None, changed: Path | None = None) -> Registers:
    """Return the registers of a plan as they stand on a day, changed rows in their place.

    Parameters
    ----------
    desk : Desk
    day : date, optional
        Without it the planning day of each market.
    changed : Path, optional
        As in `diff_rules`.

    Raises
    ------
    ConfigError
        If `changed` holds no register of a plan, or a row that is not in force.
    """
    found = {kind: desk.rules(kind, on=day) for kind in REGISTERS}
    if changed is None:
        return found
    folder, names = _changed_files(changed)
    for kind in REGISTERS:
        if file_of(kind) in names:
            edited = rules.read_register(folder, kind)
            now = desk.in_force(edited, day)
            _refuse_idle(edited, now, kind, day)
            found[kind] = own_rules.with_own_rows(found[kind], now, kind)
    return found


def as_csv(found: RulesFound) -> str:
    """Return the SKUs as CSV text."""
    return found.skus.to_csv(index=False, lineterminator="\n", float_format=FIGURE_FORMAT)


def tell_diff(found: RulesFound, console: Console) -> None:
    """Write the facts that changed, then the SKUs that flip, dearest first, and the sum."""
    if not console.is_terminal:
        console.width = WIDTH
    if found.facts.empty:
        plain_line(console, both("cli.rules_same"))
        return
    console.print(_facts_table(found.facts))
    for seller, rows in found.skus.groupby("seller"):
        flipped = rows[rows["is_flip"]]
        if len(flipped):
            console.print(_skus_table(str(seller), flipped))
        total = rows["profit_difference"].sum(min_count=1)
        money = tell_number(total, "expected_profit", "en", rows["currency"].iloc[0])
        facts = {"seller": seller, "count": len(flipped), "all": len(rows), "money": money}
        plain_line(console, both("cli.rules_sum", **facts))


def _compared(
    desk: Desk, days: tuple[date | None, date | None], changed: Path | None
) -> RulesFound:
    known = read_known(desk)
    before, after = registers_on(desk, days[0]), registers_on(desk, days[1], changed)
    missing = gaps(before, after, scope=desk.scope)
    if missing and changed is None:
        raise ConfigError(_told_gaps(missing, days))
    facts = changed_facts(_facts_of(before), _facts_of(after), scope=desk.scope)
    old = _planned(known, before, desk)
    new = old if facts.empty else _planned(known, after, desk)
    return RulesFound(flips(old, new, scope=desk.scope), facts)


def _planned(known: Known, registers: Registers, desk: Desk) -> Planned:
    held = known._replace(registers=registers)
    return plan_campaign(held, goods_gates(held, scope=desk.scope), scope=desk.scope)


def _facts_of(registers: Registers) -> Registers:
    """Return the registers whose rows are judged by the day."""
    return {kind: rows for kind, rows in registers.items() if kind is not tables.Calendar}


def _changed_files(changed: Path) -> tuple[Path, set[str]]:
    folder = changed if changed.is_dir() else changed.parent
    names = {path.name for path in folder.glob("*.csv")} if changed.is_dir() else {changed.name}
    known = sorted(file_of(kind) for kind in REGISTERS if kind is not tables.Calendar)
    kept = names & set(known)
    if not kept or not changed.exists():
        raise ConfigError(
            f"--with {changed}: no register of a plan there; name the file as in data/rules: "
            f"{', '.join(known)}"
        )
    return folder, kept


def _refuse_idle(
    edited: pd.DataFrame, now: pd.DataFrame, kind: type[tables.Register], day: date | None
) -> None:
    """Refuse edited rows none of which is in force: the edit would change nothing."""
    key = own_rules.key_of(kind)
    lost = edited[~pd.MultiIndex.from_frame(edited[key]).isin(pd.MultiIndex.from_frame(now[key]))]
    if lost.empty:
        return
    named = "; ".join(" ".join(map(str, row)) for row in lost[key].head(MAX_NAMED).to_numpy())
    on = f"on {day}" if day else "on the planning day"
    raise ConfigError(
        f"{file_of(kind)}: not in force {on}: {named}; mend valid_from and valid_to, or give --to"
    )


def _told_gaps(missing: list[tuple[str, str, bool]], days: tuple[date | None, date | None]) -> str:
    told = []
    for register, fact, has_ended in missing[:MAX_NAMED]:
        day = days[1] if has_ended else days[0]
        what = "has ended, and nothing follows it" if has_ended else "has not begun"
        on = day or "the planning day"
        told.append(f"{file_of(getattr(tables, register))}, {fact}: {what} on {on}")
    more = f"; and {len(missing) - MAX_NAMED} more" if len(missing) > MAX_NAMED else ""
    return "; ".join(told) + more + "; add the row that holds then, with its source"


def _facts_table(facts: pd.DataFrame) -> Table:
    table = Table(title=both("cli.rules_facts"))
    columns = ("register", "market", "cli.rules_fact", "field", "old_value", "new_value", "source")
    for column in columns:
        table.add_column(_heading(column), overflow="fold")
    for row in facts.to_dict("records"):
        term = f"register.{row['register']}"
        name = say(term, "zh") if is_known(term) else row["register"]
        more = [row[name] for name in ("market", "fact", "field", "old_value", "new_value")]
        table.add_row(name, *more, row["source"])
    return table


def _skus_table(seller: str, rows: pd.DataFrame) -> Table:
    table = Table(title=both("cli.rules_skus", seller=seller))
    table.add_column(_heading("sku"))
    for column in ("old_units", "new_units", "profit_difference", "cost_difference"):
        table.add_column(_heading(column), justify="right")
    table.add_column(_heading("reason"), overflow="fold")
    for row in rows.to_dict("records"):
        told = "\n".join(tell_reason(row["reason"], lang) for lang in LANGS)
        table.add_row(
            f"{row['market']} {row['sku']}", f"{row['old_units']:,}", f"{row['new_units']:,}",
            _money(row["profit_difference"], row), _money(row["cost_difference"], row), told,
        )  # fmt: skip
    return table


def _heading(column: str) -> str:
    return "\n".join(dict.fromkeys(say(column, lang) for lang in LANGS))


def _money(amount: float, row: dict[str, object]) -> str:
    return tell_number(amount, "expected_profit", "en", str(row["currency"]))

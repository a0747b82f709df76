"""What notebook 05 shows beside its charts: which plan, decisions, figures, regrets, people, rules.

Tables of the review in, blocks out; nothing is reckoned here but sums over SKUs.
"""

import pandas as pd

from planner.pages.big_numbers import money, spoken
from planner.pages.blocks import Block, show_measures, show_note, show_table
from planner.pages.cards import measure_tile
from planner.pages.charts_review import cause_term
from planner.pages.headline_review import named_skus
from planner.pages.kinds import is_missing
from planner.pages.reasons import tell_reason
from planner.season.replays.override_value import owner_totals
from planner.words import say

KEYS = ["market", "sku"]
FIRST_DECISIONS = 3
"""What a meeting can decide before it looks at anything else. [rows]"""
FIRST_REGRETS = 10
MEASURE_GROUPS = {
    "profit": "money", "revenue": "money", "cost": "money", "lost_profit": "money",
    "leftover_cost": "money", "fill_rate": "service", "service_rate": "service",
    "stock_out_days": "service", "lost_units": "service", "sell_through_rate": "stock",
    "turnover": "stock", "leftover_units": "stock", "dead_stock_rate": "stock",
    "return_rate": "stock", "forecast_wape": "demand", "forecast_bias": "demand",
    "coverage": "demand",
}  # fmt: skip
"""Each figure of the review and what it is about, in the order of reading."""
MET = {True: "word.yes", False: "word.no"}
DEAR_CAUSES = 2
"""Causes told of a SKU: the dearest say enough."""
DEAR_SHARE = 0.05
"""Of a SKU's gap: a cause above it is told whatever its rank. [unitless]"""


def show_plan_then(reason: str, lang: str, *, is_sure: bool) -> Block:
    """Return which plan the review is held against, in one line.

    Parameters
    ----------
    reason : str
        Code, as `desk.freeze.plan_then` gives it.
    lang : {"zh", "en"}
    is_sure : bool
        Whether it is the plan as it stood before the campaign began.
    """
    tone = "plain" if is_sure else "warn"
    return Block("note", {"lang": lang, "text": tell_reason(reason, lang), "tone": tone})


def show_decisions(
    decisions: pd.DataFrame, lang: str, *, most: int | None = FIRST_DECISIONS
) -> Block:
    """Return what to do otherwise next time: finding, decision, owner, by when.

    Parameters
    ----------
    decisions : DataFrame
        Table `NextDecisions`.
    lang : {"zh", "en"}
    most : int, optional
        Rows shown, and those that somebody has taken on; None for all.
    """
    is_shown = decisions["owner"] != ""
    is_shown.iloc[: len(decisions) if most is None else most] = True
    names = ["subject", "finding", "decision", "owner", "due_on"]
    told = decisions[is_shown].rename(columns={name: f"next_{name}" for name in names})
    told["next_owner"] = told["next_owner"].where(told["next_owner"] != "", None)
    columns = [
        "next_subject",
        "next_finding",
        "next_decision",
        "next_owner",
        "next_due_on",
        "state",
    ]
    block = show_table(
        told, lang, empty_term="empty.next_decisions", columns=columns, cards_on_phone=True
    )
    hidden = int((~is_shown).sum())
    more = say("review.more_decisions", lang, count=hidden) if hidden else ""
    return Block(block.kind, {**block.data, "more": more})


def say_profit(profits: pd.DataFrame, lang: str) -> Block:
    """Return profit as planned, as it came and at best, and what is counted in all three.

    Parameters
    ----------
    profits : DataFrame
        Table `SeasonProfits`; the plan's is told where every SKU that is counted has it.
    lang : {"zh", "en"}
    """
    known = profits[profits["actual_profit"].notna()]
    if known.empty:
        return spoken([say("review.profit_unknown", lang)], lang)
    names = ["planned_profit", "actual_profit", "best_profit"]
    sums = known.reindex(columns=names).sum(skipna=False)
    currency = str(known["currency"].iloc[0])
    facts = {name: money(sums[name], currency, lang) for name in names if pd.notna(sums[name])}
    term = "review.profits" if "planned_profit" in facts else "review.profits_no_plan"
    gone = profits.loc[profits["actual_profit"].isna(), "sku"].tolist()
    left_out = say("review.profit_left_out", lang, skus=named_skus(gone, lang)) if gone else ""
    return spoken([say(term, lang, skus=len(known), **facts), left_out], lang)


def show_figures(figures: pd.DataFrame, lang: str) -> Block:
    """Return the figures of the review in groups: planned, as it came, target, met or not.

    Parameters
    ----------
    figures : DataFrame
        Table `ReviewMeasures`; a figure that nobody knows and a column without any are left out.
    lang : {"zh", "en"}
    """
    places = {name: place for place, name in enumerate(MEASURE_GROUPS)}
    known = figures[figures[["planned_value", "actual_value"]].notna().any(axis=1)]
    known = known.assign(place=known["measure"].map(places).fillna(len(places)))
    known = known.sort_values(["market", "place"], kind="stable")
    rows = known.to_dict("records")
    groups = pd.Series([MEASURE_GROUPS.get(row["measure"], "") for row in rows], dtype="str")
    is_first = groups.ne(groups.shift()) | known["market"].ne(known["market"].shift()).to_numpy()
    told = pd.DataFrame(
        {
            "market": [row["market"] for row in rows],
            "measure_group": [
                say(f"measure_group.{group}", lang) if group and first else ""
                for group, first in zip(groups, is_first, strict=True)
            ],
            "measure": [row["measure"] for row in rows],
            "planned": [_value(row, "planned_value", lang) for row in rows],
            "actual": [_value(row, "actual_value", lang) for row in rows],
            "target": [_target(row, lang) for row in rows],
            "met": ["" if is_missing(row["is_met"]) else say(MET[bool(row["is_met"])], lang)
                    for row in rows],
        }
    )  # fmt: skip
    columns = ["measure_group", "measure", "planned", "actual", "target", "met"]
    shown = ["market", *columns] if _has_many(figures) else columns
    shown = [name for name in shown if told.empty or told[name].ne("").any()]
    return show_table(told, lang, columns=shown, first=len(told), empty_term="empty.measures")


def show_regrets(
    ledger: pd.DataFrame, lang: str, *, first: int = FIRST_REGRETS, is_frozen: bool = True
) -> Block:
    """Return SKU by SKU what was missed, its dearest causes, and what each came from.

    Parameters
    ----------
    ledger : DataFrame
        Table `RegretLedger`.
    lang : {"zh", "en"}
    first : int
        Rows on screen until the reader asks for all.
    is_frozen : bool
        Whether the plan compared was put aside, as `charts_review.cause_term` takes it.
    """
    order = ledger.groupby(KEYS)["regret_profit"].transform("sum")
    rows = ledger.assign(gap_profit=order, own=-ledger["regret_profit"].abs())
    rows = rows.sort_values(["gap_profit", *KEYS, "own"], ascending=[False, True, True, True])
    is_dear = rows["regret_profit"].abs() >= DEAR_SHARE * rows["gap_profit"].abs()
    rows = rows[(rows.groupby(KEYS).cumcount() < DEAR_CAUSES) | is_dear]
    rows = rows.rename(columns={"reason": "cause_facts"})
    terms = [cause_term(cause, is_frozen=is_frozen) for cause in rows["cause"]]
    rows["cause"] = [term.removeprefix("cause.") for term in terms]
    return show_table(rows, lang, first=first, empty_term="empty.regret", columns=[
        "market", "sku", "gap_profit", "cause", "regret_profit", "units", "cause_facts",
    ])  # fmt: skip


def show_owners(changes: pd.DataFrame, lang: str) -> Block:
    """Return by person how many SKUs were changed and what the changes were worth.

    Parameters
    ----------
    changes : DataFrame
        Table `OverrideValue`.
    lang : {"zh", "en"}
    """
    columns = ["owner", "n_skus", "value_profit"]
    sums = owner_totals(changes)
    return show_table(sums, lang, columns=columns, empty_term="empty.changes")


def show_changes(changes: pd.DataFrame, lang: str) -> Block:
    """Return change by change: units with it and without it, and its money.

    Parameters
    ----------
    changes : DataFrame
        Table `OverrideValue`.
    lang : {"zh", "en"}
    """
    told = changes.rename(columns={"source": "change_kind"})
    told["change"] = [_change(change, lang) for change in told["change"]]
    effect = changes["is_helped"].map({True: "helped", False: "harmed"}).fillna("none")
    told["change_effect"] = effect.where(changes["value_profit"].notna(), None)
    columns = [
        "market", "sku", "change_kind", "row", "change", "owner", "without_units",
        "planned_units", "value_profit", "change_effect", "reason",
    ]  # fmt: skip
    idle = set() if told["row"].gt(0).any() else {"row"}
    idle |= set() if _has_many(told) else {"market"}
    shown = [name for name in columns if name not in idle]
    return show_table(told, lang, empty_term="", columns=shown)


def show_gains(gains: pd.DataFrame, lang: str) -> Block:
    """Return whether the changes brought the forecast nearer to demand, where there were any.

    Parameters
    ----------
    gains : DataFrame
        Table `OutcomeMeasures` of `overrides_review.override_measures`.
    lang : {"zh", "en"}
    """
    return show_measures(gains, lang) if len(gains) else show_note("empty.gains", lang)


def say_rules(sums: pd.DataFrame, lang: str, *, profits: pd.DataFrame | None = None) -> Block:
    """Return in a sentence whether a rule that sellers use would have earned more than our plan.

    Parameters
    ----------
    sums : DataFrame
        As `seller_rules.rule_sums` returns it.
    lang : {"zh", "en"}
    profits : DataFrame, optional
        Table `SeasonProfits`: names the SKUs that cannot be replayed.
    """
    others = sums[sums["rule"] != "ours"]
    if others.empty:
        return spoken([say("empty.rules", lang)], lang)
    currency = str(others["currency"].iloc[0])
    better = others[others["gained_profit"] < 0].sort_values("gained_profit")
    best = others.sort_values("gained_profit").iloc[0] if better.empty else better.iloc[0]
    facts = {
        "rule": say(f"rule.{best['rule']}", lang),
        "money": money(abs(float(best["gained_profit"])), currency, lang),
        "count": len(others) - len(better),
        "all": len(others),
    }
    term = "review.rules_ahead" if better.empty else "review.rules_behind"
    gone = [] if profits is None else profits.loc[profits["actual_profit"].isna(), "sku"].tolist()
    left_out = say("review.rules_left_out", lang, skus=named_skus(gone, lang)) if gone else ""
    return spoken([say(term, lang, **facts), say("review.rules_basis", lang), left_out], lang)


def show_rules(sums: pd.DataFrame, lang: str) -> Block:
    """Return what each rule would have ordered, sold, missed, left over and earned.

    Parameters
    ----------
    sums : DataFrame
        As `seller_rules.rule_sums` returns it.
    lang : {"zh", "en"}
    """
    told = sums.assign(behind_ours_profit=-sums["gained_profit"])
    return show_table(told, lang, empty_term="empty.rules", columns=[
        "rule", "order_units", "sold_units", "lost_units", "leftover_units", "behind_ours_profit",
    ])  # fmt: skip


def _has_many(frame: pd.DataFrame) -> bool:
    return len(frame["market"].unique()) > 1


def _value(row: dict[str, object], column: str, lang: str) -> str:
    """Return one figure told in its own unit; nothing where it is not known."""
    if is_missing(row[column]):
        return ""
    tile = measure_tile({**row, "value": row[column]}, lang, many_markets=False)
    return f"{tile['value']} {tile['unit']}".strip()


def _target(row: dict[str, object], lang: str) -> str:
    """Return what was asked for, and in brackets how it is meant."""
    value, reason = _value(row, "target_value", lang), str(row["reason"])
    if not value or not reason:
        return value
    return say("review.target", lang, value=value, reason=tell_reason(reason, lang))


def _change(change: str, lang: str) -> str:
    return say(f"decision.{change}", lang) if change in ("hold", "drop") else change

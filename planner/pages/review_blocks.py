"""What notebook 05 shows beside its charts: which plan, decisions, figures, regrets, people, rules.

Tables of the review in, blocks out; nothing is reckoned here but sums over SKUs.
"""

import pandas as pd

from planner.pages.big_numbers import large_money, spoken
from planner.pages.blocks import Block, show_measures, show_table
from planner.pages.charts_review import cause_term
from planner.pages.headline_review import named_skus
from planner.pages.reasons import tell_reason
from planner.pages.telling import tell_number
from planner.season.replays.override_value import owner_totals
from planner.words import say

KEYS = ["market", "sku"]
FIRST_DECISIONS = 3
"""What a meeting can decide before it looks at anything else. [rows]"""
FIRST_REGRETS = 6
JUDGED = [
    "row", "category", "sku", "phase", "change", "owner", "without_units", "planned_units",
    "demand_units", "without_error_units", "planned_error_units", "gained_units", "is_helped",
]  # fmt: skip
IGNORED = "reason.override_not_followed"
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
    facts = {
        name: large_money(sums[name], currency, lang) for name in names if pd.notna(sums[name])
    }
    term = "review.profits" if "planned_profit" in facts else "review.profits_no_plan"
    gone = profits.loc[profits["actual_profit"].isna(), "sku"].tolist()
    left_out = say("review.profit_left_out", lang, skus=named_skus(gone, lang)) if gone else ""
    told = say(term, lang, skus=len(known), **facts)
    return spoken([told, _above_best(known, lang), left_out], lang)


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
        "market", "sku", "gap_profit", "cause", "regret_profit", "missed_units", "left_units",
        "cause_facts",
    ])  # fmt: skip


def show_owners(changes: pd.DataFrame, lang: str) -> Block:
    """Return by person how many SKUs were changed and what the changes were worth.

    Where none was followed that is the news, SKU by SKU: their worth is not zero but unseen.

    Parameters
    ----------
    changes : DataFrame
        Table `OverrideValue`.
    lang : {"zh", "en"}
    """
    if len(changes) and changes["reason"].str.startswith(IGNORED).all():
        joint = "；" if lang == "zh" else "; "
        told = joint.join(_ignored(row, lang) for row in changes.to_dict("records"))
        return spoken([say("review.ignored", lang, count=len(changes), told=told)], lang)
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
    idle |= set() if has_many_markets(told) else {"market"}
    shown = [name for name in columns if name not in idle]
    return show_table(told, lang, empty_term="", fold_term="review.change_rows", columns=shown)


def show_judged(judged: pd.DataFrame, lang: str) -> Block:
    """Return change by change which forecast came nearer to demand; nothing without a change.

    Parameters
    ----------
    judged : DataFrame
        Table `OverrideReview`.
    lang : {"zh", "en"}
    """
    title = "review.judged" if len(judged) else None
    return show_table(judged, lang, empty_term="", title_term=title, columns=JUDGED)


def show_gains(gains: pd.DataFrame, lang: str) -> Block:
    """Return whether the changes brought the forecast nearer to demand; nothing without a change.

    Parameters
    ----------
    gains : DataFrame
        Table `OutcomeMeasures` of `overrides_review.override_measures`.
    lang : {"zh", "en"}
    """
    return show_measures(gains, lang) if len(gains) else show_table(gains, lang, empty_term="")


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
        "money": large_money(abs(float(best["gained_profit"])), currency, lang),
        "count": len(others) - len(better),
        "all": len(others),
    }
    term = "review.rules_ahead" if better.empty else "review.rules_behind"
    held, basis = _held_back(sums, best["rule"], lang), say("review.rules_basis", lang)
    left_out = [] if profits is None else _left_out(profits, int(sums["skus"].max()), lang)
    return spoken([say(term, lang, **facts), held, basis, *left_out], lang)


def show_rules(sums: pd.DataFrame, lang: str) -> Block:
    """Return what each rule would have ordered, sold, missed, left and earned.

    Parameters
    ----------
    sums : DataFrame
        As `seller_rules.rule_sums` returns it.
    lang : {"zh", "en"}
    """
    told = sums.assign(behind_ours_profit=-sums["gained_profit"], end_units=sums["leftover_units"])
    names = [
        "rule", "order_units", "held_back_units", "sold_units", "lost_units", "end_units",
        "unneeded_units", "behind_ours_profit",
    ]  # fmt: skip
    idle = set() if sums["held_back_units"].gt(0).any() else {"held_back_units"}
    shown = [name for name in names if name not in idle]
    return show_table(told, lang, empty_term="empty.rules", columns=shown)


def _above_best(known: pd.DataFrame, lang: str) -> str:
    """Return why the plan could expect more than was ever to be had; blank where it did not."""
    names = ["planned_profit", "best_profit", "planned_owned_units", "owned_units"]
    sums = known.reindex(columns=names).sum(skipna=False)
    planned, owned = sums["planned_owned_units"], sums["owned_units"]
    if not sums["planned_profit"] > sums["best_profit"]:
        return ""
    if not planned > owned:
        return say("review.above_best", lang)
    told = {name: tell_number(sums[name], "_units", lang) for name in names[2:]}
    return say("review.above_best_owned", lang, **told)


def _left_out(profits: pd.DataFrame, replayed: int, lang: str) -> list[str]:
    """Return which SKUs the rules were not run for, and how many of them nobody had counted."""
    gone = profits.loc[profits["actual_profit"].isna(), "sku"].tolist()
    unstarted = len(profits) - len(gone) - replayed
    told = [say("review.rules_left_out", lang, skus=named_skus(gone, lang))] if gone else []
    return told + ([say("review.rules_unstarted", lang, count=unstarted)] if unstarted > 0 else [])


def _held_back(sums: pd.DataFrame, rule: str, lang: str) -> str:
    """Return that limits hold the rules: by how much the one told, else the most; else blank."""
    cut = sums[sums["held_back_units"] > 0].sort_values("held_back_units")
    if cut.empty:
        return ""
    own = cut[cut["rule"] == rule]
    most = (own if len(own) else cut).iloc[-1]
    units = tell_number(most["held_back_units"], "_units", lang)
    return say("review.rules_held", lang, rule=say(f"rule.{most['rule']}", lang), units=units)


def has_many_markets(frame: pd.DataFrame) -> bool:
    """Return whether rows of several markets stand in a table, so that it must name them."""
    return len(frame["market"].unique()) > 1


def _ignored(row: dict[str, object], lang: str) -> str:
    units = str(row["change"]).removeprefix("=")
    set_to = say("review.ignored_units", lang, units=units)
    change = set_to if units.isdecimal() else _change(str(row["change"]), lang)
    sent = str(row["reason"]).partition("sent=")[2]
    return say("review.ignored_one", lang, sku=row["sku"], change=change, sent=sent)


def _change(change: str, lang: str) -> str:
    return say(f"decision.{change}", lang) if change in ("hold", "drop") else change

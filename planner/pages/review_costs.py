"""What notebook 05 shows of costs, risks and leftovers: planned beside what came.

Tables of the review in, blocks out; nothing is reckoned here but sums over SKUs.
"""

import pandas as pd

from planner.pages.big_numbers import large_money, listed, percent, spoken
from planner.pages.blocks import Block, show_table
from planner.pages.review_blocks import has_many_markets
from planner.words import say

KEYS = ["market", "sku"]
OUTCOME_COLUMNS = [
    "market", "sku", "forecast_units", "campaign_units", "actual_units", "lost_units", "is_covered",
    "stock_out_days", "opening_units", "leftover_units", "turnover_ratio", "is_dead_stock",
    "returned_units",
]  # fmt: skip


def show_costs(costs: pd.DataFrame, lang: str) -> Block:
    """Return the cost terms: planned, as it came, the difference, and where it is known from.

    Parameters
    ----------
    costs : DataFrame
        Table `CostReview`; a term that was neither planned nor met is left out.
    lang : {"zh", "en"}
    """
    is_idle = costs["planned_cost"].eq(0) & ~(costs["actual_cost"] > 0)
    is_idle &= costs["unknown_skus"].eq(0)
    shown = costs[~is_idle].rename(columns={"actual_cost": "came_cost"})
    columns = ["term", "planned_cost", "came_cost", "gap_cost", "unknown_skus", "reason"]
    many = ["market", *columns] if has_many_markets(costs) else columns
    return show_table(shown, lang, columns=many, fold_term="review.cost_rows")


def say_costs(costs: pd.DataFrame, lang: str) -> Block:
    """Return in a sentence what the terms known in plan and outcome cost, and what nobody tells.

    Parameters
    ----------
    costs : DataFrame
        Table `CostReview`.
    lang : {"zh", "en"}
    """
    known = costs[costs["actual_cost"].notna() & costs["planned_cost"].notna()]
    if known.empty:
        return spoken([say("review.costs_unknown", lang)], lang)
    currency = str(known["currency"].iloc[0])
    planned, actual = (
        large_money(float(known[name].sum()), currency, lang)
        for name in ("planned_cost", "actual_cost")
    )
    gone = costs.loc[costs["actual_cost"].isna() & costs["unknown_skus"].gt(0), "term"].unique()
    names = listed([say(f"cost.{term}", lang) for term in gone], lang)
    more = say("review.costs_bare", lang, terms=names) if len(gone) else ""
    return spoken([say("review.costs", lang, planned=planned, actual=actual), more], lang)


def show_risks(risks: pd.DataFrame, lang: str) -> Block:
    """Return the four risks over all SKUs: expected, as it came, and of how many it is unknown.

    Parameters
    ----------
    risks : DataFrame
        Table `RiskCosts`.
    lang : {"zh", "en"}
    """
    grouped = risks.groupby(["market", "risk", "currency"], as_index=False, sort=False)
    sums = grouped.agg(
        expected_cost=("expected_cost", lambda own: own.sum(min_count=1)),
        came_cost=("actual_cost", lambda own: own.sum(min_count=1)),
        unknown_skus=("actual_cost", lambda own: int(own.isna().sum())),
    )
    reasons = risks.sort_values("actual_cost").drop_duplicates(["market", "risk"])
    sums = sums.merge(reasons[["market", "risk", "reason"]], on=["market", "risk"], how="left")
    columns = ["risk", "expected_cost", "came_cost", "unknown_skus", "reason"]
    many = ["market", *columns] if has_many_markets(risks) else columns
    return show_table(sums, lang, columns=many)


def show_risk_rows(risks: pd.DataFrame, lang: str) -> Block:
    """Return the four risks SKU by SKU, folded up; a SKU that a risk cost nothing is left out.

    Parameters
    ----------
    risks : DataFrame
        Table `RiskCosts`.
    lang : {"zh", "en"}
    """
    rows = risks[(risks["expected_cost"] > 0) | (risks["actual_cost"] > 0)]
    rows = rows.rename(columns={"actual_cost": "came_cost"})
    size = rows[["expected_cost", "came_cost"]].max(axis=1)
    rows = rows.assign(size=-size).sort_values(["size", *KEYS], kind="stable")
    return show_table(rows, lang, fold_term="review.risk_rows", columns=[
        "market", "sku", "risk", "expected_cost", "came_cost", "reason",
    ])  # fmt: skip


def show_leftovers(left: pd.DataFrame, lang: str) -> Block:
    """Return what was left over of each SKU, folded up: dead or not, its exits, what they bring.

    Parameters
    ----------
    left : DataFrame
        Table `LeftoverExits`.
    lang : {"zh", "en"}
    """
    told = left.assign(way=left["exit"].where(left["exit"] != "", "none"))
    ways = told.groupby([*KEYS, "way"], sort=False)["units"].sum().reset_index()
    ways["text"] = [
        say("review.exit_units", lang, exit=say(f"exit.{way}", lang), units=f"{units:,.0f}")
        for way, units in zip(ways["way"], ways["units"], strict=True)
    ]
    texts = ways.groupby(KEYS)["text"].agg(lambda own: listed(own.tolist(), lang))
    worth = told.groupby(KEYS)["exit_revenue"].agg(lambda own: own.sum(skipna=False))
    last = told.groupby(KEYS)["done_by"].max()
    each = told.drop_duplicates(KEYS)[[*KEYS, "leftover_units", "is_dead_stock", "currency"]]
    for name, column in (("exits_told", texts), ("exit_revenue", worth), ("done_by", last)):
        each = each.join(column.rename(name), on=KEYS)
    return show_table(
        each, lang, empty_term="empty.exits", fold_term="review.leftover_rows", columns=[
            "market", "sku", "leftover_units", "is_dead_stock", "exits_told", "exit_revenue",
            "done_by",
        ],
    )  # fmt: skip


def show_outcome(outcome: pd.DataFrame, lang: str) -> Block:
    """Return what became of each SKU, folded up.

    Parameters
    ----------
    outcome : DataFrame
        Table `Outcome`.
    lang : {"zh", "en"}
    """
    return show_table(outcome, lang, fold_term="review.outcome_rows", columns=OUTCOME_COLUMNS)


def say_leftovers(left: pd.DataFrame, lang: str) -> Block:
    """Return in a sentence how much is left, how much of it is dead, and what it can bring.

    Parameters
    ----------
    left : DataFrame
        Table `LeftoverExits`.
    lang : {"zh", "en"}
    """
    if left.empty:
        return spoken([say("empty.exits", lang)], lang)
    each = left.drop_duplicates(KEYS)
    dead = each[each["is_dead_stock"].fillna(False).astype(bool)]
    worth = left["exit_revenue"].sum(min_count=1)
    units = float(each["leftover_units"].sum())
    facts = {
        "units": f"{units:,.0f}",
        "skus": len(each),
        "dead": f"{dead['leftover_units'].sum():,.0f}",
        "share": percent(float(dead["leftover_units"].sum()) / units, lang),
        "worth": large_money(worth, str(left["currency"].iloc[0]), lang),
    }
    bare = float(left.loc[left["exit_revenue"].isna(), "units"].sum())
    more = say("review.leftovers_bare", lang, units=f"{bare:,.0f}") if bare else ""
    return spoken([say("review.leftovers", lang, **facts), more], lang)

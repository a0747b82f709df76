"""What notebook 05 shows of costs, risks and leftovers: planned beside what came.

Tables of the review in, blocks out; nothing is reckoned here but sums over SKUs.
"""

import pandas as pd

from planner.pages.big_numbers import large_money, listed, percent, spoken
from planner.pages.blocks import Block, show_table
from planner.pages.review_blocks import has_many_markets
from planner.words import say

KEYS = ["market", "sku"]
MOST_NAMED = 5
"""SKUs that a sentence names. [SKUs]"""
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
    known = costs[costs["gap_cost"].notna()]
    if known.empty:
        return spoken([say("review.costs_unknown", lang)], lang)
    currency = str(known["currency"].iloc[0])
    before = float(known["planned_cost"].sum())
    planned, actual = (
        large_money(total, currency, lang) for total in (before, before + known["gap_cost"].sum())
    )
    gone = costs.loc[costs["actual_cost"].isna() & costs["unknown_skus"].gt(0), "term"].unique()
    names = listed([say(f"cost.{term}", lang) for term in gone], lang)
    more = say("review.costs_bare", lang, terms=names) if len(gone) else ""
    return spoken([say("review.costs", lang, planned=planned, actual=actual), more], lang)


def say_cost_gap(
    costs: pd.DataFrame, earned: pd.DataFrame, figures: pd.DataFrame, lang: str
) -> Block:
    """Return in a sentence why the cost taken off the profit is another sum than the terms here.

    Parameters
    ----------
    costs, earned : DataFrame
        Tables `CostReview`, of all SKUs and of those that profit counts.
    figures : DataFrame
        Table `ReviewMeasures`: the cost of the profit.
    lang : {"zh", "en"}

    Notes
    -----
    ``cost = terms - terms of SKUs that profit leaves out + rest``, over the terms known in plan
    and outcome. The rest is what no term holds: refunds, and returned units that earn once.
    """
    above = figures[figures["measure"] == "cost"].set_index("market")
    above = above[["planned_value", "actual_value"]].dropna()
    known = costs[costs["gap_cost"].notna() & costs["market"].isin(above.index)]
    if above.empty or known.empty:
        return spoken([], lang)
    terms = pd.MultiIndex.from_frame(known[["market", "term"]])
    own = earned[pd.MultiIndex.from_frame(earned[["market", "term"]]).isin(terms)]
    (here, here_came), (kept, kept_came) = (_sums(rows) for rows in (known, own))
    total, total_came = above["planned_value"].sum(), above["actual_value"].sum()
    amounts = {
        "planned": total, "actual": total_came,
        "left": here - kept, "left_came": here_came - kept_came,
        "rest": total - kept, "rest_came": total_came - kept_came,
    }  # fmt: skip
    currency = str(costs["currency"].iloc[0])
    told = {name: large_money(value, currency, lang) for name, value in amounts.items()}
    told |= {name: f"+{told[name]}" for name in ("rest", "rest_came") if amounts[name] > 0}
    is_less = max(abs(amounts["left"]), abs(amounts["left_came"])) >= 1
    less = say("review.cost_gap_skus", lang, **told) if is_less else ""
    return spoken(
        [say("review.cost_gap", lang, **told), less, say("review.cost_gap_rest", lang, **told)],
        lang,
    )


def _sums(rows: pd.DataFrame) -> tuple[float, float]:
    """Return the sum of terms as planned, and as they came for the same SKUs."""
    planned = float(rows["planned_cost"].sum())
    return planned, planned + float(rows["gap_cost"].sum())


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
    names = ["leftover_units", "elsewhere_units", "is_dead_stock", "currency"]
    each = told.drop_duplicates(KEYS)[[*KEYS, *names]]
    for name, column in (("exits_told", texts), ("exit_revenue", worth), ("done_by", last)):
        each = each.join(column.rename(name), on=KEYS)
    return show_table(
        each, lang, empty_term="empty.exits", fold_term="review.leftover_rows", columns=[
            "market", "sku", "leftover_units", "elsewhere_units", "is_dead_stock", "exits_told",
            "exit_revenue", "done_by",
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
    return spoken([say("review.leftovers", lang, **facts), _elsewhere(each, lang), more], lang)


def _elsewhere(each: pd.DataFrame, lang: str) -> str:
    """Return how many of the units left lie where nobody fetched them, SKU by SKU; or nothing."""
    away = each[each["elsewhere_units"] > 0]
    if away.empty:
        return ""
    own = zip(away["sku"], away["elsewhere_units"], strict=True)
    told = [say("review.sku_units", lang, sku=sku, units=f"{units:,.0f}") for sku, units in own]
    rest = [] if len(told) <= MOST_NAMED else ["…"]
    skus = listed([*told[:MOST_NAMED], *rest], lang)
    units = f"{away['elsewhere_units'].sum():,.0f}"
    return say("review.leftovers_elsewhere", lang, units=units, skus=skus)

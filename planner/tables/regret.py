"""Tables of notebook 05 on causes: where money was lost, and what people and rules changed."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table

REGRET_CAUSES = (
    "demand", "override", "rounding", "refusals", "execution", "lateness", "placement",
    "stock_loss", "price_lock",
)  # fmt: skip
SELLER_RULES = ("ours", "weighted_average", "largest_average", "forecast_factor", "formula")
NEXT_STATES = ("open", "done", "dropped")


class RegretLedger(Table):
    """One row per market, SKU and cause of loss: what repairing it would have earned."""

    market: str
    sku: str
    cause: str = pa.Field(isin=REGRET_CAUSES)
    regret_profit: float
    """Averaged over all orders of repair; below zero where the deviation helped."""
    missed_units: float
    """Demand not served because of it; below zero where the deviation helped."""
    left_units: float
    """Left at the end of the window because of it, on the same sign."""
    reason: str
    currency: str


class SeasonProfits(Table):
    """One row per market and SKU: profit as planned, as it came, the best attainable, the gap."""

    market: str
    sku: str
    planned_profit: float = pa.Field(nullable=True)
    """As the plan expected it."""
    actual_profit: float = pa.Field(nullable=True)
    best_profit: float = pa.Field(nullable=True)
    gap_profit: float = pa.Field(nullable=True)
    """The parts of `RegretLedger` add up to it."""
    planned_owned_units: float = pa.Field(nullable=True)
    """Owned on the planning day or returned, as the plan expected to have them in the window."""
    owned_units: float = pa.Field(nullable=True)
    """The same as it came: goods that cost nothing more in all three profits."""
    missing: str
    currency: str


class RegretTotals(Table):
    """One row per market and cause of loss: its part of the gap; a blank market is the whole."""

    market: str
    cause: str = pa.Field(isin=REGRET_CAUSES)
    regret_profit: float
    missed_units: float
    left_units: float
    n_skus: int = pa.Field(ge=0)
    share_rate: float = pa.Field(nullable=True)
    currency: str


class OverrideValue(Table):
    """One row per change of a person and SKU: the order without it and with it, and its money."""

    market: str
    sku: str
    source: str = pa.Field(isin=("override", "decision"))
    row: int
    """Of the file of overrides; 0 for a decision."""
    change: str
    owner: str
    without_units: float = pa.Field(ge=0)
    """Asked for by the plan had this one change not been made."""
    planned_units: float = pa.Field(ge=0)
    """Asked for with all changes."""
    value_profit: float = pa.Field(nullable=True)
    """Above zero the change helped."""
    is_helped: pd.BooleanDtype = pa.Field(nullable=True)
    reason: str
    currency: str


class SellerRules(Table):
    """One row per market, SKU, day and rule: what it would have ordered, what its shelf did."""

    market: str
    sku: str
    day: pd.Timestamp
    rule: str = pa.Field(isin=SELLER_RULES)
    daily_units: float = pa.Field(nullable=True, ge=0)
    """Daily rate the rule goes by; empty where it goes by none."""
    order_units: int = pa.Field(ge=0)
    shelf_units: float = pa.Field(ge=0)
    """Left at the end of the day."""
    coming_units: float = pa.Field(ge=0)
    sold_units: float = pa.Field(ge=0)
    lost_units: float = pa.Field(ge=0)


class SellerRuleTotals(Table):
    """One row per market, SKU and rule: what it would have ordered, sold, missed and earned."""

    market: str
    sku: str
    rule: str = pa.Field(isin=SELLER_RULES)
    order_units: int = pa.Field(ge=0)
    held_back_units: int = pa.Field(ge=0)
    """Asked for by the rule and not let through by the seller's limits, at the worst day."""
    sold_units: float = pa.Field(ge=0)
    lost_units: float = pa.Field(ge=0)
    leftover_units: float = pa.Field(ge=0)
    """On the shelf or on the way at the end."""
    unneeded_units: float = pa.Field(ge=0)
    """Of that, beyond what ordinary days will need in good time."""
    rule_profit: float = pa.Field(nullable=True)
    gained_profit: float = pa.Field(nullable=True)
    """What our plan would have earned more; below zero where the rule was better."""
    currency: str


class NextDecisions(Table):
    """One row per subject of a review: what was found, what is decided, who does it, by when."""

    subject: str
    finding: str
    decision: str
    """Blank until somebody decides."""
    owner: str
    due_on: pd.Timestamp = pa.Field(nullable=True)
    state: str = pa.Field(isin=NEXT_STATES)

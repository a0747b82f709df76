"""Tables of notebook 03 on what stops or binds an order: gates, papers, locked prices, gaps."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table

GATE_STATES = ("passed", "missing", "expired", "pending", "refused", "unknown")
GATE_BLOCKS = ("order", "ship", "")
LOCK_ADVICE = ("register", "cap", "raise_price", "refuse", "unlisted", "unknown")


class Gates(Table):
    """One row per market, SKU and gate that goods must pass before they are shipped or listed."""

    market: str
    sku: str
    gate: str
    state: str = pa.Field(isin=GATE_STATES)
    blocks: str = pa.Field(isin=GATE_BLOCKS)
    """`order`: nothing is ordered; `ship`: what is ordered is not shipped; blank: neither."""
    evidence: str
    expires_on: pd.Timestamp = pa.Field(nullable=True)
    saved_cost: float = pa.Field(nullable=True, ge=0)
    """Loss that not shipping avoids."""
    reason: str
    source: str
    currency: str


class PaperChecks(Table):
    """One row per paper or confirmation that the provider and the contract owe."""

    paper: str
    subject: str
    """`contract`, `confirmation`, `provider` or `agreement`."""
    state: str = pa.Field(isin=GATE_STATES)
    evidence: str
    confirmed_on: pd.Timestamp = pa.Field(nullable=True)
    reason: str


class PriceLocks(Table):
    """One row per market and SKU: what a unit earns at the locked price, and what to do."""

    market: str
    sku: str
    price: float = pa.Field(nullable=True, ge=0)
    mean_unit_profit: float = pa.Field(nullable=True)
    low_unit_profit: float = pa.Field(nullable=True)
    """5 % quantile."""
    high_unit_profit: float = pa.Field(nullable=True)
    """95 % quantile."""
    mean_unit_loss: float = pa.Field(nullable=True, ge=0)
    """Mean loss over all worlds, 0 where a world earns."""
    loss_chance: float = pa.Field(nullable=True, ge=0, le=1)
    advice: str = pa.Field(isin=LOCK_ADVICE)
    max_units: float = pa.Field(nullable=True, ge=0)
    """Lock at most these."""
    least_price: float = pa.Field(nullable=True, ge=0)
    """Register at this price or above."""
    settle_by: pd.Timestamp = pa.Field(nullable=True)
    """Last day on which the registration can still be changed: sign-up's end or the lock."""
    reason: str
    currency: str


class MissingFacts(Table):
    """One row per fact that is not known well, and SKU or market: what knowing it is worth."""

    market: str
    sku: str
    """Blank where the fact is one of the market or the seller."""
    fact: str
    rank: int = pa.Field(ge=1)
    """First what nothing bounds, by the SKUs that lack it; then by worth."""
    worth_profit: float = pa.Field(nullable=True, ge=0)
    """Rise of expected profit if it were known before the order; empty where nothing bounds it."""
    spread: str
    """How wide it is, as told: `term|low=..|high=..`."""
    reason: str
    currency: str

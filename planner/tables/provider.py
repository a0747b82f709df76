"""Tables over all sellers of a campaign: for the provider's eyes, never in a seller's folder."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table

SELLER_STATES = (
    "failed", "refused", "not_run", "late", "unfinished", "outdated", "to_settle", "ready", "ended",
)  # fmt: skip
"""The state that asks for a hand soonest comes first."""
RISK_KINDS = ("price_lock", "gates", "others")
PLACE_KINDS = ("lane", "warehouse")


class SellerRuns(Table):
    """One row per seller, step that was run and market; one without a step if none was."""

    seller: str
    outcome: str
    """How the last run ended: `done`, `refused`, `failed`, or blank if there was none."""
    message: str
    step: pd.Int64Dtype = pa.Field(nullable=True, ge=1, le=5)
    market: str
    looked_on: pd.Timestamp = pa.Field(nullable=True)
    """Day from which the step looked; that day was not yet known to it."""
    is_stale: bool
    """Whether the step rests on tables that have changed since."""


class SellerStates(Table):
    """One row per seller of a campaign: how far it has come, what is open, what falls due next."""

    seller: str
    seller_state: str = pa.Field(isin=SELLER_STATES)
    last_step: pd.Int64Dtype = pa.Field(nullable=True, ge=1, le=5)
    looked_on: pd.Timestamp = pa.Field(nullable=True)
    """Day from which it is judged."""
    stop_count: int = pa.Field(ge=0)
    warn_count: int = pa.Field(ge=0)
    next_due: str
    due_on: pd.Timestamp = pa.Field(nullable=True)
    days_left: pd.Int64Dtype = pa.Field(nullable=True)
    reason: str


class SellerRisks(Table):
    """One row per seller: money that its open alerts put at risk, by what they are about."""

    seller: str
    price_lock_cost: float = pa.Field(nullable=True, ge=0)
    gates_cost: float = pa.Field(nullable=True, ge=0)
    others_cost: float = pa.Field(nullable=True, ge=0)
    risk_cost: float = pa.Field(nullable=True, ge=0)
    """Their sum; of several alerts on one SKU the largest counts."""
    unknown_count: int = pa.Field(ge=0)
    """Alerts whose money is not known."""
    currency: str


class SharedRates(Table):
    """One row per seller: what its currency is worth in the one that all can be told in."""

    seller: str
    own_currency: str
    fx_ratio: float = pa.Field(nullable=True, gt=0)
    """Units of its own currency for one of the shared one, as seller.yml says."""
    currency: str
    """Shared by all; blank where no currency is."""


class FirstThings(Table):
    """One row per thing that somebody must do for a seller now, the most pressing first."""

    rank: int = pa.Field(ge=1)
    seller: str
    code: str
    severity: str
    market: str
    sku: str
    act_by: pd.Timestamp = pa.Field(nullable=True)
    risk_cost: float = pa.Field(nullable=True, ge=0)
    currency: str
    facts: str


class CapacityAsked(Table):
    """One row per lane or warehouse and week: what the sellers together ask of it."""

    place_kind: str = pa.Field(isin=PLACE_KINDS)
    market: str
    place: str
    week_on: pd.Timestamp
    """Monday of the week: goods leave in it (lane), or are due on the shelf (warehouse)."""
    n_sellers: int = pa.Field(ge=1)
    units: int = pa.Field(ge=0)
    weight_kg: float = pa.Field(nullable=True, ge=0)
    volume_cbm: float = pa.Field(nullable=True, ge=0)
    unmeasured_units: int = pa.Field(ge=0)
    """Of the units, those whose volume or weight is not known and not in the sums."""
    cap_cbm: float = pa.Field(nullable=True, ge=0)
    """Space that the sellers' files tell, for the whole campaign."""
    cap_units: float = pa.Field(nullable=True, ge=0)
    """Units that the platform lets in, added up, for the whole campaign."""
    is_too_much: pd.BooleanDtype = pa.Field(nullable=True)
    reason: str


class SellerRegrets(Table):
    """One row per seller, market, SKU and cause of loss, the dearest first over all sellers."""

    seller: str
    market: str
    sku: str
    cause: str
    regret_profit: float
    missed_units: float
    left_units: float
    reason: str
    currency: str
    shared_profit: float = pa.Field(nullable=True)
    """The profit missed in the currency that all can be told in."""
    shared_currency: str


class SellerProfits(Table):
    """One row per seller that was reviewed: what it earned, missed and why, what nobody took on."""

    seller: str
    planned_profit: float = pa.Field(nullable=True)
    """Empty where a SKU that is counted was not planned."""
    actual_profit: float = pa.Field(nullable=True)
    best_profit: float = pa.Field(nullable=True)
    gap_profit: float = pa.Field(nullable=True)
    cause: str
    """The dearest; blank where nothing was missed or no money is known."""
    cause_profit: float = pa.Field(nullable=True)
    open_count: int = pa.Field(ge=0)
    """Decisions of the review that nobody has taken on."""
    left_out_count: int = pa.Field(ge=0)
    """SKUs left out of the money, cost or demand not known."""
    currency: str


class CauseTotals(Table):
    """One row per cause of loss: what repairing it would have earned over all sellers."""

    cause: str
    n_sellers: int = pa.Field(ge=1)
    regret_profit: float
    share_rate: float = pa.Field(nullable=True)
    currency: str

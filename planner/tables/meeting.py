"""Tables of notebook 03 for people: the meeting, decisions, papers to print, changed rules."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table

DECISIONS = ("push", "hold", "drop", "units")
DECISION_STATES = ("followed", "below_moq", "changed", "blocked", "waits", "unknown")


class MeetingSheet(Table):
    """One row per market and SKU put to the selection meeting: its case, and what was decided."""

    market: str
    sku: str
    rank: int = pa.Field(ge=1)
    expected_profit: float = pa.Field(nullable=True)
    order_units: int = pa.Field(ge=0)
    grade: str
    feasibility: str
    """A glossary term with facts: how it can still get there, or why not."""
    advice: str
    decision: str
    """What people decided: `push`, `hold`, `drop`, `units`, or blank."""
    decided_units: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    owner: str
    note: str
    currency: str


class Decisions(Table):
    """One row per market and SKU that a meeting or a buyer decided on."""

    market: str
    sku: str
    decision: str = pa.Field(isin=DECISIONS)
    units: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    """Of a decision on `units`; the others need none."""
    owner: str
    note: str
    decided_on: pd.Timestamp = pa.Field(nullable=True)


class DecisionWorth(Table):
    """One row per decision of people: what became of it, and its cost against the plan."""

    market: str
    sku: str
    decision: str = pa.Field(isin=DECISIONS)
    asked_units: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    """What was decided on; empty where the quantity was left to the plan."""
    own_units: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    """What the plan orders without any decision; empty where it does not know the SKU."""
    order_units: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    """What the plan orders with the decisions."""
    moq_units: float = pa.Field(nullable=True, ge=0)
    decision_cost: float = pa.Field(nullable=True)
    """Expected profit of the SKU without the decisions, less that with them."""
    state: str = pa.Field(isin=DECISION_STATES)
    owner: str
    decided_on: pd.Timestamp = pa.Field(nullable=True)
    reason: str
    currency: str


class CartonMarks(Table):
    """One row per shipment and SKU: cartons numbered through, and the mark on them."""

    market: str
    shipment: str
    mode: str
    warehouse: str
    sku: str
    first_carton: int = pa.Field(ge=1)
    last_carton: int = pa.Field(ge=1)
    units_per_carton: int = pa.Field(ge=1)
    units: int = pa.Field(ge=0)
    mark: str


class QuoteRequest(Table):
    """One row per field that a forwarder asks for before quoting."""

    market: str
    field: str
    value: str
    is_known: bool
    reason: str


class RulesDiff(Table):
    """One row per seller, market and SKU: the plan under two states of the registers."""

    seller: str
    market: str
    sku: str
    old_units: int = pa.Field(ge=0)
    new_units: int = pa.Field(ge=0)
    old_modes: str
    new_modes: str
    old_profit: float = pa.Field(nullable=True)
    new_profit: float = pa.Field(nullable=True)
    profit_difference: float = pa.Field(nullable=True)
    """Expected profit of the second state less that of the first."""
    cost_difference: float = pa.Field(nullable=True)
    """The same of the landed cost of the order."""
    is_flip: bool
    """Other units, another way, blocked or not, or another advice on the price."""
    reason: str
    currency: str


class RuleChanges(Table):
    """One row per fact of a register and column that differs between two states of it."""

    market: str
    register: str
    fact: str
    field: str
    """Column that differs; blank where the whole fact is in one state only."""
    old_value: str
    new_value: str
    source: str

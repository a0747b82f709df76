"""What a plan may know and what it leaves: the tables that `campaign_plan` takes and gives."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd

from planner import tables

Registers = Mapping[type[tables.Register], pd.DataFrame]


class Known(NamedTuple):
    """What is known on the planning day; each a table named as in `planner.tables`."""

    draws: pd.DataFrame
    forecast: pd.DataFrame
    by_day: pd.DataFrame
    """`ForecastDaily`."""
    doubts: pd.DataFrame
    """`DoubtShares`."""
    daily: pd.DataFrame
    catalogue: pd.DataFrame
    facts: pd.DataFrame
    """`GoodsFacts`."""
    evidence: pd.DataFrame
    decisions: pd.DataFrame
    stock: pd.DataFrame
    registers: Registers
    """By contract, rows in force on the planning day."""
    weak: pd.DataFrame
    """`WeakRows`: facts of the registers on which the plan should not rest unseen."""
    units_per_order: Mapping[str, float] = MappingProxyType({})
    """By shop; a shop without a known order is left out. [units/order]"""


class Planned(NamedTuple):
    """What the plan left; each a table named as in `planner.tables` unless said otherwise."""

    options: pd.DataFrame
    """`LaneOptions`."""
    stages: pd.DataFrame
    """`StageDays`."""
    deadlines: pd.DataFrame
    ways: pd.DataFrame
    """`SkuWays`."""
    terms: pd.DataFrame
    """`WayTerms`."""
    position: pd.DataFrame
    economics: pd.DataFrame
    exits: pd.DataFrame
    locks: pd.DataFrame
    """`PriceLocks`."""
    rules: pd.DataFrame
    """`RuleComparison`."""
    plan: pd.DataFrame
    """`StockPlan`."""
    mode_plan: pd.DataFrame
    limits: pd.DataFrame
    """`LimitPrices`."""
    ship: pd.DataFrame
    """`ShipLines`."""
    costs: pd.DataFrame
    option: pd.DataFrame
    """`FreightOptions`."""
    placement: pd.DataFrame
    reserves: pd.DataFrame
    channels: pd.DataFrame
    """`ChannelPlan`."""
    pools: pd.DataFrame
    """`PoolWorth`."""
    clock: pd.DataFrame
    """`ReleaseClock`."""
    routes: pd.DataFrame
    """`ReturnRoutes`."""
    warehouses: pd.DataFrame
    """`WarehouseChoice`."""
    facts: pd.DataFrame
    """`MissingFacts`."""
    meeting: pd.DataFrame
    """`MeetingSheet`."""
    decided: pd.DataFrame
    """`DecisionWorth`."""
    cartons: pd.DataFrame
    """`CartonMarks`."""
    loose: pd.DataFrame
    """Goods that no carton can be made of, as `shipments.carton_marks` tells them."""
    quote: pd.DataFrame
    """`QuoteRequest`."""
    products: pd.DataFrame
    """The product list of the quote, as `quote.quote_products` tells it."""
    network: pd.DataFrame
    """`NetworkAdvice`."""
    direct: pd.DataFrame
    """`DirectMail`."""

"""Tables that notebooks 04 and 05 write: the campaign as it runs, and what it taught."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table

ACTIONS = ("none", "replenish", "slow_down", "clear", "watch", "check_stock")
REGRET_CAUSES = (
    "demand", "override", "rounding", "refusals", "execution", "lateness", "placement",
    "stock_loss", "price_lock",
)  # fmt: skip
SELLER_RULES = ("ours", "weighted_average", "largest_average", "forecast_factor", "formula")
NEXT_STATES = ("open", "done", "dropped")
EXCEPTIONS = (
    "stock_unexplained", "order_late", "metric_breached", "order_cap", "partition_breached",
    "milestone_late", "session_short",
)  # fmt: skip
EXCEPTION_STATES = ("open", "working", "done", "dropped")
MEMORIES = ("uplift", "phase_day", "returns", "receiving", "lead")
PRICE_BANDS = ("low", "middle", "high")
CHOICES = (
    "transfer", "air_top_up", "move_live", "cap_ads", "backorder", "raise_protection",
    "release_protection", "markdown",
)  # fmt: skip


class TrackDaily(Table):
    """One row per market, SKU and campaign day to date: sold against plan."""

    market: str
    sku: str
    day: pd.Timestamp
    phase: str
    units: int = pa.Field(ge=0)
    planned_units: float = pa.Field(nullable=True, ge=0)
    is_stock_out: bool


class TrackStatus(Table):
    """One row per market and SKU on the tracking day: sales, stock, cover and what to do."""

    market: str
    sku: str
    as_of: pd.Timestamp
    units_to_date: int = pa.Field(ge=0)
    planned_to_date: float = pa.Field(nullable=True, ge=0)
    pace_ratio: float = pa.Field(nullable=True, ge=0)
    stock_units: float = pa.Field(nullable=True, ge=0)
    horizon_q10_units: float = pa.Field(nullable=True, ge=0)
    horizon_q50_units: float = pa.Field(nullable=True, ge=0)
    horizon_q90_units: float = pa.Field(nullable=True, ge=0)
    """Demand to the next ordinary replenishment; that of the event stands in `RestOfEvent`."""
    cover_days: float = pa.Field(nullable=True, ge=0)
    runs_out_on: pd.Timestamp = pa.Field(nullable=True)
    action: str = pa.Field(isin=ACTIONS)
    action_units: int = pa.Field(ge=0)
    act_by: pd.Timestamp = pa.Field(nullable=True)
    reason: str


class RestOfEvent(Table):
    """One row per market and SKU: demand from a moment of the campaign on, learnt from sales."""

    market: str
    sku: str
    looking_at: pd.Timestamp
    sold_units: float = pa.Field(ge=0)
    """Of the campaign, up to the moment."""
    is_censored: bool
    """Whether a shelf was empty or a day is unknown, so that sales are a floor under demand."""
    planned_rest_units: float = pa.Field(ge=0)
    """Mean of the plan for the same time."""
    rest_q10_units: float = pa.Field(ge=0)
    rest_q50_units: float = pa.Field(ge=0)
    rest_q90_units: float = pa.Field(ge=0)
    rest_mean_units: float = pa.Field(ge=0)
    """To the last day of the last phase."""
    horizon_mean_units: float = pa.Field(ge=0)
    """To the next ordinary replenishment."""
    width_ratio: float = pa.Field(nullable=True, ge=0)
    """Width of the 80 % range over that of the plan for the same time."""


class CoverHours(Table):
    """One row per market and SKU: how long the shelf lasts from a moment of the campaign on."""

    market: str
    sku: str
    looking_at: pd.Timestamp
    stock_units: float = pa.Field(nullable=True, ge=0)
    coming_units: float = pa.Field(ge=0)
    """On their way and due before the horizon ends."""
    hour_units: float = pa.Field(ge=0)
    """Expected of one hour of the next 24. [units/hour]"""
    cover_hours: float = pa.Field(nullable=True, ge=0)
    """In the middle world; empty where the shelf outlasts the horizon."""
    low_cover_hours: float = pa.Field(nullable=True, ge=0)
    """One world in ten runs out sooner."""
    cover_days: float = pa.Field(nullable=True, ge=0)
    runs_out_at: pd.Timestamp = pa.Field(nullable=True)
    low_runs_out_at: pd.Timestamp = pa.Field(nullable=True)
    stock_out_rate: float = pa.Field(nullable=True, ge=0, le=1)
    """Share of worlds that run out before the last phase ends."""
    lost_units: float = pa.Field(nullable=True, ge=0)
    """Expected to be asked for and not served before the last phase ends."""
    lost_profit: float = pa.Field(nullable=True)
    """What these units would have earned; empty where a cost is unknown."""
    reason: str
    currency: str


class ActionChoices(Table):
    """One row per market, SKU and thing that can still be done: its worth now, and until when."""

    market: str
    sku: str
    action: str = pa.Field(isin=CHOICES)
    where: str
    """Where units come from, the channel, the session or the exit; blank where there is none."""
    rank: int = pa.Field(ge=1)
    units: float = pa.Field(nullable=True, ge=0)
    value_profit: float = pa.Field(nullable=True)
    """Expected profit with it less without, if begun now."""
    looking_at: pd.Timestamp
    last_useful_at: pd.Timestamp = pa.Field(nullable=True)
    """Begun later, it changes nothing."""
    hours_left: float = pa.Field(nullable=True)
    is_open: bool
    """Still in time, of known worth, and worth more than nothing."""
    lands_at: pd.Timestamp = pa.Field(nullable=True)
    """When the units it brings are on the shelf."""
    event_units: float = pa.Field(nullable=True)
    """Sales it saves before the last phase ends."""
    event_profit: float = pa.Field(nullable=True)
    """What it brings before the last phase ends."""
    step_rank: pd.Int64Dtype = pa.Field(nullable=True, ge=1)
    """1 for the action to begin with, 2 and 3 for those taken with it; empty for the others."""
    step_profit: float = pa.Field(nullable=True)
    """What it adds to the steps before it."""
    reason: str
    currency: str


class SessionStock(Table):
    """One row per live session and SKU: units needed on the shelf before it, and what is short."""

    shop: str
    market: str
    sku: str
    starts_at: pd.Timestamp
    ends_at: pd.Timestamp
    creator: str
    session_units: float = pa.Field(ge=0)
    """Expected in the session."""
    session_need_units: float = pa.Field(ge=0)
    """For the session at the level asked for, and for what sells before it."""
    stock_units: float = pa.Field(nullable=True, ge=0)
    """On the shelf now, and due before the session."""
    short_units: float = pa.Field(nullable=True, ge=0)
    reason: str


class MilestoneDelays(Table):
    """One row per shipment, SKU and stage of its way: planned end, what is known, what it means."""

    market: str
    shipment: str
    sku: str
    mode: str
    units: int = pa.Field(ge=0)
    place: int = pa.Field(ge=0)
    stage: str
    planned_on: pd.Timestamp
    actual_on: pd.Timestamp = pa.Field(nullable=True)
    late_days: float = pa.Field(nullable=True)
    """Below zero: early. Of a stage that is overdue and not over: the least it can be."""
    is_over: bool
    planned_shelf_on: pd.Timestamp
    expected_shelf_on: pd.Timestamp
    lost_units: float = pa.Field(nullable=True, ge=0)
    """Expected sales lost because the goods come when expected and not as planned."""
    lost_profit: float = pa.Field(nullable=True)
    faster_mode: str
    faster_shelf_on: pd.Timestamp = pa.Field(nullable=True)
    faster_units: float = pa.Field(nullable=True, ge=0)
    faster_profit: float = pa.Field(nullable=True)
    """What sending these units the faster way adds; empty where a cost is unknown."""
    reason: str
    currency: str


class StockCheck(Table):
    """One row per SKU and span between two stock counts: units sold against units drawn."""

    sku: str
    from_on: pd.Timestamp
    to_on: pd.Timestamp
    opening_units: int = pa.Field(ge=0)
    sold_units: int = pa.Field(ge=0)
    inbound_units: float = pa.Field(nullable=True, ge=0)
    moved_units: float = pa.Field(nullable=True)
    """Known to have come or gone otherwise, below zero gone; empty where no file tells."""
    closing_units: int = pa.Field(ge=0)
    change_units: int
    unexplained_units: float = pa.Field(nullable=True)
    """Empty where more is there than is known to have come, and what came is unknown."""
    gone_cost: float = pa.Field(nullable=True, ge=0)
    """Landed cost of units that are gone and nobody explains; empty where it is unknown."""
    reason: str
    currency: str


class DataAges(Table):
    """One row per shop: up to which moment its orders and its stock are known when tracked."""

    shop: str
    market: str
    looking_at: pd.Timestamp
    orders_until_at: pd.Timestamp = pa.Field(nullable=True)
    """Newest moment in its exports, to the whole hour."""
    behind_hours: float = pa.Field(nullable=True, ge=0)
    counted_at: pd.Timestamp = pa.Field(nullable=True)
    count_age_hours: float = pa.Field(nullable=True, ge=0)
    new_files_count: int = pa.Field(ge=0)
    """Exports that the plan had not seen."""


class PlatformMetrics(Table):
    """One row per shop, platform metric and window: the rate against the threshold."""

    shop: str
    market: str
    metric: str
    counted_over: str = pa.Field(isin=("campaign", "platform"))
    """Orders paid since the campaign began, or within the platform's own days."""
    window_days: pd.Int64Dtype = pa.Field(nullable=True, ge=1)
    value_rate: float = pa.Field(nullable=True, ge=0, le=1)
    threshold_rate: float = pa.Field(nullable=True, ge=0)
    is_breached: pd.BooleanDtype = pa.Field(nullable=True)
    orders: int = pa.Field(ge=0)
    failed_orders: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    left_orders: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    """So many more may fail until the limit is broken."""
    recover_orders: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    """So many good ones bring a broken limit back."""
    failed_ids: str
    """The orders that failed, parted by ";", the first ones if they are many."""
    consequence: str
    reason: str


class CapRisks(Table):
    """One row per shop and tier of a cap on orders: how near it is, and what it would take."""

    shop: str
    market: str
    cap_tier: int = pa.Field(ge=1)
    from_rate: float = pa.Field(gt=0, le=1)
    """Late dispatch rate from which the tier holds."""
    release_rate: float = pa.Field(ge=0, le=1)
    """Late dispatch rate below which it ends."""
    late_rate: float = pa.Field(nullable=True, ge=0, le=1)
    is_reached: pd.BooleanDtype = pa.Field(nullable=True)
    left_orders: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    """So many more may be late before it is."""
    release_orders: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    """So many orders in time end one that is reached."""
    base_orders: float = pa.Field(nullable=True, ge=0)
    """Mean of a day. [orders/day]"""
    cap_orders: float = pa.Field(nullable=True, ge=0)
    """Most of a day. [orders/day]"""
    starts_on: pd.Timestamp = pa.Field(nullable=True)
    ends_on: pd.Timestamp = pa.Field(nullable=True)
    """Days of the campaign that it would hold, if judged now."""
    wanted_orders: float = pa.Field(nullable=True, ge=0)
    lost_orders: float = pa.Field(nullable=True, ge=0)
    lost_units: float = pa.Field(nullable=True, ge=0)
    lost_profit: float = pa.Field(nullable=True)
    reason: str
    currency: str


class AgeingOrders(Table):
    """One row per order paid for and not shipped: how long it waits, and until when it may."""

    shop: str
    market: str
    order_id: str
    sku: str
    """All of the order, parted by ";"."""
    units: int = pa.Field(ge=1)
    order_revenue: float = pa.Field(nullable=True)
    order_profit: float = pa.Field(nullable=True)
    """What is not earned if the platform cancels it."""
    waiting_since_at: pd.Timestamp
    age_days: int = pa.Field(ge=0)
    dispatch_by: pd.Timestamp = pa.Field(nullable=True)
    late_days: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    hours_left: float = pa.Field(nullable=True)
    """Until it counts as late; below zero it does."""
    cancel_at: pd.Timestamp = pa.Field(nullable=True)
    """When the platform cancels it of its own accord."""
    reason: str
    currency: str


class Exceptions(Table):
    """One row per thing that went wrong and is not closed: what, evidence, owner, until when."""

    case: str = pa.Field(unique=True)
    """The same thing bears the same name in every run."""
    campaign: str
    case_kind: str = pa.Field(isin=EXCEPTIONS)
    market: str
    about: str
    """The shop, SKU, shipment or channel that it is about."""
    sku: str
    metric: str
    """The platform metric that it rests on; blank where none does."""
    found_on: pd.Timestamp = pa.Field(nullable=True)
    """First day on which it showed, as far as notes tell."""
    happened_at: pd.Timestamp = pa.Field(nullable=True)
    due_on: pd.Timestamp = pa.Field(nullable=True)
    """Of late orders: the last day on which they were to leave."""
    extent: float = pa.Field(nullable=True)
    """How much of it there is: units, orders, the tier of a cap, the place of a stage."""
    proof: str
    owner: str
    """Blank until somebody takes it."""
    act_until_at: pd.Timestamp = pa.Field(nullable=True)
    case_state: str = pa.Field(isin=EXCEPTION_STATES)
    is_seen: bool
    """Whether it still shows; one that somebody wrote of and that is gone stays in the log."""
    is_reopened: bool
    """Whether somebody had closed it before its newest evidence."""
    stake: float = pa.Field(nullable=True)
    """Money that rests on it, in the seller's currency."""
    note: str
    currency: str


class ExceptionNotes(Table):
    """One row per case that people wrote of: who has it, how far it is, when it was found."""

    case: str
    case_kind: str = pa.Field(isin=EXCEPTIONS)
    market: str
    about: str
    sku: str
    campaign: str
    found_on: pd.Timestamp = pa.Field(nullable=True)
    proof_on: pd.Timestamp = pa.Field(nullable=True)
    """Day of the evidence that whoever wrote this had before him."""
    extent: float = pa.Field(nullable=True)
    """How much of it there was by that evidence."""
    rejected_on: pd.Timestamp = pa.Field(nullable=True)
    """Day on which the platform turned the first appeal down."""
    owner: str
    case_state: str = pa.Field(isin=EXCEPTION_STATES)
    note: str
    screenshot: str
    """Name of the file that shows it."""


class Tickets(Table):
    """One row per ticket or appeal to open: what a provider or a platform asks to be told."""

    case: str
    send_to: str = pa.Field(isin=("provider", "platform"))
    order_id: str
    """Orders, or shipments where no order is concerned."""
    sku: str
    proof: str
    """What is to be described."""
    screenshot: str
    """Which page to take a picture of, and the file's name where there is one."""
    appeal_by: pd.Timestamp = pa.Field(nullable=True)
    """Last day of an appeal, of the second one once the first is turned down; empty where nobody
    says."""
    appeal_round: pd.Int64Dtype = pa.Field(nullable=True, ge=1, le=2)
    case_state: str = pa.Field(isin=EXCEPTION_STATES)
    owner: str


class Outcome(Table):
    """One row per market and SKU after the campaign: forecast, truth, stock and money."""

    market: str
    sku: str
    forecast_units: float = pa.Field(nullable=True, ge=0)
    low_units: float = pa.Field(nullable=True, ge=0)
    high_units: float = pa.Field(nullable=True, ge=0)
    actual_units: int = pa.Field(ge=0)
    campaign_units: int = pa.Field(ge=0)
    lost_units: float = pa.Field(nullable=True, ge=0)
    is_covered: pd.BooleanDtype = pa.Field(nullable=True)
    stock_out_days: int = pa.Field(ge=0)
    opening_units: float = pa.Field(nullable=True, ge=0)
    leftover_units: float = pa.Field(nullable=True, ge=0)
    mean_stock_units: float = pa.Field(nullable=True, ge=0)
    turnover_ratio: float = pa.Field(nullable=True, ge=0)
    is_dead_stock: pd.BooleanDtype = pa.Field(nullable=True)
    returned_units: int = pa.Field(ge=0)
    sold_revenue: float = pa.Field(nullable=True)
    cost_currency: str
    revenue_minor: pd.Int64Dtype = pa.Field(nullable=True)
    currency: str
    missing: str


class OverrideReview(Table):
    """One row per override that applied: the plan without it and with it, and which came nearer."""

    row: int
    shop: str
    market: str
    category: str
    sku: str
    phase: str
    change: str
    owner: str
    without_units: float = pa.Field(ge=0)
    planned_units: float = pa.Field(ge=0)
    demand_units: float = pa.Field(nullable=True, ge=0)
    without_error_units: float = pa.Field(nullable=True, ge=0)
    planned_error_units: float = pa.Field(nullable=True, ge=0)
    gained_units: float = pa.Field(nullable=True)
    is_helped: pd.BooleanDtype = pa.Field(nullable=True)


class OutcomeMeasures(Table):
    """One row per market and measure: one figure of the review, with its unit."""

    market: str
    measure: str
    value: float = pa.Field(nullable=True)
    unit: str


class UpliftMemory(Table):
    """One row per shop, category, SKU, event and phase: the ratio a past campaign showed."""

    seller: str
    shop: str
    market: str
    category: str
    sku: str
    campaign: str
    event: str
    kind: str
    phase: str = pa.Field(isin=("warm_up", "sale", "tail"))
    ended_on: pd.Timestamp
    uplift_ratio: float = pa.Field(gt=0)
    expected_units: float = pa.Field(ge=0)
    actual_units: float = pa.Field(ge=0)


class CampaignRatios(Table):
    """One row per cell of one seller's campaign: what came, and what it is measured by."""

    seller: str
    campaign: str
    memory: str = pa.Field(isin=MEMORIES)
    """`uplift` units over ordinary units, `phase_day` a day over an even day, `returns` units back
    over units sold, `receiving` days from dock to shelf over shipments, `lead` days over those
    planned."""
    kind: str
    """Of the event; blank where it does not matter, as all that follows."""
    phase: str
    place: str
    """Of a day in its phase, the kind of a warehouse, or the stage of a trip."""
    mode: str
    category: str
    market: str
    price_band: str = pa.Field(isin=("", *PRICE_BANDS))
    ended_on: pd.Timestamp
    actual_sum: float = pa.Field(ge=0)
    expected_sum: float = pa.Field(gt=0)
    n_skus: int = pa.Field(ge=1)


class SharedRatios(Table):
    """One row per cell that enough sellers of a provider filled; names none of them."""

    campaign: str
    memory: str = pa.Field(isin=MEMORIES)
    kind: str
    phase: str
    place: str
    mode: str
    category: str
    """`any`: all of them together, as in `market` and `price_band`."""
    market: str
    price_band: str = pa.Field(isin=("", "any", *PRICE_BANDS))
    ended_on: pd.Timestamp
    cell_ratio: float = pa.Field(gt=0)
    """Mean over sellers by units; none weighs more than `memory_seller_share` of the bounds."""
    seller_log_sd: float = pa.Field(nullable=True, ge=0)
    """How far sellers lie apart; only where twice the sellers needed gave to it."""
    n_sellers: int = pa.Field(ge=2)
    n_skus: int = pa.Field(ge=1)


class RegretLedger(Table):
    """One row per market, SKU and cause of loss: what repairing it would have earned."""

    market: str
    sku: str
    cause: str = pa.Field(isin=REGRET_CAUSES)
    regret_profit: float
    """Averaged over all orders of repair; below zero where the deviation helped."""
    units: float
    """Missed or left over because of it."""
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
    missing: str
    currency: str


class RegretTotals(Table):
    """One row per market and cause of loss: its part of the gap; a blank market is the whole."""

    market: str
    cause: str = pa.Field(isin=REGRET_CAUSES)
    regret_profit: float
    units: float
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
    sold_units: float = pa.Field(ge=0)
    lost_units: float = pa.Field(ge=0)
    leftover_units: float = pa.Field(ge=0)
    """On the shelf or on the way, beyond what ordinary days will need in good time."""
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

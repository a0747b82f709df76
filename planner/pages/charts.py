"""Every figure of the reports: tables and a language in, one plotly figure out.

The figures themselves stand in one module per notebook; this one is where a
notebook finds them. None of them reads disk, clock or screen.
"""

from planner.pages.charts_curve import day_curve, horizon_by_day
from planner.pages.charts_demand import (
    backtest,
    baseline_and_history,
    phase_forecast,
    sku_forecast,
    uplift_ranges,
)
from planner.pages.charts_history import (
    daily_history,
    hour_profile,
    reconciliation,
    rejected_by_reason,
)
from planner.pages.charts_lanes import lane_calendar
from planner.pages.charts_parts import horizon_ladder, phase_ladder
from planner.pages.charts_record import record_by_event
from planner.pages.charts_review import (
    profit_waterfall,
    regret_by_sku,
    rule_days,
    rules_by_profit,
)
from planner.pages.charts_routes import demand_routes, hours_by_sku
from planner.pages.charts_season import (
    forecast_against_actual,
    loss_split,
)
from planner.pages.charts_supply import compare_rules, cost_lines, stock_plan
from planner.pages.charts_track import event_curve, rest_ranges
from planner.pages.charts_trail import trail_by_sku, trail_steps
from planner.pages.charts_worth import price_locks, worth_of_facts

__all__ = [
    "backtest",
    "baseline_and_history",
    "compare_rules",
    "cost_lines",
    "daily_history",
    "day_curve",
    "demand_routes",
    "event_curve",
    "forecast_against_actual",
    "horizon_by_day",
    "horizon_ladder",
    "hour_profile",
    "hours_by_sku",
    "lane_calendar",
    "loss_split",
    "phase_forecast",
    "phase_ladder",
    "price_locks",
    "profit_waterfall",
    "reconciliation",
    "record_by_event",
    "regret_by_sku",
    "rejected_by_reason",
    "rest_ranges",
    "rule_days",
    "rules_by_profit",
    "sku_forecast",
    "stock_plan",
    "trail_by_sku",
    "trail_steps",
    "uplift_ranges",
    "worth_of_facts",
]

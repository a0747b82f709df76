"""Stages: every way from the order to the shelf as a sum of stages, each with days and dates.

Knows how a way that was chosen is told stage by stage, and why each takes so long. How long the
stages take stands in `stage_parts`, which season stretches them in `legs`.
"""

import math
from collections.abc import Sequence
from datetime import date

import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.supply.trips.legs import (
    WHOLE_TRIP,
    Leg,
    Span,
    Window,
    added_by,
    laid_out,
    leg_of,
    meeting,
    own_days,
    sent_on,
    whole,
    windows_of,
)


def stage_days(
    options: pd.DataFrame,
    lane_stages: pd.DataFrame,
    risk_windows: pd.DataFrame,
    *,
    scope: Scope,
    confidence: float,
    inbound_rules: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return every stage of every way, with its days and dates, backwards from the shelf.

    Parameters
    ----------
    options : DataFrame
        Table `LaneOptions` of the same registers.
    lane_stages, risk_windows, inbound_rules : DataFrame
        Registers `LaneStages`, `RiskWindows` and `InboundRules`, rows in force.
    scope : Scope
    confidence : float
        The bound `ship_by_confidence` that the options were made with.

    Returns
    -------
    DataFrame
        Table `StageDays`. Dates follow without a gap from `produce_by` to `shelf_by`: the
        reserve between the typical days and the ship day is shared out over the trip's stages
        as their typical days are.
    """
    rows: list[dict[str, object]] = []
    for row in options.to_dict("records"):
        at = {"market": row["market"], "mode": row["mode"]}
        kinds = ("min_lead_days", "lead_days", "max_lead_days")
        low, middle, high = (row[kind] - row["added_days"] for kind in kinds)
        windows = windows_of(risk_windows, row["market"], by_stage=True)
        leg = leg_of(
            (low, middle, high), **at, scope=scope, windows=windows, lane_stages=lane_stages,
            inbound_rules=inbound_rules, source=row["source"], confidence=confidence,
        )  # fmt: skip
        leg = leg._replace(arrive_by=row["arrive_by"].date())
        if row["ship_by"].date() != leg.ship_by:
            leg = sent_on(leg, row["ship_by"].date(), windows)
        days = {name: row[name].date() for name in ("produce_by", "shelf_by")}
        chain = [*_prepared(days["produce_by"], scope, windows), *_travelled(leg)]
        chain += _received(leg, days["shelf_by"], windows)
        rows += [{**at, "place": place, **told} for place, told in enumerate(chain)]
    if not rows:
        return tables.empty(tables.StageDays)
    frame = pd.DataFrame(rows).astype({"starts_on": "datetime64[us]", "ends_on": "datetime64[us]"})
    return tables.checked(tables.StageDays, frame)


def _prepared(start: date, scope: Scope, windows: Sequence[Window]) -> list[dict[str, object]]:
    """Return the seller's own stages, forwards from the last day to order."""
    rows = []
    for stage, days in own_days(scope).items():
        end = start + whole(days)
        met = meeting(windows, stage, (start, end)) if days else []
        end += whole(added_by(met))
        rows.append(_row(stage, (days, days, days), (start, end), met, "reason.stage_seller"))
        start = end
    return rows


def _travelled(leg: Leg) -> list[dict[str, object]]:
    """Return the stages of the trip; a season of the whole trip is told with its longest stage."""
    longest = max(leg.parts, key=lambda part: part.days[1]).stage
    met: dict[str, list[Window]] = {part.stage: [] for part in leg.parts}
    for window in leg.touched:
        met[longest if window.stage == WHOLE_TRIP else window.stage].append(window)
    added = {part.stage: leg.added.get(part.stage, 0.0) for part in leg.parts}
    added[longest] += leg.added.get(WHOLE_TRIP, 0.0)
    days = [part.days[1] + added[part.stage] for part in leg.parts]
    spans = laid_out(leg.ship_by, leg.arrive_by, days)
    return [
        _row(part.stage, part.days, span, met[part.stage], part.reason, part.source)
        | {"added_days": added[part.stage]}
        for part, span in zip(leg.parts, spans, strict=True)
    ]


def _received(leg: Leg, shelf: date, windows: Sequence[Window]) -> list[dict[str, object]]:
    part = leg.received
    met = meeting(windows, part.stage, (leg.arrive_by, shelf))
    receiving = _row(part.stage, part.days, (leg.arrive_by, shelf), met, part.reason, part.source)
    return [receiving, _row("shelf", (0.0, 0.0, 0.0), (shelf, shelf), [], "reason.stage_shelf")]


def _row(
    stage: str,
    days: tuple[float, float, float],
    span: Span,
    met: Sequence[Window],
    reason: str,
    source: str = "seller.yml",
) -> dict[str, object]:
    seasons = [_season(window) for window in met]
    return {
        "stage": stage,
        "min_days": days[0],
        "typical_days": days[1],
        "max_days": days[2],
        "added_days": added_by(met),
        "starts_on": span[0],
        "ends_on": span[1],
        "reason": ";".join([reason, *seasons]),
        "source": source,
    }


def _season(window: Window) -> str:
    if math.isnan(window.added_days):
        return f"reason.stage_season_unknown|season={window.season}"
    return f"reason.stage_season|season={window.season}|days={window.added_days:g}"

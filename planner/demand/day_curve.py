"""How a phase's demand falls on its days: peak of the first day, decay, the last day.

Learnt from past events of the seller, aligned from their start and from their end, the
weekday divided out. Knows shares of a phase; knows nothing of how much the phase sells.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.campaign import MarketPlan
from planner.demand.calibration import Z_80
from planner.demand.clean import KEYS, PHASE_CODES, Codes, Flags, Floats, Panel, panel_of
from planner.demand.spread import day_noise
from planner.tables import PROMO_PHASES, DayCurve, checked, empty

START_DAYS, END_DAYS = 7, 2
"""Days from the start and from the end that have a place of their own. [days]"""
DAY_SD, DAY_COUNT = 0.15, 7.0
"""Prior spread of one day's log share from event to event, and its weight in days seen."""
DEFAULT_SD = 0.15
"""Spread of a place in the phase that the register does not name."""
POSITIONS = (
    *(f"start_{day}" for day in range(1, START_DAYS + 1)),
    *(f"end_{day}" for day in range(1, END_DAYS + 1)),
)

Span = tuple[pd.Timestamp, pd.Timestamp]
"""First and last day of a phase."""


class Shape(NamedTuple):
    """Log ratio of each place of a phase to an even day, and how sure that is."""

    log_ratio: Floats
    """Shape (n_positions,)."""
    covariance: Floats
    """Shape (n_positions, n_positions)."""
    day_sd: float
    """How far one day of one event strays."""
    past_events: int


def learn_day_curve(
    daily: pd.DataFrame,
    baseline: pd.DataFrame,
    *,
    plans: Mapping[str, MarketPlan],
    shipped: pd.DataFrame,
) -> pd.DataFrame:
    """Return the share of each day of the phases ahead, with its 80 % range.

    Parameters
    ----------
    daily, baseline : DataFrame
        Tables `DailySales` and `BaselineDaily` of the same history.
    plans : Mapping of str to MarketPlan
        By market, the promotion ahead.
    shipped : DataFrame
        Register `DayCurvePriors`: the curve behind the seller's own.

    Returns
    -------
    DataFrame
        Table `DayCurve`; the shares of a phase sum to 1.

    Notes
    -----
    Of each past event, day k shows ``log((sold + 1) / (ordinary + 1))``, summed over the SKUs
    in stock; its level is free, so that only the shape counts. Places (first seven days, last
    two) are fitted by weighted ridge towards the register: an event's day weighs
    ``1 / (day_sd^2 + dispersion / ordinary)``, the register ``1 / log_sd^2``. All kinds and
    markets of the seller count together. A phase of another length takes the same places.
    """
    panel = panel_of(daily)
    expected, is_clean = past_expected(panel, baseline)
    dispersion = day_noise(panel.units, expected, is_clean).pooled
    shapes = {
        phase: learn_shape(
            panel, expected, phase=phase, ahead=_spans(plans, phase), dispersion=dispersion,
            shipped=shipped,
        )
        for phase in PROMO_PHASES
    }  # fmt: skip
    parts = [
        _curve(market, phase, pd.date_range(span.start, span.end, unit="us"), shapes[phase])
        for market, plan in sorted(plans.items())
        for phase, span in plan.phases.named().items()
    ]
    return checked(DayCurve, pd.concat(parts, ignore_index=True)) if parts else empty(DayCurve)


def learn_shape(
    panel: Panel,
    expected: Floats,
    *,
    phase: str,
    ahead: Mapping[str, Span],
    dispersion: float,
    shipped: pd.DataFrame,
) -> Shape:
    """Return how past events of one phase fell on its places, in logarithms.

    Parameters
    ----------
    panel : Panel
        Daily sales.
    expected : array, shape (n_series, n_days)
        Units ordinary days would have sold. [units/day]
    phase : {"warm_up", "sale", "tail"}
    ahead : Mapping of str to (Timestamp, Timestamp)
        By market, first and last day of the phase ahead, which may have begun.
    dispersion : float
        Variance over mean of a day's sales. [unitless]
    shipped : DataFrame
        Register `DayCurvePriors`.
    """
    return _shape(_past_days(panel, expected, phase, ahead), dispersion, *_prior(shipped, phase))


def heights(length: int, shape: Shape) -> Floats:
    """Return what each day of a phase sells against the mean of its days; they average 1."""
    height = np.exp(places_of(length) @ shape.log_ratio)
    return height / height.mean()


def past_expected(panel: Panel, baseline: pd.DataFrame) -> tuple[Floats, Flags]:
    """Return what ordinary days would have sold on the days of a panel, and which days are clean.

    Returns
    -------
    expected : array, shape (n_series, n_days)
        [units/day]
    is_clean : array, shape (n_series, n_days)
        Days from which it was told.
    """
    past = baseline[~baseline["is_future"]]
    series = pd.MultiIndex.from_frame(panel.keys[KEYS]).get_indexer(
        pd.MultiIndex.from_frame(past[KEYS])
    )
    day = ((past["day"] - panel.first_on) // pd.Timedelta(days=1)).to_numpy()
    known = (series >= 0) & (day >= 0) & (day < panel.units.shape[1])
    expected, clean = np.zeros(panel.units.shape), np.zeros(panel.units.shape, dtype=bool)
    cell = series[known], day[known]
    expected[cell] = past["baseline_units"].to_numpy()[known]
    clean[cell] = ~past["is_masked"].to_numpy()[known]
    return expected, clean


def places_of(length: int) -> Floats:
    """Return which places each day of a phase takes, shape (length, n_positions).

    Notes
    -----
    A day takes its place from the end only in the second half, so that one day is a first day.

    Examples
    --------
    >>> [POSITIONS[place] for place in np.flatnonzero(places_of(3)[2])]
    ['start_3', 'end_1']
    """
    places = np.zeros((length, len(POSITIONS)))
    for day in range(length):
        if day < START_DAYS:
            places[day, day] = 1.0
        if length - day <= END_DAYS and 2 * day >= length:
            places[day, START_DAYS + length - day - 1] = 1.0
    return places


def _spans(plans: Mapping[str, MarketPlan], phase: str) -> dict[str, Span]:
    spans = {market: plan.phases.named().get(phase) for market, plan in plans.items()}
    return {
        market: (pd.Timestamp(span.start), pd.Timestamp(span.end))
        for market, span in spans.items()
        if span
    }


def _past_days(
    panel: Panel, expected: Floats, phase: str, ahead: Mapping[str, Span]
) -> Iterator[tuple[Floats, Floats]]:
    """Yield what each past event sold and would have sold ordinarily, day by day.

    Notes
    -----
    The phase ahead, if it has begun, has its days to come with nothing expected of them: they
    tell nothing, and the last known day is not taken for the last of the phase.
    """
    inside = (panel.phase == PHASE_CODES[phase]) & panel.is_known
    for market in panel.keys["market"].unique():
        rows = (panel.keys["market"] == market).to_numpy()
        for event in np.unique(panel.event[rows][inside[rows]]):
            named = inside[rows] & (panel.event[rows] == event)
            for days in _runs(np.flatnonzero(named.any(axis=0))):
                counted = (named & ~panel.is_stock_out[rows])[:, days]
                sold = (panel.units[rows][:, days] * counted).sum(axis=0)
                usual = (expected[rows][:, days] * counted).sum(axis=0)
                if len(days) > 1 and (usual > 0).sum() > 1:
                    to_come = np.zeros(_days_to_come(panel, days, ahead.get(str(market))))
                    yield np.append(sold, to_come), np.append(usual, to_come)


def _days_to_come(panel: Panel, days: Codes, span: Span | None) -> int:
    """Return how many days of the phase a run belongs to are still ahead."""
    if span is None or panel.days[days[-1]] < span[0]:
        return 0
    return max((span[1] - panel.days[days[-1]]).days, 0)


def _runs(days: Codes) -> list[Codes]:
    return np.split(days, np.flatnonzero(np.diff(days) > 1) + 1) if days.size else []


def _prior(shipped: pd.DataFrame, phase: str) -> tuple[Floats, Floats]:
    rows = shipped[shipped["phase"] == phase].drop_duplicates("position", keep="last")
    rows = rows.set_index("position").reindex(POSITIONS)
    ratio = rows["day_ratio"].fillna(1.0).to_numpy(dtype=float)
    return np.log(ratio), rows["log_sd"].fillna(DEFAULT_SD).to_numpy(dtype=float)


def _shape(
    events: Iterator[tuple[Floats, Floats]], dispersion: float, prior: Floats, prior_sd: Floats
) -> Shape:
    seen = list(events)
    shape = _ridge(seen, dispersion, prior, prior_sd, DAY_SD)
    if not seen:
        return shape
    rest, chance, count = 0.0, 0.0, 0
    for sold, usual in seen:
        places, shown, noise = _shown(sold, usual, dispersion)
        miss = shown - places @ shape.log_ratio
        weight = 1 / (DAY_SD**2 + noise)
        miss = np.where(usual > 0, miss - np.average(miss, weights=weight * (usual > 0)), 0.0)
        rest += float((miss**2).sum())
        chance += float(noise[usual > 0].sum())
        count += int((usual > 0).sum()) - 1
    variance = (max(rest - chance, 0.0) + DAY_COUNT * DAY_SD**2) / (count + DAY_COUNT)
    return _ridge(seen, dispersion, prior, prior_sd, float(np.sqrt(variance)))


def _ridge(
    seen: list[tuple[Floats, Floats]],
    dispersion: float,
    prior: Floats,
    prior_sd: Floats,
    day_sd: float,
) -> Shape:
    precision, pull = np.diag(prior_sd**-2.0), np.zeros(len(prior))
    for sold, usual in seen:
        places, shown, noise = _shown(sold, usual, dispersion)
        weight = (usual > 0) / (day_sd**2 + noise)
        free = np.diag(weight) - np.outer(weight, weight) / weight.sum()
        precision = precision + places.T @ free @ places
        pull = pull + places.T @ free @ (shown - places @ prior)
    covariance = np.linalg.inv(precision)
    return Shape(prior + covariance @ pull, covariance, day_sd, len(seen))


def _shown(sold: Floats, usual: Floats, dispersion: float) -> tuple[Floats, Floats, Floats]:
    lift = (sold.sum() + 1) / (usual.sum() + 1)
    noise = dispersion / (usual * lift + 1)
    return places_of(len(sold)), np.log1p(sold) - np.log1p(usual), noise


def _curve(market: str, phase: str, days: pd.DatetimeIndex, shape: Shape) -> pd.DataFrame:
    places = places_of(len(days))
    share = heights(len(days), shape) / len(days)
    contrast = np.eye(len(days)) - share
    doubt = places @ shape.covariance @ places.T + shape.day_sd**2 * np.eye(len(days))
    spread = np.exp(Z_80 * np.sqrt(np.einsum("ij,jk,ik->i", contrast, doubt, contrast)))
    return pd.DataFrame(
        {
            "market": pd.array([market] * len(days), dtype="str"),
            "phase": pd.array([phase] * len(days), dtype="str"),
            "day": days,
            "phase_day": np.arange(1, len(days) + 1),
            "share_rate": share,
            "share_low_rate": share / spread,
            "share_high_rate": np.minimum(share * spread, 1.0),
            "source": pd.array(
                ["portfolio" if shape.past_events else "shipped"] * len(days), dtype="str"
            ),
            "past_events": shape.past_events,
        }
    )

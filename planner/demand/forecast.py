"""Equally likely worlds of demand, by phase of the campaign, and their summary.

Knows level, uplift and their doubts; draw k of every SKU and shop is one and the
same world, so sums over SKUs have the right spread. Every draw follows from the
seed text alone.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np
import pandas as pd

from planner.campaign import Demand, MarketPlan
from planner.demand.calibration import calibrated_noise
from planner.demand.clean import KEYS, Floats
from planner.demand.draws import N_DRAWS, Doubt, draw_totals, quantiles_of
from planner.errors import PlanningError
from planner.tables import PROMO_PHASES, DemandDraws, Forecast, checked

Spans = dict[str, tuple[pd.Timestamp, pd.Timestamp]]
"""First and last day of each phase."""
HORIZON_PHASES = ("warm_up", "sale", "tail", "after")
"""Phases that the promo order must cover; `before` is served from stock at hand."""
QUANTILES = {
    "q05_units": 0.05,
    "q10_units": 0.10,
    "q20_units": 0.20,
    "q50_units": 0.50,
    "q80_units": 0.80,
    "q90_units": 0.90,
    "q95_units": 0.95,
    "q975_units": 0.975,
}


def draw_demand(
    fit: pd.DataFrame,
    baseline: pd.DataFrame,
    uplift: pd.DataFrame,
    *,
    plans: Mapping[str, MarketPlan],
    demand: Demand,
    seed_text: str,
    n_draws: int = N_DRAWS,
) -> pd.DataFrame:
    """Return equally likely totals of demand of each shop, SKU and phase of the horizon.

    Parameters
    ----------
    fit, baseline, uplift : DataFrame
        Tables `BaselineFit`, `BaselineDaily` and `Uplift`.
    plans : Mapping of str to MarketPlan
        By market, the promotion ahead.
    demand : Demand
        The scenario; `demand_ratio` multiplies the promo phases.
    seed_text : str
        What the draws follow from: seller and as-of day.
    n_draws : int
        Worlds. [draws]

    Returns
    -------
    DataFrame
        Table `DemandDraws`; phases that ended before the first unknown day are left out.

    Notes
    -----
    ``seller drift x event shock x SKU drift x SKU ratio``, each lognormal with mean 1, times
    the expected total, then gamma-Poisson noise whose variance is `dispersion_ratio` times
    the mean. Seller drift is one for all markets, the event shock one for all shops of an event,
    but another in each phase.
    `before` and `after` take the ratio of their own rows (see `ripples`), 1 without them.
    """
    ratios = uplift.set_index([*KEYS, "phase"])
    tables = []
    for market, ahead in baseline[baseline["is_future"]].groupby("market", sort=True):
        if market not in plans:
            continue
        series = fit[fit["market"] == market].sort_values(KEYS).reset_index(drop=True)
        spans = phase_spans(plans[market], first=ahead["day"].min())
        expected, doubt = _expected(series, ahead, ratios, spans, demand)
        totals = draw_totals(
            expected,
            doubt,
            names=(series["shop"] + "|" + series["sku"]).to_list(),
            event=plans[market].event,
            seed_text=seed_text,
            phases=list(spans),
            n_draws=n_draws,
        )
        tables.append(_table(series, spans, totals))
    if not tables:
        raise PlanningError(
            "no day ahead in any market of the campaign: the baseline ends before the horizon "
            "begins; give fit_baseline the horizon's end as `until`"
        )
    table = pd.concat(tables, ignore_index=True)
    return checked(DemandDraws, table.sort_values(KEYS, kind="stable"))


def phase_spans(plan: MarketPlan, *, first: pd.Timestamp) -> Spans:
    """Return first and last day of each phase of the horizon, from `first` on.

    Parameters
    ----------
    plan : MarketPlan
        Phases and next replenishment of one market.
    first : Timestamp
        First day that is not yet known.
    """
    day = timedelta(days=1)
    spans = {"before": (first.date(), plan.phases.start - day)}
    spans |= {name: (span.start, span.end) for name, span in plan.phases.named().items()}
    spans["after"] = (plan.phases.end + day, plan.next_replenishment_on - day)
    return {
        name: (max(pd.Timestamp(start), first), pd.Timestamp(end))
        for name, (start, end) in spans.items()
        if pd.Timestamp(end) >= max(pd.Timestamp(start), first)
    }


def summarise_draws(
    draws: pd.DataFrame, *, model_draws: pd.DataFrame, grades: pd.DataFrame
) -> pd.DataFrame:
    """Return mean and quantiles of each phase and of the horizon, with their grade.

    Parameters
    ----------
    draws : DataFrame
        Table `DemandDraws` to plan with.
    model_draws : DataFrame
        The same before overrides; its mean is kept beside.
    grades : DataFrame
        What `evidence.grade_evidence` gave.

    Returns
    -------
    DataFrame
        Table `Forecast`; the phase `horizon` is warm-up to after, without `before`.
    """
    keys = [*KEYS, "phase"]
    planned, modelled = _with_horizon(draws), _with_horizon(model_draws)
    worlds = np.stack(planned["draws"].to_list())
    levels = quantiles_of(worlds, list(QUANTILES.values()))
    table = planned.drop(columns="draws").assign(
        mean_units=worlds.mean(axis=1), **dict(zip(QUANTILES, levels, strict=True))
    )
    means = modelled[keys].assign(
        model_mean_units=np.stack(modelled["draws"].to_list()).mean(axis=1)
    )
    table = table.merge(means, on=keys, how="left").merge(grades, on=KEYS, how="left")
    return checked(Forecast, table)


def horizon_rows(forecast: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the whole horizon, one per shop and SKU, largest first."""
    rows = forecast[forecast["phase"] == "horizon"]
    return rows.sort_values("mean_units", ascending=False, kind="stable").reset_index(drop=True)


def _expected(
    series: pd.DataFrame, ahead: pd.DataFrame, ratios: pd.DataFrame, spans: Spans, demand: Demand
) -> tuple[Floats, Doubt]:
    """Return the mean total of each series and phase, and what it may be off by."""
    phases = list(spans)
    keys = pd.MultiIndex.from_frame(series[KEYS])
    rows = series[KEYS].loc[series.index.repeat(len(phases))]
    rows = rows.assign(phase=pd.array(np.tile(phases, len(keys)), dtype="str"))
    place = ratios.index.get_indexer(pd.MultiIndex.from_frame(rows))

    def by_phase(column: str, blank: float) -> Floats:
        values = np.append(ratios[column].to_numpy(dtype=float), blank)[place]
        return np.where(np.isnan(values), blank, values).reshape(len(keys), len(phases))

    widened = _spread_ratio(ratios, keys)
    scenario = np.where(np.isin(phases, PROMO_PHASES), demand.demand_ratio, 1.0)
    doubt = Doubt(
        dispersion=calibrated_noise(series["dispersion_ratio"].to_numpy(), widened),
        drift_sd=series["drift_sd"].to_numpy() * widened,
        common_drift_sd=float((series["common_drift_sd"] * widened).max()),
        ratio_sd=by_phase("log_sd", 0.0),
        common_ratio_sd=by_phase("common_log_sd", 0.0),
    )
    ordinary = _phase_totals(ahead, spans, keys)
    return ordinary * by_phase("uplift_ratio", 1.0) * scenario, doubt


def _spread_ratio(ratios: pd.DataFrame, keys: pd.MultiIndex) -> Floats:
    """Return by what past promotions say that each series' doubt is to be multiplied."""
    sale = ratios[ratios.index.get_level_values("phase") == "sale"].droplevel("phase")
    return sale["spread_ratio"].reindex(keys).fillna(1.0).to_numpy(dtype=float)


def _table(series: pd.DataFrame, spans: Spans, totals: Floats) -> pd.DataFrame:
    n_series, n_phases, n_draws = totals.shape
    starts, ends = (pd.DatetimeIndex(days) for days in zip(*spans.values(), strict=True))
    rows = series[KEYS].take(np.repeat(np.arange(n_series), n_phases)).reset_index(drop=True)
    return rows.assign(
        phase=pd.array(np.tile(list(spans), n_series), dtype="str"),
        starts_on=np.tile(starts, n_series),
        ends_on=np.tile(ends, n_series),
        draws=_objects(list(totals.reshape(-1, n_draws))),
    )


def _phase_totals(
    ahead: pd.DataFrame,
    spans: Spans,
    keys: pd.MultiIndex,
) -> Floats:
    series = keys.get_indexer(pd.MultiIndex.from_frame(ahead[KEYS]))
    totals = np.zeros((len(keys), len(spans)))
    for column, (start, end) in enumerate(spans.values()):
        inside = ahead["day"].between(start, end).to_numpy() & (series >= 0)
        totals[:, column] = np.bincount(
            series[inside], ahead["baseline_units"].to_numpy()[inside], len(keys)
        )
    return totals


def _with_horizon(draws: pd.DataFrame) -> pd.DataFrame:
    inside = draws[draws["phase"].isin(HORIZON_PHASES)]
    whole = (
        inside.groupby(KEYS, sort=True)
        .agg(starts_on=("starts_on", "min"), ends_on=("ends_on", "max"), draws=("draws", "sum"))
        .reset_index()
        .assign(phase="horizon")
    )
    both = pd.concat([draws, whole], ignore_index=True)
    return both.sort_values(KEYS, kind="stable").reset_index(drop=True)


def _objects(rows: Sequence[Floats]) -> np.ndarray:
    column = np.empty(len(rows), dtype=object)
    column[:] = rows
    return column

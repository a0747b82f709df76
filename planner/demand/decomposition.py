"""What a forecast consists of, in units, and what its doubt consists of.

Splits the mean of each SKU and phase into level, calendar, causes of the ratio and what people
and limits changed. Knows the tables that the forecast rests on; tells no new figure.
"""

import numpy as np
import pandas as pd

from planner.campaign import Demand
from planner.demand.calibration import calibrated_noise
from planner.demand.clean import KEYS, Floats
from planner.demand.drivers import DRIVER_COLUMNS
from planner.demand.forecast import HORIZON_PHASES
from planner.demand.patterns import PATTERNS
from planner.tables import (
    PHASES,
    PROMO_PHASES,
    Decomposition,
    DoubtShares,
    checked,
    columns,
)

BASE_PARTS = ("level", "weekday", "season", "launch")
RATIO_PARTS = ("seller", "kind", "category", *PATTERNS, *DRIVER_COLUMNS, "own", "rest", "around")
LATE_PARTS = ("scenario", "draws", "override", "order_limit")
PARTS = (*BASE_PARTS, *RATIO_PARTS, *LATE_PARTS)
"""In the order in which they are laid one on the other; `rest` is that only the rest of a phase
is ahead, which sells less or more a day than the whole; `around` is other events, waiting, the
dip and staying out, `draws` what a finite number of worlds misses."""
DOUBTS = ("own_drift", "common_drift", "ratio", "shock", "day_noise")
WITHIN_CALENDAR = ("weekday", "season", "launch")
NOTHING_UNITS = 1e-9
"""A part that adds less has no row. [units]"""
ROW = [*KEYS, "phase"]


def decompose(
    forecast: pd.DataFrame,
    *,
    fit: pd.DataFrame,
    baseline: pd.DataFrame,
    uplift: pd.DataFrame,
    effects: pd.DataFrame,
    demand: Demand,
    planned: pd.DataFrame | None = None,
    rest: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the units that each part adds; they add up to the mean of each phase.

    Parameters
    ----------
    forecast : DataFrame
        Table `Forecast`; only SKUs in it are split, so a part of it does for a page.
    fit, baseline : DataFrame
        Tables `BaselineFit` and `BaselineDaily`.
    uplift : DataFrame
        Table `Uplift` that the draws were made of.
    effects : DataFrame
        Table `UpliftEffects`.
    demand : Demand
        The scenario of the draws.
    planned : DataFrame, optional
        Table `DemandDraws` after overrides and before order limits; without it, all that people
        and limits changed stands under `override`.
    rest : DataFrame, optional
        What `rest_of_phase.rest_ratios` gave: `uplift` holds it already.

    Returns
    -------
    DataFrame
        Table `Decomposition`; a part that changes nothing has no row, but `level` always has.

    Notes
    -----
    What multiplies is split in the order of `PARTS`: a part adds what the product grows by when
    its factor joins those before it, ``B exp(e1 + .. + ek) - B exp(e1 + .. + e(k-1))`` with `B`
    the ordinary units. In another order a part would add other units, the sum being the same.
    """
    rows = forecast[forecast["phase"] != "horizon"].reset_index(drop=True)
    wide = pd.concat([rows[ROW], _base_parts(rows, fit, baseline)], axis=1)
    ordinary = wide[list(BASE_PARTS)].sum(axis=1).to_numpy()
    logs = _log_parts(rows, uplift, effects, demand, rest)
    reached = ordinary[:, None] * np.exp(np.cumsum(logs, axis=1))
    added = np.diff(reached, axis=1, prepend=ordinary[:, None])
    for place, part in enumerate((*RATIO_PARTS, "scenario")):
        wide[part] = added[:, place]
    model = rows["model_mean_units"].to_numpy()
    given = rows["mean_units"].to_numpy()
    middle = given if planned is None else _means(rows, planned)
    wide["draws"] = model - (reached[:, -1] if len(rows) else model)
    wide["override"] = middle - model
    wide["order_limit"] = given - middle
    inside = wide[wide["phase"].isin(HORIZON_PHASES)]
    whole = inside.groupby(KEYS, sort=False)[list(PARTS)].sum().reset_index()
    return _long(pd.concat([wide, whole.assign(phase="horizon")], ignore_index=True))


def share_doubt(forecast: pd.DataFrame, *, fit: pd.DataFrame, uplift: pd.DataFrame) -> pd.DataFrame:
    """Return how much of the forecast's variance each source of doubt makes.

    Parameters
    ----------
    forecast : DataFrame
        Table `Forecast`.
    fit, uplift : DataFrame
        Tables `BaselineFit` and `Uplift` that the draws were made of.

    Returns
    -------
    DataFrame
        Table `DoubtShares`; the shares of a phase add up to 1. A phase without demand in the
        model has no row.

    Notes
    -----
    A lognormal factor of mean 1 makes ``m sqrt(exp(s^2) - 1)`` units, day noise
    ``sqrt(dispersion m)`` with the dispersion that the draws take (`calibrated_noise`). Over the
    horizon the first add up, one world being the same in every phase, and the squares of the
    second. Products of two doubts are left out.
    """
    rows = forecast[(forecast["phase"] != "horizon") & (forecast["model_mean_units"] > 0)]
    rows = rows.reset_index(drop=True)
    table = rows[ROW].assign(**_doubts(rows, fit, uplift))
    inside = table[table["phase"].isin(HORIZON_PHASES)]
    inside = inside.assign(day_noise=inside["day_noise"] ** 2)
    whole = inside.groupby(KEYS, sort=False)[list(DOUBTS)].sum().reset_index()
    whole = whole.assign(day_noise=np.sqrt(whole["day_noise"]), phase="horizon")
    table = pd.concat([table, whole], ignore_index=True)
    sds = table[list(DOUBTS)].to_numpy(dtype=float)
    total = np.square(sds).sum(axis=1, keepdims=True)
    share = np.divide(np.square(sds), total, out=np.zeros_like(sds), where=total > 0)
    place, doubt = np.nonzero(np.broadcast_to(total > 0, sds.shape))
    long = table[ROW].take(place).reset_index(drop=True)
    long = long.assign(
        doubt=pd.array(np.array(DOUBTS, dtype=object)[doubt], dtype="str"),
        sd_units=sds[place, doubt],
        variance_share=share[place, doubt],
    )
    return checked(DoubtShares, _in_order(long)[columns(DoubtShares)])


def horizon_steps(parts: pd.DataFrame) -> pd.DataFrame:
    """Return the way from ordinary days to the horizon's mean: one step per phase.

    Parameters
    ----------
    parts : DataFrame
        Table `Decomposition`.

    Returns
    -------
    DataFrame
        shop, market, sku, step, part_units: `level`, `calendar`, each phase, then late parts.
    """
    phases = parts[parts["phase"].isin(HORIZON_PHASES)]
    step = phases["phase"].where(phases["part"].isin(RATIO_PARTS), phases["part"])
    order = ("level", "calendar", *HORIZON_PHASES, *LATE_PARTS)
    return _steps(phases, step.mask(step.isin(WITHIN_CALENDAR), "calendar"), order)


def phase_steps(parts: pd.DataFrame, *, phase: str = "sale") -> pd.DataFrame:
    """Return the way from ordinary days to the mean of one phase: one step per cause.

    Parameters
    ----------
    parts : DataFrame
        Table `Decomposition`.
    phase : str

    Returns
    -------
    DataFrame
        shop, market, sku, step, part_units: `ordinary`, each cause of the ratio, late parts.
    """
    rows = parts[parts["phase"] == phase]
    step = rows["part"].mask(rows["part"].isin(BASE_PARTS), "ordinary")
    return _steps(rows, step, ("ordinary", *RATIO_PARTS, *LATE_PARTS))


def _steps(rows: pd.DataFrame, step: pd.Series, order: tuple[str, ...]) -> pd.DataFrame:
    sums = rows.assign(step=step).groupby([*KEYS, "step"], sort=False)["part_units"].sum()
    table = sums.reset_index()
    place = table["step"].map({name: number for number, name in enumerate(order)})
    return table.assign(place=place).sort_values([*KEYS, "place"]).drop(columns="place")


def _base_parts(rows: pd.DataFrame, fit: pd.DataFrame, baseline: pd.DataFrame) -> pd.DataFrame:
    """Return what level, weekday, season and launch add in each row; one row as in `rows`."""
    spans = rows[["market", "phase", "starts_on", "ends_on"]].drop_duplicates()
    days = [pd.date_range(row.starts_on, row.ends_on) for row in spans.itertuples()]
    phase_days = spans[["market", "phase"]].assign(day=days).explode("day")
    phase_days["day"] = pd.to_datetime(phase_days["day"])
    ahead = baseline[baseline["is_future"]].merge(rows[KEYS].drop_duplicates(), on=KEYS)
    ahead = ahead.merge(phase_days, on=["market", "day"])
    ahead = ahead.merge(fit[[*KEYS, "level_units"]], on=KEYS)
    by_week = ahead["level_units"] * ahead["weekday_ratio"]
    by_season = by_week * ahead["season_ratio"]
    ahead = ahead.assign(
        level=ahead["level_units"],
        weekday=by_week - ahead["level_units"],
        season=by_season - by_week,
        launch=ahead["baseline_units"] - by_season,
    )
    sums = ahead.groupby(ROW)[list(BASE_PARTS)].sum()
    return sums.reindex(pd.MultiIndex.from_frame(rows[ROW])).fillna(0.0).reset_index(drop=True)


def _log_parts(
    rows: pd.DataFrame,
    uplift: pd.DataFrame,
    effects: pd.DataFrame,
    demand: Demand,
    rest: pd.DataFrame | None,
) -> Floats:
    """Return the logarithm of each factor, shape (n_rows, n_ratio_parts + 1)."""
    keys = pd.MultiIndex.from_frame(rows[ROW])
    names = [f"{part}_effect" for part in RATIO_PARTS[:-2]]
    told = np.array(effects.set_index(ROW)[names].reindex(keys).fillna(0.0), dtype=float)
    ratio = uplift.set_index(ROW)["uplift_ratio"].reindex(keys).fillna(1.0).to_numpy(dtype=float)
    shift = np.zeros(len(rows))
    if rest is not None and len(rest):
        shift = np.log(rest.set_index(ROW)["rest_ratio"].reindex(keys).fillna(1.0).to_numpy())
    around = np.log(ratio) - told.sum(axis=1) - shift
    # A SKU that stays out of the promotion takes none of its causes: all it sells is `around`.
    is_out = rows["phase"].isin(PROMO_PHASES).to_numpy() & (np.abs(around) > NOTHING_UNITS)
    told[is_out], around[is_out] = 0.0, np.log(ratio[is_out]) - shift[is_out]
    is_promo = rows["phase"].isin(PROMO_PHASES).to_numpy()
    scenario = np.where(is_promo, np.log(demand.demand_ratio), 0.0)
    around = np.where(np.abs(around) > NOTHING_UNITS, around, 0.0)
    return np.column_stack([told, shift, around, scenario])


def _means(rows: pd.DataFrame, draws: pd.DataFrame) -> Floats:
    means = draws[ROW].assign(mean=[float(np.mean(worlds)) for worlds in draws["draws"]])
    return means.set_index(ROW)["mean"].reindex(pd.MultiIndex.from_frame(rows[ROW])).to_numpy()


def _doubts(rows: pd.DataFrame, fit: pd.DataFrame, uplift: pd.DataFrame) -> dict[str, Floats]:
    """Return the standard deviation that each source makes; one element per row. [units]."""
    series = fit.set_index(KEYS).reindex(pd.MultiIndex.from_frame(rows[KEYS]))
    spread = uplift[uplift["phase"] == "sale"].set_index(KEYS)["spread_ratio"]
    by_fit = spread.reindex(pd.MultiIndex.from_frame(fit[KEYS])).fillna(1.0).to_numpy()
    shared = (fit["common_drift_sd"] * by_fit).groupby(fit["market"]).max()
    widened = spread.reindex(pd.MultiIndex.from_frame(rows[KEYS])).fillna(1.0).to_numpy()
    of_row = uplift.set_index(ROW).reindex(pd.MultiIndex.from_frame(rows[ROW]))
    sds = {
        "own_drift": series["drift_sd"].to_numpy() * widened,
        "common_drift": rows["market"].map(shared).to_numpy(),
        "ratio": of_row["log_sd"].fillna(0.0).to_numpy(),
        "shock": of_row["common_log_sd"].fillna(0.0).to_numpy(),
    }
    mean, model = rows["mean_units"].to_numpy(), rows["model_mean_units"].to_numpy()
    doubts = {name: mean * np.sqrt(np.expm1(np.square(sd))) for name, sd in sds.items()}
    noise = np.sqrt(calibrated_noise(series["dispersion_ratio"].to_numpy(), widened) / model)
    return doubts | {"day_noise": mean * noise}


def _long(wide: pd.DataFrame) -> pd.DataFrame:
    values = wide[list(PARTS)].to_numpy(dtype=float)
    shown = np.abs(values) > NOTHING_UNITS
    shown[:, 0] = True
    row, place = np.nonzero(shown)
    long = wide[ROW].take(row).reset_index(drop=True)
    long = long.assign(
        place=place,
        part=pd.array(np.array(PARTS, dtype=object)[place], dtype="str"),
        part_units=values[row, place],
    )
    return checked(Decomposition, _in_order(long)[columns(Decomposition)])


def _in_order(long: pd.DataFrame) -> pd.DataFrame:
    """Return rows by series and phase in time; parts keep their order."""
    order = {name: number for number, name in enumerate((*PHASES, "horizon"))}
    ordered = long.assign(_phase=long["phase"].map(order))
    return ordered.sort_values([*KEYS, "_phase"], kind="stable").drop(columns="_phase")

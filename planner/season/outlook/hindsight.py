"""Whether the ranges told on earlier days of this campaign held: each looked at again, blind.

From an earlier moment the rest is learnt anew as it was known then, and held against what sold
until the next moment. Knows nothing of stock or money.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.season.days import KEYS
from planner.season.outlook.posterior import known_excess, seed_of, split_worlds
from planner.season.outlook.rest_by_hour import LEVELS, MarketRest, day_excess, rest_by_hour
from planner.season.outlook.sightings import Sight

BACK = "range_check_days"
"""Rule of `Bounds`: so many days before the looking day are looked at again. [days]"""
DAY = pd.Timedelta(days=1)


def range_checks(
    draws: pd.DataFrame,
    by_day: pd.DataFrame,
    track: pd.DataFrame,
    *,
    scope: Scope,
    curve: pd.DataFrame | None = None,
    fit: pd.DataFrame | None = None,
    days_back: int,
) -> pd.DataFrame:
    """Return for each of the last days how many SKUs sold what was expected the night before.

    Parameters
    ----------
    draws, by_day, track, curve, fit : DataFrame
        As `rest_by_hour.rest_by_hour` takes them.
    scope : Scope
        Its looking days of step 4.
    days_back : int
        Whole days before the looking day; only those of the campaign count. [days]

    Returns
    -------
    DataFrame
        Table `RangeChecks`, the newest day first; empty on the campaign's first day.

    Notes
    -----
    Range and sales are of one day, with all chance of that day in the range. A SKU whose shelf
    was empty that day tells no demand and does not count. Units count in whole numbers, so that
    a range of few units holds more than 80 % of them by nature.
    """
    rows = []
    for back in range(1, days_back + 1):
        starts = {market: pd.Timestamp(day) - back * DAY for market, day in scope.as_of(4).items()}
        known = track[track["day"] < track["market"].map(starts)]
        rests = rest_by_hour(draws, by_day, known, scope=scope, at=starts, curve=curve, fit=fit)
        rows += [_checked(rest, track, curve, fit, scope) for rest in rests]
    kept = [row for row in rows if row["n_skus"]]
    if not kept:
        return tables.empty(tables.RangeChecks)
    return tables.checked(tables.RangeChecks, pd.DataFrame(kept))


def days_back_of(bounds: pd.DataFrame) -> int:
    """Return how many days are looked at again; 0 where the register does not say [days]."""
    rows = bounds.loc[bounds["rule"] == BACK, "low"]
    return int(rows.iloc[-1]) if len(rows) else 0


def _checked(
    rest: MarketRest,
    track: pd.DataFrame,
    curve: pd.DataFrame | None,
    fit: pd.DataFrame | None,
    scope: Scope,
) -> Mapping[str, object]:
    """Return one row: the day that begins at the rest's moment."""
    sight, start = rest.sight, rest.sight.at
    ahead = rest.ahead
    past = np.zeros((len(sight.keys), len(ahead)))
    past[:, 0] = 1.0
    nothing = np.zeros(past.shape)
    asked = Sight(
        sight.keys, start, sight.days[ahead], sight.phase[ahead], sight.expected[:, ahead], past,
        nothing, nothing > 0, sight.day_sd[ahead], rest.learnt.phase_units,
    )  # fmt: skip
    worlds = _shown(asked, day_excess(fit, sight.keys), scope.seed_text)
    day = track[(track["market"] == rest.market) & (track["day"] == start)]
    sold = day.set_index(KEYS).reindex(pd.MultiIndex.from_frame(sight.keys[KEYS]))
    is_known = sold["units"].notna().to_numpy() & ~sold["is_stock_out"].eq(True).to_numpy()
    units = sold["units"].to_numpy(dtype=float)[is_known]
    low, high = np.quantile(worlds[is_known], (LEVELS[0], LEVELS[-1]), axis=1)
    inside = (units >= np.floor(low)) & (units <= np.ceil(high))
    return {
        "market": rest.market,
        "from_at": start,
        "until_at": start + DAY,
        "n_skus": int(is_known.sum()),
        "inside_count": int(inside.sum()),
        "inside_rate": float(inside.mean()) if len(inside) else float("nan"),
        "sold_units": float(units.sum()),
        "learnt_units": float(worlds[is_known].mean(axis=1).sum()),
        "planned_units": float(sight.expected[is_known, ahead[0]].sum()),
    }


def _shown(sight: Sight, excess: np.ndarray, seed_text: str) -> np.ndarray:
    """Return what each world shows on the past part of a sight's days, shape (n_sku, n_draws)."""
    rng = np.random.default_rng(seed_of(f"{seed_text}|shown|{sight.at}"))
    return split_worlds(sight, known_excess(excess, sight), rng).seen.sum(axis=1)

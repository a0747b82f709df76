"""The promotions on which policies decide: simulated ones with a known truth, and real windows.

SIM and SIM2 are worlds like the demo sellers; the truth is the distribution itself. CJ, R180 and VN
are the windows of `bench accuracy`, known by what came.
"""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri

from benchmarks.accuracy_ours import ours
from benchmarks.accuracy_runs import few
from benchmarks.accuracy_sets import SETS as SALES_SETS
from benchmarks.accuracy_windows import Answer, cases_of, read_windows
from benchmarks.accuracy_windows import Case as SalesCase
from benchmarks.decide_replay import Replay
from benchmarks.decide_truth import N_WORLDS, PHASES, PURPOSE, true_totals
from benchmarks.forecast import Case, case_of, planner_draws
from benchmarks.world_specs import Spec
from planner.campaign import Phases
from planner.demand.clean import Floats
from planner.demand.peers import LEVELS, Told, Windows
from planner.supply.later.two_stage import Worlds
from planner.supply.quantity.newsvendor import market_draws, optimal_units

REAL_SETS = ("CJ", "R180", "VN")
SETS = ("SIM", "SIM2", *REAL_SETS)
SELLERS = ("demo-th-home", "demo-us-beauty", "demo-id-gadget")
SEEDS = tuple(range(101, 113))
SHORT_SELLERS = ("demo-th-home", "demo-id-gadget")
SHORT_SEEDS, SHORT_WORLDS = (101,), 400
SHORT_CUT_OFFS, SHORT_SERIES = 1, 25
FAST_DAYS = {"demo-th-home": 9, "demo-us-beauty": 12, "demo-id-gadget": 11}
"""From ship to shelf by the quick way: truck to TH, air to US and ID, as in the register of lanes,
and 4 days of receiving. [days]"""
LATE_DAYS = 21
"""How late a late sea trip is, counted from the first day of the warm-up. [days]"""


def replays(name: str, *, is_short: bool) -> Iterator[Replay]:
    """Yield the planning days of a set.

    Raises
    ------
    FileNotFoundError
        If the data of the set are not there.
    """
    if name in REAL_SETS:
        yield from _real(name, is_short=is_short)
        return
    for seller in SHORT_SELLERS if is_short else SELLERS:
        for seed in SHORT_SEEDS if is_short else SEEDS:
            n_worlds = SHORT_WORLDS if is_short else N_WORLDS
            yield _simulated(seller, seed, n_worlds=n_worlds, two_ways=name == "SIM2")


def _real(name: str, *, is_short: bool) -> Iterator[Replay]:
    windows = read_windows()
    pairs = list(cases_of(SALES_SETS[name](), windows))
    if is_short:
        pairs = [few(pair, SHORT_SERIES) for pair in pairs[:SHORT_CUT_OFFS]]
    for case, answer in pairs:
        yield _windowed(case, answer)


def _windowed(case: SalesCase, answer: Answer) -> Replay:
    told = ours(case)
    came = answer.actual[:, None]
    nothing = np.zeros_like(came)
    return Replay(
        set=case.set,
        event=tuple(answer.table["event"]),
        windows=case.windows,
        mean=told.mean,
        quantile=lambda level: quantile_of(told, level),
        truth=Worlds(nothing, nothing, came, nothing, nothing),
        is_distribution=False,
    )


def quantile_of(told: Told, level: float) -> Floats:
    """Return a quantile between those told, straight over normal scores."""
    scores = ndtri(np.array(LEVELS))
    wanted = float(ndtri(level))
    return np.array([np.interp(wanted, scores, row) for row in told.quantiles])


class _Planned(NamedTuple):
    """One simulated seller on the planning day, and its futures by phase."""

    windows: Windows
    told: dict[str, Floats]
    true: dict[str, Floats]
    phases: Phases


def _simulated(seller: str, seed: int, *, n_worlds: int, two_ways: bool) -> Replay:
    windows, told, true, phases = _planned(seller, seed, n_worlds)
    warm_days = (phases.sale.start - phases.start).days
    seen_days = max(warm_days - FAST_DAYS[seller], 0)
    seen_rate = seen_days / warm_days
    total = told["warm_up"] + told["sale"] + told["tail"]
    return Replay(
        set="SIM2" if two_ways else "SIM",
        event=(f"{seller}-{seed}",) * len(total),
        windows=windows,
        mean=total.mean(axis=1),
        quantile=lambda level: optimal_units(total, level),
        truth=_stages(true, seen_rate, seed),
        is_distribution=True,
        guessed=_stages(told, seen_rate, seed) if two_ways else None,
        seen_days=seen_days,
        late_warm=min(LATE_DAYS / warm_days, 1.0),
        late_rest=_missed(true, phases, LATE_DAYS - warm_days),
    )


@cache
def _planned(seller: str, seed: int, n_worlds: int) -> _Planned:
    case = case_of(seller, seed)
    (plan,) = case.plans.values()
    as_of = case.daily["day"].max() + pd.Timedelta(days=1)
    skus = pd.Index(case.wanted.index.get_level_values("sku").unique().sort_values())
    return _Planned(
        windows=_windows(case, skus, as_of),
        told=_told(planner_draws(case), skus),
        true=_true(case.spec, seed, as_of, skus, n_worlds),
        phases=plan.phases,
    )


def _true(
    spec: Spec, seed: int, as_of: pd.Timestamp, skus: pd.Index, n_worlds: int
) -> dict[str, Floats]:
    totals = true_totals(spec, seed, as_of=as_of, n_worlds=n_worlds)
    place = pd.Index(spec.skus).get_indexer(skus)
    return {phase: units.sum(axis=0)[place] for phase, units in totals.items()}


def _told(draws: pd.DataFrame, skus: pd.Index) -> dict[str, Floats]:
    told = {}
    for phase in PHASES:
        keys, units = market_draws(draws, phases=(phase,))
        told[phase] = units[keys.get_level_values("sku").get_indexer(skus)]
    return told


def _stages(phases: dict[str, Floats], seen_rate: float, seed: int) -> Worlds:
    """Return demand by stage; what is seen is a binomial share of the warm-up."""
    warm = phases["warm_up"]
    seen = np.random.default_rng([seed, PURPOSE]).binomial(warm.astype(int), seen_rate)
    news = seen.astype(float)
    return Worlds(np.zeros_like(warm), warm, phases["sale"] + phases["tail"], news, news)


def _missed(true: dict[str, Floats], phases: Phases, late_days: int) -> float:
    """Return the share of demand from the sale on that goods so late come too late for."""
    sale_days = (phases.sale.end - phases.sale.start).days + 1
    tail_days = (phases.end - phases.sale.end).days
    sale, tail = true["sale"].sum(), true["tail"].sum()
    part = np.clip([late_days / sale_days, (late_days - sale_days) / max(tail_days, 1)], 0, 1)
    return float((part * [sale, tail]).sum() / (sale + tail))


def _windows(case: Case, skus: pd.Index, as_of: pd.Timestamp) -> Windows:
    """Return the history of every SKU, shops added up, as the rules of the trade look at it."""
    (plan,) = case.plans.values()
    past = pd.date_range(case.daily["day"].min(), as_of, inclusive="left")
    ahead = pd.date_range(as_of, pd.Timestamp(plan.phases.end))

    def laid_out(values: pd.Series, how: str) -> Floats:
        cells = case.daily[["sku", "day"]].assign(value=values)
        grid = cells.pivot_table(index="sku", columns="day", values="value", aggfunc=how)
        return grid.reindex(index=skus, columns=past).fillna(0.0).to_numpy(dtype=float)

    span = plan.phases
    is_sale = (ahead >= pd.Timestamp(span.sale.start)) & (ahead <= pd.Timestamp(span.sale.end))
    n_series, every = len(skus), np.ones((len(skus), len(ahead)), dtype=bool)
    promo = laid_out(case.daily["phase"].eq("sale").astype(float), "max")
    return Windows(
        first_on=past[0],
        units=laid_out(case.daily["units"].astype(float), "sum"),
        is_known=laid_out(case.daily["is_stock_out"].astype(float), "max") < 0.5,
        drivers=promo[:, :, None],
        drivers_ahead=np.broadcast_to(is_sale[None, :, None], (n_series, len(ahead), 1)) * 1.0,
        is_open_ahead=every,
        window=every & (ahead >= pd.Timestamp(span.start)),
        category=np.zeros(n_series, dtype=int),
    )

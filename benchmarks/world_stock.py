"""The warehouse: what arrives, what is sold, what runs out, day by day.

One warehouse serves all shops of a seller. Demand that meets an empty shelf is
lost; bundles draw their components. Arrays of SKUs have the shape
(n_sku, n_day), arrays of listings (n_shop, n_listing, n_day).
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.world_demand import Demand, days_of, phase_days, position
from benchmarks.world_specs import Promo, Spec

MEMORY_DAYS = 28
"""Days whose mean demand sets an ordinary order. [days]"""
PROMO_LEAD_DAYS = 4
"""Days before its first phase on which goods for a promotion are on the shelf. [days]"""
HAND_PLAN_DAYS = 10
"""Days after the planning day on which the hand plan is ordered. [days]"""
QUIET_DAYS = 7
"""Days before that on which ordinary goods stop coming. [days]"""
SHORT_RATIO = 0.6
"""Plan ratio below which the buyer thought the shelf full: they stop much earlier. [unitless]"""
SHORT_QUIET_DAYS = 28
PAST_PLAN_LOG_SD = 0.35
"""How far hand plans of past promotions lay from what was needed. [log units]"""
PAST_PLAN_RATIO = 1.0
REFUSED_LAG_DAYS = 12
"""Days until a refused parcel is back on the shelf. [days]"""


class Stock(NamedTuple):
    """What became of demand in the warehouse."""

    sold_units: np.ndarray
    returned_units: np.ndarray
    refused_units: np.ndarray
    sample_units: np.ndarray
    on_hand_units: np.ndarray
    """Sellable units at the end of each day, shape (n_sku, n_day)."""
    opening_units: np.ndarray
    """Units on the shelf before the first day, shape (n_sku,)."""
    back_units: np.ndarray
    """Returned and refused units fit to be sold again, on the day they are back."""
    deliveries: pd.DataFrame
    """sku, units, ordered_on, available_on."""


def components(spec: Spec) -> np.ndarray:
    """Return the units of each SKU that one unit of each listing draws.

    Returns
    -------
    ndarray, shape (n_listing, n_sku)
    """
    column = {sku: place for place, sku in enumerate(spec.skus)}
    draws = np.zeros((len(spec.listings), len(spec.skus)), dtype=int)
    for row, item in enumerate(spec.listings):
        if item.sku in column:
            draws[row, column[item.sku]] = 1
    names = [item.sku for item in spec.listings]
    for bundle, component, units in spec.bundles:
        draws[names.index(bundle), column[component]] = units
    return draws


def run_warehouse(spec: Spec, demand: Demand, rng: np.random.Generator) -> Stock:
    """Return the stock path of one world and the sales it allows."""
    warehouse = _Warehouse(spec, demand, rng)
    for day in range(demand.units.shape[2]):
        warehouse.open(day)
        warehouse.serve(day)
        warehouse.order(day)
    return warehouse.closed()


class _Warehouse:
    """The state that one day hands to the next."""

    def __init__(self, spec: Spec, demand: Demand, rng: np.random.Generator) -> None:
        self.spec, self.demand, self.rng = spec, demand, rng
        self.days = days_of(spec)
        self.draws = components(spec)
        plain = [item for item in spec.listings if item.sku in spec.skus]
        self.cartons = np.array([item.carton_units for item in plain])
        self.plan_ratio = np.array([item.plan_ratio for item in plain])
        shape, n_day = demand.units.shape, len(self.days)
        self.wanted = np.einsum("hld,ls->sd", demand.mean_units, self.draws)
        self.sold, self.returned, self.refused, self.samples = (
            np.zeros(shape, dtype=int) for _ in range(4)
        )
        far = n_day + max(spec.habits.lead_days, spec.habits.return_lag_days) + REFUSED_LAG_DAYS
        self.arriving = np.zeros((len(spec.skus), far), dtype=int)
        self.ordinary = np.zeros_like(self.arriving)
        self.coming_back = np.zeros_like(self.arriving)
        self.ledger: list[tuple[str, int, int, int]] = []
        self.held = self._held()
        self.ends = np.zeros((len(spec.skus), n_day), dtype=int)
        cover = 0.75 * spec.habits.cover_days * self.wanted[:, :MEMORY_DAYS].mean(axis=1)
        self.opening = self.on_hand = self._in_cartons(cover)
        self._deliver_known()

    def open(self, day: int) -> None:
        """Put what arrives on the shelf."""
        if day == self._campaign_shelf_day():
            self._deliver_campaign(day)
        self.on_hand = self.on_hand + self.arriving[:, day] + self.coming_back[:, day]

    def serve(self, day: int) -> None:
        """Sell, lose, send samples, and take returns in later."""
        habits, rng = self.spec.habits, self.rng
        sellable = np.where(self.held[:, day], 0, self.on_hand)
        sold = self._allot(self.demand.units[:, :, day], sellable.copy())
        left = sellable - self._drawn(sold)
        samples = self._few(habits.sample_rate * sold, left)
        left = left - self._drawn(samples)
        refused = self._few(habits.refused_rate * sold, left)
        left = left - self._drawn(refused)
        returned = rng.binomial(sold, habits.return_rate)
        back = rng.binomial(returned, habits.resale_rate)
        self.coming_back[:, day + habits.return_lag_days] += self._drawn(back)
        self.coming_back[:, day + REFUSED_LAG_DAYS] += self._drawn(refused)
        self.sold[:, :, day], self.returned[:, :, day] = sold, returned
        self.refused[:, :, day], self.samples[:, :, day] = refused, samples
        self.on_hand = np.where(self.held[:, day], self.on_hand, left)
        self.ends[:, day] = np.where(self.held[:, day], 0, left)

    def order(self, day: int) -> None:
        """Bring stock and orders up to the usual cover, every few days."""
        habits = self.spec.habits
        arrival = day + habits.lead_days
        if day % habits.review_days:
            return
        recent = self.wanted[:, max(0, day - MEMORY_DAYS + 1) : day + 1].mean(axis=1)
        under_way = self.ordinary[:, day + 1 :].sum(axis=1)
        short = habits.cover_days * recent - self.on_hand - under_way
        units = np.where(self._blocked(arrival), 0, self._in_cartons(short.clip(min=0)))
        self.ordinary[:, arrival] += units
        self._book(units, day, arrival)

    def closed(self) -> Stock:
        """Return what the days have left behind."""
        names = ["sku", "units", "ordered_on", "available_on"]
        ledger = pd.DataFrame(self.ledger, columns=names)
        start = self.days[0]
        for name in names[2:]:
            ledger[name] = (start + pd.to_timedelta(ledger[name], unit="D")).dt.as_unit("us")
        ledger = ledger.sort_values(["available_on", "sku"], ignore_index=True)
        back = self.coming_back[:, : len(self.days)]
        return Stock(
            sold_units=self.sold,
            returned_units=self.returned,
            refused_units=self.refused,
            sample_units=self.samples,
            on_hand_units=self.ends,
            opening_units=self.opening,
            back_units=back,
            deliveries=ledger,
        )

    def _allot(self, wanted: np.ndarray, left: np.ndarray) -> np.ndarray:
        sold = np.zeros_like(wanted)
        is_bundle = self.draws.sum(axis=1) > 1
        for row in np.flatnonzero(is_bundle):
            parts = self.draws[row]
            makes = (left[parts > 0] // parts[parts > 0]).min()
            sold[:, row] = self._share(wanted[:, row], makes)
            left -= parts * sold[:, row].sum()
        for row in np.flatnonzero(~is_bundle):
            column = int(self.draws[row].argmax())
            sold[:, row] = self._share(wanted[:, row], left[column])
        return sold

    def _share(self, wanted: np.ndarray, units: int) -> np.ndarray:
        if wanted.sum() <= units:
            return wanted
        return self.rng.multivariate_hypergeometric(wanted, int(units))

    def _few(self, mean: np.ndarray, left: np.ndarray) -> np.ndarray:
        """Return a few units of plain listings, as far as stock goes."""
        units = self.rng.poisson(np.round(mean, 6))
        units[:, self.draws.sum(axis=1) > 1] = 0
        for shop in range(len(units)):
            units[shop] = np.minimum(units[shop], self.draws @ left)
            left = left - self.draws.T @ units[shop]
        return units

    def _drawn(self, units: np.ndarray) -> np.ndarray:
        return self.draws.T @ units.sum(axis=0)

    def _in_cartons(self, units: np.ndarray) -> np.ndarray:
        return (np.ceil(np.round(units / self.cartons, 6)) * self.cartons).astype(int)

    def _held(self) -> np.ndarray:
        held = np.zeros((len(self.spec.skus), len(self.days)), dtype=bool)
        for spell in self.spec.holds:
            first = position(self.days, spell.days.start)
            held[self.spec.skus.index(spell.sku), first : first + spell.days.days] = True
        return held

    def _deliver_known(self) -> None:
        for promo in self.spec.promos[:-1]:
            extra = self._extra(promo)
            luck = self.rng.lognormal(np.log(PAST_PLAN_RATIO), PAST_PLAN_LOG_SD, len(extra))
            arrival = position(self.days, promo.phases.start) - PROMO_LEAD_DAYS
            ordered = arrival - self.spec.habits.lead_days
            self._book(self._in_cartons(np.round(extra * luck, 6)), ordered, arrival)
        for late in self.spec.late:
            units = np.where(np.array(self.spec.skus) == late.sku, late.units, 0)
            days = position(self.days, late.ordered_on), position(self.days, late.available_on)
            self._book(units, *days)

    def _extra(self, promo: Promo) -> np.ndarray:
        ordinary = np.einsum("hld,ls->sd", self.demand.baseline_units, self.draws)
        chosen = np.any(list(phase_days(self.days, promo).values()), axis=0)
        return (self.wanted - ordinary)[:, chosen].sum(axis=1).clip(min=0)

    def _campaign_shelf_day(self) -> int:
        return position(self.days, self.spec.campaign.phases.start) - PROMO_LEAD_DAYS

    def _deliver_campaign(self, day: int) -> None:
        start = position(self.days, self.spec.campaign.phases.start)
        end = position(self.days, self.spec.next_replenishment_on)
        until_start = self.wanted[:, day:start].sum(axis=1)
        target = self.plan_ratio * self.wanted[:, start:end].sum(axis=1)
        units = self._in_cartons((target + until_start - self.on_hand).clip(min=0))
        self._book(units, position(self.days, self.spec.plan_on) + HAND_PLAN_DAYS, day)

    def _blocked(self, arrival: int) -> np.ndarray:
        """Return for which SKUs ordinary goods would come when the campaign's have the ramp."""
        quiet = np.where(self.plan_ratio < SHORT_RATIO, SHORT_QUIET_DAYS, QUIET_DAYS)
        end = position(self.days, self.spec.next_replenishment_on)
        return (self._campaign_shelf_day() - quiet <= arrival) & (arrival < end)

    def _book(self, units: np.ndarray, ordered: int, arrival: int) -> None:
        if arrival < 0 or arrival >= self.arriving.shape[1]:
            return
        self.arriving[:, arrival] += units
        for sku, count in zip(self.spec.skus, units, strict=True):
            if count:
                self.ledger.append((sku, int(count), ordered, arrival))

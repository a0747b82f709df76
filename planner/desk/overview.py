"""The provider's desk: what the sellers of a campaign have published, read side by side.

Reads the tables and manifests that runs left; writes nothing and computes nothing. A seller
without a table is named as missing, never filled in.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from planner import tables
from planner.campaign import Campaign, in_scenario
from planner.desk import manifest
from planner.desk.asked_days import moment_of
from planner.desk.home import Home, find_home
from planner.desk.ids import checked_id, view_of
from planner.desk.store import Desk
from planner.errors import ConfigError
from planner.frozen import Words
from planner.scope import scope_of
from planner.seller import Seller

ALERT_PARTS = {"clean": 1, "plan": 3, "track": 4}
"""By part of table `Alerts`, the notebook that raises it."""


@dataclass(frozen=True)
class Overview:
    """All sellers of one campaign and scenario, seen from their own days or from one day."""

    home: Home
    plan: Campaign
    """As its file says, without the scenario."""
    scenario: str
    seen_at: str = ""
    """Day, or hour of it, that overrides the campaign's own; blank for each seller's last run."""

    @property
    def campaign(self) -> Campaign:
        """The campaign with the scenario applied."""
        return in_scenario(self.plan, self.scenario)

    @property
    def seen_from(self) -> date | None:
        """The day from which all sellers are judged, if one was given."""
        return moment_of(self.seen_at)[0]

    @cached_property
    def seller_ids(self) -> tuple[str, ...]:
        """Sellers that take part: those the campaign names, else all with a shop in a market."""
        known = self.home.seller_ids()
        named = self.plan.sellers or tuple(name for name in known if self._joins(name))
        return tuple(sorted({*named} & {*known}))

    @cached_property
    def sellers(self) -> tuple[Seller, ...]:
        """Sellers whose seller.yml can be read."""
        return tuple(desk.scope.seller for desk in self._desks.values())

    @property
    def names(self) -> dict[str, Words]:
        """By seller, its name; its id where the file cannot be read."""
        known = {one.seller: one.name for one in self.sellers}
        return {name: known.get(name, Words(zh=name, en=name)) for name in self.seller_ids}

    def runs(self) -> pd.DataFrame:
        """Return which steps each seller has run, as `tables.SellerRuns`.

        Notes
        -----
        Seen from a day, a step counts that looked from no later day: of a run seen from that
        very day, else of the scenario's own.
        """
        rows = [row for seller in self.seller_ids for row in self._runs_of(seller)]
        if not rows:
            return tables.empty(tables.SellerRuns)
        frame = pd.DataFrame(rows).astype({"step": "Int64", "looked_on": "datetime64[us]"})
        return tables.checked(tables.SellerRuns, frame)

    def read(self, table: type[tables.Table], part: str = "") -> pd.DataFrame:
        """Return a table of all sellers that have it, one after the other, `seller` in front."""
        found = {
            seller: desk.read(table, part)
            for seller, desk in self._desks.items()
            if desk.has(table, part)
        }
        frames = [frame.assign(seller=seller) for seller, frame in found.items() if len(frame)]
        whole = pd.concat(frames or [tables.empty(table).assign(seller="")], ignore_index=True)
        return whole[["seller", *tables.columns(table)]].astype({"seller": "str"})

    def alerts(self) -> pd.DataFrame:
        """Return the alerts of all sellers, `seller` and the `step` that raised them in front."""
        parts = [
            self.read(tables.Alerts, part).assign(step=step) for part, step in ALERT_PARTS.items()
        ]
        kept = [part for part in parts if len(part)] or parts[:1]
        return pd.concat(kept, ignore_index=True)

    def without(self, table: type[tables.Table]) -> tuple[str, ...]:
        """Return the sellers that have no such table."""
        return tuple(
            seller
            for seller in self.seller_ids
            if seller not in self._desks or not self._desks[seller].has(table)
        )

    @cached_property
    def _known(self) -> dict[str, Seller]:
        """By id, the sellers of the workspace whose file can be read; each is read once."""
        found = {}
        for seller in self.home.seller_ids():
            with suppress(ConfigError):
                found[seller] = self.home.seller(seller)
        return found

    @cached_property
    def _desks(self) -> dict[str, Desk]:
        day, hour = moment_of(self.seen_at)
        desks = {}
        for seller in self.seller_ids:
            if seller in self._known and self._joins(seller):
                scope = scope_of(
                    self.plan,
                    self._known[seller],
                    scenario=self.scenario,
                    seen_from=day,
                    seen_hour=hour,
                )
                desks[seller] = Desk(home=self.home, scope=scope)
        return desks

    def _joins(self, seller: str) -> bool:
        """Return whether a seller sells in a market of the campaign; its file may be unreadable."""
        known = self._known.get(seller)
        return known is None or any(market in self.plan.markets for market in known.markets)

    def _runs_of(self, seller: str) -> list[dict[str, Any]]:
        key = (self.plan.campaign, view_of(self.scenario, self.seen_at), seller)
        good = manifest.read_manifest(self.home.report_folder(*key))
        bad = manifest.read_manifest(self.home.failed_folder(*key))
        own = manifest.read_manifest(self.home.report_folder(key[0], self.scenario, seller))
        last = bad or good or own
        head = {
            "seller": seller,
            "outcome": str(last.get("outcome", "")),
            "message": str(last.get("message", "")),
        }
        stale = {*(good or own).get("stale", ())}
        steps = {**self._seen(own), **self._seen(good)}
        rows = [
            {**head, "step": int(step), "market": market, "looked_on": day[:10]}
            | {"is_stale": int(step) in stale}
            for step, facts in sorted(steps.items())
            for market, day in facts["as_of"].items()
        ]
        none = {"step": None, "market": "", "looked_on": None, "is_stale": False}
        return rows or [head | none]

    def _seen(self, told: dict[str, Any]) -> dict[str, Any]:
        """Return the steps of a manifest that looked from no later day than this desk does."""
        last = self.seen_at or str(date.max)
        steps = told.get("steps", {})
        return {
            step: facts for step, facts in steps.items() if max(facts["as_of"].values()) <= last
        }


def open_overview(campaign: str, scenario: str = "base", as_of: str = "") -> Overview:
    """Return the provider's desk of a campaign.

    Parameters
    ----------
    campaign, scenario : str
        Their ids.
    as_of : str
        ISO day, or hour of it, from which all sellers are judged; empty for the day of each
        one's last step.

    Raises
    ------
    ConfigError
        If the campaign or scenario is unknown, or the day is no day.
    """
    return overview_at(find_home(), campaign, scenario, as_of)


def overview_at(home: Home, campaign: str, scenario: str = "base", as_of: str = "") -> Overview:
    """Return the provider's desk of a campaign of a given workspace."""
    checked_id(scenario, "scenario")
    moment_of(as_of)  # refuses what is neither day nor hour
    plan = home.campaign(campaign)
    in_scenario(plan, scenario)  # refuses one that is not known
    return Overview(home=home, plan=plan, scenario=scenario, seen_at=as_of)

"""Says which rows of a seller's plans and drivers reach no promotion, before anything is run.

Judges them as notebook 02 will, by every campaign of the workspace that the seller takes part
in; says nothing of a file that cannot be read, nor of SKUs where there is no catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from planner import tables
from planner.desk.home import Home
from planner.desk.store import file_of
from planner.errors import PlannerError
from planner.intake import driver_rows, masters, plans, rules
from planner.intake.driver_findings import Said, driver_findings, sessions_left
from planner.pages.reasons import tell_sentence
from planner.scope import Scope
from planner.seller import Seller
from planner.words import LANGS


def driver_notes(home: Home, seller: Seller) -> Mapping[str, tuple[str, ...]]:
    """Return remarks on `drivers`, `live_plan` and `campaigns_joined`, by the table's name.

    Parameters
    ----------
    home : Home
    seller : Seller

    Notes
    -----
    A remark stands only if it holds for every campaign: what one of them uses is used.
    """
    folder = home.seller_folder(seller.seller)
    try:
        said = Said(
            driver_rows.read_drivers(folder),
            plans.read_live_plan(folder, seller),
            plans.read_campaigns_joined(folder),
        )
        if all(rows.empty for rows in said):
            return {}
        calendar = home.rules_folder(file_of(tables.Calendar))
        events = masters.read_events(folder, rules.read_register(calendar, tables.Calendar))
        skus = _skus(folder, seller)
    except PlannerError:
        return {}  # told of the file that is wrong
    notes: dict[str, tuple[str, ...]] = {}
    for file, code, facts in _common(said, events, skus, _scopes(home, seller)):
        notes[file] = (*notes.get(file, ()), _told(f"finding.{code}|{facts}"))
    return notes


def _common(
    said: Said, events: pd.DataFrame, skus: set[str], scopes: Sequence[Scope]
) -> Iterator[tuple[str, str, str]]:
    """Yield the findings that every campaign has; of sessions those that none of them takes."""
    left = said.live_plan
    for scope in scopes:
        left = sessions_left(left, events=events, scope=scope)
    found = [driver_findings(said, events=events, scope=scope, skus=skus) for scope in scopes]
    days = [
        driver_findings(said._replace(live_plan=left), events=events, scope=scope)
        for scope in scopes
    ]
    rows = [list(table.itertuples(index=False, name=None)) for table in found]
    for row in rows[0] if rows else ():
        if row[1] != "W_LIVE_DAY" and all(row in other for other in rows):
            yield row
    if days:
        together = pd.concat(days).drop_duplicates()
        yield from together[together["code"] == "W_LIVE_DAY"].itertuples(index=False, name=None)


def _skus(folder: Path, seller: Seller) -> set[str]:
    """Return the SKUs of the catalogue and the bundles; none without a catalogue."""
    catalogue = masters.read_catalogue(folder, seller)
    return {*catalogue["sku"], *masters.read_bundles(folder)["sku"]} if len(catalogue) else set()


def _scopes(home: Home, seller: Seller) -> list[Scope]:
    """Return the campaigns that can be read and that the seller takes part in."""
    scopes = []
    for name in home.campaign_ids():
        try:
            campaign = home.campaign(name)
        except PlannerError:
            continue  # told of the campaign's file
        if not campaign.sellers or seller.seller in campaign.sellers:
            scopes.append(Scope(campaign=campaign, seller=seller))
    return [scope for scope in scopes if scope.markets]


def _told(text: str) -> str:
    return " / ".join(dict.fromkeys(tell_sentence(text, lang) for lang in LANGS))

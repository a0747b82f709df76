"""What is said of promotions and reaches none of them: remarks on the files that say it.

Knows the events, days, tiers and SKUs that rows may name; what counts of the rest, `drivers`
says.
"""

import difflib
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

import pandas as pd

from planner.intake.driver_rows import EDITION, of_file
from planner.intake.drivers import event_windows, of_editions
from planner.planned_drivers import tier_rank
from planner.scope import Scope
from planner.tables.contract import checked, columns
from planner.tables.intake import Findings

MAX_SKUS = 5
"""Unknown SKUs of a file that are told one by one."""


class Said(NamedTuple):
    """What the seller's files say: tables DriversFile, `LivePlan` and `CampaignsJoined`."""

    drivers: pd.DataFrame
    live_plan: pd.DataFrame
    joined: pd.DataFrame


def driver_findings(
    said: Said, *, events: pd.DataFrame, scope: Scope, skus: Collection[str] = ()
) -> pd.DataFrame:
    """Return what the files say that moves nothing: strange events, days, SKUs, words of tiers.

    Parameters
    ----------
    said : Said
    events : DataFrame
        Keeps the contract Events.
    scope : Scope
    skus : collection of str
        All SKUs that are known; without any, none is called unknown.

    Returns
    -------
    DataFrame
        Keeps the contract Findings: `W_DRIVER_EVENT` for a row of `drivers` whose event, market,
        day or phase is in no calendar; `W_DRIVER_TWICE` for one that says again what another
        says of the same sale; `W_DRIVER_SKU` and `W_LIVE_SKU` for a SKU nobody knows;
        `W_LIVE_DAY` for live sessions in no phase of any event; `W_TIER` for a tier in
        `campaigns_joined` that has no rank.
    """
    windows = event_windows(events, scope)
    markets = {shop.shop: shop.market for shop in scope.shops}
    known = sorted(skus)
    rows = [
        *_strange_events(said.drivers, windows),
        *_strange_skus("drivers", "W_DRIVER_SKU", said.drivers, known),
        *_strange_skus("live_plan", "W_LIVE_SKU", said.live_plan, known),
        *_strange_days(said.live_plan, windows, markets),
        *_strange_tiers(said.joined),
    ]
    return checked(Findings, pd.DataFrame(rows, columns=columns(Findings)).astype("str"))


def sessions_left(live: pd.DataFrame, *, events: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return the rows of `LivePlan` that no phase takes of any event, as one campaign sees them.

    Sessions of shops that the campaign does not run in are left too.
    """
    markets = {shop.shop: shop.market for shop in scope.shops}
    return live[~_is_met(live, event_windows(events, scope), markets)]


def _strange_events(said: pd.DataFrame, windows: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    dated = of_editions(of_file(said), windows)
    spans = windows[[*EDITION, "phase"]].assign(is_met=True)
    met = dated.merge(spans, on=[*EDITION, "phase"], how="left")["is_met"].notna().to_numpy()
    is_lost = dated["sale_on"].isna() | ~(met | (dated["phase"] == "").to_numpy())
    for code, which in (("W_DRIVER_EVENT", is_lost), ("W_DRIVER_TWICE", dated["is_spare"])):
        named = dated[which].drop_duplicates(["said_event", "market", "phase", "starts_on"])
        for row in named.itertuples():
            facts = f"event={row.said_event}|market={row.market}|phase={row.phase or 'all'}"
            yield "drivers", code, f"{facts}|day={row.starts_on:%Y-%m-%d}"


def _strange_skus(
    file: str, code: str, rows: pd.DataFrame, known: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    if not known:
        return
    strange = rows.loc[~rows["sku"].isin(["", *known]), "sku"].value_counts(sort=False)
    for sku, count in strange.head(MAX_SKUS).items():
        nearest = difflib.get_close_matches(str(sku), known, 1, cutoff=0.0)[0]
        yield file, code, f"sku={sku}|rows={count}|nearest={nearest}"
    if len(strange) > MAX_SKUS:
        yield file, "W_MORE_SKUS", f"count={len(strange) - MAX_SKUS}"


def _strange_days(
    live: pd.DataFrame, windows: pd.DataFrame, markets: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    lost = live[~_is_met(live, windows, markets) & live["shop"].isin(list(markets))]
    for shop, rows in lost.groupby("shop", sort=True):
        facts = f"shop={shop}|rows={len(rows)}|day={rows['starts_at'].min():%Y-%m-%d}"
        yield "live_plan", "W_LIVE_DAY", facts


def _is_met(live: pd.DataFrame, windows: pd.DataFrame, markets: Mapping[str, str]) -> pd.Series:
    """Return which sessions start in a phase of an event of their market."""
    day = live["starts_at"].dt.normalize()
    shown = pd.DataFrame({"market": live["shop"].map(markets), "day": day, "place": live.index})
    pairs = shown.merge(windows[["market", "starts_on", "ends_on"]], on="market")
    inside = pairs[(pairs["day"] >= pairs["starts_on"]) & (pairs["day"] <= pairs["ends_on"])]
    return pd.Series(live.index.isin(inside["place"]), index=live.index)


def _strange_tiers(joined: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    has_rank = joined["tier"].map(lambda word: tier_rank(word) is not None).astype(bool)
    strange = joined.loc[~has_rank & (joined["tier"] != ""), "tier"]
    for word, count in strange.value_counts(sort=False).items():
        yield "campaigns_joined", "W_TIER", f"word={word}|rows={count}"

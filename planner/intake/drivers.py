"""What is known ahead of a promotion, or was true in a past one, from all who say something.

Knows which source counts, in this order:

1. the campaign file, of one SKU (the market's block before the campaign's);
2. the campaign file, of all SKUs (the market's block before the campaign's);
3. the seller's file `drivers`, of one SKU, then of all;
4. the live plan, whose rows are of one SKU;
5. the promotions joined, of one SKU, then of all;
6. the catalogue's price and promo price, and gifts in the bundles: for the campaign ahead only,
   because nobody knows since when they hold;
7. what buyers paid in past promotions against the weeks before, where the daily sales are given.

Fact by fact: a source that says nothing of a fact leaves it to the next. What no source says
is missing, never 0. A row or a calendar's event that lies in the campaign's sale means the
campaign. What a driver does to demand is the business of the rooms below.
"""

import pandas as pd

from planner.intake.driver_rows import (
    EDITION,
    FACTS,
    FLAGS,
    by_phase,
    of_bundles,
    of_campaign,
    of_catalogue,
    of_file,
    of_joined,
    of_live_plan,
)
from planner.intake.masters import SAME_EVENT_DAYS
from planner.intake.paid_prices import paid_discounts
from planner.intake.plans import nearest_sale
from planner.scope import Scope
from planner.tables.contract import checked, columns, empty
from planner.tables.promotions import Drivers

KEY = [*EDITION, "phase", "sku"]


def known_drivers(
    scope: Scope,
    *,
    events: pd.DataFrame,
    said: pd.DataFrame,
    live_plan: pd.DataFrame,
    joined: pd.DataFrame,
    catalogue: pd.DataFrame,
    bundles: pd.DataFrame,
    daily: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the drivers of every past and announced promotion of the seller's markets.

    Parameters
    ----------
    scope : Scope
        Gives the campaign ahead, its phases and drivers, and the market of each shop.
    events : DataFrame
        Keeps the contract Events.
    said : DataFrame
        What `driver_rows.read_drivers` gave.
    live_plan, joined, catalogue, bundles : DataFrame
        Tables `LivePlan`, `CampaignsJoined`, `Catalogue` and `Bundles`.
    daily : DataFrame, optional
        Table `DailySales`, known on the day; without it past discounts are only what is said.

    Returns
    -------
    DataFrame
        Table `Drivers`: of each event and phase the rows of which some source says something.
        A SKU's row holds all that is known of it, what is said of all SKUs included.
    """
    windows = event_windows(events, scope)
    ahead = windows[windows["is_ahead"]]
    markets = {shop.shop: shop.market for shop in scope.shops}
    sources = [
        *_campaign_rows(scope, ahead),
        _dated(of_file(said), windows),
        of_live_plan(live_plan, windows.drop(columns=["days", "is_ahead"]), markets=markets),
        _dated(of_joined(joined), windows),
        of_catalogue(catalogue, ahead),
        of_bundles(bundles, ahead),
        *([] if daily is None else [paid_discounts(daily, windows)]),
    ]
    layers = [by_phase(rows, windows) for rows in sources if len(rows)]
    if not sum(len(layer) for layer in layers):
        return empty(Drivers)
    known = _first_said(layers).dropna(how="all").reset_index()
    spans = windows[[*EDITION, "phase", "starts_on", "ends_on"]]
    table = known.merge(spans, on=[*EDITION, "phase"])
    table = table.assign(**{name: table[name].astype("boolean") for name in FLAGS})
    table = table.sort_values(["starts_on", "market", "event", "sku"], kind="stable")
    return checked(Drivers, table[columns(Drivers)])


def event_windows(events: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return the phases of all events of the seller's markets, the campaign's own as it plans them.

    Returns
    -------
    DataFrame
        `event`, `market`, `phase`, `sale_on` (first day of the event's sale), `starts_on`,
        `ends_on`, `days` and `is_ahead` (the campaign itself). A row of `events` that means the
        campaign's own event, by its name or because its sale starts in the campaign's, gives
        way to the campaign file.
    """
    planned = [
        {
            "event": plan.event, "market": market, "phase": phase, "is_ahead": True,
            "sale_on": plan.phases.sale.start, "starts_on": span.start, "ends_on": span.end,
        }
        for market, plan in scope.plans.items()
        for phase, span in plan.phases.named().items()
    ]  # fmt: skip
    ahead = pd.DataFrame(planned)
    for name in ("sale_on", "starts_on", "ends_on"):
        ahead[name] = pd.to_datetime(ahead[name]).astype("datetime64[us]")
    past = events.loc[events["market"].isin(scope.markets)].drop(columns="kind")
    sales = past.loc[past["phase"] == "sale", ["event", "market", "starts_on"]].drop_duplicates()
    past = nearest_sale(past, sales.rename(columns={"starts_on": "sale_on"}))
    past = past.assign(sale_on=past["sale_on"].fillna(past["starts_on"]), is_ahead=False)
    own = ahead[EDITION].drop_duplicates().rename(columns={"sale_on": "planned_on"})
    past = past.merge(own, on=["event", "market"], how="left")
    apart = (past["sale_on"] - past["planned_on"]).abs()
    same = apart <= pd.Timedelta(SAME_EVENT_DAYS, unit="D")
    past = past[~(same | _is_in_own_sale(past, scope))].drop(columns="planned_on")
    both = pd.concat([part for part in (past, ahead) if len(part)], ignore_index=True)
    both = both.drop_duplicates([*EDITION, "phase"], ignore_index=True)
    texts = {name: "str" for name in ("event", "market", "phase")}
    days = (both["ends_on"] - both["starts_on"]).dt.days + 1
    return both.assign(days=days).astype(texts)


def of_editions(rows: pd.DataFrame, windows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the sale they speak of, as the campaign and the calendar know it.

    Parameters
    ----------
    rows : DataFrame
        `event`, `market`, `starts_on`, `phase`, `sku` and anything else.
    windows : DataFrame
        As `event_windows` returns them.

    Returns
    -------
    DataFrame
        The rows with `sale_on`, NaT where no sale of that name is near; `said_event`, the name
        as written; and `is_spare` where another row says the same of that sale, by the name of
        the campaign's own event or from a nearer day. A row whose day lies in the campaign's
        sale speaks of the campaign, whatever name the calendar gives that day.
    """
    own = windows[windows["is_ahead"] & (windows["phase"] == "sale")].set_index("market")
    first, last, name = (
        rows["market"].map(own[column]) for column in ("starts_on", "ends_on", "event")
    )
    is_own = (rows["starts_on"] >= first) & (rows["starts_on"] <= last)
    named = rows.assign(
        said_event=rows["event"],
        event=rows["event"].where(~is_own, name).astype("str"),
        is_renamed=is_own & (rows["event"] != name),
    )
    dated = nearest_sale(named, windows[EDITION].drop_duplicates())
    dated["apart"] = (dated["starts_on"] - dated["sale_on"]).abs()
    ranked = dated.sort_values(["is_renamed", "apart"], kind="stable")
    is_spare = ranked.duplicated(KEY) & ranked["sale_on"].notna()
    return dated.assign(is_spare=is_spare).drop(columns=["is_renamed", "apart"])


def _is_in_own_sale(past: pd.DataFrame, scope: Scope) -> pd.Series:
    """Return which rows are of an event whose sale starts inside the campaign's own."""
    sales = {market: plan.phases.sale for market, plan in scope.plans.items()}
    first = past["market"].map({market: pd.Timestamp(span.start) for market, span in sales.items()})
    last = past["market"].map({market: pd.Timestamp(span.end) for market, span in sales.items()})
    return (past["sale_on"] >= first) & (past["sale_on"] <= last)


def _campaign_rows(scope: Scope, ahead: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the campaign file's rows: SKUs of markets, SKUs of all, markets, all."""
    editions = ahead[EDITION].drop_duplicates().to_dict("records")
    everywhere = scope.campaign.drivers
    layers = []
    for by_sku in (True, False):
        blocks = [
            {edition["market"]: scope.plans[edition["market"]].drivers for edition in editions},
            {edition["market"]: everywhere for edition in editions},
        ]
        for block in blocks:
            parts = [
                of_campaign(block[edition["market"]].skus, edition)
                if by_sku
                else of_campaign({"": block[edition["market"]]}, edition)
                for edition in editions
            ]
            filled = [part.dropna(subset=list(FACTS), how="all") for part in parts]
            filled = [part for part in filled if len(part)]
            layers += [pd.concat(filled, ignore_index=True)] if filled else []
    return layers


def _dated(rows: pd.DataFrame, windows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that count, with the sale they speak of."""
    dated = of_editions(rows, windows)
    return dated[~dated["is_spare"]].drop(columns=["said_event", "is_spare"])


def _first_said(layers: list[pd.DataFrame]) -> pd.DataFrame:
    """Return each fact by the first layer that says it, of the SKU itself before of all SKUs."""
    index = layers[0].index
    for layer in layers[1:]:
        index = index.union(layer.index, sort=True)
    everyone = pd.MultiIndex.from_frame(index.to_frame(index=False).assign(sku=""))
    known = pd.DataFrame(index=index, columns=list(FACTS), dtype="float64")
    for layer in layers:
        for place in (index, everyone):
            found = layer.reindex(place)[list(FACTS)].set_axis(index)
            known = known.where(known.notna(), found)
    return known

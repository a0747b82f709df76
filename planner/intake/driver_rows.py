"""What each source says of a promotion's drivers, brought to one form of row.

Reads the seller's own `drivers` file; turns live sessions, promotions joined, prices, gifts and
the campaign file into rows of the same columns. Which source counts, `drivers` says.
"""

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa

from planner.intake.contracts import ROW
from planner.intake.masters import master_path
from planner.intake.rules import read_table, refuse_blank, refuse_repeats
from planner.intake.typed_cells import NO_WORDS, YES_WORDS
from planner.planned_drivers import PhasedDrivers, tier_hint, tier_rank
from planner.tables.contract import Table, checked, columns, empty

FACTS = (
    "discount_rate",
    "tier_rank",
    "is_joined",
    "live_hours",
    "live_sessions",
    "creators",
    "viewers",
    "ad_spend",
    "traffic_visits",
    "has_gift",
)
AMOUNTS = ("live_hours", "live_sessions", "viewers", "ad_spend", "traffic_visits")
"""Facts that add up over days; the others hold on each."""
FLAGS = ("is_joined", "has_gift")
EDITION = ["event", "market", "sale_on"]
"""What tells one year's event from the next: its name, and the first day of its sale."""
CAMPAIGN_KEYS = {"ad_budget": "ad_spend"}
"""Keys of the campaign file that bear another name here: a plan's budget is what will be spent."""


class DriversFile(Table):
    """One row per event, market, phase and SKU as the seller keeps it; blank is unknown.

    A blank phase speaks of all phases together, a blank SKU of all SKUs.
    """

    event: str
    market: str
    phase: str = pa.Field(isin=("", "warm_up", "sale", "tail"))
    sku: str
    starts_on: pd.Timestamp
    """First day of the event's sale."""
    discount_rate: float = pa.Field(nullable=True, ge=0, lt=1)
    tier: str
    is_joined: str
    live_hours: float = pa.Field(nullable=True, ge=0)
    live_sessions: float = pa.Field(nullable=True, ge=0)
    creators: float = pa.Field(nullable=True, ge=0)
    viewers: float = pa.Field(nullable=True, ge=0)
    ad_spend: float = pa.Field(nullable=True, ge=0)
    traffic_visits: float = pa.Field(nullable=True, ge=0)
    has_gift: str


def read_drivers(folder: Path) -> pd.DataFrame:
    """Return what the seller says was done for past promotions, or will be for the next.

    Parameters
    ----------
    folder : Path
        Folder of the seller; reads `drivers.csv` or `.xlsx`. Only `event`, `market` and
        `starts_on` must be there.

    Returns
    -------
    DataFrame
        Keeps the contract DriversFile; no rows if there is no file.

    Raises
    ------
    InputError
        Names file, row, column, value and remedy, for every wrong cell at once.
    """
    path = master_path(folder, "drivers")
    if path is None:
        return empty(DriversFile)
    optional = [name for name in columns(DriversFile) if name not in [*EDITION, "starts_on"]]
    checks = (_strange_tiers, *(partial(_no_flag, name=name) for name in FLAGS))
    said = read_table(path, DriversFile, optional=optional, checks=checks)
    refuse_blank(path, said, ("event", "market"))
    refuse_repeats(path, said, ("event", "market", "phase", "sku", "starts_on"))
    return checked(DriversFile, said[columns(DriversFile)])


def of_file(said: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the seller's own file: words of tiers as ranks, flags as 1 and 0."""
    flags = {name: said[name].map(_flag).astype("float64") for name in FLAGS}
    return as_rows(said.assign(tier_rank=_ranks(said["tier"]), **flags))


def of_joined(joined: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `CampaignsJoined`; a tier whose word is not known is unknown.

    Notes
    -----
    The discount is the campaign price, which holds in the sale; tier and joining in all phases.
    """
    told = joined.assign(
        tier_rank=_ranks(joined["tier"]), is_joined=joined["is_joined"].astype("float64")
    )
    whole = told.drop(columns="discount_rate").assign(phase="")
    sale = told.drop(columns=["tier_rank", "is_joined"]).assign(phase="sale")
    parts = [as_rows(whole), as_rows(sale[sale["discount_rate"].notna()])]
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def of_live_plan(
    live: pd.DataFrame, windows: pd.DataFrame, *, markets: Mapping[str, str]
) -> pd.DataFrame:
    """Return the sessions of each event, phase and SKU, added up by the day they start on.

    Parameters
    ----------
    live : DataFrame
        Keeps the contract LivePlan.
    windows : DataFrame
        Phases of events: `event`, `market`, `sale_on`, `phase`, `starts_on`, `ends_on`.
    markets : Mapping of str to str
        Market of each shop.

    Notes
    -----
    A sum of which one session does not tell its part is unknown. `ad_budget` is the row's own
    money; the discount is the mean by hours over the sessions that tell one. A SKU that no
    session shows is unknown: the plan may not be complete.
    """
    shown = live.assign(market=live["shop"].map(markets), day=live["starts_at"].dt.normalize())
    pairs = shown.merge(windows, on="market")
    pairs = pairs[(pairs["day"] >= pairs["starts_on"]) & (pairs["day"] <= pairs["ends_on"])]
    tells = pairs["discount_rate"].notna()
    pairs = pairs.assign(
        told_hours=pairs["hours"].where(tells),
        off=pairs["hours"] * pairs["discount_rate"],
        viewers=pairs["expected_viewers"].astype("float64"),
        named=pairs["creator"].where(pairs["creator"] != ""),
    )
    groups = pairs.groupby([*EDITION, "phase", "sku"], sort=True)
    counts = groups.size()
    done = pd.DataFrame({"live_hours": groups["hours"].sum(), "live_sessions": counts})
    for name, column in (("viewers", "viewers"), ("ad_spend", "ad_budget")):
        done[name] = groups[column].sum().where(groups[column].count() == counts)
    done["creators"] = groups["named"].nunique().where(groups["named"].count() == counts)
    done["discount_rate"] = groups["off"].sum() / groups["told_hours"].sum(min_count=1)
    return as_rows(done.reset_index())


def of_catalogue(catalogue: pd.DataFrame, ahead: pd.DataFrame) -> pd.DataFrame:
    """Return the discount that price and promo price of each SKU give for the campaign ahead.

    Notes
    -----
    ``1 - promo_price / price``, in the sale alone: before and after it prices are other ones.
    Unknown where one of the two is, or the promo price is higher.
    """
    rate = 1 - catalogue["promo_price"] / catalogue["price"]
    goods = catalogue[["sku"]].assign(discount_rate=rate.where(rate >= 0))
    return _for_editions(goods.dropna(subset="discount_rate"), ahead, phase="sale")


def of_bundles(bundles: pd.DataFrame, ahead: pd.DataFrame) -> pd.DataFrame:
    """Return the SKUs that a recipe gives a gift to: it names the SKU itself and another good."""
    is_itself = bundles["component"] == bundles["sku"]
    with_itself = bundles.loc[is_itself, "sku"]
    with_other = bundles.loc[~is_itself, "sku"]
    skus = sorted(set(with_itself) & set(with_other))
    goods = pd.DataFrame({"sku": pd.Series(skus, dtype="str"), "has_gift": 1.0})
    return _for_editions(goods, ahead, phase="")


def of_campaign(
    planned: Mapping[str, PhasedDrivers], edition: Mapping[str, object]
) -> pd.DataFrame:
    """Return what the campaign file says of one market: by SKU, "" for all of them."""
    rows = [
        {**edition, "sku": sku, **row} for sku, facts in planned.items() for row in facts.rows()
    ]
    frame = pd.DataFrame(rows).rename(columns=CAMPAIGN_KEYS)
    words = frame["tier"].fillna("").astype("str") if rows else pd.Series(dtype="str")
    return as_rows(frame.assign(tier_rank=_ranks(words)))


def by_phase(rows: pd.DataFrame, windows: pd.DataFrame) -> pd.DataFrame:
    """Return rows that speak of whole events as rows of their phases.

    Parameters
    ----------
    rows : DataFrame
        `event`, `market`, `sale_on`, `phase` ("" for all phases together), `sku` and facts.
    windows : DataFrame
        Phases of events and their `days`.

    Returns
    -------
    DataFrame
        Index `event`, `market`, `sale_on`, `phase`, `sku`; columns the facts. Rows of an event
        or a phase that does not exist are left out.

    Notes
    -----
    What holds on each day (discount, tier, creators, flags) holds in every phase. What adds up
    (hours, money, visits) is a total: less what single phases say, it is shared by days among
    the phases that say nothing. A phase's own word comes first.
    """
    key = [*EDITION, "phase", "sku"]
    spans = windows[[*EDITION, "phase", "days"]]
    named = rows[rows["phase"] != ""].merge(spans, on=[*EDITION, "phase"]).set_index(key)
    whole = rows[rows["phase"] == ""].drop(columns="phase").merge(spans, on=EDITION).set_index(key)
    whole, own = whole[[*FACTS, "days"]], named[list(FACTS)]
    beside = own.reindex(whole.index)
    event = [*EDITION, "sku"]
    for name in AMOUNTS:
        days = whole["days"].where(beside[name].isna(), 0.0)
        told = beside[name].fillna(0.0).groupby(level=event).transform("sum")
        silent = days.groupby(level=event).transform("sum")
        rest = (whole[name] - told).clip(lower=0.0)
        whole[name] = (rest * days / silent.where(silent > 0)).where(days > 0)
    return own.combine_first(whole[list(FACTS)])[list(FACTS)].astype("float64")


def as_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the keys of a frame and every fact as a number, NaN where it has no such column."""
    lacking = {name: np.nan for name in FACTS if name not in frame}
    kinds = {name: "float64" for name in FACTS}
    done = frame.assign(**lacking).astype(kinds)
    keys = [name for name in (*EDITION, "starts_on", "phase", "sku") if name in done]
    return done[[*keys, *FACTS]].reset_index(drop=True)


def _for_editions(goods: pd.DataFrame, ahead: pd.DataFrame, *, phase: str) -> pd.DataFrame:
    return as_rows(ahead[EDITION].drop_duplicates().merge(goods, how="cross").assign(phase=phase))


def _ranks(words: pd.Series) -> pd.Series:
    ranks = {word: tier_rank(word) for word in words.unique()}
    return words.map(ranks).astype("float64")


def _flag(word: str) -> float:
    text = word.casefold()
    return np.nan if text == "" else float(text in YES_WORDS)


def _strange_tiers(frame: pd.DataFrame) -> Iterator[str]:
    for text, rows in frame.groupby("tier", sort=False)[ROW]:
        if text and tier_rank(str(text)) is None:
            what = f"{str(text)[:40]!r} is no known tier{tier_hint(str(text))}"
            yield f'row {rows.iloc[0]}, column "tier": {what}'


def _no_flag(frame: pd.DataFrame, name: str) -> Iterator[str]:
    known: Collection[str] = {*YES_WORDS, *NO_WORDS}
    for row in frame[~frame[name].str.casefold().isin(known)].to_dict("records"):
        told = f"{row[name][:40]!r} is not yes or no; leave it empty if it is not known"
        yield f'row {row[ROW]}, column "{name}": {told}'

"""Memory at work: what a review may learn from, what a plan may remember, what sellers share.

Knows where each input lies and on which day it may be seen. Computes no ratio.
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from planner import tables
from planner.campaign import Campaign
from planner.demand.campaign_ratios import Seen, campaign_ratios, price_bands
from planner.demand.memory import remembered_uplift, usable_memory
from planner.demand.shared_cells import Shared, shared_of
from planner.demand.shared_memory import share_ratios, sharing_of
from planner.desk import memories
from planner.desk.home import Home
from planner.desk.store import Desk, file_of
from planner.errors import ConfigError, RunError
from planner.intake import plans, rules
from planner.supply.remembered import Memory, remembered_rules


class Learnt(NamedTuple):
    """What a campaign taught its seller."""

    uplift: pd.DataFrame
    """Table `UpliftMemory`."""
    ratios: pd.DataFrame
    """Table `CampaignRatios`."""


class SharedNow(NamedTuple):
    """How sharing a campaign ended."""

    state: str
    """`written`, `same` where nothing had changed, `none` where no cell may be written."""
    cells: int
    given: tuple[str, ...]
    """Sellers whose ratios were taken."""
    withheld: tuple[str, ...]
    """Sellers whose seller.yml does not say `share_memory: true`."""
    silent: tuple[str, ...]
    """Sellers without a review of this campaign."""


def learn(desk: Desk, daily: pd.DataFrame, lines: pd.DataFrame, baseline: pd.DataFrame) -> Learnt:
    """Return what a campaign that is over teaches.

    Parameters
    ----------
    desk : Desk
        Notebooks 01 to 03 have written their tables.
    daily : DataFrame
        Table `DailySales` as the review knows it.
    lines : DataFrame
        Table `OrderLines` as the review knows it.
    baseline : DataFrame
        Table `BaselineDaily` of the planning day.
    """
    scope, catalogue = desk.scope, desk.read(tables.Catalogue)
    uplift = remembered_uplift(daily, baseline, plans=scope.plans, scope=scope, catalogue=catalogue)
    seen = Seen(
        learnt=uplift,
        daily=daily,
        baseline=baseline,
        lines=lines,
        shipments=plans.read_shipments(desk.seller_folder, scope.seller),
        lanes=desk.rules(tables.Lanes),
        stages=desk.read(tables.StageDays),
        return_rates=desk.rules(tables.ReturnRates),
        catalogue=catalogue,
        bounds=desk.rules(tables.Bounds),
    )
    return Learnt(uplift, campaign_ratios(seen, scope=scope))


def remember(desk: Desk, learnt: Learnt) -> None:
    """Put down what a campaign taught; see `Desk.remember` for when it is not."""
    desk.remember(learnt.uplift)
    desk.remember(learnt.ratios, tables.CampaignRatios)


def read_shared(desk: Desk, step: int) -> Shared:
    """Return what other sellers showed in campaigns that were over when a step looks."""
    usable = usable_memory(
        desk.shared_memory(),
        campaign=desk.scope.campaign.campaign,
        as_of=desk.scope.as_of(step),
        table=tables.SharedRatios,
    )
    bands = price_bands(desk.read(tables.Catalogue), desk.rules(tables.Bounds))
    return shared_of(usable, bands)


def read_rules(
    desk: Desk, registers: tuple[type[tables.Register], ...]
) -> dict[type[tables.Register], pd.DataFrame]:
    """Return registers in force on the planning day, memory in place of shipped rows.

    Parameters
    ----------
    desk : Desk
        Notebook 01 has written its tables.
    registers : tuple of type of Register
    """
    own = usable_memory(
        desk.memory(tables.CampaignRatios),
        campaign=desk.scope.campaign.campaign,
        as_of=desk.scope.as_of(3),
        table=tables.CampaignRatios,
    )
    memory = Memory(own, read_shared(desk, 3))
    goods = sorted(desk.read(tables.Catalogue)["category"].unique())
    return {
        kind: remembered_rules(desk.rules(kind), kind, memory, scope=desk.scope, goods=goods)
        for kind in registers
    }


def share_campaign(home: Home, campaign: str, *, again: bool = False) -> SharedNow:
    """Write what enough sellers of a provider showed in a campaign that is over.

    Parameters
    ----------
    home : Home
    campaign : str
    again : bool
        Whether what was shared before may be replaced by something else.

    Raises
    ------
    RunError
        If the campaign was shared before and its cells would now be others.

    Notes
    -----
    What each seller's own review remembers is all that is read; the file names none of them.
    """
    plan = home.campaign(campaign)
    folder, path = home.shared_memory_folder, home.shared_memory_folder / f"{campaign}.csv"
    frames, given, withheld, silent = [], [], [], []
    for seller in home.seller_ids():
        file = memories.path_of(home.memory_folder(seller), campaign, tables.CampaignRatios)
        if not _may_share(home, seller):
            withheld.append(seller)
        elif not file.is_file():
            silent.append(seller)
        else:
            frames.append(memories.read_memory(file, tables.CampaignRatios))
            given.append(seller)
    ratios = pd.concat(frames, ignore_index=True) if frames else tables.empty(tables.CampaignRatios)
    cells = share_ratios(ratios, sharing_of(_bounds(home, plan)))
    told = SharedNow("written", len(cells), tuple(given), tuple(withheld), tuple(silent))
    old = path.read_bytes() if path.is_file() else b""
    if old == memories.written(cells) or (cells.empty and not old):
        return told._replace(state="same" if old else "none")
    if old and not again:
        raise RunError(
            f"data/memory/shared/{path.name} is there and its cells would now be others; who keeps "
            "both could work out a seller that joined or left. Say --again to replace it"
        )
    memories.put_down(folder, campaign, tables.SharedRatios, cells)
    return told


def _may_share(home: Home, seller: str) -> bool:
    """Return whether a seller lets others learn; who says nothing, or cannot be read, does not."""
    try:
        return home.seller(seller).share_memory
    except ConfigError:
        return False


def _bounds(home: Home, campaign: Campaign) -> pd.DataFrame:
    """Return the provider's bounds on the planning day; no seller's own row loosens them."""
    folder = home.rules_folder(file_of(tables.Bounds))
    return rules.in_force(rules.read_register(folder, tables.Bounds), campaign.as_of.plan)

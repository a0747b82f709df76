"""Which markets can be planned for: those of the register of markets.

A campaign in another one is refused before anything runs, with the line that names it.
"""

from __future__ import annotations

import pandas as pd

from planner import tables
from planner.campaign import Campaign
from planner.desk.files import read_mapping
from planner.desk.home import Home
from planner.desk.store import file_of
from planner.errors import ConfigError
from planner.intake.dialects import market_hint
from planner.intake.rules import read_register


def market_facts(home: Home, market: str) -> pd.Series:
    """Return what the register of markets says of one: its names, currency and time zone.

    Raises
    ------
    ConfigError
        If it lacks that market; names the nearest, and all it has.
    """
    register = _markets(home)
    if market not in register.index:
        raise ConfigError(f"no market {market!r}{_hint(market, register)}")
    return register.loc[market]


def refuse_unknown_markets(home: Home, campaign: Campaign) -> None:
    """Refuse a campaign that runs in a market of which nothing is known.

    Raises
    ------
    ConfigError
        Names the file, the line, the market and the known ones.
    """
    register = _markets(home)
    for market in campaign.markets:
        if market not in register.index:
            where = f"campaigns/{campaign.campaign}.yml"
            said = read_mapping(home.campaign_file(campaign.campaign), where=where)
            line = getattr(said, "lines", {}).get(("markets", market), 0)
            place = f", line {line}" if line else ""
            raise ConfigError(
                f"{where}{place}: markets.{market}: no such market{_hint(market, register)}"
            )


def _markets(home: Home) -> pd.DataFrame:
    register = read_register(home.rules_folder(file_of(tables.Markets)), tables.Markets)
    return register.drop_duplicates("market", keep="last").set_index("market")


def _hint(market: str, register: pd.DataFrame) -> str:
    known = sorted(register.index)
    return f"{market_hint(market, known)}; known: {', '.join(known)}"

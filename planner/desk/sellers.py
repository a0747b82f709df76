"""What there is to run, and a folder for a new seller.

Listing reads only campaign files, folder names and manifests, so that it starts
at once. A new seller is filled in from the registers and valid as it stands;
nothing that exists is ever written over.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template
from typing import NamedTuple

from planner.campaign import Campaign, schema_of
from planner.desk.files import put_in_place, read_mapping
from planner.desk.home import Home
from planner.desk.ids import checked_id
from planner.desk.manifest import read_manifest
from planner.errors import ConfigError
from planner.seller import Seller, read_seller

BASE_SCENARIO = "base"
PLATFORM_NAMES = {"tiktok": "TikTok Shop", "own": "ERP"}
"""What people call a platform, where it is not its name."""
SCHEMA_NAME = "seller.schema.json"
"""Editors look for it beside the sellers' folders."""
TEXT_SUFFIXES = (".yml", ".md", ".csv")


class Run(NamedTuple):
    """One seller in one scenario of a campaign, and what became of it."""

    campaign: str
    scenario: str
    """With the day, if it was not the campaign's own."""
    seller: str
    outcome: str
    """`done`, `refused`, `failed`, or empty if it was never run."""
    steps: tuple[int, ...] = ()
    stale: tuple[int, ...] = ()

    @property
    def id(self) -> str:
        """Stable name of the run."""
        return f"{self.campaign}/{self.scenario}/{self.seller}"


class Listed(NamedTuple):
    """One campaign, its scenarios and its runs; or what is wrong with its file."""

    campaign: str
    name: str
    scenarios: tuple[str, ...]
    runs: tuple[Run, ...]
    problem: str = ""


def list_runs(home: Home) -> tuple[Listed, ...]:
    """Return every campaign with its scenarios, sellers and what was run, in order of name."""
    return tuple(_listed(home, campaign) for campaign in home.campaign_ids())


def new_seller(
    home: Home, seller: str, *, market: str, platform: str = "tiktok", currency: str = ""
) -> Path:
    """Make a seller's folder with its files filled in or ready to fill; return the folder.

    Parameters
    ----------
    home : Home
    seller : str
        Its id; `market` and `platform` of its first shop.
    market, platform : str
    currency : str
        Currency of its costs and reports; without one, the market's.

    Raises
    ------
    ConfigError
        If the id is taken or no id, or there is no such market, platform or export layout.
    """
    from planner.desk.known_markets import market_facts
    from planner.intake.dialects import dialects

    folder = home.seller_folder(checked_id(seller, "seller"))
    taken = {name.casefold() for name in (*home.seller_ids(), *home.stray_folders())}
    if seller in taken or folder.exists():
        raise ConfigError(f"seller {seller!r} is there already; nothing was written")
    place = market_facts(home, market)
    dialect = _layout(platform, market)
    money = currency or place["currency"]
    facts = {
        "seller": seller,
        "shop": f"{platform}-{market.lower()}",
        "platform": platform,
        "platform_name": PLATFORM_NAMES.get(platform, platform.title()),
        "market": market,
        "market_zh": place["name_zh"],
        "market_en": place["name_en"],
        "currency": money,
        "shop_currency": place["currency"],
        "time_zone": place["time_zone"],
        "dialect": dialect,
        "dialects": ", ".join(sorted(dialects())),
        "categories": ", ".join(_categories(home)),
        "fx_rates": _fx_rates(home, market, money, place["currency"]),
    }
    _write_new(folder, facts)
    schema = home.sellers_folder / SCHEMA_NAME
    if not schema.exists():
        put_in_place(schema, lambda path: path.write_text(schema_text("seller"), encoding="utf-8"))
    return folder


def schema_text(kind: str) -> str:
    """Return the JSON schema of a `campaign` or `seller` file, as it is kept for editors."""
    schema = schema_of({"campaign": Campaign, "seller": Seller}[kind])
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _listed(home: Home, campaign: str) -> Listed:
    try:
        read = home.campaign(campaign)
        runs = tuple(_runs(home, read))
    except ConfigError as problem:
        return Listed(campaign, "", (), (), str(problem))
    scenarios = tuple(dict.fromkeys((BASE_SCENARIO, *read.scenarios)))
    return Listed(campaign, f"{read.name.zh} / {read.name.en}", scenarios, runs)


def _runs(home: Home, campaign: Campaign) -> Iterator[Run]:
    here = campaign.campaign
    sellers = [
        seller
        for seller in home.seller_ids()
        if seller in campaign.sellers
        or (not campaign.sellers and home.may_take_part(seller, campaign))
    ]
    scenarios = dict.fromkeys((BASE_SCENARIO, *campaign.scenarios))
    for scenario in [run for name in scenarios for run in (name, *home.views(here, name))]:
        for seller in sellers:
            key = (here, scenario, seller)
            good = read_manifest(home.report_folder(*key))
            bad = read_manifest(home.failed_folder(*key))
            if good or bad or scenario == BASE_SCENARIO:
                yield Run(
                    *key,
                    outcome=bad.get("outcome") or good.get("outcome", ""),
                    steps=tuple(int(step) for step in sorted(good.get("steps", {}))),
                    stale=tuple(good.get("stale", ())),
                )


def _layout(platform: str, market: str) -> str:
    """Return the name of the dialect of a platform in a market."""
    from planner.intake.contracts import did_you_mean
    from planner.intake.dialects import dialects

    platforms = list(dict.fromkeys(one.platform for one in dialects().values()))
    if platform not in platforms:
        hint = did_you_mean(platform, platforms)
        raise ConfigError(f"no platform {platform!r}{hint}; give one of {', '.join(platforms)}")
    dialect = f"{platform}-{market.lower()}"
    if dialect not in dialects():
        hint = did_you_mean(dialect, dialects())
        layouts = ", ".join(sorted(dialects()))
        raise ConfigError(f"no layout {dialect}{hint}; known: {layouts}")
    return dialect


def _categories(home: Home) -> list[str]:
    from planner.desk.store import file_of
    from planner.intake.rules import read_register
    from planner.tables import UpliftPriors

    priors = read_register(home.rules_folder(file_of(UpliftPriors)), UpliftPriors)
    return sorted(set(priors["category"]))


def _fx_rates(home: Home, market: str, currency: str, shop_currency: str) -> str:
    """Return the section of exchange rates, with a line to fill for each that planning needs."""
    from planner.desk.store import file_of
    from planner.intake.rules import read_register
    from planner.tables import Lanes

    lanes = read_register(home.rules_folder(file_of(Lanes)), Lanes)
    freight = sorted(set(lanes.loc[lanes["market"] == market, "currency"])) or ["USD"]
    needed = dict.fromkeys([shop_currency, "CNY", "USD", *freight])
    priced = " / ".join(freight)
    lines = [
        "fx_rates: {} # 汇率；填写时用下面几行代替本行 / exchange rates; put lines like these here",
        f"# 头程运费按 {priced} 报价，缺汇率的运输方式无法计价",
        f"# freight is priced in {priced}; a lane without a rate cannot be priced",
        "# fx_rates:",
    ]
    lines += [
        f"#   {money}: ... # 1 {money} 折合多少 {currency} / {currency} for 1 {money}"
        for money in needed
        if money != currency
    ]
    return "\n".join(lines)


def _write_new(folder: Path, facts: dict[str, str]) -> None:
    """Fill a folder beside the final one, then rename it: a seller is there whole or not."""
    beside = folder.with_name(f".new-{folder.name}")
    shutil.rmtree(beside, ignore_errors=True)
    source = resources.files("planner.desk").joinpath("new_seller")
    try:
        for name, text in _templates(source):
            path = beside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(Template(text).substitute(facts), encoding="utf-8", newline="\n")
        where = f"new seller {folder.name}"
        read_seller(read_mapping(beside / "seller.yml", where=where), where=where)
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _templates(folder: Traversable, within: str = "") -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        name = f"{within}{entry.name}"
        if entry.is_dir():
            yield from _templates(entry, f"{name}/")
        elif entry.name.endswith(TEXT_SUFFIXES):
            yield name, entry.read_text(encoding="utf-8")

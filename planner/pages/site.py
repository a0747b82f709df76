"""The report site: one offline page per step in both languages, and an index of all sellers.

Executed notebooks go in as plain JSON and text comes out; nothing here touches
disk beyond its own templates, and no page asks for anything outside its folders.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from plotly.offline import get_plotlyjs

from planner.campaign import Campaign
from planner.errors import RunError
from planner.pages.book import read_book
from planner.pages.index import STEPS, Entry, index_columns, index_row, index_totals
from planner.pages.kinds import tell_text
from planner.pages.theme import environment, shipped
from planner.seller import Seller
from planner.words import LANGS, say

__all__ = ["Entry", "assets", "render_index", "render_overview", "render_page"]

LANG_TAGS = {"zh": "zh-CN", "en": "en"}
LANG_NAMES = {"zh": "中文", "en": "English"}
COMMAS = {"zh": "、", "en": ", "}
PAGE_ASSETS = "../../assets"
INDEX_ASSETS = "../assets"
EMPTY_STYLE_HASH = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
"""Of the empty style sheet that plotly.js makes and fills through the object model."""
MAP_STYLE_HASH = "'sha256-ji27qzEtxXZW+7dun6UwjHXJ18e6WAin1VvNtkzIE/o='"
"""Of the map style sheet in plotly.js 4.1; without it a browser reports it as blocked."""
POLICY = (
    "default-src 'none'; script-src 'self' file:; "
    f"style-src 'self' file: {EMPTY_STYLE_HASH} {MAP_STYLE_HASH}; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)
"""What a page may load. In some browsers a file has no origin, so file: stands beside 'self'."""


def render_page(
    books: Mapping[str, Mapping[str, Any]],
    *,
    step: int,
    seller: Seller,
    campaign: Campaign,
    nav: Mapping[int, str],
    made: str,
    scenario: str = "base",
    as_of: Mapping[str, date | str] | None = None,
    index: str = "../index.html",
    assets: str = PAGE_ASSETS,
    quarantine: str = "",
) -> str:
    """Return one step's page of one seller, in every language there is a notebook for.

    Parameters
    ----------
    books : Mapping
        Executed notebooks as JSON, by language.
    step : {1, 2, 3, 4, 5}
    seller : Seller
    campaign : Campaign
    nav : Mapping
        Address of each step's page, seen from this one; a step without one is shown as missing.
    made : str
        What identifies the run, for the foot of the page.
    scenario : str
    as_of : Mapping, optional
        Day each market is seen from; without it the campaign's.
    index, assets : str
        Addresses of the index and of the folder of `assets`, seen from this page.
    quarantine : str
        Address of the workbook of rejected rows; without one no link to it.

    Returns
    -------
    str
        HTML that asks for nothing outside its own folders.

    Raises
    ------
    RunError
        If there is no notebook, or one holds a block that no template draws.
    """
    langs = [lang for lang in LANGS if lang in books]
    if not langs:
        raise RunError(f"step {step} of {seller.seller}: no executed notebook in zh or en")
    markets = [market for market in seller.markets if market in campaign.markets]
    seen = as_of or {market: campaign.as_of_day(market, step) for market in markets}
    texts = [
        {
            "book": read_book(books[lang], lang),
            "steps": _steps(step, nav, lang),
            **_page_words(lang, step, seller, campaign),
            "facts": _facts(lang, campaign, scenario, seen),
            "quarantine": say("page.quarantine", lang) if quarantine else "",
        }
        for lang in langs
    ]
    template = environment().get_template("page.html.j2")
    return template.render(
        langs=texts,
        policy=POLICY,
        assets=assets,
        index=index,
        made=made,
        quarantine=quarantine,
    )


def render_index(
    entries: Sequence[Entry],
    *,
    campaign: Campaign,
    scenario: str = "base",
    made: str = "",
    as_of: Mapping[str, date | str] | None = None,
    assets: str = INDEX_ASSETS,
    overview: str = "",
) -> str:
    """Return the index of one run: every seller with its answer, or the reason there is none.

    Parameters
    ----------
    entries : sequence of Entry
    campaign : Campaign
    scenario : str
    made : str
        What identifies the run, for the foot of the page.
    as_of : Mapping, optional
        Day each market is planned on; without it the campaign's.
    assets : str
        Address of the folder of `assets`, seen from the index.
    overview : str
        Address of the provider's overview; without one no link to it.
    """
    seen = as_of or {market: campaign.as_of_day(market, 1) for market in campaign.markets}
    days = [str(day) for day in seen.values()]
    if any(entry.as_of and entry.as_of not in days for entry in entries):
        seen, days = _own_days(campaign), []
    texts = [
        {
            **_common_words(lang),
            "title": f"{campaign.name.say(lang)} · {say('page.product', lang)}",
            "campaign": campaign.name.say(lang),
            "facts": _facts(lang, None, scenario, seen),
            "totals": index_totals(entries, lang),
            "columns": index_columns(entries, lang),
            "rows": [index_row(entry, lang, days) for entry in entries],
            "steps": _steps(0, {}, lang),
            "overview": say("page.overview", lang),
        }
        for lang in LANGS
    ]
    template = environment().get_template("index.html.j2")
    return template.render(langs=texts, policy=POLICY, assets=assets, made=made, overview=overview)


def render_overview(
    books: Mapping[str, Mapping[str, Any]],
    *,
    campaign: Campaign,
    scenario: str = "base",
    as_of: date | None = None,
    made: str = "",
    index: str = "index.html",
    assets: str = INDEX_ASSETS,
) -> str:
    """Return the provider's page over all sellers, in every language there is a notebook for.

    Parameters
    ----------
    books : Mapping
        The executed overview notebook as JSON, by language.
    campaign : Campaign
    scenario : str
    as_of : date, optional
        Day from which all sellers are judged; without it each from its last run.
    made : str
        What identifies the page's tables, for its foot.
    index, assets : str
        Addresses of the index and of the folder of `assets`, seen from this page.

    Notes
    -----
    It names every seller, and no page of a seller links to it.

    Raises
    ------
    RunError
        If there is no notebook, or one holds a block that no template draws.
    """
    langs = [lang for lang in LANGS if lang in books]
    if not langs:
        raise RunError("the provider's overview: no executed notebook in zh or en")
    seen = dict.fromkeys(campaign.markets, as_of) if as_of else {}
    texts = [
        {
            **_common_words(lang),
            "book": read_book(books[lang], lang),
            "steps": [],
            "seller": say("page.overview", lang),
            "title": f"{say('page.overview', lang)} · {campaign.name.say(lang)}",
            "facts": _facts(lang, campaign, scenario, seen or _own_days(campaign)),
            "quarantine": "",
        }
        for lang in langs
    ]
    for text in texts:
        text["footer"] = say("page.overview_note", text["lang"])
    template = environment().get_template("page.html.j2")
    return template.render(
        langs=texts, policy=POLICY, assets=assets, index=index, made=made, quarantine=""
    )


@cache
def assets() -> dict[str, bytes]:
    """Return the files that all pages share, by name."""
    return {
        "plotly.min.js": get_plotlyjs().encode(),
        "report.css": (shipped("blocks.css") + shipped("report.css")).encode(),
        "page.js": shipped("page.js").encode(),
    }


def _common_words(lang: str) -> dict[str, str]:
    terms = (
        "product", "all_sellers", "contents", "footer", "no_script", "find", "index_hint",
        "no_sellers",
    )  # fmt: skip
    words = {term: say(f"page.{term}", lang) for term in terms}
    return {"lang": lang, "tag": LANG_TAGS[lang], "name": LANG_NAMES[lang], **words}


def _page_words(lang: str, step: int, seller: Seller, campaign: Campaign) -> dict[str, str]:
    name = tell_text(seller.name.say(lang))
    title = f"{name} · {step} {say(f'step.{step}', lang)} · {campaign.name.say(lang)}"
    return {**_common_words(lang), "seller": name, "title": title}


def _facts(
    lang: str, campaign: Campaign | None, scenario: str, seen: Mapping[str, date | str]
) -> list[dict[str, str]]:
    named = say("page.scenario_base", lang) if scenario == "base" else tell_text(scenario)
    markets = COMMAS[lang].join(say(f"market.{market}", lang) for market in seen)
    facts = [
        ("head.scenario", named),
        ("head.markets", markets),
        ("head.as_of", _told_days(seen, lang)),
    ]
    if campaign is not None:
        facts.insert(0, ("head.campaign", campaign.name.say(lang)))
    return [{"label": say(term, lang), "value": value} for term, value in facts]


def _own_days(campaign: Campaign) -> dict[str, None]:
    """Return the markets without a day: each seller is judged from its own."""
    return dict.fromkeys(campaign.markets)


def _told_days(seen: Mapping[str, date | str], lang: str) -> str:
    if not any(seen.values()):
        return say("page.own_days", lang)
    if len(set(seen.values())) == 1:
        return str(next(iter(seen.values())))
    return " · ".join(f"{say(f'market.{market}', lang)} {day}" for market, day in seen.items())


def _steps(here: int, nav: Mapping[int, str], lang: str) -> list[dict[str, Any]]:
    return [
        {
            "step": step,
            "title": say(f"step.{step}", lang),
            "href": nav.get(step, ""),
            "is_here": step == here,
        }
        for step in STEPS
    ]

"""A review as slides: one file that opens anywhere without a network, in both languages.

Takes what `deck` picked and sets it in 16:9. Everything the file needs stands inside it, styles,
script and figures; it asks for nothing, and a hash allows each script.
"""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from plotly.offline import get_plotlyjs

from planner.campaign import Campaign
from planner.errors import RunError
from planner.pages.deck import read_deck
from planner.pages.kinds import tell_text
from planner.pages.site import EMPTY_STYLE_HASH, LANG_NAMES, LANG_TAGS, MAP_STYLE_HASH
from planner.pages.theme import environment, shipped
from planner.seller import Seller
from planner.words import LANGS, say


def render_slides(
    books: Mapping[str, Mapping[str, Any]],
    *,
    seller: Seller,
    campaign: Campaign,
    days: Mapping[str, str],
    scenario: str = "base",
) -> str:
    """Return the slides of one seller's review, in every language there is a notebook for.

    Parameters
    ----------
    books : Mapping
        Executed notebooks 05 as JSON, by language.
    seller : Seller
    campaign : Campaign
    days : Mapping
        By market, the day from which the review looked.
    scenario : str

    Returns
    -------
    str
        HTML that needs no other file: arrows turn the slides, L switches the language.

    Raises
    ------
    RunError
        If there is no notebook, or none of its outputs belongs on a slide.
    """
    langs = [lang for lang in LANGS if lang in books]
    texts = [_text(books[lang], lang, seller, campaign, days, scenario) for lang in langs]
    if not any(text["slides"] for text in texts):
        raise RunError(
            f"{seller.seller}: the review holds nothing that makes a slide; run step 5 again"
        )
    style = shipped("blocks.css") + shipped("slides.css")
    scripts = {"plotly": get_plotlyjs(), "turn": shipped("slides.js")}
    return (
        environment()
        .get_template("slides.html.j2")
        .render(langs=texts, policy=_policy(style, scripts), style=style, scripts=scripts)
    )


def _text(
    book: Mapping[str, Any],
    lang: str,
    seller: Seller,
    campaign: Campaign,
    days: Mapping[str, str],
    scenario: str,
) -> dict[str, Any]:
    name = tell_text(seller.name.say(lang))
    told = campaign.name.say(lang)
    seen = " · ".join(f"{say(f'market.{market}', lang)} {day}" for market, day in days.items())
    facts = [(say("head.campaign", lang), told), (say("head.as_of", lang), seen)]
    if scenario != "base":
        facts.append((say("head.scenario", lang), tell_text(scenario)))
    slides = read_deck(book, lang)
    return {
        "lang": lang,
        "tag": LANG_TAGS[lang],
        "name": LANG_NAMES[lang],
        "title": f"{name} · {say('step.5', lang)} · {told}",
        "seller": name,
        "review": say("slides.review", lang),
        "facts": facts,
        "slides": slides,
        "all": len(slides) + 1,
        "hint": say("slides.hint", lang),
        "no_script": say("page.no_script", lang),
    }


def _policy(style: str, scripts: Mapping[str, str]) -> str:
    """Return what the file may do: run its own scripts and nothing else, load nothing."""
    allowed = " ".join(_hash(script) for script in scripts.values())
    styles = f"{_hash(style)} {EMPTY_STYLE_HASH} {MAP_STYLE_HASH}"
    return (
        f"default-src 'none'; script-src {allowed}; style-src {styles}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

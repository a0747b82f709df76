"""Puts a seller's review on disk as slides: one file for a screen, one PDF per language.

Made from the notebooks that the last run kept; nothing is run again. The files lie in the
seller's report folder until the next run of that seller replaces it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from planner.desk import manifest, pdf
from planner.desk.files import put_in_place
from planner.desk.home import Home
from planner.desk.ids import view_of
from planner.desk.store import open_scope
from planner.errors import RunError
from planner.pages import slides
from planner.words import LANGS

REVIEW_STEP = "05"
SLIDES_NAME = "05-slides.html"
PDF_NAME = "05-slides-{lang}.pdf"


class Written(NamedTuple):
    """The files that were made."""

    slides: Path
    pdfs: tuple[Path, ...] = ()


def file_names() -> tuple[str, ...]:
    """Return the names of all files that `make_slides` may write."""
    return (SLIDES_NAME, *(PDF_NAME.format(lang=lang) for lang in LANGS))


def make_slides(
    home: Home,
    campaign: str,
    seller: str,
    *,
    scenario: str = "base",
    as_of: str = "",
    with_pdf: bool = False,
) -> Written:
    """Write the slides of a seller's review beside its pages.

    Parameters
    ----------
    home : Home
    campaign, seller, scenario, as_of : str
        Of the run whose review is meant.
    with_pdf : bool
        Also one PDF per language; that needs a browser.

    Raises
    ------
    RunError
        If the review was not run, or no browser is installed.
    """
    scope = open_scope(home, campaign, seller, scenario=scenario, as_of=as_of)
    view = view_of(scenario, as_of)
    folder = home.report_folder(campaign, view, seller)
    books = _books(home, campaign, view, seller)
    told = manifest.read_manifest(folder).get("steps", {}).get(REVIEW_STEP)
    if not books or not told:
        day = f" --as-of {as_of}" if as_of else ""
        raise RunError(
            f"{seller}: campaign {campaign}, scenario {scenario}, has no review yet; run it first: "
            f"python run.py run {campaign} --seller {seller} --scenario {scenario} --steps 5{day}"
        )
    if with_pdf:
        pdf.browser()  # said before anything is written
    text = slides.render_slides(
        books, seller=scope.seller, campaign=scope.campaign, days=told["as_of"], scenario=scenario
    )
    page = folder / SLIDES_NAME
    put_in_place(page, lambda path: path.write_text(text, encoding="utf-8", newline="\n"))
    made = (
        [pdf.print_page(page, _pdf(folder, lang), f"{lang}-print") for lang in books]
        if (with_pdf)
        else []
    )
    return Written(page, tuple(made))


def _pdf(folder: Path, lang: str) -> Path:
    return folder / PDF_NAME.format(lang=lang)


def _books(home: Home, campaign: str, view: str, seller: str) -> dict[str, Any]:
    folder = home.tables_folder(campaign, view, seller) / "notebooks"
    paths = {lang: folder / lang / f"{REVIEW_STEP}.ipynb" for lang in LANGS}
    return {
        lang: json.loads(path.read_text(encoding="utf-8"))
        for lang, path in paths.items()
        if path.is_file()
    }

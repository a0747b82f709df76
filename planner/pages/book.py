"""An executed notebook as a page's sections: what passes into a report, and what never does.

Markdown cells of one language, blocks and plotly figures pass. Code, streams,
raw HTML and cells tagged for the workbench are dropped; HTML inside markdown is
shown as text, and addresses are never made into links.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markupsafe import Markup

from planner.errors import RunError
from planner.pages.blocks import BLOCK_KINDS, BLOCK_MIMETYPE
from planner.words import LANGS

PLOTLY_MIMETYPE = "application/vnd.plotly.v1+json"
EMPTY = Markup()
DROPPED_TAGS = frozenset({"parameters", "injected-parameters", "workbench-only"})
STEP_NUMBER = re.compile(r"^\d+\s*·\s*")
"""What a title says before its words; the page shows the step elsewhere."""
READS = re.compile(r"^\*\*(?:读|Reads)\*\*.*$", re.MULTILINE)
"""The line of a lead that says what is read and written: for who opens the notebook, not a page."""
FULL_WIDTH = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！"}
CHINESE_MARKS = re.compile(r"(?<=[\u4e00-\u9fff”）])[,;:?!] ?|[,;:?!](?=[\u4e00-\u9fff])")
CHINESE_BRACKETS = re.compile(r"\(([^()\n]*[\u4e00-\u9fff][^()\n]*)\)")


@dataclass
class Section:
    """One question of a page: its title, how to read the answer, and the answer."""

    id: str
    title: str = ""
    text: Markup = EMPTY
    items: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Book:
    """One notebook in one language, ready for the page template."""

    heading: str = ""
    lead: Markup = EMPTY
    sections: list[Section] = field(default_factory=list)
    ending: Markup = EMPTY


def read_book(notebook: Mapping[str, Any], lang: str) -> Book:
    """Return what a page shows of an executed notebook.

    Parameters
    ----------
    notebook : Mapping
        The notebook's JSON.
    lang : {"zh", "en"}
        Markdown of other languages is dropped.

    Returns
    -------
    Book
        Text that follows the last answer is the ending.

    Raises
    ------
    RunError
        If an output is a block that no template draws.
    """
    book = Book()
    for cell in _shown_cells(notebook, lang):
        if cell["cell_type"] == "markdown":
            _add_text(book, lang, joined(cell["source"]))
        elif cell["cell_type"] == "code":
            _add_outputs(book, lang, cell.get("outputs", []))
    _part_ending(book)
    return book


def titles_of(notebook: Mapping[str, Any], lang: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the code cells that a page shows, each with the title of its section.

    Parameters
    ----------
    notebook : Mapping
        The notebook's JSON.
    lang : {"zh", "en"}
    """
    title = ""
    for cell in _shown_cells(notebook, lang):
        if cell["cell_type"] == "code":
            yield title, cell
        elif cell["cell_type"] == "markdown":
            top = joined(cell["source"]).strip().partition("\n")[0]
            title = _with_marks(top[3:].strip(), lang) if top.startswith("## ") else title


def as_data(figure: Mapping[str, Any]) -> Markup:
    r"""Return a figure as JSON that can neither end its script element nor open another.

    Examples
    --------
    >>> str(as_data({"data": [], "layout": {"title": "</script>"}}))
    '{"data":[],"layout":{"title":"\\u003c/script\\u003e"}}'
    """
    text = json.dumps(
        {"data": figure["data"], "layout": figure["layout"]},
        ensure_ascii=False, separators=(",", ":"), sort_keys=True,
    )  # fmt: skip
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _shown_cells(notebook: Mapping[str, Any], lang: str) -> Iterator[Mapping[str, Any]]:
    """Yield the cells that stand on a page of one language."""
    others = {f"lang-{other}" for other in LANGS if other != lang}
    for cell in notebook.get("cells", []):
        if not {*cell.get("metadata", {}).get("tags", [])} & (DROPPED_TAGS | others):
            yield cell


def _add_text(book: Book, lang: str, source: str) -> None:
    top, _, rest = source.strip().partition("\n")
    if top.startswith("# ") and not book.heading:
        book.heading = _with_marks(STEP_NUMBER.sub("", top[2:].strip()), lang)
        book.lead = _html(READS.sub("", rest).strip(), lang)
    elif top.startswith("## "):
        book.sections.append(
            Section(_next_id(book, lang), _with_marks(top[3:].strip(), lang), _html(rest, lang))
        )
    elif book.sections:
        book.sections[-1].items.append({"text": _html(source, lang)})
    else:
        book.lead += _html(source, lang)


def _add_outputs(book: Book, lang: str, outputs: Iterable[Mapping[str, Any]]) -> None:
    for output in outputs:
        data = output.get("data", {})
        if BLOCK_MIMETYPE not in data and PLOTLY_MIMETYPE not in data:
            continue
        if not book.sections:
            book.sections.append(Section(_next_id(book, lang)))
        items = book.sections[-1].items
        if BLOCK_MIMETYPE in data:
            items.append({"block": _known_block(data[BLOCK_MIMETYPE])})
        else:
            name = f"{book.sections[-1].id}-figure-{len(items) + 1}"
            items.append({"figure": as_data(data[PLOTLY_MIMETYPE]), "id": name})


def _known_block(block: Mapping[str, Any]) -> Mapping[str, Any]:
    if block.get("kind") not in BLOCK_KINDS:
        raise RunError(
            f"an output of a notebook is a block of kind {block.get('kind')!r}, which no template "
            f"draws; use one of {', '.join(BLOCK_KINDS)}"
        )
    return block


def _part_ending(book: Book) -> None:
    if book.sections and book.sections[-1].items and "text" in book.sections[-1].items[-1]:
        book.ending = book.sections[-1].items.pop()["text"]


def _next_id(book: Book, lang: str) -> str:
    return f"{lang}-{len(book.sections) + 1}"


@cache
def _markdown() -> MarkdownIt:
    safe = MarkdownIt("commonmark", {"html": False, "breaks": True})
    return safe.disable(["link", "image", "autolink", "reference", "html_block", "html_inline"])


def _html(source: str, lang: str) -> Markup:
    return Markup(_markdown().render(_with_marks(source, lang)))


def _with_marks(text: str, lang: str) -> str:
    """Return a text with the full-width marks that Chinese is set with."""
    if lang != "zh":
        return text
    told = CHINESE_BRACKETS.sub("（\\1）", text)
    return CHINESE_MARKS.sub(lambda found: FULL_WIDTH[found[0].strip()], told)


def joined(source: str | Sequence[str]) -> str:
    """Return the source of a cell, which a notebook keeps whole or line by line."""
    return source if isinstance(source, str) else "".join(source)

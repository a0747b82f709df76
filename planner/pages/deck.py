"""Which blocks of an executed review make slides, and how much of each a meeting room can read.

Picks outputs by the function that made them and cuts figures to what stands on a slide in large
letters; `deck_tables` cuts tables. Draws nothing; what is left out stands on the page.
"""

import ast
import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from planner.pages.blocks import BLOCK_MIMETYPE
from planner.pages.book import PLOTLY_MIMETYPE, as_data, joined, titles_of
from planner.pages.deck_tables import TABLE_ROWS, fitted_table

SLIDES: tuple[tuple[str, ...], ...] = (
    ("review_headline", "say_profit", "show_plan_then"),
    ("profit_waterfall",),
    ("show_decisions",),
    ("show_figures",),
    ("regret_by_sku",),
    ("show_owners", "show_changes"),
    ("say_rules", "rules_by_profit"),
    ("forecast_against_actual",),
    ("say_leftovers", "show_leftovers"),
)
"""By slide, the functions whose outputs stand on it, in the order of a meeting."""
MAX_SLIDES = 10
"""The cover among them: what a meeting of an hour gets through."""
MIN_ROWS = 4
FIGURE_ROWS = 12
"""Rows of a figure with one row per SKU. [rows]"""
FIGURE_FONT = 17
"""Of a slide 1280 px wide: 25 px on a projector of 1920. [px]"""
AXIS_FONT = 16


@dataclass
class Slide:
    """One slide: its title and what stands under it."""

    id: str
    title: str
    items: list[dict[str, Any]] = field(default_factory=list)


def read_deck(notebook: Mapping[str, Any], lang: str) -> list[Slide]:
    """Return the slides of an executed review in one language.

    Parameters
    ----------
    notebook : Mapping
        The notebook's JSON; cells are known by the function they call last.
    lang : {"zh", "en"}

    Returns
    -------
    list of Slide
        At most `MAX_SLIDES` less the cover; a slide of which the notebook shows nothing is
        left out.
    """
    shown = {name: (title, outputs) for name, title, outputs in _shown(notebook, lang)}
    slides: list[Slide] = []
    for names in SLIDES:
        found = [shown[name] for name in names if name in shown]
        if not found or _is_bare([part for _, outputs in found for part in outputs]):
            continue
        slide = Slide(f"{lang}-slide-{len(slides) + 2}", found[0][0])
        data = [part for _, outputs in found for part in outputs if not _is_empty(part)]
        large = sum(_is_large(part) for part in data)
        rows = max(MIN_ROWS, TABLE_ROWS // max(large, 1) - (len(data) - large))
        slide.items = [
            item
            for place, part in enumerate(data)
            for item in _items(part, slide.id, place, rows, lang)
        ]
        if slide.items:
            slides.append(slide)
    return slides[: MAX_SLIDES - 1]


def fitted_figure(figure: Mapping[str, Any]) -> dict[str, Any]:
    """Return a figure in letters that a meeting room can read; it takes the room of its slide.

    Parameters
    ----------
    figure : Mapping
        `data` and `layout`.

    Returns
    -------
    dict
        Of a figure with a row per SKU only the first rows are in view.
    """
    made = copy.deepcopy({"data": figure["data"], "layout": figure["layout"]})
    layout = made["layout"]
    layout.pop("height", None)
    layout.pop("width", None)
    for place in (layout, layout.get("template", {}).get("layout", {})):
        _enlarge(place)
    _first_rows(layout)
    return made


def _shown(notebook: Mapping[str, Any], lang: str) -> Iterator[tuple[str, str, list[Any]]]:
    """Yield for each cell that shows something the function it calls, its title, its outputs."""
    for title, cell in titles_of(notebook, lang):
        name = _called(joined(cell["source"]))
        data = [output.get("data", {}) for output in cell.get("outputs", [])]
        parts = [part for part in data if BLOCK_MIMETYPE in part or PLOTLY_MIMETYPE in part]
        if name and parts:
            yield name, title, parts


def _called(code: str) -> str:
    """Return the name of the function whose value a cell shows, blank if it shows none."""
    try:
        body = ast.parse(code).body
    except SyntaxError:
        return ""
    last = body[-1] if body else None
    if not (isinstance(last, ast.Expr) and isinstance(last.value, ast.Call)):
        return ""
    return ast.unparse(last.value.func).rpartition(".")[2]


def _is_empty(data: Mapping[str, Any]) -> bool:
    block = data.get(BLOCK_MIMETYPE)
    is_table = block is not None and block.get("kind") == "table"
    return is_table and not block["rows"] and not block["empty"]


def _is_bare(parts: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether outputs hold tables without a row and beside them nothing but sentences."""
    blocks = [part.get(BLOCK_MIMETYPE) or {"kind": "figure"} for part in parts]
    kinds = {block["kind"] for block in blocks}
    rows = sum(len(block["rows"]) for block in blocks if block["kind"] == "table")
    return "table" in kinds and kinds <= {"table", "note"} and rows == 0


def _is_large(data: Mapping[str, Any]) -> bool:
    """Return whether an output takes more than a line or two."""
    return data.get(BLOCK_MIMETYPE, {}).get("kind") != "note"


def _items(
    data: Mapping[str, Any], slide: str, place: int, rows: int, lang: str
) -> Iterator[dict[str, Any]]:
    if PLOTLY_MIMETYPE in data and BLOCK_MIMETYPE not in data:
        figure = fitted_figure(data[PLOTLY_MIMETYPE])
        yield {"figure": as_data(figure), "id": f"{slide}-figure-{place + 1}"}
        return
    block = data[BLOCK_MIMETYPE]
    if block["kind"] == "table":
        block = fitted_table(block, lang, rows=rows)
    elif block["kind"] == "alerts":
        block = {**block, "items": block["items"][:rows], "shown": rows, "folded": ""}
    yield {"block": block}


def _enlarge(layout: dict[str, Any]) -> None:
    layout["font"] = {**layout.get("font", {}), "size": FIGURE_FONT}
    if "legend" in layout:
        layout["legend"] = {**layout["legend"], "font": {"size": FIGURE_FONT}}
    axes = [key for key in layout if key.startswith(("xaxis", "yaxis"))]
    for key in axes:
        axis = layout[key]
        if "tickfont" in axis:
            axis["tickfont"] = {**axis["tickfont"], "size": AXIS_FONT}
        title = axis.get("title")
        if isinstance(title, dict):
            axis["title"] = {**title, "font": {**title.get("font", {}), "size": AXIS_FONT}}
    for note in layout.get("annotations", []):
        size = note.get("font", {}).get("size", 0)
        note["font"] = {**note.get("font", {}), "size": max(size, AXIS_FONT)}


def _first_rows(layout: dict[str, Any]) -> None:
    """Show the first rows only of a figure whose vertical axis names many."""
    for key in [name for name in layout if name.startswith("yaxis")]:
        names = layout[key].get("categoryarray")
        span = layout[key].get("range")
        if names and span and len(names) > FIGURE_ROWS and span[0] > span[1]:
            layout[key]["range"] = [FIGURE_ROWS - 0.4, -0.6]

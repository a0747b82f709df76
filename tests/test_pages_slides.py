"""Slides of a review: what is picked, cut to a meeting room, inert, whole in one file."""

import ast
import base64
import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pages_samples as samples
import pandas as pd
import pytest
from desk_world import make_home, put

from planner.desk import pdf
from planner.desk.slides import make_slides
from planner.errors import RunError
from planner.pages import charts, deck, deck_tables
from planner.pages.blocks import show_note, show_table
from planner.pages.book import PLOTLY_MIMETYPE
from planner.pages.slides import render_slides

ROOT = Path(__file__).resolve().parents[1]
DAYS = {"TH": "2025-12-20"}


@pytest.fixture(autouse=True)
def _words(monkeypatch: pytest.MonkeyPatch) -> None:
    samples.teach(monkeypatch, {"note.t": ("一句话", "one sentence")})


def cell(code: str, thing: Any = None) -> dict[str, Any]:
    outputs = []
    if thing is not None:
        is_block = hasattr(thing, "kind")
        data = (
            thing._repr_mimebundle_()
            if is_block
            else {PLOTLY_MIMETYPE: json.loads(thing.to_json())}
        )
        outputs = [{"output_type": "execute_result", "data": data, "metadata": {}}]
    return {"cell_type": "code", "source": code, "metadata": {}, "outputs": outputs}


def title(text: str, lang: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": f"## {text}", "metadata": {"tags": [f"lang-{lang}"]}}


def book(lang: str) -> dict[str, Any]:
    """Return a review in which decisions stand before the answer."""
    figure = charts.stock_plan(samples.plan(), samples.position(), lang)
    cells = [
        title("Next?" if lang == "en" else "下次?", lang),
        cell("review_blocks.show_decisions(found, lang)", show_table(samples.plan(), lang)),
        title("Answer" if lang == "en" else "结论", lang),
        cell("headline.review_headline(found, lang)", show_note("note.t", lang)),
        cell("secret = 1\nblocks.show_other(found)", show_note("note.t", lang)),
        title("Money" if lang == "en" else "钱", lang),
        cell("charts.profit_waterfall(found)", figure),
    ]  # fmt: skip
    return {"cells": cells}


def page(*langs: str) -> str:
    return render_slides(
        {lang: book(lang) for lang in langs or ("zh", "en")},
        seller=samples.seller(), campaign=samples.campaign(), days=DAYS,
    )  # fmt: skip


def test_slides_come_in_the_order_of_a_meeting_with_the_titles_of_their_sections():
    found = deck.read_deck(book("en"), "en")
    assert [slide.title for slide in found] == ["Answer", "Money", "Next?"]
    assert [len(slide.items) for slide in found] == [1, 1, 1]
    assert [slide.title for slide in deck.read_deck(book("zh"), "zh")] == ["结论", "钱", "下次？"]


def test_the_notebook_of_the_review_shows_every_block_that_a_slide_wants():
    cells = json.loads(
        (ROOT / "notebooks" / "05_review_campaign.ipynb").read_text(encoding="utf-8")
    )
    code = ["".join(one["source"]) for one in cells["cells"] if one["cell_type"] == "code"]
    called = {
        ast.unparse(node.func).rpartition(".")[2]
        for text in code
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
    }
    shown = {name for names in deck.SLIDES for name in names}
    assert shown - called == set()
    assert len(deck.SLIDES) + 1 <= deck.MAX_SLIDES


def test_a_table_keeps_the_columns_and_rows_that_fit_and_says_what_is_left_out():
    wide = {f"c{place}": ["x" * 15] * 20 for place in range(9)}
    frame = pd.DataFrame({"sku": ["A"] * 20, **wide})
    block = {**show_table(frame[["sku"]], "en").data, "columns": [], "rows": []}
    names = list(frame)
    block["columns"] = [
        {"label": name, "unit": "", "meaning": "m", "align": "left"} for name in names
    ]
    block["rows"] = [
        [{"text": str(value), "tone": ""} for value in row] for row in frame.to_numpy()
    ]
    cut = deck_tables.fitted_table(block, "en", rows=4)
    width = sum(
        max(3, 15 * (name != "sku")) + deck_tables.GAP_LETTERS
        for name in names[: len(cut["columns"])]
    )
    assert len(cut["rows"]) == 4
    assert 3 <= len(cut["columns"]) < 10
    assert width <= deck_tables.ROOM_LETTERS + deck_tables.GAP_LETTERS
    assert cut["more"].startswith("16 more rows, ")
    assert deck_tables.fitted_table(cut, "en", rows=4)["more"] == ""


def test_a_slide_of_tables_without_a_row_is_left_out_and_a_sentence_alone_is_not():
    bare = show_table(samples.plan().iloc[:0], "en")
    cells = [
        title("Answer", "en"),
        cell("headline.review_headline(found, lang)", show_note("note.t", "en")),
        title("People", "en"),
        cell("review_blocks.show_owners(found, lang)", bare),
        cell("review_blocks.show_changes(found, lang)", bare),
    ]
    assert [slide.title for slide in deck.read_deck({"cells": cells}, "en")] == ["Answer"]


def test_of_too_many_figures_those_that_a_meeting_can_spare_go_first():
    names = ["forecast_bias", "forecast_wape", "turnover", "revenue"]
    told = show_table(pd.DataFrame({"measure": names, "actual": list("1234")}), "en").data
    kept = deck_tables.fitted_table(told, "en", rows=2)
    rows = [[cell["text"] for cell in row] for row in kept["rows"]]
    assert [row[1] for row in rows] == ["2", "4"]
    assert kept["more"].startswith("2 more rows")


def test_a_figure_takes_the_room_of_its_slide_in_large_letters_and_shows_its_first_rows():
    made = json.loads(charts.stock_plan(samples.plan(), samples.position(), "en").to_json())
    made["layout"]["yaxis"] |= {"categoryarray": list("ABCDEFGHIJKLMN"), "range": [13.6, -0.6]}
    found = deck.fitted_figure(made)
    assert "height" not in found["layout"]
    assert found["layout"]["font"]["size"] == deck.FIGURE_FONT
    assert found["layout"]["yaxis"]["range"] == [deck.FIGURE_ROWS - 0.4, -0.6]
    assert made["layout"]["yaxis"]["range"] == [13.6, -0.6], "the page's own figure is left alone"


def test_the_file_holds_both_languages_asks_for_nothing_and_repeats_byte_for_byte():
    html = page()
    assert html == page()
    own = html.replace(html[html.index("<script>") : html.rindex("</script>")], "")
    assert not re.search(r"(?:src|href|action)\s*=|url\(|https?://", own)
    assert html.index('class="deck" data-lang="zh"') < html.index('class="deck" data-lang="en"')
    assert "secret" not in own
    assert 'class="switch"' not in page("en")


def test_only_the_scripts_and_styles_inside_the_file_may_run():
    html = page()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)[1].replace("&#39;", "'")
    assert "unsafe" not in policy
    for tag, rule in (("script", "script-src"), ("style", "style-src")):
        allowed = policy.split(rule)[1].split(";")[0]
        for text in re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL):
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"sha256-{digest}" in allowed


def test_a_review_without_anything_for_a_slide_is_refused_by_seller():
    with pytest.raises(RunError, match="demo-th-home: the review holds nothing"):
        render_slides(
            {"en": {"cells": []}}, seller=samples.seller(), campaign=samples.campaign(), days=DAYS
        )


def test_the_slides_lie_beside_the_review_and_one_that_was_not_run_is_refused(tmp_path: Path):
    home = make_home(tmp_path)
    with pytest.raises(RunError, match=r"has no review yet.*--seller shop-a .*--steps 5"):
        make_slides(home, "nov", "shop-a")
    for lang in ("zh", "en"):
        folder = home.tables_folder("nov", "base", "shop-a") / "notebooks" / lang
        put(folder / "05.ipynb", json.dumps(book(lang), ensure_ascii=False))
    told = {"outcome": "done", "steps": {"05": {"as_of": {"TH": "2025-12-05"}}}}
    put(home.report_folder("nov", "base", "shop-a") / "run.json", json.dumps(told))
    made = make_slides(home, "nov", "shop-a")
    assert made.slides.name == "05-slides.html"
    assert "2025-12-05" in made.slides.read_text(encoding="utf-8")
    assert made.pdfs == ()


def test_without_a_browser_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    monkeypatch.delenv(pdf.BROWSER_VARIABLE, raising=False)
    with pytest.raises(RunError, match=r"install Chromium, Chrome or Edge.*print them as PDF"):
        pdf.browser()
    monkeypatch.setenv(pdf.BROWSER_VARIABLE, "nowhere")
    with pytest.raises(RunError, match="'nowhere', where no program is"):
        pdf.browser()


@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed")
def test_slides_turn_by_keys_draw_switch_language_and_print_one_to_a_page(tmp_path: Path):
    playwright = pytest.importorskip("playwright.sync_api")
    path = tmp_path / "slides.html"
    path.write_text(page(), encoding="utf-8", newline="\n")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        tab, trouble = browser.new_page(viewport={"width": 1280, "height": 720}), []
        tab.on("console", lambda message: trouble.append(message.text))
        tab.on("pageerror", lambda error: trouble.append(str(error)))
        tab.goto(path.as_uri())
        tab.keyboard.press("ArrowRight")
        tab.keyboard.press("ArrowRight")
        playwright.expect(tab.locator(".slide.is-here .main-svg").first).to_be_visible()
        assert tab.locator(".slide.is-here h2").inner_text() == "钱"
        tab.keyboard.press("l")
        assert tab.locator(".slide.is-here h2").inner_text() == "Money"
        box = tab.locator(".slide.is-here .figure").bounding_box()
        assert (box["y"] + box["height"] < 720, box["width"] > 1100) == (True, True)
        browser.close()
    assert trouble == []
    made = pdf.print_page(path, tmp_path / "slides.pdf", "en-print").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", made)) == 4

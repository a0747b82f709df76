"""Pages in Chromium from disk: figures drawn, languages switched, no error, request or dialog."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pages_samples as samples
import pytest

from planner.pages import charts, headline, site
from planner.pages.blocks import show_alerts, show_table
from planner.pages.book import PLOTLY_MIMETYPE

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PRINT_WIDTH = 680  # what page.js sets so that a figure fits A4
PAYLOAD = "<img src=x onerror=alert(1)>"
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@pytest.fixture(autouse=True)
def _words(monkeypatch: pytest.MonkeyPatch) -> None:
    samples.teach(monkeypatch, {})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    seller = tmp_path / "demo" / "base" / "demo-th-home"
    seller.mkdir(parents=True)
    shared = tmp_path / "demo" / "assets"
    shared.mkdir()
    for name, content in site.assets().items():
        (shared / name).write_bytes(content)
    (seller / "03.html").write_text(_page(), encoding="utf-8")
    entry = site.Entry("demo-th-home", samples.seller().name, pages={3: "demo-th-home/03.html"})
    index = site.render_index([entry], campaign=samples.campaign())
    (tmp_path / "demo" / "base" / "index.html").write_text(index, encoding="utf-8")
    return tmp_path / "demo" / "base"


@pytest.fixture
def tab() -> Iterator[tuple[object, list[str]]]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page, trouble = browser.new_page(), []
        page.on("console", lambda message: trouble.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (trouble.append("dialog"), dialog.dismiss()))
        page.on("request", lambda sent: trouble.append(sent.url) if _is_remote(sent.url) else None)
        yield page, trouble
        browser.close()


def test_pages_open_from_disk_draw_switch_language_and_ask_for_nothing(folder: Path, tab: tuple):
    page, trouble = tab
    drawn, title = page.locator(".figure[data-drawn]"), ".body[data-lang={}] h1"
    page.goto((folder / "index.html").as_uri())
    page.click("main[data-lang=zh] .links a")
    playwright.expect(drawn).to_have_count(3)
    playwright.expect(page.locator(title.format("zh"))).to_be_visible()
    page.click("button[data-set-lang=en]")
    playwright.expect(drawn).to_have_count(6)
    playwright.expect(page.locator(title.format("en"))).to_be_visible()
    playwright.expect(page.locator(title.format("zh"))).to_be_hidden()
    page.reload()
    playwright.expect(drawn).to_have_count(3)
    playwright.expect(page.locator(title.format("en"))).to_be_visible()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    widths = page.locator(".body[data-lang=en] .figure .svg-container")
    assert widths.first.evaluate("box => box.clientWidth") == PRINT_WIDTH
    assert trouble == []


def test_no_page_is_wider_than_a_phone(folder: Path, tab: tuple):
    page, trouble = tab
    page.set_viewport_size({"width": 360, "height": 740})
    for name in ("index.html", "demo-th-home/03.html"):
        page.goto((folder / name).as_uri())
        page.wait_for_load_state("load")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert trouble == []


def _is_remote(url: str) -> bool:
    return not url.startswith(("file:", "data:"))


def _page() -> str:
    books = {lang: _book(lang) for lang in ("zh", "en")}
    return site.render_page(
        books,
        step=3,
        seller=samples.seller(),
        campaign=samples.campaign(),
        nav={3: "03.html"},
        made="run 1",
    )


def _book(lang: str) -> dict:
    plan = samples.plan().replace({"sku": {"MOP-360-BLUE": PAYLOAD}})
    position = samples.position().replace({"sku": {"MOP-360-BLUE": PAYLOAD}})
    things = [
        headline.plan_headline(plan, samples.ship(), samples.costs(), samples.alerts(), lang),
        show_alerts(samples.alerts().assign(sku=PAYLOAD), lang),
        show_table(plan, lang),
        charts.stock_plan(plan, position, lang),
        charts.phase_forecast(samples.forecast(), samples.draws(), lang),
        charts.lane_calendar(samples.options(), lang, scope=samples.scope()),
    ]
    cells = [
        {"cell_type": "markdown", "source": f"# {lang}", "metadata": {"tags": [f"lang-{lang}"]}},
        {"cell_type": "markdown", "source": "## ?", "metadata": {"tags": [f"lang-{lang}"]}},
    ]
    for thing in things:
        if hasattr(thing, "_repr_mimebundle_") and hasattr(thing, "kind"):
            data = thing._repr_mimebundle_()
        else:
            data = {PLOTLY_MIMETYPE: json.loads(thing.to_json())}
        output = {"output_type": "execute_result", "data": data, "metadata": {}}
        cells.append({"cell_type": "code", "source": "x", "metadata": {}, "outputs": [output]})
    return {"cells": cells}

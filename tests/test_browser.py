"""The reports and the levers, opened in a real browser that can reach nothing else."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api")

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
NO_BROWSER = "no Chromium on this machine; on Debian or Ubuntu: apt-get install chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 90_000
DRAWN = "() => [...document.querySelectorAll('.js-plotly-plot .main-svg')].length"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason=NO_BROWSER),
]


class Visit:
    """One page of a browser, with what went wrong on it and what it asked for elsewhere."""

    def __init__(self, browser: "playwright.Browser", own: tuple[str, ...]) -> None:
        self.page = browser.new_page(viewport={"width": 1280, "height": 1400})
        self.errors: list[str] = []
        self.elsewhere: list[str] = []
        self.own = own
        self.page.on("pageerror", lambda error: self.errors.append(str(error)[:200]))
        self.page.on("console", self._heard)
        self.page.route("**/*", self._asked)

    def _heard(self, message: "playwright.ConsoleMessage") -> None:
        if message.type == "error":
            self.errors.append(message.text[:200])

    def _asked(self, route: "playwright.Route") -> None:
        if route.request.url.startswith(self.own):
            route.continue_()
        else:
            self.elsewhere.append(route.request.url)
            route.abort()


@pytest.fixture(scope="module")
def browser() -> Iterator["playwright.Browser"]:
    """Return a browser without a window."""
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("step", [1, 2, 3, 4, 5])
def test_every_page_draws_its_figures_offline_in_each_language(
    browser, workspace: Path, step, lang
):
    folder = workspace / "reports" / "demo-2025-peak" / "base"
    visit = Visit(browser, (folder.as_uri(), "data:", "blob:"))
    visit.page.goto(f"{(folder / 'demo-us-beauty' / f'{step:02d}.html').as_uri()}#{lang}")
    visit.page.wait_for_function(DRAWN)
    shown = visit.page.locator("main:visible, section[lang]:visible").first.inner_text()
    has_chinese = re.search("[\u4e00-\u9fff]", shown) is not None
    assert has_chinese == (lang == "zh")
    assert visit.errors == []
    assert visit.elsewhere == []
    visit.page.close()


def test_the_index_switches_language_and_leads_to_a_page(browser, workspace: Path):
    folder = workspace / "reports" / "demo-2025-peak" / "base"
    visit = Visit(browser, (folder.as_uri(), "data:", "blob:"))
    visit.page.goto((folder / "index.html").as_uri())
    visit.page.get_by_role("button", name="English").click()
    link = visit.page.locator(
        "a[href$='demo-th-home/03.html']:visible, a[href*='demo-th-home/03.html']:visible"
    )
    link.first.click()
    visit.page.wait_for_url("**/demo-th-home/03.html*")
    assert "What to ship" in visit.page.locator("body").inner_text()
    assert visit.errors == []
    assert visit.elsewhere == []
    visit.page.close()


@pytest.fixture
def lab(workspace: Path, tmp_path) -> Iterator[str]:
    """Return the address of a JupyterLab on the notebooks, over the demo workspace."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = tmp_path / "config" / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(
        '{"fetchNews": "false"}', encoding="utf-8"
    )
    own = {name: str(tmp_path / name.lower()) for name in ("HOME", "IPYTHONDIR")}
    own |= {
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "PLANNER_HOME": str(workspace),
    }
    environment = {k: v for k, v in os.environ.items() if k != "PLANNER_STAGE"} | own
    options = {
        "ip": "127.0.0.1",
        "port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": ROOT / "notebooks",
        "IdentityProvider.token": "t",
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"--{name}={value}" for name, value in options.items()]
    log = (tmp_path / "lab.log").open("w", encoding="utf-8")
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}/lab/workspaces/ci/tree/explore_forecast.ipynb?token=t&reset"
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def test_a_lever_in_jupyterlab_moves_the_order(browser, lab):
    visit = Visit(browser, ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:"))
    page = visit.page
    page.set_default_timeout(PATIENCE_MS)
    page.goto(lab)
    page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for()
    page.get_by_text("(ipykernel) | Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    handle = page.locator(".widget-slider .noUi-handle").first
    handle.wait_for()
    sentence = page.locator(".widget-html-content b").last
    sentence.wait_for()
    before = sentence.inner_text()
    handle.focus()
    for _ in range(6):
        handle.press("ArrowRight")
    page.wait_for_function(
        "(before) => [...document.querySelectorAll('.widget-html-content b')].at(-1)"
        ".innerText !== before",
        arg=before,
    )
    assert int(sentence.inner_text().replace(",", "")) > int(before.replace(",", ""))
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    assert visit.elsewhere == []
    page.close()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("JupyterLab did not start within a minute")

"""Prints a page from disk as PDF with the browser that is installed: Chromium, Chrome or Edge.

The browser runs without a window, with a profile of its own that is thrown away, and is sent to
a file; it needs no network.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from planner.desk.files import put_in_place
from planner.errors import RunError

BROWSER_VARIABLE = "PLANNER_BROWSER"
NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
    "microsoft-edge", "msedge",
)  # fmt: skip
WINDOWS_PLACES = (
    r"Microsoft\Edge\Application\msedge.exe",
    r"Google\Chrome\Application\chrome.exe",
)
MAC_PLACES = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "Chromium.app/Contents/MacOS/Chromium",
)
ARGUMENTS = (
    "--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-extensions", "--hide-scrollbars",
)  # fmt: skip
DRAWING_MS = 15_000
"""Time that the page is given to draw; the browser's clock runs ahead, so it waits less. [ms]"""
PRINT_SECONDS = 120
PDF_MARK = b"%PDF-"


def browser() -> str:
    """Return the browser that prints.

    Raises
    ------
    RunError
        If none is found; says what to do instead.
    """
    told = os.environ.get(BROWSER_VARIABLE)
    for place in (told,) if told else _places():
        found = shutil.which(place)
        if found:
            return found
    raise RunError(
        (f"{BROWSER_VARIABLE} is {told!r}, where no program is" if told else "no browser was found")
        + "; install Chromium, Chrome or Edge, or set "
        f"{BROWSER_VARIABLE} to its program, or open the slides in any browser and print them as "
        "PDF"
    )


def print_page(page: Path, target: Path, part: str = "") -> Path:
    """Print a page as PDF and return the PDF's path.

    Parameters
    ----------
    page, target : Path
    part : str
        What follows # in the page's address.

    Raises
    ------
    RunError
        If no browser is installed, or it made no PDF.
    """
    program = browser()
    with tempfile.TemporaryDirectory(prefix="planner-print-") as folder:
        made = Path(folder) / "printed.pdf"
        command = [
            program, *ARGUMENTS, *_sandbox(), f"--user-data-dir={Path(folder) / 'profile'}",
            f"--virtual-time-budget={DRAWING_MS}", f"--print-to-pdf={made}",
            page.resolve().as_uri() + (f"#{part}" if part else ""),
        ]  # fmt: skip
        try:
            ended = subprocess.run(
                command, capture_output=True, timeout=PRINT_SECONDS, check=False,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise RunError(f"{program} did not print {page.name} in {PRINT_SECONDS} s") from None
        if not made.is_file() or not made.read_bytes().startswith(PDF_MARK):
            said = ended.stderr.decode(errors="replace").strip().splitlines()
            last = said[-1][:200] if said else "nothing"
            raise RunError(
                f"{program} made no PDF of {page.name}; it ended with {ended.returncode} and "
                f"said: {last}. Open the page in a browser and print it as PDF instead"
            )
        content = made.read_bytes()
    put_in_place(target, lambda path: path.write_bytes(content))
    return target


def _places() -> Iterator[str]:
    yield from NAMES
    for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
        if variable in os.environ:
            yield from (str(Path(os.environ[variable], place)) for place in WINDOWS_PLACES)
    if sys.platform == "darwin":
        yield from (str(Path("/Applications", place)) for place in MAC_PLACES)


def _sandbox() -> tuple[str, ...]:
    """Return what a browser needs that is run by the superuser, as in a container."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return ("--no-sandbox",) if is_root else ()

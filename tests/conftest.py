"""What several test modules share: the demo campaign, run once in a private workspace."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace in which ``planner run demo-2025-peak`` has ended well."""
    home = tmp_path_factory.mktemp("demo")
    for folder in ("campaigns", "sellers"):
        shutil.copytree(ROOT / "data" / folder, home / "data" / folder)
    command = [sys.executable, "-m", "planner", "run", "demo-2025-peak", "--home", str(home)]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return home


@pytest.fixture
def make_link() -> Callable[[Path, Path | str], None]:
    """Return what makes a symbolic link; skips where the system or its settings know none."""

    def link(at: Path, to: Path | str) -> None:
        try:
            at.symlink_to(to)
        except (NotImplementedError, OSError) as problem:
            pytest.skip(f"no symbolic link can be made here: {problem}")

    return link


@pytest.fixture
def make_pipe() -> Callable[[Path], None]:
    """Return what makes a named pipe; skips where the system knows none."""

    def pipe(at: Path) -> None:
        if not hasattr(os, "mkfifo"):
            pytest.skip("this system has no named pipes")
        os.mkfifo(at)

    return pipe


class ByFile(LoadFileScheduling):
    """Give a worker one file at a time; what rests on one another goes to the same one.

    These are the tests that read the demo campaign, and the notebooks, each of which reads what
    the one before has written.
    """

    def _split_scope(self, nodeid: str) -> str:
        name = super()._split_scope(nodeid)
        if name.startswith("notebooks/"):
            return "notebooks"
        path = ROOT / name
        reads_demo = path.suffix == ".py" and "workspace: Path" in path.read_text("utf-8")
        return "demo" if reads_demo else name


@pytest.hookimpl(optionalhook=True)  # one process alone has no scheduler
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    return ByFile(config, log)

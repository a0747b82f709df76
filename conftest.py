"""What every test stands on: fixed clock zone and language, nothing of the user's touched.

Notebooks run by nbval get a stage of their own, one for the whole session, so
that 02 finds what 01 wrote and the project's own data/work stays as it was.
"""

import os
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import settings
from nbval.plugin import IPyNbCell

FIXED = {
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "LANG": "C.UTF-8",
    "JUPYTER_PLATFORM_DIRS": "1",
    "PLOTLY_RENDERER": "plotly_mimetype",
}
PRIVATE_FOLDERS = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
STAGE = pytest.StashKey[Path]()
SCRATCH = pytest.StashKey[tempfile.TemporaryDirectory]()


def pytest_configure(config: pytest.Config) -> None:
    """Fix the environment that tests, kernels and child processes see."""
    scratch = tempfile.TemporaryDirectory(prefix="planner-tests-", ignore_cleanup_errors=True)
    folder = Path(scratch.name)
    config.stash[SCRATCH] = scratch
    config.stash[STAGE] = folder / "stage"
    config.stash[STAGE].mkdir()
    os.environ.update(FIXED)
    os.environ.update({name: str(folder / name.lower()) for name in PRIVATE_FOLDERS})
    for name in ("PLANNER_HOME", "PLANNER_STAGE"):
        os.environ.pop(name, None)
    if hasattr(time, "tzset"):
        time.tzset()
    settings.register_profile("house", derandomize=True, deadline=None, database=None)
    settings.load_profile("house")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what the session wrote."""
    config.stash[SCRATCH].cleanup()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give a notebook's kernel the private stage; the kernel starts before its first cell."""
    if isinstance(item, IPyNbCell):
        os.environ["PLANNER_STAGE"] = str(item.config.stash[STAGE])
    else:
        os.environ.pop("PLANNER_STAGE", None)

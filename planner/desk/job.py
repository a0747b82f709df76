"""What a worker is asked to do: one seller of a campaign, some steps, as a file and as its text.

Every text in it is checked before use. Nothing here does any of it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from planner.campaign import Lang
from planner.desk.home import HOME_VARIABLE, PROJECT_VARIABLE, Home
from planner.desk.ids import view_of
from planner.desk.stage import Stage
from planner.desk.store import STAGE_VARIABLE
from planner.errors import RunError
from planner.frozen import ID_PATTERN, Frozen


class Job(Frozen):
    """What a worker is asked to do; every text in it is checked before use."""

    campaign: str = Field(pattern=ID_PATTERN)
    seller: str = Field(pattern=ID_PATTERN)
    scenario: str = Field(pattern=ID_PATTERN)
    as_of: str = Field(pattern=r"^(\d{4}-\d{2}-\d{2}(T\d{2})?)?$")
    steps: tuple[Literal[1, 2, 3, 4, 5], ...] = Field(min_length=1)
    langs: tuple[Lang, ...] = Field(min_length=1)
    root: Path
    project: Path
    engine: Literal["seller-kernel", "nbclient"] = "seller-kernel"

    @property
    def home(self) -> Home:
        """The workspace."""
        return Home(root=self.root, project=self.project)

    @property
    def stage(self) -> Stage:
        """Where the job is prepared."""
        return Stage(self.home, self.campaign, self.view, self.seller)

    @property
    def view(self) -> str:
        """How the folders of the run are called."""
        return view_of(self.scenario, self.as_of)

    def parameters(self, lang: str) -> dict[str, str]:
        """Return what a notebook's parameters cell is given."""
        return {
            "campaign": self.campaign,
            "seller": self.seller,
            "scenario": self.scenario,
            "lang": lang,
            "as_of": self.as_of,
        }


def environment(job: Job) -> dict[str, str]:
    """Return the environment of a job's process and kernel, on top of the present one.

    Notes
    -----
    One hash seed, one thread for linear algebra, one clock and no start-up file of the user's
    own: the same input gives the same bytes.
    """
    folder = job.stage.folder
    return {
        **os.environ,
        HOME_VARIABLE: str(job.root),
        PROJECT_VARIABLE: str(job.project),
        STAGE_VARIABLE: str(folder),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "PLOTLY_RENDERER": "plotly_mimetype",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "TZ": "UTC",
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    }


def read_job(path: Path) -> Job:
    """Return the job that a file describes.

    Raises
    ------
    RunError
        If it is no valid job.
    """
    try:
        return Job.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as problem:
        raise RunError(f"{path} is no job: {' '.join(str(problem).split())}") from None

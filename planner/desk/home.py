"""The workspace: where everything lies, and the only place where paths are made.

A workspace (``root``) holds campaigns, sellers, tables, memory and reports. The
project holds the notebooks, the registers and the look of reports; unless told
otherwise the project is its own workspace. Nothing here reads a table.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planner.campaign import Campaign, read_campaign
from planner.desk.files import read_mapping
from planner.desk.ids import SEEN_PATTERN, SHARED_NAME, checked_id, is_id, run_ids
from planner.errors import ConfigError, RunError
from planner.seller import Seller, read_seller

HOME_VARIABLE = "PLANNER_HOME"
PROJECT_VARIABLE = "PLANNER_PROJECT"
STEPS = (1, 2, 3, 4, 5)
PACKAGE_PARENT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Home:
    """A workspace and the project whose notebooks it runs; both folders are absolute."""

    root: Path
    project: Path

    def inside(self, *parts: str) -> Path:
        """Return a path below the workspace.

        Raises
        ------
        ConfigError
            If the path would leave the workspace, by its parts or by a symbolic link.
        """
        return _below(self.root, *parts)

    @property
    def lock_file(self) -> Path:
        """The file with every package pinned."""
        return self.project / "requirements.lock"

    @property
    def sellers_folder(self) -> Path:
        """Folder with one folder per seller."""
        return self.inside("data", "sellers")

    @property
    def stages_folder(self) -> Path:
        """Folder in which runs prepare what they publish; on the file system of the tables."""
        return self.inside("data", "work")

    def seller_folder(self, seller: str) -> Path:
        """Return the folder of a seller's files."""
        return self.inside("data", "sellers", checked_id(seller, "seller"))

    def tables_folder(self, campaign: str, scenario: str, seller: str) -> Path:
        """Return the folder of the tables made for one seller."""
        return self.inside("data", "work", *run_ids(campaign, scenario, seller))

    def memory_folder(self, seller: str) -> Path:
        """Return the folder of what a seller's reviews remember."""
        return self.inside("data", "memory", checked_id(seller, "seller"))

    @property
    def shared_memory_folder(self) -> Path:
        """Folder of what enough sellers showed together."""
        return self.inside("data", "memory", SHARED_NAME)

    def report_folder(self, campaign: str, scenario: str, seller: str = "") -> Path:
        """Return the folder of one seller's report, or of the whole campaign's."""
        return self.inside("reports", *run_ids(campaign, scenario, *([seller] if seller else [])))

    def failed_folder(self, campaign: str, scenario: str, seller: str) -> Path:
        """Return the folder that keeps the broken notebook and log of a seller that failed."""
        folder = self.report_folder(campaign, scenario, seller)
        return folder.with_name(f"{folder.name}.failed")

    def stage_folder(self, campaign: str, scenario: str, seller: str) -> Path:
        """Return the folder in which a run prepares one seller."""
        name = "~".join(run_ids(campaign, scenario, seller))
        return _below(self.stages_folder, f".stage-{name}")

    def views(self, campaign: str, scenario: str) -> tuple[str, ...]:
        """Return the days and hours a scenario was run from beside its own, as names of runs."""
        folder = self.inside("reports", checked_id(campaign, "campaign"))
        found = sorted(path.name for path in folder.glob(f"{checked_id(scenario, 'scenario')}@*"))
        return tuple(name for name in found if re.fullmatch(SEEN_PATTERN, name.partition("@")[2]))

    def run_lock(self, campaign: str, scenario: str) -> Path:
        """Return the file that one run of a campaign and scenario holds at a time."""
        return _below(self.stages_folder, f".lock-{'~'.join(run_ids(campaign, scenario))}")

    def rules_folder(self, file_name: str) -> Path:
        """Return the folder to read a register from: the workspace's own wins."""
        own = self.inside("data", "rules")
        return own if (own / file_name).is_file() else self.project / "data" / "rules"

    def notebook(self, step: int) -> Path:
        """Return the notebook of a step.

        Raises
        ------
        RunError
            If the project holds none, or more than one.
        """
        folder = self.project / "notebooks"
        found = sorted(folder.glob(f"{step:02d}_*.ipynb"))
        if len(found) != 1:
            names = ", ".join(path.name for path in found) or "none"
            raise RunError(f"{folder}: step {step} needs one notebook {step:02d}_*.ipynb; {names}")
        return found[0]

    def campaign_ids(self) -> tuple[str, ...]:
        """Return the campaigns of the workspace and the project, in order of name."""
        folders = (self.inside("data", "campaigns"), self.project / "data" / "campaigns")
        return tuple(sorted({path.stem for folder in folders for path in folder.glob("*.yml")}))

    def campaign_file(self, campaign: str) -> Path:
        """Return a campaign's file: the workspace's own wins.

        Raises
        ------
        ConfigError
            If there is none; names the nearest.
        """
        name = f"{checked_id(campaign, 'campaign')}.yml"
        for path in (self.inside("data", "campaigns", name), _shared(self.project, name)):
            if path.is_file():
                return path
        raise ConfigError(_unknown("campaign", campaign, self.campaign_ids(), f"campaigns/{name}"))

    def campaign(self, campaign: str) -> Campaign:
        """Return a campaign as its file describes it."""
        path = self.campaign_file(campaign)
        where = f"campaigns/{path.name}"
        read = read_campaign(read_mapping(path, where=where), where=where)
        for scenario in read.scenarios:
            checked_id(scenario, f"{where}: scenario")
        return _same_id(read, "campaign", campaign, where)

    def seller_ids(self) -> tuple[str, ...]:
        """Return the sellers of the workspace, in order of name."""
        return tuple(name for name in self._seller_folders() if is_id(name))

    def stray_folders(self) -> tuple[str, ...]:
        """Return what lies beside the sellers' folders and is not read: its name is no id.

        Notes
        -----
        A copy made by a file manager ("my-shop - Copy") is such a folder; it must not stop the
        others. Ids are in lower case, so two of them never differ in case alone.
        """
        return tuple(name for name in self._seller_folders() if not is_id(name))

    def may_take_part(self, seller: str, campaign: Campaign) -> bool:
        """Return whether a seller sells where a campaign runs; so does one that cannot be read."""
        try:
            return any(market in campaign.markets for market in self.seller(seller).markets)
        except ConfigError:
            return True

    def seller(self, seller: str) -> Seller:
        """Return a seller as seller.yml describes it.

        Raises
        ------
        ConfigError
            If there is no such seller, or the file is wrong.
        """
        path, where = self.seller_folder(seller) / "seller.yml", f"sellers/{seller}/seller.yml"
        if not path.parent.is_dir():
            raise ConfigError(_unknown("seller", seller, self.seller_ids(), f"sellers/{seller}"))
        if not path.is_file():
            raise ConfigError(f"{where} is missing; python run.py new-seller writes a model")
        read = read_seller(read_mapping(path, where=where), where=where)
        return _same_id(read, "seller", seller, where)

    def _seller_folders(self) -> list[str]:
        folder = self.sellers_folder
        found = folder.iterdir() if folder.is_dir() else ()
        return sorted(path.name for path in found if _is_seller_folder(path))


def find_home(given: Path | str | None = None) -> Home:
    """Return the workspace: the folder given, else PLANNER_HOME, else the project itself.

    Raises
    ------
    RunError
        If the folder does not exist, or no project with notebooks is found.
    """
    project = Path(os.environ.get(PROJECT_VARIABLE) or PACKAGE_PARENT).resolve()
    root = Path(given or os.environ.get(HOME_VARIABLE) or project).resolve()
    if not root.is_dir():
        raise RunError(f"the workspace {root} is no folder; make it, or give another with --home")
    if not (project / "notebooks").is_dir():
        raise RunError(f"no notebooks in {project}; set {PROJECT_VARIABLE} to the project's folder")
    return Home(root=root, project=project)


def _below(root: Path, *parts: str) -> Path:
    for part in parts:
        if part in ("", ".", "..") or re.search(r"[/\\:\x00-\x1f]", part):
            raise ConfigError(f"{part[:80]!r} is no name of a file or folder in {root}")
    path = root.joinpath(*parts)
    if not path.resolve().is_relative_to(root.resolve()):
        raise ConfigError(f"{path} leads out of {root}; replace the link by the folder itself")
    return path


def _shared(project: Path, name: str) -> Path:
    return project / "data" / "campaigns" / name


def _unknown(what: str, name: str, known: Iterable[str], where: str) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 1)
    hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(names[:10]) or 'none'}"
    return f"no {what} {name!r} (data/{where} is not there); {hint}"


def _same_id(read: Any, what: str, name: str, where: str) -> Any:
    if getattr(read, what) != name:
        raise ConfigError(f"{where}: {what} is {getattr(read, what)!r}; write {name!r}")
    return read


def _is_seller_folder(path: Path) -> bool:
    return path.is_dir() and not path.name.startswith((".", "_"))

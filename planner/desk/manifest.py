"""What a report was made from: the run.json inside each seller's report.

Hashes of every file read and written, versions, parameters, rows, seconds. It is
written last, so a report folder with a manifest is a whole one. Apart from the
seconds it repeats byte for byte when nothing changed.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from planner.desk.files import hash_of, put_in_place
from planner.desk.home import Home
from planner.errors import InputError

MANIFEST_NAME = "run.json"
DISTRIBUTION = "promo-stock-planner"
CODE_SUFFIXES = (".py", ".csv", ".yml")

Hashes = dict[str, str]


def hashes_of(paths: Iterable[Path], home: Home) -> Hashes:
    """Return the SHA-256 of each file by its path below the workspace or the project."""
    return {_told(path, home): hash_of(path) for path in paths}


def refuse_if_changed(before: Hashes, paths: Iterable[Path], home: Home) -> None:
    """Refuse a run whose inputs are no longer what it began with.

    Raises
    ------
    InputError
        Names each file that changed, came or went.
    """
    after = hashes_of((path for path in paths if path.is_file()), home)
    moved = sorted(dict(before.items() ^ after.items()))
    if moved:
        raise InputError(f"{', '.join(moved[:5])} changed while the run read it; run again")


def run_id(facts: object) -> str:
    """Return a short name for what a run was made from: the same facts, the same name."""
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def versions() -> dict[str, Any]:
    """Return the versions of Python, of this package and of what it stands on."""
    try:
        needs = [need for need in metadata.requires(DISTRIBUTION) or () if "extra ==" not in need]
    except metadata.PackageNotFoundError:
        needs = []
    names = sorted(re.split(r"[^\w.-]", need, maxsplit=1)[0] for need in needs)
    return {
        "python": platform.python_version(),
        "planner": _version(DISTRIBUTION),
        "packages": {name: _version(name) for name in names},
    }


def code_hash() -> str:
    """Return one SHA-256 over all of the package: code, glossary and dialects."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(path for path in package.rglob("*") if path.suffix in CODE_SUFFIXES):
        digest.update(f"{path.relative_to(package).as_posix()} {hash_of(path)}\n".encode())
    return digest.hexdigest()


def stale_steps(
    before: Mapping[str, Mapping[str, Any]],
    after: Mapping[str, Mapping[str, Any]],
    *,
    ran: Iterable[int],
    known: Iterable[int],
    stale: Iterable[int] = (),
) -> list[int]:
    """Return the steps whose page rests on tables that have changed since.

    Parameters
    ----------
    before, after : mapping
        `tables_in` of the last report and of this one.
    ran, known : iterable of int
        Steps of this run; steps that the report shows.
    stale : iterable of int
        Steps that were stale before this run.

    Examples
    --------
    >>> old, new = {"T": {"step": 1, "sha256": "a"}}, {"T": {"step": 1, "sha256": "b"}}
    >>> stale_steps(old, new, ran=[1], known=[1, 2])
    [2]
    """
    ran = set(ran)
    changed = {
        (after.get(name) or before[name])["step"]
        for name in before.keys() | after.keys()
        if before.get(name, {}).get("sha256") != after.get(name, {}).get("sha256")
    }
    first = min(changed & ran, default=max(known, default=0))
    return sorted(step for step in set(known) - ran if step > first or step in stale)


def write_manifest(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write the manifest of a report folder, with the hash of every file in it."""
    files = {
        path.relative_to(folder).as_posix(): hash_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST_NAME
    }
    text = json.dumps({**facts, "files": files}, ensure_ascii=False, indent=1, sort_keys=True)
    put_in_place(
        folder / MANIFEST_NAME, lambda path: path.write_text(text + "\n", encoding="utf-8")
    )


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a report folder, empty if there is none.

    Notes
    -----
    A damaged one reads as a failure: the report cannot be trusted, and running again mends it.
    """
    path = folder / MANIFEST_NAME
    if not path.is_file():
        return {}
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(told, dict):
            return told
    except ValueError:
        pass
    message = f"{folder.name}/{MANIFEST_NAME} is damaged; run this seller again"
    return {"outcome": "failed", "message": message, "files": {MANIFEST_NAME: ""}}


def damaged_files(folder: Path) -> list[str]:
    """Return the files of a report that are not what its manifest says, changed or gone."""
    files: Hashes = read_manifest(folder).get("files", {})
    return [
        name
        for name, told in files.items()
        if not (folder / name).is_file() or hash_of(folder / name) != told
    ]


def damaged_in(folder: Path) -> list[str]:
    """Return the damaged files of all reports of one campaign and scenario."""
    reports = sorted(path.parent for path in folder.glob(f"*/{MANIFEST_NAME}"))
    return [f"{report.name}/{name}" for report in reports for name in damaged_files(report)]


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def _told(path: Path, home: Home) -> str:
    for root in (home.root, home.project):
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return path.name

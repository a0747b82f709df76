"""Finds export files in the folders of a seller's shops or warehouses; opens none.

A folder or file that belongs to nobody is refused by name; names only come from the disk.
"""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from planner.errors import InputError
from planner.intake.confined import Task
from planner.intake.contracts import did_you_mean
from planner.intake.messages import printable
from planner.seller import Shop

EXPORT_SUFFIXES = (".csv", ".tsv", ".txt", ".xls", ".xlsm", ".xlsx")


class OwnedFile(NamedTuple):
    """One file, how messages call it, and whose it is."""

    path: Path
    name: str
    owner: str


def owned_files(place: Path, owners: Sequence[str], *, what: str) -> list[OwnedFile]:
    """Return every export below a folder, with the shop or warehouse whose folder it lies in.

    Parameters
    ----------
    place : Path
        The folder of the kind of export; need not exist.
    owners : sequence of str
        Names of the folders there may be; with one owner its files may lie in `place` itself.
    what : str
        What an owner is, for messages.

    Raises
    ------
    InputError
        If a folder or file belongs to nobody.
    """
    found: list[OwnedFile] = []
    for path in _listed(place) if place.is_dir() else []:
        if not path.is_dir() and len(owners) == 1:
            found.append(OwnedFile(path, printable(f"{place.name}/{path.name}"), owners[0]))
        elif not path.is_dir():
            folders = ", ".join(f"{place.name}/{owner}" for owner in owners)
            raise InputError(
                f"{place.name}/{printable(path.name)}: the seller has {len(owners)} {what}s; put "
                f"the file into the folder of its {what}: {folders}"
            )
        elif path.name not in owners:
            raise InputError(
                f"{place.name}/{printable(path.name)}: no {what} of that name in seller.yml"
                f"{did_you_mean(path.name, owners)}; rename the folder or add the {what}"
            )
        else:
            inner = [(one, f"{place.name}/{path.name}/{one.name}") for one in _listed(path)]
            found += [OwnedFile(one, printable(name), path.name) for one, name in inner]
    return [file for file in found if file.path.suffix.lower() in EXPORT_SUFFIXES]


def task_of(file: OwnedFile, shop: Shop, skus: Collection[str] | None) -> Task:
    """Return what a child process must know to read one such file.

    Parameters
    ----------
    file : OwnedFile
    shop : Shop
        Whose dialect and clock the file follows.
    skus : collection of str, optional
        The SKUs that it may name.
    """
    return {
        "path": str(file.path),
        "name": file.name,
        "shop": shop.model_dump(mode="json"),
        "skus": None if skus is None else sorted(skus),
    }


def _listed(folder: Path) -> list[Path]:
    files = [path for path in folder.iterdir() if not path.name.startswith((".", "~$"))]
    return sorted(files, key=lambda path: (path.stem, path.suffix))

"""Lists a seller's order exports: which files there are, and whose each one is.

Looks at names alone; opens nothing. What systems leave behind is passed over, anything else that
is not read is named.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from planner.errors import InputError
from planner.intake.contracts import did_you_mean
from planner.intake.messages import printable, refusal
from planner.seller import Seller, Shop

EXPORT_SUFFIXES = (".csv", ".tsv", ".txt", ".xls", ".xlsm", ".xlsx")
LEFT_BEHIND = ("thumbs.db", "desktop.ini", "__macosx")
"""What systems leave in folders, beside names that begin with a dot or with ~$."""


class File(NamedTuple):
    """One file of a shop, and how messages call it."""

    path: Path
    name: str
    shop: Shop


class Listing(NamedTuple):
    """The files of a seller's shops, and what lies beside them."""

    files: list[File]
    others: list[tuple[str, str]]
    """Name and finding of what is not read."""


def listed_exports(orders: Path, seller: Seller) -> Listing:
    """Return the exports in ``orders/<shop>/``, or in ``orders/`` if there is one shop.

    Raises
    ------
    InputError
        If a file or folder belongs to no shop, or two folders to one.
    """
    files: list[File] = []
    others: list[tuple[str, str]] = []
    folders: dict[str, Path] = {}
    for path in listed_below(orders) if orders.is_dir() else []:
        if path.is_symlink() and path.is_dir():  # as a linked file is: it may lead anywhere
            what = "a link to a folder, not the folder itself"
            raise refusal("E_NOT_A_FILE", f"orders/{printable(path.name)}", what)
        if path.is_dir():
            shop = _shop_of(path, seller, folders)
            inner = listed_below(path)
            named = [(one, printable(f"{path.name}/{one.name}"), shop) for one in inner]
        elif len(seller.shops) > 1:
            names = ", ".join(f"orders/{shop.shop}" for shop in seller.shops)
            raise InputError(
                f"orders/{printable(path.name)}: the seller has {len(seller.shops)} shops; put the "
                f"file into the folder of its shop: {names}"
            )
        else:
            named = [(path, printable(path.name), seller.shops[0])]
        for one, name, shop in named:
            if one.is_dir():
                others.append((name, "W_IGNORED_FOLDER"))
            elif one.suffix.lower() not in EXPORT_SUFFIXES:
                others.append((name, "W_IGNORED_FILE"))
            else:
                files.append(File(one, name, shop))
    return Listing(files, others)


def listed_below(folder: Path) -> list[Path]:
    """Return what people have put into a folder, not what systems leave there, by name."""
    found = [
        path
        for path in folder.iterdir()
        if not path.name.startswith((".", "~$")) and path.name.casefold() not in LEFT_BEHIND
    ]
    return sorted(found, key=lambda path: (path.stem, path.suffix))


def _shop_of(path: Path, seller: Seller, folders: dict[str, Path]) -> Shop:
    """Return the shop whose folder this is, in whatever case its name is written."""
    shops: Mapping[str, Shop] = {shop.shop: shop for shop in seller.shops}
    name = path.name if path.name in shops else path.name.casefold()
    if name not in shops:
        raise InputError(
            f"orders/{printable(path.name)}: no shop of that name in seller.yml"
            f"{did_you_mean(path.name, shops)}; rename the folder or add the shop"
        )
    first = folders.setdefault(name, path)
    if first != path:
        raise InputError(
            f"orders/{printable(first.name)} and orders/{printable(path.name)}: two folders for "
            f"the shop {name}; put all its exports into orders/{name}"
        )
    return shops[name]

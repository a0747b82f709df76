"""One order export read alone, by the door through which a child process reads it."""

from collections.abc import Collection
from pathlib import Path

from planner.intake.orders import Intake, _export_of, _intake, read_confined
from planner.seller import Shop


def read_export(path: Path, shop: Shop, *, skus: Collection[str] | None = None) -> Intake:
    """Return what one file of one shop gives, without a folder or a process around it."""
    task = {
        "path": str(path),
        "name": path.name,
        "shop": shop.model_dump(mode="json"),
        "skus": None if skus is None else sorted(skus),
        "shops": [shop.shop],
    }
    return _intake([_export_of(read_confined(task), shop)], [])

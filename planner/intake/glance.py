"""Looks at the first records of files, each in a child with limits, and says whose they are.

Reads as little as says it; tells headers and counts, never what stands in a cell.
"""

from collections.abc import Sequence
from pathlib import Path
from stat import S_ISREG

from planner.errors import ConfigError, PlannerError
from planner.intake import confined, sheets, texts
from planner.intake.confined import Answer, Task
from planner.intake.dialects import dialect_of
from planner.intake.fields import ExportKind
from planner.intake.files import MAX_BYTES
from planner.intake.folders import File
from planner.intake.headers import Heads
from planner.intake.messages import printable
from planner.intake.recognise import Candidate, recognised
from planner.seller import Shop

HEAD_BYTES = 400_000
"""Of a text file; thirty records of the widest export take a tenth of it."""
ZIP = b"PK"


def glanced(files: Sequence[File], kind: ExportKind) -> list[list[Candidate] | None]:
    """Return by file the dialects it fits, as `recognise.recognised` does; None if it is broken.

    Parameters
    ----------
    files : sequence of File
        Exports of orders, returns or inventory, and their shops.
    kind : str
        What the folder they lie in is for; the shop's dialect of this kind stands first.
    """
    tasks = [
        {
            "name": file.name,
            "path": str(file.path),
            "shop": file.shop.model_dump(mode="json"),
            "kind": kind,
        }
        for file in files
    ]
    answers = confined.each("planner.intake.glance:look", tasks)
    return [_candidates(answer) for answer in answers]


def look(task: Task) -> Answer:
    """Return the candidates of one file as facts fit for JSON; runs in the child."""
    try:
        declared = dialect_of(Shop.model_validate(task["shop"]), task["kind"])
    except ConfigError:
        declared = None
    heads = heads_of(Path(task["path"]))
    if not any(heads):
        return Answer({}, None)
    found = recognised(heads, declared)
    shown = [one._replace(unknown=tuple(map(printable, one.unknown))) for one in found]
    return Answer({}, [one._asdict() for one in shown])


def heads_of(path: Path) -> Heads:
    """Return the first records of a file, by sheet or by delimiter; none if it cannot be read."""
    state = path.lstat()
    if not S_ISREG(state.st_mode) or state.st_size > MAX_BYTES:
        return []
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(ZIP):
        return _of_workbook(path.read_bytes())
    whole = head if len(head) < HEAD_BYTES else head[: head.rfind(b"\n") + 1]
    said = texts.decoded(whole)
    return [texts.head_records(said.text, mark) for mark in texts.DELIMITERS] if said else []


def _of_workbook(data: bytes) -> Heads:
    try:
        return [
            [
                texts.Record(line, [sheets.as_text(cell, "%Y-%m-%d %H:%M:%S") for cell in row])
                for line, row in enumerate(sheet.rows[: texts.MAX_HEAD_RECORDS], 1)
            ]
            for sheet in sheets.sheets(data)
        ]
    except sheets.WorkbookError:
        return []


def _candidates(answer: Answer | PlannerError) -> list[Candidate] | None:
    if isinstance(answer, PlannerError) or answer.facts is None:
        return None
    told = ("fields", "missing", "unknown")
    return [
        Candidate(**{key: tuple(said) if key in told else said for key, said in one.items()})
        for one in answer.facts
    ]

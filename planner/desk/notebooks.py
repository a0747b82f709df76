"""Runs one notebook by papermill and tells what went wrong in words.

A misspelt or missing parameter is refused before anything runs. What a cell
raises is told apart: a `PlannerError` is the analyst's to mend, anything else is
a fault. Nothing here knows which notebooks there are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from planner import errors
from planner.desk.engine import KERNEL_ARGUMENTS
from planner.errors import PlannerError, RunError

if TYPE_CHECKING:
    from nbformat import NotebookNode

CELL_SECONDS = 900
"""Longest cell; the slowest of the demo takes a few seconds. [s]"""
MAX_NOTEBOOK_BYTES = 20_000_000
"""Largest notebook with its outputs; what is larger cannot be shown as a page."""
MAX_REASON = 300
TERMINAL_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
MENDABLE = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, PlannerError)
}


class NotebookError(Exception):
    """A notebook broke by a fault, not by what it was given."""

    def __init__(self, reason: str, trace: str = "") -> None:
        """Hold a short reason for the screen and the trace for the log."""
        super().__init__(reason)
        self.trace = trace


def refuse_other_parameters(path: Path, expected: Mapping[str, str]) -> None:
    """Refuse a notebook whose parameters cell does not name exactly the expected ones.

    Raises
    ------
    RunError
        Names the missing and the unknown ones; papermill itself would only log them.
    """
    import papermill

    found = set(papermill.inspect_notebook(_literal(path)))
    missing, unknown = sorted(set(expected) - found), sorted(found - set(expected))
    if missing or unknown:
        parts = [f"lacks {', '.join(missing)}"] if missing else []
        parts += [f"has {', '.join(unknown)}, which nobody sets"] if unknown else []
        raise RunError(
            f"{path.name}: the cell tagged parameters {' and '.join(parts)}; "
            f"it must set {', '.join(expected)}"
        )


def run_notebook(path: Path, output: Path, parameters: Mapping[str, str], *, engine: str) -> None:
    """Run a notebook and write it with its outputs, whole or as far as it came.

    Parameters
    ----------
    path, output : Path
        Notebook to run; file to write.
    parameters : mapping of str to str
        What the parameters cell is given.
    engine : str
        Name of a papermill engine.

    Raises
    ------
    PlannerError
        What a cell raised of these kinds, with its message.
    NotebookError
        If a cell failed otherwise, ran too long, ended the kernel or wrote too much.
    """
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    output.parent.mkdir(parents=True, exist_ok=True)
    try:
        book = papermill.execute_notebook(
            _literal(path),
            _literal(output),
            parameters=dict(parameters),
            engine_name=engine,
            progress_bar=False,
            execution_timeout=CELL_SECONDS,
            shutdown_kernel="immediate",
            store_widget_state=False,
            extra_arguments=list(KERNEL_ARGUMENTS),
        )
    except PapermillExecutionError as problem:
        raise _cause(path, problem) from None
    except CellTimeoutError:
        raise NotebookError(f"{path.name}: a cell ran longer than {CELL_SECONDS} s") from None
    except DeadKernelError:
        reason = "the kernel died, perhaps for want of memory"
        raise NotebookError(f"{path.name}: {reason}") from None
    _refuse_unfinished(path, book, output)


def _cause(path: Path, problem: Exception) -> Exception:
    kind, message = problem.ename, " ".join(problem.evalue.split())
    if kind in MENDABLE:
        return MENDABLE[kind](message)
    reason = f"{path.name}, cell {problem.exec_count}: {kind}: {message}"
    short = reason if len(reason) <= MAX_REASON else f"{reason[:MAX_REASON]}..."
    return NotebookError(short, TERMINAL_COLOURS.sub("", "\n".join(problem.traceback)))


def _refuse_unfinished(path: Path, book: NotebookNode, output: Path) -> None:
    if book.metadata.papermill.get("exception"):
        raise NotebookError(f"{path.name}: a cell ended the notebook before its last cell")
    if output.stat().st_size > MAX_NOTEBOOK_BYTES:
        size = output.stat().st_size // 1_000_000
        limit = MAX_NOTEBOOK_BYTES // 1_000_000
        raise NotebookError(f"{path.name}: its outputs take {size} MB; at most {limit} MB")


def _literal(path: Path) -> str:
    """Return a path in which papermill sees no format fields."""
    return str(path).replace("{", "{{").replace("}", "}}")

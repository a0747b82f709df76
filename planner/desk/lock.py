"""One run at a time: a lock that dies with the process that holds it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from planner.errors import RunError

LOCKED_BYTE = 1 << 20
"""Windows locks bytes, and a locked byte cannot be read; this one is beyond the holder's name."""


@contextmanager
def held(path: Path, *, what: str) -> Iterator[None]:
    """Hold a lock file while the body runs.

    Parameters
    ----------
    path : Path
        The file; it stays, the lock on it does not.
    what : str
        What must not run twice, for the message.

    Raises
    ------
    RunError
        If another process holds it; names the process.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="ascii") as file:
        try:
            _take(file)
        except OSError:
            file.seek(0)
            holder = file.read(20).strip() or "unknown"
            raise RunError(
                f"another run of {what} is going on (process {holder}); wait until it ends"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _take(file: IO[str]) -> None:
    """Lock a file or raise at once; the system frees it when the process ends."""
    if os.name == "nt":
        import msvcrt

        file.seek(LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)
        return
    import fcntl

    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

"""What a child process said of a file: believed only where it is of the agreed form.

Knows frames as Arrow, facts as JSON and how a child can end; starts no process.
"""

import json
import signal
import struct
from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa

from planner import errors
from planner.errors import InputError, PlannerError
from planner.intake.child import DTYPES, SIZE, Answer, Limits
from planner.intake.messages import OtherDialectError, refusal

MAX_TOLD_CHARS = 4_000


class End(NamedTuple):
    """How a child ended: signal (0 for none), processor time, and whose limit it broke."""

    signal: int = 0
    cpu_seconds: float = 0.0
    over: str = ""
    is_lost: bool = False
    """Whether nobody was left to tell."""


def understood(data: bytes, end: End, name: str, limits: Limits) -> Answer | PlannerError:
    """Return what a child said, believing nothing that is not of the agreed form."""
    told: Mapping[str, Any] = {}
    try:
        (size,) = SIZE.unpack_from(data)
        told = json.loads(data[SIZE.size : SIZE.size + size])
        if "facts" in told and not end.over:
            return Answer(_frames(data[SIZE.size + size :], told), told["facts"])
        if "error" in told and not end.over:
            parts = [str(part)[:MAX_TOLD_CHARS] for part in told["parts"]]
            is_other = told["error"] == "OtherDialectError"
            return (OtherDialectError if is_other else _error_named(told["error"]))(*parts)
    except (struct.error, ValueError, KeyError, TypeError, pa.ArrowException):
        pass  # died while it spoke, or spoke nonsense
    return refusal("E_LIMIT", name, _what(told, end, limits))


def _frames(data: bytes, told: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    frames, view = {}, memoryview(data)
    for key, size in told["sizes"].items():
        table = pa.ipc.open_stream(pa.py_buffer(view[:size])).read_all()
        view = view[size:]
        table.validate(full=True)
        kinds = told["kinds"][key]
        if table.schema != pa.schema([(name, DTYPES[kind]) for name, kind in kinds.items()]):
            raise ValueError(f"{key}: not the columns it tells of")
        whole = {n: pd.Int64Dtype() for n, kind in kinds.items() if kind == "Int64"}
        frame = pd.DataFrame(
            {n: table[n].to_pandas(types_mapper={pa.int64(): whole.get(n)}.get) for n in kinds}
        )
        frames[key] = frame.astype(kinds)
    return frames


def _error_named(name: object) -> type[PlannerError]:
    kind = getattr(errors, str(name), None)
    is_known = isinstance(kind, type) and issubclass(kind, PlannerError)
    return kind if is_known else InputError


def _what(told: Any, end: End, limits: Limits) -> str:
    over = end.over or (told.get("over") if isinstance(told, dict) else "")
    if over == "clock":
        return f"reading it took more than {limits.clock_seconds:g} s"
    spent = end.cpu_seconds >= limits.cpu_seconds and end.signal == signal.SIGKILL
    if end.signal == getattr(signal, "SIGXCPU", None) or (spent and end.signal):
        return f"reading it took more than {limits.cpu_seconds} s of processor time"
    if over == "memory" or end.signal == signal.SIGABRT:  # how compiled code runs out of memory
        return f"reading it needs more than {limits.memory_mb:,} MB of memory"
    if end.signal:
        return f"the reader crashed (signal {end.signal})"
    broke = told.get("broke") if isinstance(told, dict) else ""
    return f"the reader broke down ({str(broke)[:100]})" if broke else "the reader crashed"

"""What runs in a child process: the server that makes children, and the one task of each.

A child binds itself before it reads, and says what it found as Arrow and JSON. Who asks, and
what becomes of the answer, `confined` knows.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd
import psutil
import pyarrow as pa

from planner.errors import PlannerError
from planner.intake.messages import OtherDialectError

Task = Mapping[str, Any]
"""What a reader is given, fit for JSON; `name` is what messages call the file."""
CAN_FORK = sys.platform == "linux"  # elsewhere fork is unsafe or the memory limit does nothing
LIBC = ctypes.CDLL(None) if CAN_FORK else None
PR_SET_PDEATHSIG = 1  # linux/prctl.h
DTYPES = {
    "str": pa.large_string(),
    "int64": pa.int64(),
    "Int64": pa.int64(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "datetime64[us]": pa.timestamp("us"),
}
"""What a column of an answer may hold, and how it travels."""
MB = 1_000_000
SIZE = struct.Struct(">Q")
END = struct.Struct(">id")


class Limits(NamedTuple):
    """What one file may cost."""

    memory_mb: int = 2_000
    """Beyond what the reader itself takes. [MB]"""
    cpu_seconds: int = 60
    clock_seconds: float = 120.0


class Answer(NamedTuple):
    """What a reader found."""

    frames: dict[str, pd.DataFrame]
    facts: Any


def serve(descriptor: int) -> None:
    """Make a child for every task that comes, until whoever asks is gone; the server's door."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks is told, and ends the children
    control = socket.socket(fileno=descriptor)
    woken, wake = socket.socketpair()
    wake.setblocking(False)
    woken.setblocking(False)
    signal.set_wakeup_fd(wake.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    fates: dict[socket.socket, int] = {}
    warm: set[str] = set()
    while True:
        for ready in select.select([control, woken, *fates], [], [])[0]:
            if ready is woken:
                with contextlib.suppress(BlockingIOError):
                    woken.recv(4096)
                _bury(fates)
            elif ready is control:
                told, descriptors, _, _ = socket.recv_fds(control, 4096, 2)
                if not told:
                    _kill(fates.values())
                    return
                talk, fate = (socket.socket(fileno=one) for one in descriptors)
                _warm(told.decode(), warm)
                fates[fate] = _child_of(talk)
                talk.close()
            elif ready in fates:  # a word, or the end of whoever waits: both mean to end the child
                with contextlib.suppress(OSError):
                    ready.recv(1)
                _kill([fates[ready]])


def _warm(module: str, warm: set[str]) -> None:
    if module in warm:
        return
    warm.add(module)
    with contextlib.suppress(Exception):  # the child will meet the same fault, and tell it
        getattr(importlib.import_module(module), "warm_up", lambda: None)()
    gc.collect()
    gc.freeze()


def _child_of(talk: socket.socket) -> int:
    server = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        _end_with(server)
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(talk.fileno(), 3)
        os.closerange(4, 4096)
        with socket.socket(fileno=3) as channel, channel.makefile("rwb") as stream:
            (size,) = SIZE.unpack(stream.read(SIZE.size))
            for part in _answered(stream.read(size)):
                stream.write(part)
        code = 0
    finally:
        os._exit(code)


def _end_with(server: int) -> None:
    """Have the system end this process when its server dies: nobody else could then."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server:
        os._exit(1)


def _kill(pids: Iterable[int]) -> None:
    for pid in pids:
        for end in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                end(pid, signal.SIGKILL)


def _bury(fates: dict[socket.socket, int]) -> None:
    """Take leave of every child that has ended: what it started ends too, and its fate is told."""
    for fate, pid in list(fates.items()):
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            continue
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        _, status, used = os.wait4(pid, 0)
        died_of = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        del fates[fate]
        with contextlib.suppress(OSError), fate:
            fate.sendall(END.pack(died_of, used.ru_utime + used.ru_stime))


def answer() -> None:
    """Answer the one task on standard input; the door of a child started anew."""
    for part in _answered(sys.stdin.buffer.read()):
        sys.stdout.buffer.write(part)
    sys.stdout.buffer.flush()


def _answered(request: bytes) -> Iterator[bytes]:
    name, task, limits = json.loads(request)
    try:
        _limit(Limits(**limits))
        module, _, function = name.partition(":")
        found = getattr(importlib.import_module(module), function)(task)
        streams = {key: _stream(frame) for key, frame in found.frames.items()}
        kinds = {key: frame.dtypes.astype(str).to_dict() for key, frame in found.frames.items()}
        told: dict[str, Any] = {"facts": found.facts, "kinds": kinds}
        told["sizes"] = {key: len(stream) for key, stream in streams.items()}
    except MemoryError:
        streams, told = {}, {"over": "memory"}
    except OtherDialectError as problem:
        streams, told = {}, {"error": "OtherDialectError", "parts": [problem.name, problem.advice]}
    except PlannerError as problem:
        streams, told = {}, {"error": type(problem).__name__, "parts": [str(problem)]}
    except Exception as problem:  # what it says may quote a cell; where it rose does not
        streams, told = {}, {"broke": f"{type(problem).__name__} {_place(problem)}"}
    head = json.dumps(told).encode()
    yield SIZE.pack(len(head)) + head
    yield from streams.values()


def _limit(limits: Limits) -> None:
    """Bind this process; where the system cannot, whoever started it watches."""
    try:
        import resource
    except ImportError:
        return
    wanted = [(resource.RLIMIT_CORE, 0), (resource.RLIMIT_CPU, limits.cpu_seconds)]
    if CAN_FORK:
        mapped = psutil.Process().memory_info().vms
        wanted.append((resource.RLIMIT_AS, mapped + limits.memory_mb * MB))
    for kind, limit in wanted:
        hard = resource.getrlimit(kind)[1]
        top = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        spare = 1 if kind == resource.RLIMIT_CPU and top < hard % (1 << 63) else 0
        resource.setrlimit(kind, (top, top + spare))


def _place(problem: BaseException) -> str:
    trace = problem.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"in {trace.tb_frame.f_code.co_filename.rpartition(os.sep)[2]}:{trace.tb_lineno}"


def _stream(frame: pd.DataFrame) -> bytes:
    fields = [(name, DTYPES[str(kind)]) for name, kind in frame.dtypes.items()]
    table = pa.Table.from_pandas(frame, schema=pa.schema(fields), preserve_index=False)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema.remove_metadata()) as writer:
        writer.write_table(table.replace_schema_metadata())
    return sink.getvalue().to_pybytes()

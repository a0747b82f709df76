"""Runs a reader on each file in a child process of its own, with limits; one dies, others go on.

A child gets one task as JSON and gives back frames as Arrow and facts as JSON, never an object
that could act in the parent. Where processes can fork, a server that has imported the reader
makes them in milliseconds; elsewhere each is started anew. Knows nothing of what is read.
"""

import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import psutil

from planner.errors import PlannerError, RunError
from planner.intake import child
from planner.intake.answers import End, understood
from planner.intake.child import END, MB, SIZE, Answer, Limits, Task

BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from planner.intake import child; child.{}(*map(int, sys.argv[2:]))"
)
KEPT_ENVIRONMENT = (
    "LANG", "LC_ALL", "LC_CTYPE", "TZ", "PYTHONHASHSEED", "PYTHONUTF8", "PYTHONHOME",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "WINDIR",
)  # fmt: skip
OWN_ENVIRONMENT = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",  # the others reserve more addresses than they use
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
}
WATCH_SECONDS = 0.05
"""How often memory is looked at where the system cannot limit it. [s]"""


Reader = Callable[[Task], Answer]


def each(
    reader: str | Reader, tasks: Sequence[Task], *, limits: Limits | None = None
) -> list[Answer | PlannerError]:
    """Return what a reader makes of every task, or why it could not, in the tasks' order.

    Parameters
    ----------
    reader : str or callable
        A function of a module, or its name as ``package.module:function``. If its module has a
        function ``warm_up``, the server calls it once before it makes children.
    tasks : sequence of Task
        One file each; as many at once as there are processors.
    limits : Limits, optional
        What one of them may cost.

    Returns
    -------
    list of Answer or PlannerError
        A file whose child is killed or breaks down is an InputError with the code E_LIMIT; a
        PlannerError raised inside comes back as it is.

    Raises
    ------
    RunError
        If no child process can be started at all.
    """
    name = reader if isinstance(reader, str) else f"{reader.__module__}:{reader.__qualname__}"
    bound = limits or Limits()
    running: set[_Child] = set()
    with ThreadPoolExecutor(max(1, min(len(tasks), os.cpu_count() or 1))) as pool:
        try:
            waiting = [pool.submit(_one, name, task, bound, running) for task in tasks]
            return [one.result() for one in waiting]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in list(running):
                child.kill("clock")
            raise


def close() -> None:
    """End the server and every child it has; the next call of `each` starts another."""
    with _lock:
        for server in _servers:
            server.close()
        _servers.clear()


def _one(name: str, task: Task, limits: Limits, running: set["_Child"]) -> Answer | PlannerError:
    request = json.dumps([name, task, limits._asdict()]).encode()
    data, end = _asked(_started(name, limits), request, limits, running)
    if end.is_lost:  # the server went first, and took the child with it
        data, end = _asked(_anew(limits), request, limits, running)
    return understood(data, end, str(task["name"]), limits)


def _asked(
    child: "_Child", request: bytes, limits: Limits, running: set["_Child"]
) -> tuple[bytes, "End"]:
    running.add(child)
    clock = threading.Timer(limits.clock_seconds, child.kill, ("clock",))
    clock.start()
    try:
        return child.ask(request), child.end()
    finally:
        clock.cancel()
        clock.join()
        child.close()
        running.discard(child)


def _started(name: str, limits: Limits) -> "_Child":
    if child.CAN_FORK:
        with contextlib.suppress(OSError), _lock:
            return _forked(name.partition(":")[0])
    return _anew(limits)


def _anew(limits: Limits) -> "_Child":
    try:
        return _Spawned(limits)
    except OSError as problem:
        raise RunError(f"no process can be started to read a file in: {problem}") from None


def _forked(module: str) -> "_Child":
    """Return a child of the server; of a new one if the last one is gone."""
    for _ in range(2):
        if not _servers or _servers[0].owner != os.getpid():
            _servers[:] = [_Server()]
        try:
            return _Forked(_servers[0], module)
        except OSError:
            _servers.pop().close()
    raise OSError("the server takes no task")


class _Child(Protocol):
    """One child process: ask it once, then learn how it ended."""

    def kill(self, over: str) -> None:
        """End it for breaking a limit."""

    def ask(self, request: bytes) -> bytes:
        """Return its whole answer, cut short if it died."""

    def end(self) -> End:
        """Return how it ended, when it has."""

    def close(self) -> None:
        """Let go of what belongs to it."""


class _Server:
    """The process that has imported the readers and makes a child of itself for each task."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.control, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other:
            self.process = _python("serve", other.fileno(), pass_fds=(other.fileno(),))

    def close(self) -> None:
        self.control.close()
        if self.owner == os.getpid():
            self.process.wait()


class _Forked:
    """A child that the server made; the server ends it, and tells how it ended."""

    def __init__(self, server: _Server, module: str) -> None:
        self.over = ""
        self._talk, talk = socket.socketpair()
        self._fate, fate = socket.socketpair()
        try:
            with talk, fate:
                socket.send_fds(server.control, [module.encode()], [talk.fileno(), fate.fileno()])
        except OSError:
            self.close()
            raise

    def kill(self, over: str) -> None:
        self.over = self.over or over
        with contextlib.suppress(OSError):
            self._fate.send(b"k")

    def ask(self, request: bytes) -> bytes:
        with contextlib.suppress(OSError):
            self._talk.sendall(SIZE.pack(len(request)) + request)
        return _everything(self._talk)

    def end(self) -> End:
        said = _everything(self._fate)
        if len(said) != END.size:
            return End(signal.SIGKILL, 0.0, self.over, is_lost=not self.over)
        return End(*END.unpack(said), self.over)

    def close(self) -> None:
        self._talk.close()
        self._fate.close()


class _Spawned:
    """A child started anew, its memory watched from here where the system cannot limit it."""

    def __init__(self, limits: Limits) -> None:
        self.over = ""
        self._limit = limits.memory_mb * MB
        self._process = _python("answer", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._watched, daemon=True)
        self._watch.start()

    def _watched(self) -> None:
        least = 0
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self._process.pid)
            while not self._done.wait(WATCH_SECONDS):
                used = process.memory_info().rss
                least = least or used
                if used > least + self._limit:
                    self.kill("memory")

    def kill(self, over: str) -> None:
        self.over = self.over or over
        self._process.kill()

    def ask(self, request: bytes) -> bytes:
        return self._process.communicate(request)[0]

    def end(self) -> End:
        return End(max(0, -self._process.wait()), 0.0, self.over)

    def close(self) -> None:
        self._done.set()
        self._process.kill()
        self._process.communicate()
        self._watch.join()


_lock = threading.Lock()
_servers: list[_Server] = []
atexit.register(close)


def _python(
    door: str, *arguments: int, pass_fds: Sequence[int] = (), **streams: int
) -> "subprocess.Popen[bytes]":
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    command = [sys.executable, "-c", BOOT.format(door), json.dumps(sys.path), *map(str, arguments)]
    return subprocess.Popen(
        command,
        **{"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, **streams},
        stderr=subprocess.DEVNULL,
        env={**kept, **OWN_ENVIRONMENT},
        pass_fds=tuple(pass_fds),
    )


def _everything(channel: socket.socket) -> bytes:
    parts = []
    with contextlib.suppress(OSError):
        while part := channel.recv(1 << 20):
            parts.append(part)
    return b"".join(parts)

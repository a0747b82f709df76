"""The worker processes of a run: started, listened to, ended with all they started.

One process per job. Nothing here knows what a worker does, or what becomes of
what it made.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import IO, Any

from planner.desk.job import Job, environment
from planner.desk.progress import Progress
from planner.desk.stage import end_strays
from planner.desk.worker import WITH_PARENT, end_tree
from planner.errors import RunError

WORKER = (sys.executable, "-m", "planner.desk.worker")
JOB_NAME = "job.json"
SELLER_SECONDS = 3600
"""Longest run of one seller. [s]"""
NO_FLAGS = 0

Word = Mapping[str, Any]


class Team:
    """The workers that run now; may be used from several threads."""

    def __init__(self) -> None:
        self.is_stopped = False
        self._lock = threading.Lock()
        self._pids: set[int] = set()

    def work(self, job: Job, progress: Progress) -> Word:
        """Do a job in a process of its own and wait for its end.

        Parameters
        ----------
        job : Job
            Its stage must have been prepared.
        progress : Progress
            Is told how far the worker is.

        Returns
        -------
        Mapping
            `outcome`, `message` and `notebook`: the worker's last word, or why there is none.
        """
        told: list[Word] = []
        reason = ""
        with job.stage.log.open("wb") as log:
            worker = self._start(job, log)
            listener = threading.Thread(target=_listen, args=(worker.stdout, told, job, progress))
            listener.start()
            try:
                worker.wait(SELLER_SECONDS)
            except subprocess.TimeoutExpired:
                reason = f"it ran longer than {SELLER_SECONDS} s"
            self._end(worker)
        if worker.returncode != 0:
            end_strays(job.stage)  # an orphan that holds the pipe would keep the listener waiting
        listener.join()
        if told and told[-1]["at"] == "end":
            return told[-1]
        ended = f"its process ended with {worker.returncode}, perhaps for want of memory"
        return {"outcome": "failed", "message": reason or ended, "notebook": ""}

    def stop(self) -> None:
        """End every worker at once, and let no other start."""
        with self._lock:
            self.is_stopped = True
            for pid in self._pids:
                end_tree(pid)

    def _start(self, job: Job, log: IO[bytes]) -> subprocess.Popen[str]:
        path = job.stage.folder / JOB_NAME
        path.write_text(job.model_dump_json(), encoding="utf-8")
        with self._lock:
            if self.is_stopped:
                raise RunError("the run was stopped")
            worker = subprocess.Popen(
                [*WORKER, str(path), WITH_PARENT],
                cwd=job.stage.folder,
                env=environment(job),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", NO_FLAGS),
            )
            self._pids.add(worker.pid)
        return worker

    def _end(self, worker: subprocess.Popen[str]) -> None:
        end_tree(worker.pid)
        worker.wait()
        worker.stdin.close()
        with self._lock:
            self._pids.discard(worker.pid)


def _listen(words: IO[str], told: list[Word], job: Job, progress: Progress) -> None:
    """Take in what a worker tells, line by line, until nobody can tell more."""
    with words:
        for line in words:
            if not line.endswith("\n"):
                return  # cut off together with its speaker
            told.append(json.loads(line))
            if told[-1]["at"] != "end":
                step, done, of = (told[-1].get(name, 0) for name in ("step", "done", "of"))
                progress.step(job.seller, step, done, of)

"""One file, one child: real faults end the child and no more."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pytest

from planner.errors import ConfigError, InputError
from planner.intake import answers, child, confined
from planner.intake.confined import Answer, Limits, each
from planner.intake.messages import OtherDialectError

HERE = "test_intake_confined"


def a_frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "text": pd.Series(["a", "红"], dtype="str"),
            "units": pd.Series([1, 2], dtype="int64"),
            "minor": pd.Series([10**17 + 1, None], dtype="Int64"),
            "at": pd.Series(["2026-01-05", None], dtype="datetime64[us]"),
            "is_it": [True, False],
        }
    )


def reads(task: Mapping[str, Any]) -> Answer:
    return Answer({"rows": a_frame(), "none": a_frame().head(0)}, {"said": task["said"]})


def misbehaves(task: Mapping[str, Any]) -> Answer:
    match task["how"]:
        case "memory":
            return Answer({}, len(bytearray(8_000_000_000)))
        case "loop":
            while True:
                pass
        case "wait":
            signal.pause()
        case "fault":
            raise KeyError("SECRETNAME")
        case "input":
            raise InputError("orders.csv: a fault")
        case "config":
            raise ConfigError("seller.yml: a fault")
        case "other":
            raise OtherDialectError("a.csv", "say otherwise")
        case "fork":
            pid = os.fork()
            if not pid:
                signal.pause()
            return Answer({}, pid)
        case "exit":
            os._exit(0)
        case "environment":
            return Answer({}, dict(os.environ))
        case "descriptors":
            return Answer(
                {}, [one.name for one in Path("/proc/self/fd").iterdir() if int(one.name) > 3]
            )
        case "print":
            os.write(1, b"noise")
            os.write(2, b"noise")
        case number if isinstance(number, int):
            os.kill(os.getpid(), number)
    return Answer({}, "well")


def outcome(how: str | int, **limits: Any) -> object:
    task = {"name": "a.csv", "how": how}
    (found,) = each(misbehaves, [task], limits=Limits(**limits))
    return found.facts if isinstance(found, Answer) else str(found)


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch):
    """Make children without a server, as where processes cannot fork or be limited."""
    monkeypatch.setattr(child, "CAN_FORK", False)
    boot = confined.BOOT.replace("child.{}", "child.CAN_FORK = False; child.{}")
    monkeypatch.setattr(confined, "BOOT", boot)


def test_results_come_back_in_order_with_every_kind_of_column():
    found = each(f"{HERE}:reads", [{"name": "x", "said": n} for n in range(5)])
    assert [one.facts["said"] for one in found] == [0, 1, 2, 3, 4]
    pd.testing.assert_frame_equal(found[4].frames["rows"], a_frame())
    pd.testing.assert_frame_equal(found[4].frames["none"], a_frame().head(0))


def test_no_task_is_no_work():
    assert each(reads, []) == []


def test_too_much_memory_refuses_the_file_and_the_others_go_on():
    tasks = [{"name": "a.csv", "how": how} for how in ("well", "memory", "well")]
    first, second, third = each(misbehaves, tasks)
    assert first.facts == third.facts == "well"
    assert isinstance(second, InputError)
    assert str(second).startswith("a.csv: reading it needs more than 2,000 MB of memory. ")
    assert str(second).endswith("[E_LIMIT]")


def test_a_loop_without_end_is_ended_by_the_processor_limit():
    assert "more than 1 s of processor time" in outcome("loop", cpu_seconds=1)


def test_a_child_that_sleeps_is_ended_by_the_clock():
    assert "took more than 0.3 s" in outcome("wait", clock_seconds=0.3)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL])
def test_a_crash_is_told_as_one(number: int):
    assert f"the reader crashed (signal {int(number)})" in outcome(int(number))


def test_a_child_that_leaves_without_a_word_has_crashed():
    assert "the reader crashed" in outcome("exit")


def test_a_fault_is_told_by_its_place_and_never_by_what_it_says():
    told = outcome("fault")
    assert "KeyError in test_intake_confined.py:" in told
    assert "SECRETNAME" not in told


@pytest.mark.parametrize(("how", "kind"), [("input", InputError), ("config", ConfigError)])
def test_an_error_for_the_analyst_comes_back_as_it_is(how: str, kind: type[Exception]):
    (found,) = each(misbehaves, [{"name": "a.csv", "how": how}])
    assert type(found) is kind
    assert str(found).endswith(": a fault")


def test_an_error_with_parts_keeps_them():
    (found,) = each(misbehaves, [{"name": "a.csv", "how": "other"}])
    assert isinstance(found, OtherDialectError)
    assert (found.name, found.advice) == ("a.csv", "say otherwise")


def test_what_a_child_started_ends_with_it():
    pid = outcome("fork")
    server = psutil.Process(confined._servers[0].process.pid)
    assert server.children(recursive=True) == []
    until = time.monotonic() + 5
    while runs(pid) and time.monotonic() < until:
        time.sleep(0.01)
    assert not runs(pid)


def test_a_child_knows_no_secret_of_the_parent_and_holds_no_file_of_it(monkeypatch):
    monkeypatch.setenv("API_TOKEN", "SECRET")
    confined.close()
    assert "API_TOKEN" not in outcome("environment")
    assert len(outcome("descriptors")) <= 1  # the folder that is being listed


def test_what_a_child_prints_is_neither_seen_nor_believed(capfd):
    assert outcome("print") == "well"
    assert capfd.readouterr() == ("", "")


def test_a_server_that_was_killed_is_started_again():
    assert outcome("well") == "well"
    psutil.Process(confined._servers[0].process.pid).kill()
    assert outcome("well") == "well"


@pytest.mark.skipif(not child.CAN_FORK, reason="only Linux has a server of children")
def test_a_server_that_dies_takes_its_children_with_it():
    found: list[Any] = []
    task = {"name": "a.csv", "how": "wait"}
    asked = threading.Thread(
        target=lambda: found.extend(each(misbehaves, [task], limits=Limits(clock_seconds=3)))
    )
    outcome("well")
    server = psutil.Process(confined._servers[0].process.pid)
    asked.start()
    end = time.monotonic() + 2
    while not server.children() and time.monotonic() < end:
        time.sleep(0.02)
    (orphan,) = server.children()
    server.kill()
    asked.join(timeout=15)
    assert not asked.is_alive()
    assert "took more than 3 s" in str(found[0])
    assert not orphan.is_running()


@pytest.mark.skipif(not child.CAN_FORK, reason="only Linux has a server of children")
def test_a_server_outlives_the_interruption_of_whoever_asks():
    outcome("well")
    server = psutil.Process(confined._servers[0].process.pid)
    server.send_signal(signal.SIGINT)
    assert outcome("well") == "well"
    assert server.is_running()


def test_nothing_is_left_after_the_end():
    outcome("well")
    server = confined._servers[0].process.pid
    confined.close()
    assert not psutil.pid_exists(server)


def test_nonsense_from_a_child_is_a_crash():
    head = b'{"facts": 1, "kinds": {"rows": {"x": "object"}}, "sizes": {"rows": 3}}'
    for data in (
        b"",
        b"\x00" * 8,
        confined.SIZE.pack(2) + b"[]",
        confined.SIZE.pack(len(head)) + head,
    ):
        found = answers.understood(data, answers.End(), "a.csv", Limits())
        assert str(found).startswith("a.csv: the reader crashed")


def test_without_a_server_children_are_started_anew(anew: None):
    assert outcome("well") == "well"
    assert "the reader crashed (signal 11)" in outcome(int(signal.SIGSEGV))
    assert "took more than 3 s" in outcome("wait", clock_seconds=3)


def test_without_a_limit_of_the_system_memory_is_watched(anew: None):
    task = {"name": "a.csv", "mb": 900}
    (found,) = each(fills, [task], limits=Limits(memory_mb=200))
    assert "more than 200 MB of memory" in str(found)


def fills(task: Mapping[str, Any]) -> Answer:
    return Answer({}, sum(bytearray(b"x") * (task["mb"] * 1_000_000)))


def test_a_script_without_a_guard_is_not_run_twice(tmp_path: Path):
    script = tmp_path / "script.py"
    script.write_text(
        "from pathlib import Path\n"
        "with Path('runs').open('a') as runs: runs.write('x')\n"
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from planner.intake.confined import each\n"
        f"print(each('{HERE}:reads', [dict(name='a', said=7)])[0].facts)\n"
    )
    command = [sys.executable, "-W", "error", str(script), str(Path(__file__).parent)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("{'said': 7}\n", "")
    assert (tmp_path / "runs").read_text() == "x"

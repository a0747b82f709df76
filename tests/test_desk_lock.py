import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from planner.desk.lock import held
from planner.errors import RunError

HOLD = """
import sys, time
from pathlib import Path
from planner.desk.lock import held
with held(Path(sys.argv[1]), what="nov"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_holder_in_the_same_process_is_refused(tmp_path: Path) -> None:
    told = r"another run of nov, scenario base .*process \d+"
    with (
        held(tmp_path / "lock", what="nov"),
        pytest.raises(RunError, match=told),
        held(tmp_path / "lock", what="nov, scenario base"),
    ):
        pass
    with held(tmp_path / "lock", what="nov"):
        pass


def test_another_process_holds_the_lock_until_it_dies(tmp_path: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(HOLD), str(tmp_path / "lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        told = rf"process {other.pid}"
        with pytest.raises(RunError, match=told), held(tmp_path / "lock", what="nov"):
            pass
        other.kill()
        other.wait()
    with held(tmp_path / "lock", what="nov"):
        pass


def test_the_lock_is_freed_when_the_body_raises(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="x"), held(tmp_path / "lock", what="nov"):
        raise ValueError("x")
    with held(tmp_path / "lock", what="nov"):
        pass

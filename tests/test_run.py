"""run.py decides when to set up, when to start afresh, and hands exit codes on."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import run


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that run.py takes for the project, with a lock and no .venv."""
    venv = tmp_path / ".venv"
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "VENV", venv)
    monkeypatch.setattr(run, "VENV_PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(run, "LOCK", tmp_path / "requirements.lock")
    monkeypatch.setattr(run, "PROJECT", tmp_path / "pyproject.toml")
    monkeypatch.setattr(run, "STAMP", venv / "set-up.json")
    monkeypatch.setattr(run, "UNFINISHED", tmp_path / ".venv-unfinished")
    run.LOCK.write_text("pandas==3.1.1\n")
    run.PROJECT.write_text("[project]\n")
    return tmp_path


@pytest.fixture
def steps(place: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list in which a set-up notes whether it kept `.venv` or made it anew."""
    noted: list[str] = []

    def install(keep: bool) -> None:
        noted.append("kept" if keep else "new")
        make_python()

    monkeypatch.setattr(run, "_install_with_pip", install)
    monkeypatch.setattr(run.shutil, "which", lambda _: None)
    return noted


def make_python() -> None:
    run.VENV_PYTHON.parent.mkdir(parents=True, exist_ok=True)
    run.VENV_PYTHON.touch()


def test_the_first_start_sets_up_and_the_second_does_not(steps: list[str]):
    run.set_up()
    run.set_up()
    assert steps == ["new"]


def test_a_changed_lock_is_installed_into_the_same_environment(steps: list[str]):
    run.set_up()
    run.LOCK.write_text("pandas==3.1.2\n")
    run.set_up()
    run.set_up()
    assert steps == ["new", "kept"]


def test_a_changed_project_file_is_installed_again(steps: list[str]):
    run.set_up()
    run.PROJECT.write_text("[project]\nname = 'x'\n")
    run.set_up()
    assert steps == ["new", "kept"]


@pytest.mark.parametrize(("key", "value"), [("python", "3.10"), ("folder", "elsewhere/.venv")])
def test_another_python_or_a_moved_folder_starts_afresh(steps: list[str], key: str, value: str):
    run.set_up()
    stamp = json.loads(run.STAMP.read_text())
    run.STAMP.write_text(json.dumps({**stamp, key: value}))
    run.set_up()
    assert steps == ["new", "new"]


def test_a_damaged_stamp_is_no_stamp(steps: list[str], monkeypatch: pytest.MonkeyPatch):
    run.set_up()
    run.STAMP.write_text("{")
    monkeypatch.setattr(run, "_answer", lambda _: "")
    run.set_up()
    assert steps == ["new", "new"]


def test_an_environment_whose_python_is_gone_starts_afresh(steps: list[str]):
    run.set_up()
    run.VENV_PYTHON.unlink()
    run.set_up()
    assert steps == ["new", "new"]


def test_an_interrupted_set_up_leaves_no_stamp_and_the_next_starts_afresh(
    steps: list[str], monkeypatch: pytest.MonkeyPatch
):
    def broken_off(keep: bool) -> None:
        make_python()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run, "_install_with_pip", broken_off)
        with pytest.raises(KeyboardInterrupt):
            run.set_up()
    assert not run.STAMP.exists()
    run.set_up()
    assert steps == ["new"]
    assert not run.UNFINISHED.exists()


def test_an_interrupted_change_of_lock_does_not_pass_for_the_old_one(
    steps: list[str], monkeypatch: pytest.MonkeyPatch
):
    run.set_up()
    old = run.LOCK.read_text()
    run.LOCK.write_text("pandas==3.1.2\n")

    def broken_off(keep: bool) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run, "_install_with_pip", broken_off)
        with pytest.raises(KeyboardInterrupt):
            run.set_up()
    run.LOCK.write_text(old)
    run.set_up()
    assert steps == ["new", "new"]


def test_an_environment_that_someone_else_made_is_kept(
    steps: list[str], monkeypatch: pytest.MonkeyPatch
):
    make_python()
    monkeypatch.setattr(run, "_answer", lambda _: "{}.{}".format(*sys.version_info[:2]))
    run.set_up()
    assert steps == ["kept"]


def test_a_uv_that_fails_gives_way_to_pip_and_a_new_environment(
    steps: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(run.shutil, "which", lambda _: "uv")
    monkeypatch.setattr(run, "_run", lambda command: 2)
    run.set_up()
    assert steps == ["new"]
    assert "pip" in capsys.readouterr().err


def test_a_failed_installation_says_what_to_do_and_ends_with_1(
    place: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(run.shutil, "which", lambda _: None)
    monkeypatch.setattr(run, "_run", lambda command: 1)
    with pytest.raises(SystemExit, match="PIP_INDEX_URL"):
        run.set_up()
    assert not run.STAMP.exists()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Return the list in which run.py's starts are noted instead of being made."""
    noted: list[list[str]] = []
    monkeypatch.setattr(run, "set_up", lambda: None)
    monkeypatch.setattr(run, "_start", lambda words, folder=Path(): noted.append(words) or 5)
    return noted


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["test", "-k", "x"], ["-m", "pytest", "-k", "x"]),
        (["run", "c", "--seller", "s"], ["-m", "planner", "run", "c", "--seller", "s"]),
        (["planner", "--help"], ["-m", "planner", "--help"]),
        (["demo", "--lang", "zh"], ["-m", "planner", "run", "demo-2025-peak", "--lang", "zh"]),
    ],
)
def test_a_command_starts_what_it_names_and_hands_its_exit_code_on(
    started: list[list[str]], argv: list[str], words: list[str]
):
    assert run.main(argv) == 5
    assert started == [words]


def test_lab_opens_the_notebooks(started: list[list[str]]):
    run.main(["lab"])
    assert started == [["-m", "jupyterlab", str(run.ROOT / "notebooks")]]


def test_demo_tells_where_its_newest_index_is(
    started: list[list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setenv("PLANNER_HOME", str(tmp_path))
    pages = [tmp_path / "reports" / "demo-2025-peak" / name / "index.html" for name in "ab"]
    for age, page in enumerate(pages):
        page.parent.mkdir(parents=True)
        page.touch()
        os.utime(page, (1_000_000 - age, 1_000_000 - age))
    assert run.main(["demo"]) == 5
    told = capsys.readouterr().out
    assert str(pages[0]) in told
    assert pages[0].as_uri() in told
    assert str(pages[1]) not in told


def test_an_unknown_benchmark_lists_the_known_ones(
    started: list[list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setattr(run, "ROOT", tmp_path)
    (tmp_path / "benchmarks").mkdir()
    for name in ("speed", "accuracy"):
        module = tmp_path / "benchmarks" / f"{name}.py"
        module.write_text('if __name__ == "__main__":\n    main()\n')
    (tmp_path / "benchmarks" / "worlds.py").write_text("A_PART = 1\n")
    assert run.main(["bench", "sped"]) == 2
    assert "accuracy, speed\n" in capsys.readouterr().err
    assert run.main(["bench", "speed", "--short"]) == 5
    assert started == [["-m", "benchmarks.speed", "--short"]]


@pytest.mark.parametrize("argv", [[], ["--help"], ["-h"]])
def test_without_a_command_it_tells_its_use_in_both_languages_and_sets_nothing_up(
    argv: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(run, "set_up", lambda: pytest.fail("set up"))
    assert run.main(argv) == 0
    told = capsys.readouterr().out
    assert "用法" in told
    assert "build the demo sellers' reports" in told


@pytest.mark.parametrize("version", [(3, 10, 13), (3, 14, 0)])
def test_a_python_that_does_not_fit_is_named_with_those_that_do(
    version: tuple[int, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(run.sys, "version_info", version)
    monkeypatch.setattr(run.shutil, "which", lambda _: None)
    assert run.main(["demo"]) == 1
    told = capsys.readouterr().err
    assert f"this one is 3.{version[1]}" in told
    assert "3.11, 3.12 or 3.13" in told


@pytest.fixture
def this_python(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], int]:
    """Return a way to start code through run.py in the Python of the tests."""
    monkeypatch.setattr(run, "VENV_PYTHON", Path(sys.executable))
    monkeypatch.setattr(run.signal, "signal", lambda *_: None)
    return lambda code: run._start(["-c", code])


def test_exit_codes_pass_through(this_python: Callable[[str], int]):
    assert this_python("import sys; sys.exit(7)") == 7
    assert this_python("pass") == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no signals of this kind")
def test_a_killed_command_ends_with_128_and_the_signal(this_python: Callable[[str], int]):
    assert this_python("import os; os.kill(os.getpid(), 9)") == 137


def test_a_started_command_speaks_utf_8_and_sees_no_foreign_python_path(
    this_python: Callable[[str], int], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    code = "import sys; sys.exit(not (sys.flags.utf8_mode and '/nowhere' not in sys.path))"
    assert this_python(code) == 0

"""Small rooms with speaking names: what ruff does not measure, and that ruff is content."""

import ast
import doctest
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from planner import LADDER

ROOT = Path(__file__).resolve().parents[1]
MAX_BODY_LINES = 45  # docstring not counted
LEAST_DOC = 40  # letters of a sentence that says something
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "core"}
OLD_NAMES = re.compile(r"(^|_)(old|archive|backup|final|copy|tmp|v\d+)(_|$)")
ONE_MACHINE = re.compile(r"/(root|work|tmp|home)/[a-z]")
LEFT_OPEN = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|raise NotImplemented" r"Error)\b")
OURS = ("planner", "tests", "benchmarks", "notebooks", "reports/theme", "data/campaigns")
PAPERS = ("*.md", "*.toml", "*.yml", "*.py", ".ci/run", "requirements.lock")


def ours(*endings: str) -> Iterator[Path]:
    for folder in OURS:
        for path in sorted((ROOT / folder).rglob("*")):
            hidden = {"__pycache__", ".ipynb_checkpoints", "results"} & set(path.parts)
            if path.is_file() and not hidden and path.suffix in endings:
                yield path


def test_ruff_finds_nothing():
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise", "."]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert answer.returncode == 0, answer.stdout[-4000:] + answer.stderr


def test_no_function_is_long():
    long = []
    for path in [*ours(".py"), *ROOT.glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                text = ast.get_docstring(node, clean=False)
                lines = node.end_lineno - node.lineno + 1 - (text.count("\n") + 1 if text else 0)
                if lines > MAX_BODY_LINES:
                    long.append(f"{path.relative_to(ROOT)}: {node.name} has {lines} lines")
    assert long == []


def test_names_say_what_is_inside():
    stems = [path for path in ours(".py", ".ipynb") if not path.name.startswith("__")]
    assert [p.name for p in stems if p.stem in VAGUE_NAMES or OLD_NAMES.search(p.stem)] == []


def test_nothing_is_left_open_and_no_path_of_one_machine_is_written_down():
    papers = [path for pattern in PAPERS for path in ROOT.glob(pattern)]
    found = []
    for path in [*ours(".py", ".ipynb", ".yml", ".css", ".j2", ".md"), *papers]:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if ONE_MACHINE.search(line) or LEFT_OPEN.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number} {line.strip()[:80]}")
    assert found == []


def test_every_module_and_every_room_says_what_it_knows():
    docs = {
        path.relative_to(ROOT).as_posix(): ast.get_docstring(ast.parse(path.read_text("utf-8")))
        for path in sorted((ROOT / "planner").rglob("*.py"))
    }
    assert [name for name, doc in docs.items() if len(doc or "") < LEAST_DOC] == []


@pytest.mark.parametrize("name", LADDER)
def test_the_examples_in_docstrings_are_true(name: str):
    module = importlib.import_module(f"planner.{name}")
    assert doctest.testmod(module).failed == 0

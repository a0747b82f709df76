"""What the project asks for, what it locks and what its papers say agree."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import run

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TEST_COMMAND = "python run.py test"
CONDA_NAMES = {"tzdata": "python-tzdata"}
PIP_ONLY = {"playwright"}  # not carried by conda-forge
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def direct() -> list[Requirement]:
    """What every user needs; the peers of the benchmarks have a lock of their own."""
    groups = PROJECT["optional-dependencies"]
    own = [line for name, group in groups.items() if name != "bench" for line in group]
    return [Requirement(line) for line in [*PROJECT["dependencies"], *own]]


def lock_lines(lock: str = "requirements.lock") -> list[str]:
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if re.match(r"[A-Za-z]", line)]


def locked(lock: str = "requirements.lock") -> list[Requirement]:
    return [Requirement(line.split("--hash")[0]) for line in lock_lines(lock)]


def environment() -> tuple[dict[str, Requirement], list[str]]:
    entries = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    plain = [Requirement(entry) for entry in entries if isinstance(entry, str)]
    return {entry.name: entry for entry in plain}, entries[-1]["pip"]


def test_every_locked_package_has_one_version_and_its_hashes():
    assert len(lock_lines()) > len(direct())
    assert [line for line in lock_lines() if not HASH.search(line)] == []
    versions = [[part.operator for part in package.specifier] for package in locked()]
    assert all(operators == ["=="] for operators in versions)


def test_the_lock_names_no_index_and_no_address():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert re.findall(r"^\s*(?:-i\b|--(?!hash)).*", text, re.MULTILINE) == []


def test_every_direct_dependency_is_locked_inside_its_range():
    pins = {}
    for package in locked():
        pins.setdefault(canonicalize_name(package.name), []).append(str(package.specifier)[2:])
    for asked in direct():
        found = pins.get(canonicalize_name(asked.name), [])
        assert found, f"{asked.name} is not locked; CONTRIBUTING.md says how to lock again"
        assert [version for version in found if version not in asked.specifier] == [], asked.name


def test_the_peers_of_the_benchmarks_are_locked_beside_the_same_packages():
    peers = {Requirement(line).name for line in PROJECT["optional-dependencies"]["bench"]}
    pins = {str(package) for package in locked("requirements-bench.lock")}
    assert {str(package) for package in locked()} <= pins
    assert peers <= {package.name for package in locked("requirements-bench.lock")}
    assert peers.isdisjoint(package.name for package in locked())
    assert [line for line in lock_lines("requirements-bench.lock") if not HASH.search(line)] == []
    assert "://" not in (ROOT / "requirements-bench.lock").read_text(encoding="utf-8")


def test_the_lock_has_all_that_builds_the_project_itself():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]
    asked = {canonicalize_name(Requirement(line).name) for line in build["requires"]}
    assert asked <= {canonicalize_name(package.name) for package in locked()}


def test_the_grammar_that_slows_every_start_is_not_locked():
    assert "rfc3987-syntax" not in [canonicalize_name(package.name) for package in locked()]


@pytest.mark.skipif(
    (Path(sys.prefix) / "conda-meta").is_dir(), reason="conda's own jsonschema brings the grammar"
)
def test_reading_a_notebook_imports_no_grammar():
    words = (
        "import nbformat, sys; nbformat.validate(nbformat.v4.new_notebook()); "
        "print('rfc3987_syntax' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True)
    assert answer.stdout.strip() == "False", answer.stderr


def test_conda_and_pip_users_get_the_same_ranges():
    plain, by_pip = environment()
    conda = {CONDA_NAMES.get(asked.name, asked.name): asked for asked in direct()}
    pip_only = {name: conda.pop(name) for name in PIP_ONLY}
    assert set(plain) == {*conda, "python", "pip"}
    assert {name: plain[name].specifier for name in conda} == {
        name: asked.specifier for name, asked in conda.items()
    }
    assert [Requirement(line) for line in by_pip[:-1]] == list(pip_only.values())
    assert by_pip[-1] == "-e ."


def test_everyone_names_the_same_pythons():
    asked = SpecifierSet(PROJECT["requires-python"])
    assert environment()[0]["python"].specifier == asked
    minors = [minor for minor in range(30) if f"3.{minor}" in asked]
    assert [run.OLDEST[1], run.NEWEST[1]] == [minors[0], minors[-1]]


def test_run_py_imports_only_the_standard_library_and_older_pythons_can_read_it():
    code = (ROOT / "run.py").read_text(encoding="utf-8")
    tree = ast.parse(code, feature_version=(3, 7))
    names = {alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
    assert "__future__" not in names


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_readme_and_the_ci_run_the_same_tests(readme: str):
    written = (ROOT / readme).read_text(encoding="utf-8")
    commands = [line.split("#")[0].strip() for line in written.splitlines()]
    assert TEST_COMMAND in commands
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").strip().splitlines()
    assert script[-1] == TEST_COMMAND


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_the_ci_script_is_plain_bash_without_faults_of_syntax():
    answer = subprocess.run(["bash", "-n", ".ci/run"], cwd=ROOT, capture_output=True, text=True)
    assert (answer.returncode, answer.stderr) == (0, "")

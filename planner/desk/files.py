"""Single files: YAML read strictly, files written whole or not at all, hashes.

Nothing here knows what a file is for or where it lies.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from planner.errors import ConfigError
from planner.frozen import Marked


def read_mapping(path: Path, *, where: str) -> Mapping[str, Any]:
    """Return the keys and values of a YAML file, as `frozen.Marked`: with the line of each.

    Parameters
    ----------
    path : Path
    where : str
        How messages name the file.

    Raises
    ------
    ConfigError
        If it is no UTF-8, no YAML, names a key twice, or is no mapping.
    """
    try:
        loader = _OneKeyOnce(path.read_text(encoding="utf-8-sig"))
        node = loader.get_single_node()
        found = None if node is None else loader.construct_document(node)
    except UnicodeDecodeError as problem:
        raise ConfigError(f"{where}: byte {problem.start} is no UTF-8; save it as UTF-8") from None
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        what = problem.problem or problem.context
        if "'\\t'" in str(what):
            what = "a tab stands where the line is indented; use spaces, not tabs"
        raise ConfigError(f"{where}{place}: {what}") from None
    except yaml.YAMLError as problem:
        raise ConfigError(f"{where}: {' '.join(str(problem).split())}") from None
    except (ValueError, RecursionError) as problem:
        raise ConfigError(f"{where}: {problem}") from None
    if not isinstance(found, Mapping):
        raise ConfigError(f"{where}: expected keys and values, found {type(found).__name__}")
    return Marked(found, dict(_lines_of(node, (), set())))


def put_in_place(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a file beside `path`, then rename it to `path`; nothing half-made stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write(beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def log_fault() -> Path:
    """Write the trace of the exception at hand to a new file of its own; return its path."""
    handle, name = tempfile.mkstemp(prefix="planner-fault-", suffix=".log", text=True)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        traceback.print_exc(file=file)
    return Path(name)


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _lines_of(
    node: yaml.Node, path: tuple[Any, ...], seen: set[int]
) -> Iterator[tuple[tuple[Any, ...], int]]:
    """Yield where each key and entry stands; what is repeated by an alias is told once."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            yield inner, key.start_mark.line + 1
            yield from _lines_of(value, inner, seen)
    elif isinstance(node, yaml.SequenceNode):
        for place, value in enumerate(node.value):
            yield (*path, place), value.start_mark.line + 1
            yield from _lines_of(value, (*path, place), seen)


class _OneKeyOnce(yaml.SafeLoader):
    """Safe YAML in which a key that stands twice and a decimal comma are errors."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        before = ""
        for key, value in node.value:
            name = str(key.value)
            if before.isdecimal() and name.isdecimal() and value.value == "":
                raise yaml.MarkedYAMLError(
                    problem=f"a decimal comma: write {before}.{name}, not {before},{name}",
                    problem_mark=key.start_mark,
                )
            before = str(value.value)
            if name in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {name} stands twice; keep one", problem_mark=key.start_mark
                )
            seen.add(name)
        return super().construct_mapping(node, deep)

"""YAML read strictly: keys and values, each key once, no tag that could make an object.

Knows YAML's grammar and how to tell what breaks it; opens no file.
"""

from collections.abc import Hashable, Mapping
from typing import Any

import yaml

from planner.errors import ConfigError


def mapping_of(text: str, name: str) -> dict[str, Any]:
    r"""Return the keys and values of a YAML text.

    Parameters
    ----------
    text : str
    name : str
        How messages call the file.

    Raises
    ------
    ConfigError
        If the text is empty, holds something other than keys and values, names a key twice or
        breaks YAML's grammar; names the line.

    Notes
    -----
    Safe loading only: a tag such as ``!!python/object`` is refused.

    Examples
    --------
    >>> mapping_of("name: tiktok-th\nlist: [1, a]", "th.yml")
    {'name': 'tiktok-th', 'list': [1, 'a']}
    """
    try:
        found = _OnceEach(text).get_single_data()
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{name}{line}: {problem.problem}; mend the line") from None
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        raise ConfigError(f"{name}: not readable as YAML: {str(problem)[:80]}") from None
    if not isinstance(found, Mapping):
        what = "nothing" if found is None else f"a {type(found).__name__}"
        raise ConfigError(f"{name}, line 1: expected keys and values, found {what}")
    return dict(found)


class _OnceEach(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # in C where it was built
    """Safe loader that refuses a key named twice: YAML alone would let the last one win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Build one mapping, or say which key stands twice."""
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = getattr(key_node, "value", None)
            if isinstance(key, str) and key in seen and key != "<<":
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key if isinstance(key, str) else id(key_node))
        return super().construct_mapping(node, deep=deep)

"""Frozen sections of a YAML file, and how a wrong key is told.

Knows nothing of campaigns or sellers: only that an unknown key is an error that
names the nearest right one, and that all findings are told at once.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from planner.errors import ConfigError

ID_PATTERN = r"^[a-z0-9][a-z0-9-]{0,62}$"
CURRENCY_PATTERN = r"^[A-Z]{3}$"
RIGHT_WORDS = {
    "string_type": "write a text, in quotation marks if it looks like a number",
    "bool": "write true or false",
    "int": "write a whole number, such as 12",
    "float": "write a number with a point, such as 1234.5",
    "finite_number": "write a number with a point, such as 1234.5",
    "date": "give a day such as 2026-11-22",
    "model": "write keys and values below it, each with two more spaces before it",
    "dict": "write keys and values below it, each with two more spaces before it",
    "tuple": "write a list: [one, two], or a line with a hyphen for each",
    "list": "write a list: [one, two], or a line with a hyphen for each",
    "greater_than": "must be greater than {gt:g}",
    "greater_than_equal": "must be greater than or equal to {ge:g}",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be less than or equal to {le:g}",
    "literal_error": "must be one of {expected}",
    "too_short": "give at least {min_length} of them",
    "string_too_short": "give at least {min_length} characters",
}
"""What would be right, by the validator's kind of error or the first word of it."""
RIGHT_FORMS = {
    CURRENCY_PATTERN: "write a currency code of three capitals, such as GBP",
    ID_PATTERN: "use lower-case letters, digits and hyphens, such as my-shop",
}
"""What would be right, by the pattern that a text does not fit."""


class Frozen(BaseModel):
    """Base of all sections: an unknown key is an error, and nothing changes in place."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False
    )


class Marked(dict[str, Any]):
    """Keys and values, and the line of the file on which each key stands."""

    def __init__(self, said: Mapping[str, Any], lines: Mapping[tuple[Any, ...], int]) -> None:
        super().__init__(said)
        self.lines = lines


class Words(Frozen):
    """A text in both languages."""

    zh: str
    en: str

    def say(self, lang: str) -> str:
        """Return the text in one language."""
        return self.zh if lang == "zh" else self.en


class Span(Frozen):
    """Days from start to end, both included."""

    start: date
    end: date

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Span:
        if self.end < self.start:
            raise ValueError(f"ends on {self.end}, before it starts on {self.start}")
        return self

    @property
    def days(self) -> int:
        """Both ends included [days]."""
        return (self.end - self.start).days + 1


def built(kind: type[Any], source: Mapping[str, Any], where: str) -> Any:
    """Return the object that a mapping describes, or raise one error with every finding.

    Raises
    ------
    ConfigError
        Names the place and each key: unknown (with the nearest known one), missing, or wrong.
    """
    if not isinstance(source, Mapping):
        raise ConfigError(f"{where}: expected keys and values, found {type(source).__name__}")
    try:
        return kind.model_validate(source)
    except ValidationError as problem:
        lines = getattr(source, "lines", {})
        findings = "; ".join(
            _place(error["loc"], lines) + _finding(kind, error)
            for error in _own_errors(problem.errors())
        )
        raise ConfigError(f"{where}: {findings}") from None


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with the leaves that `changes` names replaced, the rest untouched."""
    result = dict(base)
    for key, value in changes.items():
        both = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
        result[key] = merged(result[key], value) if both else value
    return result


def _own_errors(errors: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Leave out what only follows from another finding: a list too short for its bad entries."""
    paths = [error["loc"] for error in errors]
    return [
        error
        for error in errors
        if error["type"] != "too_short"
        or not any(path[:-1][: len(error["loc"])] == error["loc"] for path in paths)
    ]


def _place(path: tuple[Any, ...], lines: Mapping[tuple[Any, ...], int]) -> str:
    return f"line {lines[path]}: " if path in lines else ""


def _finding(kind: type[BaseModel], error: Mapping[str, Any]) -> str:
    path = ".".join(str(part) for part in error["loc"]) or "file"
    if error["type"] == "extra_forbidden":
        known = _keys_at(kind, error["loc"][:-1])
        near = difflib.get_close_matches(str(error["loc"][-1]), known, 1)
        return f"unknown key {path}" + (f"; did you mean {near[0]}?" if near else "")
    if error["type"] == "missing":
        return f"missing key {path}"
    value = "" if isinstance(error["input"], Mapping | list) else f" is {error['input']!r}"
    return f"{path}{value}: {_right(error)}"


def _right(error: Mapping[str, Any]) -> str:
    """Return what would be right in the place of an error, the validator's own text if unknown."""
    kind, facts = error["type"], error.get("ctx", {})
    form = RIGHT_FORMS.get(str(facts.get("pattern", "")))
    words = RIGHT_WORDS.get(kind) or RIGHT_WORDS.get(kind.partition("_")[0])
    if form or not words:
        return form or error["msg"].removeprefix("Value error, ")
    return words.format(**facts)


def _keys_at(kind: type[BaseModel], path: tuple[Any, ...]) -> list[str]:
    for part in path:
        field = kind.model_fields.get(str(part))
        inner = _models_in(field.annotation) if field else []
        kind = inner[0] if inner else kind
    return list(kind.model_fields)


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]

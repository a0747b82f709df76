"""Manners of the notebooks: they read like a page and contain no program."""

import ast
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from planner import tables

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
STEPS = [
    "01_clean_sales",
    "02_forecast_uplift",
    "03_size_stock",
    "04_track_campaign",
    "05_review_campaign",
]
STEP_PATHS = [path for path in PATHS if path.stem in STEPS]
PARAMETERS = ["campaign", "seller", "scenario", "lang", "as_of"]
ALL_SELLERS = "provider_overview"
TAGS = {"parameters", "lang-zh", "lang-en", "workbench-only"}
MAX_CELL_LINES = 12
LAST_STEP = 5
ALIASES = {("pandas", "pd")}
PROGRAM = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.AsyncFor,
    ast.While, ast.If, ast.Try, ast.TryStar, ast.With, ast.AsyncWith, ast.Match, ast.Raise,
    ast.Assert, ast.Delete, ast.Global, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip
LAST = (ast.Expr, ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom)
PATH_LIKE = re.compile(r"[\\/]|\.(csv|yml|yaml|parquet|xlsx|html|json|png|ipynb)$")
COLOUR_LIKE = re.compile(r"^#[0-9a-fA-F]{3,8}$|^rgba?\(")
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")

Cell = dict[str, Any]
Rule = Callable[[str], Iterator[str]]


def cells_of(path: Path) -> list[Cell]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def source(cell: Cell) -> str:
    return "".join(cell["source"])


def tags(cell: Cell) -> list[str]:
    return cell["metadata"].get("tags", [])


def code_cells(path: Path) -> list[Cell]:
    return [cell for cell in cells_of(path) if cell["cell_type"] == "code"]


def program(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, PROGRAM):
            yield f"line {node.lineno}: {type(node).__name__} is program; its home is planner/"


def meanings(code: str) -> Iterator[str]:
    """Yield literals with a meaning: numbers, paths, colours, words for a reader."""
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Constant) or isinstance(node.value, bool | None):
            continue
        value = node.value
        if isinstance(value, str):
            if any(kind.search(value) for kind in (PATH_LIKE, COLOUR_LIKE, CHINESE)):
                yield f"line {node.lineno}: {value!r} is a path, a colour or a word for a reader"
        elif value not in range(LAST_STEP + 1) or not isinstance(value, int):
            yield f"line {node.lineno}: the number {value!r} has a meaning"


def endings(code: str) -> Iterator[str]:
    body = ast.parse(code).body
    if not body:
        yield "the cell is empty"
    elif not isinstance(body[-1], LAST):
        yield f"ends with {type(body[-1]).__name__}, not with a display or an assignment"
    elif code.rstrip().endswith(";"):
        yield "hides its display with a semicolon"


def lengths(code: str) -> Iterator[str]:
    lines = code.rstrip().count("\n") + 1
    if lines > MAX_CELL_LINES:
        yield f"has {lines} lines"


def imports(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom):
            whole = (node.module or "").split(".")[0]
            known = whole == "planner"
            names = [("", alias.asname) for alias in node.names if alias.asname]
            if any(alias.name == "*" for alias in node.names):
                yield "imports a star"
        elif isinstance(node, ast.Import):
            names = [(alias.name, alias.asname) for alias in node.names]
            known = all(name in ALIASES for name in names)
        else:
            continue
        if not known or any(alias and (name, alias) not in ALIASES for name, alias in names):
            yield f"{ast.unparse(node)}: only planner's modules by name, and pandas as pd"


RULES = (program, meanings, endings, lengths, imports)
FAULTS = [
    (program, "def order(x):\n    return x"),
    (program, "for sku in skus:\n    show(sku)"),
    (program, "show([sku for sku in skus])"),
    (program, "if plan.empty:\n    show(1)"),
    (program, "try:\n    show(1)\nexcept ValueError:\n    show(2)"),
    (program, "pick = lambda row: row"),
    (program, "with open(x) as file:\n    show(file)"),
    (meanings, "plan * 0.15"),
    (meanings, "plan.head(60)"),
    (meanings, "show(-7)"),
    (meanings, "show('../data/x')"),
    (meanings, "show('sales.csv')"),
    (meanings, "show(color='#ff0000')"),
    (meanings, "show('销量')"),
    (endings, "del plan"),
    (endings, ""),
    (endings, "show(plan);"),
    (lengths, "\n".join(["show(plan)"] * 13)),
    (imports, "from planner.tables import *"),
    (imports, "import numpy as np"),
    (imports, "from planner.pages import charts as c"),
    (imports, "import os"),
]


@pytest.mark.parametrize(("rule", "code"), FAULTS, ids=[code for _, code in FAULTS])
def test_a_planted_fault_is_seen(rule: Rule, code: str):
    assert list(rule(code))


def test_a_cell_in_good_manners_has_no_finding():
    code = "import pandas as pd\nknown = sales.as_known(lines, scope.as_of(1))\nshow(known, lang)"
    assert [finding for rule in RULES for finding in rule(code)] == []


def test_the_five_steps_the_page_for_hands_and_the_providers_overview_are_there():
    assert [path.stem for path in PATHS] == [*STEPS, "explore_forecast", ALL_SELLERS]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
class TestNotebook:
    def test_it_is_a_valid_notebook_with_ids_of_its_own(self, path: Path):
        book = nbformat.read(path, as_version=4)
        nbformat.validate(book)
        ids = [cell["id"] for cell in book.cells]
        assert len(set(ids)) == len(ids)

    def test_it_stores_no_outputs_and_no_counts(self, path: Path):
        cells = code_cells(path)
        assert [cell["id"] for cell in cells if cell["outputs"] or cell["execution_count"]] == []
        assert "widgets" not in json.loads(path.read_text(encoding="utf-8"))["metadata"]

    def test_it_uses_only_the_agreed_tags(self, path: Path):
        assert {tag for cell in cells_of(path) for tag in tags(cell)} <= TAGS

    def test_its_first_code_cell_and_no_other_holds_the_parameters(self, path: Path):
        tagged = [cell for cell in code_cells(path) if "parameters" in tags(cell)]
        assert tagged == code_cells(path)[:1]
        body = ast.parse(source(tagged[0])).body
        known = [name for name in PARAMETERS if path.stem != ALL_SELLERS or name != "seller"]
        assert [ast.unparse(line).split(" = ")[0] for line in body] == known
        assert all(isinstance(ast.literal_eval(line.value), str) for line in body)

    def test_its_texts_come_as_twins_chinese_first(self, path: Path):
        cells = cells_of(path)
        texts = [at for at, cell in enumerate(cells) if cell["cell_type"] == "markdown"]
        langs = ["".join(tags(cells[at])) for at in texts]
        assert langs == ["lang-zh", "lang-en"] * (len(texts) // 2)
        assert [at + 1 for at in texts[0::2]] == texts[1::2]

    def test_twins_have_the_same_heading_and_the_page_starts_with_its_title(self, path: Path):
        texts = [source(cell) for cell in cells_of(path) if cell["cell_type"] == "markdown"]
        levels = [re.findall(r"^(#+) ", text, re.MULTILINE) for text in texts]
        assert levels[0::2] == levels[1::2]
        assert levels[0] == ["#"]

    def test_its_chinese_is_chinese_and_its_english_is_english(self, path: Path):
        texts = [source(cell) for cell in cells_of(path) if cell["cell_type"] == "markdown"]
        assert [text for text in texts[0::2] if not CHINESE.search(text)] == []
        assert [text for text in texts[1::2] if CHINESE.search(text)] == []

    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
    def test_its_code_contains_no_program(self, path: Path, rule: Rule):
        findings = [
            f"{cell['id']} {finding}" for cell in code_cells(path) for finding in rule(source(cell))
        ]
        assert findings == []

    def test_it_names_only_tables_that_have_a_contract(self, path: Path):
        named = [name for cell in code_cells(path) for name in tables_named(source(cell))]
        assert named
        assert [name for name in named if not hasattr(tables, name)] == []


def tables_named(code: str) -> list[str]:
    return re.findall(r"\btables\.([A-Z]\w+)", code)


def handed(path: Path, verb: str) -> list[str]:
    """Return what a notebook hands to `desk.write` or asks of `desk.read`, the part with it."""
    found = []
    for cell in code_cells(path):
        for node in ast.walk(ast.parse(source(cell))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == f"desk.{verb}":
                part = [word.value.value for word in node.keywords if word.arg == "part"]
                found.append("/".join([ast.unparse(node.args[0]).removeprefix("tables."), *part]))
    return found


def test_a_table_is_written_by_one_notebook_and_read_only_after_it():
    writer: dict[str, str] = {}
    for path in STEP_PATHS:
        early = [name for name in handed(path, "read") if name not in writer]
        assert early == [], f"{path.stem} reads what no earlier notebook wrote"
        for name in handed(path, "write"):
            assert name not in writer, f"{path.stem} writes {name}, as {writer.get(name)} does"
            writer[name] = path.stem
    assert writer


HANDS_ON = {"desk.write", "desk.remember", "memory_inputs.remember"}


@pytest.mark.parametrize("path", STEP_PATHS, ids=lambda path: path.stem)
def test_a_step_hands_on_its_tables_in_its_last_code_cells(path: Path):
    calls = [
        {ast.unparse(line.value.func) for line in ast.parse(source(cell)).body if is_call(line)}
        for cell in code_cells(path)
    ]
    writes = [bool(found & HANDS_ON) for found in calls]
    first = writes.index(True)
    assert all(found and found <= HANDS_ON for found in calls[first:])
    assert handed(path, "write")
    assert cells_of(path)[-1]["cell_type"] == "markdown", "then it says what comes next"


def is_call(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Call)


def test_pages_beside_the_steps_hand_on_nothing():
    assert [handed(path, "write") for path in PATHS if path.stem not in STEPS] == [[], []]

"""Every word a reader sees stands in the glossary, in both languages, saying the same."""

import ast
import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import NamedTuple, get_args

import pytest

from planner import tables
from planner.seller import Mode

ROOT = Path(__file__).resolve().parents[1]
PLANNER = ROOT / "planner"
HEADINGS = ["term", "zh", "en", "unit", "meaning_zh", "meaning_en", "avoid"]
COST_TERMS = (
    "head_haul", "clearance", "inbound", "storage", "outbound", "returns", "commission", "duty",
    "goods",
)  # fmt: skip
CLOSED_LISTS = {
    "phase": (*tables.PHASES, "horizon"),
    "mode": get_args(Mode),
    "rule": tables.RULES,
    "cost": COST_TERMS,
    "grade": tables.GRADES,
    "action": tables.ACTIONS,
    "severity": tables.SEVERITIES,
}
TWINS = [("reject.", "", "remedy.", ""), ("alert.", "", "alert.", ".do")]
TELLERS = ("say", "unit", "meaning", "heading")
TERM_LIKE = re.compile(r"[a-z]+(\.\w+)+")
FILE_ENDINGS = {"css", "csv", "html", "j2", "js", "json", "md", "parquet", "py", "xlsx", "yml"}
CODE_LIKE = re.compile(r"[EW]_[A-Z][A-Z_0-9]*")
CHINESE = re.compile(r"[\u4e00-\u9fff]")

with (PLANNER / "glossary.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
TERMS = {row["term"]: row for row in ROWS}
FAMILIES = {term.split(".")[0] for term in TERMS if "." in term}
CONTRACTS = [
    kind
    for kind in (getattr(tables, name) for name in tables.__all__)
    if isinstance(kind, type) and issubclass(kind, tables.Table)
    if kind not in (tables.Table, tables.Register)
]


class Use(NamedTuple):
    """One place in the code that names a term, whole or by its beginning."""

    where: str
    term: str
    is_whole: bool
    facts: frozenset[str] | None


def facts_of(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def texts_of(node: ast.expr) -> Iterator[tuple[str, bool]]:
    """Yield the strings an expression may be: whole ones, and beginnings of f-strings."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value, True
    elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        beginning = str(node.values[0].value)
        yield beginning.split("|")[0], "|" in beginning
    elif isinstance(node, ast.IfExp):
        yield from texts_of(node.body)
        yield from texts_of(node.orelse)


def told(tree: ast.AST, where: str) -> Iterator[Use]:
    """Yield what `say` and its kin are asked for."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and node.args):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        if name not in TELLERS:
            continue
        keys = [word.arg for word in node.keywords]
        facts = frozenset(keys) if name == "say" and None not in keys else None
        for text, is_whole in texts_of(node.args[0]):
            if text:
                yield Use(f"{where}:{node.lineno}", text, is_whole, facts)


def written(tree: ast.AST, where: str) -> Iterator[Use]:
    """Yield every string that looks like a term of a family of the glossary."""
    mixed = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    parts = {id(part) for node in mixed for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in parts:
            for text, is_whole in texts_of(node):
                term = text.split("|")[0]
                if is_whole and is_term_like(term):
                    yield Use(f"{where}:{node.lineno}", term, True, None)


def is_term_like(text: str) -> bool:
    return (
        TERM_LIKE.fullmatch(text) is not None
        and text.split(".")[0] in FAMILIES
        and text.split(".")[-1] not in FILE_ENDINGS
    )


def sources() -> Iterator[tuple[str, str]]:
    for path in sorted(PLANNER.rglob("*.py")):
        yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        yield path.name, "\n".join(code)


TREES = {where: ast.parse(code) for where, code in sources()}


def missing(use: Use) -> bool:
    if use.is_whole:
        return use.term not in TERMS
    return not any(term.startswith(use.term) for term in TERMS)


def test_the_file_has_its_headings_and_stands_sorted_each_term_once():
    assert list(ROWS[0]) == HEADINGS
    assert [row["term"] for row in ROWS] == sorted(TERMS)


def test_each_term_has_both_languages_and_no_stray_blanks():
    lacking = [row["term"] for row in ROWS if not (row["zh"].strip() and row["en"].strip())]
    assert lacking == []
    # An English sentence that follows another one starts with the blank between them.
    values = [(row["term"], (row[name] or "")) for row in ROWS for name in HEADINGS]
    stray = [term for term, value in values if value.removeprefix(" ") != value.strip()]
    assert stray == []


def test_no_english_is_left_in_chinese_letters():
    english = [(row["term"], f"{row['en']} {row['meaning_en']}") for row in ROWS]
    assert [term for term, text in english if CHINESE.search(text)] == []


def test_a_meaning_is_given_in_both_languages_or_in_none():
    assert [r["term"] for r in ROWS if bool(r["meaning_zh"]) != bool(r["meaning_en"])] == []


def test_every_sentence_has_the_same_facts_in_both_languages():
    pairs = [(row["term"], facts_of(row["zh"]), facts_of(row["en"])) for row in ROWS]
    assert [(term, zh ^ en) for term, zh, en in pairs if zh != en] == []


def test_every_unit_of_a_term_is_a_term_itself():
    assert sorted({r["unit"] for r in ROWS if r["unit"] and f"unit.{r['unit']}" not in TERMS}) == []


def test_no_term_uses_a_word_it_asks_to_avoid():
    used = []
    for row in ROWS:
        words = [word.strip() for word in re.split(r"[;；、|]", row["avoid"]) if word.strip()]
        text = f"{row['zh']} {row['en']}".lower()
        used += [(row["term"], word) for word in words if holds(text, word.lower())]
    assert used == []


def holds(text: str, word: str) -> bool:
    edge = "" if CHINESE.search(word) else r"\b"
    return re.search(f"{edge}{re.escape(word)}{edge}", text) is not None


def test_a_word_to_avoid_is_found_as_a_word_and_not_inside_another():
    assert holds("daily sales", "sales")
    assert not holds("wholesale", "sale")
    assert holds("日销售额", "销售")


@pytest.mark.parametrize("table", CONTRACTS, ids=lambda table: table.__name__)
def test_every_column_of_a_table_has_a_heading(table: type[tables.Table]):
    assert [column for column in tables.columns(table) if column not in TERMS] == []


@pytest.mark.parametrize("family", CLOSED_LISTS)
def test_every_value_of_a_closed_list_has_a_word(family: str):
    names = [f"{family}.{value}" for value in CLOSED_LISTS[family]]
    assert [name for name in names if name not in TERMS] == []


@pytest.mark.parametrize(("head", "tail", "twin_head", "twin_tail"), TWINS)
def test_what_is_wrong_always_says_how_to_mend_it(
    head: str, tail: str, twin_head: str, twin_tail: str
):
    first = {t.removeprefix(head) for t in TERMS if t.startswith(head) and not t.endswith(".do")}
    twins = {
        term.removeprefix(twin_head).removesuffix(twin_tail)
        for term in TERMS
        if term.startswith(twin_head) and term.endswith(twin_tail)
    }
    assert first
    assert first ^ twins == set()


def test_every_term_that_code_asks_for_exists():
    uses = [use for where, tree in TREES.items() for use in told(tree, where)]
    assert uses
    assert [(use.where, use.term) for use in uses if missing(use)] == []


def test_every_term_that_code_writes_into_a_table_exists():
    uses = [use for where, tree in TREES.items() for use in written(tree, where)]
    assert uses
    assert [(use.where, use.term) for use in uses if missing(use)] == []


def test_every_code_of_a_rejected_row_or_a_finding_has_its_words():
    codes = {
        node.value
        for where, tree in TREES.items()
        if where.startswith("planner")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if CODE_LIKE.fullmatch(node.value)
    }
    assert codes
    terms = {"E": ("reject.", "remedy."), "W": ("finding.",)}
    wanted = {head + code for code in codes for head in terms[code[0]]}
    assert sorted(wanted - set(TERMS)) == []


def test_a_sentence_is_given_every_fact_it_names():
    lacking = []
    for where, tree in TREES.items():
        for use in told(tree, where):
            if use.is_whole and use.facts is not None and use.term in TERMS:
                lost = facts_of(TERMS[use.term]["en"]) - use.facts
                lacking += [(use.where, use.term, fact) for fact in sorted(lost)]
    assert lacking == []


def test_every_column_a_page_shows_has_a_heading():
    shown = [
        (where, column.value)
        for where, tree in TREES.items()
        if where.endswith(".ipynb") or "pages" in where
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("show_table")
        for node in node.keywords
        if node.arg == "columns"
        for column in ast.walk(node.value)
        if isinstance(column, ast.Constant) and isinstance(column.value, str)
    ]
    assert shown
    assert [place for place in shown if place[1] not in TERMS] == []


def test_a_planted_lack_is_seen():
    code = 'say("no.term", lang)\nsay(f"nothing.{x}", lang)\nsay("a.b" if x else "phase.sale", l)'
    assert [missing(use) for use in told(ast.parse(code), "x")] == [True, True, True, False]
    reasons = list(written(ast.parse('reason = "phase.never|day=1"'), "x"))
    assert [missing(use) for use in reasons] == [True]

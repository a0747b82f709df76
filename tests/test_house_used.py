"""Nothing lies about unused: what a module defines, the product or a notebook names."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BY_NAME = {
    "desk.engine.remember_start", "desk.engine.renew", "intake.child.serve", "intake.glance.look",
    "intake.inventory.read_confined", "intake.orders.read_confined",
    "intake.returns.read_confined",
}  # fmt: skip
"""Called by a text that holds their name, in a child process or a worker."""
FOR_TESTS = {
    "LADDER": "the reading order, which tests hold",
}
"""What the product itself does not name, and why it stands there."""


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT / "planner").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def defined(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (one.id for one in targets if isinstance(one, ast.Name))


def words_of(tree: ast.Module) -> Iterator[str]:
    """Every name that a module reads or imports, its own definitions aside."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
            yield from (alias.name for alias in node.names)


def notebook_words() -> set[str]:
    books = [json.loads(path.read_text("utf-8")) for path in (ROOT / "notebooks").glob("*.ipynb")]
    cells = [cell for book in books for cell in book["cells"] if cell["cell_type"] == "code"]
    return set(re.findall(r"\w+", "\n".join("".join(cell["source"]) for cell in cells)))


def test_what_a_module_defines_is_named_somewhere_in_the_product():
    trees = {path: ast.parse(path.read_text("utf-8")) for path in (ROOT / "planner").rglob("*.py")}
    used = notebook_words() | set((ROOT / "run.py").read_text("utf-8").split())
    for tree in trees.values():
        used |= set(words_of(tree))
    idle = {
        f"{module_of(path)}.{name}".lstrip(".")
        for path, tree in trees.items()
        for name in defined(tree)
        if name not in used and not name.startswith("__")
    }
    assert idle == BY_NAME | set(FOR_TESTS)

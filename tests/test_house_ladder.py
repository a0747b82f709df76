"""The house's first two properties: imports run one way, and doors stand at the edge.

Each rule is a function from one module's syntax tree to findings. The rules are
tried on planted faults first, so that a rule that sees nothing is seen itself.
"""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from planner import LADDER

PLANNER = Path(__file__).resolve().parents[1] / "planner"
READERS = (
    "intake.files", "intake.masters", "intake.goods_facts", "intake.decisions", "intake.rules",
    "intake.next_decisions", "intake.own_rules", "intake.orders", "intake.dialects",
    "intake.actual_costs", "intake.exception_notes",
    "intake.child", "intake.confined", "intake.folders", "intake.owned_files", "intake.glance",
    "intake.returns", "intake.inventory", "intake.plans", "intake.driver_rows",
    "intake.warehouse_moves",
)  # fmt: skip
SHIPPED_FILES = ("pages.theme", "intake.kinds")  # read what the project ships
IN_MEMORY = {("intake.plain", "columns_csv.read_csv")}  # parses bytes that were read elsewhere
DISK_MODULES = {"fileinput", "glob", "os", "pathlib", "shutil", "sqlite3", "subprocess", "tempfile"}
DISK_CALLS = {"read_csv", "read_excel", "read_parquet", "read_json", "to_parquet"}
PAGE_MODULES = {"plotly", "xlsxwriter", "jinja2", "ipywidgets", "anywidget"}
RESTORED = {("desk.engine", "plotly.io")}  # defaults that a notebook changed, put back
CLOCK_CALLS = {"now", "today", "utcnow", "localtime", "gmtime"}
CLOCK_TEXTS = {"now", "today"}
SEEDED = {"default_rng", "Generator", "SeedSequence", "PCG64", "Philox"}

Rule = Callable[[str, ast.Module], Iterator[str]]


def module_name(path: Path) -> str:
    parts = path.relative_to(PLANNER).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(path): path for path in sorted(PLANNER.rglob("*.py"))}
MODULES = [name for name in FILES if name in LADDER or FILES[name].name != "__init__.py"]
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module a tree imports, also inside functions: planner's own without the prefix."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            own = base.removeprefix("planner").removeprefix(".") if node.level == 0 else None
            for alias in node.names:
                below = f"{own}.{alias.name}".removeprefix(".") if own is not None else ""
                whole = base == "planner" or base.startswith("planner.")
                yield f"planner.{below}" if whole and below in FILES else base


def own_imports(tree: ast.AST) -> Iterator[str]:
    for name in imported(tree):
        if name.startswith("planner."):
            yield name.removeprefix("planner.")


def arrows_back(name: str, tree: ast.Module) -> Iterator[str]:
    if name not in LADDER:
        return  # told by the test of the ladder itself
    above = LADDER[: LADDER.index(name)]
    for target in sorted(set(own_imports(tree))):
        if target not in above:
            yield f"{name} imports {target}, which does not stand above it"
    for target in imported(tree):
        if target.startswith("."):
            yield f"{name} imports by a relative path: {target}"
        if target.split(".")[0] in ("tests", "benchmarks", "notebooks", "run"):
            yield f"{name} imports {target} from outside the package"


def disk_touches(name: str, tree: ast.Module) -> Iterator[str]:
    if name.startswith("desk.") or name in (*READERS, *SHIPPED_FILES):
        return
    allowed = {"pathlib"} if name.startswith("commands.") else set()
    for target in imported(tree):
        if target.split(".")[0] in DISK_MODULES - allowed:
            yield f"{name} imports {target}"
    for call in calls(tree):
        by_name = isinstance(call.func, ast.Name) and call.func.id == "open"
        if (name, ast.unparse(call.func)) in IN_MEMORY:
            continue
        if by_name or called(call) in DISK_CALLS:
            yield f"{name}, line {call.lineno}: {called(call)}(...) touches disk"


def clock_readings(name: str, tree: ast.Module) -> Iterator[str]:
    if name.startswith("desk."):
        return
    for target in imported(tree):
        if target.split(".")[0] == "time":
            yield f"{name} imports {target}"
    for call in calls(tree):
        texts = {arg.value for arg in call.args if isinstance(arg, ast.Constant)}
        if isinstance(call.func, ast.Attribute) and call.func.attr in CLOCK_CALLS:
            yield f"{name}, line {call.lineno}: .{call.func.attr}() reads the clock"
        if called(call) in ("Timestamp", "to_datetime", "datetime64") and texts & CLOCK_TEXTS:
            yield f"{name}, line {call.lineno}: {called(call)} of {texts} reads the clock"


def loose_chance(name: str, tree: ast.Module) -> Iterator[str]:
    if name.startswith("desk."):
        return  # no arithmetic there; the engine gives a kernel a fresh state between notebooks
    for target in imported(tree):
        if target.split(".")[0] in ("random", "secrets", "uuid"):
            yield f"{name} imports {target}"
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Attribute) and ast.unparse(node.value) == "np.random"):
            continue
        if node.attr not in SEEDED and not set_and_put_back(name, node.attr):
            yield f"{name}, line {node.lineno}: np.random.{node.attr} is nobody's seed"
    for call in calls(tree):
        if called(call) in ("default_rng", "SeedSequence") and not (call.args or call.keywords):
            yield f"{name}, line {call.lineno}: {called(call)}() without a seed"


def set_and_put_back(name: str, attribute: str) -> bool:
    # prophet draws from numpy's global state, so whoever wraps it has to seed that state.
    wrappers = ("demand.seasons", "demand.components", "demand.peers_learned")
    return name in wrappers and attribute in ("seed", "get_state", "set_state")


def prints(name: str, tree: ast.Module) -> Iterator[str]:
    for call in calls(tree):
        if name != "__main__" and isinstance(call.func, ast.Name) and call.func.id == "print":
            yield f"{name}, line {call.lineno}: print"


def figures_elsewhere(name: str, tree: ast.Module) -> Iterator[str]:
    if name.startswith("pages."):
        return
    for target in imported(tree):
        if target.split(".")[0] in PAGE_MODULES and (name, target) not in RESTORED:
            yield f"{name} imports {target}; figures and files for people are made in pages/"


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)


RULES = (arrows_back, disk_touches, clock_readings, loose_chance, prints, figures_elsewhere)

FAULTS = [
    (arrows_back, "words", "from planner.campaign import Scope"),
    (arrows_back, "words", "from planner import campaign"),
    (arrows_back, "words", "import planner.campaign"),
    (arrows_back, "words", "def late():\n    from planner.tables.contract import Table"),
    (arrows_back, "words", "from . import campaign"),
    (arrows_back, "words", "from tests import test_house_ladder"),
    (disk_touches, "supply.quantity.sizing", "from pathlib import Path"),
    (disk_touches, "supply.quantity.sizing", "import os.path"),
    (disk_touches, "supply.quantity.sizing", "text = open('x').read()"),
    (disk_touches, "supply.quantity.sizing", "frame = pd.read_csv('x')"),
    (disk_touches, "commands.inputs", "import shutil"),
    (disk_touches, "__main__", "from pathlib import Path"),
    (clock_readings, "supply.quantity.sizing", "day = datetime.now()"),
    (clock_readings, "supply.quantity.sizing", "day = date.today()"),
    (clock_readings, "supply.quantity.sizing", "day = pd.Timestamp('now')"),
    (clock_readings, "supply.quantity.sizing", "from time import time"),
    (loose_chance, "supply.quantity.sizing", "import random"),
    (loose_chance, "supply.quantity.sizing", "np.random.normal()"),
    (loose_chance, "supply.quantity.sizing", "np.random.default_rng()"),
    (prints, "supply.quantity.sizing", "print('x')"),
    (figures_elsewhere, "supply.quantity.sizing", "import plotly.graph_objects as go"),
    (figures_elsewhere, "desk.runner", "from jinja2 import Environment"),
]


@pytest.mark.parametrize(
    ("rule", "name", "code"), FAULTS, ids=[f"{rule.__name__}: {code}" for rule, _, code in FAULTS]
)
def test_a_planted_fault_is_seen(rule: Rule, name: str, code: str):
    assert list(rule(name, ast.parse(code)))


def test_an_import_from_above_and_a_given_seed_are_no_findings():
    code = "from planner import errors\nimport pandas\nrng = np.random.default_rng(seed)\n"
    assert [finding for rule in RULES for finding in rule("words", ast.parse(code))] == []


def test_every_module_stands_in_the_ladder():
    assert [name for name in MODULES if name not in LADDER] == []


def test_the_ladder_names_each_module_once_and_no_module_that_is_missing():
    assert len(set(LADDER)) == len(LADDER)
    assert [name for name in LADDER if name not in FILES] == []


def test_a_room_that_is_not_in_the_ladder_holds_only_its_docstring():
    rooms = [name for name, path in FILES.items() if path.name == "__init__.py"]
    rooms = [name for name in rooms if name and name not in LADDER]
    assert rooms
    assert [name for name in rooms if len(TREES[name].body) > 1] == []


def test_the_front_door_imports_nothing_of_the_house():
    assert list(own_imports(TREES[""])) == []


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_only_from_above(name: str):
    assert list(arrows_back(name, TREES[name])) == []


@pytest.mark.parametrize("rule", RULES[1:], ids=lambda rule: rule.__name__)
def test_a_pure_module_keeps_from_disk_clock_chance_and_screen(rule: Rule):
    assert [finding for name in MODULES for finding in rule(name, TREES[name])] == []

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from desk_world import book, put

from planner.desk import engine, notebooks
from planner.desk.engine import ENGINE_NAME, SellerKernelEngine
from planner.desk.notebooks import NotebookError, refuse_other_parameters, run_notebook
from planner.errors import InputError, RunError

PARAMETERS = {"campaign": "nov", "seller": "shop-a", "scenario": "base", "lang": "en", "as_of": ""}
MESSY = (
    "import os, sys, random, warnings\n"
    "import numpy as np, pandas as pd, plotly.io as pio\n"
    "pd.set_option('display.max_rows', 4, 'display.precision', 1)\n"
    "np.set_printoptions(precision=1); np.seterr(divide='ignore'); np.random.seed(0)\n"
    "random.seed(0); warnings.simplefilter('ignore')\n"
    "pio.templates.default = 'plotly_dark'; os.environ['LEFT'] = 'over'; os.chdir('/')\n"
    "sys.path.insert(0, '/nowhere'); leftover = 1"
)
SEEN = (
    "import os, sys; import numpy as np, pandas as pd; import plotly.graph_objects as go\n"
    "'leftover' in globals(), os.environ.get('LEFT'), os.getcwd() == '/', '/nowhere' in sys.path",
    "pd.DataFrame({'a': [1 / 3] * 12})",
    "np.array([1 / 3]), np.float64(1) / np.arange(2), len(In), list(Out)",
    "go.Figure(go.Scatter(y=[1, 2])).update_layout(title='x')",
    "import warnings; warnings.warn('told', stacklevel=1); print(lang, seller)",
)


@pytest.fixture(autouse=True, scope="module")
def _no_kernel_left() -> Iterator[None]:
    yield
    SellerKernelEngine.close()


def runs(process: psutil.Process) -> bool:
    """Return whether a process does anything yet; one that only waits to be reaped does not."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def outputs(path: Path) -> list[object]:
    """Return what each code cell shows, the kernel's process number masked."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    shown = [
        ["".join(cell["source"]), cell["execution_count"], cell["outputs"]]
        for cell in cells
        if cell["cell_type"] == "code"
    ]
    for cell in shown:
        for output in cell[2]:
            if output.get("name") == "stderr":
                output["text"] = "".join(output["text"]).partition(": ")[2]
    return shown


def chain(folder: Path, name: str) -> list[list[object]]:
    """Run two notebooks one after the other; return what their cells show."""
    books = [put(folder / "one.ipynb", book(MESSY)), put(folder / "two.ipynb", book(*SEEN))]
    shown = []
    for path in books:
        output = folder / name / path.name
        run_notebook(path, output, PARAMETERS, engine=name)
        shown.append(outputs(output))
    return shown


def test_one_kernel_for_all_shows_what_papermills_own_engine_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLOTLY_RENDERER", "plotly_mimetype")
    assert chain(tmp_path, ENGINE_NAME) == chain(tmp_path, "nbclient")


def test_notebooks_share_one_process_that_ends_with_all_its_children(tmp_path: Path) -> None:
    cell = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(os.getpid(), child.pid)"
    )
    path = put(tmp_path / "one.ipynb", book(cell))
    pids = []
    for name in ("a.ipynb", "b.ipynb"):
        run_notebook(path, tmp_path / name, PARAMETERS, engine=ENGINE_NAME)
        text = outputs(tmp_path / name)[-1][2][0]["text"]
        pids.append([int(pid) for pid in "".join(text).split()])
    assert pids[0][0] == pids[1][0]
    family = [psutil.Process(pid) for pid in {pid for pair in pids for pid in pair}]
    assert len(family) == 3
    SellerKernelEngine.close()
    assert [member for member in family if runs(member)] == []


def test_a_cell_that_raises_what_an_analyst_can_mend_is_told_by_its_kind_and_words(
    tmp_path: Path,
) -> None:
    cell = "from planner.errors import InputError\nraise InputError('a.csv, row 3: mend it')"
    path = put(tmp_path / "one.ipynb", book("x = 1", cell, "y = 1"))
    with pytest.raises(InputError, match=r"^a\.csv, row 3: mend it$"):
        run_notebook(path, tmp_path / "out.ipynb", PARAMETERS, engine=ENGINE_NAME)
    assert outputs(tmp_path / "out.ipynb")[-1][1] is None


def test_a_fault_is_told_short_with_its_cell_and_its_trace_is_kept(tmp_path: Path) -> None:
    path = put(tmp_path / "one.ipynb", book("def fail():\n    return 1 / 0", "fail()"))
    with pytest.raises(NotebookError) as raised:
        run_notebook(path, tmp_path / "out.ipynb", PARAMETERS, engine=ENGINE_NAME)
    assert str(raised.value) == "one.ipynb, cell 4: ZeroDivisionError: division by zero"
    assert "return 1 / 0" in raised.value.trace
    assert "\x1b" not in raised.value.trace


def test_the_kernel_goes_on_after_a_fault_as_good_as_new(tmp_path: Path) -> None:
    bad = put(tmp_path / "one.ipynb", book("leftover = 1", "1 / 0"))
    good = put(tmp_path / "two.ipynb", book("'leftover' in globals()"))
    with pytest.raises(NotebookError):
        run_notebook(bad, tmp_path / "out.ipynb", PARAMETERS, engine=ENGINE_NAME)
    run_notebook(good, tmp_path / "out.ipynb", PARAMETERS, engine=ENGINE_NAME)
    assert outputs(tmp_path / "out.ipynb")[-1][2][0]["data"]["text/plain"] in ("False", ["False"])


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("import os; os._exit(3)", "the kernel died"),
        ("import sys; sys.exit(0)", "ended the notebook before its last cell"),
        ("import time; time.sleep(60)", "a cell ran longer than 1 s"),
        ("print('x' * 30_000)", "its outputs take"),
    ],
)
def test_a_notebook_that_does_not_end_well_is_broken_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cell: str, told: str
) -> None:
    monkeypatch.setattr(notebooks, "CELL_SECONDS", 1)
    monkeypatch.setattr(notebooks, "MAX_NOTEBOOK_BYTES", 20_000)
    path = put(tmp_path / "one.ipynb", book(cell, "last = 1"))
    with pytest.raises(NotebookError, match=told):
        run_notebook(path, tmp_path / "out.ipynb", PARAMETERS, engine=ENGINE_NAME)
    assert cell in (source for source, _, _ in outputs(tmp_path / "out.ipynb"))


def test_parameters_reach_the_notebook_as_the_very_texts_given(tmp_path: Path) -> None:
    odd = PARAMETERS | {"seller": "a'b\"c\\n{0.__class__}'''", "as_of": "2025-11-12"}
    path = put(tmp_path / "{one}.ipynb", book("[campaign, seller, scenario, lang, as_of]"))
    run_notebook(path, tmp_path / "{out}.ipynb", odd, engine=ENGINE_NAME)
    shown = outputs(tmp_path / "{out}.ipynb")[-1][2][0]["data"]["text/plain"]
    order = ("campaign", "seller", "scenario", "lang", "as_of")
    assert "".join(shown) == repr([odd[name] for name in order])


def test_a_notebook_with_the_five_parameters_passes(tmp_path: Path) -> None:
    refuse_other_parameters(put(tmp_path / "one.ipynb", book()), PARAMETERS)


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ('campaign = "nov"', "lacks as_of, lang, scenario, seller"),
        ("", "lacks as_of, campaign, lang, scenario, seller"),
        (
            'campaign = "nov"\nseler = "a"\nscenario = "base"\nlang = "zh"\nas_of = ""',
            "lacks seller and has seler, which nobody sets",
        ),
    ],
)
def test_a_misspelt_or_missing_parameter_is_refused(
    tmp_path: Path, parameters: str, told: str
) -> None:
    path = put(tmp_path / "one.ipynb", book(parameters=parameters))
    with pytest.raises(RunError, match=told):
        refuse_other_parameters(path, PARAMETERS)


def test_a_kernel_that_fails_to_start_once_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    SellerKernelEngine.close()
    real, tries = engine._started, []

    async def fail_first(timeout: float) -> engine.Kernel:
        tries.append(timeout)
        if len(tries) == 1:
            raise RuntimeError("Kernel died before replying to kernel_info")
        return await real(timeout)

    monkeypatch.setattr(engine, "_started", fail_first)
    path = put(tmp_path / "one.ipynb", book("1"))
    run_notebook(path, tmp_path / "out.ipynb", PARAMETERS, engine=ENGINE_NAME)
    assert len(tries) == 2


def test_a_kernel_that_never_starts_is_told_after_two_tries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    SellerKernelEngine.close()

    async def fail(timeout: float) -> engine.Kernel:
        raise RuntimeError("no port is free")

    monkeypatch.setattr(engine, "_started", fail)
    path = put(tmp_path / "one.ipynb", book("1"))
    with pytest.raises(RunError, match="did not start, 2 times: no port is free"):
        run_notebook(path, tmp_path / "out.ipynb", PARAMETERS, engine=ENGINE_NAME)


@pytest.mark.parametrize("first", ["planner.desk.engine", "papermill"])
def test_papermill_finds_the_engine_whichever_is_imported_first(first: str) -> None:
    code = (
        f"import {first}; from papermill.engines import papermill_engines as all_engines\n"
        f"print(all_engines.get_engine({ENGINE_NAME!r}).__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "SellerKernelEngine"

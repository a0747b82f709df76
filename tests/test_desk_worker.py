import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from desk_world import OPEN, READ_PROFILE, WRITE_PROFILE, book, make_home, put, put_notebooks

from planner.desk.home import Home
from planner.desk.job import Job, environment, read_job
from planner.desk.manifest import damaged_files, read_manifest
from planner.desk.stage import prepare
from planner.desk.worker import WITH_PARENT, Result, run_job
from planner.errors import RunError


def make_job(home: Home, **options: object) -> Job:
    facts = {
        "campaign": "nov", "seller": "shop-a", "scenario": "base", "as_of": "", "steps": (1, 2),
        "langs": ("zh", "en"), "root": home.root, "project": home.project,
    }  # fmt: skip
    return Job(**facts | options)


def start(job: Job, *flags: str) -> subprocess.Popen[str]:
    prepare(job.stage, job.steps)
    path = put(job.stage.folder / "job.json", job.model_dump_json())
    return subprocess.Popen(
        [sys.executable, "-m", "planner.desk.worker", str(path), *flags],
        env=environment(job), cwd=job.stage.folder, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def work(job: Job) -> tuple[list[dict], str]:
    """Do a job in a process of its own; return what it told and what it logged."""
    worker = start(job, WITH_PARENT)
    out, log = worker.stdout.read(), worker.stderr.read()
    worker.communicate(timeout=60)
    told = [json.loads(line) for line in out.splitlines()]
    assert worker.returncode == (0 if told[-1]["outcome"] == "done" else 1)
    return told, log


def work_here(job: Job, monkeypatch: pytest.MonkeyPatch) -> Result:
    """Do a job in this process, as its own would."""
    prepare(job.stage, job.steps)
    for name, value in environment(job).items():
        monkeypatch.setenv(name, value)
    return run_job(job, lambda message: None)


def test_a_job_runs_every_notebook_in_both_languages_and_ends_with_a_whole_report(
    tmp_path: Path,
) -> None:
    home = make_home(tmp_path)
    noisy = "import os; print('to the page'); os.write(1, b'past python\\n')"
    put_notebooks(home, step_1=book(noisy, OPEN, WRITE_PROFILE), step_2=book(OPEN, READ_PROFILE))
    job = make_job(home)
    told, log = work(job)
    assert log == "past python\n" * 2
    begun = [(one["step"], one["lang"], one["done"], one["of"]) for one in told[:4]]
    assert begun == [(1, "zh", 0, 5), (1, "en", 1, 5), (2, "zh", 2, 5), (2, "en", 3, 5)]
    assert told[4] == {"at": "pages", "done": 4, "of": 5}
    assert told[5] == {"at": "end", "outcome": "done", "message": "", "notebook": ""}
    assert [job.stage.notebook(*key).is_file() for key in ((1, "zh"), (2, "en"))] == [True, True]
    assert damaged_files(job.stage.report) == []
    manifest = read_manifest(job.stage.report)
    assert list(manifest["files"]) == ["01.html", "02.html"]
    assert manifest["tables"]["HourProfile"]["rows"] == 1
    assert manifest["parameters"]["seller"] == "shop-a"
    assert sorted(manifest["inputs"]) == [
        "data/campaigns/nov.yml",
        "data/rules/markets.csv",
        "data/sellers/shop-a/seller.yml",
    ]
    assert manifest["steps"]["02"]["as_of"] == {"TH": "2025-09-16"}
    assert set(manifest["seconds"]) == {"01.en", "01.zh", "02.en", "02.zh", "pages"}


@pytest.mark.parametrize(
    ("cells", "outcome", "told"),
    [
        (
            ("from planner.errors import InputError", "raise InputError('x.csv, row 3: mend')"),
            "refused",
            "x.csv, row 3: mend",
        ),
        ((OPEN, READ_PROFILE), "refused", "run notebook 01 first"),
        (("1 / 0",), "failed", "02_stub.ipynb, cell 3: ZeroDivisionError: division by zero"),
    ],
)
def test_what_breaks_a_notebook_is_refused_or_failed_with_its_reason(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    cells: tuple[str, ...],
    outcome: str,
    told: str,
) -> None:
    home = make_home(tmp_path)
    put_notebooks(home, step_2=book(*cells))
    job = make_job(home, steps=(2,), langs=("en",))
    result = work_here(job, monkeypatch)
    assert result.outcome == outcome
    assert told in result.message
    assert result.notebook == str(job.stage.notebook(2, "en"))
    assert ("Traceback" in capsys.readouterr().err) == (outcome == "failed")
    assert read_manifest(job.stage.report) == {}


def test_what_is_wrong_before_any_notebook_is_refused_without_a_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = make_home(tmp_path)
    put_notebooks(home, step_1=book(), step_2=book(parameters='sceanrio = "x"'))
    assert "has sceanrio" in work_here(make_job(home), monkeypatch).message
    put(home.seller_folder("shop-a") / "seller.yml", "seller: shop-a")
    assert "missing key name" in work_here(make_job(home), monkeypatch).message


def test_inputs_that_move_during_the_run_refuse_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = make_home(tmp_path)
    move = "with open(desk.seller_folder / 'late.csv', 'w') as file:\n    file.write('x')"
    put_notebooks(home, step_1=book(OPEN, move))
    result = work_here(make_job(home, steps=(1,), langs=("en",)), monkeypatch)
    assert result.outcome == "refused"
    assert "data/sellers/shop-a/late.csv changed while the run read it" in result.message


def test_a_worker_whose_parent_is_gone_ends_with_its_kernel(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    put_notebooks(home, step_1=book("import time; time.sleep(60)"))
    worker = start(make_job(home, steps=(1,), langs=("en",)), WITH_PARENT)
    worker.stdout.readline()
    family = psutil.Process(worker.pid).children(recursive=True)
    for _ in range(100):
        if family:
            break
        time.sleep(0.1)
        family = psutil.Process(worker.pid).children(recursive=True)
    assert family
    worker.stdin.close()
    worker.stdin = None
    worker.communicate(timeout=20)
    gone, alive = psutil.wait_procs(family, timeout=10)
    assert len(gone) == len(family)
    assert alive == []


def test_a_job_file_that_says_anything_else_is_refused(tmp_path: Path) -> None:
    job = make_job(make_home(tmp_path))
    good = json.loads(job.model_dump_json())
    path = put(tmp_path / "job.json", json.dumps(good))
    assert read_job(path) == job
    for wrong in (
        {"seller": "../x"},
        {"langs": ["fr"]},
        {"steps": [6]},
        {"as_of": "now"},
        {"x": 1},
    ):
        put(path, json.dumps(good | wrong))
        with pytest.raises(RunError, match="is no job"):
            read_job(path)


def test_a_worker_and_its_kernel_share_one_seed_one_clock_and_no_start_up_files(
    tmp_path: Path,
) -> None:
    job = make_job(make_home(tmp_path))
    told = environment(job)
    assert told["PYTHONHASHSEED"] == "0"
    assert told["TZ"] == "UTC"
    assert Path(told["IPYTHONDIR"]).is_relative_to(job.stage.folder)
    assert told["PATH"] == os.environ["PATH"]


def test_a_warehouse_that_is_not_declared_is_refused_before_any_notebook(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    put_notebooks(home, step_1=book())
    put(
        home.seller_folder("shop-a") / "stock.csv",
        "sku,warehouse,stage,units,as_of\nA-1,elsewhere,on_hand,1,2025-09-01\n",
    )
    job = Job(
        campaign="nov", seller="shop-a", scenario="base", as_of="", steps=(1,), langs=("en",),
        root=home.root, project=home.project,
    )  # fmt: skip
    begun: list[dict[str, object]] = []
    result = run_job(job, begun.append)
    assert result.outcome == "refused"
    assert "'elsewhere' is not in seller.yml (known: main)" in result.message
    assert begun == []


def test_the_steps_before_one_that_breaks_are_left_as_a_whole_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = make_home(tmp_path)
    put_notebooks(home, step_1=book(OPEN, WRITE_PROFILE), step_2=book(OPEN, "1 / 0"), step_3=book())
    job = make_job(home, steps=(1, 2, 3), langs=("en",))
    assert work_here(job, monkeypatch).outcome == "failed"
    left = read_manifest(job.stage.report)
    assert (left["outcome"], list(left["files"]), list(left["steps"])) == (
        "done",
        ["01.html"],
        ["01"],
    )
    assert [path.name for path in job.stage.failed.iterdir()] == ["02.ipynb"]
    assert not job.stage.notebook(2, "en").exists()


def test_nothing_is_left_where_a_page_that_was_published_would_be_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = make_home(tmp_path)
    put_notebooks(home, step_1=book(OPEN, WRITE_PROFILE), step_2=book("1 / 0"))
    job = make_job(home, langs=("en",))
    put(home.tables_folder("nov", "base", "shop-a") / "notebooks" / "en" / "02.ipynb", book())
    assert work_here(job, monkeypatch).outcome == "failed"
    assert read_manifest(job.stage.report) == {}

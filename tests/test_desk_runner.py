import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest
from desk_world import OPEN, READ_PROFILE, WRITE_PROFILE, book, make_home, put, put_notebooks

from planner.desk import runner, team
from planner.desk.home import Home
from planner.desk.lock import held
from planner.desk.manifest import damaged_files, read_manifest
from planner.desk.progress import Silence
from planner.desk.runner import chosen_sellers, run_campaign
from planner.errors import ConfigError, RunError

SAY = """
import json
print(json.dumps({{"at": "end", "outcome": "{}", "message": "{}", "notebook": ""}}))
"""
DONE = """
import json
from pathlib import Path
from planner.desk.manifest import write_manifest
print(json.dumps({"at": "step", "step": 1, "lang": "zh", "done": 0, "of": 2}), flush=True)
Path("report/01.html").write_text("page")
write_manifest(Path("report"), {"outcome": "done", "stale": [4], "headline": {}, "steps": {}})
""" + SAY.format("done", "")
HANG = """
import subprocess, sys, time
from pathlib import Path
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
Path("hangs").touch()
time.sleep(60)
"""


def worker_says(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Put a small script in the place of the worker; it gets the job's file."""
    monkeypatch.setattr(team, "WORKER", (sys.executable, "-c", code))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = make_home(tmp_path, "shop-a", "shop-b")
    put_notebooks(made, **{f"step_{step}": book() for step in range(1, 6)})
    return made


def left_behind(home: Home) -> list[str]:
    """Return what a run should not leave in the folder of stages."""
    return sorted(path.name for path in home.stages_folder.glob(".stage-*"))


def test_a_good_seller_is_published_and_a_bad_one_beside_it_is_told(tmp_path: Path) -> None:
    home = make_home(tmp_path, "shop-a", "shop-b")
    put_notebooks(home, step_1=book(OPEN, WRITE_PROFILE), step_2=book(OPEN, READ_PROFILE))
    put(home.seller_folder("shop-b") / "seller.yml", "seller: shop-b")
    result = run_campaign(home, "nov", steps=(1, 2), langs=("en",))
    assert [(one.seller, one.outcome) for one in result.sellers] == [
        ("shop-a", "done"),
        ("shop-b", "refused"),
    ]
    assert "missing key name" in result.sellers[1].message
    assert result.exit_code == 2
    folder = home.report_folder("nov", "base", "shop-a")
    assert damaged_files(folder) == []
    assert sorted(path.name for path in folder.iterdir()) == ["01.html", "02.html", "run.json"]
    assert read_manifest(home.failed_folder("nov", "base", "shop-b"))["outcome"] == "refused"
    page = result.index.read_text(encoding="utf-8")
    assert "shop-a/01.html" in page
    assert "missing key name" in page
    assert (result.index.parent / "assets" / "plotly.min.js").is_file()
    assert left_behind(home) == []


def test_all_good_ends_with_zero_and_tells_stale_steps(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker_says(monkeypatch, DONE)
    result = run_campaign(home, "nov")
    assert result.exit_code == 0
    assert result.counts == {"done": 2, "refused": 0, "failed": 0}
    assert [one.stale for one in result.sellers] == [(4,), (4,)]


def test_a_failed_seller_keeps_its_last_good_report_and_its_log_is_named(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker_says(monkeypatch, DONE)
    run_campaign(home, "nov", sellers=["shop-a"])
    worker_says(
        monkeypatch, "import sys; sys.stderr.write('the trace')" + SAY.format("failed", "why")
    )
    (one,) = run_campaign(home, "nov", sellers=["shop-a"]).sellers
    assert one.outcome == "failed"
    assert one.message == "why; more in reports/nov/base/shop-a.failed/shop-a.log"
    assert (one.folder / "shop-a.log").read_text() == "the trace"
    assert (home.report_folder("nov", "base", "shop-a") / "01.html").read_text() == "page"
    assert left_behind(home) == []


def test_a_worker_that_dies_without_a_word_is_failed_and_its_orphans_are_ended(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    orphan = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(child.pid))\n"
        "os.kill(os.getpid(), 9)"
    )
    worker_says(monkeypatch, orphan)
    (one,) = run_campaign(home, "nov", sellers=["shop-a"]).sellers
    assert one.message.startswith("its process ended with ")
    pid = int((tmp_path / "pid").read_text())
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_worker_that_runs_too_long_is_ended_with_all_it_started(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker_says(monkeypatch, HANG)
    monkeypatch.setattr(team, "SELLER_SECONDS", 1)
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    (one,) = run_campaign(home, "nov", sellers=["shop-a"]).sellers
    assert one.message.startswith("it ran longer than 1 s")
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


def interrupt_once(made: Sequence[Path]) -> None:
    """Interrupt this process when files are made, by a thread of its own: that wakes no other."""
    while not all(path.exists() for path in made):
        time.sleep(0.05)
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_an_interrupted_run_ends_every_worker_and_leaves_nothing_half_made(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker_says(monkeypatch, HANG)
    heard = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's & ignores it
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    hanging = [home.stage_folder("nov", "base", one) / "hangs" for one in ("shop-a", "shop-b")]
    threading.Thread(target=interrupt_once, args=(hanging,), daemon=True).start()
    try:
        with pytest.raises(RunError, match="interrupted; 0 of 2 sellers were finished"):
            run_campaign(home, "nov", jobs=2)
    finally:
        signal.signal(signal.SIGINT, heard)
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before
    assert left_behind(home) == []
    told = home.report_folder("nov", "base").rglob("run.json")
    assert [path.read_text(encoding="utf-8") for path in told] == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_after_the_runner_is_killed_no_process_is_left_and_the_next_run_works(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_notebooks(home, step_1=book("import time; time.sleep(60)"))
    code = (
        "from planner.desk.home import find_home; from planner.desk.runner import run_campaign\n"
        "run_campaign(find_home(), 'nov', sellers=['shop-a'], steps=(1,), langs=('en',))"
    )
    own = {"PLANNER_HOME": str(home.root), "PLANNER_PROJECT": str(home.project)}
    with subprocess.Popen([sys.executable, "-c", code], env=os.environ | own) as other:
        family: list[psutil.Process] = []
        for _ in range(200):
            family = psutil.Process(other.pid).children(recursive=True)
            if len(family) >= 2:
                break
            time.sleep(0.05)
        other.kill()
    assert len(family) >= 2
    _, alive = psutil.wait_procs(family, timeout=15)
    assert [one for one in alive if one.status() != psutil.STATUS_ZOMBIE] == []
    assert left_behind(home) == [".stage-nov~base~shop-a"]
    worker_says(monkeypatch, DONE)
    assert run_campaign(home, "nov", sellers=["shop-a"]).exit_code == 0
    assert left_behind(home) == []


def test_a_second_run_of_the_same_campaign_and_scenario_is_refused(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker_says(monkeypatch, DONE)
    with held(home.run_lock("nov", "base"), what="nov"):
        with pytest.raises(RunError, match="another run of nov, scenario base"):
            run_campaign(home, "nov")
        assert run_campaign(home, "nov", scenario="strong").exit_code == 0


def test_a_folder_that_cannot_be_replaced_fails_the_seller_and_the_next_run_publishes(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker_says(monkeypatch, DONE)

    def refuse(stage: object) -> None:
        Path(stage.folder / "ready").touch()
        raise RunError("plan.xlsx is open; close it")

    with monkeypatch.context() as patch:
        patch.setattr(runner, "publish", refuse)
        (one,) = run_campaign(home, "nov", sellers=["shop-a"]).sellers
    assert (one.outcome, one.message) == ("failed", "plan.xlsx is open; close it")
    worker_says(monkeypatch, SAY.format("refused", "no"))
    run_campaign(home, "nov", sellers=["shop-b"])
    assert damaged_files(home.report_folder("nov", "base", "shop-a")) == []
    assert (home.report_folder("nov", "base", "shop-a") / "01.html").is_file()


def test_a_stage_that_cannot_be_made_fails_that_seller_alone(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker_says(monkeypatch, DONE)
    real = runner.prepare

    def full(stage: object, steps: object) -> None:
        if stage.seller == "shop-a":
            raise OSError(28, "No space left on device")
        real(stage, steps)

    monkeypatch.setattr(runner, "prepare", full)
    first, second = run_campaign(home, "nov").sellers
    assert first.outcome == "failed"
    assert "No space left on device" in first.message
    assert second.outcome == "done"


class Notes(Silence):
    """Keeps what a run tells."""

    def __init__(self) -> None:
        self.told: list[tuple] = []

    def step(self, seller: str, step: int, done: int, of: int) -> None:
        self.told.append((seller, step, done, of))

    def end(self, seller: str, outcome: str, message: str) -> None:
        self.told.append((seller, outcome))


def test_progress_is_told_as_it_happens(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    worker_says(monkeypatch, DONE)
    notes = Notes()
    run_campaign(home, "nov", sellers=["shop-a"], progress=notes)
    assert notes.told == [("shop-a", 1, 0, 2), ("shop-a", "done")]


def test_the_job_holds_what_was_asked_for(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    worker_says(monkeypatch, "import sys, shutil; shutil.copy(sys.argv[1], '../../../job.json')")
    run_campaign(
        home, "nov", sellers=["shop-a"], steps=(3, 2, 3), scenario="strong", as_of="2025-11-12",
        langs=("en",), engine="nbclient",
    )  # fmt: skip
    job = json.loads((home.root / "job.json").read_text(encoding="utf-8"))
    assert job["steps"] == [2, 3]
    assert (job["scenario"], job["as_of"], job["langs"]) == ("strong", "2025-11-12", ["en"])
    assert job["engine"] == "nbclient"


@pytest.mark.parametrize(
    ("options", "kind", "told"),
    [
        ({"campaign": "now"}, ConfigError, "did you mean nov"),
        ({"sellers": ["shop-x"]}, ConfigError, "did you mean shop-"),
        ({"scenario": "stronk"}, ConfigError, "has no scenario 'stronk'"),
        ({"as_of": "soon"}, ConfigError, "give a day such as"),
    ],
)
def test_what_does_not_exist_is_refused_before_anything_runs(
    home: Home, options: dict, kind: type[Exception], told: str
) -> None:
    asked = {"campaign": "nov"} | options
    with pytest.raises(kind, match=told):
        run_campaign(home, asked.pop("campaign"), **asked)
    assert not home.stages_folder.exists()


def test_a_step_without_a_notebook_is_refused_before_anything_runs(home: Home) -> None:
    (home.project / "notebooks" / "03_stub.ipynb").unlink()
    with pytest.raises(RunError, match="step 3 needs one notebook"):
        run_campaign(home, "nov")


def test_without_names_all_sellers_of_the_campaigns_markets_run_broken_ones_too(home: Home) -> None:
    path = home.seller_folder("shop-b") / "seller.yml"
    campaign = home.campaign("nov")
    assert chosen_sellers(home, campaign, ()) == ("shop-a", "shop-b")
    put(path, "nonsense: 1")
    assert chosen_sellers(home, campaign, ()) == ("shop-a", "shop-b")
    put(
        path,
        (home.seller_folder("shop-a") / "seller.yml")
        .read_text("utf-8")
        .replace("shop-a", "shop-b"),
    )
    put(path, path.read_text("utf-8").replace("market: TH", "market: US"))
    assert chosen_sellers(home, campaign, ()) == ("shop-a",)
    assert chosen_sellers(home, campaign, ["shop-b"]) == ("shop-b",)


def test_a_campaign_with_nobody_is_refused(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    (home.seller_folder("shop-a") / "seller.yml").unlink()
    (home.seller_folder("shop-a")).rmdir()
    with pytest.raises(ConfigError, match="no seller has a shop in a market of campaign nov"):
        chosen_sellers(home, home.campaign("nov"), ())


def test_a_run_seen_from_another_day_leaves_the_base_report_alone(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker_says(monkeypatch, DONE)
    base = run_campaign(home, "nov", sellers=["shop-a"]).index
    before = {path: path.read_bytes() for path in base.parent.rglob("*") if path.is_file()}
    worker_says(monkeypatch, DONE.replace('"page"', '"another day"'))
    other = run_campaign(home, "nov", sellers=["shop-b"], as_of="2025-09-20").index
    assert {path: path.read_bytes() for path in base.parent.rglob("*") if path.is_file()} == before
    assert other.parent.name == "base@2025-09-20"
    text = other.read_text(encoding="utf-8")
    assert "2025-09-20" in text
    assert "2025-09-16" not in text
    assert "shop-a" not in text


def test_pages_of_the_steps_before_a_broken_one_are_published_beside_its_failure(
    tmp_path: Path,
) -> None:
    home = make_home(tmp_path)
    put_notebooks(home, step_1=book(OPEN, WRITE_PROFILE), step_2=book(OPEN, "1 / 0"))
    result = run_campaign(home, "nov", steps=(1, 2), langs=("en",))
    (one,) = result.sellers
    assert one.outcome == "failed"
    assert "ZeroDivisionError" in one.message
    assert "pages 01 are published" in one.message
    folder = home.report_folder("nov", "base", "shop-a")
    assert damaged_files(folder) == []
    assert sorted(path.name for path in folder.iterdir()) == ["01.html", "run.json"]
    failed = home.failed_folder("nov", "base", "shop-a")
    assert sorted(path.name for path in failed.iterdir()) == [
        "02.ipynb",
        "run.json",
        "shop-a.log",
    ]
    page = result.index.read_text(encoding="utf-8")
    assert 'href="shop-a/01.html"' in page
    assert "ZeroDivisionError" in page
    assert 'class="links old"' not in page  # this very run made the page of step 1
    put_notebooks(home, step_2=book(OPEN, READ_PROFILE))
    assert run_campaign(home, "nov", steps=(2,), langs=("en",)).exit_code == 0
    assert not failed.exists()
    assert left_behind(home) == []


def test_a_campaign_in_a_market_nobody_knows_is_refused_before_anything_runs(home: Home) -> None:
    path = home.root / "data" / "campaigns" / "nov.yml"
    put(path, path.read_text(encoding="utf-8").replace("  TH:", "  JP:"))
    told = r"campaigns/nov\.yml, line 6: markets\.JP: no such market; .*known: ID, MY, PH, SG, TH"
    with pytest.raises(ConfigError, match=told):
        run_campaign(home, "nov", sellers=["shop-a"])
    assert left_behind(home) == []


def test_a_tracked_seller_without_an_order_of_the_campaign_is_told_by_the_run(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind = DONE.replace('"headline": {}', '"headline": {"orders_until": "2025-09-28"}')
    worker_says(monkeypatch, blind)
    (one,) = run_campaign(home, "nov", sellers=["shop-a"], steps=(4,)).sellers
    assert one.orders_until == "2025-09-28"
    (one,) = run_campaign(home, "nov", sellers=["shop-a"], steps=(1,)).sellers
    assert one.orders_until is None

import os
from pathlib import Path

import pytest
from desk_world import make_home, profile, put

from planner.desk import stage as stages
from planner.desk.manifest import damaged_files, read_manifest, write_manifest
from planner.desk.parquet import write_table
from planner.desk.stage import Stage, discard, keep_broken, prepare, publish, recover
from planner.errors import RunError

WORK = "data/work"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(make_home(tmp_path), "nov", "base", "shop-a")


def fill(stage: Stage, hour: int) -> None:
    """Make what a worker makes: two tables, a notebook, memory, a page, the manifest last."""
    write_table(profile(hour), stage.tables / "HourProfile.parquet")
    write_table(profile(hour), stage.tables / "Forecast.parquet")
    put(stage.notebook(1, "zh"), f"book {hour}")
    put(stage.notebook(2, "zh"), f"book {hour}")
    put(stage.memory / "nov.csv", f"memory {hour}")
    put(stage.report / "01.html", f"page {hour}")
    write_manifest(stage.report, {"outcome": "done", "hour": hour})


def published(stage: Stage) -> dict[str, str]:
    """Return every published file and what it says, hours being all that differs."""
    home = stage.home
    folders = (
        home.tables_folder(stage.campaign, stage.scenario, stage.seller),
        home.memory_folder(stage.seller),
        home.report_folder(stage.campaign, stage.scenario, stage.seller),
    )
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return {
        path.relative_to(home.root).as_posix(): path.read_bytes().decode("latin1") for path in files
    }


def publish_hour(stage: Stage, hour: int) -> None:
    prepare(stage, [1, 2])
    fill(stage, hour)
    publish(stage)


def test_publishing_puts_tables_notebooks_memory_and_report_in_place(stage: Stage) -> None:
    publish_hour(stage, 1)
    assert list(published(stage)) == [
        f"{WORK}/nov/base/shop-a/Forecast.parquet",
        f"{WORK}/nov/base/shop-a/HourProfile.parquet",
        f"{WORK}/nov/base/shop-a/notebooks/zh/01.ipynb",
        f"{WORK}/nov/base/shop-a/notebooks/zh/02.ipynb",
        "data/memory/shop-a/nov.csv",
        "reports/nov/base/shop-a/01.html",
        "reports/nov/base/shop-a/run.json",
    ]
    assert not stage.folder.exists()


def test_publishing_again_replaces_all_and_leaves_nothing_behind(stage: Stage) -> None:
    publish_hour(stage, 1)
    publish_hour(stage, 2)
    assert published(stage)["reports/nov/base/shop-a/01.html"] == "page 2"
    assert [path.name for path in stage.home.stages_folder.iterdir()] == ["nov"]


def test_a_stage_without_a_manifest_is_not_published(stage: Stage) -> None:
    publish_hour(stage, 1)
    before = published(stage)
    prepare(stage, [1])
    fill(stage, 2)
    (stage.report / "run.json").unlink()
    with pytest.raises(RunError, match="nothing was published"):
        publish(stage)
    assert published(stage) == before


def test_a_stage_begins_with_what_the_other_steps_made(stage: Stage) -> None:
    publish_hour(stage, 1)
    prepare(stage, [2, 3])
    kept = [path.relative_to(stage.folder).as_posix() for path in stage.folder.rglob("*.*")]
    assert sorted(kept) == ["tables/HourProfile.parquet", "tables/notebooks/zh/01.ipynb"]


def test_what_if_does_not_teach_the_next_forecast(tmp_path: Path) -> None:
    stage = Stage(make_home(tmp_path), "nov", "strong", "shop-a")
    publish_hour(stage, 1)
    assert not stage.home.memory_folder("shop-a").exists()


def test_a_failure_is_kept_beside_the_last_good_report(stage: Stage) -> None:
    publish_hour(stage, 1)
    good = published(stage)
    prepare(stage, [1])
    broken = put(stage.notebook(1, "zh"), "broken")
    put(stage.log, "trace")
    folder = keep_broken(stage, broken, {"outcome": "failed", "message": "why"})
    assert folder == stage.home.report_folder("nov", "base") / "shop-a.failed"
    assert sorted(path.name for path in folder.iterdir()) == ["01.ipynb", "run.json", "shop-a.log"]
    assert read_manifest(folder)["message"] == "why"
    assert published(stage) == good
    assert not stage.folder.exists()


def test_a_later_success_forgets_the_failure(stage: Stage) -> None:
    prepare(stage, [1])
    folder = keep_broken(stage, None, {"outcome": "failed", "message": "why"})
    assert folder.exists()
    publish_hour(stage, 1)
    assert not folder.exists()


class Killed(BaseException):
    """Stands for the end of the process: nothing may catch it."""


def test_a_run_killed_at_any_rename_leaves_each_folder_whole_and_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kills = 0
    while True:
        home = make_home(tmp_path / str(kills))
        stage = Stage(home, "nov", "base", "shop-a")
        publish_hour(stage, 1)
        prepare(stage, [1, 2])
        fill(stage, 2)
        left = [kills]

        def die(left: list[int] = left) -> None:
            if left[0] == 0:
                raise Killed
            left[0] -= 1

        with monkeypatch.context() as patch:
            for owner, name in ((Path, "rename"), (Path, "replace"), (stages.shutil, "rmtree")):
                real = getattr(owner, name)
                patch.setattr(
                    owner, name, lambda *args, real=real, **more: (die(), real(*args, **more))[1]
                )
            try:
                publish(stage)
                died = False
            except Killed:
                died = True
        report = home.report_folder("nov", "base", "shop-a")
        assert not report.exists() or damaged_files(report) == []
        assert recover(home, "nov", "base") == (("shop-a",) if died else ())
        assert published(stage)["reports/nov/base/shop-a/01.html"] == "page 2"
        assert published(stage)["data/memory/shop-a/nov.csv"] == "memory 2"
        assert not stage.folder.exists()
        if not died:
            break
        kills += 1
    assert kills >= 5


def test_a_leftover_that_was_not_ready_is_thrown_away(stage: Stage) -> None:
    publish_hour(stage, 1)
    before = published(stage)
    prepare(stage, [1, 2])
    fill(stage, 2)
    assert recover(stage.home, "nov", "base") == ()
    assert published(stage) == before
    assert not stage.folder.exists()


def test_recovery_leaves_the_stages_of_other_scenarios_alone(stage: Stage) -> None:
    other = Stage(stage.home, "nov", "strong", "shop-a")
    prepare(other, [1])
    recover(stage.home, "nov", "base")
    assert other.folder.exists()
    discard(other)
    assert not other.folder.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no folder without write permission")
def test_a_folder_that_cannot_be_replaced_is_named_with_the_cure(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(stage, [1])
    fill(stage, 1)

    def refuse(path: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(RunError, match=r"cannot be replaced .*close the files"):
        publish(stage)
    monkeypatch.undo()
    assert recover(stage.home, "nov", "base") == ("shop-a",)
    assert published(stage)["reports/nov/base/shop-a/01.html"] == "page 1"


def test_what_a_run_seen_from_another_day_put_down_is_published(stage: Stage) -> None:
    other = Stage(stage.home, "nov", "base@2025-09-20", "shop-a")
    publish_hour(other, 1)
    assert "data/memory/shop-a/nov.csv" in published(other)
    assert "reports/nov/base@2025-09-20/shop-a/01.html" in published(other)

from pathlib import Path

import pytest
from desk_world import make_home, put

from planner.desk import manifest
from planner.desk.manifest import (
    code_hash,
    damaged_files,
    damaged_in,
    hashes_of,
    read_manifest,
    refuse_if_changed,
    run_id,
    stale_steps,
    versions,
    write_manifest,
)
from planner.errors import InputError

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # SHA-256 of "abc"


def test_a_manifest_names_every_file_by_its_hash(tmp_path: Path) -> None:
    put(tmp_path / "01.html", "abc")
    put(tmp_path / "more" / "x.txt", "abc")
    write_manifest(tmp_path, {"outcome": "done"})
    assert read_manifest(tmp_path) == {
        "outcome": "done",
        "files": {"01.html": ABC, "more/x.txt": ABC},
    }


def test_one_changed_byte_and_a_missing_file_are_found(tmp_path: Path) -> None:
    for name in ("01.html", "02.html", "03.html"):
        put(tmp_path / "shop-a" / name, "abc")
    write_manifest(tmp_path / "shop-a", {})
    assert damaged_files(tmp_path / "shop-a") == []
    put(tmp_path / "shop-a" / "02.html", "abd")
    (tmp_path / "shop-a" / "03.html").unlink()
    assert damaged_in(tmp_path) == ["shop-a/02.html", "shop-a/03.html"]


@pytest.mark.parametrize("text", ['{"outcome": ', "[]", "", "\x00"])
def test_a_damaged_manifest_reads_as_a_failure_with_the_cure(tmp_path: Path, text: str) -> None:
    put(tmp_path / "shop-a" / "run.json", text)
    told = read_manifest(tmp_path / "shop-a")
    assert told["outcome"] == "failed"
    assert told["message"] == "shop-a/run.json is damaged; run this seller again"
    assert damaged_in(tmp_path) == ["shop-a/run.json"]


def test_a_folder_without_a_manifest_says_nothing(tmp_path: Path) -> None:
    assert read_manifest(tmp_path) == {}


def test_inputs_are_named_from_the_workspace(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    own = put(home.root / "data" / "x.csv", "abc")
    shared = put(home.project / "data" / "rules" / "y.csv", "abc")
    assert hashes_of([own, shared], home) == {"data/x.csv": ABC, "data/rules/y.csv": ABC}


@pytest.mark.parametrize("change", ["edit", "remove", "add"])
def test_an_input_that_moves_during_the_run_is_refused_by_name(tmp_path: Path, change: str) -> None:
    home = make_home(tmp_path)
    paths = [put(home.root / "data" / name, "abc") for name in ("a.csv", "b.csv")]
    before = hashes_of(paths, home)
    refuse_if_changed(before, paths, home)
    if change == "edit":
        put(paths[1], "abd")
    elif change == "remove":
        paths[1].unlink()
    else:
        before.pop("data/b.csv")
    with pytest.raises(InputError, match=r"data/b\.csv changed while the run read it"):
        refuse_if_changed(before, paths, home)


def test_a_run_bears_the_same_name_for_the_same_facts_only() -> None:
    assert run_id({"a": 1, "b": [2]}) == run_id({"b": [2], "a": 1})
    assert run_id({"a": 1}) != run_id({"a": 2})


def test_versions_hold_python_this_package_and_what_it_stands_on() -> None:
    told = versions()
    assert told["python"].startswith("3.")
    assert {"pandas", "papermill", "plotly", "pydantic"} <= set(told["packages"])
    assert "pytest" not in told["packages"]


def test_the_hash_of_the_code_follows_every_byte_and_name_of_it_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / "desk" / "manifest.py"
    module.parent.mkdir()
    monkeypatch.setattr(manifest, "__file__", str(module))
    hashes = []
    for name, text in (("manifest.py", "A = 1\n"), ("manifest.py", "A = 2\n"), ("b.py", "")):
        module.with_name(name).write_text(text, "utf-8")
        hashes.append(code_hash())
    assert len(set(hashes)) == 3
    module.with_name("notes.tmp").write_text("no code", "utf-8")
    assert code_hash() == hashes[-1]


def test_a_package_that_is_not_installed_is_named_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "DISTRIBUTION", "no-such-package")
    assert versions()["planner"] == "not installed"


def table(step: int, content: str) -> dict[str, object]:
    return {"step": step, "sha256": content}


def test_steps_after_a_changed_table_are_stale_until_they_run() -> None:
    old = {"DailySales": table(1, "a"), "Forecast": table(2, "a"), "StockPlan": table(3, "a")}
    new = old | {"Forecast": table(2, "b")}
    known = [1, 2, 3, 4]
    assert stale_steps(old, new, ran=[2], known=known) == [3, 4]
    assert stale_steps(new, new, ran=[3], known=known, stale=[3, 4]) == [4]
    assert stale_steps(old, old, ran=[1], known=known) == []


def test_a_table_that_is_gone_makes_later_steps_stale() -> None:
    old = {"DailySales": table(1, "a"), "Bundles": table(1, "a")}
    assert stale_steps(old, {"DailySales": table(1, "a")}, ran=[1], known=[1, 2]) == [2]


def test_the_first_run_leaves_nothing_stale() -> None:
    assert stale_steps({}, {"DailySales": table(1, "a")}, ran=[1], known=[1]) == []

"""The real notebooks on a demo seller: both engines, a second run, steps run alone."""

import shutil
from pathlib import Path

import pytest
from desk_world import make_home, put_orders

from planner.desk.home import Home
from planner.desk.manifest import read_manifest
from planner.desk.runner import run_campaign

PROJECT = Path(__file__).resolve().parents[1]
CAMPAIGN, SELLER = "demo-2025-peak", "demo-us-beauty"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (PROJECT / "data" / "sellers" / SELLER).is_dir()
        or len(list((PROJECT / "notebooks").glob("0[1-5]_*.ipynb"))) < 5,
        reason="the demo seller or the notebooks are not there",
    ),
]


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Home]:
    """Return a workspace run by each engine, all five steps, in English."""
    made = {}
    for engine in ("seller-kernel", "nbclient"):
        root = tmp_path_factory.mktemp(engine)
        seller = Path("data") / "sellers" / SELLER
        shutil.copytree(PROJECT / seller, root / seller)
        home = Home(root=root, project=PROJECT)
        result = run_campaign(home, CAMPAIGN, sellers=[SELLER], langs=("en",), engine=engine)
        assert result.exit_code == 0, result.sellers
        made[engine] = home
    return made


def files(home: Home) -> dict[str, bytes]:
    """Return every published file but the manifest, which holds seconds."""
    folders = (
        home.report_folder(CAMPAIGN, "base", SELLER),
        home.tables_folder(CAMPAIGN, "base", SELLER),
        home.memory_folder(SELLER),
    )
    return {
        path.relative_to(home.root).as_posix(): path.read_bytes()
        for folder in folders
        for path in sorted(folder.rglob("*.*"))
        if path.suffix != ".ipynb" and path.name != "run.json"
    }


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def test_both_engines_make_the_same_pages_workbook_tables_and_memory(
    homes: dict[str, Home],
) -> None:
    ours, stock = (files(homes[engine]) for engine in ("seller-kernel", "nbclient"))
    assert {"01.html", "05.html", "plan.xlsx"} <= {name.rpartition("/")[2] for name in ours}
    assert differing(ours, stock) == []


def test_running_one_step_again_changes_nothing_and_leaves_nothing_stale(
    homes: dict[str, Home],
) -> None:
    home = homes["seller-kernel"]
    before = files(home)
    result = run_campaign(home, CAMPAIGN, sellers=[SELLER], steps=(3,), langs=("en",))
    assert [(one.outcome, one.stale) for one in result.sellers] == [("done", ())]
    assert differing(before, files(home)) == []


def test_the_manifest_counts_rows_of_every_table_and_shows_the_plan(homes: dict[str, Home]) -> None:
    told = read_manifest(homes["nbclient"].report_folder(CAMPAIGN, "base", SELLER))
    assert told["tables"]["StockPlan"]["rows"] == told["headline"]["skus"]
    assert sorted(told["steps"]) == ["01", "02", "03", "04", "05"]
    assert told["tables"]["Outcome"]["step"] == 5


def test_a_seller_of_whose_goods_nothing_is_known_gets_all_five_pages(tmp_path: Path) -> None:
    home = Home(root=make_home(tmp_path).root, project=PROJECT)
    put_orders(home, rows=155)  # to 2 December, past the campaign of November
    result = run_campaign(home, "nov", langs=("en",))
    assert [(one.outcome, one.message) for one in result.sellers] == [("done", "")]
    pages = home.report_folder("nov", "base", "shop-a").glob("0*.html")
    assert sorted(path.name for path in pages) == [f"0{step}.html" for step in range(1, 6)]

"""The provider's desk: what sellers have published, side by side; the page beside the index."""

import json
from pathlib import Path

import pandas as pd
import pytest
from desk_world import make_home, profile, put

from planner import tables
from planner.desk import overview_page
from planner.desk.home import Home
from planner.desk.manifest import MANIFEST_NAME
from planner.desk.overview import overview_at
from planner.desk.overview_page import PAGE_NAME, has_overview, make_overview
from planner.desk.store import Desk, open_scope
from planner.errors import ConfigError

PLANNED = {"01": "2025-09-16", "03": "2025-09-16"}
REVIEWED = PLANNED | {"05": "2025-12-05"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Return a workspace in which shop-a was reviewed, shop-b refused and shop-c never run."""
    made = make_home(tmp_path, "shop-a", "shop-b", "shop-c")
    published(made, "shop-a", REVIEWED)
    bad = made.failed_folder("nov", "base", "shop-b") / MANIFEST_NAME
    put(bad, json.dumps({"outcome": "refused", "message": "orders.csv, row 3: no day"}))
    return made


def published(home: Home, seller: str, steps: dict[str, str], **more: object) -> None:
    told = {step: {"as_of": {"TH": day}} for step, day in steps.items()}
    text = json.dumps({"outcome": "done", "steps": told, **more})
    put(home.report_folder("nov", "base", seller) / MANIFEST_NAME, text)


def written(home: Home, seller: str, *, hour: int) -> None:
    scope = open_scope(home, "nov", seller, scenario="base", as_of="")
    Desk(home=home, scope=scope).write(tables.HourProfile, profile(hour))


def test_runs_tell_the_steps_of_each_seller_and_why_one_has_none(home: Home):
    runs = overview_at(home, "nov").runs()
    assert runs.groupby("seller")["step"].max().fillna(0).to_dict() == {
        "shop-a": 5, "shop-b": 0, "shop-c": 0,
    }  # fmt: skip
    outcomes = runs.drop_duplicates("seller").set_index("seller")["outcome"].to_dict()
    assert outcomes == {"shop-a": "done", "shop-b": "refused", "shop-c": ""}
    assert "row 3" in runs.loc[runs["seller"] == "shop-b", "message"].iloc[0]


def test_seen_from_a_day_only_steps_count_that_looked_from_no_later_day(home: Home):
    seen = overview_at(home, "nov", as_of="2025-10-05")
    runs = seen.runs()
    assert runs.loc[runs["seller"] == "shop-a", "step"].to_list() == [1, 3]
    assert str(seen.seen_from) == "2025-10-05"


def test_a_step_that_rests_on_old_results_is_marked(home: Home):
    published(home, "shop-a", REVIEWED, stale=[3])
    runs = overview_at(home, "nov").runs()
    assert runs.loc[runs["is_stale"], "step"].to_list() == [3]


def test_a_table_comes_from_all_sellers_that_have_it_and_the_others_are_named(home: Home):
    written(home, "shop-a", hour=20)
    written(home, "shop-c", hour=9)
    seen = overview_at(home, "nov")
    found = seen.read(tables.HourProfile)
    assert found[["seller", "hour"]].to_numpy().tolist() == [["shop-a", 20], ["shop-c", 9]]
    assert seen.without(tables.HourProfile) == ("shop-b",)
    assert seen.read(tables.Outcome).empty
    assert next(iter(seen.read(tables.Outcome))) == "seller"


def test_a_seller_whose_file_is_wrong_takes_nobody_along(home: Home):
    put(home.seller_folder("shop-b") / "seller.yml", "seller: shop-b\n")
    seen = overview_at(home, "nov")
    assert [one.seller for one in seen.sellers] == ["shop-a", "shop-c"]
    assert seen.names["shop-b"].zh == "shop-b"
    assert seen.without(tables.Outcome) == ("shop-a", "shop-b", "shop-c")


def test_an_unknown_scenario_or_day_is_refused_by_name(home: Home):
    with pytest.raises(ConfigError, match="has no scenario 'strnog'"):
        overview_at(home, "nov", "strnog")
    with pytest.raises(ConfigError, match="2025-13-01"):
        overview_at(home, "nov", as_of="2025-13-01")


def test_a_project_without_the_notebook_has_no_page_and_no_fault(home: Home):
    assert make_overview(home, "nov") == (None, "")
    assert not has_overview(home, "nov", "base")


def test_a_page_that_cannot_be_made_is_said_and_an_older_one_does_not_stay(
    home: Home, monkeypatch: pytest.MonkeyPatch
):
    put(home.project / "notebooks" / overview_page.BOOK_NAME, "{}")
    put(home.report_folder("nov", "base") / PAGE_NAME, "old")
    monkeypatch.setattr(overview_page, "_worked", lambda *given: "cell 3: KeyError")
    assert make_overview(home, "nov") == (None, "cell 3: KeyError")
    assert not has_overview(home, "nov", "base")


def test_the_demo_run_leaves_a_page_linked_from_the_index_and_from_no_seller(workspace: Path):
    folder = workspace / "reports" / "demo-2025-peak" / "base"
    page = (folder / PAGE_NAME).read_text(encoding="utf-8")
    assert f'href="{PAGE_NAME}"' in (folder / "index.html").read_text(encoding="utf-8")
    sellers = sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST_NAME}"))
    assert len(sellers) == 3
    for seller in sellers:
        for part in (folder / seller).glob("*.html"):
            assert PAGE_NAME not in part.read_text(encoding="utf-8"), part
    for name in ("暖居家居", "晨露美妆", "巧匠小电"):
        assert name in page


def test_a_day_in_a_manifest_may_carry_an_hour(home: Home):
    published(home, "shop-a", PLANNED | {"04": "2025-11-11T14"})
    runs = overview_at(home, "nov", as_of="2025-11-11T14").runs()
    assert runs.loc[runs["step"] == 4, "looked_on"].to_list() == [pd.Timestamp("2025-11-11")]

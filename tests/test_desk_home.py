from collections.abc import Callable
from pathlib import Path

import pytest
from desk_world import CAMPAIGN, SELLER, make_home, put

from planner.desk.home import Home, find_home
from planner.desk.ids import checked_id, view_of
from planner.errors import ConfigError, RunError

WORK = "data/work"
BAD_IDS = (
    "", ".", "..", "../x", "a/b", "a\\b", "A", "con", "nul", "com1", "lpt9", "assets", "-a", "a b",
    "a\n", "é", "a" * 64, "a.b", "~", "$(id)", "{seller}",
)  # fmt: skip


@pytest.mark.parametrize("name", BAD_IDS)
def test_a_name_that_is_no_id_makes_no_path(tmp_path: Path, name: str) -> None:
    home = Home(root=tmp_path, project=tmp_path)
    for make in (
        lambda: home.seller_folder(name),
        lambda: home.tables_folder("nov", "base", name or "/"),
        lambda: home.tables_folder("nov", name, "a"),
        lambda: home.report_folder(name, "base"),
        lambda: home.stage_folder(name, "base", "a"),
        lambda: home.run_lock("nov", name),
        lambda: home.campaign_file(name),
    ):
        with pytest.raises(ConfigError):
            make()


@pytest.mark.parametrize("name", ["a", "demo-th-home", "0", "con-1", "a" * 63])
def test_an_id_is_accepted_as_it_is(name: str) -> None:
    assert checked_id(name, "seller") == name


def test_a_link_out_of_the_workspace_is_refused(
    tmp_path: Path, make_link: Callable[[Path, Path | str], None]
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "ws" / "data" / "sellers").mkdir(parents=True)
    make_link(tmp_path / "ws" / "data" / "sellers" / "shop", tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match="leads out of"):
        Home(root=tmp_path / "ws", project=tmp_path).seller_folder("shop")


def test_every_folder_of_a_run_lies_below_the_workspace(tmp_path: Path) -> None:
    home = Home(root=tmp_path, project=tmp_path)
    paths = [
        home.tables_folder("nov", "base", "shop"),
        home.memory_folder("shop"),
        home.report_folder("nov", "base", "shop"),
        home.failed_folder("nov", "base", "shop"),
        home.stage_folder("nov", "base", "shop"),
        home.run_lock("nov", "base"),
    ]
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == [
        f"{WORK}/nov/base/shop",
        "data/memory/shop",
        "reports/nov/base/shop",
        "reports/nov/base/shop.failed",
        f"{WORK}/.stage-nov~base~shop",
        f"{WORK}/.lock-nov~base",
    ]


def test_a_folder_whose_name_is_no_id_is_told_and_stops_nobody_else(tmp_path: Path) -> None:
    home = make_home(tmp_path, "shop-a")
    strays = ("My Shop", "Shop-B", "assets", "shop-a - 副本")
    for name in strays:
        (home.sellers_folder / name).mkdir(exist_ok=True)
    assert home.seller_ids() == ("shop-a",)
    assert home.stray_folders() == strays
    with pytest.raises(ConfigError, match="'My Shop' is no id"):
        home.seller("My Shop")


def test_hidden_folders_and_files_are_no_sellers(tmp_path: Path) -> None:
    home = make_home(tmp_path, "shop-a")
    (home.sellers_folder / ".git").mkdir()
    put(home.sellers_folder / "seller.schema.json", "{}")
    assert home.seller_ids() == ("shop-a",)


def test_the_workspace_is_the_option_then_the_variable_then_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, named = tmp_path / "given", tmp_path / "named"
    given.mkdir()
    named.mkdir()
    project = Path(__file__).resolve().parents[1]
    monkeypatch.delenv("PLANNER_HOME", raising=False)
    monkeypatch.delenv("PLANNER_PROJECT", raising=False)
    assert find_home().root == project
    monkeypatch.setenv("PLANNER_HOME", str(named))
    assert find_home().root == named
    assert find_home(given) == Home(root=given, project=project)


def test_a_workspace_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is no folder"):
        find_home(tmp_path / "none")


def test_a_project_without_notebooks_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANNER_PROJECT", str(tmp_path))
    with pytest.raises(RunError, match="no notebooks in"):
        find_home(tmp_path)


def test_the_workspaces_own_campaign_and_register_win(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    put(home.project / "data" / "campaigns" / "nov.yml", CAMPAIGN.replace("November", "Other"))
    put(home.project / "data" / "campaigns" / "dec.yml", CAMPAIGN.replace("nov", "dec"))
    put(home.project / "data" / "rules" / "lanes.csv", "project")
    put(home.project / "data" / "rules" / "fees.csv", "project")
    put(home.root / "data" / "rules" / "lanes.csv", "own")
    assert home.campaign("nov").name.en == "November"
    assert home.campaign_ids() == ("dec", "nov")
    assert home.rules_folder("lanes.csv") == home.root / "data" / "rules"
    assert home.rules_folder("fees.csv") == home.project / "data" / "rules"


def test_an_unknown_campaign_is_refused_with_the_nearest_named(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    with pytest.raises(ConfigError, match=r"no campaign 'nov-1'.*did you mean nov"):
        home.campaign("nov-1")


def test_an_unknown_seller_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no seller 'zzz'.*known: shop-a"):
        make_home(tmp_path).seller("zzz")


def test_a_file_that_names_another_id_than_its_own_is_refused(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    put(home.seller_folder("shop-a") / "seller.yml", SELLER.format(seller="shop-b"))
    with pytest.raises(ConfigError, match=r"shop-a/seller\.yml: seller is 'shop-b'"):
        home.seller("shop-a")


def test_a_seller_without_its_file_is_told_how_to_get_one(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    (home.seller_folder("shop-a") / "seller.yml").unlink()
    with pytest.raises(ConfigError, match=r"seller\.yml is missing; python run\.py new-seller"):
        home.seller("shop-a")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("seller: [", r"sellers/shop-a/seller\.yml, line 1"),
        ("a: 1\na: 2", r"line 2, column 1: the key a stands twice"),
        ("- a", r"expected keys and values, found list"),
        ("", r"expected keys and values, found NoneType"),
        ("a: !!python/object:os.system {}", r"seller\.yml, line 1"),
        ("seller: shop-a\nnaem: x", r"unknown key naem; did you mean name\?"),
    ],
)
def test_a_wrong_seller_file_ends_in_one_message_that_names_it(
    tmp_path: Path, text: str, told: str
) -> None:
    home = make_home(tmp_path)
    put(home.seller_folder("shop-a") / "seller.yml", text)
    with pytest.raises(ConfigError, match=told) as raised:
        home.seller("shop-a")
    assert "\n" not in str(raised.value)


def test_a_seller_file_that_is_no_utf_8_is_refused(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    (home.seller_folder("shop-a") / "seller.yml").write_bytes("name: 小店".encode("gb18030"))
    with pytest.raises(ConfigError, match=r"seller\.yml: byte \d+ is no UTF-8"):
        home.seller("shop-a")


def test_a_scenario_whose_name_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    put(home.root / "data/campaigns/nov.yml", CAMPAIGN.replace("strong:", "'../strong':"))
    with pytest.raises(ConfigError, match=r"scenario '\.\./strong' is no id"):
        home.campaign("nov")


def test_a_step_needs_exactly_one_notebook(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    with pytest.raises(RunError, match="step 1 needs one notebook"):
        home.notebook(1)
    path = put(home.project / "notebooks" / "01_clean.ipynb", "{}")
    assert home.notebook(1) == path
    put(home.project / "notebooks" / "01_other.ipynb", "{}")
    with pytest.raises(RunError, match=r"01_clean\.ipynb, 01_other\.ipynb"):
        home.notebook(1)


def test_a_run_seen_from_another_day_has_folders_of_its_own(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    folder = home.report_folder("nov", view_of("base", "2025-10-01"))
    assert folder == home.root / "reports" / "nov" / "base@2025-10-01"
    folder.mkdir(parents=True)
    (folder.parent / "base@x").mkdir()
    (folder.parent / "strong@2025-10-01").mkdir()
    assert home.views("nov", "base") == ("base@2025-10-01",)


@pytest.mark.parametrize("view", ["base@", "base@soon", "@2025-10-01", "base@2025-10-01@x", "b/c"])
def test_a_name_that_is_no_scenario_and_day_names_no_folder(tmp_path: Path, view: str) -> None:
    with pytest.raises(ConfigError, match="is no "):
        make_home(tmp_path).report_folder("nov", view)

"""The command that replays one's own past events: two files in, the record out."""

from pathlib import Path

import pandas as pd
import pytest
from desk_world import make_home, put, put_registers
from rich.console import Console

from planner import __main__ as cli
from planner.demand.peers_learned import PEERS
from planner.desk import own_backtest
from planner.desk.home import Home
from planner.desk.own_backtest import as_csv, backtest_own, tell_record
from planner.errors import ConfigError, InputError

EVENTS = "event,kind,start,end\n" + "".join(
    f"{month}.{month},double_date,2025-{month:02d}-{month:02d},2025-{month:02d}-{month:02d}\n"
    for month in (5, 8, 9)
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = make_home(tmp_path)
    put_registers(made)
    return made


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    days = pd.date_range("2025-05-01", "2025-10-31")
    rows = [
        f"{sku},{day:%Y-%m-%d},{level * (4 if day.day == day.month else 1)}"
        for sku, level in (("A-1", 10), ("A-2", 3))
        for day in days
    ]
    sales = "\n".join(["sku,date,units", *rows]) + "\n"
    return put(tmp_path / "daily.csv", sales), put(tmp_path / "events.csv", EVENTS)


def written(found: own_backtest.OwnRecord) -> str:
    console = Console(record=True, width=150)
    tell_record(found, console)
    return console.export_text()


def test_two_files_give_a_record_and_name_what_was_left_out(home: Home, files: tuple[Path, Path]):
    found = backtest_own(home, *files)
    ours = found.record[(found.record["slice"] == "all") & (found.record["method"] == "ours")]
    assert ours[["event_count", "window_count"]].to_numpy().tolist() == [[2, 4]]
    assert found.skipped["event"].tolist() == ["5.5"]
    told = written(found)
    assert "Over 2 past promotions" in told
    assert "Not replayed: 5.5 (2025-05-05), fewer than 28 days" in told


def test_the_same_files_give_the_same_text(home: Home, files: tuple[Path, Path]):
    first, second = (backtest_own(home, *files) for _ in "ab")
    assert as_csv(first.record) == as_csv(second.record)
    assert as_csv(first.windows) == as_csv(second.windows)
    assert as_csv(first.windows).count("\n") == 1 + 2 * 2 * 3


def test_too_short_a_history_is_told_and_is_no_fault(home: Home, files: tuple[Path, Path]):
    found = backtest_own(home, *files, lead_days=120)
    assert found.record.empty
    told = written(found)
    assert "at least 28 days" in told
    assert "下面的数字" not in told
    assert "figures below" not in told


def test_sales_of_nothing_are_told_to_have_no_error(home: Home, files: tuple[Path, Path]):
    rows = pd.read_csv(files[0]).assign(units=0)
    put(files[0], rows.to_csv(index=False))
    told = written(backtest_own(home, *files))
    assert "Nothing was sold in these promotions" in told
    assert "unknown" not in told


def test_rows_of_the_tables_are_told_in_both_languages(home: Home, files: tuple[Path, Path]):
    told = written(backtest_own(home, *files))
    assert "照搬上周 / Last week repeated" in told
    assert "双日大促" in told
    assert "Double date" in told
    assert "…" not in told


def test_what_is_odd_in_the_files_is_told_and_the_record_is_the_same(
    home: Home, files: tuple[Path, Path]
):
    put(files[1], EVENTS.replace("5.5,double_date", "5.5,double_dte"))
    lines: list[str] = []
    found = backtest_own(home, *files, as_of="2025-10-01", tell=lines.append)
    assert [line.split(" / ")[-1] for line in lines] == [
        "62 rows of sales from 2025-10-01 on are not used",
        "kind 'double_dte' is new; did you mean double_date?",
    ]
    assert as_csv(backtest_own(home, *files, as_of="2025-10-01").record) == as_csv(found.record)


def test_a_lead_of_no_days_and_an_unknown_choice_of_peers_are_refused(
    home: Home, files: tuple[Path, Path]
):
    with pytest.raises(ConfigError, match="--lead-days is 0; give days from 1 to 366"):
        backtest_own(home, *files, lead_days=0)
    with pytest.raises(ConfigError, match="--peers is 'some'; give one of none, fast, all"):
        backtest_own(home, *files, peers="some")


def test_a_wrong_cell_is_told_by_row_and_column(home: Home, files: tuple[Path, Path]):
    put(files[0], "sku,date,units\nA-1,2025-01-01,ten\n")
    with pytest.raises(InputError, match=r'daily\.csv, row 2, column "units"'):
        backtest_own(home, *files)


def test_every_fast_peer_exists_and_none_doubles_rule_or_naive():
    assert set(own_backtest.FAST_PEERS) <= set(PEERS)
    everyone = own_backtest.chosen_peers("all")
    assert set(own_backtest.chosen_peers("fast")) <= set(everyone)
    assert not set(own_backtest.SAME_AS_OURS) & set(everyone)
    assert own_backtest.chosen_peers("none") == {}


def test_the_command_prints_the_record_and_writes_it_where_asked(
    home: Home,
    files: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setenv("PLANNER_HOME", str(home.root))
    monkeypatch.setenv("PLANNER_PROJECT", str(home.project))
    record, windows = tmp_path / "record.csv", tmp_path / "windows.csv"
    words = ["backtest", "--sales", str(files[0]), "--events", str(files[1])]
    cli.app([*words, "--out", str(record), "--windows", str(windows)], standalone_mode=False)
    assert "Over 2 past promotions" in capsys.readouterr().out
    assert pd.read_csv(record)["method"].unique().tolist() == ["ours", "rule", "naive"]
    assert len(pd.read_csv(windows)) == 12

"""Decisions of a filled plan.xlsx: read back as they were written, or refused by cell."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pages_samples as samples
import pandas as pd
import plan_book_case as case
import pytest
from desk_world import put

from planner import __main__ as cli
from planner.desk.filled_plan import read_filled
from planner.desk.home import Home
from planner.desk.take_decisions import Taken, take_decisions
from planner.errors import ConfigError, InputError
from planner.intake.decisions import read_decisions
from planner.pages.bilingual import both
from planner.pages.sheets import TABLE_TOP
from planner.pages.workbook import SHEETS, plan_workbook
from planner.scope import scope_of
from planner.words import say

CAMPAIGN, SELLER = "demo-2025-peak", "demo-th-home"
PROJECT = Path(__file__).resolve().parents[1]
ORDER, MEETING = (SHEETS.index(name) + 1 for name in ("order", "meeting"))
SELLER_YML = """
seller: demo-th-home
name: {zh: 安居, en: Anju}
currency: CNY
profile: {category: home}
fx_rates: {THB: 0.2}
shops:
  - {shop: home-th, platform: tiktok, market: TH, currency: THB, time_zone: Asia/Bangkok,
     dialect: tiktok-th, warehouse: bkk}
warehouses:
  - {warehouse: bkk, market: TH}
"""
CAMPAIGN_YML = """
campaign: demo-2025-peak
name: {zh: 双十一, en: "11.11"}
as_of: {plan: 2025-09-16, track: 2025-11-10, review: 2025-12-20}
markets:
  TH:
    event: "11.11"
    kind: double_date
    phases:
      warm_up: {start: 2025-11-01, end: 2025-11-07}
      sale: {start: 2025-11-08, end: 2025-11-12}
    next_replenishment_on: 2025-12-15
"""


@pytest.fixture(autouse=True)
def _words(monkeypatch: pytest.MonkeyPatch) -> None:
    samples.teach(monkeypatch, {})


@pytest.fixture
def handler() -> Iterator[None]:
    """Put back how the process ends, which a command changes."""
    kept = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, kept)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(root=tmp_path / "ws", project=PROJECT)
    put(home.root / "data" / "campaigns" / f"{CAMPAIGN}.yml", CAMPAIGN_YML)
    put(home.seller_folder(SELLER) / "seller.yml", SELLER_YML)
    return home


@pytest.fixture(scope="module")
def book() -> bytes:
    with pytest.MonkeyPatch.context() as monkeypatch:
        samples.teach(monkeypatch, {})
        return case.book()


def saved(folder: Path, book: bytes, **cells: dict[str, object]) -> Path:
    """Write the workbook as a person saves it: cells by sheet."""
    for name, values in cells.items():
        book = case.filled(book, SHEETS.index(name) + 1, values)
    path = folder / "plan.xlsx"
    path.write_bytes(book)
    return path


def row(sku: str) -> int:
    """Return the sheet row of a SKU; the order list and the meeting stand in the same order."""
    return TABLE_TOP + 2 + samples.SKUS.index(sku)


def order(sku: str, units: object, who: object = "Wang", why: object = None) -> dict:
    return {f"L{row(sku)}": units, f"M{row(sku)}": who, f"N{row(sku)}": why}


def meeting(sku: str, decision: object, units: object = None, owner: object = "Li") -> dict:
    at = row(sku)
    return {f"L{at}": decision, f"M{at}": units, f"N{at}": owner}


def take(home: Home, path: Path, on: str = "") -> Taken:
    return take_decisions(home, CAMPAIGN, SELLER, path, decided_on=on)


def decided(home: Home) -> dict[str, tuple[object, ...]]:
    rows = read_decisions(home.seller_folder(SELLER))
    units = [None if pd.isna(value) else value for value in rows["units"]]
    told = zip(rows["sku"], rows["decision"], units, rows["owner"], rows["note"], strict=True)
    return {sku: tuple(rest) for sku, *rest in told}


EARLIER = {
    "MOP-360-BLUE": ("push", None, "Li", ""),
    "MOP-360-GREY": ("units", 240, "Li", "'-10 % of plan"),
}


def test_what_is_filled_in_is_read_back_equal(home: Home, tmp_path: Path, book: bytes):
    cells = {
        "order": order("AIRFRYER-4L", 1200, why="两个托盘")
        | order("GIFT-SET-A", "150")
        | order("HANGER-30P", 0),
        "meeting": meeting("KETTLE-1.7L", "drop") | meeting("TOWEL-SET-6", "暂缓 / hold")
        | meeting("LUNCHBOX-3", "定数量", 96, "王"),
    }  # fmt: skip
    taken = take(home, saved(tmp_path, book, **cells), on="2025-09-20")
    assert decided(home) == {
        **EARLIER,
        "AIRFRYER-4L": ("units", 1200, "Wang", "两个托盘"),
        "GIFT-SET-A": ("units", 150, "Wang", ""),
        "HANGER-30P": ("units", 0, "Wang", ""),
        "KETTLE-1.7L": ("drop", None, "Li", ""),
        "TOWEL-SET-6": ("hold", None, "Li", ""),
        "LUNCHBOX-3": ("units", 96, "王", ""),
    }
    assert (taken.changed, taken.kept, taken.withdrawn) == (8, 0, 0)
    assert set(read_decisions(home.seller_folder(SELLER))["decided_on"]) == {
        pd.Timestamp("2025-09-20")
    }


def test_the_next_workbook_shows_them_and_reading_it_changes_nothing(
    home: Home, tmp_path: Path, book: bytes
):
    take(home, saved(tmp_path, book, meeting=meeting("KETTLE-1.7L", "drop")), on="2025-09-20")
    before = (home.seller_folder(SELLER) / "decisions.csv").read_bytes()
    found = read_decisions(home.seller_folder(SELLER)).rename(columns={"units": "decided_units"})
    kept = case.meeting().drop(columns=["decision", "decided_units", "owner", "note"])
    sheet = kept.merge(found.drop(columns="decided_on"), on=["market", "sku"], how="left")
    texts = ["decision", "owner", "note"]
    sheet[texts] = sheet[texts].fillna("")
    again = plan_workbook({**case.whole(), "MeetingSheet": sheet}, scope=samples.scope())
    taken = take(home, saved(tmp_path, again), on="2025-10-01")
    assert (taken.changed, taken.kept, taken.withdrawn) == (0, 3, 0)
    assert (home.seller_folder(SELLER) / "decisions.csv").read_bytes() == before


def test_decisions_on_other_skus_stay_and_one_cleared_is_withdrawn(
    home: Home, tmp_path: Path, book: bytes
):
    put(
        home.seller_folder(SELLER) / "decisions.csv",
        "market,sku,decision,units,owner,note,decided_on\n"
        "TH,ELSEWHERE,hold,,Zhao,,2025-08-01\nTH,MOP-360-GREY,units,240,Li,,2025-08-01\n",
    )
    at = row("MOP-360-GREY")
    cleared = {f"{letter}{at}": None for letter in "LMNO"}
    taken = take(home, saved(tmp_path, book, meeting=cleared))
    assert decided(home) == {
        "ELSEWHERE": ("hold", None, "Zhao", ""),
        "MOP-360-BLUE": EARLIER["MOP-360-BLUE"],
    }
    assert (taken.changed, taken.kept, taken.withdrawn) == (1, 1, 1)


def test_a_number_of_the_order_list_goes_before_an_earlier_decision_that_stands_as_it_was(
    home: Home, tmp_path: Path, book: bytes
):
    """The meeting comes filled in with a push and with 240 units; only the order list is edited."""
    cells = {"order": order("MOP-360-BLUE", 60) | order("MOP-360-GREY", 96, why="two pallets")}
    taken = take(home, saved(tmp_path, book, **cells))
    assert decided(home)["MOP-360-BLUE"] == ("units", 60, "Wang", "")
    assert decided(home)["MOP-360-GREY"] == ("units", 96, "Wang", "two pallets")
    assert (taken.changed, taken.withdrawn) == (2, 0)


def test_the_order_list_shows_what_the_meeting_says_of_each_sku(book: bytes):
    rows = case.sheet(book, "order").set_index(say("sku", "zh"))[say("sheet.meeting_says", "zh")]
    assert rows["MOP-360-BLUE"] == both("decision.push")
    assert rows["MOP-360-GREY"] == f"{both('decision.units')} 240"
    assert pd.isna(rows["FAN-USB"])


def test_both_sheets_may_say_the_same(home: Home, tmp_path: Path, book: bytes):
    cells = {"order": order("FAN-USB", 60), "meeting": meeting("FAN-USB", "units", 60)}
    take(home, saved(tmp_path, book, **cells))
    assert decided(home)["FAN-USB"][:2] == ("units", 60)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"order": order("FAN-USB", 60), "meeting": meeting("FAN-USB", "units", 70)},
         ["cell L17", "cell L17", "units 60", "units 70", "keep one"]),
        ({"order": order("MOP-360-BLUE", 60), "meeting": meeting("MOP-360-BLUE", "drop")},
         ["cell L5", "cell L5", "units 60", "drop"]),
        ({"order": order("FAN-USB", 60) | {"A17": "FAN-USC"}},
         ["cell A17", "'FAN-USC' is no SKU of the plan", "did you mean FAN-USB?"]),
        ({"meeting": meeting("FAN-USB", "drop") | {"A17": "KETTLE"}}, ["cell A17", "'KETTLE'"]),
        ({"order": order("FAN-USB", 60) | {"A17": "KETTLE-1.7L"}}, ["KETTLE-1.7L stands twice"]),
        ({"order": order("FAN-USB", 12.5)}, ["cell L17", "12.5", "whole number"]),
        ({"order": order("FAN-USB", -3)}, ["cell L17", "-3", "whole number"]),
        ({"order": order("FAN-USB", "many")}, ["cell L17", "'many'"]),
        ({"order": order("FAN-USB", 60, None)}, ["cell M17", "who decided"]),
        ({"order": order("FAN-USB", None, "Wang")}, ["cell L17", "how many units"]),
        ({"meeting": meeting("FAN-USB", "maybe")}, ["cell L17", "'maybe'", "主推 / push"]),
        ({"meeting": meeting("FAN-USB", "push", 5)}, ["cell M17", "another decision"]),
        ({"meeting": meeting("FAN-USB", "units")}, ["cell M17", "is empty"]),
        ({"meeting": meeting("FAN-USB", "drop", None, None)}, ["cell N17", "who decided"]),
        ({"meeting": meeting("FAN-USB", None)}, ["cell L17", "empty beside"]),
        ({"order": order("FAN-USB", 60) | {"C17": "Mars"}}, ["cell C17", "'Mars'"]),
        ({"order": order("FAN-USB", 60) | order("KETTLE-1.7L", 5) | {"A17": "KETTLE-1.7L"}},
         ["KETTLE-1.7L stands twice"]),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_named_with_its_remedy_and_nothing_is_written(
    home: Home, tmp_path: Path, book: bytes, cells: dict, told: list[str]
):
    with pytest.raises(InputError, match=r"^plan\.xlsx, sheet") as problem:
        take(home, saved(tmp_path, book, **cells))
    for text in told:
        assert text in str(problem.value)
    assert not (home.seller_folder(SELLER) / "decisions.csv").exists()


def test_several_wrong_cells_are_told_at_once(home: Home, tmp_path: Path, book: bytes):
    cells = order("FAN-USB", "x") | order("HANGER-30P", 1.5) | order("LUNCHBOX-3", 9, None)
    with pytest.raises(InputError) as problem:
        take(home, saved(tmp_path, book, order=cells))
    assert str(problem.value).count("cell ") == 3


def test_a_workbook_of_another_campaign_or_seller_is_refused(tmp_path: Path, book: bytes):
    other = samples.seller().model_copy(update={"seller": "someone-else"})
    scope = scope_of(samples.campaign(), other)
    with pytest.raises(InputError, match="is the plan of demo-2025-peak / demo-th-home"):
        read_filled(saved(tmp_path, book), scope=scope)


def test_what_is_no_plan_is_refused(home: Home, tmp_path: Path):
    with pytest.raises(InputError, match="no such file"):
        take(home, tmp_path / "none.xlsx")
    wrong = tmp_path / "plan.xlsx"
    wrong.write_text("sku,units\nA,1\n")
    with pytest.raises(InputError, match=r"plan\.xlsx: "):
        take(home, wrong)


def test_decisions_kept_by_hand_in_a_workbook_are_not_overwritten(
    home: Home, tmp_path: Path, book: bytes
):
    (home.seller_folder(SELLER) / "decisions.xlsx").write_bytes(b"")
    with pytest.raises(InputError, match=r"decisions\.xlsx is kept by hand"):
        take(home, saved(tmp_path, book))


def test_a_day_that_is_none_is_refused(home: Home, tmp_path: Path, book: bytes):
    with pytest.raises(ConfigError, match="--on is 'soon'"):
        take(home, saved(tmp_path, book), on="soon")


@pytest.mark.parametrize(("on", "waiting"), [("2025-09-16", 0), ("2025-09-17", 1), ("", 0)])
def test_a_day_after_the_planning_day_is_taken_and_counted_as_waiting(
    home: Home, tmp_path: Path, book: bytes, on: str, waiting: int
):
    """The campaign is planned on 2025-09-16; earlier decisions of the meeting bear no day."""
    at = [row(sku) for sku in EARLIER]
    cleared = {f"{letter}{line}": None for letter in "LMNO" for line in at}
    path = saved(tmp_path, book, order=order("FAN-USB", 60), meeting=cleared)
    assert take(home, path, on=on).waiting == waiting


@pytest.mark.parametrize("note", ["=1+1", "-10 % of plan", "@all"])
def test_a_note_that_looks_like_a_formula_is_kept_as_text(
    home: Home, tmp_path: Path, book: bytes, note: str
):
    take(home, saved(tmp_path, book, order=order("FAN-USB", 60, why=note)))
    assert decided(home)["FAN-USB"][3] == f"'{note}"
    text = (home.seller_folder(SELLER) / "decisions.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")


@pytest.mark.usefixtures("handler")
def test_the_command_says_what_it_wrote_and_refuses_in_one_line(
    home: Home,
    tmp_path: Path,
    book: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    path = saved(tmp_path, book, order=order("FAN-USB", 60))
    words = ["planner", "decisions", CAMPAIGN, SELLER, "--from", str(path)]
    ends = []
    for extra in ([], ["--on", "soon"]):
        monkeypatch.setattr(sys, "argv", [*words, "--home", str(home.root), *extra])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        ends.append(ended.value.code)
    out, err = capsys.readouterr()
    assert ends == [0, 2]
    assert "3 decided or changed, 0 as before, 0 withdrawn" in out
    assert str(home.seller_folder(SELLER) / "decisions.csv") in out
    assert err.count("\n") == 1
    assert decided(home)["FAN-USB"][:2] == ("units", 60)

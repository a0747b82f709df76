import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desk_world import book, make_home, put, put_notebooks, put_orders, put_registers

from planner import __main__ as cli
from planner.commands.campaigns import parsed_steps
from planner.desk import runner, team
from planner.desk.home import Home
from planner.desk.manifest import write_manifest
from planner.desk.problems import both
from planner.desk.progress import Lines, shown_on, told_end
from planner.errors import ConfigError

PROJECT = Path(__file__).resolve().parents[1]
Planner = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    made = make_home(tmp_path)
    put_notebooks(made, **{f"step_{step}": book() for step in range(1, 6)})
    monkeypatch.setenv("PLANNER_HOME", str(made.root))
    monkeypatch.setenv("PLANNER_PROJECT", str(made.project))
    return made


@pytest.fixture
def planner(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Planner]:
    """Run a command as a shell would; return its exit code and what it wrote."""
    kept = signal.getsignal(signal.SIGTERM)

    def command(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["planner", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        wrote = capsys.readouterr()
        return ended.value.code, wrote.out, wrote.err

    yield command
    signal.signal(signal.SIGTERM, kept)


def say_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a worker that is done at once in the place of the real one."""
    code = (
        "import json; from pathlib import Path\n"
        "from planner.desk.manifest import write_manifest\n"
        "write_manifest(Path('report'), {'outcome': 'done', 'stale': [4, 5], 'headline': {}})\n"
        "print(json.dumps({'at': 'end', 'outcome': 'done', 'message': '', 'notebook': ''}))"
    )
    monkeypatch.setattr(team, "WORKER", (sys.executable, "-c", code))


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("run", "now"), 2, "no campaign 'now'"),
        (("run", "nov", "--seller", "shop-x"), 2, "did you mean shop-a?"),
        (("run", "nov", "--scenario", "x"), 2, "has no scenario 'x'"),
        (("run", "nov", "--steps", "0-9"), 2, "--steps is '0-9'"),
        (("run", "nov", "--as-of", "soon"), 2, "as_of is 'soon'"),
        (("run", "nov", "--home", "/no/such/folder"), 1, "is no folder"),
        (("new-seller", "Shop A", "--market", "TH"), 2, "is no id"),
        (("check", "--seller", "shop-x"), 2, "did you mean shop-a?"),
        (("list", "--home", "/no/such/folder"), 1, "is no folder"),
    ],
)
def test_a_mistake_ends_in_one_line_on_stderr_and_its_exit_code(
    home: Home, planner: Planner, words: tuple[str, ...], code: int, told: str
) -> None:
    ended, out, err = planner(*words)
    assert ended == code
    assert told in err
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert out == ""


def test_a_fault_of_the_program_ends_in_one_line_that_names_a_log_with_the_trace(
    home: Home, planner: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("two\nlines")

    monkeypatch.setattr(runner, "run_campaign", fail)
    ended, _, err = planner("run", "nov")
    assert ended == 1
    assert err.count("\n") == 1
    assert err.endswith("ZeroDivisionError: two lines\n")
    log = Path(next(word for word in err.split() if word.endswith(".log")))
    assert "Traceback" in log.read_text(encoding="utf-8")
    log.unlink()


def test_a_run_tells_how_it_went_in_both_languages(
    home: Home, planner: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    say_done(monkeypatch)
    ended, out, err = planner("run", "nov", "--steps", "1-3", "--lang", "en", "--jobs", "1")
    assert ended == 0
    assert "1 done, 0 refused, 0 failed" in out
    assert "1 家完成" in out
    assert "run steps 4, 5 again" in out
    assert str(home.report_folder("nov", "base") / "index.html") in out
    assert "shop-a  完成 / done" in err


def test_a_run_with_a_refused_seller_exits_with_two(
    home: Home, planner: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(home.seller_folder("shop-a") / "seller.yml", "seller: [")
    ended, out, err = planner("run", "nov", "--steps", "1", "--lang", "zh")
    assert ended == 2
    assert "0 done, 1 refused" in out
    assert "sellers/shop-a/seller.yml, line 1" in err


def test_a_list_shows_ids_and_marks_stale_steps(home: Home, planner: Planner) -> None:
    report = home.report_folder("nov", "base", "shop-a")
    report.mkdir(parents=True)
    write_manifest(report, {"outcome": "done", "steps": {"01": {}, "04": {}}, "stale": [4]})
    ended, out, _ = planner("list")
    assert ended == 0
    assert "nov  十一月 / November" in out
    assert "nov/base/shop-a  完成 / done  01 04!" in out


def test_a_check_tells_every_file_and_exits_by_the_worst(home: Home, planner: Planner) -> None:
    put_registers(home)
    put_orders(home)
    ended, out, _ = planner("check")
    assert ended == 0
    assert "60 rows in, 60 kept (THB 600.00), 0 rejected" in out
    put(home.seller_folder("shop-a") / "bundles.csv", "sku\nA")
    ended, out, _ = planner("check", "--json")
    assert ended == 2
    told = json.loads(out)
    assert told["is_good"] is False
    wrong = [one["file"] for one in told["files"] if one["problem"]]
    assert wrong == ["shop-a/bundles.csv"]


def test_a_new_seller_can_be_checked_at_once(home: Home, planner: Planner) -> None:
    put_registers(home)
    ended, out, _ = planner("new-seller", "fresh", "--market", "my", "--platform", "shopee")
    assert ended == 0
    assert "python run.py check --seller fresh" in out
    assert home.seller("fresh").shops[0].dialect == "shopee-my"


def test_verify_names_each_changed_file_of_a_report(home: Home, planner: Planner) -> None:
    report = home.report_folder("nov", "base", "shop-a")
    put(report / "01.html", "page")
    write_manifest(report, {})
    assert planner("verify", "nov")[0] == 0
    put(report / "01.html", "pagf")
    ended, out, _ = planner("verify", "nov")
    assert ended == 2
    assert out.startswith("shop-a/01.html\n")


def test_a_forecast_is_printed_or_written_to_a_file(
    home: Home, planner: Planner, tmp_path: Path
) -> None:
    put_registers(home)
    rows = [f"A-1,2025-08-{day:02d},10" for day in range(1, 32)]
    sales = put(tmp_path / "daily.csv", "\n".join(["sku,date,units", *rows]) + "\n")
    events = put(
        tmp_path / "events.csv", "event,kind,start,end\n9.9,double_date,2025-09-09,2025-09-09\n"
    )
    words = ("forecast", "--sales", sales, "--events", events, "--event", "9.9")
    asked = [*map(str, words), "--as-of", "2025-09-01"]
    ended, out, _ = planner(*asked)
    assert ended == 0
    assert out.splitlines()[1].startswith("A-1,")
    assert planner(*asked, "--out", str(tmp_path / "out.csv")) == (0, "", "")
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == out


def test_notes_on_the_files_go_to_stderr_and_the_table_stays_as_it_is(
    home: Home, planner: Planner, tmp_path: Path
) -> None:
    put_registers(home)
    rows = [f"A-1,2025-08-{day:02d},10" for day in range(1, 32)]
    sales = put(tmp_path / "daily.csv", "\n".join(["sku,date,units", *rows]) + "\n")
    text = "event,kind,start,end\n9.9,double_date,2025-09-09,2025-09-09\n"
    plain = put(tmp_path / "events.csv", text)
    twice = put(tmp_path / "twice.csv", text + text.splitlines()[1] + "\n")
    asked = ("forecast", "--sales", str(sales), "--event", "9.9", "--as-of", "2025-09-01")
    _, table, quiet = planner(*asked, "--events", str(plain))
    ended, out, noted = planner(*asked, "--events", str(twice))
    assert (ended, out, quiet) == (0, table, "")
    assert "event '9.9' from 2025-09-09 on stands more than once" in noted
    assert noted.count("\n") == 1


def test_the_help_of_the_forecast_tells_what_a_figure_of_grade_d_is(planner: Planner) -> None:
    ended, out, _ = planner("forecast", "--help")
    assert ended == 0
    assert "trial order only" in " ".join(out.split())


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("campaign", "data/campaigns/campaign.schema.json"),
        ("seller", "data/sellers/seller.schema.json"),
    ],
)
def test_the_schemas_kept_for_editors_are_current(planner: Planner, kind: str, path: str) -> None:
    ended, out, _ = planner("schema", kind)
    assert ended == 0
    assert (PROJECT / path).read_text(encoding="utf-8") == out
    assert json.loads(out)["additionalProperties"] is False


@pytest.mark.parametrize("words", [["--help"], ["list"], ["run", "--help"]])
def test_help_and_lists_load_no_heavy_package(home: Home, words: list[str]) -> None:
    code = (
        "import sys; from planner.__main__ import main\n"
        f"sys.argv = ['planner', *{words!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'pandas', 'numpy', 'plotly', 'papermill', 'pandera', 'pyarrow'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("text", ["", "x", "0", "6", "1-", "3-1", "1,,2", "1-6", "²"])
def test_steps_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="give steps from 1 to 5"):
        parsed_steps(text)


def test_a_run_outside_a_terminal_is_told_in_plain_lines() -> None:
    import io

    from rich.console import Console

    text = io.StringIO()
    shown = shown_on(Console(file=text, width=40))
    assert isinstance(shown, Lines)
    shown.begin(1)
    shown.step("shop-a", 2, 2, 11)
    shown.end("shop-a", "refused", "[red]x[/red].csv, row 3: " + "long " * 20 + "\x1b[31m\nend")
    shown.finish()
    lines = text.getvalue().splitlines()
    assert lines[0] == "shop-a  3/11  预测需求 / Forecasting demand"
    assert len(lines) == 2
    assert lines[1].startswith("shop-a  未通过 / refused: [red]x[/red].csv, row 3: long")
    assert "\x1b" not in lines[1]


def test_bars_are_drawn_on_a_terminal() -> None:
    import io

    from rich.console import Console

    text = io.StringIO()
    shown = shown_on(Console(file=text, force_terminal=True, width=100))
    shown.begin(2)
    shown.step("shop-a", 1, 0, 11)
    shown.step("shop-a", 0, 10, 11)
    shown.end("shop-a", "done", "")
    shown.end("shop-b", "failed", "why")
    shown.finish()
    drawn = text.getvalue()
    assert both("cli.all_sellers") in drawn
    assert told_end("shop-b", "failed", "why") in drawn


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("seller: shop-a\nnaem: x", "有不认识的键", "line 2: unknown key naem; did you mean name?"),
        ("seller: shop-a\n\tname: x", "缩进请用空格", "line 2, column 1: a tab stands"),
    ],
)
def test_a_wrong_seller_file_is_told_in_both_languages_with_its_line(
    home: Home, planner: Planner, text: str, zh: str, en: str
) -> None:
    put_registers(home)
    put(home.seller_folder("shop-a") / "seller.yml", text)
    ended, out, _ = planner("check", "--seller", "shop-a")
    assert ended == 2
    head, _, rest = out.partition("! shop-a/seller.yml")
    told = [line for line in rest.splitlines() if zh in line and en in line]
    assert len(told) == 1, head


def test_the_index_is_named_once_after_a_run(
    home: Home, planner: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    say_done(monkeypatch)
    _, out, _ = planner("run", "nov", "--steps", "1", "--lang", "en")
    assert out.count("index.html") == 1


def test_a_run_seen_from_another_day_is_listed_and_verified_by_itself(
    home: Home, planner: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    say_done(monkeypatch)
    planner("run", "nov", "--steps", "1", "--as-of", "2025-09-20")
    assert "nov/base@2025-09-20/shop-a  完成 / done" in planner("list")[1]
    put(home.report_folder("nov", "base@2025-09-20", "shop-a") / "run.json", "{")
    assert planner("verify", "nov", "--as-of", "2025-09-20")[0] == 2
    assert planner("verify", "nov")[0] == 0


def test_a_console_that_cannot_show_chinese_gets_its_words_and_no_fault(home: Home) -> None:
    command = [sys.executable, "-m", "planner", "list", "--home", str(home.root)]
    narrow = {**os.environ, "PYTHONUTF8": "0", "PYTHONIOENCODING": "cp1252"}
    done = subprocess.run(command, env=narrow, capture_output=True, text=True, encoding="cp1252")
    assert (done.returncode, done.stderr) == (0, "")
    assert "nov  ??? / November" in done.stdout


def test_a_stray_folder_is_told_once_and_stops_no_command(home: Home, planner: Planner) -> None:
    (home.sellers_folder / "shop-a - 副本").mkdir()
    ended, out, err = planner("list", "--home", str(home.root))
    assert ended == 0
    assert "shop-a" in out
    assert err.count("shop-a - 副本 in data/sellers is no seller id") == 1

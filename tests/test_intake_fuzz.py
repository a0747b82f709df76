"""Made-up exports of every layout, sound and damaged: what must hold whatever is in the file.

The short form reads a few hundred files of one seed. PLANNER_FUZZ_FILES=10000 asks for the long
form, PLANNER_FUZZ_SEED for another seed; a broken promise is told with all that makes it again.
"""

import json
import os
import random
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import made_exports as made
import pytest
from made_exports import MARKS, Line, Made
from one_export import read_export

from planner.errors import InputError
from planner.intake.orders import Intake

SHORT_FILES = 240
LONG_FILES = int(os.environ.get("PLANNER_FUZZ_FILES", "0"))
SEED = int(os.environ.get("PLANNER_FUZZ_SEED", "1"))
NAMES = made.order_dialects()
CODE = re.compile(r"\[E_[A-Z_]+\]")
MARK = re.compile("|".join(MARKS), re.IGNORECASE)


class Case(NamedTuple):
    """One file, and what is promised of it."""

    export: Made
    data: bytes
    suffix: str
    kinds: list[str]
    rows: list[int] | None = None
    """Physical row of each record, None if bytes were damaged and nothing is known."""
    bad: frozenset[int] | None = frozenset()
    """Places of the records that must be rejected; None if only the invariants are promised."""


# ---------------------------------------------------------------- ways to write a sound export
def _text(rng: random.Random, export: Made) -> tuple[Made, bytes, str, list[int], str]:
    kind = rng.choice(
        ("plain", "plain", "mark", "utf-16", "gb18030", "semicolon", "tab", "lf", "cr", "quoted",
         "surplus", "blank", "sep", "title")
    )  # fmt: skip
    options: dict[str, object] = {
        "semicolon": {"delimiter": ";"},
        "tab": {"delimiter": "\t"},
        "utf-16": {"delimiter": "\t", "encoding": "utf-16"},
        "gb18030": {"encoding": "gb18030"},
        "mark": {"encoding": "utf-8-sig"},
        "lf": {"end": "\n"},
        "cr": {"end": "\r"},
        "quoted": {"quote_all": True},
        "surplus": {"surplus": True},
        "blank": {"blank_every": 3},
    }.get(kind, {})
    if kind == "gb18030" and not export.header[0].isascii():
        options, kind = {}, "plain"
    if kind == "gb18030":  # without a letter of its own a file is not in that encoding
        place = export.place("seller_sku")
        has = any(not row[place].isascii() for row in export.records)
        options, kind = (options, kind) if has else ({}, "plain")
    if kind == "sep":
        export = replace(export, title=["sep=,"])
    if kind == "title":
        export = replace(export, title=["Orders of the shop", ""])
    data, rows = made.as_csv(export, **options)
    return export, data, ".csv", rows, kind


def _book(rng: random.Random, export: Made) -> tuple[Made, bytes, str, list[int], str]:
    kind = rng.choice(("book", "cover", "dates", "dates-1904", "loose", "loose"))
    if kind == "loose":
        data, rows = made.as_loose_xlsx(export)
    else:
        is_1904 = kind == "dates-1904"
        data, rows = made.as_xlsx(
            export, cover=kind == "cover", dates=kind.startswith("dates"), is_1904=is_1904
        )
    return export, data, ".xlsx", rows, kind


def _dressed(rng: random.Random, export: Made) -> tuple[Made, list[str]]:
    """Return the export with what a reader must see through."""
    kinds = []
    if export.dialect.descriptions and rng.random() < 0.3:
        export = made.described(export, rng.choice((1, 1, 2)))
        kinds.append("described")
    if rng.random() < 0.3:
        order = list(range(len(export.header)))
        rng.shuffle(order)
        export = _arranged(export, order)
        kinds.append("shuffled")
    if rng.random() < 0.15:
        export = made.decomposed(export)
        kinds.append("decomposed")
    if rng.random() < 0.2:
        export = replace(export, header=[f" {head.upper()}\u00a0" for head in export.header])
        kinds.append("capitals")
    if rng.random() < 0.2:
        rows = [[*row, "CANARYNAME wrote", "12"] for row in export.records]
        above = [[*row, "", ""] for row in export.above]
        header = [*export.header, "Brand New Column", "Small Fee 9"]
        export = replace(export, header=header, records=rows, above=above)
        kinds.append("new columns")
    if rng.random() < 0.2:
        export = replace(export, records=[[f"{cell}\t" for cell in row] for row in export.records])
        kinds.append("tabs")
    return export, kinds


def _arranged(export: Made, order: list[int]) -> Made:
    def take(row: list[str]) -> list[str]:
        return [row[place] for place in order]

    return replace(
        export,
        header=take(export.header),
        records=[take(row) for row in export.records],
        above=[take(row) for row in export.above],
    )


# ---------------------------------------------------------------- ways to spoil one
BAD_CELLS: dict[str, tuple[str, ...]] = {
    "units": ("0", "-2", "1.5", "two", "", "1,000", "２", "1e400", "9" * 400, "#N/A", "TRUE"),
    "amount": ("", "free", "-5.00", "(5.00)", "1e5", "12.3456", "−5.00", "ZZZ 5", "1" + "0" * 18),
    "ordered_at": (
        "", "31/31/2026 10:00:00", "05/01/2569 10:00:00", "yesterday", "46027.4", "########",
        "1767600000", "2026-01-05T10:00:00+09:00", "30/02/2026 10:00:00", "01/01/1970 00:00:00",
    ),
    "order_id": ("", "N/A", "5.76859E+17", "-1", "١٢٣", "x" * 300),
    "status": ("", "Teleported"),
    "seller_sku": ("../../x", "{0.__class__}", "1-Mar", "NOT-OURS", "TЕE-BLK-M"),
}  # fmt: skip


def _spoilt(rng: random.Random, export: Made) -> tuple[Made, frozenset[int], list[str]]:
    """Return the export with one bad cell in a few of its records."""
    bad, kinds = set(), []
    for record in rng.sample(range(len(export.records)), rng.choice((1, 1, 2, 3))):
        columns = [name for name in BAD_CELLS if export.place(name) is not None]
        name = rng.choice(columns)
        texts = [text for text in BAD_CELLS[name] if not _may_be_right(export, name, text)]
        text = rng.choice(texts)
        place = export.place(name)
        assert place is not None
        export = export.with_cell(record, place, text)
        bad.add(record)
        kinds.append(f"{name}={text[:20]!r}")
    return export, frozenset(bad), kinds


def _may_be_right(export: Made, name: str, text: str) -> bool:
    return name == "order_id" and bool(re.fullmatch(export.dialect.order_id_pattern, text))


def _inserted(rng: random.Random, export: Made) -> Made:
    return _reshaped(rng, export, lambda row, at: [*row[:at], "CANARYADDR 5", *row[at:-1]])


def _removed(rng: random.Random, export: Made) -> Made:
    return _reshaped(rng, export, lambda row, at: [*row[:at], *row[at + 1 :], ""])


def _cut(rng: random.Random, export: Made) -> Made:
    return _reshaped(rng, export, lambda row, at: row[: max(at, 3)])


def _longer(rng: random.Random, export: Made) -> Made:
    return _reshaped(rng, export, lambda row, at: [*row[:at], "CANARYPHONE-1", *row[at:]])


def _turned(rng: random.Random, export: Made) -> Made:
    turn = rng.randrange(1, len(export.header))
    return _reshaped(rng, export, lambda row, _: [*row[turn:], *row[:turn]])


def _reshaped(
    rng: random.Random, export: Made, change: Callable[[list[str], int], list[str]]
) -> Made:
    chosen = set(rng.sample(range(len(export.records)), rng.choice((1, 2, 3))))
    at = rng.randrange(len(export.header))
    rows = [change(row, at) if n in chosen else row for n, row in enumerate(export.records)]
    return replace(export, records=rows)


def _header_turned(rng: random.Random, export: Made) -> Made:
    turn = rng.randrange(1, len(export.header))
    return replace(export, header=[*export.header[turn:], *export.header[:turn]])


def _header_gap(rng: random.Random, export: Made) -> Made:
    at = rng.randrange(len(export.header))
    header = [*export.header[:at], *export.header[at + 1 :]]
    if rng.random() < 0.5:
        return replace(export, header=header)
    return replace(export, header=[*header, "Left Over"])


def _labels_swapped(rng: random.Random, export: Made) -> Made:
    one, other = rng.sample(range(len(export.header)), 2)
    header = list(export.header)
    header[one], header[other] = header[other], header[one]
    return replace(export, header=header)


def _column_lost(rng: random.Random, export: Made) -> Made:
    order = list(range(len(export.header)))
    order.remove(rng.choice(order))
    return _arranged(export, order)


def _column_twice(rng: random.Random, export: Made) -> Made:
    order = list(range(len(export.header)))
    order.insert(rng.choice(order), rng.choice(order))
    return _arranged(export, order)


def _control_sign(rng: random.Random, export: Made) -> Made:
    record, place = rng.randrange(len(export.records)), rng.randrange(len(export.header))
    text = rng.choice(("\x00", "\x1b[31m", "\u202e", "\x85", "\x7f", "\ufffe", "\u200b"))
    return export.with_cell(record, place, export.records[record][place] + text + "1")


def _repeated(rng: random.Random, export: Made) -> Made:
    record = rng.randrange(len(export.records))
    rows = [*export.records, list(export.records[record]), list(export.header)]
    return replace(export, records=rows, truth=[*export.truth, export.truth[record]])


SHAPES = (
    _inserted, _removed, _cut, _longer, _turned, _header_turned, _header_gap, _labels_swapped,
    _column_lost, _column_twice, _control_sign, _repeated,
)  # fmt: skip


def _damaged(rng: random.Random, data: bytes) -> bytes:
    """Return the bytes with blind damage."""
    at, size = rng.randrange(len(data)), rng.randrange(1, 400)
    other = rng.randrange(len(data))
    junk = (
        b'"',
        b"\x00\x00",
        b"\xff\xfe",
        b",,,",
        b"\r",
        b"\n\n",
        b'""",',
        b"\x1a",
        b"\xe2\x80\xa8",
    )
    kind = rng.randrange(6)
    if kind == 0:
        return bytes(b ^ (1 << rng.randrange(8)) if rng.random() < 0.002 else b for b in data)
    if kind == 1:
        return data[:at] + data[at + size :]
    if kind == 2:
        return data[: at + size] + data[at:]
    if kind == 3:
        return data[:at] + rng.choice(junk) + data[at:]
    if kind == 4:
        return data[:at]
    return data[:at] + data[other : other + size] + data[at:]


def a_case(seed: str) -> Case:
    """Return the file of one seed: a third each sound, with bad cells, and out of shape."""
    rng = random.Random(seed)
    export = made.an_export(rng.choice(NAMES), rng, lines=rng.choice((8, 12, 20)))
    export, kinds = _dressed(rng, export)
    part = rng.random()
    bad: frozenset[int] | None = frozenset()
    if 0.3 <= part < 0.6:
        export, bad, what = _spoilt(rng, export)
        kinds += what
    elif 0.6 <= part < 0.9:
        change = rng.choice(SHAPES)
        export, bad = change(rng, export), None
        kinds.append(change.__name__)
    write = _text if rng.random() < 0.6 else _book
    if write is _text:
        export, data, suffix, rows, kind = _text(rng, export)
    else:
        export, data, suffix, rows, kind = _book(rng, export)
    kinds.append(kind)
    if part >= 0.9:
        return Case(export, _damaged(rng, data), suffix, [*kinds, "bytes"], None, None)
    return Case(export, data, suffix, kinds, rows, bad)


# ---------------------------------------------------------------- what must hold
def broken_promises(case: Case, folder: Path) -> list[str]:
    """Return what a reading of one file did that it must not."""
    path = folder / f"export{case.suffix}"
    path.write_bytes(case.data)
    said = _read(path, case)
    again = _read(path, case)
    if isinstance(said, str) or isinstance(again, str):
        return _of_a_refusal(case, said, again)
    told = [f"{what}: differs when read again" for what in _differing(said, again)]
    return [*told, *_of_an_intake(case, said)]


def _read(path: Path, case: Case) -> Intake | str:
    try:
        return read_export(path, case.export.shop, skus=set(made.GOODS))
    except InputError as problem:
        return str(problem)


def _of_a_refusal(case: Case, said: Intake | str, again: Intake | str) -> list[str]:
    told = []
    if said != again:
        told.append("refused once, read once")
    text = str(said)
    if not CODE.search(text):
        told.append(f"refused without a code: {text[:200]}")
    if MARK.search(text):
        told.append(f"personal text in the refusal: {text[:300]}")
    if case.bad is not None:
        told.append(f"refused whole: {text[:300]}")
    return told


def _differing(one: Intake, other: Intake) -> list[str]:
    pairs = zip(one._fields, one, other, strict=True)
    return [name for name, left, right in pairs if not left.equals(right)]


def _of_an_intake(case: Case, intake: Intake) -> list[str]:
    told = []
    counts = intake.files.iloc[0]
    if counts["rows_in"] != len(intake.lines) + len(intake.rejected):
        told.append("rows in are not rows kept and rejected")
    kept, out = (int(part["amount_minor"].sum()) for part in (intake.lines, intake.rejected))
    if counts["in_minor"] != kept + out:
        told.append("money in is not money kept and rejected")
    for name, frame in zip(intake._fields, intake, strict=True):
        found = MARK.search(json.dumps(frame.astype(str).to_dict("list"), ensure_ascii=False))
        if found:
            told.append(f"personal text in {name}: {_where(frame)}")
    records = len(case.export.records)
    if case.rows is not None and counts["rows_in"] < records:
        told.append(f"{records} records, {counts['rows_in']} rows in")
    if case.bad is not None:
        told += _of_the_truth(case, intake)
    return told


def _where(frame) -> list[str]:
    rows = frame.astype(str).to_dict("records")
    return [str(row) for row in rows if MARK.search(str(row))][:1]


def _of_the_truth(case: Case, intake: Intake) -> list[str]:
    told = []
    assert case.bad is not None
    assert case.rows is not None
    wanted = {case.rows[place] for place in case.bad}
    got = set(intake.rejected["row"])
    if got != wanted or len(intake.rejected) != len(wanted):
        rows = intake.rejected[["row", "column", "code", "value"]].to_dict("records")
        told.append(f"rejected {rows}, should be rows {sorted(wanted)}")
        return told
    if intake.files["rows_in"].iloc[0] != len(case.rows):
        told.append(f"{intake.files['rows_in'].iloc[0]} rows in, {len(case.rows)} written")
    truth = [line for n, line in enumerate(case.export.truth) if n not in case.bad]
    if intake.lines["amount_minor"].sum() != sum(line.amount_minor for line in truth):
        told.append("wrong money")
    if _told(intake) != Counter(_key(line) for line in truth):
        told.append("wrong lines")
    if _by_day(intake) != _true_days(truth):
        told.append(f"wrong days: {_by_day(intake)} for {_true_days(truth)}")
    return told


def _key(line: Line) -> tuple[str, str, int]:
    return (line.order_id, line.sku, line.units)


def _told(intake: Intake) -> Counter:
    lines = intake.lines
    return Counter(zip(lines["order_id"], lines["sku"], lines["units"], strict=True))


def _by_day(intake: Intake) -> dict[str, int]:
    lines = intake.lines[intake.lines["is_demand"]]
    days = lines.groupby(lines["ordered_at"].dt.strftime("%Y-%m-%d"))["units"].sum()
    return {day: int(units) for day, units in days.items()}


def _true_days(truth: list[Line]) -> dict[str, int]:
    days: Counter = Counter()
    for line in truth:
        if line.is_demand:
            days[line.day] += line.units
    return dict(sorted(days.items()))


def fuzz(count: int, seed: int, folder: Path) -> list[str]:
    """Return every broken promise over so many files, with what makes each again."""
    told = []
    for number in range(count):
        case = a_case(f"{seed}/{number}")
        try:
            faults = broken_promises(case, folder)
        except Exception as problem:  # any other error is what this looks for
            faults = [f"{type(problem).__name__}: {str(problem)[:200]}"]
        told += [
            f'a_case("{seed}/{number}") {case.export.dialect.name} {case.kinds}: {fault}'
            for fault in faults
        ]
    return told


# ---------------------------------------------------------------- the tests
def test_whatever_is_in_a_file_every_row_and_cent_is_accounted_for_and_nobody_is_named(
    tmp_path: Path,
):
    told = fuzz(SHORT_FILES, SEED, tmp_path)
    assert not told, f"{len(told)} promises broken\n" + "\n".join(told[:20])


@pytest.mark.fuzz
@pytest.mark.slow
@pytest.mark.skipif(not LONG_FILES, reason="asked for by PLANNER_FUZZ_FILES=10000")
def test_ten_thousand_files_keep_every_promise(tmp_path: Path):
    told = fuzz(LONG_FILES, SEED + 1_000, tmp_path)
    assert not told, f"{len(told)} promises broken\n" + "\n".join(told[:50])


@pytest.mark.parametrize("name", NAMES)
def test_a_sound_export_of_every_layout_is_kept_whole(tmp_path: Path, name: str):
    rng = random.Random(name)
    export = made.an_export(name, rng, lines=25)
    data, rows = made.as_csv(export)
    case = Case(export, data, ".csv", ["plain"], rows)
    assert broken_promises(case, tmp_path) == []


def test_the_checks_see_a_reader_that_loses_a_row_a_cent_or_a_name(tmp_path: Path):
    case = next(one for one in map(a_case, map(str, range(99))) if one.bad == frozenset())
    path = tmp_path / f"export{case.suffix}"
    path.write_bytes(case.data)
    intake = read_export(path, case.export.shop, skus=set(made.GOODS))
    fewer = intake._replace(lines=intake.lines.iloc[1:])
    dearer = intake.lines.assign(amount_minor=intake.lines["amount_minor"] + 1)
    named = intake.lines.assign(channel="canaryname x")
    assert _of_an_intake(case, intake) == []
    assert "rows in are not rows kept and rejected" in _of_an_intake(case, fewer)
    assert "wrong money" in _of_an_intake(case, intake._replace(lines=dearer))
    assert any("personal" in told for told in _of_an_intake(case, intake._replace(lines=named)))


def test_a_loose_workbook_is_a_zip_with_one_row_per_cell(tmp_path: Path):
    export = made.an_export("tiktok-th", random.Random(1))
    data, rows = made.as_loose_xlsx(export)
    (tmp_path / "loose.xlsx").write_bytes(data)
    with zipfile.ZipFile(tmp_path / "loose.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet2.xml").decode()
    filled = sum(bool(cell) for row in [export.header, *export.records] for cell in row)
    assert sheet.count("<row ") == filled
    assert rows[0] == 2

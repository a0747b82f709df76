"""A run on a seller whose exports are full of personal cells: none of them is in what it writes."""

import csv
import io
import re
import shutil
import zipfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from planner.desk.home import Home
from planner.desk.parquet import read_table
from planner.desk.runner import run_campaign

PROJECT = Path(__file__).resolve().parents[1]
CAMPAIGN, SELLER = "demo-2025-peak", "demo-us-beauty"
PERSONAL = ("Buyer Username", "Recipient", "Phone #", "Detail Address", "Buyer Message", "Zipcode")
MARK = re.compile(rb"canary(name|phone|addr)|668991234", re.IGNORECASE)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (PROJECT / "data" / "sellers" / SELLER / "orders").is_dir(),
        reason="the demo seller is not there",
    ),
]


def marked(path: Path) -> bytes:
    """Return an export as CSV with every personal column filled, one row of it unusable."""
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    header = [str(cell) for cell in rows[0]]
    kept = [place for place, head in enumerate(header) if head not in PERSONAL]
    units = header.index("Quantity")
    rows[5][units] = "two"
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow([*(header[place] for place in kept), *PERSONAL])
    for number, row in enumerate(rows[1:]):
        cells = ["CANARYNAME-u", "Canaryname Lee", f"668991234{number:05d}", 'CANARYADDR 5, "A"']
        cells += ["call CANARYPHONE-1", "CANARYADDR"]
        writer.writerow([*(row[place] for place in kept), *cells])
    return file.getvalue().encode("utf-8")


def hits(root: Path) -> list[str]:
    """Return the files below a folder that hold a mark, opened as far as they can be."""
    found = []
    for path in sorted(one for one in root.rglob("*") if one.is_file()):
        parts = [path.read_bytes()]
        if path.suffix == ".parquet":
            parts.append(read_table(path).to_csv().encode("utf-8"))
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as archive:
                parts += [archive.read(name) for name in archive.namelist()]
        if any(MARK.search(part) for part in parts):
            found.append(path.relative_to(root).as_posix())
    return found


def test_no_personal_cell_of_an_export_is_in_any_file_of_a_run(tmp_path: Path):
    seller = Path("data") / "sellers" / SELLER
    shutil.copytree(PROJECT / seller, tmp_path / seller)
    orders = tmp_path / seller / "orders"
    for path in sorted(orders.glob("*.xlsx")):
        (orders / f"{path.stem}.csv").write_bytes(marked(path))
        path.unlink()
    assert len(hits(orders)) == len(list(orders.iterdir()))  # the search finds what is there
    result = run_campaign(
        Home(root=tmp_path, project=PROJECT), CAMPAIGN, sellers=[SELLER], steps=(1,), langs=("en",)
    )
    assert result.exit_code == 0, result.sellers
    written = [
        path for path in hits(tmp_path) if not path.startswith(f"{seller.as_posix()}/orders")
    ]
    assert written == []
    tables = tmp_path / "data" / "work" / CAMPAIGN / "base" / SELLER
    assert len(read_table(tables / "RejectedRows.parquet")) >= 5

"""A small workspace for the tests of the desk: a campaign, sellers, notebooks of a few cells."""

import json
from pathlib import Path

import pandas as pd

from planner import tables
from planner.desk.home import Home

RULES = Path(__file__).resolve().parents[1] / "data" / "rules"
CAMPAIGN = """
campaign: nov
name: {zh: 十一月, en: November}
as_of: {plan: 2025-09-16, track: 2025-11-12, review: 2025-12-05}
markets:
  TH:
    event: "11.11"
    kind: double_date
    phases:
      warm_up: {start: 2025-11-01, end: 2025-11-10}
      sale: {start: 2025-11-11, end: 2025-11-13}
    next_replenishment_on: 2025-12-01
scenarios:
  strong:
    demand: {demand_ratio: 1.5}
"""
SELLER = """
seller: {seller}
name: {{zh: 小店, en: Small shop}}
currency: THB
profile: {{category: home}}
shops:
  - shop: tiktok-th
    platform: tiktok
    market: TH
    currency: THB
    time_zone: Asia/Bangkok
    dialect: tiktok-th
    warehouse: main
warehouses:
  - {{warehouse: main, market: TH}}
"""
PARAMETERS = 'campaign = "nov"\nseller = "shop-a"\nscenario = "base"\nlang = "zh"\nas_of = ""'
OPEN = (
    "import pandas as pd\n"
    "from planner import tables\n"
    "from planner.desk.store import open_desk\n"
    "desk = open_desk(campaign, seller, scenario, as_of)"
)
WRITE_PROFILE = (
    "profile = pd.DataFrame({'shop': ['tiktok-th'], 'market': ['TH'], 'sku': [''], 'hour': [20], "
    "'units': [5], 'share_rate': [1.0]})\n"
    "desk.write(tables.HourProfile, profile)"
)
READ_PROFILE = "desk.read(tables.HourProfile)"


def book(*cells: str, parameters: str = PARAMETERS) -> str:
    """Return a notebook as JSON: title twins, the parameters cell, then these code cells."""
    texts = [("markdown", f"# 1 · {lang}", [f"lang-{lang}"]) for lang in ("zh", "en")]
    texts += [("code", parameters, ["parameters"])] + [("code", cell, []) for cell in cells]
    made = []
    for place, (kind, source, tags) in enumerate(texts):
        cell = {"cell_type": kind, "id": f"c{place}", "metadata": {"tags": tags}, "source": source}
        made.append(cell | ({"execution_count": None, "outputs": []} if kind == "code" else {}))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return json.dumps({"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def put(path: Path, text: str) -> Path:
    """Write a text, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def make_home(folder: Path, *sellers: str) -> Home:
    """Return a workspace with the campaign `nov`, these sellers and the known markets."""
    home = Home(root=folder / "ws", project=folder / "project")
    markets = RULES / "markets.csv"
    put(home.project / "data" / "rules" / markets.name, markets.read_text(encoding="utf-8"))
    put(home.root / "data" / "campaigns" / "nov.yml", CAMPAIGN)
    for seller in sellers or ("shop-a",):
        put(home.root / "data" / "sellers" / seller / "seller.yml", SELLER.format(seller=seller))
    (home.project / "notebooks").mkdir(parents=True)
    return home


def put_notebooks(home: Home, **books: str) -> None:
    """Write notebooks: `step_1=book(...)`."""
    for name, text in books.items():
        step = int(name.removeprefix("step_"))
        put(home.project / "notebooks" / f"{step:02d}_stub.ipynb", text)


def profile(hour: int = 20) -> pd.DataFrame:
    """Return a valid table HourProfile of one row."""
    key = {"shop": "tiktok-th", "market": "TH", "sku": ""}
    row = key | {"hour": hour, "units": 5, "share_rate": 1.0}
    return tables.checked(tables.HourProfile, pd.DataFrame([row]))


ORDER_HEADER = (
    "Order ID,Order Status,Seller SKU,SKU ID,Quantity,SKU Unit Original Price,"
    "SKU Subtotal After Discount,Order Amount,Created Time"
)


def put_orders(home: Home, seller: str = "shop-a", *, broken_rows: int = 0, rows: int = 60) -> Path:
    """Write an export of one line a day from 1 July 2025; the first lines may lack a quantity."""
    lines = [ORDER_HEADER]
    for row in range(rows):
        day = pd.Timestamp("2025-07-01") + pd.Timedelta(days=row)
        units = "" if row < broken_rows else "1"
        order = 576859029223080000 + row
        lines.append(f"{order},Completed,A-1,1{order},{units},10,10,10,{day:%d/%m/%Y} 12:00:00")
    return put(home.seller_folder(seller) / "orders" / "july.csv", "\n".join(lines) + "\n")


def put_registers(home: Home) -> None:
    """Copy the project's registers into the workspace."""
    for path in RULES.glob("*.csv"):
        put(home.root / "data" / "rules" / path.name, path.read_text(encoding="utf-8"))

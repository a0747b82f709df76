"""Invented tables of the sheets that a plan is decided and shipped with, and a workbook of them."""

import io
import re
import zipfile
from xml.sax.saxutils import escape

import numpy as np
import pages_samples as samples
import pandas as pd

from planner import tables
from planner.pages.sheets import TABLE_TOP
from planner.pages.workbook import plan_workbook
from planner.words import say

DECIDED = {"MOP-360-BLUE": ("push", None), "MOP-360-GREY": ("units", 240)}


def meeting() -> pd.DataFrame:
    """Return the meeting's SKUs; two were decided on before."""
    plan = samples.plan()
    made = [DECIDED.get(sku, ("", None)) for sku in plan["sku"]]
    return checked(
        tables.MeetingSheet,
        market=plan["market"], sku=plan["sku"], rank=range(1, len(plan) + 1),
        expected_profit=plan["expected_profit"], order_units=plan["order_units"],
        grade=plan["grade"],
        feasibility="feasible.by|mode=sea_fast|ship_by=2025-09-20|chance=0.9",
        advice="advice.register", decision=[decision for decision, _ in made],
        decided_units=pd.array([units for _, units in made], dtype="Int64"),
        owner=["Li" if decision else "" for decision, _ in made],
        note=["'-10 % of plan" if decision == "units" else "" for decision, _ in made],
        currency="CNY",
    )  # fmt: skip


def cartons() -> pd.DataFrame:
    """Return cartons of 24, numbered through, that agree with the shipping lines."""
    rows = []
    for (market, mode), lines in samples.ship().groupby(["market", "mode"]):
        first = 1
        for line in lines.itertuples():
            full, rest = divmod(line.units, 24)
            for count, inside in ((full, 24), (min(rest, 1), rest)):
                if count:
                    rows.append(_carton(market, mode, line.sku, first, count, inside))
                    first += count
    return tables.checked(tables.CartonMarks, pd.DataFrame(rows))


def _carton(market: str, mode: str, sku: str, first: int, count: int, inside: int) -> dict:
    shipment = f"{market}-{mode}-bkk"
    return {
        "market": market, "shipment": shipment, "mode": mode, "warehouse": "bkk", "sku": sku,
        "first_carton": first, "last_carton": first + count - 1, "units_per_carton": inside,
        "units": count * inside, "mark": f"demo / {shipment} / {sku}",
    }  # fmt: skip


def quote() -> pd.DataFrame:
    """Return two fields of a request for a quote."""
    return checked(
        tables.QuoteRequest,
        market="TH", field=["quote.double_clearance", "quote.weight_and_volume"],
        value=["quote.open", "quote.size|kg=812.5|cbm=3.25"], is_known=[False, True],
        reason=["quote.double_clearance.ask", ""],
    )  # fmt: skip


def products() -> pd.DataFrame:
    """Return the goods of a quote, one of them without an HS code."""
    return pd.DataFrame(
        {
            "market": "TH", "sku": ["FAN-USB", "KETTLE-1.7L"], "name": ["Fan", "Kettle"],
            "hs_code": ["84145199", ""], "material": "plastic", "purpose": "home",
            "unit_cost": [21.0, 40.0], "declared_cost": [np.nan, 38.0], "units": [100, 200],
            "weight_kg": [50.0, 240.0], "volume_cbm": [0.4, 1.2],
        }
    )  # fmt: skip


def gates() -> pd.DataFrame:
    """Return gates that block the shipment, the order and nothing, and one that is passed."""
    return checked(
        tables.Gates,
        market="TH", sku=["FAN-USB", "VACUUM-MINI", "KETTLE-1.7L", "LUNCHBOX-3"],
        gate=["hs_code", "size", "barcode", "certificate"],
        state=["missing", "refused", "unknown", "passed"], blocks=["ship", "order", "", ""],
        evidence="", expires_on=pd.to_datetime([None, None, None, "2026-03-01"]),
        saved_cost=[8400.0, np.nan, np.nan, np.nan],
        reason=["gate.hs_missing", "gate.oversize|edge=120|weight=30|cm=150|kg=12",
                "gate.barcode_unknown", "gate.passed"],
        source="catalogue", currency="CNY",
    )  # fmt: skip


def more_tables() -> dict[str, pd.DataFrame]:
    """Return what the workbook's further sheets are made from."""
    return {
        "MeetingSheet": meeting(),
        "CartonMarks": cartons(),
        "QuoteRequest": quote(),
        "QuoteProducts": products(),
        "Gates": gates(),
        "PaperChecks": checked(
            tables.PaperChecks,
            paper=["paper.signed", "paper.lead_time"], subject=["contract", "confirmation"],
            state=["passed", "unknown"], evidence=["contract.pdf", ""],
            confirmed_on=pd.to_datetime([None, None]), reason=["paper.passed", "paper.unknown"],
        ),
        "Deadlines": checked(
            tables.Deadlines,
            market="TH", due_on=pd.to_datetime(["2025-10-01", "2025-09-10"]),
            deadline=["price_lock", "ship_by"], mode=["", "sea"], days_left=[15, -6],
            is_past=[False, True], reason="",
        ),
        "PriceLocks": checked(
            tables.PriceLocks,
            market="TH", sku=["FAN-USB", "KETTLE-1.7L"], price=[60.0, np.nan],
            mean_unit_profit=[-3.0, np.nan], low_unit_profit=[-8.0, np.nan],
            high_unit_profit=[4.0, np.nan], mean_unit_loss=[1.0, np.nan],
            loss_chance=[0.6, np.nan],
            advice=["cap", "unknown"], max_units=[np.nan, 40.0], least_price=[66.0, np.nan],
            settle_by=pd.to_datetime(["2025-10-01", None]), reason="", currency="CNY",
        ),
        "LimitPrices": checked(
            tables.LimitPrices,
            limit=["budget", "warehouse_cbm"], market=["", "TH"], place=["", "bkk"],
            cap=[90000.0, 12.0], used=[81000.0, 12.0], unit=["CNY", "cbm"],
            is_binding=[False, True], rise=[9000.0, 1.0], shadow_price=[0.0, 310.5], reason="",
            currency="CNY",
        ),
        "WeakRows": checked(
            tables.WeakRows,
            market="TH", register=["Fees", "Lanes"], fact=["cost.clearance", "mode.sea"],
            state=["missing", "expired"], confidence=["unverified", "secondary"],
            valid_to=pd.to_datetime([None, "2025-08-31"]),
            as_of=pd.to_datetime(["2026-11-22", "2024-05-01"]), source="https://example.org",
        ),
    }  # fmt: skip


def whole() -> dict[str, pd.DataFrame]:
    """Return all tables of the workbook."""
    return {**samples.plan_tables(), **more_tables()}


def book() -> bytes:
    """Return the workbook of all of them."""
    return plan_workbook(whole(), scope=samples.scope())


def named(name: str) -> str:
    """Return the name of a sheet."""
    return f"{say(f'sheet.{name}', 'zh')} {say(f'sheet.{name}', 'en')}"


def sheet(made: bytes, name: str) -> pd.DataFrame:
    """Read a sheet back: headings by their Chinese first line."""
    rows = pd.read_excel(
        io.BytesIO(made), sheet_name=named(name), header=None, engine="calamine", dtype=object
    )
    body = rows.iloc[TABLE_TOP + 1 :].reset_index(drop=True)
    body.columns = [str(text).split("\n")[0].split(" / ")[0] for text in rows.iloc[TABLE_TOP]]
    return body


def part(made: bytes, place: int) -> str:
    """Return the XML of a sheet, counted from 1."""
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        return archive.read(f"xl/worksheets/sheet{place}.xml").decode()


def filled(made: bytes, place: int, cells: dict[str, object]) -> bytes:
    """Return the workbook as a person saves it with some cells of one sheet filled or cleared.

    Only cells that are there, as those of a table, can be filled.
    """
    name = f"xl/worksheets/sheet{place}.xml"
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as archive, zipfile.ZipFile(out, "w") as saved:
        for info in archive.infolist():
            data = archive.read(info)
            if info.filename == name:
                text = data.decode()
                for address, value in cells.items():
                    text = _with_cell(text, address, value)
                data = text.encode()
            saved.writestr(info, data)
    return out.getvalue()


def _with_cell(xml: str, address: str, value: object) -> str:
    found = re.search(rf'<c r="{address}"( s="\d+")?[^>]*?(/>|>.*?</c>)', xml)
    assert found, address
    style = found.group(1) or ""
    if value is None:
        cell = f'<c r="{address}"{style}/>'
    elif isinstance(value, int | float):
        cell = f'<c r="{address}"{style}><v>{value}</v></c>'
    else:
        told = escape(str(value))
        cell = f'<c r="{address}"{style} t="inlineStr"><is><t>{told}</t></is></c>'
    return xml.replace(found.group(0), cell, 1)


def checked(table: type[tables.Table], **columns: object) -> pd.DataFrame:
    """Return a checked table of these columns."""
    frame = pd.DataFrame(columns)
    days = frame.select_dtypes("datetime").columns
    return tables.checked(table, frame.astype(dict.fromkeys(days, "datetime64[us]")))

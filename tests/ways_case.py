"""What several test modules share: registers of entry by hand, and ways through them."""

from typing import Any

import numpy as np
import pandas as pd
import supply_case as case

from planner import tables
from planner.supply.charges.ways import ways_and_terms

FEES = {
    "clearance": (650.0, "shipment"),
    "inbound": (2.0, "unit"),
    "outbound": (5.0, "unit"),
    "storage": (0.5, "cbm_day"),
    "returns": (4.0, "unit"),
    "commission": (0.06, "share_price"),
    "transaction": (0.03, "share_price"),
}


def surcharges(*rows: tuple[str, str, float, str]) -> pd.DataFrame:
    """Rows of (mode, kind, value, unit) in Thailand, THB."""
    described = [
        {"market": "TH", "mode": mode, "kind": kind, "value": value, "unit": unit}
        for mode, kind, value, unit in rows
    ]
    return case.dated(described, currency="THB") if rows else tables.empty(tables.Surcharges)


def duties(duty: float = np.nan, tax: float = np.nan, base: str = "cif", **rows) -> pd.DataFrame:
    """Rates for any category; others as category=(duty, tax)."""
    given = {"any": (duty, tax), **rows}
    return case.dated(
        [
            {"market": "TH", "category": kind, "duty_rate": one, "import_tax_rate": two}
            for kind, (one, two) in given.items()
        ],
        base=base,
    )


def handling(**works: tuple[float, str]) -> pd.DataFrame:
    """Fees of Thailand in THB: work=(value, unit); a free label where nothing is told."""
    given = works or {"label": (0.0, "unit")}
    return case.dated(
        [{"market": "TH", "work": work, "value": one[0], "unit": one[1]} for work, one in
         given.items()],
        currency="THB",
    )  # fmt: skip


def registers(**changed: Any) -> dict[str, pd.DataFrame]:
    whole = {
        "fees": case.fees(**FEES),
        "surcharges": surcharges(),
        "duty_rates": duties(0.1, 0.07),
        "handling_fees": handling(),
    }
    return {**whole, **changed}


INSURED = {"insurance": {"cover": "none", "loss_rate": 0.0}}


def options(described: dict | None) -> pd.DataFrame:
    """Return the two lanes by hand; cover, contract and fees change nothing of them."""
    dates = {key: value for key, value in (described or {}).items() if key in ("as_of", "plan")}
    return case.options(case.scope(**dates))


def ways(*goods: dict, scope: dict | None = None, **changed: Any) -> pd.DataFrame:
    """SkuWays by sea and truck of goods of 0.5 kg, 0.002 CBM and 40 THB; nothing is lost."""
    chosen = case.scope(**{**INSURED, **(scope or {})})
    given = registers(**changed)
    frame, _ = ways_and_terms(case.catalogue(*goods), options(scope), **given, scope=chosen)
    return frame.set_index(["sku", "mode"])


def terms(*goods: dict, scope: dict | None = None, **changed: Any) -> pd.DataFrame:
    """WayTerms of the same, all columns."""
    chosen = case.scope(**{**INSURED, **(scope or {})})
    given = registers(**changed)
    return ways_and_terms(case.catalogue(*goods), options(scope), **given, scope=chosen)[1]


def term(name: str, *goods: dict, mode: str = "sea", **changed: Any) -> pd.Series:
    """One term of SKU A on one mode."""
    rows = terms(*goods, **changed)
    return rows[(rows["term"] == name) & (rows["mode"] == mode)].iloc[0]

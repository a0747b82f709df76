"""What each rule would have ordered and what its shelf did, day by day: CSV that Excel opens.

Reads tables of the review; reckons nothing but the money of an order.
"""

import pandas as pd

from planner.intake.inert import as_inert
from planner.pages.bilingual import both
from planner.pages.csv_twins import excel_csv

KEYS = ["market", "sku"]
ORDER_MONEY = "bought_at_landed"
COLUMNS = (
    "market", "sku", "day", "rule", "order_units", "shelf_units", "sold_units", "lost_units",
    ORDER_MONEY, "currency",
)  # fmt: skip


def rules_csv(days: pd.DataFrame, economics: pd.DataFrame) -> bytes:
    """Return every SKU, day and rule with what it ordered, held, sold, missed and would pay.

    Parameters
    ----------
    days : DataFrame
        Table `SellerRules`.
    economics : DataFrame
        Table `UnitEconomics`: the landed cost by which the review reckons the rules' profit.

    Returns
    -------
    bytes
        Headings and rules in both languages; the money is blank where the landed cost is unknown.
    """
    unit = economics[[*KEYS, "landed_cost", "currency"]]
    told = days.merge(unit, on=KEYS, how="left", validate="many_to_one")
    told[ORDER_MONEY] = (told["order_units"] * told["landed_cost"]).round(2)
    told["sku"] = [as_inert(sku) for sku in told["sku"]]
    names = {rule: both(f"rule.{rule}") for rule in told["rule"].unique()}
    told["rule"] = told["rule"].map(names)
    told = told[list(COLUMNS)].rename(columns={name: both(name) for name in COLUMNS})
    return excel_csv(told, float_format="%.12g")

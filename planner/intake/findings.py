"""Everything that was noticed about a seller's files, in one table.

Each reader notices what concerns its own files; here the remarks come together.
"""

from collections.abc import Mapping
from datetime import date

import pandas as pd

from planner.intake.came_back import findings_of_returns
from planner.intake.coverage import gaps
from planner.intake.inventory import Inventory, findings_of_stock
from planner.intake.orders import Intake
from planner.intake.returns import Returns
from planner.seller import Seller
from planner.tables.contract import checked, empty
from planner.tables.intake import Findings

STOCK_LAG_DAYS = 7
"""A snapshot that lags further behind the last order says little of today (house judgement)."""


def gathered(
    intake: Intake,
    returned: Returns,
    *,
    lines: pd.DataFrame,
    known: pd.DataFrame,
    stock: pd.DataFrame,
    seller: Seller,
    until: Mapping[str, date],
    counted: Inventory | None = None,
) -> pd.DataFrame:
    """Return what was noticed on order, return and stock exports, missing days and stock.

    Parameters
    ----------
    intake, returned : Intake, Returns
        As `orders.read_orders` and `returns.read_returns` give them.
    lines, known : DataFrame
        Keep the contract OrderLines: all lines with their returns, and those known on the day.
    stock : DataFrame
        Keeps the contract Stock.
    seller : Seller
    until : mapping of market to date
        First day of each market that is not known yet.
    counted : Inventory, optional
        As `inventory.read_inventory` gives the stock reports.

    Returns
    -------
    DataFrame
        Keeps the contract Findings.
    """
    parts = [
        intake.findings,
        returned.findings,
        *([] if counted is None else [counted.findings]),
        findings_of_returns(lines, returned.lines, seller),
        gaps(intake.files, lines, until=until, rejected=intake.rejected),
        findings_of_stock(stock, known, max_days=STOCK_LAG_DAYS),
    ]
    filled = [part for part in parts if len(part)]
    return checked(Findings, pd.concat(filled)) if filled else empty(Findings)

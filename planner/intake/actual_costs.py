"""Reads what bills said after a campaign: `actual_costs.csv` or `.xlsx` of the seller."""

import difflib
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from planner.intake.contracts import ROW
from planner.intake.masters import master_path
from planner.intake.rules import Check, read_table, refuse_repeats
from planner.seller import Seller
from planner.tables.contract import checked, columns, empty
from planner.tables.review import BILL_TERMS, ActualCosts

NEEDED = ("term", "amount_cost")


def read_actual_costs(folder: Path, seller: Seller) -> pd.DataFrame:
    """Return what bills said, in the seller's currency.

    Parameters
    ----------
    folder : Path
        Folder of the seller. Columns `term` (as the cost lines of the plan, or refusal) and
        `amount_cost` must be there; `market` where the seller has several, `sku` where a bill is
        for one, and `source`, the number of the bill, may be left out. Of one market and term
        either no bill names a SKU or each does: which of a bill for all were those of a SKU nobody
        could tell.
    seller : Seller

    Returns
    -------
    DataFrame
        Keeps the contract ActualCosts; no rows if there is no file.

    Raises
    ------
    InputError
        Names file, row, column, value and remedy, for every wrong cell at once.
    """
    path = master_path(folder, "actual_costs")
    if path is None:
        return empty(ActualCosts)
    optional = [name for name in columns(ActualCosts) if name not in NEEDED]
    checks = (_wrong_terms, _wrong_markets(seller.markets), _mixed_bills)
    read = read_table(path, ActualCosts, optional=optional, checks=checks)
    refuse_repeats(path, read, ("market", "sku", "term", "source"))
    market = read["market"].where(read["market"] != "", seller.markets[0])
    return checked(ActualCosts, read.assign(market=market)[columns(ActualCosts)])


def _wrong_terms(frame: pd.DataFrame) -> Iterator[str]:
    for row, term in frame[[ROW, "term"]].itertuples(index=False, name=None):
        if term in BILL_TERMS:
            continue
        near = difflib.get_close_matches(str(term), BILL_TERMS, 1)
        hint = f"did you mean {near[0]}?" if near else f"write one of {', '.join(BILL_TERMS)}"
        yield f'row {row}, column "term": {term!r} is no cost term; {hint}'


def _mixed_bills(frame: pd.DataFrame) -> Iterator[str]:
    for (_, term), own in frame.groupby(["market", "term"], sort=False):
        named = own[own["sku"] != ""]
        if len(named) in (0, len(own)):
            continue
        row, sku = named.iloc[0][[ROW, "sku"]]
        first = own.loc[own["sku"] == "", ROW].iloc[0]
        yield (
            f'row {row}, column "sku": {sku!r}, but row {first} bills {term} for all SKUs; name '
            "the SKU on every bill of this market and term, or on none"
        )


def _wrong_markets(markets: tuple[str, ...]) -> Check:
    known = ", ".join(markets)

    def wrong(frame: pd.DataFrame) -> Iterator[str]:
        for row, market in frame[[ROW, "market"]].itertuples(index=False, name=None):
            if market in markets or (market == "" and len(markets) == 1):
                continue
            yield f'row {row}, column "market": {market!r}; write one of {known}'

    return wrong

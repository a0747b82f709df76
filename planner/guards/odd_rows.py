"""Odd rows: cells of a seller's tables that no reader refuses and that still cannot be meant.

Codes of customs, certificates, categories, markets and SKUs that no rule and no catalogue knows;
decisions below a minimum order. Works on rows as they were read, with their numbers.
"""

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date

import pandas as pd

from planner.guards.gates import ADMISSION
from planner.guards.goods_checks import alternatives, listed
from planner.guards.odd_settings import Odd
from planner.intake.contracts import ROW
from planner.supply.trips.lanes import ANY_MARKET

HS_CODE = re.compile(r"(\d{6}|\d{8}|\d{10})")
"""Six digits are the world's, eight or ten a country's own. Source: WCO Harmonized System."""
DATED = ("confidence", "source")
FREE = (*DATED, "currency", "event", "rule")
"""Texts of a register that may say anything, or that a check of their own judges."""
GROWING = ("category", "certificate")
"""Words a seller may add; only one that is nearly a known one is odd."""


def odd_goods(
    goods: pd.DataFrame, *, categories: Collection[str], papers: Collection[str]
) -> Iterator[Odd]:
    """Yield odd customs codes, certificates and categories of a catalogue.

    Parameters
    ----------
    goods : DataFrame
        Rows of the catalogue with `row`: hs_code, certificates, category.
    categories, papers : collection of str
        That some rule knows.

    Notes
    -----
    A category is told once, at its first row. Dots and blanks of an HS code do not count.
    """
    for line in goods.to_dict("records"):
        code = re.sub(r"[.\s]", "", line["hs_code"])
        if code and not HS_CODE.fullmatch(code):
            yield Odd("hs_code", line["hs_code"], row=line[ROW], column="hs_code")
        for name in sorted(listed(line["certificates"])):
            if name not in papers:
                yield _of(line, "certificate_name", name, "certificates", papers)
    named = goods[goods["category"].str.strip() != ""].drop_duplicates("category")
    for line in named.to_dict("records"):
        if line["category"].strip().lower() not in categories:
            yield _of(line, "category", line["category"], "category", categories)


def odd_evidence(
    rows: pd.DataFrame,
    *,
    categories: Collection[str],
    papers: Collection[str],
    skus: Collection[str],
    markets: Collection[str],
) -> Iterator[Odd]:
    """Yield odd rows of the papers on file: nothing they name would ever ask for them.

    Parameters
    ----------
    rows : DataFrame
        Table `Evidence` with `row`.
    categories, papers : collection of str
        That some rule knows.
    skus, markets : collection of str
        Of the seller; of no SKU is anything said where there is no catalogue.
    """
    for line in rows.to_dict("records"):
        name = line["certificate"].strip().upper()
        if name != ADMISSION and not alternatives(name) & {*papers}:
            yield _of(line, "certificate_name", line["certificate"], "certificate", papers)
        category = line["category"].strip().lower()
        if category and category not in categories:
            yield _of(line, "category", line["category"], "category", categories)
        yield from _places(line, skus, markets)


def odd_decisions(
    rows: pd.DataFrame,
    *,
    skus: Collection[str],
    markets: Mapping[str, date],
    least: Mapping[str, float],
) -> Iterator[Odd]:
    """Yield decisions that no plan can follow as they stand, or only below a minimum order.

    Parameters
    ----------
    rows : DataFrame
        Table `Decisions` with `row`.
    skus : collection of str
        Of the catalogue; nothing is said of SKUs where there is none.
    markets : mapping
        Of the seller, with the last planning day of its campaigns.
    least : mapping
        By SKU, its minimum order.
    """
    for line in rows.to_dict("records"):
        yield from _places(line, skus, markets)
        units, moq = line["units"], least.get(line["sku"], 0.0)
        if not pd.isna(units) and 0 < units < moq:
            facts = {"moq": round(moq)}
            yield Odd("below_moq", str(units), row=line[ROW], column="units", facts=facts)
        day = markets.get(line["market"])
        if day is not None and not pd.isna(line["decided_on"]) and line["decided_on"].date() > day:
            told, facts = f"{line['decided_on']:%Y-%m-%d}", {"day": str(day)}
            yield Odd("decided_later", told, row=line[ROW], column="decided_on", facts=facts)


def odd_rules(own: pd.DataFrame, words: Mapping[str, Collection[str]]) -> Iterator[Odd]:
    """Yield words of a seller's own rows of a register that no rule knows.

    Parameters
    ----------
    own : DataFrame
        The seller's rows with `row`.
    words : mapping
        By column of text, what rules say there.

    Notes
    -----
    Of categories and papers, which a seller may add, only what is nearly a known word is told.
    """
    for column, said in words.items():
        if column in FREE or column not in own:
            continue
        known = {*said, ANY_MARKET}
        strange = own[~own[column].isin(known)].drop_duplicates(column)
        for line in strange.to_dict("records"):
            if column in GROWING and not difflib.get_close_matches(line[column], known, 1):
                continue
            code = "market_unknown" if column == "market" else "rule_word"
            yield _of(line, code, line[column], column, known)


def _places(line: dict, skus: Collection[str], markets: Collection[str]) -> Iterator[Odd]:
    if line["sku"] and skus and line["sku"] not in skus:
        yield _of(line, "sku", line["sku"], "sku", skus)
    if line["market"] and line["market"] not in markets:
        yield _of(line, "market_not_sold", line["market"], "market", markets)


def _of(line: dict, code: str, value: str, column: str, known: Collection[str]) -> Odd:
    return Odd(code, value, row=line[ROW], column=column, known=tuple(sorted(known)))

"""What a campaign leaves for the next one, as tables: ratios of SKUs and of cells.

Tables of memory in, blocks out; a ratio is a sum over a sum, nothing else is reckoned here.
"""

import pandas as pd

from planner.pages.blocks import Block, show_table
from planner.pages.telling import tell_number
from planner.words import say

CELL = ["memory", "kind", "phase", "mode", "category", "price_band"]
"""What names a row; places within a phase are left to the file."""
DAYS = "phase_day"
"""Memory of single days of a phase: many rows that say little one by one."""
BY_SHIPMENT = "receiving"
"""Memory whose ratio is days a shipment, not a number without a unit."""
SKU_COLUMNS = ["shop", "sku", "kind", "phase", "expected_units", "actual_units", "uplift_ratio"]


def show_ratios(ratios: pd.DataFrame, lang: str) -> Block:
    """Return what a campaign taught by cell: uplift, returns, days of trips and to the shelf.

    Parameters
    ----------
    ratios : DataFrame
        Table `CampaignRatios`.
    lang : {"zh", "en"}

    Returns
    -------
    Block
        The ratio is days a shipment for days to the shelf, a share for returns.
    """
    told = ratios[ratios["memory"] != DAYS]
    ratio = told["actual_sum"] / told["expected_sum"]
    told = told.assign(ratio_told=[
        say("review.days_a_shipment", lang, days=f"{value:.1f}") if memory == BY_SHIPMENT
        else tell_number(value, "cell_ratio", lang)
        for memory, value in zip(told["memory"], ratio, strict=True)
    ])  # fmt: skip
    columns = [*CELL, "n_skus", "actual_sum", "expected_sum", "ratio_told"]
    return show_table(
        told, lang, columns=columns, fold_term="review.memory_rows", empty_term="empty.remembered"
    )


def show_uplifts(learnt: pd.DataFrame, lang: str) -> Block:
    """Return the uplift that each SKU showed in each phase, folded up.

    Parameters
    ----------
    learnt : DataFrame
        Table `UpliftMemory`.
    lang : {"zh", "en"}
    """
    return show_table(
        learnt,
        lang,
        columns=SKU_COLUMNS,
        fold_term="review.memory_skus",
        empty_term="empty.remembered",
    )

"""Tables that one campaign hands to the next: ratios without units, and their shared form."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table

MEMORIES = ("uplift", "phase_day", "returns", "receiving", "lead")
PRICE_BANDS = ("low", "middle", "high")


class UpliftMemory(Table):
    """One row per shop, category, SKU, event and phase: the ratio a past campaign showed."""

    seller: str
    shop: str
    market: str
    category: str
    sku: str
    campaign: str
    event: str
    kind: str
    phase: str = pa.Field(isin=("warm_up", "sale", "tail"))
    ended_on: pd.Timestamp
    uplift_ratio: float = pa.Field(gt=0)
    expected_units: float = pa.Field(ge=0)
    actual_units: float = pa.Field(ge=0)


class CampaignRatios(Table):
    """One row per cell of one seller's campaign: what came, and what it is measured by."""

    seller: str
    campaign: str
    memory: str = pa.Field(isin=MEMORIES)
    """`uplift` units over ordinary units, `phase_day` a day over an even day, `returns` units back
    over units sold, `receiving` days from dock to shelf over shipments, `lead` days over those
    planned."""
    kind: str
    """Of the event; blank where it does not matter, as all that follows."""
    phase: str
    place: str
    """Of a day in its phase, the kind of a warehouse, or the stage of a trip."""
    mode: str
    category: str
    market: str
    price_band: str = pa.Field(isin=("", *PRICE_BANDS))
    ended_on: pd.Timestamp
    actual_sum: float = pa.Field(ge=0)
    expected_sum: float = pa.Field(gt=0)
    n_skus: int = pa.Field(ge=1)


class SharedRatios(Table):
    """One row per cell that enough sellers of a provider filled; names none of them."""

    campaign: str
    memory: str = pa.Field(isin=MEMORIES)
    kind: str
    phase: str
    place: str
    mode: str
    category: str
    """`any`: all of them together, as in `market` and `price_band`."""
    market: str
    price_band: str = pa.Field(isin=("", "any", *PRICE_BANDS))
    ended_on: pd.Timestamp
    cell_ratio: float = pa.Field(gt=0)
    """Mean over sellers by units; none weighs more than `memory_seller_share` of the bounds."""
    seller_log_sd: float = pa.Field(nullable=True, ge=0)
    """How far sellers lie apart; only where twice the sellers needed gave to it."""
    n_sellers: int = pa.Field(ge=2)
    n_skus: int = pa.Field(ge=1)

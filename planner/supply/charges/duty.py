"""Duty: what customs takes of the declared value, and who pays it.

Knows rates by market and category and the contract's terms of delivery. Knows
nothing of HS codes; a rate nobody gave stays unknown.
"""

import math

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.supply.charges.tariffs import own_figure, told_source
from planner.supply.trips.lanes import ANY_MARKET

TERMS = {"duty": "duty_rate", "import_tax": "import_tax_rate"}
SOURCES = tuple(f"{rate}_source" for rate in TERMS.values())
OWN = "seller.yml: fees"
INCLUDED = "seller.yml: contract.duty is DDP"
AT_THE_DOOR = "seller.yml: contract.duty is DDU"


def unit_duty(goods: pd.DataFrame, duty_rates: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """Return duty and import tax of one unit, as a cost or as a risk.

    Parameters
    ----------
    goods : DataFrame
        market, sku, category, unit_cost, carriage_cost [currency/unit]: freight and surcharges.
    duty_rates : DataFrame
        Register `DutyRates`, rows in force on the planning day.
    scope : Scope
        The seller's own rates are the keys `duty` and `import_tax` of `fees`, also by market
        (`TH.duty`), as shares of the declared value.

    Returns
    -------
    DataFrame
        One row per row of `goods`, in its order: for each of `duty` and `import_tax` the columns
        `<term>_cost`, `<term>_risk` [currency/unit], `<term>_known` and `<term>_source`.

    Notes
    -----
    ``duty = rate * base``; ``import tax = rate * (base + duty)``; ``base`` is the unit cost
    (`fob`), with the freight under `cif`. The unit cost stands for the declared value.

    - A contract of DDP has both in its price: a known zero, unless it says that duty is billed
      beside (`is_duty_billed`), or the seller gives a rate of his own.
    - DDU is no cost of the plan, but whoever receives the goods must pay before they are let in:
      the amount stands as a risk.
    - A contract that does not say is reckoned as paid by the seller.

    A category without a row takes the market's row for `any`, each rate for itself.
    """
    rates = _rates(goods, duty_rates, scope)
    base = goods["unit_cost"] + goods["carriage_cost"].where(rates["base"] == "cif", 0.0)
    duty = rates["duty_rate"] * base
    amounts = {"duty": duty, "import_tax": rates["import_tax_rate"] * (base + duty.fillna(0.0))}
    contract = scope.seller.contract
    is_included = contract.duty == "DDP" and not contract.is_duty_billed
    result = {}
    for term, rate in TERMS.items():
        amount = amounts[term].mask(rates[rate] == 0, 0.0)
        is_own = rates[f"{rate}_source"] == OWN
        cost, risk, source = amount, pd.Series(0.0, index=goods.index), rates[f"{rate}_source"]
        if is_included:
            cost, source = amount.where(is_own, 0.0), source.where(is_own, INCLUDED)
        elif contract.duty == "DDU":
            cost, risk = pd.Series(0.0, index=goods.index), amount
            source = AT_THE_DOOR + "; " + source
        result |= {
            f"{term}_cost": cost,
            f"{term}_risk": risk,
            f"{term}_known": (cost + risk).notna(),
            f"{term}_source": source,
        }
    return pd.DataFrame(result, index=goods.index)


def _rates(goods: pd.DataFrame, duty_rates: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    category = goods["category"].fillna("").str.strip().str.lower()
    keys = pd.DataFrame({"market": goods["market"], "category": category})
    sought = keys.drop_duplicates()
    rows = [_rate(market, kind, duty_rates, scope) for market, kind in sought.to_numpy()]
    told = pd.DataFrame(rows, columns=["base", *TERMS.values(), *SOURCES])
    known = pd.concat([sought.reset_index(drop=True), told], axis=1)
    merged = keys.merge(known, on=["market", "category"], how="left")
    return merged.set_index(goods.index)


def _rate(market: str, category: str, duty_rates: pd.DataFrame, scope: Scope) -> dict[str, object]:
    rows = duty_rates[duty_rates["market"] == market].drop_duplicates("category", keep="last")
    by_kind = {row["category"]: row for row in rows.to_dict("records")}
    own_row, general = by_kind.get(category), by_kind.get(ANY_MARKET)
    found: dict[str, object] = {"base": (own_row or general or {"base": "cif"})["base"]}
    for term, rate in TERMS.items():
        candidates = [row for row in (own_row, general) if row and not pd.isna(row[rate])]
        own = own_figure(scope, market, term)
        if own is not None:
            found |= {rate: own, f"{rate}_source": OWN}
        elif candidates:
            found |= {rate: candidates[0][rate], f"{rate}_source": told_source(candidates[0])}
        else:
            row = own_row or general
            told = told_source(row) if row else "not in duty_rates.csv"
            found |= {rate: math.nan, f"{rate}_source": told}
    return {name: np.nan if value is None else value for name, value in found.items()}

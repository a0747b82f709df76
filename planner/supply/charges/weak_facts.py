"""Weak facts: rows of the registers that a plan should not rest on unseen.

Knows validity and confidence of rows. Knows nothing of what they are used for;
a fact for which the seller gives a figure of his own is none of them.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, get_args

import numpy as np
import pandas as pd

from planner import tables
from planner.campaign import EventKind
from planner.scope import Scope
from planner.supply.charges.own_returns import OWN_ORDERS, PRIOR_ORDERS
from planner.supply.charges.surcharges import FORBIDDEN
from planner.supply.charges.tariffs import own_figure
from planner.supply.trips.lanes import ANY_MARKET, STEP
from planner.words import is_known

WEAK = ("low", "unverified")
"""Confidences on which no plan should rest unseen."""
OWN_KEYS = {
    "Fees": "{0}",
    "HandlingFees": "handling.{0}",
    "Surcharges": "{0}.surcharge.{1}",
}
"""By register, the key of a seller's own figure for a fact."""
FAMILIES = {
    "Fees": "cost",
    "HandlingFees": "work",
    "DutyRates": "category",
    "ReturnRates": "category",
    "Lanes": "mode",
}
"""By register, the family of glossary terms that its facts are told by."""


class _Fact(NamedTuple):
    register: str
    names: tuple[str, ...]

    def is_own(self, scope: Scope, market: str) -> bool:
        key = OWN_KEYS.get(self.register)
        if key is None:
            return False
        return own_figure(scope, market, key.format(*self.names)) is not None

    def told(self) -> str:
        if self.register == "Surcharges":
            mode, kind = self.names
            family = "kind" if kind in get_args(EventKind) else "category"
            return f"fact.surcharge|mode={mode}|kinds={family}.{kind}"
        term = f"{FAMILIES.get(self.register, '')}.{self.names[0] if self.names else ''}"
        return term if is_known(term) else " ".join(self.names)


def weak_rows(
    registers: Mapping[str, pd.DataFrame], keys: Mapping[str, Sequence[str]], *, scope: Scope
) -> pd.DataFrame:
    """Return the facts of the plan's markets that stand on weak ground, gravest first.

    Parameters
    ----------
    registers : mapping of str to DataFrame
        By name of the contract (`Fees`), whole registers, expired rows included.
    keys : mapping of str to sequence of str
        By the same name the columns that name a fact.
    scope : Scope
        Its markets and planning days.

    Returns
    -------
    DataFrame
        Table `WeakRows`. Of each fact the row in force on the planning day is judged: `expired`
        where its last row has ended, `missing` where it holds no figure, `weak` where its source
        is. A fact that starts later, or that the seller gives a figure of his own for, is not told.
    """
    parts = []
    for name, frame in registers.items():
        for market in scope.markets:
            used = frame if "market" not in frame else _of_market(frame, market)
            judged = _judged(used, list(keys[name]), pd.Timestamp(scope.as_of(STEP)[market]))
            facts = [_Fact(name, names) for names in judged["names"]]
            is_own = [fact.is_own(scope, market) for fact in facts]
            told = judged.assign(register=name, market=market, fact=[fact.told() for fact in facts])
            parts.append(told[~np.array(is_own, dtype=bool)])
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if found.empty:
        return tables.empty(tables.WeakRows)
    order = {state: place for place, state in enumerate(tables.WEAK_STATES)}
    found["place"] = found["state"].map(order)
    found = found.sort_values(["place", "register", "market", "fact"])
    return tables.checked(tables.WeakRows, found[tables.columns(tables.WeakRows)])


def still_weak(
    weak: pd.DataFrame, return_rates: pd.DataFrame, catalogue: pd.DataFrame
) -> pd.DataFrame:
    """Return the weak facts without return rates that are not used, or that own orders replaced.

    Parameters
    ----------
    weak : DataFrame
        Table `WeakRows`.
    return_rates : DataFrame
        Register `ReturnRates` as `own_returns.own_return_rates` leaves it: from `PRIOR_ORDERS` own
        orders on the seller's own rate outweighs the register's.
    catalogue : DataFrame
        Table `Catalogue`: a rate of a category that none of its SKUs is of is not used.
    """
    kinds = {ANY_MARKET, *catalogue["category"].str.strip().str.lower()}
    orders = return_rates["source"].str.extract(f"^{OWN_ORDERS} ([0-9]+)")[0].astype(float)
    own = return_rates[orders >= PRIOR_ORDERS]
    name = weak["fact"].str.split("category.").str[-1]
    replaced = pd.MultiIndex.from_frame(own[["market", "category"]])
    is_own = pd.MultiIndex.from_arrays([weak["market"], name]).isin(replaced)
    is_idle = (weak["register"] == "ReturnRates") & (is_own | ~name.isin(kinds))
    return weak[~is_idle].reset_index(drop=True)


def _of_market(frame: pd.DataFrame, market: str) -> pd.DataFrame:
    return frame[frame["market"].isin([market, ANY_MARKET])]


def _judged(rows: pd.DataFrame, key: list[str], today: pd.Timestamp) -> pd.DataFrame:
    begun = rows[rows["valid_from"] <= today].sort_values("valid_from")
    last = begun.drop_duplicates(key, keep="last")
    figures_of = [
        name for name in last.select_dtypes("number").columns if name not in ("row", "step")
    ]
    is_missing = last[figures_of].isna().all(axis=1) & bool(figures_of)
    if "unit" in last:
        is_missing &= last["unit"] != FORBIDDEN
    state = pd.Series("", index=last.index)
    state = state.mask(last["confidence"].isin(WEAK), "weak").mask(is_missing, "missing")
    state = state.mask(last["valid_to"] < today, "expired")
    names = last[[name for name in key if name != "market"]].astype("str")
    frame = last.assign(state=state, names=list(names.itertuples(index=False, name=None)))
    return frame.loc[state != "", ["names", "state", "confidence", "valid_to", "as_of", "source"]]

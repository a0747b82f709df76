"""What an order line is: firm, on delivery, unpaid, cancelled, sample, gift and so on.

The rules stand in one table, `kinds.csv`, in the order in which they are tried: the first that
fits names the line. The same table says which kinds are demand and which draw stock.
"""

from functools import cache
from importlib import resources

import numpy as np
import pandas as pd

from planner.errors import ConfigError
from planner.tables.intake import KINDS

FLAGS = ("is_demand", "draws_stock", "comes_back")
TEXTS = ("kind", "when_zh", "when_en", "source")
CANCELLED = ("cancelled_after", "cancelled_unpaid", "cancelled_before")
OPEN = ("unpaid", "on_hold", "to_ship", "shipped")
"""Statuses of an order that money may still be collected for."""


@cache
def _kinds() -> pd.DataFrame:
    path = resources.files("planner.intake").joinpath("kinds.csv")
    with path.open(encoding="utf-8") as file:
        table = pd.read_csv(file, dtype="str", keep_default_na=False)
    if list(table.columns) != [*TEXTS[:1], *FLAGS, *TEXTS[1:]]:
        raise ConfigError(f"kinds.csv: the columns are not kind, {', '.join(FLAGS)} and texts")
    if sorted(table["kind"]) != sorted(KINDS):
        raise ConfigError(f"kinds.csv: every kind stands once: {', '.join(KINDS)}")
    if not table[list(FLAGS)].isin(("true", "false")).all(axis=None):
        raise ConfigError(f"kinds.csv: {', '.join(FLAGS)} are true or false")
    return table.assign(**{name: table[name] == "true" for name in FLAGS})


def kinds() -> pd.DataFrame:
    """Return every kind of line in the order in which the rules are tried.

    Returns
    -------
    DataFrame, shape (11, 7)
        `kind`, `is_demand`, `draws_stock`, `comes_back`, `when_zh`, `when_en`, `source` (the
        columns of an export that the rule reads).

    Raises
    ------
    ConfigError
        If the table lacks a kind or says something else than true or false.

    Examples
    --------
    >>> table = kinds().set_index("kind")
    >>> table.index[table["is_demand"]].tolist()
    ['on_hold', 'preorder', 'cod', 'firm']
    """
    return _kinds().copy()


def kind_of_lines(
    lines: pd.DataFrame,
    *,
    said: pd.Series,
    is_unpaid: pd.Series,
    is_on_delivery: pd.Series,
) -> pd.Series:
    """Return the kind of every order line.

    Parameters
    ----------
    lines : DataFrame
        All lines of each order: `order_id`, `status`, `paid_at`, `shipped_at`, `gross_minor`
        and `amount_minor` [minor units]; `shop` where there are several.
    said : Series of str
        Kind that the type of order or of cancellation names, empty if none.
    is_unpaid, is_on_delivery : Series of bool
        Whether the buyer owes the money, or never paid it; whether it is collected at the door.

    Returns
    -------
    Series of str
        One of `tables.KINDS` for each line.
    """
    is_cancelled = lines["status"] == "cancelled"
    is_sample, is_gift = free_lines(lines)
    is_open = lines["status"].isin(OPEN) & lines["paid_at"].isna()
    fits = {
        "cancelled_after": is_cancelled & lines["shipped_at"].notna(),
        "cancelled_unpaid": is_cancelled & is_unpaid & ~is_on_delivery,
        "cancelled_before": is_cancelled,
        "unpaid": is_unpaid & ~is_on_delivery,
        "replacement": said == "replacement",
        "sample": is_sample | (said == "sample"),
        "gift": is_gift | (said == "gift"),
        "on_hold": lines["status"] == "on_hold",
        "preorder": said == "preorder",
        "cod": is_on_delivery & is_open,
    }
    order = [kind for kind in _kinds()["kind"] if kind in fits]
    chosen = np.select([fits[kind].to_numpy(dtype=bool) for kind in order], order, "firm")
    return pd.Series(chosen, index=lines.index, dtype="str")


def free_lines(lines: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return which lines are samples and which are gifts, by their money alone.

    Notes
    -----
    A line without a price is a sample if no line of its order has one, else a gift. A line
    discounted to nothing is a gift if another line of its order is paid for. Where money is
    unknown nothing is said.
    """
    keys = [lines[name] for name in ("shop", "order_id") if name in lines]
    by_order = pd.concat(keys, axis=1) if len(keys) > 1 else keys[0].to_frame()
    order = by_order.groupby(list(by_order), sort=False, dropna=False).ngroup().to_numpy()
    gross = lines["gross_minor"].astype("Float64").to_numpy(dtype="float64", na_value=np.nan)
    amount = lines["amount_minor"].astype("Float64").to_numpy(dtype="float64", na_value=np.nan)
    is_priced = _any_of_order(order, gross > 0)
    is_paid_for = _any_of_order(order, amount > 0)
    is_sample = (gross == 0) & ~is_priced
    is_gift = ((gross == 0) & is_priced) | ((amount == 0) & is_paid_for)
    return (
        pd.Series(is_sample & ~is_paid_for, index=lines.index),
        pd.Series(is_gift, index=lines.index),
    )


def is_demand(kind: pd.Series) -> pd.Series:
    """Return for each kind of line whether it counts as demand."""
    return kind.isin(_kinds().loc[_kinds()["is_demand"], "kind"].tolist())


def shares_of_kinds(lines: pd.DataFrame) -> pd.DataFrame:
    """Return how many lines and units are of each kind.

    Returns
    -------
    DataFrame, shape (11, 7)
        `kind`, `lines`, `units`, `share_rate` (of all units, 0 where there are none),
        `is_demand`, `draws_stock`, `comes_back`; kinds that do not occur have zeros.
    """
    groups = lines.groupby("kind")["units"].agg(["size", "sum"])
    table = _kinds()[["kind", *FLAGS]]
    counts = groups.reindex(table["kind"]).fillna(0).astype("int64").reset_index(drop=True)
    total = max(int(counts["sum"].sum()), 1)
    shares = {"lines": counts["size"], "units": counts["sum"], "share_rate": counts["sum"] / total}
    return table.assign(**shares)[["kind", *shares, *FLAGS]]


def _any_of_order(order: np.ndarray, marks: np.ndarray) -> np.ndarray:
    if not len(order):
        return np.zeros(0, dtype=bool)
    return (np.bincount(order, weights=marks, minlength=int(order.max()) + 1) > 0)[order]

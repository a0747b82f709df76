"""Came back: returned units put on order lines, how long they took, and what does not add up."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from planner.intake.balance import framed
from planner.seller import Seller
from planner.tables.contract import checked, columns
from planner.tables.intake import Findings, OrderLines

GOODS_BACK = ("return", "exchange")
"""Kinds of returns in which goods come back; a refund alone leaves them with the buyer."""
LINE = ["shop", "order_id", "sku"]
QUIET_DAYS = 3  # without a request between two files that are still one span


def with_returns(lines: pd.DataFrame, returns: pd.DataFrame) -> pd.DataFrame:
    """Return the order lines with the units that came back, from the return exports first.

    Parameters
    ----------
    lines : DataFrame
        Keeps the contract OrderLines.
    returns : DataFrame
        Keeps the contract ReturnLines.

    Returns
    -------
    DataFrame
        Keeps the contract OrderLines. `returned_from` is ``returns`` for a line whose day the
        shop's return exports cover, or whose order they name; elsewhere the order's own column
        stands, marked ``orders`` where it has a number. So it does where a return names the
        order and a SKU that it does not have: what came back then is in doubt, and not nothing.

    Notes
    -----
    Units back are those of returns and exchanges that were not refused; a refund alone brings
    none back. They fill the lines of an order and SKU in turn, none beyond its units. The
    exports cover the days from a shop's first request to its last, without holes between files.
    """
    own = lines["returned_units"] > 0
    source = pd.Series(np.where(own, "orders", ""), index=lines.index, dtype="str")
    if returns.empty or lines.empty:
        return checked(OrderLines, lines.assign(returned_from=source))
    asked = _asked(returns)
    total = lines[LINE].merge(asked, on=LINE, how="left")["units"].fillna(0).to_numpy()
    before = (lines.groupby(LINE)["units"].cumsum() - lines["units"]).to_numpy()
    units_back = np.clip(total - before, 0, lines["units"].to_numpy()).astype("int64")
    named = lines[LINE].merge(returns[LINE].drop_duplicates().assign(is_named=True), how="left")
    is_named = named["is_named"].notna().to_numpy()
    is_covered = _is_covered(lines, returns)
    column = lines["returned_units"].to_numpy()
    is_in_doubt = _is_in_doubt(lines, asked)
    rests_on_column = is_in_doubt & (column > units_back)
    counted = np.where(is_covered & ~is_in_doubt, units_back, np.maximum(units_back, column))
    is_told = (is_covered | is_named) & ~rests_on_column
    source[is_told] = "returns"
    took = np.where(is_told | rests_on_column, counted, column)
    return checked(OrderLines, lines.assign(returned_units=took, returned_from=source))


def findings_of_returns(lines: pd.DataFrame, returns: pd.DataFrame, seller: Seller) -> pd.DataFrame:
    """Return what is to be said of the source of returns, shop by shop.

    Parameters
    ----------
    lines : DataFrame
        As `with_returns` gives them.
    returns : DataFrame
        Keeps the contract ReturnLines.
    seller : Seller
        Names the shops.

    Returns
    -------
    DataFrame
        Keeps the contract Findings: W_RETURNS_FALLBACK for a shop some of whose lines rest on
        the orders' own column, a lower bound; W_RETURNS_NO_ORDER for returns whose order and
        SKU stand in no export; W_RETURNS_TOO_MANY for order lines of which more was asked back
        than was ordered.
    """
    facts = []
    over = _asked_too_much(lines, returns)
    for shop in seller.shops:
        own = lines[lines["shop"] == shop.shop]
        fallen = int((own["returned_from"] != "returns").sum())
        if fallen:
            share = f"shop={shop.shop}|rows={fallen}|all={len(own)}"
            facts.append((f"returns/{shop.shop}", "W_RETURNS_FALLBACK", share))
        told = returns[returns["shop"] == shop.shop]
        lost = int((~_is_of(told, own)).sum())
        if lost:
            found = f"shop={shop.shop}|rows={lost}|all={len(told)}"
            facts.append((f"returns/{shop.shop}", "W_RETURNS_NO_ORDER", found))
        much = over[over["shop"] == shop.shop]
        if len(much):
            first = much.iloc[0]
            found = f"shop={shop.shop}|rows={len(much)}|sku={first['sku']}"
            found += f"|asked={first['units']}|ordered={first['ordered']}"
            facts.append((f"returns/{shop.shop}", "W_RETURNS_TOO_MANY", found))
    return framed(Findings, [dict(zip(columns(Findings), fact, strict=True)) for fact in facts])


def goods_back(returns: pd.DataFrame) -> pd.DataFrame:
    """Return the lines of returns in which goods come back: no mere refund, none refused."""
    return returns[returns["kind"].isin(GOODS_BACK) & (returns["state"] != "refused")]


def return_lags(lines: pd.DataFrame, returns: pd.DataFrame) -> pd.DataFrame:
    """Return how many days after the order goods were asked back, shop by shop.

    Returns
    -------
    DataFrame, shape (n_shops, 4)
        `shop`, `returns` (requests whose order is known), `median_days` and `p90_days` [days].
    """
    ordered = lines.groupby(["shop", "order_id"], as_index=False)["ordered_at"].min()
    asked = goods_back(returns)
    both = asked[["shop", "order_id", "requested_at"]].merge(ordered, on=["shop", "order_id"])
    waited = (both["requested_at"] - both["ordered_at"]) / pd.Timedelta(1, unit="D")
    days = both.assign(days=waited.clip(lower=0)).groupby("shop")["days"]
    return pd.DataFrame(
        {
            "returns": days.count(),
            "median_days": days.quantile(0.5),
            "p90_days": days.quantile(0.9),
        }
    ).reset_index()


def _asked(returns: pd.DataFrame) -> pd.DataFrame:
    """Return the units asked back by shop, order and SKU, of requests that were not refused."""
    back = goods_back(returns)
    return back.groupby(LINE, as_index=False)["units"].sum()


def _asked_too_much(lines: pd.DataFrame, returns: pd.DataFrame) -> pd.DataFrame:
    near = lines[lines["order_id"].isin(returns["order_id"])]
    ordered = near.groupby(LINE, as_index=False)["units"].sum()
    both = _asked(returns).merge(ordered.rename(columns={"units": "ordered"}), on=LINE)
    return both[both["units"] > both["ordered"]]


def _is_in_doubt(lines: pd.DataFrame, asked: pd.DataFrame) -> np.ndarray:
    """Return the lines of orders of which an SKU was asked back that they do not have."""
    strange = asked[~_is_of(asked, lines)]
    found = lines["order_id"].isin(strange["order_id"]).to_numpy(copy=True)
    found[found] = _places(lines[found], LINE[:2]).isin(_places(strange, LINE[:2]))
    return found


def _is_of(returns: pd.DataFrame, lines: pd.DataFrame) -> np.ndarray:
    """Return which rows name a shop, order and SKU of the order lines."""
    near = lines[lines["order_id"].isin(returns["order_id"])]
    return _places(returns, LINE).isin(_places(near, LINE))


def _places(rows: pd.DataFrame, names: Sequence[str]) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[list(names)])


def _is_covered(lines: pd.DataFrame, returns: pd.DataFrame) -> np.ndarray:
    """Return which lines were ordered on days that their shop's return exports cover."""
    covered = np.zeros(len(lines), dtype=bool)
    day = lines["ordered_at"].dt.normalize()
    for shop, told in returns.groupby("shop"):
        own = (lines["shop"] == shop).to_numpy()
        for first, last in _spans(told):
            covered |= own & ((day >= first) & (day <= last)).to_numpy()
    return covered


def _spans(told: pd.DataFrame) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Return the runs of days that a shop's files cover, those that nearly touch as one.

    Files nearly touch if the days between them are no more than the longest quiet run in one.
    """
    day = told["requested_at"].dt.normalize()
    days = told.assign(day=day).drop_duplicates(["file", "day"]).sort_values("day")
    quiet = days.groupby("file")["day"].diff().dt.days.max()
    bridge = max(QUIET_DAYS, 0 if pd.isna(quiet) else int(quiet)) + 1
    spans: list[tuple[pd.Timestamp, pd.Timestamp]] = []
    edges = days.groupby("file")["day"].agg(["min", "max"]).sort_values("min")
    for first, last in edges.itertuples(index=False):
        if spans and (first - spans[-1][1]).days <= bridge:
            spans[-1] = (spans[-1][0], max(spans[-1][1], last))
        else:
            spans.append((first, last))
    return spans

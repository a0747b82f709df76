"""What to do otherwise next time: the dearest regrets as rows that people decide on and own.

Fills the table from the ledger and keeps what people wrote in it before. Decides nothing.
"""

import pandas as pd

from planner import tables

LEAST_SHARE = "decision_share"
"""Rule of `Bounds`: a cause with less of the gap is not worth a meeting's minute. [unitless]"""
MOST_ROWS = 8
"""What a meeting can decide on. [rows]"""


def next_decisions(
    totals: pd.DataFrame,
    ledger: pd.DataFrame,
    written: pd.DataFrame,
    *,
    is_frozen: bool = True,
    least_share: float = 0.0,
    most_rows: int = MOST_ROWS,
) -> pd.DataFrame:
    """Return a row for each of the largest regrets, and those that people still have open.

    Parameters
    ----------
    totals, ledger : DataFrame
        Tables `RegretTotals` and `RegretLedger`.
    written : DataFrame
        Table `NextDecisions` as `intake.next_decisions` read it: what people wrote before.
    is_frozen : bool
        Whether the plan is the one that people ordered by. If not, an order other than planned
        asks for a plan that is put aside in time, not for more obedience.
    least_share : float
        Part of a market's gap from which a cause is told. [unitless]
    most_rows : int
        Regrets told at the most.

    Returns
    -------
    DataFrame
        Table `NextDecisions`: regrets, dearest first, then what else is written. `decision` is a
        proposal until somebody writes another; decision, owner and date of a subject written
        before are kept. One that was closed and cost money again is open again, and says so.
    """
    found = totals[(totals["market"] != "") & (totals["regret_profit"] > 0)]
    found = found[found["share_rate"] >= least_share]
    found = found.sort_values(["regret_profit", "market", "cause"], ascending=[False, True, True])
    told = found.head(most_rows).to_dict("records")
    rows = [_finding(row, ledger, is_frozen=is_frozen) for row in told]
    columns = tables.columns(tables.NextDecisions)
    fresh = pd.DataFrame(rows, columns=columns) if rows else tables.empty(tables.NextDecisions)
    fresh = fresh.astype({"due_on": "datetime64[us]"})
    before = written.set_index("subject")
    kept = [_as_written(row, before) for row in fresh.to_dict("records")]
    others = written[~written["subject"].isin(fresh["subject"])]
    others = others[others["state"] == "open"]
    frame = pd.DataFrame(kept, columns=columns) if kept else fresh
    frame = pd.concat([frame, others], ignore_index=True) if len(others) else frame
    texts = dict.fromkeys([name for name in columns if name != "due_on"], "str")
    return tables.checked(tables.NextDecisions, frame.astype(texts | {"due_on": "datetime64[us]"}))


def least_share_of(bounds: pd.DataFrame) -> float:
    """Return the part of a market's gap from which a cause is told, 0 if no rule says."""
    rows = bounds.loc[bounds["rule"] == LEAST_SHARE, "low"]
    return float(rows.iloc[-1]) if len(rows) else 0.0


def still_open(written: pd.DataFrame, *, on: pd.Timestamp) -> pd.DataFrame:
    """Return what earlier reviews decided and nobody has done, what is overdue first.

    Parameters
    ----------
    written : DataFrame
        Table `NextDecisions`.
    on : Timestamp
        Day of looking.

    Returns
    -------
    DataFrame
        The table's columns and `late_days`, NA where no day is set or it lies ahead. [days]
    """
    rows = written[written["state"] == "open"].sort_values(["due_on", "subject"])
    late = (pd.Timestamp(on) - rows["due_on"]).dt.days
    return rows.assign(late_days=late.where(late > 0).astype("Int64")).reset_index(drop=True)


def _finding(row: dict[str, object], ledger: pd.DataFrame, *, is_frozen: bool) -> dict[str, object]:
    own = ledger[(ledger["market"] == row["market"]) & (ledger["cause"] == row["cause"])]
    worst = own.sort_values(["regret_profit", "sku"], ascending=[False, True]).iloc[0]
    facts = (
        f"loss={row['regret_profit']:.0f}|currency={row['currency']}|n_skus={row['n_skus']}"
        f"|share={100 * row['share_rate']:.0f}|sku={worst['sku']}"
    )
    cause = row["cause"]
    cause = "execution_again" if cause == "execution" and not is_frozen else cause
    return {
        "subject": f"next_subject.{cause}|market={row['market']}",
        "finding": f"reason.next_regret|{facts};{worst['reason']}",
        "decision": f"next_step.{cause}",
        "owner": "",
        "due_on": pd.NaT,
        "state": "open",
    }


def _as_written(row: dict[str, object], before: pd.DataFrame) -> dict[str, object]:
    if row["subject"] not in before.index:
        return row
    was = before.loc[row["subject"]]
    is_closed = was["state"] != "open"
    return row | {
        "finding": row["finding"] + (";reason.next_again" if is_closed else ""),
        "decision": was["decision"] or row["decision"],
        "owner": was["owner"],
        "due_on": was["due_on"],
    }

"""Past events of one's own two files replayed, and the record told on a terminal.

For people who want to know how good the forecast would have been for them before
they trust it. Files are read by `own_event`; the replay is that of `demand.own_backtest`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from rich.console import Console
from rich.table import Table

from planner.demand.own_backtest import Peer, replay_own
from planner.demand.past_plans import MIN_HISTORY_DAYS
from planner.demand.peers_learned import PEERS
from planner.demand.record import METHODS, OURS, event_names, record_of, told_by
from planner.desk.asked_days import day_of
from planner.desk.home import Home
from planner.desk.own_event import FIGURE_FORMAT, read_own, tell_remarks
from planner.desk.problems import both
from planner.desk.progress import plain_line
from planner.desk.store import file_of
from planner.errors import ConfigError
from planner.intake import rules
from planner.pages.record_blocks import record_sentence, slice_name
from planner.pages.telling import tell, tell_number
from planner.tables import UpliftPriors
from planner.words import LANGS, is_known, say

SAME_AS_OURS = ("snaive", "excel")
"""Peers that stand in every record already, as last week repeated and spreadsheet rule."""
FAST_PEERS = ("excel_raw", "lgbm_recursive", "lgbm_direct")
"""Peers that fit one model for all SKUs at most; the others fit one per SKU and event."""
PEER_CHOICES = ("none", "fast", "all")
MAX_LEAD_DAYS = 366
METHOD_COLUMNS = (
    "wape_rate", "bias_rate", "covered_80_rate", "covered_95_rate", "quantile_loss_rate",
    "added_value_rate",
)  # fmt: skip
OWN_COLUMNS = ("bias_rate", "covered_80_rate")
WIDTH = 130
"""Width of a table that is not written to a terminal. [letters]"""


class OwnRecord(NamedTuple):
    """The record, the windows it was made from, and the events left out."""

    record: pd.DataFrame
    """Table `Record`."""
    windows: pd.DataFrame
    """One row per SKU, event and method, as `record.told_by` has them."""
    skipped: pd.DataFrame
    """event, starts_on and reason."""


def backtest_own(
    home: Home,
    sales: Path,
    events: Path,
    *,
    as_of: str = "",
    lead_days: int = 28,
    peers: str = "none",
    market: str = "",
    tell: Callable[[str], object] | None = None,
) -> OwnRecord:
    """Return how good the forecast of every past event in two files would have been.

    Parameters
    ----------
    home : Home
        Its priors are used.
    sales, events : Path
        As for `own_event.forecast_own`.
    as_of : str
        ISO day to look from; empty for the day after the last sale.
    lead_days : int
        Days from which each event is forecast before it starts. [days]
    peers : {"none", "fast", "all"}
        Other forecasters to run on the same windows.
    market : str
        As for `own_event.forecast_own`.
    tell : function, optional
        Is given a line for each remark on the two files.

    Raises
    ------
    PlannerError
        Names file, row, column and value of what is wrong, or a package that a peer lacks.
    """
    if not 1 <= lead_days <= MAX_LEAD_DAYS:
        raise ConfigError(f"--lead-days is {lead_days}; give days from 1 to {MAX_LEAD_DAYS}")
    priors = rules.read_register(home.rules_folder(file_of(UpliftPriors)), UpliftPriors)
    (known, rows, where), day = read_own(sales, events, market=market), day_of(as_of)
    if tell is not None:
        tell_remarks(known, rows, as_of=day, priors=priors, market=where, tell=tell)
    found = replay_own(
        known,
        rows,
        as_of=day,
        lead_days=lead_days,
        priors=priors,
        peers=chosen_peers(peers),
        market=where,
    )
    windows = pd.concat([told_by(found.replay), found.peers], ignore_index=True)
    return OwnRecord(record_of(found.replay, peers=found.peers), windows, found.skipped)


def chosen_peers(choice: str) -> dict[str, Peer]:
    """Return the peers of a choice by name.

    Raises
    ------
    ConfigError
        If there is no such choice.

    Notes
    -----
    Variants that need more than a year of history are left out: they would stand on other
    windows than the rest.
    """
    if choice not in PEER_CHOICES:
        raise ConfigError(f"--peers is {choice!r}; give one of {', '.join(PEER_CHOICES)}")
    names = {"none": (), "fast": FAST_PEERS, "all": tuple(PEERS)}[choice]
    return {
        name: PEERS[name].forecast
        for name in names
        if name not in SAME_AS_OURS and not PEERS[name].min_days
    }


def as_csv(frame: pd.DataFrame) -> str:
    """Return a table of the record as CSV text."""
    return frame.to_csv(index=False, lineterminator="\n", float_format=FIGURE_FORMAT)


def tell_record(found: OwnRecord, console: Console) -> None:
    """Write the record: the sentence in both languages, two tables, what was left out."""
    if found.record.empty:
        plain_line(console, both("record.none_own", days=MIN_HISTORY_DAYS))
    elif found.record["wape_rate"].isna().all():
        plain_line(console, both("record.no_error"))
    else:
        for lang in LANGS:
            plain_line(console, record_sentence(found.record, lang, shows_figures=False))
        if not console.is_terminal:
            console.width = WIDTH
        console.print(_by_method(found.record))
        console.print(_by_slice(found.record))
    names = event_names(found.skipped) if len(found.skipped) else []
    for name, reason in zip(names, found.skipped["reason"], strict=True):
        lines = [
            say(
                "record.skipped",
                lang,
                event=name[11:],
                day=name[:10],
                reason=say(f"record.{reason}", lang, days=MIN_HISTORY_DAYS),
            )
            for lang in LANGS
        ]
        plain_line(console, " / ".join(lines))


def _by_method(record: pd.DataFrame) -> Table:
    """Return the whole record, one row per method."""
    table = _empty_table("method", METHOD_COLUMNS)
    for row in record[record["slice"] == "all"].to_dict("records"):
        cells = [_cell(row[column], column) for column in METHOD_COLUMNS]
        name = " / ".join(tell(row["method"], "method", lang) for lang in LANGS)
        table.add_row(name, *cells)
    return table


def _by_slice(record: pd.DataFrame) -> Table:
    """Return the record of our forecast part by part, the error of rule and last week beside it."""
    table = _empty_table("record_slice", ("event_count", "window_count"))
    for method in METHODS:
        names = (tell(method, "method", lang) for lang in LANGS)
        head = "\n".join((say("wape_rate", "zh"), *names))
        table.add_column(head, justify="right")
    for column in OWN_COLUMNS:
        table.add_column(_heading(column), justify="right")
    keys = ["slice", "value"]
    error = record.pivot_table(values="wape_rate", index=keys, columns="method", dropna=False)
    for part in ("past_events", "kind", "event"):
        rows = record[(record["slice"] == part) & (record["method"] == OURS)]
        for row in rows.to_dict("records"):
            errors = error.loc[(part, row["value"])]
            table.add_row(
                _slice(part, row["value"]),
                *(_cell(row[column], column) for column in ("event_count", "window_count")),
                *(_cell(errors[method], "wape_rate") for method in METHODS),
                *(_cell(row[column], column) for column in OWN_COLUMNS),
            )
        table.add_section()
    return table


def _empty_table(first: str, columns: tuple[str, ...]) -> Table:
    table = Table()
    table.add_column(_heading(first))
    for column in columns:
        table.add_column(_heading(column), justify="right")
    return table


def _slice(part: str, value: str) -> str:
    """Return what a slice is called in both languages, a name without words once."""
    return "\n".join(dict.fromkeys(slice_name(part, value, lang) for lang in LANGS))


def _heading(column: str) -> str:
    return f"{say(column, 'zh')}\n{say(column, 'en')}"


def _cell(value: object, column: str) -> str:
    if pd.isna(value) and is_known(f"{column}.none"):
        return "-"
    return tell_number(value, column, "en")

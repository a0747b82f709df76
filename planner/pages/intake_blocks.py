"""Tables and cards of notebook 01: files, kinds of line, reasons, trust, what to fetch.

Each lays a table of the intake out as a reader asks for it; nothing here decides
what a row means.
"""

from collections.abc import Mapping
from datetime import date

import pandas as pd

from planner.intake.kinds import kinds
from planner.pages.blocks import NO_LOSS_CODES, Block, show_note, show_table
from planner.pages.kinds import tell_text
from planner.pages.reasons import tell_sentence
from planner.pages.telling import heading, tell, tell_date, tell_number
from planner.words import is_known, meaning, say

FILE_COLUMNS = (
    *("file", "dialect", "rows_in", "rows_kept", "rows_rejected"),
    *("in_minor", "kept_minor", "rejected_minor", "unreadable_rows", "first_on", "last_on"),
)
TRUST_COLUMNS = (
    *("sku", "shop", "grade", "grade_reason", "revenue_share", "history_days", "in_stock_days"),
    *("past_events", "rejected_rate", "missing"),
)
SUMMED = (
    *("rows_in", "rows_kept", "rows_rejected", "in_minor", "kept_minor", "rejected_minor"),
    "unreadable_rows",
)
FIRST_FILES = 4
"""Files on screen below the totals until the reader asks for all."""
TOP_FACTS = 5
TRUST_ROWS = 40


def show_files(files: pd.DataFrame, lang: str) -> Block:
    """Return rows and money of each file, in = kept + rejected, the total of all files first.

    Parameters
    ----------
    files : DataFrame
        Table `Reconciliation`.
    lang : {"zh", "en"}
    """
    columns = list(FILE_COLUMNS)
    if len(files["shop"].unique()) > 1:
        columns.insert(1, "shop")
    if not files["unreadable_rows"].any():
        columns.remove("unreadable_rows")
    totals = [_total(str(currency), part, lang) for currency, part in files.groupby("currency")]
    together = pd.concat([pd.DataFrame(totals, columns=list(files)), files], ignore_index=True)
    together = together.astype({name: files[name].dtype for name in SUMMED})
    first = len(totals) + FIRST_FILES
    return show_table(together if len(files) else files, lang, columns=columns, first=first)


def show_findings(findings: pd.DataFrame, lang: str) -> Block:
    """Return what was noticed on files that could be used all the same, one remark a row.

    Parameters
    ----------
    findings : DataFrame
        Table `Findings`.
    lang : {"zh", "en"}
    """
    told = findings.assign(
        remark=[
            tell_sentence(f"finding.{row.code}|{row.facts}", lang) for row in findings.itertuples()
        ]
    )
    return show_table(told, lang, columns=["file", "remark"], empty_term="empty.findings")


def show_return_files(files: pd.DataFrame, rejected: pd.DataFrame, lang: str) -> Block:
    """Return the rows of each return export, and how many of them are lost.

    Parameters
    ----------
    files, rejected : DataFrame
        Tables `Reconciliation` and `RejectedRows` of the return exports.
    lang : {"zh", "en"}
    """
    lost = rejected[~rejected["code"].isin(NO_LOSS_CODES)].groupby("file").size()
    told = files.assign(lost_rows=files["file"].map(lost).fillna(0).astype("int64"))
    columns = ["file", "dialect", "rows_in", "rows_kept", "rows_rejected", "lost_rows"]
    return show_table(told, lang, columns=columns, empty_term="empty.return_files")


def show_used(
    lines: pd.DataFrame, known: pd.DataFrame, lang: str, *, days: Mapping[str, date]
) -> Block:
    """Return how many of the lines kept are used on the day, so that the kinds add up to it.

    Parameters
    ----------
    lines, known : DataFrame
        Table `OrderLines`: all that was kept, and what was known on the day.
    lang : {"zh", "en"}
    days : mapping of market to date
        The day from which each market looks: lines of that day and later are not used.
    """
    kept, used = len(lines), len(known)
    facts = {"kept": kept, "used": used, "later": kept - used}
    told = "/".join(sorted({tell_date(day, "day", lang) for day in days.values()}))
    return show_note("kinds.used" if kept > used else "kinds.all_used", lang, **facts, day=told)


def show_kinds(shares: pd.DataFrame, lang: str) -> Block:
    """Return what became of the lines kept: kind, rule, lines, units, share, whether demand.

    Parameters
    ----------
    shares : DataFrame
        As `intake.kinds.shares_of_kinds` returns it; kinds that do not occur are left out.
    lang : {"zh", "en"}
    """
    rules = kinds().set_index("kind")[f"when_{lang}"]
    rows = shares[shares["lines"] > 0].sort_values("units", ascending=False, kind="stable")
    told = pd.DataFrame(
        {
            "line_kind": [say(f"line_kind.{kind}", lang) for kind in rows["kind"]],
            "lines_count": rows["lines"].to_numpy(),
            "units": rows["units"].to_numpy(),
            "share_rate": rows["share_rate"].to_numpy(),
            "is_demand": rows["is_demand"].to_numpy(),
            "draws_stock": [_yes_no(flag, lang) for flag in rows["draws_stock"]],
            "line_rule": [rules[kind] for kind in rows["kind"]],
        }
    )
    return show_table(told, lang)


def show_reasons(rejected: pd.DataFrame, lang: str) -> Block:
    """Return the rejected rows by reason, real losses first, with what to do about them.

    Parameters
    ----------
    rejected : DataFrame
        Table `RejectedRows`.
    lang : {"zh", "en"}
    """
    counts = rejected.groupby("code").agg(
        rejected_rows=("file", "size"), files_count=("file", "nunique"), where=("column", "first")
    )
    counts = counts.reset_index().assign(is_lost=~counts.index.isin(NO_LOSS_CODES))
    counts = counts.sort_values(["is_lost", "rejected_rows"], ascending=False)
    remedies = [
        say(f"remedy.{code}", lang) if is_known(f"remedy.{code}") else "" for code in counts["code"]
    ]
    told = counts.assign(column=counts["where"], remedy=remedies)
    shown = ["code", "rejected_rows", "files_count", "is_lost", "column", "remedy"]
    return show_table(told, lang, columns=shown, empty_term="empty.rejected")


def show_gaps(gaps: pd.DataFrame, lang: str) -> Block:
    """Return the runs of days whose orders are missing, wholly or in part, longest first.

    Parameters
    ----------
    gaps : DataFrame
        As `intake.coverage.missing_days` returns it.
    lang : {"zh", "en"}
    """
    told = gaps.rename(columns={"days": "gap_days"}).sort_values("gap_days", ascending=False)
    told["reason"] = [f"gap_reason.{reason}" for reason in told["reason"]]
    columns = ["shop", "first_on", "last_on", "gap_days", "reason"]
    return show_table(told, lang, columns=columns, empty_term="empty.gaps")


def show_returns(returns: pd.DataFrame, lang: str) -> Block:
    """Return for each shop where its returns are known from, their rate and how long they take.

    Parameters
    ----------
    returns : DataFrame
        As `guards.materials.returns_by_shop` returns it.
    lang : {"zh", "en"}
    """
    told = returns.assign(
        returned_from=[
            say(f"returned_from.{source or 'nobody'}", lang) for source in returns["returned_from"]
        ]
    )
    return show_table(told, lang)


def show_trust(trust: pd.DataFrame, lang: str) -> Block:
    """Return the trust in each SKU, the worst grade first, within it the most revenue.

    Parameters
    ----------
    trust : DataFrame
        Table `SkuTrust`.
    lang : {"zh", "en"}
    """
    return show_table(trust, lang, columns=TRUST_COLUMNS, rows=TRUST_ROWS)


def show_wanted(wanted: pd.DataFrame, lang: str, *, most: int = TOP_FACTS) -> Block:
    """Return the facts to fetch first as tiles: what, the money that rests on it, why.

    Parameters
    ----------
    wanted : DataFrame
        Table `WantedFacts`, the most valuable first.
    lang : {"zh", "en"}
    most : int
        Facts shown.
    """
    items = [_wanted_tile(row, lang) for row in wanted.head(most).to_dict("records")]
    empty = "" if items else say("empty.wanted", lang)
    return Block("cards", {"lang": lang, "items": items, "empty": empty})


def show_materials(materials: pd.DataFrame, lang: str) -> Block:
    """Return the list of what a seller hands in: there, in part, missing; and why it is wanted.

    Parameters
    ----------
    materials : DataFrame
        As `guards.materials.handed_in` returns it.
    lang : {"zh", "en"}
    """
    told = pd.DataFrame(
        {
            "material": [say(f"material.{name}", lang) for name in materials["material"]],
            "material_state": [say(f"material_state.{s}", lang) for s in materials["state"]],
            "material_found": [tell_sentence(text, lang) for text in materials["found"]],
            "material_use": [meaning(f"material.{name}", lang) for name in materials["material"]],
        }
    )
    return show_table(told, lang)


def _total(currency: str, part: pd.DataFrame, lang: str) -> dict[str, object]:
    sums = {name: part[name].sum() for name in SUMMED}
    dates = {"first_on": part["first_on"].min(), "last_on": part["last_on"].max()}
    word = say("chart.total_files", lang, count=len(part))
    return (
        {"file": word, "shop": "", "dialect": "", "sha256": "", "currency": currency} | sums | dates
    )


def _yes_no(flag: bool, lang: str) -> str:
    return say("word.yes" if flag else "word.no", lang)


def _wanted_tile(row: dict[str, object], lang: str) -> dict[str, str]:
    worth = row["worth"]
    is_priced = not pd.isna(worth)
    value = tell_number(worth, "worth", lang) if is_priced else say("wanted.unpriced", lang)
    where = f"{tell(row['market'], 'market', lang)} · " if row["market"] else ""
    fact = tell_sentence(f"{row['fact']}|n={row['n_skus']}", lang)
    named = say("wanted.named", lang, skus=tell_text(row["skus"])) if row["skus"] else ""
    note = tell_sentence(str(row["reason"]), lang)
    return {
        "label": where + fact,
        "value": value,
        "unit": tell_text(row["currency"]) if is_priced else "",
        "note": f"{note} {named}".strip(),
        "meaning": heading("worth", lang).meaning,
        "tone": "" if is_priced else "unknown",
    }

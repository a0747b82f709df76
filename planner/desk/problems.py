"""Says in both languages what is wrong, where, and what would be right.

A message is English, made where the fault was found. Here it is taken apart into its faults;
each gets the Chinese for its place (file, row, column, line) and, by the words it is made of,
the Chinese for what is wrong. Nothing here reads a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from planner.words import is_known, say

CODE = re.compile(r"\[(E_[A-Z_]+)\]")
NEXT_FAULT = re.compile(
    r'; (?=row \d+[,:]|line \d+: |unknown (?:key|column) |missing key |column "|and \d+ more)'
    r"|\n- | (?=\(\d\) \d+ x )"
)
"""Where in a message one fault ends and the next begins."""
FILE = re.compile(
    r'(?:^|instance |: |- )(?P<file>[^\s:,"\'][^:,"\n]{0,80}\.(?:csv|xlsx?|txt|ya?ml))'
)
ROWS = re.compile(r"\brows? (?P<rows>\d+(?:, \d+){0,9})")
COLUMN = re.compile(r'\bcolumn "(?P<column>[^"]{1,80})"')
LINE = re.compile(r"\bline (?P<line>\d+)")
VALUE = r"(?P<value>'[^']*'|\S+)"
WHYS: tuple[tuple[str, str], ...] = (
    (r"^and (?P<more>\d+) more", "more"),
    (r"unknown key", "unknown_key"),
    (r"missing key", "missing_key"),
    (r"not tabs", "tab"),
    (r"a decimal comma: write (?P<right>\S+),", "decimal_comma"),
    (r"the key .+ stands twice|key .+ stands twice", "key_twice"),
    (r"expected keys and values|not readable as YAML", "no_keys"),
    (r"byte \d+ is no UTF-8|not a text in one encoding", "not_utf8"),
    (r"column \"warehouse\": .+ is not in seller\.yml", "warehouse"),
    (r"no order export in", "no_exports"),
    (r"the campaign is over", "campaign_over"),
    (r"before the seller's first order", "before_first_order"),
    (r"no seller has a shop", "nobody"),
    (r"no seller ", "no_seller"),
    (r"no campaign ", "no_campaign"),
    (r"has no scenario", "no_scenario"),
    (r"was written by another version", "old_table"),
    (r"run notebook", "no_table"),
    (
        r"(?P<lost>\d+) of (?P<all>\d+) rows .+, (?P<share>[\d.]+%?); the policy bears "
        r"(?P<most>[\d.]+%?) \(max_lost_ratio\)",
        "too_much_lost",
    ),
    (r"changed while the run read it", "changed"),
    (r": limits\.|no known warehouse", "limits"),
    (r": channels:", "channels"),
    (r": transfers:", "transfers"),
    (r": shops\.", "far_shop"),
    (r"seller\.yml, fees:", "fees"),
    (r"shelf_by", "shelf_by"),
    (
        r"(?:no such market|no exports of that market|no market ).*"
        r"known: (?P<known>[A-Z]{2}(?:, [A-Z]{2})*)",
        "no_market_of",
    ),
    (
        r"no such market|no exports of that market|no market |is not one of those that are known",
        "no_market",
    ),
    (r"a market is two capital letters", "market_form"),
    (r"they share no market", "share_no_market"),
    (r"no exchange rate for (?P<money>\S+);", "no_rate"),
    (r"write a currency code", "currency"),
    (r"is no time zone", "time_zone"),
    (r"is no id|lower-case letters, digits and hyphens", "no_id"),
    (r"is a reserved name", "reserved"),
    (r"differ only in case", "twins"),
    (r"is there already", "is_there"),
    (r"is missing; python run\.py new-seller", "no_seller_file"),
    (r" is \S+; write \S+$", "other_name"),
    (r"leads out of|is no name of a file|is a link|not a plain file|no plain file", "link"),
    (r"no such file", "no_file"),
    (r"larger than (?P<size>\d+) MB", "too_large"),
    (r"are both there", "both_there"),
    (r"the file is empty", "file_empty"),
    (r"unknown column (?P<name>'[^']*')", "unknown_column"),
    (r"column (?P<name>'[^']*').* is missing", "column_missing"),
    (r"column (?P<name>'[^']*') stands twice", "column_twice"),
    (r"(?P<cells>\d+) cells where the header has (?P<head>\d+)", "cells"),
    (r"a quotation mark is opened", "quotation"),
    (r"a spreadsheet program has changed it", "spoilt"),
    (r"is itself a bundle", "bundle"),
    (r"write \*1\.2", "change"),
    (r"is no phase", "phase"),
    (r"stands? (?:more than once|twice)|bear the same name|two rows in force", "repeated"),
    (r"\bempty(?: is not|;|: ?fill|$)", "empty"),
    (rf"{VALUE} is not a whole number", "not_whole"),
    (rf"{VALUE} is not a number", "not_number"),
    (rf"{VALUE} is not a day|{VALUE.replace('value', 'other')} is not a moment", "not_day"),
    (r"is not yes|is not yes, no or empty", "not_yes"),
    (rf"{VALUE} must be greater than or equal to (?P<least>\S+)", "too_small"),
    (rf"{VALUE}:? must be greater than (?P<least>\S+)", "must_exceed"),
    (rf"{VALUE}:? must be less than or equal to (?P<most>\S+)", "too_large_value"),
    (rf"{VALUE}:? must be less than (?P<most>\S+)", "must_stay_below"),
    (r"must be in the range \[?(?P<range>[^\]]+)", "range"),
    (r"must be one of \[?(?P<words>[^\]]+)|give one of \[?(?P<others>[^\];]+)", "one_of"),
    (r"must be ", "wrong_value"),
    (r"before it starts on|is before the start|valid_to is before valid_from", "ends_early"),
    (r"sort the rows by time", "unsorted"),
    (r"next_replenishment_on is", "next_order"),
    (r"phases follow each other", "phases"),
    (r"which is not listed|not listed \(", "not_listed"),
    (r"only step 4 looks from an hour", "only_step_4"),
    (r"give a day such as|give the day to look from|give a day, or an hour", "give_day"),
    (r"give steps from 1 to 5", "steps"),
    (r"give days from 1 to", "lead_days"),
    (r"no layout |no exports of|exports of .+ cannot be read", "no_layout"),
    (r"has market \S+; its dialect|has (?:market|currency|platform) ", "other_dialect"),
    (r": columns: ", "columns"),
    (r"the seller has \d+ \w+; put the file into", "which_shop"),
    (r"no \w+ of that name in seller\.yml", "no_shop"),
    (r"two folders for the shop", "two_folders"),
    (r"given for two shops", "two_shops"),
    (r"corrections, and no export", "corrections"),
    (r"the name bears|is a report of the same day", "report_day"),
    (r"bears no register's name|no register of a plan there", "no_register"),
    (r"is kept by hand", "by_hand"),
    (r"is the plan of|says whose plan it is|headings of the order list", "other_plan"),
    (r"save it again as XLSX", "save_xlsx"),
    (r"give --from and --to", "two_days"),
    (r"valid_from and valid_to|adds? one row|add one|not in force", "no_row"),
    (r"is no scenario and day", "scenario_day"),
    (r"lane_stages\.csv", "lane_stages"),
    (r"lanes\.csv", "lanes"),
    (r"\b(?:is|are) damaged|not the table that was frozen", "damaged"),
    (r"close (?:the files that are|what is) open", "open_files"),
    (r"is no folder; make it", "no_folder"),
    (r"install Chromium|made no PDF|did not print", "no_pdf"),
    (r"less than one whole container", "container"),
    (r"write 3 or more", "few_sellers"),
    (r"say --again|Say --again", "again"),
    (r"interrupted", "interrupted"),
    (r"another run of", "running"),
    (r"for want of memory", "memory"),
    (r"has no plan to freeze|has no review yet", "run_first"),
    (r"write (?:a|true|one|the)|give (?:a|one|two) |mend the", "wrong_value"),
)
"""By words of a fault, the first that is found: the term of its reason, with its facts."""
FINISHED = (r"pages (?P<pages>[\d ]+) are published", "finished")
"""Told beside whatever broke the step after them."""
MAX_HEADS = 3


class Told(NamedTuple):
    """One fault: its place and reason in Chinese, blank if nobody has put it so; in English."""

    zh: str
    en: str


def both(term: str, **facts: object) -> str:
    """Return a term in both languages on one line.

    Examples
    --------
    >>> both("phase.sale")
    '正式售卖 / Sale'
    """
    return f"{say(term, 'zh', **facts)} / {say(term, 'en', **facts)}"


def told_problem(message: object) -> str:
    r"""Return what is wrong with the Chinese place, reason and remedy before the English.

    Examples
    --------
    >>> told_problem("seller.yml: unknown key naem")
    '有不认识的键 / seller.yml: unknown key naem'
    >>> told_problem("stock.csv, row 2, column \"units\": 'x' is not a whole number")[:32]
    "stock.csv 第 2 行“units”列：'x' 不是整数"
    """
    text = str(message)
    zh = chinese_of(text)
    return f"{zh} / {text}" if zh else text


def chinese_of(message: object) -> str:
    """Return what is wrong in Chinese alone, blank if no fault of it is known."""
    heads = list(dict.fromkeys(told.zh for told in faults_of(message) if told.zh))
    more = len(heads) - MAX_HEADS
    rest = [say("cli.why_more", "zh", more=more)] if more > 0 else []
    return "；".join([*heads[:MAX_HEADS], *rest])


def faults_of(message: object, *, within: str = "") -> tuple[Told, ...]:
    """Return the faults that a message tells, in its order.

    Parameters
    ----------
    message : object
    within : str
        Name of a file that the reader has before him: its name is left out of both languages.
    """
    pieces = [piece for piece in NEXT_FAULT.split(str(message)) if piece]
    return tuple(_told(piece.strip(), within) for piece in pieces)


def _told(piece: str, within: str) -> Told:
    reasons = list(_coded(piece)) or list(_reasons(piece))
    place = _place(piece, within) if reasons else ""
    zh = f"{place}：{'；'.join(reasons)}" if place else "；".join(reasons)
    return Told(zh, re.sub(rf"^[^\s:,]*{re.escape(within)}[,:] *", "", piece) if within else piece)


def _coded(piece: str) -> Iterator[str]:
    """Yield reason and remedy of every code that a fault bears."""
    for code in dict.fromkeys(CODE.findall(piece)):
        if is_known(f"remedy.{code}"):
            yield f"{say(f'reject.{code}', 'zh')}：{say(f'remedy.{code}', 'zh')}"


def _reasons(piece: str) -> Iterator[str]:
    """Yield the first reason by the words of a fault, then that earlier pages are there."""
    matches = ((re.search(words, piece), why) for words, why in WHYS)
    first = next(((found, why) for found, why in matches if found), None)
    for found, why in (first or (None, ""), (re.search(FINISHED[0], piece), FINISHED[1])):
        if found:
            facts = {name: fact or "" for name, fact in found.groupdict().items()}
            yield say(f"cli.why_{why}", "zh", **facts)


def _place(piece: str, within: str) -> str:
    """Return where a fault is: file, rows, column or line; blank if it tells no row or line."""
    found = [
        say(term, "zh", **match.groupdict())
        for term, match in (
            ("cli.at_rows", ROWS.search(piece)),
            ("cli.at_column", COLUMN.search(piece)),
            ("cli.at_line", LINE.search(piece)),
        )
        if match
    ]
    file = FILE.search(piece)
    name = file["file"] if file and file["file"].rpartition("/")[2] != within else ""
    return " ".join(filter(None, [name, "".join(found)])) if found else ""

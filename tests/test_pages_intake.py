"""Tables and cards of notebook 01: totals first, losses first, money unknown as unknown."""

from datetime import date

import pages_samples as samples
import pandas as pd
import pytest

from planner.intake.kinds import shares_of_kinds
from planner.pages import intake_blocks as blocks
from planner.pages.blocks import Block
from planner.words import LANGS, say


def texts(block: Block, name: str) -> list[str]:
    place = [column["name"] for column in block.data["columns"]].index(name)
    return [row[place]["text"] for row in block.data["rows"]]


def test_the_total_of_all_files_stands_first_and_balances():
    block = blocks.show_files(samples.files(), "en")
    assert texts(block, "file")[0] == "Total (files: 3)"
    rows = [int(texts(block, name)[0].replace(",", "")) for name in ("rows_in", "rows_kept")]
    assert rows == [41226, 41093]
    assert texts(block, "rows_rejected")[0] == "133"
    assert texts(block, "in_minor")[0] == "20,637,146.50"
    assert texts(block, "first_on")[0] == "2025-04-01"


def test_of_many_files_the_first_few_stand_under_the_total_until_all_are_asked_for():
    many = pd.concat([samples.files()] * 4, ignore_index=True)
    block = blocks.show_files(many, "en").data
    assert (block["first"], len(block["rows"]), bool(block["show_all"])) == (5, 13, True)
    assert not blocks.show_files(samples.files(), "en").data["show_all"]


def test_each_currency_has_its_own_total():
    files = samples.files()
    files.loc[2, ["currency", "dialect"]] = ["IDR", "tiktok-id"]
    assert texts(blocks.show_files(files, "en"), "file")[:2] == [
        "Total (files: 1)",
        "Total (files: 2)",
    ]


def test_rows_without_readable_money_are_shown_only_where_there_are_some():
    assert "unreadable_rows" not in [
        column["name"] for column in blocks.show_files(samples.files(), "en").data["columns"]
    ]
    some = samples.files().assign(unreadable_rows=[0, 2, 1])
    assert texts(blocks.show_files(some, "en"), "unreadable_rows")[0] == "3"


def test_no_file_is_said_in_words():
    assert blocks.show_files(samples.files().head(0), "en").data["empty"]


@pytest.mark.parametrize("lang", LANGS)
def test_kinds_that_occur_stand_with_their_rule_and_share(lang: str):
    block = blocks.show_kinds(shares_of_kinds(samples.lines()), lang)
    assert len(block.data["rows"]) == 7
    assert all(texts(block, "line_rule"))
    assert say("line_kind.cancelled_after", lang) in texts(block, "line_kind")
    assert say("line_kind.preorder", lang) not in texts(block, "line_kind")


@pytest.mark.parametrize("lang", LANGS)
def test_lines_kept_lead_on_to_the_lines_of_the_kinds(lang: str):
    lines = samples.lines()
    days = {"TH": date(2025, 9, 16)}
    text = blocks.show_used(lines, lines.head(5), lang, days=days).data["text"]
    later = len(lines) - 5
    assert all(part in text for part in (f"{len(lines):,}", f"{later:,}", "5", "2025-09-16"))
    whole = blocks.show_used(lines, lines, lang, days=days).data["text"]
    assert whole == say("kinds.all_used", lang, kept=len(lines), used=0, later=0, day="2025-09-16")


def test_reasons_are_counted_real_losses_first():
    block = blocks.show_reasons(samples.rejected(), "en")
    assert texts(block, "rejected_rows") == ["18", "9", "5", "60", "41"]
    assert texts(block, "is_lost") == ["yes"] * 3 + ["no"] * 2
    assert texts(block, "remedy")[0] == say("remedy.E_QTY", "en")


def test_nothing_rejected_is_said_in_words():
    assert blocks.show_reasons(samples.rejected().head(0), "en").data["empty"]


def test_missing_days_are_told_or_said_to_be_none():
    assert texts(blocks.show_gaps(samples.gaps(), "en"), "gap_days") == ["3"]
    assert blocks.show_gaps(samples.gaps().head(0), "en").data["empty"] == say("empty.gaps", "en")


def test_a_fact_bears_the_money_that_rests_on_it_or_says_that_it_is_unknown():
    first, second = blocks.show_wanted(samples.wanted(), "en").data["items"]
    assert (first["value"], first["unit"]) == ("12,346", "CNY")
    assert first["label"].endswith("Unit cost (SKUs: 1)")
    assert "GIFT-SET-A" in first["note"]
    assert (second["value"], second["unit"], second["tone"]) == ("money unknown", "", "unknown")


def test_at_most_five_facts_are_shown_and_none_is_said_in_words():
    many = pd.concat([samples.wanted()] * 4, ignore_index=True)
    assert len(blocks.show_wanted(many, "zh").data["items"]) == 5
    assert blocks.show_wanted(many.head(0), "en").data["empty"] == say("empty.wanted", "en")


def test_missing_facts_of_a_sku_are_told_in_words():
    told = texts(blocks.show_trust(samples.trust(), "en"), "missing")
    assert told[-1] == "Unit cost; Weight"
    assert told[0] in ("", "\u2013", "none")


def test_returns_name_their_source_and_an_unknown_rate():
    frame = pd.DataFrame(
        {
            "shop": ["a", "b"], "returned_from": ["orders", ""], "sold_units": [10, 10],
            "returned_units": pd.array([1, None], dtype="Int64"), "return_rate": [0.1, None],
            "half_back_days": [None, None], "most_back_days": [None, None],
        }
    ).astype({"half_back_days": float, "most_back_days": float})  # fmt: skip
    block = blocks.show_returns(frame, "en")
    assert texts(block, "returned_from") == ["order columns (fallback)", "nothing"]
    assert texts(block, "return_rate") == ["10.0%", "unknown"]


def test_materials_say_what_was_found_and_what_each_is_for():
    frame = pd.DataFrame(
        {
            "material": ["orders", "returns"], "state": ["have", "missing"],
            "found": ["material_found.days|days=120|asked=90", "material_found.nothing"],
        }
    )  # fmt: skip
    block = blocks.show_materials(frame, "en")
    assert texts(block, "material_state") == ["complete", "missing"]
    assert texts(block, "material_found")[0] == "120 days (at least 90 asked for)"
    assert all(texts(block, "material_use"))

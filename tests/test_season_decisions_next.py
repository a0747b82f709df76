"""Decisions for next time: filled from the dearest regrets, kept as written, read back."""

from pathlib import Path

import pandas as pd
import pytest
from made_course import planted, well

from planner import tables
from planner.errors import InputError
from planner.intake.next_decisions import read_next_decisions
from planner.season.decisions_next import next_decisions, still_open
from planner.season.replays.regret import regret_ledger, regret_totals

HEAD = "subject,finding,decision,owner,due_on,state\n"
NOTHING = tables.empty(tables.NextDecisions)
LATE = "next_subject.lateness|market=TH"


def filled(course, written=NOTHING) -> pd.DataFrame:
    ledger = regret_ledger(course, currency="CNY")
    return next_decisions(regret_totals(ledger, currency="CNY"), ledger, written)


def read(folder: Path, text: str) -> pd.DataFrame:
    (folder / "next_decisions.csv").write_text(text, encoding="utf-8")
    return read_next_decisions(folder)


def test_the_dearest_regrets_stand_first_with_a_proposal_and_no_owner_yet():
    rows = filled(planted("lateness", "stock_loss"))
    assert set(rows["subject"]) == {LATE, "next_subject.stock_loss|market=TH"}
    assert rows["decision"].str.startswith("next_step.").all()
    assert rows["owner"].eq("").all()
    assert rows["state"].eq("open").all()
    assert "loss=" in rows["finding"].iloc[0]


def test_an_order_other_than_a_plan_made_again_asks_for_a_plan_put_aside():
    ledger = regret_ledger(planted("execution"), currency="CNY")
    totals = regret_totals(ledger, currency="CNY")
    row = next_decisions(totals, ledger, NOTHING, is_frozen=False).iloc[0]
    assert row["subject"] == "next_subject.execution_again|market=TH"
    assert row["decision"] == "next_step.execution_again"


def test_a_campaign_without_regret_asks_for_no_decision():
    assert filled(well()).empty


def test_what_people_wrote_is_read_back_and_kept(tmp_path: Path):
    written = read(tmp_path, HEAD + f"{LATE},old,Ship a week earlier,Li,2026-03-01,open\n")
    row = filled(planted("lateness"), written).iloc[0]
    assert row[["decision", "owner", "state"]].tolist() == ["Ship a week earlier", "Li", "open"]
    assert row["due_on"] == pd.Timestamp("2026-03-01")
    assert row["finding"].startswith("reason.next_regret")


def test_what_was_closed_and_costs_money_again_is_open_again(tmp_path: Path):
    written = read(tmp_path, HEAD + f"{LATE},,Ship earlier,Li,,done\n")
    row = filled(planted("lateness"), written).iloc[0]
    assert row["state"] == "open"
    assert row["finding"].endswith(";reason.next_again")


def test_other_open_decisions_are_carried_and_closed_ones_are_not(tmp_path: Path):
    rows = "Carton of the lamp,,Ask for 20,Wu,2026-01-01,open\nOld matter,,none,Wu,,dropped\n"
    written = read(tmp_path, HEAD + rows)
    assert filled(planted("lateness"), written)["subject"].tolist() == [LATE, "Carton of the lamp"]
    late = still_open(written, on=pd.Timestamp("2026-01-11"))
    assert late["subject"].tolist() == ["Carton of the lamp"]
    assert late["late_days"].tolist() == [10]


def test_without_a_file_nothing_was_decided(tmp_path: Path):
    assert read_next_decisions(tmp_path).empty


def test_finding_and_date_may_be_left_out(tmp_path: Path):
    found = read(tmp_path, "subject,decision,owner,state\nx,y,Li,open\n")
    assert found["due_on"].isna().all()


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a,,x,Li,,later", "later"),
        (",,x,Li,,open", 'column "subject": empty'),
        ("a,,x,Li,,open\na,,y,Li,,open", "rows 2, 3"),
    ],
)
def test_a_wrong_row_is_named_with_its_remedy(tmp_path: Path, row: str, told: str):
    with pytest.raises(InputError, match=r"next_decisions\.csv") as problem:
        read(tmp_path, HEAD + row + "\n")
    assert told in str(problem.value)

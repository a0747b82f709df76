"""Kinds of order lines: one table of rules, each line of exactly one kind."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lines_case import lines

from planner import tables
from planner.intake.kinds import is_demand, kind_of_lines, kinds, shares_of_kinds
from planner.words import LANGS, say


def kinds_of(*changes: dict[str, Any]) -> list[str]:
    """Return the kinds of lines; `said`, `owes` and `at_door` are what only an export tells."""
    own = {"said": "", "owes": False, "at_door": False}
    facts = pd.DataFrame(
        [{name: change.get(name, own[name]) for name in own} for change in changes]
    )
    frame = lines(*({k: v for k, v in change.items() if k not in own} for change in changes))
    kind = kind_of_lines(
        frame, said=facts["said"], is_unpaid=facts["owes"], is_on_delivery=facts["at_door"]
    )
    return kind.tolist()


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({}, "firm"),
        ({"status": "cancelled"}, "cancelled_before"),
        ({"status": "cancelled", "owes": True}, "cancelled_unpaid"),
        ({"status": "cancelled", "owes": True, "at_door": True}, "cancelled_before"),
        ({"status": "cancelled", "shipped_at": "2025-01-02"}, "cancelled_after"),
        ({"status": "unpaid", "owes": True, "paid_at": None}, "unpaid"),
        ({"status": "unpaid", "owes": True, "paid_at": None, "at_door": True}, "cod"),
        ({"status": "shipped", "paid_at": None, "at_door": True}, "cod"),
        ({"status": "shipped", "at_door": True}, "firm"),  # the money has come
        ({"status": "completed", "paid_at": None, "at_door": True}, "firm"),
        ({"said": "replacement", "gross_minor": 0, "amount_minor": 0}, "replacement"),
        ({"gross_minor": 0, "amount_minor": 0}, "sample"),
        ({"status": "on_hold", "said": "preorder"}, "on_hold"),
        ({"said": "preorder"}, "preorder"),
        ({"status": "cancelled", "said": "preorder", "gross_minor": 0}, "cancelled_before"),
        ({"gross_minor": None, "amount_minor": None}, "firm"),
        ({"gross_minor": None, "amount_minor": 0}, "firm"),
        ({"amount_minor": 0}, "firm"),  # a voucher paid the whole order
    ],
)
def test_the_first_rule_that_fits_names_the_line(change: dict[str, Any], kind: str):
    assert kinds_of(change) == [kind]


FREE = {"gross_minor": 0, "amount_minor": 0}


def test_a_free_line_beside_a_paid_one_is_a_gift_and_an_order_of_free_lines_is_samples():
    assert kinds_of({}, FREE) == ["firm", "gift"]
    assert kinds_of({}, {"amount_minor": 0}) == ["firm", "gift"]
    assert kinds_of(FREE, FREE) == ["sample", "sample"]
    assert kinds_of({}, FREE | {"order_id": "2"}) == ["firm", "sample"]
    assert kinds_of({}, FREE | {"shop": "t"}) == ["firm", "sample"]  # another shop's order 1


def test_a_free_line_beside_one_that_a_voucher_paid_is_a_gift():
    assert kinds_of({"amount_minor": 0}, FREE) == ["firm", "gift"]


def test_the_table_has_every_kind_once_and_demand_is_four_of_them():
    table = kinds().set_index("kind")
    assert sorted(table.index) == sorted(tables.KINDS)
    assert set(table.index[table["is_demand"]]) == {"firm", "cod", "preorder", "on_hold"}
    assert set(table.index[table["draws_stock"]]) == {
        "firm", "cod", "preorder", "cancelled_after", "sample", "gift", "replacement",
    }  # fmt: skip
    assert table.index[table["comes_back"]].tolist() == ["cancelled_after"]


def test_the_glossary_says_what_the_table_says():
    for row in kinds().itertuples():
        assert say(f"kind_rule.{row.kind}", "zh") == row.when_zh
        assert say(f"kind_rule.{row.kind}", "en") == row.when_en
        assert all(say(f"kind.{row.kind}", lang) for lang in LANGS)


def test_nobody_can_change_the_table_for_others():
    mine = kinds()
    mine["is_demand"] = False
    assert is_demand(pd.Series(["firm", "gift"])).tolist() == [True, False]


def test_the_shares_tell_every_kind_with_its_lines_and_units():
    frame = lines({"units": 6}, {"units": 1, "status": "cancelled"}, {"units": 1, "kind": "gift"})
    shares = shares_of_kinds(frame).set_index("kind")
    assert shares.loc["firm", ["lines", "units", "share_rate"]].tolist() == [1, 6, 0.75]
    assert shares.loc["gift", ["lines", "units", "share_rate"]].tolist() == [1, 1, 0.125]
    assert shares.loc["cod", ["lines", "units", "share_rate"]].tolist() == [0, 0, 0.0]
    assert len(shares) == 11


def test_the_shares_of_no_lines_are_zeros():
    shares = shares_of_kinds(tables.empty(tables.OrderLines))
    assert shares[["lines", "units", "share_rate"]].to_numpy().sum() == 0


a_line = st.fixed_dictionaries(
    {
        "order_id": st.sampled_from("123"),
        "status": st.sampled_from(tables.STATUSES),
        "units": st.integers(1, 9),
        "gross_minor": st.sampled_from([None, 0, 100]),
        "amount_minor": st.sampled_from([None, 0, 90]),
        "paid_at": st.sampled_from([None, "2025-01-01"]),
        "shipped_at": st.sampled_from([None, "2025-01-02"]),
        "said": st.sampled_from(["", "preorder", "replacement", "sample", "gift"]),
        "owes": st.booleans(),
        "at_door": st.booleans(),
    }
)


@settings(max_examples=25)
@given(st.lists(a_line, min_size=1, max_size=8))
def test_kinds_cover_every_line_exactly_once(changes: list[dict[str, Any]]):
    found = kinds_of(*changes)
    assert len(found) == len(changes)
    assert set(found) <= set(tables.KINDS)
    frame = lines(*({"units": c["units"], "kind": k} for c, k in zip(changes, found, strict=True)))
    shares = shares_of_kinds(frame)
    assert shares["lines"].sum() == len(changes)
    assert shares["units"].sum() == frame["units"].sum()
    assert shares["share_rate"].sum() == pytest.approx(1)

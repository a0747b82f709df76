"""Actions of one SKU together, by hand: what each adds, and which comes first."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from test_season_choices import DAYS, case, source
from track_case import economics, fixed_rest

from planner.season.acting import choice_kinds as kinds
from planner.season.acting.choice_case import Choice
from planner.season.acting.joint_choices import Option, together
from planner.season.stock.unit_worth import unit_worth


def fetched(**changes) -> Option:
    one = source(**changes)
    return Option(partial(kinds.bring, source=one), lead_hours=one.lead_hours)


def capped(share: float = 0.2) -> Option:
    return Option(partial(kinds.cap_ads, share=share, unit_cost=-4.0, lead_hours=1.0), share=share)


def fixed(action: str, value: float, event_value: float) -> Option:
    told = Choice(action, "", 5.0, value, DAYS[-1], "", event_value=event_value)
    return Option(lambda _case: told)


def test_a_second_source_adds_only_what_the_first_leaves_unserved():
    # 60 go unserved. 40 lie two days away, the dear way could bring all of them.
    near, dear = fetched(max_units=40.0), fetched(unit_cost=30.0)
    alone = [kinds.bring(case(), source(max_units=40.0)), kinds.bring(case(), source(unit_cost=30))]
    assert [one.value for one in alone] == pytest.approx([40 * 65, 60 * 40])
    steps = together(case(), [near, dear])
    assert [(steps[at].rank, steps[at].added) for at in (0, 1)] == [
        (1, pytest.approx(40 * 65)), (2, pytest.approx(20 * 40)),
    ]  # fmt: skip


def test_what_lands_after_the_event_does_not_come_first_however_much_it_is_worth():
    # The event ends with the fifth day; 20 land in it, 100 after it.
    short = case()._replace(event_days=5)
    late = kinds.bring(short, source(lead_hours=5 * 24.0))
    assert (late.event_units, late.event_value) == (0, 0)
    assert late.reason.endswith("reason.choice_after_event|units=40")
    assert late.lands_at == pd.Timestamp("2025-11-17")
    soon = fetched(max_units=10.0)
    steps = together(short, [fetched(lead_hours=5 * 24.0), soon])
    assert steps[1].rank == 1
    assert steps[0].added > steps[1].added


def test_a_unit_fetched_earns_the_price_of_the_day_on_which_it_sells():
    # From the seventh day on a unit brings 100 instead of 80.
    gains = np.array([80.0] * 6 + [100.0] * 3)
    told = kinds.bring(case()._replace(gains=gains), source(max_units=40.0))
    assert told.value == pytest.approx(30 * (80 - 10) + 10 * (100 - 10) - 40 * 5)


def test_ads_capped_after_goods_are_fetched_are_weighed_on_the_shelf_with_them():
    steps = together(case(), [fetched(max_units=10.0), capped()])
    assert steps[0].rank == 1
    assert steps[1].added != pytest.approx(capped().weigh(case()).value)


def test_a_markdown_waits_while_the_shelf_is_short_in_the_event():
    cut, cap = fixed("markdown", 900.0, 0.0), capped()
    assert list(together(case(stock=20.0), [cut, cap])) == [1]
    assert list(together(case(stock=200.0), [cut])) == [0]


def test_what_leaves_an_untold_shelf_ends_the_row():
    both = [fixed("backorder", 90.0, 90.0), fixed("raise_protection", 50.0, 50.0)]
    assert list(together(case(), both)) == [0]


def test_a_unit_has_one_worth_a_day_by_the_price_that_binds_on_it():
    # Selling costs a fifth of the price: 80 of the locked 100, 88 of the 110 paid in the tail.
    prices = economics().assign(
        sale_price=100.0, warm_up_price=115.0, tail_price=110.0, ordinary_price=120.0
    )
    rest = fixed_rest([10.0] * 9)  # 12 to 14 November are the sale
    worth = unit_worth(rest, prices)
    assert worth.gains[0][:4] == pytest.approx([80.0, 80.0, 80.0, 88.0])
    assert unit_worth(rest, economics()).gains[0] == pytest.approx(80.0)


def test_a_missed_unit_that_is_paid_for_loses_more_than_one_still_to_be_bought():
    worth = unit_worth(fixed_rest([10.0] * 9), economics())
    unmet = np.array([[4.0, 6.0] + [0.0] * (worth.gains.shape[1] - 2)])
    bought, paid, both = (worth.missed(unmet, np.array([units])) for units in (0.0, 50.0, 4.0))
    assert bought == pytest.approx(10 * (80 - 40))
    assert paid == pytest.approx(10 * (80 - 10))
    assert both == pytest.approx(4 * 70 + 6 * 40)

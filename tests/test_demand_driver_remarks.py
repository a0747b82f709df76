"""A driver that the past cannot tell is remarked, and what it counts as is said."""

import numpy as np
import pandas as pd
import pytest
from demand_case import MARKET, PLAN
from intake_case import a_seller

from planner import tables
from planner.campaign import read_campaign
from planner.demand.driver_remarks import TOLD_DRIVERS, driver_limits, driver_remarks
from planner.demand.drivers import DRIVER_COLUMNS, driver_matrix
from planner.demand.slopes import effect_of, fit_slopes
from planner.pages.reasons import tell_reason, tell_sentence
from planner.scope import Scope


def rows(days: int = 1, **values: list[float]) -> pd.DataFrame:
    """Rows of `days` days each."""
    frame = pd.DataFrame(values)
    first = pd.Timestamp("2025-09-09")
    return frame.assign(start=first, end=first + pd.Timedelta(days=days - 1))


def test_a_driver_within_the_past_is_no_remark() -> None:
    past = rows(discount_rate=[0.1, 0.3, np.nan], live_hours=[2.0, 4.0, 0.0])
    assert driver_remarks(past, rows(discount_rate=[0.1, 0.2, 0.3], live_hours=[0.0, 3, 4])) == []
    assert driver_remarks(past, rows(viewers=[np.nan])) == []  # nothing is said ahead


def test_a_driver_that_was_unknown_or_never_varied_moves_nothing() -> None:
    past = rows(has_gift=[0.0, 0.0], creators=[np.nan, np.nan], tier_rank=[3.0, 3.0])
    ahead = rows(has_gift=[1.0], creators=[5.0], tier_rank=[3.0], viewers=[9.0])
    assert driver_remarks(past, ahead) == [
        "driver.unmoved|driver=driver.creators",
        "driver.unmoved|driver=driver.viewers",
        "driver.unmoved|driver=driver.has_gift",
    ]  # the tier stays what it always was: there is nothing to move


def test_totals_are_compared_by_the_day_and_others_as_they_stand() -> None:
    past = rows(2, ad_spend=[2000.0, 8000.0], creators=[2.0, 8.0])
    assert driver_remarks(past, rows(4, ad_spend=[16000.0], creators=[8.0])) == []
    ahead = rows(1, ad_spend=[16000.0, 500.0], creators=[9.0, 1.0])
    assert driver_remarks(past, ahead) == [
        "driver.above|driver=driver.creators|most=8",
        "driver.below|driver=driver.creators|most=2",
        "driver.above_a_day|driver=driver.ad_spend|most=4000",
        "driver.below_a_day|driver=driver.ad_spend|most=1000",
    ]


def test_the_engine_does_hold_what_is_remarked_at_the_furthest_it_has_seen() -> None:
    past = rows(discount_rate=[0.1, 0.2, 0.3, 0.2], has_gift=[0.0, 0.0, 0.0, 0.0])
    sold = np.array([10.0, 20.0, 30.0, 20.0])
    slopes = fit_slopes(
        driver_matrix(past), sold, np.full(4, 20.0), dispersion=1.0,
        rises=np.ones(len(DRIVER_COLUMNS), dtype=bool),
    )  # fmt: skip
    most, beyond = (
        effect_of(driver_matrix(rows(discount_rate=[rate], has_gift=[gift])), slopes)
        for rate, gift in ((0.3, 0.0), (0.6, 1.0))
    )
    assert most > 0
    assert beyond == pytest.approx(most)


@pytest.mark.parametrize("name", TOLD_DRIVERS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_remark_can_be_told(name: str, lang: str) -> None:
    past, high, none = (rows(**{name: values}) for values in ([0.25, 0.5], [0.75], [np.nan]))
    (beyond,), (unmoved,) = driver_remarks(past, high), driver_remarks(none, high)
    assert "0.5" in tell_reason(beyond, lang)
    assert "driver." not in tell_reason(unmoved, lang)


def drivers(*found: tuple[str, str, str, dict[str, float]]) -> pd.DataFrame:
    blank = tables.empty(tables.Drivers)
    told = [
        {"event": event, "market": MARKET, "phase": phase, "sku": "",
         "starts_on": pd.Timestamp(day), "ends_on": pd.Timestamp(day)} | facts
        for event, phase, day, facts in found
    ]  # fmt: skip
    frame = pd.DataFrame(told, columns=list(blank)).astype(blank.dtypes.to_dict())
    return tables.checked(tables.Drivers, frame)


def a_scope() -> Scope:
    """The campaign of 11.11, planned on 2025-09-16."""
    told = {
        "campaign": "autumn",
        "name": {"zh": "秋", "en": "Autumn"},
        "as_of": {"plan": "2025-09-16"},
        "markets": {MARKET: PLAN.model_dump(mode="json", exclude_none=True)},
    }
    return Scope(campaign=read_campaign(told, where="c.yml"), seller=a_seller())


def test_each_phase_learns_from_its_own_past_and_one_limit_of_two_phases_is_one_finding() -> None:
    table = drivers(
        ("8.8", "sale", "2025-08-08", {"discount_rate": 0.2, "live_hours": 4.0}),
        ("9.9", "sale", "2025-09-09", {"discount_rate": 0.4, "live_hours": 4.0}),
        ("11.11", "warm_up", "2025-11-01", {"discount_rate": 0.3, "live_hours": 6.0}),
        ("11.11", "sale", "2025-11-11", {"discount_rate": 0.5, "live_hours": 6.0}),
        ("12.12", "sale", "2025-12-12", {"discount_rate": 0.9}),
    )
    found = driver_limits(table, a_scope())
    assert set(found["file"]) == {"drivers"}
    assert found[["code", "facts"]].to_numpy().tolist() == [
        ["W_DRIVER_UNMOVED", "driver=driver.discount_rate|phases=phase.warm_up|most="],
        [
            "W_DRIVER_UNMOVED",
            "driver=driver.live_hours|phases=phase.warm_up, phase.sale|most=",
        ],
        ["W_DRIVER_ABOVE", "driver=driver.discount_rate|phases=phase.sale|most=0.4"],
    ]
    told = [tell_sentence(f"finding.{row.code}|{row.facts}", "en") for row in found.itertuples()]
    assert told[1].startswith("Live hours (Warm-up, Sale) never varied")


def test_without_drivers_there_is_no_finding_and_last_year_is_past() -> None:
    assert driver_limits(tables.empty(tables.Drivers), a_scope()).empty
    table = drivers(
        ("11.11", "sale", "2024-11-11", {"discount_rate": 0.1}),
        ("11.11", "sale", "2023-11-11", {"discount_rate": 0.3}),
        ("11.11", "sale", "2025-11-11", {"discount_rate": 0.2}),
    )
    assert driver_limits(table, a_scope()).empty

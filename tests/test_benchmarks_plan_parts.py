"""The benchmark of the whole plan: a seller of any size, and times that add up."""

import pytest

from benchmarks import plan_case, plan_parts

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")  # Prophet's own


@pytest.fixture(scope="module")
def case() -> plan_case.PlanCase:
    return plan_case.plan_case(30)


def test_the_made_seller_has_so_many_skus_in_every_table(case: plan_case.PlanCase):
    known = case.known
    assert known.catalogue["sku"].is_unique
    for frame in (known.catalogue, known.draws, known.forecast, known.facts, known.daily):
        assert frame["sku"].nunique() == 30
    assert set(known.draws["draws"].map(len)) == {500}


def test_the_made_seller_has_three_modes_houses_and_channels_and_every_limit(
    case: plan_case.PlanCase,
):
    seller = case.scope.seller
    assert len(seller.policy.lanes) == len(seller.warehouses) == len(seller.channels) == 3
    told = seller.limits.model_dump()
    assert all(told.values())


def test_the_times_of_the_parts_are_no_more_than_the_whole():
    times = plan_parts.measured(24)
    extra = (plan_parts.WHOLE, "wall seconds", "peak GB")
    parts = [value for name, value in times.items() if name not in extra]
    assert len(parts) > 20
    assert sum(parts) <= times[plan_parts.WHOLE]
    rows = plan_parts.growth({24: times}).set_index("part")["24"]
    assert rows[plan_parts.WHOLE] == pytest.approx(times[plan_parts.WHOLE], abs=0.01)


def test_a_part_that_a_size_did_not_go_through_has_no_figure_there():
    whole = {plan_parts.WHOLE: 4.0, "wall seconds": 4.0, "peak GB": 0.1}
    told = {10: {"order": 3.0, **whole}, 20: {"order": 3.0, "later": 1.0, **whole}}
    rows = plan_parts.growth(told).set_index("part")
    assert rows.loc["later"].isna().tolist() == [True, False]
    assert rows.loc[plan_parts.OTHERS].tolist() == [1.0, 0.0]

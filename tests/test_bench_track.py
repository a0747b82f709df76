"""The benchmark of tracking: what is scored, and that a short run holds what it claims."""

import numpy as np
import pandas as pd
import pytest

from benchmarks import track, track_acts
from benchmarks.track_worlds import campaign_of

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")  # of the peer Prophet


@pytest.fixture(scope="module")
def campaign():
    return campaign_of("demo-id-gadget", 2002)


def test_a_tie_with_the_edge_of_the_range_counts_at_its_chance():
    worlds = np.repeat(np.arange(10.0), 10)[None]  # each of 0 to 9 in a tenth of the worlds
    told = [track._inside(worlds, np.array([came])).iloc[0] for came in (0.0, 1.0, 5.0, 9.0, 12.0)]
    assert [row["inside"] for row in told] == pytest.approx([0, 1, 1, 0, 0])
    half = track._inside(np.array([[1.0] * 4 + [2.0] * 6]), np.array([1.0])).iloc[0]
    assert half["inside"] == pytest.approx(0.75)  # ranks 0 to 0.4, of which 0.1 to 0.4 inside


def test_totals_say_by_how_much_the_middle_told_missed_and_what_the_plan_alone_would_hold():
    blank = {"moment": "day 1", "learns": "from all", "edges_in": True, "is_censored": False}
    sku = blank | {"is_total": False, "inside": 1.0, "width": 4.0, "plan_width": 8.0}
    sku |= {"planned": 20.0, "came": 10.0, "error": 1.0}
    low = blank | {"is_total": True, "inside": 0.0, "plan_inside": 1.0, "middle": 80, "came": 100}
    even = low | {"inside": 1.0, "middle": 100.0}
    found = track.scores_of(pd.DataFrame([sku, low, even])).iloc[0]
    assert (found["total"], found["total_plan"]) == (0.5, 1.0)
    assert found["total_bias"] == pytest.approx(-0.1)  # 180 told, 200 came
    assert (found["cover80"], found["of_plan"]) == (1.0, 0.5)


def test_what_is_sold_never_exceeds_what_is_wanted_or_on_the_shelf(campaign):
    assert (campaign.sold <= campaign.wanted).all()
    assert (campaign.sold.sum(axis=1) <= campaign.stock).all()
    assert (campaign.sold < campaign.wanted).any()


def test_hours_of_the_first_sale_day_add_up_to_the_day(campaign):
    day = campaign.wanted[:, campaign.sale_day]
    assert np.array_equal(campaign.wanted_hours.sum(axis=1), day)


def test_an_action_of_known_effect_earns_what_a_hand_counts(campaign):
    rest = track.rest_at(campaign, "day 1")
    row = pd.Series(
        {"action": "transfer", "units": 10.0, "looking_at": rest.sight.at, "place": "reserve"}
    )
    wanted = np.full(len(rest.ahead), 5.0)
    stock = float(wanted.sum() - 4)  # four go unserved on the last day
    gain = track_acts._gain(row, wanted, stock, rest)
    assert gain == pytest.approx(4 * 16 + 6 * 3 - 10 * (1.5 + 3))


def test_a_few_campaigns_are_covered_narrowing_and_worth_acting_on():
    rows, deeds = track.measured(2)
    scores = track.scores_of(rows).set_index(["row", "learns"])
    daily = scores.loc[[("day 1", "from all"), ("day 2", "from all"), ("day 3", "from all")]]
    assert (daily["cover80"] > 0.5).all()
    assert daily["width"].is_monotonic_decreasing
    acts = track.deeds_of(deeds)
    assert (acts["gain"] > 0).all()
    assert (acts["late"] == 0).all()

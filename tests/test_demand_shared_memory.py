"""What sellers share: only cells of enough of them, none told by its size or by what is missing."""

import numpy as np
import pandas as pd
import pytest

from planner import tables
from planner.demand.shared_memory import Sharing, capped_weights, share_ratios, sharing_of
from planner.errors import ConfigError

SHARING = Sharing(min_sellers=3, min_skus=3, max_share=0.4)


def ratios(**sellers: float) -> pd.DataFrame:
    """One uplift of each seller, of 1000 ordinary units of four SKUs, by name."""
    return rows(*({"seller": name, "actual_sum": 1000.0 * told} for name, told in sellers.items()))


def rows(*changed: dict[str, object]) -> pd.DataFrame:
    plain = {
        "seller": "a", "campaign": "sep", "memory": "uplift", "kind": "double_date",
        "phase": "sale", "place": "", "mode": "", "category": "home", "market": "TH",
        "price_band": "low", "ended_on": pd.Timestamp("2025-09-12"), "actual_sum": 2000.0,
        "expected_sum": 1000.0, "n_skus": 4,
    }  # fmt: skip
    return tables.checked(tables.CampaignRatios, pd.DataFrame([plain | one for one in changed]))


def shared(frame: pd.DataFrame) -> pd.DataFrame:
    cell = ["category", "market", "price_band"]
    return share_ratios(frame, SHARING).set_index(cell)


def test_a_cell_of_two_sellers_is_never_written():
    assert share_ratios(ratios(a=2.0, b=3.0), SHARING).empty


def test_a_cell_of_three_is_their_typical_ratio_at_every_width():
    found = shared(ratios(a=2.0, b=3.0, c=4.5))
    assert found.index.tolist() == [
        ("any", "any", "any"), ("home", "TH", "any"), ("home", "TH", "low"),
        ("home", "any", "any"),
    ]  # fmt: skip
    # all of a size: the mean of 2, 3 and 4.5, not the middle of their logarithms, which is 3
    assert found["cell_ratio"].tolist() == [3.17] * 4
    assert found["n_sellers"].tolist() == [3] * 4
    assert found["n_skus"].tolist() == [12] * 4


def test_many_sellers_of_too_few_skus_do_not_fill_a_cell():
    thin = ratios(a=2.0, b=3.0, c=4.0).assign(n_skus=1)
    assert share_ratios(thin, Sharing(3, 4, 0.4)).empty
    assert len(share_ratios(thin, Sharing(3, 3, 0.4))) == 4


def test_a_giant_counts_no_more_than_its_share():
    assert capped_weights(np.array([97.0, 1.0, 1.0, 1.0]), 0.4).tolist() == pytest.approx(
        [0.4, 0.2, 0.2, 0.2]
    )
    assert capped_weights(np.array([5.0, 1.0, 1.0]), 0.3).tolist() == pytest.approx([1 / 3] * 3)
    giant = ratios(a=8.0, b=1.0, c=1.0, d=1.0)
    giant.loc[giant["seller"] == "a", ["actual_sum", "expected_sum", "n_skus"]] *= 1000
    # by units it would weigh 1000 of 1003; capped, .4 x 8 + .6 x 1
    assert shared(giant)["cell_ratio"].iloc[0] == 3.8


def test_a_tiny_seller_counts_by_its_units_and_not_as_one_of_three():
    tiny = ratios(a=2.0, b=2.0, c=20.0)
    tiny.loc[tiny["seller"] == "c", ["actual_sum", "expected_sum"]] /= 100
    # 1000, 1000 and 10 ordinary units; a and b are held at .4, what is left is c's
    assert share_ratios(tiny, Sharing(3, 3, 0.5))["cell_ratio"].iloc[0] == pytest.approx(
        2.09, abs=0.01
    )


def test_what_is_shared_of_the_registers_world_is_its_mean_and_not_below_it():
    """Sellers drawn round two, a third apart: their middle is two, what a unit becomes is more."""
    rng = np.random.default_rng(5)
    drawn = dict(enumerate(2.0 * np.exp(rng.normal(0.0, 0.5, 400))))
    told = shared(ratios(**{f"s{n}": ratio for n, ratio in drawn.items()}))["cell_ratio"].iloc[0]
    assert told == pytest.approx(np.mean(list(drawn.values())), rel=0.005)
    assert told == pytest.approx(2.0 * np.exp(0.125), rel=0.06)
    # a middle of logarithms would lie twelve parts in a hundred below
    assert told > 1.08 * np.exp(np.mean(np.log(list(drawn.values()))))


def test_a_cell_that_would_betray_its_only_neighbour_is_withheld():
    found = shared(
        rows(
            {"seller": "a"}, {"seller": "b"}, {"seller": "c"},
            {"seller": "d", "market": "MY"},
        )
    )  # fmt: skip
    # all markets are told, of four sellers; TH of three would leave MY, which is d's alone
    assert ("home", "any", "any") in found.index
    assert found.loc[("home", "any", "any"), "n_sellers"] == 4
    assert not [place for place in found.index if "TH" in place or "MY" in place]


def test_a_cell_beside_enough_others_is_told():
    pairs = [(name, market) for market in ("TH", "MY") for name in "abc"]
    found = shared(rows(*({"seller": name, "market": market} for name, market in pairs)))
    assert {place[1] for place in found.index} == {"any", "TH", "MY"}


def test_parts_of_unknown_price_are_not_told_and_guard_those_that_are():
    blank = [{"seller": name, "price_band": ""} for name in "ab"]
    found = shared(rows(*({"seller": name} for name in "abc"), *blank))
    assert ("home", "TH", "any") in found.index
    assert not {"", "low"} & {place[2] for place in found.index}


def test_three_sellers_cannot_be_told_apart_from_what_is_written():
    one = share_ratios(ratios(a=2.0, b=3.0, c=4.5), SHARING)
    other = share_ratios(ratios(a=2.5, b=2.5, c=4.5), SHARING)
    pd.testing.assert_frame_equal(one, other)
    # mean and spread of three would give the other two to the third
    assert one["seller_log_sd"].isna().all()


def test_how_far_sellers_lie_apart_is_told_from_six_on_and_for_the_widest_cell_alone():
    many = {f"s{number}": 2.0 if number % 2 else 4.0 for number in range(6)}
    found = shared(ratios(**many))["seller_log_sd"]
    # half of them ln 2 apart: sample spread sqrt(6 / 5) x .347, less chance of .03 each
    chance = 0.35**2 / 4 + (1 / 2000 + 1 / 4000) / 2
    assert found.iloc[0] == pytest.approx(np.sqrt(1.2 * 0.3466**2 - chance), abs=0.006)
    assert found.iloc[1:].isna().all()


def test_the_file_names_no_seller_shop_or_sku():
    assert not {"seller", "shop", "sku", "actual_sum", "expected_sum"} & set(
        tables.columns(tables.SharedRatios)
    )
    found = share_ratios(ratios(alpha=2.0, beta=3.0, gamma=4.5), SHARING)
    text = found.to_csv()
    assert not [name for name in ("alpha", "beta", "gamma") if name in text]
    # not even the day on which one seller's goods came
    assert set(found["ended_on"]) == {pd.Timestamp("2025-09-30")}


def test_returns_days_and_trips_are_told_by_what_splits_them():
    kinds = [
        {"memory": "returns", "kind": "", "phase": "", "actual_sum": 100.0},
        {"memory": "lead", "mode": "sea", "place": "trip", "kind": "", "phase": "", "category": ""},
        {"memory": "receiving", "place": "fbt", "kind": "", "phase": "", "category": ""},
        {"memory": "phase_day", "place": "start_1", "category": ""},
    ]
    every = rows(*({**kind, "seller": name} for kind in kinds for name in "abc"))
    found = share_ratios(every, SHARING)
    lines = [tuple(row) for row in found[["memory", "category", "market", "kind"]].to_numpy()]
    assert lines == [
        ("lead", "", "TH", ""), ("lead", "", "any", ""),
        ("phase_day", "", "", "any"), ("phase_day", "", "", "double_date"),
        ("receiving", "", "TH", ""), ("receiving", "", "any", ""),
        ("returns", "any", "any", ""), ("returns", "home", "TH", ""),
        ("returns", "home", "any", ""),
    ]  # fmt: skip
    assert set(found.loc[found["memory"] == "returns", "cell_ratio"]) == {0.1}


def test_fewer_than_three_sellers_may_not_be_allowed():
    bounds = pd.DataFrame(
        {
            "rule": ["memory_min_sellers", "memory_min_skus", "memory_seller_share"],
            "low": [2.0, 5.0, np.nan],
            "high": [np.nan, np.nan, 0.4],
        }
    )
    with pytest.raises(ConfigError, match=r"memory_min_sellers: 2 lets .* write 3 or more"):
        sharing_of(bounds)
    assert sharing_of(bounds.assign(low=[4.0, 5.0, np.nan])) == Sharing(4, 5, 0.4)
    with pytest.raises(ConfigError, match="no row in force for the rule 'memory_seller_share'"):
        sharing_of(bounds.iloc[:2].assign(low=4.0))

"""Memory of others against no uplift and times two, for a seller who gave nothing to it."""

import pandas as pd
import pytest

from benchmarks.memory import cells_without, reviewed, scores, told_of
from benchmarks.memory_worlds import Shop, Truths, provider


@pytest.fixture(scope="module")
def shops() -> list[Shop]:
    """A world of four sellers whose sales sell four times."""
    return provider(Truths(base=4.0, base_sd=0.0, n_sellers=4, n_skus=4), 3)


@pytest.fixture(scope="module")
def ratios(shops: list[Shop]) -> dict[str, pd.DataFrame]:
    return {shop.name: reviewed(shop) for shop in shops}


def test_memory_of_others_errs_less_than_no_uplift_and_than_times_two(shops, ratios):
    told = told_of(shops[0], cells_without(shops[0].name, ratios))
    named = {"seed": 3, "seller": shops[0].name, "least_sellers": 3, "hidden_cells": 0}
    found = pd.DataFrame(scores(told.assign(**named))).set_index("method")
    for figure in ("log_error", "wape", "seller_error"):
        for plain in ("no uplift", "times two", "shipped"):
            assert found.loc["shared", figure] < found.loc[plain, figure]


def test_the_one_left_out_gave_nothing_to_what_it_is_told(shops, ratios):
    name = shops[0].name
    louder = ratios | {name: ratios[name].assign(actual_sum=1e6)}
    cells = cells_without(name, ratios)
    pd.testing.assert_frame_equal(cells_without(name, louder), cells)
    assert cells["n_sellers"].max() == 3


def test_where_the_register_is_right_memory_of_others_costs_little():
    """Sales sell twice as the register says: times two knows the answer and memory must learn it.

    One seller of four is told; its units, not the log of its ratios, are what a plan buys.
    """
    made = provider(Truths(base_sd=0.0, category_sd=0.05, market_sd=0.05, n_sellers=4, n_skus=4), 5)
    found = {shop.name: reviewed(shop) for shop in made}
    told = told_of(made[0], cells_without(made[0].name, found))
    named = {"seed": 5, "seller": made[0].name, "least_sellers": 3, "hidden_cells": 0}
    scored = pd.DataFrame(scores(told.assign(**named))).set_index("method")
    assert scored.loc["shared", "wape"] < 1.25 * scored.loc["times two", "wape"]
    assert scored.loc["shared", "wape"] < scored.loc["no uplift", "wape"]
    assert scored.loc["own and shared", "wape"] == scored.loc["own", "wape"]

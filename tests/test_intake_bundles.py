"""Bundles become components: units by recipe, money to the minor unit."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from lines_case import lines

from planner import tables
from planner.intake.bundles import explode, gifts_without_recipe


def recipes(*rows: tuple[str, str, int]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["sku", "component", "units"])
    empty = tables.empty(tables.Bundles).dtypes.to_dict()
    return tables.checked(tables.Bundles, frame.astype(empty))


def sold(*rows: tuple[str, int, int | None]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["sku", "units", "amount_minor"])
    return frame.astype({"sku": "str", "units": "int64", "amount_minor": "Int64"})


def test_a_bundle_is_its_components_and_stays_in_its_place():
    frame = sold(("X", 1, 5), ("SET", 3, 1_000), ("A", 1, 7))
    parts = explode(frame, recipes(("SET", "B", 1), ("SET", "A", 2)), amounts=["amount_minor"])
    assert parts["sku"].tolist() == ["X", "A", "B", "A"]
    assert parts["units"].tolist() == [1, 6, 3, 1]
    assert parts["amount_minor"].tolist() == [5, 667, 333, 7]  # 1000 x 2 // 3, and the rest
    assert parts.dtypes.to_dict() == frame.dtypes.to_dict()


def test_a_bundle_s_money_is_shared_by_list_price_where_every_part_has_one():
    # 17.9 and 26.9: 118,192 x 17.9 / 44.8 = 47,224.4 and 70,967.6; the odd unit goes to the first.
    frame, recipe = sold(("SET", 26, 118_192)), recipes(("SET", "A", 1), ("SET", "B", 1))
    price = pd.Series({"A": 17.9, "B": 26.9})
    parts = explode(frame, recipe, amounts=["amount_minor"], prices=price)
    assert parts["amount_minor"].tolist() == [47_225, 70_967]
    assert parts.dtypes.to_dict() == frame.dtypes.to_dict()
    # One price unknown: by units. Two A against one B: 35.8 of 62.7.
    for unknown in (price.drop("B"), price.mask(price > 20)):
        told = explode(frame, recipe, amounts=["amount_minor"], prices=unknown)
        assert told["amount_minor"].tolist() == [59_096, 59_096]
    two = recipes(("SET", "A", 2), ("SET", "B", 1))
    told = explode(sold(("SET", 1, 6_270)), two, amounts=["amount_minor"], prices=price)
    assert told["amount_minor"].tolist() == [3_580, 2_690]
    # A gift bears nothing, whatever its own price.
    gift = recipes(("A", "A", 1), ("A", "B", 1))
    told = explode(sold(("A", 4, 900)), gift, amounts=["amount_minor"], prices=price)
    assert told["amount_minor"].tolist() == [900, 0]


def test_a_gift_recipe_draws_the_gift_and_leaves_the_money_with_the_sku():
    recipe = recipes(("A", "A", 1), ("A", "GIFT", 1))
    parts = explode(sold(("A", 4, 900)), recipe, amounts=["amount_minor"])
    assert parts.to_numpy().tolist() == [["A", 4, 900], ["GIFT", 4, 0]]


def test_money_that_is_unknown_stays_unknown_in_every_component():
    recipe = recipes(("SET", "A", 1), ("SET", "B", 1))
    parts = explode(sold(("SET", 2, None), ("SET", 1, 3)), recipe, amounts=["amount_minor"])
    assert parts["amount_minor"].isna().tolist() == [True, True, False, False]
    assert parts["amount_minor"].tolist()[2:] == [2, 1]


def test_rows_without_a_bundle_are_untouched():
    frame = sold(("A", 1, 5), ("B", 2, 6))
    pd.testing.assert_frame_equal(explode(frame, recipes(("SET", "A", 2))), frame)


@settings(max_examples=40)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["SET", "PACK", "A", "Z"]), st.integers(0, 9), st.integers(-9, 10**9)
        ),
        max_size=12,
    ),
    per_set=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    own=st.integers(1, 3),
)
def test_exploding_bundles_conserves_units_and_money(rows, per_set, own):
    parts = [("SET", f"C{n}", units) for n, units in enumerate(per_set)]
    recipe = recipes(*parts, ("PACK", "PACK", own), ("PACK", "GIFT", 2))
    frame = sold(*rows)
    exploded = explode(frame, recipe, amounts=["amount_minor"])
    drawn = {"SET": sum(per_set), "PACK": own + 2}
    wanted = sum(units * drawn.get(sku, 1) for sku, units, _ in rows)
    assert exploded["units"].sum() == wanted
    assert exploded["amount_minor"].sum() == frame["amount_minor"].sum()
    assert "SET" not in set(exploded["sku"])


def test_gifts_that_no_recipe_draws_are_listed_by_their_units():
    gift = {"kind": "gift"}
    frame = lines(
        gift | {"sku": "BAG", "units": 1},
        gift | {"sku": "BAG", "units": 2},
        gift | {"sku": "CARD", "units": 9},
        gift | {"sku": "PEN", "units": 1},
        {"sku": "CUP", "units": 50},
    )
    listed = gifts_without_recipe(frame, recipes(("A", "A", 1), ("A", "CARD", 1)))
    assert listed.to_numpy().tolist() == [["s", "TH", "BAG", 2, 3], ["s", "TH", "PEN", 1, 1]]

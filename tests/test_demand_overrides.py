"""Overrides by ratio and by units: whom they touch, what they move, what is told of each."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from planner import tables
from planner.demand import forecast
from planner.demand.overrides import apply_overrides
from planner.errors import PlanningError
from planner.pages.reasons import tell_reason

AS_OF = {"TH": date(2025, 10, 22), "ID": date(2025, 10, 22)}
DAYS = {
    "before": ("2025-10-22", "2025-10-31"),
    "warm_up": ("2025-11-01", "2025-11-10"),
    "sale": ("2025-11-11", "2025-11-14"),
    "after": ("2025-11-15", "2025-11-24"),
}
SHAPE = np.array([0.5, 1.0, 1.5, 1.0])
"""Worlds around a mean of 1."""
CATALOGUE = pd.DataFrame(
    {"sku": ["A-1", "A-2", "B-1", "Z-0"], "category": ["home", "home", "toys", "toys"]}
)


def drawn(means: dict[tuple[str, str, str], float] | None = None) -> pd.DataFrame:
    """Means by shop, market and SKU of every phase but `before`, which has 7."""
    means = means or {
        ("th-one", "TH", "A-1"): 100.0,
        ("th-one", "TH", "A-2"): 300.0,
        ("th-two", "TH", "A-1"): 50.0,
        ("id-one", "ID", "B-1"): 40.0,
        ("id-one", "ID", "Z-0"): 0.0,
    }
    rows = [
        (
            *key,
            phase,
            pd.Timestamp(start),
            pd.Timestamp(end),
            SHAPE * (7 if phase == "before" else mean),
        )
        for key, mean in means.items()
        for phase, (start, end) in DAYS.items()
    ]
    names = ["shop", "market", "sku", "phase", "starts_on", "ends_on", "draws"]
    return tables.checked(tables.DemandDraws, pd.DataFrame(rows, columns=names))


def override(kind: str, amount: float, *more: tuple[str, float], **target: object) -> pd.DataFrame:
    rows = []
    for place, (one, value) in enumerate([(kind, amount), *more]):
        row = dict.fromkeys(("shop", "market", "category", "sku", "phase"), "")
        row |= {"row": place + 2, "change": f"{one} {value}", "kind": one, "amount": float(value)}
        row |= {"owner": "Li", "reason": "creator", "expires_on": pd.Timestamp("2025-12-31")}
        rows.append(row | target)
    return tables.checked(tables.Overrides, pd.DataFrame(rows))


def means(draws: pd.DataFrame) -> pd.Series:
    return draws.set_index(["shop", "sku", "phase"])["draws"].map(np.mean).sort_index()


def done(overrides: pd.DataFrame, draws: pd.DataFrame | None = None):
    return apply_overrides(
        drawn() if draws is None else draws, overrides, as_of=AS_OF, catalogue=CATALOGUE
    )


def test_a_ratio_moves_its_sku_and_phase_in_all_shops_and_nothing_else():
    model = drawn()
    planned = done(override("ratio", 2, sku="A-1", phase="sale"), model)
    moved = means(planned.draws) - means(model)
    assert moved[moved != 0].to_dict() == {
        ("th-one", "A-1", "sale"): 100.0,
        ("th-two", "A-1", "sale"): 50.0,
    }
    kept = planned.draws.loc[planned.draws["sku"] != "A-1", "draws"].index
    assert all(planned.draws["draws"][i] is model["draws"][i] for i in kept)
    row = planned.effects.iloc[0]
    assert row[["model_units", "given_units", "planned_units", "difference_units"]].tolist() == [
        150,
        150,
        300,
        150,
    ]
    assert (row["status"], row["n_skus"], row["reason"]) == ("applied", 1, "override.applied")


def test_units_are_spread_over_skus_and_phases_as_the_model_spreads_them():
    planned = done(override("added_units", 270, category="home", market="TH"))
    moved = means(planned.draws) - means(drawn())
    assert moved.groupby("sku").sum()[["A-1", "A-2"]].round(6).tolist() == [90.0, 180.0]
    assert moved["th-one", "A-2", "before"] == 0
    assert moved["th-one", "A-2"].drop("before").round(6).tolist() == [60.0] * 3
    assert planned.effects["difference_units"].tolist() == pytest.approx([270])


def test_a_set_total_is_met_and_the_spread_of_worlds_keeps_its_shape():
    planned = done(override("set_units", 1200, sku="A-2"))
    rows = planned.draws[(planned.draws["sku"] == "A-2") & (planned.draws["phase"] != "before")]
    worlds = np.stack(rows["draws"].to_list()).sum(axis=0)
    assert worlds.tolist() == pytest.approx((1200 * SHAPE).tolist())


def test_units_on_top_shift_the_worlds_and_leave_their_range_as_wide():
    model = drawn()
    planned = done(override("added_units", 250, sku="A-2", phase="sale"), model)
    at = model[(model["sku"] == "A-2") & (model["phase"] == "sale")].index[0]
    assert (planned.draws["draws"][at] - model["draws"][at]).tolist() == pytest.approx([250] * 4)


def test_units_taken_away_leave_no_world_below_zero_and_the_mean_moves_by_them():
    planned = done(override("added_units", -225, sku="A-2", phase="sale"))
    rows = planned.draws[(planned.draws["sku"] == "A-2") & (planned.draws["phase"] == "sale")]
    worlds = rows["draws"].iloc[0]
    # 150, 300, 450, 300 less 225: 0, 75, 225, 75 of mean 93.75; the mean must be 75.
    assert worlds.tolist() == pytest.approx([0, 60, 180, 60])


def test_fewer_units_than_there_are_cut_to_zero_and_say_so():
    planned = done(override("added_units", -1000, sku="B-1"))
    assert np.stack(planned.draws["draws"].to_list()).min() >= 0
    row = planned.effects.iloc[0]
    assert (row["planned_units"], row["difference_units"]) == (0.0, -120.0)
    assert row["reason"] == "override.cut|asked=1000|units=120"


def test_where_the_model_says_zero_units_are_planned_as_given_over_the_days():
    planned = done(override("added_units", 240, sku="Z-0"))
    units = means(planned.draws)["id-one", "Z-0"]
    assert units.drop("before").tolist() == pytest.approx([100.0, 40.0, 100.0])
    assert planned.effects["reason"].tolist() == ["override.from_nothing"]


def test_overrides_apply_in_file_order_and_each_tells_what_it_found():
    first = done(override("added_units", 100, ("ratio", 2), sku="A-2", phase="sale"))
    assert first.effects["planned_units"].tolist() == [400.0, 800.0]
    assert first.effects["model_units"].tolist() == [300.0, 300.0]
    assert first.effects["difference_units"].tolist() == [100.0, 400.0]
    assert first.effects["reason"].tolist() == [
        "override.applied",
        "override.after_others|units=400",
    ]
    other = done(override("ratio", 2, ("added_units", 100), sku="A-2", phase="sale"))
    assert other.effects["planned_units"].tolist() == [600.0, 700.0]


def test_an_override_holds_to_the_day_it_expires_and_is_named_when_it_is_over():
    last = override("ratio", 2, sku="A-1", expires_on=pd.Timestamp("2025-10-22"))
    assert done(last).effects["status"].tolist() == ["applied"]
    gone = override("ratio", 2, sku="A-1", expires_on=pd.Timestamp("2025-10-21"))
    model = drawn()
    planned = done(gone, model)
    assert planned.draws is model
    row = planned.effects.iloc[0]
    assert (row["status"], row["reason"]) == ("expired", "override.expired|expires_on=2025-10-21")
    assert np.isnan(row["difference_units"])


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ({"sku": "A--1"}, "override.typo|column=target.sku|value=A--1|nearest=A-1"),
        ({"sku": "b-1"}, "override.typo|column=target.sku|value=b-1|nearest=B-1"),
        ({"category": "tyos"}, "override.typo|column=target.category|value=tyos|nearest=toys"),
        ({"market": "VN", "sku": "A-1"}, "override.unknown|column=target.market|value=VN"),
        ({"sku": "A-1", "phase": "tail"}, "override.no_phase|phase=tail"),
        ({"sku": "A-1", "market": "ID"}, "override.no_row"),
    ],
)
def test_one_that_matches_nothing_names_what_is_wrong_and_the_nearest(target, reason):
    row = done(override("ratio", 2, **target)).effects.iloc[0]
    assert (row["status"], row["reason"], row["n_skus"]) == ("nothing", reason, 0)


def test_the_whole_horizon_of_the_forecast_is_the_set_total_and_the_models_own_is_kept():
    model = drawn()
    changed = apply_overrides(model, override("set_units", 600, sku="B-1"), as_of=AS_OF).draws
    grades = model[["shop", "market", "sku"]].drop_duplicates().assign(grade="B", grade_reason="x")
    rows = forecast.summarise_draws(changed, model_draws=model, grades=grades)
    whole = rows[(rows["phase"] == "horizon") & (rows["sku"] == "B-1")].iloc[0]
    assert whole["mean_units"] == pytest.approx(600)
    assert whole["model_mean_units"] == pytest.approx(120)


def test_a_category_needs_a_catalogue_and_no_override_changes_nothing():
    model = drawn()
    with pytest.raises(PlanningError, match="row 2: category 'home' needs a catalogue"):
        apply_overrides(model, override("ratio", 2, category="home"), as_of=AS_OF)
    none = apply_overrides(model, tables.empty(tables.Overrides), as_of=AS_OF)
    assert none.draws is model
    assert none.effects.empty


def test_an_override_may_expire_in_one_market_and_hold_in_another():
    both = override("ratio", 2, phase="sale", expires_on=pd.Timestamp("2025-10-25"))
    planned = apply_overrides(
        drawn(), both, as_of=AS_OF | {"ID": date(2025, 10, 26)}, catalogue=CATALOGUE
    )
    moved = (means(planned.draws) - means(drawn())).groupby("shop").sum()
    assert moved.to_dict() == {"id-one": 0.0, "th-one": 400.0, "th-two": 50.0}
    assert planned.effects["model_units"].tolist() == [450.0]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_reason_is_told_in_both_languages(lang: str):
    kinds = [
        override("ratio", 2, sku="A-1"),
        override("ratio", 2, ("added_units", 5), sku="A-1"),
        override("added_units", -999, sku="B-1"),
        override("added_units", 9, sku="Z-0"),
        override("ratio", 2, expires_on=pd.Timestamp("2025-01-01")),
        override("ratio", 2, sku="A--1"),
        override("ratio", 2, sku="strange"),
        override("ratio", 2, phase="tail"),
        override("ratio", 2, sku="A-1", market="ID"),
    ]
    reasons = {reason for one in kinds for reason in done(one).effects["reason"]}
    told = {reason: tell_reason(reason, lang) for reason in reasons}
    assert len({reason.split("|")[0] for reason in reasons}) == 9
    assert not [reason for reason, text in told.items() if text == reason or "{" in text]
    cut = next(text for reason, text in told.items() if "cut" in reason)
    assert "999" in cut
    assert "-999" not in cut

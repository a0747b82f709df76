"""Did an override help? The miss without it against the miss with it, by hand."""

from datetime import date

import pandas as pd
import pytest
from season_case import a_scope, draws, forecast_of, sales

from planner import tables
from planner.demand.overrides import apply_overrides
from planner.season.result.overrides_review import override_measures, override_review

SCOPE = a_scope(seen_from="2025-12-05")
CATALOGUE = pd.DataFrame({"sku": ["a", "b"], "category": ["home", "toys"]})
MODEL = pd.concat(
    [draws(sku, {"warm_up": 100, "sale": 80, "tail": 60, "after": 100}) for sku in ("a", "b")],
    ignore_index=True,
)


def planned(*rows: dict[str, object], scope=SCOPE, **changed: object):
    blank = dict.fromkeys(("shop", "market", "category", "sku", "phase"), "")
    blank |= {"owner": "Li", "reason": "x", "expires_on": pd.Timestamp("2026-01-31")}
    frame = pd.DataFrame([blank | {"row": n, "change": "c"} | row for n, row in enumerate(rows, 2)])
    frame = tables.checked(tables.Overrides, frame.astype({"amount": float}))
    done = apply_overrides(MODEL, frame, as_of={"TH": date(2025, 10, 22)}, catalogue=CATALOGUE)
    forecast = forecast_of(done.draws).assign(model_mean_units=forecast_of(MODEL)["mean_units"])
    return done.effects, forecast


def sold(a_sale: int, **options: object) -> pd.DataFrame:
    """20 days at 10 and then 10 more; the 4 sale days of `a` sell `a_sale` each, of `b` 20."""
    day = {"a": a_sale, "b": 20}
    return pd.concat(
        [
            sales(
                sku,
                "2025-11-01",
                [10] * 10 + [day[sku]] * 4 + [10] * 16,
                **(options if sku == "a" else {}),
            )
            for sku in day
        ]
    )


DOUBLE = {"sku": "a", "phase": "sale", "kind": "ratio", "amount": 2}


def reviewed(effects, forecast, daily, scope=SCOPE):
    return override_review(effects, forecast, daily, scope=scope, catalogue=CATALOGUE)


def test_an_override_that_came_nearer_helped_by_the_difference_of_the_misses():
    row = reviewed(*planned(DOUBLE), sold(35)).iloc[0]
    assert row[["without_units", "planned_units", "demand_units"]].tolist() == [80, 160, 140]
    assert row[["without_error_units", "planned_error_units", "gained_units"]].tolist() == [
        60,
        20,
        40,
    ]
    assert row["is_helped"]


def test_an_override_that_went_the_wrong_way_did_harm():
    row = reviewed(*planned(DOUBLE), sold(20)).iloc[0]
    assert row["gained_units"] == -80
    assert not row["is_helped"]


def test_a_second_override_is_judged_by_what_it_moved_itself():
    again = {"sku": "a", "phase": "sale", "kind": "added_units", "amount": 40}
    rows = reviewed(*planned(DOUBLE, again), sold(40))
    assert rows["without_units"].tolist() == [80, 160]
    assert rows["gained_units"].tolist() == [80, -40]


def test_a_category_is_judged_on_its_own_skus_and_a_foreign_shop_has_no_demand():
    toys = {"category": "toys", "kind": "ratio", "amount": 0.5}
    row = reviewed(*planned(toys), sold(99)).iloc[0]
    assert row["demand_units"] == 10 * 26 + 20 * 4


def test_of_a_phase_that_still_runs_only_the_days_seen_count():
    scope = a_scope(seen_from="2025-11-13")
    daily = sold(35)
    row = reviewed(*planned(DOUBLE), daily[daily["day"] < "2025-11-13"], scope).iloc[0]
    assert row[["without_units", "planned_units", "demand_units"]].tolist() == [40, 80, 70]


def test_units_missed_for_lack_of_stock_are_demand():
    daily = sold(20, out=(13,))
    row = reviewed(*planned(DOUBLE), daily).iloc[0]
    assert row["demand_units"] >= 80


def test_before_the_campaign_and_without_an_applied_override_there_is_nothing_to_say():
    effects, forecast = planned(DOUBLE)
    early = a_scope(seen_from="2025-10-30")
    assert reviewed(effects, forecast, sold(35), early).empty
    none = effects.assign(status="expired")
    assert reviewed(none, forecast, sold(35)).empty
    assert override_measures(none, forecast, sold(35), scope=SCOPE).empty


def test_the_gain_of_all_overrides_is_the_models_error_less_the_plans():
    effects, forecast = planned(DOUBLE)
    rows = override_measures(effects, forecast, sold(35), scope=SCOPE).set_index("measure")["value"]
    demand, model, plan = 400 + 340, 340, 420
    assert rows["model_wape"] == pytest.approx((400 - model) / demand)
    assert rows["override_gain"] == pytest.approx((60 - (plan - 400)) / demand)

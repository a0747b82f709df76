"""Days before and after the campaign, SKUs outside it, and totals that go too far."""

import numpy as np
import pandas as pd
import pytest
from demand_case import (
    AS_OF,
    MARKET,
    PAST,
    PLAN,
    UNTIL,
    a_catalogue,
    a_daily,
    no_memory,
    the_events,
    the_priors,
)

from planner import tables
from planner.campaign import Demand
from planner.demand import plausible, quiet, ripples, substitution
from planner.demand.baseline import fit_baseline
from planner.demand.clean import panel_of
from planner.demand.forecast import draw_demand, summarise_draws
from planner.demand.uplift import estimate_uplift

LEVELS = [40.0, 20.0, 10.0]
SKUS = ("S000", "S001", "S002")
PRIORS = {"warm_up": 1.05, "sale": 2.0, "tail": 1.1}


def the_joined(*rows: tuple[str, str, bool], starts_on: str = "2025-11-11") -> pd.DataFrame:
    """Return `CampaignsJoined`: event, SKU, whether it was joined."""
    frame = pd.DataFrame(rows, columns=["event", "sku", "is_joined"]).assign(
        market=MARKET,
        starts_on=pd.Timestamp(starts_on),
        tier="",
        discount_rate=np.nan,
    )
    kinds = {"event": "str", "sku": "str", "is_joined": bool}
    return tables.checked(tables.CampaignsJoined, frame.astype(kinds))


def case(
    daily: pd.DataFrame | None = None,
    *,
    ahead: dict[str, str] | None = None,
    joined: pd.DataFrame | None = None,
    priors: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    daily = a_daily(LEVELS, noise=False) if daily is None else daily
    catalogue = a_catalogue(SKUS).assign(price=np.nan, like_sku="", launch_on=pd.NaT)
    fit, base = fit_baseline(daily, until=UNTIL, catalogue=catalogue)
    known = {
        "plans": {MARKET: PLAN},
        "events": the_events(PAST | (ahead or {})),
        "priors": the_priors(**PRIORS) if priors is None else priors,
        "catalogue": catalogue,
    }
    uplift = estimate_uplift(daily, base, memory=no_memory(), **known)
    known["joined"] = the_joined() if joined is None else joined
    return {
        "daily": daily,
        "fit": fit,
        "baseline": base,
        "uplift": uplift,
        "days": quiet.quiet_days(daily, base, **known),
        "rippled": ripples.with_ripples(uplift, daily, base, **known),
        "catalogue": catalogue,
    }


def ratio(parts: dict[str, pd.DataFrame], phase: str, sku: str = "S000") -> pd.Series:
    rows = parts["rippled"].set_index(["sku", "phase"])
    return rows.loc[(sku, phase)]


@pytest.fixture(scope="module")
def plain() -> dict[str, pd.DataFrame]:
    return case()


def test_before_and_after_have_a_row_of_their_own_and_the_promo_phases_stay(plain):
    assert set(plain["rippled"]["phase"]) == {"before", "warm_up", "sale", "tail", "after"}
    kept = plain["rippled"][plain["rippled"]["phase"].isin(tables.PROMO_PHASES)]
    pd.testing.assert_frame_equal(kept.reset_index(drop=True), plain["uplift"])


def test_where_nothing_dips_ordinary_days_stay_ordinary(plain):
    assert ratio(plain, "after")["uplift_ratio"] == pytest.approx(1.0, abs=0.01)
    assert ratio(plain, "before")["uplift_ratio"] == pytest.approx(1.0, abs=0.01)
    assert ratio(plain, "after")["common_log_sd"] > 0


def test_another_event_in_after_gets_the_ratio_of_its_kind_on_its_days_only():
    parts = case(ahead={"11.25": "2025-11-25"})
    days = parts["days"][parts["days"]["sku"] == "S000"].set_index("day")["day_ratio"]
    assert days["2025-11-25":"2025-11-27"].to_numpy() == pytest.approx(np.full(3, 3.0), rel=0.1)
    assert days["2025-11-24"] == pytest.approx(1.0, abs=0.02)
    own = ratio(parts, "after")
    assert own["uplift_ratio"] == pytest.approx((3 * 3.0 + 7) / 10, rel=0.07)
    assert own["log_sd"] > 0


def test_the_campaign_in_the_calendar_is_not_another_event():
    parts = case(ahead={"2025-11.11": "2025-11-11"})
    assert ratio(parts, "before")["uplift_ratio"] == pytest.approx(1.0, abs=0.01)
    assert "2025-11.11" not in set(parts["days"]["cause"])


def test_an_event_the_shop_will_not_join_leaves_its_days_ordinary():
    no = the_joined(("11.25", "", False), starts_on="2025-11-25")
    parts = case(ahead={"11.25": "2025-11-25"}, joined=no)
    assert ratio(parts, "after")["uplift_ratio"] == pytest.approx(1.0, abs=0.02)


def test_draws_use_the_rows_of_after_by_the_same_road():
    parts = case(ahead={"11.25": "2025-11-25"})
    told = {}
    for name in ("uplift", "rippled"):
        draws = draw_demand(
            parts["fit"], parts["baseline"], parts[name],
            plans={MARKET: PLAN}, demand=Demand(), seed_text="t",
        )  # fmt: skip
        grades = (
            draws[["shop", "market", "sku"]].drop_duplicates().assign(grade="B", grade_reason="")
        )
        result = summarise_draws(draws, model_draws=draws, grades=grades)
        told[name] = result.set_index(["sku", "phase"])["mean_units"]
    after = told["rippled"]["S000", "after"] / told["uplift"]["S000", "after"]
    assert after == pytest.approx(ratio(parts, "after")["uplift_ratio"], rel=0.05)
    assert told["rippled"]["S000", "sale"] == told["uplift"]["S000", "sale"]


def test_a_dip_learnt_from_the_past_lowers_the_days_after_the_campaign():
    daily = a_daily(LEVELS, noise=False)
    for start in pd.to_datetime(list(PAST.values())):
        near = (daily["day"] - start).dt.days.between(3, 9)
        daily.loc[near, "units"] = (daily.loc[near, "units"] * 0.5).astype(int)
    parts = case(tables.checked(tables.DailySales, daily))
    days = parts["days"][parts["days"]["sku"] == "S000"].set_index("day")["day_ratio"]
    assert days["2025-11-21"] < 0.85 * days["2025-11-29"]
    assert ratio(parts, "after")["uplift_ratio"] < 0.95


def test_a_sku_that_stays_out_sells_ordinary_days_while_others_keep_their_uplift():
    parts = case(joined=the_joined(("11.11", "S001", False)))
    out = ratio(parts, "sale", "S001")
    assert out["uplift_ratio"] == pytest.approx(1.0)
    assert out["source"] == "shipped"
    assert ratio(parts, "sale", "S000")["uplift_ratio"] == pytest.approx(3.0, rel=0.1)


def test_a_sku_may_join_though_the_shop_does_not():
    keys = pd.DataFrame({"market": MARKET, "sku": list(SKUS)})
    said = the_joined(("11.11", "", False), ("2025-11.11", "S002", True))
    ahead = {MARKET: ("11.11", pd.Timestamp("2025-11-11"))}
    assert substitution.stays_out(keys, said, ahead).tolist() == [True, True, False]
    last_year = the_joined(("11.11", "", False), starts_on="2024-11-11")
    assert not substitution.stays_out(keys, last_year, ahead).any()


def test_goods_beside_a_promotion_that_lost_a_fifth_are_believed_in_part():
    daily = a_daily([400.0, 200.0], noise=False)
    beside = (daily["sku"] == "S001") & (daily["phase"] != "")
    daily.loc[beside, ["event", "phase"]] = ""
    daily.loc[beside, "units"] = 160
    panel = panel_of(daily, catalogue=a_catalogue(["S000", "S001"]))
    expected = np.broadcast_to(np.array([[400.0], [200.0]]), panel.units.shape)
    told = substitution.told_beside(panel, expected, priors=the_priors(beside=1.0), dispersion=1.0)[
        "home"
    ]
    assert told.past_events == 3
    assert 0.8 < np.exp(told.log_ratio) < 0.85


def test_a_total_beyond_all_that_was_seen_is_a_finding_and_is_not_cut():
    seen = pd.DataFrame(
        {
            "market": MARKET,
            "category": ["home", "toys"],
            "days": 30,
            "total_units": [900.0, 500.0],
            "total_ratio": [1.9, 1.7],
            "seen_ratio": [1.2, 1.2],
        }
    )
    found = plausible.doubtful_totals(seen)
    assert found["code"].to_list() == ["W_TOTAL_HIGH"]
    assert "category=home|units=900|ratio=1.90|seen=1.20|days=30" in found["facts"].iloc[0]
    assert plausible.doubtful_totals(seen.assign(seen_ratio=np.nan)).empty


def test_the_ratio_of_the_horizon_is_its_total_over_its_ordinary_days(plain):
    draws = draw_demand(
        plain["fit"], plain["baseline"], plain["uplift"],
        plans={MARKET: PLAN}, demand=Demand(), seed_text="t",
    )  # fmt: skip
    told = plausible.total_ratios(
        draws, plain["baseline"], plain["daily"], catalogue=plain["catalogue"]
    ).iloc[0]
    assert told["days"] == 30
    ratios = plain["uplift"].groupby("phase")["uplift_ratio"].mean()
    by_hand = (10 * ratios["warm_up"] + 4 * ratios["sale"] + 6 * ratios["tail"] + 10) / 30
    assert told["total_ratio"] == pytest.approx(by_hand, rel=0.05)
    assert told["seen_ratio"] == pytest.approx((3 * 3 + 27) / 30, rel=0.05)


def test_causes_ahead_are_told_with_days_range_and_units():
    parts = case(ahead={"11.25": "2025-11-25"}, joined=the_joined(("11.11", "S001", False)))
    told = ripples.effects_ahead(
        parts["days"], uplift=parts["uplift"], rippled=parts["rippled"]
    ).set_index("cause")
    assert told.loc["11.25", "affected_days"] == 3
    assert told.loc["11.25", "added_units"] == pytest.approx(3 * 2 * sum(LEVELS), rel=0.1)
    assert told.loc["beside", "skus"] == 1
    assert (told["low_ratio"] < told["high_ratio"]).all()


def test_the_days_before_begin_on_the_first_unknown_day(plain):
    before = plain["days"][plain["days"]["phase"] == "before"]
    assert before["day"].min() == pd.Timestamp(AS_OF)
    assert before["day"].max() == pd.Timestamp("2025-10-31")

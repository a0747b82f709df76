"""What the next forecast makes of shared cells: wide before narrow, own before others."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from demand_case import MARKET, PAST, PLAN, a_catalogue, a_daily, forecast_parts, the_priors

from planner import tables
from planner.demand.campaign_ratios import price_bands
from planner.demand.memory import usable_memory
from planner.demand.ratio_reasons import explain_ratios
from planner.demand.shared_cells import Shared, cell_ratio, shared_of, with_shared_days
from planner.demand.uplift import told_uplift
from planner.pages.telling import tell_reason

NO_BANDS = pd.Series(dtype="str")
PLACE = {"kind": "double_date", "phase": "sale", "category": "home", "market": "TH"}
PLACE |= {"price_band": "low"}


def cells(*changed: dict[str, object]) -> pd.DataFrame:
    plain = {
        "campaign": "sep", "memory": "uplift", "kind": "double_date", "phase": "sale",
        "place": "", "mode": "", "category": "any", "market": "any", "price_band": "any",
        "ended_on": pd.Timestamp("2025-09-30"), "cell_ratio": 3.0, "seller_log_sd": np.nan,
        "n_sellers": 4, "n_skus": 40,
    }  # fmt: skip
    return tables.checked(tables.SharedRatios, pd.DataFrame([plain | one for one in changed]))


def shared(*changed: dict[str, object]) -> Shared:
    return shared_of(cells(*changed), NO_BANDS)


def sale_of(seller: dict[str, pd.DataFrame], behind: Shared | None) -> pd.DataFrame:
    told = told_uplift(
        seller["daily"], seller["baseline"], plans={MARKET: PLAN}, events=seller["events"],
        priors=the_priors(), memory=tables.empty(tables.UpliftMemory),
        catalogue=a_catalogue(seller["daily"]["sku"].unique()), shared=behind,
    )  # fmt: skip
    return told.uplift[told.uplift["phase"] == "sale"].set_index("sku")


def seller(past: dict[str, str]) -> dict[str, pd.DataFrame]:
    daily = a_daily([10.0, 6.0], past=past)
    events = tables.empty(tables.Events)
    return {"daily": daily, "events": events} | {
        "baseline": forecast_parts(daily, events=events)["baseline"]
    }


def test_the_widest_cell_is_weighed_against_the_register():
    told = cell_ratio(shared({}), "uplift", PLACE, log_prior=np.log(2.0), prior_sd=0.6)
    # variance .3^2 / 4 + .15^2 = .045; the gap shows that the register errs by so much at least
    shown = np.log(3 / 2) ** 2 - 0.045
    weight = shown / (shown + 0.045)
    assert told.log_ratio == pytest.approx(weight * np.log(3) + (1 - weight) * np.log(2))
    # its own doubt, sellers apart, and three levels that nobody told
    assert told.log_sd == pytest.approx(np.sqrt(8 / 9 * 0.045 + 0.09 + 3 * 0.15**2))
    assert (told.n_sellers, told.n_skus, told.n_campaigns) == (4, 40, 1)


def test_a_widest_cell_within_its_own_error_of_the_register_leaves_it_alone():
    near = cell_ratio(shared({}), "uplift", PLACE, log_prior=np.log(3.0) - 0.2, prior_sd=0.6)
    assert near.log_ratio == pytest.approx(np.log(3.0) - 0.2)  # .2^2 is less than .045
    assert near.log_sd < np.sqrt(0.36 + 0.09)  # and makes it surer


def test_a_narrower_cell_counts_against_the_one_above_it_and_is_surer():
    two = shared({}, {"category": "home", "cell_ratio": 4.0})
    told = cell_ratio(two, "uplift", PLACE, log_prior=np.log(2.0), prior_sd=0.6)
    wide = cell_ratio(shared({}), "uplift", PLACE, log_prior=np.log(2.0), prior_sd=0.6)
    # how far the part lies from the whole, less what four other sellers make of it by chance
    apart = (np.log(4 / 3) ** 2 - 0.3**2 / 4 + 3 * 0.15**2) / 4
    weight = apart / (apart + 0.045)
    assert two.level_sd["uplift", "category"] ** 2 == pytest.approx(apart)
    assert told.log_ratio == pytest.approx(weight * np.log(4) + (1 - weight) * wide.log_ratio)
    assert told.log_sd < wide.log_sd


def test_without_a_cell_the_register_stands_as_it_is():
    for place in ({"kind": "payday"}, {"phase": "tail"}):
        told = cell_ratio(shared({}), "uplift", PLACE | place, log_prior=0.7, prior_sd=0.6)
        assert tuple(told) == (0.7, 0.6, 0, 0, 0)


def test_several_campaigns_of_the_same_sellers_count_as_campaigns_not_as_sellers():
    both = shared({}, {"campaign": "jun", "cell_ratio": 2.0})
    cell = both.cells.iloc[0]
    assert cell["log_ratio"] == pytest.approx(np.log(2.5))
    assert (cell["n_sellers"], cell["n_campaigns"]) == (4, 2)
    assert cell["variance"] == pytest.approx(0.0225 + 0.15**2 / 2)


def test_how_far_sellers_lie_apart_is_believed_where_it_is_told():
    wide = shared({"seller_log_sd": 0.6})
    assert wide.seller_sd["uplift"] == pytest.approx(0.6)
    assert wide.seller_sd["returns"] == pytest.approx(0.3)
    assert wide.cells.iloc[0]["variance"] == pytest.approx(0.09 + 0.0225)


def test_only_campaigns_over_by_the_planning_day_are_used_and_never_the_one_planned():
    rows = cells({}, {"campaign": "nov"}, {"ended_on": pd.Timestamp("2025-10-10")})
    found = usable_memory(
        rows, campaign="nov", as_of={"TH": date(2025, 10, 10)}, table=tables.SharedRatios
    )
    assert found["campaign"].tolist() == ["sep"]


def test_a_seller_without_a_promotion_takes_what_others_showed_and_says_so():
    fresh = seller({})
    alone, told = sale_of(fresh, None), sale_of(fresh, shared({"cell_ratio": 4.0}))
    assert set(alone["source"]) == {"shipped"}
    assert set(told["source"]) == {"shared"}
    assert (told["uplift_ratio"] > 1.5 * alone["uplift_ratio"]).all()
    assert (told["log_sd"] < alone["log_sd"]).all()
    assert sale_of(fresh, shared({"kind": "payday"}))["source"].tolist() == ["shipped"] * 2


def test_the_sellers_own_promotions_come_before_what_others_showed():
    own = seller(PAST)  # sold three times its ordinary days, others ten times
    alone, told = sale_of(own, None), sale_of(own, shared({"cell_ratio": 10.0}))
    assert set(told["source"]) == {"sku"}
    pd.testing.assert_frame_equal(told, alone)


def test_a_seller_with_own_promotions_is_not_told_that_others_stand_behind_its_ratio():
    own, behind = seller(PAST), shared({"cell_ratio": 10.0})
    catalogue = a_catalogue(own["daily"]["sku"].unique())
    told = told_uplift(
        own["daily"], own["baseline"], plans={MARKET: PLAN}, events=own["events"],
        priors=the_priors(), memory=tables.empty(tables.UpliftMemory), catalogue=catalogue,
        shared=behind,
    )  # fmt: skip
    reasons = explain_ratios(
        told.uplift, told.effects, priors=the_priors(), plans={MARKET: PLAN},
        catalogue=catalogue, shared=behind,
    )  # fmt: skip
    sale = reasons.loc[reasons["phase"] == "sale", "reason"]
    assert not sale.str.contains("shared|sellers=").any()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_reason_names_how_many_sellers_and_skus_stand_behind_a_ratio(lang: str):
    fresh, behind = seller({}), shared({"cell_ratio": 4.0})
    catalogue = a_catalogue(fresh["daily"]["sku"].unique())
    told = told_uplift(
        fresh["daily"], fresh["baseline"], plans={MARKET: PLAN}, events=fresh["events"],
        priors=the_priors(), memory=tables.empty(tables.UpliftMemory), catalogue=catalogue,
        shared=behind,
    )  # fmt: skip
    reasons = explain_ratios(
        told.uplift, told.effects, priors=the_priors(), plans={MARKET: PLAN},
        catalogue=catalogue, shared=behind,
    )  # fmt: skip
    sale = reasons.loc[reasons["phase"] == "sale", "reason"].iloc[0]
    assert sale.startswith("ratio.shared|")
    sentence = tell_reason(sale, lang)
    assert ("至少 4 家卖家" in sentence) or ("at least 4 other sellers" in sentence)
    assert "40" in sentence


def test_days_of_a_phase_follow_those_of_other_sellers():
    curve = pd.DataFrame(
        {
            "phase": "sale", "position": ["start_1", "start_2"], "day_ratio": [1.16, 1.07],
            "log_sd": [0.3, 0.2], "valid_from": pd.Timestamp("2020-01-01"),
            "valid_to": pd.NaT, "confidence": "low", "source": "a sample",
            "as_of": pd.Timestamp("2025-01-01"),
        }
    )  # fmt: skip
    day = {"memory": "phase_day", "place": "start_1", "kind": "any", "category": "", "market": ""}
    behind = shared(day | {"price_band": "", "cell_ratio": 1.8})
    found = with_shared_days(curve, behind, plans={MARKET: PLAN})
    assert found["day_ratio"].iloc[0] > 1.5
    assert found["day_ratio"].iloc[1] == 1.07
    assert found["source"].tolist() == [
        "memory of at least 4 sellers: 40 SKUs, 1 campaigns", "a sample"
    ]  # fmt: skip


def test_price_bands_are_told_against_the_middle_of_the_category():
    goods = pd.DataFrame(
        {
            "sku": list("abcdef"),
            "category": ["home"] * 4 + ["beauty"] * 2,
            "price": [10.0, 20.0, 22.0, 40.0, 5.0, 50.0],
        }
    )
    bounds = pd.DataFrame({"rule": ["price_band"], "low": [0.67], "high": [1.5]})
    found = price_bands(goods, bounds)
    # the middle of the home prices is 21: 10 is .48 of it, 40 is 1.9; two prices have no middle
    assert found.to_dict() == dict(
        zip("abcdef", ["low", "middle", "middle", "high", "", ""], strict=True)
    )

"""What a forecast consists of: parts add up, shares add to one, sentences say where it is from."""

import numpy as np
import pandas as pd
import pytest
from demand_case import (
    MARKET,
    PLAN,
    UNTIL,
    a_catalogue,
    a_daily,
    a_memory,
    no_memory,
    the_events,
    the_priors,
)

from planner import tables
from planner.campaign import Demand
from planner.demand.baseline import fit_baseline
from planner.demand.decomposition import (
    RATIO_PARTS,
    decompose,
    horizon_steps,
    phase_steps,
    share_doubt,
)
from planner.demand.forecast import draw_demand, summarise_draws
from planner.demand.ratio_reasons import explain_ratios
from planner.demand.uplift import told_uplift
from planner.pages.reasons import tell_reason

KEY = {"shop": "th-one", "market": MARKET, "sku": "S000"}
SALE = {**KEY, "phase": "sale"}
FIRST, LAST = pd.Timestamp("2025-11-11"), pd.Timestamp("2025-11-12")


def a_fit(**changed: float) -> pd.DataFrame:
    row = {
        **KEY, "level_units": 10.0, "half_life_days": 28.0, "clean_days": 90,
        "masked_promo_days": 0, "masked_stock_out_days": 0, "dispersion_ratio": 2.0,
        "drift_sd": 0.3, "common_drift_sd": 0.1, "method": "method.weighted",
    }  # fmt: skip
    return pd.DataFrame([row | changed])


def a_baseline() -> pd.DataFrame:
    """Return two days: 10 x 1.2 x 1.5 = 18, and 10 x 0.8 x 1.5 = 12 of which launch takes 3."""
    rows = pd.DataFrame([KEY, KEY]).assign(
        day=[FIRST, LAST],
        baseline_units=[18.0, 9.0],
        weekday_ratio=[1.2, 0.8],
        season_ratio=1.5,
        is_masked=False,
        is_future=True,
    )
    return tables.checked(tables.BaselineDaily, rows)


def an_uplift(ratio: float, **changed: object) -> pd.DataFrame:
    row = {
        **SALE, "uplift_ratio": ratio, "low_ratio": ratio / 2, "high_ratio": ratio * 2,
        "own_ratio": np.nan, "prior_ratio": ratio, "own_weight": 0.0, "past_events": 0,
        "log_sd": 0.4, "common_log_sd": 0.2, "spread_ratio": 1.0, "source": "portfolio",
    }  # fmt: skip
    return tables.checked(tables.Uplift, pd.DataFrame([row | changed]))


def the_effects(**effects: float) -> pd.DataFrame:
    names = tables.columns(tables.UpliftEffects)
    row = dict.fromkeys(names[4:], 0.0) | SALE | effects
    return tables.checked(tables.UpliftEffects, pd.DataFrame([row]))


def a_forecast(mean: float, model: float) -> pd.DataFrame:
    quantiles = [name for name in tables.columns(tables.Forecast) if name.startswith("q")]
    row = {
        **SALE, "starts_on": FIRST, "ends_on": LAST, "mean_units": mean,
        "model_mean_units": model, "grade": "B", "grade_reason": "x",
    }  # fmt: skip
    return pd.DataFrame([row | dict.fromkeys(quantiles, mean)])


def parts_of(mean: float = 100.0, model: float = 110.0, **changed: object) -> dict[str, float]:
    known = {
        "fit": a_fit(),
        "baseline": a_baseline(),
        "uplift": an_uplift(3.0),
        "effects": the_effects(seller_effect=np.log(2.0), own_effect=np.log(1.5)),
        "demand": Demand(demand_ratio=1.2),
    }
    table = decompose(a_forecast(mean, model), **(known | changed))
    return dict(table[table["phase"] == "sale"][["part", "part_units"]].to_numpy().tolist())


def test_each_part_adds_what_the_product_grows_by_when_it_joins():
    parts = parts_of()
    # 2 days of 10; weekdays 1.2 and 0.8 cancel; season adds half; launch takes 3: 27 ordinary.
    told = {
        "level": 20.0, "season": 10.0, "launch": -3.0, "seller": 27.0, "own": 27.0,
        "scenario": 16.2, "draws": 12.8, "override": -10.0,
    }  # fmt: skip
    assert parts == pytest.approx(told)
    assert sum(parts.values()) == pytest.approx(100.0)


def test_what_a_limit_cuts_stands_apart_from_what_people_changed():
    worlds = np.empty(1, dtype=object)
    worlds[:] = [np.array([100.0, 140.0])]
    planned = pd.DataFrame([SALE]).assign(starts_on=FIRST, ends_on=LAST, draws=worlds)
    parts = parts_of(planned=planned)
    assert parts["override"] == pytest.approx(10.0)
    assert parts["order_limit"] == pytest.approx(-20.0)


def test_a_sku_that_stays_out_takes_none_of_the_promotions_causes():
    parts = parts_of(uplift=an_uplift(0.9))
    assert parts["around"] == pytest.approx(-2.7)
    assert {"seller", "own"}.isdisjoint(parts)


def test_a_sku_without_demand_has_a_level_of_zero_and_nothing_else():
    nothing = a_baseline().assign(baseline_units=0.0)
    parts = parts_of(0.0, 0.0, fit=a_fit(level_units=0.0), baseline=nothing)
    assert parts == {"level": 0.0}


def test_shares_of_doubt_follow_the_law_of_the_draws():
    shares = share_doubt(a_forecast(50.0, 50.0), fit=a_fit(), uplift=an_uplift(3.0))
    sale = shares[shares["phase"] == "sale"].set_index("doubt")
    # 50 sqrt(exp(0.16) - 1) = 20.83; sqrt(2 x 50) = 10; shares add to 1.
    assert sale.loc["ratio", "sd_units"] == pytest.approx(20.827, abs=0.001)
    assert sale.loc["day_noise", "sd_units"] == pytest.approx(10.0)
    assert sale["variance_share"].sum() == pytest.approx(1.0)
    whole = np.expm1([0.09, 0.01, 0.16, 0.04]).sum() * 2500 + 100
    assert sale.loc["day_noise", "variance_share"] == pytest.approx(100 / whole)


def test_day_noise_is_narrowed_as_the_draws_narrow_it():
    calm = an_uplift(3.0).assign(spread_ratio=0.8)
    shares = share_doubt(a_forecast(50.0, 50.0), fit=a_fit(), uplift=calm)
    noise = shares[shares["doubt"] == "day_noise"].set_index("phase")["sd_units"]
    assert noise["sale"] == pytest.approx(8.0)  # sqrt(2 x 0.8^2 x 50)


def test_a_phase_without_demand_has_no_doubt_to_share():
    assert share_doubt(a_forecast(0.0, 0.0), fit=a_fit(), uplift=an_uplift(3.0)).empty


def case(daily: pd.DataFrame, memory: pd.DataFrame | None = None) -> dict[str, pd.DataFrame]:
    catalogue = a_catalogue(daily["sku"].unique())
    fit, base = fit_baseline(daily, until=UNTIL, catalogue=catalogue)
    told = told_uplift(
        daily,
        base,
        plans={MARKET: PLAN},
        events=the_events(),
        priors=the_priors(),
        memory=no_memory() if memory is None else memory,
        catalogue=catalogue,
        fit=fit,
    )
    draws = draw_demand(
        fit, base, told.uplift, plans={MARKET: PLAN}, demand=Demand(), seed_text="x"
    )
    grades = fit[["shop", "market", "sku"]].assign(grade="B", grade_reason="x")
    result = summarise_draws(draws, model_draws=draws, grades=grades)
    reasons = explain_ratios(
        told.uplift,
        told.effects,
        priors=the_priors(),
        plans={MARKET: PLAN},
        catalogue=catalogue,
    )
    given = {"fit": fit, "baseline": base, "uplift": told.uplift, "effects": told.effects}
    parts = decompose(result, demand=Demand(), **given)
    return {**given, "forecast": result, "parts": parts, "reasons": reasons}


@pytest.fixture(scope="module")
def usual() -> dict[str, pd.DataFrame]:
    return case(a_daily([40.0, 20.0, 10.0]))


def test_parts_of_every_phase_and_of_the_horizon_add_up_to_the_forecast(
    usual: dict[str, pd.DataFrame],
):
    row = ["shop", "market", "sku", "phase"]
    sums = usual["parts"].groupby(row)["part_units"].sum()
    means = usual["forecast"].set_index(row)["mean_units"]
    assert len(sums) == len(means)
    np.testing.assert_allclose(sums.reindex(means.index), means, atol=1e-9)


def test_effects_add_up_to_the_logarithm_of_the_ratio(usual: dict[str, pd.DataFrame]):
    logs = usual["effects"].filter(like="_effect").sum(axis=1)
    np.testing.assert_allclose(logs, np.log(usual["uplift"]["uplift_ratio"]), atol=1e-12)


def test_every_cause_of_a_ratio_has_an_effect_column():
    told = [f"{part}_effect" for part in RATIO_PARTS[:-2]]
    assert [name for name in tables.columns(tables.UpliftEffects) if "_effect" in name] == told


def test_steps_of_a_figure_add_up_to_the_mean(usual: dict[str, pd.DataFrame]):
    means = usual["forecast"].set_index(["sku", "phase"])["mean_units"]
    sale = phase_steps(usual["parts"]).groupby("sku")["part_units"].sum()
    whole = horizon_steps(usual["parts"]).groupby("sku")["part_units"].sum()
    assert sale["S000"] == pytest.approx(means["S000", "sale"])
    assert whole["S000"] == pytest.approx(means["S000", "horizon"])


def facts_of(reasons: pd.DataFrame, phase: str) -> tuple[str, dict[str, str]]:
    text = reasons[reasons["phase"] == phase].iloc[0]["reason"]
    term, *pairs = text.split("|")
    return term, dict(pair.split("=", 1) for pair in pairs)


def test_the_ratio_taken_lies_between_its_own_data_and_the_others_by_the_weight(
    usual: dict[str, pd.DataFrame],
):
    term, facts = facts_of(usual["reasons"], "sale")
    own, others, taken, weight = (
        float(facts[name]) for name in ("own", "others", "taken", "weight")
    )
    assert term == "ratio.own"
    assert facts["events"] == "3"
    assert taken == pytest.approx(own**weight * others ** (1 - weight), rel=1e-4)
    assert float(facts["own_low"]) < own < float(facts["own_high"])


def test_a_phase_never_seen_names_the_source_of_the_shipped_ratio(
    usual: dict[str, pd.DataFrame],
):
    term, facts = facts_of(usual["reasons"], "warm_up")
    assert (term, facts["source"], facts["shipped"]) == ("ratio.shipped", "test", "1.05")
    told = tell_reason(usual["reasons"].iloc[0]["reason"], "en")
    assert "source: test" in told or "from 3 promotions" in told


def test_a_ratio_that_only_memory_tells_says_so():
    parts = case(a_daily([10.0, 5.0], past={}), a_memory())
    terms = parts["reasons"].set_index(["sku", "phase"])["reason"].str.split("|").str[0]
    assert terms["S000", "sale"] == "ratio.memory"
    assert terms["S001", "sale"] == "ratio.remembered"


def test_every_sentence_is_told_in_both_languages(usual: dict[str, pd.DataFrame]):
    for lang in ("zh", "en"):
        told = [tell_reason(text, lang) for text in usual["reasons"]["reason"]]
        assert not [text for text in told if "|" in text or "nan" in text]

"""Headlines: a sentence, a few numbers, nothing of grade D in a sum; the summary for the index."""

import json

import numpy as np
import pages_samples as samples
import pandas as pd

from planner.pages import headline
from planner.pages.blocks import Block
from planner.pages.headline_review import units_headline
from planner.words import LANGS, say

PLAN = (samples.plan(), samples.ship(), samples.costs(), samples.alerts())


def number(block: Block, term: str) -> dict[str, str]:
    label = say(term, block.data["lang"])
    return next(item for item in block.data["numbers"] if item["label"] == label)


def plan_headline(**changed: pd.DataFrame) -> Block:
    names = ("plan", "ship", "costs", "alerts")
    tables = {**dict(zip(names, PLAN, strict=True)), **changed}
    return headline.plan_headline(*(tables[name] for name in names), "en")


def clean_headline(lang: str = "en", **changed: pd.DataFrame) -> Block:
    given = {
        "files": samples.files(), "rejected": samples.rejected(), "daily": samples.daily(),
        "trust": samples.trust(), "wanted": samples.wanted(), "gaps": samples.gaps(), **changed,
    }  # fmt: skip
    return headline.clean_headline(lang=lang, **given)


def test_every_headline_is_one_sentence_and_three_or_four_numbers_in_both_languages():
    for lang in LANGS:
        blocks = [
            clean_headline(lang),
            headline.forecast_headline(samples.forecast(), samples.draws(), samples.replay(), lang),
            headline.plan_headline(*PLAN, lang),
            units_headline(samples.outcome(), lang),
        ]
        for block in blocks:
            assert block.kind == "headline"
            assert len(block.data["numbers"]) in (3, 4)
            assert "{" not in block.data["sentence"]
            assert "nan" not in json.dumps(block.as_json()).lower()


def test_only_real_losses_count_against_a_history_and_their_reasons_are_told():
    sentence = clean_headline().data["sentence"]
    assert "32 rows were lost" in sentence
    assert say("reject.E_QTY", "en") in sentence
    assert "101 rows were repeats" in sentence
    harmless = samples.rejected().assign(code="E_DUPLICATE")
    assert "Not one row lost" in clean_headline(rejected=harmless).data["sentence"]
    none = clean_headline(rejected=samples.rejected().head(0)).data["sentence"]
    assert "repeats" not in none


def test_days_of_history_are_days_exported_and_the_missing_ones_are_named():
    daily, none = samples.daily(), samples.gaps().head(0)
    span = (daily["day"].max() - daily["day"].min()).days + 1
    assert number(clean_headline(gaps=none), "head.days_of_history")["value"] == str(span)
    block = clean_headline()
    assert number(block, "head.days_of_history")["value"] == str(span - 3)
    assert f"{span - 3} days from" in block.data["sentence"]
    assert "3 days are missing" in block.data["sentence"]
    assert "2025-07-03..2025-07-05" in block.data["sentence"]
    assert "days are missing" not in clean_headline(gaps=none).data["sentence"]


def test_lines_kept_that_are_not_used_on_the_day_are_told_beside_those_kept():
    note = number(clean_headline(later=3986), "rows_in")["note"]
    assert note.startswith(
        "= 41,093 kept + 133 rejected; of those kept, 3,986 are of the as-of day"
    )


def test_rows_and_money_in_stand_beside_what_was_kept_and_rejected():
    block = clean_headline()
    rows, money = number(block, "rows_in"), number(block, "in_minor")
    assert (rows["value"], rows["note"]) == ("41,226", "= 41,093 kept + 133 rejected")
    assert money["value"] == "THB 20,637,146.50"
    assert money["note"] == "= THB 20,572,146.50 kept + THB 65,000.00 rejected"


def test_a_history_is_trusted_whole_only_if_nothing_is_lost_or_missing_and_grades_are_good():
    good = {
        "rejected": samples.rejected().assign(code="E_DUPLICATE"),
        "gaps": samples.gaps().head(0),
        "trust": samples.trust().assign(grade="A"),
    }
    assert clean_headline(**good).data["sentence"].startswith("Yes:")
    limited = clean_headline(**{**good, "gaps": samples.gaps()})
    assert limited.data["sentence"].startswith("Yes, within limits:")
    assert number(limited, "head.days_of_history")["note"] == "3 days missing"
    weak = clean_headline(**{**good, "trust": samples.trust().assign(grade="D")})
    assert weak.data["sentence"].startswith("Not yet:")
    assert weak.data["tone"] == "stop"


def test_the_next_fact_to_fetch_stands_in_the_answer():
    assert "Fetch next: Unit cost (SKUs: 1)." in clean_headline().data["sentence"]
    assert "Fetch next" not in clean_headline(wanted=samples.wanted().head(0)).data["sentence"]


def test_share_of_demand_counts_skus_of_grade_a_and_b_by_units():
    daily = samples.daily()
    solid = [s for s, g in zip(samples.SKUS, samples.GRADES, strict=True) if g in "AB"]
    share = daily.loc[daily["sku"].isin(solid), "units"].sum() / daily["units"].sum()
    assert number(clean_headline(), "head.solid_share")["value"] == f"{share:.0%}"


def test_a_sku_that_two_shops_sell_counts_once_and_both_shops_are_told():
    daily, trust = samples.daily(), samples.trust()
    count, shops = daily["sku"].nunique(), daily["shop"].nunique()
    again = trust.assign(shop="second", grade="C", revenue_share=0.0)
    both = clean_headline(
        daily=pd.concat([daily, daily.assign(shop="second")]), trust=pd.concat([trust, again])
    )
    assert f"{count} SKUs in {shops + 1} shops" in both.data["sentence"]
    assert both.data["grades"] == clean_headline().data["grades"]


def test_where_all_skus_are_of_grade_d_no_total_is_told():
    forecast = samples.forecast().assign(grade="D")
    told = headline.forecast_headline(forecast, samples.draws(), samples.replay(), "en")
    assert "all 14 SKUs have too little evidence" in told.data["sentence"]
    assert number(told, "head.demand")["value"] == "unknown"
    assert " 0 " not in told.data["sentence"]


def test_the_forecast_sums_skus_that_have_a_number_and_counts_the_others():
    forecast = samples.forecast()
    block = headline.forecast_headline(forecast, samples.draws(), samples.replay(), "en")
    sure = forecast[(forecast["phase"] == "horizon") & (forecast["grade"] != "D")]
    assert number(block, "head.demand")["value"] == f"{sure['mean_units'].sum():,.0f}"
    assert "for 12 SKUs" in block.data["sentence"]
    assert "2 more SKUs" in block.data["sentence"]
    assert [chip["count"] for chip in block.data["grades"]] == [5, 4, 3, 2]
    assert number(block, "head.coverage")["value"].endswith("/ 14")


def test_the_plan_names_units_first_day_mode_money_and_what_stands_in_the_way():
    block = plan_headline()
    assert "11,568 units of 11 SKUs" in block.data["sentence"]
    assert "2025-09-20" in block.data["sentence"]
    assert "2 matters" in block.data["sentence"]
    cost = number(block, "head.cost")
    assert (cost["value"], cost["unit"]) == ("400,253", "CNY")
    assert "2 cost terms unknown" in cost["note"]
    assert "244\u2013612" in number(block, "order_units")["note"]
    assert block.data["tone"] == "stop"


def test_the_plan_says_what_it_earns_misses_and_leaves_and_for_whom_that_is_not_known():
    plan = samples.plan().assign(grade="B", expected_profit=100.0, lost_units=2.0)
    plan = plan.assign(leftover_units=3.0, currency="CNY")
    told = plan_headline(plan=plan).data["sentence"]
    count = len(plan)
    assert (
        f"earn CNY {100 * count:,}, miss about {2 * count} units and leave about {3 * count}"
        in (told)
    )
    dear = plan.assign(expected_profit=1e7 / count)
    profit = number(plan_headline(plan=dear), "expected_profit")
    assert (profit["value"], profit["unit"]) == ("10", "M CNY")
    blind = plan.assign(expected_profit=np.nan)
    assert number(plan_headline(plan=blind), "expected_profit")["value"] == "unknown"
    assert "earn" not in plan_headline(plan=blind).data["sentence"]


def test_units_missed_and_left_are_of_all_skus_and_profit_of_those_whose_cost_is_known():
    # Of n SKUs one has no cost: profit 100 (n - 1), units 2 n and 3 n, as notebook 05 sums them.
    plan = samples.plan().assign(grade="B", expected_profit=100.0, lost_units=2.0)
    plan = plan.assign(leftover_units=3.0, currency="CNY")
    plan.loc[plan.index[0], "expected_profit"] = np.nan
    told, count = plan_headline(plan=plan).data["sentence"], len(plan)
    assert f"earn CNY {100 * (count - 1):,}, miss about {2 * count} units" in told
    assert f"leave about {3 * count}" in told


def test_a_cost_that_is_wholly_unknown_is_unknown_and_not_zero():
    costs = samples.costs().assign(amount_cost=np.nan, is_known=False)
    cost = number(plan_headline(costs=costs), "head.cost")
    assert (cost["value"], cost["tone"]) == ("unknown", "unknown")


def test_an_order_on_a_stock_that_nobody_counted_is_told_as_the_most():
    blind = samples.plan().assign(is_stock_known=False)
    sentence = plan_headline(plan=blind).data["sentence"]
    assert sentence.startswith("Stock unknown: at most ")
    known = samples.plan()
    assert "unknown" not in plan_headline(plan=known).data["sentence"]
    first = known.index[known["order_units"].to_numpy().argmax()]
    part = known.assign(is_stock_known=known.index != first)
    told = plan_headline(plan=part).data["sentence"]
    most = f"{known.loc[first, 'order_units']:,}"
    assert f"Stock of 1 of them is unknown: their {most} units are the most" in told


def test_enough_stock_and_no_lane_in_time_are_said_as_such():
    nothing = samples.plan().assign(order_units=0, grade="B")
    assert plan_headline(plan=nothing).data["sentence"].startswith(say("head.plan_nothing", "en"))
    late = plan_headline(ship=samples.ship().head(0))
    assert "no lane arrives in time" in late.data["sentence"]
    assert number(late, "head.first_ship_by")["value"] == "unknown"


def test_where_nothing_could_be_decided_stock_is_not_called_enough():
    nothing = samples.plan().assign(order_units=0, grade="B")
    unsure = nothing.assign(grade=["D", *nothing["grade"].iloc[1:]])
    blind = nothing.assign(is_stock_known=False)
    for plan, count in ((unsure, 1), (blind, len(blind))):
        sentence = plan_headline(plan=plan).data["sentence"]
        assert sentence.startswith(f"No order is given: {count} SKUs have too little evidence")


def test_a_step_before_its_time_says_so_and_shows_no_numbers():
    review = units_headline(samples.outcome().head(0), "zh")
    assert review.data["sentence"] == say("head.review_early", "zh")


def test_the_review_adds_missed_sales_to_demand_and_leaves_unknown_unknown():
    outcome = samples.outcome()
    block = units_headline(outcome, "en")
    demand = outcome["actual_units"].sum() + outcome["lost_units"].sum()
    assert number(block, "head.actual_demand")["value"] == f"{demand:,.0f}"
    assert (
        f"{outcome['campaign_units'].sum():,.0f} sold"
        in (number(block, "head.actual_demand")["note"])
    )
    blind = outcome.assign(forecast_units=np.nan, leftover_units=np.nan)
    told = units_headline(blind, "en")
    assert number(told, "leftover_units")["value"] == "unknown"
    assert number(told, "head.off_forecast")["value"] == "unknown"
    assert told.data["sentence"].startswith("No SKU has a known price and cost: the profit cannot ")


def test_the_review_says_forecast_less_demand_as_the_measure_does():
    two = samples.outcome().head(2)
    two = two.assign(forecast_units=[120.0, 100.0], actual_units=[90, 100], lost_units=[10.0, 0.0])
    high = units_headline(two, "en")
    assert number(high, "head.off_forecast")["value"] == "+10.0%"
    assert "10.0% too high" in high.data["sentence"]
    low = units_headline(two.assign(forecast_units=[60.0, 90.0]), "en")
    assert number(low, "head.off_forecast")["value"] == "\u221225.0%"
    assert "25.0% too low" in low.data["sentence"]


def test_a_demand_or_a_forecast_that_is_unknown_takes_no_part_in_the_bias():
    two = samples.outcome().head(3)
    two = two.assign(
        forecast_units=[110.0, np.nan, 500.0], actual_units=[100, 900, 10],
        lost_units=[0.0, 0.0, np.nan],
    )  # fmt: skip
    block = units_headline(two, "en")
    assert number(block, "head.off_forecast")["value"] == "+10.0%"


def test_a_sku_in_two_shops_counts_once_with_the_grade_of_the_shop_that_sells_most():
    one = samples.forecast()
    small = one.assign(shop="second-th", grade="D", mean_units=one["mean_units"] / 4)
    both = pd.concat([one, small], ignore_index=True)
    replay = pd.concat([samples.replay(), samples.replay().assign(shop="second-th")])
    draws = pd.concat([samples.draws(), samples.draws().assign(shop="second-th")])
    alone = headline.forecast_headline(one, samples.draws(), samples.replay(), "en")
    block = headline.forecast_headline(both, draws, replay, "en")
    assert number(block, "head.skus")["value"] == "14"
    assert block.data["grades"] == alone.data["grades"]
    assert "for 12 SKUs" in block.data["sentence"]
    assert number(block, "head.coverage")["value"].endswith("/ 14")
    told = headline.summary(samples.plan(), both, samples.alerts(), samples.costs())
    assert told["grades"] == {"A": 5, "B": 4, "C": 3, "D": 2}


def test_the_same_sku_in_two_markets_is_two():
    abroad = pd.concat([samples.forecast(), samples.forecast().assign(market="VN", shop="vn")])
    draws = pd.concat([samples.draws(), samples.draws().assign(market="VN", shop="vn")])
    block = headline.forecast_headline(abroad, draws, samples.replay().head(0), "en")
    assert number(block, "head.skus")["value"] == "28"
    replayed = number(block, "head.coverage")
    assert (replayed["value"], replayed["note"]) == ("\u2013", "not replayed")


def test_the_range_of_the_sum_is_that_of_its_worlds_and_its_days_are_named():
    forecast, draws = samples.forecast(), samples.draws()
    block = headline.forecast_headline(forecast, draws, samples.replay(), "en")
    sure = forecast[(forecast["phase"] == "horizon") & (forecast["grade"] != "D")]
    inside = draws["sku"].isin(sure["sku"]) & (draws["phase"] != "before")
    total = np.sum(draws.loc[inside, "draws"].to_list(), axis=0)
    low, high = np.quantile(total, [0.1, 0.9])
    assert f"80% range {low:,.0f}\u2013{high:,.0f}" in block.data["sentence"]
    assert high - low < (sure["q90_units"] - sure["q10_units"]).sum()
    first, last = sure["starts_on"].min(), sure["ends_on"].max()
    assert f"from {first:%Y-%m-%d} to {last:%Y-%m-%d}" in block.data["sentence"]
    sale = forecast.loc[forecast["phase"] == "sale", "starts_on"].min()
    note = number(block, "head.demand_in_sale")["note"]
    assert f"{sale:%m-%d} to" in note.replace("\u00a0", " ").replace("\u2011", "-")


def test_what_people_changed_stands_in_the_answer_with_the_models_figure():
    forecast = samples.forecast()
    is_first = forecast["sku"] == samples.SKUS[0]
    changed = forecast.assign(
        model_mean_units=forecast["mean_units"].where(~is_first, forecast["mean_units"] - 250)
    ).query("phase == 'horizon' or phase == 'sale'")
    told = (changed, samples.draws(), samples.replay())
    sentence = headline.forecast_headline(*told, "en").data["sentence"]
    assert "Of it +250 units are overrides" in sentence
    caps = pd.DataFrame({"cut_units": [40.0]})
    cut = headline.forecast_headline(*told, "zh", caps=caps).data["sentence"]
    assert "人工调整和平台限单合计 +250 件" in cut
    plain = forecast.assign(model_mean_units=forecast["mean_units"])
    same = headline.forecast_headline(plain, samples.draws(), samples.replay(), "en")
    assert "overrides" not in same.data["sentence"]


def test_a_zero_of_skus_not_ordered_beside_unknown_costs_is_unknown():
    costs = samples.costs()
    idle = costs["sku"] == "VACUUM-MINI"
    costs = costs.assign(
        amount_cost=np.where(idle, 0.0, np.nan), is_known=idle.to_numpy(),
    )  # fmt: skip
    assert number(plan_headline(costs=costs), "head.cost")["value"] == "unknown"
    assert headline.summary(*PLAN[:1], None, samples.alerts(), costs)["cost"] is None
    nothing = costs.assign(amount_cost=0.0, is_known=True)
    assert headline.summary(*PLAN[:1], None, samples.alerts(), nothing)["cost"] == 0.0


def test_the_summary_is_plain_data_without_a_word_of_any_language():
    told = headline.summary(
        samples.plan(), samples.forecast(), samples.alerts(), samples.costs(), ship=samples.ship()
    )
    assert json.loads(json.dumps(told)) == told
    assert told == {
        "order_units": 11568,
        "order_skus": 11,
        "skus": 14,
        "range_skus": 2,
        "cost": 400252.8,
        "cost_unknown_terms": ["clearance", "storage"],
        "currency": "CNY",
        "first_ship_by": "2025-09-20",
        "first_mode": "sea_fast",
        "alerts": {"stop": 2, "warn": 1, "note": 1},
        "grades": {"A": 5, "B": 4, "C": 3, "D": 2},
    }


def test_the_summary_of_nothing_knows_no_cost_and_no_day():
    none = {name: frame.head(0) for name, frame in samples.plan_tables().items()}
    told = headline.summary(none["StockPlan"], none["Forecast"], none["Alerts"], none["CostLines"])
    assert (told["cost"], told["first_ship_by"], told["order_units"]) == (None, None, 0)

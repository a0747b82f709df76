"""The page of the review: bars that add up, decisions to fill in, unknown as unknown."""

import io
from pathlib import Path

import pandas as pd
import pytest
from review_case import late_review

from planner import tables
from planner.intake.next_decisions import read_next_decisions
from planner.pages import charts, headline, review_blocks, review_costs, review_figures
from planner.pages.blocks import Block
from planner.pages.decision_sheet import next_decisions_csv
from planner.pages.reasons import tell_reason
from planner.pages.rules_csv import rules_csv
from planner.season.decisions_next import next_decisions
from planner.season.replays.seller_rules import rule_sums
from planner.words import LANGS, say

NONE = float("nan")


@pytest.fixture(scope="module")
def late():
    return late_review()


def cells(block, column: str) -> list[str]:
    place = [head["name"] for head in block.data["columns"]].index(column)
    return [row[place]["text"] for row in block.data["rows"]]


def said(shown: object) -> str:
    """Return the words of a block; a figure has its own tests."""
    return shown._repr_mimebundle_()["text/plain"] if isinstance(shown, Block) else ""


def totals_of(parts: dict[str, float]) -> pd.DataFrame:
    frame = pd.DataFrame({"cause": list(parts), "regret_profit": list(parts.values())})
    return frame.assign(market="", units=1.0, n_skus=1, share_rate=0.5, currency="CNY")


def profits_of(actual: float, best: float) -> pd.DataFrame:
    row = {"market": "TH", "sku": "a", "actual_profit": actual, "best_profit": best,
           "gap_profit": best - actual, "missing": "", "currency": "CNY"}  # fmt: skip
    return pd.DataFrame([row, {**row, "sku": "b", "missing": "landed_cost", **dict.fromkeys(
        ("actual_profit", "best_profit", "gap_profit"))}])  # fmt: skip


def test_the_bars_lead_from_the_profit_as_it_came_to_the_best():
    parts = {"lateness": 300.0, "demand": 150.0, "override": -50.0}
    figure = charts.profit_waterfall(profits_of(-100.0, 300.0), totals_of(parts), "en")
    bar = figure.data[0]
    ends = [base + size for base, size in zip(bar.base, bar.x, strict=True)]
    # -100, up to 200, up to 350, back to 300.
    assert list(bar.base) == [0.0, -100.0, 200.0, 300.0, 0.0]
    assert ends == [-100.0, 200.0, 350.0, 350.0, 300.0]
    assert list(bar.text) == ["\u2212100.00", "+300.00", "+150.00", "\u221250.00", "300.00"]
    assert say("chart.not_replayed", "en", count=1) in figure.layout.annotations[0].text


def test_the_answer_names_profit_best_gap_and_the_largest_cause(late):
    block = headline.review_headline(late.profits, late.totals, late.outcome, "en")
    assert [number["value"] for number in block.data["numbers"]] == ["1,200", "2,400", "1,200"]
    assert {number["unit"] for number in block.data["numbers"]} == {"CNY"}
    assert "Late goods, CNY 1,200 (100%)" in block.data["sentence"]


def test_the_answer_names_the_skus_that_it_leaves_out(late):
    blind = pd.concat([late.profits, profits_of(1.0, 2.0).tail(1)], ignore_index=True)
    block = headline.review_headline(blind, late.totals, late.outcome, "en")
    assert block.data["numbers"][0]["note"].endswith("unknown: b")


def test_a_loss_is_called_a_loss(late):
    lost = late.profits.assign(actual_profit=-500.0)
    sentence = headline.review_headline(lost, late.totals, late.outcome, "en").data["sentence"]
    assert sentence.startswith("This campaign lost CNY 500")


def test_without_any_cost_the_answer_is_in_units(late):
    blind = late.profits.assign(actual_profit=None, best_profit=None, gap_profit=None)
    block = headline.review_headline(blind, late.totals.head(0), late.outcome, "en")
    assert block.data["numbers"][0]["label"] == say("head.actual_demand", "en")


def test_before_the_end_there_is_only_a_sentence(late):
    block = headline.review_headline(
        late.profits.head(0), late.totals.head(0), late.outcome.head(0), "zh"
    )
    assert block.data["sentence"] == say("head.review_early", "zh")
    assert block.data["numbers"] == []


def test_every_block_and_figure_speaks_both_languages_and_stands_an_empty_review(late):
    none = late._replace(**{name: frame.head(0) for name, frame in late._asdict().items()})
    for found in (late, none):
        sums = rule_sums(found.rule_totals)
        told = [
            [
                review_blocks.show_decisions(found.decisions, lang),
                review_figures.show_figures(found.figures, lang),
                review_blocks.show_regrets(found.ledger, lang),
                review_blocks.show_owners(found.changes, lang),
                review_blocks.show_changes(found.changes, lang),
                review_blocks.say_rules(sums, lang, profits=found.profits),
                review_blocks.say_profit(found.profits, lang),
                review_costs.show_outcome(found.outcome, lang),
                review_blocks.show_rules(sums, lang),
                review_costs.say_costs(found.costs, lang),
                review_costs.show_costs(found.costs, lang),
                review_costs.say_cost_gap(found.costs, found.earned_costs, found.figures, lang),
                review_costs.show_risks(found.risks, lang),
                review_costs.show_risk_rows(found.risks, lang),
                review_costs.say_leftovers(found.left, lang),
                review_costs.show_leftovers(found.left, lang),
                charts.profit_waterfall(found.profits, found.totals, lang),
                charts.regret_by_sku(found.ledger, lang),
                charts.rules_by_profit(sums, lang),
                charts.rule_days(found.rule_days, found.rule_totals, lang),
            ]
            for lang in LANGS
        ]
        for zh, en in zip(*told, strict=True):
            assert str(zh) != str(en)
            assert "{" not in "".join(map(said, (zh, en)))


def test_a_figure_is_told_in_its_own_unit_and_an_unknown_one_is_none(late):
    block = review_figures.show_figures(late.figures, "en")
    told = dict(zip(cells(block, "measure"), cells(block, "actual"), strict=True))
    assert told[say("measure.fill_rate", "en")] == "66.7%"
    assert told[say("measure.lost_profit", "en")] == "1,140 CNY"
    planned = dict(zip(cells(block, "measure"), cells(block, "planned"), strict=True))
    assert planned[say("measure.forecast_wape", "en")] == ""


def test_a_phone_shows_the_figures_and_whether_met_and_a_target_says_how_it_is_meant(late):
    block = review_figures.show_figures(late.figures, "en")
    # four columns fit 390 px: a column of groups left room for the plan alone
    shown = [head["name"] for head in block.data["columns"]]
    assert shown == ["measure", "planned", "actual", "met", "target"]
    order = [say(f"measure.{name}", "en") for name in ("profit", "fill_rate", "coverage")]
    places = [cells(block, "measure").index(name) for name in order]
    assert places == sorted(places)  # money, service, demand
    target = dict(zip(cells(block, "measure"), cells(block, "target"), strict=True))
    assert target[say("measure.coverage", "en")] == "80.0% (from 0% on counts as met with 1 SKUs)"
    assert target[say("measure.sell_through_rate", "en")] == "70.0% (at most 30% left over)"
    assert target[say("measure.fill_rate", "en")] == ""


def test_money_of_one_row_is_told_to_one_precision_and_a_figure_names_what_it_leaves_out(late):
    row = late.figures["measure"] == "lost_profit"
    figures = late.figures.assign(unknown_skus=late.figures["unknown_skus"].mask(row, 2))
    block = review_figures.show_figures(figures, "en")
    name = say("review.without_skus", "en", measure=say("measure.lost_profit", "en"), count=2)
    place = cells(block, "measure").index(name)
    assert (cells(block, "planned")[place], cells(block, "actual")[place]) == (
        "160 CNY", "1,140 CNY"
    )  # fmt: skip


def test_the_answer_names_the_dearest_fact_and_how_much_is_to_decide(late):
    told = headline.review_headline(
        late.profits, late.totals, late.outcome, "en", ledger=late.ledger, decisions=late.decisions
    ).data
    what = tell_reason(late.ledger["reason"].iloc[0], "en")
    assert f"Largest single loss: a ({what}), CNY 1,200 missed (100%)." in told["sentence"]
    assert (told["numbers"][-1]["label"], told["numbers"][-1]["value"]) == ("To decide", "1")
    assert what in review_blocks.show_decisions(late.decisions, "en").data["rows"][0][1]["text"]


def test_millions_are_told_in_a_sentence_in_few_digits(late):
    rich = late.profits.assign(actual_profit=72_300_599.0)
    for lang, told in (("zh", "7,230 万"), ("en", "72.3M")):
        block = headline.review_headline(rich, late.totals, late.outcome, lang)
        assert block.data["numbers"][0]["value"] == told
        assert told in block.data["sentence"]


def test_goods_without_a_price_or_an_exit_are_told_among_those_that_are_left(late):
    # They are in the sum of units left, so they are "of them" and not "more".
    told = review_costs.say_leftovers(late.left, "en").data["text"]
    left = late.left.drop_duplicates(["market", "sku"])["leftover_units"].sum()
    assert told.startswith(f"{left:,.0f} units of ")
    assert "15 of them have no known cost" in told
    assert "其中 15 件" in review_costs.say_leftovers(late.left, "zh").data["text"]


def test_decisions_that_nobody_followed_are_told_as_such_and_not_as_worth_zero():
    def decided(sku: str, change: str, sent: int) -> dict[str, object]:
        reason = f"reason.override_not_followed|sent={sent}"
        return {
            "market": "US", "sku": sku, "source": "decision", "row": 0, "change": change,
            "owner": "Shen", "without_units": 9.0, "planned_units": 9.0, "value_profit": 0.0,
            "is_helped": None, "reason": reason, "currency": "USD",
        }  # fmt: skip

    rows = [decided("a", "=300", 180), decided("b", "drop", 30), decided("c", "hold", 60)]
    frame = pd.DataFrame(rows).astype({"is_helped": "boolean"})
    ignored = tables.checked(tables.OverrideValue, frame)
    assert review_blocks.show_owners(ignored, "zh").data["text"] == (
        "3 条决定和调整都没有照办，所以看不出值多少：a 定 300 件，实到 180 件；b 不做，实到 30 件；"
        "c 暂缓，实到 60 件。"
    )
    assert review_blocks.show_owners(ignored, "en").data["text"] == (
        "Decisions and changes made: 3. None was followed, so none shows an effect: "
        "a set to 300 units, 180 came; b drop, 30 came; c hold, 60 came."
    )
    followed = pd.DataFrame([decided("d", "=40", 40) | {"reason": "reason.override_same_money"}])
    mixed = pd.concat([ignored, followed.astype({"is_helped": "boolean"})])
    assert review_blocks.show_owners(mixed, "zh").kind == "table"


def test_where_nobody_changed_the_forecast_one_line_says_so(late):
    none = late.judged.head(0), late.gains.head(0)
    shown = review_blocks.show_judged(none[0], "en"), review_blocks.show_gains(none[1], "en")
    for block in shown:
        assert not block.data["rows"]
        assert not block.data["empty"]
        assert not block.data["title"]


def cost_rows(*rows: tuple[str, float, float]) -> pd.DataFrame:
    """CostReview rows: term, planned, as it came."""
    frame = pd.DataFrame(rows, columns=["term", "planned_cost", "actual_cost"])
    gaps = frame["actual_cost"] - frame["planned_cost"]
    return frame.assign(market="TH", gap_cost=gaps, unknown_skus=0, reason="", currency="CNY")


def test_one_line_leads_from_the_sum_of_the_section_to_the_cost_above(late):
    # All SKUs 1,000 and 900; those of known profit 940 and 850, so 60 and 50 are of the others.
    # The profit counts 1,100 and 950: 160 and 100 more, whatever they are.
    whole = cost_rows(("goods", 700.0, 650.0), ("outbound", 300.0, 250.0), ("duty", 5.0, NONE))
    earned = cost_rows(("goods", 650.0, 610.0), ("outbound", 290.0, 240.0), ("duty", 5.0, NONE))
    above = late.figures[late.figures["measure"] == "cost"].head(1)
    above = above.assign(planned_value=1100.0, actual_value=950.0, unit="CNY")
    told = review_costs.say_cost_gap(whole, earned, above, "en").data["text"]
    assert "CNY 1,100 planned and CNY 950.00 as it came" in told
    assert "CNY 60.00 and CNY 50.00" in told
    assert "+CNY 160.00 and +CNY 100.00" in told
    same = review_costs.say_cost_gap(earned, earned, above, "en").data["text"]
    assert "no profit is known" not in same
    unknown = above.assign(actual_value=NONE)
    assert not review_costs.say_cost_gap(whole, earned, unknown, "en").data["text"]


def test_a_term_that_nobody_knows_stays_on_the_page(late):
    row = {"market": "TH", "planned_cost": 0.0, "actual_cost": NONE, "gap_cost": NONE,
           "reason": "spent.no_bill", "currency": "CNY"}  # fmt: skip
    rows = [
        {**row, "term": "duty", "unknown_skus": 18},
        {**row, "term": "inbound", "unknown_skus": 0},
    ]
    block = review_costs.show_costs(pd.DataFrame(rows), "en")
    assert cells(block, "term") == [say("cost.duty", "en")]


def test_a_figure_nobody_knows_and_a_column_without_any_are_left_out(late):
    bare = late.figures.assign(planned_value=None, target_value=None, is_met=None)
    bare.loc[bare["measure"] == "turnover", "actual_value"] = None
    block = review_figures.show_figures(bare, "en")
    assert [head["name"] for head in block.data["columns"]] == [
        "measure",
        "actual",
    ]
    assert say("measure.turnover", "en") not in cells(block, "measure")


def test_the_three_profits_count_the_same_skus_and_name_those_left_out():
    profits = profits_of(100.0, 300.0)
    text = review_blocks.say_profit(profits.assign(planned_profit=[250.0, None]), "en").data["text"]
    assert text.startswith("Profit: CNY 250.00 planned (on the forecast), CNY 100.00 as it came")
    assert "CNY 300.00 at best" in text
    assert "unknown: b." in text
    assert "planned" not in review_blocks.say_profit(profits, "en").data["text"]


def test_a_sku_of_which_no_part_is_large_enough_to_draw_has_no_empty_row(late):
    # Of the longest, 1,000, parts under 4 are not drawn: b is 3 + 3 and stays out, c is 5.
    ledger = pd.concat([late.ledger.head(1)] * 4, ignore_index=True).assign(
        sku=["a", "b", "b", "c"], cause=["demand", "demand", "rounding", "demand"],
        regret_profit=[1000.0, 3.0, 3.0, 5.0],
    )  # fmt: skip
    figure = charts.regret_by_sku(ledger, "en")
    assert list(figure.layout.yaxis.categoryarray) == ["a", "c"]


def test_of_a_plan_made_again_nobody_is_said_to_have_strayed(late):
    totals = late.totals.assign(cause="execution")
    ledger = late.ledger.assign(cause="execution")
    word, blame = say("cause.execution_again", "en"), say("cause.execution", "en")
    assert word != blame
    for is_frozen, right, wrong in ((False, word, blame), (True, blame, word)):
        head = headline.review_headline(
            late.profits, totals, late.outcome, "en", is_frozen=is_frozen
        )
        assert right in head.data["sentence"]
        bars = charts.profit_waterfall(late.profits, totals, "en", is_frozen=is_frozen).data[0].y
        assert any(right in name for name in bars)
        assert not any(wrong in name for name in bars)
        told = review_blocks.show_regrets(ledger, "en", is_frozen=is_frozen)
        assert set(cells(told, "cause")) == {right}
        assert charts.regret_by_sku(ledger, "en", is_frozen=is_frozen).data[0].name == right


def test_leftovers_are_told_in_one_row_a_sku_with_all_their_exits(late):
    block = review_costs.show_leftovers(late.left, "en")
    (exits,) = cells(block, "exits_told")
    names = [say(f"exit.{way}", "en") for way in ("markdown", "ordinary", "none")]
    assert exits == f"{names[0]} 60, {names[1]} 25, {names[2]} 15"
    # What 15 units without an exit bring is not known, so the sum is not.
    assert cells(block, "exit_revenue") == [say("word.unknown", "en")]
    assert block.data["folded"] == say("review.leftover_rows", "en", count=1)


def test_what_somebody_took_on_earlier_is_always_shown(late):
    rows = pd.concat([late.decisions.assign(subject=f"s{n}") for n in range(6)], ignore_index=True)
    rows.loc[5, "owner"] = "Li"
    block = review_blocks.show_decisions(rows, "en")
    assert cells(block, "next_subject") == ["s0", "s1", "s2", "s5"]
    assert say("review.more_decisions", "en", count=2) == block.data["more"]


def test_what_no_bill_tells_is_unknown_and_not_nothing(late):
    block = review_costs.show_risks(late.risks, "en")
    told = dict(zip(cells(block, "risk"), cells(block, "came_cost"), strict=True))
    assert told[say("risk.over_storage", "en")] == say("word.unknown", "en")
    assert told[say("risk.stock_out", "en")].startswith("1,140")


def test_a_rule_that_earns_more_than_the_plan_is_said():
    row = {"order_units": 1, "held_back_units": 0, "sold_units": 1.0, "lost_units": 0.0,
           "leftover_units": 0.0, "unneeded_units": 0.0, "currency": "CNY"}  # fmt: skip
    sums = pd.DataFrame(
        [{"rule": rule, "rule_profit": profit, "gained_profit": 100.0 - profit, **row}
         for rule, profit in (("forecast_factor", 130.0), ("ours", 100.0), ("formula", 20.0))]
    )  # fmt: skip
    text = review_blocks.say_rules(sums, "en").data["text"]
    assert text.startswith("Forecast plus 15 % would have earned CNY 30.00 more")
    bars = charts.rules_by_profit(sums, "en").data[0]
    assert list(bars.x) == [30.0, -80.0]
    assert "limits" not in text
    held = sums.assign(held_back_units=[40, 0, 12])
    text = review_blocks.say_rules(held, "en").data["text"]
    assert "warehouse limits; Forecast plus 15 % asked for 40 units more" in text
    # Three SKUs have a profit; the rules were run for two of them.
    known = pd.DataFrame({"sku": ["a", "b", "c"], "actual_profit": [1.0, 2.0, 3.0]})
    text = review_blocks.say_rules(sums.assign(skus=2), "en", profits=known).data["text"]
    assert "1 more SKUs had no count on the planning day" in text


def test_every_day_of_every_rule_stands_in_a_file_with_what_its_order_costs():
    day = {"market": "TH", "day": pd.Timestamp("2025-11-01"), "coming_units": 0.0}
    row = {**day, "daily_units": 2.0, "shelf_units": 30.0, "sold_units": 4.0, "lost_units": 1.0}
    days = pd.DataFrame(
        {**row, "sku": ["a", "b"], "rule": ["ours", "formula"], "order_units": [30, 20]}
    )
    unit = pd.DataFrame(
        {"market": "TH", "sku": ["a", "b"], "landed_cost": [12.5, None], "currency": "THB"}
    )
    sheet = rules_csv(days, unit)
    assert sheet.startswith(b"\xef\xbb\xbf")
    rows = pd.read_csv(io.BytesIO(sheet), dtype="str", keep_default_na=False)
    assert rows.iloc[0].tolist()[4:] == ["30", "30", "4", "1", "375", "THB"]  # 30 x 12.50
    assert rows.iloc[1].tolist()[-2:] == ["", "THB"]  # no landed cost is no cost of nil
    assert rows.iloc[:, 3].tolist() == [
        " / ".join(say(f"rule.{name}", lang) for lang in LANGS) for name in ("ours", "formula")
    ]


def test_the_decisions_filled_in_by_people_come_back(late, tmp_path: Path):
    sheet = next_decisions_csv(late.decisions)
    assert sheet.startswith(b"\xef\xbb\xbfsubject,label,")
    rows = pd.read_csv(io.BytesIO(sheet), dtype="str", keep_default_na=False)
    assert rows["decision"].tolist() == [""]
    assert rows["label"].iloc[0].startswith("泰国：到货晚 / ")
    assert say("next_step.lateness", "zh") in rows["finding"].iloc[0]
    rows = rows.assign(decision="=Ship earlier", owner="Li", due_on="2026-03-01")
    rows.to_csv(tmp_path / "next_decisions.csv", index=False)
    written = read_next_decisions(tmp_path)
    again = next_decisions(late.totals, late.ledger, written)
    assert again[["decision", "owner"]].to_numpy().tolist() == [["=Ship earlier", "Li"]]
    told = pd.read_csv(io.BytesIO(next_decisions_csv(again)), dtype="str", keep_default_na=False)
    assert told["decision"].tolist() == ["'=Ship earlier"]
    assert tables.checked(tables.NextDecisions, again) is not None
    block = review_blocks.show_decisions(again, "en")
    assert cells(block, "next_owner") == ["Li"]


def test_a_plan_above_the_best_attainable_says_why(late):
    known = late.profits.assign(planned_profit=late.profits["best_profit"] + 1.0)
    short = known.assign(planned_owned_units=400.0, owned_units=310.0)
    text = review_blocks.say_profit(short, "en").data["text"]
    assert "it counted on 400 units that cost nothing more" in text
    assert "310 came" in text
    even = known.assign(planned_owned_units=310.0, owned_units=310.0)
    assert "more demand, or higher prices" in review_blocks.say_profit(even, "en").data["text"]
    assert "above the best" not in review_blocks.say_profit(late.profits, "en").data["text"]


def test_a_chart_tells_all_its_money_in_the_unit_of_the_largest():
    money = {"planned_profit": 1.0, "missing": "", "currency": "IDR", "market": "ID"}
    profits = pd.DataFrame(
        {**money, "sku": ["a"], "actual_profit": [9_125_499.0], "best_profit": [10_000_000.0]}
    )
    totals = pd.DataFrame(
        {"market": [""], "cause": ["lateness"], "regret_profit": [874_501.0], "currency": "IDR"}
    )
    figure = charts.profit_waterfall(profits, totals, "zh")
    assert list(figure.data[0].text) == ["913 万", "+87 万", "1,000 万"]
    assert figure.layout.xaxis.showticklabels is False  # no axis in another unit

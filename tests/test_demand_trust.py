"""Trust per SKU and the facts to fetch first: floors, lost rows, missing facts, money."""

import json

import numpy as np
import pandas as pd
import pytest
import supply_case

from planner import tables
from planner.demand.evidence import CLEAN_DAYS
from planner.demand.trust import sku_trust
from planner.demand.wanted import wanted_facts
from planner.scope import Scope

KNOWN = {
    "name": "", "category": "home", "price": 100.0, "promo_price": 90.0, "unit_cost": 40.0,
    "weight_kg": 0.5, "volume_cbm": 0.002, "carton_units": 20, "moq_units": 100,
    "hs_code": "392410", "barcode": "", "certificates": "", "has_battery": False,
    "has_liquid": False, "has_powder": False,
}  # fmt: skip
FILES = pd.DataFrame(
    {"file": ["a.csv"], "shop": ["shop-1"], "first_on": pd.to_datetime(["2026-02-01"])}
)
STOCK_DAY = pd.Timestamp("2026-08-01")
SET = pd.DataFrame({"sku": ["SET", "SET"], "component": ["A", "B"], "units": [1, 1]})
PAST = {"6.6": "2026-06-06", "7.7": "2026-07-07"}
NO_GAPS = pd.DataFrame({"shop": [], "days": [], "reason": []})


def scope(confirmed: str | None = "2026-09-01", **seller: object) -> Scope:
    return supply_case.scope(contract={"confirmed_lead_time_on": confirmed}, **seller)


def daily(
    skus: tuple[str, ...] = ("A",),
    *,
    days: int = 200,
    out: int = 0,
    past: dict[str, str] = PAST,
    minor: int = 10_000,
) -> pd.DataFrame:
    """Sell one unit a day for 100 THB to the end of August; the first days out of stock."""
    day = pd.date_range(end="2026-08-31", periods=days).astype("datetime64[us]")
    event = pd.Series("", index=range(days))
    for name, start in past.items():
        event[(day >= start) & (day < pd.Timestamp(start) + pd.Timedelta(days=3))] = name
    frame = pd.DataFrame(
        {
            "shop": "shop-1", "market": "TH", "sku": np.repeat(list(skus), days),
            "day": np.tile(day, len(skus)), "units": 1, "revenue_minor": minor,
            "cancelled_units": 0, "is_stock_out": np.tile(np.arange(days) < out, len(skus)),
            "event": np.tile(event, len(skus)),
        }
    )  # fmt: skip
    frame = frame.astype({"event": "str", "sku": "str"})
    return tables.checked(
        tables.DailySales, frame.assign(phase=frame["event"].where(frame["event"] == "", "sale"))
    )


def catalogue(**by_sku: dict[str, object]) -> pd.DataFrame:
    frame = pd.DataFrame([{"sku": sku, **KNOWN, **facts} for sku, facts in by_sku.items()])
    return frame.astype({"carton_units": "Int64", "moq_units": "Int64"})


def lines(**rows: int) -> pd.DataFrame:
    skus = [sku for sku, count in rows.items() for _ in range(count)]
    return pd.DataFrame(
        {
            "shop": "shop-1", "market": "TH", "sku": skus, "is_demand": True,
            "ordered_at": pd.Timestamp("2026-08-20 10:00"),
            "amount_minor": pd.array([10_000] * len(skus), dtype="Int64"),
        }
    )  # fmt: skip


def rejected(*codes: str, sku: str = "A") -> pd.DataFrame:
    cells = json.dumps({"Seller SKU": sku, "Quantity": "x"})
    amount = pd.array([5_000] * len(codes), dtype="Int64")
    return pd.DataFrame(
        {"file": "a.csv", "code": list(codes), "cells": cells, "amount_minor": amount}
    )


def counted(*skus: str, on: pd.Timestamp = STOCK_DAY) -> pd.DataFrame:
    return pd.DataFrame({"sku": list(skus), "day": on, "units": 1})


def trust(**more: object) -> pd.DataFrame:
    given = {
        "daily": daily(), "lines": lines(A=200), "rejected": rejected(), "files": FILES,
        "catalogue": catalogue(A={}), "scope": scope(),
        "stock_days": pd.DataFrame({"sku": ["A"], "day": STOCK_DAY, "units": 1}),
    }  # fmt: skip
    return sku_trust(**{**given, **more})


def one(**more: object) -> pd.Series:
    return trust(**more).iloc[0]


def test_a_long_history_with_two_promotions_and_all_facts_is_of_grade_a():
    row = one()
    assert (row["grade"], row["missing"]) == ("A", "")
    assert row["grade_reason"] == "grade_reason.solid|days=194|events=2"
    assert (row["history_days"], row["in_stock_days"], row["past_events"]) == (200, 200, 2)
    assert row["revenue_share"] == 1.0


@pytest.mark.parametrize(
    ("clean", "grade"),
    [
        (CLEAN_DAYS[0], "A"), (CLEAN_DAYS[0] - 1, "B"), (CLEAN_DAYS[1] - 1, "C"),
        (CLEAN_DAYS[2] - 1, "D"),
    ],
)  # fmt: skip
def test_clean_days_hold_the_grade_at_the_floors_of_the_forecast(clean: int, grade: str):
    past = {"8.8": "2026-08-10", "8.18": "2026-08-18"}
    row = one(daily=daily(days=clean + 6, past=past))
    assert row["grade"] == grade
    if grade != "A":
        assert row["grade_reason"].startswith(f"grade_reason.short_history|days={clean}|")


@pytest.mark.parametrize(("past", "grade"), [({"6.6": "2026-06-06"}, "B"), ({}, "C")])
def test_few_promotions_of_its_own_hold_a_sku_down(past: dict[str, str], grade: str):
    assert one(daily=daily(past=past))["grade"] == grade


def test_a_promotion_wholly_without_stock_is_none_of_its_own():
    sold = daily()
    sold.loc[sold["event"] == "7.7", "is_stock_out"] = True
    assert one(daily=sold)["past_events"] == 1


def test_days_without_stock_lower_the_grade():
    row = one(daily=daily(days=240, out=20))
    assert row["grade"] == "B", "20 of 234 ordinary days"
    assert row["grade_reason"] == "grade_reason.stock_outs|share=9%"
    assert row["in_stock_days"] == 220


def test_lost_rows_count_for_the_sku_that_a_cell_names():
    row = one(lines=lines(A=96), rejected=rejected(*["E_QTY"] * 4))
    assert row["rejected_rate"] == 0.04
    assert (row["grade"], row["grade_reason"]) == ("B", "grade_reason.rows_lost|share=4%")


def test_repeats_and_rows_of_no_known_sku_are_nobodys_loss():
    assert one(rejected=rejected("E_DUPLICATE", "E_SUPERSEDED"))["rejected_rate"] == 0.0
    assert one(rejected=rejected("E_QTY", sku="other"))["rejected_rate"] == 0.0
    assert one(rejected=rejected("E_QTY").assign(cells=""))["rejected_rate"] == 0.0


def test_a_sku_whose_cost_is_unknown_is_b_at_best_and_names_what_it_lacks():
    row = one(catalogue=catalogue(A={"unit_cost": None, "weight_kg": None, "hs_code": " "}))
    assert row["grade"] == "B"
    assert row["missing"] == "unit_cost;weight_kg;hs_code"
    assert row["grade_reason"] == "grade_reason.facts_missing|count=2"


def test_a_fact_that_prices_nothing_is_named_but_lowers_no_grade():
    row = one(catalogue=catalogue(A={"moq_units": pd.NA}), scope=scope(None))
    assert (row["grade"], row["missing"]) == ("A", "moq_units;lead_time")


def test_a_sku_without_stock_reports_or_catalogue_row_lacks_them():
    row = one(catalogue=catalogue(B={}), stock_days=counted("B"))
    assert set(row["missing"].split(";")) >= {"unit_cost", "price", "stock_history"}
    assert one(stock_days=tables.empty(tables.StockHistory))["missing"] == "stock_history"


def test_the_worst_sku_stands_first_and_within_a_grade_the_most_revenue():
    sold = pd.concat([daily(("A", "B")), daily(("C",), past={})], ignore_index=True)
    sold.loc[sold["sku"] == "B", "revenue_minor"] = 30_000
    known = catalogue(A={}, B={}, C={})
    assert trust(daily=sold, catalogue=known)["sku"].to_list() == ["C", "B", "A"]


def test_revenue_without_money_or_rate_is_unknown_and_not_zero():
    assert pd.isna(one(daily=daily(minor=0))["revenue_share"])
    dollars = scope(currency="USD")
    assert pd.isna(one(scope=dollars)["revenue_share"])


def test_money_that_is_unknown_for_one_line_is_unknown_for_its_sku_and_for_all_shares():
    sold, known = daily(("A", "B")), catalogue(A={}, B={})
    part = lines(A=3, B=3)
    part.loc[part.index[-1], "amount_minor"] = pd.NA
    assert trust(daily=sold, catalogue=known, lines=part)["revenue_share"].isna().all()
    old = part.assign(ordered_at=pd.Timestamp("2026-05-01"))
    assert trust(daily=sold, catalogue=known, lines=old)["revenue_share"].tolist() == [0.5, 0.5]
    sample = part.assign(is_demand=False)
    assert trust(daily=sold, catalogue=known, lines=sample)["revenue_share"].notna().all()


def test_a_bundle_without_money_leaves_its_components_without():
    part = lines(SET=1)
    part["amount_minor"] = pd.array([None], dtype="Int64")
    assert pd.isna(one(lines=part, bundles=SET)["revenue_share"])


def test_a_lost_row_of_a_bundle_counts_for_its_components():
    row = one(lines=lines(A=46, SET=2), rejected=rejected("E_QTY", "E_QTY", sku="SET"), bundles=SET)
    assert row["rejected_rate"] == 2 / 50


def test_a_cell_of_another_column_names_no_sku():
    sold, known = daily(("2",)), catalogue(**{"2": {}})
    cells = json.dumps({"Quantity": "2", "Seller SKU": "gone"})
    lost = rejected("E_DATE").assign(cells=cells)
    assert one(daily=sold, catalogue=known, lines=lines(), rejected=lost)["rejected_rate"] == 0
    named = rejected("E_DATE", sku="2")
    assert one(daily=sold, catalogue=known, lines=lines(), rejected=named)["rejected_rate"] == 1


def test_rows_lost_and_stock_counted_after_the_day_are_not_known():
    later = FILES.assign(first_on=pd.Timestamp("2026-09-20"))
    lost = rejected(*["E_QTY"] * 4)
    assert one(lines=lines(A=96), rejected=lost, files=later)["rejected_rate"] == 0
    on = pd.Timestamp("2026-09-20")
    assert one(stock_days=counted("A", on=on))["missing"] == "stock_history"
    before = on - pd.Timedelta(days=1)
    assert one(stock_days=counted("A", on=before))["missing"] == ""


def test_a_day_missing_within_a_promotion_does_not_make_two_of_it():
    sold = daily()
    sold = sold[sold["day"] != pd.Timestamp("2026-06-07")]
    row = one(daily=sold)
    assert (row["history_days"], row["past_events"]) == (199, 2)


def test_no_sales_no_trust():
    assert trust(daily=tables.empty(tables.DailySales)).empty


def wanted(**more: object) -> pd.DataFrame:
    sold = more.pop("daily", daily())
    known = more.pop("catalogue", catalogue(A={}))
    stock = more.pop("stock_days", counted(*sold["sku"].unique()))
    where = more.pop("scope", scope())
    found = trust(daily=sold, catalogue=known, stock_days=stock, scope=where)
    given = {
        "trail": tables.empty(tables.DemandTrail), "catalogue": known, "gaps": NO_GAPS,
        "files": FILES,
        "rejected": rejected(), "has_returns": True, "scope": where, **more,
    }  # fmt: skip
    return wanted_facts(found, sold, **given)


def fact(frame: pd.DataFrame, term: str) -> pd.Series:
    return frame[frame["fact"].str.split("|").str[0] == term].iloc[0]


def test_where_nothing_is_missing_nothing_is_wanted():
    assert wanted().empty


def test_revenue_of_the_last_90_days_rests_on_an_unknown_cost():
    row = fact(wanted(catalogue=catalogue(A={"unit_cost": None})), "wanted.unit_cost")
    assert row["worth"] == 90 * 100
    assert (row["n_skus"], row["skus"], row["currency"]) == (1, "A", "THB")


def test_missing_export_days_are_worth_a_mean_days_revenue_each():
    gaps = pd.DataFrame({"shop": ["shop-1"] * 3, "days": [3, 2, 9]})
    gaps["reason"] = ["between", "after", "rejected"]  # whose rows are told as lost
    row = fact(wanted(gaps=gaps), "wanted.missing_days")
    assert row["fact"] == "wanted.missing_days|days=5|shop=shop-1"
    assert row["worth"] == 5 * 100


def test_units_filled_in_without_stock_reports_are_worth_their_margin():
    sold = daily()
    last = sold.tail(1)
    trail = last[["shop", "market", "sku", "day"]].assign(stock_out_units=7.0)
    row = fact(wanted(trail=trail, stock_days=counted("B")), "wanted.stock_history")
    assert row["worth"] == 7 * (100 - 40)


def test_unknown_money_stays_unknown_and_stands_after_known_money_by_skus():
    sold = daily(("A", "B"))
    known = catalogue(A={"unit_cost": None, "hs_code": ""}, B={})
    frame = wanted(daily=sold, catalogue=known, has_returns=False)
    assert frame["fact"].to_list() == ["wanted.unit_cost", "wanted.returns", "wanted.hs_code"]
    assert frame["worth"].isna().to_list() == [False, True, True]
    assert frame["n_skus"].to_list() == [1, 2, 1]


def test_lost_rows_are_wanted_and_repeats_are_not():
    assert wanted(rejected=rejected("E_DUPLICATE")).empty
    row = fact(wanted(rejected=rejected("E_QTY", "E_DATE")), "wanted.lost_rows")
    assert row["fact"] == "wanted.lost_rows|rows=2"
    assert (row["skus"], row["worth"]) == ("A", 100.0)
    blind = rejected("E_MONEY").assign(amount_minor=pd.array([None], dtype="Int64"))
    assert pd.isna(fact(wanted(rejected=blind), "wanted.lost_rows")["worth"])


def test_a_sku_without_money_is_wanted_as_unknown_and_not_as_nothing():
    sold, part = daily(("A", "B")), lines(A=1, B=1)
    part.loc[part["sku"] == "B", "amount_minor"] = pd.NA
    known = catalogue(A={}, B={"unit_cost": None})
    row = fact(wanted(daily=sold, catalogue=known, lines=part), "wanted.unit_cost")
    assert (row["skus"], pd.isna(row["worth"])) == ("B", True)


def test_rows_lost_after_the_day_are_not_wanted():
    later = FILES.assign(first_on=pd.Timestamp("2026-10-01"))
    assert wanted(rejected=rejected("E_QTY"), files=later).empty

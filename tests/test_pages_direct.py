"""What to mail from China and where to open a warehouse, as notebook 03 shows it."""

import pandas as pd
import pytest
import supply_case as case
from test_supply_network import mailed
from test_supply_placement import ways

from planner.pages.blocks import Block
from planner.pages.stock_blocks import show_direct, show_network
from planner.supply.places.network import advise_network, direct_mail
from planner.words import LANGS, say


def cells(block: Block, name: str) -> list[str]:
    place = [column["name"] for column in block.data["columns"]].index(name)
    return [row[place]["text"] for row in block.data["rows"]]


def advice(*rows: pd.Series) -> pd.DataFrame:
    return pd.DataFrame([row.to_dict() | {"sku": f"sku-{n}"} for n, row in enumerate(rows)])


FALLBACK = mailed(wanted=[10.0, 10.0])
MAIL = mailed(
    wanted=[0.0, 0.0, 0.0, 40.0], economics=case.economics(over_cost=20.0, critical_ratio=0.6)
)
LOSES = mailed(wanted=[10.0, 10.0], landed=90.0)


@pytest.mark.parametrize("lang", LANGS)
def test_goods_to_mail_stand_before_those_that_mail_only_backs_up_and_losers_are_left_out(lang):
    assert (FALLBACK["mail_advice"], MAIL["mail_advice"]) == ("fallback", "mail")
    block = show_direct(advice(FALLBACK, LOSES, MAIL), lang)
    assert cells(block, "sku") == ["sku-2", "sku-0"]


@pytest.mark.parametrize(("lang", "told"), [("zh", "每件直邮都亏"), ("en", "would lose")])
def test_where_every_parcel_loses_a_sentence_says_so(lang: str, told: str):
    assert told in str(show_direct(advice(LOSES), lang).data)


def test_where_costs_are_missing_nobody_says_that_mailing_loses():
    dear = ways({"mode": "express", "landed_cost": float("nan"), "lead_days": 7.0})
    scope = case.scope()
    unknown = direct_mail(
        case.draws(sale=[10.0]), case.economics(), dear, scope=scope, sla_days=3.0
    )
    page = str(show_direct(unknown, "en").data)
    assert "nobody can tell" in page
    assert "would lose" not in page


@pytest.mark.parametrize("lang", LANGS)
def test_a_market_without_a_warehouse_is_told_with_its_orders_and_one_with_is_not(lang: str):
    abroad = case.scope(warehouses=[{"warehouse": "house", "market": "CN"}])
    found = advise_network(case.draws(sale=[300.0]), scope=abroad)
    assert len(found) == 1
    assert cells(show_network(found, lang), "served_from") == ["house"]
    at_home = advise_network(case.draws(sale=[300.0]), scope=case.scope())
    assert say("empty.network", lang) in str(show_network(at_home, lang).data)

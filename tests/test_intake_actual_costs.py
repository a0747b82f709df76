"""Bills after a campaign: read in the seller's currency, refused by file, row and column."""

from pathlib import Path

import pages_samples as samples
import pytest

from planner.errors import InputError
from planner.intake.actual_costs import read_actual_costs

SELLER = samples.seller()


def read(folder: Path, text: str):
    (folder / "actual_costs.csv").write_text(text, encoding="utf-8")
    return read_actual_costs(folder, SELLER)


def test_no_file_is_no_bill(tmp_path: Path):
    assert read_actual_costs(tmp_path, SELLER).empty


def test_a_bill_for_all_goods_of_a_market_needs_no_sku(tmp_path: Path):
    market = SELLER.markets[0]
    found = read(tmp_path, f"market,term,amount_cost\n{market},storage,120.5\n")
    assert found.iloc[0].to_dict() == {
        "market": market, "sku": "", "term": "storage", "amount_cost": 120.5, "source": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("XX,storage,1", "row 2, column \"market\": 'XX'; write one of"),
        (
            "{market},storge,1",
            "row 2, column \"term\": 'storge' is no cost term; did you mean",
        ),
        ("{market},storage,-1", 'row 2, column "amount_cost"'),
    ],
)
def test_a_wrong_cell_is_named_with_its_remedy(tmp_path: Path, row: str, told: str):
    with pytest.raises(InputError) as problem:
        read(tmp_path, f"market,term,amount_cost\n{row.format(market=SELLER.markets[0])}\n")
    assert "actual_costs.csv" in str(problem.value)
    assert told in str(problem.value)


def test_the_same_bill_twice_is_refused(tmp_path: Path):
    row = f"{SELLER.markets[0]},storage,1,B-1\n"
    with pytest.raises(InputError, match="stands more than once"):
        read(tmp_path, f"market,term,amount_cost,source\n{row}{row}")


def test_a_bill_for_all_beside_one_for_a_sku_is_refused(tmp_path: Path):
    market = SELLER.markets[0]
    rows = f"{market},,storage,100\n{market},A,storage,30\n{market},A,goods,9\n"
    with pytest.raises(InputError, match=r"row 3, column \"sku\": 'A', but row 2 bills storage"):
        read(tmp_path, f"market,sku,term,amount_cost\n{rows}")

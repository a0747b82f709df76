"""What the plan refuses, check refuses first; what no plan refuses and cannot be meant, is told."""

import ast
import re
from pathlib import Path

import guards_case
import pytest
from desk_world import CAMPAIGN, SELLER, make_home, put, put_orders, put_registers

from planner import tables
from planner.desk.check import check_workspace, readers_of
from planner.desk.check_plans import joined_scopes, odd_notes, plan_problem
from planner.desk.home import Home
from planner.desk.problems import told_problem
from planner.desk.store import Desk
from planner.errors import ConfigError
from planner.supply.campaign_plan import plan_campaign
from planner.supply.roads import REGISTERS

SUPPLY = Path(__file__).resolve().parents[1] / "planner" / "supply"
HOUSE_ONLY = {("lanes", "bound")}
"""Refuses a register of the project that lacks a row; no file of a seller can bring it about."""
HELD_ELSEWHERE = ("orders/<shop>/", "returns/<shop>/", "inventory/<warehouse>/", "rules/*.csv")
LANES = (
    "market,mode,origin,min_days,typical_days,max_days,low_rate,high_rate,currency,rate_unit,"
    "cbm_divisor_kg,min_charge,valid_from,valid_to,confidence,source,as_of\n"
)
STAGES = (
    "market,mode,stage,place,share_rate,max_ratio,valid_from,valid_to,confidence,source,as_of\n"
)
BROKEN = [  # what is written, in which file, and where the plan refuses it
    ("limits: {mode_cbm: {see: 4}}", ("limit_terms", "refuse_bad_limits"), "'see'"),
    ("limits: {mode_cbm: {MY.sea: 4}}", ("limit_terms", "refuse_bad_limits"), "'MY.sea'"),
    ("limits: {mode_cbm: {sea: 4}, container_cbm: 28}", ("limit_terms", "refuse_bad_limits"), "28"),
    ("limits: {quota_units: {mian: 4}}", ("limit_terms", "refuse_bad_limits"), "'mian'"),
    ("limits: {warehouse_cbm: {mian: 4}}", ("limit_terms", "refuse_bad_limits"), "'mian'"),
    ("channels: [{channel: tiktok-th, warehouse: szx}]", ("seats", "seats_of"), "'szx'"),
    ("channels: [{channel: lazada, warehouse: mian}]", ("seats", "seats_of"), "'mian'"),
    ("channels: [{channel: a, warehouse: main}, {channel: a, warehouse: main}]",
     ("seats", "seats_of"), "stands twice"),
    ("transfers: [{from_warehouse: szx, to_warehouse: mian, days: 6}]",
     ("moves", "told_transfers"), "'mian'"),
    ("fees: {outbund: 3}", ("tariffs", "_refuse_strange_keys"), "did you mean outbound?"),
    ("fees: {MY.outbound: 3}", ("tariffs", "_refuse_strange_keys"), "MY"),
    ("fees: {commission: 6}", ("tariffs", "_refuse_over_one"), "0.06"),
    ("fees: {sea.freight_kg: 3, sea.freight_cbm: 4}", ("freight_rates", "_own_keys"),
     "both freight_kg and freight_cbm"),
    ("far shop", ("roads", "refuse_far_shops"), "'main' in MY"),
    ("no lane", ("lanes", "_known_lanes"), "TH"),
    ("days out of order", ("lanes", "_refuse"), "must not fall"),
    ("late cut-off", ("lanes", "_refuse_cut_off"), "shelf_by"),
    ("shares over 1", ("stage_parts", "_refuse_shares"), "1.6"),
]  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = make_home(tmp_path)
    put_registers(made)
    put_orders(made)
    write(made, "")
    return made


def write(home: Home, more: str, seller: str = SELLER) -> None:
    text = seller.format(seller="shop-a") + "  - {warehouse: szx, market: CN, kind: own}\n" + more
    put(home.seller_folder("shop-a") / "seller.yml", f"{text}\n")


def break_it(home: Home, what: str) -> None:
    """Write a file that contradicts itself or another."""
    rules = home.seller_folder("shop-a") / "rules"
    seen = "2020-01-01,,low,quote,2025-01-01\n"
    if what == "far shop":
        write(home, "", SELLER.replace("{{warehouse: main, market: TH}}",
                                       "{{warehouse: main, market: MY}}"))  # fmt: skip
    elif what == "no lane":
        path = home.root / "data" / "rules" / "lanes.csv"
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        put(path, "".join(line for line in lines if not line.startswith("TH,")))
    elif what == "days out of order":
        put(rules / "lanes.csv", f"{LANES}TH,sea,CN,30,20,25,1,2,USD,cbm,500,1,{seen}")
    elif what == "late cut-off":
        text = CAMPAIGN.replace("    next_rep", "    shelf_by: 2025-09-01\n    next_rep")
        put(home.root / "data" / "campaigns" / "nov.yml", text)
    elif what == "shares over 1":
        rows = [f"TH,sea,{name},{place},0.8,2,{seen}" for place, name in
                ((2, "line_haul"), (3, "import_customs"))]  # fmt: skip
        put(rules / "lane_stages.csv", STAGES + "".join(rows))
    else:
        write(home, what)


def planned(home: Home) -> None:
    """Begin the plan of the one campaign, as notebook 03 does."""
    seller = home.seller("shop-a")
    scope = joined_scopes(home, seller)[0]
    desk = Desk(home=home, scope=scope)
    known = guards_case.known(registers={kind: desk.rules(kind) for kind in REGISTERS})
    plan_campaign(known, tables.empty(tables.Gates), scope=scope)


@pytest.mark.parametrize(("what", "place", "told"), BROKEN, ids=[one[0] for one in BROKEN])
def test_whatever_the_plan_refuses_check_refuses_first_in_the_same_words(
    home: Home, what: str, place: tuple[str, str], told: str
):
    break_it(home, what)
    with pytest.raises(ConfigError) as refused:
        planned(home)
    where = refused.traceback[-1]
    assert (where.path.stem, where.frame.code.name) == place
    assert told in str(refused.value)
    problems = [one.problem for one in check_workspace(home) if one.problem]
    assert problems == [str(refused.value)]
    assert re.match(r"[\u4e00-\u9fff]|\w+\.yml? 的|seller\.yml 的", told_problem(problems[0]))


def test_every_refusal_of_settings_in_the_rooms_of_the_plan_stands_in_that_table():
    raising = set()
    for path in SUPPLY.rglob("*.py"):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef) and any(
                isinstance(node, ast.Raise) and "ConfigError" in ast.unparse(node)
                for node in ast.walk(function)
            ):
                raising.add((path.stem, function.name))
    assert raising - HOUSE_ONLY == {place for _, place, _ in BROKEN}


def test_a_good_seller_is_refused_nothing_and_told_nothing(home: Home):
    assert plan_problem(home, home.seller("shop-a")) == ""
    assert odd_notes(home, home.seller("shop-a")) == {}


GOODS = "sku,category,hs_code,certificates,moq_units\n"
STOCK = "sku,warehouse,stage,units,available_on,as_of\nA-1,main,on_hand,40,,2025-09-01\n"
ODD = [
    ("carriers: [{carrier: Kilat, market: ID}]", "seller.yml", ["line", "carriers.0.market", "ID"]),
    ("  - {warehouse: sgn, market: VN, is_reserve: true}", "seller.yml",
     ["warehouses.2.market", "VN"]),
    ("papers: {busines_licence: {state: \"yes\"}}", "seller.yml",
     ["papers.busines_licence", "did you mean business_licence?"]),
    ("channels: [{channel: lazada, warehouse: main}]", "seller.yml", ["lazada", "demand_ratio"]),
    ("channels: [{channel: tiktok-th, warehouse: main, locked_units: {A-1: 50}}]", "seller.yml",
     ["50 units of A-1", "main holds 40"]),
    ("channels: [{channel: tiktok-th, warehouse: main, locked_units: {A-2: 5}}]", "seller.yml",
     ["A-2", "did you mean A-1?"]),
    ("fees: {handling.labl: 0.5}", "seller.yml", ["fees.handling.labl", "handling.label?"]),
    ("fees: {TH.sea.freigt_cbm: 5}", "seller.yml", ["TH.sea.freigt_cbm", "sea.freight_cbm?"]),
]  # fmt: skip


@pytest.mark.parametrize(("what", "file", "told"), ODD, ids=[one[0] for one in ODD])
def test_a_slip_in_the_settings_is_told_with_line_key_value_and_the_nearest_word(
    home: Home, what: str, file: str, told: list[str]
):
    folder = home.seller_folder("shop-a")
    put(folder / "catalogue.csv", f"{GOODS}A-1,home,,,\n")
    put(folder / "stock.csv", STOCK)
    write(home, what)
    notes = odd_notes(home, home.seller("shop-a"))
    assert list(notes) == [file]
    assert len(notes[file]) == 1, notes
    for text in told:
        assert text in notes[file][0]
    zh = notes[file][0].split(" / ")[0]
    assert zh.startswith("第 ")
    found = [one for one in check_workspace(home) if one.file == f"shop-a/{file}"]
    assert (found[0].problem, found[0].notes) == ("", notes[file])


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("A-1,home,12A4,,\n", ["row 2", '"hs_code"', "12A4"]),
        ("A-1,home,123456789,,\n", ['"hs_code"', "123456789"]),
        ("A-1,home,,FDS,\n", ['"certificates"', "FDS", "did you mean FDA?"]),
        ("A-1,beuaty,,,\n", ['"category"', "did you mean beauty?"]),
    ],
)
def test_a_slip_in_the_catalogue_is_told_by_row_and_column(home: Home, row: str, told: list[str]):
    put(home.seller_folder("shop-a") / "catalogue.csv", GOODS + row)
    notes = odd_notes(home, home.seller("shop-a"))
    assert len(notes["catalogue"]) == 1
    for text in told:
        assert text in notes["catalogue"][0]


def test_sound_codes_certificates_and_categories_are_told_nothing(home: Home):
    rows = "A-1,beauty,3304.99.00,fda; UKCA,\nA-2,,330499,,\nA-3,Home,3304990090,MSDS,\n"
    put(home.seller_folder("shop-a") / "catalogue.csv", GOODS + rows)
    assert odd_notes(home, home.seller("shop-a")) == {}


def test_a_paper_on_file_for_nobody_is_told(home: Home):
    folder = home.seller_folder("shop-a")
    put(folder / "catalogue.csv", f"{GOODS}A-1,home,,,\n")
    head = "certificate,sku,market,category\n"
    put(folder / "certificates.csv", f"{head}FDA,A-9,,\nFDA,A-1,US,\nFAD,,,\nFDA,,TH,hoem\n")
    told = odd_notes(home, home.seller("shop-a"))["certificates"]
    for note, words in zip(told, (("row 2", "A-9"), ("row 3", "US"), ("row 4", "FAD"),
                                  ("row 5", "did you mean home?")), strict=True):  # fmt: skip
        assert all(word in note for word in words), note


def test_a_decision_below_the_minimum_or_after_the_planning_day_is_told(home: Home):
    folder = home.seller_folder("shop-a")
    put(folder / "catalogue.csv", f"{GOODS}A-1,home,,,100\nA-2,home,,,\n")
    head = "market,sku,decision,units,owner,decided_on\n"
    rows = "TH,A-1,units,60,Li,2025-09-16\nTH,A-2,drop,,Li,2025-09-17\nTH,A-3,drop,,Li,\n"
    put(folder / "decisions.csv", head + rows)
    told = odd_notes(home, home.seller("shop-a"))["decisions"]
    for note, words in zip(told, (("row 2", "60", "100"), ("row 3", "2025-09-17", "2025-09-16"),
                                  ("row 4", "A-3", "did you mean A-")), strict=True):  # fmt: skip
        assert all(word in note for word in words), note


@pytest.mark.parametrize(
    ("row", "column", "near"),
    [
        ("TH,outbund,3,unit,THB", "term", "outbound"),
        ("TH,outbound,3,parcels,THB", "unit", ""),
        ("HT,outbound,3,unit,THB", "market", ""),
    ],
)
def test_an_own_fee_of_a_strange_term_unit_or_market_is_told(
    home: Home, row: str, column: str, near: str
):
    head = "market,term,value,unit,currency,valid_from,valid_to,confidence,source,as_of\n"
    path = home.seller_folder("shop-a") / "rules" / "fees.csv"
    put(path, f"{head}{row},2020-01-01,,low,quote,2025-01-01\n")
    told = odd_notes(home, home.seller("shop-a"))["rules/fees.csv"]
    assert len(told) == 1
    assert f'row 2, column "{column}"' in told[0]
    assert not near or f"did you mean {near}?" in told[0]


def test_every_table_that_check_reads_is_described_for_the_seller():
    told = (SUPPLY.parents[1] / "data" / "README.md").read_text(encoding="utf-8")
    names = [*readers_of(Path(), None), *HELD_ELSEWHERE]
    assert [name for name in names if f"| `{name}` |" not in told] == []

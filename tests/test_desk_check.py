from collections.abc import Callable
from pathlib import Path

import pytest
from desk_world import CAMPAIGN, make_home, put, put_orders, put_registers

from planner.desk.check import (
    Remark,
    check_workspace,
    told_lines,
    told_workspace,
    unusable_campaigns,
)
from planner.desk.home import Home
from planner.desk.problems import told_problem
from planner.errors import ConfigError


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = make_home(tmp_path)
    put_registers(made)
    put_orders(made)
    return made


def remark(home: Home, file: str) -> Remark:
    found = [one for one in check_workspace(home) if one.file == file]
    assert len(found) == 1, found
    return found[0]


def problems(home: Home) -> dict[str, str]:
    return {one.file: one.problem for one in check_workspace(home) if one.problem}


def everything_below(folder: Path) -> dict[str, float]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_a_good_workspace_has_no_problem_and_nothing_is_written(home: Home) -> None:
    before = everything_below(home.root)
    assert problems(home) == {}
    assert everything_below(home.root) == before


def test_an_order_file_is_told_with_rows_money_dialect_and_days(home: Home) -> None:
    facts = remark(home, "shop-a/july.csv").facts
    assert facts["dialect"] == "tiktok-th"
    assert (facts["rows_in"], facts["rows_kept"], facts["rows_rejected"]) == (60, 60, 0)
    assert (facts["in_minor"], facts["kept_minor"], facts["rejected_minor"]) == (60000, 60000, 0)
    assert (facts["first_on"], facts["last_on"]) == ("2025-07-01", "2025-08-29")


def test_rejected_rows_are_told_by_reason_in_both_languages_with_their_rows(home: Home) -> None:
    put_orders(home, broken_rows=1)
    one = remark(home, "shop-a/july.csv")
    assert one.facts["rows_rejected"] == 1
    (note,) = [note for note in one.notes if "E_QTY" in note]
    assert note.startswith("E_QTY × 1：数量不是1到100000的整数（第 2 行）；首个在“Quantity”列（")
    assert '; the first is in column "Quantity" (empty, or not' in note.partition(" / ")[2]


def test_a_dash_for_an_amount_is_told_as_it_stands(home: Home) -> None:
    path = put_orders(home)
    path.write_text(path.read_text("utf-8").replace(",1,10,10,10,", ",1,10,-,10,", 1), "utf-8")
    (note,) = [one for one in remark(home, "shop-a/july.csv").notes if "E_MONEY" in one]
    assert "”为“-”；" in note
    assert 'the first has "-" in column' in note


def test_too_many_rejected_rows_are_a_problem_of_the_orders(home: Home) -> None:
    put_orders(home, broken_rows=30)
    assert list(problems(home)) == ["shop-a/orders"]


def test_an_empty_orders_folder_is_one_clear_problem(home: Home) -> None:
    (home.seller_folder("shop-a") / "orders" / "july.csv").unlink()
    told = problems(home)
    assert list(told) == ["shop-a/orders"]
    assert "orders" in told["shop-a/orders"]


def test_a_missing_column_is_told_by_file_and_name(home: Home) -> None:
    path = home.seller_folder("shop-a") / "orders" / "july.csv"
    put(path, path.read_text(encoding="utf-8").replace("Quantity", "Menge"))
    told = problems(home)["shop-a/orders"]
    assert "july.csv" in told
    assert "Quantity" in told


def test_a_broken_workbook_is_told_by_file(home: Home) -> None:
    (home.seller_folder("shop-a") / "orders" / "august.xlsx").write_bytes(b"PK\x03\x04 broken")
    assert "august.xlsx" in problems(home)["shop-a/orders"]


def test_each_broken_file_beside_the_orders_is_told_by_row_and_column(home: Home) -> None:
    folder = home.seller_folder("shop-a")
    put(folder / "catalogue.csv", "sku,price\nA-1,cheap\n")
    put(folder / "stock.csv", "sku,warehouse,stage,units,as_of\nA-1,main,shelf,1,2025-09-01\n")
    put(folder / "overrides.csv", "sku,phase\nA-1,sale\n")
    told = problems(home)
    assert set(told) == {f"shop-a/{name}.csv" for name in ("catalogue", "stock", "overrides")}
    assert 'catalogue.csv, row 2, column "price"' in told["shop-a/catalogue.csv"]


def test_a_wrong_seller_file_is_told_once_and_its_other_files_are_left(home: Home) -> None:
    put(home.seller_folder("shop-a") / "seller.yml", "seller: shop-a\nnaem: x")
    assert [file for file in problems(home) if file.startswith("shop-a/")] == ["shop-a/seller.yml"]


def test_a_scenario_that_changes_an_unknown_key_is_told(home: Home) -> None:
    text = CAMPAIGN.replace("demand_ratio", "demand_ration")
    put(home.root / "data" / "campaigns" / "nov.yml", text)
    assert "demand_ration" in problems(home)["campaigns/nov.yml"]


def test_a_broken_register_is_told(home: Home) -> None:
    put(home.root / "data" / "rules" / "lanes.csv", "market,mode\nTH,sea\n")
    assert "lanes.csv" in problems(home)["rules/lanes.csv"]


def test_only_the_named_seller_is_read_and_an_unknown_one_is_refused(home: Home) -> None:
    make_second = home.sellers_folder / "shop-b" / "seller.yml"
    put(make_second, "nonsense: 1")
    assert not any(one.problem for one in check_workspace(home, ["shop-a"]))
    with pytest.raises(ConfigError, match="did you mean shop-"):
        check_workspace(home, ["shop-c"])


def test_a_warehouse_that_the_seller_file_does_not_name_is_refused_with_the_known_ones(
    home: Home,
) -> None:
    head = "sku,warehouse,stage,units,available_on,as_of\n"
    path = home.seller_folder("shop-a") / "stock.csv"
    put(path, f"{head}A-1,main,on_hand,1,,2025-09-01\nA-1,mian,on_hand,1,,2025-09-01\n")
    told = problems(home)["shop-a/stock.csv"]
    assert "stock.csv, row 3, column \"warehouse\": 'mian' is not in seller.yml" in told
    assert "did you mean main? (known: main)" in told
    put(path, f"{head}A-1,main,on_hand,1,,2025-09-01\n")
    assert problems(home) == {}


@pytest.mark.parametrize("file", ["catalogue.csv", "stock.csv"])
def test_what_is_unknown_without_a_file_is_a_note_and_no_problem(home: Home, file: str) -> None:
    one = remark(home, f"shop-a/{file}")
    assert one.problem == ""
    assert "unknown" in one.notes[0]
    put(home.seller_folder("shop-a") / "catalogue.csv", "sku\nA-1\n")
    row = "A-1,main,on_hand,1,,2025-09-01\n"
    head = "sku,warehouse,stage,units,available_on,as_of\n"
    put(home.seller_folder("shop-a") / "stock.csv", head + row)
    assert remark(home, f"shop-a/{file}").notes == ()


def test_a_wrong_campaign_is_only_a_note_when_sellers_are_named(home: Home) -> None:
    put(home.root / "data" / "campaigns" / "bad.yml", "campaign: bad")
    assert list(problems(home)) == ["campaigns/bad.yml"]
    named = {one.file: one for one in check_workspace(home, ["shop-a"])}
    assert not any(one.problem for one in named.values())
    assert "missing key" in named["campaigns/bad.yml"].notes[0]


def test_a_file_is_told_in_one_short_line_with_money_in_units_of_its_currency(home: Home) -> None:
    line, *notes = told_lines(remark(home, "shop-a/july.csv"))
    assert line.startswith("  shop-a/july.csv  2025-07-01 .. 2025-08-29  ")
    assert line.endswith("60 rows in, 60 kept (THB 600.00), 0 rejected (0.00)")
    assert all(note.startswith("      ") for note in notes)
    broken = Remark("x.csv", "a.csv: the file is empty. Export again. [E_CONTAINER]")
    (line,) = told_lines(broken)
    assert line.startswith("! x.csv  不是可读的订单导出文件：")
    assert line.endswith("a.csv: the file is empty. Export again. [E_CONTAINER]")


def test_an_order_file_is_told_whose_export_it_is_and_why(home: Home) -> None:
    note = remark(home, "shop-a/july.csv").notes[0]
    assert "识别为 tiktok-th：9 列中认得 9 列、英文状态、日期先日后月" in note
    assert "Recognised as tiktok-th: 9 of 9 columns, statuses in English, dates day first" in note
    assert "tiktok-my" in remark(home, "shop-a/july.csv").notes[1]


def test_a_file_that_is_none_is_told_the_nearest_what_it_lacks_and_its_strange_headers(
    home: Home,
) -> None:
    path = home.seller_folder("shop-a") / "orders" / "july.csv"
    put(path, path.read_text(encoding="utf-8").replace("Quantity", "Menge"))
    one = remark(home, "shop-a/july.csv")
    assert "the nearest is tiktok-th (8 of 9 columns), it lacks: Quantity" in one.notes[0]
    assert "Headers not known: Menge" in one.notes[1]
    assert not any("A-1" in note or "57685902" in note for note in one.notes)


def test_exports_of_returns_and_inventory_are_recognised_too(home: Home) -> None:
    folder = home.seller_folder("shop-a")
    put(
        folder / "returns" / "july.csv",
        "Return Order ID,Order ID,Seller SKU,SKU ID,Return Status,Return Quantity,Time Requested\n",
    )
    put(folder / "inventory" / "main" / "now.csv", "Reference code,Available inventory\n")
    assert "tiktok-returns-th: 7 of 7" in remark(home, "shop-a/returns/july.csv").notes[0]
    assert "tiktok-inventory-th" in remark(home, "shop-a/inventory/main/now.csv").notes[0]


def test_a_campaign_in_a_market_of_which_no_export_can_be_read_is_told_the_nearest(
    home: Home,
) -> None:
    text = CAMPAIGN.replace("  TH:", "  TX:")
    put(home.root / "data" / "campaigns" / "nov.yml", text)
    assert "markets.TX: no such market; did you mean TH?" in (problems(home)["campaigns/nov.yml"])


def notes_of(home: Home, file: str) -> str:
    return "\n".join(remark(home, file).notes)


def test_every_file_and_folder_that_is_not_read_is_named(home: Home) -> None:
    folder = home.seller_folder("shop-a")
    lines = (folder / "orders" / "july.csv").read_text(encoding="utf-8")
    put(folder / "orders" / "tiktok-th" / "june.csv", lines.replace(",1576", ",2576"))
    put(folder / "orders" / "tiktok-th" / "old" / "b.csv", lines)
    put(folder / "orders" / "c.zip", "PK")
    put(folder / "returns" / "d.ods", "PK")
    put(folder / "inventory" / "main" / "old" / "e.csv", "a,b\n")
    assert "Not an export" in notes_of(home, "shop-a/c.zip")
    assert "A folder inside" in notes_of(home, "shop-a/tiktok-th/old")
    assert "Not an export" in notes_of(home, "shop-a/returns/d.ods")
    assert "A folder inside" in notes_of(home, "shop-a/inventory/main/old")


def test_days_that_no_export_covers_are_told(home: Home) -> None:
    path = put_orders(home, rows=90)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    put(path, "".join(lines[:32]))
    put(path.with_name("september.csv"), "".join([lines[0], *lines[63:]]))
    assert "31 days from 2025-08-01 to 2025-08-31 are missing" in notes_of(
        home, "shop-a/orders/tiktok-th"
    )


def test_an_inventory_report_is_told_with_its_rejected_rows_and_not_as_hand_kept_stock(
    home: Home,
) -> None:
    folder = home.seller_folder("shop-a")
    head = "Reference code,Available inventory\n"
    put(folder / "inventory" / "fbt_2025-10-30.csv", f"{head}A-1,10\nA-1,5\nB-2,x\n")
    one = remark(home, "shop-a/inventory/fbt_2025-10-30.csv")
    assert one.facts == {"rows": 1}
    assert [
        note for note in one.notes if note.startswith("E_STOCK_UNITS × 1：") and "row 4" in note
    ]
    assert "shop-a/stock.csv" not in [found.file for found in check_workspace(home)]


def test_a_fault_of_an_inventory_report_is_told_once(home: Home) -> None:
    folder = home.seller_folder("shop-a")
    put(folder / "inventory" / "fbt.csv", "Reference code,Available inventory\nA-1,10\n")
    assert list(problems(home)) == ["shop-a/inventory"]
    assert "Not recognised" not in notes_of(home, "shop-a/inventory/fbt.csv")


def test_a_file_that_was_not_opened_is_not_called_unknown(
    home: Home, make_link: Callable[[Path, Path | str], None]
) -> None:
    orders = home.seller_folder("shop-a") / "orders"
    (orders / "empty.csv").write_bytes(b"")
    make_link(orders / "link.csv", orders / "july.csv")
    assert "link.csv" in problems(home)["shop-a/orders"]
    for name in ("empty", "link"):
        assert notes_of(home, f"shop-a/{name}.csv") == ""


def test_a_linked_folder_is_refused_as_a_linked_file_is(
    home: Home, tmp_path: Path, make_link: Callable[[Path, Path | str], None]
) -> None:
    put(tmp_path / "elsewhere" / "a.csv", "a,b\n")
    link = home.seller_folder("shop-a") / "orders" / "tiktok-th"
    make_link(link, tmp_path / "elsewhere")
    told = problems(home)["shop-a/orders"]
    assert "orders/tiktok-th: a link to a folder" in told
    assert "[E_NOT_A_FILE]" in told


def test_rows_of_drivers_and_live_plan_that_reach_no_promotion_are_told(home: Home) -> None:
    folder = home.seller_folder("shop-a")
    put(folder / "catalogue.csv", "sku,price\nA-1,10\n")
    put(folder / "live_plan.csv", "shop,sku,starts_at,hours\n"
        "tiktok-th,A-2,2025-11-11 20:00,2\ntiktok-th,A-1,2031-05-05 20:00,2\n"
        "tiktok-th,A-1,2025-11-11 20:00,2\n")  # fmt: skip
    put(folder / "drivers.csv", "event,market,starts_on,live_hours\n"
        "11.12,TH,2025-08-01,4\n2025-11.11,TH,2025-11-11,4\n")  # fmt: skip
    live = remark(home, "shop-a/live_plan.csv")
    assert live.facts == {"rows": 3}
    assert [("A-2" in note, "2031-05-05" in note) for note in live.notes] == [
        (True, False),
        (False, True),
    ]
    (note,) = remark(home, "shop-a/drivers.csv").notes
    assert "no event 11.12" in note
    assert "11.12" in note.split(" / ")[0]  # in both languages


def test_rows_that_reach_a_promotion_or_cannot_be_judged_are_no_remark(home: Home) -> None:
    folder = home.seller_folder("shop-a")
    put(folder / "live_plan.csv", "shop,sku,starts_at,hours\ntiktok-th,A-2,2025-11-11 20:00,2\n")
    assert remark(home, "shop-a/live_plan.csv").notes == ()  # no catalogue: no SKU is strange
    put(folder / "events.csv", "event\nx\n")
    assert remark(home, "shop-a/live_plan.csv").notes == ()  # the events' own remark tells


def test_what_one_of_two_campaigns_uses_is_used(home: Home) -> None:
    folder = home.seller_folder("shop-a")
    later = CAMPAIGN.replace("campaign: nov", "campaign: later").replace("2025-", "2027-")
    put(home.root / "data" / "campaigns" / "later.yml", later)
    put(folder / "live_plan.csv", "shop,sku,starts_at,hours\n"
        "tiktok-th,A-1,2025-11-05 20:00,2\ntiktok-th,A-1,2027-11-05 20:00,2\n"
        "tiktok-th,A-1,2031-05-05 20:00,2\n")  # fmt: skip
    put(folder / "drivers.csv", "event,market,starts_on,live_hours\n"
        "11.11,TH,2025-11-11,4\n11.11,TH,2027-11-11,4\n11.11,TH,2029-11-11,4\n")  # fmt: skip
    (note,) = remark(home, "shop-a/live_plan.csv").notes
    assert "live rows outside every phase of every event: 1, the first on 2031-05-05" in note
    (note,) = remark(home, "shop-a/drivers.csv").notes
    assert "2029-11-11" in note


def told(home: Home, *sellers: str) -> str:
    return "\n".join(told_workspace(check_workspace(home, sellers)))


def test_registers_without_a_remark_are_one_line(home: Home) -> None:
    lines = told(home).splitlines()
    assert [line for line in lines if "rules/" in line] == [lines[0]]
    assert "张规则表，均可用" in lines[0]
    put(home.root / "data" / "rules" / "lanes.csv", "market,mode\nTH,sea\n")
    assert "! rules/lanes.csv  " in told(home)


def test_each_fault_of_a_file_is_a_line_with_its_place_in_both_languages(home: Home) -> None:
    head = "sku,warehouse,stage,units,available_on,as_of\n"
    rows = "A-1,main,on_hand,x,,2025-09-01\nA-1,main,on_hand,1,,1.9.2025\n"
    put(home.seller_folder("shop-a") / "stock.csv", head + rows)
    lines = told(home, "shop-a").splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("! shop-a/stock.csv"))
    assert lines[place] == "! shop-a/stock.csv  2 处要改 / 2 to mend"
    assert lines[place + 1].startswith(
        "      第 2 行“units”列：'x' 不是整数 / row 2, column \"units\""
    )
    assert lines[place + 2].startswith("      第 3 行“as_of”列：'1.9.2025' 不是日期，写成 ")


def test_a_stray_folder_beside_the_sellers_is_a_note(home: Home) -> None:
    (home.sellers_folder / "shop-a - 副本").mkdir()
    (note,) = remark(home, "sellers/shop-a - 副本").notes
    assert "改名为小写字母、数字、连字符，或移走" in note
    assert problems(home) == {}


def test_a_file_that_nothing_reads_is_told_with_the_name_that_is_near(home: Home) -> None:
    folder = home.seller_folder("shop-a")
    put(folder / "stocks.csv", "sku\n")
    put(folder / "Catalogue (1).csv", "sku\n")
    put(folder / "备注.txt", "x")
    put(folder / "catalogue.example.csv", "sku\n")
    assert notes_of(home, "shop-a/stocks.csv").endswith("; did you mean stock.csv?")
    assert "；是不是 catalogue.csv？" in notes_of(home, "shop-a/Catalogue (1).csv")
    assert notes_of(home, "shop-a/备注.txt").endswith("备注.txt is not known and was not read")
    assert not [one for one in check_workspace(home) if "example" in one.file]


def test_rows_of_a_sku_that_nobody_knows_are_told_where_they_stand(home: Home) -> None:
    folder = home.seller_folder("shop-a")
    put(folder / "catalogue.csv", "sku\nLAMP\nMUG\n")
    put(folder / "bundles.csv", "sku,component,units\nSET,LAMP,1\nSET,LMAP,1\n")
    put(
        folder / "stock.csv",
        "sku,warehouse,stage,units,as_of\nLAMPP,main,on_hand,1,2025-09-01\n"
        "A-1,main,on_hand,1,2025-09-01\nSET,main,on_hand,1,2025-09-01\n",
    )
    put(
        folder / "overrides.csv",
        "sku,change,owner,reason,expires_on\nall,*1.2,me,x,2025-12-31\nMGU,+15%,me,x,2025-12-31\n",
    )
    assert "组件 LMAP 不在货品目录里" in notes_of(home, "shop-a/bundles.csv")
    assert notes_of(home, "shop-a/stock.csv").startswith("LAMPP 不在货品目录里，也没有订单")
    assert "did you mean LAMP?" in notes_of(home, "shop-a/stock.csv")
    assert notes_of(home, "shop-a/overrides.csv").count("MGU") == 2  # once in each language
    assert "1 个 SKU 不在货品目录里，成本和尺寸都未知：A-1" in notes_of(
        home, "shop-a/catalogue.csv"
    )
    assert problems(home) == {}


def test_absent_stock_is_told_although_the_template_s_readme_lies_among_reports(home: Home) -> None:
    put(home.seller_folder("shop-a") / "inventory" / "README.md", "x")
    assert "the order is the most" in remark(home, "shop-a/stock.csv").notes[0]


def test_a_campaign_in_a_market_that_no_register_knows_is_a_problem_of_those_in_it(
    home: Home,
) -> None:
    text = CAMPAIGN + CAMPAIGN[CAMPAIGN.index("  TH:") : CAMPAIGN.index("scenarios:")].replace(
        "TH:", "JP:"
    )
    text = CAMPAIGN.replace("scenarios:", text[len(CAMPAIGN) :] + "scenarios:")
    put(home.root / "data" / "campaigns" / "nov.yml", text)
    named = {one.file: one.problem for one in check_workspace(home, ["shop-a"])}
    assert "markets.JP: no such market" in named["campaigns/nov.yml"]
    assert "known: ID, MY, PH, SG, TH, UK, US, VN" in named["campaigns/nov.yml"]


def test_a_campaign_of_an_unknown_market_is_named_where_the_sellers_inputs_are_good(
    home: Home,
) -> None:
    assert unusable_campaigns(check_workspace(home, ["shop-a"])) == ()
    far = CAMPAIGN.replace("campaign: nov", "campaign: jp-x").replace("TH:", "JP:")
    put(home.root / "data" / "campaigns" / "jp-x.yml", far)
    named = check_workspace(home, ["shop-a"])
    assert not any(one.problem for one in named)
    assert unusable_campaigns(named) == ("jp-x",)
    (note,) = next(one.notes for one in named if one.file == "campaigns/jp-x.yml")
    assert "没有这个站点，可选 ID, MY, PH, SG, TH, UK, US, VN / " in note


def test_a_market_that_nobody_knows_is_refused_with_those_that_are_in_both_languages() -> None:
    said = "no exports of that market can be read (known: ID, TH)"
    assert told_problem(f"nov.yml: markets.JP: {said}").startswith("没有这个站点，可选 ID, TH / ")
    assert told_problem("no market of that name").startswith("没有这个站点，请从列出的里选 / ")

"""The simulated sellers: what the truth must keep, and that the demo folders come from it."""

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from benchmarks.world import SPECS, simulate, truth_of, write_seller
from benchmarks.world_demand import phase_days
from benchmarks.world_exports import as_seen, export_files
from benchmarks.world_masters import write_masters
from benchmarks.world_returns import told_by_orders
from planner import tables
from planner.campaign import read_campaign
from planner.intake.decisions import read_decisions
from planner.intake.goods_facts import read_evidence
from planner.intake.masters import read_events
from planner.intake.orders import read_orders, refuse_if_too_much_lost
from planner.intake.own_rules import MARK, key_of, read_own_rows, with_own_rows
from planner.intake.plans import events_joined, read_campaigns_joined
from planner.intake.returns import read_returns
from planner.intake.rules import read_register

DATA = Path(__file__).resolve().parent.parent / "data"
SELLERS = tuple(SPECS)
ORDERS = "orders/**/*.*"
MAX_DEMO_BYTES = 6_000_000
UNSETTLED_DAYS = 8
"""Days before the last download on which a parcel may still be refused. [days]"""


@pytest.fixture(scope="module", params=SELLERS)
def truth(request):
    """Return the truth behind each demo seller."""
    return truth_of(request.param)


@pytest.fixture(scope="module")
def intake():
    """Return what the planner reads from the committed exports of the seller with two shops."""
    return read_orders(DATA / "sellers" / "demo-id-gadget", SPECS["demo-id-gadget"].seller)


def contents(folder: Path) -> dict[str, object]:
    """Return every file's bytes; of a workbook the bytes of its parts, however packed."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                found[name] = {part: book.read(part) for part in book.namelist()}
        elif path.is_file():
            found[name] = path.read_bytes().replace(b"\r\n", b"\n")
    return found


def differing(made: dict[str, object], kept: dict[str, object]) -> list[str]:
    """Return the names of files that are not the same; bytes in a message would take minutes."""
    return [name for name, data in made.items() if kept.get(name) != data]


def test_one_spec_and_seed_make_one_world():
    spec = SPECS["demo-id-gadget"]
    first, second = simulate(spec, 5), simulate(spec, 5)
    assert np.array_equal(first.demand.units, second.demand.units)
    assert np.array_equal(first.stock.on_hand_units, second.stock.on_hand_units)
    pd.testing.assert_frame_equal(first.lines, second.lines)


def test_another_seed_makes_another_world():
    spec = SPECS["demo-id-gadget"]
    assert not np.array_equal(simulate(spec, 5).demand.units, simulate(spec, 6).demand.units)


def test_nobody_buys_what_nobody_wanted(truth):
    assert (truth.stock.sold_units <= truth.demand.units).all()
    assert (truth.stock.sold_units >= 0).all()
    assert (truth.stock.returned_units <= truth.stock.sold_units).all()


def test_sales_are_lost_only_where_a_shelf_ended_the_day_empty(truth):
    lost = (truth.demand.units - truth.stock.sold_units).sum(axis=0)
    parts = truth.of_skus(np.eye(len(truth.spec.listings))[None])[0].T > 0
    for listing, own in enumerate(parts):
        is_empty = (truth.stock.on_hand_units[own] == 0).any(axis=0)
        assert is_empty[lost[listing] > 0].all()


def test_stock_is_what_came_less_what_went(truth):
    stock, spec = truth.stock, truth.spec
    went = truth.of_skus(stock.sold_units + stock.refused_units + stock.sample_units).sum(axis=0)
    came = np.zeros_like(stock.on_hand_units)
    for row in stock.deliveries.itertuples():
        place = truth.days.searchsorted(row.available_on)
        if place < len(truth.days):
            came[spec.skus.index(row.sku), place] += row.units
    path = stock.opening_units[:, None] + (came + stock.back_units - went).cumsum(axis=1)
    held = [spec.skus.index(spell.sku) for spell in spec.holds]
    free = [place for place in range(len(spec.skus)) if place not in held]
    assert np.array_equal(path[free], stock.on_hand_units[free])
    assert (stock.on_hand_units >= 0).all()


def test_order_lines_add_up_to_what_was_sold_and_returned(truth):
    lines, stock = truth.lines, truth.stock
    for fate, units in (("sold", stock.sold_units), ("refused", stock.refused_units)):
        rebuilt = np.zeros_like(units)
        own = lines[lines["fate"] == fate]
        np.add.at(rebuilt, (own["shop"], own["sku"], own["day"]), own["units"])
        assert np.array_equal(rebuilt, units)
    returned = np.zeros_like(stock.sold_units)
    np.add.at(returned, (lines["shop"], lines["sku"], lines["day"]), lines["returned_units"])
    assert np.array_equal(returned, stock.returned_units)


def test_money_of_every_line_adds_up_to_the_minor_unit(truth):
    lines = truth.lines
    discounts = lines["platform_minor"] + lines["seller_minor"]
    assert (lines["gross_minor"] - discounts == lines["net_minor"]).all()
    assert (lines["gross_minor"] == lines["price_minor"] * lines["units"]).all()
    is_sample = lines["fate"] == "sample"
    assert (lines.loc[is_sample, "gross_minor"] == 0).all()
    assert (lines.loc[~is_sample, "net_minor"] > 0).all()


def test_an_order_id_has_18_digits_starts_with_57_or_58_and_is_unique(truth):
    ids = truth.lines["order_id"].astype("str")
    assert ids.str.fullmatch(r"5[78]\d{16}").all()
    assert not ids.str.endswith("000").any()
    orders = truth.lines[["order_id", "shop", "ordered_at", "fate"]].drop_duplicates()
    assert orders["order_id"].is_unique
    assert not truth.lines.duplicated(["order_id", "sku"]).any()


def test_uplift_comes_back_from_demand_within_noise(truth):
    alpha = truth.spec.habits.noise_alpha
    errors = []
    for promo in truth.spec.promos:
        for chosen in phase_days(truth.days, promo).values():
            mean = truth.demand.mean_units[:, :, chosen]
            noise = np.sqrt((mean + alpha * mean**2).sum(axis=2))
            errors.append((truth.demand.units[:, :, chosen] - mean).sum(axis=2) / noise)
    scores = np.concatenate([error.ravel() for error in errors])
    assert abs(scores.mean()) < 4 / np.sqrt(len(scores))
    assert 0.85 < scores.std() < 1.15


def test_the_first_day_is_the_peak_of_every_sale(truth):
    for promo in truth.spec.promos:
        sale = truth.demand.uplift_ratio[:, :, phase_days(truth.days, promo)["sale"]]
        assert (np.diff(sale, axis=2) < 0).all()


def test_a_warm_up_sells_about_as_usual_and_a_sale_more(truth):
    mean = truth.uplift.groupby("phase")["uplift_ratio"].agg(["min", "mean", "max"])
    assert mean.loc["sale", "min"] > 1.2
    assert 1.5 < mean.loc["sale", "mean"] < 5
    assert 0.8 < mean.loc["warm_up", "mean"] < 1.05
    assert 1 < mean.loc["tail", "mean"] < 1.3


def test_outside_events_and_viral_days_demand_is_the_baseline(truth):
    promo_days = [
        chosen for promo in truth.spec.promos for chosen in phase_days(truth.days, promo).values()
    ]
    quiet = ~np.any(promo_days, axis=0)
    assert (truth.demand.uplift_ratio[:, :, quiet] == 1).all()
    viral = truth.demand.viral_ratio
    assert (viral > 1).sum() == sum(spell.days.days for spell in truth.spec.viral)


def test_in_the_planned_sale_some_skus_run_out_and_some_are_left_over(truth):
    event = truth.spec.campaign.event
    own = truth.uplift[truth.uplift["event"] == event]
    lost = own[own["phase"] == "sale"].groupby("sku")["lost_units"].sum()
    assert 1 <= (lost > 0).sum() <= 5
    place = truth.days.searchsorted(pd.Timestamp(truth.spec.next_replenishment_on)) - 1
    left = truth.stock.on_hand_units[:, place]
    usual = own.groupby("sku")["demand_units"].sum().reindex(truth.spec.skus).to_numpy()
    assert 1 <= (left > 2 * usual).sum() <= 6


def test_an_open_order_looks_open_on_the_day_of_the_download():
    lines = truth_of("demo-th-home").lines
    at = pd.Timestamp("2025-08-01 09:16")
    seen = as_seen(lines[lines["ordered_at"] < at], at)
    recent = seen[seen["ordered_at"] > at - pd.Timedelta(hours=2)]
    assert set(recent["status"]) <= {"to_ship", "unpaid", "cancelled"}
    for name in ("paid_at", "shipped_at", "delivered_at", "completed_at", "cancelled_at"):
        assert not (seen[name] > at).any()
    old = seen[(seen["fate"] == "sold") & (seen["ordered_at"] < at - pd.Timedelta(days=20))]
    assert set(old["status"]) == {"completed"}


def test_downloads_cover_every_day_up_to_the_review(truth):
    for shop in truth.spec.shops:
        files = export_files(truth.spec, shop)
        covered = {day for file in files for day in pd.date_range(file.start, file.end)}
        assert covered == set(truth.days)
        assert len({(file.stem, file.is_csv) for file in files}) == len(files)


def test_a_world_of_one_spec_can_be_made_quieter():
    spec = SPECS["demo-id-gadget"]
    habits = replace(spec.habits, noise_alpha=0.01)
    calm = simulate(replace(spec, habits=habits), spec.seed).demand
    score = (calm.units - calm.mean_units) / np.sqrt(calm.mean_units + 0.01 * calm.mean_units**2)
    assert 0.95 < score.std() < 1.05


def test_the_demo_campaign_has_the_days_of_the_world(truth):
    path = DATA / "campaigns" / "demo-2025-peak.yml"
    campaign = read_campaign(yaml.safe_load(path.read_text(encoding="utf-8")), where=path.name)
    spec = truth.spec
    (market,) = spec.seller.markets
    plan = campaign.markets[market]
    assert plan.phases == spec.campaign.phases
    assert plan.kind == spec.campaign.kind
    assert plan.next_replenishment_on == spec.next_replenishment_on
    days = [campaign.as_of_day(market, step) for step in (1, 4, 5)]
    assert days == [spec.plan_on, spec.track_on, spec.review_on]


def test_the_committed_seller_is_what_the_world_writes(tmp_path):
    seller = "demo-id-gadget"
    write_seller(truth_of(seller), tmp_path)
    made, kept = contents(tmp_path), contents(DATA / "sellers" / seller)
    assert set(made) == set(kept)
    assert not differing(made, kept), "run python -m benchmarks.world"


def test_the_committed_orders_are_the_downloads_of_the_world(truth):
    kept = sorted(path.name for path in (DATA / "sellers" / truth.spec.folder.name).glob(ORDERS))
    files = [file for shop in truth.spec.shops for file in export_files(truth.spec, shop)]
    assert kept == sorted(f"{it.stem}.{'csv' if it.is_csv else 'xlsx'}" for it in files)


@pytest.mark.parametrize("seller", ["demo-th-home", "demo-us-beauty"])
def test_the_committed_masters_are_what_the_world_writes(seller, tmp_path):
    truth = truth_of(seller)
    write_masters(truth.spec, truth.stock, tmp_path)
    kept = contents(DATA / "sellers" / seller)
    assert not differing(contents(tmp_path), kept), "run python -m benchmarks.world"


def test_every_unit_sold_is_read_back_from_the_exports(intake):
    truth = truth_of("demo-id-gadget")
    settled = pd.Timestamp(truth.spec.review_on) - pd.Timedelta(days=UNSETTLED_DAYS)
    kept = intake.lines[intake.lines["is_demand"]]
    read = kept[kept["ordered_at"] < settled].groupby(["shop", "sku"])["units"].sum()
    daily = truth.daily[truth.daily["day"] < settled]
    sold = daily.groupby(["shop", "sku"])["sales_units"].sum()
    assert read.to_dict() == sold.to_dict()


def test_a_few_rows_are_broken_and_far_fewer_than_a_policy_bears(intake):
    assert {"E_REPEATED_HEADER", "E_DATE", "E_QTY"} <= set(intake.rejected["code"])
    refuse_if_too_much_lost(intake, SPECS["demo-id-gadget"].seller.policy)


def test_the_demo_folders_stay_small():
    files = [path for seller in SELLERS for path in (DATA / "sellers" / seller).rglob("*")]
    assert 0 < sum(path.stat().st_size for path in files if path.is_file()) <= MAX_DEMO_BYTES


def test_return_exports_tell_of_returns_that_the_orders_do_not():
    truth = truth_of("demo-us-beauty")
    folder = DATA / "sellers" / "demo-us-beauty"
    told = read_returns(folder, truth.spec.seller).lines
    back = told[told["kind"] == "return"]
    seen = truth.lines[truth.lines["returned_at"] < pd.Timestamp(truth.spec.review_on)]
    assert back["units"].sum() == seen["returned_units"].sum()
    by_orders = told_by_orders(truth.spec, truth.lines, seed=truth.seed)["returned_units"].sum()
    assert 0.75 < by_orders / truth.lines["returned_units"].sum() < 0.85


@pytest.mark.parametrize("seller", SELLERS)
def test_every_past_event_of_a_demo_seller_was_joined(seller):
    folder = DATA / "sellers" / seller
    joined = read_campaigns_joined(folder)
    events = read_events(folder, tables.empty(tables.Calendar))
    kept, exceptions = events_joined(events, joined)
    assert set(joined["event"]) == set(events["event"])
    assert kept.equals(events)
    assert exceptions.empty


def test_goods_in_other_warehouses_lie_where_no_shop_draws():
    for seller in ("demo-th-home", "demo-us-beauty"):
        spec = SPECS[seller]
        houses = {house.warehouse for house in spec.seller.warehouses}
        served = {shop.warehouse for shop in spec.shops}
        elsewhere = {row["warehouse"] for row in spec.stock_elsewhere}
        assert elsewhere
        assert elsewhere <= houses - served
        days = {str(day) for day in (spec.plan_on, spec.track_on, spec.review_on)}
        assert {row["as_of"] for row in spec.stock_elsewhere} == days


def test_the_own_rules_of_a_demo_seller_beat_a_shipped_row_or_add_one():
    kept = {
        "demo-th-home": (tables.Fees, "clearance"),
        "demo-us-beauty": (tables.ReturnRates, "beauty"),
        "demo-id-gadget": (tables.Surcharges, "battery"),
    }
    for seller, (register, fact) in kept.items():
        own = read_own_rows(DATA / "sellers" / seller / "rules", register)
        shipped = read_register(DATA / "rules", register)
        both = with_own_rows(shipped[shipped["valid_to"].isna()], own, register)
        told = both[both["source"].str.startswith(MARK)]
        assert fact in told[key_of(register)].to_numpy().ravel()


def test_a_paper_of_a_demo_seller_runs_out_between_planning_and_the_shelf_day():
    spec = SPECS["demo-us-beauty"]
    papers = read_evidence(DATA / "sellers" / "demo-us-beauty")
    ends = papers["expires_on"].dropna()
    start = pd.Timestamp(spec.campaign.phases.start)
    assert ((ends > pd.Timestamp(spec.plan_on)) & (ends < start)).sum() == 1
    decided = read_decisions(DATA / "sellers" / "demo-us-beauty")
    assert set(decided["decision"]) == {"units", "hold", "drop"}
    assert set(decided["sku"]) <= set(spec.skus)

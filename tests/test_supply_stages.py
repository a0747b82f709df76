"""A way as a sum of stages: shares, seasons, receiving, and the dates of every stage."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
import supply_case as case

from planner import tables
from planner.errors import ConfigError
from planner.supply.trips.lanes import chain_dates
from planner.supply.trips.legs import laid_out, latest_start, ready_on, windows_of
from planner.supply.trips.spreads import on_time_chance, safe_days, sum_of
from planner.supply.trips.stage_parts import (
    PREPARATION,
    TRIP,
    inbound_rule,
    receiving_days,
    receiving_stage,
    trip_stages,
)
from planner.supply.trips.stages import stage_days

BOUNDS = case.register(tables.Bounds)
SHIPPED = case.register(tables.LaneStages)
INBOUND = case.register(tables.InboundRules)
AGREED = {"contract": {"confirmed_lead_time_on": "2026-09-01", "receiving_days": 4}}
DAYS = (15.0, 20.0, 30.0)


def shares(*rows: tuple[str, float, float], mode: str = "sea", market: str = "any"):
    """Rows of (stage, share of the typical days, longest over typical)."""
    return case.dated(
        [
            {
                "market": market,
                "mode": mode,
                "stage": stage,
                "place": place,
                "share_rate": share,
                "max_ratio": ratio,
            }
            for place, (stage, share, ratio) in enumerate(rows)
        ]
    )


def seasons(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    """Rows of (stage, first day, last day, days added)."""
    frame = case.windows(*(row[1:] for row in rows))
    return frame.assign(stage=[row[0] for row in rows])


def chain(
    *windows: tuple[str, str, str, float], lane_stages: pd.DataFrame = SHIPPED, **scope
) -> pd.DataFrame:
    """Sea and truck by hand under the shipped stages, or those given."""
    risks = seasons(*windows) if windows else case.windows()
    return chain_dates(
        case.lanes(), risks, BOUNDS, scope=case.scope(**{**AGREED, **scope}),
        lane_stages=lane_stages,
    ).set_index("mode")  # fmt: skip


def told(options: pd.DataFrame, *windows, lane_stages: pd.DataFrame = SHIPPED, **scope):
    risks = seasons(*windows) if windows else case.windows()
    chosen = {"scope": case.scope(**{**AGREED, **scope}), "confidence": 0.9}
    found = stage_days(options.reset_index(), lane_stages, risks, **chosen)
    return found.set_index(["mode", "stage"])


# --- days of the stages ----------------------------------------------------------------------


def test_stages_share_the_typical_days_by_hand():
    rows = shares(("pickup", 0.2, 1.0), ("line_haul", 0.5, 2.0), ("truck", 0.3, 1.0))
    parts = trip_stages(rows, market="TH", mode="sea", days=DAYS)
    # Only the line haul varies: it takes 10 of 20 days, 5 fewer or 10 more.
    assert [part.stage for part in parts] == ["pickup", "line_haul", "truck"]
    assert [part.days for part in parts] == [(4, 4, 4), (5, 10, 20), (6, 6, 6)]


def test_where_one_stage_varies_the_chances_are_those_of_the_one_triangle():
    rows = shares(("pickup", 0.2, 1.0), ("line_haul", 0.5, 2.0), ("truck", 0.3, 1.0))
    one = sum_of([part.days for part in trip_stages(rows, market="TH", mode="sea", days=DAYS)])
    for days in (14, 16, 20, 24, 29, 31):
        assert one.chance(days) == pytest.approx(on_time_chance(days, *DAYS))
    assert one.days_for(0.9) == pytest.approx(safe_days(0.9, *DAYS))
    columns = ["ship_by", "produce_by", "arrive_by", "reason"]
    staged = chain(lane_stages=pd.concat([rows, rows.assign(mode="truck")]))
    plain = chain_dates(case.lanes(), case.windows(), BOUNDS, scope=case.scope(**AGREED))
    pd.testing.assert_frame_equal(staged[columns], plain.set_index("mode")[columns])
    rates = ["on_time_rate", "late_days"]
    np.testing.assert_allclose(staged[rates], plain[rates], atol=1e-9)


def test_stages_that_vary_on_their_own_spread_together_as_the_published_trip_does():
    parts = [part.days for part in trip_stages(SHIPPED, market="TH", mode="sea", days=DAYS)]
    assert sum(part[1] for part in parts) == pytest.approx(20)
    low, middle, high = np.array(parts).T
    apart = ((middle - low) ** 2 + (high - middle) ** 2 + (middle - low) * (high - middle)) / 18
    assert apart.sum() == pytest.approx((25 + 100 + 50) / 18)
    assert (low >= 0).all()


def test_the_staged_chance_stays_near_the_published_one():
    for row in case.register(tables.Lanes).itertuples():
        days = (row.min_days, row.typical_days, row.max_days)
        parts = trip_stages(SHIPPED, market=row.market, mode=row.mode, days=days)
        spread = sum_of([part.days for part in parts])
        gap = spread.days_for(0.9) - safe_days(0.9, *days)
        assert abs(gap) <= 0.12 * row.typical_days, (row.market, row.mode, gap)


def test_a_stage_that_can_swell_more_takes_more_of_the_delay():
    rows = shares(("export_customs", 0.5, 3.0), ("import_customs", 0.5, 2.0))
    first, second = trip_stages(rows, market="TH", mode="sea", days=DAYS)
    assert first.days[2] - 10 == pytest.approx(2 * (second.days[2] - 10))


def test_rows_of_a_market_come_before_those_of_any():
    rows = pd.concat(
        [shares(("line_haul", 1.0, 2.0)), shares(("truck", 1.0, 2.0), market="TH")],
        ignore_index=True,
    )
    assert trip_stages(rows, market="TH", mode="sea", days=DAYS)[0].stage == "truck"
    assert trip_stages(rows, market="ID", mode="sea", days=DAYS)[0].stage == "line_haul"


def test_a_mode_without_stages_is_one_stage_and_says_so():
    part = trip_stages(SHIPPED, market="TH", mode="balloon", days=DAYS)
    assert [(each.stage, each.days, each.reason) for each in part] == [
        ("line_haul", DAYS, "reason.stage_whole")
    ]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("pickup", 0.5, 1.0), ("truck", 0.4, 1.0)], "any sea: share_rate adds up to 0.9, not 1"),
        ([("pickup", 0.5, 1.0), ("flight", 0.5, 1.0)], "any sea flight: no stage of a trip"),
    ],
)
def test_stages_that_make_no_trip_are_refused_by_row(rows: list, words: str):
    with pytest.raises(ConfigError, match=words):
        trip_stages(shares(*rows), market="TH", mode="sea", days=DAYS)


def test_every_lane_of_the_register_has_its_five_stages():
    for row in case.register(tables.Lanes).itertuples():
        parts = trip_stages(SHIPPED, market=row.market, mode=row.mode, days=DAYS)
        assert tuple(part.stage for part in parts) == TRIP, (row.market, row.mode)


# --- receiving -------------------------------------------------------------------------------


def houses(kind: str = "third_party", days: float | None = None) -> dict:
    house = {"warehouse": "house", "market": "TH", "kind": kind, "receiving_days": days}
    return {"warehouses": [house]}


def test_receiving_is_the_longest_of_warehouse_contract_and_policy():
    for warehouse, contract, policy in ((9, 2, 4), (2, 9, 4), (2, 4, 9)):
        scope = case.scope(
            **houses(days=warehouse),
            contract={"receiving_days": contract},
            policy={"receiving_days": policy},
        )
        assert receiving_days(scope, "TH") == 9
        assert receiving_stage(scope, "TH", INBOUND).days == (9, 9, 9)


def test_a_warehouse_that_no_shop_draws_on_does_not_count():
    more = {"warehouse": "far", "market": "TH", "receiving_days": 20}
    scope = case.scope(warehouses=[*houses()["warehouses"], more])
    assert receiving_days(scope, "TH") == 4


def test_receiving_that_nobody_agreed_on_may_take_what_such_warehouses_take():
    assert receiving_stage(case.scope(), "TH", INBOUND).days == (4, 4, 10)
    fbt = receiving_stage(case.scope(**houses("fbt")), "TH", INBOUND)
    assert (fbt.days, fbt.reason) == ((4, 4, 14), "reason.stage_receiving")
    own = receiving_stage(case.scope(**houses("own")), "TH", INBOUND)
    assert (own.days, own.reason) == ((4, 4, 4), "reason.stage_policy")


def test_receiving_that_may_take_longer_sends_goods_earlier():
    def ship_by(rules: pd.DataFrame | None, **scope) -> pd.Timestamp:
        return chain_dates(
            case.lanes(), case.windows(), BOUNDS, scope=case.scope(**scope),
            lane_stages=SHIPPED, inbound_rules=rules,
        ).set_index("mode").loc["truck", "ship_by"]  # fmt: skip

    assert ship_by(INBOUND) < ship_by(None)
    agreed = {"contract": {"receiving_days": 4}}
    assert ship_by(INBOUND, **agreed) == ship_by(None, **agreed)


def test_the_nearest_inbound_rule_counts_and_an_empty_one_is_unknown():
    assert inbound_rule(INBOUND, "US", "fbt", "arrival_window_days") == 14
    assert inbound_rule(INBOUND, "PH", "fbt", "receiving_days") == 2
    assert inbound_rule(INBOUND, "TH", "fbt", "receiving_days") == 4
    assert inbound_rule(INBOUND, "TH", "own", "carton_max_kg") == 22.5
    assert np.isnan(inbound_rule(INBOUND, "TH", "fbt", "arrival_window_days"))
    assert np.isnan(inbound_rule(None, "US", "fbt", "arrival_window_days"))


# --- seasons ---------------------------------------------------------------------------------


def test_a_season_stretches_its_stage_only_while_that_stage_runs():
    # The truck is on its way from 10-21 to 10-28, in import customs from 10-26 to 10-27.
    met = chain(("import_customs", "2026-10-26", "2026-10-26", 2.0)).loc["truck"]
    assert met["added_days"] == 2
    missed = chain(("pickup", "2026-10-26", "2026-10-26", 2.0)).loc["truck"]
    assert missed["added_days"] == 0
    assert met["ship_by"] == missed["ship_by"] - pd.Timedelta(days=2)


def test_a_season_of_the_whole_trip_counts_whenever_the_trip_meets_it():
    for day in ("2026-10-23", "2026-10-27"):
        assert chain(("trip", day, day, 2.0)).loc["truck", "added_days"] == 2


def test_without_stages_a_season_of_any_leg_stretches_the_trip_and_none_the_making():
    risks = seasons(
        ("pickup", "2026-10-26", "2026-10-26", 2.0), ("production", "2026-10-01", "2026-10-26", 9.0)
    )
    scope = case.scope(**AGREED, policy={"production_days": 5})
    row = chain_dates(case.lanes(), risks, BOUNDS, scope=scope).set_index("mode").loc["truck"]
    assert row["added_days"] == 2
    assert (row["ship_by"] - row["produce_by"]).days == 5


def test_more_seasons_never_let_goods_leave_later():
    rng = np.random.default_rng(3)
    for _ in range(3):
        rows = []
        last = chain()
        for _ in range(3):
            start = date(2026, 9, 15).toordinal() + int(rng.integers(0, 45))
            days = date.fromordinal(start), date.fromordinal(start + int(rng.integers(0, 9)))
            stage = str(rng.choice(["trip", *TRIP]))
            rows.append((stage, str(days[0]), str(days[1]), float(rng.integers(0, 6))))
            found = chain(*rows)
            assert (found["ship_by"] <= last["ship_by"]).all()
            last = found


def test_factories_that_close_while_goods_are_made_move_the_order_forward():
    policy = {"production_days": 10}
    holiday = ("production", "2026-10-01", "2026-10-07", 7.0)
    truck = chain(holiday, policy=policy).loc["truck"]
    # It leaves on 10-21; ten days of making from 10-11 on do not meet the holiday.
    assert f"{truck['produce_by']:%m-%d}" == "10-11"
    longer = chain(holiday, policy={"production_days": 18}).loc["truck"]
    # 18 days would start on 10-03, in the holiday: seven more, from 09-26 on.
    assert f"{longer['produce_by']:%m-%d}" == "09-26"
    assert longer["slack_days"] == 6


def test_goods_are_ready_when_they_were_ordered_on_the_latest_day_and_not_a_day_later():
    rng = np.random.default_rng(5)
    for _ in range(15):
        policy = {
            "materials_days": float(rng.integers(0, 6)),
            "production_days": float(rng.integers(1, 20)),
            "waiting_days": float(rng.integers(0, 4)),
        }
        scope = case.scope(policy=policy)
        start = date.fromordinal(date(2026, 9, 20).toordinal() + int(rng.integers(0, 20)))
        end = date.fromordinal(start.toordinal() + 6)
        windows = windows_of(
            seasons(("production", str(start), str(end), 7.0)), "TH", by_stage=True
        )
        ship_by = date(2026, 10, 20)
        last = latest_start(ship_by, scope, windows)
        assert ready_on(last, scope, windows) <= ship_by
        assert ready_on(date.fromordinal(last.toordinal() + 1), scope, windows) > ship_by


def test_materials_and_waiting_count_as_the_sellers_own_days():
    policy = {"materials_days": 3, "production_days": 10, "waiting_days": 2}
    truck = chain(policy=policy).loc["truck"]
    assert (truck["ship_by"] - truck["produce_by"]).days == 15


def test_making_that_takes_too_long_is_a_reason_and_no_error():
    late = chain(policy={"production_days": 60})
    assert not late["is_feasible"].any()
    assert late["reason"].str.startswith("reason.too_late_for_").all()


# --- dates of the stages ---------------------------------------------------------------------


def test_the_stages_run_without_a_gap_from_the_order_to_the_shelf():
    windows = [("line_haul", "2026-10-01", "2026-10-25", 3.5),
               ("production", "2026-09-05", "2026-09-09", 4.0)]  # fmt: skip
    policy = {"production_days": 12, "waiting_days": 2}
    options = chain(*windows, policy=policy, as_of="2026-08-20")
    found = told(options, *windows, policy=policy, as_of="2026-08-20")
    for mode, option in options.iterrows():
        rows = found.loc[mode]
        assert list(rows.index) == [*PREPARATION, *TRIP, "receiving", "shelf"]
        assert rows["place"].to_list() == list(range(10))
        assert rows["starts_on"].iloc[0] == option["produce_by"]
        assert rows["starts_on"].iloc[1:].to_list() == rows["ends_on"].iloc[:-1].to_list()
        assert rows.loc["pickup", "starts_on"] == option["ship_by"]
        assert rows.loc["receiving", "starts_on"] == option["arrive_by"]
        assert rows["ends_on"].iloc[-1] == option["shelf_by"]
        trip = rows.loc[list(TRIP)]
        assert trip["added_days"].sum() == pytest.approx(option["added_days"])
        assert trip["typical_days"].sum() + option["added_days"] == option["lead_days"]


def test_a_stage_names_the_season_that_stretches_it():
    window = ("line_haul", "2026-10-01", "2026-10-25", 3.5)
    row = told(chain(window), window).loc[("sea", "line_haul")]
    assert row["added_days"] == 3.5
    assert "reason.stage_season|season=window-0|days=3.5" in row["reason"]


def test_a_season_whose_days_nobody_knows_adds_none_and_says_so():
    window = ("receiving", "2026-08-01", "2026-11-30", float("nan"))
    options = chain(window)
    assert options["ship_by"].to_list() == chain()["ship_by"].to_list()
    row = told(options, window).loc[("sea", "receiving")]
    assert row["added_days"] == 0
    assert row["reason"].endswith("reason.stage_season_unknown|season=window-0")


def test_a_season_of_receiving_brings_the_arrival_forward_and_asks_for_no_45_days():
    window = ("receiving", "2026-10-25", "2026-11-30", 5.0)
    sea = chain(window).loc["sea"]
    assert f"{sea['arrive_by']:%m-%d}" == "10-23"
    assert sea["reason"].split("|")[0] in ("reason.in_time", "reason.too_late_for_sea")


def test_goods_that_leave_by_the_45_days_meet_the_seasons_of_those_days():
    # Sea would leave on 10-01 and meet a closed customs then; 45 days ahead it does not.
    window = ("export_customs", "2026-10-01", "2026-10-07", 3.5)
    sea = chain(window, as_of="2026-09-10").loc["sea"]
    assert f"{sea['ship_by']:%m-%d}" == "09-17"
    assert sea["reason"].startswith("reason.in_time_45")
    assert sea["added_days"] == 0
    assert told(chain(window), window).loc[("sea", "export_customs"), "added_days"] == 0


def test_days_are_laid_out_as_they_are_to_each_other():
    first, last = date(2026, 10, 1), date(2026, 10, 11)
    spans = laid_out(first, last, [1.0, 0.0, 4.0])
    assert [str(end)[5:] for _, end in spans] == ["10-03", "10-03", "10-11"]
    assert laid_out(first, first, [0.0]) == [(first, first)]


def test_a_market_without_options_has_no_stages():
    found = stage_days(
        tables.empty(tables.LaneOptions),
        SHIPPED,
        case.windows(),
        scope=case.scope(),
        confidence=0.9,
    )
    assert found.empty
    assert list(found.columns) == tables.columns(tables.StageDays)

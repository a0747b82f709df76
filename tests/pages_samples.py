"""Invented tables for the tests of the pages: one Thai shop, fourteen SKUs, every table checked."""

import numpy as np
import pandas as pd

from planner import tables
from planner.campaign import Campaign, read_campaign
from planner.scope import Scope, scope_of
from planner.seller import Seller, read_seller
from planner.words import Term, glossary

SHOP, MARKET, CURRENCY = "home-th", "TH", "THB"
SKUS = (
    "MOP-360-BLUE",
    "MOP-360-GREY",
    "AIRFRYER-4L",
    "STORAGE-BOX-L",
    "STORAGE-BOX-M",
    "LED-STRIP-5M",
    "KETTLE-1.7L",
    "TOWEL-SET-6",
    "HANGER-30P",
    "VACUUM-MINI",
    "LUNCHBOX-3",
    "UMBRELLA-UV",
    "FAN-USB",
    "GIFT-SET-A",
)
GRADES = ("A", "A", "B", "A", "B", "B", "A", "C", "C", "B", "C", "A", "D", "D")
SCALE = (9.0, 6.2, 5.5, 5.0, 3.8, 3.5, 3.1, 2.6, 2.2, 1.9, 1.5, 1.1, 0.9, 0.6)
PHASE_DAYS = {
    "before": ("2025-09-16", "2025-10-31", 46, 1.0),
    "warm_up": ("2025-11-01", "2025-11-07", 7, 0.9),
    "sale": ("2025-11-08", "2025-11-12", 5, 5.2),
    "tail": ("2025-11-13", "2025-11-16", 4, 1.6),
    "after": ("2025-11-17", "2025-12-14", 28, 0.95),
}
PAST = {"6.6": "2025-06-03", "9.9": "2025-09-06"}
SAMPLE_TERMS = {
    "alert.sample_note": ("建议提前 {days} 天开始备货。", "Start {days} days ahead."),
    "alert.sample_note.do": ("把报名截止日写进日历。", "Note the day on which sign-up ends."),
    "alert.sample_warn": ("离最迟发货只剩 {days} 天。", "Only {days} days left to ship."),
    "alert.sample_warn.do": ("今天与货代确认舱位。", "Confirm space with the forwarder today."),
    "alert.sample_stop": (
        "缺少入仓文件，补办约需 {days} 天。",
        "Papers are missing; {days} days to get.",
    ),
    "alert.sample_stop.do": ("先补齐文件，再确认下单。", "Get the papers, then confirm the order."),
    "measure.sample_wape": ("预测误差", "Forecast error"),
    "measure.sample_bias": ("预测偏差", "Forecast bias"),
    "measure.sample_coverage": ("区间命中", "Demand within range"),
    "measure.sample_turnover": ("周转", "Turnover"),
    "measure.sample_cost": ("缺货损失", "Cost of stock-outs"),
}
COVER_DAYS = (2.4, 6, 9, 14, 3.1, 20, 18, 8, 27, 40, 12, 33, 16, np.nan)
TODAY = (
    *("replenish", "watch", "none", "none", "replenish", "none", "none", "none", "slow_down"),
    *("clear", "none", "none", "none", "check_stock"),
)
EVENT_SPANS = (("warm_up", 0, 3), ("sale", 3, 6), ("tail", 6, 8))


def seller() -> Seller:
    """Return a seller in Thailand."""
    return read_seller(
        {
            "seller": "demo-th-home",
            "name": {"zh": "安居家品（泰国）", "en": "Anju Home (Thailand)"},
            "currency": "CNY",
            "profile": {"category": "home"},
            "fx_rates": {"THB": 0.2},
            "shops": [
                {
                    "shop": SHOP,
                    "platform": "tiktok",
                    "market": MARKET,
                    "currency": CURRENCY,
                    "time_zone": "Asia/Bangkok",
                    "dialect": "tiktok-th",
                    "warehouse": "bkk",
                }
            ],
            "warehouses": [{"warehouse": "bkk", "market": MARKET}],
        },
        where="seller.yml",
    )


def campaign() -> Campaign:
    """Return an 11.11 in Thailand."""
    return read_campaign(
        {
            "campaign": "demo-2025-peak",
            "name": {"zh": "2025 年双 11 大促", "en": "11.11 2025"},
            "as_of": {"plan": "2025-09-16", "track": "2025-11-10", "review": "2025-12-20"},
            "markets": {
                MARKET: {
                    "event": "11.11",
                    "kind": "double_date",
                    "phases": {
                        name: {"start": PHASE_DAYS[name][0], "end": PHASE_DAYS[name][1]}
                        for name in ("warm_up", "sale", "tail")
                    },
                    "next_replenishment_on": "2025-12-15",
                }
            },
        },
        where="campaign.yml",
    )


def scope() -> Scope:
    """Return the scope of the samples."""
    return scope_of(campaign(), seller())


def files() -> pd.DataFrame:
    """Return three export files."""
    return _checked(
        tables.Reconciliation,
        file=["orders_2025-04_06.csv", "orders_2025-07_08.csv", "orders_2025-09.xlsx"],
        shop=SHOP,
        dialect="tiktok-th",
        sha256=["a", "b", "c"],
        rows_in=[18234, 15980, 7012],
        rows_kept=[18190, 15902, 7001],
        rows_rejected=[44, 78, 11],
        in_minor=[912345650, 801245600, 350123400],
        kept_minor=[910345650, 797245600, 349623400],
        rejected_minor=[2000000, 4000000, 500000],
        unreadable_rows=0,
        currency=CURRENCY,
        first_on=_day("2025-04-01", "2025-07-01", "2025-09-01"),
        last_on=_day("2025-06-30", "2025-08-31", "2025-09-15"),
    )


def rejected() -> pd.DataFrame:
    """Return rejected rows of five kinds."""
    codes = (
        ["E_DUPLICATE"] * 60
        + ["E_SUPERSEDED"] * 41
        + ["E_QTY"] * 18
        + ["E_DATE"] * 9
        + ["E_SKU"] * 5
    )
    count = len(codes)
    return _checked(
        tables.RejectedRows,
        file="orders_2025-07_08.csv",
        row=list(range(2, count + 2)),
        column="Quantity",
        value=["1,000"] * count,
        code=codes,
        amount_minor=pd.array([19900] * (count - 1) + [None], dtype="Int64"),
        cells="{}",
    )


def daily() -> pd.DataFrame:
    """Return five and a half months of daily sales with two past promotions and stock-outs."""
    days = pd.date_range("2025-04-01", "2025-09-15")
    noise = np.random.default_rng(7)
    event, phase, ratio = _past_events(days)
    parts = []
    for place, (sku, scale) in enumerate(zip(SKUS, SCALE, strict=True)):
        week = 1 + 0.15 * np.sin(2 * np.pi * days.day_of_week.to_numpy() / 7)
        units = noise.poisson(scale * 4 * week * ratio)
        out = np.zeros(len(days), dtype=bool)
        if place % 4 == 2:
            out[100 + place : 106 + place] = True
        units = np.where(out, 0, units)
        parts.append(
            pd.DataFrame(
                {
                    "shop": SHOP,
                    "market": MARKET,
                    "sku": sku,
                    "day": days,
                    "units": units,
                    "revenue_minor": units * 19900,
                    "cancelled_units": 0,
                    "is_stock_out": out,
                    "event": event,
                    "phase": phase,
                }
            )
        )
    return tables.checked(tables.DailySales, pd.concat(parts, ignore_index=True))


def hours() -> pd.DataFrame:
    """Return an hour profile that peaks at nine in the evening."""
    hour = np.arange(24)
    units = np.round(
        900 * np.exp(-((hour - 21) ** 2) / 14) + 240 * np.exp(-((hour - 12) ** 2) / 9) + 25
    )
    parts = [
        pd.DataFrame({"sku": sku, "hour": hour, "units": (units * share).astype(int)})
        for sku, share in (("", 1.0), ("MOP-360-BLUE", 0.4), ("MOP-360-GREY", 0.2))
    ]
    frame = pd.concat(parts, ignore_index=True).assign(shop=SHOP, market=MARKET)
    frame["share_rate"] = frame["units"] / frame.groupby("sku")["units"].transform("sum")
    return tables.checked(tables.HourProfile, frame)


def lines() -> pd.DataFrame:
    """Return order lines of several kinds and routes, one a SKU."""
    kinds = ("firm", "cod", "cancelled_before", "cancelled_after", "sample", "gift", "unpaid")
    count = 2 * len(SKUS)
    kind = [kinds[place % len(kinds)] for place in range(count)]
    moment = pd.to_datetime(
        pd.Series([f"2025-09-{1 + place % 14:02d} 21:10" for place in range(count)])
    )
    blank = pd.Series(pd.NaT, index=range(count), dtype="datetime64[us]")
    return _checked(
        tables.OrderLines,
        shop=SHOP, market=MARKET, order_id=[f"57{place:04d}" for place in range(count)],
        sku=[SKUS[place % len(SKUS)] for place in range(count)],
        units=[1 + place % 3 for place in range(count)], returned_units=0, status="completed",
        returned_from="orders", kind=kind, is_demand=[name in ("firm", "cod") for name in kind],
        channel="TikTok Shop", source=["live" if place % 2 else "" for place in range(count)],
        fulfilment=["fbt" if place % 4 else "seller" for place in range(count)],
        ordered_at=moment.astype("datetime64[us]"), paid_at=blank, shipped_at=blank,
        cancelled_at=blank, gross_minor=pd.array([19900] * count, dtype="Int64"),
        amount_minor=pd.array([19900] * count, dtype="Int64"), currency=CURRENCY,
        file="orders_2025-09.xlsx", row=list(range(2, count + 2)),
    )  # fmt: skip


def trail() -> pd.DataFrame:
    """Return the trail of the daily sales: cancelled, filled, lifted, one spike capped."""
    sold = daily()
    units = sold["units"].astype(float)
    cancelled = np.where(np.arange(len(sold)) % 9 == 0, 1.0, 0.0)
    filled = np.where(sold["is_stock_out"], 6.0, 0.0)
    lifted = np.where(sold["phase"] == "sale", -np.floor(0.75 * units), 0.0)
    is_spike = ((sold["sku"] == SKUS[0]) & (sold["day"] == "2025-05-10")).to_numpy()
    frame = sold[["shop", "market", "sku", "day", "event"]].assign(
        imported_units=units + cancelled + 80.0 * is_spike,
        cancelled_units=-cancelled,
        unpaid_units=0.0,
        sample_units=0.0,
        bundle_units=0.0,
        stock_out_units=filled,
        promo_units=lifted,
        spike_units=-80.0 * is_spike,
        final_units=units + filled + lifted,
        demand_units=units + filled,
        stock_out_rate=np.where(sold["is_stock_out"], 0.9, 0.0),
        is_spike=is_spike,
    )
    return tables.checked(tables.DemandTrail, frame)


def trust() -> pd.DataFrame:
    """Return the trust in each SKU, the last without a cost or weight."""
    return _checked(
        tables.SkuTrust,
        shop=SHOP, market=MARKET, sku=list(SKUS), grade=list(GRADES),
        grade_reason="grade_reason.solid|days=150|events=2", history_days=168, in_stock_days=160,
        past_events=2, rejected_rate=0.01,
        missing=[""] * (len(SKUS) - 1) + ["unit_cost;weight_kg"], revenue_share=1 / len(SKUS),
    )  # fmt: skip


def wanted() -> pd.DataFrame:
    """Return two facts to fetch, one of them without known money."""
    return _checked(
        tables.WantedFacts,
        fact=["wanted.unit_cost", "wanted.lead_time"], market=MARKET, n_skus=[1, 14],
        skus=["GIFT-SET-A", "MOP-360-BLUE, MOP-360-GREY, ..."], worth=[12345.6, np.nan],
        currency="CNY", reason=["wanted_reason.revenue|days=90", "wanted_reason.lead_time"],
    )  # fmt: skip


def gaps() -> pd.DataFrame:
    """Return three days that no export covers."""
    frame = pd.DataFrame({"shop": [SHOP], "days": 3, "reason": "between"})
    return frame.assign(first_on=_day("2025-07-03"), last_on=_day("2025-07-05"))


def forecast() -> pd.DataFrame:
    """Return a forecast by phase and for the horizon."""
    rows = []
    for sku, scale, grade in zip(SKUS, SCALE, GRADES, strict=True):
        spread = {"A": 0.22, "B": 0.35, "C": 0.55, "D": 0.9}[grade]
        for phase, (start, end, length, ratio) in {**PHASE_DAYS, "horizon": _horizon()}.items():
            rows.append(
                _forecast_row(sku, phase, start, end, 4 * scale * length * ratio, spread, grade)
            )
    frame = pd.DataFrame(rows).assign(shop=SHOP, market=MARKET)
    for column in ("starts_on", "ends_on"):
        frame[column] = pd.to_datetime(frame[column])
    return tables.checked(tables.Forecast, frame)


def draws() -> pd.DataFrame:
    """Return worlds around the forecast's means; half the spread is one for all SKUs."""
    rng = np.random.default_rng(11)
    rows = forecast().query("phase != 'horizon'")
    common = rng.normal(size=200)
    worlds = np.empty(len(rows), dtype=object)
    for place, row in enumerate(rows.itertuples()):
        spread = (row.q90_units - row.q10_units) / 2.56
        own = rng.normal(size=200)
        worlds[place] = np.maximum(row.mean_units + spread * (0.7 * common + 0.7 * own), 0.0)
    columns = ["shop", "market", "sku", "phase", "starts_on", "ends_on"]
    return tables.checked(tables.DemandDraws, rows[columns].assign(draws=worlds))


def baseline() -> pd.DataFrame:
    """Return a flat baseline with promotion days masked, into the horizon."""
    days = pd.date_range("2025-04-01", "2025-12-14")
    event, _, _ = _past_events(days)
    parts = [
        pd.DataFrame(
            {
                "shop": SHOP,
                "market": MARKET,
                "sku": sku,
                "day": days,
                "baseline_units": 4 * scale,
                "weekday_ratio": 1.0,
                "season_ratio": 1.0,
                "is_masked": event != "",
                "is_future": days >= "2025-09-16",
            }
        )
        for sku, scale in zip(SKUS, SCALE, strict=True)
    ]
    return tables.checked(tables.BaselineDaily, pd.concat(parts, ignore_index=True))


def uplift() -> pd.DataFrame:
    """Return uplift ratios for three phases, two SKUs without a past of their own."""
    rows = []
    for place, sku in enumerate(SKUS):
        own = None if GRADES[place] == "D" else 4.2 + 0.35 * (place % 5)
        for phase, factor in (("warm_up", 0.2), ("sale", 1.0), ("tail", 0.33)):
            taken = (0.6 * own + 0.4 * 4.5 if own else 4.5) * factor
            rows.append(
                {
                    "sku": sku,
                    "phase": phase,
                    "uplift_ratio": taken,
                    "low_ratio": taken * 0.7,
                    "high_ratio": taken * 1.45,
                    "own_ratio": own * factor if own else None,
                    "prior_ratio": 4.5 * factor,
                    "own_weight": 0.6 if own else 0.0,
                    "past_events": 2 if own else 0,
                    "log_sd": 0.3,
                    "common_log_sd": 0.1,
                    "spread_ratio": 1.0,
                    "source": "sku" if own else "shipped",
                }
            )
    frame = pd.DataFrame(rows).assign(shop=SHOP, market=MARKET)
    return tables.checked(tables.Uplift, frame.astype({"own_ratio": float}))


def replay() -> pd.DataFrame:
    """Return the 9.9 forecast from what was known before it."""
    mean = np.array(SCALE) * 4 * 3 * 4.4
    actual = np.round(
        mean * np.array([1.1, 0.9, 1.3, 1.0, 0.8, 1.2, 1.05, 2.1, 0.95, 1.1, 0.7, 1.0, 1.4, 0.5])
    )
    return _checked(
        tables.Backtest,
        shop=SHOP,
        market=MARKET,
        sku=list(SKUS),
        event="9.9",
        kind="double_date",
        starts_on=_day(*["2025-09-09"] * len(SKUS)),
        cut_off_on=_day(*["2025-08-01"] * len(SKUS)),
        lead_days=39,
        past_events=2,
        actual_units=actual,
        mean_units=mean,
        q025_units=mean * 0.55,
        q10_units=mean * 0.7,
        q50_units=mean * 0.97,
        q80_units=mean * 1.22,
        q90_units=mean * 1.4,
        q95_units=mean * 1.6,
        q975_units=mean * 1.8,
        rule_units=mean * 1.55,
        naive_units=mean * 0.3,
        is_covered=(actual > mean * 0.7) & (actual < mean * 1.4),
    )


def position() -> pd.DataFrame:
    """Return stock at hand, one SKU with goods that come too late."""
    scale = np.array(SCALE)
    return _checked(
        tables.StockPosition,
        market=MARKET,
        sku=list(SKUS),
        on_hand_units=(scale * 190).astype(int),
        inbound_units=(scale * 40).astype(int),
        late_units=[300, *[0] * 13],
        later_units=[100, *[0] * 13],
        later_on=pd.to_datetime(["2026-11-20", *[None] * 13]).astype("datetime64[us]"),
        later_left_units=[60.0, *[0.0] * 13],
        demand_before_units=scale * 184,
        early_units=0.0,
        returning_units=scale * 4,
        again_units=scale * 2,
        available_units=scale * 50,
        is_known=[True] * 13 + [False],
    )


def plan() -> pd.DataFrame:
    """Return a stock plan; two SKUs of grade D and one more are blocked."""
    demand = np.array(SCALE) * 265
    target = demand * 1.18
    wanted = (np.ceil((target - np.array(SCALE) * 50) / 24) * 24).astype(int)
    is_blocked = np.array([False] * 9 + [True, False, False, True, True])
    order = np.where(is_blocked, 0, wanted)
    return _checked(
        tables.StockPlan,
        market=MARKET,
        sku=list(SKUS),
        rule="profit",
        demand_units=demand,
        safety_units=demand * 0.18,
        buffer_units=0.0,
        target_units=target,
        available_units=np.array(SCALE) * 50,
        needed_units=target - np.array(SCALE) * 50,
        order_units=order,
        low_units=(wanted * 0.6).astype(int),
        high_units=(wanted * 1.5).astype(int),
        service_level=[
            0.93,
            0.92,
            0.9,
            0.94,
            0.9,
            0.89,
            0.95,
            0.85,
            0.84,
            0.9,
            0.83,
            0.95,
            0.7,
            0.7,
        ],
        lost_units=demand * 0.015,
        leftover_units=demand * 0.12,
        expected_profit=[*np.round(demand[:-2] * 18.4, 2), np.nan, np.nan],
        grade=list(GRADES),
        is_blocked=is_blocked,
        is_stock_known=True,
        reason="phase.sale",
        currency="CNY",
    )


def comparison() -> pd.DataFrame:
    """Return three rules; the extremes formula on raw history far out."""
    demand = np.array(SCALE) * 265
    parts = []
    for rule, factor, level, profit, raw in (
        ("profit", 1.18, 0.91, 18.4, None),
        ("service_level", 1.27, 0.95, 18.0, None),
        ("extremes", 1.6, 0.99, 15.1, 4.1),
    ):
        parts.append(
            pd.DataFrame(
                {
                    "market": MARKET,
                    "sku": list(SKUS),
                    "rule": rule,
                    "target_units": demand * factor,
                    "order_units": (demand * (factor - 0.18)).astype(int),
                    "held_back_units": 0,
                    "service_level": level,
                    "lost_units": demand * (1 - level) / 4,
                    "leftover_units": demand * (factor - 1),
                    "expected_profit": demand * profit,
                    "low_profit": demand * (profit - 9),
                    "high_profit": demand * (profit + 5),
                    "raw_history_units": demand * raw if raw else np.nan,
                    "currency": "CNY",
                }
            )
        )
    return tables.checked(tables.RuleComparison, pd.concat(parts, ignore_index=True))


def options() -> pd.DataFrame:
    """Return five modes, sea already too late."""
    rows = [
        ("sea", "2025-09-09", "2025-09-09", "2025-10-28", 41.0, -7, 0.55, False),
        ("sea_fast", "2025-09-20", "2025-09-20", "2025-10-28", 30.0, 4, 0.82, True),
        ("truck", "2025-09-29", "2025-09-29", "2025-10-28", 21.0, 13, 0.88, True),
        ("air", "2025-10-12", "2025-10-12", "2025-10-28", 10.0, 26, 0.95, True),
        ("express", "2025-10-18", "2025-10-18", "2025-10-28", 6.0, 32, 0.97, True),
    ]
    mode, ready, ship, arrive, lead, slack, chance, ok = zip(*rows, strict=True)
    return _checked(
        tables.LaneOptions,
        market=MARKET,
        mode=list(mode),
        produce_by=_day(*ready) - pd.Timedelta(days=7),
        ship_by=_day(*ship),
        arrive_by=_day(*arrive),
        shelf_by=_day(*["2025-11-01"] * 5),
        lead_days=list(lead),
        min_lead_days=list(lead),
        max_lead_days=[days * 1.4 for days in lead],
        added_days=0.0,
        slack_days=list(slack),
        on_time_rate=list(chance),
        late_days=2.0,
        is_feasible=list(ok),
        reason=["phase.sale" if good else "phase.before" for good in ok],
        freight_rate=[3.0, 4.5, 6.0, 28.0, np.nan],
        rate_unit="kg",
        cbm_divisor_kg=167.0,
        min_charge=50.0,
        currency="CNY",
        source="register",
    )


def ship() -> pd.DataFrame:
    """Return shipping lines, one SKU without a known carton."""
    bought = plan().query("order_units > 0").reset_index(drop=True)
    count = len(bought)
    return _checked(
        tables.ShipLines,
        market=MARKET,
        sku=bought["sku"],
        mode=["sea_fast"] * 9 + ["truck"] * (count - 9),
        units=bought["order_units"],
        cartons=pd.array([*(bought["order_units"] // 24)[:-1], None], dtype="Int64"),
        weight_kg=[*(bought["order_units"] * 0.6)[:-1], np.nan],
        volume_cbm=[*(bought["order_units"] * 0.004)[:-1], np.nan],
        chargeable=[*(bought["order_units"] * 0.67)[:-1], np.nan],
        rate_unit="kg",
        freight_cost=[*(bought["order_units"] * 3.1)[:-1], np.nan],
        produce_by=_day(*["2025-09-20"] * count),
        ship_by=_day(*["2025-09-20"] * 9, *["2025-09-29"] * (count - 9)),
        arrive_by=_day(*["2025-10-28"] * count),
        shelf_by=_day(*["2025-11-01"] * count),
        block_reason="",
        currency="CNY",
    )


def costs() -> pd.DataFrame:
    """Return costs by term; clearance unknown, storage partly."""
    terms = {
        "head_haul": 3.1,
        "clearance": None,
        "inbound": 0.6,
        "storage": 0.8,
        "outbound": 2.6,
        "returns": 0.9,
        "commission": 4.4,
        "duty": 1.2,
        "goods": 21.0,
    }
    bought = plan()
    parts = []
    for term, rate in terms.items():
        amount = bought["order_units"] * rate if rate else pd.Series(np.nan, index=bought.index)
        if term == "storage":
            amount = amount.where(bought["grade"] != "D")
        parts.append(
            pd.DataFrame(
                {
                    "market": MARKET,
                    "sku": bought["sku"],
                    "term": term,
                    "amount_cost": amount,
                    "is_known": amount.notna(),
                    "source": "register",
                    "currency": "CNY",
                }
            )
        )
    return tables.checked(tables.CostLines, pd.concat(parts, ignore_index=True))


def alerts() -> pd.DataFrame:
    """Return alerts of each severity, not in order."""
    return _checked(
        tables.Alerts,
        code=["sample_note", "sample_stop", "sample_warn", "sample_stop"],
        severity=["note", "stop", "warn", "stop"],
        market=[MARKET, MARKET, MARKET, ""],
        sku=["", "VACUUM-MINI", "MOP-360-BLUE", ""],
        act_by=_day(None, "2025-09-20", "2025-09-22", None),
        risk_cost=[np.nan, 84200.0, 12600.5, np.nan],
        currency="CNY",
        facts=["days=41", "certificate=TISI|days=12", "days=7", "days=3"],
    )


def track() -> pd.DataFrame:
    """Return nine campaign days."""
    days = pd.date_range("2025-11-01", "2025-11-09")
    noise = np.random.default_rng(11)
    parts = []
    for sku, scale in zip(SKUS, SCALE, strict=True):
        planned = 4 * scale * np.where(days >= "2025-11-08", 5.2, 0.9)
        parts.append(
            pd.DataFrame(
                {
                    "market": MARKET,
                    "sku": sku,
                    "day": days,
                    "phase": np.where(days >= "2025-11-08", "sale", "warm_up"),
                    "units": noise.poisson(planned * 1.12),
                    "planned_units": planned,
                    "is_stock_out": False,
                }
            )
        )
    return tables.checked(tables.TrackDaily, pd.concat(parts, ignore_index=True))


def status() -> pd.DataFrame:
    """Return the state of each SKU on the tracking day, one with unknown stock."""
    sold = track().groupby("sku", sort=False)[["units", "planned_units"]].sum()
    rest, cover = np.array(SCALE) * 70, np.array(COVER_DAYS)
    empty_on = [f"2025-11-{10 + round(days):02d}" if days < 12 else None for days in COVER_DAYS]
    return _checked(
        tables.TrackStatus,
        market=MARKET,
        sku=list(SKUS),
        as_of=_day(*["2025-11-10"] * 14),
        units_to_date=sold["units"].to_numpy(),
        planned_to_date=sold["planned_units"].to_numpy(),
        pace_ratio=(sold["units"] / sold["planned_units"]).to_numpy(),
        stock_units=cover * np.array(SCALE) * 6,
        horizon_q10_units=rest * 0.7,
        horizon_q50_units=rest,
        horizon_q90_units=rest * 1.4,
        cover_days=cover,
        runs_out_on=_day(*empty_on),
        action=list(TODAY),
        action_units=[320 if action in ("replenish", "clear") else 0 for action in TODAY],
        act_by=_day(*[None if action == "none" else "2025-11-11" for action in TODAY]),
        reason=["phase.sale"] * 14,
    )


def outcome() -> pd.DataFrame:
    """Return how the campaign ended, one SKU without a forecast."""
    demand = np.array(SCALE) * 265
    actual = np.round(
        demand * np.array([1.1, 0.9, 1.25, 1.0, 0.85, 1.1, 1.0, 1.9, 0.9, 0.4, 0.8, 1.0, 1.3, 0.6])
    )
    lost = np.where(np.arange(14) % 5 == 2, demand * 0.12, 0)
    left = np.where(lost > 0, 0, demand * 0.25)
    forecast_units = np.array([*demand[:-1], np.nan])
    cover = pd.array([*(np.abs(actual / demand - 1) < 0.3)[:-1], None], dtype="boolean")
    return _checked(
        tables.Outcome,
        market=MARKET,
        sku=list(SKUS),
        forecast_units=forecast_units,
        low_units=forecast_units * 0.72,
        high_units=forecast_units * 1.35,
        actual_units=actual.astype(int),
        campaign_units=(actual * 0.6).astype(int),
        lost_units=lost,
        is_covered=cover,
        stock_out_days=np.where(lost > 0, 3, 0),
        opening_units=demand * 1.2,
        leftover_units=left,
        elsewhere_units=np.zeros(14),
        mean_stock_units=demand * 0.6,
        turnover_ratio=[*np.full(13, 1.8), np.nan],
        is_dead_stock=pd.array([False] * 9 + [True] + [False] * 3 + [None], dtype="boolean"),
        returned_units=(actual * 0.03).astype(int),
        sold_revenue=actual * 39.8,
        cost_currency="CNY",
        revenue_minor=pd.array((actual * 19900).astype(int), dtype="Int64"),
        currency=CURRENCY,
        missing=[*[""] * 13, "forecast_units;is_dead_stock"],
    )


def measures() -> pd.DataFrame:
    """Return six measures, one unknown."""
    return _checked(
        tables.OutcomeMeasures,
        market=MARKET,
        measure=[
            "sample_wape",
            "sample_bias",
            "sample_coverage",
            "sample_turnover",
            "lost_units",
            "sample_cost",
        ],
        value=[0.213, -0.042, 0.79, 1.83, 412.0, np.nan],
        unit=["rate", "rate", "rate", "ratio", "units", "CNY"],
    )


def plan_tables() -> dict[str, pd.DataFrame]:
    """Return what the workbook is made from."""
    return {
        "StockPlan": plan(),
        "ShipLines": ship(),
        "RuleComparison": comparison(),
        "Forecast": forecast(),
        "CostLines": costs(),
        "Alerts": alerts(),
    }


def _checked(table: type[tables.Table], **columns: object) -> pd.DataFrame:
    return tables.checked(table, pd.DataFrame(columns))


def _day(*texts: str | None) -> pd.Series:
    return pd.Series(pd.to_datetime(list(texts)))


def _horizon() -> tuple[str, str, int, float]:
    ordered = [PHASE_DAYS[name] for name in ("warm_up", "sale", "tail", "after")]
    length = sum(days for _, _, days, _ in ordered)
    return (
        ordered[0][0],
        ordered[-1][1],
        length,
        sum(days * ratio for _, _, days, ratio in ordered) / length,
    )


def _forecast_row(
    sku: str, phase: str, start: str, end: str, mean: float, spread: float, grade: str
) -> dict[str, object]:
    sides = {
        "q05": -1.2,
        "q10": -1.0,
        "q20": -0.66,
        "q50": -0.05,
        "q80": 0.66,
        "q90": 1.1,
        "q95": 1.4,
        "q975": 1.7,
    }
    return {
        "sku": sku,
        "phase": phase,
        "starts_on": start,
        "ends_on": end,
        "mean_units": mean,
        "model_mean_units": mean,
        "grade": grade,
        "grade_reason": "phase.sale",
        **{f"{name}_units": max(mean * (1 + side * spread), 0.0) for name, side in sides.items()},
    }


def _past_events(days: pd.DatetimeIndex) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    event, phase = np.full(len(days), "", dtype=object), np.full(len(days), "", dtype=object)
    ratio = np.ones(len(days))
    for name, start in PAST.items():
        for part, first, last in EVENT_SPANS:
            begin = pd.Timestamp(start) + pd.Timedelta(days=first)
            inside = (days >= begin) & (days < pd.Timestamp(start) + pd.Timedelta(days=last))
            event[inside], phase[inside] = name, part
            ratio[inside] = {"warm_up": 0.9, "sale": 4.4, "tail": 1.5}[part]
    return event, phase, ratio


def teach(monkeypatch: object, terms: dict[str, tuple[str, str]]) -> None:
    """Add terms to the glossary for one test: by name, Chinese and English."""
    for term, (zh, en) in {**SAMPLE_TERMS, **terms}.items():
        monkeypatch.setitem(glossary(), term, Term(term, zh, en, "", "", "", ""))

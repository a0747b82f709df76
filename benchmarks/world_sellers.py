"""The three demo sellers: who they are, when they sold, and what befell them.

Names, prices and volumes are invented. Events bear the names of the register
(`data/rules/calendar.csv`); their phases are plausible for a small cross-border
seller, not official.
"""

from datetime import date
from pathlib import Path

from benchmarks.world_specs import Delivery, Exports, Habits, Promo, Spec, Spell
from planner.campaign import Phases
from planner.frozen import Span

DEMO_FOLDER = Path(__file__).resolve().parent / "demo"
PLAN_ON = date(2025, 9, 16)


def _phases(warm_up: str, sale: str, tail: str) -> Phases:
    return Phases(warm_up=_span(warm_up), sale=_span(sale), tail=_span(tail))


def _span(text: str) -> Span | None:
    start, _, end = text.partition("..")
    return Span(start=start, end=end) if text else None


TH_HOME = Spec(
    folder=DEMO_FOLDER / "demo-th-home",
    starts_on=date(2025, 3, 17),
    plan_on=PLAN_ON,
    track_on=date(2025, 11, 12),
    review_on=date(2025, 12, 5),
    next_replenishment_on=date(2025, 12, 1),
    promos=(
        Promo("2025-4.4", "double_date", 0.85, _phases("", "2025-04-04..2025-04-06", "")),
        Promo(
            "2025-5.5",
            "double_date",
            0.9,
            _phases("", "2025-05-05..2025-05-07", "2025-05-08..2025-05-09"),
        ),
        Promo(
            "2025-6.6",
            "double_date",
            1.0,
            _phases("2025-05-30..2025-06-05", "2025-06-06..2025-06-08", "2025-06-09..2025-06-11"),
        ),
        Promo(
            "2025-7.7",
            "double_date",
            0.95,
            _phases("", "2025-07-07..2025-07-09", "2025-07-10..2025-07-11"),
        ),
        Promo(
            "2025-8.8",
            "double_date",
            1.0,
            _phases("2025-08-01..2025-08-07", "2025-08-08..2025-08-10", "2025-08-11..2025-08-13"),
        ),
        Promo(
            "2025-9.9",
            "double_date",
            1.05,
            _phases("2025-08-30..2025-09-08", "2025-09-09..2025-09-11", "2025-09-12..2025-09-14"),
        ),
        Promo(
            "2025-11.11",
            "double_date",
            1.05,
            _phases("2025-10-28..2025-11-10", "2025-11-11..2025-11-13", "2025-11-14..2025-11-20"),
        ),
    ),
    habits=Habits(
        daily_units=47,
        shop_shares=(1.0,),
        sale_ratios={"home": 2.1, "kitchen": 2.3, "textile": 2.9, "small_appliance": 2.8},
        weekday=(0.95, 0.92, 0.93, 0.96, 1.04, 1.1, 1.1),
        return_rate=0.06,
        refused_rate=0.03,
        cash_rate=0.35,
        cover_days=40,
        lead_days=14,
    ),
    exports={
        "nuanju-th": Exports(
            layouts=((date(2025, 3, 1), "tiktok-th"), (date(2025, 10, 1), "tiktok-th-wide")),
            name="All order-{seen:%Y-%m-%d-%H_%M}",
            overlap_days=8,
            described=(0, 3, 4),
        )
    },
    holds=(Spell("TH-HM-019", _span("2025-06-17..2025-06-24")),),
    late=(Delivery("TH-HM-002", 240, date(2025, 9, 12), date(2025, 11, 25)),),
    seed=8,
)

US_BEAUTY = Spec(
    folder=DEMO_FOLDER / "demo-us-beauty",
    starts_on=date(2023, 9, 11),
    plan_on=PLAN_ON,
    track_on=date(2025, 11, 28),
    review_on=date(2025, 12, 24),
    next_replenishment_on=date(2025, 12, 22),
    promos=(
        Promo(
            "2023-black-friday",
            "black_friday",
            0.85,
            _phases("", "2023-11-24..2023-11-27", "2023-11-28..2023-12-01"),
        ),
        Promo(
            "2024-black-friday",
            "black_friday",
            1.0,
            _phases("2024-11-13..2024-11-27", "2024-11-28..2024-12-02", "2024-12-03..2024-12-09"),
        ),
        Promo(
            "2025-deals-for-you",
            "platform",
            0.65,
            _phases("", "2025-07-07..2025-07-19", "2025-07-20..2025-07-23"),
        ),
        Promo(
            "2025-black-friday",
            "black_friday",
            1.05,
            _phases("2025-11-12..2025-11-25", "2025-11-26..2025-12-01", "2025-12-02..2025-12-08"),
        ),
    ),
    habits=Habits(
        daily_units=21,
        shop_shares=(1.0,),
        sale_ratios={"beauty": 2.5, "hair": 1.9, "beauty_device": 3.4},
        weekday=(0.98, 0.95, 0.94, 0.96, 0.98, 1.06, 1.13),
        season_ratio=1.22,
        drift_log_sd=0.02,
        return_rate=0.05,
        cover_days=68,
        lead_days=38,
    ),
    exports={
        "chenlu-us": Exports(
            layouts=((date(2023, 9, 1), "tiktok-us"),),
            name="All order-{seen:%Y-%m-%d-%H_%M}",
            months=2,
            settle_days=20,
            last_days=14,
        )
    },
    has_return_exports=True,
    viral=(Spell("US-BT-012", _span("2025-08-20..2025-08-21"), 8.0),),
    holds=(
        Spell("US-BT-001", _span("2024-11-30..2024-12-09")),
        Spell("US-BT-005", _span("2025-07-13..2025-07-20")),
    ),
    late=(Delivery("US-BT-007", 400, date(2025, 9, 10), date(2025, 12, 11)),),
    seed=19,
)

ID_GADGET = Spec(
    folder=DEMO_FOLDER / "demo-id-gadget",
    starts_on=date(2025, 7, 8),
    plan_on=PLAN_ON,
    track_on=date(2025, 11, 12),
    review_on=date(2025, 12, 8),
    next_replenishment_on=date(2025, 12, 5),
    promos=(
        Promo(
            "2025-8.8",
            "double_date",
            0.95,
            _phases("2025-08-04..2025-08-07", "2025-08-08..2025-08-09", "2025-08-10..2025-08-12"),
        ),
        Promo(
            "2025-9.9",
            "double_date",
            1.0,
            _phases("2025-09-04..2025-09-08", "2025-09-09..2025-09-10", "2025-09-11..2025-09-14"),
        ),
        Promo(
            "2025-11.11",
            "double_date",
            1.05,
            _phases("2025-11-01..2025-11-10", "2025-11-11..2025-11-12", "2025-11-13..2025-11-19"),
        ),
    ),
    habits=Habits(
        daily_units=48,
        shop_shares=(0.56, 0.44),
        sale_ratios={"small_appliance": 2.9},
        weekday=(0.97, 0.95, 0.95, 0.97, 1.02, 1.07, 1.07),
        return_rate=0.14,
        refused_rate=0.05,
        cash_rate=0.3,
        cover_days=52,
        lead_days=28,
    ),
    exports={
        "qiaojiang-tiktok": Exports(
            layouts=((date(2025, 7, 1), "tiktok-id"),),
            name="Semua pesanan-{seen:%Y-%m-%d-%H_%M}",
            overlap_days=8,
            last_days=7,
        ),
        "qiaojiang-shopee": Exports(
            layouts=((date(2025, 7, 1), "shopee-id"),),
            name="Order.all.{start:%Y%m%d}_{end:%Y%m%d}",
            settle_days=12,
        ),
    },
    late=(Delivery("ID-GD-002", 480, date(2025, 9, 8), date(2025, 11, 28)),),
    seed=1,
)

# Seeds were picked by the truth alone, never by a forecast: the planned event is about as strong as
# its forerunners, and two or three SKUs run out in it.
SPECS: dict[str, Spec] = {spec.folder.name: spec for spec in (TH_HOME, US_BEAUTY, ID_GADGET)}
"""The demo sellers by name."""

"""Stock before live sessions: known demand, known hours."""

import numpy as np
import pandas as pd
import pytest
from season_case import a_scope
from track_case import coming, economics, fixed_rest, shelf

from planner import tables
from planner.season.stock.live_stock import level_of, session_stock

SCOPE = a_scope(seen_from="2025-11-12")


def plan(*starts: str, hours: float = 4.0) -> pd.DataFrame:
    frame = pd.DataFrame({"starts_at": pd.to_datetime(list(starts)).astype("datetime64[us]")})
    frame = frame.assign(
        shop="th-one", sku="a", hours=hours, creator="mei", expected_viewers=pd.NA,
        ad_budget=np.nan, discount_rate=np.nan,
    )  # fmt: skip
    frame["expected_viewers"] = frame["expected_viewers"].astype("Int64")
    return tables.checked(tables.LivePlan, frame)


def evening() -> pd.DataFrame:
    """Half of the day sells from 20 to 24 o'clock, the rest evenly before."""
    share = [0.5 / 20] * 20 + [0.125] * 4
    frame = pd.DataFrame({"hour": range(24), "share_rate": share, "units": 100})
    return frame.assign(shop="th-one", market="TH", sku="")


def needs(stock, sessions, arriving=None, at="2025-11-12", **more):
    arriving = coming() if arriving is None else arriving
    rest = fixed_rest([48.0] * 9, at=at)
    given = {"scope": SCOPE, "hours": evening(), "level": 0.9} | more
    return session_stock(sessions, [rest], stock, arriving, **given)


def test_a_session_needs_what_sells_before_it_and_in_it():
    told = needs(shelf(60), plan("2025-11-12 20:00", "2025-11-13 20:00"))
    assert told["session_units"].tolist() == pytest.approx([24, 24])
    assert told["session_need_units"].tolist() == [48, 96]
    # The 60 are sold out at six in the evening of the 13th: all 24 of its session are short, not
    # the 12 that were asked for before it.
    assert told["short_units"].tolist() == [0, 24]
    assert told["reason"].tolist() == ["reason.session_enough", "reason.session_short"]


def test_the_stock_asked_for_is_enough_in_nine_worlds_of_ten():
    # Ten worlds ask for 48, 96, ... 480 until the session's end; nine of them for at most 436.8:
    # a tenth of the way from the ninth to the tenth. Half of it is the session's; from the third
    # world on none of the 60 is left for it, so 216 and a tenth of the way to 240 are short.
    rest = fixed_rest([48.0] * 9, scale=tuple(range(1, 11)))
    told = session_stock(plan("2025-11-12 20:00"), [rest], shelf(60), coming(), scope=SCOPE,
                         hours=evening(), level=0.9).iloc[0]  # fmt: skip
    assert (told["session_need_units"], told["short_units"]) == (437, 219)


def test_an_empty_shelf_is_short_of_what_the_session_sells_and_not_of_what_it_lost_before():
    told = needs(shelf(0), plan("2025-11-14 20:00")).iloc[0]
    assert (told["session_need_units"], told["short_units"]) == (144, 24)


def test_what_a_session_misses_bears_the_money_of_its_units():
    # A unit sold brings 80: 40 more than buying it, 70 more than keeping one that is on its way.
    late = plan("2025-11-13 20:00")
    bought = needs(shelf(60), late, economics=economics()).iloc[0]
    assert bought["short_profit"] == pytest.approx(24 * (80 - 40))
    paid = needs(shelf(60), late, coming("2025-11-15", 500), economics=economics()).iloc[0]
    assert paid["short_profit"] == pytest.approx(24 * (80 - 10))
    assert np.isnan(needs(shelf(60), late).iloc[0]["short_profit"])


def test_goods_due_by_the_day_of_a_session_count_for_it():
    told = needs(shelf(60), plan("2025-11-13 20:00"), coming("2025-11-13", 40))
    assert told["short_units"].tolist() == [0]


def test_sessions_that_are_over_or_of_shops_elsewhere_are_left_out():
    late = plan("2025-11-11 20:00", "2025-11-12 20:00")
    assert len(needs(shelf(60), late)) == 1
    assert len(needs(shelf(60), late.assign(shop="elsewhere"))) == 0


def test_a_session_on_a_shelf_nobody_counted_is_not_told_short():
    told = needs(shelf(np.nan), plan("2025-11-12 20:00")).iloc[0]
    assert np.isnan(told["short_units"])
    assert told["reason"] == "reason.track_no_count"


def test_the_register_says_in_how_many_worlds_a_sessions_stock_is_enough():
    rules = pd.DataFrame({"rule": ["session_stock_level"], "low": [0.8], "high": [float("nan")]})
    assert level_of(rules) == 0.8
    silent = level_of(rules.iloc[:0])
    assert needs(shelf(60), plan("2025-11-12 20:00"), level=silent).empty

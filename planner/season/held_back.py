"""What tracking holds back where no order of the campaign is known: all that rests on sales.

A shelf is a count less what was sold since. Without orders nobody knows what was sold, and an
action weighed against such a shelf would be a guess that looks like a figure.
"""

import pandas as pd

from planner.scope import Scope
from planner.season.campaign_track import Tracked

RESTS_ON_SALES = (
    "status", "rest", "curve", "ranges", "cover", "choices", "first", "sessions", "daily",
)  # fmt: skip
"""Tables that say what was sold or meet a shelf as it is now; counts and goods on their way stay,
and so do the totals, by which a campaign that runs is known."""


def orders_before(ages: pd.DataFrame, scope: Scope) -> pd.Timestamp | None:
    """Return until when orders are known, if none is of the campaign.

    Parameters
    ----------
    ages : DataFrame
        Table `DataAges`.
    scope : Scope
        Its campaign begins on a day of each market.

    Returns
    -------
    Timestamp or None
        The newest order of all shops, NaT where no shop has any; None where a shop has an order
        of the campaign, and while no market's campaign has begun.
    """
    first = ages["market"].map({name: plan.phases.start for name, plan in scope.plans.items()})
    begins, until = pd.to_datetime(first), ages["orders_until_at"]
    is_before = (ages["looking_at"] > begins) & (until.isna() | (until < begins))
    return until.max() if len(ages) and is_before.all() else None


def only_known(now: Tracked, orders_until: pd.Timestamp | None) -> Tracked:
    """Return what tracking left without what rests on sales that nobody knows.

    Parameters
    ----------
    now : Tracked
    orders_until : Timestamp or None
        As `orders_before` returns it; None holds nothing back.
    """
    if orders_until is None:
        return now
    return now._replace(**{name: getattr(now, name).head(0) for name in RESTS_ON_SALES})

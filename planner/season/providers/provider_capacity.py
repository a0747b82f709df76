"""Capacity over many sellers: what they together ask of each lane and warehouse, week by week.

Knows units, weight and space of plans, and the space that sellers say is booked or free. Knows
nothing of money.
"""

from collections.abc import Iterable, Mapping

import pandas as pd

from planner import tables
from planner.seller import Seller

PLACE = ["place_kind", "market", "place"]
LINE = ["seller", "market", "sku", "mode"]


def capacity_asked(
    lines: pd.DataFrame, ways: pd.DataFrame, sellers: Iterable[Seller]
) -> pd.DataFrame:
    """Return the units, weight and space that all sellers ask of a lane or warehouse in a week.

    Parameters
    ----------
    lines, ways : DataFrame
        Tables `ShipLines` and `ModePlan` with `seller`.
    sellers : iterable of Seller

    Returns
    -------
    DataFrame
        Table `CapacityAsked`. A lane is asked in the week goods must leave, a warehouse in the
        week they are due on its shelf. `is_too_much` compares the whole campaign with the caps.

    Notes
    -----
    A lane's space is what each seller booked for itself: it adds up, and is known only if all
    who send told theirs. A warehouse's space is one and the same for all who name the warehouse:
    the largest figure told counts, and two sellers may both have planned with it; units that the
    platform lets in are each seller's own and add up. Warehouses of one market and name are taken
    for one and the same.
    """
    known = {one.seller: one for one in sellers}
    asked = pd.concat([_lanes(lines), _warehouses(lines, ways)], ignore_index=True)
    asked = asked[asked["units"] > 0]
    if asked.empty:
        return tables.empty(tables.CapacityAsked)
    asked["week_on"] = asked["day"] - pd.to_timedelta(asked["day"].dt.day_of_week, unit="D")
    is_unmeasured = asked["volume_cbm"].isna() | asked["weight_kg"].isna()
    asked = asked.assign(unmeasured_units=asked["units"].where(is_unmeasured, 0))
    weeks = asked.groupby([*PLACE, "week_on"], as_index=False).agg(
        n_sellers=("seller", "nunique"), units=("units", "sum"),
        weight_kg=("weight_kg", lambda part: part.sum(min_count=1)),
        volume_cbm=("volume_cbm", lambda part: part.sum(min_count=1)),
        unmeasured_units=("unmeasured_units", "sum"),
    )  # fmt: skip
    caps = pd.DataFrame([_cap(key, part, known) for key, part in asked.groupby(PLACE)])
    frame = weeks.merge(caps, on=PLACE).sort_values([*PLACE, "week_on"])
    frame = frame.astype(
        {"units": "int64", "unmeasured_units": "int64", "weight_kg": float, "volume_cbm": float,
         "cap_cbm": float, "cap_units": float, "is_too_much": "boolean",
         "week_on": "datetime64[us]"}
    )  # fmt: skip
    return tables.checked(tables.CapacityAsked, frame[tables.columns(tables.CapacityAsked)])


def _lanes(lines: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "seller": lines["seller"], "place_kind": "lane", "market": lines["market"],
            "place": lines["mode"], "day": lines["ship_by"], "units": lines["units"],
            "weight_kg": lines["weight_kg"], "volume_cbm": lines["volume_cbm"],
        }
    )  # fmt: skip


def _warehouses(lines: pd.DataFrame, ways: pd.DataFrame) -> pd.DataFrame:
    """Return what each warehouse gets; its weight is that of the line, by units."""
    each = lines.assign(unit_kg=lines["weight_kg"] / lines["units"].where(lines["units"] > 0))
    found = ways.merge(each[[*LINE, "unit_kg"]].drop_duplicates(LINE), on=LINE, how="left")
    return pd.DataFrame(
        {
            "seller": found["seller"], "place_kind": "warehouse", "market": found["market"],
            "place": found["warehouse"], "day": found["shelf_by"], "units": found["units"],
            "weight_kg": found["unit_kg"] * found["units"], "volume_cbm": found["volume_cbm"],
        }
    )  # fmt: skip


def _cap(
    key: tuple[str, str, str], asked: pd.DataFrame, sellers: Mapping[str, Seller]
) -> dict[str, object]:
    """Return the space told for a place, and whether the whole campaign asks for more."""
    kind, market, place = key
    known = [sellers[name] for name in sorted(set(asked["seller"])) if name in sellers]
    n_sellers = asked["seller"].nunique()
    spaces = [space for one in known if (space := _told(one, kind, market, place)) is not None]
    quotas = [one.limits.quota_units[place] for one in known if place in one.limits.quota_units]
    whole = max(spaces, default=0.0) if kind == "warehouse" else sum(spaces)
    enough = 1 if kind == "warehouse" else n_sellers
    caps = {
        "cap_cbm": float(whole) if len(spaces) >= enough else float("nan"),
        "cap_units": float(sum(quotas)) if len(quotas) >= n_sellers else float("nan"),
    }
    verdicts = [
        _is_over(asked["volume_cbm"], caps["cap_cbm"]),
        _is_over(asked["units"].astype(float), caps["cap_units"]),
    ]
    is_too_much = True if True in verdicts else False if False in verdicts else pd.NA
    told = f"reason.cap_{kind}|n={len(spaces)}|all={n_sellers}"
    values = {**caps, "is_too_much": is_too_much, "reason": told if spaces else "reason.cap_untold"}
    return dict(zip(PLACE, key, strict=True)) | values


def _is_over(asked: pd.Series, cap: float) -> bool | None:
    """Return whether more is asked than there is; nothing where that cannot be said."""
    if pd.isna(cap):
        return None
    if asked.sum() > cap:
        return True
    return None if asked.isna().any() else False


def _told(seller: Seller, kind: str, market: str, place: str) -> float | None:
    limits = seller.limits
    if kind == "warehouse":
        return limits.warehouse_cbm.get(place)
    return limits.mode_cbm.get(f"{market}.{place}", limits.mode_cbm.get(place))

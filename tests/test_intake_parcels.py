"""What an export says of an order's way and end: delivered, cancelled by whom, tracked."""

import pandas as pd
import pytest
from intake_case import COLUMNS, a_folder, a_seller, an_order, csv_bytes

from planner.intake.known import as_known
from planner.intake.orders import read_orders
from planner.intake.parcels import known_parcels

MORE = ("Delivered Time", "RTS Time", "Cancel By", "Cancel Reason", "Tracking ID")
SENT = {"Shipped Time": "06/01/2026 09:00:00", "Delivered Time": "08/01/2026 18:30:00"}
OFF = {"Order Status": "Cancelled", "Cancelled Time": "06/01/2026 09:00:00"}


def read(place, lines, columns=(*COLUMNS, *MORE)):
    data = csv_bytes(lines, columns=columns)
    return read_orders(a_folder(place, orders__csv=data), a_seller())


def one(place, **cells):
    return read(place, [an_order(1), an_order(2, **cells)]).parcels.iloc[1]


def test_an_order_of_two_lines_is_one_parcel_with_its_latest_moment(tmp_path):
    lines = [
        an_order(1, **SENT),
        an_order(1, **{**SENT, "Seller SKU": "MUG-02", "Delivered Time": "09/01/2026 10:00:00"}),
    ]
    parcels = read(tmp_path, lines).parcels
    assert len(parcels) == 1
    assert parcels.loc[0, "delivered_at"] == pd.Timestamp("2026-01-09 10:00")


@pytest.mark.parametrize(
    ("by", "why", "borne"),
    [
        ("User", "Out of stock", "buyer"),
        ("Seller", "Out of stock", "seller"),
        ("Seller", "Customer overdue to pay", "buyer"),
        ("System", "Package delivery failed", "carrier"),
        ("System", "Seller failed to ship in time", "seller"),
        ("System", "", "platform"),
        ("System", "Something new", "platform"),
        ("", "", ""),
    ],
)
def test_who_bears_a_cancellation_goes_by_who_and_why(tmp_path, by, why, borne):
    assert one(tmp_path, **OFF, **{"Cancel By": by, "Cancel Reason": why})["cancelled_by"] == borne


def test_an_order_that_stands_has_no_canceller(tmp_path):
    assert one(tmp_path, **{"Cancel By": "Seller"})["cancelled_by"] == ""


@pytest.mark.parametrize(
    ("number", "state"),
    [
        ("TH012345678901", "given"),
        ("RB473124829GB", "given"),
        ("RB473124820GB", "wrong"),
        ("5.76E+17", "wrong"),
        ("", "none"),
    ],
)
def test_a_tracking_number_is_judged_and_not_kept(tmp_path, number, state):
    intake = read(tmp_path, [an_order(1), an_order(2, **{"Tracking ID": number})])
    assert intake.parcels.loc[1, "tracking"] == state
    told = pd.concat([intake.lines.astype(str), intake.parcels.astype(str)]).to_csv()
    assert not number or number not in told


def test_an_export_without_the_columns_says_nothing_and_not_none(tmp_path):
    parcels = read(tmp_path, [an_order(1, **OFF)], columns=COLUMNS).parcels
    assert parcels.loc[0, ["cancelled_by", "tracking"]].tolist() == ["", ""]
    assert parcels[["ready_at", "delivered_at"]].isna().all(axis=None)


def test_a_rejected_row_shows_neither_its_reason_nor_its_number(tmp_path):
    bad = an_order(2, **OFF, **{"Quantity": "x", "Tracking ID": "TH0123456789",
                                "Cancel Reason": "Call Somchai"})  # fmt: skip
    rejected = read(tmp_path, [an_order(1), bad]).rejected
    assert len(rejected) == 1
    assert not {"Somchai", "TH0123456789"} & set(" ".join(rejected["cells"]).split())
    assert "Tracking" not in rejected.loc[0, "cells"]


def test_what_came_after_the_moment_of_looking_has_not_happened(tmp_path):
    intake = read(tmp_path, [an_order(1, **SENT), an_order(2, **OFF, **{"Cancel By": "Seller"})])
    early = {"TH": pd.Timestamp("2026-01-06 08:00")}
    lines = as_known(intake.lines, early)
    parcels = known_parcels(intake.parcels, lines, early)
    assert parcels["delivered_at"].isna().all()
    assert parcels["cancelled_by"].tolist() == ["", ""]
    late = {"TH": pd.Timestamp("2026-01-08 19:00")}
    parcels = known_parcels(intake.parcels, as_known(intake.lines, late), late)
    assert parcels["cancelled_by"].tolist() == ["", "seller"]
    assert parcels["delivered_at"].notna().tolist() == [True, False]

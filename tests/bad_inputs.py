"""Lets a scorer of broken exports ask this reader: one file and what is known of it, one answer.

`ingest(path, context)` is all that the protocol asks for. The context says whose shop the file
is meant for (market, currency, time zone, list of SKUs); the answer is the outcome, the counts,
the money in minor units, the units by day, and every row or file that was refused, with its
place and reason. Nothing here judges: it is the reader's own verdict, told in the scorer's words.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from one_export import read_export

from planner.errors import PlannerError
from planner.intake.dialects import Dialect, dialects
from planner.intake.messages import OtherDialectError, printable
from planner.intake.orders import Intake
from planner.seller import Shop, read_seller

Answer = dict[str, Any]


def ingest(path: str, context: Mapping[str, Any]) -> Answer:
    """Return what became of one export, in the scorer's words."""
    file = Path(path)
    skus = set(context["sku_master"]) if context.get("sku_master") else None
    try:
        return _answer(_read(file, context, skus))
    except PlannerError as problem:
        told = str(problem)
        what, _, remedy = told.rpartition(". ")
        error = {"file": printable(file.name), "what": what or told, "remedy": remedy}
        return {"outcome": "reject-file", "error": error}


def _read(file: Path, context: Mapping[str, Any], skus: set[str] | None) -> Intake:
    """Read with the first dialect of the market; where the headers are another's, with that."""
    first, *others = fitting(context)
    try:
        return read_export(file, shop_of(context, first), skus=skus)
    except OtherDialectError as problem:
        for dialect in others:
            if dialect.name in problem.advice:
                return read_export(file, shop_of(context, dialect), skus=skus)
        raise


def fitting(context: Mapping[str, Any]) -> list[Dialect]:
    """Return the dialects of the context's market and currency, the likeliest first."""
    every = [one for one in dialects().values() if getattr(one, "kind", "orders") == "orders"]
    wanted = {key: context[key] for key in ("market", "currency", "platform") if context.get(key)}
    here = [one for one in every if _fits(one, wanted)] or [
        one for one in every if one.currency == context.get("currency")
    ]
    if not here:
        raise PlannerError(
            f"no dialect for {wanted.get('market')} in {wanted.get('currency')}. "
            "Add a dialect file for that market"
        )
    form = context.get("date_format")
    rank = ("tiktok", "shopee", "lazada")
    named = context.get("dialect")
    return sorted(
        here,
        key=lambda one: (
            one.name != named,
            rank.index(one.platform) if one.platform in rank else len(rank),
            form not in one.time_formats,
        ),
    )


def _fits(dialect: Dialect, wanted: Mapping[str, str]) -> bool:
    return all(
        str(getattr(dialect, key)).casefold() == str(value).casefold()
        for key, value in wanted.items()
    )


def shop_of(context: Mapping[str, Any], dialect: Dialect) -> Shop:
    """Return a shop of the context's market whose exports are written in a dialect."""
    seller = read_seller(
        {
            "seller": "a-seller",
            "name": {"zh": "卖家", "en": "Seller"},
            "currency": dialect.currency,
            "profile": {"category": "home"},
            "shops": [
                {
                    "shop": "a-shop",
                    "platform": dialect.platform,
                    "market": dialect.market,
                    "currency": dialect.currency,
                    "time_zone": context["tz"],
                    "dialect": dialect.name,
                    "warehouse": "main",
                }
            ],
            "warehouses": [{"warehouse": "main", "market": dialect.market}],
        },
        where="the context",
    )
    return seller.shops[0]


def _answer(intake: Intake) -> Answer:
    counts = intake.files.iloc[0]
    wanted = intake.lines[intake.lines["is_demand"]]
    days = wanted.groupby(wanted["ordered_at"].dt.strftime("%Y-%m-%d"))["units"].sum()
    rejects = [
        {"row": int(row.row), "column": row.column, "value": row.value, "code": row.code}
        for row in intake.rejected.itertuples()
    ]
    sums = ("rows_in", "rows_kept", "rows_rejected", "kept_minor", "rejected_minor")
    return {
        "outcome": "quarantine-rows" if rejects else "accept",
        **{name: int(counts[name]) for name in sums},
        "units_by_day": {day: int(units) for day, units in sorted(days.items())},
        "rejects": rejects,
        "cells": intake.rejected.get("cells", intake.rejected["value"]).astype(str).tolist(),
        "warnings": intake.findings["code"].tolist(),
        "findings": intake.findings.to_dict("records"),
        "files": intake.files.astype(str).to_dict("records"),
    }

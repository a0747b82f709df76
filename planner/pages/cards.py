"""One alert as a card, one measure as a tile: data already told, nothing drawn."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from planner.errors import ConfigError
from planner.pages.kinds import is_missing, tell_text
from planner.pages.reasons import tell_sentence
from planner.pages.telling import heading, tell, tell_number
from planner.words import is_known, say, unit


def alert_card(row: Mapping[str, Any], lang: str) -> dict[str, str]:
    """Return what a card says of one alert: what, where, what to do, until when, money at risk.

    Parameters
    ----------
    row : Mapping
        One row of table `Alerts`.
    lang : {"zh", "en"}

    Raises
    ------
    ConfigError
        If the glossary lacks `alert.<code>` or `alert.<code>.do`.
    """
    known = {"sku": row["sku"], "market": row["market"], "act_by": row["act_by"]}
    known["risk_cost"] = row["risk_cost"]
    own = {pair.split("=", 1)[0] for pair in str(row["facts"]).split("|")}
    facts = [str(row["facts"])] + [
        f"{key}={_raw(fact)}" for key, fact in known.items() if key not in own
    ]
    tail = "|".join(part for part in facts if part)
    for term in (f"alert.{row['code']}", f"alert.{row['code']}.do"):
        if not is_known(term):
            raise ConfigError(f"glossary.csv lacks the term {term!r}; add a row with zh and en")
    risk, own_risk = row["risk_cost"], f"at_risk.{row['code']}"
    return {
        "severity": row["severity"],
        "label": say(f"severity.{row['severity']}", lang),
        "text": tell_sentence(f"alert.{row['code']}|{tail}", lang),
        "do": tell_sentence(f"alert.{row['code']}.do|{tail}", lang),
        "where": " · ".join(_where(row, lang)),
        "act_by": "" if is_missing(row["act_by"]) else tell(row["act_by"], "act_by", lang),
        "act_by_label": say("head.act_by", lang),
        "risk": "" if is_missing(risk) else _risk(row, lang),
        "risk_label": say(own_risk if is_known(own_risk) else "head.at_risk", lang),
        "do_label": say("head.do", lang),
    }


def _risk(row: Mapping[str, Any], lang: str) -> str:
    """Return the money at risk, and of how many SKUs it is not known."""
    known = tell_number(row["risk_cost"], "risk_cost", lang, row["currency"])
    facts = dict(pair.split("=", 1) for pair in str(row["facts"]).split("|") if "=" in pair)
    lost = facts.get("unpriced")
    return known + (say("unpriced.more", lang, n=lost) if lost else "")


def _raw(fact: object) -> str:
    return (
        "" if is_missing(fact) else str(fact)[:10] if isinstance(fact, pd.Timestamp) else str(fact)
    )


def _where(row: Mapping[str, Any], lang: str) -> list[str]:
    market = [tell(row["market"], "market", lang)] if row["market"] else []
    return market + ([tell_text(row["sku"])] if row["sku"] else [])


def measure_tile(row: Mapping[str, Any], lang: str, *, many_markets: bool) -> dict[str, str]:
    """Return what a tile says of one measure: its name, value and unit.

    Parameters
    ----------
    row : Mapping
        One row of table `OutcomeMeasures`.
    lang : {"zh", "en"}
    many_markets : bool
        Whether the market must be named.
    """
    term = f"measure.{row['measure']}"
    name = heading(term if is_known(term) else row["measure"], lang)
    where = f"{tell(row['market'], 'market', lang)} · " if many_markets else ""
    value, told_unit = _measure_value(row, lang)
    tone = "unknown" if is_missing(row["value"]) else ""
    return {
        "label": where + name.label, "value": value, "unit": told_unit,
        "note": "", "meaning": name.meaning, "tone": tone,
    }  # fmt: skip


def _measure_value(row: Mapping[str, Any], lang: str) -> tuple[str, str]:
    value, measured_in = row["value"], str(row["unit"])
    if is_missing(value):
        return say("word.unknown", lang), ""
    if measured_in.isupper() and len(measured_in) == 3:
        return tell_number(value, "_cost", lang), measured_in
    column = f"_{measured_in}"
    told = tell_number(value, column, lang)
    if measured_in == "rate":
        return told, ""
    term = f"unit.{measured_in}"
    return told, say(term, lang) if is_known(term) else unit(row["measure"], lang)

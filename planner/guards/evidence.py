"""Evidence: which paper on file speaks for goods that need one, and until when.

A paper is judged on the day on which goods must be on the shelf. Knows nothing of what a
missing paper blocks.
"""

import pandas as pd

from planner.guards.goods_checks import alternatives


def with_evidence(rows: pd.DataFrame, evidence: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the paper that speaks for them.

    Parameters
    ----------
    rows : DataFrame
        market, sku, kind (category in small letters), certificate, shelf_by.
    evidence : DataFrame
        Table `Evidence`; a blank market, category or SKU speaks for all.

    Returns
    -------
    DataFrame
        The rows with `has_paper`, `evidence`, `expires_on` and `is_expired`; of several papers
        the one that lasts longest.
    """
    found = rows.reset_index(drop=True)
    held = [_paper_of(row, evidence) for row in found.to_dict("records")]
    papers = pd.DataFrame(held, index=found.index, columns=["has_paper", "evidence", "expires_on"])
    found = found.assign(**{name: papers[name] for name in papers})
    found["expires_on"] = pd.to_datetime(found["expires_on"]).astype("datetime64[us]")
    found["has_paper"] = found["has_paper"].astype(bool)
    found["is_expired"] = found["has_paper"] & (found["expires_on"] < found["shelf_by"])
    return found


def _paper_of(row: dict, evidence: pd.DataFrame) -> tuple[bool, str, pd.Timestamp]:
    if evidence.empty:
        return False, "", pd.NaT
    names = alternatives(row["certificate"])
    speaks = evidence["certificate"].str.strip().str.upper().isin(names)
    speaks_for = {"market": row["market"], "category": row["kind"], "sku": row["sku"]}
    for column, value in speaks_for.items():
        said = evidence[column].str.strip()
        said = said.str.lower() if column == "category" else said
        speaks &= (said == "") | (said == value)
    rows = evidence[speaks].sort_values("expires_on", na_position="last")
    if rows.empty:
        return False, "", pd.NaT
    best = rows.iloc[-1]
    told = " ".join(text for text in (best["number"], best["file"]) if text)
    return True, told or best["certificate"], best["expires_on"]

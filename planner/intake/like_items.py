"""What the seller says of a new SKU: which SKUs it will sell like.

Reads the catalogue's column `like_sku`: SKUs parted by ";", each with a factor after ":" where
the new one will sell more or less. Judges no sales.
"""

import pandas as pd

from planner.intake.contracts import ROW, did_you_mean

LIKE = r"^(?P<like>.*?)(?:\s*[:\uff1a]\s*(?P<factor>[^:\uff1a]*))?$"
FACTOR_RANGE = (0.01, 100.0)
"""A factor beyond this is a slip of the pen. [unitless]"""


def like_items(catalogue: pd.DataFrame) -> pd.DataFrame:
    """Return each like item that the seller named.

    Parameters
    ----------
    catalogue : DataFrame
        `sku` and `like_sku`; without the latter nothing is named.

    Returns
    -------
    DataFrame
        sku, like, factor (1 where none is given, NaN where it is no number), place of the row.

    Examples
    --------
    >>> rows = pd.DataFrame({"sku": ["N"], "like_sku": ["A; B:0.8"]})
    >>> like_items(rows)[["like", "factor"]].to_numpy().tolist()
    [['A', 1.0], ['B', 0.8]]
    """
    none = pd.DataFrame({"sku": [], "like": [], "factor": [], "place": []})
    if "like_sku" not in catalogue:
        return none
    named = catalogue["like_sku"].fillna("").str.strip() != ""
    rows = pd.DataFrame(
        {
            "sku": catalogue.loc[named, "sku"],
            "part": catalogue.loc[named, "like_sku"].str.split("[;\uff1b]"),
            "place": named.to_numpy().nonzero()[0],
        }
    ).explode("part")
    rows = rows[rows["part"].fillna("").str.strip() != ""]
    if rows.empty:
        return none
    whole = rows["part"].str.strip()
    split = whole.str.extract(LIKE)
    is_sku = whole.isin(set(catalogue["sku"]))
    factor = pd.to_numeric(split["factor"].fillna("1"), errors="coerce")
    return pd.DataFrame(
        {
            "sku": rows["sku"],
            "like": whole.where(is_sku, split["like"].str.strip()),
            "factor": factor.astype(float).where(~is_sku, 1.0),
            "place": rows["place"],
        }
    ).reset_index(drop=True)


def wrong_likes(goods: pd.DataFrame) -> list[str]:
    """Return what is wrong with the column `like_sku`: row, value and remedy.

    Parameters
    ----------
    goods : DataFrame
        Rows of the catalogue's file, with the file's row numbers.
    """
    likes = like_items(goods)
    known, found = set(goods["sku"]), []
    for item in likes.to_dict("records"):
        where = f'row {goods[ROW].iloc[int(item["place"])]}, column "like_sku"'
        low, high = FACTOR_RANGE
        if item["like"] == item["sku"]:
            found.append(f"{where}: {item['like']!r} is the row's own SKU; name another")
        elif item["like"] not in known:
            hint = did_you_mean(item["like"], sorted(known))
            found.append(f"{where}: {item['like']!r} is no SKU of this file{hint}")
        elif not low <= item["factor"] <= high:
            found.append(
                f"{where}: the factor after {item['like']!r} must be a number from {low:g} to "
                f"{high:g}, such as {item['like']}:0.8"
            )
    return found

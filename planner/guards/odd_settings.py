"""Odd settings: what a seller's file says that no plan refuses and that still cannot be meant.

A carrier where nobody sells, a paper or a fee that no rule asks for, units promised that are not
there. Each is told by the place in the file, with its value and the nearest right word.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from planner.guards.paper_checks import AGREEMENT, PROVIDER
from planner.seller import Seller
from planner.terms import ORIGIN

FREIGHT_KEYS = ("freight_kg", "freight_cbm", "divisor", "least")
"""What a seller may say of a mode of his own; see `supply.charges.freight_rates`."""
MARKET_LETTERS = 2


class Odd(NamedTuple):
    """One thing that is odd; the glossary tells `odd.<code>`."""

    code: str
    value: str
    path: tuple[str | int, ...] = ()
    """Of a key of seller.yml."""
    row: int = 0
    column: str = ""
    known: tuple[str, ...] = ()
    """What would be right; the nearest is told."""
    facts: Mapping[str, object] = {}


class Words(NamedTuple):
    """Words that rules know, by what they name."""

    markets: frozenset[str]
    modes: frozenset[str]
    surcharges: frozenset[str]
    works: frozenset[str]
    exits: frozenset[str]
    routes: frozenset[str]
    houses: frozenset[str]
    """Kinds of warehouse."""
    house_fees: frozenset[str]


def odd_settings(
    seller: Seller,
    words: Words,
    *,
    skus: Collection[str],
    stock: Mapping[tuple[str, str], float],
) -> Iterator[Odd]:
    """Yield what is odd in seller.yml, in the order of its sections.

    Parameters
    ----------
    seller : Seller
    words : Words
    skus : collection of str
        Of the catalogue and the bundles; empty where there is no catalogue, and then nothing is
        said of SKUs.
    stock : mapping
        By warehouse and SKU the units that lie there; empty where nobody counted.
    """
    yield from _warehouses(seller, words)
    yield from _fees(seller, words)
    yield from _channels(seller, skus, stock)
    yield from _carriers(seller, words)
    yield from _papers(seller)


def fee_keys(words: Words) -> tuple[str, ...]:
    """Return every key of a seller's `fees` that has a dot, without the market before it."""
    kinds = sorted(words.surcharges)
    return (
        *(f"{mode}.{key}" for mode in sorted(words.modes) for key in FREIGHT_KEYS),
        *(f"surcharge.{kind}" for kind in kinds),
        *(f"{mode}.surcharge.{kind}" for mode in sorted(words.modes) for kind in kinds),
        *(f"handling.{work}" for work in sorted(words.works)),
        *(f"exit.{name}" for name in sorted(words.exits)),
        *(f"return.{route}{end}" for route in sorted(words.routes) for end in ("", ".batch")),
        *(f"{kind}.{fee}" for kind in sorted(words.houses) for fee in sorted(words.house_fees)),
    )


def _warehouses(seller: Seller, words: Words) -> Iterator[Odd]:
    sold = {*seller.markets, ORIGIN}
    for place, house in enumerate(seller.warehouses):
        if house.market in sold:
            continue
        path = ("warehouses", place, "market")
        known = tuple(sorted(sold))
        if house.is_reserve:
            yield Odd("reserve_market", house.market, path, known=known)
        elif house.market not in words.markets:
            yield Odd("market_unknown", house.market, path, known=tuple(sorted(words.markets)))


def _fees(seller: Seller, words: Words) -> Iterator[Odd]:
    known = fee_keys(words)
    for key in seller.fees:
        first, _, rest = key.partition(".")
        is_market = len(first) == MARKET_LETTERS and first.isupper()
        term = rest if is_market else key
        if "." in term and term not in known:
            yield Odd("fee_key", key, ("fees", key), known=known)


def _channels(
    seller: Seller, skus: Collection[str], stock: Mapping[tuple[str, str], float]
) -> Iterator[Odd]:
    shops = {shop.shop for shop in seller.shops}
    for place, channel in enumerate(seller.channels):
        path = ("channels", place)
        if channel.channel not in shops and channel.demand_ratio == 0:
            path_of = (*path, "channel")
            known = tuple(sorted(shops))
            yield Odd("channel_demand", channel.channel, path_of, known=known)
        for sku, units in channel.locked_units.items():
            at = (*path, "locked_units", sku)
            if skus and sku not in skus:
                yield Odd("locked_sku", sku, at, known=tuple(sorted(skus)))
            held = stock.get((channel.warehouse, sku), 0.0)
            if stock and (not skus or sku in skus) and units > held:
                facts = {"sku": sku, "warehouse": channel.warehouse, "held": round(held)}
                yield Odd("locked_over_stock", str(units), at, facts=facts)


def _carriers(seller: Seller, words: Words) -> Iterator[Odd]:
    for place, carrier in enumerate(seller.carriers):
        if carrier.market not in seller.markets:
            path = ("carriers", place, "market")
            facts = {"carrier": carrier.carrier}
            yield Odd("carrier_market", carrier.market, path, known=seller.markets, facts=facts)


def _papers(seller: Seller) -> Iterator[Odd]:
    known = (*PROVIDER, *AGREEMENT)
    for name in seller.papers:
        if name not in known:
            yield Odd("paper_name", name, ("papers", name), known=known)

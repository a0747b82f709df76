"""Made courses of a campaign: all went well, and then one or two things went wrong on purpose."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from planner.season.replays.regret import causes_present
from planner.season.replays.replay import Course, Money, Order

N_SKU, N_DAYS = 8, 10
NEED = np.array([120.0, 240, 90, 300, 150, 60, 210, 180])
OPENING = 40.0
CURVE = np.array([0.05, 0.05, 0.1, 0.3, 0.2, 0.1, 0.05, 0.05, 0.05, 0.05])


def well() -> Course:
    """Every unit came in time, in the right place, and was bought; 40 lay there already."""
    wanted = (NEED + OPENING)[:, None] * CURVE
    first = np.zeros((N_SKU, N_DAYS))
    first[:, 0] = 1.0
    zeros, per_day = np.zeros(N_SKU), np.zeros((N_SKU, N_DAYS))
    order = Order(
        model_units=NEED,
        planned_units=NEED,
        limited_units=NEED,
        cap_units=zeros + np.inf,
        least_units=zeros,
        moq_units=zeros,
        carton_units=zeros + 1.0,
        is_refused=zeros.astype(bool),
        sent_units=NEED,
        misplaced_units=zeros,
        planned_share=first,
        actual_share=first,
    )
    room, kept = np.full((N_SKU, 1), np.inf), np.full((N_SKU, 1), 4.0)
    money = Money(
        per_day + 20.0, per_day + 20.0, zeros + 8.0, room, kept, zeros, zeros + 4.0, zeros
    )
    keys = pd.DataFrame({"market": "TH", "sku": [f"s{n}" for n in range(N_SKU)]})
    return Course(
        keys=keys, wanted=wanted, free_wanted=wanted, opening=zeros + OPENING, bought=zeros,
        unmoved=zeros, again=zeros, arriving=per_day, moved=per_day, gone=per_day, stranded=per_day,
        late=np.full(N_SKU, "", dtype=object), order=order, money=money,
    )  # fmt: skip


def ordered(course: Course, **changed: np.ndarray) -> Course:
    return course._replace(order=course.order._replace(**changed))


def demand(course: Course) -> Course:
    """The model foresaw half too much for the first half of SKUs, a third too little for others."""
    ratio = np.where(np.arange(N_SKU) < N_SKU // 2, 1.5, 0.67)
    order = course.order
    model = np.rint(order.model_units * ratio)
    added = order.planned_units - order.model_units
    return _chained(course, model, model + added)


def override(course: Course) -> Course:
    order = course.order
    return _chained(course, order.model_units, np.rint(order.planned_units * 1.4))


def rounding(course: Course) -> Course:
    """A minimum order of twice the need."""
    order = course.order
    moq = np.rint(order.planned_units * 2)
    asked = np.where(order.is_refused, 0.0, moq)
    return ordered(course, limited_units=moq, moq_units=moq, sent_units=_sent(order, asked))


def limits(course: Course) -> Course:
    """No room for more than half of the order."""
    order = course.order
    cap = np.floor(order.limited_units / 2)
    asked = np.where(order.is_refused, 0.0, cap)
    return ordered(course, limited_units=cap, cap_units=cap, sent_units=_sent(order, asked))


def refusals(course: Course) -> Course:
    shut = np.ones(N_SKU, dtype=bool)
    return ordered(course, is_refused=shut, sent_units=_sent(course.order, np.zeros(N_SKU)))


def execution(course: Course) -> Course:
    return ordered(course, sent_units=np.floor(course.order.sent_units * 0.6))


def lateness(course: Course) -> Course:
    share = np.zeros((N_SKU, N_DAYS))
    share[:, 5] = 1.0
    return ordered(course, actual_share=share)


def placement(course: Course) -> Course:
    """A third went to another market, beside what was done otherwise."""
    gone = np.floor(course.order.sent_units / 3)
    return ordered(course, sent_units=course.order.sent_units - gone,
                   misplaced_units=course.order.misplaced_units - gone)  # fmt: skip


def stranded(course: Course) -> Course:
    """Four fifths of the order could not be sold from the sale on."""
    held = np.zeros((N_SKU, N_DAYS))
    held[:, 3:] = NEED[:, None] * 0.8
    return course._replace(stranded=held)


def stock_loss(course: Course) -> Course:
    gone = np.zeros((N_SKU, N_DAYS))
    gone[:, 2] = NEED / 4
    return course._replace(gone=gone)


def price_lock(course: Course) -> Course:
    """Locked at a price that earns one; the ordinary price earns four times the demand's loss."""
    return course._replace(
        free_wanted=course.wanted * 0.7,
        money=course.money._replace(
            net_price=np.full((N_SKU, N_DAYS), 9.0), free_net_price=np.full((N_SKU, N_DAYS), 20.0)
        ),
    )


PLANTS: dict[str, tuple[str, Callable[[Course], Course]]] = {
    "demand": ("demand", demand),
    "override": ("override", override),
    "rounding": ("rounding", rounding),
    "limits": ("rounding", limits),
    "refusals": ("refusals", refusals),
    "execution": ("execution", execution),
    "lateness": ("lateness", lateness),
    "placement": ("placement", placement),
    "stranded": ("placement", stranded),
    "stock_loss": ("stock_loss", stock_loss),
    "price_lock": ("price_lock", price_lock),
}


def planted(*names: str) -> Course:
    course = well()
    for name in names:
        course = PLANTS[name][1](course)
    return course


def present(course: Course) -> tuple[str, ...]:
    return causes_present(course)


def _chained(course: Course, model: np.ndarray, planned: np.ndarray) -> Course:
    order = course.order
    asked = np.where(order.is_refused, 0.0, planned)
    return ordered(course, model_units=model, planned_units=planned, limited_units=planned,
                   sent_units=_sent(order, asked))  # fmt: skip


def _sent(order: Order, asked: np.ndarray) -> np.ndarray:
    """What is sent if what was done otherwise, and what went elsewhere, stays as it was."""
    before = np.where(order.is_refused, 0.0, order.limited_units)
    rightly = order.sent_units - order.misplaced_units
    return np.where(np.abs(rightly - before) > 0.5, rightly, asked) + order.misplaced_units

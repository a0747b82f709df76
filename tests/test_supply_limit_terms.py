"""Limits that name nothing or contradict one another are refused before anything is planned."""

import pytest
import supply_case as case

from planner.errors import ConfigError
from planner.supply.order.limit_terms import refuse_bad_limits
from planner.terms import Limits

MODES = ("sea", "air")


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (Limits(mode_cbm={"boat": 5.0}), "boat"),
        (Limits(warehouse_cbm={"shed": 5.0}), "shed"),
        (Limits(mode_cbm={"TH.sea": 3.8}, container_cbm=28.0), r"TH\.sea books 3\.8 cbm"),
        (Limits(mode_cbm={"sea": 27.9}, container_cbm=28.0), "at least 28 cbm"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_key_value_and_remedy(limits: Limits, told: str):
    with pytest.raises(ConfigError, match=told):
        refuse_bad_limits(limits, modes=MODES, seller=case.scope().seller)


def test_room_for_a_container_none_at_all_or_another_mode_is_no_contradiction():
    seller = case.scope().seller
    for booked in ({"sea": 28.0}, {"sea": 0.0}, {"air": 3.8}):
        limits = Limits(mode_cbm=booked, container_cbm=28.0)
        refuse_bad_limits(limits, modes=MODES, seller=seller)

"""What an analyst can mend, and how.

Every message names what is wrong, where, and how to put it right. Anything that
is not one of these kinds is a fault of the program and may show its traceback.
"""


class PlannerError(Exception):
    """Something an analyst can mend: what, where, remedy, what would be right."""


class ConfigError(PlannerError):
    """A campaign, seller or rule file says something that cannot be."""


class InputError(PlannerError):
    """A file of a seller cannot be used at all."""


class TableError(PlannerError):
    """A table does not keep its contract."""


class PlanningError(PlannerError):
    """A number lies outside the range in which a formula holds."""


class RunError(PlannerError):
    """A run cannot start or go on."""

"""How a file is refused or remarked on: where, what, how to mend; nothing unsafe is quoted.

Knows the words of messages; opens no file.
"""

from collections.abc import Sequence

from planner.errors import InputError
from planner.intake.dialect import Dialect
from planner.words import is_known, say

MAX_NAMES_TOLD = 5


class OtherDialectError(InputError):
    """A file has the headers of another dialect than its shop's."""

    def __init__(self, name: str, advice: str) -> None:
        super().__init__(f"{name}: {advice} [E_DIALECT]")
        self.name = name
        self.advice = advice
        """What to change, without the file's name: the same for every file of the kind."""


def refusal(
    code: str,
    name: str,
    what: str,
    *,
    row: int | None = None,
    column: str = "",
    dialect: Dialect | None = None,
) -> InputError:
    """Return the error that refuses a file: where, what, remedy, code.

    With the dialect, a list that the seller keeps is mended otherwise than a platform's export.
    """
    own = f"own_list.{code}"
    is_own = dialect is not None and dialect.platform == "own" and is_known(own)
    place = (f", row {row}" if row else "") + (f', column "{column}"' if column else "")
    remedy = say(own if is_own else f"remedy.{code}", "en")
    return InputError(f"{name}{place}: {what}. {remedy} [{code}]")


def printable(text: str, *, limit: int = 120) -> str:
    r"""Return a text that is safe in a message: no sign that moves or hides others.

    Examples
    --------
    >>> printable("na\u202eive\n.csv")
    'na?ive?.csv'
    """
    return "".join(sign if sign.isprintable() else "?" for sign in text)[:limit]


def names_told(names: Sequence[str]) -> str:
    """Return the first few of some headers, safe in a message and in a finding's facts."""
    told = ", ".join(printable(name, limit=40) for name in names[:MAX_NAMES_TOLD])
    told = told.replace("|", "/").replace("=", ":")
    return told + (" ..." if len(names) > MAX_NAMES_TOLD else "")

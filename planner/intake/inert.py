"""Texts in files that a spreadsheet opens: made safe on the way out, as written on the way in.

Knows the signs by which a spreadsheet takes a text for a formula. Touches no file.
"""

import re

SIGNS = "=+@\\-\uff1d\uff0b\uff20\uff0d"
ACTIVE = re.compile(rf"(?:^(?= *[{SIGNS}\t\r\n])|(?<=[;\t\r\n])(?= *[{SIGNS}]))")
"""Where a spreadsheet could begin to read a formula: at the start of a text, and after what it may
take for the end of a cell or a line (https://owasp.org/www-community/attacks/CSV_Injection)."""
WRITTEN = re.compile(rf"(?:^'(?= *[{SIGNS}\t\r\n])|(?<=[;\t\r\n])'(?= *[{SIGNS}]))")


def as_inert(text: str) -> str:
    r"""Return a text that no spreadsheet takes for a formula.

    Notes
    -----
    An apostrophe goes before a text that begins with ``= + - @``, a tab or a line end, in ASCII
    or full width; likewise within, after a semicolon, tab or line end, since some programs begin
    a new cell there.

    Examples
    --------
    >>> as_inert("=1+1"), as_inert("MOP-360"), as_inert("A;@SUM(1)")
    ("'=1+1", 'MOP-360', "A;'@SUM(1)")
    """
    return ACTIVE.sub("'", text)


def as_written(text: str) -> str:
    """Return a text that `as_inert` made safe as it was written.

    Examples
    --------
    >>> as_written("'-10 %"), as_written("it's")
    ('-10 %', "it's")
    """
    return WRITTEN.sub("", text)

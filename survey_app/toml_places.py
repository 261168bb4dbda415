"""Where a TOML file stops being one: a line and a column for people, none of the parser's words."""

import re

_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


def place_of(error: Exception, text: str) -> tuple[int, int]:
    r"""Give line and column, from 1, of what stopped the reading of *text*; its end if the error names none.

    >>> place_of(ValueError("Invalid value (at line 2, column 5)"), "")
    (2, 5)
    >>> place_of(ValueError("Invalid value (at end of document)"), "a = 1\nb =")
    (2, 4)
    """
    if found := _PLACE.search(str(error)):
        return int(found[1]), int(found[2])
    return text.count("\n") + 1, len(text.rpartition("\n")[2]) + 1

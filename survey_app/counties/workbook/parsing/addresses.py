"""Cell names and the numbers they stand for, both counted from 0."""

import re

_NAME = re.compile(r"\$?([A-Za-z]{1,7})\$?([0-9]{1,10})", re.ASCII)


def cell_name(row: int, column: int) -> str:
    """Return a cell's name.

    >>> cell_name(4, 2), cell_name(0, 26)
    ('C5', 'AA1')
    """
    letters = ""
    rest = column + 1
    while rest > 0:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return f"{letters}{row + 1}"


def cell_place(name: str) -> tuple[int, int] | None:
    """Return the row and column of a cell's name, None if it is no such name.

    >>> cell_place("XFD1048576"), cell_place("A0"), cell_place("甲1")
    ((1048575, 16383), None, None)
    """
    match = _NAME.fullmatch(name)
    if match is None or int(match[2]) == 0:
        return None
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]) - 1, column - 1

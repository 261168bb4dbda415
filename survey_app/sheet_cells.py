"""Text as cells of a table that somebody opens in a spreadsheet program: never a formula."""

import unicodedata

#: Categories of blanks, controls and marks of direction.
_UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Zs"}

#: What such a program takes for the beginning of a formula, full-width forms among them.
_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def harmless(text: str) -> str:
    """*text* with an apostrophe before it where it would be read as a formula.

    Blanks and characters that nobody sees do not hide its beginning: programs drop them.

    >>> harmless("=1+1"), harmless("阳城县")
    ("'=1+1", '阳城县')
    """
    seen = next((place for place, each in enumerate(text) if unicodedata.category(each) not in _UNSEEN), 0)
    return f"'{text}" if text.startswith(_BEGINNINGS) or text.startswith(_BEGINNINGS, seen) else text

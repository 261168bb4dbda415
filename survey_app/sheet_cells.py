"""Text as cells of a table that somebody opens in a spreadsheet program: never a formula."""

#: What such a program takes for the beginning of a formula, full-width forms among them.
_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def harmless(text: str) -> str:
    """*text* with an apostrophe before it where it would be read as a formula.

    >>> harmless("=1+1"), harmless("阳城县")
    ("'=1+1", '阳城县')
    """
    return f"'{text}" if text.startswith(_BEGINNINGS) else text

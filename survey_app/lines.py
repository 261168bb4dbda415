"""What people may enter as one line of text."""

import unicodedata

#: Control characters, halves of characters, separators of lines and paragraphs.
_UNFIT = {"Cc", "Cs", "Zl", "Zp"}


def is_line(text: str) -> bool:
    r"""Say whether *text* can stand on a page, on a card, in a Word file and in every database.

    >>> is_line("王　小明 😀"), is_line("first\nsecond"), is_line("\0")
    (True, False, False)
    """
    return not any(unicodedata.category(character) in _UNFIT for character in text)

"""How a sentence is marked for the catalogue where it is written."""


def _(text: str) -> str:
    """Mark *text* for the catalogue; it is translated when it is said."""
    return text

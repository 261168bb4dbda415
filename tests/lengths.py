"""How long tests look for trouble: briefly in every run, long with ``JUNHENG_TESTS=long``."""

import os


def runs(short: int, long: int) -> int:
    """How many cases to try."""
    return long if os.environ.get("JUNHENG_TESTS") == "long" else short

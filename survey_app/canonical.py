"""One written form per document, so that the same content always has the same digest."""

import hashlib
import json
from decimal import Decimal
from typing import Any


def canonical(document: Any) -> str:
    """Write *document* as JSON with sorted keys and no spaces; decimals keep their digits.

    >>> canonical({"b": 1, "a": [Decimal("0.50"), "县"]})
    '{"a":[0.50,"县"],"b":1}'
    """
    return "".join(_pieces(document))


def digest(text: str | bytes) -> str:
    """SHA-256 of *text* (UTF-8), as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8") if isinstance(text, str) else text).hexdigest()


def _pieces(value: Any):
    if isinstance(value, dict):
        yield "{"
        for position, key in enumerate(sorted(value)):
            yield f"{',' if position else ''}{json.dumps(key, ensure_ascii=False)}:"
            yield from _pieces(value[key])
        yield "}"
    elif isinstance(value, list | tuple):
        yield "["
        for position, item in enumerate(value):
            yield "," if position else ""
            yield from _pieces(item)
        yield "]"
    elif isinstance(value, Decimal):
        yield str(value)
    else:
        yield json.dumps(value, ensure_ascii=False, allow_nan=False)

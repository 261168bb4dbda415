"""How commands print: one JSON document and nothing else, or every fault of an input they refuse."""

import json
from collections.abc import Iterable
from typing import Any, NoReturn, Protocol

import click


class Fault(Protocol):
    """Something wrong with an input, as rooms know it."""

    def document(self, lang: str, /) -> dict[str, Any]:
        """Give its ``where`` and ``message``, and what else is known of it."""
        ...


def print_json(document: Any) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=float))


def refuse(faults: Iterable[Fault], *, as_json: bool, lang: str = "zh", places: bool = True) -> NoReturn:
    """Print every fault, with its place unless *places* says otherwise, and end with status 1."""
    if as_json:
        print_json({"faults": [fault.document(lang) for fault in faults]})
    else:
        for fault in faults:
            click.echo(placed(fault, lang) if places else fault.document(lang)["message"], err=True)
    raise SystemExit(1)


def placed(fault: Fault, lang: str) -> str:
    """Return a fault's sentence, its place before it where the sentence does not name it."""
    document = fault.document(lang)
    where, said = document["where"], document["message"]
    colon = "：" if lang == "zh" else ": "
    return said if where in said else f"{where}{colon}{said}"

"""Where figures stand in a county file: a scheme that names one that is not there is refused on loading."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from evaluation.county import CountyFile, Tally


def check_numbers(paths: Iterable[str]) -> None:
    """Refuse dotted paths, e.g. ``figures.pay.teacher_mean``, at which no number of the county stands.

    Raises:
        ValueError: naming the path and the keys known there.
    """
    for path in paths:
        if _type_at(path) not in (int, Decimal):
            raise ValueError(f"{path!r} is no number")


def check_truth(path: str) -> None:
    """Refuse a path at which no truth value stands; of ``vetoes`` any key may be named.

    Raises:
        ValueError: naming the path and the keys known there.
    """
    if _type_at(path) is not bool:
        raise ValueError(f"{path!r} is neither true nor false")


def check_tally(path: str) -> None:
    """Refuse a path at which no tally of questionnaires or visits stands.

    Raises:
        ValueError: naming the path and the keys known there.
    """
    if _type_at(path) is not Tally:
        raise ValueError(f"{path!r} is no tally")


def check_rows(path: str, columns: Iterable[str]) -> None:
    """Refuse a path at which no list of rows with all of *columns* stands.

    Raises:
        ValueError: naming the path and the keys known there.
    """
    rows = _type_at(path)
    row = get_args(rows)[0] if get_origin(rows) is list else None
    if not _is_model(row):
        raise ValueError(f"{path!r} is no list of rows")
    for column in columns:
        _field(row, column, f"{path}.{column}")


def _type_at(path: str) -> Any:
    """Return the type of what stands at a dotted path, without ``None``."""
    node: Any = CountyFile
    for step in path.split("."):
        node = _field(node, step, path)
    return node


def _field(node: Any, step: str, path: str) -> Any:
    if get_origin(node) is dict and step:
        return _bare(get_args(node)[1])
    fields: Mapping[str, Any] = node.model_fields if _is_model(node) else {}
    if step not in fields:
        raise ValueError(f"no figure {path!r}, known there: {', '.join(fields) or 'none'}")
    return _bare(fields[step].annotation)


def _bare(annotation: Any) -> Any:
    """Return an annotation without ``None`` and what is annotated to it."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, UnionType):
            (annotation,) = [each for each in get_args(annotation) if each is not type(None)]
        else:
            return annotation


def _is_model(node: Any) -> bool:
    return isinstance(node, type) and issubclass(node, BaseModel)

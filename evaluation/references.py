"""What a scheme's files must agree on: ids stand once, points add up, exemptions change what they can."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from evaluation.errors import SchemeError
from evaluation.scheme import Scheme
from evaluation.scheme.exemptions import Exemption
from evaluation.scheme.items import Item
from evaluation.terms import Bound

#: The formulas under which an exemption may set another standard → the bound that it replaces.
EXEMPTIBLE: dict[str, Callable[[Any], Bound]] = {
    "rooms": lambda criterion: criterion.area,
    "school_size": lambda criterion: criterion.bound,
}


def check_references(scheme: Scheme) -> None:
    """Refuse a scheme whose files contradict each other.

    Raises:
        SchemeError: an id stands twice, the points of scored items do not add up to the total's, or an
            exemption speaks of what is not there or cannot be exempted.
    """
    first: dict[str, str] = {}
    for file, id_ in _ids(scheme):
        if id_ in first:
            raise SchemeError(file, id_, f"two items have this id, the first in {first[id_]}")
        first[id_] = file
    worth = sum((item.points or 0 for _, item in scheme.all_items()), Fraction(0))
    if worth != (scheme.scoring.points if scheme.scoring else 0):
        raise SchemeError(_file(scheme, "scoring"), "points", f"the scored items add up to {worth}")
    seen: set[str] = set()
    for exemption in scheme.exemptions:
        if exemption.id in seen:
            raise SchemeError(_file(scheme, "exemptions"), exemption.id, "two exemptions have this id")
        seen.add(exemption.id)
        _check_exemption(scheme, exemption)


def _file(scheme: Scheme, name: str) -> str:
    return f"{scheme.head.id}/{name}.toml"


def _ids(scheme: Scheme) -> Iterator[tuple[str, str]]:
    """Yield the ids findings are known by, with the file each stands in."""
    for indicator in scheme.resources.indicators:
        yield _file(scheme, "resources"), indicator.id
    for section, item in scheme.all_items():
        for id_ in _item_ids(item):
            yield _file(scheme, section), id_


def _item_ids(item: Item) -> Iterator[str]:
    """Yield an item's id and those of its parts; one part may go by the item's own."""
    yield item.id
    yield from (item.criterion_id(each) for each in item.criteria if each.id)
    yield from [item.id for each in item.criteria if not each.id][1:]


def _check_exemption(scheme: Scheme, exemption: Exemption) -> None:
    file = _file(scheme, "exemptions")
    replaced = {
        item.criterion_id(each): EXEMPTIBLE[each.formula](each)
        for _, item in scheme.all_items()
        for each in item.criteria
        if each.formula in EXEMPTIBLE
    }
    for standard in exemption.standards:
        if standard.criterion not in replaced:
            problem = f"no criterion {standard.criterion!r} that an exemption can lighten"
            raise SchemeError(file, exemption.id, problem, known=replaced)
        if standard.bound.wants_more != replaced[standard.criterion].wants_more:
            problem = f"the standard of {standard.criterion!r} points the other way"
            raise SchemeError(file, exemption.id, problem)
    indicators = [indicator.id for indicator in scheme.resources.indicators]
    for id_ in exemption.adds:
        if id_ not in indicators:
            raise SchemeError(file, exemption.id, f"no indicator {id_!r}", known=indicators)

"""What a scheme asks of people: attestations, vetoes and points, as the scheme's own data says."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from evaluation.loader import load_scheme
from evaluation.scheme import Scheme

_VETOES = "vetoes."


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One thing that people judge, under the key a county file knows it by."""

    #: attestation, veto or points.
    kind: str
    key: str
    #: The criteria that it decides, in the order of the document.
    ids: tuple[str, ...]
    section: str
    section_label: str
    label: str
    clause: str
    #: What a sub-point is worth; None for the other kinds.
    maximum: Fraction | None = None
    #: Whether the item asks for every school: the county's word then speaks for schools that say nothing.
    school_by_school: bool = False


#: Formula -> kind and key of what people judge, None where the criterion reads something else.
_KINDS: dict[str, Callable[[str, Any], tuple[str, str] | None]] = {
    "attested": lambda _id, criterion: ("attestation", criterion.attestation),
    "did_not_happen": lambda _id, criterion: (
        ("veto", criterion.fact.removeprefix(_VETOES)) if criterion.fact.startswith(_VETOES) else None
    ),
    "awarded": lambda id_, _criterion: ("points", id_),
}


def asked_by(scheme_id: str, lang: str = "zh") -> dict[tuple[str, str], Asked]:
    """Everything the scheme asks of people, by kind and key, in the order of the document.

    Raises:
        UnknownSchemeError: there is no such scheme.
    """
    scheme = load_scheme(scheme_id)
    found: dict[tuple[str, str], Asked] = {}
    for section, item in scheme.all_items():
        for criterion in item.criteria:
            id_ = item.criterion_id(criterion)
            read = _KINDS.get(criterion.formula)
            place = read(id_, criterion) if read else None
            if place is None:
                continue
            if place in found:
                found[place] = replace(found[place], ids=(*found[place].ids, id_))
                continue
            kind, key = place
            found[place] = Asked(
                kind=kind,
                key=key,
                ids=(id_,),
                section=section,
                section_label=scheme.section_label(section)[lang],
                label=(criterion.label or item.label)[lang],
                clause=criterion.clause or item.clause,
                maximum=criterion.points,
                school_by_school=getattr(criterion, "school_by_school", False),
            )
    return found


def visit_limit(scheme_id: str) -> Fraction | None:
    """The share of people visited that must be satisfied; None where the scheme asks nothing of visits."""
    return next(
        (
            criterion.bound.threshold
            for criterion in _criteria(load_scheme(scheme_id))
            if criterion.formula == "recognition_rate" and criterion.tally == "visits"
        ),
        None,
    )


def _criteria(scheme: Scheme) -> list[Any]:
    return [criterion for _, item in scheme.all_items() for criterion in item.criteria]

"""A change of a county file: which figure, by how much, and how the file looks after it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from evaluation.county import CountyFile
from evaluation.json_values import plain

#: The step in which a figure is changed where it is not counted in whole numbers: coefficients are stated
#: with three decimals.
THOUSANDTH = Fraction(1, 1000)

#: What is named by a key in brackets and not by its place: schools by code, scores by sub-point.
KEYED = ("schools", "scores")

_STEP = re.compile(r"([^.\[\]]+)|\[([^\]]*)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One figure of the county file, changed."""

    #: Where it stands, schools by code: ``schools[S1].teachers.primary.backbone``,
    #: ``schools[S1].class_sizes.primary[3]``, ``figures.monitoring[0].difference``.
    path: str
    #: What is added to it; negative is taken away.
    by: Fraction = Fraction(0)
    #: For a list, e.g. of rooms: what is put at its end,
    append: tuple[Fraction, ...] = ()
    #: and which of its places are taken out.
    remove: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The smallest change of one figure that turns a finding into the other answer."""

    #: Which figure, without the school: ``teachers.primary.backbone``, ``figures.rotation.rotated``.
    figure: str
    #: How much more, or, negative, less; in whole units where the figure is counted.
    by: Fraction
    #: Relative to what the figure is now; None where that is 0.
    relative: Fraction | None
    #: What has to be edited for it; several places where no single one suffices.
    edits: tuple[Edit, ...]
    school: str | None = None

    def document(self) -> dict[str, Any]:
        """Return the change as JSON values."""
        return {
            "figure": self.figure,
            "by": plain(self.by),
            "relative": None if self.relative is None else float(self.relative),
            "places": [edit.path for edit in self.edits],
        }


def changed_county(county: CountyFile, change: Change) -> CountyFile:
    """Return *county* as it would be after *change*; the county itself stays as it is.

    Raises:
        LookupError: a place of the change does not exist, or holds no figure.
    """
    for edit in change.edits:
        steps: list[str | int] = []
        for name, place in _STEP.findall(edit.path):
            steps.append(name or (int(place) if place.isdecimal() and steps[-1] not in KEYED else place))
        county = _replaced(county, steps, edit)
    return county


def _replaced(node: Any, steps: Sequence[str | int], edit: Edit) -> Any:
    """Return *node* with the figure at *steps* changed; everything beside it is shared."""
    if not steps:
        return _edited(node, edit)
    step, rest = steps[0], steps[1:]
    if isinstance(node, list):
        place = step if isinstance(step, int) else [school.code for school in node].index(step)
        return [*node[:place], _replaced(node[place], rest, edit), *node[place + 1 :]]
    if isinstance(node, Mapping):
        return {**node, step: _replaced(node[step], rest, edit)}
    return node.model_copy(update={str(step): _replaced(getattr(node, str(step)), rest, edit)})


def _edited(value: Any, edit: Edit) -> Any:
    if isinstance(value, list):
        kept = [each for place, each in enumerate(value) if place not in edit.remove]
        return [*kept, *(_number(each, kept) for each in edit.append)]
    if value is None:
        raise LookupError(edit.path)
    if edit.by.denominator == 1:
        return value + int(edit.by)
    return Decimal(value) + Decimal(edit.by.numerator) / Decimal(edit.by.denominator)


def _number(amount: Fraction, beside: Sequence[Any]) -> int | Decimal:
    """Return an amount as the list holds them: pupils of classes are whole, areas decimal."""
    if beside and isinstance(beside[0], int):
        return int(amount)
    return Decimal(amount.numerator) / Decimal(amount.denominator)

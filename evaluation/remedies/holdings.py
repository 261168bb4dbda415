"""What of a county can change, and how much of it each school part needs: the ground of every remedy.

A *holding* is one figure that can grow or be moved: of one stage for teachers, of the whole school for
rooms, areas and equipment. A *demand* is one indicator of one school part, told as the whole steps (one
teacher, one room, 1 m², 1 元) by which its holding must change to reach the threshold or the floor. In a
school of several stages a step of a shared holding gives each part only its share, so the steps are the
whole school's.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from evaluation.county import CountyFile
from evaluation.resources import FACTORS, indicator_value
from evaluation.scheme import Scheme
from evaluation.scheme.resources import Indicator
from evaluation.units import STAFF_FIGURES, Part, school_parts

#: Figure → the unit one step of it is counted in.
NATURAL_UNITS = {
    "above_qualification": "teachers",
    "backbone": "teachers",
    "pe_arts": "teachers",
    "teaching_area": "square_metre",
    "sports_ground_area": "square_metre",
    "equipment_value": "yuan",
    "multimedia_rooms": "rooms",
}

#: Units that come only whole; areas and money may be any fraction.
WHOLE_UNITS = ("teachers", "rooms", "pupils", "classes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One figure of one unit that can change."""

    #: Code and name of the school that stands for the unit.
    school: str
    name: str
    #: Of teachers; None for what the whole school shares.
    stage: str | None
    figure: str
    #: Whether teachers may be moved to and from it.
    movable: bool
    #: How many may leave: all but the visiting ones.
    leaving: int = 0
    #: How many may come: no more than there are other teachers to take their place; None: unknown, no limit.
    coming: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One indicator of one school part."""

    #: Its own place in :attr:`Standing.demands`, the part's in ``parts`` and the holding's in ``holdings``.
    place: int
    part: int
    holding: int
    indicator: Indicator
    #: The figure of the holding.
    figure: str
    stage: str
    pupils: int
    #: The part's amount as it is, and what one step of the holding adds to it.
    base: Fraction
    share: Fraction
    #: The exact change of the holding at which the threshold (or the floor) lies; negative: a surplus.
    threshold_at: Fraction
    floor_at: Fraction
    #: The smallest whole change that reaches it.
    to_threshold: int
    to_floor: int

    def amount(self, change: int) -> Fraction:
        """Return the part's amount after its holding changed by so many steps."""
        return self.base + self.share * change

    def value(self, change: int) -> Fraction:
        """Return the indicator's value after its holding changed by so many steps."""
        return self.amount(change) * FACTORS[self.indicator.formula] / self.pupils


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The school parts of a county with what they hold and need."""

    scheme: Scheme
    parts: tuple[Part, ...]
    holdings: tuple[Holding, ...]
    #: Every indicator of every part whose figures are known.
    demands: tuple[Demand, ...]
    #: (Place of the part, indicator) → the places in the county file that leave it unknown.
    unknown: Mapping[tuple[int, str], tuple[str, ...]]
    #: Place of the part → its demands; (stage, indicator) → the demands on it.
    parts_demands: Mapping[int, Sequence[Demand]]
    groups: Mapping[tuple[str, str], Sequence[Demand]]

    def of_part(self, part: int) -> Sequence[Demand]:
        """Return the known demands of a part, in the scheme's order."""
        return self.parts_demands.get(part, ())

    def unknown_of(self, part: int) -> tuple[str, ...]:
        """Return the places in the county file that leave something of a part unknown, each once."""
        places = [place for (owner, _), named in self.unknown.items() if owner == part for place in named]
        return tuple(dict.fromkeys(places))

    def of_group(self, stage: str, indicator: str) -> Sequence[Demand]:
        """Return the known demands of one indicator in one stage."""
        return self.groups.get((stage, indicator), ())


def remedied_figure(indicator: Indicator, scheme: Scheme) -> str:
    """Return the figure that is increased to raise *indicator*.

    It is the first one the indicator adds and no indicator subtracts: a larger indoor hall helps R5, but
    it is taken from R4, so R5 is raised by sports grounds.
    """
    subtracted = {
        name[1:] for each in scheme.resources.indicators for name in each.amount if name.startswith("-")
    }
    added = [name for name in indicator.amount if not name.startswith("-")]
    return next((name for name in added if name not in subtracted), added[0])


def purchasable(scheme: Scheme) -> list[str]:
    """Return the figures a price may be given for: those that some indicator is raised by."""
    return list(dict.fromkeys(remedied_figure(each, scheme) for each in scheme.resources.indicators))


def standing(county: CountyFile, scheme: Scheme, *, ownership: Sequence[str] = ("public",)) -> Standing:
    """Return what the school parts of *county* hold and need under *scheme*.

    Args:
        county: the county file.
        scheme: the scheme whose indicators and school rule count.
        ownership: between schools of which ownership teachers are moved.
    """
    parts = tuple(school_parts(county, scheme.units))
    places: dict[tuple[str, str | None, str], int] = {}
    holdings: list[Holding] = []
    demands: list[Demand] = []
    unknown: dict[tuple[int, str], tuple[str, ...]] = {}
    for number, part in enumerate(parts):
        for indicator in scheme.resources.indicators:
            value = indicator_value(part, indicator, scheme, county.application_year)
            if value.value is None or value.amount is None:
                unknown[number, indicator.id] = value.missing
                continue
            figure = remedied_figure(indicator, scheme)
            stage = part.stage if figure in STAFF_FIGURES else None
            key = (part.school, stage, figure)
            if key not in places:
                places[key] = len(holdings)
                holdings.append(_holding(part, figure, county, ownership))
            demands.append(
                _demand(len(demands), number, part, indicator, figure, value.amount, places[key], scheme)
            )
    of_part, groups = defaultdict(list), defaultdict(list)
    for demand in demands:
        of_part[demand.part].append(demand)
        groups[demand.stage, demand.indicator.id].append(demand)
    return Standing(
        scheme=scheme,
        parts=parts,
        holdings=tuple(holdings),
        demands=tuple(demands),
        unknown=unknown,
        parts_demands=of_part,
        groups=groups,
    )


def _holding(part: Part, figure: str, county: CountyFile, ownership: Sequence[str]) -> Holding:
    """Return a figure of the part's unit with how many teachers may leave and come."""
    if figure not in STAFF_FIGURES:
        return Holding(school=part.school, name=part.name, stage=None, figure=figure, movable=False)
    members = [school for school in county.schools if school.code in part.members]
    root = next(school for school in members if school.code == part.school)
    own = int(part.figures[figure] or 0) - (part.visiting if figure == "pe_arts" else 0)
    totals = [school.staff_in(part.stage, "total") for school in members if school.pupils_in(part.stage) != 0]
    known = [total for total in totals if total is not None]
    return Holding(
        school=part.school,
        name=part.name,
        stage=part.stage,
        figure=figure,
        movable=root.ownership in ownership,
        leaving=own,
        coming=max(0, sum(known) - own) if len(known) == len(totals) else None,
    )


def _demand(
    place: int,
    number: int,
    part: Part,
    indicator: Indicator,
    figure: str,
    amount: Fraction,
    holding: int,
    scheme: Scheme,
) -> Demand:
    """Return what an indicator of a part needs, in steps of its holding."""
    bound, rule = indicator.bounds.of(part.stage), scheme.resources.school_rule
    share = Fraction(1) if figure in STAFF_FIGURES or part.share is None else part.share
    pupils = part.pupils or 0
    per_value = Fraction(pupils, FACTORS[indicator.formula])
    threshold_at = (bound.threshold * per_value - amount) / share
    floor = Fraction(0) if rule.floor is None else bound.threshold * rule.floor
    floor_at = (floor * per_value - amount) / share
    strictly = bound.comparison == "above"
    return Demand(
        place=place,
        part=number,
        holding=holding,
        indicator=indicator,
        figure=figure,
        stage=part.stage,
        pupils=pupils,
        base=amount,
        share=share,
        threshold_at=threshold_at,
        floor_at=floor_at,
        to_threshold=math.floor(threshold_at) + 1 if strictly else math.ceil(threshold_at),
        to_floor=math.ceil(floor_at),
    )

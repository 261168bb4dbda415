"""The sampling frame (抽样框): the lists people are drawn from, with a digest that fixes them.

A unit is a counted list: the parents of a school, its pupils, its teachers, the deputies of a county. Its
people have no names here; they are the places 1 to *size* of the list.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from functools import cached_property

from sampling.errors import ArgumentError, FrameFaultsError
from sampling.population import Population

#: The first line of a frame's text; raised when the form of the text changes.
TEXT_VERSION = "frame 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameUnit:
    """A counted list of people of one group, usually those of one school."""

    #: The respondent group.
    group: str
    #: Identifies the unit within its group.
    id: str
    #: Grade band, as primary or junior; empty where it has no meaning.
    band: str = ""
    #: urban, town or rural.
    locality: str = ""
    #: Township, for a spread over the county.
    township: str = ""
    #: The school the people belong to; empty for lists of the county.
    school: str = ""
    #: How many people the list holds.
    size: int


COLUMNS = tuple(field.name for field in fields(FrameUnit))


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameFault:
    """Something wrong with the frame, to be put right before anything is drawn.

    Codes: `not_text` · `blank` · `control_character` · `duplicate` · `missing` (a grade band or the like that
    the group needs) · `size_not_whole` · `size_negative` · `size_impossible` (more than a list can hold) ·
    `empty_group` · `more_than_residents` · `group_size` (the units of a group do not add up to its stated
    size) · `registry_total` (those of a school do not add up to the registry) · `not_in_registry` (a school
    that the registry lacks) · `not_in_frame` (one that the frame lacks).
    """

    #: Which rule is broken.
    code: str
    #: The group concerned.
    group: str
    #: The unit concerned, or the school for the registry; None for the whole group.
    unit: str | None
    #: The column concerned.
    field: str
    #: What stands there.
    value: object
    #: What should stand there, or the bound, where there is one.
    expected: object = None


@dataclass(frozen=True)
class Frame:
    r"""Units of all groups; equal frames have equal digests, in whatever order the units were given.

    >>> frame = Frame([FrameUnit(group="parent", id="s1", band="primary", locality="town", size=420)])
    >>> frame.text.splitlines()[2].split("\t")
    ['parent', 's1', 'primary', 'town', '', '', '420']
    >>> frame.digest == hashlib.sha256(frame.text.encode()).hexdigest()
    True
    """

    #: All units, sorted by group and id.
    units: tuple[FrameUnit, ...]

    def __init__(self, units: Iterable[FrameUnit]):
        object.__setattr__(
            self, "units", tuple(sorted(units, key=lambda unit: (str(unit.group), str(unit.id))))
        )

    @classmethod
    def from_text(cls, text: str) -> Frame:
        r"""Read a frame back from its text.

        Raises:
            ArgumentError: Another version or header, or a line that is no unit; it names the line.
        """
        lines = text.removesuffix("\n").split("\n")
        for number, expected in enumerate((TEXT_VERSION, "\t".join(COLUMNS)), start=1):
            if len(lines) < number or lines[number - 1] != expected:
                raise ArgumentError(f"line {number}", value=lines[:number][-1], rule=f"must be {expected!r}")
        return cls(_read_unit(number, line) for number, line in enumerate(lines[2:], start=3))

    @cached_property
    def text(self) -> str:
        """The canonical form: a version line, a header, one line per unit, tab-separated, LF at line ends."""
        lines = [TEXT_VERSION, "\t".join(COLUMNS)]
        lines.extend("\t".join(map(str, astuple(unit))) for unit in self.units)
        return "".join(f"{line}\n" for line in lines)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the text in UTF-8, as `sha256sum` prints it."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that have units, sorted."""
        return tuple(dict.fromkeys(unit.group for unit in self.units))

    def of(self, group: str) -> tuple[FrameUnit, ...]:
        """Return the units of *group*, sorted by id."""
        return tuple(unit for unit in self.units if unit.group == group)

    def faults(
        self,
        *,
        groups: Sequence[str] = (),
        population: Population | None = None,
        needed: Mapping[str, Sequence[str]] | None = None,
        registry: Mapping[str, Mapping[str, int]] | None = None,
        most: Mapping[str, int] | None = None,
    ) -> tuple[FrameFault, ...]:
        """Return everything that is wrong with the frame.

        >>> frame = Frame([FrameUnit(group="parent", id="s1", school="s1", size=420)])
        >>> found = frame.faults(needed={"parent": ["band"]}, registry={"parent": {"s1": 402, "s2": 90}})
        >>> [(fault.code, fault.unit, fault.value, fault.expected) for fault in found]
        [('missing', 's1', '', None), ('registry_total', 's1', 420, 402), ('not_in_frame', 's2', None, 90)]

        Args:
            groups: Groups that must have somebody in the frame.
            population: If given, no group may exceed the residents, and a group of stated size must be
                in the frame in full.
            needed: Group → the columns that each of its units with people must fill.
            registry: Group → school → people by the register of schools; a group that is not named is not
                compared.
            most: Group → the most people that one of its lists can hold.

        Raises:
            ArgumentError: A needed column that there is not.
        """
        columns = dict(needed or {})
        for name in (name for names in columns.values() for name in names):
            if name not in COLUMNS[:-1]:
                raise ArgumentError("needed", value=name, rule=f"must be one of {COLUMNS[:-1]}")
        limits = dict(most or {})
        found = [
            fault
            for unit in self.units
            for fault in (*_unit_faults(unit), *_gaps(unit, columns), *_excess(unit, limits))
        ]
        times = Counter((unit.group, unit.id) for unit in self.units)
        for (group, unit_id), count in times.items():
            if count > 1:
                found.append(FrameFault(code="duplicate", group=group, unit=unit_id, field="id", value=count))
        people = {group: _people(self.of(group)) for group in dict.fromkeys((*groups, *self.groups))}
        for group, size in people.items():
            if size == 0:
                found.append(FrameFault(code="empty_group", group=group, unit=None, field="size", value=0))
        if population is not None:
            found.extend(_population_faults(people, population))
        for group, schools in (registry or {}).items():
            found.extend(_registry_faults(group, self.of(group), schools))
        return tuple(found)

    def require(self, *groups: str) -> None:
        """Refuse to go on with a frame that has faults or lacks one of *groups*.

        Raises:
            FrameFaultsError: With all faults.
        """
        if faults := self.faults(groups=groups):
            raise FrameFaultsError(faults)


def _read_unit(number: int, line: str) -> FrameUnit:
    *words, size = line.split("\t")
    if len(words) != len(COLUMNS) - 1 or not size.removeprefix("-").isdecimal():
        raise ArgumentError(f"line {number}", value=line, rule=f"must hold {', '.join(COLUMNS)}")
    return FrameUnit(**dict(zip(COLUMNS, words, strict=False)), size=int(size))


def _people(units: Iterable[FrameUnit]) -> int:
    return sum(unit.size for unit in units if isinstance(unit.size, int) and unit.size > 0)


def _unit_faults(unit: FrameUnit) -> Iterator[FrameFault]:
    for name in COLUMNS[:-1]:
        value = getattr(unit, name)
        if not isinstance(value, str):
            yield FrameFault(code="not_text", group=unit.group, unit=unit.id, field=name, value=value)
            continue
        if name in ("group", "id") and not value.strip():
            yield FrameFault(code="blank", group=unit.group, unit=unit.id, field=name, value=value)
        if any(ord(character) < 32 or ord(character) == 127 for character in value):
            yield FrameFault(
                code="control_character", group=unit.group, unit=unit.id, field=name, value=value
            )
    if isinstance(unit.size, bool) or not isinstance(unit.size, int):
        yield FrameFault(code="size_not_whole", group=unit.group, unit=unit.id, field="size", value=unit.size)
    elif unit.size < 0:
        yield FrameFault(code="size_negative", group=unit.group, unit=unit.id, field="size", value=unit.size)


def _gaps(unit: FrameUnit, needed: Mapping[str, Sequence[str]]) -> Iterator[FrameFault]:
    for name in needed.get(unit.group, ()):
        if unit.size and isinstance(value := getattr(unit, name), str) and not value.strip():
            yield FrameFault(code="missing", group=unit.group, unit=unit.id, field=name, value=value)


def _excess(unit: FrameUnit, most: Mapping[str, int]) -> Iterator[FrameFault]:
    limit = most.get(unit.group)
    if limit is not None and _people([unit]) > limit:
        yield FrameFault(
            code="size_impossible",
            group=unit.group,
            unit=unit.id,
            field="size",
            value=unit.size,
            expected=limit,
        )


def _registry_faults(
    group: str, units: Sequence[FrameUnit], registry: Mapping[str, int]
) -> Iterator[FrameFault]:
    """Compare the sums of schools; a school with nobody needs no list."""
    listed: dict[str, int] = {}
    for unit in units:
        listed[unit.school] = listed.get(unit.school, 0) + _people([unit])
    for school in dict.fromkeys((*listed, *registry)):
        stated, found = registry.get(school), listed.get(school)
        if stated is None:
            code = "not_in_registry"
        elif found is None:
            code = "not_in_frame"
        else:
            code = "registry_total"
        if found != stated and (found or stated):
            yield FrameFault(
                code=code, group=group, unit=school, field="school", value=found, expected=stated
            )


def _population_faults(people: dict[str, int], population: Population) -> Iterator[FrameFault]:
    for group, size in people.items():
        if size > population.residents:
            code, expected = "more_than_residents", population.residents
        elif size != (expected := population.groups.get(group, size)):
            code = "group_size"
        else:
            continue
        yield FrameFault(code=code, group=group, unit=None, field="size", value=size, expected=expected)

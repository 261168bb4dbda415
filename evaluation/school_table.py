"""Schools of any number of counties in columns: the figures of their county files, number for number.

Every figure of a county file is one that a double keeps (:func:`evaluation.reading.read_county` refuses
any other), so a column of doubles loses nothing: the decimal a number prints as is the one that was given.
"""

import types
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from math import nan
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from evaluation.county import OWN_STAGES, CountyFile, Kind, Record, School

if TYPE_CHECKING:
    import numpy as np

KINDS: tuple[str, ...] = get_args(Kind)


def _bare(annotation: Any) -> Any:
    """Return a field's type without what may stand around it: ``| None``, limits and converters."""
    if get_origin(annotation) in (Union, types.UnionType):
        annotation = next(each for each in get_args(annotation) if each is not type(None))
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _paths(model: type[Record], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the dotted path and the type of every figure below *model*."""
    for name, field in model.model_fields.items():
        kind = _bare(field.annotation)
        if isinstance(kind, type) and issubclass(kind, Record):
            yield from _paths(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", kind


_TYPES = dict(_paths(School))

#: Columns of numbers, e.g. ``pupils.primary``, ``teachers.junior.pe_arts``, ``teaching_area``.
NUMBERS = tuple(path for path, kind in _TYPES.items() if kind in (int, Decimal))
#: Of them those that are whole.
WHOLE = frozenset(path for path in NUMBERS if _TYPES[path] is int)
#: Columns of lists of numbers, e.g. ``class_sizes.primary``, ``music_rooms``.
LISTS = tuple(path for path, kind in _TYPES.items() if get_origin(kind) is list)
#: Columns of words → the words they may hold.
WORDS: dict[str, tuple[str, ...]] = {
    path: get_args(kind) for path, kind in _TYPES.items() if get_origin(kind) is Literal
}
#: Columns of truth values.
FLAGS = tuple(path for path, kind in _TYPES.items() if kind is bool)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """One list of numbers for each school, all in one column."""

    #: All numbers, school after school.
    values: "np.ndarray"
    #: The row of the school each number belongs to.
    rows: "np.ndarray"
    #: n: whether the school has a list, be it empty.
    given: "np.ndarray"

    def of(self, row: int) -> list[float]:
        """Return the list of one school."""
        import numpy as np

        first, after = np.searchsorted(self.rows, (row, row + 1))
        return self.values[first:after].tolist()

    def count(self, chosen: "np.ndarray | None" = None) -> "np.ndarray":
        """Return how many numbers every school has, or how many of the *chosen* ones."""
        import numpy as np

        rows = self.rows if chosen is None else self.rows[chosen]
        return np.bincount(rows, minlength=len(self.given))


@dataclass(frozen=True, kw_only=True)
class SchoolTable:
    """The schools of some counties, one row each (n rows), and the counties' own figures.

    What is unknown is nan in ``numbers`` and −1 in ``words``, ``flags`` and ``said``. Amounts are in the
    units of a county file: money in 元, areas in m².
    """

    #: The counties' files without their schools.
    counties: tuple[CountyFile, ...]
    #: n: the place of each school's county in ``counties``.
    county: "np.ndarray"
    codes: tuple[str, ...]
    #: n: the row of the school that an uncounted one ends in; of a counted school its own.
    root: "np.ndarray"
    #: Path → n numbers; see :data:`NUMBERS`.
    numbers: "dict[str, np.ndarray]"
    #: Path → a list for each school; see :data:`LISTS`.
    lists: dict[str, Lists]
    #: Path → n places in its :data:`WORDS`.
    words: "dict[str, np.ndarray]"
    #: Path → n values 1, 0 or −1; see :data:`FLAGS`.
    flags: "dict[str, np.ndarray]"
    #: ``attestations.KEY`` or ``vetoes.KEY`` → n values 1, 0 or −1, for the keys that any school uses.
    said: "dict[str, np.ndarray]"

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def schools(self) -> "np.ndarray":
        """How many schools every county has."""
        import numpy as np

        return np.bincount(self.county, minlength=len(self.counties))

    @cached_property
    def pupils(self) -> "dict[str, np.ndarray]":
        """Stage → n pupils: nan when unknown, 0 where a school has no such classes by its kind."""
        import numpy as np

        known = {}
        for stage in ("kindergarten", "primary", "junior", "senior"):
            given = self.numbers[f"pupils.{stage}"]
            own = np.array([stage in OWN_STAGES[kind] for kind in KINDS])[self.words["kind"]]
            known[stage] = np.where(np.isnan(given) & ~own, 0.0, given)
        return known

    def is_one_of(self, path: str, wanted: Iterable[str]) -> "np.ndarray":
        """Return n truth values: whether a word such as ``kind`` or ``locality`` is among *wanted*."""
        import numpy as np

        chosen = set(wanted)
        return np.array([word in chosen for word in WORDS[path]])[self.words[path]]

    def school(self, row: int) -> School:
        """Return one school as its county file has it, named by its code."""
        document: dict[str, Any] = {"code": self.codes[row], "name": self.codes[row], "pupils": {}}
        for path, column in self.numbers.items():
            if (number := float(column[row])) == number:
                _put(document, path, int(number) if path in WHOLE else Decimal(repr(number)))
        for path, lists in self.lists.items():
            if lists.given[row]:
                _put(document, path, [_plain(number) for number in lists.of(row)])
        for path, places in self.words.items():
            _put(document, path, WORDS[path][places[row]])
        for path, column in self.flags.items():
            if column[row] >= 0:
                _put(document, path, bool(column[row]))
        if self.root[row] != row:
            document["merge_into"] = self.codes[self.root[row]]
        for path, column in self.said.items():
            group, _, key = path.partition(".")
            if column[row] >= 0:
                said = bool(column[row])
                document.setdefault(group, {})[key] = {"met": said} if group == "attestations" else said
        return School.model_validate(document)


def _put(document: dict[str, Any], path: str, value: Any) -> None:
    """Set a value at a dotted path, making the tables on the way."""
    *steps, last = path.split(".")
    for step in steps:
        document = document.setdefault(step, {})
    document[last] = value


def _plain(number: float) -> int | Decimal:
    return int(number) if number == int(number) else Decimal(repr(number))


def school_table(counties: Iterable[CountyFile]) -> SchoolTable:
    """Return the schools of *counties* in columns; the files may come one after another and be let go.

    Args:
        counties: county files as :func:`evaluation.read_county` gives them.
    """
    heads: list[CountyFile] = []
    schools = _Columns()
    for place, county in enumerate(counties):
        heads.append(county.model_copy(update={"schools": []}))
        schools.add(place, county.schools)
    return schools.table(tuple(heads))


class _Columns:
    """Columns as they grow, county by county: compact, since a nation has two hundred thousand schools."""

    def __init__(self) -> None:
        self.county = array("q")
        self.codes: list[str] = []
        self.root = array("q")
        self.numbers = {path: array("d") for path in NUMBERS}
        self.items = {path: array("d") for path in LISTS}
        self.lengths = {path: array("q") for path in LISTS}
        self.words = {path: array("b") for path in (*WORDS, *FLAGS)}
        self.said: dict[str, list[tuple[int, bool]]] = defaultdict(list)

    def add(self, place: int, schools: list[School]) -> None:
        """Take in the schools of one county."""
        first = len(self.codes)
        rows = {school.code: first + row for row, school in enumerate(schools)}
        by_code = {school.code: school for school in schools}
        self.county.extend([place] * len(schools))
        self.codes += rows
        for row, school in enumerate(schools, start=first):
            end = school
            while not end.counted and end.merge_into is not None:
                end = by_code[end.merge_into]
            self.root.append(rows[end.code])
            for key, attestation in (school.attestations or {}).items():
                self.said[f"attestations.{key}"].append((row, attestation.met))
            for key, happened in (school.vetoes or {}).items():
                self.said[f"vetoes.{key}"].append((row, happened))
        for path in NUMBERS:
            self.numbers[path].extend(nan if each is None else float(each) for each in _values(schools, path))
        for path in LISTS:
            for numbers in _values(schools, path):
                self.lengths[path].append(-1 if numbers is None else len(numbers))
                self.items[path].extend(float(each) for each in numbers or ())
        for path, known in WORDS.items():
            self.words[path].extend(map(known.index, _values(schools, path)))
        for path in FLAGS:
            self.words[path].extend(-1 if each is None else int(each) for each in _values(schools, path))

    def table(self, counties: tuple[CountyFile, ...]) -> SchoolTable:
        """Return the finished table."""
        import numpy as np

        return SchoolTable(
            counties=counties,
            county=np.array(self.county),
            codes=tuple(self.codes),
            root=np.array(self.root),
            numbers={path: np.array(values) for path, values in self.numbers.items()},
            lists={path: self._lists(path) for path in LISTS},
            words={path: np.array(self.words[path]) for path in WORDS},
            flags={path: np.array(self.words[path]) for path in FLAGS},
            said={path: _sparse(values, len(self.codes)) for path, values in self.said.items()},
        )

    def _lists(self, path: str) -> Lists:
        import numpy as np

        lengths = np.array(self.lengths[path])
        return Lists(
            values=np.array(self.items[path]),
            rows=np.repeat(np.arange(len(lengths)), np.maximum(lengths, 0)),
            given=lengths >= 0,
        )


def _values(schools: list[School], path: str) -> list[Any]:
    """Return what every school has at a dotted path, None where there is nothing."""
    nodes: list[Any] = schools
    for step in path.split("."):
        nodes = [None if node is None else getattr(node, step) for node in nodes]
    return nodes


def _sparse(values: Iterable[tuple[int, bool]], length: int) -> "np.ndarray":
    import numpy as np

    column = np.full(length, -1, dtype=np.int8)
    for row, value in values:
        column[row] = value
    return column

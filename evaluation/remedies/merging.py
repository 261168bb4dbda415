"""Schools merged: pupils and teachers shared out, and everything that then is no longer known left out.

What happens to a school that is given up, figure by figure:

- Pupils go stage by stage, teachers with them, in whole numbers by the largest remainder; no staff figure
  of a share exceeds its teachers. Visiting teachers of a school end with it.
- Buildings and grounds stay behind. Equipment and multimedia rooms stay behind unless the table says that
  they move. The year's public and training funds follow the pupils.
- A school that takes pupils in gets the kind that has its stages (a junior school with primary pupils is a
  nine-year school, and what its stages share is then split). Its class sizes and pupils of the catchment
  area in those stages, its pupils by grade, pupils funded and share of migrant children are unknown
  afterwards, unless the table gives the class sizes.
- A veto that happened in a school goes with its pupils. Attestations of a school that is given up end.
- Schools without a count of their own and campuses follow the school they belonged to, where it goes to one
  other; else the table must say where to.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Self

from evaluation.county import OWN_STAGES, STAGES, CountyFile, School, Staff
from evaluation.errors import Fault, RemedyFileError
from evaluation.json_values import plain
from evaluation.reading import read_county
from evaluation.remedies.apportionment import apportion, apportion_amount
from evaluation.remedies.changes import STATED
from evaluation.remedies.comparison import Comparison, compare
from evaluation.remedies.mergers import Merger, Mergers, check_mergers, receivers
from evaluation.remedies.tables import path
from evaluation.remedies.wording import transfer_sentence
from evaluation.scheme import Scheme
from evaluation.verdict import evaluate

#: Staff figures that go with the pupils; those after ``total`` count some of its teachers.
STAFF = tuple(name for name in Staff.model_fields if name != "pe_arts_visiting")
OF_TOTAL = ("above_qualification", "backbone", "pe_arts", "certified", "trained", "pe_arts_specialist")

#: What stays where it is when a school is given up.
BUILDINGS = ("teaching_area", "indoor_sports_area", "sports_ground_area", "extra_sports_area")

#: What is no longer known of a school that took pupils in.
UNKNOWN_AFTER = ("grade_pupils", "funded_pupils", "migrant_share")

#: Stages of its own → the kind that has them.
KINDS = {
    stages: kind
    for kind, stages in OWN_STAGES.items()
    if stages and kind not in ("teaching_point", "vocational")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What went from a school that was given up to one that took it in."""

    school: str
    name: str
    to_school: str
    to_name: str
    #: Stage → pupils.
    pupils: dict[str, int]
    #: Stage → figure → teachers; None where it is unknown.
    teachers: dict[str, dict[str, int | None]]
    #: Figure → what moved of it; None where it is unknown.
    moved: dict[str, Decimal | None]

    def sentence(self, language: str = "zh") -> str:
        """Return the transfer as one sentence, in ``zh`` or ``en``."""
        return transfer_sentence(self, language)

    def document(self, language: str = "zh") -> dict[str, Any]:
        """Return the transfer as JSON values."""
        return {name: plain(getattr(self, name)) for name in self.__slots__} | {
            "sentence": self.sentence(language)
        }

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the transfer that a document holds, so that it can be said in another language."""
        told: dict[str, Any] = {name: document[name] for name in cls.__slots__}
        told["moved"] = {
            figure: None if amount is None else Decimal(str(amount))
            for figure, amount in document["moved"].items()
        }
        return cls(**told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A county after mergers."""

    county: CountyFile
    transfers: tuple[Transfer, ...]
    #: School → its kind before and after, where it changed.
    kinds: dict[str, tuple[str, str]]
    #: School given up → figure → what stayed behind.
    left_behind: dict[str, dict[str, Decimal]]
    #: Places in the county file that were known and no longer are.
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """Mergers with the verdict before and after them."""

    merged: Merged
    mergers: Mergers
    comparison: Comparison

    def document(self, language: str = "zh") -> dict[str, Any]:
        """Return everything as JSON values."""
        note = self.mergers.note
        return {
            "note": None if note is None else note.zh if language == "zh" else note.en,
            "transfers": [each.document(language) for each in self.merged.transfers],
            "kinds": {code: list(kinds) for code, kinds in self.merged.kinds.items()},
            "left_behind": plain(self.merged.left_behind),
            "unknown": list(self.merged.unknown),
            "comparison": self.comparison.document(language),
        }


def what_if(county: CountyFile, scheme: Scheme, mergers: Mergers) -> WhatIf:
    """Return what *mergers* would do to the verdict of *scheme* on *county*.

    Raises:
        RemedyFileError: the mergers cannot be, with every fault.
        CountyFileError: the file uses attestations, vetoes, scores or topics the scheme does not know; or
            the county after the mergers would not be one, e.g. pupils of a stage its kind cannot have.
    """
    before = evaluate(county, scheme)
    merged = merge_schools(county, mergers)
    return WhatIf(merged=merged, mergers=mergers, comparison=compare(before, evaluate(merged.county, scheme)))


def merge_schools(county: CountyFile, mergers: Mergers) -> Merged:
    """Return the county after *mergers*; see this module's head for what becomes of every figure.

    Raises:
        RemedyFileError: the mergers cannot be, with every fault.
        CountyFileError: the county after the mergers would not be one.
    """
    check_mergers(mergers, county)
    work = _Work(county, mergers)
    for merger in _in_order(mergers):
        work.merge(merger)
    work.settle_kinds()
    work.settle_classes()
    document = county.model_dump(exclude_unset=True)
    document = {key: value for key, value in document.items() if key not in STATED}
    document["schools"] = list(work.rows.values())
    return Merged(
        county=read_county(document),
        transfers=tuple(work.transfers),
        kinds=work.kinds,
        left_behind=work.left_behind,
        unknown=tuple(dict.fromkeys(work.unknown)),
    )


def _in_order(mergers: Mergers) -> Iterator[Merger]:
    """Yield mergers so that a school is given up only after it has taken in what it was to take in."""
    waiting = list(mergers.mergers)
    while waiting:
        named = {target.school for merger in waiting for target in merger.into}
        ready = next(merger for merger in waiting if merger.school not in named)
        waiting.remove(ready)
        yield ready


class _Work:
    """The schools' rows while they are merged."""

    def __init__(self, county: CountyFile, mergers: Mergers):
        self.mergers = mergers
        self.rows: dict[str, dict[str, Any]] = {
            school.code: school.model_dump(exclude_unset=True) for school in county.schools
        }
        self.names = {school.code: school.name for school in county.schools}
        self.transfers: list[Transfer] = []
        self.kinds: dict[str, tuple[str, str]] = {}
        self.left_behind: dict[str, dict[str, Decimal]] = {}
        self.unknown: list[str] = []
        #: School → the stages in which it took pupils in.
        self.grown: dict[str, set[str]] = {}

    def school(self, code: str) -> School:
        return School.model_validate(self.rows[code])

    def merge(self, merger: Merger) -> None:
        """Give one school up."""
        source = self.school(merger.school)
        pupils = self._pupils(source, merger)
        weights = _weights(merger, pupils)
        teachers = self._teachers(source, merger, pupils, weights)
        moved = self._moved(source, weights)
        for number, target in enumerate(merger.into):
            transfer = Transfer(
                school=source.code,
                name=source.name,
                to_school=target.school,
                to_name=self.names[target.school],
                pupils={stage: counts[number] for stage, counts in pupils.items() if counts[number]},
                teachers=teachers[number],
                moved={name: None if parts is None else parts[number] for name, parts in moved.items()},
            )
            self._receive(transfer, source)
            self.transfers.append(transfer)
        staying = [
            *BUILDINGS,
            *(name for name in ("equipment_value", "multimedia_rooms") if name not in moved),
        ]
        given = {name: getattr(source, name) for name in staying}
        self.left_behind[source.code] = {
            name: Decimal(value) for name, value in given.items() if value is not None and value
        }
        self._let_go(source.code)

    def _pupils(self, source: School, merger: Merger) -> dict[str, list[int]]:
        """Return for every stage with pupils how many go to each target."""
        shared = {}
        for stage in STAGES:
            total = source.pupils_in(stage) or 0
            if not total:
                continue
            if merger.into[0].pupils is not None:
                shared[stage] = [getattr(target.pupils, stage) or 0 for target in merger.into]
            else:
                shared[stage] = apportion(total, [target.share or Fraction(0) for target in merger.into])
        return shared

    def _teachers(
        self,
        source: School,
        merger: Merger,
        pupils: dict[str, list[int]],
        weights: Sequence[Fraction],
    ) -> list[dict[str, dict[str, int | None]]]:
        """Return for every target what it gets of each staff figure; unknown figures stay unknown."""
        found: list[dict[str, dict[str, int | None]]] = [{} for _ in merger.into]
        for stage in ("primary", "junior"):
            own = [Fraction(count) for count in pupils.get(stage, [])]
            shares = own if merger.into[0].share is None and any(own) else weights
            totals: list[int] | None = None
            for figure in STAFF:
                have = source.staff_in(stage, figure)
                if have is None and stage not in pupils:
                    continue
                counted = [
                    getattr(getattr(target.teachers, stage, None), figure, None) for target in merger.into
                ]
                if have is None:
                    parts: list[int | None] = [None] * len(counted)
                elif any(count is not None for count in counted):
                    parts = [count or 0 for count in counted]
                else:
                    most = totals if figure in OF_TOTAL and totals and sum(totals) >= have else None
                    parts = [*apportion(have, shares, most)]
                if figure == "total" and None not in parts:
                    totals = [part or 0 for part in parts]
                for number, part in enumerate(parts):
                    found[number].setdefault(stage, {})[figure] = part
        return found

    def _moved(self, source: School, weights: Sequence[Fraction]) -> dict[str, list[Decimal] | None]:
        """Return for each figure that goes with the pupils what every target gets; None: it is unknown."""
        moving = ["public_funds", "training_funds"]
        moving += ["equipment_value"] if self.mergers.equipment_moves else []
        moving += ["multimedia_rooms"] if self.mergers.multimedia_rooms_move else []
        found: dict[str, list[Decimal] | None] = {}
        for name in moving:
            have = getattr(source, name)
            if have is None:
                found[name] = None
            elif isinstance(have, int):
                found[name] = [Decimal(part) for part in apportion(have, weights)]
            else:
                found[name] = apportion_amount(have, weights)
        return found

    def _receive(self, transfer: Transfer, source: School) -> None:
        """Add a transfer to the school it goes to."""
        code, target = transfer.to_school, self.school(transfer.to_school)
        row = self.rows[code]
        for stage, figures in transfer.teachers.items():
            empty = target.pupils_in(stage) == 0
            for figure, part in figures.items():
                have = target.staff_in(stage, figure)
                have = 0 if have is None and empty else have
                place = f"teachers.{stage}.{figure}"
                self._set(code, place, None if have is None or part is None else have + part)
        for stage, count in transfer.pupils.items():
            have = target.pupils_in(stage)
            self._set(code, f"pupils.{stage}", None if have is None else have + count)
            self.grown.setdefault(code, set()).add(stage)
            for lost in (f"class_sizes.{stage}", f"nearby_pupils.{stage}"):
                self._set(code, lost, None)
        for name, part in transfer.moved.items():
            have = getattr(target, name)
            total = None if have is None or part is None else have + part
            self._set(code, name, int(total) if name == "multimedia_rooms" and total is not None else total)
        if transfer.pupils:
            for name in UNKNOWN_AFTER:
                self._set(code, name, None)
        happened = {veto: True for veto, said in (source.vetoes or {}).items() if said}
        if happened:
            row["vetoes"] = {**row.get("vetoes", {}), **happened}

    def _set(self, code: str, place: str, value: Any) -> None:
        """Set a figure of a school; None makes it unknown, which is noted where it was known."""
        node, steps = self.rows[code], place.split(".")
        for step in steps[:-1]:
            if value is None and step not in node:
                return
            node = node.setdefault(step, {})
        if value is not None:
            node[steps[-1]] = value
        elif node.pop(steps[-1], None) is not None:
            self.unknown.append(f"schools[{code}].{place}")

    def _let_go(self, code: str) -> None:
        """Take a school out; those that belonged to it follow."""
        del self.rows[code]
        targets = receivers(self.mergers, code)
        redirects = {each.school: each.merge_into for each in self.mergers.redirects}
        for row in self.rows.values():
            if row.get("merge_into") == code:
                row["merge_into"] = redirects.get(row["code"], targets[0])
            if row.get("campus_of") == code and len(targets) > 1:
                del row["campus_of"]
            elif row.get("campus_of") == code:
                row["campus_of"] = targets[0]

    def settle_kinds(self) -> None:
        """Give every school that took pupils in the kind it then has."""
        given = {each.school: each.kind for each in self.mergers.receiving}
        for code, stages in self.grown.items():
            if code not in self.rows:
                continue
            old = self.rows[code]["kind"]
            own = {*OWN_STAGES[old], *(stages - {"kindergarten"})}
            new = given.get(code) or (
                old
                if own == set(OWN_STAGES[old])
                else KINDS.get(tuple(each for each in STAGES if each in own))
            )
            if new is None:
                facts = {"stages": tuple(sorted(own)), "kind": old}
                raise RemedyFileError([Fault(where="receiving", value=code, rule="no_kind", facts=facts)])
            if new != old:
                self.kinds[code] = (old, new)
                self.rows[code]["kind"] = new
                self._set(code, "grades", None)

    def settle_classes(self) -> None:
        """Set the class sizes that are given for after the mergers.

        Raises:
            RemedyFileError: they do not add up to the pupils.
        """
        faults = []
        for number, each in enumerate(self.mergers.receiving):
            for stage in ("primary", "junior"):
                sizes = getattr(each.class_sizes, stage, None)
                if sizes is None:
                    continue
                pupils = self.school(each.school).pupils_in(stage)
                if pupils is not None and sum(sizes) != pupils:
                    where = path("receiving", number, "class_sizes", stage)
                    facts = {"sum": sum(sizes), "have": pupils}
                    faults.append(Fault(where=where, value=each.school, rule="class_sizes", facts=facts))
                self.rows[each.school].setdefault("class_sizes", {})[stage] = sizes
                place = f"schools[{each.school}].class_sizes.{stage}"
                self.unknown = [known for known in self.unknown if known != place]
        if faults:
            raise RemedyFileError(faults)


def _weights(merger: Merger, pupils: dict[str, list[int]]) -> list[Fraction]:
    """Return each target's share of what is not counted out: its own, or that of all pupils."""
    if merger.into[0].share is not None:
        return [target.share or Fraction(0) for target in merger.into]
    counts = [sum(each[number] for each in pupils.values()) for number in range(len(merger.into))]
    everyone = sum(counts)
    return [Fraction(count, everyone) if everyone else Fraction(1, len(counts)) for count in counts]

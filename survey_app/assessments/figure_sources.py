"""Where the figures of a finding come from: sheet and cell, survey or judgement; who entered them, when."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from evaluation.places import places_of
from evaluation.vocabulary import figure_names
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.runs import verdict_of_run
from survey_app.counties.origins import origins_of
from survey_app.counties.service import provenance_of
from survey_app.counties.workbook.sources import cells_of, joined
from survey_app.errors import ConflictError

#: More places than this of one finding are told by kind: so many schools' pupils, from here to there.
SINGLY = 40

#: Part of the county file → kind of the judgements that can stand there.
_JUDGED = {"attestations": "attestation", "vetoes": "veto", "scores": "points"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A figure that a finding read, or figures of one kind, and where it came from."""

    name: str
    #: As it stands in the county file; None where it is missing, or where this is about several.
    value: Any
    #: How many figures this is about.
    figures: int
    #: Cells of the workbook, ``学校!P4``; empty where the file was none.
    cells: str
    #: The place in the county file.
    place: str
    #: published, simulated, reported, survey or judgement.
    origin: str
    #: Who entered it, and when.
    by: str
    at: datetime
    #: The level that judged it, with the digests of its evidence; empty elsewhere.
    level: str = ""
    evidence: Sequence[Mapping[str, Any]] = ()


def sources_of(run: EvaluationRun, position: int, lang: str) -> tuple[Source, ...]:
    """Give the sources of the finding at *position* of a run; none when it can no longer be judged again."""
    try:
        verdict = verdict_of_run(run)
    except ConflictError:
        return ()
    finding = verdict.findings[position]
    places = places_of(verdict, finding)
    reader = _Reader(run, lang)
    if len(places) <= SINGLY:
        return tuple(reader.one(place, school=finding.school) for place in places)
    kinds: dict[str, list[str]] = {}
    for place in places:
        kinds.setdefault(place.partition("].")[2] or place, []).append(place)
    return tuple(reader.several(group) for group in kinds.values())


class _Reader:
    """What is known around a run, read once for all places of a finding."""

    def __init__(self, run: EvaluationRun, lang: str):
        self.run, self.lang = run, lang
        self.input = json.loads(run.input, parse_float=Decimal)
        self.schools = {school["code"]: school for school in self.input["schools"]}
        self.blocks = json.loads(run.county_file.cells)
        self.origins = origins_of(provenance_of(run.county_file))
        self.judged = {(each["kind"], each["key"]): each for each in json.loads(run.judgements)}

    def one(self, place: str, *, school: str | None = None) -> Source:
        """The figure at *place*; a school that is spoken of already is not named again."""
        (name,) = figure_names([place], self.lang, school=school)
        return self._source(name, place, value=self._value(place), cells=cells_of(self.blocks, place))

    def several(self, places: Sequence[str]) -> Source:
        """Figures of one kind."""
        (name,) = figure_names(places, self.lang)
        cells = joined(cell for place in places for cell in cells_of(self.blocks, place))
        return self._source(name, _known_as(places[0])[-2], value=None, cells=cells, figures=len(places))

    def _source(self, name: str, place: str, *, value: Any, cells: Iterable[str], figures: int = 1) -> Source:
        file = self.run.county_file
        judged = self._judgement(place)
        if judged is not None:
            return Source(
                name=name,
                value=value,
                figures=figures,
                cells="",
                place=place,
                origin="judgement",
                by=judged["by"],
                at=datetime.fromisoformat(judged["at"]),
                level=judged["level"],
                evidence=judged["evidence"],
            )
        surveyed = self.run.wave_id is not None and place.startswith("recognition.")
        return Source(
            name=name,
            value=value,
            figures=figures,
            cells="" if surveyed else "、".join(cells),
            place=place,
            origin="survey" if surveyed else self.origins.of(*_known_as(place)),
            by=self.run.made_by if surveyed else file.imported_by,
            at=self.run.made_at if surveyed else file.imported_at,
        )

    def _judgement(self, place: str) -> Mapping[str, Any] | None:
        part, _, rest = place.partition(".")
        if part == "recognition" and rest.startswith("visit"):
            return next((each for (kind, _), each in self.judged.items() if kind.startswith("visit")), None)
        return self.judged.get((_JUDGED.get(part, ""), rest))

    def _value(self, place: str) -> Any:
        node: Any = self.input
        if place.startswith("schools["):
            code, _, place = place.removeprefix("schools[").partition("].")
            node = self.schools.get(code)
        steps = place.split(".")
        for count, step in enumerate(steps):
            if isinstance(node, list):
                node = next((row for row in node if str(row.get("year")) == step), None)
            elif isinstance(node, Mapping):
                # Keys of points have dots of their own.
                node = node.get(".".join(steps[count:])) if step not in node else node[step]
            if not isinstance(node, Mapping | list):
                break
        return node.get("met") if isinstance(node, Mapping) and "met" in node else node


def _known_as(place: str) -> tuple[str, ...]:
    """What its origin may be stated for: the place, that of any school, and the schools where made up."""
    if not place.startswith("schools["):
        return (place, place)
    return (place, "schools[]." + place.partition("].")[2], "schools[].name")

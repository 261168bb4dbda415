"""What two runs of a county differ in: inputs, judgements, overrides, findings, sections, the verdict."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from survey_app.assessments.figures import unit_of
from survey_app.assessments.models import EvaluationRun

#: Finding id, school, stage.
Place = tuple[str, str | None, str | None]

#: The order in which changed findings are shown: a changed outcome first, a changed value last.
_URGENCY = {"appeared": 0, "gone": 0, "outcome": 1, "value": 2}

#: Lists of a county file whose entries have a name of their own.
_NAMED_BY = ("code", "id", "key")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedInput:
    """A figure of the county file that is another one now; None where one side has none."""

    #: ``schools[140522001].pupils.primary``: schools by their code.
    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFinding:
    """A finding whose outcome or value is another one now."""

    id: str
    school: str | None
    stage: str | None
    label: str
    unit: str
    #: ``appeared``, ``gone``, ``outcome`` or ``value``.
    change: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedDeed:
    """A judgement or override that one of the runs has, or has otherwise."""

    #: Kind and key of a judgement; finding, school and stage of an override.
    place: tuple[str | None, ...]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """What a run differs in from another one."""

    #: Before and after, where they differ.
    verdict: tuple[str, str] | None
    computed_verdict: tuple[str, str] | None
    scheme: tuple[str, str] | None
    wave: tuple[int | None, int | None] | None
    sections: dict[str, tuple[str | None, str | None]]
    findings: tuple[ChangedFinding, ...]
    inputs: tuple[ChangedInput, ...]
    judgements: tuple[ChangedDeed, ...]
    overrides: tuple[ChangedDeed, ...]

    @property
    def none(self) -> bool:
        """Whether the two say the same of the same figures."""
        return not any(
            (
                self.verdict,
                self.computed_verdict,
                self.scheme,
                self.wave,
                self.sections,
                self.findings,
                self.inputs,
                self.judgements,
                self.overrides,
            )
        )

    @property
    def outcomes(self) -> int:
        """How many findings turned."""
        return sum(each.change != "value" for each in self.findings)


def differences(before: EvaluationRun, after: EvaluationRun) -> Differences:
    """Compare two runs of a county, be it of two levels or of two years; what turned comes first."""
    was, now = json.loads(before.result), json.loads(after.result)
    return Differences(
        verdict=_pair(before.verdict, after.verdict),
        computed_verdict=_pair(before.computed_verdict, after.computed_verdict),
        scheme=_pair(
            f"{before.scheme_id} {before.scheme_digest[:12]}", f"{after.scheme_id} {after.scheme_digest[:12]}"
        ),
        wave=_pair(before.wave_id, after.wave_id),
        sections={
            section: pair
            for section in {**was["sections"], **now["sections"]}
            if (pair := _pair(was["sections"].get(section), now["sections"].get(section)))
        },
        findings=changed_findings(was, now),
        inputs=changed_inputs(json.loads(before.input), json.loads(after.input)),
        judgements=_deeds(
            before.judgements, after.judgements, ("kind", "key"), ("value", "level", "note", "evidence")
        ),
        overrides=_deeds(
            before.overrides, after.overrides, ("finding", "school", "stage"), ("outcome", "reason", "level")
        ),
    )


def changed_findings(was: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[ChangedFinding, ...]:
    """The findings of two result documents whose outcome or value differ; those that turned come first."""
    old, new = _by_place(was), _by_place(now)
    found = []
    for place in {**old, **new}:
        before, after = old.get(place), new.get(place)
        if (change := _change(before, after)) is None:
            continue
        shown = after or before or {}
        found.append(
            ChangedFinding(
                id=place[0],
                school=place[1],
                stage=place[2],
                label=shown["label"],
                unit=unit_of(shown),
                change=change,
                before=before,
                after=after,
            )
        )
    return tuple(sorted(found, key=lambda each: _URGENCY[each.change]))


def changed_inputs(was: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[ChangedInput, ...]:
    """The figures of two county files that differ, by path."""
    old, new = dict(_leaves(was, "")), dict(_leaves(now, ""))
    return tuple(
        ChangedInput(path=path, before=old.get(path), after=new.get(path))
        for path in sorted({**old, **new})
        if old.get(path) != new.get(path)
    )


def _pair(before: Any, after: Any) -> tuple[Any, Any] | None:
    return None if before == after else (before, after)


def _by_place(document: Mapping[str, Any]) -> dict[Place, Mapping[str, Any]]:
    return {(each["id"], each["school"], each["stage"]): each for each in document["findings"]}


def _change(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str | None:
    if before is None or after is None:
        return "appeared" if before is None else "gone"
    if before["outcome"] != after["outcome"]:
        return "outcome"
    return "value" if before["value"] != after["value"] else None


def _deeds(
    before: str, after: str, named: tuple[str, ...], compared: tuple[str, ...]
) -> tuple[ChangedDeed, ...]:
    old, new = (
        {tuple(each[key] for key in named): each for each in json.loads(text)} for text in (before, after)
    )
    return tuple(
        ChangedDeed(place=place, before=old.get(place), after=new.get(place))
        for place in {**old, **new}
        if _kept(old.get(place), compared) != _kept(new.get(place), compared)
    )


def _kept(deed: Mapping[str, Any] | None, keys: tuple[str, ...]) -> list[Any] | None:
    return None if deed is None else [deed[key] for key in keys]


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The figures of a document with their paths; entries of a list go by their own name if they have one."""
    if isinstance(value, dict) and value:
        for key, each in value.items():
            yield from _leaves(each, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value:
        for place, each in enumerate(value):
            yield from _leaves(each, f"{path}[{_name_of(each, place)}]")
    else:
        yield path, value


def _name_of(entry: Any, place: int) -> Any:
    if not isinstance(entry, dict):
        return place
    return next((entry[key] for key in _NAMED_BY if isinstance(entry.get(key), str)), place)

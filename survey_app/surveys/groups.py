"""The words every wave shares: respondent groups, topics, grade bands and localities, in their order."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from survey_app.surveys.bilingual import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A respondent group (调查对象类别) and the form it answers."""

    id: str
    label: Text
    form: str
    #: Whether its people are asked about a school of theirs, so that questions may name it.
    in_school: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word of the vocabulary with its label: a topic, a grade band, a locality."""

    id: str
    label: Text


def _label(row: Mapping[str, Any]) -> Text:
    return Text(zh=row["zh"], en=row["en"])


def _terms(rows: list[dict[str, Any]]) -> Mapping[str, Term]:
    return MappingProxyType({row["id"]: Term(id=row["id"], label=_label(row)) for row in rows})


_VOCABULARY = tomllib.loads((Path(__file__).parent / "vocabulary.toml").read_text(encoding="utf-8"))

#: Parents, pupils, teachers, principals, deputies, CPPCC members, other residents.
GROUPS: Mapping[str, Group] = MappingProxyType(
    {
        row["id"]: Group(
            id=row["id"], label=_label(row), form=row["form"], in_school=row.get("in_school", False)
        )
        for row in _VOCABULARY["groups"]
    }
)

#: The six subjects of the survey and the two added in 2024.
TOPICS = _terms(_VOCABULARY["topics"])

GRADE_BANDS = _terms(_VOCABULARY["grade_bands"])

LOCALITIES = _terms(_VOCABULARY["localities"])

#: Codes of evaluation indicators: letter -> how many; ``numbered``: a province's own numbers.
INDICATORS: Mapping[str, int] = MappingProxyType(_VOCABULARY["indicators"])

#: What a text is -> language -> most characters that are read with ease on a phone.
LONGEST: Mapping[str, Mapping[str, int]] = MappingProxyType(_VOCABULARY["longest"])

#: The three questionnaires (社会卷, 学生卷, 校长教师卷) by id.
FORMS = tuple(dict.fromkeys(group.form for group in GROUPS.values()))


def form_for_group(group: str) -> str:
    """Return the id of the questionnaire that *group* answers; an unknown group is a KeyError.

    >>> form_for_group("principal")
    'staff'
    """
    return GROUPS[group].form

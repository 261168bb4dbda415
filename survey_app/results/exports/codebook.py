"""What the columns of single answers are called and what their codes mean, for every format alike.

Codes are numbers with a label in Chinese and English. 不了解 and answers that were not given are codes of
their own, declared as missing, so that no program takes them for ratings.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from survey_app.results.archiving import FIXED, Archive, archive_wave, column_of
from survey_app.results.judging import questionnaires_of
from survey_app.surveys import service as surveys
from survey_app.surveys.bilingual import Text
from survey_app.surveys.groups import GRADE_BANDS, GROUPS, LOCALITIES
from survey_app.surveys.models import Wave
from survey_app.surveys.questionnaire import LEVELS

#: Codes of what is no rating.
DONT_KNOW, NO_ANSWER = 8, 9

_MISSING = {
    DONT_KNOW: Text(zh="不了解", en="Don't know"),
    NO_ANSWER: Text(
        zh="没有作答、没有问到，或问卷无效", en="Not answered, not asked, or questionnaire not valid"
    ),
}

#: Code of a trait that the answer does not keep.
NOT_KEPT = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One column."""

    name: str
    label: Text
    #: ``text``, ``code``, ``count`` or ``real``.
    kind: str
    #: Code -> what it means.
    values: Mapping[int, Text] = field(default_factory=dict)
    #: Codes that are no value.
    missing: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """Single answers with everything that explains them."""

    title: str
    county: str
    wave: int
    #: The wave's declared rules.
    rules: Text
    rules_digest: str
    variables: tuple[Variable, ...]
    #: One row an answer, by the variables' names.
    rows: tuple[Mapping[str, Any], ...]
    #: Groups whose answers are left out, since their figures are withheld.
    withheld: tuple[Text, ...]


_LABELS: Mapping[str, Text] = {
    "county": Text(zh="县级行政区划代码（GB/T 2260）", en="County code (GB/T 2260)"),
    "wave": Text(zh="调查编号", en="Number of the survey"),
    "stratum": Text(zh="抽样层", en="Stratum"),
    "psu": Text(
        zh="抽样单元：学校，不足十份的与邻校合并；按人抽取的为序号",
        en="Sampling unit: schools, pooled where few; a number where persons were drawn",
    ),
    "group": Text(zh="对象", en="Respondent group"),
    "grade_band": Text(zh="学段", en="Grade band"),
    "locality": Text(zh="城乡", en="Locality"),
    "weight": Text(zh="权数", en="Weight"),
    "psu_size": Text(zh="抽样单元的人数", en="People in the sampling unit"),
    "valid": Text(zh="有效问卷", en="Valid questionnaire"),
    "satisfied": Text(
        zh="满意问卷（按这轮调查声明的规则）", en="Satisfied questionnaire by the declared rules"
    ),
}

_YES_NO = {1: Text(zh="是", en="Yes"), 0: Text(zh="否", en="No")}

_KINDS = {"county": "text", "stratum": "text", "psu": "text", "weight": "real", "wave": "count"}


def study_of(session: Session, wave_id: int) -> Study:
    """The answers of a released wave that may leave the application, with their codebook.

    Raises:
        NotFoundError: no wave of that number.
        ConflictError: it is not released.
    """
    archive = archive_wave(session, wave_id)
    wave = surveys.get_wave(session, wave_id)
    rules = surveys.rules_of(wave)
    words = rules.described()
    sets = sorted({row["group"] for row in archive.answers}, key=_group_order)
    groups = {name: number for number, name in enumerate(sets, 1)}
    variables = (*_fixed(groups), *_items(session, wave, archive))
    return Study(
        title=wave.title,
        county=wave.county.name,
        wave=wave.id,
        rules=Text(zh=words.zh, en=words.en),
        rules_digest=rules.digest,
        variables=variables,
        rows=tuple(_coded(row, variables, groups) for row in archive.answers),
        withheld=tuple(GROUPS[group].label for _, group in archive.withheld),
    )


def _group_order(name: str) -> tuple[int, str]:
    return list(GROUPS).index(name.split("+")[0]), name


def _together(name: str, lang: str) -> str:
    between = "、" if lang == "zh" else ", "
    return between.join(GROUPS[group].label.in_language(lang) for group in name.split("+"))


def _fixed(groups: Mapping[str, int]) -> Iterable[Variable]:
    not_kept = {NOT_KEPT: Text(zh="没有保留", en="Not kept")}
    codes: dict[str, Mapping[int, Text]] = {
        "group": {
            code: Text(zh=_together(name, "zh"), en=_together(name, "en")) for name, code in groups.items()
        },
        "grade_band": {code: GRADE_BANDS[name].label for name, code in _numbers(GRADE_BANDS).items()}
        | not_kept,
        "locality": {code: LOCALITIES[name].label for name, code in _numbers(LOCALITIES).items()} | not_kept,
        "valid": _YES_NO,
        "satisfied": _YES_NO | {NO_ANSWER: Text(zh="问卷无效", en="Questionnaire not valid")},
    }
    missing = {"grade_band": (NOT_KEPT,), "locality": (NOT_KEPT,), "satisfied": (NO_ANSWER,)}
    for name in FIXED:
        kind = "code" if name in codes else _KINDS.get(name, "count")
        yield Variable(
            name=name,
            label=_LABELS[name],
            kind=kind,
            values=codes.get(name, {}),
            missing=missing.get(name, ()),
        )


def _numbers(names: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names, 1)}


def _items(session: Session, wave: Wave, archive: Archive) -> list[Variable]:
    """The rated items in the order of the columns; items of the same name in several forms are one column."""
    found: dict[str, Variable] = {}
    for questionnaire in questionnaires_of(session, [used.version_id for used in wave.forms]).values():
        for item in questionnaire.items:
            for part in item.parts:
                name = column_of(part.id)
                if part.kind != "scale" or name not in archive.items or name in found:
                    continue
                turned = (
                    ("（反向题，已换算：5 为最好）", " (reversed, turned: 5 is best)")
                    if part.reversed
                    else ("", "")
                )
                found[name] = Variable(
                    name=name,
                    label=Text(
                        zh=f"{_whole(item, part, 'zh')}{turned[0]}",
                        en=f"{_whole(item, part, 'en')}{turned[1]}",
                    ),
                    kind="code",
                    values=_levels(part) | _MISSING,
                    missing=(DONT_KNOW, NO_ANSWER),
                )
    return [found[name] for name in archive.items if name in found]


def _whole(item: Any, part: Any, lang: str) -> str:
    """The question, and the row of a matrix behind it."""
    own = part.text.in_language(lang)
    return own if part is item else f"{item.text.in_language(lang)} {own}"


def _levels(part: Any) -> dict[int, Text]:
    """Level as it counts -> its words; of a reversed item the code that was ticked is the opposite one."""
    words = {LEVELS[option.code]: option.text for option in part.options if option.code in LEVELS}
    if part.reversed:
        words = {6 - level: text for level, text in words.items()}
    return dict(sorted(words.items()))


def _coded(
    row: Mapping[str, Any], variables: Sequence[Variable], groups: Mapping[str, int]
) -> dict[str, Any]:
    codes = {"grade_band": _numbers(GRADE_BANDS), "locality": _numbers(LOCALITIES), "group": groups}
    coded: dict[str, Any] = {}
    for variable in variables:
        name = variable.name
        if name in codes:
            coded[name] = codes[name].get(row[name], NOT_KEPT)
        elif name == "satisfied":
            coded[name] = NO_ANSWER if row[name] is None else row[name]
        elif name in FIXED:
            coded[name] = row[name]
        else:
            level = row.get(name)
            coded[name] = level if level is not None else DONT_KNOW if name in row else NO_ANSWER
    return coded

"""The schools of a county file as a wide table: one row a school, one column a figure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from survey_app.counties.overview import count_of, has_stage

#: In a cell of a school that cannot have the figure: a junior school's primary classes.
NOT_APPLICABLE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One figure of every school."""

    heading: Any
    unit: Any
    #: The school's figure; None where the file does not say, `NOT_APPLICABLE` where there can be none.
    figure: Callable[[Mapping[str, Any]], Any]
    #: Decimals printed; those the figure has where None.
    digits: int | None = None
    #: A year is printed without separating thousands.
    is_year: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One school, ready to be printed."""

    code: str
    name: str
    kind: str
    locality: str
    township: str
    ownership: str
    boarding: bool
    counted: bool
    figures: Sequence[Any]


def rows(document: Mapping[str, Any]) -> list[Row]:
    """Give the schools of a county file in its order."""
    return [
        Row(
            code=school["code"],
            name=school["name"],
            kind=school["kind"],
            locality=school["locality"],
            township=school.get("township", ""),
            ownership=school["ownership"],
            boarding=school["boarding"],
            counted=school.get("counted", True),
            figures=[column.figure(school) for column in COLUMNS],
        )
        for school in document["schools"]
    ]


def _amount(key: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda school: school.get(key)


def _count(name: str, stage: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda school: count_of(school, name, stage) if has_stage(school, stage) else NOT_APPLICABLE


def _classes(stage: str) -> Callable[[Mapping[str, Any]], Any]:
    def classes(school: Mapping[str, Any]) -> Any:
        if not has_stage(school, stage):
            return NOT_APPLICABLE
        sizes = school.get("class_sizes", {}).get(stage)
        return None if sizes is None else len(sizes)

    return classes


def _rooms(key: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda school: len(school[key]) if key in school else None


COLUMNS = (
    Column(heading=_l("小学在校生"), unit=_l("人"), figure=_count("pupils", "primary")),
    Column(heading=_l("初中在校生"), unit=_l("人"), figure=_count("pupils", "junior")),
    Column(heading=_l("小学班级"), unit=_l("个"), figure=_classes("primary")),
    Column(heading=_l("初中班级"), unit=_l("个"), figure=_classes("junior")),
    Column(heading=_l("小学专任教师"), unit=_l("人"), figure=_count("teachers", "primary")),
    Column(heading=_l("初中专任教师"), unit=_l("人"), figure=_count("teachers", "junior")),
    Column(heading=_l("教学及辅助用房"), unit=_l("平方米"), figure=_amount("teaching_area"), digits=2),
    Column(heading=_l("室内体育用房"), unit=_l("平方米"), figure=_amount("indoor_sports_area"), digits=2),
    Column(heading=_l("运动场地"), unit=_l("平方米"), figure=_amount("sports_ground_area"), digits=2),
    Column(heading=_l("教学仪器设备"), unit=_l("元"), figure=_amount("equipment_value"), digits=0),
    Column(heading=_l("多媒体教室"), unit=_l("间"), figure=_amount("multimedia_rooms")),
    Column(heading=_l("音乐教室"), unit=_l("间"), figure=_rooms("music_rooms")),
    Column(heading=_l("美术教室"), unit=_l("间"), figure=_rooms("art_rooms")),
    Column(heading=_l("规划并建成"), unit=_l("年份"), figure=_amount("built_year"), is_year=True),
)

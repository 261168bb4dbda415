"""A schedule with its pace as people lay it out: cities by years, and a row for each county as CSV."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from evaluation import Schedule
from survey_app.assessments.words import LEVELS, OUTCOMES
from survey_app.sheet_cells import harmless
from survey_app.supervision.schedule import words
from survey_app.supervision.schedule.documents import codes_of
from survey_app.supervision.schedule.pace import Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A county in the table."""

    name: str
    #: None for a name that the province's counties do not have.
    code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A city of the table."""

    city: str
    #: What its head says; None where it says nothing.
    stated: int | None
    named: int
    #: The counties of each year, in the order of the years.
    cells: tuple[tuple[Name, ...], ...]
    #: Counties that stand under no year.
    unnamed: tuple[Name, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """The document as it is printed: cities by years."""

    years: tuple[int, ...]
    rows: tuple[Row, ...]
    #: Stated and named counties of each year.
    feet: tuple[tuple[int | None, int], ...]


def matrix_of(schedule: Schedule) -> Matrix:
    """Lay *schedule* out; nothing in it is repaired."""
    codes = codes_of(schedule)
    years = tuple(sorted(each.year for each in schedule.head.years))
    named = {(each.city, each.county) for each in schedule.counties}
    rows = []
    for city in schedule.head.cities:
        own = schedule.in_city(city.name)
        cells = tuple(
            tuple(
                Name(name=each.county, code=codes.get((each.city, each.county)))
                for each in own
                if each.year == year
            )
            for year in years
        )
        left = tuple(
            Name(name=each.county, code=each.code)
            for each in schedule.divisions
            if each.city == city.name and (each.city, each.county) not in named
        )
        rows.append(Row(city=city.name, stated=city.counties, named=len(own), cells=cells, unnamed=left))
    stated = {each.year: each.counties for each in schedule.head.years}
    feet = tuple((stated[year], len(schedule.in_year(year))) for year in years)
    return Matrix(years=years, rows=tuple(rows), feet=feet)


def csv_of(paces: Sequence[Pace]) -> bytes:
    """Write a row for each county, in UTF-8 with a byte order mark so that spreadsheet programs read it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(
        [
            _("市"),
            _("县（市、区）"),
            _("行政区划代码"),
            _("规划年份"),
            _("其他年份"),
            _("进度"),
            _("通过日期"),
            _("申请所在环节"),
            _("最近评估的数据年份"),
            _("最近评估的结论"),
            _("风险"),
        ]
    )
    for pace in paces:
        county = pace.county
        row = [
            county.city,
            county.name,
            county.code or "",
            county.due or "",
            "; ".join(f"{each.year} {each.document}" for each in county.others),
            str(words.STATES[pace.state]),
            county.recognised_on.isoformat() if county.recognised_on else "",
            _(LEVELS[county.level]) if county.level else "",
            county.run.year if county.run else "",
            _(OUTCOMES[county.run.verdict]) if county.run else "",
            "".join(words.said(each) for each in pace.reasons),
        ]
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue().encode("utf-8-sig")

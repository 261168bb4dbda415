"""The tables of a wave's rate as pages and files show them, made of the frozen figures alone.

What is withheld in the figures is None here: a page, a CSV file and a JSON document cannot show more.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from survey_app.counties.labels import KINDS
from survey_app.formatting import rounded
from survey_app.results.disclosure import POSTERS
from survey_app.results.merging import SUMMED
from survey_app.results.rates.breakdowns import SEVERAL, UNKNOWN
from survey_app.sheet_cells import harmless
from survey_app.surveys.bilingual import Text
from survey_app.surveys.groups import GRADE_BANDS, GROUPS, LOCALITIES, TOPICS

#: Decimals of percentages in files.
_DIGITS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: counts, the rate and the weighted estimate; None for what is withheld or not there."""

    key: str
    label: str
    withheld: bool
    #: ``high`` or ``low``: of the rate of few schools only that it is at an end of the scale.
    cap: str = ""
    #: Questionnaires that rate it, where that is not what is counted.
    raters: int | None = None
    n: int | None = None
    above: int | None = None
    rate: Fraction | None = None
    dont_know: int | None = None
    mean: Fraction | None = None
    weighted: Mapping[str, Any] | None = None
    #: A heading that it stands under, where that changes.
    under: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table with its words."""

    name: str
    title: str
    #: What is counted and how the rate is made.
    caption: str
    head: str
    n_label: str
    above_label: str
    lines: tuple[Line, ...]

    def line(self, key: str) -> Line | None:
        """The line with this key."""
        return next((line for line in self.lines if line.key == key), None)


def sheet_of(outcome: Mapping[str, Any], name: str, language: str) -> Sheet | None:
    """The table *name* of the frozen figures; None where figures of that age do not hold it."""
    title, head, make = SHEETS[name]
    lines = make(outcome, language, name)
    if lines is None:
        return None
    ratings = name in _OF_RATINGS
    return Sheet(
        name=name,
        title=str(title),
        head=str(head),
        caption=_("评为前两档的次数 ÷ 评分次数，“不了解”不计")
        if ratings
        else _("满意问卷 ÷ 有效问卷，按这轮调查声明的规则"),
        n_label=_("评分（次）") if ratings else _("有效（份）"),
        above_label=_("前两档（次）") if ratings else _("满意（份）"),
        lines=tuple(lines),
    )


def worded(text: Mapping[str, str], language: str) -> str:
    """A question as it was put, with a word for any county or school where it names one.

    >>> worded({"zh": "您对{county}的教育满意吗？", "en": ""}, "zh")
    '您对本县的教育满意吗？'
    """
    return Text(zh=text["zh"], en=text["en"] or text["zh"]).in_language(language)


def as_csv(sheet: Sheet) -> bytes:
    """The table as UTF-8 with a byte order mark, which spreadsheet programs need for Chinese."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        [
            *(sheet.head, sheet.n_label, sheet.above_label, _("比例（百分数）"), _("不了解（次）")),
            *(_("平均分"), _("加权估计（百分数）"), _("区间下限（百分数）"), _("区间上限（百分数）")),
            *(_("标准误（百分点）"), _("抽样单元（个）"), _("自由度")),
        ]
    )
    for line in sheet.lines:
        writer.writerow(_cells(line))
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def as_document(sheet: Sheet) -> dict[str, Any]:
    """The table for programs: counts as they are, shares as numbers from 0 to 1."""
    return {
        "table": sheet.name,
        "title": sheet.title,
        "counts": [sheet.n_label, sheet.above_label],
        "rows": [
            {
                "key": line.key,
                "label": line.label,
                "withheld": line.withheld,
                "cap": line.cap or None,
                "n": line.n,
                "above": line.above,
                "rate": None if line.rate is None else float(line.rate),
                "dont_know": line.dont_know,
                "mean": None if line.mean is None else float(line.mean),
                "weighted": None if line.weighted is None else dict(line.weighted),
            }
            for line in sheet.lines
        ],
    }


def _cells(line: Line) -> list[str | int | Decimal]:
    hidden = (CAPS[line.cap] if line.cap else _("不公布")) if line.withheld else ""
    weighted = line.weighted or {}
    shares = [_percent(weighted.get(name)) for name in ("estimate", "lower", "upper", "se")]
    counts = [weighted.get("psus"), weighted.get("df")]
    return [
        harmless(line.label),
        *(
            str(hidden) if figure is None else figure
            for figure in (line.n, line.above, _percent(line.rate), line.dont_know)
        ),
        "" if line.mean is None else rounded(line.mean, _DIGITS),
        *("" if figure is None else figure for figure in (*shares, *counts)),
    ]


def _percent(share: Fraction | float | None) -> Decimal | None:
    if share is None:
        return None
    exact = Fraction(str(share)) if isinstance(share, float) else share
    return rounded(exact * 100, _DIGITS)


#: What is told of the rate of few schools at an end of the scale.
CAPS: Mapping[str, Any] = {"high": "≥ 95%", "low": "≤ 5%"}

#: Levels that stand for what is not kept or not known.
_REST = {
    SUMMED: _l("只保留合计的答卷"),
    SEVERAL: _l("几类学校合并统计"),
    POSTERS: _l("扫海报填写"),
}

_MODES = {"web": _l("自己填写"), "phone": _l("电话访问")}
_WAYS = {"drawn": _l("抽中的人，一人一码"), "class": _l("班级码、村居码"), "poster": _l("扫海报填写")}

#: Why a level is empty.
_UNKNOWN = {
    "school_type": _l("不按学校抽取的对象"),
    "locality": _l("没有保留城乡，或不按学校抽取"),
    "grade_band": _l("没有保留学段，或不按学校抽取"),
    "mode": _l("没有保留作答方式"),
    "way": _l("没有保留来路"),
}

#: Level -> words, in the order of the lines.
_LEVELS: Mapping[str, Mapping[str, Any]] = {
    "school_type": KINDS,
    "locality": {name: term.label for name, term in LOCALITIES.items()},
    "grade_band": {name: term.label for name, term in GRADE_BANDS.items()},
    "mode": _MODES,
    "way": _WAYS,
}


def _label(table: str, level: str, language: str) -> str:
    if level == UNKNOWN:
        return str(_UNKNOWN[table])
    if level in _REST:
        return str(_REST[level])
    words = _LEVELS[table].get(level, level)
    return words.in_language(language) if hasattr(words, "in_language") else str(words)


def _of_breakdown(outcome: Mapping[str, Any], language: str, name: str) -> list[Line] | None:
    found = next((each for each in outcome.get("breakdowns", ()) if each["by"] == name), None)
    if found is None:
        return None
    order = [*_LEVELS[name], SEVERAL, UNKNOWN, SUMMED]
    rows = sorted(found["rows"], key=lambda row: order.index(row["level"]) if row["level"] in order else 99)
    return [_line(row, row["level"] or "~", _label(name, row["level"], language)) for row in rows]


def _of_groups(outcome: Mapping[str, Any], language: str, _name: str) -> list[Line]:
    lines = [
        _line(row, row["group"], GROUPS[row["group"]].label.in_language(language))
        for row in outcome["groups"]
    ]
    for row in outcome.get("merged", ()):
        names = "、".join(GROUPS[group].label.in_language(language) for group in row["groups"])
        lines.append(_line(row, row["kept_as"], _("合并统计：%(groups)s", groups=names)))
    posters = outcome.get("posters")
    if posters:
        counted = posters["counted"]
        label = _("扫海报填写（计入认可度）") if counted else _("扫海报填写（不计入认可度）")
        lines.append(_line(posters, POSTERS, label))
    return lines


def _of_topics(outcome: Mapping[str, Any], language: str, _name: str) -> list[Line]:
    return [_marks(row, TOPICS[row["id"]].label.in_language(language)) for row in outcome["topics"]]


def _of_indicators(outcome: Mapping[str, Any], _language: str, _name: str) -> list[Line]:
    return [_marks(row, row["id"]) for row in outcome["indicators"]]


def _of_items(outcome: Mapping[str, Any], language: str, _name: str) -> list[Line] | None:
    if "items" not in outcome:
        return None
    lines, before = [], ""
    for row in outcome["items"]:
        under = "" if row["form"] == before else str(FORMS[row["form"]])
        before = row["form"]
        text = worded(row["text"], language)
        label = _("%(text)s（反向题，已换算）", text=text) if row["reversed"] else text
        lines.append(_marks(row, label, under=under))
    return lines


def _line(row: Mapping[str, Any], key: str, label: str) -> Line:
    return Line(
        key=key,
        label=label,
        withheld=row["withheld"],
        cap=row.get("cap", ""),
        n=row["valid"],
        above=row["satisfied"],
        rate=row["rate"],
        weighted=row.get("weighted"),
    )


def _marks(row: Mapping[str, Any], label: str, *, under: str = "") -> Line:
    return Line(
        key=row["id"],
        label=label,
        withheld=row["withheld"],
        raters=row.get("n"),
        n=row["rated"],
        above=row["positive"],
        rate=row["rate"],
        dont_know=row.get("dont_know"),
        mean=row.get("mean"),
        weighted=row.get("weighted"),
        under=under,
    )


#: The three questionnaires.
FORMS: Mapping[str, Any] = {"public": _l("社会卷"), "student": _l("学生卷"), "staff": _l("校长教师卷")}

_OF_RATINGS = {"topics", "items", "indicators"}

_Maker = Callable[[Mapping[str, Any], str, str], Sequence[Line] | None]

#: Table -> title, head of the first column, its lines; in the order of the pages.
SHEETS: Mapping[str, tuple[Any, Any, _Maker]] = {
    "group": (_l("按对象"), _l("对象"), _of_groups),
    "topics": (_l("按主题"), _l("主题"), _of_topics),
    "items": (_l("按题目"), _l("题目"), _of_items),
    "school_type": (_l("按学校类型"), _l("学校类型"), _of_breakdown),
    "locality": (_l("按城乡"), _l("城乡"), _of_breakdown),
    "grade_band": (_l("按学段"), _l("学段"), _of_breakdown),
    "mode": (_l("按作答方式"), _l("作答方式"), _of_breakdown),
    "way": (_l("按来路"), _l("来路"), _of_breakdown),
    "indicators": (_l("按指标"), _l("指标"), _of_indicators),
}

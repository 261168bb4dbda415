"""The summary of a region in Word: all its counties in numbers, with charts, and a table of every one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from evaluation import UnknownSchemeError, load_scheme
from survey_app.assessments import charts
from survey_app.assessments.figures import exact, figure, limit
from survey_app.assessments.report.gongwen import Paper
from survey_app.assessments.report.tables import Cell, Column
from survey_app.assessments.words import STAGES
from survey_app.formatting import number
from survey_app.supervision.dispatch.content import median
from survey_app.supervision.dispatch.failing import Failing
from survey_app.supervision.dispatch.periods import Period
from survey_app.supervision.dispatch.tables import (
    YEAR_COLUMNS,
    as_of_said,
    figure_below,
    how_then,
    rate_cell,
    year_rows,
)
from survey_app.supervision.ledger.gaps import wan
from survey_app.supervision.province.ordering import SECTIONS
from survey_app.supervision.province.words import SECTION_WORDS

AUTHOR = "均衡 Junheng"

#: Items and counties that a table names.
_MOST = 20

Counties = Sequence[Mapping[str, Any]]


def write_year(
    content: Mapping[str, Any],
    failing: Sequence[Failing],
    *,
    region: str,
    version: int,
    digest: str,
    made_at: datetime,
) -> bytes:
    """Write the paper in Chinese, as the form of official papers asks; the same facts give the same bytes.

    Args:
        content: what `content.year_content` froze.
        failing: the items that most counties miss, the first of them first.
        region: the region's name.
        version: of the report.
        digest: of its content.
        made_at: when it was made.
    """
    counties = content["counties"]
    title = (f"{region}{Period(content['year']).title}县域义务教育", "优质均衡发展情况报告")
    paper = Paper(
        title="".join(title), author=AUTHOR, footer=f"第{version}版　校验值 {digest}", made_at=made_at
    )
    paper.title(*title, below=as_of_said(content, made_at))
    _whole(paper, counties)
    _sections(paper, counties)
    _differences(paper, counties)
    _recognition(paper, counties)
    _pace(paper, content)
    _listed(paper, counties)
    _failing(paper, failing)
    _ledger(paper, content)
    _readings(paper, content)
    _all(paper, counties)
    return paper.save()


def _whole(paper: Paper, counties: Counties) -> None:
    paper.part("总体情况")
    verdicts = Counter(each["run"]["verdict"] if each["run"] else "none" for each in counties)
    done = sum(each["recognised_on"] is not None for each in counties)
    paper.text(
        f"全域共{len(counties)}个县（市、区）。已通过国家认定{done}个。最近一次评估达标{verdicts['met']}个，"
        f"未达标{verdicts['not_met']}个，缺数据无法判定{verdicts['undetermined']}个，没有评估过{verdicts['none']}个。"
    )
    schemes = Counter(each["run"]["scheme"] for each in counties if each["run"])
    if len(schemes) > 1:
        said = "，".join(f"{_title_of(scheme)}{count}个" for scheme, count in schemes.most_common())
        paper.text(f"各县所用的评估细则不同（{said}），不同细则的结论不宜直接比较。")


def _sections(paper: Paper, counties: Counties) -> None:
    runs = [each["run"] for each in counties if each["run"]]
    if not runs:
        return
    paper.part("各部分达标情况")
    rows: list[list[Cell | str]] = []
    bars: list[tuple[str, Fraction | None]] = []
    for section in SECTIONS:
        outcomes = Counter(run["sections"][section] for run in runs if section in run["sections"])
        if not outcomes:
            continue
        share = Fraction(outcomes["met"], outcomes.total())
        counts = [str(outcomes[each]) for each in ("met", "not_met", "undetermined")]
        rows.append([SECTION_WORDS[section][1], *counts, figure(share, "percent")])
        bars.append((SECTION_WORDS[section][1], share))
    columns = (
        Column(heading="部分", share=30),
        Column(heading="达标（县）", share=17, figures=True),
        Column(heading="未达标（县）", share=17, figures=True),
        Column(heading="无法判定（县）", share=18, figures=True),
        Column(heading="达标的占比", share=18, figures=True),
    )
    paper.table("各部分达标的县数", columns, rows)
    said = "，".join(f"{name}{figure(share, 'percent')}" for name, share in bars)
    half = (len(bars) + 1) // 2
    chart = charts.picture(
        [charts.share_panel("达标的县占评估过的县", bars[:half]), charts.share_panel("", bars[half:])]
    )
    paper.picture(chart, "各部分达标的县所占比例", f"各部分达标的县所占比例：{said}")


def _differences(paper: Paper, counties: Counties) -> None:
    found: dict[tuple[str, str], list[tuple[Fraction, Fraction]]] = {}
    for each in counties:
        for one in each["run"]["coefficients"] if each["run"] else ():
            value, most = exact(one["value"]), exact(one["limit"])
            if value is not None and most is not None:
                found.setdefault((one["stage"], one["key"]), []).append((value, most))
    if not found:
        return
    paper.part("校际差异系数")
    short = _short_names(counties)
    rows: list[list[Cell | str]] = []
    panels: dict[str, list[tuple[str, Fraction, str]]] = {}
    limits: dict[str, set[Fraction]] = {}
    for (stage, key), pairs in sorted(found.items(), key=lambda each: (each[0][0] != "primary", each[0][1])):
        values, most = [value for value, _most in pairs], {most for _value, most in pairs}
        over = sum(value > most for value, most in pairs)
        middle = median(values)
        rows.append(
            [
                STAGES[stage],
                f"{key} {short.get(key, '')}".strip(),
                str(len(values)),
                *(figure(each, "coefficient") for each in (min(values), middle, max(values))),
                "、".join(limit(each) for each in sorted(most)),
                Cell(str(over), "not_met" if over else ""),
            ]
        )
        outcome = "not_met" if middle > min(most) else "met"
        panels.setdefault(stage, []).append((f"{key} {short.get(key, '')}".strip(), middle, outcome))
        limits.setdefault(stage, set()).update(most)
    columns = (
        Column(heading="学段", share=10),
        Column(heading="指标", share=26),
        Column(heading="有数据（县）", share=12, figures=True),
        Column(heading="最小", share=10, figures=True),
        Column(heading="中位数", share=10, figures=True),
        Column(heading="最大", share=10, figures=True),
        Column(heading="上限", share=9, figures=True),
        Column(heading="超过上限（县）", share=13, figures=True),
    )
    paper.table("各县差异系数的分布", columns, rows)
    drawn = [
        charts.panel(f"{STAGES[stage]}（各县中位数）", min(limits[stage]), panels[stage]) for stage in panels
    ]
    said = "；".join(
        f"{STAGES[stage]}：" + "，".join(f"{key} {figure(value, 'coefficient')}" for key, value, _ in rows)
        for stage, rows in panels.items()
    )
    paper.picture(charts.picture(drawn), "各指标差异系数的中位数与上限", f"各指标差异系数的中位数。{said}")


def _recognition(paper: Paper, counties: Counties) -> None:
    asked = [(each, each["run"]["recognition"]) for each in counties if each["run"]]
    known = [(each, said) for each, said in asked if said and said["rate"] is not None]
    paper.part("社会认可度")
    without = sum(said is not None and said["rate"] is None for _each, said in asked)
    if not known:
        paper.text(f"还没有可以引用的调查结果；细则要求调查而没有结果的{without}个县。")
        return
    rates = [Fraction(said["rate"]) for _each, said in known]
    below = sum(figure_below(said) for _each, said in known)
    paper.text(
        f"有调查结果的{len(known)}个县，社会认可度最低{figure(min(rates), 'percent')}、中位数"
        f"{figure(median(rates), 'percent')}、最高{figure(max(rates), 'percent')}；低于标准的{below}个县。"
        f"要求调查而没有结果的{without}个县。"
    )
    ordered = sorted(known, key=lambda pair: Fraction(pair[1]["rate"]))[:_MOST]
    rows: list[list[Cell | str]] = [
        [
            each["name"],
            each["city"],
            rate_cell(each["run"]),
            limit(said["limit"], "percent"),
            f"{figure(said['low'], 'percent')}—{figure(said['high'], 'percent')}" if said["low"] else "—",
        ]
        for each, said in ordered
    ]
    columns = (
        Column(heading="县（市、区）", share=24),
        Column(heading="市", share=18),
        Column(heading="社会认可度", share=18, figures=True),
        Column(heading="标准", share=14, figures=True),
        Column(heading="95%置信区间", share=26, figures=True),
    )
    paper.table(f"社会认可度最低的{len(rows)}个县", columns, rows)
    paper.text("置信区间按抽样设计加权估计，只供参考，不改变按细则得出的结论。")


def _pace(paper: Paper, content: Mapping[str, Any]) -> None:
    paper.part("认定进度")
    schedule = content["schedule"]
    if schedule is None:
        paper.text("系统中没有保存认定时间表，无法说明进度。")
        return
    named = [each for each in content["counties"] if each["due"]]
    paper.text(
        f"按《{schedule['title']}》（{schedule['document']}，系统保存的第{schedule['version']}版），"
        f"列入年份的县{len(named)}个，没有列入的{len(content['counties']) - len(named)}个。"
    )
    rows: list[list[Cell | str]] = []
    for year in sorted({each["due"] for each in named}):
        own = [each for each in named if each["due"] == year]
        until = [each for each in named if each["due"] <= year]
        behind = sum(each["pace"]["state"] == "behind" for each in own)
        rows.append(
            [
                str(year),
                str(len(own)),
                str(sum(each["recognised_on"] is not None for each in own)),
                Cell(str(behind), "not_met" if behind else ""),
                str(sum(bool(each["pace"]["reasons"]) for each in own)),
                str(len(until)),
            ]
        )
    columns = (
        Column(heading="计划年", share=14),
        Column(heading="列入（县）", share=16, figures=True),
        Column(heading="已通过（县）", share=17, figures=True),
        Column(heading="已过年份（县）", share=18, figures=True),
        Column(heading="有风险（县）", share=17, figures=True),
        Column(heading="到该年累计列入（县）", share=22, figures=True),
    )
    paper.table("按计划年份的进度", columns, rows)
    cities = list(dict.fromkeys(each["city"] for each in content["counties"]))
    if len(cities) > 1:
        paper.table("按市的进度", _CITY_COLUMNS, [_city_row(city, content["counties"]) for city in cities])


_CITY_COLUMNS = (
    Column(heading="市", share=24),
    Column(heading="县（个）", share=15, figures=True),
    Column(heading="已通过（县）", share=20, figures=True),
    Column(heading="已过年份（县）", share=20, figures=True),
    Column(heading="有风险（县）", share=20, figures=True),
)


def _city_row(city: str, counties: Counties) -> list[Cell | str]:
    own = [each for each in counties if each["city"] == city]
    behind = sum(bool(each["pace"]) and each["pace"]["state"] == "behind" for each in own)
    return [
        city,
        str(len(own)),
        str(sum(each["recognised_on"] is not None for each in own)),
        Cell(str(behind), "not_met" if behind else ""),
        str(sum(bool(each["pace"] and each["pace"]["reasons"]) for each in own)),
    ]


def _listed(paper: Paper, counties: Counties) -> None:
    paper.part("挂牌督办")
    names = [f"{each['name']}（{each['city']}）" for each in counties if each["listed"]]
    paper.text(f"正在挂牌督办的{len(names)}个县：{'、'.join(names)}。" if names else "没有正在挂牌督办的县。")


def _failing(paper: Paper, failing: Sequence[Failing]) -> None:
    paper.part("最多县未达标的项目")
    if not failing:
        paper.text("没有未达标或缺数据的项目。")
        return
    several = len({each.scheme for each in failing}) > 1
    rows: list[list[Cell | str]] = [
        [
            f"{each.title}（{each.scheme}）" if several else each.title,
            str(each.judged),
            Cell(str(each.not_met), "not_met" if each.not_met else ""),
            Cell(str(each.undetermined), "undetermined" if each.undetermined else ""),
        ]
        for each in failing[:_MOST]
    ]
    columns = (
        Column(heading="项目", share=58),
        Column(heading="评估（县）", share=13, figures=True),
        Column(heading="未达标（县）", share=14, figures=True),
        Column(heading="缺数据（县）", share=15, figures=True),
    )
    paper.table(f"未达标的县最多的{len(rows)}项", columns, rows)


def _ledger(paper: Paper, content: Mapping[str, Any]) -> None:
    paper.part("工作台账")
    counties, money = content["counties"], content["money"]
    open_, late = (sum(each["tasks"][key] for each in counties) for key in ("open", "overdue"))
    accepted = sum(each["work"]["accepted"] for each in counties)
    where = sum(bool(each["tasks"]["overdue"]) for each in counties)
    paper.text(
        f"没有办结的任务{open_}项，其中逾期{late}项，涉及{where}个县。{content['year']}年验收任务{accepted}项。"
    )
    if not money:
        return
    rows: list[list[Cell | str]] = [
        [
            str(each["year"]),
            str(each["tasks"]),
            number(wan(each["yuan"]), 2),
            number(wan(each["done_yuan"]), 2),
        ]
        for each in money
    ]
    total = [sum(each[key] for each in money) for key in ("yuan", "done_yuan")]
    rows.append(["合计", "", *(number(wan(each), 2) for each in total)])
    columns = (
        Column(heading="年度", share=20),
        Column(heading="列有资金的任务（项）", share=26, figures=True),
        Column(heading="资金（万元）", share=27, figures=True),
        Column(heading="其中已办结（万元）", share=27, figures=True),
    )
    paper.table("台账资金（取消的任务不计）", columns, rows)


def _readings(paper: Paper, content: Mapping[str, Any]) -> None:
    counties = content["counties"]
    paper.part("说明")
    if said := how_then(content):
        paper.text(said)
    paper.text(
        "结论取各县最近数据年份的最后一次评估，不论哪一级。缺数据不算达标。"
        "差异系数按细则分学段计算，中位数是各县数值的中位数，不是全域学校的差异系数。"
    )
    for scheme in sorted({each["run"]["scheme"] for each in counties if each["run"]}):
        try:
            read = [text["zh"] for text in load_scheme(scheme).declared]
        except UnknownSchemeError:
            continue
        if read:
            paper.text(f"《{_title_of(scheme)}》没有写明、由系统按下列读法处理的：")
        for position, text in enumerate(read, start=1):
            paper.text(f"（{position}）{text}")


def _all(paper: Paper, counties: Counties) -> None:
    notes = ("“未达”为未达标；“—”为没有。未达标一栏前为项目数，后为未通过学校标准的学校数。",)
    paper.form_table("附表　各县情况", YEAR_COLUMNS, year_rows(counties), notes, landscape=True)


def _short_names(counties: Counties) -> dict[str, str]:
    """Short names of indicators by the scheme that most counties were judged by."""
    schemes = Counter(each["run"]["scheme"] for each in counties if each["run"])
    try:
        scheme = load_scheme(schemes.most_common(1)[0][0])
    except UnknownSchemeError:
        return {}
    return {each.id: each.short["zh"] for each in scheme.resources.indicators if each.short}


def _title_of(scheme: str) -> str:
    try:
        return load_scheme(scheme).title["zh"]
    except UnknownSchemeError:
        return scheme

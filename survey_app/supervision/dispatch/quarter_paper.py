"""The quarterly dispatch (季度调度通报) in Word: a summary of a page, and every county in annexed tables."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from survey_app.assessments.report.gongwen import Paper
from survey_app.assessments.report.tables import Cell
from survey_app.supervision.dispatch.periods import Period
from survey_app.supervision.dispatch.tables import (
    DETAIL_COLUMNS,
    QUARTER_COLUMNS,
    RISK_COLUMNS,
    STEP_COLUMNS,
    TOTAL_COLUMNS,
    as_of_said,
    dated,
    days_dated,
    how_then,
    quarter_rows,
    risk_rows,
    step_rows,
    total_rows,
)
from survey_app.supervision.dispatch.words import (
    MARKS,
    REASON_PHRASES,
    doing_said,
    next_said,
    work_said,
)
from survey_app.supervision.schedule.words import sentence_of

AUTHOR = "均衡 Junheng"

#: Told how many counties are written.
Told = Callable[[int, int], None]

Counties = Sequence[Mapping[str, Any]]


def write_quarter(
    content: Mapping[str, Any], *, region: str, version: int, digest: str, made_at: datetime, told: Told
) -> bytes:
    """Write the paper in Chinese, as the form of official papers asks; the same content gives the same bytes.

    Args:
        content: what `content.quarter_content` froze.
        region: the region's name.
        version: of the report.
        digest: of its content.
        made_at: when it was made.
        told: told how far it is.
    """
    period = Period(content["year"], content["quarter"])
    title = (f"关于{period.title}{region}县域义务教育", "优质均衡发展工作调度情况的通报")
    paper = Paper(
        title="".join(title), author=AUTHOR, footer=f"第{version}版　校验值 {digest}", made_at=made_at
    )
    paper.title(*title, below=as_of_said(content, made_at))
    _summary(paper, content)
    _notes(paper, content)
    paper.closing("（调度单位名称，盖章）", "年　　月　　日")
    _annexes(paper, content, told)
    return paper.save()


def _summary(paper: Paper, content: Mapping[str, Any]) -> None:
    schedule, counties = content["schedule"], content["counties"]
    if not counties:
        paper.text(f"按《{schedule['title']}》（{schedule['document']}），没有到期或即将到期而未通过的县。")
    paper.form_table(
        "各县情况，与上季度末相比（县，个）",
        TOTAL_COLUMNS,
        total_rows(content),
        _turns(counties),
        compact=True,
    )
    if risks := risk_rows(counties):
        marks = "　".join(f"{mark}{REASON_PHRASES[key]}" for key, mark in MARKS.items())
        paper.form_table("落后和有风险的县", RISK_COLUMNS, risks, (marks,), compact=True)
    else:
        paper.text("没有发现落后或有风险的县。")
    if steps := step_rows(counties):
        paper.form_table("下一步要求", STEP_COLUMNS, steps, (), compact=True)
    else:
        paper.text("没有按规则得出的要求。")


def _turns(counties: Counties) -> list[str]:
    """Which counties turned in the quarter."""
    changed = [each for each in counties if _changed(each)]
    turned = {
        "本季度以来通过国家认定": [each for each in counties if each["recognised_on"]],
        "本季度新达标": [each for each in changed if each["run"]["verdict"] == "met"],
        "本季度不再达标": [each for each in changed if each["verdict_before"] == "met"],
    }
    others = len(changed) - len(turned["本季度新达标"]) - len(turned["本季度不再达标"])
    said = [f"{how}：{'、'.join(each['name'] for each in found)}" for how, found in turned.items() if found]
    said += [f"结论另有变化的{others}个县，见附表1"] if others else []
    return [f"{'；'.join(said)}。"] if said else []


def _changed(county: Mapping[str, Any]) -> bool:
    run, before = county["run"], county["verdict_before"]
    return bool(run and before and run["verdict"] != before)


def _notes(paper: Paper, content: Mapping[str, Any]) -> None:
    schedule = content["schedule"]
    paper.heading("说明")
    paper.text(
        f"计划年份取自《{schedule['title']}》（{schedule['document']}），系统保存的第{schedule['version']}版。"
        f"计划当年12月31日以前算到期，以后算已过年份；申请在一级停留超过{content['slow_step_days']}天算停滞。"
    )
    paper.text(
        "结论取各县最近数据年份的最后一次评估，不论哪一级；缺数据不算达标。下一步要求按规则由上述事实得出，"
        f"一个县可以有几项。上季度末是{dated(content['earlier']['as_of'])}终了。各县现状见附表1，工作、原因和要求见附表2。"
    )
    if said := how_then(content):
        paper.text(said)


def _annexes(paper: Paper, content: Mapping[str, Any], told: Told) -> None:
    counties = content["counties"]
    if not counties:
        return
    notes = (f"时间表的校验值 {content['schedule']['digest']}。",)
    paper.form_table("附表1　各县现状", QUARTER_COLUMNS, quarter_rows(counties), notes, landscape=True)
    rows: list[list[Cell | str]] = []
    told(0, len(counties) + 1)
    for position, each in enumerate(counties, start=1):
        rows.append(_detail(each))
        told(position, len(counties) + 1)
    paper.form_table("附表2　各县工作、原因和要求", DETAIL_COLUMNS, rows, (), landscape=True)


def _detail(each: Mapping[str, Any]) -> list[Cell | str]:
    done = [f"{_short(doing['on'])}{doing_said(_dated(doing))}" for doing in each["doings"]]
    done += work_said(each["work"])
    risks = [sentence_of(reason["key"], days_dated(reason["facts"])) for reason in each["pace"]["reasons"]]
    steps = [next_said(_dated(step)) for step in each["next"]]
    return [
        f"{each['name']}（{each['city']}）",
        f"{'；'.join(done)}。" if done else "没有记录",
        "".join(risks) or "—",
        "".join(steps) or "—",
    ]


def _dated(said: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**said, "facts": days_dated(said["facts"])}


def _short(day: str) -> str:
    _year, month, number = day.split("-")
    return f"{int(month)}月{int(number)}日"

"""The quarterly dispatch in Word of reports of the first form: they give the paper they always gave."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from survey_app.assessments.report.gongwen import Paper
from survey_app.supervision.dispatch.periods import Period
from survey_app.supervision.dispatch.tables import QUARTER_COLUMNS, dated, days_dated, quarter_rows
from survey_app.supervision.dispatch.words import doing_said, next_said, work_said
from survey_app.supervision.schedule.words import sentence_of

AUTHOR = "均衡 Junheng"

#: Told how many counties are written.
Told = Callable[[int, int], None]


def write_first_form(
    content: Mapping[str, Any], *, region: str, version: int, digest: str, made_at: datetime, told: Told
) -> bytes:
    """Write the paper in Chinese, as the form of official papers asks; the same content gives the same bytes.

    Args:
        content: what was frozen before forms were counted.
        region: the region's name.
        version: of the report.
        digest: of its content.
        made_at: when it was made.
        told: told how far it is.
    """
    period, counties = Period(content["year"], content["quarter"]), content["counties"]
    title = (f"关于{period.title}{region}县域义务教育", "优质均衡发展工作调度情况的通报")
    paper = Paper(
        title="".join(title), author=AUTHOR, footer=f"第{version}版　校验值 {digest}", made_at=made_at
    )
    paper.title(*title, below=f"（各县情况截至{dated(content['as_of'])}）")
    _whole(paper, counties, content)
    _standing(paper, counties)
    _done(paper, counties, told)
    _risks(paper, counties)
    _next(paper, counties)
    _notes(paper, content)
    paper.closing("（调度单位名称，盖章）", "年　　月　　日")
    paper.annexes()
    return paper.save()


def _whole(paper: Paper, counties: Sequence[Mapping[str, Any]], content: Mapping[str, Any]) -> None:
    paper.part("总体情况")
    schedule = content["schedule"]
    if not counties:
        paper.text(f"按《{schedule['title']}》（{schedule['document']}），没有到期或即将到期而未通过的县。")
        return
    states = Counter(each["pace"]["state"] for each in counties)
    paper.text(
        f"按《{schedule['title']}》（{schedule['document']}），列入本次调度的县{len(counties)}个："
        f"已过计划年份而未通过{states['behind']}个，今年到期{states['due']}个，明年到期{states['next']}个。"
    )
    if passed := [each["name"] for each in counties if each["recognised_on"]]:
        paper.text(f"本季度以来通过国家认定的{len(passed)}个：{'、'.join(passed)}。")
    verdicts = Counter(each["run"]["verdict"] if each["run"] else "none" for each in counties)
    paper.text(
        f"最近一次评估：达标{verdicts['met']}个，未达标{verdicts['not_met']}个，"
        f"缺数据无法判定{verdicts['undetermined']}个，没有评估过{verdicts['none']}个。"
    )
    applied = sum(each["pace"]["level"] is not None for each in counties)
    overdue = sum(each["tasks"]["overdue"] for each in counties)
    behind = sum(bool(each["tasks"]["overdue"]) for each in counties)
    paper.text(f"提出认定申请正在办理的{applied}个。台账中逾期任务{overdue}项，涉及{behind}个县。")
    changed = [each for each in counties if _changed(each)]
    better = [each["name"] for each in changed if each["run"]["verdict"] == "met"]
    worse = [each["name"] for each in changed if each["verdict_before"] == "met"]
    if changed:
        said = [f"与本季度以前相比，结论有变化的{len(changed)}个"]
        said += [f"新达标：{'、'.join(better)}"] if better else []
        said += [f"不再达标：{'、'.join(worse)}"] if worse else []
        paper.text(f"{'，'.join(said)}。")


def _changed(county: Mapping[str, Any]) -> bool:
    run, before = county["run"], county["verdict_before"]
    return bool(run and before and run["verdict"] != before)


def _standing(paper: Paper, counties: Sequence[Mapping[str, Any]]) -> None:
    if not counties:
        return
    paper.part("各县现状")
    paper.long_table("到期和即将到期的县", QUARTER_COLUMNS, quarter_rows(counties))


def _done(paper: Paper, counties: Sequence[Mapping[str, Any]], told: Told) -> None:
    if not counties:
        return
    paper.part("本季度的工作")
    active = [each for each in counties if each["doings"] or any(each["work"].values())]
    told(0, len(active) + 1)
    for position, each in enumerate(active, start=1):
        said = [f"{_short(doing['on'])}{doing_said(_dated(doing))}" for doing in each["doings"]]
        said += work_said(each["work"])
        paper.text(f"{each['name']}（{each['city']}）：{'；'.join(said)}。")
        told(position, len(active) + 1)
    if idle := [each["name"] for each in counties if each not in active]:
        paper.text(f"本季度没有记录的{len(idle)}个县：{'、'.join(idle)}。")


def _risks(paper: Paper, counties: Sequence[Mapping[str, Any]]) -> None:
    paper.part("落后和有风险的县")
    risky = [each for each in counties if each["pace"]["reasons"]]
    if not risky:
        paper.text("没有发现落后或有风险的县。")
    for each in risky:
        said = "".join(
            sentence_of(reason["key"], days_dated(reason["facts"])) for reason in each["pace"]["reasons"]
        )
        paper.text(f"{each['name']}（{each['city']}）：{said}")


def _next(paper: Paper, counties: Sequence[Mapping[str, Any]]) -> None:
    paper.part("下一步要求")
    asked = [each for each in counties if each["next"]]
    if not asked:
        paper.text("没有按规则得出的要求。")
    for each in asked:
        paper.text(f"{each['name']}：{''.join(next_said(_dated(step)) for step in each['next'])}")


def _notes(paper: Paper, content: Mapping[str, Any]) -> None:
    schedule = content["schedule"]
    paper.part("说明")
    paper.text(
        f"计划年份取自《{schedule['title']}》（{schedule['document']}），系统保存的第{schedule['version']}版，"
        f"校验值{schedule['digest']}。计划当年12月31日以前算到期，以后算已过年份；"
        f"申请在一级停留超过{content['slow_step_days']}天算停滞。"
    )
    paper.text(
        "结论取各县最近数据年份的最后一次评估，不论哪一级；缺数据不算达标。下一步要求按规则由上述事实得出。"
    )


def _dated(said: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**said, "facts": days_dated(said["facts"])}


def _short(day: str) -> str:
    _year, month, number = day.split("-")
    return f"{int(month)}月{int(number)}日"

"""Sentences of a report; papers are written in Chinese, pages in the reader's language."""

from collections.abc import Callable, Mapping
from typing import Any

from survey_app.assessments.words import LEVELS, OUTCOMES

#: Turns a marked text into the reader's language, or leaves it as it is for a paper.
Say = Callable[[str], str]


def _(text: str) -> str:
    """Mark *text* for the catalogue; it is translated when it is said."""
    return text


#: Kind of doing → its sentence.
DOINGS: Mapping[str, str] = {
    "survey_opened": _("调查“{title}”开始作答"),
    "survey_released": _("调查“{title}”发布结果"),
    "run": _("第 {number} 次评估（{level}，{year} 年数据）：{verdict}"),
    "applied": _("提出 {year} 年认定申请"),
    "withdrawn": _("撤回 {year} 年认定申请：{reason}"),
    "signed": _("{level}签署"),
    "returned": _("{level}退回：{reason}"),
    "override": _("{level}经两人核定，改变 {item} 的判定"),
    "visit": _("{level}实地访谈 {place}：{interviewed} 人，满意 {satisfied} 人"),
    "correction": _("被要求更正（第 {number} 号），{due_on} 前答复"),
    "answered": _("答复更正要求（第 {number} 号）"),
    "listed": _("列入挂牌督办：{reason}"),
    "lifted": _("解除挂牌督办：{reason}"),
    "recognised": _("登记 {on} 通过国家认定（{document}）"),
}

#: What is next → its sentence.
NEXTS: Mapping[str, str] = {
    "answer": _("有 {n} 件更正要求到期没有答复，请立即答复。"),
    "first_run": _("还没有评估：请录入县情数据，完成第一次县级自评。"),
    "fill_in": _("缺数据，无法判定：{items} 项、{schools} 所学校。请补齐后再评估。"),
    "make_good": _("未达标：{items} 项、{schools} 所学校。请逐项补齐。"),
    "plan": _("未达标，台账中却没有未办结的任务：请把差距列入台账，定部门、资金和期限。"),
    "overdue": _("有 {n} 项任务逾期：请说明原因并重定期限，或者尽快办结。"),
    "survey": _("没有社会认可度调查的结果：请安排调查。"),
    "apply": _("自评已达标：请提出认定申请。"),
    "decide": _("申请自 {since} 起在“{level}”：请该级办理。"),
}

#: Reason of a risk → a phrase for lists of papers, the most pressing first.
REASON_PHRASES: Mapping[str, str] = {
    "behind": "已过年份",
    "other_year": "其他文件定的年份更近",
    "no_run": "没有评估",
    "not_met": "未达标",
    "undetermined": "缺数据",
    "no_survey": "没有调查结果",
    "no_application": "没有申请",
    "listed": "挂牌督办",
    "slow_step": "申请停滞",
}

#: Reasons that many counties have beside another one → the mark behind a county's name.
MARKS: Mapping[str, str] = {"listed": "▲", "slow_step": "※"}

#: What is next → a phrase for lists of papers.
NEXT_PHRASES: Mapping[str, str] = {
    "answer": "立即答复到期的更正要求",
    "first_run": "完成第一次县级自评",
    "fill_in": "补齐缺的数据后再评估",
    "make_good": "逐项补齐未达标的项目和学校",
    "plan": "把差距列入台账",
    "overdue": "办结逾期任务，或者重定期限",
    "survey": "安排社会认可度调查",
    "apply": "提出认定申请",
    "decide": "由所在的一级办理申请",
}

#: What became of tasks.
WORK: Mapping[str, str] = {
    "made": _("新列任务 {n} 项"),
    "handed_in": _("报办结 {n} 项"),
    "accepted": _("验收 {n} 项"),
    "rejected": _("退回 {n} 项"),
}


def doing_said(doing: Mapping[str, Any], say: Say = str) -> str:
    """Say what was done."""
    return say(DOINGS[doing["kind"]]).format_map(_facts(doing["facts"], say))


def next_said(step: Mapping[str, Any], say: Say = str) -> str:
    """Say what is next."""
    return say(NEXTS[step["key"]]).format_map(_facts(step["facts"], say))


def work_said(work: Mapping[str, int], say: Say = str) -> list[str]:
    """Say what became of tasks; nothing where nothing did."""
    return [say(sentence).format(n=work[key]) for key, sentence in WORK.items() if work[key]]


def _facts(facts: Mapping[str, Any], say: Say) -> dict[str, Any]:
    """Put keys into words; text that people wrote is left as it is."""
    named = {"level": LEVELS, "verdict": OUTCOMES}
    return {name: say(named[name][value]) if name in named else value for name, value in facts.items()}

"""The parts of the county report on what people did: overrides, judgements, path, corrections."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from survey_app.assessments.figures import figure
from survey_app.assessments.judgement.words import CORRECTIONS, tint, value_words
from survey_app.assessments.overview import Overview
from survey_app.assessments.report.facts import Facts
from survey_app.assessments.report.gongwen import Paper
from survey_app.assessments.report.passage import Passage
from survey_app.assessments.report.tables import Cell, Column
from survey_app.assessments.words import LEVELS, OUTCOMES, UNITS, titled
from survey_app.formatting import ABSENT, instant

#: What a level did with an application.
ACTIONS = {"signed": "签署", "returned": "退回"}

#: Digits of a seal that tell it from any other in a table; the whole stands below.
_SEAL = 16


def overrides(paper: Paper, view: Overview, facts: Facts) -> None:
    """两人核定改变的结论: both values, both people, the grounds."""
    kept = view.document.get("overrides") or []
    if not kept:
        return
    paper.part("两人核定改变的结论")
    paper.text(
        f"按细则计算，总结论为{OUTCOMES[view.document['computed_verdict']]}；"
        f"核定后为{OUTCOMES[view.document['verdict']]}。下列{len(kept)}处由一人提出、另一人同意："
    )
    paper.table(
        "核定改变的结论",
        (
            Column(heading="内容", share=36),
            Column(heading="计算值", share=15, figures=True),
            Column(heading="按细则计算", share=16),
            Column(heading="核定为", share=16),
            Column(heading="提出人", share=24),
            Column(heading="同意人", share=24),
        ),
        [_override(each, view, facts) for each in kept],
    )
    for position, each in enumerate(kept, start=1):
        paper.text(f"{position}. {_about(each, view)}，理由：{each['reason']}")


def _about(each: Mapping[str, Any], view: Overview) -> str:
    found = view.finding_of(each)
    if found is None:
        return str(each["finding"])
    school = f"{found['school_name']} " if found["school_name"] else ""
    return school + titled(found["id"], found["label"])


def _override(each: Mapping[str, Any], view: Overview, facts: Facts) -> list[Cell | str]:
    found = view.finding_of(each)
    value = each["computed_value"]
    shown = ABSENT
    if found is not None and _is_number(value):
        unit = found["unit"]
        shown = figure(value, unit) + ("" if unit == "per_hundred" else UNITS.get(unit, ""))
    return [
        _about(each, view),
        shown,
        Cell(OUTCOMES[each["computed_outcome"]], each["computed_outcome"]),
        Cell(OUTCOMES[each["outcome"]], each["outcome"]),
        _who(facts, each["proposed_by"], each["proposed_at"]),
        _who(facts, each["decided_by"], each["decided_at"]),
    ]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | str) and not isinstance(value, bool)


def _who(facts: Facts, by: str, at: str | None) -> str:
    """Name, login (two people may bear one name) and when."""
    said = f"{facts.people[by]}（{by}）" if by in facts.people else by
    return f"{said} {instant(datetime.fromisoformat(at))}" if at else said


def judgements(paper: Paper, _view: Overview, facts: Facts) -> None:
    """评估人员的判断: what, how, by whom, when, on how many pieces of evidence."""
    if not facts.judgements:
        return
    paper.part("评估人员的判断")
    paper.text("下列内容由人判断，录入后按细则计算，证据材料随申请保存：")
    paper.table(
        "评估人员的判断",
        (
            Column(heading="内容", share=42),
            Column(heading="判断", share=14),
            Column(heading="层级", share=14),
            Column(heading="录入人和时间", share=28),
            Column(heading="证据（份）", share=13, figures=True),
        ),
        [
            [
                each["title"] + (f"（{each['note']}）" if each["note"] else ""),
                Cell(value_words(each["kind"], each["value"]), tint(each["kind"], each["value"])),
                LEVELS[each["level"]],
                _who(facts, each["by"], each["at"]),
                str(len(each["evidence"])),
            ]
            for each in facts.judgements
        ],
    )


def passage(paper: Paper, _view: Overview, facts: Facts) -> None:
    """申请办理经过: signatures and returns with their seals, then what was to be corrected."""
    found = facts.passage
    if found is None:
        return
    paper.part("申请办理经过")
    if found.signed is None:
        paper.text("本次评估尚未签署。")
    else:
        step = found.signed
        paper.text(
            f"本次评估由{LEVELS[step.level]}{step.made_by_name}于{instant(step.made_at)}签署，"
            f"封存值（SHA-256）：{step.seal}。"
        )
    if found.steps:
        _steps(paper, found)
    if found.corrections:
        _corrections(paper, found)


def _steps(paper: Paper, found: Passage) -> None:
    paper.table(
        f"{found.year}年第{found.number}次申请的签署与退回",
        (
            Column(heading="步", share=6, figures=True),
            Column(heading="层级", share=16),
            Column(heading="办理", share=10),
            Column(heading="评估", share=13),
            Column(heading="办理人和时间", share=30),
            Column(heading=f"封存值（前{_SEAL}位）", share=32),
        ),
        [
            [
                str(step.number),
                LEVELS[step.level],
                Cell(ACTIONS[step.action], "not_met" if step.action == "returned" else ""),
                f"第{found.numbers[step.run_id]}次",
                f"{step.made_by_name} {instant(step.made_at)}",
                step.seal[:_SEAL],
            ]
            for step in found.steps
        ],
    )
    for step in found.steps:
        if step.reason:
            paper.text(f"第{step.number}步{ACTIONS[step.action]}的理由：{step.reason}")


def _corrections(paper: Paper, found: Passage) -> None:
    rows: list[list[Cell | str]] = []
    for each in sorted(found.corrections, key=lambda each: each.correction.number):
        asked = each.correction
        word, colour = CORRECTIONS[each.state]
        answer = asked.answer or ABSENT
        if asked.corrected_run_id is not None:
            answer = f"{asked.answer}（更正后为第{found.numbers[asked.corrected_run_id]}次评估）"
        rows.append(
            [
                str(asked.number),
                f"{asked.finding} {asked.text}".strip(),
                LEVELS[asked.level],
                asked.due_on.isoformat(),
                Cell(word, "undetermined" if colour == "waiting" else colour),
                answer,
            ]
        )
    paper.table(
        "补正要求和答复",
        (
            Column(heading="号", share=6, figures=True),
            Column(heading="要求", share=34),
            Column(heading="提出", share=15),
            Column(heading="期限", share=17),
            Column(heading="状态", share=15),
            Column(heading="答复", share=28),
        ),
        rows,
    )

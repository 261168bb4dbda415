"""The feedback letter (反馈意见书): what a level found in a county's application, said to the county."""

from dataclasses import dataclass
from datetime import date, datetime

from survey_app.assessments.applications.models import LEVELS as LEVEL_ORDER
from survey_app.assessments.applications.models import ApplicationStep
from survey_app.assessments.figures import exact, figure, limit
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.overview import Overview, overview_of
from survey_app.assessments.overview_parts import Finding
from survey_app.assessments.report.facts import Facts, facts_of_run
from survey_app.assessments.report.gongwen import Paper
from survey_app.assessments.report.passage import Passage
from survey_app.assessments.report.people_part import ACTIONS
from survey_app.assessments.runs import document_of_run, school_names
from survey_app.assessments.standing import Standing
from survey_app.assessments.words import LEVELS, OUTCOMES, SIGNS, STAGES, UNITS, titled
from survey_app.errors import ConflictError
from survey_app.formatting import instant

AUTHOR = "均衡 Junheng"

#: Schools of one item that a letter names one by one.
_NAMED = 10

#: What is praised: figures with the most room to their standard.
_COMMENDED = 8

#: Sections whose findings are no achievement.
_NOT_PRAISED = ("vetoes", "eligibility")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Who writes, on which occasion, and until when the county is to answer."""

    level: str
    #: The level whose run it was.
    run_level: str
    #: The signature or return it goes with; None where the level has done neither.
    step: ApplicationStep | None
    #: Day by which the improvement report is due; None leaves room to write it in.
    due_on: date | None


def letter_for(run: EvaluationRun, passage: Passage | None, *, due_on: date | None = None) -> Letter:
    """Say which level writes about a run: the one that did something with it last, else the one it is of.

    Raises:
        ConflictError: only the county itself has looked at the run.
    """
    steps = [step for step in passage.steps if step.run_id == run.id] if passage else []
    step = next((each for each in reversed(steps) if each.level != LEVEL_ORDER[0]), None)
    level = step.level if step else run.level
    if level == LEVEL_ORDER[0]:
        raise ConflictError("letter_from_county")
    return Letter(level=level, run_level=run.level, step=step, due_on=due_on)


def letter_of_run(run: EvaluationRun, standing: Standing, letter: Letter, passage: Passage | None) -> bytes:
    """Give the letter about a stored run; the same run at the same point of its path gives the same bytes."""
    document, _lang = document_of_run(run)
    facts = facts_of_run(run, standing, passage=passage)
    return write_letter(overview_of(document, school_names(run)), facts, letter)


def write_letter(view: Overview, facts: Facts, letter: Letter) -> bytes:
    """Write the letter in Chinese, as the form of official papers asks."""
    county = view.document["county"]
    what = f"{county['name']}{county['year']}年义务教育优质均衡发展"
    lines = (f"关于{what}", f"{LEVELS[letter.level]}的反馈意见")
    paper = Paper(
        title="".join(lines),
        author=AUTHOR,
        footer=f"评估细则 {view.scheme['id']}　校验值 {view.scheme['digest']}",
        made_at=facts.made_at,
    )
    paper.title(*lines, below=_standing_of(letter))
    paper.address(f"{county['name']}人民政府：")
    if facts.simulated:
        paper.text("本意见书所用数据中有模拟的数字，只供演示，不能用于正式反馈。")
    _conclusion(paper, view, letter)
    _commended(paper, view)
    _problems(paper, view)
    _corrections(paper, facts, letter)
    _asked(paper, view, letter)
    paper.closing("（评估单位名称，盖章）", "年　　月　　日")
    return paper.save()


def _standing_of(letter: Letter) -> str:
    step = letter.step
    if step is None:
        return "（本级尚未签署，供征求意见）"
    return f"（{step.made_by_name}于{instant(step.made_at)}{ACTIONS[step.action]}）"


def _conclusion(paper: Paper, view: Overview, letter: Letter) -> None:
    county, scheme = view.document["county"], view.scheme
    paper.text(
        f"依据《{scheme['title']}》（{scheme['document']}），对你县{county['year']}年数据进行了{LEVELS[letter.level]}，"
        "现将意见反馈如下。"
    )
    paper.part("总体结论")
    if letter.run_level == letter.level:
        paper.text(f"{LEVELS[letter.level]}结论：{OUTCOMES[view.document['verdict']]}。")
    else:
        paper.text(
            f"本级没有另作评估，审阅的是{LEVELS[letter.run_level]}，其结论为：{OUTCOMES[view.document['verdict']]}。"
        )
    if kept := view.document.get("overrides"):
        paper.text(
            f"其中{len(kept)}处经两人核定改变；按细则计算的结论为{OUTCOMES[view.document['computed_verdict']]}。"
        )
    said = [f"{each.label}{OUTCOMES[each.outcome]}" for each in view.sections]
    paper.text(f"各部分：{'，'.join(said)}。")
    if letter.step is not None and letter.step.action == "returned":
        paper.text(f"申请已退回，理由：{letter.step.reason}")
    if letter.step is not None:
        paper.text(f"办理封存值（SHA-256）：{letter.step.seal}。")


def _commended(paper: Paper, view: Overview) -> None:
    paper.part("值得肯定的方面")
    found = sorted(
        (
            (room, each)
            for each in view.findings
            if (room := _room(each)) is not None and each["section"] not in _NOT_PRAISED
        ),
        key=lambda pair: -pair[0],
    )
    seen: dict[str, Finding] = {}
    for _left, each in found:
        seen.setdefault(each["id"], each)
    said = [
        f"{titled(row.indicator['id'], row.indicator['label'])}："
        f"{STAGES[row.stage]}{row.schools}所学校全部达到标准（{limit(row.threshold)}）。"
        for row in view.coefficients
        if row.share == 1
    ]
    said += [f"{_title(each)}：{_against(each)}。" for each in list(seen.values())[:_COMMENDED]]
    for position, each in enumerate(said, start=1):
        paper.text(f"（{position}）{each}")
    if not said:
        paper.text("没有可以用数字说明的达标内容。")


def _room(finding: Finding) -> float | None:
    """How far a met figure of the county is from its standard, as a share of the standard."""
    value, threshold = exact(finding["value"]), exact(finding["threshold"])
    if finding["outcome"] != "met" or finding["school"] or finding["summary"] or not finding["judged"]:
        return None
    if value is None or not threshold or finding["unit"] == "years" or finding["comparison"] not in SIGNS:
        return None
    return float(abs(value - threshold) / threshold) or None


def _problems(paper: Paper, view: Overview) -> None:
    paper.part("存在的问题")
    failing = _by_item(view, "not_met")
    if not failing:
        paper.text("没有发现未达标的内容。")
    for position, group in enumerate(failing, start=1):
        _problem(paper, position, group)
    unknown = _by_item(view, "undetermined")
    if unknown:
        names = list(dict.fromkeys(_title(group[0]) for group in unknown))
        paper.text(f"另有{len(names)}项缺少数据，无法判定，不视为达标：{'、'.join(names)}。")


def _by_item(view: Overview, outcome: str) -> list[list[Finding]]:
    """What has an outcome, by criterion and, where standards differ by stage, by stage; sums left out."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for each in view.findings:
        if each["outcome"] != outcome or not each["judged"] or each["summary"]:
            continue
        if each["formula"] not in ("school_rule", "total"):
            stage = each["stage"] if each["section"] == "resources" else ""
            groups.setdefault((each["id"], stage or ""), []).append(each)
    return list(groups.values())


def _problem(paper: Paper, position: int, group: list[Finding]) -> None:
    schools = sorted((each for each in group if each["school"]), key=_worst)
    if not schools:
        for each in group:
            paper.text(f"（{position}）{_said(each)}")
        return
    count = len({each["school"] for each in schools})
    if schools[0]["section"] == "resources":
        title = f"{_title(group[0])}（{STAGES[group[0]['stage']]}，{_asked_of(group[0])}）"
        names = [f"{each['school_name']}{_have(each)}" for each in schools]
        example = ""
    else:
        title = _title(group[0])
        names = list(dict.fromkeys(each["school_name"] for each in schools))
        example = f"如：{schools[0]['reason']}"
    more = f"等{count}所学校" if len(names) > _NAMED else f"，共{count}所学校"
    paper.text(f"（{position}）{title}：{'、'.join(names[:_NAMED])}{more}。{example}")


def _said(finding: Finding) -> str:
    """A finding on the county: its figure beside the standard, else its reason, in one sentence."""
    if against := _against(finding):
        return f"{_title(finding)}：{against}。"
    reason = str(finding["reason"])
    if reason.startswith(finding["label"]):
        return titled(finding["id"], reason)
    return f"{_title(finding)}：{reason}"


def _worst(finding: Finding) -> float:
    value, threshold = exact(finding["value"]), exact(finding["threshold"])
    if value is None or not threshold:
        return 0.0
    ratio = float(value / threshold)
    return ratio if finding["comparison"] in ("at_least", "above") else -ratio


#: What a figure of the county is called after its indicator.
_KINDS = {"difference_coefficient": "的校际差异系数", "county_mean": "的县均值"}


def _title(finding: Finding) -> str:
    kind = "" if "平均" in finding["label"] else _KINDS.get(finding["formula"], "")
    stage = f"（{STAGES[finding['stage']]}）" if finding["stage"] in STAGES and not finding["school"] else ""
    return titled(finding["id"], finding["label"]) + kind + stage


def _unit(finding: Finding) -> str:
    return UNITS.get(finding["unit"], "") if finding["unit"] != "per_hundred" else ""


def _have(finding: Finding) -> str:
    if exact(finding["value"]) is None:
        return ""
    unit = "coefficient" if finding["formula"] == "difference_coefficient" else finding["unit"]
    return figure(finding["value"], unit, finding["threshold"]) + _unit(finding)


def _asked_of(finding: Finding) -> str:
    """What is asked; empty where the standard is no number, or another one for each school."""
    if exact(finding["threshold"]) is None or (finding["school"] and finding["section"] != "resources"):
        return ""
    given = f"{limit(finding['threshold'], finding['unit'])}{_unit(finding)}"
    return f"标准{SIGNS.get(finding['comparison'], '')}{given}"


def _against(finding: Finding) -> str:
    have = _have(finding)
    asked = _asked_of(finding)
    return f"{have}，{asked}" if have and asked else have


def _corrections(paper: Paper, facts: Facts, letter: Letter) -> None:
    open_ = [
        each.correction
        for each in (facts.passage.corrections if facts.passage else ())
        if each.correction.level == letter.level and each.correction.decided_at is None
    ]
    if not open_:
        return
    paper.part("需要补正的数据")
    for position, each in enumerate(sorted(open_, key=lambda each: each.number), start=1):
        paper.text(f"（{position}）{each.text}（第{each.number}号补正要求，{_day(each.due_on)}前答复）。")


def _asked(paper: Paper, view: Overview, letter: Letter) -> None:
    paper.part("整改要求")
    due = _day(letter.due_on) if letter.due_on else "　　　　年　　月　　日"
    returned = letter.step is not None and letter.step.action == "returned"
    if returned:
        paper.text("请按退回的理由核实、补充，重新评估后再报。")
    elif view.document["verdict"] == "met" and not _by_item(view, "not_met"):
        paper.text("请巩固已有成果，继续按细则监测各项指标。")
        paper.text(f"请于{due}前报送巩固提高工作报告。")
        return
    paper.text("请对照上述问题逐项查明原因，明确责任单位、完成时限和所需经费，逐项整改；缺少的数据请补齐。")
    paper.text(f"请于{due}前报送整改报告，并附有关证明材料。")


def _day(day: date | datetime) -> str:
    return f"{day.year}年{day.month}月{day.day}日"

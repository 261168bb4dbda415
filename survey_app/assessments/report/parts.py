"""The parts of the county report that every verdict has. The paper is Chinese, as its form is."""

from collections.abc import Sequence
from typing import Any

from survey_app.assessments.figures import figure, limit
from survey_app.assessments.overview import Overview
from survey_app.assessments.overview_parts import Item, Section
from survey_app.assessments.report.facts import Facts
from survey_app.assessments.report.gongwen import Paper
from survey_app.assessments.report.tables import Cell, Column
from survey_app.assessments.scores import score_sheet
from survey_app.assessments.words import INTERVALS, OUTCOMES, SAID, SIGNS, UNITS
from survey_app.formatting import ABSENT, number, percent

#: Schools that a sentence names before it only counts them.
_NAMED = 5

#: Schools in one row of a table: a row is never split between pages.
_NAMES_IN_ROW = 24

#: Sections that have parts of their own in the report.
_OWN_PARTS = ("resources", "recognition", "eligibility", "vetoes", "scoring")

#: Who may apply, and what rules a county out.
_ENTRY = ("eligibility", "vetoes")


def conclusion(paper: Paper, view: Overview, facts: Facts) -> None:
    """结论."""
    document = view.document
    paper.part("结论")
    paper.text(
        f"依据《{view.scheme['title']}》（{view.scheme['document']}），以{document['county']['year']}年数据评估，"
        f"{document['county']['name']}义务教育优质均衡发展的结论为：{OUTCOMES[document['verdict']]}。"
    )
    if document["verdict"] == "undetermined":
        paper.text("没有发现未达标的内容，但有的内容缺少数据，不能判定。缺少数据不视为达标，也不视为未达标。")
    paper.table(
        "各部分结论",
        (
            Column(heading="部分", share=24),
            Column(heading="结论", share=16),
            Column(heading="概况", share=60),
        ),
        [[section.label, _outcome(section.outcome), _summary_of(section, view)] for section in view.sections],
    )
    if facts.simulated:
        paper.text("本报告所用数据中有模拟的数字，只供演示，不能用于正式评估，详见“说明”。")


def reasons(paper: Paper, view: Overview, _facts: Facts) -> None:
    """判定理由."""
    paper.part("判定理由")
    if not view.reasons:
        paper.text("各部分全部达标。")
        return
    lead = {
        "not_met": "下列任何一条都足以使结论为未达标：",
        "undetermined": "下列各条缺少数据，不能判定：",
    }
    paper.text(lead[view.document["verdict"]])
    for position, reason in enumerate(view.reasons, start=1):
        if not reason.schools:
            paper.text(f"{position}. {reason.finding['reason']}")
            continue
        names = list(dict.fromkeys(each["school_name"] for each in reason.schools))
        shown = "、".join(names[:_NAMED]) + ("等" if len(names) > _NAMED else "")
        what = "未达标" if view.document["verdict"] == "not_met" else "无法判定"
        paper.text(
            f"{position}. {reason.label}：{shown}{len(names)}所学校{what}。如：{reason.schools[0]['reason']}"
        )


def item_sections(paper: Paper, view: Overview, _facts: Facts) -> None:
    """政府保障程度、教育质量 and whatever else a document has, in its order."""
    for section in view.sections:
        if section.id not in _OWN_PARTS:
            paper.part(section.label)
            paper.text(_sentence_on(section))
            _item_table(paper, section)


def entry(paper: Paper, view: Overview, _facts: Facts) -> None:
    """申报条件与不予认定事项."""
    sections = [each for each in view.sections if each.id in _ENTRY]
    if not sections:
        return
    paper.part("与".join(each.label for each in sorted(sections, key=lambda each: _ENTRY.index(each.id))))
    for section in sections:
        paper.text(_sentence_on(section))
        _item_table(paper, section)


def recognition(paper: Paper, view: Overview, facts: Facts) -> None:
    """社会认可度."""
    section = next((each for each in view.sections if each.id == "recognition"), None)
    if section is None:
        return
    paper.part(section.label)
    rate = view.recognition_rate
    if rate["value"] is None and facts.wave_title:
        paper.text(f"引用的调查“{facts.wave_title}”有效问卷太少，没有公布数字，社会认可度无法判定。")
    elif rate["value"] is None:
        paper.text("没有引用调查结果，也没有问卷数，社会认可度无法判定。")
    else:
        paper.text(
            f"满意问卷占有效问卷的{figure(rate['value'], 'percent', rate['threshold'])}，"
            f"标准为不低于{limit(rate['threshold'], 'percent')}，{OUTCOMES[rate['outcome']]}。"
        )
        if facts.interval is not None:
            paper.text(
                f"按抽样设计加权估计，95%置信区间为{percent(facts.interval.lower)}—{percent(facts.interval.upper)}，"
                f"{INTERVALS[facts.interval.verdict]}。区间只供参考，不改变上述结论。"
            )
        if facts.wave_title:
            paper.text(f"问卷来自“{facts.wave_title}”。")
    rows = [
        [
            each["label"],
            ABSENT if "visit" in each["id"] else _count(each["inputs"].get("distributed")),
            *(_count(each["inputs"].get(name)) for name in ("valid", "satisfied")),
            figure(each["value"], "percent", each["threshold"]),
        ]
        for each in view.findings
        if each["formula"] == "recognition_rate"
    ]
    if rows and rate["value"] is not None:
        paper.table(
            "社会认可度调查情况（表Ⅵ）",
            (
                Column(heading="类别", share=30),
                Column(heading="问卷总数（份）", share=19, figures=True),
                Column(heading="有效问卷（份）或走访（人）", share=22, figures=True),
                Column(heading="满意（份、人）", share=18, figures=True),
                Column(heading="满意度", share=16, figures=True),
            ),
            rows,
        )


def contradictions(paper: Paper, view: Overview, facts: Facts) -> None:
    """数据中的矛盾."""
    paper.part("数据中的矛盾")
    found = [each["message"] for each in view.document["consistency"]]
    if found:
        paper.text("下列各处前后不一致，报告不判断哪一处有误，请核对原始材料：")
        _numbered(paper, found)
    else:
        paper.text("没有发现前后矛盾的数据。")
    if facts.remarks:
        paper.text("公布数字的文件里还有几处不能写成数据的地方，也请核对：")
        _numbered(paper, facts.remarks)


def _numbered(paper: Paper, sentences: Sequence[str]) -> None:
    for position, sentence in enumerate(sentences, start=1):
        paper.text(f"{position}. {sentence}")


def notes(paper: Paper, view: Overview, facts: Facts) -> None:
    """说明."""
    paper.part("说明")
    sentences = [
        "各项数值按未经四舍五入的精确值判定，只在列示时取舍。",
        "缺少数据的内容列为“无法判定”；县里自述达标而没有可核对数据的，注明“自述达标”，不算达标。",
        *(f"细则取法：{reading}" for reading in view.scheme["readings"]),
        *facts.origins,
        f"评估细则{view.scheme['id']}校验值（SHA-256）：{view.scheme['digest']}。",
    ]
    if facts.simulated:
        sentences += [
            f"公布的数字取自《{facts.published_in.strip('《》')}》，其余为模拟，包括：",
            *(f"{each['label']}：{each['how']}" for each in facts.simulated),
        ]
    _numbered(paper, sentences)
    if view.follow_ups:
        paper.text("下列学校按放宽的规定达标，认定后须在期限内达到规定标准：")
        _follow_up_table(paper, view)


def _follow_up_table(paper: Paper, view: Overview) -> None:
    paper.table(
        "认定后须补足的学校",
        (
            Column(heading="放宽规定", share=24),
            Column(heading="内容", share=24),
            Column(heading="期限", share=12),
            Column(heading="学校", share=60),
        ),
        [
            [
                each.exemption,
                each.label,
                f"{each.years}年内",
                "、".join(finding["school_name"] for finding in each.findings[start : start + _NAMES_IN_ROW]),
            ]
            for each in view.follow_ups
            for start in range(0, len(each.findings), _NAMES_IN_ROW)
        ],
    )


def _item_table(paper: Paper, section: Section) -> None:
    paper.table(
        f"{section.label}各项情况",
        (
            Column(heading="项目", share=44),
            Column(heading="实际", share=17, figures=True),
            Column(heading="标准", share=16, figures=True),
            Column(heading="结论", share=23),
        ),
        [
            [f"{_id_of(item, section)}{item.head['label']}", *_figures_of(item), _conclusion_of(item)]
            for item in section.items
        ],
    )


def _figures_of(item: Item) -> tuple[str, str]:
    """What was found and what is asked, in one cell each."""
    shown = item.figure
    if shown is not None and shown["threshold"] is not None:
        unit = UNITS.get(shown["unit"], "") if shown["unit"] != "per_hundred" else ""
        have = figure(shown["value"], shown["unit"], shown["threshold"])
        asked = f"{SIGNS.get(shown['comparison'], '')}{limit(shown['threshold'], shown['unit'])}{unit}"
        return have + (unit if shown["value"] is not None else ""), asked
    if item.head["summary"]:
        counts = item.head["inputs"]
        total = counts["met"] + counts["not_met"] + counts["undetermined"]
        return f"{counts['met']}/{total}{'校' if item.schools else '项'}", "全部"
    return SAID.get(item.head["formula"], {}).get(item.outcome, ABSENT), ABSENT


def _conclusion_of(item: Item) -> Cell:
    text = OUTCOMES[item.outcome]
    if item.stated:
        text += "（自述达标）"
    if item.outcome == "not_met" and item.failing_schools:
        text += f"（{item.failing_schools}校）"
    return Cell(text, item.outcome)


def _id_of(item: Item, section: Section) -> str:
    return "" if item.id == section.id else f"{item.id} "


def _outcome(outcome: str) -> Cell:
    return Cell(OUTCOMES[outcome], outcome)


def _count(value: Any) -> str:
    return ABSENT if value is None else number(value)


def _summary_of(section: Section, view: Overview) -> str:
    if section.id == "resources":
        return (
            f"{section.total}个学校（学段）达标{section.met}个，未达标{view.failing_schools}个，"
            f"无法判定{view.unknown_schools}个"
        )
    if section.id == "scoring" and (sheet := score_sheet(view)):
        return f"{sheet.total.points}分，满分{sheet.total.maximum}分，等次：{sheet.band_words}"
    if section.id == "recognition":
        rate = view.recognition_rate
        if rate["value"] is None:
            return "缺少问卷数"
        have = figure(rate["value"], "percent", rate["threshold"])
        return f"{have}，标准{limit(rate['threshold'], 'percent')}"
    return _sentence_on(section).rstrip("。")


def _sentence_on(section: Section) -> str:
    """How many items are met, which are not, how many cannot be judged."""
    parts = [f"{section.total}项中{section.met}项达标"]
    if failing := section.with_outcome("not_met"):
        parts.append(f"{'、'.join(item.id for item in failing)}未达标")
    if unknown := section.with_outcome("undetermined"):
        parts.append(f"{len(unknown)}项缺少数据，无法判定")
    return "，".join(parts) + "。"

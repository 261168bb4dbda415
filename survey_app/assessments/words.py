"""Names of the values that a verdict's document holds as keys; translated where they are said."""

from collections.abc import Mapping
from typing import Any


def _(text: str) -> str:
    """Mark *text* for the catalogue; it is translated when it is said."""
    return text


def titled(id_: str, label: str) -> str:
    """Put the item's number, where it has one, before what it says.

    >>> titled("R1.difference", "校际差异系数"), titled("recognition.rate", "社会认可度达到85%以上")
    ('R1 校际差异系数', '社会认可度达到85%以上')
    """
    number = id_.partition(".")[0]
    return f"{number} {label}".strip() if number[-1:].isdigit() else label


OUTCOMES = {"met": _("达标"), "not_met": _("未达标"), "undetermined": _("无法判定")}

LEVELS = {
    "self_evaluation": _("县级自评"),
    "review": _("市级复核"),
    "evaluation": _("省级评估"),
    "recognition": _("国家认定"),
}

STAGES = {"primary": _("小学"), "junior": _("初中")}

UNITS = {
    "per_hundred": _("每百名学生"),
    "square_metre": _("平方米"),
    "yuan": _("元"),
    "pupils": _("人"),
    "rooms": _("间"),
    "years": _("年"),
    "hours": _("课时"),
    "points": _("分"),
}

SIGNS = {"at_least": "≥", "above": ">", "at_most": "≤", "below": "<"}

#: What the states of a cell of the table school × indicator mean.
STATES = {
    "fine": _("达到标准"),
    "below": _("低于标准"),
    "below_floor": _("低于底线"),
    "missing": _("缺数据"),
}

#: What stands in place of a figure where documents or events decide.
SAID = {
    "attested": {"met": _("材料认定"), "not_met": _("材料认定"), "undetermined": "—"},
    "did_not_happen": {"met": _("未发生"), "not_met": _("发生过"), "undetermined": "—"},
}

#: How a finding came about, by the name of its formula.
FORMULAS = {
    "per_hundred_pupils": _("数量合计 ÷ 在校生 × 100"),
    "per_pupil": _("数量合计 ÷ 在校生"),
    "school_rule": _("逐项与标准比较，数出达到标准的项数；其余各项与底线比较"),
    "difference_coefficient": _("差异系数 = S ÷ 县均值；S 是各校值与县均值之差的平方按学生数加权平均后开方"),
    "all": _("各部分都达标才算达标；有一处不达标即不达标；有一处缺数据则无法判定"),
    "attested": _("以文件材料作出的判断为准；有学校单独判为不达标时以学校为准"),
    "ratio": _("分子合计 ÷ 分母合计"),
    "amount": _("数值与标准比较"),
    "compare": _("两个数值相比较"),
    "summed_share": _("各校分子合计 ÷ 各校分母合计"),
    "school_share": _("每所学校分别计算：分子 ÷ 分母"),
    "rooms": _("义务教育班级数 ÷ 12，有余数进一，为应有间数；面积达到要求的才计入"),
    "school_size": _("学校义务教育阶段在校生之和"),
    "class_size": _("最大班额与标准比较"),
    "small_schools_funded": _("核定公用经费所用的学生数与标准比较"),
    "monitoring": _("各监测科目的水平和校际差异率都与标准比较"),
    "years_between": _("申报年份 − 认定年份"),
    "composite_difference": _("前三年各年的综合差异系数，取最大的一年"),
    "coefficients": _("七项指标的差异系数，取最大的一项"),
    "did_not_happen": _("没有发生才算达标"),
    "recognition_rate": _("满意问卷数 ÷ 有效问卷数"),
    "county_mean": _("全县数量合计 ÷ 全县在校生"),
    "mean_of_coefficients": _("各项指标差异系数的平均值"),
    "scored": _("各计分点得分之和；得分不全时，看已有的分是否足够、余下的分是否还够"),
    "total": _("各计分指标得分之和"),
    "awarded": _("评估人员评定的得分"),
    "topic_rate": _("对应内容的认可度达到满分所需比例的得满分，不到的按比例得分"),
    "never_decreasing": _("各年数值逐年不下降的得分"),
}

#: What went into a finding. Keys that are not here are printed as they are.
INPUTS = {
    "above_qualification": _("高于规定学历教师（人）"),
    "backbone": _("县级以上骨干教师（人）"),
    "pe_arts": _("体育、艺术专任教师（人）"),
    "teaching_area": _("教学及辅助用房面积（平方米）"),
    "indoor_sports_area": _("室内体育用房面积（平方米）"),
    "sports_ground_area": _("体育运动场地面积（平方米）"),
    "equipment_value": _("教学仪器设备值（元）"),
    "multimedia_rooms": _("网络多媒体教室（间）"),
    "pupils": _("在校生（人）"),
    "pupils.primary": _("小学在校生（人）"),
    "pupils.junior": _("初中在校生（人）"),
    "share": _("本学段在全校共用资源中的份额"),
    "amount": _("数量合计"),
    "met": _("达标的部分"),
    "not_met": _("未达标的部分"),
    "undetermined": _("无法判定的部分"),
    "below": _("低于标准的指标"),
    "below_floor": _("低于底线的指标"),
    "unknown": _("缺数据的指标"),
    "floor": _("底线（占标准的比例）"),
    "mean": _("县均值"),
    "deviation": _("加权标准差 S"),
    "schools": _("学校"),
    "schools_refused": _("单独判为不达标的学校"),
    "attested": _("文件材料的判断"),
    "note": _("材料出处"),
    "classes": _("班级数"),
    "too_large": _("超过标准的班级数"),
    "music_rooms": _("音乐专用教室面积（平方米）"),
    "art_rooms": _("美术专用教室面积（平方米）"),
    "area": _("每间面积要求（平方米）"),
    "funded_pupils": _("核定公用经费的学生数（人）"),
    "training_funds": _("教师培训经费（元）"),
    "public_funds": _("公用经费预算总额（元）"),
    "nearby_pupils": _("就近入学的在校生（人）"),
    "teachers.total": _("专任教师（人）"),
    "teachers.certified": _("持证上岗的专任教师（人）"),
    "teachers.trained": _("完成360学时培训的专任教师（人）"),
    "funds": _("特殊教育公用经费（元）"),
    "teacher_mean": _("义务教育教师平均工资（元）"),
    "civil_servant_mean": _("公务员平均工资（元）"),
    "eligible": _("符合条件的人数"),
    "due": _("应交流的教师（人）"),
    "rotated": _("交流轮岗教师（人）"),
    "rotated_backbone": _("其中骨干教师（人）"),
    "places": _("优质高中招生名额"),
    "allotted": _("分配到初中的名额"),
    "allotted_rural": _("其中农村初中的名额"),
    "in_public": _("在公办学校就读（人）"),
    "in_purchased_private": _("在政府购买服务的民办学校就读（人）"),
    "graduates": _("毕业生（人）"),
    "entrants": _("三年前入学人数"),
    "transferred_in": _("转入（人）"),
    "transferred_out": _("转出（人）"),
    "deaths": _("死亡（人）"),
    "children": _("适龄残疾儿童少年（人）"),
    "enrolled": _("已入学（人）"),
    "practice_hours": _("劳动实践课时"),
    "comprehensive_hours": _("综合实践活动课时"),
    "figures.labour.bases": _("劳动教育实践基地（处）"),
    "figures.labour.teachers": _("劳动教育教师（人）"),
    "eligibility.application_year": _("申报年份"),
    "eligibility.basic_balance_year": _("通过基本均衡认定的年份"),
    "eligibility.basic_indicators_missed": _("不达标的基本均衡指标数"),
    "eligibility.incident": _("当年发生重大事故或严重违纪"),
    "eligibility.outcry": _("当年出现突出问题"),
    "vetoes.exam_admission": _("以考试方式招生"),
    "vetoes.illegal_choice": _("违规择校"),
    "vetoes.key_schools": _("设重点学校或重点班"),
    "vetoes.unfilled_posts": _("有编不补或长期聘用编外教师"),
    "vetoes.serious_incident": _("重大安全责任事故或严重违纪违规事件"),
    "vetoes.falsification": _("弄虚作假"),
    "distributed": _("发出问卷（份）"),
    "valid": _("有效问卷（份）"),
    "satisfied": _("满意问卷（份）"),
    "points": _("满分（分）"),
    "rate": _("对应内容的认可度"),
    "full_at": _("得满分所需的认可度"),
    "total": _("各年总额（元）"),
    "per_pupil": _("各年生均（元）"),
    "falls": _("下降的年份"),
    "series": _("数列"),
    "year": _("年份"),
    "school": _("学校"),
    "per_pupil_funds": _("生均公用经费预算（元）"),
    "figures.pupils_per_post.primary": _("小学每名教职工的学生（人）"),
    "figures.pupils_per_post.junior": _("初中每名教职工的学生（人）"),
    "figures.funds_per_pupil.primary": _("小学生均公用经费基准定额（元）"),
    "figures.funds_per_pupil.junior": _("初中生均公用经费基准定额（元）"),
    "level": _("水平等级"),
    "difference": _("校际差异率"),
}

YES, NO, UNKNOWN = _("是"), _("否"), _("未提供")


#: What the interval says beside the official rate.
INTERVALS = {
    "clearly_above": _("区间明显高于标准"),
    "not_decidable": _("区间不能断定"),
    "clearly_below": _("区间明显低于标准"),
}


def input_text(value: Any, key: str = "", *, say: Any = str) -> str:
    """The input *key* of a finding as text; *say* translates the few words in it.

    >>> input_text(None), input_text(True), input_text([96, 90.5]), input_text({"level": 3})
    ('未提供', '是', '96、90.5', '水平等级 3')
    """
    if value is None:
        return say(UNKNOWN)
    if isinstance(value, bool):
        return say(YES) if value else say(NO)
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1000 else f"{value:,.2f}"
    if isinstance(value, int) and "year" in key:
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Mapping):
        return " ".join(
            f"{say(INPUTS.get(key, key))} {input_text(each, say=say)}" for key, each in value.items()
        )
    if isinstance(value, list | tuple):
        return say(_("、")).join(input_text(each, say=say) for each in value) or "—"
    return str(value)

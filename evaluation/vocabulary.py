"""What the figures of a county file are called, in Chinese and English."""

import re
from collections.abc import Iterable

STAGES = {
    "kindergarten": ("幼儿班", "kindergarten"),
    "primary": ("小学", "primary"),
    "junior": ("初中", "junior"),
    "senior": ("高中", "senior"),
    "county": ("全县", "county"),
}

UNITS = {
    "percent": ("%", "%"),
    "per_hundred": ("", ""),
    "square_metre": ("平方米", " m²"),
    "yuan": ("元", " yuan"),
    "pupils": ("人", " pupils"),
    "rooms": ("间", " rooms"),
    "years": ("年", " years"),
    "points": ("分", " points"),
    "number": ("", ""),
}

#: A figure's path without school and stage → its names; the longest ending that fits counts.
FIGURES = {
    "schools": ("学校数", "schools"),
    "pupils": ("在校生数", "pupils"),
    "class_sizes": ("班级人数", "class sizes"),
    "teachers.total": ("专任教师数", "teachers"),
    "teachers.above_qualification": ("高于规定学历教师数", "teachers above the required qualification"),
    "teachers.backbone": ("县级以上骨干教师数", "backbone teachers"),
    "teachers.pe_arts": ("体育艺术专任教师数", "physical education and arts teachers"),
    "teachers.pe_arts_specialist": ("体育艺术专业教师数", "physical education and arts specialists"),
    "teachers.certified": ("持证教师数", "certified teachers"),
    "teachers.trained": ("完成培训教师数", "teachers trained"),
    "teachers.employees": ("教职工数", "employees"),
    "teaching_area": ("教学及辅助用房面积", "teaching area"),
    "indoor_sports_area": ("室内体育用房面积", "indoor sports area"),
    "extra_sports_area": ("专用或租赁的运动场地面积", "extra sports area"),
    "sports_ground_area": ("运动场地面积", "sports ground area"),
    "equipment_value": ("教学仪器设备值", "equipment value"),
    "multimedia_rooms": ("网络多媒体教室数", "multimedia classrooms"),
    "music_rooms": ("音乐专用教室", "music rooms"),
    "art_rooms": ("美术专用教室", "art rooms"),
    "music_rooms.area": ("音乐专用教室面积", "area of music rooms"),
    "art_rooms.area": ("美术专用教室面积", "area of art rooms"),
    "classes": ("班级数", "classes"),
    "nearby_pupils": ("就近入学学生数", "pupils of the catchment area"),
    "funded_pupils": ("核定公用经费学生数", "pupils funded"),
    "per_pupil_funds": ("按生均公用经费计算的预算总额", "public funds per pupil times pupils"),
    "public_funds": ("年度公用经费预算", "public funds"),
    "training_funds": ("教师培训经费", "training funds"),
    "built_year": ("建成年份", "year built"),
    "migrant_share": ("随迁子女占比", "share of migrant children"),
    "figures.special_education.funds": ("特殊教育公用经费", "special education funds"),
    "figures.special_education.pupils": ("特殊教育学生数", "special education pupils"),
    "figures.pay.teacher_mean": ("教师平均工资收入", "teachers' mean pay"),
    "figures.pay.civil_servant_mean": ("公务员平均工资收入", "civil servants' mean pay"),
    "figures.rotation.eligible": ("符合交流条件教师数", "teachers eligible to rotate"),
    "figures.rotation.rotated": ("交流轮岗教师数", "teachers rotated"),
    "figures.rotation.rotated_backbone": ("交流轮岗骨干教师数", "backbone teachers rotated"),
    "figures.senior_places.places": ("优质高中招生名额", "good senior-school places"),
    "figures.senior_places.allotted": ("分配到初中的名额", "places allotted"),
    "figures.senior_places.allotted_rural": ("分配到农村初中的名额", "places allotted to rural schools"),
    "figures.migrant_children.eligible": ("符合条件的随迁子女数", "eligible migrant children"),
    "figures.migrant_children.in_public": (
        "在公办学校就读的随迁子女数",
        "migrant children in public schools",
    ),
    "figures.migrant_children.in_purchased_private": (
        "政府购买学位就读的随迁子女数",
        "migrant children in purchased places",
    ),
    "figures.retention.graduates": ("初中毕业生数", "junior graduates"),
    "figures.retention.entrants": ("三年前入学人数", "entrants three years before"),
    "figures.retention.transferred_in": ("三年间转入人数", "transfers in"),
    "figures.retention.transferred_out": ("三年间转出人数", "transfers out"),
    "figures.retention.deaths": ("三年间死亡人数", "deaths"),
    "figures.disabled_children.children": ("适龄残疾儿童少年数", "disabled children"),
    "figures.disabled_children.enrolled": ("已入学残疾儿童少年数", "disabled children enrolled"),
    "figures.labour.practice_hours": ("劳动实践课时", "hours of labour practice"),
    "figures.labour.comprehensive_hours": ("综合实践活动课时", "hours of practical activities"),
    "figures.labour.bases": ("劳动实践基地数", "labour bases"),
    "figures.labour.teachers": ("劳动教育教师数", "labour teachers"),
    "figures.monitoring": ("质量监测结果", "monitoring results"),
    "figures.monitoring.source": ("质量监测级别（国家或省级）", "whose monitoring it was"),
    "eligibility.application_year": ("申报年份", "year of application"),
    "eligibility.basic_balance_year": ("基本均衡认定年份", "year of recognition as basically balanced"),
    "eligibility.basic_indicators_missed": ("基本均衡不达标指标数", "basic indicators missed"),
    "eligibility.composite_difference": ("综合差异系数", "composite difference coefficient"),
    "eligibility.incident": ("重大事故与严重违纪情况", "serious incidents"),
    "eligibility.outcry": ("“校闹”与突出问题情况", "public outcry"),
    "attestations": ("佐证材料", "attestation"),
    "vetoes": ("不予认定事项核查结果", "check of the veto"),
    "recognition.questionnaires.distributed": ("发放问卷数", "questionnaires distributed"),
    "recognition.questionnaires.valid": ("有效问卷数", "valid questionnaires"),
    "recognition.questionnaires.satisfied": ("满意问卷数", "satisfied questionnaires"),
    "recognition.visits.valid": ("走访人数", "people visited"),
    "recognition.visits.satisfied": ("走访满意人数", "satisfied people visited"),
    "figures.monitoring.year": ("质量监测年份", "the year of the monitoring"),
    "figures.education_spending.per_pupil": (
        "生均一般公共预算教育支出",
        "education spending per pupil",
    ),
    "figures.education_spending": ("一般公共预算教育支出", "education spending"),
    "total": ("一般公共预算教育支出", "education spending"),
    "per_pupil": ("生均一般公共预算教育支出", "education spending per pupil"),
    "figures.funds_per_pupil": ("生均公用经费基准定额", "public funds per pupil"),
    "figures.pupils_per_post": ("每名教职工编制对应学生数", "pupils per post"),
    "figures.rotation.due": ("应交流教师数", "teachers due to rotate"),
    "scores": ("得分", "points"),
    "recognition.topics": ("相关内容认可度", "recognition of the matching topics"),
    "recognition.groups.parent.valid": ("家长有效问卷数", "parents' valid questionnaires"),
    "recognition.groups.parent.satisfied": ("家长满意问卷数", "parents' satisfied questionnaires"),
    "figures.monitoring.level": ("质量监测水平等级", "monitoring level"),
    "figures.monitoring.difference": ("质量监测校际差异率", "monitoring difference"),
    "recognition": ("社会认可度调查结果", "recognition survey"),
    "distributed": ("发放问卷数", "questionnaires distributed"),
    "valid": ("有效问卷数", "valid questionnaires"),
    "satisfied": ("满意问卷数", "satisfied questionnaires"),
    "employees": ("教职工数", "employees"),
    "teachers": ("专任教师数", "teachers"),
    "above_qualification": ("高于规定学历教师数", "teachers above the required qualification"),
    "backbone": ("县级以上骨干教师数", "backbone teachers"),
    "pe_arts": ("体育艺术专任教师数", "physical education and arts teachers"),
    "pe_arts_specialist": ("体育艺术专业教师数", "physical education and arts specialists"),
    "pe_specialist": ("体育专业教师数", "physical education specialists"),
    "music_specialist": ("音乐专业教师数", "music specialists"),
    "art_specialist": ("美术专业教师数", "art specialists"),
    "bachelor": ("本科学历教师数", "teachers with a bachelor's degree"),
}

_SCHOOL = re.compile(r"^schools\[(?P<code>.*?)\]\.")
_YEAR = re.compile(r"\.(?P<year>\d{4})(?=\.|$)")


def stage_name(stage: str | None, language: str) -> str:
    """Return what a stage is called; nothing for None."""
    return "" if stage is None else STAGES[stage][language != "zh"]


def unit_name(unit: str, language: str) -> str:
    """Return a unit as it follows a number."""
    return UNITS[unit][language != "zh"]


def figure_name(path: str, language: str) -> str:
    """Return what stands at a path, in words.

    >>> figure_name("schools[S003].teachers.primary.pe_arts", "zh")
    'S003小学体育艺术专任教师数'
    """
    return _kind_name(_plain_name(path, language), [path], language, None)


def figure_names(paths: Iterable[str], language: str, *, school: str | None = None) -> list[str]:
    """Name every kind of figure once: those of many schools by their number, those of years by the years.

    Args:
        paths: Places in the county file.
        language: ``zh`` or ``en``.
        school: The school that is spoken of already; its code is not said again.

    >>> figure_names(["schools[A].built_year", "schools[B].built_year", "figures.labour.bases"], "zh")
    ['2所学校的建成年份', '劳动实践基地数']
    >>> figure_names([f"eligibility.composite_difference.{year}.primary" for year in (2023, 2024)], "zh")
    ['2023、2024年小学综合差异系数']
    """
    kinds: dict[str, list[str]] = {}
    for path in dict.fromkeys(paths):
        kinds.setdefault(_plain_name(path, language), []).append(path)
    return [_kind_name(name, places, language, school) for name, places in kinds.items()]


def _kind_name(name: str, places: list[str], language: str, school: str | None) -> str:
    """Return one kind of figure with the schools or years it is of."""
    zh = language == "zh"
    codes = list(dict.fromkeys(match["code"] for place in places if (match := _SCHOOL.match(place))))
    years = sorted({match["year"] for place in places if (match := _YEAR.search(place))})
    if len(codes) > 1:
        return f"{len(codes)}所学校的{name}" if zh else f"{name} of {len(codes)} schools"
    if years:
        return f"{'、'.join(years)}年{name}" if zh else f"{name} of {', '.join(years)}"
    if codes and codes != [school]:
        return f"{codes[0]}{name}" if zh else f"{codes[0]} {name}"
    return name


def _plain_name(path: str, language: str) -> str:
    """Return what a figure is called, without the school and the year it is of."""
    steps = _YEAR.sub("", _SCHOOL.sub("", path)).split(".")
    stage = next((step for step in steps if step in STAGES and step != "county"), None)
    plain = [step for step in steps if step != stage]
    words = next((FIGURES[key] for key in _endings(plain) if key in FIGURES), (path, path))
    parts = [stage_name(stage, language), words[language != "zh"]]
    return "".join(parts) if language == "zh" else " ".join(part for part in parts if part)


def _endings(steps: list[str]) -> list[str]:
    """Return the paths a figure may be known by, the longest first."""
    return [".".join(steps[:length]) for length in range(len(steps), 0, -1)] + [steps[-1]]

"""The sheets of the county workbook, in order: every part of the county file has its place."""

from survey_app.counties.workbook.shape import Block, Column, Form, Sheet
from survey_app.counties.workbook.words import (
    ATTESTATIONS,
    FORMATS,
    KINDS,
    LOCALITIES,
    OWNERSHIPS,
    ROOMS,
    SOURCES,
    STAGES,
    STAGES_AND_COUNTY,
    TALLIES,
    TOTALS,
    VETOES,
)

#: The sheet of instructions; it is written and never read.
GUIDE = "说明"
#: The form that also keeps, in a hidden row, which parts of the file are present and empty.
COUNTY = "县"
EMPTIES_LABEL = "空项"

SCHOOL_CODE = Column(
    key="@school",
    label="学校代码",
    kind="code",
    required=True,
    width=14,
    note="与“学校”表中的学校代码完全一致，按文本填写。",
)
SCHOOL_NAME = Column(
    key="@name",
    label="学校名称",
    kind="name_of_school",
    width=20,
    note="可以不填，只供核对；填写时须与“学校”表一致。",
)
STAGE = Column(
    key="@stage", label="学段", kind="choice", choices=STAGES, required=True, width=8, note="小学或初中。"
)


def _by_stage(
    key: str, stages: str, *, label: str, unit: str, group: str, note: str = ""
) -> tuple[Column, ...]:
    names = {"kindergarten": "附设幼儿班", "primary": "小学", "junior": "初中", "senior": "高中"}
    return tuple(
        Column(
            key=f"{key}.{stage}", label=f"{label}{names[stage]}", unit=unit, group=group, width=13, note=note
        )
        for stage in stages.split()
    )


def _money(key: str, label: str, *, group: str, note: str = "") -> Column:
    return Column(key=key, label=label, kind="amount", unit="元", group=group, width=14, note=note)


def _area(key: str, label: str, *, note: str = "") -> Column:
    return Column(key=key, label=label, kind="amount", unit="平方米", group="校舍与场地", width=16, note=note)


_SCHOOL_BASICS = (
    Column(
        key="code",
        label="学校代码",
        kind="code",
        required=True,
        width=14,
        group="基本情况",
        note="学校标识码，按文本填写，不要让表格软件变成数字；例：2114000123。",
    ),
    Column(
        key="name",
        label="学校名称",
        kind="text",
        required=True,
        width=24,
        group="基本情况",
        note="例：城关第一小学。",
    ),
    Column(
        key="kind",
        label="学校类别",
        kind="choice",
        choices=KINDS,
        required=True,
        width=12,
        group="基本情况",
        note="从下拉列表选择：小学、教学点、初中、九年一贯制、完全中学、十二年一贯制、特殊教育、中职。",
    ),
    Column(
        key="locality",
        label="城乡分类",
        kind="choice",
        choices=LOCALITIES,
        required=True,
        width=9,
        group="基本情况",
        note="按统计用城乡分类：城区、镇区、乡村。",
    ),
    Column(
        key="ownership",
        label="办别",
        kind="choice",
        choices=OWNERSHIPS,
        required=True,
        width=8,
        group="基本情况",
        note="公办或民办。",
    ),
    Column(
        key="boarding", label="寄宿制", kind="flag", required=True, width=8, group="基本情况", note="是或否。"
    ),
    Column(key="township", label="所在乡镇", kind="text", width=13, group="基本情况", note="例：城关镇。"),
    Column(
        key="organiser",
        label="举办者代码",
        kind="integer",
        minimum=1,
        maximum=10,
        width=10,
        group="基本情况",
        note="国家申报表中的举办者代码，1 到 10。",
    ),
    Column(key="grades", label="年级数", unit="个", width=8, group="基本情况"),
    Column(
        key="built_year",
        label="规划并建成年份",
        kind="integer",
        width=10,
        group="基本情况",
        note="规划并建成的年份，四位数字；学校规模、音美教室面积的特殊规定看这一年。",
    ),
    Column(
        key="counted",
        label="计校数",
        kind="flag",
        width=8,
        group="归并",
        note="不计校数的教学点填“否”，并填写并入学校代码；空白按“是”。",
    ),
    Column(
        key="merge_into",
        label="并入学校代码",
        kind="code",
        width=14,
        group="归并",
        note="不计校数的教学点并入哪所学校计算资源配置，填那所学校的代码。",
    ),
    Column(
        key="campus_of",
        label="所属主校代码",
        kind="code",
        width=14,
        group="归并",
        note="校区所属的学校代码，只供参考：校区单独计算。",
    ),
    Column(
        key="dense_centre",
        label="中心城区密集学校",
        kind="flag",
        width=10,
        group="归并",
        note="申请按中心城区密集学校计算体育场馆面积的填“是”。",
    ),
    Column(
        key="migrant_share",
        label="随迁子女比例",
        kind="share",
        unit="%",
        minimum=0,
        maximum=1,
        width=10,
        group="在校生",
        note="随迁子女占在校生的比例；单元格已设为百分比，直接输入 36.5% 即可。",
    ),
)

_SCHOOL_AMOUNTS = (
    *_by_stage(
        "pupils",
        "kindergarten primary junior senior",
        label="在校生：",
        unit="人",
        group="在校生",
        note="没有这个学段就留空；0 表示有这个学段而没有学生。",
    ),
    *_by_stage(
        "nearby_pupils",
        "kindergarten primary junior senior",
        label="片区内就近入学：",
        unit="人",
        group="就近入学",
        note="在校生中居住在本校划片范围内的人数。",
    ),
    _area("teaching_area", "教学及辅助用房面积", note="按统计口径，含室内体育用房。"),
    _area("indoor_sports_area", "室内体育用房面积", note="没有室内体育用房填 0；空白表示不知道。"),
    _area("sports_ground_area", "运动场地面积"),
    _area(
        "extra_sports_area",
        "可计入的其他运动场地",
        note="校内地下、楼顶场地，或步行十分钟内、上课时间专用的租赁场地；只对中心城区密集学校计入。",
    ),
    _money("equipment_value", "教学仪器设备值", group="装备", note="账面值，单位是元，不是万元。"),
    Column(key="multimedia_rooms", label="网络多媒体教室", unit="间", width=10, group="装备"),
    Column(
        key="funded_pupils",
        label="核定公用经费的学生数",
        unit="人",
        width=11,
        group="经费",
        note="不足 100 人的村小和教学点按 100 人核定的，填 100。",
    ),
    _money("public_funds", "年度公用经费预算", group="经费"),
    _money("training_funds", "其中教师培训经费", group="经费"),
)

SCHOOLS = Sheet(
    name="学校",
    frozen=2,
    blocks=(
        Block(
            title="学校",
            hint="每所学校（含教学点、独立校区）一行。带 * 的列必填；不知道的数留空，确实没有的填 0。",
            target=("schools", "[]"),
            columns=_SCHOOL_BASICS + _SCHOOL_AMOUNTS,
        ),
    ),
)

CLASSES = Sheet(
    name="班级",
    blocks=(
        Block(
            title="班级",
            hint="每个班一行。某学段确实没有班级时，只写一行，学生数填“无”。",
            target=("schools", "@school", "class_sizes", "@stage", "[]"),
            columns=(
                SCHOOL_CODE,
                SCHOOL_NAME,
                STAGE,
                Column(
                    key="",
                    label="学生数",
                    unit="人",
                    required=True,
                    width=10,
                    note="这个班的学生数；例：43。",
                ),
            ),
            says_none=True,
        ),
    ),
    frozen=2,
)

GRADES = Sheet(
    name="年级人数",
    blocks=(
        Block(
            title="年级人数",
            hint="每所学校一行。抽取学生和家长时按三年级及以上的人数计算。",
            target=("schools", "@school", "grade_pupils"),
            columns=(
                SCHOOL_CODE,
                SCHOOL_NAME,
                *(
                    Column(key=str(number), label=f"{word}年级", unit="人", width=10)
                    for number, word in enumerate("一二三四五六七八九", start=1)
                ),
            ),
            may_wait=True,
        ),
    ),
    frozen=2,
)

TEACHERS = Sheet(
    name="教师",
    blocks=(
        Block(
            title="教师",
            hint="每所学校的每个学段一行。",
            target=("schools", "@school", "teachers", "@stage"),
            columns=(
                SCHOOL_CODE,
                SCHOOL_NAME,
                STAGE,
                Column(key="total", label="专任教师", unit="人", width=10),
                Column(
                    key="above_qualification",
                    label="高于规定学历",
                    unit="人",
                    width=10,
                    note="小学为专科及以上，初中为本科及以上。",
                ),
                Column(key="backbone", label="县级以上骨干", unit="人", width=10),
                Column(
                    key="pe_arts",
                    label="体育艺术",
                    unit="人",
                    width=10,
                    note="按任教学科：体育、音乐、美术、艺术。",
                ),
                Column(
                    key="pe_arts_visiting",
                    label="体育艺术交流兼职走教",
                    unit="人",
                    width=12,
                    note="只对 50—99 人的乡村学校和教学点计入。",
                ),
                Column(
                    key="pe_arts_specialist", label="体育艺术专业毕业", unit="人", width=11, note="只供参考。"
                ),
                Column(key="certified", label="持教师资格证", unit="人", width=10),
                Column(
                    key="trained", label="完成360学时培训", unit="人", width=11, note="五年内完成 360 学时。"
                ),
                Column(key="employees", label="教职工", unit="人", width=10),
                Column(key="posts", label="编制", unit="个", width=10),
                Column(key="temporary", label="临聘", unit="人", width=10),
            ),
            may_wait=True,
        ),
    ),
    frozen=2,
)

ROOM_AREAS = Sheet(
    name="音美教室",
    blocks=(
        Block(
            title="音乐、美术专用教室",
            hint="每间教室一行。某类教室确实一间也没有时，只写一行，面积填“无”；一行都不写表示不知道。",
            target=("schools", "@school", "@room", "[]"),
            columns=(
                SCHOOL_CODE,
                SCHOOL_NAME,
                Column(key="@room", label="教室类别", kind="choice", choices=ROOMS, required=True, width=11),
                Column(
                    key="",
                    label="面积",
                    kind="amount",
                    unit="平方米",
                    required=True,
                    width=11,
                    note="例：96。",
                ),
            ),
            says_none=True,
        ),
    ),
    frozen=2,
)

COUNTY_SHEET = Sheet(
    name=COUNTY,
    blocks=(
        Form(
            title="县（市、区）",
            hint="带 * 的必填；不知道的留空。",
            items=(
                Column(
                    key="county.code",
                    label="行政区划代码",
                    kind="code",
                    required=True,
                    note="六位数字，按文本填写；例：140522。",
                ),
                Column(key="county.name", label="县名", kind="text", required=True, note="例：阳城县。"),
                Column(
                    key="year",
                    label="统计年份",
                    kind="integer",
                    unit="年",
                    required=True,
                    note="各表数据所属的年份，四位数字。",
                ),
                Column(
                    key="county.resident_population",
                    label="常住人口",
                    kind="count",
                    minimum=1,
                    unit="人",
                    note="不是万人；例：360000。",
                ),
                Column(key="county.townships", label="乡镇数", unit="个"),
                Column(key="county.villages", label="行政村（社区）数", unit="个"),
                Column(key="county.rural_population", label="乡村人口", unit="人"),
                Column(key="county.gdp_per_head", label="人均地区生产总值", kind="amount", unit="元"),
                Column(key="county.revenue_per_head", label="人均财政收入", kind="amount", unit="元"),
                Column(key="county.rural_income", label="农村居民人均可支配收入", kind="amount", unit="元"),
                Column(key="county.urban_income", label="城镇居民人均可支配收入", kind="amount", unit="元"),
                Column(
                    key="format",
                    label="文件格式",
                    kind="choice",
                    choices=FORMATS,
                    required=True,
                    note="程序使用，请保留 county/1。",
                ),
            ),
        ),
    ),
)


def _figure(key: str, label: str, *, group: str, unit: str = "人", kind="count", note: str = "") -> Column:
    return Column(key=f"figures.{key}", label=label, group=group, unit=unit, kind=kind, note=note)


_FIGURES = (
    _figure(
        "special_education.funds", "特殊教育年度公用经费", unit="元", kind="amount", group="特殊教育（G7）"
    ),
    _figure("special_education.pupils", "特殊教育学生数", group="特殊教育（G7）"),
    _figure("pay.teacher_mean", "义务教育教师年平均工资收入", unit="元", kind="amount", group="工资（G8）"),
    _figure(
        "pay.civil_servant_mean", "当地公务员年平均工资收入", unit="元", kind="amount", group="工资（G8）"
    ),
    _figure("rotation.eligible", "符合交流条件的教师", group="交流轮岗（G11）"),
    _figure(
        "rotation.due", "应交流的教师", group="交流轮岗（G11）", note="本地规划另有“应交流教师数”的才填。"
    ),
    _figure("rotation.rotated", "当年交流轮岗的教师", group="交流轮岗（G11）"),
    _figure("rotation.rotated_backbone", "其中骨干教师", group="交流轮岗（G11）"),
    _figure("senior_places.places", "优质高中招生名额", unit="个", group="优质高中名额（G14）"),
    _figure("senior_places.allotted", "其中分配到初中的名额", unit="个", group="优质高中名额（G14）"),
    _figure(
        "senior_places.allotted_rural", "其中分配到农村初中的名额", unit="个", group="优质高中名额（G14）"
    ),
    _figure("migrant_children.eligible", "符合条件的随迁子女", group="随迁子女（G15）"),
    _figure("migrant_children.in_public", "在公办学校就读的随迁子女", group="随迁子女（G15）"),
    _figure(
        "migrant_children.in_purchased_private",
        "在政府购买服务的民办学校就读的随迁子女",
        group="随迁子女（G15）",
    ),
    _figure("retention.graduates", "初中毕业生", group="初中三年巩固率（Q1）"),
    _figure("retention.entrants", "三年前的初中一年级学生", group="初中三年巩固率（Q1）"),
    _figure("retention.transferred_in", "三年间转入", group="初中三年巩固率（Q1）"),
    _figure("retention.transferred_out", "三年间转出", group="初中三年巩固率（Q1）"),
    _figure("retention.deaths", "三年间死亡", group="初中三年巩固率（Q1）"),
    _figure("disabled_children.children", "残疾儿童少年", group="残疾儿童入学（Q2）"),
    _figure("disabled_children.enrolled", "其中已入学", group="残疾儿童入学（Q2）"),
    _figure("labour.practice_hours", "劳动实践学时", unit="学时/年", kind="amount", group="劳动教育（Q7）"),
    _figure(
        "labour.comprehensive_hours",
        "综合实践活动学时",
        unit="学时/年",
        kind="amount",
        group="劳动教育（Q7）",
    ),
    _figure("labour.bases", "劳动实践基地", unit="个", group="劳动教育（Q7）"),
    _figure("labour.teachers", "劳动课教师", group="劳动教育（Q7）"),
    _figure(
        "funds_per_pupil.primary", "小学生均公用经费基准定额", unit="元", kind="amount", group="公用经费"
    ),
    _figure("funds_per_pupil.junior", "初中生均公用经费基准定额", unit="元", kind="amount", group="公用经费"),
    _figure(
        "pupils_per_post.primary",
        "小学每个编制对应学生数",
        unit="人",
        kind="amount",
        group="编制",
        note="例：19。",
    ),
    _figure(
        "pupils_per_post.junior",
        "初中每个编制对应学生数",
        unit="人",
        kind="amount",
        group="编制",
        note="例：13.5。",
    ),
)

FIGURES = Sheet(
    name="县级指标",
    blocks=(
        Form(title="县级指标", hint="按项目填写，不知道的留空；金额单位是元。", items=_FIGURES),
        Block(
            title="教育支出",
            hint="一般公共预算教育支出，近五年，每年一行。",
            start=6,
            target=("figures", "education_spending", "[]"),
            columns=(
                Column(key="year", label="年份", kind="integer", width=8),
                _money("total", "教育支出", group=""),
                _money("per_pupil", "生均教育支出", group=""),
            ),
        ),
        Block(
            title="义务教育质量监测（Q9）",
            hint="每个学科、每次监测一行。",
            start=11,
            target=("figures", "monitoring", "[]"),
            columns=(
                Column(key="subject", label="学科", kind="text", required=True, width=9, note="例：语文。"),
                Column(key="stage", label="学段", kind="choice", choices=STAGES, width=8),
                Column(
                    key="level",
                    label="学业水平等级",
                    kind="integer",
                    minimum=1,
                    maximum=4,
                    required=True,
                    width=10,
                    note="1 到 4 的整数；Ⅲ级填 3。",
                ),
                Column(
                    key="difference",
                    label="校际差异率",
                    kind="amount",
                    required=True,
                    width=10,
                    note="小数；例：0.12。",
                ),
                Column(key="source", label="监测层级", kind="choice", choices=SOURCES, width=9),
                Column(key="year", label="年份", kind="integer", width=8),
            ),
        ),
    ),
)

ELIGIBILITY = Sheet(
    name="申报条件",
    blocks=(
        Form(
            title="申报条件",
            hint="不知道的留空。",
            items=(
                Column(key="eligibility.application_year", label="申报年份", kind="integer", unit="年"),
                Column(
                    key="eligibility.basic_balance_year",
                    label="通过义务教育基本均衡认定的年份",
                    kind="integer",
                    unit="年",
                ),
                Column(
                    key="eligibility.basic_indicators_missed", label="近三年未达标的基本均衡指标", unit="个"
                ),
                Column(
                    key="eligibility.incident",
                    label="申报年度发生重大安全责任事故或严重违纪违规事件",
                    kind="flag",
                ),
                Column(key="eligibility.outcry", label="申报年度发生校闹、舆情等突出问题", kind="flag"),
            ),
        ),
        Block(
            title="基本均衡综合差异系数",
            hint="认定的综合差异系数（原八项指标），每年一行。",
            start=6,
            target=("eligibility", "composite_difference", "[]"),
            columns=(
                Column(key="year", label="年份", kind="integer", required=True, width=9),
                Column(key="primary", label="小学", kind="amount", width=10, note="小数；例：0.41。"),
                Column(key="junior", label="初中", kind="amount", width=10, note="小数；例：0.33。"),
            ),
        ),
    ),
)

_ATTESTED = (
    Column(key="met", label="是否达到", kind="flag", required=True, width=10),
    Column(key="note", label="依据", kind="text", width=60, note="文件名称、文号或情况说明。"),
)
_ITEM = Column(
    key="@key",
    label="佐证项目",
    kind="key",
    choices=ATTESTATIONS,
    required=True,
    width=40,
    note="选择所列项目；评估细则另有的项目，填细则中的英文键名。",
)
_VETO = Column(
    key="@key",
    label="否决事项",
    kind="key",
    choices=VETOES,
    required=True,
    width=34,
    note="选择所列事项；评估细则另有的事项，填细则中的英文键名。",
)
_HAPPENED = Column(key="", label="是否发生", kind="flag", required=True, width=10)

EVIDENCE = Sheet(
    name="佐证与否决",
    blocks=(
        Block(
            title="县级佐证",
            hint="以文件为依据的判断；没有判断的留空。",
            target=("attestations", "@key"),
            columns=(_ITEM, *_ATTESTED),
            may_wait=True,
            listed=tuple(ATTESTATIONS),
        ),
        Block(
            title="一票否决（县）",
            hint="发生过填“是”，没有发生填“否”，不知道留空。",
            start=5,
            target=("vetoes", "@key"),
            columns=(_VETO, _HAPPENED),
            may_wait=True,
            listed=tuple(VETOES),
        ),
        Block(
            title="学校佐证",
            hint="逐校判断的项目，每校每项一行。",
            start=9,
            target=("schools", "@school", "attestations", "@key"),
            columns=(SCHOOL_CODE, SCHOOL_NAME, _ITEM, *_ATTESTED),
        ),
        Block(
            title="学校否决事项",
            hint="逐校填写的否决事项，每校每项一行。",
            start=16,
            target=("schools", "@school", "vetoes", "@key"),
            columns=(SCHOOL_CODE, SCHOOL_NAME, _VETO, _HAPPENED),
        ),
    ),
)

SCORES = Sheet(
    name="评分",
    blocks=(
        Block(
            title="评分",
            hint="只用于计分的评估细则：每个评分点一行。",
            target=("scores", "@key"),
            columns=(
                Column(
                    key="@key",
                    label="评分点编号",
                    kind="key",
                    required=True,
                    width=14,
                    note="评估细则中的编号，按文本填写；例：27.2。",
                ),
                Column(key="", label="得分", kind="amount", unit="分", required=True, width=10),
            ),
        ),
    ),
)

RECOGNITION = Sheet(
    name="认可度",
    blocks=(
        Block(
            title="社会认可度调查",
            hint="已有调查结果时填写；由本系统开展的调查不必填。",
            target=("recognition", "@who"),
            columns=(
                Column(key="@who", label="调查对象", kind="choice", choices=TALLIES, required=True, width=16),
                Column(key="distributed", label="发放问卷", unit="份", width=11),
                Column(key="valid", label="有效问卷或走访", unit="份、人", width=12),
                Column(key="satisfied", label="满意问卷或走访", unit="份、人", width=12),
            ),
            may_wait=True,
            listed=tuple(TALLIES),
        ),
        Block(
            title="分项认可度",
            hint="问卷题目所对应的指标，每个指标一行。",
            start=6,
            target=("recognition", "topics", "@key"),
            columns=(
                Column(
                    key="@key",
                    label="指标编号",
                    kind="key",
                    required=True,
                    width=12,
                    note="按文本填写；例：G15。",
                ),
                Column(
                    key="",
                    label="认可度",
                    kind="share",
                    unit="%",
                    minimum=0,
                    maximum=1,
                    required=True,
                    width=10,
                    note="单元格已设为百分比，直接输入 88% 即可。",
                ),
            ),
        ),
    ),
)

PUBLISHED = Sheet(
    name="公布数据",
    blocks=(
        Block(
            title="公布的全县总数",
            hint="规划、年鉴等公布的总数，与各校之和核对。",
            target=("totals", "@key"),
            columns=(
                Column(key="@key", label="名称", kind="key", choices=TOTALS, required=True, width=28),
                Column(key="primary", label="小学", kind="amount", width=11),
                Column(key="junior", label="初中", kind="amount", width=11),
            ),
            may_wait=True,
            listed=tuple(TOTALS),
        ),
        Block(
            title="县里公布的判断",
            hint="公布过的指标值和是否达标，与计算结果核对，不参与判定。",
            start=5,
            target=("stated", "[]"),
            columns=(
                Column(
                    key="indicator",
                    label="指标编号",
                    kind="code",
                    required=True,
                    width=11,
                    note="例：R1、G14。",
                ),
                Column(key="stage", label="学段", kind="choice", choices=STAGES_AND_COUNTY, width=8),
                Column(key="value", label="公布的数值", kind="amount", minimum=float("-inf"), width=12),
                Column(key="met", label="公布是否达标", kind="flag", width=10),
                Column(key="source", label="出处", kind="text", width=60),
            ),
        ),
    ),
)

#: The sheets that are filled in and read, in the order of the workbook.
SHEETS = (
    COUNTY_SHEET,
    SCHOOLS,
    CLASSES,
    GRADES,
    TEACHERS,
    ROOM_AREAS,
    FIGURES,
    ELIGIBILITY,
    EVIDENCE,
    SCORES,
    RECOGNITION,
    PUBLISHED,
)

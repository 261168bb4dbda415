"""The sheets about schools: one row a school, a class, a room, or a stage of a school."""

from survey_app.counties.workbook.shape import Block, Column, Sheet
from survey_app.counties.workbook.words import KINDS, LOCALITIES, OWNERSHIPS, ROOMS, STAGES

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

"""The sheets about the county itself: who it is, its figures, its application."""

from survey_app.counties.workbook.shape import Block, Column, Form, Kind, Sheet
from survey_app.counties.workbook.words import FORMATS, SOURCES, STAGES


def _(text: str) -> str:
    """Mark *text* for the catalogue; the county's page translates it, the workbook is in Chinese."""
    return text


#: The sheet that also keeps, in a hidden row, which parts of the file are present and empty.
COUNTY = "县"
EMPTIES_LABEL = "空项"

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
                    label=_("常住人口"),
                    kind="count",
                    minimum=1,
                    unit="人",
                    note="不是万人；例：360000。",
                ),
                Column(key="county.townships", label=_("乡镇数"), unit="个"),
                Column(key="county.villages", label=_("行政村（社区）数"), unit="个"),
                Column(key="county.rural_population", label=_("乡村人口"), unit="人"),
                Column(key="county.gdp_per_head", label=_("人均地区生产总值"), kind="amount", unit="元"),
                Column(key="county.revenue_per_head", label=_("人均财政收入"), kind="amount", unit="元"),
                Column(
                    key="county.rural_income", label=_("农村居民人均可支配收入"), kind="amount", unit="元"
                ),
                Column(
                    key="county.urban_income", label=_("城镇居民人均可支配收入"), kind="amount", unit="元"
                ),
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


def _figure(
    key: str, label: str, *, group: str, unit: str = "人", kind: Kind = "count", note: str = ""
) -> Column:
    return Column(key=f"figures.{key}", label=label, group=group, unit=unit, kind=kind, note=note)


_FIGURES = (
    _figure(
        "special_education.funds",
        _("特殊教育年度公用经费"),
        unit="元",
        kind="amount",
        group=_("特殊教育（G7）"),
    ),
    _figure("special_education.pupils", _("特殊教育学生数"), group=_("特殊教育（G7）")),
    _figure(
        "pay.teacher_mean", _("义务教育教师年平均工资收入"), unit="元", kind="amount", group=_("工资（G8）")
    ),
    _figure(
        "pay.civil_servant_mean",
        _("当地公务员年平均工资收入"),
        unit="元",
        kind="amount",
        group=_("工资（G8）"),
    ),
    _figure("rotation.eligible", _("符合交流条件的教师"), group=_("交流轮岗（G11）")),
    _figure(
        "rotation.due",
        _("应交流的教师"),
        group=_("交流轮岗（G11）"),
        note="本地规划另有“应交流教师数”的才填。",
    ),
    _figure("rotation.rotated", _("当年交流轮岗的教师"), group=_("交流轮岗（G11）")),
    _figure("rotation.rotated_backbone", _("其中骨干教师"), group=_("交流轮岗（G11）")),
    _figure("senior_places.places", _("优质高中招生名额"), unit="个", group=_("优质高中名额（G14）")),
    _figure("senior_places.allotted", _("其中分配到初中的名额"), unit="个", group=_("优质高中名额（G14）")),
    _figure(
        "senior_places.allotted_rural",
        _("其中分配到农村初中的名额"),
        unit="个",
        group=_("优质高中名额（G14）"),
    ),
    _figure("migrant_children.eligible", _("符合条件的随迁子女"), group=_("随迁子女（G15）")),
    _figure("migrant_children.in_public", _("在公办学校就读的随迁子女"), group=_("随迁子女（G15）")),
    _figure(
        "migrant_children.in_purchased_private",
        _("在政府购买服务的民办学校就读的随迁子女"),
        group=_("随迁子女（G15）"),
    ),
    _figure("retention.graduates", _("初中毕业生"), group=_("初中三年巩固率（Q1）")),
    _figure("retention.entrants", _("三年前的初中一年级学生"), group=_("初中三年巩固率（Q1）")),
    _figure("retention.transferred_in", _("三年间转入"), group=_("初中三年巩固率（Q1）")),
    _figure("retention.transferred_out", _("三年间转出"), group=_("初中三年巩固率（Q1）")),
    _figure("retention.deaths", _("三年间死亡"), group=_("初中三年巩固率（Q1）")),
    _figure("disabled_children.children", _("残疾儿童少年"), group=_("残疾儿童入学（Q2）")),
    _figure("disabled_children.enrolled", _("其中已入学"), group=_("残疾儿童入学（Q2）")),
    _figure(
        "labour.practice_hours",
        _("劳动实践学时"),
        unit=_("学时/年"),
        kind="amount",
        group=_("劳动教育（Q7）"),
    ),
    _figure(
        "labour.comprehensive_hours",
        _("综合实践活动学时"),
        unit=_("学时/年"),
        kind="amount",
        group=_("劳动教育（Q7）"),
    ),
    _figure("labour.bases", _("劳动实践基地"), unit="个", group=_("劳动教育（Q7）")),
    _figure("labour.teachers", _("劳动课教师"), group=_("劳动教育（Q7）")),
    _figure(
        "funds_per_pupil.primary",
        _("小学生均公用经费基准定额"),
        unit="元",
        kind="amount",
        group=_("公用经费"),
    ),
    _figure(
        "funds_per_pupil.junior", _("初中生均公用经费基准定额"), unit="元", kind="amount", group=_("公用经费")
    ),
    _figure(
        "pupils_per_post.primary",
        _("小学每个编制对应学生数"),
        unit="人",
        kind="amount",
        group=_("编制"),
        note="例：19。",
    ),
    _figure(
        "pupils_per_post.junior",
        _("初中每个编制对应学生数"),
        unit="人",
        kind="amount",
        group=_("编制"),
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
                Column(key="total", label="教育支出", kind="amount", unit="元", width=14),
                Column(key="per_pupil", label="生均教育支出", kind="amount", unit="元", width=14),
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

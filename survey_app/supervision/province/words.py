"""What the columns of the table of counties are called; translated where they are said."""

from collections.abc import Mapping
from dataclasses import dataclass

from survey_app.supervision.province.ordering import NO_RUN, SECTIONS


def _(text: str) -> str:
    """Mark *text* for the catalogue; it is translated when it is said."""
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: the name of its order, its head and, where that is short, what it means."""

    key: str
    label: str
    title: str = ""
    numeric: bool = False


#: Section → its short name and its name.
SECTION_WORDS: Mapping[str, tuple[str, str]] = {
    "eligibility": (_("条件"), _("申报条件")),
    "vetoes": (_("否决"), _("不予认定事项")),
    "resources": (_("资源"), _("资源配置")),
    "guarantee": (_("保障"), _("政府保障程度")),
    "quality": (_("质量"), _("教育质量")),
    "recognition": (_("认可"), _("社会认可度")),
}

COLUMNS: tuple[Column, ...] = (
    Column(key="county", label=_("县（市、区）")),
    Column(key="city", label=_("市")),
    Column(key="due", label=_("计划年"), title=_("时间表上计划认定的年份"), numeric=True),
    Column(key="verdict", label=_("结论")),
    *(
        Column(key=section, label=SECTION_WORDS[section][0], title=SECTION_WORDS[section][1])
        for section in SECTIONS
    ),
    Column(key="rate", label=_("社会认可度"), title=_("官方比例，下面是置信区间"), numeric=True),
    Column(key="worst", label=_("最差差异系数"), title=_("离上限最近或超过最多的一项"), numeric=True),
    Column(key="distance", label=_("差多少"), title=_("未达标的项目和学校，缺数据的另计")),
    Column(key="tasks", label=_("任务（项）"), title=_("没有办结的任务，其中逾期的"), numeric=True),
    Column(key="listed", label=_("挂牌")),
    Column(key="change", label=_("与上年比"), title=_("与同一细则上一年的评估比较")),
    Column(key="run", label=_("最近评估")),
)

#: Outcome → sign and word of its light.
LIGHTS: Mapping[str, tuple[str, str]] = {
    "met": ("✓", _("达标")),
    "not_met": ("✗", _("未达标")),
    "undetermined": ("?", _("无法判定")),
}

#: Verdicts to filter by; counties without a run have none.
VERDICTS: Mapping[str, str] = {
    "met": _("达标"),
    "not_met": _("未达标"),
    "undetermined": _("无法判定"),
    NO_RUN: _("尚无评估"),
}

"""What pages call the kinds of schools, their places, and where a figure comes from."""

from typing import Any

from flask_babel import lazy_gettext as _l

KINDS: dict[str, Any] = {
    "primary": _l("小学"),
    "teaching_point": _l("教学点"),
    "junior": _l("初中"),
    "nine_year": _l("九年一贯制"),
    "complete_secondary": _l("完全中学"),
    "twelve_year": _l("十二年一贯制"),
    "special": _l("特殊教育"),
    "vocational": _l("中职"),
}
LOCALITIES: dict[str, Any] = {"urban": _l("城区"), "town": _l("镇区"), "rural": _l("乡村")}
OWNERSHIPS: dict[str, Any] = {"public": _l("公办"), "private": _l("民办")}
STAGES: dict[str, Any] = {"primary": _l("小学"), "junior": _l("初中")}

#: Published by the county, made up for a demonstration, or as the imported file reports it.
ORIGINS: dict[str, Any] = {"published": _l("公布"), "simulated": _l("模拟"), "reported": _l("上报")}

#: Counts by stage: where they stand in a school, the name of the published total, and their words.
STAGE_COUNTS: tuple[tuple[str, Any, Any], ...] = (
    ("pupils", _l("在校生"), _l("人")),
    ("employees", _l("教职工"), _l("人")),
    ("teachers", _l("专任教师"), _l("人")),
    ("above_qualification", _l("高于规定学历教师"), _l("人")),
    ("backbone", _l("县级以上骨干教师"), _l("人")),
    ("pe_arts", _l("体育、艺术专任教师"), _l("人")),
)

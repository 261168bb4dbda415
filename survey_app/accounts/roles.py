"""What the roles are called, and at which level of the region tree each stands."""

from typing import Any

from flask_babel import lazy_gettext as _l

#: Role -> how its holder is shown beside the region, and how the role is offered for choice.
LABELS: dict[str, Any] = {
    "administrator": _l("系统管理员"),
    "county": _l("县教育局"),
    "city": _l("市教育局"),
    "province": _l("省教育厅"),
    "nation": _l("国家督导机构"),
    "assessor": _l("评估专家"),
    "auditor": _l("审计人员"),
    "school": _l("学校联络员"),
    "interviewer": _l("电话访问员"),
}

#: Roles that only fit regions of one level; the others may be held anywhere.
LEVELS = {
    "county": "county",
    "city": "city",
    "province": "province",
    "nation": "nation",
    "school": "county",
    "interviewer": "county",
}

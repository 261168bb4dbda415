"""What states, steps and origins of tasks are called."""

from flask_babel import lazy_gettext as _l

STATES = {
    "planned": _l("未开始"),
    "running": _l("进行中"),
    "handed_in": _l("待验收"),
    "done": _l("已完成"),
    "cancelled": _l("已取消"),
}

#: Colour of a state's tag.
COLOURS = {
    "planned": "waiting",
    "running": "stated",
    "handed_in": "waiting",
    "done": "met",
    "cancelled": "stated",
}

#: What somebody does with a task, as a button says it.
STEPS = {
    "begun": _l("开始办理"),
    "progress": _l("报告进展"),
    "handed_in": _l("报请验收"),
    "accepted": _l("验收通过"),
    "rejected": _l("退回整改"),
    "cancelled": _l("取消任务"),
    "reopened": _l("重新办理"),
}

#: What was done with it.
EVENTS = {
    "begun": _l("开始办理"),
    "progress": _l("报告进展"),
    "handed_in": _l("报请验收"),
    "accepted": _l("验收通过"),
    "rejected": _l("退回整改"),
    "changed": _l("更改任务"),
    "cancelled": _l("取消任务"),
    "reopened": _l("重新办理"),
}

ORIGINS = {
    "finding": _l("评估发现"),
    "remedy": _l("补短板方案"),
    "exemption": _l("放宽规定的补足义务"),
    "template": _l("年度计划"),
    "manual": _l("自行添加"),
}

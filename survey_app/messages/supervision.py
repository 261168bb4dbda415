"""Sentences of supervision: the schedule, the ledger, dispatches and listed counties."""

from survey_app.messages.marking import _

#: The schedule of recognition: its files, and what contradicts in it.
SCHEDULE = {
    "schedule_files": _(
        "请上传一份时间表（.csv 或 .xlsx），也可以同时上传 schedule.toml 和 divisions.csv。"
        "现在选了 {count} 个文件，认不出是哪一种。"
    ),
    "schedule_large": _("“{name}”超过 {most} kB。请检查是不是选错了文件。"),
    "schedule_rows": _("表里有 {count} 行，最多 {most} 行。请检查是不是选错了文件。"),
    "schedule_toml": _(
        "schedule.toml 不是有效的 TOML 文件：读到第 {line} 行第 {column} 列就读不下去了。"
        "请检查那里的引号、括号和等号，以及同一个名称是不是写了两次。"
    ),
    "schedule_toml_encoding": _(
        "schedule.toml 不是有效的 TOML 文件：文字编码不是 UTF-8。"
        "请用文本编辑器打开，另存为 UTF-8 编码后再上传。"
    ),
    "schedule_unknown_key": _("没有这一项。请核对名称，或删去。"),
    "schedule_missing_key": _("缺少这一项。请补上。"),
    "schedule_wrong_value": _("“{value}”的类型或内容不对。请对照说明改正。"),
    "schedule_text": _("这里应是一行文字，最多 {longest} 个字，不能空着。"),
    "schedule_year": _("“{value}”不是可用的年份，应在 {first} 至 {last} 年之间。"),
    "schedule_count": _("县数“{value}”太大，最多 {most} 个。"),
    "schedule_name": _("名称“{value}”太长，最多 {longest} 个字。"),
    "schedule_city": _("没有叫“{value}”的市。应是：{known}。"),
    "schedule_no_head": _("表头没有 {value} 年。表头的年份：{known}。"),
    "schedule_twice": _("“{value}”在同一年里列了两次，与 {first} 重复。请删去一行。"),
    "schedule_head_twice": _("“{value}”的县数写了两次。请只保留一行。"),
    "schedule_code": _("“{value}”不是本省的六位行政区划代码（应以 {province} 开头）。"),
    "schedule_looked_at": _("这份预览已经失效，没有保存任何内容。请重新选择时间表。"),
    "schedule_other_province": _("这份时间表不是您负责的省份的，没有保存。"),
    "schedule_unknown": _("没有名为“{value}”的规划。可用的有：{known}。"),
    "schedule_row": _("{city}：表头 {stated} 个，列出 {named} 个"),
    "schedule_contradictions": _("规划中的 {count} 处矛盾"),
}

#: Recording that a county was recognised.
RECOGNITION = {
    "recognition_to_come": _("{day} 还没有到。请填写已经公布的通过日期。"),
    "recognition_recorded": _("已经登记 {day} 通过国家认定（{document}）。需要更正时，请先撤回那一条。"),
    "recognition_not_recorded": _("没有登记过通过国家认定，不需要撤回。"),
}

#: Quarterly dispatches.
DISPATCH = {
    "dispatch_no_schedule": _("还没有认定时间表，不知道哪些县到期。请先在“认定时间表”里导入，再做季度调度。"),
    "dispatch_to_come": _("{period}还没有开始，不能做报告。"),
}

#: Counties under listed supervision.
LISTING = {
    "listing_stands": _("{since} 起已经挂牌督办，不能重复列入。"),
    "listing_none": _("现在没有挂牌督办，不需要解除。"),
}

#: Tasks of the ledger, and the gaps they are made from.
LEDGER = {
    "gap_of_figures": _("补齐数据：{named}"),
    "gap_owed": _("按“{exemption}”达标，认定后 {years} 年内须达到 {standard}。"),
    "gap_owed_in_full": _("按“{exemption}”达标，认定后 {years} 年内须达到规定标准。"),
    "gap_phase": _("认定后 {years} 年内"),
    "task_step": _("这项任务现在的状态不能这样办理。请刷新页面，查看当前状态。"),
    "task_words": _("请写明情况，再提交。"),
    "task_percent": _("请填写完成进度（0 到 100 的整数），再提交。"),
    "task_proof": _("第 {number} 号任务还没有佐证文件，不能报请验收。请附上能证明完成的文件。"),
    "mergers_none": _("请为至少一所学校选择并入哪所学校，或上传并校文件。"),
    "remedies_large": _("文件超过 {most} kB。请检查是不是选错了文件。"),
}

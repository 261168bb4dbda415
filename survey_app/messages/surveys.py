"""Sentences about surveys: their questionnaires, and waves with their plans."""

from survey_app.messages.marking import _

#: Questionnaires: drafts and files.
QUESTIONNAIRES = {
    "draft_refused": _("问卷有 {count} 处问题，没有保存任何内容。请改正后重试。"),
    "draft_changed": _("“{by}”刚刚保存过这份草稿，您的改动没有保存。请重新打开草稿。"),
    "draft_not_as_seen": _(
        "“{by}”在您打开之后保存过这份草稿，所以什么都没有做。下面是新的内容：请看过以后再发布或删除。"
    ),
    "draft_has_faults": _("“{title}”有 {count} 处问题，还不能预览或比较。请先改正。"),
    "questionnaire_kind": _("“{name}”不是问卷文件。可以上传 .toml 文件或 .xlsx 表格（XLSForm）。"),
    "questionnaire_not_utf8": _("“{name}”不是 UTF-8 编码的文字。请用 UTF-8 另存后再上传。"),
    "xlsform_extra_missing": _("没有安装读取 XLSForm 的部件。请在服务器上安装 junheng[xlsform]。"),
    "forms_frozen": _("这轮调查的问卷已经固定，不能再改。"),
}

#: Waves and their plans.
WAVES = {
    "plan_refused": _("样本方案有 {count} 处问题，没有保存任何内容。请改正后重试。"),
    "wave_refused": _("调查方案有 {count} 处问题，没有保存任何内容。请改正后重试。"),
    "no_county_file": _("还没有这个县的数据。请先在“县情”中导入县级数据，再建调查。"),
    "changed_meanwhile": _("您打开页面以后，别人改过这一步，没有保存。请核对现在的内容后重试。"),
    "would_undo": _("这样改会作废后面已经定下的内容，没有保存。请确认后重试。"),
    "rules_not_settled": _("这轮调查的规则还没有定。请先完成“规则”一步。"),
    "wave_fixed": _("调查已经打开，规则、样本和问卷不能再改。需要更晚截止时，请到“结果”中延期。"),
    "not_opened": _("这轮调查还没有打开，问卷尚未固定。请先在“实施”中打开调查。"),
    "population_missing": _("{county}的数据没有常住人口数，无法计算样本量。请在县情数据中补上后重新导入。"),
}

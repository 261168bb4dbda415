"""Sentences about files handed in as proof."""

from survey_app.messages.marking import _

#: Handing in, withdrawing and fetching proof.
EVIDENCE = {
    "evidence_missing": _("没有选择文件。请选择一份佐证材料。"),
    "evidence_empty": _("“{name}”是空文件，没有保存。请检查后重新选择。"),
    "evidence_large": _("“{name}”超过 {most} MB，没有保存。请压缩或分成几份再上传。"),
    "evidence_kind": _(
        "“{name}”不是可以上传的文件，没有保存。可以上传 PDF、PNG、JPG、DOCX、XLSX、TXT 和 CSV 文件。"
    ),
    "evidence_mismatch": _("“{name}”的内容与文件名不符，没有保存。请用原来的软件重新导出，不要只改文件名。"),
    "evidence_damaged": _("“{name}”不完整或已损坏，没有保存。请重新导出后再上传。"),
    "evidence_macros": _("“{name}”带有宏，没有保存。请另存为不带宏的文件，或导出为 PDF。"),
    "evidence_encrypted": _("“{name}”设有密码，没有保存。请去掉密码后再上传。"),
    "evidence_archive": _("“{name}”展开后过大或结构异常，没有保存。请导出为 PDF 后再上传。"),
    "evidence_reason": _("请填写撤回的原因。"),
    "evidence_withdrawn_before": _("这份材料已经撤回过。请刷新页面。"),
    "evidence_withdrawn": _("这份材料已经撤回，不再提供下载。文件和校验值仍保留备查。"),
    "evidence_sealed": _(
        "第 {run} 次评估列有这份材料，{name} 于 {day} 办理时已经封存，不能再撤回。"
        "有不同情况请写在意见里；轮到本级判断时，可以重新判断，不再沿用它。"
    ),
    "evidence_lost": _("“{title}”的文件不在服务器上。请联系运维人员从备份恢复。"),
    "evidence_altered": _(
        "“{title}”与登记时的校验值不一致，不提供下载。请联系运维人员保全现场并从备份恢复。"
    ),
}

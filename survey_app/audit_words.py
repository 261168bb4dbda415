"""What the deeds of the audit trail are called."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

#: Action -> what it is called. A test holds it against every action that is recorded.
ACTIONS: dict[str, Any] = {
    "account.added": _l("添加账号"),
    "account.appointed": _l("添加角色"),
    "account.dismissed": _l("移除角色"),
    "account.end_set": _l("设定账号有效期"),
    "account.link_made": _l("生成一次性链接"),
    "account.link_used": _l("用一次性链接设置密码"),
    "account.password_set": _l("设置密码"),
    "account.second_factor_off": _l("取消第二验证因素"),
    "account.second_factor_on": _l("启用第二验证因素"),
    "account.signed_in": _l("登录"),
    "account.signed_out": _l("退出"),
    "account.switched_off": _l("停用账号"),
    "account.switched_on": _l("重新启用账号"),
    "batch.found": _l("找到答题卡，恢复有效"),
    "batch.handed": _l("交出答题卡"),
    "batch.lost": _l("答题卡丢失作废"),
    "batch.replaced": _l("换发答题卡"),
    "batch.returned": _l("退回答题卡"),
    "cards.printed": _l("打印答题卡"),
    "county_file.imported": _l("导入县情数据"),
    "entry.cap_changed": _l("更改入口名额"),
    "evidence.stored": _l("保存佐证材料"),
    "evidence.withdrawn": _l("撤回佐证材料"),
    "file.erased": _l("销毁文件"),
    "contacts.erased": _l("清除联系方式"),
    "contacts.stored": _l("保存联系方式"),
    "flag.reviewed": _l("记录标记的核查情况"),
    "frame.built": _l("生成抽样框"),
    "frame.confirmed": _l("确认抽样框的差异"),
    "questionnaire.draft_discarded": _l("删除问卷草稿"),
    "questionnaire.draft_started": _l("新建问卷草稿"),
    "questionnaire.published": _l("发布问卷"),
    "correction.answered": _l("答复补正"),
    "correction.asked": _l("要求补正"),
    "correction.decided": _l("处理补正"),
    "judgement.entered": _l("录入判断"),
    "remark.added": _l("写意见"),
    "run.made": _l("生成评估结果"),
    "sample.replaced": _l("更换抽中的学校或人员"),
    "seed.committed": _l("公布种子承诺"),
    "telephone.back_checked": _l("记录回访结果"),
    "telephone.back_checks_drawn": _l("抽取回访"),
    "telephone.case_decided": _l("处理电话个案"),
    "telephone.cases_assigned": _l("分配电话个案"),
    "telephone.cases_made": _l("生成电话个案"),
    "telephone.cases_taken_back": _l("收回电话个案"),
    "telephone.code_read": _l("显示访问码"),
    "telephone.number_opened": _l("显示姓名和号码"),
    "visit.noted": _l("录入走访"),
    "visit.withdrawn": _l("撤回走访"),
    "wave.aborted": _l("取消调查"),
    "wave.archived": _l("导出答卷档案"),
    "wave.begun": _l("新建调查"),
    "wave.changed": _l("更改调查的名称、时间或联系方式"),
    "wave.closed": _l("截止调查"),
    "wave.drawn": _l("抽样"),
    "wave.extended": _l("延期"),
    "wave.key_erased": _l("销毁打开答卷的钥匙"),
    "wave.mixed": _l("混合答卷"),
    "wave.opened": _l("打开调查"),
    "wave.planned": _l("制定方案"),
    "wave.released": _l("发布结果"),
    "wave.text_withdrawn": _l("撤下一条开放题答案"),
    "wave.rules_settled": _l("定下规则"),
    "wave.screened": _l("检验答卷可信度"),
    "wave.verification_planned": _l("抽核查样本"),
    "answers.downloaded": _l("下载单份答卷"),
    "results.downloaded": _l("下载结果数据"),
}


def described(action: str) -> str:
    """What *action* is called, in the reader's language."""
    known = ACTIONS.get(action)
    return gettext("其他操作") if known is None else str(known)

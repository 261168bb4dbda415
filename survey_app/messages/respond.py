"""Sentences of the public pages: short enough to be read on a phone."""

from survey_app.messages.marking import _

#: Answers that cannot be taken as they are.
ANSWERS = {
    "bad_ticket": _("这个页面已经失效，没有保存任何内容。请重新扫答题卡上的二维码，或重新输入访问码。"),
    "answer_too_large": _("提交的内容太多，没有保存。请返回上一页，把意见写短一些再提交。"),
    "answer_missing": _("请选择一项"),
    "answer_missing_text": _("请填写这一题"),
    "answer_unknown_option": _("所选的不是本题的选项，请重新选择"),
    "answer_two_values": _("只能选一项，请重新选择"),
    "answer_too_long": _("最多 {limit} 个字，现在有 {length} 个字，请删短一些"),
    "answer_control_characters": _("文字里有无法保存的字符，请删掉后再提交"),
    "answer_too_many_choices": _("最多选 {limit} 项，现在选了 {length} 项，请去掉几项"),
    "answer_exclusive_choice": _("选了“不了解”或“以上都没有”，就不能再选别的"),
    "answer_not_a_number": _("请填一个数，只用数字"),
    "answer_not_whole": _("请填整数，不带小数"),
    "answer_too_many_decimals": _("最多 {decimals} 位小数"),
    "answer_number_low": _("不能小于 {limit}，请核对"),
    "answer_number_high": _("不能大于 {limit}，请核对"),
    "answer_unknown_item": _("收到了本问卷没有的题目，没有保存。请检查本页后重新提交"),
}

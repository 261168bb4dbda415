"""Every sentence a refusal becomes: code -> Chinese text with {facts}; English in the catalogue.

A sentence says what happened, with the numbers, and what to do next.
"""

import gettext as _gettext
from functools import cache
from pathlib import Path
from typing import Any

_TRANSLATIONS = Path(__file__).parent / "translations"


def _(text: str) -> str:
    """Mark *text* for the catalogue; it is translated when it is said."""
    return text


#: Pages and forms.
_PAGES = {
    "not_found": _("找不到这个页面或内容。请检查地址，或从首页重新进入。"),
    "forbidden": _("您的账号没有做这件事的权限。需要时请联系本级管理员。"),
    "conflict": _("现在不能这样做。请刷新页面，查看当前状态后再试。"),
    "gone": _("这项内容已经结束，不能再使用。"),
    "refused": _("无法处理这次请求。请检查后重试。"),
    "refused_input": _("文件没有通过检查，共有 {count} 处问题，没有保存任何内容。请按下表修改后重新上传。"),
    "form_expired": _("页面打开时间过长，表单已失效。请返回上一页刷新后重新提交。"),
    "unexpected": _("系统出了问题，这次操作没有完成，也没有保存任何内容。请稍后再试。"),
    "http_400": _("请求的格式不对。请返回上一页重试。"),
    "http_403": _("您的账号没有做这件事的权限。需要时请联系本级管理员。"),
    "http_404": _("找不到这个页面或内容。请检查地址，或从首页重新进入。"),
    "http_405": _("这个地址不能这样访问。请返回上一页重试。"),
    "http_413": _("上传的内容太大。请检查文件后重试。"),
    "http_429": _("操作太频繁。请稍等片刻再试。"),
    "http_other": _("无法处理这次请求。请稍后再试。"),
    "unknown_host": _("这个网址不是本系统的公开地址。请使用答题卡或通知上的网址。"),
}

#: Settings and the command line.
_COMMANDS = {
    "configuration": _("缺少或无法使用这些设置：{names}。请按运维指南补齐后再启动。"),
    "no_such_file": _("找不到文件“{path}”。请检查路径。"),
    "not_json": _("“{path}”不是有效的 JSON 文件：第 {line} 行第 {column} 列无法读取。"),
}

#: Waves and their plans.
_SURVEYS = {
    "plan_refused": _("样本方案有 {count} 处问题，没有保存任何内容。请改正后重试。"),
    "wave_refused": _("调查方案有 {count} 处问题，没有保存任何内容。请改正后重试。"),
    "population_missing": _("{county}的数据没有常住人口数，无法计算样本量。请在县情数据中补上后重新导入。"),
}

#: Frames, draws, codes and entries.
_FIELDWORK = {
    "code_length": _("访问码共 {needed} 位，您输入了 {found} 位。请对照答题卡重新输入。"),
    "code_letters": _("访问码里不会有“{letters}”。访问码只用数字和大写字母，请对照答题卡重新输入。"),
    "code_check": _("访问码不对：可能输错了一位，或者把相邻两位写颠倒了。请对照答题卡逐位检查。"),
    "code_unknown": _("没有这个访问码。请对照答题卡逐位检查；仍然不行，请拨打答题卡上的咨询电话。"),
    "code_replaced": _("这张答题卡已经换发，请使用新卡。有疑问请联系：{contact}。"),
    "already_used": _("这张答题卡已经提交过答卷，每张卡只能用一次。"),
    "quota_full": _("这类问卷的名额已满，感谢您的关注。您不需要再填写。"),
    "wave_not_open": _("这次调查还没有开始。有疑问请联系：{contact}。"),
    "wave_not_yet": _("这次调查从 {opens} 开始，请到时再来。"),
    "wave_over": _("这次调查已于 {closed} 结束，不再接收答卷。感谢您的关注。"),
}

#: Accounts and signing in.
_ACCOUNTS = {
    "sign_in_refused": _("登录名或密码不对。请检查后重新输入。"),
    "too_many_attempts": _("这个登录名连续多次输入错误。请等待 {minutes} 分钟后再试，或请管理员设置新密码。"),
    "unfit_login": _("登录名“{login}”不能使用：请用 2 至 64 个小写字母、数字或 . _ - @，并以字母或数字开头。"),
    "unfit_name": _("请填写姓名，最多 64 个字。"),
    "login_taken": _("登录名“{login}”已经有人使用。请换一个。"),
    "accounts_exist": _("系统中已经有账号，不能再用首次设置建立管理员。请登录，或请管理员添加账号。"),
    "no_appointment": _("至少要选择一个角色和地区，账号才有事可做。"),
    "unknown_role": _("没有“{role}”这个角色。可用的角色：{known}。"),
    "unknown_region": _("找不到代码为“{region}”的地区。请填写 6 位行政区划代码，例如 140522（阳城县）。"),
    "role_region_mismatch": _("这个角色不能用于“{region}”：县、市、省、国家各级角色只能用于本级的地区。"),
    "region_not_yours": _("“{region}”不在您负责的地区内。只能任命本地区内的人员。"),
    "own_account": _("不能停用自己的账号，也不能更改自己的角色。请由另一位管理员办理。"),
    "appointed_already": _("这个账号在“{region}”已经有这个角色。"),
    "last_appointment": _("账号至少要保留一个角色。如果不再使用，请停用账号。"),
    "account_off": _("账号“{login}”已经停用。"),
    "account_on": _("账号“{login}”正在使用，不需要启用。"),
    "password_short": _("密码至少要有 {at_least} 个字符，现在只有 {length} 个。可以用几个不相关的词连起来。"),
    "password_long": _("密码最多 {at_most} 个字符。"),
    "password_has_login": _("密码里不能包含登录名。"),
    "password_monotonous": _("密码里至少要有 {at_least} 个不同的字符。"),
    "password_common": _("这个密码太常见，容易被猜到。可以用几个不相关的词连起来。"),
    "password_wrong": _("现在的密码不对。"),
    "no_database": _("数据库还没有建好，或不是最新版本。请先运行 junheng database upgrade。"),
    "unfit_appointment": _("“{value}”不是“角色:地区代码”的形式。例如 county:140522。"),
}

#: The public pages.
_RESPOND = {
    "bad_ticket": _("这个页面已经失效，没有保存任何内容。请重新扫答题卡上的二维码，或重新输入访问码。"),
    "answer_too_large": _("提交的内容太多，没有保存。请返回上一页，把意见写短一些再提交。"),
    "answer_missing": _("请选择一项"),
    "answer_missing_text": _("请填写这一题"),
    "answer_unknown_option": _("所选的不是本题的选项，请重新选择"),
    "answer_two_values": _("只能选一项，请重新选择"),
    "answer_too_long": _("最多 {limit} 个字，现在有 {length} 个字，请删短一些"),
    "answer_control_characters": _("文字里有无法保存的字符，请删掉后再提交"),
    "answer_unknown_item": _("收到了本问卷没有的题目，没有保存。请检查本页后重新提交"),
}

MESSAGES: dict[str, str] = _PAGES | _COMMANDS | _ACCOUNTS | _SURVEYS | _FIELDWORK | _RESPOND


def sentence(code: str, *, lang: str | None = None, **facts: Any) -> str:
    """Say *code* with its *facts*, in *lang* (``zh`` or ``en``) or the reader's language."""
    return _translated(MESSAGES.get(code, MESSAGES["refused"]), lang).format_map(_Facts(facts))


class _Facts(dict):
    """Facts for a sentence; one that is absent shows as a dash instead of breaking the page."""

    def __missing__(self, key: str) -> str:
        return "—"


def _translated(text: str, lang: str | None) -> str:
    if lang is None:
        from flask import has_app_context

        if has_app_context():
            from flask_babel import gettext

            return gettext(text)
    return _catalogue().gettext(text) if lang == "en" else text


@cache
def _catalogue() -> _gettext.NullTranslations:
    return _gettext.translation("messages", _TRANSLATIONS, ["en"], fallback=True)

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

MESSAGES: dict[str, str] = _PAGES | _COMMANDS | _FIELDWORK


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

"""Sentences of the JSON interface and its tokens."""

from survey_app.messages.marking import _

#: Tokens, and how often they may be used.
TOKENS = {
    "token_refused": _("没有有效的接口令牌。请检查 Authorization 请求头，必要时重新生成令牌。"),
    "token_scope_missing": _("这个令牌没有“{scope}”范围。请为程序生成一个带这个范围的令牌。"),
    "token_name": _("请写明令牌给哪个程序用（1 到 64 个字）。"),
    "token_scopes": _("请至少选一项范围，并只选列出的范围。"),
    "token_days": _("有效天数应为 1 到 {most} 的整数。"),
    "token_many": _("您已有 {most} 个有效令牌，不能再生成。请先撤销不用的令牌。"),
    "token_revoked": _("这个令牌已经撤销过。请刷新页面。"),
    "busy": _("现在请求太多，这次没有处理。请按 Retry-After 的秒数再试。"),
}

#: Requests that are refused.
API = {
    "api_json_only": _("这里只提供 JSON。请在 Accept 请求头中接受 application/json。"),
    "api_json_body": _("请求内容应为 JSON。请发送 Content-Type: application/json。"),
    "api_malformed": _(
        "请求内容不是有效的 JSON（UTF-8，键不重复，没有 NaN）：第 {line} 行第 {column} 列无法读取。"
    ),
    "api_refused": _("请求有 {count} 处问题，没有处理。请按所列逐条改正。"),
    "api_required": _("缺少“{where}”。"),
    "api_null": _("“{where}”不能是 null。不知道时请不写这一项。"),
    "api_type": _("“{where}”的值“{value}”类型不对。请对照接口说明。"),
    "api_range": _("“{where}”的值“{value}”超出允许的范围。请对照接口说明。"),
    "api_characters": _("“{where}”里有控制字符或换行。请删去后重试。"),
    "api_choice": _("“{where}”的值“{value}”不在允许的选项中。请对照接口说明。"),
    "api_unknown_key": _("没有名为“{where}”的项。请对照接口说明。"),
    "api_twice": _("“{where}”写了不止一次。请只写一次。"),
    "api_unknown_scheme": _("没有细则“{value}”。可用的细则见 /api/v1/schemes。"),
    "api_unknown_number": _("“{where}”没有编号 {value}。请先查询可用的编号。"),
}

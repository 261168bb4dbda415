"""Sentences about accounts: signing in, what people answer for, passwords."""

from survey_app.messages.marking import _

#: Signing in, its links and its second factor.
SIGNING_IN = {
    "sign_in_refused": _("登录名或密码不对。请检查后重新输入。"),
    "too_many_attempts": _(
        "这个登录名连续多次输入错误。请等待 {minutes} 分钟后再试，或请管理员生成一次性链接。"
    ),
    "link_ended": _("这个链接已经失效：用过、过期，或者已有新的链接。请联系本级系统管理员再生成一个。"),
    "second_factor_wrong": _("验证码不对，或者已经用过。请等手机上出现新的 6 位数字再输入。"),
    "second_factor_on": _("这个账号已经启用第二验证因素。"),
    "second_factor_off": _("这个账号没有启用第二验证因素。"),
}

#: Adding accounts, switching them off and on.
ACCOUNTS = {
    "unfit_login": _(
        "登录名“{login}”不能使用：请用 2 至 64 个小写字母、数字或 . _ - @，并以字母或数字开头。"
    ),
    "unfit_name": _("请填写姓名：一行文字，最多 64 个字。"),
    "login_taken": _("登录名“{login}”已经有人使用。请换一个。"),
    "accounts_exist": _("系统中已经有账号，不能再用首次设置建立管理员。请登录，或请管理员添加账号。"),
    "own_account": _("不能停用自己的账号，也不能更改自己的角色。请由另一位管理员办理。"),
    "account_off": _("账号“{login}”已经停用。"),
    "account_on": _("账号“{login}”正在使用，不需要启用。"),
}

#: What an account may do, and where.
APPOINTMENTS = {
    "no_appointment": _("至少要选择一个角色和地区，账号才有事可做。"),
    "unknown_role": _("没有“{role}”这个角色。可用的角色：{known}。"),
    "unknown_region": _("找不到代码为“{region}”的地区。请填写 6 位行政区划代码，例如 140522（阳城县）。"),
    "role_region_mismatch": _("这个角色不能用于“{region}”：县、市、省、国家各级角色只能用于本级的地区。"),
    "region_not_yours": _("“{region}”不在您负责的地区内。只能任命本地区内的人员。"),
    "school_needed": _("学校联络员只负责一所学校。请填写这所学校的代码。"),
    "school_not_meant": _("只有学校联络员按学校任职。其他角色请把学校代码留空。"),
    "unknown_school": _("{region}的县情数据中没有代码为“{school}”的学校。请先导入县情数据，或核对代码。"),
    "end_past": _("最后一天已经过去。要立即停止使用，请停用账号。"),
    "appointed_already": _("这个账号在“{region}”已经有这个角色。"),
    "last_appointment": _("账号至少要保留一个角色。如果不再使用，请停用账号。"),
    "unfit_appointment": _(
        "“{value}”不是“角色:地区代码”的形式。例如 county:140522；学校联络员再加学校代码，"
        "例如 school:140522:S001。"
    ),
}

#: Passwords that are refused.
PASSWORDS = {
    "password_short": _("密码至少要有 {at_least} 个字符，现在只有 {length} 个。可以用几个不相关的词连起来。"),
    "password_long": _("密码最多 {at_most} 个字符。"),
    "password_has_login": _("密码里不能包含登录名。"),
    "password_monotonous": _("密码里至少要有 {at_least} 个不同的字符。"),
    "password_common": _("这个密码太常见，容易被猜到。可以用几个不相关的词连起来。"),
    "password_wrong": _("现在的密码不对。"),
}

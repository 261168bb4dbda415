"""Sentences of every page, of files being prepared, and of the command line."""

from survey_app.messages.marking import _

#: Pages and forms.
PAGES = {
    "not_found": _("找不到这个页面或内容。请检查地址，或从首页重新进入。"),
    "forbidden": _("您的账号没有做这件事的权限。需要时请联系本级管理员。"),
    "conflict": _("现在不能这样做。请刷新页面，查看当前状态后再试。"),
    "gone": _("这项内容已经结束，不能再使用。"),
    "refused": _("无法处理这次请求。请检查后重试。"),
    "refused_input": _("文件没有通过检查，共有 {count} 处问题，没有保存任何内容。请按下表修改后重新上传。"),
    "form_expired": _("页面打开时间过长，表单已失效。请返回上一页刷新后重新提交。"),
    "unexpected": _("系统出了问题，这次操作没有完成，也没有保存任何内容。请稍后再试。"),
    "unavailable": _(
        "系统暂时存不下或连不上数据库，这次操作没有完成，也没有保存任何内容。请过几分钟再试；如果一直这样，请告诉系统管理员。"
    ),
    "http_400": _("请求的格式不对。请返回上一页重试。"),
    "http_403": _("您的账号没有做这件事的权限。需要时请联系本级管理员。"),
    "http_404": _("找不到这个页面或内容。请检查地址，或从首页重新进入。"),
    "http_405": _("这个地址不能这样访问。请返回上一页重试。"),
    "http_413": _("提交的内容太大，没有保存任何内容。请返回上一页，换小一些的文件，或把文字写短，再提交。"),
    "http_429": _("操作太频繁。请稍等片刻再试。"),
    "http_other": _("无法处理这次请求。请稍后再试。"),
    "unknown_host": _("这个网址不是本系统的公开地址。请使用答题卡或通知上的网址。"),
}

#: Long files on their way, whatever they hold.
PREPARED = {
    "prepared_failed": _("文件没有做成，什么也没有保存。请稍后重新准备；仍然不行，请联系系统管理员。"),
    "prepared_no_room": _("服务器的磁盘写不下或不能写，文件没有做成。请系统管理员清理磁盘后重新准备。"),
}

#: Settings and the command line.
COMMANDS = {
    "configuration": _("缺少或无法使用这些设置：{names}。请按运维指南补齐后再启动。"),
    "not_a_demo": _("{folder} 里不是演示数据，没有改动任何内容。请换一个 JUNHENG_HOME 再运行演示。"),
    "port_taken": _("端口 {port} 已被另一个程序占用。请先结束它，或换一个端口（--port）。"),
    "no_such_file": _("找不到文件“{path}”。请检查路径。"),
    "not_json": _("“{path}”不是有效的 JSON 文件：第 {line} 行第 {column} 列无法读取。"),
    "no_database": _("数据库还没有建好，或不是最新版本。请先运行 junheng database upgrade。"),
}

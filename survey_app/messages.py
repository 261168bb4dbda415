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

#: Tasks of the ledger.
_LEDGER = {
    "task_step": _("这项任务现在的状态不能这样办理。请刷新页面，查看当前状态。"),
    "task_words": _("请写明情况，再提交。"),
    "task_percent": _("请填写完成进度（0 到 100 的整数），再提交。"),
    "task_proof": _("第 {number} 号任务还没有佐证文件，不能报请验收。请附上能证明完成的文件。"),
    "mergers_none": _("请为至少一所学校选择并入哪所学校，或上传并校文件。"),
    "remedies_large": _("文件超过 {most} kB。请检查是不是选错了文件。"),
}

#: The schedule of recognition and listed supervision.
_SCHEDULE = {
    "schedule_files": _(
        "请上传一份时间表（.csv 或 .xlsx），也可以同时上传 schedule.toml 和 divisions.csv。"
        "现在选了 {count} 个文件，认不出是哪一种。"
    ),
    "schedule_large": _("“{name}”超过 {most} kB。请检查是不是选错了文件。"),
    "schedule_rows": _("表里有 {count} 行，最多 {most} 行。请检查是不是选错了文件。"),
    "schedule_toml": _("schedule.toml 不是有效的 TOML 文件：{problem}"),
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
    "recognition_to_come": _("{day} 还没有到。请填写已经公布的通过日期。"),
    "recognition_recorded": _("已经登记 {day} 通过国家认定（{document}）。需要更正时，请先撤回那一条。"),
    "recognition_not_recorded": _("没有登记过通过国家认定，不需要撤回。"),
    "dispatch_no_schedule": _("还没有认定时间表，不知道哪些县到期。请先在“认定时间表”里导入，再做季度调度。"),
    "dispatch_to_come": _("{period}还没有开始，不能做报告。"),
    "listing_stands": _("{since} 起已经挂牌督办，不能重复列入。"),
    "listing_none": _("现在没有挂牌督办，不需要解除。"),
}

#: Settings and the command line.
_COMMANDS = {
    "configuration": _("缺少或无法使用这些设置：{names}。请按运维指南补齐后再启动。"),
    "not_a_demo": _("{folder} 里不是演示数据，没有改动任何内容。请换一个 JUNHENG_HOME 再运行演示。"),
    "port_taken": _("端口 {port} 已被另一个程序占用。请先结束它，或换一个端口（--port）。"),
    "no_such_file": _("找不到文件“{path}”。请检查路径。"),
    "not_json": _("“{path}”不是有效的 JSON 文件：第 {line} 行第 {column} 列无法读取。"),
}

#: Waves and their plans.
_SURVEYS = {
    "plan_refused": _("样本方案有 {count} 处问题，没有保存任何内容。请改正后重试。"),
    "draft_refused": _("问卷有 {count} 处问题，没有保存任何内容。请改正后重试。"),
    "draft_changed": _("“{by}”刚刚保存过这份草稿，您的改动没有保存。请重新打开草稿。"),
    "draft_has_faults": _("“{title}”有 {count} 处问题，还不能预览或比较。请先改正。"),
    "questionnaire_kind": _("“{name}”不是问卷文件。可以上传 .toml 文件或 .xlsx 表格（XLSForm）。"),
    "questionnaire_not_utf8": _("“{name}”不是 UTF-8 编码的文字。请用 UTF-8 另存后再上传。"),
    "xlsform_extra_missing": _("没有安装读取 XLSForm 的部件。请在服务器上安装 junheng[xlsform]。"),
    "wave_refused": _("调查方案有 {count} 处问题，没有保存任何内容。请改正后重试。"),
    "no_county_file": _("还没有这个县的数据。请先在“县情”中导入县级数据，再建调查。"),
    "changed_meanwhile": _("您打开页面以后，别人改过这一步，没有保存。请核对现在的内容后重试。"),
    "would_undo": _("这样改会作废后面已经定下的内容，没有保存。请确认后重试。"),
    "rules_not_settled": _("这轮调查的规则还没有定。请先完成“规则”一步。"),
    "wave_fixed": _("调查已经打开，规则、样本和问卷不能再改。需要更晚截止时，请到“结果”中延期。"),
    "forms_frozen": _("这轮调查的问卷已经固定，不能再改。"),
    "not_opened": _("这轮调查还没有打开，问卷尚未固定。请先在“实施”中打开调查。"),
    "population_missing": _("{county}的数据没有常住人口数，无法计算样本量。请在县情数据中补上后重新导入。"),
}

#: Frames, draws, codes and entries.
_FIELDWORK = {
    "link_broken": _("这个链接不完整。请重新扫答题卡上的二维码，或输入卡上的 12 位访问码。"),
    "code_empty": _("请输入访问码：答题卡二维码旁边的 12 位。"),
    "code_length": _("访问码共 {needed} 位，您输入了 {found} 位。请对照答题卡重新输入。"),
    "code_letters": _("访问码里不会有“{letters}”。访问码只用数字和大写字母，请对照答题卡重新输入。"),
    "code_check": _("访问码不对：可能输错了一位，或者把相邻两位写颠倒了。请对照答题卡逐位检查。"),
    "code_unknown": _("没有这个访问码。请对照答题卡逐位检查；仍然不行，请拨打答题卡上的咨询电话。"),
    "code_replaced": _("这张答题卡已经换发，请使用新卡。有疑问请联系：{contact}。"),
    "already_used": _("这张答题卡已经提交过答卷，每张卡只能用一次。"),
    "quota_full": _("这类问卷的名额已满，感谢您的关注。您不需要再填写。"),
    "already_sent": _("您从这里打开的问卷已经交过，谢谢。每人填一份就够了。"),
    "sent_from_here": _("这份答卷已经收到，谢谢。不用再填，可以关闭这个页面。"),
    "entry_revoked": _("这个二维码已经停用。有疑问请联系：{contact}。"),
    "entry_revoked_before": _("这个码已经停用。"),
    "screen_code_over": _("屏幕上的二维码每隔一会儿就换一次，您扫的这个已经过时。请重新扫屏幕上现在的码。"),
    "not_rotating": _("这个码印在纸上，不在屏幕上轮换。"),
    "entry_not_drawn": _("这轮调查还没有抽样。请先抽样，再制作班级码、村码或海报。"),
    "entry_too_late": _("这轮调查已经截止，不能再制作或更改开放的码。"),
    "entry_refused": _("没有保存：有 {count} 处需要改正。"),
    "frame_refused": _("抽样框有 {count} 处问题，没有保存任何内容。请按下表核对县情数据。"),
    "draw_refused": _("没有抽样：有 {count} 处问题，没有保存任何内容。请改正后重试。"),
    "already_drawn": _("这轮调查已经抽样，样本不能更改。需要重新抽样时，请另建一轮调查。"),
    "frame_known": _("抽样框已经生成，种子承诺要在它之前公布。需要承诺时，请另建一轮调查。"),
    "already_committed": _("这轮调查已经公布过种子承诺，不能更换。种子丢失时，请另建一轮调查。"),
    "no_frame": _("这轮调查还没有抽样框。请先生成抽样框，再抽样。"),
    "frame_unconfirmed": _("抽样框与登记人数的差异还没有人确认。请先在“抽样框”一步核对并确认。"),
    "frame_outdated": _("方案改动以后还没有重新生成抽样框。请先在“抽样框”一步重新生成或上传。"),
    "nothing_to_confirm": _("抽样框没有需要确认的差异。请刷新页面，查看当前状态。"),
    "replacement_refused": _("没有更换：有 {count} 处问题，没有保存任何内容。请改正后重试。"),
    "field_over": _("这轮调查已经截止，样本不能再更换。"),
    "school_has_answered": _(
        "这所学校已有 {answered} 人作答，不能整校更换。请逐个更换没有作答的人，或按未作答处理。"
    ),
    "person_has_answered": _("这个人已经作答，不需要更换。"),
    "reserve_used_up": _("{group}的候补已经用完，不能再更换。这个人按未作答处理。"),
    "contact_unreadable": _("这条联系方式无法解密。请检查个人信息的密钥是否换过；需要时重新上传联系方式。"),
    "list_upload_missing": _("请选择要上传的文件：填好的模板（.xlsx）或 CSV 文件（.csv）。"),
    "list_upload_kind": _("“{name}”不是 .xlsx 或 .csv 文件。请上传填好的模板，或另存为 CSV。"),
    "contacts_refused": _("联系方式有 {count} 处问题，没有保存任何内容。请改正后重新上传。"),
    "board_behind": _(
        "{group}已交 {came} 份，照最近的速度到截止最多 {upper} 份，达不到需要的 {wanted} 份。请催收，或延期。"
    ),
    "board_may_fall_behind": _(
        "{group}已交 {came} 份，预计截止时 {lower} 至 {upper} 份，可能达不到需要的 {wanted} 份。请尽早催收。"
    ),
    "board_many_behind": _(
        "照最近的速度，{groups}到截止都可能达不到需要的份数：共需 {wanted} 份，已交 {came} 份。"
        "各类的预计见下表。请催收，或延期。"
    ),
    "board_few_parents": _(
        "家长 {parents} 份，占全部 {total} 份的 {is_share}，低于规定的 {share}。请先催收家长的答卷。"
    ),
    "board_parents_will_be_few": _(
        "照现在的速度，截止时家长约 {parents} 份，占 {total} 份的 {is_share}，低于规定的 {share}。"
        "请催收家长的答卷。"
    ),
    "board_burst": _(
        "{place}（{group}）的 {cards} 张卡中，有 {n} 份在十分钟内交来。请了解是不是集中填写、有没有人代填。"
    ),
    "board_untouched": _(
        "打开 {hours} 小时后，仍有 {n} 所学校一张卡都没用过：{places}。请联系学校，确认卡已发到人。"
    ),
    "board_guessing": _(
        "{at} 起的十分钟里，有 {n} 个不存在的访问码被试过。访问码猜不中，但请留意是否有人在试。"
    ),
    "prepared_failed": _("文件没有做成，什么也没有保存。请稍后重新准备；仍然不行，请联系系统管理员。"),
    "prepared_no_room": _("服务器的磁盘写不下或不能写，文件没有做成。请系统管理员清理磁盘后重新准备。"),
    "materials_changed": _("这些材料准备以后，批次、日期或说明有了变化，不能再用。请重新准备。"),
    "cards_over": _("这轮调查已经结束，答题卡不再有效，不能再打印、交接或换发。"),
    "batch_not_handed": _("这批卡不在县教育局，不能交出。请刷新页面，查看这批卡现在由谁保管。"),
    "batch_not_returned": _("这批卡没有交给任何人，不能退回。请刷新页面，查看这批卡现在由谁保管。"),
    "batch_not_lost": _("这批卡已经登记丢失。请刷新页面，登记“找到”或换发新码。"),
    "batch_not_found": _("这批卡没有丢失，或已经换发新码，旧卡不能恢复。请刷新页面，查看现状。"),
    "batch_not_replaced": _("只有登记丢失的批次才能换发新码。请先登记丢失。"),
    "receiver_missing": _("请填写接收人的姓名和单位。"),
    "returned_cards": _("{receiver}手里有 {held} 张，退回 {found} 张不对。请清点后重新填写。"),
    "not_planned": _("这轮调查还没有确定样本量和配额。请先完成“样本量与配额”一步。"),
    "not_drawn": _("这轮调查还没有抽样。请先抽样，再打开调查。"),
    "already_open": _("这轮调查已经打开过，不能再次打开。"),
    "window_past": _("截止时间 {closes} 已经过去，不能再打开这轮调查。请另建一轮调查。"),
    "wave_not_open": _("这次调查还没有开始。有疑问请联系：{contact}。"),
    "wave_not_yet": _("这次调查从 {opens} 开始，请到时再来。"),
    "wave_cancelled": _(
        "这次调查已经取消，不用填写了。已经交来的答卷没有人看过，已全部销毁。谢谢您。有疑问请联系："
        "{contact}。"
    ),
    "wave_over": _("这次调查已于 {closed} 结束，不再接收答卷。感谢您的关注。"),
}

#: Importing a county file.
_COUNTIES = {
    "upload_missing": _("请选择要上传的文件：填好的工作簿（.xlsx）或县情文件（.json）。"),
    "upload_kind": _("“{name}”不是 .xlsx 或 .json 文件。请上传填好的工作簿或县情文件。"),
    "upload_large": _("“{name}”超过 {most} MB。请检查是否选错了文件。"),
    "county_unknown_region": _("找不到行政区划代码“{value}”所在的省或市。请核对六位代码。"),
    "county_not_a_county": _("“{value}”是{region}的代码，不是县（市、区）的代码。请填写县级的六位代码。"),
    "county_other_county": _(
        "文件里的行政区划代码是“{value}”，这个页面是{expected}。请核对文件，或到那个县的页面上传。"
    ),
    "county_bad_character": _("文字“{value}”里有看不见的控制字符（显示为 �）。请删去后重新输入。"),
    "county_text_too_long": _("文字“{value}”太长，最多 {longest} 个字。"),
}

#: Lists for the frame, and whom to call, as counties hand them in.
_LISTS = {
    "lists_csv_encoding": _("文件的文字无法识别。请另存为“CSV UTF-8”后再上传。"),
    "lists_csv_malformed": _("第 {line} 行的引号或分隔符不完整，无法读取。请用表格软件打开后另存为 CSV。"),
    "lists_empty": _("表里没有填写任何名册。请在表头下面逐行填写后再上传。"),
    "lists_stray_cell": _("“{value}”写在表格的列以外。请删去，或移到对应的列。"),
    "lists_not_meant": _("{group}是全县名册，“{label}”应留空，现在是“{value}”。"),
    "lists_school_missing": _("{group}按学校列名册，必须填写学校代码。"),
    "lists_school_unknown": _("县情数据中没有代码为“{value}”的学校。请核对代码，或先更新县情数据。"),
    "lists_stage_absent": _("按县情数据，{school}没有{band}学生。请核对学段，或先更新县情数据。"),
    "lists_band_missing": _("{group}按学校和学段列名册，必须填写学段。"),
    "lists_grade_of_band": _("{band}没有 {value} 年级，应是 {grades} 之一。"),
    "lists_grade_not_asked": _("学生卷只调查 {grades} 年级，不包括 {value} 年级。请删去这一行。"),
    "lists_section_too_long": _("班级名称“{value}”太长，最多 {longest} 个字。"),
    "lists_section_line": _("班级名称应写成一行。请删去换行。"),
    "lists_whole_and_parts": _(
        "{whole} 已经填了合计，这一行又填了其中的年级或班级，会重复计算。请只保留一种。"
    ),
    "lists_list_too_long": _("这份名册加起来有 {people} 人，最多 {most} 人。请检查是否多写了位数。"),
    "lists_not_invited": _("{place}的第 {value} 位没有抽中，也不是候补，不能保存联系方式。请删去这一行。"),
    "lists_phone_form": _("电话应是 11 位手机号，或带区号的座机号。请改正后重新填写（这里不显示内容）。"),
    "lists_person_form": _("姓名应是一行文字，最多 {longest} 个字（这里不显示内容）。"),
}

#: Accounts and signing in.
_ACCOUNTS = {
    "sign_in_refused": _("登录名或密码不对。请检查后重新输入。"),
    "too_many_attempts": _(
        "这个登录名连续多次输入错误。请等待 {minutes} 分钟后再试，或请管理员生成一次性链接。"
    ),
    "unfit_login": _(
        "登录名“{login}”不能使用：请用 2 至 64 个小写字母、数字或 . _ - @，并以字母或数字开头。"
    ),
    "unfit_name": _("请填写姓名：一行文字，最多 64 个字。"),
    "login_taken": _("登录名“{login}”已经有人使用。请换一个。"),
    "accounts_exist": _("系统中已经有账号，不能再用首次设置建立管理员。请登录，或请管理员添加账号。"),
    "no_appointment": _("至少要选择一个角色和地区，账号才有事可做。"),
    "unknown_role": _("没有“{role}”这个角色。可用的角色：{known}。"),
    "unknown_region": _("找不到代码为“{region}”的地区。请填写 6 位行政区划代码，例如 140522（阳城县）。"),
    "role_region_mismatch": _("这个角色不能用于“{region}”：县、市、省、国家各级角色只能用于本级的地区。"),
    "region_not_yours": _("“{region}”不在您负责的地区内。只能任命本地区内的人员。"),
    "own_account": _("不能停用自己的账号，也不能更改自己的角色。请由另一位管理员办理。"),
    "school_needed": _("学校联络员只负责一所学校。请填写这所学校的代码。"),
    "school_not_meant": _("只有学校联络员按学校任职。其他角色请把学校代码留空。"),
    "unknown_school": _("{region}的县情数据中没有代码为“{school}”的学校。请先导入县情数据，或核对代码。"),
    "end_past": _("最后一天已经过去。要立即停止使用，请停用账号。"),
    "link_ended": _("这个链接已经失效：用过、过期，或者已有新的链接。请联系本级系统管理员再生成一个。"),
    "second_factor_wrong": _("验证码不对，或者已经用过。请等手机上出现新的 6 位数字再输入。"),
    "second_factor_on": _("这个账号已经启用第二验证因素。"),
    "second_factor_off": _("这个账号没有启用第二验证因素。"),
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
    "unfit_appointment": _(
        "“{value}”不是“角色:地区代码”的形式。例如 county:140522；学校联络员再加学校代码，"
        "例如 school:140522:S001。"
    ),
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
    "answer_too_many_choices": _("最多选 {limit} 项，现在选了 {length} 项，请去掉几项"),
    "answer_exclusive_choice": _("选了“不了解”或“以上都没有”，就不能再选别的"),
    "answer_not_a_number": _("请填一个数，只用数字"),
    "answer_not_whole": _("请填整数，不带小数"),
    "answer_too_many_decimals": _("最多 {decimals} 位小数"),
    "answer_number_low": _("不能小于 {limit}，请核对"),
    "answer_number_high": _("不能大于 {limit}，请核对"),
    "answer_unknown_item": _("收到了本问卷没有的题目，没有保存。请检查本页后重新提交"),
}

#: County workbooks: the file, its sheets, its cells.
_WORKBOOK = {
    "workbook_not_a_workbook": _("这不是 .xlsx 工作簿。请用表格软件另存为“Excel 工作簿（.xlsx）”后再导入。"),
    "workbook_encrypted_or_old_format": _(
        "这是加密的工作簿或旧的 .xls 格式。请取消密码，另存为“Excel 工作簿（.xlsx）”后再导入。"
    ),
    "workbook_file_too_large": _("文件超过 {largest} MB。县级数据不会这么大，请删去图片和无关的表后再导入。"),
    "workbook_damaged_archive": _("文件不完整或已损坏，无法打开。请重新保存或重新传送后再导入。"),
    "workbook_damaged_part": _("文件的内容已损坏，无法读取。请用表格软件打开后另存，再导入。"),
    "workbook_too_many_entries": _("文件内有 {count} 个部分，最多允许 {most} 个。请用模板重新填写。"),
    "workbook_unsafe_name": _("文件内有不允许的路径“{name}”。请用模板重新填写。"),
    "workbook_duplicate_entry": _("文件内有重复的部分“{name}”。请用表格软件打开后另存，再导入。"),
    "workbook_encrypted_entry": _("文件内的“{name}”已加密。请取消密码后再导入。"),
    "workbook_entry_too_large": _(
        "文件内的“{name}”展开后有 {size} MB，最多允许 {largest} MB。请用模板重新填写。"
    ),
    "workbook_archive_too_large": _("文件展开后有 {size} MB，最多允许 {largest} MB。请用模板重新填写。"),
    "workbook_ratio_too_high": _("文件内的“{name}”压缩比超过 {highest} 倍，不能打开。请用模板重新填写。"),
    "workbook_document_type": _("文件内的“{name}”带有文档类型声明，不能打开。请用模板重新填写。"),
    "workbook_cell_out_of_bounds": _(
        "单元格 {cell} 超出范围：最多 {rows} 行、{columns} 列。请删去远处的单元格后再导入。"
    ),
    "workbook_too_many_rows": _("有一张表到了第 {count} 行，最多允许 {most} 行。请删去多余的行后再导入。"),
    "workbook_too_many_cells": _(
        "有一张表占用 {count} 个单元格，最多允许 {most} 个。请删去无关内容后再导入。"
    ),
    "workbook_too_many_sheets": _("工作簿有 {count} 张表，最多允许 {most} 张。请删去无关的表后再导入。"),
    "workbook_parsing_failed": _("读取文件时超出了内存或时间限制，没有读完。请用模板重新填写后再导入。"),
    "workbook_parsing_took_too_long": _("文件在 {seconds} 秒内没有读完。请用模板重新填写后再导入。"),
    "workbook_missing_sheet": _("缺少这张表。请从模板复制这张表，表名不要改动；没有数据可以留空。"),
    "workbook_missing_row": _("缺少“{label}”这一行。请从模板复制这一行，项目名不要改动。"),
    "workbook_unknown_row": _("模板中没有“{value}”这个项目。请改回模板中的项目名，或删去这一行。"),
    "workbook_merged_cells": _("{range} 是合并的单元格。请取消合并，每个单元格分别填写。"),
    "workbook_header_moved": _("这一列应是“{expected}”，而它在 {found}。请把列移回模板中的位置。"),
    "workbook_header_missing": _("这一列的表头“{expected}”不见了。请恢复模板中的表头。"),
    "workbook_header_changed": _("这一列的表头应是“{expected}”，现在是“{value}”。请改回模板中的表头。"),
    "workbook_duplicate_header": _("表头“{value}”出现了两次。请只保留模板中的那一列。"),
    "workbook_unknown_header": _("模板中没有“{value}”这一列。请删去这一列，不要在表中加列。"),
    "workbook_missing": _("“{label}”必须填写。"),
    "workbook_duplicate": _("与 {first} 重复。请删去其中一个，或改正代码。"),
    "workbook_unknown_school": _("“学校”表中没有代码“{value}”。请核对代码，或先在“学校”表中补上这所学校。"),
    "workbook_name_differs": _("这个代码在“学校”表中是“{expected}”，这里写的是“{value}”。请核对代码和名称。"),
    "workbook_none_and_values": _("同一所学校既填了“无”又填了数值。请删去“无”这一行，或删去其他行。"),
    "workbook_not_a_number": _("“{label}”应是数字，现在是“{value}”。请只填数字，不带单位和千位分隔符。"),
    "workbook_not_an_integer": _("“{label}”应是整数，现在是 {value}。"),
    "workbook_negative": _("“{label}”不能是负数，现在是 {value}。"),
    "workbook_out_of_range": _("“{label}”应在 {minimum} 到 {maximum} 之间，现在是 {value}。"),
    "workbook_too_small": _("“{label}”不能小于 {minimum}，现在是 {value}。"),
    "workbook_too_large": _("“{label}”的数值 {value} 大得不合理。请检查单位和位数。"),
    "workbook_fullwidth_digits": _("“{value}”是全角数字。请改成半角：{suggestion}。"),
    "workbook_fullwidth_characters": _(
        "“{value}”中有全角字母或数字，看似相同却不是同一个代码。请改成：{suggestion}。"
    ),
    "workbook_invisible_character": _(
        "第 {place} 个字符是看不见的字符（{character}）。请删去整格内容后重新输入。"
    ),
    "workbook_id_is_number": _(
        "“{label}”应是文本，这个单元格却是数字，开头的 0 或末尾的位数可能已经丢失。"
        "请把单元格设为文本后重新输入。"
    ),
    "workbook_text_is_number": _("“{label}”应是文字，现在是“{value}”。请把单元格设为文本后重新输入。"),
    "workbook_text_too_long": _("文字超过 {longest} 个字符，一个单元格放不下。请写短一些。"),
    "workbook_unknown_choice": _("“{value}”不是可选的内容。请选择：{choices}。"),
    "workbook_is_date": _("“{label}”不应是日期，现在是 {value}。请把单元格改为常规或文本格式后重新输入。"),
    "workbook_error_cell": _("单元格显示错误值 {value}。请改正公式或直接填写数值。"),
    "workbook_formula_without_value": _(
        "公式 {value} 没有计算结果。请在表格软件中打开并保存一次，或直接填写数值。"
    ),
    "workbook_same_file": _("读取和写入的是同一个文件“{path}”。请换一个文件名。"),
    "workbook_unwritable": _("不能写入“{path}”。请检查文件夹是否存在、文件是否正被打开。"),
    "workbook_unopened": _("不能读取“{path}”。请检查文件是否正被占用、有没有读取权限。"),
    "workbook_no_county_files": _("“{path}”及其下级文件夹中没有 .json 或 .xlsx 文件。请核对文件夹。"),
    "workbook_no_parquet": _(
        '写“{path}”需要 DuckDB，还没有安装。请运行 pip install "junheng[fast]"，或改用 .csv、.xlsx。'
    ),
    "workbook_unknown_kind": _("“{path}”既不是 .json 也不是 .xlsx 文件。请换成其中一种。"),
    "workbook_not_xlsx": _("工作簿的文件名应以 .xlsx 结尾，现在是“{path}”。"),
    "workbook_exists": _("“{path}”已存在，没有改动它。请换一个文件名，或先把它移走。"),
}

#: County files, whether they came as JSON or as a workbook; {path} is the place in the file.
_COUNTY_FILE = {
    "county_malformed": _("不是有效的 JSON 文件：第 {line} 行第 {column} 列无法读取。"),
    "county_encoding": _("文件不是 UTF-8 编码，第 {position} 个字节无法读取。请另存为 UTF-8 后再试。"),
    "county_duplicate_key": _("“{value}”在同一处写了两次。请只保留一个。"),
    "county_required": _("缺少必须填写的内容（{path}）。"),
    "county_unknown_key": _("县情文件中没有“{path}”这一项。请改正名称；这里可用的有：{known}。"),
    "county_choice": _("“{value}”不是可用的内容。可用的有：{choice}。"),
    "county_minimum": _("{value} 太小，不能小于 {minimum}。"),
    "county_maximum": _("{value} 太大，不能大于 {maximum}。"),
    "county_pattern": _("“{value}”的格式不对。行政区划代码是六位数字，例如 140522。"),
    "county_type": _("“{value}”的类型不对，应是{expected}。"),
    "expected_integer": _("整数"),
    "expected_number": _("数字"),
    "expected_boolean": _("true 或 false"),
    "expected_text": _("文字"),
    "expected_list": _("列表"),
    "expected_object": _("一组内容"),
    "county_null": _("内容是 null。不知道的请整项删去，不要写 null。"),
    "county_not_a_number": _("{value} 不是可用的数。请填写普通的数字。"),
    "county_too_large": _("数值 {value} 大得不合理，最大 {largest}。请检查单位和位数。"),
    "county_too_many_digits": _("数值 {value} 的位数太多，无法准确保存。请减少小数位数。"),
    "county_duplicate_school": _("学校代码“{value}”重复，前面已经有一所。每所学校的代码必须不同。"),
    "county_stage_of_kind": _("这类学校不应有这个学段的学生，现在填了 {value} 人。请核对学校类别或在校生。"),
    "county_merge_missing": _("这所学校不计校数，必须填写并入哪所学校的代码。"),
    "county_merge_itself": _("并入学校代码填的是这所学校自己。请填写另一所学校的代码。"),
    "county_merge_unknown": _("没有代码为“{value}”的学校，无法并入。请核对代码。"),
    "county_merge_cycle": _("并入关系绕成了一圈：{chain}。请至少有一所学校计校数。"),
    "county_merge_excluded": _("不能并入特殊教育学校或中职学校（{value}）。请改填义务教育学校的代码。"),
}

#: Judging a county by a scheme, on the command line.
_EVALUATION = {
    "county_not_in_scheme": _(
        "细则 {scheme} 中没有“{value}”（{path}）。请改正名称或删去；这里可用的有：{known}。"
    ),
    "scheme_unknown": _("没有名为“{value}”的细则。可用的有：{known}。"),
    "schedule_unknown": _("没有名为“{value}”的规划。可用的有：{known}。"),
    "schedule_row": _("{city}：表头 {stated} 个，列出 {named} 个"),
    "schedule_contradictions": _("规划中的 {count} 处矛盾"),
    "scheme_malformed": _("细则文件 {file} 有误（{key}），没有载入。可用的键：{known}。"),
    "outcome_met": _("达标"),
    "outcome_not_met": _("未达标"),
    "outcome_undetermined": _("无法判定"),
    "stage_primary": _("小学"),
    "stage_junior": _("初中"),
    "evaluate_title": _("{county} {year} 年"),
    "evaluate_verdict": _("结论：{outcome}"),
    "evaluate_reasons": _("决定结论的 {count} 项"),
    "evaluate_progress": _("评估各县"),
    "evaluate_counted": _(
        "共 {all} 个文件：达标 {met}，未达标 {not_met}，无法判定 {undetermined}，不能评估 {refused}。"
    ),
    "evaluate_written": _("已写入 {path}"),
    "evaluate_more": _("另有 {count} 处"),
    "evaluate_contradictions": _("数据中的 {count} 处矛盾"),
    "evaluate_to_pass": _("未达标的 {count} 处中离标准最近的"),
    "evaluate_to_fail": _("已达标、余量最小的"),
    "evaluate_readings": _("社会认可度换一种口径"),
    "evaluate_scores": _("计分表"),
    "evaluate_total": _("总分"),
    "evaluate_no_band": _("不评等次"),
    "evaluate_band_open": _("等次未定"),
}

#: Remedies: shortfalls, plans and mergers, on the command line.
_REMEDIES = {
    "remedies_mergers": _("设想并校 {count} 所"),
    "remedies_kind": _("{name}：{before} → {after}"),
    "remedies_unknown": _("并校后不再已知、须重新统计的：{figures}"),
    "remedies_before_after_mergers": _("并校前后"),
    "remedies_after_mergers": _("以下按并校后的情况计算。"),
    "remedies_shortfalls": _("各校的 {count} 处缺口"),
    "remedies_no_shortfalls": _("已有数据中没有缺口。"),
    "remedies_cannot_say": _("算不出的缺口"),
    "remedies_for_want_of": _("{label}：缺少{figures}"),
    "remedies_plan": _("资源配置怎样达标"),
    "remedies_moving_fails": _("只靠交流教师达不到标准，因为："),
    "remedies_before_after_plan": _("补齐前后"),
    "remedies_same_units": _("另有 {count} 个单位没有变化"),
    "remedies_pupils": _("{count}人"),
    "remedies_no_unit": _("未单列"),
    "remedies_difference": _("{name} 差异系数"),
    "remedies_mean": _("{name} 全县均值"),
    "remedies_composite": _("综合差异系数"),
    "remedies_malformed": _("不是有效的 TOML 文件：第 {line} 行第 {column} 列无法读取。"),
    "remedies_encoding": _("文件不是 UTF-8 编码，第 {position} 个字节无法读取。请另存为 UTF-8 后再试。"),
    "remedies_unknown_key": _("没有“{path}”这一项。请改正名称；这里可用的有：{known}。"),
    "remedies_required": _("缺少必须填写的内容（{path}）。"),
    "remedies_choice": _("“{value}”不是可用的内容。可用的有：{choice}。"),
    "remedies_above": _("{value} 太小，必须大于 {above}。"),
    "remedies_minimum": _("{value} 太小，不能小于 {minimum}。"),
    "remedies_maximum": _("{value} 太大，不能大于 {maximum}。"),
    "remedies_empty": _("这里是空的，至少要有一项（{path}）。"),
    "remedies_type": _("“{value}”的类型不对，应是{expected}。"),
    "remedies_unknown_figure": _("“{value}”不能定价：没有指标可以靠它提高。可以定价的有：{known}。"),
    "remedies_itself": _("“{value}”不能并入自己。请填写另一所学校的代码。"),
    "remedies_target_twice": _("“{value}”在同一所学校的去向里写了两次。请合成一项。"),
    "remedies_merged_twice": _("“{value}”被并了两次。请把去向写在一处。"),
    "remedies_unknown_school": _("没有代码为“{value}”的学校，或者它自己也被并掉。请核对代码。"),
    "remedies_excluded": _("“{value}”是特殊教育学校或中职学校，不参加并校。"),
    "remedies_circle": _("并校绕成了一圈：{chain}。请去掉其中一项。"),
    "remedies_orphan": _(
        "“{value}”不计校数，原属的“{parent}”并入几所学校（{known}），请在 redirects 中写明它改属哪一所。"
    ),
    "remedies_not_receiving": _("“{value}”没有接收任何学校。接收学校有：{known}。"),
    "remedies_receiving_twice": _("“{value}”在 receiving 中写了两次。请合成一项。"),
    "remedies_not_uncounted": _("“{value}”不是留下来的不计校数学校，不需要改属。"),
    "remedies_pupils_missing": _("“{value}”的在校生不明（{path}），不能并校。请先补上。"),
    "remedies_share_or_pupils": _(
        "去“{value}”的要么写 share，要么写 pupils（可加 teachers），不能都写或都不写。"
    ),
    "remedies_mixed": _("“{value}”的去向有的写份额、有的写人数。请用同一种写法。"),
    "remedies_shares": _('“{value}”各去向的份额合计是 {sum}，必须正好是 1。三分之一可写作 "1/3"。'),
    "remedies_counts": _("“{value}”各去向的 {what} 合计是 {sum}，学校现有 {have}。两者必须相等。"),
    "remedies_counts_in_chain": _("“{value}”自己还要接收别的学校，人数会变。请改用份额。"),
    "remedies_no_kind": _("“{value}”并校后的学段组合（{stages}）没有对应的学校类别，不能这样并。"),
    "remedies_class_sizes": _("“{value}”给出的班级人数合计是 {sum}，并校后有学生 {have} 人。两者必须相等。"),
}

#: Evaluation runs, and county files that a scheme cannot judge.
_ASSESSMENTS = {
    "county_not_judged": _(
        "这份县情数据不能按所选细则评估，共有 {count} 处问题，没有保存任何内容。请按下表修改数据。"
    ),
    "county_without_file": _("这个县还没有县情数据。请先导入县情数据，再来评估。"),
    "run_scheme_changed": _("评估所用的细则已经更新，不能再填写这次评估的申报表。请按现在的细则重新评估。"),
    "run_program_changed": _("评估程序已经更新，重新计算的结果与这次评估不同，不能填写申报表。请重新评估。"),
    "wave_of_another_county": _("调查“{wave}”不是这个县的调查。请选择本县的调查。"),
}

#: Closing, mixing and releasing.
_RESULTS = {
    "wave_not_closable": _("只有正在作答的调查才能截止。请刷新页面，查看当前状态。"),
    "wave_not_extendable": _("只有正在作答的调查才能延期。请刷新页面，查看当前状态。"),
    "wave_not_abortable": _("这轮调查已经截止，不能取消。不打算用它的结果时，不发布即可。"),
    "extension_refused": _("延期有 {count} 处问题，没有保存。请改正后重试。"),
    "abort_refused": _("取消调查有 {count} 处问题，没有取消。请改正后重试。"),
    "figures_not_released": _("这轮调查的结果还没有发布，现在看不到，也不能下载。"),
    "texts_not_released": _("这轮调查的结果还没有发布，开放题的文字要等发布以后才能看。"),
    "text_withdrawn_before": _("这条文字已经撤下。"),
    "wave_not_closed": _("这轮调查还没有截止，答卷不能打开。"),
    "wave_not_mixed": _("答卷还在混合，结果尚未算出。请稍后再发布。"),
    "wave_not_released": _("这轮调查的结果还没有发布，不能用于评估。"),
    "already_released": _("结果已经发布过。"),
    "not_screened": _("答卷可信度还没有算出。一般不超过一分钟，请稍后再试。"),
    "nothing_flagged": _("没有一个地方有标记，不需要抽核查样本。"),
    "verifies_nothing": _("这轮调查不是核查样本，没有要告知的。"),
    "verification_told_before": _("这份核查样本已经告知县里。请刷新页面。"),
    "verifies_already": _("这轮调查本身就是核查样本，不能再抽核查样本。请回到原来的调查。"),
    "sample_under_way": _("上一个核查样本还没有结束。请先截止或取消它，再抽新的。"),
    "answers_not_released": _("这轮调查的结果还没有发布，不能下载单份答卷。请先发布结果。"),
    "wave_verifies": _("这是核查样本，只用来和原调查比较，不能用于评估，也不导出。请用原来的调查。"),
    "private_key_missing": _("打开答卷的钥匙文件不在：{file}。请把它放回原处，再继续混合。答卷没有丢失。"),
}

#: Estimating from answers, on the command line.
_ESTIMATION = {
    "estimate_no_file": _("找不到文件“{path}”。请检查路径。"),
    "estimate_unreadable": _("无法读取“{path}”：{value}。"),
    "estimate_kind": _("“{path}”不是 .csv 或 .parquet 文件。请换成其中一种，或给出数据库地址。"),
    "estimate_not_utf8": _(
        "“{path}”不是 UTF-8 编码，第 {position} 个字节无法读取。请另存为“CSV UTF-8”后再试。"
    ),
    "estimate_not_csv": _("“{path}”不是有效的 CSV 文件：{value}。"),
    "estimate_empty_file": _("“{path}”是空的，没有表头。请检查是否选错了文件。"),
    "estimate_header_twice": _("“{path}”的表头“{value}”出现了两次。请给各列不同的名称。"),
    "estimate_row_length": _(
        "“{path}”第 {row} 行（不计表头）有 {found} 格，表头有 {wanted} 格。请补齐或删去多余的格。"
    ),
    "estimate_column_unknown": _("没有“{column}”这一列。现有的列：{known}。"),
    "estimate_column_empty": _("“{column}”列一行数据也没有。请检查是否选错了文件或表。"),
    "estimate_column_not_a_number": _(
        "“{column}”列第 {row} 行应是数字，现在是“{value}”。请只填数字，没有回答的留空。"
    ),
    "estimate_column_infinite": _("“{column}”列第 {row} 行是无穷大。请填写有限的数字。"),
    "estimate_column_missing": _("“{column}”列第 {row} 行是空的。这一列每一行都要填写。"),
    "estimate_column_negative": _("“{column}”列第 {row} 行是 {value}，不能是负数。"),
    "estimate_column_all_zero": _("“{column}”列全部是 0，没有可以加权的答卷。"),
    "estimate_column_not_binary": _(
        "“{column}”列第 {row} 行是 {value}。这种区间只用于取值为 0 和 1 的列；均值请用 --method mean。"
    ),
    "estimate_column_varies": _(
        "“{column}”列第 {row} 行是 {value}，与同一层（或同一单元）的其他行不同。同一层各行应相同。"
    ),
    "estimate_column_below_sample": _(
        "“{column}”列第 {row} 行是 {value}，小于样本中的单元数。总体不能小于样本。"
    ),
    "estimate_column_needed": _("用“{column}”列时还需要 {value}。请补上这一列，或不用“{column}”。"),
    "estimate_column_not_designed": _(
        "“{column}”列第 {row} 行的层“{value}”不在设计表中。请在设计表中补上这一层。"
    ),
    "estimate_column_repeated": _("设计表中“{column}”列第 {row} 行的“{value}”重复了。每一层只能有一行。"),
    "estimate_lonely_1": _(
        "“{stratum}”层只有一个抽样单元（“{column}”列第 {row} 行），无法估计抽样误差。请与相近的层合并后再试。"
    ),
    "estimate_lonely_2": _(
        "“{stratum}”单元只抽了一个二级单元（“{column}”列第 {row} 行），无法估计抽样误差。"
        "请与相近的单元合并后再试。"
    ),
    "estimate_engine_unknown": _("没有名为“{engine}”的引擎。可用的有：{known}。"),
    "estimate_engine_extra_missing": _(
        '引擎 {engine} 还没有安装。请运行 pip install "junheng[{value}]"，或改用其他引擎和 .csv 文件。'
    ),
    "estimate_engine_unreadable": _("无法读取“{value}”。请检查文件或数据库地址，以及文件是否完整。"),
    "estimate_engine_unreachable": _("连不上“{value}”。请检查地址和 Java 17 是否已安装。"),
    "estimate_engine_no_table": _("数据库中没有“{value}”表。请用 --table 指明答卷所在的表。"),
    "estimate_engine_wrong_source": _(
        "引擎 {engine} 不能读取这种来源（{value}）。csv 可用 numpy、duckdb、sqlite；"
        "parquet 可用 numpy、duckdb、spark；数据库用它自己的引擎或 numpy。"
    ),
    "estimate_engine_two_stages": _(
        "第二级抽样（“{value}”）的方差只有 numpy 引擎能算。请用 --engine numpy。"
    ),
    "estimate_argument_level": _("置信水平应在 0 和 1 之间，现在是 {value}。例如 0.95。"),
    "estimate_head_value": _("变量"),
    "estimate_head_n": _("答卷"),
    "estimate_head_psus": _("单元"),
    "estimate_head_df": _("自由度"),
    "estimate_head_estimate": _("估计"),
    "estimate_head_se": _("标准误"),
    "estimate_head_lower": _("下限"),
    "estimate_head_upper": _("上限"),
    "estimate_head_deff": _("设计效应"),
    "estimate_head_method": _("区间"),
    "estimate_level": _("置信水平 {level}%"),
}

#: The telephone room.
_TELEPHONE = {
    "call_time_missing": _("约定再打，要填日期和时间。"),
    "call_time_out": _("时间 {at} 不行：现在是 {now}，最晚可以约到 {last}。请改一个时间。"),
    "call_time_hours": _("时间 {at} 不在可以打电话的钟点里。那天可以打：{hours}（北京时间）。请改一个时间。"),
    "call_hours": _("现在不是打电话的时间。今天可以打：{hours}（北京时间）。请到时再打。"),
    "no_calling_hours": _("今后三周都没有可以打电话的时间。请检查打电话的规则。"),
    "case_finished": _("这个个案已经结束，不能再记录。请打下一个。"),
    "case_answered": _("这个人已经作答，个案已自动撤回，不用再打。"),
    "case_not_in_hand": _("这个个案已经不在您手上。请回到“电话访问”，按“打下一个”。"),
    "case_being_called": _("访问员正在打这个电话，现在不能改。请等结果记录以后再处理。"),
    "case_no_calls_left": _("这个人已经打过 {most} 次，不能再打。请选“到此为止”。"),
    "contact_erased": _("这个人的姓名和号码已经按期删除，不能再打。"),
    "telephone_not_open": _("这轮调查现在不接收答卷，不能安排电话访问。"),
    "no_interviewers": _("本县还没有电话访问员。请管理员先添加账号，再来分配。"),
    "no_interviews": _("还没有完成的电话访问，没有可以回访的。"),
    "back_checks_drawn": _("该抽的已经抽了（{n} 份）。有新的访问完成以后，再来补抽。"),
    "back_check_done": _("这份访问已经回访过，结果不能更改。"),
}

#: Writing released answers for analysis.
_ARCHIVE = {
    "archive_no_wave": _("没有编号为 {wave} 的调查。"),
    "archive_not_released": _("调查“{title}”（编号 {wave}）的结果还没有发布，没有写出任何答卷。"),
    "archive_nothing": _("还没有发布过任何调查的结果，没有可以写出的答卷。"),
    "archive_exists": _("“{path}”已存在，没有改动它。请换一个文件名。"),
    "archive_kind": _("文件名应以 .parquet 结尾，现在是“{path}”。"),
    "archive_extra_missing": _(
        '写 Parquet 文件需要 DuckDB，还没有安装。请运行 pip install "junheng[{value}]"。'
    ),
    "archive_unwritable": _("不能写入“{path}”。请检查文件夹是否存在。"),
    "archive_written": _("已写入 {answers}（{rows} 份答卷，{waves} 轮调查）和 {design}（{strata} 层）。"),
    "archive_withheld": _("未写出：{groups}（答卷太少，不能公开）。"),
}

#: Files handed in as proof.
_EVIDENCE = {
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

#: Judgements, visits and requests for correction.
_JUDGEMENT = {
    "application_over": _("这份申请已经结束，不能再录入或更改。"),
    "application_elsewhere": _("申请现在不在您这一级，不能录入。请在申请页查看现在由哪一级办理。"),
    "of_another_level": _("这一条是另一级录入的，只能由那一级处理。"),
    "judgement_value": _("这样的判断不能保存。请按表单选择或填写。"),
    "judgement_points": _("得分应在 0 到 {maximum} 之间，没有保存。"),
    "judgement_places": _("得分最多 {places} 位小数，没有保存。"),
    "judgement_note": _("判为没有达到、发生过，或撤回判断时，要写明理由。没有保存。"),
    "judgement_nothing_to_take_back": _("本级没有判断过这一条，没有可以撤回的。"),
    "visit_tally": _("走访 {interviewed} 人、满意 {satisfied} 人不成立，没有保存。请检查人数。"),
    "visit_to_come": _("走访日期还没有到，没有保存。请填走访那一天。"),
    "visit_withdrawn": _("这次走访已经撤回过。请刷新页面。"),
    "reason_missing": _("请写明原因。没有保存。"),
    "correction_without_run": _("还没有对这份申请的评估结果，不能要求补正。请先生成评估结果。"),
    "correction_day_over": _("期限不能早于今天，没有保存。请改一个日期。"),
    "correction_text": _("请写明要补正什么。没有保存。"),
    "correction_answer": _("请选择改正后的县情数据，或写明不改的理由。没有保存。"),
    "correction_file_not_newer": _("所选的县情数据不是评估以后导入的，没有保存。请先导入改正后的数据。"),
    "correction_elsewhere": _(
        "申请现在不在提出补正的那一级，不能在这里生成新的评估结果。请在本级按新数据重新生成，再在这里写明。没有保存。"
    ),
    "correction_answered": _("这条补正已经答复或处理过。请刷新页面。"),
    "correction_decided": _("这条补正已经处理过。请刷新页面。"),
    "correction_unanswered": _("县里还没有答复，不能接受。"),
}

_APPLICATIONS = {
    "application_not_here": _("申请现在不在您这一级，不能办理。请在申请页查看现在由哪一级办理。"),
    "application_under_way": _("{year} 年已有一份申请在办理或已经认定，不能再开一份。请先办完或撤回那一份。"),
    "application_scheme": _("细则 {scheme} 没有安装，不能申请。请换一个细则。"),
    "file_of_another_county": _("所选的县情数据不是本县的，没有生成评估结果。"),
    "sign_without_run": _("申请到本级以后还没有生成评估结果，不能签署。请先生成评估结果。"),
    "sign_open_corrections": _("还有 {count} 条本级要求的补正没有处理完，不能签署。请先处理。"),
    "sign_undecided_overrides": _("还有 {count} 条改判等第二个人决定，不能签署。请先决定。"),
    "sign_overrides_not_in": _("第 {run} 次评估以后又同意了改判，还没有计入，不能签署。请重新生成评估结果。"),
    "sign_judgements_not_in": _(
        "第 {run} 次评估以后，判断或走访有变化，还没有计入，没有签署。请重新生成评估结果，看过再签。"
    ),
    "sign_newer_run": _("在您签署时又生成了第 {run} 次评估，没有签署。请先看新的结果。"),
    "sign_altered_run": _("第 {run} 次评估的保存内容与校验值不符，没有签署。请联系管理员核对审计记录。"),
    "letter_from_county": _("这次评估是县级自评，没有上级意见。反馈意见书由复核、评估或认定的一级出具。"),
    "return_from_first": _("县级自评是第一级，没有可以退回的上一级。需要停止时请撤回申请。"),
    "override_reason": _("理由至少 {at_least} 个字，没有保存。请写明依据。"),
    "override_finding": _("这一条不能改判。请从表中选择一条评估结论。"),
    "override_same": _("改判的结论与计算的结论相同，没有保存。请选择另一种结论。"),
    "override_waits": _("这一条已有一个改判在等决定。请先决定那一个。"),
    "override_decided": _("这个改判已经决定过。请刷新页面。"),
    "override_own": _("改判要由另一个人决定，提出的人不能自己同意。请请同级的另一位同事决定。"),
    "verify_holds": _("全部核对一致。"),
    "verify_altered": _("有内容被改动，见上面标 ✗ 的各条。请不要使用这份文件。"),
    "verify_open": _("没有发现改动；标 ? 的各条在这台电脑上不能重新计算，请用评估时的版本核对。"),
    "verify_file": _("文件与校验值清单：{where}"),
    "verify_file_added": _("清单里没有的文件：{where}"),
    "verify_county_file": _("县情数据文件：{where}"),
    "verify_scheme_beside": _("细则文件与评估里的细则：{where}"),
    "verify_outcome": _("调查汇总与发布的、评估引用的结果：{where}"),
    "verify_draw": _("按抽样框重新抽样：{where}"),
    "verify_evidence": _("佐证材料与清单：{where}"),
    "pack_changed": _("准备期间评估或佐证材料有了变化，证据包没有做成。请重新准备。"),
    "verify_run_input": _("数据快照的校验值"),
    "verify_run_result": _("评估结论的校验值"),
    "verify_run_judgements": _("判断记录的校验值"),
    "verify_run_overrides": _("改判记录的校验值"),
    "verify_run_overrides_shown": _("结论里印出的改判与改判记录"),
    "verify_run_verdict": _("记下的总结论与评估结论"),
    "verify_run_scheme": _("结论里的细则与记下的细则"),
    "verify_program": _("评估程序（校验值 {where}）"),
    "verify_scheme": _("细则 {where}"),
    "verify_scheme_files": _("附带的细则文件：{where}"),
    "verify_scheme_installed": _("附带的细则与本机安装的同名细则不同：{where}"),
    "verify_recomputed": _("重新计算的结论 {where}"),
    "verify_finding": _("重新计算的结论与保存的不同：{where}"),
    "verify_step": _("第 {where} 步的封存值"),
    "verify_step_seal": _("第 {where} 步的内容或封存值被改动"),
    "verify_step_number": _("第 {where} 步缺失或次序不对"),
    "verify_step_run": _("第 {where} 步签署的评估与文件里的不同"),
    "verify_audit": _("第 {where} 条审计记录"),
    "verify_audit_run": _("生成评估的审计记录 {where}"),
    "verify_audit_step": _("第 {where} 步没有相符的审计记录"),
    "verify_refused_too_large": _("文件太大，不是均衡导出的文件，没有打开。"),
    "verify_refused_not_a_pack": _("这个压缩包不是证据包，缺少 SHA256SUMS 或 run.json。"),
    "verify_refused_not_a_run": _("这不是均衡导出的评估文件，或文件已损坏。"),
    "verify_refused_damaged": _("压缩包已损坏，不能打开。"),
    "verify_refused_too_many_entries": _("压缩包里的文件太多，没有打开。"),
    "verify_refused_unsafe_name": _("压缩包里有指向别处的文件名，没有打开：{where}"),
    "verify_refused_duplicate_name": _("压缩包里有重名的文件，没有打开：{where}"),
    "verify_refused_encrypted": _("压缩包里有加密的文件，没有打开：{where}"),
    "verify_refused_bomb": _("压缩包解开后过大，没有打开：{where}"),
}

#: The JSON interface and its tokens.
_API = {
    "token_refused": _("没有有效的接口令牌。请检查 Authorization 请求头，必要时重新生成令牌。"),
    "token_scope_missing": _("这个令牌没有“{scope}”范围。请为程序生成一个带这个范围的令牌。"),
    "token_name": _("请写明令牌给哪个程序用（1 到 64 个字）。"),
    "token_scopes": _("请至少选一项范围，并只选列出的范围。"),
    "token_days": _("有效天数应为 1 到 {most} 的整数。"),
    "token_many": _("您已有 {most} 个有效令牌，不能再生成。请先撤销不用的令牌。"),
    "token_revoked": _("这个令牌已经撤销过。请刷新页面。"),
    "busy": _("现在请求太多，这次没有处理。请按 Retry-After 的秒数再试。"),
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
    "api_choice": _("“{where}”的值“{value}”不在允许的选项中。请对照接口说明。"),
    "api_unknown_key": _("没有名为“{where}”的项。请对照接口说明。"),
    "api_twice": _("“{where}”写了不止一次。请只写一次。"),
    "api_unknown_scheme": _("没有细则“{value}”。可用的细则见 /api/v1/schemes。"),
    "api_unknown_number": _("“{where}”没有编号 {value}。请先查询可用的编号。"),
}

MESSAGES: dict[str, str] = (
    _PAGES
    | _LEDGER
    | _COMMANDS
    | _COUNTIES
    | _ACCOUNTS
    | _WORKBOOK
    | _COUNTY_FILE
    | _LISTS
    | _SURVEYS
    | _FIELDWORK
    | _RESPOND
    | _RESULTS
    | _ESTIMATION
    | _TELEPHONE
    | _ARCHIVE
    | _EVALUATION
    | _REMEDIES
    | _ASSESSMENTS
    | _EVIDENCE
    | _JUDGEMENT
    | _APPLICATIONS
    | _API
    | _SCHEDULE
)


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

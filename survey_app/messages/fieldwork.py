"""Sentences of the field: codes, samples, lists, cards, the board and the telephone."""

from survey_app.messages.marking import _

#: What whoever opens a code reads: the code, its entry, the wave behind it.
ACCESS = {
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
    "screen_code_over": _("屏幕上的二维码每隔一会儿就换一次，您扫的这个已经过时。请重新扫屏幕上现在的码。"),
    "wave_not_open": _("这次调查还没有开始。有疑问请联系：{contact}。"),
    "wave_not_yet": _("这次调查从 {opens} 开始，请到时再来。"),
    "wave_cancelled": _(
        "这次调查已经取消，不用填写了。已经交来的答卷没有人看过，已全部销毁。谢谢您。有疑问请联系："
        "{contact}。"
    ),
    "wave_over": _("这次调查已于 {closed} 结束，不再接收答卷。感谢您的关注。"),
}

#: Codes for a class, a village or a poster, as staff make them.
OPEN_ENTRIES = {
    "entry_revoked_before": _("这个码已经停用。"),
    "not_rotating": _("这个码印在纸上，不在屏幕上轮换。"),
    "entry_not_drawn": _("这轮调查还没有抽样。请先抽样，再制作班级码、村码或海报。"),
    "entry_too_late": _("这轮调查已经截止，不能再制作或更改开放的码。"),
    "entry_refused": _("没有保存：有 {count} 处需要改正。"),
}

#: Frames, draws and replacements.
SAMPLES = {
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
}

#: Lists for the frame, and whom to call, as counties hand them in.
LISTS = {
    "contact_unreadable": _("这条联系方式无法解密。请检查个人信息的密钥是否换过；需要时重新上传联系方式。"),
    "list_upload_missing": _("请选择要上传的文件：填好的模板（.xlsx）或 CSV 文件（.csv）。"),
    "list_upload_kind": _("“{name}”不是 .xlsx 或 .csv 文件。请上传填好的模板，或另存为 CSV。"),
    "contacts_refused": _("联系方式有 {count} 处问题，没有保存任何内容。请改正后重新上传。"),
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

#: Opening a wave.
OPENING = {
    "not_planned": _("这轮调查还没有确定样本量和配额。请先完成“样本量与配额”一步。"),
    "not_drawn": _("这轮调查还没有抽样。请先抽样，再打开调查。"),
    "already_open": _("这轮调查已经打开过，不能再次打开。"),
    "window_past": _("截止时间 {closes} 已经过去，不能再打开这轮调查。请另建一轮调查。"),
}

#: What the board of progress warns of.
BOARD = {
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
}

#: Cards and papers: what is printed, and in whose hands each batch is.
MATERIALS = {
    "materials_changed": _("这些材料准备以后，批次、日期或说明有了变化，不能再用。请重新准备。"),
    "cards_over": _("这轮调查已经结束，答题卡不再有效，不能再打印、交接或换发。"),
    "batch_not_handed": _("这批卡不在县教育局，不能交出。请刷新页面，查看这批卡现在由谁保管。"),
    "batch_not_returned": _("这批卡没有交给任何人，不能退回。请刷新页面，查看这批卡现在由谁保管。"),
    "batch_not_lost": _("这批卡已经登记丢失。请刷新页面，登记“找到”或换发新码。"),
    "batch_not_found": _("这批卡没有丢失，或已经换发新码，旧卡不能恢复。请刷新页面，查看现状。"),
    "batch_not_replaced": _("只有登记丢失的批次才能换发新码。请先登记丢失。"),
    "receiver_missing": _("请填写接收人的姓名和单位。"),
    "returned_cards": _("{receiver}手里有 {held} 张，退回 {found} 张不对。请清点后重新填写。"),
}

#: The telephone room.
TELEPHONE = {
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

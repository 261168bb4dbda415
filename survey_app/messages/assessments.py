"""Sentences about assessments: evaluating, remedies, judging, applying, verifying."""

from survey_app.messages.marking import _

#: Judging a county by a scheme, on the command line.
EVALUATION = {
    "county_not_in_scheme": _(
        "细则 {scheme} 中没有“{value}”（{path}）。请改正名称或删去；这里可用的有：{known}。"
    ),
    "scheme_unknown": _("没有名为“{value}”的细则。可用的有：{known}。"),
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
REMEDIES = {
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
RUNS = {
    "county_not_judged": _(
        "这份县情数据不能按所选细则评估，共有 {count} 处问题，没有保存任何内容。请按下表修改数据。"
    ),
    "county_without_file": _("这个县还没有县情数据。请先导入县情数据，再来评估。"),
    "run_scheme_changed": _("评估所用的细则已经更新，不能再填写这次评估的申报表。请按现在的细则重新评估。"),
    "run_program_changed": _("评估程序已经更新，重新计算的结果与这次评估不同，不能填写申报表。请重新评估。"),
    "wave_of_another_county": _("调查“{wave}”不是这个县的调查。请选择本县的调查。"),
}

#: Judgements, visits and requests for correction.
JUDGEMENT = {
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

#: Applications: their steps, signatures and packs.
APPLICATIONS = {
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
    "pack_changed": _("准备期间评估或佐证材料有了变化，证据包没有做成。请重新准备。"),
}

#: Findings that one person proposes to change and another decides.
OVERRIDES = {
    "override_reason": _("理由至少 {at_least} 个字，没有保存。请写明依据。"),
    "override_finding": _("这一条不能改判。请从表中选择一条评估结论。"),
    "override_same": _("改判的结论与计算的结论相同，没有保存。请选择另一种结论。"),
    "override_waits": _("这一条已有一个改判在等决定。请先决定那一个。"),
    "override_decided": _("这个改判已经决定过。请刷新页面。"),
    "override_own": _("改判要由另一个人决定，提出的人不能自己同意。请请同级的另一位同事决定。"),
}

#: Checking a run or a pack that was given out.
VERIFYING = {
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

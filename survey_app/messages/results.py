"""Sentences about results: closing, mixing and releasing; estimating; answers for analysis."""

from survey_app.messages.marking import _

#: Closing, mixing and releasing.
RELEASE = {
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
    "answers_not_released": _("这轮调查的结果还没有发布，不能下载单份答卷。请先发布结果。"),
    "private_key_missing": _("打开答卷的钥匙文件不在：{file}。请把它放回原处，再继续混合。答卷没有丢失。"),
}

#: Screening answers, and the samples that verify them.
INTEGRITY = {
    "not_screened": _("答卷可信度还没有算出。一般不超过一分钟，请稍后再试。"),
    "nothing_flagged": _("没有一个地方有标记，不需要抽核查样本。"),
    "verifies_nothing": _("这轮调查不是核查样本，没有要告知的。"),
    "verification_told_before": _("这份核查样本已经告知县里。请刷新页面。"),
    "verifies_already": _("这轮调查本身就是核查样本，不能再抽核查样本。请回到原来的调查。"),
    "sample_under_way": _("上一个核查样本还没有结束。请先截止或取消它，再抽新的。"),
    "wave_verifies": _("这是核查样本，只用来和原调查比较，不能用于评估，也不导出。请用原来的调查。"),
}

#: Estimating from answers, on the command line.
ESTIMATION = {
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

#: Writing released answers for analysis.
ARCHIVE = {
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

"""Sentences about importing a county: the upload, its workbook, its file."""

from survey_app.messages.marking import _

#: Handing a county file in.
UPLOAD = {
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

#: County workbooks: the file, its sheets, its cells.
WORKBOOK = {
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
COUNTY_FILE = {
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

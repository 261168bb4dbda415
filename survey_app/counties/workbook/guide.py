"""The first sheet: how the workbook is filled in, for the person at the county who does it."""

from collections.abc import Iterable

from xlsxwriter.worksheet import Worksheet

from survey_app.counties.workbook.formats import Formats
from survey_app.counties.workbook.shape import NOTE_LABEL, Sheet

#: It is written and never read.
NAME = "说明"

_TITLE = "县域义务教育优质均衡发展数据填报表"

_RULES = (
    ("先填哪里", "先填“县”和“学校”两张表，再填其他各表。其他表用学校代码与“学校”表对应。"),
    ("必填", "表头或项目名后带 * 、字为红色的必须填写，其他项目有数据就填。"),
    ("不知道与没有", "不知道的留空，确实为零的填 0；空白不会按零计算，也不会按达标处理。"),
    (
        "“无”",
        "“班级”“音美教室”两表中，确实没有班级或教室的学校写一行，数值填“无”；一行都不写表示不知道。",
    ),
    ("单位", "单位写在表头里。金额都是元，不是万元；面积都是平方米；比例列已设为百分比。"),
    (
        "代码",
        "行政区划代码、学校代码、评分点编号都是文本。单元格已设为文本，请不要改成数字，前面的 0 不能丢。",
    ),
    ("选择项", "学校类别、城乡分类、办别等从下拉列表中选择，文字须与列表完全一致。"),
    ("数字", "数字用半角输入，不带单位、不带千位分隔符；单元格里可以有公式，但必须已经算出结果。"),
    (
        "不要改动",
        "不要改表名、表头和列的位置，不要合并单元格，不要加列；可以增加行、删除空行、调整行的顺序。",
    ),
    (
        "隐藏的列",
        f"每张表右侧有一列隐藏的“{NOTE_LABEL}”，用来原样保存数字的写法，不必理会；修改数字后它自动不再起作用。",
    ),
    ("带引号的文字", "整格用英文双引号括起来的文字按引号内的内容原样读取，一般不需要使用。"),
    (
        "检查",
        "导入时一次列出全部问题，写明表名、单元格、内容和原因；有一处问题就不保存任何内容，改好后重新导入。",
    ),
)


def write(page: Worksheet, formats: Formats, sheets: Iterable[Sheet]) -> None:
    """Write the rules, and one line about each of *sheets*."""
    page.hide_gridlines(2)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_column(0, 0, 3)
    page.set_column(1, 1, 20)
    page.set_column(2, 2, 96)
    page.set_row(1, 30)
    page.write_string(1, 1, _TITLE, formats.title)
    row = _heading(page, formats, 3, "怎样填写")
    for name, text in _RULES:
        row = _entry(page, formats, row, name, text)
    row = _heading(page, formats, row + 1, "各表内容")
    for sheet in sheets:
        text = "\n".join(f"{block.title}：{block.hint}" for block in sheet.blocks)
        row = _entry(page, formats, row, sheet.name, text)


def _heading(page: Worksheet, formats: Formats, row: int, text: str) -> int:
    page.write_string(row, 1, text, formats.heading)
    page.write_blank(row, 2, None, formats.heading)
    return row + 1


def _entry(page: Worksheet, formats: Formats, row: int, name: str, text: str) -> int:
    page.write_string(row, 1, name, formats.label)
    page.write_string(row, 2, text, formats.entry)
    page.set_row(row, 6 + 16 * sum(1 + len(line) // 50 for line in text.split("\n")))
    return row + 1

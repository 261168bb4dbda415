"""The sheets a schedule is handed in on: which county in which year, and what the heads say."""

from survey_app.counties.workbook.shape import Block, Column, Sheet

#: Years that a schedule can speak of.
YEARS = range(2000, 2100)

#: No province has more counties, and no schedule more lines.
MOST_ROWS = 1000

#: Longest name of a city or county.
LONGEST_NAME = 64

_CITY = Column(key="city", label="市", kind="text", required=True, width=16, note="与文件一致，例如 晋城市。")
_COUNTY = Column(
    key="county", label="县（市、区）", kind="text", required=True, width=20, note="与文件一致，例如 阳城县。"
)

COUNTIES = Sheet(
    name="时间表",
    frozen=1,
    blocks=(
        Block(
            title="认定时间表：每个县（市、区）一行",
            hint="照文件原样填写，文件没有列出的县删去整行。文件自相矛盾的地方不要改：导入时会逐处列出。",
            target=("counties", "[]"),
            columns=(
                _CITY,
                _COUNTY,
                Column(
                    key="year",
                    label="规划年份",
                    kind="integer",
                    required=True,
                    minimum=YEARS[0],
                    maximum=YEARS[-1],
                    width=12,
                    note="规划通过国家督导评估认定的年份。",
                ),
            ),
        ),
    ),
)

HEADS = Sheet(
    name="表头",
    frozen=1,
    blocks=(
        Block(
            title="文件表头写的县数：每个市、每个年份各一行（可不填）",
            hint="文件写了“太原市 10个”“2025年 18个”这样的数才填；没有写的不要自己数。",
            target=("heads", "[]"),
            columns=(
                Column(
                    key="head",
                    label="市或年份",
                    kind="text",
                    required=True,
                    width=20,
                    note="例如 太原市、2025。",
                ),
                Column(
                    key="counties",
                    label="县数",
                    kind="integer",
                    required=True,
                    minimum=0,
                    maximum=MOST_ROWS,
                    width=12,
                    note="表头上写的个数。",
                ),
            ),
        ),
    ),
)

DIVISIONS = Sheet(
    name="名单",
    frozen=1,
    blocks=(
        Block(
            title="全省的县（市、区）名单",
            hint="不填时按国家标准的行政区划。",
            target=("divisions", "[]"),
            columns=(
                _CITY,
                Column(key="code", label="行政区划代码", kind="code", required=True, width=14, note="六位。"),
                _COUNTY,
            ),
        ),
    ),
)

#: The keys under which stored schedules have the same columns, in the order of the sheets.
KEYS = {
    sheet.name: [column.key for block in sheet.blocks if isinstance(block, Block) for column in block.columns]
    for sheet in (COUNTIES, HEADS, DIVISIONS)
}

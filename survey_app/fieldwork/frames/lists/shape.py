"""The two sheets a county fills in: counted lists for the frame, and whom to call."""

from survey_app.counties.workbook.shape import Block, Column, Sheet
from survey_app.surveys.groups import GRADE_BANDS, GROUPS

_GROUPS = {group.label.zh: group.id for group in GROUPS.values()}
_BANDS = {band.label.zh: band.id for band in GRADE_BANDS.values()}

#: No list holds more people.
MOST_PEOPLE = 100_000

#: Longest name of a class.
LONGEST_SECTION = 32

_GROUP = Column(
    key="group",
    label="对象",
    kind="choice",
    choices=_GROUPS,
    required=True,
    width=14,
    note="从下拉列表中选择。",
)
_SCHOOL = Column(
    key="school",
    label="学校代码",
    kind="code",
    width=16,
    note="与县情数据中的代码一致；代表、委员和群众留空。",
)
_NAME = Column(
    key="name", label="学校名称", kind="name_of_school", width=26, note="可以留空，只用来核对代码。"
)
_BAND = Column(
    key="band", label="学段", kind="choice", choices=_BANDS, width=10, note="家长和学生必填；其他对象可留空。"
)

LISTS = Sheet(
    name="名册",
    frozen=3,
    blocks=(
        Block(
            title="抽样框：各类对象的名册人数",
            hint="每份名册一行，只填人数，不填姓名。家长、学生按学校和学段填，可以再分年级、班级；同一学段不要既填合计又填班级。",
            target=("lists", "[]"),
            columns=(
                _GROUP,
                _SCHOOL,
                _NAME,
                _BAND,
                Column(key="grade", label="年级", minimum=1, maximum=9, note="1 至 9，可以留空。"),
                Column(key="section", label="班级", kind="text", width=14, note="可以留空，例如 三（2）班。"),
                Column(
                    key="size",
                    label="人数",
                    unit="人",
                    required=True,
                    minimum=0,
                    maximum=MOST_PEOPLE,
                    note="这份名册上有多少人；家长按每名学生一位计。",
                ),
            ),
        ),
    ),
)

CONTACTS = Sheet(
    name="联系方式",
    frozen=5,
    blocks=(
        Block(
            title="电话访问用的联系方式",
            hint="只填需要打电话的人。姓名和电话加密保存，到期清除。序号是名册上的第几位。",
            target=("contacts", "[]"),
            columns=(
                _GROUP,
                _SCHOOL,
                _NAME,
                _BAND,
                Column(
                    key="number",
                    label="序号",
                    required=True,
                    minimum=1,
                    maximum=MOST_PEOPLE,
                    note="名册上的第几位。",
                ),
                Column(key="person", label="姓名", kind="text", required=True, width=14),
                Column(
                    key="phone",
                    label="电话",
                    kind="code",
                    required=True,
                    width=18,
                    note="手机或带区号的座机。",
                ),
            ),
        ),
    ),
)

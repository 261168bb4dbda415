"""The sheets of what is judged, awarded, asked or published: evidence, scores, recognition, statements."""

from survey_app.counties.workbook.school_sheets import SCHOOL_CODE, SCHOOL_NAME
from survey_app.counties.workbook.shape import Block, Column, Sheet
from survey_app.counties.workbook.words import ATTESTATIONS, STAGES_AND_COUNTY, TALLIES, TOTALS, VETOES

_ATTESTED = (
    Column(key="met", label="是否达到", kind="flag", required=True, width=10),
    Column(key="note", label="依据", kind="text", width=60, note="文件名称、文号或情况说明。"),
)
_ITEM = Column(
    key="@key",
    label="佐证项目",
    kind="key",
    choices=ATTESTATIONS,
    required=True,
    width=40,
    note="选择所列项目；评估细则另有的项目，填细则中的英文键名。",
)
_VETO = Column(
    key="@key",
    label="否决事项",
    kind="key",
    choices=VETOES,
    required=True,
    width=34,
    note="选择所列事项；评估细则另有的事项，填细则中的英文键名。",
)
_HAPPENED = Column(key="", label="是否发生", kind="flag", required=True, width=10)

EVIDENCE = Sheet(
    name="佐证与否决",
    blocks=(
        Block(
            title="县级佐证",
            hint="以文件为依据的判断；没有判断的留空。",
            target=("attestations", "@key"),
            columns=(_ITEM, *_ATTESTED),
            may_wait=True,
            listed=tuple(ATTESTATIONS),
        ),
        Block(
            title="一票否决（县）",
            hint="发生过填“是”，没有发生填“否”，不知道留空。",
            start=5,
            target=("vetoes", "@key"),
            columns=(_VETO, _HAPPENED),
            may_wait=True,
            listed=tuple(VETOES),
        ),
        Block(
            title="学校佐证",
            hint="逐校判断的项目，每校每项一行。",
            start=9,
            target=("schools", "@school", "attestations", "@key"),
            columns=(SCHOOL_CODE, SCHOOL_NAME, _ITEM, *_ATTESTED),
        ),
        Block(
            title="学校否决事项",
            hint="逐校填写的否决事项，每校每项一行。",
            start=16,
            target=("schools", "@school", "vetoes", "@key"),
            columns=(SCHOOL_CODE, SCHOOL_NAME, _VETO, _HAPPENED),
        ),
    ),
)

SCORES = Sheet(
    name="评分",
    blocks=(
        Block(
            title="评分",
            hint="只用于计分的评估细则：每个评分点一行。",
            target=("scores", "@key"),
            columns=(
                Column(
                    key="@key",
                    label="评分点编号",
                    kind="key",
                    required=True,
                    width=14,
                    note="评估细则中的编号，按文本填写；例：27.2。",
                ),
                Column(key="", label="得分", kind="amount", unit="分", required=True, width=10),
            ),
        ),
    ),
)

RECOGNITION = Sheet(
    name="认可度",
    blocks=(
        Block(
            title="社会认可度调查",
            hint="已有调查结果时填写；由本系统开展的调查不必填。",
            target=("recognition", "@who"),
            columns=(
                Column(key="@who", label="调查对象", kind="choice", choices=TALLIES, required=True, width=16),
                Column(key="distributed", label="发放问卷", unit="份", width=11),
                Column(key="valid", label="有效问卷或走访", unit="份、人", width=12),
                Column(key="satisfied", label="满意问卷或走访", unit="份、人", width=12),
            ),
            may_wait=True,
            listed=tuple(TALLIES),
        ),
        Block(
            title="分项认可度",
            hint="问卷题目所对应的指标，每个指标一行。",
            start=6,
            target=("recognition", "topics", "@key"),
            columns=(
                Column(
                    key="@key",
                    label="指标编号",
                    kind="key",
                    required=True,
                    width=12,
                    note="按文本填写；例：G15。",
                ),
                Column(
                    key="",
                    label="认可度",
                    kind="share",
                    unit="%",
                    minimum=0,
                    maximum=1,
                    required=True,
                    width=10,
                    note="单元格已设为百分比，直接输入 88% 即可。",
                ),
            ),
        ),
    ),
)

PUBLISHED = Sheet(
    name="公布数据",
    blocks=(
        Block(
            title="公布的全县总数",
            hint="规划、年鉴等公布的总数，与各校之和核对。",
            target=("totals", "@key"),
            columns=(
                Column(key="@key", label="名称", kind="key", choices=TOTALS, required=True, width=28),
                Column(key="primary", label="小学", kind="amount", width=11),
                Column(key="junior", label="初中", kind="amount", width=11),
            ),
            may_wait=True,
            listed=tuple(TOTALS),
        ),
        Block(
            title="县里公布的判断",
            hint="公布过的指标值和是否达标，与计算结果核对，不参与判定。",
            start=5,
            target=("stated", "[]"),
            columns=(
                Column(
                    key="indicator",
                    label="指标编号",
                    kind="code",
                    required=True,
                    width=11,
                    note="例：R1、G14。",
                ),
                Column(key="stage", label="学段", kind="choice", choices=STAGES_AND_COUNTY, width=8),
                Column(key="value", label="公布的数值", kind="amount", minimum=float("-inf"), width=12),
                Column(key="met", label="公布是否达标", kind="flag", width=10),
                Column(key="source", label="出处", kind="text", width=60),
            ),
        ),
    ),
)

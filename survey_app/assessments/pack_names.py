"""What the files of an evidence pack are called, and what its first page says of them."""

from collections.abc import Collection

from survey_app.assessments.models import EvaluationRun

SUMS = "SHA256SUMS"
README = "README.txt"
RUN = "run.json"
COUNTY = "county.json"
OUTCOME = "survey/outcome.json"
FORM_VI = "survey/form-vi.csv"
CERTIFICATE = "draw/certificate.json"
FRAME = "draw/frame.txt"
REPLACEMENTS = "draw/replacements.json"
EVIDENCE = "evidence/list.json"

#: File or folder → what stands in it.
_SAID = {
    RUN: "评估：数据快照、结论、判断、改判、各级签署及封存值、有关的审计记录",
    COUNTY: "县情数据文件，评估所用的一版",
    "scheme/": "评估细则，与评估时安装的相同",
    OUTCOME: "调查结果汇总，与发布的相同，不含单份答卷",
    FORM_VI: "表Ⅵ",
    CERTIFICATE: "抽样凭证",
    FRAME: "抽样框",
    REPLACEMENTS: "替换记录",
    EVIDENCE: "佐证材料清单和校验值；列出而未附文件的，已撤下或合计超过 100 MB",
    "papers/report.docx": "评估报告",
    "papers/form.xlsx": "国家表格表Ⅰ至表Ⅵ",
    SUMS: "以上各文件的校验值（SHA-256）",
}


def readme(run: EvaluationRun, names: Collection[str]) -> str:
    """The first page of the pack with these files: what is in it, and how to check it."""
    present = [*names, SUMS]
    lines = [
        f"  {name}　{said}" for name, said in _SAID.items() if any(each.startswith(name) for each in present)
    ]
    return "\n".join(
        [
            f"证据包：{run.county.name}第 {run.number} 次评估",
            "",
            "内容",
            *lines,
            "",
            "核对",
            "1. 解开压缩包，在文件夹里运行 sha256sum -c SHA256SUMS，每个文件都应显示 OK。",
            (
                "2. 对压缩包运行 junheng verify 文件名.zip，不需要网络和数据库。它核对每个文件，"
                "按细则重新计算结论，按凭证重新抽样，核对各级签署和审计记录。有改动的，逐条指出。"
            ),
            "",
        ]
    )

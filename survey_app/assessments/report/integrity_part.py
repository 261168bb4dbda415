"""The part of the county report on the integrity of the answers, for supervisors only."""

from collections import Counter

from survey_app.assessments.overview import Overview
from survey_app.assessments.report.facts import Facts
from survey_app.assessments.report.gongwen import Paper
from survey_app.assessments.words import OUTCOMES
from survey_app.formatting import number, percent

#: What a review said of a flag; empty where nobody looked yet.
_DECISIONS = {"confirmed": "查实", "explained": "有合理解释", "checking": "正在核查", "": "尚未核查"}


def integrity(paper: Paper, _view: Overview, facts: Facts) -> None:
    """答卷可信度: what is flagged, what people found out about it, the rate without flagged places."""
    board = facts.integrity
    if board is None:
        return
    paper.part("答卷可信度")
    paper.text(
        "本部分只供督导部门使用，县级下载的报告没有本部分。标记是请人核查的理由，不是结论，不改变社会认可度。"
    )
    places = board.content["places"]
    paper.text(f"检验了{number(places['looked_at'])}个地方，{number(places['flagged'])}个有标记。")
    found = Counter(each.decision for each in board.flags)
    if found:
        said = [f"{word}{found[key]}处" for key, word in _DECISIONS.items() if found[key]]
        paper.text(f"共{len(board.flags)}处标记：{'，'.join(said)}。")
    for each in board.flags[:10]:
        finding = each.finding
        paper.text(f"{finding['place']['zh']}：{finding['text']['zh']}（{_DECISIONS[each.decision]}）")
    rate = board.rates["without"]
    if rate is not None:
        counts = f"有效{number(rate['valid'])}份"
        if rate["satisfied"] is not None:
            counts = f"满意{number(rate['satisfied'])}份，{counts}"
        paper.text(
            f"假如不算有标记的地方，社会认可度为{percent(rate['rate'])}（{counts}），"
            f"{OUTCOMES[rate['outcome']]}，仅供比较。"
        )
    paper.text(f"检验结果校验值（SHA-256）：{board.digest}。")

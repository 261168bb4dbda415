"""Where a figure comes from: what went in, the formula with its numbers, the rule, and the source."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from survey_app.formatting import instant, number, percent
from survey_app.results.rates.sheets import Line, Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One fact behind a figure."""

    name: str
    value: str


#: How a weighted estimate is made, by the kind of table.
_WEIGHTS = _l(
    "家长、学生先抽学校再抽人，一份答卷的权数＝所在学校（不足十份时为合并的一组）的卡所代表的人数÷这组答卷数；"
    "其他对象直接抽人，权数＝名册人数÷答卷数；各类对象之间按计划份数占比合成。"
)
_VARIANCE = _l("分层两阶段抽样，两阶段都作有限总体校正，泰勒线性化；区间为 95%%。")


def reasons_of(
    sheet: Sheet, line: Line, outcome: Mapping[str, Any], *, computed_at: datetime, digest: str, language: str
) -> list[Reason]:
    """What stands behind *line* of *sheet*."""
    found: list[Reason] = []

    def say(name: str, value: str) -> None:
        found.append(Reason(name=name, value=value))

    if line.rate is not None:
        words = {"above": number(line.above), "n": number(line.n), "rate": percent(line.rate, 4)}
        say(_("算式"), _("%(above)s ÷ %(n)s = %(rate)s（未取整的数参与比较）", **words))
    if line.raters is not None:
        say(_("评过分的问卷"), _("%(n)s 份", n=number(line.raters)))
    if line.dont_know is not None:
        say(_("选“不了解”"), _("%(n)s 次，不计入分母", n=number(line.dont_know)))
    if line.mean is not None:
        say(_("平均分"), _("%(mean)s（1 到 5 分，反向题先换算）", mean=number(line.mean, 2)))
    if line.weighted:
        _say_weighted(say, line.weighted)
    else:
        say(_("加权估计"), _("没有：这些答卷不在抽样之内，或太少。"))
    say(_("算法"), sheet.caption)
    say(_("规则"), outcome["rules"]["words"][language])
    source = _(
        "第 %(wave)s 轮调查混合后的答卷，%(at)s 一次算定，此后不改；细则 %(scheme)s",
        wave=outcome["wave"]["id"],
        at=instant(computed_at),
        scheme=outcome["scheme"]["id"],
    )
    say(_("来源"), source)
    say(_("结果的 SHA-256"), digest)
    return found


def _say_weighted(say: Any, weighted: Mapping[str, Any]) -> None:
    say(_("加权估计"), percent(weighted["estimate"], 2))
    if weighted["lower"] is not None:
        ends = {"lower": percent(weighted["lower"], 2), "upper": percent(weighted["upper"], 2)}
        say(_("95%% 区间") % (), _("%(lower)s 到 %(upper)s", **ends))
    facts = {name: number(weighted[name]) for name in ("n", "psus", "df")}
    say(
        _("估计用了"),
        _(
            "有效问卷 %(n)s 份，抽样单元 %(psus)s 个，自由度 %(df)s；标准误 %(se)s，设计效应 %(deff)s",
            **facts,
            se=percent(weighted["se"], 2),
            deff=number(weighted["deff"], 2),
        ),
    )
    say(_("权数"), str(_WEIGHTS))
    say(_("方差"), str(_VARIANCE) % ())

"""The tests in words: what each is called, what it compares with and what it found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sampling.integrity.evidence import Evidence

Text = Mapping[str, str]


def _text(zh: str, en: str) -> Text:
    return MappingProxyType({"zh": zh, "en": en})


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One test in words."""

    label: Text
    #: What the figures would be if nobody cheated.
    null: Text
    #: A sentence to be filled in with the figures.
    found: Text


_TWIN = _text(
    "{where}的 {n} 份答卷中有 {hits} 份（{statistic:.0%}）在{there_zh}有“孪生”答卷：像是略改几题的抄写，"
    "不像两个想法相近的人；{against}。",
    "{where}: {hits} of {n} questionnaires ({statistic:.0%}) have a twin in {there_en}: a copy with a few "
    "changes explains it, two people of like mind hardly do; {against}.",
)
#: What a share of twins is measured from.
_AGAINST: Mapping[str, Text] = MappingProxyType(
    {
        "median": _text("中位学校为 {expected:.0%}", "in the median school {expected:.0%} have one"),
        "chance": _text("偶然情况最多约 {expected:.0%}", "chance gives one to {expected:.0%} at most"),
    }
)
_OTHER_SCHOOLS = _text(
    "贝塔—二项分布，参数取自其他学校；最高的三分之一学校只作删失处理",
    "Beta-binomial, fitted to the other schools; the highest third of them count as censored",
)

#: Test → words, in the order in which tests are listed.
TESTS: Mapping[str, Words] = MappingProxyType(
    {
        "near_duplicates": Words(
            label=_text("校内答卷雷同", "Near duplicates inside a school"),
            null=_text(
                "把同层答卷随机重新分给各学校；全县一行与偶然情况的上限相比",
                "The stratum's questionnaires dealt out to its schools at random; the county as a whole "
                "against the most that chance brings about",
            ),
            found=_TWIN,
        ),
        "copies_across": Words(
            label=_text("跨校答卷雷同", "Copies across schools"),
            null=_text(
                "把同层答卷随机重新分给各学校（超几何分布，精确）；全县一行与偶然情况的上限相比",
                "The stratum's questionnaires dealt out to its schools at random (hypergeometric, exact); "
                "the county as a whole against the most that chance brings about",
            ),
            found=_TWIN,
        ),
        "uniformity": Words(
            label=_text("学校之间过于一致", "Schools too much alike"),
            null=_text(
                "把同层答卷随机重新分给各学校；校际方差与校内方差之比的下尾",
                "The stratum's questionnaires dealt out to its schools at random; lower tail of the ratio of "
                "the variances between and within schools",
            ),
            found=_text(
                "{where}的 {schools} 所学校（{n} 份答卷）彼此的差异只有随机分配时的 {statistic:.2f} 倍；"
                "真实学校之间的差异一般大于随机分配。",
                "{where}: {schools} schools ({n} questionnaires) differ {statistic:.2f} times as much as "
                "questionnaires dealt out at random; real schools usually differ more than by chance.",
            ),
        ),
        "ceiling": Words(
            label=_text("全部选最高档", "Everything at the top"),
            null=_OTHER_SCHOOLS,
            found=_text(
                "{where}的 {n} 份答卷中有 {hits} 份（{statistic:.0%}）正向题全部选最高档；"
                "按其他学校预计为 {expected:.0%}。",
                "{where}: {hits} of {n} questionnaires ({statistic:.0%}) choose the best answer on every "
                "item that is not reversed; {expected:.0%} are expected from the other schools.",
            ),
        ),
        "straight_lining": Words(
            label=_text("正反题同答", "One column throughout"),
            null=_OTHER_SCHOOLS,
            found=_text(
                "{where}的 {n} 份答卷中有 {hits} 份（{statistic:.0%}）从头到尾选同一档，连反向题也一样，"
                "自相矛盾；按其他学校预计为 {expected:.0%}。",
                "{where}: {hits} of {n} questionnaires ({statistic:.0%}) tick one column throughout, "
                "reversed items included, and so contradict themselves; {expected:.0%} are expected from "
                "the other schools.",
            ),
        ),
        "speed": Words(
            label=_text("答题过快", "Answered too fast"),
            null=_OTHER_SCHOOLS,
            found=_text(
                "{where}的 {n} 份答卷中有 {hits} 份（{statistic:.0%}）答题时间过短；"
                "按其他学校预计为 {expected:.0%}。",
                "{where}: {hits} of {n} questionnaires ({statistic:.0%}) took too little time; "
                "{expected:.0%} are expected from the other schools.",
            ),
        ),
        "bursts": Words(
            label=_text("集中提交", "All at once"),
            null=_text(
                "贝塔—二项分布，参数取自其他批次；最高的三分之一批次只作删失处理",
                "Beta-binomial, fitted to the other batches; the highest third of them count as censored",
            ),
            found=_text(
                "{where}的 {n} 份答卷中有 {hits} 份在同一个十分钟内提交（首份以外的 {statistic:.0%}）；"
                "按其他批次预计为 {expected:.0%}。",
                "{where}: {hits} of {n} questionnaires came in within the same ten minutes "
                "({statistic:.0%} of those beside the first); {expected:.0%} are expected from the other "
                "batches.",
            ),
        ),
        "facts": Words(
            label=_text("事实与登记不符", "Facts against the registry"),
            null=_text(
                "每份答卷按登记的比例独立作答，允许少量填错",
                "Each states the fact by the registered shares, and some err",
            ),
            found=_text(
                "{where}的 {n} 份答卷中有 {statistic:.0%} 在“{item}”上答“{stated}”；"
                "登记的比例为 {expected:.0%}。",
                "{where}: of {n} questionnaires {statistic:.0%} state “{stated}” on “{item}”; the "
                "registered share is {expected:.0%}.",
            ),
        ),
        "verification": Words(
            label=_text("好于核查样本", "Better than the verification sample"),
            null=_text(
                "同一学校的原样本与核查样本随机互换",
                "The school's questionnaires of the first and of the verification sample exchanged at random",
            ),
            found=_text(
                "{where}的 {n} 份答卷平均 {statistic:.2f} 分；用新访问码再问 {again} 人，"
                "平均 {expected:.2f} 分。",
                "{where}: the mean rating of {n} questionnaires is {statistic:.2f}; that of {again} people "
                "asked anew with fresh codes is {expected:.2f}.",
            ),
        ),
    }
)

#: Why a place was not tested.
REASONS: Mapping[str, Text] = MappingProxyType(
    {
        "few": _text(
            "{where}只有 {n} 份可用的答卷，未检验。",
            "{where}: {n} usable questionnaires are too few to test.",
        ),
        "few_schools": _text(
            "{where}可比的学校太少，未检验。",
            "{where}: there are too few schools to compare.",
        ),
        "alone": _text(
            "{where}所在层没有别的学校可比，未检验。",
            "{where}: there is no other school in its stratum to compare with.",
        ),
        "no_spread": _text(
            "{where}的答卷平均分全部相同，未检验。",
            "{where}: all questionnaires have the same mean rating, so there is nothing to compare.",
        ),
        "unregistered": _text(
            "{where}没有登记数据，未检验。", "{where}: nothing is registered of it to compare with."
        ),
    }
)

#: Where the twins of a test are.
_THERE: Mapping[str, Text] = MappingProxyType(
    {
        "near_duplicates": _text("本校", "their own school"),
        "copies_across": _text("外校", "another school"),
    }
)


def sentence(evidence: Evidence, lang: str) -> str:
    """Return what *evidence* says, in Chinese (`zh`) or English (`en`)."""
    words = REASONS[evidence.reason] if evidence.reason else TESTS[evidence.test].found
    figures = {"n": evidence.n, "statistic": evidence.statistic, "expected": evidence.expected}
    facts: dict[str, Any] = {**evidence.facts, **figures, "where": _where(evidence, lang)}
    if "against" in facts:
        facts["against"] = _AGAINST[facts["against"]][lang].format(**figures)
    facts |= {f"there_{each}": text for each, text in _THERE.get(evidence.test, {}).items()}
    return words[lang].format(**facts)


def _where(evidence: Evidence, lang: str) -> str:
    place = evidence.place
    if place.school is not None:
        return str(place.school)
    if place.stratum is not None:
        return {"zh": f"{place.stratum}层", "en": f"Stratum {place.stratum}"}[lang]
    return {"zh": "全县", "en": "The county"}[lang]

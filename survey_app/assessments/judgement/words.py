"""What judgements and requests are called; translated where they are said."""

from typing import Any

from evaluation.numerals import shown
from survey_app.assessments.judgement.asked import Asked
from survey_app.assessments.words import titled


def _(text: str) -> str:
    """Mark *text* for the catalogue; it is translated when it is said."""
    return text


#: Kind -> value -> what it is called, and the tint it has.
VALUES: dict[str, dict[bool, tuple[str, str]]] = {
    "attestation": {True: (_("达到"), "met"), False: (_("没有达到"), "not_met")},
    "veto": {True: (_("发生过"), "not_met"), False: (_("没有发生"), "met")},
}

TAKEN_BACK = _("已撤回判断")

POINTS = _("{points} 分")

#: Where one thing the scheme asks stands.
STATES = {
    "missing": (_("没有人判断过"), "waiting"),
    "waiting": (_("本级还没有判断"), "waiting"),
    "entered": (_("本级已判断"), "met"),
}

#: Where a request for correction stands.
CORRECTIONS = {
    "waiting": (_("等县里答复"), "waiting"),
    "overdue": (_("已逾期"), "not_met"),
    "answered": (_("已答复，待处理"), "waiting"),
    "accepted": (_("已接受"), "met"),
    "refused": (_("不接受"), "not_met"),
    "withdrawn": (_("已撤回"), ""),
}


def title_of(asked: Asked) -> str:
    """What people judge, after its number in the document: ``27.2``, or ``G8`` for a part of it."""
    id_ = asked.ids[0]
    return f"{id_} {asked.label}" if id_[-1].isdigit() else titled(id_, asked.label)


def value_words(kind: str, value: Any, *, say: Any = _) -> str:
    """What a judgement says: a word, or points.

    >>> value_words("veto", True), value_words("points", 2), value_words("points", None)
    ('发生过', '2 分', '已撤回判断')
    """
    if value is None:
        return say(TAKEN_BACK)
    if kind == "points":
        return say(POINTS).format(points=shown(value))
    return say(VALUES[kind][value][0])


def tint(kind: str, value: Any) -> str:
    """The state whose colours a judgement has; points have none."""
    return "" if value is None or kind == "points" else VALUES[kind][value][1]

"""The rate question by question: how many rated it, and how many of them in the two best levels.

Two waves can be compared on a question if it was put in the same words, with the same levels and direction:
`fingerprint` says so.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from survey_app.canonical import canonical, digest
from survey_app.results.disclosure import Atom, Key, may_show, settle
from survey_app.results.estimating import Estimates, Interval
from survey_app.results.judging import Judged
from survey_app.surveys.groups import FORMS, form_for_group
from survey_app.surveys.questionnaire import POSITIVE_FROM, Item, Questionnaire


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was answered to one question."""

    item: Item
    form: str
    #: Level, reversed ones turned -> how often.
    levels: Counter[int] = field(default_factory=Counter)
    dont_know: int = 0

    @property
    def rated(self) -> int:
        """How many rated it."""
        return self.levels.total()

    @property
    def positive(self) -> int:
        """How many of them in the two best levels."""
        return sum(n for level, n in self.levels.items() if level >= POSITIVE_FROM)


def fingerprint(item: Item) -> str:
    """Sixteen digits that are the same for questions put in the same words, levels and direction."""
    words = {
        "text": [item.text.zh, item.text.en],
        "variants": [[each.group, each.text.zh, each.text.en] for each in item.variants],
        "options": [[option.code, option.text.zh, option.text.en] for option in item.options],
        "reversed": item.reversed,
        "topic": item.topic,
    }
    return digest(canonical(words))[:16]


def tallies(
    counted: Iterable[Judged], questionnaires: Iterable[Questionnaire]
) -> dict[tuple[str, str], Tally]:
    """What valid questionnaires say to each scale item, by form and item in the order of *questionnaires*."""
    order: dict[tuple[str, str], int] = {}
    for questionnaire in sorted(questionnaires, key=lambda each: FORMS.index(each.form)):
        for item in questionnaire.items:
            for part in item.parts:
                order.setdefault((questionnaire.form, part.id), len(order))
    found: dict[tuple[str, str], Tally] = {}
    for each in counted:
        if not each.valid:
            continue
        form = form_of(each)
        for item, level in each.judgement.ratings.by_item:
            own = found.get((form, item.id))
            if own is None:
                own = found[form, item.id] = Tally(item=item, form=form)
            if level is None:
                own.dont_know += 1
            else:
                own.levels[level] += 1
    return dict(sorted(found.items(), key=lambda pair: order[pair[0]]))


def form_of(each: Judged) -> str:
    """The form that a response was given on; groups that were joined had the same."""
    return form_for_group(each.group.partition("+")[0])


def item_rows(
    found: Mapping[tuple[str, str], Tally], hidden: Collection[Key], estimates: Estimates
) -> list[dict[str, Any]]:
    """The questions as they are frozen, form by form, in the order in which they were put."""
    shown = [key for key in found if ("items", _name(key)) not in hidden]
    intervals = _intervals(estimates, shown)
    rows = []
    for key, own in found.items():
        may = key in shown
        weighted = intervals.get(key)
        rows.append(
            {
                "id": _name(key),
                "form": own.form,
                "text": {"zh": own.item.text.zh, "en": own.item.text.en},
                "topic": own.item.topic,
                "reversed": own.item.reversed,
                "overall": own.item.overall,
                "same": fingerprint(own.item),
                "withheld": not may,
                "rated": own.rated if may else None,
                "positive": own.positive if may else None,
                "dont_know": own.dont_know if may else None,
                "rate": _share(Fraction(own.positive, own.rated)) if may and own.rated else None,
                "mean": _share(_mean(own)) if may and own.rated else None,
                "weighted": weighted.beside(own.rated) if weighted else None,
            }
        )
    return rows


def withheld_marks(found: Mapping[tuple[str, str], Tally], deciding: Collection[str] = ()) -> frozenset[Key]:
    """Questions rated by fewer than ten, and the questions, topics and indicators they would follow from.

    Args:
        found: what was answered.
        deciding: forms whose deciding question would tell how many of their questionnaires are satisfied,
            where that is withheld.
    """
    few = {
        ("items", _name(key))
        for key, own in found.items()
        if not may_show(own.rated) or (own.item.overall and own.form in deciding)
    }
    if not few:
        return frozenset()
    atoms = []
    for key, own in found.items():
        sums = {"topics": (own.item.topic,) if own.item.topic else (), "indicators": own.item.indicators}
        atoms.append(Atom(levels={"items": (_name(key),), **sums}, n=own.rated, above=own.positive))
    return settle(atoms, sensitive=few) | few


def _intervals(estimates: Estimates, shown: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Interval]:
    given: list[dict[tuple[str, str], int]] = []
    for each in estimates.judged:
        form = form_of(each)
        rated = each.judgement.ratings.by_item if each.valid else ()
        given.append({(form, item.id): level for item, level in rated if level is not None})
    intervals = {}
    for key in shown:
        levels = [answer.get(key) for answer in given]
        found = estimates.share([None if level is None else level >= POSITIVE_FROM for level in levels])
        if found is not None:
            intervals[key] = found
    return intervals


def _name(key: tuple[str, str]) -> str:
    return ".".join(key)


def _mean(own: Tally) -> Fraction:
    return Fraction(sum(level * n for level, n in own.levels.items()), own.rated)


def _share(value: Fraction) -> list[int]:
    return [value.numerator, value.denominator]

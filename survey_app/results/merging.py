"""Which groups are counted as one, because one of them alone has fewer than ten answers.

A group that was put exactly the same questions as another can join it: their answers then look alike, name
the set instead of the group, and lose their free text, which tends to say who is speaking. What finds no such
company (pupils, who have a questionnaire of their own) is not kept answer by answer at all: it is summed up
together with the smallest others until ten answers stand in the sum. Subtracting everything that is known
from the official total then leaves the sum of at least ten.

Answers that stand in no place of the draw are sources of their own: those that came by a poster, those of a
class or village outside the sample, and the surplus.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

from survey_app.surveys.groups import GROUPS

#: The least number of answers that look alike, or stand in one sum.
MINIMUM = 10

#: Where answers stand that have no place in the draw. They take the place of a unit and of a stratum.
OUTSIDE, POSTER, SURPLUS = "~outside", "~poster", "~surplus"
APART = (OUTSIDE, POSTER, SURPLUS)

#: What answers are kept as that are only summed up.
SUMMED = "~summed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Answers of one group that stand in the draw (`apart` is empty) or in one of `APART`."""

    group: str
    apart: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What becomes of every source."""

    #: The group that the answers name: their own, a set's, or `SUMMED`.
    kept_as: Mapping[Source, str]
    #: Sources that figure in nothing and are too few to be kept: only their number is.
    counted_only: frozenset[Source]


def merge(
    counts: Mapping[Source, int],
    *,
    alike: Mapping[str, Hashable],
    clustered: Iterable[str] = (),
    with_posters: bool = False,
) -> Merged:
    """Let every source stand among at least ten answers.

    >>> counts = {Source(group="teacher"): 45, Source(group="principal"): 8, Source(group="student"): 6}
    >>> merged = merge(counts, alike={"teacher": "staff", "principal": "staff", "student": "student"})
    >>> [merged.kept_as[source] for source in counts]
    ['~summed', '~summed', '~summed']
    >>> counts[Source(group="student")] = 45
    >>> merged = merge(counts, alike={"teacher": "staff", "principal": "staff", "student": "student"})
    >>> [merged.kept_as[source] for source in counts]
    ['teacher+1', 'teacher+1', 'student']

    Args:
        counts: the answers of each source.
        alike: what each group was asked; groups with the same value were put the same questions.
        clustered: groups drawn in two stages, whose answers stand in their schools and join no other group.
        with_posters: whether answers by posters count in the official figures.
    """
    present = {source: n for source, n in counts.items() if n}
    official = [source for source in present if _is_official(source, with_posters)]
    sets = [[source] for source in official if source.apart or source.group in clustered]
    classes: dict[Hashable, list[list[Source]]] = {}
    for source in official:
        if [source] not in sets:
            classes.setdefault(alike.get(source.group, source.group), []).append([source])
    for members in classes.values():
        sets += _join(members, present)
    summed = _summed(sets, present)
    kept_as = {source: _label(members) for members in sets for source in members}
    kept_as |= dict.fromkeys(summed, SUMMED)
    others = [source for source in present if source not in kept_as]
    return Merged(
        kept_as=kept_as | {source: source.group for source in others},
        counted_only=frozenset(source for source in others if present[source] < MINIMUM),
    )


def _is_official(source: Source, with_posters: bool) -> bool:
    return source.apart != SURPLUS and (with_posters or source.apart != POSTER)


def _join(members: list[list[Source]], counts: Mapping[Source, int]) -> list[list[Source]]:
    """Join the smallest with the next smallest until none is small or only one is left."""
    sets = sorted(members, key=lambda each: _size(each, counts))
    while len(sets) > 1 and _size(sets[0], counts) < MINIMUM:
        first, second, *rest = sets
        sets = sorted([first + second, *rest], key=lambda each: _size(each, counts))
    return sets


def _summed(sets: list[list[Source]], counts: Mapping[Source, int]) -> list[Source]:
    """The small sets, and as many of the next smallest as make ten together."""
    ordered = sorted(sets, key=lambda each: _size(each, counts))
    summed: list[Source] = []
    for members in ordered:
        if _size(members, counts) >= MINIMUM and (not summed or _size(summed, counts) >= MINIMUM):
            break
        summed += members
    return summed


def _size(members: Iterable[Source], counts: Mapping[Source, int]) -> int:
    return sum(counts[source] for source in members)


def _label(members: list[Source]) -> str:
    """The first group's name in the groups' order, and how many are with it."""
    order = list(GROUPS)
    first = min((source.group for source in members), key=order.index)
    return first if len(members) == 1 else f"{first}+{len(members) - 1}"

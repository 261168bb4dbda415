"""Turning pages: from where a person was and what they sent to where they are now. Knows no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from survey_app.respond.ticket import Carried
from survey_app.surveys.answers import Problem, check_answers
from survey_app.surveys.questionnaire import Item, Questionnaire, Section

#: Longest unchecked answer that is carried to another page, in characters.
_CARRIED_LENGTH = 4000

#: Item id -> the values sent for it, as a form gives them.
Sent = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Where a person stands after pressing a button."""

    #: The page to show, from 0.
    page: int
    #: Everything sent so far, unchecked: item id -> value or values.
    answers: Mapping[str, str | Sequence[str]]
    #: What is wrong on the page, in the questionnaire's order.
    problems: tuple[Problem, ...] = ()
    #: Questions that follow from an answer on the same page and were not put before.
    follow_ups: tuple[str, ...] = ()
    #: The last page was answered without fault: everything may be submitted.
    complete: bool = False

    @property
    def carried_answers(self) -> dict[str, str]:
        """The single values, for the hidden field."""
        return {
            item: value[:_CARRIED_LENGTH] for item, value in self.answers.items() if isinstance(value, str)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An item as it stands on a page."""

    item: Item
    #: Its number among the questions put so far.
    number: int
    #: What was sent for it before.
    value: str
    #: Whether it is put now; otherwise only scripts bring it out when `when` comes true.
    shown: bool
    #: Conditions on items of the same page: (item id, codes).
    when: tuple[tuple[str, tuple[str, ...]], ...]
    problem: Problem | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One section as it is put to one person."""

    section: Section
    number: int
    last: bool
    questions: tuple[Question, ...]
    #: Questions on earlier pages, and in all as far as the answers tell.
    done: int
    total: int

    @property
    def offered(self) -> tuple[str, ...]:
        """Conditional items that are put on this page."""
        return tuple(each.item.id for each in self.questions if each.shown and each.when)


def start(questionnaire: Questionnaire, group: str) -> Turn:
    """The first page."""
    return Turn(page=_pages(questionnaire, group, {})[0], answers={})


def turn(
    questionnaire: Questionnaire, group: str, carried: Carried, sent: Sent, *, back: bool = False
) -> Turn:
    """Take in what was *sent* from the page that *carried* names, and go on, back, or stay.

    Going back checks nothing. Going on stays where the first fault is; what was sent is kept.
    """
    sections = questionnaire.sections_for(group)
    page = min(max(carried.page, 0), len(sections) - 1)
    here = {item.id for item in sections[page].items_for(group)}
    answers: dict[str, str | Sequence[str]] = {
        item: value for item, value in carried.answers.items() if item not in here
    }
    answers |= {item: values[0] if len(values) == 1 else list(values) for item, values in sent.items()}
    if back:
        earlier = [each for each in _pages(questionnaire, group, answers) if each < page]
        return Turn(page=earlier[-1] if earlier else page, answers=_known(questionnaire, group, answers))
    checked = check_answers(questionnaire, group, answers, through=sections[page].id)
    answers = _known(questionnaire, group, answers)
    follow_ups = tuple(
        problem.item
        for problem in checked.problems
        if problem.code == "missing"
        and problem.item in here
        and problem.item not in carried.offered
        and _when_here(questionnaire.item(problem.item), here)
    )
    problems = tuple(each for each in checked.problems if each.item not in follow_ups)
    if problems or follow_ups:
        at = _page_of(sections, group, problems, otherwise=page)
        return Turn(page=at, answers=answers, problems=problems, follow_ups=follow_ups)
    later = [each for each in _pages(questionnaire, group, checked.answers) if each > page]
    if not later:
        return Turn(page=page, answers=checked.answers, complete=True)
    return Turn(page=later[0], answers=answers)


def lay_out(questionnaire: Questionnaire, group: str, turned: Turn) -> Page:
    """The page that *turned* leads to, with everything its template needs."""
    sections = questionnaire.sections_for(group)
    section = sections[turned.page]
    single = {item: value for item, value in turned.answers.items() if isinstance(value, str)}
    asked = [item.id for item in questionnaire.asked(group, single)]
    here = {item.id for item in section.items_for(group)}
    problems = {problem.item: problem for problem in turned.problems}
    before = {item.id for each in sections[: turned.page] for item in each.items_for(group)}
    done = sum(item in before for item in asked)
    questions = []
    number = done
    for item in section.items_for(group):
        shown = item.id in asked
        if not shown and not _may_come(item, here, single):
            continue
        number += shown
        questions.append(
            Question(
                item=item,
                number=number if shown else number + 1,
                value=single.get(item.id, ""),
                shown=shown,
                when=_when_here(item, here),
                problem=problems.get(item.id),
            )
        )
    return Page(
        section=section,
        number=turned.page,
        last=turned.page == _pages(questionnaire, group, single)[-1],
        questions=tuple(questions),
        done=done,
        total=len(asked),
    )


def _pages(questionnaire: Questionnaire, group: str, answers: Mapping[str, object]) -> list[int]:
    """Numbers of the pages on which something is asked or may come to be asked."""
    single = {item: value for item, value in answers.items() if isinstance(value, str)}
    asked = {item.id for item in questionnaire.asked(group, single)}
    return [
        number
        for number, section in enumerate(questionnaire.sections_for(group))
        if any(item.id in asked for item in section.items_for(group))
    ]


def _known(
    questionnaire: Questionnaire, group: str, answers: Mapping[str, str | Sequence[str]]
) -> dict[str, str | Sequence[str]]:
    known = {item.id for item in questionnaire.items_for(group)}
    return {item: value for item, value in answers.items() if item in known}


def _page_of(sections: Sequence[Section], group: str, problems: Sequence[Problem], *, otherwise: int) -> int:
    """The first page that holds a fault."""
    faulty = {problem.item for problem in problems}
    pages = (
        number
        for number, section in enumerate(sections)
        if any(item.id in faulty for item in section.items_for(group))
    )
    return next(pages, otherwise)


def _when_here(item: Item, here: set[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((each.item, each.codes) for each in item.when if each.item in here)


def _may_come(item: Item, here: set[str], answers: Mapping[str, str]) -> bool:
    """Whether answers on this very page can still bring the item out."""
    earlier = [condition for condition in item.when if condition.item not in here]
    return len(earlier) < len(item.when) and all(condition.holds(answers) for condition in earlier)

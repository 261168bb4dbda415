"""Turning pages: from where a person was and what they sent to where they are now. Knows no database."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from survey_app.respond.ticket import Carried, Given
from survey_app.surveys.answers import Checked, Problem, check_answers
from survey_app.surveys.questionnaire import Condition, Item, Questionnaire, Section, Sheet

#: Longest unchecked answer that is carried to another page, in characters, and most values of one question.
_CARRIED_LENGTH = 4000
_CARRIED_VALUES = 100

#: Kinds that people leave empty as a matter of course: nobody is asked whether that was meant.
_FREE = {"text", "short_text"}

#: What a button asks for, beside the key of a question after `TO`.
NEXT, BACK, STAY, SEND, TO = "next", "back", "stay", "send", "to."

#: Key of an answer -> the values sent for it, as a form gives them.
Sent = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Where a person stands after pressing a button."""

    #: The page to show, from 0; one past the last page is the review.
    page: int
    #: Everything sent so far, unchecked: key -> value or values.
    answers: Mapping[str, Given]
    #: What is wrong on the page, in the questionnaire's order.
    problems: tuple[Problem, ...] = ()
    #: Questions that follow from an answer on the same page and were not put before.
    follow_ups: tuple[str, ...] = ()
    #: The question that the person asked to see; empty otherwise.
    focus: str = ""
    #: Nothing was left out, or it was on purpose: show the review before sending.
    review: bool = False
    #: The last page was answered without fault: everything may be submitted.
    complete: bool = False
    #: What may be stored, where everything was checked to the end of the questionnaire.
    checked: Checked | None = None

    @property
    def carried_answers(self) -> dict[str, Given]:
        """The values as the hidden field keeps them, shortened where they are absurd."""
        return {key: _shortened(value) for key, value in self.answers.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An item as it stands on a page."""

    item: Item
    #: Its number among the questions put so far.
    number: int
    #: What was sent for it before: key -> values (one key, but one for each row of a matrix).
    given: Mapping[str, tuple[str, ...]]
    #: Whether it is put now; otherwise only scripts bring it out when `when` comes true.
    shown: bool
    #: Conditions on answers of the same page: (key, codes).
    when: tuple[tuple[str, tuple[str, ...]], ...]
    #: What is wrong with it: key -> problem.
    problems: Mapping[str, Problem] = field(default_factory=dict)

    @property
    def value(self) -> str:
        """What was sent for it, where that is a single value."""
        values = self.given.get(self.item.id, ())
        return values[0] if len(values) == 1 else ""

    @property
    def problem(self) -> Problem | None:
        """The first thing wrong with it."""
        return next(iter(self.problems.values()), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A section as it stands on a page, with its questions."""

    section: Section
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is put to one person at once: a section, or the whole questionnaire."""

    parts: tuple[Part, ...]
    number: int
    first: bool
    last: bool
    #: Questions on earlier pages, and in all as far as the answers tell.
    done: int
    total: int
    #: Everything stands on one page.
    whole: bool = False

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions of all parts."""
        return tuple(each for part in self.parts for each in part.questions)

    @property
    def offered(self) -> tuple[str, ...]:
        """Conditional items that are put on this page."""
        return tuple(each.item.id for each in self.questions if each.shown and each.item.when)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A question without an answer, as the review lists it."""

    item: Item
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What is shown before sending where something was left out."""

    left: tuple[Left, ...]
    #: Number of the page that stands for the review, and questions in all.
    number: int
    total: int


def start(questionnaire: Questionnaire, group: str) -> Turn:
    """The first page."""
    return Turn(page=_pages(questionnaire, group, {})[0], answers={})


def turn(
    questionnaire: Questionnaire,
    group: str,
    carried: Carried,
    sent: Sent,
    *,
    go: str = NEXT,
    offered: Collection[str] = (),
) -> Turn:
    """Take in what was *sent* from the page that *carried* names, and *go* on, back, elsewhere, or stay.

    Only going on checks. It stays where the first fault is; what was sent is kept. Questions that follow from
    an answer on the same page are put before going on, unless a script put them already (*offered*). After
    the last page the review comes first where something was left out that people are asked about; from there
    `SEND` completes.
    """
    sheets = questionnaire.sheets_for(group)
    page = min(max(carried.page, 0), len(sheets))
    reviewing = page == len(sheets)
    here = frozenset() if reviewing else sheets[page].keys
    answers: dict[str, Given] = {key: value for key, value in carried.answers.items() if key not in here}
    answers |= {key: values[0] if len(values) == 1 else list(values) for key, values in sent.items()}
    if go != NEXT and (go != SEND or not reviewing):
        return _elsewhere(questionnaire, group, page, _known(questionnaire, group, answers), go)
    last = page if not reviewing else len(sheets) - 1
    checked = check_answers(questionnaire, group, answers, through=sheets[last].sections[-1].id)
    answers = _known(questionnaire, group, answers)
    owners = questionnaire.keys_for(group)
    follow_ups = _follow_ups(questionnaire, group, answers, here, {*carried.offered, *offered})
    problems = tuple(
        each for each in checked.problems if each.item not in owners or owners[each.item].id not in follow_ups
    )
    if problems or follow_ups:
        at = _page_of(sheets, problems, otherwise=last)
        return Turn(page=at, answers=answers, problems=problems, follow_ups=follow_ups)
    later = [each for each in _pages(questionnaire, group, answers) if each > page]
    if later:
        return Turn(page=later[0], answers=answers)
    if not reviewing and any(_is_asked_about(each.item) for each in left_out(questionnaire, group, answers)):
        return Turn(page=len(sheets), answers=answers, review=True)
    whole = last == len(sheets) - 1
    return Turn(page=last, answers=answers, complete=True, checked=checked if whole else None)


def may_complete(questionnaire: Questionnaire, group: str, carried: Carried) -> bool:
    """Whether the page that *carried* names is the last or the review, from which all may be sent."""
    return carried.page >= len(questionnaire.sheets_for(group)) - 1


def lay_out(questionnaire: Questionnaire, group: str, turned: Turn, *, seed: str | None = None) -> Page:
    """The page that *turned* leads to, in the order *seed* decides, with everything its template needs."""
    sheets = questionnaire.sheets_for(group)
    sheet = sheets[turned.page]
    texts = _texts(turned.answers)
    asked = {item.id for item in questionnaire.asked(group, texts)}
    before = {item.id for each in sheets[: turned.page] for item in each.items}
    done = len(asked & before)
    number = done
    parts = []
    for section in sheet.sections:
        questions = []
        for item in section.items_for(group, seed):
            shown = item.id in asked
            if not shown and not _may_come(questionnaire, item, sheet.keys, texts):
                continue
            number += shown
            questions.append(_question(questionnaire, item, number + (not shown), shown, sheet.keys, turned))
        if questions:
            parts.append(Part(section=section, questions=tuple(questions)))
    pages = _pages(questionnaire, group, turned.answers)
    return Page(
        parts=tuple(parts),
        number=turned.page,
        first=turned.page == pages[0],
        last=turned.page == pages[-1],
        done=done,
        total=len(asked),
        whole=len(sheets) == 1 and questionnaire.layout == "one_page",
    )


def review(questionnaire: Questionnaire, group: str, turned: Turn, *, seed: str | None = None) -> Review:
    """What the review shows, with the numbers that the questions had in the order *seed* decides."""
    return Review(
        left=left_out(questionnaire, group, turned.answers, seed=seed),
        number=turned.page,
        total=len(questionnaire.asked(group, _texts(turned.answers))),
    )


def left_out(
    questionnaire: Questionnaire, group: str, answers: Mapping[str, Given], *, seed: str | None = None
) -> tuple[Left, ...]:
    """The questions that are asked and were not answered, or not all of whose rows were."""
    texts = _texts(answers)
    put = questionnaire.asked(group, texts)
    if seed is not None:
        asked = {item.id for item in put}
        sections = questionnaire.sections_for(group)
        put = [item for each in sections for item in each.items_for(group, seed) if item.id in asked]
    return tuple(
        Left(item=item, number=number)
        for number, item in enumerate(put, start=1)
        if not _is_answered(item, texts)
    )


def _is_answered(item: Item, texts: Mapping[str, str]) -> bool:
    """Whether there is an answer to it, to each of its rows if it has rows."""
    return all(texts.get(part.id, "").strip() for part in item.parts)


def _follow_ups(
    questionnaire: Questionnaire,
    group: str,
    answers: Mapping[str, Given],
    here: frozenset[str],
    seen: set[str],
) -> tuple[str, ...]:
    """Items that an answer on this page brings out and that were not put yet."""
    if not questionnaire.branches(group):
        return ()
    texts = _texts(answers)
    return tuple(
        item.id
        for item in questionnaire.asked(group, texts)
        if item.id not in seen
        and any(part.id in here for part in item.parts)
        and any(condition.item in here for condition in item.when)
        and not any(texts.get(part.id, "").strip() for part in item.parts)
    )


def _elsewhere(
    questionnaire: Questionnaire, group: str, page: int, answers: Mapping[str, Given], go: str
) -> Turn:
    """Back, to a question, or nowhere, without a check."""
    pages = _pages(questionnaire, group, answers)
    if go.startswith(TO):
        key = go.removeprefix(TO)
        found = _page_with(questionnaire.sheets_for(group), {key})
        if found in pages:
            return Turn(page=found, answers=answers, focus=key)
    if go == BACK:
        earlier = [each for each in pages if each < page]
        return Turn(page=earlier[-1] if earlier else pages[0], answers=answers)
    at = max(pages, key=lambda each: (each <= page, each if each <= page else -each))
    return Turn(page=at, answers=answers)


def _question(
    questionnaire: Questionnaire, item: Item, number: int, shown: bool, here: frozenset[str], turned: Turn
) -> Question:
    keys = [part.id for part in item.parts]
    answers = turned.answers
    found = {problem.item: problem for problem in turned.problems}
    return Question(
        item=item,
        number=number,
        given={key: _listed(answers[key]) for key in keys if key in answers},
        shown=shown,
        when=_when_here(questionnaire, item, here),
        problems={key: found[key] for key in dict.fromkeys([item.id, *keys]) if key in found},
    )


def _pages(questionnaire: Questionnaire, group: str, answers: Mapping[str, Given]) -> list[int]:
    """Numbers of the pages on which something is asked or may come to be asked."""
    sheets = questionnaire.sheets_for(group)
    if not questionnaire.branches(group):
        return list(range(len(sheets)))
    asked = {item.id for item in questionnaire.asked(group, _texts(answers))}
    return [number for number, sheet in enumerate(sheets) if any(item.id in asked for item in sheet.items)]


def _known(questionnaire: Questionnaire, group: str, answers: Mapping[str, Given]) -> dict[str, Given]:
    known = questionnaire.keys_for(group)
    return {key: value for key, value in answers.items() if key in known}


def _page_of(sheets: Sequence[Sheet], problems: Sequence[Problem], *, otherwise: int) -> int:
    """The first page that holds a fault."""
    found = _page_with(sheets, {problem.item for problem in problems})
    return otherwise if found is None else found


def _page_with(sheets: Sequence[Sheet], wanted: set[str]) -> int | None:
    """The first page on which one of the wanted items or keys stands."""
    for number, sheet in enumerate(sheets):
        if not wanted.isdisjoint(sheet.keys) or any(item.id in wanted for item in sheet.items):
            return number
    return None


def _when_here(
    questionnaire: Questionnaire, item: Item, here: frozenset[str]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The conditions on this page that a list of codes or a span of numbers says; scripts watch them."""
    found = [(each.item, _watched(questionnaire, each)) for each in item.when if each.item in here]
    return tuple((key, codes) for key, codes in found if codes is not None)


def _watched(questionnaire: Questionnaire, condition: Condition) -> tuple[str, ...] | None:
    """The codes of which one meets *condition*, or one span ``20..100``, open where nothing bounds it."""
    codes = questionnaire.deciding_codes(condition)
    if codes is not None or condition.codes or condition.not_codes:
        return codes
    least, most = ("" if bound is None else str(bound) for bound in (condition.at_least, condition.at_most))
    return (f"{least}..{most}",)


def _may_come(
    questionnaire: Questionnaire, item: Item, here: frozenset[str], answers: Mapping[str, str]
) -> bool:
    """Whether answers on this very page can bring the item out, and a script can tell when."""
    earlier = [condition for condition in item.when if condition.item not in here]
    watched = _when_here(questionnaire, item, here)
    return len(earlier) < len(item.when) == len(earlier) + len(watched) and all(
        condition.holds(answers) for condition in earlier
    )


def _is_asked_about(item: Item) -> bool:
    """Whether leaving it out brings the review: soft items, and any that is not free text."""
    return item.soft or item.kind not in _FREE


def _texts(answers: Mapping[str, Given]) -> dict[str, str]:
    """The answers as conditions read them: several codes with a space between."""
    return {key: value if isinstance(value, str) else " ".join(value) for key, value in answers.items()}


def _listed(value: Given) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _shortened(value: Given) -> Given:
    if isinstance(value, str):
        return value[:_CARRIED_LENGTH]
    return [each[:_CARRIED_LENGTH] for each in value[:_CARRIED_VALUES]]

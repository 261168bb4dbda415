"""What came in, counted without looking at an answer; and what the scheme demands of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from sqlalchemy.orm import Session

from evaluation.criteria import RecognitionRate
from evaluation.loader import load_scheme
from evaluation.terms import Bound
from survey_app.fieldwork.progress import by_group, progress
from survey_app.surveys import service as surveys
from survey_app.surveys.models import Wave

#: The group that must give half of the questionnaires.
PARENTS = "parent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """What a scheme demands of a recognition survey."""

    #: Of the rate.
    bound: Bound
    #: The parents' least share of the questionnaires; None where the scheme asks for none.
    parents_share: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Warnings:
    """What speaks against closing now, in numbers."""

    spent: int
    planned: int
    parents: int
    parents_share: Fraction | None
    #: What the scheme asks of it.
    least: Fraction
    #: Parents are fewer than the scheme's share of what came in.
    few_parents: bool

    @property
    def short(self) -> int:
        """Questionnaires that are missing from the plan."""
        return max(0, self.planned - self.spent)

    @property
    def below_plan(self) -> bool:
        """Whether fewer questionnaires came in than planned."""
        return self.short > 0

    def __bool__(self) -> bool:
        return self.few_parents or self.below_plan


def demands(scheme_id: str) -> Demands:
    """What the scheme *scheme_id* demands of the rate and of the parents' share."""
    scheme = load_scheme(scheme_id)
    bound = next(
        criterion.bound
        for _, item in scheme.all_items()
        for criterion in item.criteria
        if isinstance(criterion, RecognitionRate) and criterion.tally == "questionnaires"
    )
    return Demands(bound=bound, parents_share=scheme.sample.parents_share if scheme.sample else None)


def counts_by_group(session: Session, wave: Wave) -> dict[str, dict[str, int]]:
    """Per group, in the groups' order: questionnaires planned, given out, sent in.

    The code of a class or village gives out a questionnaire with each that comes. Those that came by a poster
    are counted apart.
    """
    rows = [row for row in progress(session, wave) if row.way != "poster"]
    given_out = [row if row.way == "drawn" else replace(row, invited=row.spent) for row in rows]
    return {
        each.total.group: {
            "target": each.total.target,
            "distributed": each.total.invited,
            "spent": each.total.spent,
        }
        for each in by_group(given_out)
    }


def posters_counted(session: Session, wave: Wave) -> int:
    """Questionnaires that came by a poster, where the wave's rules count them in the rate."""
    if surveys.rules_of(wave).posters != "counted":
        return 0
    return sum(row.spent for row in progress(session, wave) if row.way == "poster")


def warnings_before_close(
    counts: Mapping[str, Mapping[str, int]], wanted: Demands, *, posters: int = 0
) -> Warnings:
    """Compare what came in with the plan and with the parents' share; answers themselves stay sealed.

    The *posters* that count lower the parents' share and fill no plan.
    """
    spent = sum(row["spent"] for row in counts.values())
    parents = counts.get(PARENTS, {}).get("spent", 0)
    least = wanted.parents_share or Fraction(0)
    everybody = spent + posters
    return Warnings(
        spent=spent,
        planned=sum(row["target"] for row in counts.values()),
        parents=parents,
        parents_share=Fraction(parents, everybody) if everybody else None,
        least=least,
        few_parents=parents < least * everybody,
    )

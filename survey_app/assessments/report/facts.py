"""What a report says beside the verdict itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from evaluation.remedies.shortfall import Shortfalls
from evaluation.sensitivity import AlternativeRate
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.standing import Interval, Standing
from survey_app.assessments.words import LEVELS
from survey_app.assessments.years import YearBefore
from survey_app.formatting import instant
from survey_app.results.integrity.board import Board

if TYPE_CHECKING:
    from survey_app.assessments.report.passage import Passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The surroundings of a verdict; a verdict from the command line has few."""

    #: Below the title: which level, which run.
    subtitle: str = ""
    made_at: datetime | None = None
    #: Where the figures and the judgement come from, one sentence each.
    origins: tuple[str, ...] = ()
    #: Login → name of those who did something for it; who is not there is named by the login.
    people: Mapping[str, str] = field(default_factory=dict)
    wave_title: str | None = None
    interval: Interval | None = None
    #: The ways to read that wave.
    alternatives: tuple[AlternativeRate, ...] = ()
    #: Document that published figures are taken from, and what is simulated beside them.
    published_in: str = ""
    simulated: tuple[Mapping[str, Any], ...] = ()
    #: What that document leaves open or says without grounds, beyond what figures can show.
    remarks: tuple[str, ...] = ()
    #: What the schools lack; None where it can no longer be computed.
    shortfalls: Shortfalls | None = None
    #: The run of an earlier year, if there is one.
    before: YearBefore | None = None
    #: What people judged, with its title.
    judgements: tuple[Mapping[str, Any], ...] = ()
    #: What the answers were screened for; only for readers who may see it.
    integrity: Board | None = None
    #: The application's path.
    passage: "Passage | None" = None


def facts_of_run(run: EvaluationRun, standing: Standing, **more: Any) -> Facts:
    """Gather what the papers of a stored run say beside its verdict; *more* are other fields of `Facts`."""
    file = run.county_file
    importer, maker = (standing.people.get(each, each) for each in (file.imported_by, run.made_by))
    data = f"{file.source}，{file.year}年第{file.version}版，{importer}于{instant(file.imported_at)}导入"
    return Facts(
        subtitle=f"（{LEVELS[run.level]}　第{run.number}次评估）",
        made_at=run.made_at,
        origins=(
            f"县情数据：{data}。",
            f"本次评估：{maker}于{instant(run.made_at)}办理。",
            f"数据快照校验值（SHA-256）：{run.input_digest}。",
            f"评估结论校验值（SHA-256）：{run.result_digest}。",
        ),
        people=standing.people,
        wave_title=standing.wave_title,
        interval=standing.interval,
        alternatives=standing.alternatives,
        published_in=standing.document,
        simulated=standing.simulated,
        remarks=standing.remarks,
        **more,
    )

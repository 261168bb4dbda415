"""A schedule between being looked at and being kept: it travels with the page, sealed."""

from itsdangerous import BadData, URLSafeSerializer

from evaluation import Schedule
from survey_app.errors import ConflictError
from survey_app.supervision.schedule.documents import content_of, schedule_of

_PURPOSE = "schedule.looked_at"


def sealed(schedule: Schedule, province: str, *, by: str, key: bytes) -> str:
    """Write what *by* has looked at, so that nobody can change it before it is kept."""
    return str(_seal(key).dumps([by, province, content_of(schedule)]))


def opened(text: str, *, by: str, key: bytes) -> tuple[Schedule, str]:
    """Give the schedule and its province back.

    Raises:
        ConflictError: it is not what this person looked at here.
    """
    try:
        looker, province, content = _seal(key).loads(text)
    except BadData as error:
        raise ConflictError("schedule_looked_at") from error
    if looker != by:
        raise ConflictError("schedule_looked_at")
    return schedule_of(content), province


def _seal(key: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt=_PURPOSE)

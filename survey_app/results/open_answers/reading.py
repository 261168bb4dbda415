"""Reading texts after the release, looking for words in them, and withdrawing one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app import audit
from survey_app.errors import ConflictError, NotFoundError
from survey_app.results.models import OpenAnswer
from survey_app.surveys.models import Wave

#: Texts on one page.
PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of the texts that were looked for."""

    texts: Sequence[OpenAnswer]
    #: All that were found, and the page's number from 1.
    n: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.n // PAGE))


def texts_of(session: Session, wave: Wave, *, item: str = "", words: str = "", page: int = 1) -> Found:
    """The texts of a released wave to one question, or all, that hold *words*; in their random order.

    Raises:
        ConflictError: the wave is not released.
    """
    if wave.released_at is None:
        raise ConflictError("texts_not_released")
    query = sa.select(OpenAnswer).where(OpenAnswer.wave_id == wave.id)
    if item:
        query = query.where(OpenAnswer.item == item)
    if words:
        query = query.where(OpenAnswer.text.contains(words, autoescape=True))
    n = session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
    page = max(1, min(page, -(-n // PAGE)))
    texts = session.scalars(query.order_by(OpenAnswer.id).offset((page - 1) * PAGE).limit(PAGE)).all()
    return Found(texts=texts, n=n, page=page)


def text_of(session: Session, wave: Wave, number: str) -> OpenAnswer:
    """The text of *wave* with this number, in hexadecimal digits.

    Raises:
        NotFoundError: there is none.
    """
    try:
        key = bytes.fromhex(number)
    except ValueError as error:
        raise NotFoundError from error
    found = session.get(OpenAnswer, key)
    if found is None or found.wave_id != wave.id:
        raise NotFoundError
    return found


def withdraw(session: Session, wave: Wave, text: OpenAnswer, *, reason: str, by: str, now: datetime) -> None:
    """Erase *text* here, for a reason; its place and the reason stay.

    Raises:
        ConflictError: the wave is not released, or the text was withdrawn before.
    """
    if wave.released_at is None:
        raise ConflictError("texts_not_released")
    session.refresh(text, with_for_update=True)
    if text.withdrawn_at is not None:
        raise ConflictError("text_withdrawn_before")
    text.text = ""
    text.marks = ""
    text.withdrawn_at = now
    text.withdrawn_by = by
    text.withdraw_reason = reason.strip()
    session.flush()
    audit.record(
        session,
        "wave.text_withdrawn",
        by=by,
        now=now,
        region=wave.county_code,
        details={"wave": wave.id, "text": text.id.hex(), "reason": reason.strip()},
    )

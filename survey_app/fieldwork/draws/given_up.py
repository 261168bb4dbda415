"""What became of those who were drawn and replaced: outcome rates count them beside those put in for them."""

import tomllib
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.fieldwork.draws import drawing
from survey_app.fieldwork.models import Batch, CallAttempt, Invitation, PhoneCase
from survey_app.surveys.models import Wave


def given_up(session: Session, wave: Wave) -> Counter[str]:
    """How many people of *wave* were given up, by field of `sampling.Dispositions`.

    The reason decides. Who was called before is left out: the calls say more.
    """
    found: Counter[str] = Counter()
    record = drawing.replacements_of(session, wave.id)
    persons = {(one.group, one.decided_at) for one in record if not drawing.is_school(one)}
    called = sa.exists().where(CallAttempt.case_id == PhoneCase.id, PhoneCase.invitation_id == Invitation.id)
    for entry in record:
        school = drawing.is_school(entry)
        cards = (
            sa.select(sa.func.count())
            .select_from(Invitation)
            .join(Batch, Batch.id == Invitation.batch_id)
            .where(Batch.wave_id == wave.id, Batch.group == entry.group, Invitation.revoked_at.is_not(None))
            .where(~called)
        )
        if school:
            before = [at for group, at in persons if group == entry.group]
            cards = cards.where(Invitation.psu == entry.psu, Invitation.revoked_at.not_in(before))
        else:
            cards = cards.where(Invitation.revoked_at == entry.decided_at)
        n = session.scalar(cards) or 0
        found[_dispositions()["school" if school else "person"][entry.reason]] += n if school else min(n, 1)
    return found


def cards_revoked(session: Session, wave: Wave) -> int:
    """Cards of *wave* that lead nowhere: of those given up, and of batches that were lost."""
    revoked = sa.select(sa.func.count()).where(
        Invitation.wave_id == wave.id, Invitation.revoked_at.is_not(None)
    )
    return session.scalar(revoked) or 0


@cache
def _dispositions() -> Mapping[str, Mapping[str, str]]:
    """Kind of what was given up -> reason -> field of `sampling.Dispositions`."""
    declared = tomllib.loads((Path(__file__).parent / "replacement_reasons.toml").read_text(encoding="utf-8"))
    return MappingProxyType(
        {kind: {row["id"]: row["disposition"] for row in rows} for kind, rows in declared.items()}
    )

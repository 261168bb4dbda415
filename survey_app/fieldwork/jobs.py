"""The room's jobs."""

from typing import Any

from flask import Flask

from survey_app import clock
from survey_app.jobs import jobs_of

#: Erases names and telephone numbers whose day has passed; argument: wave_id, only to tell the work apart.
ERASE_CONTACTS = "erase_contacts"


def init_app(app: Flask) -> None:
    """Register the room's jobs."""

    def erase(wave_id: int) -> None:  # noqa: ARG001  one sweep erases what is due in every wave
        from survey_app.db import db
        from survey_app.fieldwork.frames import contacts

        contacts.erase_due(db.session, clock.now())
        db.session.commit()

    def unfinished() -> list[tuple[str, dict[str, Any]]]:
        from survey_app.db import db
        from survey_app.fieldwork.frames import contacts

        return [(str(wave_id), {"wave_id": wave_id}) for wave_id in contacts.due(db.session, clock.now())]

    jobs_of(app).register(ERASE_CONTACTS, erase, unfinished=unfinished)

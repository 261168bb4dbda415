"""The room's jobs."""

from flask import Flask

from survey_app import clock
from survey_app.jobs import jobs_of

#: Mixes a closed wave; argument: wave_id.
MIX_WAVE = "mix_wave"


def init_app(app: Flask) -> None:
    """Register the room's jobs. What they need of numbers is imported when they run."""

    def mix(wave_id: int) -> None:
        from survey_app.config import settings_of
        from survey_app.db import db
        from survey_app.results import mixing

        keys = settings_of(app).keys
        for _ in mixing.mix_wave(db.session, wave_id, keys=keys, now=clock.now()):
            db.session.commit()

    def unfinished() -> list[tuple[str, dict[str, int]]]:
        from survey_app.db import db
        from survey_app.results import mixing

        return [(str(wave_id), {"wave_id": wave_id}) for wave_id in mixing.unfinished(db.session)]

    jobs_of(app).register(MIX_WAVE, mix, unfinished=unfinished)

"""The room's jobs."""

from flask import Flask

from survey_app import clock
from survey_app.jobs import jobs_of

#: Mixes a closed wave; argument: wave_id.
MIX_WAVE = "mix_wave"

#: Closes a wave whose last instant has passed; argument: wave_id.
CLOSE_WAVE = "close_wave"

#: Erases the key of a wave that was called off; argument: wave_id.
ERASE_ABORTED = "erase_aborted"

#: Looks for careless or invented answers in a mixed wave; argument: wave_id.
SCREEN_WAVE = "screen_wave"


def init_app(app: Flask) -> None:
    """Register the room's jobs. What they need of numbers is imported when they run."""

    def mix(wave_id: int) -> None:
        from survey_app.config import settings_of
        from survey_app.db import db
        from survey_app.results import mixing

        keys = settings_of(app).keys
        for _ in mixing.mix_wave(db.session, wave_id, keys=keys, now=clock.now()):
            db.session.commit()

    def unmixed() -> list[tuple[str, dict[str, int]]]:
        from survey_app.db import db
        from survey_app.results import mixing

        return _work(mixing.unfinished(db.session))

    def close(wave_id: int) -> None:
        from survey_app.db import db
        from survey_app.results import closing

        closed = closing.close_overdue(db.session, wave_id, now=clock.now())
        db.session.commit()
        if closed:
            jobs_of(app).enqueue(MIX_WAVE, str(wave_id), wave_id=wave_id)

    def overdue() -> list[tuple[str, dict[str, int]]]:
        from survey_app.db import db
        from survey_app.results import closing

        return _work(closing.overdue(db.session, clock.now()))

    def erase(wave_id: int) -> None:
        from survey_app.config import settings_of
        from survey_app.db import db
        from survey_app.results import closing

        closing.erase_aborted(db.session, wave_id, keys=settings_of(app).keys, now=clock.now())
        db.session.commit()

    def keys_left() -> list[tuple[str, dict[str, int]]]:
        from survey_app.db import db
        from survey_app.results import closing

        return _work(closing.keys_left(db.session))

    def screen(wave_id: int) -> None:
        from survey_app.db import db
        from survey_app.results.integrity import screening

        screening.screen_wave(db.session, wave_id, now=clock.now(), pause=db.session.rollback)
        db.session.commit()

    def unscreened() -> list[tuple[str, dict[str, int]]]:
        from survey_app.db import db
        from survey_app.results.integrity import board

        return _work(board.unscreened(db.session))

    jobs = jobs_of(app)
    jobs.register(MIX_WAVE, mix, unfinished=unmixed)
    jobs.register(CLOSE_WAVE, close, unfinished=overdue)
    jobs.register(ERASE_ABORTED, erase, unfinished=keys_left)
    jobs.register(SCREEN_WAVE, screen, unfinished=unscreened)


def _work(wave_ids: list[int]) -> list[tuple[str, dict[str, int]]]:
    return [(str(wave_id), {"wave_id": wave_id}) for wave_id in wave_ids]

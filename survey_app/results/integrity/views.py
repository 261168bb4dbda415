"""Pages of the sub-room: the board of flags, one flag with its null model, and verification samples."""

from datetime import timedelta

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from survey_app import clock
from survey_app.config import settings_of
from survey_app.db import db
from survey_app.errors import NotFoundError
from survey_app.home import note
from survey_app.results.integrity import board, verifying
from survey_app.results.integrity.declared import declared
from survey_app.results.integrity.forms import DECISIONS, ReviewForm, SampleForm
from survey_app.security import require_login
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.models import Wave
from survey_app.surveys.planning import reader_language
from survey_app.surveys.seeing import authorise_wave

bp = Blueprint("integrity", __name__, url_prefix="/results/<int:wave_id>/integrity")
bp.before_request(require_login)


@bp.get("/")
def show(wave_id: int) -> str:
    """The board: what was looked at, what is flagged, and the rate with and without."""
    wave = _wave(wave_id, "integrity.view")
    return render_template(
        "results/integrity/show.html",
        wave=wave,
        board=board.board_of(db.session, wave),
        samples=verifying.samples_of(db.session, wave),
        first=_first(wave),
        under_way=verifying.under_way(db.session, wave),
        **_words(),
    )


@bp.get("/flags/<flag>")
def flag(wave_id: int, flag: str) -> str:
    """One flag: what was found, what chance would have brought about, and its reviews."""
    wave = _wave(wave_id, "integrity.view")
    return _flag_page(wave, flag, ReviewForm())


@bp.post("/flags/<flag>")
def review(wave_id: int, flag: str) -> Response | tuple[str, int]:
    """Write down what was found out about a flag."""
    wave = _wave(wave_id, "integrity.review")
    form = ReviewForm()
    if not form.validate_on_submit():
        return _flag_page(wave, flag, form), 422
    board.review_flag(
        db.session,
        wave,
        flag,
        decision=form.decision.data or "",
        note=(form.note.data or "").strip(),
        by=current_user.login,
        now=clock.now(),
    )
    db.session.commit()
    note(_("已记录核查情况。认可度没有改变。"))
    return redirect(url_for("integrity.flag", wave_id=wave_id, flag=flag), 303)


@bp.route("/sample", methods=["GET", "POST"])
def sample(wave_id: int) -> Response | str | tuple[str, int]:
    """Draw a verification sample: people of the flagged places and of as many others, with fresh codes."""
    wave = _wave(wave_id, "integrity.review")
    today = clock.now().astimezone(clock.BEIJING).date()
    days = declared().verification["days"]
    form = SampleForm(
        today,
        data={"opens_on": today + timedelta(days=1), "closes_on": today + timedelta(days=days)},
    )
    if form.validate_on_submit():
        made = verifying.make_sample(
            db.session,
            wave,
            opens_at=form.opens_at,
            closes_at=form.closes_at,
            code_key=settings_of(current_app).code_key,
            by=current_user.login,
            now=clock.now(),
        )
        db.session.commit()
        note(_("核查样本已经抽出。打开以后，打印新的答题卡，由督导人员直接发放。"))
        return redirect(url_for("results.show", wave_id=made.id), 303)
    page = render_template(
        "results/integrity/sample.html",
        wave=wave,
        form=form,
        chosen=verifying.choose_places(db.session, wave),
        declared=declared().verification,
        **_words(),
    )
    return (page, 422) if form.errors else page


@bp.post("/tell")
def tell(wave_id: int) -> Response:
    """Tell the county of a sample that checks it."""
    wave = _wave(wave_id, "integrity.review")
    verifying.tell(db.session, wave, by=current_user.login, now=clock.now())
    first_id = wave.verifies_wave_id
    db.session.commit()
    note(_("已告知。县里现在能看到这份核查样本。"))
    return redirect(url_for("integrity.show", wave_id=first_id), 303)


def _flag_page(wave: Wave, key: str, form: ReviewForm) -> str:
    found = board.board_of(db.session, wave)
    if found is None:
        raise NotFoundError
    one = found.flag(key)
    test = next(
        row
        for row in found.content["tests"]
        if (row["test"], row["group"]) == (one.finding["test"], one.finding["group"])
    )
    return render_template(
        "results/integrity/flag.html",
        wave=wave,
        flag=one,
        test=test,
        picture=board.picture_of(one.finding["picture"]),
        fdr=float(found.content["declared"]["fdr"]),
        form=form,
        **_words(),
    )


def _first(wave: Wave) -> Wave | None:
    """The wave that this one checks."""
    return surveys.get_wave(db.session, wave.verifies_wave_id) if wave.verifies_wave_id else None


def _words() -> dict[str, object]:
    return {"groups": GROUPS, "language": reader_language(), "decisions": DECISIONS}


def _wave(wave_id: int, permission: str) -> Wave:
    wave = surveys.get_wave(db.session, wave_id)
    authorise_wave(permission, wave)
    return wave

"""Pages of a school's coordinator: the school's batches, what to do now, how many cards were used."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, render_template
from sqlalchemy.orm import Session

from survey_app import clock
from survey_app.config import settings_of
from survey_app.counties.models import Region, School
from survey_app.db import db, within
from survey_app.errors import ForbiddenError, NotFoundError
from survey_app.fieldwork.materials import leaflets, ledger
from survey_app.fieldwork.materials.ledger import Standing
from survey_app.fieldwork.materials.typesetting import typeset
from survey_app.fieldwork.materials.words import STANDARD
from survey_app.fieldwork.models import Batch
from survey_app.security import authorise, regions_for, require_login, schools_for
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.models import Wave, WaveState
from survey_app.surveys.planning import reader_language
from survey_app.surveys.seeing import known_to_all, sees

bp = Blueprint("school", __name__, url_prefix="/school")
bp.before_request(require_login)

#: Fewest cards of a batch whose used ones are counted for the school.
FEWEST = 10

#: States in which a wave says nothing to a school: not drawn yet, or given up.
_SILENT = {WaveState.DRAFT, WaveState.ABORTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnBatch:
    """A batch as its school sees it."""

    standing: Standing
    #: What to do now: waiting, open_later, hand_out, give_back, lost or done.
    todo: str
    #: Cards with which an answer came; None where the batch is too small to say.
    used: int | None


@bp.get("/")
def index() -> str:
    """The schools that the user answers for and that have cards."""
    scopes, own = regions_for("school.view"), schools_for("school.view")
    if not scopes and not own:
        raise ForbiddenError
    return render_template("fieldwork/school.html", schools=_schools(db.session, scopes, own))


@bp.get("/<county>/<code>")
def show(county: str, code: str) -> str:
    """One school's batches in all waves that have any, the newest wave first."""
    found = _waves(county, code)
    now = clock.now()
    shown = [(wave, [own_batch(wave, each, now=now) for each in standings]) for wave, standings in found]
    return render_template(
        "fieldwork/school_show.html",
        name=_name(db.session, found[0][0], code),
        code=code,
        county=db.session.get_one(Region, county),
        waves=shown,
        groups=GROUPS,
        language=reader_language(),
    )


@bp.get("/<county>/<code>/<int:wave_id>/leaflet.pdf")
def leaflet(county: str, code: str, wave_id: int) -> Response:
    """The letter to parents and the page for proctors: papers without codes."""
    wave = next((wave for wave, _ in _waves(county, code) if wave.id == wave_id), None)
    if wave is None:
        raise NotFoundError
    url = settings_of(current_app).public_url
    letter = leaflets.letter(wave, wording=STANDARD, own_words=[], public_url=url)
    pdf = typeset("leaflets", letter | {"proctors": leaflets.proctor(wave, public_url=url)["proctors"]})
    return Response(
        pdf,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="leaflet-{wave.id}.pdf"'},
    )


def own_batch(wave: Wave, standing: Standing, *, now: datetime) -> OwnBatch:
    """What a school is told about a batch."""
    return OwnBatch(
        standing=standing,
        todo=_todo(wave, standing, now),
        used=standing.spent if standing.cards >= FEWEST else None,
    )


def _todo(wave: Wave, standing: Standing, now: datetime) -> str:
    over = wave.state not in {WaveState.DRAWN, WaveState.OPEN} or now > wave.closes_at
    returned = any(line.deed == "returned" for line in standing.lines)
    match standing.where.state:
        case "lost":
            return "done" if over else "lost"
        case "out" if over:
            # What was used stays with the school: who gave the rest back, or had no rest, has done all.
            used_up = standing.spent == standing.cards >= FEWEST
            return "done" if returned or used_up else "give_back"
        case "out":
            return "hand_out" if wave.takes_answers(now) else "open_later"
        case _:
            return "done" if over or returned else "waiting"


def _waves(county: str, code: str) -> list[tuple[Wave, list[Standing]]]:
    """The waves of the county in which the school has cards.

    Raises:
        NotFoundError: none, or the school is none of the user's: both look the same.
        ForbiddenError: the user sees the county but does not work with its schools.
    """
    authorise("school.view", county, school=code)
    found = []
    for wave in surveys.waves_of(db.session, [county]):
        if wave.county_code == county and sees(wave) and wave.state not in _SILENT:
            standings = ledger.standings(db.session, wave, school=code)
            if standings:
                found.append((wave, standings))
    if not found:
        raise NotFoundError
    return found


def _name(session: Session, wave: Wave, code: str) -> str:
    name = session.scalar(
        sa.select(School.name).where(School.county_file_id == wave.county_file_id, School.code == code)
    )
    return name or code


def _schools(session: Session, scopes: list[str], own: list[tuple[str, str]]) -> list[sa.Row]:
    """The schools with cards: county and code, names of both."""
    mine = [sa.and_(Wave.county_code == county, Batch.school_code == code) for county, code in own]
    return list(
        session.execute(
            sa.select(
                Wave.county_code.label("county"),
                Region.name.label("county_name"),
                School.code.label("code"),
                sa.func.max(School.name).label("name"),
            )
            .join(Batch, Batch.wave_id == Wave.id)
            .join(Region, Region.code == Wave.county_code)
            .join(
                School,
                sa.and_(School.county_file_id == Wave.county_file_id, School.code == Batch.school_code),
            )
            .where(known_to_all(), Wave.aborted_at.is_(None), sa.or_(within(Wave.county_code, scopes), *mine))
            .group_by(Wave.county_code, Region.name, School.code)
            .order_by(Wave.county_code, School.code)
        )
    )

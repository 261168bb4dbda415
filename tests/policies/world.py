"""The things the matrix's addresses name: each exists once, in 阳城县 (140522)."""

import shutil
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

from flask import Flask
from werkzeug.datastructures import FileStorage

from evaluation import load_schedule
from survey_app import clock, create_app, evidence, settings_of
from survey_app.accounts.models import Appointment, User
from survey_app.api import tokens
from survey_app.api.models import ApiToken
from survey_app.assessments import packing, runs
from survey_app.assessments.applications.models import Application, Override
from survey_app.assessments.applications.service import make_level_run
from survey_app.assessments.judgement import corrections, entering, visiting
from survey_app.assessments.judgement.asked import asked_by
from survey_app.assessments.judgement.remarks import About
from survey_app.assessments.models import EvaluationRun
from survey_app.canonical import canonical
from survey_app.counties.models import CountyFile, Region
from survey_app.db import db
from survey_app.evidence import Evidence
from survey_app.fieldwork.materials import bundle
from survey_app.fieldwork.models import BackCheck, Batch, DrawnUnit, EntryPoint, PhoneCase
from survey_app.fieldwork.open_entries import points as open_entries
from survey_app.fieldwork.telephone import giving
from survey_app.jobs import jobs_of
from survey_app.results import closing, releasing
from survey_app.results.exports import asking
from survey_app.results.jobs import MIX_WAVE
from survey_app.results.models import OpenAnswer, WaveIntegrity
from survey_app.security import Held
from survey_app.supervision.dispatch import files as dispatch_files
from survey_app.supervision.dispatch import service as dispatch
from survey_app.supervision.dispatch.periods import Period
from survey_app.supervision.ledger import remedies, tasks, trials
from survey_app.supervision.schedule import service as schedules
from survey_app.surveys.authoring import drafts, publishing
from survey_app.surveys.models import Wave
from survey_app.surveys.questionnaire_loader import source_of
from tests import factories
from tests.conftest import KEY, NOW, make_settings
from tests.policies.actors import ACTORS

#: What stands in an address for a thing that does not exist.
MISSING = {"county": "140599", "user": 99999, "appointment": 99999, "run": 99999, "finding": 99999}
MISSING |= dict.fromkeys(("point", "cell", "archive", "batch"), 99999)
MISSING |= {"case": 99999, "psu": "S404/primary", "text": "00" * 16}
MISSING |= dict.fromkeys(("questionnaire_draft", "publication"), 99999)
MISSING |= dict.fromkeys(("task", "proof", "remedy", "trial"), 99999)
MISSING |= {"answer_file": 99999, "flag": "ceiling-0"}
MISSING |= dict.fromkeys(("application", "evidence", "visit", "correction"), 99999)
MISSING |= {"city": "999900", "dispatch_file": 99999, "api_token": 99999, "county_file": 99999, "pack": 99999}
MISSING |= dict.fromkeys(("draft", "drawn", "wave", "released", "schedule_version", "dispatch"), 99999)


def build(app: Flask) -> dict[str, object]:
    """Fill the database of *app* and give what stands in the matrix's braces."""
    with app.app_context():
        named: dict[str, object] = {"county": "140522", "finding": 0, "token": "not-a-code"}
        named |= {name: make(app) for name, make in _WAVES.items()}
        file = db.session.get_one(Wave, named["wave"]).county_file
        run = runs.make_run(
            db.session,
            county_file=file,
            scheme_id="shanxi-2022",
            level="self_evaluation",
            by="test",
            now=NOW,
        )
        user = factories.make_user("county", "140522", login="somebody")
        user.appointments.append(Appointment(role="assessor", region_code="140522"))
        for actor in ACTORS.values():
            factories.make_user(actor.role, actor.region, school=actor.school)
        db.session.flush()
        point = _point(db.session.get_one(Wave, named["wave"]))
        named |= {"point": point.id, "cell": point.quota_cell_id}
        named |= _archive(app, db.session.get_one(Wave, named["wave"]))
        named |= _questionnaires()
        named |= {"psu": _drawn_school(named["wave"]), "text": _text(named["released"])}
        named |= {"case": _case(db.session.get_one(Wave, named["wave"])).id}
        named |= _ledger(run)
        kept = schedules.keep(db.session, "140000", load_schedule("shanxi-2022"), by="test", now=NOW)
        named |= {"schedule_version": kept.version, "city": "140500"}
        report = dispatch.make(db.session, "140500", Period(2026, 3), by="test", now=NOW)
        file_id = dispatch_files.ask(db.session, report, "docx", by="test", now=NOW).id
        named |= {"dispatch": report.id, "dispatch_file": file_id}
        named |= {"api_token": _token(user).id, "county_file": file.id}
        named |= _judged(app, file)
        named |= {"run": run.id, "user": user.id, "appointment": user.appointments[1].id}
        named |= _results(db.session.get_one(Wave, named["released"]))
        db.session.commit()
    return named


def _token(user: User) -> ApiToken:
    """A token of somebody of the county."""
    wish = tokens.Wish(name="学籍系统", scopes=["counties:read"], region_code="140522", days=90)
    held = [Held("county", "140522")]
    return tokens.make_token(db.session, user, wish, held=held, key=KEY, now=clock.now())[1]


def _ledger(run: EvaluationRun) -> dict[str, object]:
    """A task with proof, a plan of remedies that is being made, and a merger on paper."""
    draft = tasks.Draft(title="建设功能室", department="教育局")
    (task,) = tasks.add_tasks(db.session, run.county_code, [draft], by="test", now=NOW)
    proof = Evidence(
        region_code=run.county_code,
        title="验收单",
        stored_name="proof.pdf",
        media_type="application/pdf",
        size=1,
        digest="0" * 64,
        stored_at=NOW,
        stored_by="test",
    )
    tasks.take_step(db.session, task, "begun", text="", by="test", now=NOW, evidence=[proof])
    remedy = remedies.ask(db.session, run, costs=None, by="test", now=NOW)
    schools = [school.code for school in run.county_file.schools if school.kind == "primary"]
    trial = trials.try_mergers(
        db.session,
        run,
        trials.whole_schools([(schools[0], schools[1])], equipment=True, rooms=True),
        title="并校",
        by="test",
        now=NOW,
    )
    db.session.flush()
    return {"task": task.number, "proof": proof.id, "remedy": remedy.id, "trial": trial.id}


def _text(wave_id: object) -> str:
    """Something that somebody wrote in the released wave."""
    text = OpenAnswer(id=bytes(range(16)), wave_id=wave_id, item="public.comment", group="", text="多建操场")
    db.session.add(text)
    db.session.flush()
    return text.id.hex()


def _results(wave: Wave) -> dict[str, object]:
    """A file of single answers that is being made, and a flag."""
    file = asking.ask(db.session, wave, "csv", by="test", now=NOW)
    words = {"zh": "词", "en": "Words"}
    test = {"test": "ceiling", "group": "parent", "label": words, "null": words}
    finding = {"key": "ceiling-1", "test": "ceiling", "group": "parent", "level": "place", "place": words}
    finding |= {"pool": None, "n": 12, "statistic": 1.0, "expected": 0.1, "p": 0.001, "q": 0.01}
    finding |= {"effect": 0.9, "reason": "", "flagged": True, "text": words, "picture": None}
    content = {
        "seed": "0",
        "verifies": None,
        "declared": {"fdr": "0.03"},
        "tests": [test | {"tested": 1, "untested": 0, "flagged": 1}],
        "findings": [finding],
        "not_run": [],
        "places": {"looked_at": 1, "flagged": 1},
        "rates": {"with": None, "without": None, "withheld": False},
    }
    stored = WaveIntegrity(wave_id=wave.id, content=canonical(content), digest="0" * 64, computed_at=NOW)
    db.session.add(stored)
    db.session.flush()
    return {"answer_file": file.id, "flag": finding["key"]}


def _judged(app: Flask, file: CountyFile) -> dict[str, object]:
    """An application at self-evaluation with a judgement and its evidence, a visit and a request."""
    application = Application(
        county_code="140522", year=2026, number=9, scheme_id="shanxi-2022", opened_at=NOW, opened_by="test"
    )
    db.session.add(application)
    db.session.flush()
    own = {"level": "self_evaluation", "by": "test", "now": NOW}
    handed = evidence.handed_in(FileStorage(BytesIO("走访记录".encode()), filename="a.txt"))
    assert handed is not None
    judged = entering.enter(
        db.session,
        application,
        asked=asked_by("shanxi-2022")["attestation", "layout"],
        value=True,
        handed=[handed],
        settings=settings_of(app),
        **own,
    )
    visit = visiting.add_visit(
        db.session,
        application,
        visited_on=NOW.date(),
        place="凤城镇",
        school_code=None,
        group="parent",
        interviewed=20,
        satisfied=18,
        **own,
    )
    made = make_level_run(db.session, application, county_file=file, wave=None, **own)
    asked = corrections.ask(
        db.session, application, about=About(run_id=made.id), text="请核对", due_on=NOW.date(), **own
    )
    override = Override(
        application_id=application.id,
        level="self_evaluation",
        run_id=made.id,
        finding="R1",
        computed_outcome="not_met",
        computed_value="1",
        outcome="met",
        reason="现场核查数字有误",
        proposed_at=NOW,
        proposed_by="test",
        decision_note="",
    )
    db.session.add(override)
    db.session.flush()
    return {
        "application": application.id,
        "application_run": made.id,
        "run_number": made.number,
        "pack": packing.ask(db.session, made, by="test", now=NOW).id,
        "override": override.id,
        "evidence": judged.evidence[0].id,
        "visit": visit.id,
        "correction": asked.number,
    }


def _drawn_school(wave_id: object) -> str:
    units = db.session.query(DrawnUnit).filter_by(wave_id=wave_id, group="parent")
    return units.order_by(DrawnUnit.id).first().psu


def copy(home: Path, source: Path) -> Flask:
    """Give an application of its own in *home*, filled like the one built in *source*."""
    shutil.copytree(source, home, dirs_exist_ok=True)
    return create_app(make_settings(home))


def _questionnaires() -> dict[str, int]:
    """A draft of a questionnaire and what was published of it."""
    draft = drafts.start_draft(
        db.session,
        db.session.get_one(Region, "140522"),
        form="student",
        title="草稿",
        source=source_of("student"),
        by="test",
        now=NOW,
    )
    publication = publishing.publish(
        db.session, draft, revision=draft.revision, remark="第一版", by="test", now=NOW
    )
    return {"questionnaire_draft": draft.id, "publication": publication.id}


def _draft(app: Flask) -> int:
    return factories.make_wave(county_file=_file()).id


def _drawn(app: Flask) -> int:
    return factories.draw_wave(factories.make_wave(county_file=_file())).id


def _open(app: Flask) -> int:
    return factories.make_open_wave(app, county_file=_file()).id


def _archive(app: Flask, wave: Wave) -> dict[str, object]:
    """An archive of printed materials that is being made, and a batch of cards."""
    file = bundle.ask(
        db.session,
        wave,
        scope=bundle.COUNTY,
        wording="plain",
        own_words=[],
        settings=settings_of(app),
        by="test",
        now=NOW,
    )
    batch = db.session.query(Batch).filter_by(wave_id=wave.id, position=0).one()
    return {"archive": file.id, "batch": batch.id}


def _point(wave: Wave) -> EntryPoint:
    """A class's code at the coordinator's school."""
    point = open_entries.make_point(
        db.session,
        wave,
        kind="class",
        group="public",
        place="三年级二班",
        cap=40,
        cell_cap=80,
        code_key=KEY,
        by="test",
        now=NOW,
    )
    point.school_code = "S001"
    db.session.flush()
    return point


def _case(wave: Wave) -> PhoneCase:
    """A telephone case that the county's interviewer has in hand, and whose interview is to be checked."""
    factories.make_contacts(wave)
    giving.make_cases(db.session, wave, groups=["public"], starts=None, by="test", now=NOW)
    case = db.session.query(PhoneCase).filter_by(wave_id=wave.id).one()
    user = db.session.query(User).filter_by(login="interviewer-140522").one()
    case.assigned_to, case.taken_up_at = user.id, NOW
    db.session.add(BackCheck(case_id=case.id, drawn_at=NOW))
    db.session.flush()
    return case


def _released(app: Flask) -> int:
    wave = factories.make_open_wave(app, county_file=_file())
    closing.close_wave(db.session, wave, by="test", now=NOW)
    wave_id = wave.id
    db.session.commit()
    jobs_of(app).perform(MIX_WAVE, {"wave_id": wave_id})
    releasing.release_wave(db.session, db.session.get_one(Wave, wave_id), by="test", now=NOW)
    return wave_id


def _file():
    from survey_app.counties import service

    known = service.latest_county_file(db.session, "140522")
    if known is not None:
        return known
    document = factories.small_county()
    county = {**document["county"], "resident_population": 200_000}
    return factories.make_county_file({**document, "county": county})


_WAVES: Mapping[str, Callable[[Flask], int]] = {
    "draft": _draft,
    "drawn": _drawn,
    "wave": _open,
    "released": _released,
}

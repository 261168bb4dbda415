"""Frames in versions: reconciled with the schools, confirmed, compared, and stored whole or not at all."""

import os
import random
import signal
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app import audit, clock
from survey_app.db import db
from survey_app.errors import ConflictError, RefusedInputError
from survey_app.fieldwork.draws import drawing
from survey_app.fieldwork.frames import framing, reconciling
from survey_app.fieldwork.frames.lists.counted import Register, read_lists
from survey_app.fieldwork.models import StoredFrame
from survey_app.surveys.models import Wave
from tests.conftest import KEY, NOW
from tests.factories import make_wave, small_county
from tests.page import get, post
from tests.survey_app.fieldwork import list_files


def parents(**sizes: int):
    """The lists of parents as registered, with other sizes for some schools."""
    rows = [row for row in list_files.whole() if row["group"] == "parent"]
    changed = [row | {"size": sizes.get(row["school"], row["size"])} for row in rows]
    return read(changed)


def read(rows):
    return read_lists(list_files.csv_text(rows).encode(), "l.csv", register=Register.of(small_county()))


def take(wave, lists, source="名册.csv"):
    return framing.import_frame(db.session, wave, lists, source=source, by="test", now=NOW)


@pytest.fixture
def wave(app):
    with app.app_context():
        yield make_wave()


def test_lists_as_registered_make_the_same_frame_as_the_schools(wave):
    built = framing.build_frame(db.session, wave, by="test", now=NOW)
    handed = take(wave, parents())
    assert handed.digest == built.digest
    assert [one.number for one in framing.frames_of(db.session, wave)] == [2, 1]
    assert not framing.waits(handed)
    assert wave.framed_at == NOW
    assert take(wave, parents()) is handed


def test_a_difference_waits_until_it_is_confirmed_with_a_reason(wave):
    stored = take(wave, parents(S001=295))
    assert framing.waits(stored)
    assert wave.framed_at is None
    with pytest.raises(ConflictError, match="frame_unconfirmed"):
        drawing.draw_wave(db.session, wave, seed="s", code_key=KEY, by="test", now=NOW)
    with pytest.raises(RefusedInputError):
        framing.confirm_frame(db.session, wave, remark=" ", by="test", now=NOW)
    framing.confirm_frame(db.session, wave, remark="学期初转入", by="clerk", now=NOW)
    assert not framing.waits(stored)
    assert wave.framed_at == NOW
    actions = db.session.scalars(sa.select(audit.AuditEntry.action).order_by(audit.AuditEntry.number)).all()
    assert actions[-1] == "frame.confirmed"
    with pytest.raises(ConflictError, match="nothing_to_confirm"):
        framing.confirm_frame(db.session, wave, remark="再来", by="clerk", now=NOW)
    draw = drawing.draw_wave(db.session, wave, seed="s", code_key=KEY, by="test", now=NOW)
    assert draw.frame_id == stored.id


def test_a_difference_that_is_too_large_stores_nothing(wave):
    with pytest.raises(RefusedInputError) as refused:
        take(wave, parents(S001=26))
    assert [(fault.rule, fault.where) for fault in refused.value.faults] == [
        ("list_too_different", "parent/S001/primary")
    ]
    assert framing.latest_frame(db.session, wave) is None


@pytest.mark.parametrize(
    ("registered", "listed", "verdict"),
    [
        (400, 400, "same"),
        (400, 408, "small"),
        (400, 409, "confirm"),
        (400, 480, "confirm"),
        (400, 481, "refused"),
        (30, 32, "small"),
        (30, 10, "confirm"),
        (30, 9, "refused"),
        (0, 20, "confirm"),
        (0, 21, "refused"),
    ],
)
def test_limits_are_a_share_or_a_number_of_people_whichever_is_more(registered, listed, verdict):
    one = reconciling.Difference(group="parent", unit="S", registered=registered, listed=listed)
    assert one.verdict == verdict


def test_lists_too_short_for_the_invitations_are_refused(wave):
    with pytest.raises(RefusedInputError) as refused:
        take(wave, read([{"group": "deputy", "size": 12}]))
    assert {fault.rule for fault in refused.value.faults} == {"list_too_short", "list_too_different"}


def test_classes_say_which_number_on_a_list_is_whose(wave):
    rows = [row for row in list_files.whole() if row["group"] == "parent" and row["school"] != "S001"]
    classes = [("一班", 130), ("二班", 135)]
    rows += [
        {"group": "parent", "school": "S001", "band": "primary", "grade": 3, "section": name, "size": size}
        for name, size in classes
    ]
    stored = take(wave, read(rows))
    assert "S001/primary" in stored.sections
    draw = drawing.draw_wave(db.session, wave, seed="s", code_key=KEY, by="test", now=NOW)
    for one in drawing.recipients(db.session, draw):
        if one.unit == "S001/primary" and one.group == "parent":
            name, before = ("3年级一班", 0) if one.number <= 130 else ("3年级二班", 130)
            assert (one.section, one.section_number) == (name, one.number - before)
        else:
            assert (one.section, one.section_number) == ("", 0)


def test_versions_are_compared_list_by_list(wave):
    first = take(wave, parents())
    second = take(wave, parents(S001=266, S002=129))
    changed = framing.changed_lists(framing.read_frame(first), framing.read_frame(second))
    assert [(one.unit, one.before, one.after, one.people) for one in changed] == [
        ("S001/primary", 265, 266, 1),
        ("S002/primary", 130, 129, -1),
    ]


def test_the_pages_show_versions_differences_and_what_to_do(app, signed_in, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with app.app_context():
        wave = make_wave(population=60_000)
        take(wave, parents())
        take(wave, parents(S001=295))
        db.session.commit()
        address = f"/fieldwork/{wave.id}"
    staff = signed_in()
    page = get(staff, f"{address}/frames")
    assert "待确认" in page.text
    assert "第1学校（小学）" in page.text
    assert "确认" in get(staff, f"{address}/draw").text
    assert "没有人确认" in post(staff, f"{address}/draw", {"seed": "s"}, status=409).text
    post(staff, f"{address}/frames/confirm", {"remark": "转入"}, to="/frames")
    assert "转入" in get(staff, f"{address}/frames").text
    compared = get(staff, f"{address}/frames/compare?before=1&after=2")
    assert "+30" in compared.text
    get(staff, f"{address}/frames/compare?before=1&after=9", status=404)
    for kind in ("xlsx", "csv"):
        answer = staff.get(f"{address}/frames/template.{kind}")
        assert answer.status_code == 200
        with app.app_context():
            filled = read_lists(answer.data, f"l.{kind}", register=Register.of(small_county()))
            assert len(filled.units) == len(list_files.whole()) + 3
    english = get(staff, f"{address}/frames?lang=en")
    assert "Confirmed" in english.text
    for path in ("/draw", "/draw/chances?group=teacher"):
        get(staff, f"{address}{path}")


def killed_at(app, step: int, work: Callable[[Session], None], *, each: bool) -> bool:
    """Do *work* in a child that is killed before its statement number *step*; whether it ended by itself.

    With *each*, every statement is committed by itself: the control that must fail.
    """
    pid = os.fork()
    if pid == 0:
        try:
            with app.app_context():
                db.engine.dispose(close=False)
                seen = 0

                def count(connection, *_):
                    nonlocal seen
                    seen += 1
                    if seen == step:
                        os.kill(os.getpid(), signal.SIGKILL)

                def settle(connection, *_):
                    if each:
                        connection.connection.driver_connection.commit()

                sa.event.listen(db.engine, "before_cursor_execute", count)
                sa.event.listen(db.engine, "after_cursor_execute", settle)
                work(db.session)
                db.session.commit()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def imports_between(app, wave_id: int, steps: list[int], *, each: bool) -> int:
    """How many of the killed imports left something between the old frame and a new one."""
    between = 0
    for turn, step in enumerate(steps):
        lists = parents(S001=265 + turn % 3)

        def work(session: Session, lists=lists) -> None:
            take(session.get_one(Wave, wave_id), lists, source=f"{turn}.csv")  # noqa: B023

        with app.app_context():
            before = state(wave_id)
            db.session.close()
            db.engine.dispose()
        killed_at(app, step, work, each=each)
        with app.app_context():
            frames, framed, noted = state(wave_id)
            whole = (frames, framed, noted) == before or (frames == before[0] + 1 and noted == before[2] + 1)
            between += not whole
    return between


def state(wave_id):
    frames = db.session.scalar(sa.select(sa.func.count()).select_from(StoredFrame).filter_by(wave_id=wave_id))
    built = sa.select(sa.func.count()).select_from(audit.AuditEntry).filter_by(action="frame.built")
    return frames, db.session.get_one(Wave, wave_id).framed_at, db.session.scalar(built)


@pytest.mark.parametrize("each", [False, True], ids=["one transaction", "control: every statement by itself"])
def test_an_import_killed_at_any_statement_leaves_the_old_frame_or_the_new_one(app, each):
    with app.app_context():
        wave = make_wave()
        framing.build_frame(db.session, wave, by="test", now=NOW)
        db.session.commit()
        wave_id = wave.id
    rng = random.Random(14)
    steps = [rng.randint(1, 14) for _ in range(50 if not each else 15)]
    found = imports_between(app, wave_id, steps, each=each)
    assert (found > 0) if each else (found == 0)

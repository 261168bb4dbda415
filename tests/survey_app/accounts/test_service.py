import pytest
import sqlalchemy as sa

from survey_app.accounts import service
from survey_app.accounts.models import Appointment
from survey_app.accounts.passwords import UnfitPasswordError
from survey_app.audit import AuditEntry, first_altered
from survey_app.counties.models import Region
from survey_app.db import db
from survey_app.errors import ConflictError, NotFoundError
from survey_app.security import Held
from tests.conftest import NOW

PASSWORD = "安静的-river-茶杯"

COUNTY = Held("county", "140522")


def add(login="zhang", appointments=(COUNTY,), password=PASSWORD, name="张华"):
    return service.add_user(
        db.session,
        login=login,
        name=name,
        password=password,
        appointments=list(appointments),
        by="admin",
        now=NOW,
    )


@pytest.fixture
def session(either_app):
    with either_app.app_context():
        yield db.session


def test_an_account_brings_its_regions_and_is_on_the_trail(session):
    user = add(appointments=[Held("county", "140522"), Held("assessor", "140500")])
    assert [(each.role, each.region.name) for each in user.appointments] == [
        ("county", "阳城县"),
        ("assessor", "晋城市"),
    ]
    assert set(session.scalars(sa.select(Region.code))) == {"000000", "140000", "140500", "140522"}
    (entry,) = session.scalars(sa.select(AuditEntry))
    assert (entry.action, entry.actor) == ("account.added", "admin")
    assert PASSWORD not in entry.details
    assert '"county:140522"' in entry.details
    assert PASSWORD not in user.password_hash


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"login": "张华"}, "unfit_login"),
        ({"login": "a b"}, "unfit_login"),
        ({"login": "x"}, "unfit_login"),
        ({"name": "  "}, "unfit_name"),
        ({"name": "a\nb"}, "unfit_name"),
        ({"appointments": []}, "no_appointment"),
        ({"appointments": [Held("king", "140522")]}, "unknown_role"),
        ({"appointments": [Held("county", "999999")]}, "unknown_region"),
        ({"appointments": [Held("county", "阳城县")]}, "unknown_region"),
        ({"appointments": [Held("county", "140999")]}, "unknown_region"),
        ({"appointments": [Held("county", "140500")]}, "role_region_mismatch"),
        ({"appointments": [Held("province", "140522")]}, "role_region_mismatch"),
    ],
)
def test_what_an_account_cannot_be(session, wanted, code):
    with pytest.raises(service.UnfitAccountError) as refused:
        add(**wanted)
    assert refused.value.code == code


def test_a_login_is_given_once(session):
    add()
    with pytest.raises(ConflictError, match="login_taken"):
        add(login="ZHANG")


def test_whoever_holds_more_than_a_region_is_not_administered_from_it(session):
    county = add("county", [Held("county", "140522")])
    both = add("both", [Held("county", "140522"), Held("province", "140000")])
    here = [Held("administrator", "140500")]
    assert service.administers(here, county)
    assert not service.administers(here, both)
    assert service.users_within(session, here) == [county]
    assert service.users_within(session, [Held("administrator", "000000")]) == [both, county]
    assert service.users_within(session, [Held("county", "140522")]) == []


def test_roles_are_added_and_taken_but_never_the_last(session):
    user = add()
    service.appoint(session, user, Held("assessor", "140524"), by="admin", now=NOW)
    assert [each.region_code for each in user.appointments] == ["140522", "140524"]
    with pytest.raises(ConflictError, match="appointed_already"):
        service.appoint(session, user, Held("assessor", "140524"), by="admin", now=NOW)
    first, second = user.appointments
    service.dismiss(session, user, first.id, by="admin", now=NOW)
    assert session.scalars(sa.select(Appointment.region_code)).all() == ["140524"]
    with pytest.raises(ConflictError, match="last_appointment"):
        service.dismiss(session, user, second.id, by="admin", now=NOW)
    with pytest.raises(NotFoundError):
        service.dismiss(session, user, 999, by="admin", now=NOW)
    actions = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.number)).all()
    assert actions == ["account.added", "account.appointed", "account.dismissed"]
    assert first_altered(session) is None


def test_nobody_changes_what_they_hold_themselves(session):
    user = add("admin", [Held("administrator", "140000")])
    for deed in (
        lambda: service.appoint(session, user, Held("nation", "000000"), by="admin", now=NOW),
        lambda: service.dismiss(session, user, user.appointments[0].id, by="admin", now=NOW),
        lambda: service.switch_off(session, user, by="admin", now=NOW),
    ):
        with pytest.raises(ConflictError, match="own_account"):
            deed()


def test_a_new_password_ends_the_sessions_of_the_old_one(session):
    user = add()
    stamp, kept = user.session_stamp, user.password_hash
    with pytest.raises(UnfitPasswordError):
        service.set_password(session, user, "short", by="admin", now=NOW)
    assert (user.session_stamp, user.password_hash) == (stamp, kept)
    service.set_password(session, user, "另一个-long-词组", by="admin", now=NOW)
    assert user.session_stamp != stamp
    assert user.password_hash != kept


def test_an_account_is_switched_off_and_on_again(session):
    user = add()
    with pytest.raises(ConflictError, match="account_on"):
        service.switch_on(session, user, by="admin", now=NOW)
    service.switch_off(session, user, by="admin", now=NOW)
    assert not user.active
    with pytest.raises(ConflictError, match="account_off"):
        service.switch_off(session, user, by="admin", now=NOW)
    service.switch_on(session, user, by="admin", now=NOW)
    assert user.active

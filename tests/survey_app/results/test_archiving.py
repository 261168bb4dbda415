"""Released answers as Parquet: what is in it, what is not, and that it gives the released figures again."""

import json
import stat

import duckdb
import pytest
from click.testing import CliRunner

import survey_app
from survey_app import audit
from survey_app.cli import main
from survey_app.db import db
from survey_app.errors import ConflictError, NotFoundError
from survey_app.results.archiving import FIXED, archive_waves, write_archive
from survey_app.results.releasing import release_wave
from survey_app.surveys import service as surveys
from tests.conftest import NOW
from tests.survey_app.respond.field import Unit
from tests.survey_app.results.filled import COUNTY, fill
from tests.survey_app.results.test_outcome import finished


def released(app, field) -> dict:
    """Finish and release a wave; give its figures."""
    outcome = finished(app, field)
    with app.app_context():
        release_wave(db.session, surveys.get_wave(db.session, field.wave_id), by="test", now=NOW)
        db.session.commit()
    return outcome


#: Principals are counted with the teachers; six pupils are summed up with the residents.
FEW_PUPILS = (
    *(unit for unit in COUNTY if unit.group != "student"),
    Unit(group="student", psu="T0", stratum="town", cards=6, grade_band="primary", locality="town"),
)


@pytest.fixture
def field(app):
    return fill(app, FEW_PUPILS, share=0.8)


def told(outcome) -> dict[str, dict]:
    """The figures of groups and sets of groups that are shown and kept answer by answer."""
    rows = {row["group"]: row for row in outcome["groups"]}
    rows |= {"+".join(row["groups"]): row for row in outcome["merged"] if row["one_by_one"]}
    return {name: row for name, row in rows.items() if not row["withheld"]}


@pytest.fixture
def command(app, monkeypatch):
    """Run the command in the test's application."""
    monkeypatch.setattr(survey_app, "create_app", lambda *_: app)
    return lambda *args: CliRunner().invoke(main, [str(each) for each in args])


def test_an_unreleased_wave_is_refused_by_name_and_nothing_is_written(app, field, command, tmp_path):
    finished(app, field)
    with app.app_context(), pytest.raises(ConflictError, match="archive_not_released"):
        archive_waves(db.session, [field.wave_id])
    with app.app_context(), pytest.raises(ConflictError, match="archive_nothing"):
        archive_waves(db.session)
    said = command("archive", tmp_path / "a.parquet", "--wave", field.wave_id)
    assert said.exit_code == 1
    assert f"（编号 {field.wave_id}）的结果还没有发布" in said.stderr
    assert not list(tmp_path.glob("*.parquet"))


def test_a_wave_that_is_not_there_is_refused(app, command, tmp_path):
    with app.app_context(), pytest.raises(NotFoundError):
        archive_waves(db.session, [99])
    said = command("archive", tmp_path / "a.parquet", "--wave", 99, "--lang", "en", "--json")
    (fault,) = json.loads(said.stdout)["faults"]
    assert (said.exit_code, fault["rule"]) == (1, "no_wave")
    assert fault["message"] == "There is no wave number 99."


def test_nothing_finer_than_the_pool_and_nothing_withheld_leaves(app, field, tmp_path):
    outcome = released(app, field)
    hidden = {"student", "public"}
    assert {row["group"] for row in outcome["groups"] if row["withheld"]} == {
        "principal", "teacher", *hidden
    }  # fmt: skip
    with app.app_context():
        made = archive_waves(db.session)
    shown = sum(row["spent"] for row in outcome["groups"] if row["group"] not in hidden)
    assert len(made.answers) == shown
    assert {row["group"] for row in made.answers} == {"parent", "teacher+principal"}
    assert {group for _, group in made.withheld} == hidden
    for row in made.answers:
        assert set(row) <= {*FIXED, *made.items}
        assert all(row.get(item) in {None, 1, 2, 3, 4, 5} for item in made.items)
    sizes = {row["stratum"]: row["psus"] for row in made.design}
    assert sizes == {
        stratum: len({row["psu"] for row in made.answers if row["stratum"] == stratum}) for stratum in sizes
    }


def test_the_archive_gives_the_released_estimates_again(app, field, command, tmp_path):
    outcome = released(app, field)
    path = tmp_path / "answers.parquet"
    done = command("archive", path)
    assert done.exit_code == 0, done.output
    assert "未写出：" in done.stdout
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    design = ["--weight", "weight", "--stratum", "stratum", "--psu", "psu", "--fpc", "population_psus"]
    for engine in ([], ["--engine", "duckdb"]):
        said = command("estimate", path, "--value", "satisfied", *design, "--by", "group", "--json", *engine)
        assert said.exit_code == 0, said.output
        rows = {row["by"]["group"]: row for row in json.loads(said.stdout)}
        for group, figure in told(outcome).items():
            assert rows[group]["n"] == figure["valid"]
            assert rows[group]["estimate"] == pytest.approx(figure["weighted"]["estimate"])
    said = command(
        *("estimate", path, "--value", "satisfied", *design, "--fpc2", "psu_size", "--by", "group", "--json")
    )
    rows = {row["by"]["group"]: row for row in json.loads(said.stdout)}
    assert set(told(outcome)) == set(rows) == {"parent", "teacher+principal"}
    for group, figure in told(outcome).items():
        for name in ("se", "lower", "upper", "df"):
            assert rows[group][name] == pytest.approx(figure["weighted"][name]), (group, name)


def test_a_stratum_of_one_school_gives_the_released_interval_again(app, command, tmp_path):
    units = (
        *(Unit(group="parent", psu=f"T{n}", stratum="town", cards=12) for n in range(3)),
        Unit(group="parent", psu="R", stratum="rural", cards=12),
        Unit(group="public", cards=20, size=5000),
    )
    weighted = released(app, fill(app, units))["weighted"]
    path = tmp_path / "answers.parquet"
    assert command("archive", path).exit_code == 0
    design = ["--weight", "weight", "--stratum", "stratum", "--psu", "psu", "--fpc", "population_psus"]
    asked = ["estimate", path, "--value", "satisfied", *design, "--fpc2", "psu_size", "--json"]
    assert "lonely_1" in command(*asked).stdout
    (row,) = json.loads(command(*asked, "--lonely", "adjust").stdout)
    for name in ("estimate", "se", "lower", "upper", "df", "n"):
        assert row[name] == pytest.approx(weighted[name]), name


def test_writing_is_noted_and_never_replaces_a_file(app, field, command, tmp_path):
    released(app, field)
    path = tmp_path / "answers.parquet"
    assert command("archive", path).exit_code == 0
    with app.app_context():
        (entry,) = db.session.query(audit.AuditEntry).filter_by(action="wave.archived")
        assert json.loads(entry.details)["wave"] == field.wave_id
    before = path.read_bytes()
    said = command("archive", path)
    assert (said.exit_code, path.read_bytes() == before) == (1, True)
    assert "已存在" in said.stderr
    said = command("archive", tmp_path / "answers.csv")
    assert (said.exit_code, "应以 .parquet 结尾" in said.stderr) == (1, True)
    said = command("archive", tmp_path / "none" / "answers.parquet")
    assert (said.exit_code, "不能写入" in said.stderr) == (1, True)


def test_labels_are_text_and_items_are_small_numbers_with_gaps(app, field, tmp_path):
    released(app, field)
    with app.app_context():
        made = archive_waves(db.session)
    write_archive(made, tmp_path / "a.parquet")
    kinds = dict(
        duckdb.read_parquet(str(tmp_path / "a.parquet"))
        .query("a", "DESCRIBE a")
        .project("column_name, column_type")
        .fetchall()
    )
    assert kinds["county"] == kinds["psu"] == "VARCHAR"
    assert kinds["weight"] == "DOUBLE"
    assert {kinds[item] for item in made.items} == {"TINYINT"}
    assert duckdb.read_parquet(str(tmp_path / "a.design.parquet")).columns == [
        "stratum",
        "psus",
        "population_psus",
    ]

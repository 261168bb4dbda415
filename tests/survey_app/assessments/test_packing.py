"""The evidence pack of a run: what lies in it, that it is the same each time, and what the check names."""

import io
import json
import zipfile
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from werkzeug.datastructures import FileStorage

from survey_app import evidence, settings_of
from survey_app.assessments import checking, packing
from survey_app.assessments.applications import service
from survey_app.assessments.judgement import entering
from survey_app.assessments.judgement.asked import asked_by
from survey_app.assessments.verify_command import verify
from survey_app.audit import AuditEntry
from survey_app.canonical import digest
from survey_app.db import db
from survey_app.jobs import jobs_of
from survey_app.results import closing, releasing
from survey_app.results.jobs import MIX_WAVE
from survey_app.surveys.models import Wave
from tests import factories
from tests.conftest import NOW
from tests.page import get

SUMS = "SHA256SUMS"


@pytest.fixture(scope="module")
def _kept():
    return SimpleNamespace(content=b"")


@pytest.fixture
def packed(app, _kept):
    """A signed run with a survey, its draw and a piece of evidence, packed once for the module."""
    if not _kept.content:
        with app.app_context():
            run = _signed_run(app)
            _kept.content = packing.pack(db.session, run, settings_of(app), lambda _done, _total: None)
            again = packing.pack(db.session, run, settings_of(app), lambda _done, _total: None)
            assert again == _kept.content
    return _kept.content


def _signed_run(app):
    wave = factories.make_open_wave(app)
    own: dict[str, Any] = {"by": "test", "now": NOW}
    closing.close_wave(db.session, wave, **own)
    wave_id = wave.id
    db.session.commit()
    jobs_of(app).perform(MIX_WAVE, {"wave_id": wave_id})
    wave = db.session.get_one(Wave, wave_id)
    releasing.release_wave(db.session, wave, **own)
    application = service.open_application(
        db.session, county_code="140522", year=2026, scheme_id="shanxi-2022", **own
    )
    level: dict[str, Any] = {"level": "self_evaluation", **own}
    entering.enter(
        db.session,
        application,
        asked=asked_by("shanxi-2022")["attestation", "layout"],
        value=True,
        handed=[_handed()],
        settings=settings_of(app),
        **level,
    )
    run = service.make_level_run(db.session, application, county_file=wave.county_file, wave=wave, **level)
    service.sign(db.session, application, run_id=run.id, name="甲", **level)
    return run


def _handed():
    return evidence.handed_in(FileStorage(io.BytesIO("走访记录".encode()), filename="a.txt"))


def _files(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _checked(folder, files):
    path = folder / "pack.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    checks = checking.check_file(path)
    return {(each.what, each.where) for each in checks if each.holds is False}, checking.verdict_on(checks)


def _summed(files):
    """The pack as somebody leaves it who alters a file and makes the list of digests anew."""
    rest = {name: content for name, content in files.items() if name != SUMS}
    sums = "".join(f"{digest(content)}  {name}\n" for name, content in sorted(rest.items()))
    return {**rest, SUMS: sums.encode()}


def test_a_pack_holds_everything_and_is_checked_without_a_database(packed, tmp_path):
    files = _files(packed)
    assert {
        "README.txt", "SHA256SUMS", "run.json", "county.json", "survey/outcome.json", "survey/form-vi.csv",
        "draw/certificate.json", "draw/frame.txt", "draw/replacements.json", "evidence/list.json",
        "evidence/1.txt", "papers/report.docx", "papers/form.xlsx",
    } <= set(files)  # fmt: skip
    assert any(name.startswith("scheme/shanxi-2022/") for name in files)
    assert "junheng verify" in files["README.txt"].decode()
    assert _checked(tmp_path, files) == (set(), True)


@pytest.mark.parametrize(
    ("name", "old", "new", "what"),
    [
        ("county.json", "第1学校", "第一学校", "county_file"),
        ("scheme/shanxi-2022/scheme.toml", "\n", "\n\n", "scheme_beside"),
        ("draw/frame.txt", "1", "2", "draw"),
        ("draw/certificate.json", '"seed":"2026"', '"seed":"2027"', "draw"),
        ("survey/outcome.json", '"digest": "', '"digest": "0', "outcome"),
        ("evidence/1.txt", "走访", "没有", "evidence"),
    ],
)
def test_an_altered_file_is_named_even_where_the_list_of_digests_was_made_anew(
    packed, tmp_path, name, old, new, what
):
    files = _files(packed)
    altered = files[name].decode().replace(old, new, 1).encode()
    assert altered != files[name]
    assert ("file", name) in _checked(tmp_path, {**files, name: altered})[0]
    found, holds = _checked(tmp_path, _summed({**files, name: altered}))
    assert holds is False
    assert what in {code for code, _where in found}


@pytest.mark.parametrize(
    ("alter", "what"),
    [
        (
            lambda run: run["run"].update(input=run["run"]["input"].replace("第1学校", "第一学校")),
            "run_input",
        ),
        (lambda run: run["application"]["steps"][0].update(name="乙"), "step_seal"),
        (lambda run: run["audit"][0].update(actor="somebody"), "audit"),
        (lambda run: run["run"].update(verdict="met", computed_verdict="met"), "run_verdict"),
    ],
)
def test_an_altered_run_step_or_audit_row_is_named(packed, tmp_path, alter, what):
    files = _files(packed)
    document = json.loads(files["run.json"])
    alter(document)
    altered = _summed({**files, "run.json": json.dumps(document, ensure_ascii=False).encode()})
    found, holds = _checked(tmp_path, altered)
    assert holds is False
    assert what in {code for code, _where in found}


def test_a_file_too_many_or_too_few_is_named(packed, tmp_path):
    files = _files(packed)
    assert _checked(tmp_path, {**files, "more.txt": b"1"})[0] == {("file_added", "more.txt")}
    del files["papers/report.docx"]
    assert _checked(tmp_path, files)[0] == {("file", "papers/report.docx")}


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("../out.txt", b"1", "unsafe_name"),
        ("/etc/out.txt", b"1", "unsafe_name"),
        ("RUN.json", b"1", "duplicate_name"),
        ("zeros.bin", bytes(4 * 1024 * 1024), "bomb"),
    ],
)
def test_what_no_pack_of_ours_does_is_refused(packed, tmp_path, name, content, rule):
    with pytest.raises(checking.NotOursError) as refused:
        _checked(tmp_path, {**_files(packed), name: content})
    assert refused.value.rule == rule


def test_the_command_checks_a_pack_and_says_it_in_json(packed, tmp_path):
    path = tmp_path / "pack.zip"

    def said(status):
        done = CliRunner().invoke(verify, [str(path), "--json"])
        assert done.exit_code == status, done.output
        return json.loads(done.output)

    path.write_bytes(packed)
    whole = said(0)
    assert whole["holds"] is True
    assert {"file", "county_file", "draw", "recomputed", "step"} <= {each["what"] for each in whole["checks"]}
    files = _files(packed)
    files["evidence/1.txt"] = "没有走访".encode()
    _checked(tmp_path, files)
    altered = said(1)
    assert altered["holds"] is False
    assert {"what": "file", "where": "evidence/1.txt", "holds": False} in altered["checks"]
    path.write_bytes(packed[:-40])
    refused = said(1)
    assert (refused["holds"], refused["refused"]) == (False, "damaged")


def test_an_encrypted_file_is_refused(packed, tmp_path):
    content = bytearray(packed)
    place = content.index(b"PK\x01\x02")
    content[place + 8] |= 1
    path = tmp_path / "pack.zip"
    path.write_bytes(content)
    with pytest.raises(checking.NotOursError) as refused:
        checking.check_file(path)
    assert refused.value.rule == "encrypted"


def test_a_pack_is_made_by_a_job_and_each_download_is_noted(app, signed_in):
    with app.app_context():
        run = _signed_run(app)
        run_id = run.id
        db.session.commit()
    county = signed_in()
    page = get(county, f"/assessments/{run_id}")
    fields = next(form["fields"] for form in page.forms if str(form["action"]).startswith("/packs/"))
    response = county.post(f"/packs/{run_id}/", data=fields)
    address = response.headers["Location"]
    ready = get(county, address)
    assert "pack.zip" in ready.text
    sent = county.post(f"{address}/download", data=fields)
    assert sent.headers["Content-Disposition"].startswith("attachment")
    assert set(_files(sent.data)) >= {"run.json", SUMS}
    with app.app_context():
        assert db.session.query(AuditEntry).filter_by(action="pack.downloaded").count() == 1

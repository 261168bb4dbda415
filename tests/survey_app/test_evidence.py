"""Files handed in as proof: what is taken, how it is kept, what the doctor says of it."""

import io
import json
import os
import stat
import zipfile
from datetime import timedelta

import pytest
from werkzeug.datastructures import FileStorage

from survey_app import evidence, settings_of
from survey_app.audit import AuditEntry
from survey_app.canonical import digest
from survey_app.db import db
from survey_app.errors import ConflictError, GoneError
from survey_app.evidence_download import attachment
from survey_app.evidence_kinds import LARGEST, UnfitEvidenceError
from survey_app.upkeep import _evidence as doctors_word
from tests.conftest import NOW

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\nstartxref\n9\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(17) + b"\x00\x00\x00\x00IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(20) + b"\xff\xd9"
HTML = b"<!doctype html><script>alert(1)</script>"


def office(part="word/document.xml", *, more=(), compression=zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for name, content in (("[Content_Types].xml", b"<Types/>"), (part, b"<w/>"), *more):
            archive.writestr(name, content)
    return made.getvalue()


def encrypted() -> bytes:
    """A document whose directory says that its parts have a password."""
    content = bytearray(office())
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 4)
    return bytes(content)


def upload(content: bytes, name: str) -> FileStorage:
    return FileStorage(stream=io.BytesIO(content), filename=name)


def stored(app, content=PDF, name="布局规划.pdf", **given):
    handed = evidence.handed_in(upload(content, name), title=given.pop("title", ""))
    assert handed is not None
    kept = evidence.store(
        db.session, handed, region="140522", settings=settings_of(app), by="county", now=NOW, **given
    )
    db.session.commit()
    return kept


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("a.PDF", PDF, "application/pdf"),
        ("a.png", PNG, "image/png"),
        ("a.jpeg", JPEG, "image/jpeg"),
        ("a.docx", office(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (
            "a.xlsx",
            office("xl/workbook.xml"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        ("a.txt", "走访记录\r\n".encode("gb18030"), "text/plain"),
        ("a.csv", "﻿学校,人数\n".encode(), "text/csv"),
        ("a.csv", "学校\t人数\n".encode("utf-16"), "text/csv"),
    ],
)
def test_kinds_are_known_by_name_and_content(name, content, media_type):
    handed = evidence.handed_in(upload(content, name))
    assert handed is not None
    assert handed.kind.media_type == media_type


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", HTML, "evidence_mismatch"),
        ("a.pdf", HTML + PDF, "evidence_mismatch"),
        ("a.pdf", PNG, "evidence_mismatch"),
        ("a.pdf", PDF[:30], "evidence_damaged"),
        ("a.png", JPEG, "evidence_mismatch"),
        ("a.png", PNG + HTML, "evidence_damaged"),
        ("a.jpg", b"\xff\xd8\xff" + bytes(50), "evidence_damaged"),
        ("a.docx", PDF, "evidence_mismatch"),
        ("a.docx", office("xl/workbook.xml"), "evidence_mismatch"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "evidence_mismatch"),
        ("a.docx", office()[:-30], "evidence_damaged"),
        ("a.docx", encrypted(), "evidence_encrypted"),
        ("a.xlsx", office("xl/workbook.xml", more=[("xl/vbaProject.bin", b"x")]), "evidence_macros"),
        ("a.docx", office(more=[("word/media/bomb.bmp", bytes(2**24))]), "evidence_archive"),
        ("a.docx", office(more=[(f"word/{n}.xml", bytes(900_000)) for n in range(9)]), "evidence_archive"),
        ("a.docx", office(more=[("../../outside.xml", b"x")]), "evidence_archive"),
        ("a.docx", office(more=[(f"word/{n}", b"") for n in range(2100)]), "evidence_archive"),
        ("a.docx", office(more=[("WORD/document.xml", b"x")]), "evidence_archive"),
        ("a.txt", b"\x7fELF\x02\x01\x01\x00\x00", "evidence_mismatch"),
        ("a.html", HTML, "evidence_kind"),
        ("a.svg", b"<svg onload='alert(1)'/>", "evidence_kind"),
        ("a.exe", b"MZ", "evidence_kind"),
        ("a.docm", office(), "evidence_kind"),
        ("pdf", PDF, "evidence_kind"),
        ("a.pdf.html", PDF, "evidence_kind"),
        ("a.pdf", b"", "evidence_empty"),
        ("a.pdf", PDF + bytes(LARGEST), "evidence_large"),
    ],
)
def test_what_is_unfit_is_refused_and_named(name, content, code):
    with pytest.raises(UnfitEvidenceError) as refused:
        evidence.handed_in(upload(content, name))
    assert (refused.value.code, refused.value.facts["name"]) == (code, name)


def test_no_file_chosen_is_no_evidence():
    assert evidence.handed_in(None) is None
    assert evidence.handed_in(upload(b"", "")) is None


@pytest.mark.parametrize(
    ("name", "title", "called"),
    [
        ("布局规划.pdf", "", "布局规划"),
        ("..\\..\\etc/passwd.pdf", "", "passwd"),
        ("a.pdf", " 县政府\n文件\x00 ", "县政府 文件"),
        ("\u202efdp.exe.pdf", "", "fdp.exe"),
        ("a.pdf", "\u2066\u202e", "a"),
        (".pdf", "", "pdf"),
        ("a.pdf", "长" * 300, "长" * 200),
        ("a.pdf", "<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_a_title_is_one_line_of_what_can_be_seen(name, title, called):
    handed = evidence.handed_in(upload(PDF, name), title=title)
    assert handed is not None
    assert handed.title == called


def test_a_file_is_kept_under_our_name_for_its_owner_alone(either_app):
    with either_app.app_context():
        kept = stored(either_app, name="../../secrets.json.pdf")
        folder = evidence.folder_of(settings_of(either_app))
        path = folder / kept.stored_name
        assert folder == settings_of(either_app).home / "evidence"
        assert [each.name for each in folder.iterdir()] == [kept.stored_name]
        assert "secrets" not in kept.stored_name
        assert path.read_bytes() == PDF
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert (kept.size, kept.digest) == (len(PDF), digest(PDF))
        again = stored(either_app)
        assert again.stored_name != kept.stored_name
        deeds = db.session.query(AuditEntry).filter_by(action="evidence.stored").all()
        assert [json.loads(deed.details)["evidence"] for deed in deeds] == [kept.id, again.id]


def test_a_full_disk_stores_nothing(app, monkeypatch):
    def full(*_given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    with app.app_context():
        with pytest.raises(OSError, match="No space"):
            stored(app)
        assert db.session.query(evidence.Evidence).count() == 0
        assert list(evidence.folder_of(settings_of(app)).iterdir()) == []


def test_it_leaves_as_an_attachment_in_a_sandbox(app):
    with app.test_request_context():
        answer = attachment(stored(app, title='"规划"; 一/二\\三'))
        answer.direct_passthrough = False
        assert answer.get_data() == PDF
        assert answer.content_type == "application/pdf"
        disposition = answer.headers["Content-Disposition"]
        assert disposition.isascii()
        assert disposition.startswith("attachment; ")
        assert disposition.endswith("%E8%A7%84%E5%88%92_%3B%20%E4%B8%80_%E4%BA%8C_%E4%B8%89.pdf")
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_withdrawing_keeps_the_file_and_gives_it_no_more(either_app):
    with either_app.app_context():
        kept = stored(either_app)
        with pytest.raises(UnfitEvidenceError):
            evidence.withdraw(db.session, kept, reason=" ", by="county", now=NOW)
        evidence.withdraw(db.session, kept, reason="传错了", by="county", now=NOW)
        with pytest.raises(ConflictError):
            evidence.withdraw(db.session, kept, reason="再撤", by="county", now=NOW)
        with pytest.raises(GoneError):
            evidence.content_of(settings_of(either_app), kept)
        assert (evidence.folder_of(settings_of(either_app)) / kept.stored_name).read_bytes() == PDF
        assert not list(evidence.faults(db.session, settings_of(either_app)))


def test_an_altered_or_lost_file_is_not_given_out_and_is_named(app):
    settings = settings_of(app)
    with app.app_context():
        altered, lost, whole = stored(app), stored(app), stored(app)
        (evidence.folder_of(settings) / altered.stored_name).write_bytes(PDF + b" ")
        (evidence.folder_of(settings) / lost.stored_name).unlink()
        with pytest.raises(ConflictError):
            evidence.content_of(settings, altered)
        with pytest.raises(GoneError):
            evidence.content_of(settings, lost)
        assert evidence.content_of(settings, whole) == PDF
        found = [(each.evidence.id, each.rule) for each in evidence.faults(db.session, settings)]
        assert found == [(altered.id, "altered"), (lost.id, "lost")]
        word = doctors_word(db.session, settings)
        assert not word.well
        assert f"第 {altered.id} 号（内容被改动）、第 {lost.id} 号（文件不在）" in word.said


def test_what_a_cut_off_upload_left_is_named_after_a_day(app):
    settings = settings_of(app)
    with app.app_context():
        stored(app)
        stray = evidence.folder_of(settings) / f".{'0' * 32}.pdf.{'1' * 8}"
        stray.write_bytes(b"half")
        (evidence.folder_of(settings) / "readme").write_bytes(b"not ours")
        os.utime(stray, (NOW.timestamp(), NOW.timestamp()))
        assert evidence.strays(db.session, settings, now=NOW + timedelta(hours=23)) == []
        assert evidence.strays(db.session, settings, now=NOW + timedelta(hours=25)) == [stray]
        assert doctors_word(db.session, settings).well

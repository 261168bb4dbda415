"""Anyone can repeat a draw from the two files that the application gives out."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from sampling import seed_commitment
from survey_app.canonical import canonical
from survey_app.cli import main
from survey_app.db import db
from survey_app.fieldwork.draws import drawing
from survey_app.fieldwork.frames import framing
from survey_app.fieldwork.models import StoredFrame
from tests.factories import draw_wave, make_wave

GOLDEN = Path(__file__).parents[3] / "golden"
FRAME = GOLDEN / "draw.frame.txt"
SEED = "2026 阳城"


def replay(*arguments):
    return CliRunner().invoke(main, ["replay", *map(str, arguments)])


def refusal(*arguments):
    """The rules broken, with their places."""
    result = replay(*arguments, "--json")
    assert result.exit_code == 1
    faults = json.loads(result.stdout)["faults"]
    assert all(set(fault) == {"where", "value", "rule", "message"} for fault in faults)
    return [(fault["where"], fault["rule"]) for fault in faults]


def edited(folder, source, change):
    """A copy of a golden file with *change* made to its text."""
    path = folder / source.name
    text = source.read_text(encoding="utf-8")
    assert change(text) != text
    path.write_text(change(text), encoding="utf-8")
    return path


@pytest.mark.parametrize("number", [1, 2])
def test_golden_certificates_hold(number):
    result = replay(GOLDEN / f"draw-{number}.certificate.json")
    assert result.exit_code == 0
    assert "完全一致" in result.stdout
    assert SEED in result.stdout


def test_what_was_confirmed_is_printed_as_json():
    result = replay(GOLDEN / "draw-2.certificate.json", "--frame", FRAME, "--json")
    document = json.loads(result.stdout)
    assert result.exit_code == 0
    assert document["frame"] == hashlib.sha256(FRAME.read_bytes()).hexdigest()
    assert document["commitment"] == seed_commitment(SEED)
    assert [(one["group"], one["places"], one["reserve"]) for one in document["groups"]] == [
        ("parent", 60, 12),
        ("principal", 4, 2),
        ("deputy", 30, 0),
    ]


def test_the_words_follow_the_language():
    english = replay(GOLDEN / "draw-2.certificate.json", "--lang", "en").stdout
    assert "is the certified one" in english
    assert "Parents: 60 places drawn, 12 in reserve" in english


def test_a_wave_s_files_replay_offline(app, tmp_path):
    certificate, frame = tmp_path / "certificate-7.json", tmp_path / "frame-7.txt"
    with app.app_context():
        made = drawing.draw_of(db.session, draw_wave(make_wave()))
        stored = db.session.get_one(StoredFrame, made.frame_id)
        certificate.write_text(canonical(drawing.certificate_of(made)), encoding="utf-8")
        frame.write_text(stored.content, encoding="utf-8")
        assert framing.read_frame(stored).digest == stored.digest
    assert replay(certificate).exit_code == 0
    frame.write_text(frame.read_text(encoding="utf-8") + "x", encoding="utf-8")
    assert refusal(certificate) == [("frame", "frame_form")]


def test_a_changed_frame_is_named_with_what_differs(tmp_path):
    frame = edited(tmp_path, FRAME, lambda text: text.replace("\t300\n", "\t301\n"))
    found = refusal(GOLDEN / "draw-1.certificate.json", "--frame", frame)
    assert found == [
        ("frame", "frame_changed"),
        ("deputy/all", "frame_size_changed"),
        ("deputy/county", "list_counted"),
    ]
    message = replay(GOLDEN / "draw-1.certificate.json", "--frame", frame).stderr
    assert "301" in message
    assert "300" in message


def test_a_drawn_school_that_is_gone_is_named(tmp_path):
    gone = json.loads((GOLDEN / "draw-1.certificate.json").read_text(encoding="utf-8"))["groups"][0][
        "places"
    ][0]
    lines = FRAME.read_text(encoding="utf-8").splitlines(keepends=True)
    frame = tmp_path / "frame.txt"
    frame.write_text("".join(line for line in lines if f"\t{gone['unit']}\t" not in line), encoding="utf-8")
    found = refusal(GOLDEN / "draw-1.certificate.json", "--frame", frame)
    assert (f"parent/{gone['unit']}", "frame_unit_missing") in found


@pytest.mark.parametrize(
    ("change", "where", "rule"),
    [
        (lambda text: text.replace(f'"seed":"{SEED}"', '"seed":"2027"'), "seed", "seed_changed"),
        (lambda text: text.replace('"turn":1,', '"turn":9,', 1), "parent/", "draw_changed"),
        (lambda text: text.replace('"digest":"', '"digest":"0', 1), "certificate", "certificate_digest"),
        (lambda text: text.replace("junheng draw 2", "junheng draw 3"), "certificate", "certificate_version"),
        (lambda text: text.replace("junheng draw 2", "junheng draw 1"), "certificate", "certificate_version"),
        (lambda text: text.replace('"places":', '"seats":', 1), "certificate", "certificate_form"),
        (lambda text: text[:-20], "certificate", "certificate_unreadable"),
        (lambda _: "[" * 100_000, "certificate", "certificate_unreadable"),
        (lambda _: "[]", "certificate", "certificate_form"),
    ],
)
def test_a_changed_certificate_is_refused_by_what_was_changed(tmp_path, change, where, rule):
    certificate = edited(tmp_path, GOLDEN / "draw-2.certificate.json", change)
    ((found, broken),) = refusal(certificate, "--frame", FRAME)
    assert broken == rule
    assert found.startswith(where)


def test_the_published_commitment_is_compared():
    published = seed_commitment(SEED)
    certificate = GOLDEN / "draw-2.certificate.json"
    assert replay(certificate, "--commitment", published).exit_code == 0
    assert refusal(certificate, "--commitment", seed_commitment("2027")) == [("seed", "seed_changed")]
    slipped = seed_commitment(SEED.replace("6", "8"))
    assert refusal(certificate, "--commitment", slipped) == [
        ("seed", "seed_changed"),
        ("seed", "seed_character"),
    ]
    assert "第 4 个字符" in replay(certificate, "--commitment", slipped).stderr
    assert refusal(certificate, "--commitment", "2027") == [("commitment", "commitment_form")]
    without = GOLDEN / "draw-1.certificate.json"
    assert refusal(without, "--commitment", published) == [("certificate", "certificate_without_commitment")]


def test_a_frame_that_is_none_or_not_there_is_refused(tmp_path):
    certificate = tmp_path / "draw-1.certificate.json"
    shutil.copy(GOLDEN / certificate.name, certificate)
    assert refusal(certificate) == [("frame", "frame_missing")]
    (tmp_path / "notes.txt").write_bytes(b"\xff\xfe")
    assert refusal(certificate, "--frame", tmp_path / "notes.txt") == [("frame", "frame_unreadable")]
    assert replay(certificate, "--frame", tmp_path / "absent.txt").exit_code == 2
    shutil.copy(FRAME, tmp_path / "lists.txt")
    assert replay(certificate).exit_code == 0

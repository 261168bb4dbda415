"""A certificate leads back to the identical draw, or says what was changed."""

import copy
import hashlib
import json
from dataclasses import replace

import pytest

from sampling import (
    Certificate,
    CertificateError,
    DrawChangedError,
    Frame,
    FrameChangedError,
    ReplayError,
    SeedChangedError,
    draw_sample,
    replay,
)
from tests.sampling import county

FRAME = county.frame()
SAMPLE = draw_sample(FRAME, county.PLAN, seed="2026 阳城")
DOCUMENT = Certificate(SAMPLE).to_dict()


def changed(edit):
    document = copy.deepcopy(DOCUMENT)
    edit(document)
    return Certificate.from_dict(json.loads(json.dumps(document)))


def test_a_certificate_written_and_read_back_replays_to_the_identical_draw():
    certificate = Certificate.from_dict(json.loads(json.dumps(DOCUMENT)))
    assert replay(certificate, county.frame()) == SAMPLE
    assert certificate.text == Certificate(SAMPLE).text


def test_its_digest_is_that_of_its_text():
    certificate = Certificate(SAMPLE)
    assert certificate.digest == hashlib.sha256(certificate.text.encode("utf-8")).hexdigest()
    assert DOCUMENT["digest"] == certificate.digest
    assert "阳城" in certificate.text


def test_the_draw_is_the_same_on_every_platform_and_version():
    assert Certificate(SAMPLE).digest == "e983d0913b247fc1aa3f902b911f1cef083f9f448b016b11261eef596ff2c462"


def test_a_changed_frame_is_refused_with_both_digests():
    other = Frame([replace(FRAME.units[0], size=999), *FRAME.units[1:]])
    with pytest.raises(FrameChangedError) as refusal:
        replay(Certificate(SAMPLE), other)
    assert refusal.value.facts == {"certified": FRAME.digest, "found": other.digest, "missing": ()}


def test_a_drawn_school_that_left_the_frame_is_named():
    gone = SAMPLE.of("parent").places[0].unit
    other = Frame(unit for unit in FRAME.units if unit.id != gone)
    with pytest.raises(FrameChangedError) as refusal:
        replay(Certificate(SAMPLE), other)
    assert refusal.value.missing == (f"parent/{gone}",)


def test_a_changed_seed_is_refused():
    with pytest.raises(SeedChangedError):
        replay(changed(lambda document: document.update(seed="2027")), FRAME)


def test_a_seed_changed_together_with_its_digest_leads_to_another_draw():
    def edit(document):
        document["seed"] = "2027"
        document["seed_digest"] = hashlib.sha256(b"2027").hexdigest()

    with pytest.raises(DrawChangedError):
        replay(changed(edit), FRAME)


def test_an_exchanged_person_is_named():
    def edit(document):
        document["groups"][2]["places"][4]["number"] = 301

    with pytest.raises(DrawChangedError) as refusal:
        replay(changed(edit), FRAME)
    stated = SAMPLE.of("deputy").places[4]
    assert refusal.value.group == "deputy"
    assert {refusal.value.unit} <= {stated.id, "county#301"}


def test_a_changed_probability_is_refused():
    def edit(document):
        document["groups"][0]["strata"][0]["drawn"][0]["probability"] = "1/7"

    with pytest.raises(DrawChangedError) as refusal:
        replay(changed(edit), FRAME)
    assert refusal.value.unit == SAMPLE.of("parent").strata[0].name


def test_an_added_stratum_and_a_dropped_reason_are_refused():
    with pytest.raises(DrawChangedError):
        replay(changed(lambda document: document["groups"][0]["strata"].pop()), FRAME)
    with pytest.raises(DrawChangedError):
        replay(changed(lambda document: document["groups"][0].update(by=["locality"])), FRAME)


def test_a_changed_digest_is_refused():
    with pytest.raises(CertificateError) as refusal:
        replay(changed(lambda document: document.update(digest="0" * 64)), FRAME)
    assert refusal.value.field == "digest"


def test_other_rules_are_refused():
    with pytest.raises(CertificateError) as refusal:
        replay(changed(lambda document: document.update(version="junheng draw 0")), FRAME)
    assert refusal.value.field == "version"


@pytest.mark.parametrize(
    "edit",
    [
        lambda document: document.pop("seed"),
        lambda document: document.update(groups=None),
        lambda document: document["groups"][0]["plan"].update(method="guess"),
        lambda document: document["groups"][0]["plan"].update(surname=1),
        lambda document: document["groups"][0]["places"][0].update(first="one half"),
        lambda document: document["groups"][0]["places"][0].update(first="1/0"),
        lambda document: document.update(seed=""),
        lambda document: document["groups"].append(document["groups"][0]),
    ],
)
def test_a_malformed_certificate_is_refused_in_one_way(edit):
    with pytest.raises(ReplayError):
        replay(changed(edit), FRAME)

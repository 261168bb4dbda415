"""A certificate leads back to the identical draw, or says what was changed."""

import copy
import hashlib
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from sampling import (
    Certificate,
    CertificateError,
    DrawChangedError,
    Frame,
    FrameChangedError,
    GroupPlan,
    ReplayError,
    SeedChangedError,
    draw_sample,
    replay,
    seed_commitment,
)
from tests.sampling import county

GOLDEN = Path(__file__).parents[1] / "golden"
FRAME = county.frame()
SAMPLE = draw_sample(FRAME, county.PLAN, seed="2026 阳城")
DOCUMENT = Certificate(SAMPLE).to_dict()


#: Every method, with reserves, allocations and a seed that was committed to.
WIDE = draw_sample(
    FRAME,
    [
        GroupPlan(group="parent", n=60, method="two_stage", reserve=12),
        GroupPlan(group="principal", n=4, method="systematic", reserve=2),
        GroupPlan(
            group="deputy",
            n=30,
            method="stratified",
            by=("locality",),
            allocation="neyman",
            spreads=(("–", Fraction(5, 14)),),
        ),
    ],
    seed="2026 阳城",
    commitment=seed_commitment("2026 阳城"),
)
WIDE_DOCUMENT = Certificate(WIDE).to_dict()


def changed(edit, document=DOCUMENT):
    document = copy.deepcopy(document)
    edit(document)
    return Certificate.from_dict(json.loads(json.dumps(document)))


def written(document):
    """The bytes of a certificate file."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(("name", "sample"), [("draw-1", SAMPLE), ("draw-2", WIDE)])
def test_certificates_are_the_committed_ones_byte_for_byte_and_replay(name, sample):
    golden = (GOLDEN / f"{name}.certificate.json").read_bytes()
    assert written(Certificate(sample).to_dict()) == golden
    certificate = Certificate.from_dict(json.loads(golden))
    assert certificate.version == f"junheng {name.replace('-', ' ')}"
    frame = Frame.from_text((GOLDEN / "draw.frame.txt").read_text(encoding="utf-8"))
    assert replay(certificate, frame) == sample
    assert written(certificate.to_dict()) == golden


def test_a_draw_that_the_first_form_can_state_stays_in_it():
    assert set(DOCUMENT) == {"version", "frame", "seed", "seed_digest", "groups", "digest"}
    assert set(DOCUMENT["groups"][0]) == {"plan", "by", "rejected", "strata", "places"}
    assert set(DOCUMENT["groups"][0]["plan"]) == {"group", "n", "method", "candidates", "order", "minimum"}
    assert Certificate(replace(SAMPLE, commitment=seed_commitment(SAMPLE.seed))).version == "junheng draw 2"


def test_a_commitment_published_first_is_carried_and_checked():
    digest = hashlib.sha256("2026 阳城".encode()).hexdigest()
    assert WIDE_DOCUMENT["commitment"] == digest
    assert replay(Certificate.from_dict(WIDE_DOCUMENT), FRAME, commitment=digest) == WIDE


def test_a_seed_that_was_not_committed_to_draws_nothing():
    with pytest.raises(SeedChangedError) as refusal:
        draw_sample(FRAME, county.PLAN, seed="2027", commitment=seed_commitment("2026"))
    assert refusal.value.facts == {"certified": seed_commitment("2026"), "found": seed_commitment("2027")}


def test_another_commitment_than_the_published_one_is_refused():
    with pytest.raises(SeedChangedError):
        replay(Certificate(WIDE), FRAME, commitment=seed_commitment("2027"))
    with pytest.raises(SeedChangedError):
        replay(changed(lambda document: document.update(commitment="0" * 64), WIDE_DOCUMENT), FRAME)


def test_a_certificate_without_the_published_commitment_is_refused():
    with pytest.raises(CertificateError) as refusal:
        replay(Certificate(SAMPLE), FRAME, commitment=seed_commitment(SAMPLE.seed))
    assert refusal.value.field == "commitment"


def test_an_exchanged_reserve_is_named():
    def edit(document):
        document["groups"][0]["reserve"][0], document["groups"][0]["reserve"][1] = (
            document["groups"][0]["reserve"][1],
            document["groups"][0]["reserve"][0],
        )

    with pytest.raises(DrawChangedError) as refusal:
        replay(changed(edit, WIDE_DOCUMENT), FRAME)
    assert refusal.value.unit == WIDE.of("parent").reserve[0].id


@pytest.mark.parametrize("cut", [0, 1, -1])
def test_a_shortened_reserve_is_refused(cut):
    with pytest.raises(DrawChangedError):
        replay(changed(lambda document: document["groups"][1]["reserve"].pop(cut), WIDE_DOCUMENT), FRAME)


def test_the_second_form_cannot_be_passed_off_as_the_first():
    with pytest.raises(CertificateError) as refusal:
        changed(lambda document: document.update(version="junheng draw 1"), WIDE_DOCUMENT)
    assert refusal.value.field == "version"


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
    assert refusal.value.facts == {
        "certified": FRAME.digest,
        "found": other.digest,
        "missing": (),
        "changed": (("deputy/all", 300, 999),),
    }


def test_a_drawn_school_that_left_the_frame_is_named():
    gone = SAMPLE.of("parent").places[0].unit
    other = Frame(unit for unit in FRAME.units if unit.id != gone)
    with pytest.raises(FrameChangedError) as refusal:
        replay(Certificate(SAMPLE), other)
    assert refusal.value.missing == (f"parent/{gone}",)
    assert f"parent/{gone}" in {name for name, _, found in refusal.value.changed if found == 0}


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


@pytest.mark.parametrize(
    "edit",
    [
        lambda document: document.pop("commitment"),
        lambda document: document.update(commitment=5),
        lambda document: document["groups"][2]["plan"].update(spreads=[["–", "1/0"]]),
        lambda document: document["groups"][2]["plan"].update(spreads=5),
        lambda document: document["groups"][2]["plan"].update(allocation="equal"),
        lambda document: document["groups"][2]["plan"].pop("by"),
        lambda document: document["groups"][0].pop("reserve"),
        lambda document: document["groups"][0]["plan"].update(reserve=10**6),
        lambda document: document["groups"][0]["reserve"][0].update(turn="first"),
    ],
)
def test_a_malformed_certificate_of_the_second_form_is_refused_in_one_way(edit):
    with pytest.raises(ReplayError):
        replay(changed(edit, WIDE_DOCUMENT), FRAME)

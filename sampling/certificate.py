"""The certificate of a draw: what is needed to do it again, and what must come out.

Its text is JSON with sorted keys, no spaces and UTF-8 letters as they are; its digest is the SHA-256 of that
text, as `sha256sum` prints it. Probabilities are fractions as text, "9/40".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from sampling.draw import DrawnCluster, DrawnPlace, DrawnStratum, GroupDraw, GroupPlan, Sample, draw_sample
from sampling.errors import (
    ArgumentError,
    CertificateError,
    DrawChangedError,
    FrameChangedError,
    SeedChangedError,
)
from sampling.frame import Frame
from sampling.strata import Rejection
from sampling.uniforms import seed_commitment

#: Names the rules of drawing; raised whenever the same seed and frame would give another draw.
VERSION = "junheng draw 1"


@dataclass(frozen=True)
class Certificate:
    """A draw with everything that identifies it."""

    #: What was drawn.
    sample: Sample
    #: The rules followed.
    version: str = VERSION
    #: SHA-256 of the seed: what can be published before the frame is known.
    seed_digest: str = ""
    #: The digest written on a certificate that was read back; None on a new one.
    stated_digest: str | None = None

    def __post_init__(self):
        if not self.seed_digest:
            object.__setattr__(self, "seed_digest", seed_commitment(self.sample.seed))

    @cached_property
    def text(self) -> str:
        """The canonical form, without the digest."""
        content = {
            "version": self.version,
            "frame": self.sample.frame_digest,
            "seed": self.sample.seed,
            "seed_digest": self.seed_digest,
            "groups": [asdict(draw) for draw in self.sample.draws],
        }
        return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the text in UTF-8."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Return the certificate for writing as JSON, with its digest."""
        return json.loads(self.text) | {"digest": self.digest}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Certificate:
        """Read a certificate back; whether it holds is for `replay` to say.

        Raises:
            CertificateError: Something is missing or malformed.
        """
        try:
            sample = Sample(
                frame_digest=document["frame"],
                seed=document["seed"],
                draws=tuple(_group_in(group) for group in document["groups"]),
            )
            return cls(sample, document["version"], document["seed_digest"], document["digest"])
        except ArgumentError as error:
            raise CertificateError(error.name, certified=error.value, found=error.rule) from error
        except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError) as error:
            raise CertificateError("form", certified=None, found=str(error)) from error


def replay(certificate: Certificate, frame: Frame) -> Sample:
    """Draw again as *certificate* states and return the identical sample.

    Raises:
        CertificateError: Other rules than these, or a text that does not fit its digest.
        FrameChangedError: The frame is another one.
        SeedChangedError: The seed does not fit its published digest.
        DrawChangedError: The certificate states another draw; it names the first unit that differs.
    """
    certified = certificate.sample
    if certificate.version != VERSION:
        raise CertificateError("version", certified=certificate.version, found=VERSION)
    if certified.frame_digest != frame.digest:
        known = {(unit.group, unit.id) for unit in frame.units}
        drawn = {(one.plan.group, place.unit) for one in certified.draws for place in one.places}
        missing = sorted(f"{group}/{unit}" for group, unit in drawn - known)
        raise FrameChangedError(certified=certified.frame_digest, found=frame.digest, missing=missing)
    if (found := seed_commitment(certified.seed)) != certificate.seed_digest:
        raise SeedChangedError(certified=certificate.seed_digest, found=found)
    sample = _again(certified, frame)
    for stated, drawn in zip(certified.draws, sample.draws, strict=True):
        _compare(stated, drawn)
    if certificate.stated_digest not in (None, certificate.digest):
        raise CertificateError("digest", certified=certificate.stated_digest, found=certificate.digest)
    return sample


def _again(certified: Sample, frame: Frame) -> Sample:
    try:
        return draw_sample(frame, [draw.plan for draw in certified.draws], seed=certified.seed)
    except ArgumentError as error:
        raise CertificateError(error.name, certified=error.value, found=error.rule) from error


def _compare(stated: GroupDraw, drawn: GroupDraw) -> None:
    """Refuse the first difference between what is stated and what is drawn."""
    group = stated.plan.group
    before = {place.id: place for place in stated.places}
    after = {place.id: place for place in drawn.places}
    for unit in (*before, *after):
        if before.get(unit) != after.get(unit):
            raise DrawChangedError(group, unit=unit, certified=before.get(unit), found=after.get(unit))
    for one, other in zip(stated.strata, drawn.strata, strict=False):
        if one != other:
            raise DrawChangedError(group, unit=other.name, certified=one, found=other)
    if stated != drawn:
        raise DrawChangedError(group, unit=group, certified=stated, found=drawn)


def _group_in(group: Mapping[str, Any]) -> GroupDraw:
    plan = dict(group["plan"])
    plan |= {"candidates": tuple(map(tuple, plan["candidates"])), "order": tuple(plan["order"])}
    return GroupDraw(
        plan=GroupPlan(**plan),
        by=tuple(group["by"]),
        rejected=tuple(Rejection(**one | {"by": tuple(one["by"])}) for one in group["rejected"]),
        strata=tuple(
            DrawnStratum(**stratum | {"drawn": tuple(map(_cluster_in, stratum["drawn"]))})
            for stratum in group["strata"]
        ),
        places=tuple(
            DrawnPlace(**place | {"first": Fraction(place["first"]), "second": Fraction(place["second"])})
            for place in group["places"]
        ),
    )


def _cluster_in(one: dict[str, Any]) -> DrawnCluster:
    exact: dict[str, Any] = {"units": tuple(one["units"]), "probability": Fraction(one["probability"])}
    return DrawnCluster(**one | exact)

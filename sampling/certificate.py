"""The certificate of a draw: what is needed to do it again, and what must come out.

Its text is JSON with sorted keys, no spaces and UTF-8 letters as they are; its digest is the SHA-256 of that
text, as `sha256sum` prints it. Probabilities are fractions as text, "9/40".

There are two forms. The first states draws of the first two methods; the second states every draw, with the
reserve and the commitment to the seed. A draw that the first form can state is certified in it, so
that such certificates stay the same, byte for byte.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from sampling.draw import draw_sample
from sampling.drawn import DrawnCluster, DrawnPlace, DrawnStratum, GroupDraw, ReservePlace, Sample
from sampling.errors import (
    ArgumentError,
    CertificateError,
    DrawChangedError,
    FrameChangedError,
    SeedChangedError,
    TooFewError,
)
from sampling.frame import Frame
from sampling.group_plan import LATER, SIMPLE, TWO_STAGE, GroupPlan
from sampling.strata import Rejection, group_by_stratum, people_in
from sampling.uniforms import seed_commitment

#: The forms, by the rules of drawing that they name; another one is added whenever the same seed and frame
#: would give another draw.
FIRST, SECOND = "junheng draw 1", "junheng draw 2"
VERSIONS = (FIRST, SECOND)


@dataclass(frozen=True)
class Certificate:
    """A draw with everything that identifies it."""

    #: What was drawn.
    sample: Sample
    #: The rules followed; by itself the first form that can state the sample.
    version: str = ""
    #: SHA-256 of the seed: what can be published before the frame is known.
    seed_digest: str = ""
    #: The digest written on a certificate that was read back; None on a new one.
    stated_digest: str | None = None

    def __post_init__(self):
        if not self.version:
            object.__setattr__(self, "version", FIRST if _fits_first_form(self.sample) else SECOND)
        if not self.seed_digest:
            object.__setattr__(self, "seed_digest", seed_commitment(self.sample.seed))

    @cached_property
    def text(self) -> str:
        """The canonical form, without the digest."""
        content: dict[str, Any] = {
            "version": self.version,
            "frame": self.sample.frame_digest,
            "seed": self.sample.seed,
            "seed_digest": self.seed_digest,
            "groups": [asdict(draw) for draw in self.sample.draws],
        }
        if self.version == FIRST:
            for group in content["groups"]:
                del group["reserve"]
                for key in LATER:
                    del group["plan"][key.name]
        else:
            content["commitment"] = self.sample.commitment
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
                commitment=document.get("commitment"),
            )
            certificate = cls(sample, document["version"], document["seed_digest"], document["digest"])
            if certificate.version == FIRST and not _fits_first_form(sample):
                raise CertificateError("version", certified=FIRST, found=SECOND)
            return certificate
        except ArgumentError as error:
            raise CertificateError(error.name, certified=error.value, found=error.rule) from error
        except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError) as error:
            raise CertificateError("form", certified=None, found=str(error)) from error


def replay(certificate: Certificate, frame: Frame, *, commitment: str | None = None) -> Sample:
    """Draw again as *certificate* states and return the identical sample.

    Args:
        certificate: As `Certificate.from_dict` read it.
        frame: The lists that were drawn from.
        commitment: The digest of the seed as it was published before the frame was known, for a reader who
            noted it then.

    Raises:
        CertificateError: Other rules than these, or a text that does not fit its digest.
        FrameChangedError: The frame is another one; it names what is seen to differ.
        SeedChangedError: The seed does not fit its published digest.
        DrawChangedError: The certificate states another draw; it names the first unit that differs.
    """
    certified = certificate.sample
    if certificate.version not in VERSIONS:
        raise CertificateError("version", certified=certificate.version, found=VERSIONS)
    if certified.frame_digest != frame.digest:
        raise FrameChangedError(
            certified=certified.frame_digest,
            found=frame.digest,
            missing=_missing(certified, frame),
            changed=_resized(certified, frame),
        )
    found = seed_commitment(certified.seed)
    for published in (certificate.seed_digest, certified.commitment, commitment):
        if published is not None and published != found:
            raise SeedChangedError(certified=published, found=found)
    if commitment is not None and certified.commitment is None:
        raise CertificateError("commitment", certified=None, found=commitment)
    sample = _again(certified, frame)
    for stated, drawn in zip(certified.draws, sample.draws, strict=True):
        _compare(stated, drawn)
    if certificate.stated_digest not in (None, certificate.digest):
        raise CertificateError("digest", certified=certificate.stated_digest, found=certificate.digest)
    return sample


def _fits_first_form(sample: Sample) -> bool:
    return sample.commitment is None and not any(
        draw.plan.changed or draw.reserve or draw.plan.method not in (TWO_STAGE, SIMPLE)
        for draw in sample.draws
    )


def _missing(certified: Sample, frame: Frame) -> list[str]:
    """Drawn units that the frame no longer holds."""
    known = {(unit.group, unit.id) for unit in frame.units}
    drawn = {(one.plan.group, place.unit) for one in certified.draws for place in one.places}
    return sorted(f"{group}/{unit}" for group, unit in drawn - known)


def _resized(certified: Sample, frame: Frame) -> list[tuple[str, int, int]]:
    """Drawn clusters and strata of another size: (group/cluster or group/stratum, certified, found)."""
    sizes = {(unit.group, unit.id): unit.size for unit in frame.units}
    found: list[tuple[str, int, int]] = []
    for draw in certified.draws:
        group = draw.plan.group
        people = people_in(group_by_stratum(frame.of(group), draw.by))
        for stratum in draw.strata:
            found.append((f"{group}/{stratum.name}", stratum.size, people.get(stratum.name, 0)))
            for cluster in stratum.drawn:
                now = sum(sizes.get((group, unit), 0) for unit in cluster.units)
                found.append((f"{group}/{cluster.id}", cluster.size, now))
    return [one for one in found if one[1] != one[2]]


def _again(certified: Sample, frame: Frame) -> Sample:
    try:
        plan = [draw.plan for draw in certified.draws]
        return draw_sample(frame, plan, seed=certified.seed, commitment=certified.commitment)
    except ArgumentError as error:
        raise CertificateError(error.name, certified=error.value, found=error.rule) from error
    except TooFewError as error:
        raise CertificateError(error.where, certified=error.wanted, found=error.available) from error


def _compare(stated: GroupDraw, drawn: GroupDraw) -> None:
    """Refuse the first difference between what is stated and what is drawn."""
    group = stated.plan.group
    before = {place.id: place for place in stated.places}
    after = {place.id: place for place in drawn.places}
    for unit in (*before, *after):
        if before.get(unit) != after.get(unit):
            raise DrawChangedError(group, unit=unit, certified=before.get(unit), found=after.get(unit))
    for one, other in zip(stated.reserve, drawn.reserve, strict=False):
        if one != other:
            raise DrawChangedError(group, unit=other.id, certified=one, found=other)
    for one, other in zip(stated.strata, drawn.strata, strict=False):
        if one != other:
            raise DrawChangedError(group, unit=other.name, certified=one, found=other)
    if stated != drawn:
        raise DrawChangedError(group, unit=group, certified=stated, found=drawn)


def _group_in(group: Mapping[str, Any]) -> GroupDraw:
    return GroupDraw(
        plan=_plan_in(group["plan"]),
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
        reserve=tuple(ReservePlace(**place) for place in group.get("reserve", ())),
    )


def _plan_in(plan: Mapping[str, Any]) -> GroupPlan:
    exact: dict[str, Any] = dict(plan)
    exact |= {"candidates": tuple(map(tuple, plan["candidates"])), "order": tuple(plan["order"])}
    if "by" in plan:
        exact |= {
            "by": tuple(plan["by"]),
            "exponent": Fraction(plan["exponent"]),
            "spreads": tuple((name, Fraction(spread)) for name, spread in plan["spreads"]),
            "stated": tuple((name, n) for name, n in plan["stated"]),
        }
    return GroupPlan(**exact)


def _cluster_in(one: dict[str, Any]) -> DrawnCluster:
    exact: dict[str, Any] = {"units": tuple(one["units"]), "probability": Fraction(one["probability"])}
    return DrawnCluster(**one | exact)

"""A certificate drawn again from its files, offline: what anyone can do who holds certificate and frame."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sampling
from sampling.frame import TEXT_VERSION
from survey_app.errors import RefusedInputError
from survey_app.surveys.bilingual import Text
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.planning import PlanFault, fault, said

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)

#: Field of a certificate that does not hold → the rule it breaks; any other field is a broken form.
_FIELDS = {
    "version": "certificate_version",
    "digest": "certificate_digest",
    "commitment": "certificate_without_commitment",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A certificate that holds, with the sample that came out again."""

    certificate: sampling.Certificate
    sample: sampling.Sample

    def document(self) -> dict[str, Any]:
        """What was confirmed, as the command line prints it."""
        return {
            "digest": self.certificate.digest,
            "version": self.certificate.version,
            "frame": self.sample.frame_digest,
            "seed": self.sample.seed,
            "seed_digest": self.certificate.seed_digest,
            "commitment": self.sample.commitment,
            "groups": [
                {
                    "group": draw.plan.group,
                    "method": draw.plan.method,
                    "strata": len(draw.strata),
                    "clusters": sum(len(stratum.drawn) for stratum in draw.strata),
                    "places": len(draw.places),
                    "reserve": len(draw.reserve),
                }
                for draw in self.sample.draws
            ],
        }

    def lines(self) -> Iterator[Text]:
        """What was confirmed, in sentences."""
        yield said("replay", "same", 0, digest=self.certificate.digest).text
        yield said("replay", "frame", 0, digest=self.sample.frame_digest).text
        yield said("replay", "seed", 0, seed=self.sample.seed).text
        if self.sample.commitment is not None:
            yield said("replay", "commitment", 0, digest=self.sample.commitment).text
        for draw in self.sample.draws:
            label = _group_label(draw.plan.group)
            yield said("replay", "group", len(draw.places), group=label, reserve=len(draw.reserve)).text


def replay_files(certificate: Path, frame: Path | None = None, *, commitment: str | None = None) -> Replayed:
    """Draw again what the file *certificate* states, from the frame in the file *frame*.

    Without *frame* the one beside the certificate is taken: a text file with the certified digest, or the
    one that was downloaded with it (``certificate-1.json``, ``frame-1.txt``).

    Raises:
        RefusedInputError: with everything that is wrong, as `PlanFault`.
    """
    read = _read_certificate(certificate)
    if commitment is not None and not _DIGEST.fullmatch(commitment):
        raise _refused(fault("commitment", "commitment_form", commitment))
    path = frame or _frame_beside(certificate, read.sample.frame_digest)
    if path is None:
        raise _refused(fault("frame", "frame_missing", read.sample.frame_digest))
    lists = _read_frame(path)
    try:
        return Replayed(certificate=read, sample=sampling.replay(read, lists, commitment=commitment))
    except sampling.SamplingError as error:
        raise RefusedInputError(list(_faults(error))) from error


def _read_certificate(path: Path) -> sampling.Certificate:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return sampling.Certificate.from_dict(document)
    except (OSError, ValueError, RecursionError) as error:
        raise _refused(fault("certificate", "certificate_unreadable", path.name)) from error
    except sampling.CertificateError as error:
        raise RefusedInputError(list(_faults(error))) from error


def _read_frame(path: Path) -> sampling.Frame:
    try:
        return sampling.Frame.from_text(path.read_bytes().decode("utf-8"))
    except (OSError, ValueError) as error:
        raise _refused(fault("frame", "frame_unreadable", path.name)) from error
    except sampling.ArgumentError as error:
        raise _refused(fault("frame", "frame_form", error.value, place=error.name, path=path.name)) from error


def _frame_beside(certificate: Path, digest: str) -> Path | None:
    """The frame in the certificate's folder, by its digest or else by its name."""
    head = f"{TEXT_VERSION}\n".encode()
    for path in sorted(certificate.parent.glob("*.txt")):
        if path.is_file() and _begins(path, head) and hashlib.sha256(path.read_bytes()).hexdigest() == digest:
            return path
    named = certificate.with_name(certificate.name.replace("certificate", "frame")).with_suffix(".txt")
    return named if named.is_file() else None


def _begins(path: Path, head: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(head)) == head


def _group_label(group: str) -> Text:
    """The group in words; a frame made elsewhere may have groups of its own."""
    return GROUPS[group].label if group in GROUPS else Text(zh=group, en=group)


def _refused(one: PlanFault) -> RefusedInputError:
    return RefusedInputError([one])


def _faults(error: sampling.SamplingError) -> Iterator[PlanFault]:
    """What a refusal of `sampling` says, with every unit it names."""
    match error:
        case sampling.FrameChangedError():
            yield fault("frame", "frame_changed", error.found, certified=error.certified)
            for unit in error.missing:
                yield fault(unit, "frame_unit_missing", unit)
            for name, certified, found in error.changed:
                yield fault(name, "frame_size_changed", found, unit=name, certified=certified)
        case sampling.SeedChangedError():
            yield fault("seed", "seed_changed", error.found, certified=error.certified)
        case sampling.DrawChangedError():
            label = _group_label(error.group)
            yield fault(f"{error.group}/{error.unit}", "draw_changed", error.unit, group=label)
        case sampling.FrameFaultsError():
            for one in error.faults:
                where = f"{one.group}/{one.unit or '*'}"
                yield fault(where, "frame_unit", f"{one.field} = {one.value}", broken=one.code)
        case sampling.CertificateError():
            rule = _FIELDS.get(error.field, "certificate_form")
            yield fault("certificate", rule, error.certified, field=error.field, found=error.found)
        case _:
            raise error

"""A certificate drawn again from its files, offline: what anyone can do who holds certificate and frame."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import sampling
from sampling.frame import TEXT_VERSION
from sampling.group_plan import TWO_STAGE
from survey_app.errors import RefusedInputError
from survey_app.fieldwork.draws.alterations import (
    altered_character,
    altered_list,
    altered_lists,
    differing_digits,
)
from survey_app.fieldwork.draws.records import Record, read_record
from survey_app.fieldwork.frames.framing import stratum_label
from survey_app.surveys.bilingual import Text
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.planning import PlanFault, fault, said

#: Schools in reserve that a line names; the rest is counted.
_SHOWN = 5

#: So many different digits are a slip of the pen; two digests that have nothing to do with one another
#: differ in sixty.
_FEW_DIGITS = 4

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)

#: Field of a certificate that does not hold → the rule it breaks; any other field is a broken form.
_FIELDS = {
    "version": "certificate_version",
    "digest": "certificate_digest",
    "commitment": "certificate_without_commitment",
}


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """A certificate that holds, with the sample that came out again."""

    certificate: sampling.Certificate
    sample: sampling.Sample
    frame: sampling.Frame
    #: What was replaced by the rule afterwards; None where no record was given.
    record: Record | None = None

    @cached_property
    def schools(self) -> dict[str, tuple[sampling.ReserveCluster, ...]]:
        """The schools in reserve of each group that is drawn in two stages, by stratum and turn."""
        return {
            draw.plan.group: sampling.school_reserve(draw, self.frame, seed=self.sample.seed)
            for draw in self.sample.draws
            if draw.plan.method == TWO_STAGE
        }

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
                    "reserve_order": [place.id for place in draw.reserve],
                    "school_reserve": _by_stratum(self.schools.get(draw.plan.group, ())),
                }
                for draw in self.sample.draws
            ],
            "replacements": None if self.record is None else self.record.document(),
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
            for stratum, schools in _by_stratum(self.schools.get(draw.plan.group, ())).items():
                shown = "、".join(schools[:_SHOWN]) + ("……" if len(schools) > _SHOWN else "")
                label = stratum_label(stratum)
                yield said("replay", "schools", len(schools), stratum=label, schools=shown).text
        if self.record is not None:
            yield said("replay", "replacements", self.record.n).text


def replay_files(
    certificate: Path,
    frame: Path | None = None,
    *,
    commitment: str | None = None,
    replacements: Path | None = None,
) -> Replayed:
    """Draw again what the file *certificate* states, from the frame in the file *frame*.

    Without *frame* the one beside the certificate is taken: a text file with the certified digest, or the
    one that was downloaded with it (``certificate-1.json``, ``frame-1.txt``). A record of *replacements* is
    checked entry by entry: each has to be the next in reserve.

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
        sample = sampling.replay(read, lists, commitment=commitment)
    except sampling.SamplingError as error:
        faults = [*_faults(error), *_exactly(error, read, lists, certificate)]
        raise RefusedInputError(faults) from error
    record = None
    if replacements is not None:
        record = read_record(replacements, read.digest, sample, lists)
    return Replayed(certificate=read, sample=sample, frame=lists, record=record)


def _exactly(
    error: sampling.SamplingError, read: sampling.Certificate, lists: sampling.Frame, beside: Path
) -> Iterator[PlanFault]:
    """Which list and which character was changed, where that can be told for certain."""
    if isinstance(error, sampling.FrameChangedError):
        original = _frame_beside(beside, read.sample.frame_digest)
        if original is not None and _digest_of(original) == read.sample.frame_digest:
            for one in altered_lists(_read_frame(original), lists):
                yield _altered(one.group, one.unit, one.certified, one.found)
        elif (only := altered_list(read.sample, lists)) is not None:
            yield _altered(only.group, only.unit, only.certified, only.found)
        elif len(digits := differing_digits(error.certified, error.found)) <= _FEW_DIGITS:
            places = "、".join(map(str, digits))
            yield fault("frame", "digest_digits", places, certified=error.certified)
    elif isinstance(error, sampling.SeedChangedError):
        character = altered_character(read.sample.seed, error.certified)
        if character is not None:
            facts = {"place": character.place, "certified": character.certified}
            yield fault("seed", "seed_character", character.found, **facts)
        elif len(digits := differing_digits(error.certified, error.found)) <= _FEW_DIGITS:
            places = "、".join(map(str, digits))
            yield fault("seed_digest", "digest_digits", places, certified=error.certified)


def _altered(group: str, unit: str, certified: int | None, found: int | None) -> PlanFault:
    """A list that was added, left out, or counted or described otherwise."""
    label = _group_label(group)
    if certified is None:
        return fault(f"{group}/{unit}", "list_added", unit, group=label, people=found)
    if found is None:
        return fault(f"{group}/{unit}", "list_left_out", unit, group=label, people=certified)
    if certified == found:
        return fault(f"{group}/{unit}", "list_described", unit, group=label)
    return fault(f"{group}/{unit}", "list_counted", unit, group=label, certified=certified, found=found)


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
        if path.is_file() and _begins(path, head) and _digest_of(path) == digest:
            return path
    named = certificate.with_name(certificate.name.replace("certificate", "frame")).with_suffix(".txt")
    return named if named.is_file() else None


def _digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _by_stratum(reserve: Iterable[sampling.ReserveCluster]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in reserve:
        found.setdefault(one.stratum, []).append(one.id)
    return found


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

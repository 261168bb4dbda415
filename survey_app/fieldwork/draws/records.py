"""The public record of replacements, read and checked beside the certificate it belongs to."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sampling
from survey_app.errors import RefusedInputError
from survey_app.surveys.planning import PlanFault, fault

#: The form of the record.
VERSION = "junheng replacements 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record in which nobody was passed over."""

    entries: Sequence[Mapping[str, Any]]

    @property
    def n(self) -> int:
        """How many replacements it holds."""
        return len(self.entries)

    def document(self) -> list[dict[str, Any]]:
        """The entries, as the command line prints them."""
        return [dict(entry) for entry in self.entries]


def read_record(path: Path, certificate: str, sample: sampling.Sample, frame: sampling.Frame) -> Record:
    """Return the record in the file *path*, which has to belong to the *certificate* with this digest.

    Raises:
        RefusedInputError: with what is wrong.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        entries = [dict(entry) for entry in document["replacements"]]
        version, digest = document["version"], document["certificate"]
        named = [(entry["group"], entry["kind"], entry["given_up"], entry["put_in"]) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise RefusedInputError([fault("replacements", "record_unreadable", path.name)]) from error
    if version != VERSION:
        raise RefusedInputError([fault("replacements", "record_version", version, found=VERSION)])
    if digest != certificate:
        raise RefusedInputError([fault("replacements", "record_of_another", digest, certified=certificate)])
    faults = _faults(named, sample, frame)
    if faults:
        raise RefusedInputError(faults)
    return Record(entries=entries)


def _faults(
    named: Sequence[tuple[str, str, str, str | None]], sample: sampling.Sample, frame: sampling.Frame
) -> list[PlanFault]:
    """Every first entry of a group that is not the one whose turn it was."""
    drawn = {draw.plan.group: draw for draw in sample.draws}
    faults = [
        fault(f"{group}/{given_up}", "record_entry", given_up)
        for group, kind, given_up, _ in named
        if group not in drawn or kind not in ("school", "person")
    ]
    if faults:
        return faults
    for key in dict.fromkeys((group, kind) for group, kind, _, _ in named):
        group, kind = key
        mine = [(given_up, put_in) for g, k, given_up, put_in in named if (g, k) == key]
        put_in = [sampling.Replacement(place=old, reason="", by=new) for old, new in mine if new is not None]
        try:
            if kind == "school":
                reserve = sampling.school_reserve(drawn[group], frame, seed=sample.seed)
                sampling.check_school_replacements(drawn[group], put_in, reserve=reserve)
            else:
                sampling.check_replacements(drawn[group], put_in)
        except sampling.SamplingError as error:
            place = getattr(error, "place", "")
            expected = getattr(error, "expected", None) or "—"
            faults.append(fault(f"{group}/{place}", "record_out_of_turn", place, expected=expected))
    return faults

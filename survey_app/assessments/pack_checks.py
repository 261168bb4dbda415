"""What in an evidence pack has to agree with the run in it, beyond the digests of its files."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from survey_app.assessments.pack_names import CERTIFICATE, COUNTY, EVIDENCE, FRAME, OUTCOME, REPLACEMENTS
from survey_app.canonical import digest
from survey_app.errors import RefusedInputError

#: The files whose content is compared with the run.
COMPARED = (COUNTY, OUTCOME, CERTIFICATE, FRAME, REPLACEMENTS, EVIDENCE)

#: What was found: code, whether it holds, where.
Found = tuple[str, bool | None, str]

_COUNTS = ("valid", "satisfied")


def compare(
    document: Mapping[str, Any], contents: Mapping[str, bytes], digests: Mapping[str, str | None]
) -> Iterator[Found]:
    """Compare the files of a pack with its run.

    Args:
        document: the exported run.
        contents: those of `COMPARED` that are in the pack.
        digests: SHA-256 of every file of the pack.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: a file is not in the form that ours have.
    """
    run = document["run"]
    snapshot = json.loads(run["input"])
    yield from _county(run, snapshot, contents.get(COUNTY))
    yield from _scheme(document, digests)
    if OUTCOME in contents:
        yield from _outcome(document, snapshot, json.loads(contents[OUTCOME]))
    if CERTIFICATE in contents:
        yield _draw(contents)
    if EVIDENCE in contents:
        yield from _evidence(run, json.loads(contents[EVIDENCE]), digests)


def _county(run: Mapping[str, Any], snapshot: Mapping[str, Any], content: bytes | None) -> Iterator[Found]:
    """The county file is the one the run was made of, and its schools are those that were judged."""
    if content is None:
        yield "county_file", False, COUNTY
        return
    same = digest(content) == run["county_file_digest"]
    yield "county_file", same and json.loads(content).get("schools") == snapshot.get("schools"), COUNTY


def _scheme(document: Mapping[str, Any], digests: Mapping[str, str | None]) -> Iterator[Found]:
    """The scheme files lie beside the run as they stand in it."""
    inside = {f"scheme/{name}": text for name, text in (document.get("scheme") or {}).items()}
    beside = {name for name in digests if name.startswith("scheme/")}
    for name in sorted(beside | set(inside)):
        if name not in inside or digests.get(name) != digest(inside[name]):
            yield "scheme_beside", False, name


def _outcome(
    document: Mapping[str, Any], snapshot: Mapping[str, Any], outcome: Mapping[str, Any]
) -> Iterator[Found]:
    """The published figures are those that were released, and those the run was fed."""
    released = [
        json.loads(row["details"])["outcome"] for row in document["audit"] if row["action"] == "wave.released"
    ]
    fed = (snapshot.get("recognition") or {}).get("questionnaires") or {}
    told = outcome["form_vi"][0]
    same = all(fed.get(name) == told.get(name) for name in _COUNTS if told.get(name) is not None)
    yield "outcome", same and outcome["digest"] in released, OUTCOME


def _draw(contents: Mapping[str, bytes]) -> Found:
    """The certificate, drawn again from the frame beside it."""
    from survey_app.fieldwork.draws.replaying import replay_files

    if FRAME not in contents:
        return "draw", None, CERTIFICATE
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: Path(folder) / Path(name).name for name in (CERTIFICATE, FRAME, REPLACEMENTS)}
        for name, path in paths.items():
            if name in contents:
                path.write_bytes(contents[name])
        record = paths[REPLACEMENTS] if REPLACEMENTS in contents else None
        try:
            replay_files(paths[CERTIFICATE], paths[FRAME], replacements=record)
        except RefusedInputError as refused:
            return "draw", False, _place(refused)
    return "draw", True, CERTIFICATE


def _place(refused: RefusedInputError) -> str:
    places = dict.fromkeys(str(getattr(each, "path", "")) for each in refused.faults)
    return "、".join([CERTIFICATE, *(place for place in places if place)])[:200]


def _evidence(
    run: Mapping[str, Any], listed: list[Mapping[str, Any]], digests: Mapping[str, str | None]
) -> Iterator[Found]:
    """Every piece of evidence in the list is the file beside it; what judgements rest on is in the list."""
    for each in listed:
        if each["file"] is not None:
            yield "evidence", digests.get(each["file"]) == each["digest"], each["file"]
    known = {each["digest"] for each in listed}
    judged = json.loads(run["judgements"])
    wanted = {
        str(piece["digest"] if isinstance(piece, dict) else piece)
        for judgement in judged
        for piece in judgement.get("evidence", [])
    }
    for missing in sorted(wanted - known):
        yield "evidence", False, missing

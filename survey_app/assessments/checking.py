"""Checking an exported run or an evidence pack, without a database: what holds, and what was altered."""

import hashlib
import json
import re
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from evaluation.errors import EvaluationError, SchemeError
from evaluation.loader import load_scheme, program_digest
from evaluation.scheme import Scheme
from survey_app.assessments.applications.sealing import first_broken
from survey_app.assessments.differences import changed_findings
from survey_app.assessments.exported_run import FORMAT
from survey_app.assessments.judging import judge_text, scheme_now
from survey_app.assessments.pack_checks import COMPARED, compare
from survey_app.assessments.pack_names import RUN, SUMS
from survey_app.canonical import canonical, digest
from survey_app.errors import RefusedInputError

MEGABYTE = 1024 * 1024
#: No exported run is larger, no pack either, nor what unfolds from one.
LARGEST_RUN = 64 * MEGABYTE
LARGEST_PACK = 300 * MEGABYTE
LARGEST_UNFOLDED = 600 * MEGABYTE
MOST_ENTRIES = 5000
#: Below this size a high ratio is harmless.
_RATIO_FROM = MEGABYTE
HIGHEST_RATIO = 200

_SUM = re.compile(r"([0-9a-f]{64})  (\S.*)")
_PART = re.compile(r"[0-9a-z@-]{1,64}/[0-9a-z_-]{1,64}\.toml")

#: How many altered findings are named one by one.
NAMED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was checked."""

    #: Code of what was checked, e.g. ``run_input``; its sentence is ``verify_<code>`` in `messages`.
    what: str
    #: True: it holds; False: it was altered; None: it cannot be said here.
    holds: bool | None
    #: What exactly: a file, a finding, a step, a row.
    where: str = ""


class NotOursError(Exception):
    """The file is no exported run and no pack, or does what none of ours does; *rule* says what."""

    def __init__(self, rule: str, where: str = ""):
        super().__init__(f"{rule} {where}")
        self.rule, self.where = rule, where


def check_file(path: Path) -> list[Check]:
    """Check the exported run or the pack at *path*.

    Raises:
        NotOursError: it is neither.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start == b"PK\x03\x04":
        return check_pack(path)
    if path.stat().st_size > LARGEST_RUN:
        raise NotOursError("too_large")
    return check_run(path.read_bytes())


def check_pack(path: Path) -> list[Check]:
    """Check a pack: every file against its list of digests, then the run in it.

    Raises:
        NotOursError: it is no pack, or unfolds without end, leads elsewhere or names a file twice.
    """
    if path.stat().st_size > LARGEST_PACK:
        raise NotOursError("too_large")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = _entries(archive)
            if SUMS not in entries or RUN not in entries:
                raise NotOursError("not_a_pack")
            listed = _listed(archive.read(SUMS))
            found = {name: _digest_of(archive, entry) for name, entry in entries.items() if name != SUMS}
            run = archive.read(RUN)
            contents = {name: archive.read(name) for name in COMPARED if found.get(name) is not None}
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        UnicodeDecodeError,
        EOFError,
        OSError,
    ) as error:
        raise NotOursError("damaged") from error
    checks = [
        Check(what="file", holds=found.get(name) == noted, where=name)
        for name, noted in sorted(listed.items())
    ]
    checks += [Check(what="file_added", holds=False, where=name) for name in sorted(set(found) - set(listed))]
    inside = check_run(run)
    try:
        compared = [
            Check(what=what, holds=holds, where=where)
            for what, holds, where in compare(_loaded(run), contents, found)
        ]
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        raise NotOursError("not_a_pack") from error
    return [*checks, *compared, *inside]


def check_run(content: bytes) -> list[Check]:
    """Check an exported run: digests, recomputation, the chain of steps, the rows of the audit trail.

    Raises:
        NotOursError: it is no exported run.
    """
    document = _loaded(content)
    try:
        return [each for check in _CHECKS for each in check(document)]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise NotOursError("not_a_run") from error


def verdict_on(checks: list[Check]) -> bool | None:
    """All hold: True; one was altered: False; nothing was altered, but not all can be said here: None."""
    if any(each.holds is False for each in checks):
        return False
    return None if any(each.holds is None for each in checks) else True


def _loaded(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content.decode("utf-8"), parse_float=Decimal, object_pairs_hook=_once)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise NotOursError("not_a_run") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise NotOursError("not_a_run")
    if not isinstance(document.get("run"), dict):
        raise NotOursError("not_a_run")
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys each stand once: of two, a reader would see one and a digest the other."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _digests(document: Mapping[str, Any]) -> Iterator[Check]:
    run = document["run"]
    for name in ("input", "result", "judgements", "overrides"):
        yield Check(what=f"run_{name}", holds=digest(run[name]) == run[f"{name}_digest"], where=name)
    result = json.loads(run["result"])
    said = (result["verdict"], result.get("computed_verdict", result["verdict"]))
    yield Check(what="run_verdict", holds=said == (run["verdict"], run["computed_verdict"]), where="verdict")
    kept = canonical(json.loads(canonical(result.get("overrides", [])), parse_float=Decimal))
    yield Check(what="run_overrides_shown", holds=_same(kept, run["overrides"]), where="overrides")
    own = (result["scheme"]["id"], result["scheme"]["digest"])
    noted = (run["scheme_id"], run["scheme_digest"])
    yield Check(what="run_scheme", holds=own == noted, where="scheme_digest")


def _same(one: str, other: str) -> bool:
    return json.loads(one) == json.loads(other)


def _recomputed(document: Mapping[str, Any]) -> Iterator[Check]:
    """Judge the snapshot again, by the scheme in the file where there is one."""
    run = document["run"]
    scheme, check = _scheme(document)
    yield check
    same_program = run["program_digest"] == program_digest()
    yield Check(what="program", holds=True if same_program else None, where=run["program_digest"])
    if scheme is None:
        yield Check(what="recomputed", holds=None)
        return
    try:
        judged = judge_text(
            run["input"], run["scheme_id"], overrides=json.loads(run["overrides"]), scheme=scheme
        )
        again = canonical(judged.document("zh"))
    except (RefusedInputError, EvaluationError):
        yield Check(what="recomputed", holds=False, where="input")
        return
    if digest(again) == run["result_digest"]:
        yield Check(what="recomputed", holds=True)
        return
    changed = changed_findings(json.loads(run["result"]), json.loads(again))
    holds = False if same_program else None
    for each in changed[:NAMED]:
        place = "/".join(part for part in (each.id, each.school, each.stage) if part)
        yield Check(what="finding", holds=holds, where=place)
    if not changed or len(changed) > NAMED:
        yield Check(what="recomputed", holds=holds, where="result")


def _scheme(document: Mapping[str, Any]) -> tuple[Scheme | None, Check]:
    """The scheme that judges again: the one in the file, read strictly; else the one installed."""
    run, files = document["run"], document.get("scheme") or {}
    wanted = run["scheme_digest"]
    if not files:
        if scheme_now(run["scheme_id"]) == wanted:
            return load_scheme(run["scheme_id"]), Check(what="scheme", holds=True, where=run["scheme_id"])
        return None, Check(what="scheme", holds=None, where=run["scheme_id"])
    if not all(_PART.fullmatch(name) for name in files):
        return None, Check(what="scheme_files", holds=False, where=", ".join(sorted(files))[:200])
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder) / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(text.encode("utf-8"))
        try:
            scheme = load_scheme(run["scheme_id"], folder=Path(folder))
        except SchemeError as error:
            return None, Check(what="scheme_files", holds=False, where=str(error)[:200])
        except EvaluationError:
            return None, Check(what="scheme_files", holds=False, where=run["scheme_id"])
    if scheme.digest != wanted:
        return None, Check(what="scheme_files", holds=False, where=_altered_file(run["scheme_id"], files))
    if scheme_now(run["scheme_id"]) not in (None, wanted):
        # Whoever writes a scheme of their own can make everything fit it.
        return scheme, Check(what="scheme_installed", holds=None, where=run["scheme_id"])
    return scheme, Check(what="scheme_files", holds=True, where=run["scheme_id"])


def _altered_file(scheme_id: str, files: Mapping[str, str]) -> str:
    """Which file of a scheme is another one than installed; the scheme's name where that says nothing."""
    from survey_app.assessments.exported_run import scheme_files

    try:
        own = scheme_files(scheme_id)
    except EvaluationError:
        return scheme_id
    named = [name for name in sorted({**own, **files}) if own.get(name) != files.get(name)]
    return ", ".join(named) or scheme_id


def _steps(document: Mapping[str, Any]) -> Iterator[Check]:
    application = document.get("application")
    if not application:
        return
    steps = application["steps"]
    broken = first_broken(steps)
    for step in steps:
        if broken is not None and step["number"] >= broken.number:
            break
        yield Check(what="step", holds=True, where=str(step["number"]))
    if broken is not None:
        yield Check(what=f"step_{broken.rule}", holds=False, where=str(broken.number))
    run = document["run"]
    own = {name: run.get(name) for name in _SEALED}
    for step in steps:
        if step["run"]["number"] == run["number"] and step["run"] != own:
            yield Check(what="step_run", holds=False, where=str(step["number"]))


_SEALED = (
    "number",
    "input_digest",
    "result_digest",
    "judgements_digest",
    "overrides_digest",
    "scheme_id",
    "scheme_digest",
    "program_digest",
    "computed_verdict",
    "verdict",
)


def _audit(document: Mapping[str, Any]) -> Iterator[Check]:
    rows = document.get("audit") or []
    before: Mapping[str, Any] | None = None
    for row in rows:
        facts = [
            row["number"],
            row["at"],
            row["actor"],
            row["action"],
            row["region"],
            row["details"],
            row["previous_hash"],
        ]
        holds = digest(canonical(facts)) == row["hash"]
        if before is not None and row["number"] == before["number"] + 1:
            holds = holds and row["previous_hash"] == before["hash"]
        yield Check(what="audit", holds=holds, where=str(row["number"]))
        before = row
    run = document["run"]
    made = [
        {**json.loads(row["details"]), "made_at": row["at"], "made_by": row["actor"], "county": row["region"]}
        for row in rows
        if row["action"] == "run.made" and json.loads(row["details"]).get("run") == run["number"]
    ]
    for noted in made:
        # A run that was made for no application has no word of judgements in its row.
        names = [name for name in _NOTED if name in noted or name not in _NOTED_OF_APPLICATIONS]
        wrong = [name for name in names if noted[name] != run[name]]
        yield Check(what="audit_run", holds=not wrong, where=", ".join(wrong))
    if not made:
        yield Check(what="audit_run", holds=False, where="run.made")
    yield from _sealed_rows(document, rows)


#: What the row of a run's making says of it; the last two only where it was made for an application.
_NOTED_OF_APPLICATIONS = ("judgements_digest", "computed_verdict")
_NOTED = (
    "made_at",
    "made_by",
    "county",
    "level",
    "input_digest",
    "result_digest",
    "scheme_digest",
    "program_digest",
    "verdict",
    *_NOTED_OF_APPLICATIONS,
)


def _sealed_rows(document: Mapping[str, Any], rows: list[Mapping[str, Any]]) -> Iterator[Check]:
    """Every step has its row in the trail, with the same seal, and every such row its step."""
    seals = {
        details.get("step"): details.get("seal")
        for row in rows
        if row["action"] in ("application.signed", "application.returned")
        for details in (json.loads(row["details"]),)
    }
    steps = {step["number"]: step["seal"] for step in (document.get("application") or {}).get("steps", [])}
    for number in sorted({*seals, *steps}, key=str):
        if seals.get(number) != steps.get(number):
            yield Check(what="audit_step", holds=False, where=str(number))


_CHECKS: tuple[Callable[[Mapping[str, Any]], Iterator[Check]], ...] = (_digests, _recomputed, _steps, _audit)


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise NotOursError("too_many_entries")
    names: dict[str, zipfile.ZipInfo] = {}
    folded = set()
    for entry in entries:
        name = entry.filename
        if (
            name.startswith("/")
            or "\\" in name
            or ":" in name
            or ".." in name.split("/")
            or "\x00" in entry.orig_filename
            or entry.is_dir()
        ):
            raise NotOursError("unsafe_name", name)
        if name.casefold() in folded:
            raise NotOursError("duplicate_name", name)
        folded.add(name.casefold())
        if entry.flag_bits & 0x1:
            raise NotOursError("encrypted", name)
        # The others unfold a whole piece at once, however large it becomes.
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise NotOursError("damaged", name)
        if entry.file_size > _RATIO_FROM and entry.file_size > HIGHEST_RATIO * max(entry.compress_size, 1):
            raise NotOursError("bomb", name)
        names[name] = entry
    if sum(entry.file_size for entry in entries) > LARGEST_UNFOLDED:
        raise NotOursError("bomb")
    for name in (SUMS, RUN, *COMPARED):
        if name in names and names[name].file_size > LARGEST_RUN:
            raise NotOursError("too_large", name)
    return names


def _listed(content: bytes) -> dict[str, str]:
    lines = content.decode("utf-8").splitlines()
    matches = [_SUM.fullmatch(line) for line in lines]
    found = {match[2]: match[1] for match in matches if match}
    if len(found) != len(lines):
        raise NotOursError("not_a_pack", SUMS)
    return found


def _digest_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str | None:
    """The digest of an entry; None where it cannot be unpacked whole."""
    found, left = hashlib.sha256(), entry.file_size
    try:
        with archive.open(entry) as part:
            for piece in iter(lambda: part.read(MEGABYTE), b""):
                left -= len(piece)
                if left < 0:
                    raise NotOursError("bomb", entry.filename)
                found.update(piece)
    except (zipfile.BadZipFile, zlib.error, EOFError):
        return None
    return found.hexdigest()

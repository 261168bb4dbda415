"""Load schemes, schedules and forms from their folders: strictly, whole or not at all."""

import csv
import hashlib
import re
import tomllib
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evaluation.errors import SchemeError, UnknownFormError, UnknownScheduleError, UnknownSchemeError
from evaluation.forms.form import Form, FormHead, Table
from evaluation.inheritance import inherit, listed
from evaluation.references import check_references
from evaluation.schedule import Division, Planned, Schedule, ScheduleHead
from evaluation.scheme import Scheme
from evaluation.scheme.exemptions import Exemption
from evaluation.scheme.head import Head
from evaluation.scheme.items import Section
from evaluation.scheme.resources import Resources
from evaluation.scheme.scoring import Scoring
from evaluation.scheme.units import Units
from evaluation.terms import Data

SCHEMES = Path(__file__).parent / "schemes"
SCHEDULES = Path(__file__).parent / "schedules"
FORMS = Path(__file__).parent / "forms"
EXAMPLES = Path(__file__).parent / "examples"


class ExemptionFile(Data):
    """The file ``exemptions.toml``."""

    exemptions: list[Exemption]


#: What the files of every scheme hold; any other file is a section of items named in ``sections``.
FILES: dict[str, type[Data]] = {
    "scheme.toml": Head,
    "units.toml": Units,
    "resources.toml": Resources,
    "exemptions.toml": ExemptionFile,
    "scoring.toml": Scoring,
}

#: The files a scheme may do without.
OPTIONAL = ("exemptions.toml", "scoring.toml")

#: How the commonest complaints read.
PROBLEMS = {"extra_forbidden": "unknown key", "missing": "the key is missing"}

#: Complaints about the key that says which model a table follows: ``formula`` of a criterion, ``source`` of a
#: cell.
UNTAGGED = {"union_tag_not_found": "the key is missing", "union_tag_invalid": "unknown value {tag!r}"}

#: What :meth:`evaluation.scheme.Scheme.known_keys` gives.
Keys = dict[str, tuple[str, ...]]


def list_schemes(folder: Path = SCHEMES) -> list[str]:
    """Return the ids of the schemes there are, sorted."""
    return sorted(path.parent.name for path in folder.glob("*/scheme.toml"))


def list_examples(folder: Path = EXAMPLES) -> list[str]:
    """Return the names of the worked examples there are, sorted."""
    return sorted(path.parent.name for path in folder.glob("*/county.json"))


def example_files(example: str, *, folder: Path = EXAMPLES) -> dict[str, bytes]:
    """Return the files of a worked example: ``county.json`` and ``mergers.toml``.

    Raises:
        LookupError: there is no such example.
    """
    if example not in list_examples(folder):
        raise LookupError(example)
    return {path.name: path.read_bytes() for path in sorted((folder / example).iterdir()) if path.is_file()}


def schemes_for(county: str, *, folder: Path = SCHEMES) -> list[str]:
    """Return the ids of all schemes, those that judge the county with this code first.

    First come the rules of its province or city, then those of the nation, then the county's own plan, and
    last what applies elsewhere.
    """

    def distance(id_: str) -> int:
        region = load_scheme(id_, folder=folder).head.region
        if region is None:
            return 1
        if not county.startswith(region):
            return 3
        return 2 if region == county else 0

    return sorted(list_schemes(folder), key=distance)


@lru_cache(maxsize=1)
def program_digest() -> str:
    """Return the SHA-256 over this library's own modules: what judged beside the scheme."""
    content = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted(here.rglob("*.py")):
        content.update(f"{path.relative_to(here).as_posix()}\0".encode())
        content.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return content.hexdigest()


@lru_cache(maxsize=64)
def load_scheme(scheme: str, *, folder: Path = SCHEMES) -> Scheme:
    """Return the scheme with this id, under its own reading or, as ``id@reading``, under another one.

    Raises:
        UnknownSchemeError: there is none, or it has no such reading.
        SchemeError: a file of it has an unknown or missing key or a value of the wrong type.
    """
    id_, _, reading = scheme.partition("@")
    known = list_schemes(folder)
    if id_ not in known:
        raise UnknownSchemeError(scheme, known)
    tables, digest, base_keys = _tables(id_, folder, ())
    readings = _readings(tables)
    if reading and reading not in readings:
        raise UnknownSchemeError(scheme, [id_, *(f"{id_}@{each}" for each in readings)])
    for each in readings:
        other = _build(id_, tables, digest, reading=each, base_keys=base_keys)
        base_keys = other.known_keys()
    if reading:
        digest = hashlib.sha256(f"{digest}@{reading}".encode()).hexdigest()
    return _build(id_, tables, digest, reading=reading or None, base_keys=base_keys)


def list_forms(folder: Path = FORMS) -> list[str]:
    """Return the ids of the forms there are, sorted."""
    return sorted(path.parent.name for path in folder.glob("*/form.toml"))


@lru_cache(maxsize=16)
def load_form(form: str, *, folder: Path = FORMS) -> Form:
    """Return the form with this id.

    Raises:
        UnknownFormError: there is none.
        SchemeError: a file of it has an unknown or missing key or a value of the wrong type.
    """
    known = list_forms(folder)
    if form not in known:
        raise UnknownFormError(form, known)
    tables, content = _files(form, folder)
    head = _model(FormHead, tables.pop("form.toml"), f"{form}/form.toml")
    if head.id != form:
        raise SchemeError(f"{form}/form.toml", "id", f"is {head.id!r}, the folder is {form!r}")
    named = [f"{name}.toml" for name in head.tables]
    for name in {*named, *tables}:
        if name not in tables:
            raise SchemeError(f"{form}/{name}", "", "the file is missing", known=tables)
        if name not in named:
            raise SchemeError(f"{form}/{name}", "", "the form has no table of this name", known=named)
    read = [_model(Table, tables[name], f"{form}/{name}") for name in named]
    for name, table in zip(named, read, strict=True):
        for kind, of in (("item", head.items), ("indicator", head.indicators)):
            for row in table.rows:
                if (id_ := getattr(row, kind)) is not None and id_ not in of:
                    raise SchemeError(f"{form}/{name}", f"rows.{kind}", f"no {kind} {id_!r}", known=of)
    return Form(head=head, tables=read, digest=content.hexdigest())


def list_schedules(folder: Path = SCHEDULES) -> list[str]:
    """Return the ids of the schedules there are, sorted."""
    return sorted(path.parent.name for path in folder.glob("*/schedule.toml"))


@lru_cache(maxsize=16)
def load_schedule(schedule: str, *, folder: Path = SCHEDULES) -> Schedule:
    """Return the schedule with this id.

    Raises:
        UnknownScheduleError: there is none.
        SchemeError: a file of it has an unknown or missing key, column or city, or a value of the wrong type.
    """
    known = list_schedules(folder)
    if schedule not in known:
        raise UnknownScheduleError(schedule, known)
    content = hashlib.sha256()
    files: dict[str, bytes] = {}
    for path in sorted((folder / schedule).iterdir()):
        files[path.name] = path.read_bytes().replace(b"\r\n", b"\n")
        content.update(f"{path.name}\0{len(files[path.name])}\0".encode() + files[path.name])
    file = f"{schedule}/schedule.toml"
    head = _model(ScheduleHead, _parse(files["schedule.toml"], file), file)
    if head.id != schedule:
        raise SchemeError(file, "id", f"is {head.id!r}, the folder is {schedule!r}")
    if "counties.csv" not in files:
        raise SchemeError(f"{schedule}/counties.csv", "", "the file is missing", known=files)
    counties = _rows(Planned, files["counties.csv"], f"{schedule}/counties.csv")
    divisions = _rows(Division, files.get("divisions.csv", b""), f"{schedule}/divisions.csv")
    cities, years = [city.name for city in head.cities], [year.year for year in head.years]
    for name, rows in (("counties.csv", counties), ("divisions.csv", divisions)):
        for line, row in enumerate(rows, start=2):
            if row.city not in cities:
                raise SchemeError(f"{schedule}/{name}", f"{line}.city", f"no city {row.city!r}", known=cities)
    for line, row in enumerate(counties, start=2):
        if row.year not in years:
            raise SchemeError(
                f"{schedule}/counties.csv", f"{line}.year", f"no year {row.year}", known=map(str, years)
            )
    return Schedule(head=head, counties=counties, divisions=divisions, digest=content.hexdigest())


def _rows(model: Any, raw: bytes, file: str) -> list[Any]:
    """Return the lines of a CSV file under its heading; an empty file has none."""
    if not raw:
        return []
    try:
        heading, *lines = csv.reader(raw.decode("utf-8-sig").splitlines(), strict=True)
    except (UnicodeDecodeError, csv.Error) as error:
        raise SchemeError(file, "", str(error)) from error
    if heading != list(model.model_fields):
        raise SchemeError(file, "1", f"the heading is {heading}", known=model.model_fields)
    whole = [name for name, field in model.model_fields.items() if field.annotation is int]
    rows = []
    for number, line in enumerate(lines, start=2):
        if len(line) != len(heading):
            raise SchemeError(file, str(number), f"{len(line)} values under {len(heading)} columns")
        row: dict[str, Any] = dict(zip(heading, line, strict=True))
        row |= {name: int(row[name]) for name in whole if row[name].isdecimal()}
        try:
            rows.append(model.model_validate(row))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise SchemeError(file, f"{number}.{first['loc'][0]}", first["msg"]) from error
    return rows


def _readings(tables: dict[str, Any]) -> list[str]:
    """Return the ids of a scheme's alternative readings."""
    given = listed(tables["scheme.toml"], "alternatives")
    return [each["id"] for each in given if isinstance(each, dict) and isinstance(each.get("id"), str)]


def _tables(scheme: str, folder: Path, descendants: tuple[str, ...]) -> tuple[dict[str, Any], str, Keys]:
    """Return the tables by file name, completed from the scheme it extends, the digest, the other's keys."""
    if scheme in descendants:
        raise SchemeError(f"{scheme}/scheme.toml", "extends", f"goes in a circle: {' → '.join(descendants)}")
    tables, content = _files(scheme, folder)
    base = tables["scheme.toml"].get("extends")
    if base is not None:
        known = list_schemes(folder)
        if base not in known:
            raise SchemeError(f"{scheme}/scheme.toml", "extends", f"no scheme {base!r}", known=known)
        inherited, digest, keys = _tables(base, folder, (*descendants, scheme))
        keys = _build(base, inherited, digest, base_keys=keys).known_keys()
        content.update(f"extends\0{digest}".encode())
        inherit(tables, inherited)
        return tables, content.hexdigest(), keys
    return tables, content.hexdigest(), {}


def _files(name: str, folder: Path) -> tuple[dict[str, Any], Any]:
    """Return the tables of a folder's files by file name, and the SHA-256 over them to go on with."""
    tables: dict[str, Any] = {}
    content = hashlib.sha256()
    for path in sorted((folder / name).glob("*.toml")):
        raw = path.read_bytes().replace(b"\r\n", b"\n")
        content.update(f"{path.name}\0{len(raw)}\0".encode() + raw)
        tables[path.name] = _parse(raw, f"{name}/{path.name}")
    return tables, content


def _parse(raw: bytes, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(raw.decode("utf-8"), parse_float=Decimal)
    except RecursionError as error:
        raise SchemeError(file, "", "nested too deeply to be read") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SchemeError(file, "", str(error)) from error
    except (ValueError, ArithmeticError) as error:
        raise SchemeError(file, "", f"a number that cannot be read{_longest_number(raw)}") from error


def _longest_number(raw: bytes) -> str:
    """Where the longest run of digits begins: the parser says of no number where it stands."""
    longest = max(re.finditer(rb"[0-9][0-9_]*", raw), key=lambda found: len(found[0]), default=None)
    if longest is None:
        return ""
    before = raw[: longest.start()].decode("utf-8")
    return f" (at line {before.count(chr(10)) + 1}, column {len(before.rpartition(chr(10))[2]) + 1})"


def _chosen(node: Any, reading: str | None, known: list[str], file: str) -> Any:
    """Return *node* without the tables that stand under other readings; inherited ones count too."""

    def chosen(table: Any) -> Any:
        if isinstance(table, dict):
            table = {key: value for key, value in table.items() if key != "under"}
        return _chosen(table, reading, known, file)

    if isinstance(node, dict):
        return {key: chosen(each) for key, each in node.items() if _stands(each, reading, known, file)}
    if isinstance(node, list):
        return [chosen(each) for each in node if _stands(each, reading, known, file)]
    return node


def _stands(node: Any, reading: str | None, known: list[str], file: str) -> bool:
    """Return whether a table stands under *reading*: all do that do not say ``under``."""
    if not isinstance(node, dict) or "under" not in node:
        return True
    under = node["under"]
    if not isinstance(under, list) or not under:
        raise SchemeError(file, "under", "a list of alternatives is needed", known=known)
    for id_ in under:
        if id_ not in known:
            raise SchemeError(file, "under", f"no alternative {id_!r}", known=known)
    return reading in under


def _build(
    scheme: str, tables: dict[str, Any], digest: str, *, base_keys: Keys, reading: str | None = None
) -> Scheme:
    """Make the scheme; the first thing wrong names its file and key."""
    readings = _readings(tables)
    own = tables["scheme.toml"].get("reading")
    if own not in (readings or [None]):
        raise SchemeError(f"{scheme}/scheme.toml", "reading", f"no alternative {own!r}", known=readings)
    reading = reading or own
    tables = {name: _chosen(table, reading, readings, f"{scheme}/{name}") for name, table in tables.items()}
    parts = {}
    for name in FILES:
        if name in OPTIONAL and name not in tables:
            continue
        if name not in tables:
            raise SchemeError(f"{scheme}/{name}", "", "the file is missing", known=FILES)
        parts[name] = _model(FILES[name], tables[name], f"{scheme}/{name}")
    head = parts["scheme.toml"]
    if head.id != scheme:
        raise SchemeError(f"{scheme}/scheme.toml", "id", f"is {head.id!r}, the folder is {scheme!r}")
    expected = {f"{section}.toml" for section in head.sections} | set(FILES)
    for name in tables:
        if name not in expected:
            raise SchemeError(f"{scheme}/{name}", "", "no section has this name", known=expected)
    sections = {}
    for section in head.sections:
        if section == "resources":
            continue
        if f"{section}.toml" not in tables:
            raise SchemeError(f"{scheme}/{section}.toml", "", "the file is missing", known=tables)
        sections[section] = _model(Section, tables[f"{section}.toml"], f"{scheme}/{section}.toml")
    exemptions = parts["exemptions.toml"].exemptions if "exemptions.toml" in parts else []
    built = Scheme(
        head=head,
        units=parts["units.toml"],
        resources=parts["resources.toml"],
        sections=sections,
        exemptions=exemptions,
        scoring=parts.get("scoring.toml"),
        reading=reading,
        base_keys=base_keys,
        digest=digest,
    )
    check_references(built)
    return built


def _model(model: Any, table: dict[str, Any], file: str) -> Any:
    """Validate one table; translate the most telling complaint into file, key and known keys."""
    try:
        return model.model_validate(table)
    except ValidationError as error:
        first = min(error.errors(include_url=False), key=lambda each: each["type"] != "extra_forbidden")
        steps = first["loc"]
        known = _known(model, steps) if first["type"] in PROBLEMS else ()
        problem = PROBLEMS.get(first["type"], first["msg"].removeprefix("Value error, "))
        if first["type"] in UNTAGGED:
            problem, known = UNTAGGED[first["type"]].format(**first["ctx"]), _tags(model, steps)
            steps = (*steps, first["ctx"]["discriminator"].strip("'"))
        raise SchemeError(file, ".".join(str(step) for step in steps), problem, known=known) from error


def _known(model: Any, steps: tuple[int | str, ...]) -> tuple[str, ...]:
    """Return the keys allowed beside the last one of *steps*."""
    candidates = _candidates(model, steps[:-1])
    return tuple(candidates[0].model_fields) if candidates else ()


def _tags(model: Any, steps: tuple[int | str, ...]) -> tuple[str, ...]:
    """Return what the tag of the table at *steps* may be."""
    tags = (_formula(each) for each in _candidates(model, steps))
    return tuple(tag for tag in tags if tag is not None)


def _candidates(model: Any, steps: Iterable[int | str]) -> list[Any]:
    """Return the models that the table at *steps* may follow."""
    candidates = [model]
    for step in steps:
        chosen = [each for each in candidates if _formula(each) == step]
        fields = [each.model_fields[step] for each in candidates if step in each.model_fields]
        if chosen:
            candidates = chosen
        elif fields:
            candidates = _models(fields[0].annotation)
    return candidates


def _models(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, Data):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models(part)]


def _formula(model: Any) -> str | None:
    """Return the formula a criterion's model, or the source a cell's, is chosen by."""
    fields = getattr(model, "model_fields", {})
    field = fields.get("formula") or fields.get("source")
    return getattr(getattr(field, "annotation", None), "__args__", (None,))[0]

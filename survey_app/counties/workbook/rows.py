"""A county file taken apart into the rows of the workbook, and the notes that keep it exact."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from survey_app.counties.workbook.cells import note_of
from survey_app.counties.workbook.layout import SCHOOLS, SHEETS
from survey_app.counties.workbook.shape import NONE_WORD, NUMBERS, Block, Form

#: Stands for a key of the path that the row does not have.
ABSENT = object()

#: A path in a county file: keys and list positions.
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a block: where it stands in the county file, its keys and its values."""

    path: Path
    #: Values by column key, those of the target's ``@`` keys among them.
    values: Mapping[str, Any]
    #: What the hidden column keeps: literals by column key, and empty parts.
    note: dict[str, Any] = field(default_factory=dict)


def rows_of(block: Block, document: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the rows that *document* fills in *block*, with their notes."""
    for path, keys, record in _expand(block, block.target, document, (), {}):
        values: dict[str, Any] = {**keys}
        note: dict[str, Any] = {}
        for column in block.columns:
            value = _value(record, column.key) if not column.key.startswith("@") else ABSENT
            if value is ABSENT:
                continue
            values[column.key] = value
            if column.kind in NUMBERS and value != NONE_WORD and (literal := note_of(value)) is not None:
                note[column.key] = literal
        if record == {}:
            note[""] = {}
        yield Row(path=path, values=values, note=note)


def form_values(form: Form, document: Mapping[str, Any]) -> Iterator[tuple[int, Any]]:
    """Yield the number of each item that *document* fills, and its value."""
    for number, item in enumerate(form.items):
        value = _value(document, item.key)
        if value is not ABSENT:
            yield number, value


def empties_of(document: Mapping[str, Any]) -> tuple[dict[str, Any], dict[int, dict[str, Any]]]:
    """Return the parts that are present and empty and that no row shows: the county's, and by school.

    Both are mappings of a dotted path to ``{}`` or ``[]``.
    """
    shown = {row.path for sheet in SHEETS for block in sheet.blocks for row in _block_rows(block, document)}
    county: dict[str, Any] = {}
    schools: dict[int, dict[str, Any]] = {}
    for path, part in _empty_parts(document, ()):
        if path in shown or path == ("schools",) or path[2:] == ("pupils",):
            continue
        if path[0] == "schools":
            schools.setdefault(int(path[1]), {})[".".join(map(str, path[2:]))] = part
        else:
            county[".".join(map(str, path))] = part
    return county, schools


def _block_rows(block: Block | Form, document: Mapping[str, Any]) -> Iterator[Row]:
    if isinstance(block, Block) and block is not SCHOOLS.blocks[0]:
        yield from rows_of(block, document)


def _empty_parts(part: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    members = part.items() if isinstance(part, Mapping) else enumerate(part) if isinstance(part, list) else ()
    if isinstance(part, Mapping | list) and not part:
        yield path, part
    for key, member in members:
        yield from _empty_parts(member, (*path, key))


def _value(record: Any, key: str) -> Any:
    """Return what stands at a dotted key of a record, the record itself for no key."""
    for step in key.split(".") if key else ():
        if not isinstance(record, Mapping) or step not in record:
            return ABSENT
        record = record[step]
    return record


def _expand(
    block: Block, target: tuple[str, ...], part: Any, path: Path, keys: dict[str, str]
) -> Iterator[tuple[Path, dict[str, str], Any]]:
    """Walk *target* down from *part* and yield each record with the keys met on the way."""
    if not target:
        yield path, keys, part
        return
    step, rest = target[0], target[1:]
    for more_path, more_keys, member in _members(block, step, part):
        yield from _expand(block, rest, member, (*path, *more_path), keys | more_keys)


def _members(block: Block, step: str, part: Any) -> Iterator[tuple[Path, dict[str, str], Any]]:
    if step == "[]":
        if not part and block.says_none:
            yield (), {}, NONE_WORD
        yield from (((place,), {}, member) for place, member in enumerate(part))
    elif step == "@school":
        for place, school in enumerate(part):
            yield (place,), {step: school["code"], "@name": school["name"]}, school
    elif step in ("@who", "@room"):
        words = next(column.choices for column in block.columns if column.key == step)
        for key in words.values():
            if (member := _value(part, key)) is not ABSENT:
                yield tuple(key.split(".")), {step: key}, member
    elif step.startswith("@"):
        yield from (((key,), {step: key}, member) for key, member in part.items())
    elif step in part:
        yield (step,), {}, part[step]

"""A look at an uploaded workbook before anything is parsed: is it what it says, and of a sane size?

`inspect` reads the archive's directory only. `survey` then reads the parts as a stream, with nothing
expanded, and finds what would make a parser allocate without end (a cell at XFD1048576) as well as what
a parser loses: merged ranges, error values, formulas that were never calculated.
"""

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from .addresses import cell_name, cell_place

MEGABYTE = 1024 * 1024
LARGEST_FILE = 50 * MEGABYTE
MOST_ENTRIES = 2000
LARGEST_ENTRY = 100 * MEGABYTE
LARGEST_TOTAL = 200 * MEGABYTE
#: Below this size a high ratio is harmless: a short, regular sheet packs well.
_RATIO_FROM = MEGABYTE
HIGHEST_RATIO = 100
MOST_SHEETS = 60
MOST_ROWS = 200_000
MOST_COLUMNS = 512
MOST_CELLS = 4_000_000

_ZIP_START = b"PK\x03\x04"
_OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class RefusedArchiveError(Exception):
    """The file is not opened any further; *rule* says why, *facts* with which numbers."""

    def __init__(self, rule: str, **facts: object):
        super().__init__(f"{rule} {facts}")
        self.rule, self.facts = rule, facts


@dataclass(slots=True)
class SheetShape:
    """What a stream through one sheet's part showed."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    merged: list[str] = field(default_factory=list)
    #: Cell name -> the error value or the formula that stands there without a result.
    errors: dict[str, str] = field(default_factory=dict)
    unsolved: dict[str, str] = field(default_factory=dict)


def inspect(path: Path) -> None:
    """Check the archive's directory against the limits.

    Raises:
        RefusedArchiveError: not a workbook, encrypted, too large, or with a path that leads elsewhere.
    """
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise RefusedArchiveError("file_too_large", size=size, largest=LARGEST_FILE // MEGABYTE)
    with path.open("rb") as file:
        start = file.read(8)
    if start == _OLE_START:
        raise RefusedArchiveError("encrypted_or_old_format")
    if not start.startswith(_ZIP_START):
        raise RefusedArchiveError("not_a_workbook")
    try:
        with zipfile.ZipFile(path) as archive:
            _check_entries(archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, OSError, ValueError) as error:
        raise RefusedArchiveError("damaged_archive") from error


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise RefusedArchiveError("too_many_entries", count=len(entries), most=MOST_ENTRIES)
    names = set()
    for entry in entries:
        name = entry.filename.replace("\\", "/")
        if name.startswith("/") or ":" in name or ".." in name.split("/") or "\x00" in entry.orig_filename:
            raise RefusedArchiveError("unsafe_name", name=entry.filename)
        if name.casefold() in names:
            raise RefusedArchiveError("duplicate_entry", name=entry.filename)
        names.add(name.casefold())
        if entry.flag_bits & 0x1:
            raise RefusedArchiveError("encrypted_entry", name=entry.filename)
        if entry.file_size > LARGEST_ENTRY:
            facts = {"size": entry.file_size // MEGABYTE, "largest": LARGEST_ENTRY // MEGABYTE}
            raise RefusedArchiveError("entry_too_large", name=entry.filename, **facts)
        if entry.file_size > _RATIO_FROM and entry.file_size > HIGHEST_RATIO * max(entry.compress_size, 1):
            raise RefusedArchiveError("ratio_too_high", name=entry.filename, highest=HIGHEST_RATIO)
    total = sum(entry.file_size for entry in entries)
    if total > LARGEST_TOTAL:
        raise RefusedArchiveError(
            "archive_too_large", size=total // MEGABYTE, largest=LARGEST_TOTAL // MEGABYTE
        )
    if "xl/workbook.xml" not in names:
        raise RefusedArchiveError("not_a_workbook")


def survey(path: Path) -> dict[str, SheetShape]:
    """Stream through every XML part and return each sheet's shape by the sheet's name.

    Raises:
        RefusedArchiveError: a document type, a cell out of bounds, too many rows or cells, broken XML.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            shapes: dict[str, SheetShape] = {}
            for entry in archive.infolist():
                if entry.filename.lower().endswith((".xml", ".rels", ".vml")):
                    shape = _Reader(entry.filename).read(archive, entry)
                    if shape is not None:
                        shapes[entry.filename] = shape
            if len(shapes) > MOST_SHEETS:
                raise RefusedArchiveError("too_many_sheets", count=len(shapes), most=MOST_SHEETS)
            return {name: shapes[part] for name, part in _sheets(archive) if part in shapes}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, KeyError, OSError) as error:
        raise RefusedArchiveError("damaged_archive") from error
    except (expat.ExpatError, UnicodeDecodeError, LookupError) as error:
        raise RefusedArchiveError("damaged_part") from error


class _Reader:
    """Handlers for one XML part; what is kept is small however long the part is."""

    def __init__(self, name: str):
        self.name, self.shape = name, SheetShape()
        self.is_sheet = False
        self.at = (-1, -1)
        self.cell, self.kind, self.inside = "", "", ""
        self.formula, self.result = "", ""
        self.has_formula = self.has_result = False

    def read(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> SheetShape | None:
        """Return the part's shape if it is a sheet."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        with archive.open(entry) as part:
            for piece in iter(lambda: part.read(MEGABYTE), b""):
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        return self.shape if self.is_sheet else None

    def _doctype(self, *_: object) -> None:
        raise RefusedArchiveError("document_type", name=self.name)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "worksheet":
            self.is_sheet = True
        if not self.is_sheet:
            return
        if tag == "row":
            self._row(attributes.get("r"))
        elif tag == "c":
            self._open_cell(attributes)
        elif tag == "f":
            self.has_formula, self.inside = True, "f"
        elif tag in ("v", "is"):
            self.has_result, self.inside = True, tag
        elif tag in ("mergeCell", "dimension") and "ref" in attributes:
            for corner in attributes["ref"].split(":"):
                self._bounds(corner)
            if tag == "mergeCell":
                self.shape.merged.append(attributes["ref"])

    def _row(self, number: str | None) -> None:
        row = int(number) - 1 if number and number.isascii() and number.isdigit() else self.at[0] + 1
        self._within(row, 0)
        self.at = (row, -1)

    def _open_cell(self, attributes: dict[str, str]) -> None:
        row, column = self._bounds(attributes["r"]) if "r" in attributes else (self.at[0], self.at[1] + 1)
        self._within(row, column)
        self.at = (row, column)
        self.cell, self.kind = cell_name(row, column), attributes.get("t", "")
        self.formula = self.result = ""
        self.has_formula = self.has_result = False
        self.shape.cells += 1
        self.shape.rows = max(self.shape.rows, row + 1)
        self.shape.columns = max(self.shape.columns, column + 1)
        most = max(self.shape.cells, self.shape.rows * self.shape.columns)
        if most > MOST_CELLS:
            raise RefusedArchiveError("too_many_cells", count=most, most=MOST_CELLS)

    def _text(self, text: str) -> None:
        if self.inside == "f" and len(self.formula) < 60:
            self.formula += text
        elif self.inside == "v" and len(self.result) < 60:
            self.result += text

    def _end(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        if tag in ("f", "v", "is"):
            self.inside = ""
        elif tag == "c" and self.is_sheet:
            if self.kind == "e":
                self.shape.errors[self.cell] = self.result
            elif self.has_formula and (not self.has_result or (self.kind != "str" and not self.result)):
                self.shape.unsolved[self.cell] = f"={self.formula}"

    def _bounds(self, name: str) -> tuple[int, int]:
        at = cell_place(name)
        if at is None:
            raise RefusedArchiveError(
                "cell_out_of_bounds", cell=name[:20], rows=MOST_ROWS, columns=MOST_COLUMNS
            )
        self._within(*at)
        return at

    def _within(self, row: int, column: int) -> None:
        if row >= MOST_ROWS and column < MOST_COLUMNS:
            raise RefusedArchiveError("too_many_rows", count=row + 1, most=MOST_ROWS)
        if not (0 <= row < MOST_ROWS and 0 <= column < MOST_COLUMNS):
            cell = cell_name(row, column)
            raise RefusedArchiveError("cell_out_of_bounds", cell=cell, rows=MOST_ROWS, columns=MOST_COLUMNS)


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield each sheet's name and the archive's part that holds it."""
    targets = {
        attributes.get("Id", ""): attributes.get("Target", "")
        for tag, attributes in _elements(archive, "xl/_rels/workbook.xml.rels")
        if tag == "Relationship"
    }
    for tag, attributes in _elements(archive, "xl/workbook.xml"):
        if tag == "sheet":
            target = targets.get(attributes.get("id", ""), "")
            part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            yield attributes.get("name", ""), part


def _elements(archive: zipfile.ZipFile, part: str) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(name: str, attributes: dict[str, str]) -> None:
        plain = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        found.append((name.rpartition(" ")[2], plain))

    parser.StartElementHandler = start
    parser.Parse(archive.read(part), True)
    return found

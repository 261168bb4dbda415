"""A county file put together from rows, remembering which cell every part came from."""

from collections.abc import Mapping
from typing import Any

from survey_app.counties.workbook.parsing.addresses import cell_name

Path = tuple[str | int, ...]

#: The order of a county file's parts, for people who read it.
_PARTS = (
    "format",
    "county",
    "year",
    "schools",
    "figures",
    "attestations",
    "eligibility",
    "vetoes",
    "scores",
    "recognition",
    "totals",
    "stated",
)


class Assembly:
    """The county file while it grows."""

    def __init__(self) -> None:
        #: False while the schools could not be read, so that no code can be called unknown.
        self.schools_known = False
        self._document: dict[str, Any] = {"schools": []}
        self._places: dict[str, tuple[str, str]] = {}
        self._schools: dict[str, int] = {}
        self._school_cells: dict[str, str] = {}
        self._rows: dict[Path, str] = {}
        self._blocks: dict[tuple[str, int], dict[str, Any]] = {}
        self._none: set[Path] = set()
        self._empties: list[tuple[Path, Mapping[str, Any]]] = []

    def put(self, path: Path, value: Any) -> None:
        """Set what stands at *path*, making the objects on the way."""
        part: Any = self._document
        for step in path[:-1]:
            part = part[step] if isinstance(step, int) else part.setdefault(step, {})
        part[path[-1]] = value

    def put_record(self, path: Path, record: Mapping[str, Any]) -> None:
        """Set an object from its values by dotted key, or a plain value that has the empty key."""
        if "" in record:
            self.put(path, record[""])
            return
        self.put(path, {})
        for key, value in record.items():
            self.put((*path, *key.split(".")), value)

    def append(self, path: Path, record: Mapping[str, Any]) -> Path | None:
        """Add one member to the list at *path* and return the member's path.

        ``{"": []}`` says that there are none. None is returned, and nothing done, when a list is said
        both to be empty and to have members.
        """
        members = self._list(path)
        says_none = record.get("") == []
        if path in self._none or (says_none and members):
            return None
        if says_none:
            self._none.add(path)
            return path
        members.append(None)
        self.put_record((*path, len(members) - 1), record)
        return (*path, len(members) - 1)

    def add_school(self, record: Mapping[str, Any], cell: str) -> tuple[Path, str | None]:
        """Add a school; return its path, and the cell of the first school with the same code, if any."""
        position = len(self._document["schools"])
        path = ("schools", position)
        self.append(("schools",), record)
        self._document["schools"][position].setdefault("pupils", {})
        code = record.get("code")
        if code is None:
            return path, None
        first = self._school_cells.get(code)
        self._school_cells.setdefault(code, cell)
        self._schools.setdefault(code, position)
        return path, first

    def claim(self, path: Path, cell: str) -> str | None:
        """Note that the row at *cell* describes *path*; return the cell of an earlier row that did."""
        first = self._rows.setdefault(path, cell)
        return None if first == cell else first

    def school(self, code: str) -> int | None:
        """Return a school's position by its code."""
        return self._schools.get(code)

    def school_name(self, position: int) -> str | None:
        """Return the name a school was given."""
        return self._document["schools"][position].get("name")

    def note_place(self, path: Path, sheet: str, row: int, column: int) -> None:
        """Remember which cell speaks of *path*; the first one counts."""
        self._places.setdefault(_written(path), (sheet, cell_name(row, column)))

    def note_row(self, path: Path, sheet: str, row: int, columns: Mapping[str, int]) -> None:
        """Remember the row that describes *path*, and which column of its block holds which figure."""
        block = self._blocks.setdefault(
            (sheet, min(columns.values())),
            {
                "sheet": sheet,
                "columns": {key: cell_name(0, column)[:-1] for key, column in columns.items()},
                "rows": {},
            },
        )
        block["rows"].setdefault(path, row + 1)

    def sources(self) -> list[dict[str, Any]]:
        """Return which cell holds what, block by block, schools by their codes; see `sources.cells_of`."""
        return [
            {**block, "rows": {self._named(path): row for path, row in block["rows"].items()}}
            for block in self._blocks.values()
        ]

    def _named(self, path: Path) -> str:
        """Return a path as places are written: with the school's code instead of its position."""
        if path[:1] == ("schools",) and len(path) > 1 and isinstance(path[1], int):
            code = self._document["schools"][path[1]].get("code", path[1])
            rest = _written(path[2:])
            return f"schools[{code}]" + (f".{rest}" if rest else "")
        return _written(path)

    def note_empties(self, path: Path, note: Mapping[str, Any]) -> None:
        """Remember the parts below *path* that are to be present and empty unless something fills them."""
        self._empties.append((path, {key: part for key, part in note.items() if key and part in ({}, [])}))

    def locate(self, where: str) -> tuple[str, str]:
        """Return the sheet and cell of a path as evaluation writes it, or of the nearest part around it."""
        while where:
            if where in self._places:
                return self._places[where]
            where = where[: max(where.rfind("."), where.rfind("["), 0)]
        return "", ""

    def finish(self) -> dict[str, Any]:
        """Return the county file, with its empty parts, in the usual order."""
        for path, empties in self._empties:
            for key, part in empties.items():
                self._fill((*path, *key.split(".")), part)
        return {key: self._document[key] for key in _PARTS if key in self._document}

    def _fill(self, path: Path, empty: Any) -> None:
        part: Any = self._document
        for step in path[:-1]:
            part = part[step] if isinstance(step, int) else part.setdefault(step, {})
            if not isinstance(part, dict | list):
                return
        if isinstance(part, dict):
            part.setdefault(path[-1], type(empty)())

    def _list(self, path: Path) -> list[Any]:
        part: Any = self._document
        for step in path[:-1]:
            part = part[step] if isinstance(step, int) else part.setdefault(step, {})
        return part.setdefault(path[-1], [])


def _written(path: Path) -> str:
    """Return a path as faults of a county file write it.

    >>> _written(("schools", 3, "pupils", "primary"))
    'schools[3].pupils.primary'
    """
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")

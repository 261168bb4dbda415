"""Fill a form from a verdict: every cell with its exact value, its printed text and what it lacks."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from evaluation.findings import Outcome
from evaluation.forms.answers import EMPTY, Answer, Ground, Index
from evaluation.forms.form import Column, Form, Row, Source, Table
from evaluation.forms.sources import SOURCES
from evaluation.terms import COMPARISONS
from evaluation.verdict import Verdict
from evaluation.wording import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledCell:
    """One cell of a filled form."""

    #: As it is printed; empty where nothing answers it.
    text: str = ""
    #: Exact, in the cell's unit; None for words and for what is unknown.
    value: Fraction | None = None
    #: Decimals of a number; None for words.
    digits: int | None = None
    #: ``known`` (a number) and ``words`` are filled in; ``unknown`` lacks figures; ``nothing``: nobody is
    #: concerned; ``empty``: neither form nor scheme has a source; ``continued``: part of the cell above.
    state: str = "words"
    #: Whether the row announces those below it.
    heading: bool = False
    #: How it was judged, on the exact value, against which bound; None where it was not.
    outcome: Outcome | None = None
    threshold: Fraction | None = None
    comparison: str | None = None
    #: Places in the county file that would be needed.
    missing: tuple[str, ...] = ()

    @property
    def rounded_over(self) -> bool:
        """Whether the printed number lies on the other side of the bound than the exact one."""
        if self.comparison is None or self.threshold is None or self.state != "known":
            return False
        looks_met = COMPARISONS[self.comparison](Fraction(self.text), self.threshold)
        return looks_met != (self.outcome is Outcome.MET)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledTable:
    """One table of a filled form."""

    table: Table
    #: Rows of cells, as many as the table has columns.
    rows: tuple[tuple[FilledCell, ...], ...]
    #: The form's own notes, and one for every number that rounding puts on the other side of its bound.
    notes: tuple[str, ...]

    def row_names(self) -> list[str]:
        """Return what each row is about, in the words of the columns that name rows."""
        names: list[str] = []
        above: dict[str, str] = {}
        for cells in self.rows:
            pairs = [(c, cell) for c, cell in zip(self.table.columns, cells, strict=True) if c.names]
            above |= {column.id: cell.text for column, cell in pairs if cell.state != "continued"}
            names.append(" ".join(above[column.id] for column, _ in pairs if above.get(column.id)))
        return names


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a cell stands, in the words of the form."""

    table: str
    row: str
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledForm:
    """A form filled in for one county."""

    form: Form
    county: str
    code: str
    year: int
    #: Id and digest of the scheme whose verdict it holds.
    scheme: str
    scheme_digest: str
    tables: tuple[FilledTable, ...]

    @property
    def empty(self) -> tuple[Place, ...]:
        """The cells that stay empty, because nothing the verdict knows answers them."""
        return tuple(self._places("empty"))

    @property
    def unknown(self) -> tuple[Place, ...]:
        """The cells whose figures are missing in the county file."""
        return tuple(self._places("unknown"))

    def table(self, id_: str) -> FilledTable:
        """Return the filled table with this id.

        Raises:
            LookupError: the form has none.
        """
        for filled in self.tables:
            if filled.table.id == id_:
                return filled
        raise LookupError(id_)

    def _places(self, state: str) -> Iterator[Place]:
        for filled in self.tables:
            for name, cells in zip(filled.row_names(), filled.rows, strict=True):
                for column, cell in zip(filled.table.columns, cells, strict=True):
                    if cell.state == state:
                        yield Place(table=filled.table.name, row=name, column=_heading(column))


def fill(form: Form, verdict: Verdict) -> FilledForm:
    """Return *form* filled with what *verdict* and its county file know.

    Numbers stand in the unit the form asks for and are rounded half up only as they are printed. What is
    missing is printed as unknown, what no item of the scheme answers stays empty; both are listed.
    """
    ground = Ground(form=form, index=Index(verdict=verdict))
    return FilledForm(
        form=form,
        county=verdict.county.county.name,
        code=verdict.county.county.code,
        year=verdict.county.year,
        scheme=verdict.scheme.id,
        scheme_digest=verdict.scheme.digest,
        tables=tuple(_table(table, ground) for table in form.tables),
    )


def printed(value: Fraction, digits: int) -> str:
    """Return *value* with *digits* decimals, rounded half up (away from zero) from the exact number.

    >>> printed(Fraction(1, 8), 2), printed(Fraction(-1, 8), 2), printed(Fraction(2, 3), 0)
    ('0.13', '-0.13', '1')
    """
    whole = math.floor(abs(value) * 10**digits + Fraction(1, 2))
    sign = "-" if value < 0 and whole else ""
    text = str(whole).rjust(digits + 1, "0")
    return sign + (f"{text[:-digits]}.{text[-digits:]}" if digits else text)


def _table(table: Table, ground: Ground) -> FilledTable:
    if table.each == "part":
        units = enumerate(ground.verdict.units, start=1)
        grounds = [ground.at(Row(), unit=unit, position=position) for position, unit in units]
    else:
        grounds = [ground.at(row) for row in table.rows]
    rows = tuple(tuple(_cell(column, each) for column in table.columns) for each in grounds)
    filled = FilledTable(table=table, rows=rows, notes=())
    notes = (*table.notes, *_rounding_notes(filled, ground))
    return FilledTable(table=table, rows=rows, notes=notes)


def _cell(column: Column, ground: Ground) -> FilledCell:
    row = ground.row
    if column.id in row.words:
        return FilledCell(text=row.words[column.id], heading=row.heading)
    source = row.cells.get(column.id, column.cell)
    if source is None:
        return FilledCell(state="continued" if column.spans else "words")
    return _written(SOURCES[type(source)](source, ground), source, ground)


def _written(answer: Answer, source: Source, ground: Ground) -> FilledCell:
    """Turn an answer into what stands in the cell."""
    words = ground.form.head.words
    if isinstance(answer.value, Fraction):
        value = answer.value * source.times
        return FilledCell(
            text=printed(value, source.digits),
            value=value,
            digits=source.digits,
            state="known",
            outcome=answer.outcome,
            threshold=None if answer.threshold is None else answer.threshold * source.times,
            comparison=answer.comparison,
        )
    texts = {"unknown": words.unknown, "nothing": words.nothing, EMPTY.state: ""}
    return FilledCell(
        text=answer.value or texts.get(answer.state, ""),
        state=answer.state,
        outcome=answer.outcome,
        missing=answer.missing,
    )


def _rounding_notes(filled: FilledTable, ground: Ground) -> Sequence[str]:
    words = ground.form.head.words
    return [
        words.rounded.format(
            row=name,
            column=_heading(column),
            printed=cell.text,
            exact=shown(cell.value, apart_from=cell.threshold),
            outcome=words.outcome[(cell.outcome or Outcome.UNDETERMINED).value],
        )
        for name, cells in zip(filled.row_names(), filled.rows, strict=True)
        for column, cell in zip(filled.table.columns, cells, strict=True)
        if cell.rounded_over and cell.value is not None
    ]


def _heading(column: Column) -> str:
    return " ".join(part for part in (column.group, column.heading) if part)

"""What a sheet is made of: columns, blocks of rows, forms, and where each value goes.

A *block* is a table with one header row. Its *target* is the path in the county file that a row
describes; ``@name`` in it stands for the row's own key (``@school`` for the school whose code the row
gives), ``[]`` for one more member of a list. A *form* has one labelled row for each value.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

#: Rows, counted from 0, that every sheet shares: title, groups, headers, first row of data.
TITLE_ROW, GROUP_ROW, HEADER_ROW, FIRST_ROW = 0, 1, 2, 3

#: Header of the hidden column that keeps how numbers were written.
NOTE_LABEL = "原始写法"
#: In the value column of a list: there are none, and that is known.
NONE_WORD = "无"
#: What a required column's header ends with.
REQUIRED_MARK = " *"

Kind = Literal[
    "code", "text", "name_of_school", "key", "choice", "flag", "count", "integer", "amount", "share"
]

NUMBERS: frozenset[Kind] = frozenset({"count", "integer", "amount", "share"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a block, or one labelled row of a form."""

    #: Path inside the row's object, ``@name`` for a key of the target, empty for the value itself.
    key: str
    label: str
    kind: Kind = "count"
    unit: str = ""
    #: Heading of the group of columns or rows it belongs to.
    group: str = ""
    required: bool = False
    #: Chinese word -> value in the county file.
    choices: Mapping[str, str] = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    width: float = 11
    note: str = ""

    @property
    def header(self) -> str:
        """The words in the header cell: label, unit, mark of a required column."""
        unit = f"\n（{self.unit}）" if self.unit else ""
        return f"{self.label}{unit}{REQUIRED_MARK if self.required else ''}"

    @property
    def words(self) -> dict[str, str]:
        """Value in the county file -> Chinese word."""
        return {value: word for word, value in self.choices.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A table: its first column's number, what a row describes, and its columns."""

    title: str
    hint: str
    start: int = 0
    target: tuple[str, ...]
    columns: tuple[Column, ...]
    #: A row with nothing but its keys has not been filled yet and says nothing.
    may_wait: bool = False
    #: Keys that the empty template lists, in Chinese; the rest is for the county to add.
    listed: tuple[str, ...] = ()
    #: The value may be the word for "none": an empty list.
    says_none: bool = False

    @property
    def note_column(self) -> int:
        """Number of the hidden column after the last one."""
        return self.start + len(self.columns)

    @property
    def keys(self) -> tuple[Column, ...]:
        """The columns that say which thing the row describes."""
        return tuple(column for column in self.columns if column.key.startswith("@"))

    def number(self, key: str) -> int:
        """Return the sheet's column number of a key of this block."""
        return self.start + next(i for i, column in enumerate(self.columns) if column.key == key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Labelled rows: 项目, 填写, 单位, 说明; each row's key is a path in the county file."""

    title: str
    hint: str
    items: tuple[Column, ...]
    start: int = 0

    #: The header cells of every form.
    HEADERS = ("项目", "填写", "单位", "说明")

    @property
    def note_column(self) -> int:
        """Number of the hidden column after the last one."""
        return self.start + len(self.HEADERS)

    @property
    def value_column(self) -> int:
        """Number of the column that is filled in."""
        return self.start + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet with its blocks side by side."""

    name: str
    blocks: tuple[Block | Form, ...]
    #: Columns that stay in view.
    frozen: int = 0

"""The look of the workbook: one accent, calm lines, text columns as text."""

from functools import cache

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from survey_app.counties.workbook.shape import Column, Kind

_FONT = "微软雅黑"
_INK, _SOFT, _LINE = "#1b2430", "#55606e", "#d9dee5"
_ACCENT, _TINT, _REQUIRED = "#0b5394", "#e8f0f8", "#a61b1b"
#: Header tints by turns, so that groups of columns can be told apart.
_GROUPS = {"": _TINT, "归并": "#f1ecf8", "在校生": "#e6f3ea", "就近入学": "#fff4dc", "校舍与场地": "#e8f0f8"}
_GROUPS |= {"装备": "#f1ecf8", "经费": "#e6f3ea"}

_NUMBER_FORMATS: dict[Kind, str] = {"count": "0", "integer": "0", "amount": "General", "share": "0.##%"}


class Formats:
    """The formats of one workbook, each made once."""

    def __init__(self, book: Workbook):
        self._book = book
        self.title = self._make(bold=True, font_size=14, font_color=_ACCENT)
        self.hint = self._make(font_color=_SOFT, font_size=10)
        self.soft = self._make(
            font_color=_SOFT, font_size=10, text_wrap=True, valign="vcenter", **_bordered()
        )
        self.label = self._make(bg_color="#f5f7f9", text_wrap=True, valign="vcenter", **_bordered())
        self.required_label = self._make(
            bg_color="#f5f7f9",
            bold=True,
            font_color=_REQUIRED,
            text_wrap=True,
            valign="vcenter",
            **_bordered(),
        )
        self.paragraph = self._make(text_wrap=True, valign="top")
        self.heading = self._make(bold=True, font_size=12, font_color=_ACCENT, bottom=1, bottom_color=_LINE)
        self.entry = self._make(text_wrap=True, valign="top", **_bordered())
        self.header = cache(self._header)
        self._by_kind = cache(self._cell)

    def cell(self, column: Column, *, framed: bool = False) -> Format:
        """Return how a column's values look: numbers by kind, everything else as text."""
        return self._by_kind(column.kind, framed)

    def _cell(self, kind: Kind, framed: bool) -> Format:
        look = _bordered() if framed else {}
        if kind in _NUMBER_FORMATS:
            return self._make(num_format=_NUMBER_FORMATS[kind], valign="vcenter", **look)
        return self._make(num_format="@", quote_prefix=True, valign="vcenter", **look)

    def _header(self, *, required: bool, group: str = "") -> Format:
        return self._make(
            bold=True,
            bg_color=_GROUPS.get(group, _TINT),
            font_color=_REQUIRED if required else _INK,
            text_wrap=True,
            align="center",
            valign="vcenter",
            bottom=2,
            bottom_color=_ACCENT,
            left=1,
            left_color=_LINE,
            right=1,
            right_color=_LINE,
        )

    def _make(self, **options: object) -> Format:
        return self._book.add_format({"font_name": _FONT, "font_size": 11, "font_color": _INK} | options)


def _bordered() -> dict[str, object]:
    return {"border": 1, "border_color": _LINE}

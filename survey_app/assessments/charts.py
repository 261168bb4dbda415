"""Difference coefficients and shares as bars: geometry here, drawing in one template, twice used."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from survey_app.assessments.figures import exact, figure
from survey_app.formatting import number

#: One panel, in units of its own; the page and the report scale it.
WIDTH, TOP, ROW = 400, 30, 46

_TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One coefficient or share."""

    label: str
    value: str
    #: met, not_met or undetermined.
    outcome: str
    y: int
    #: Length of the bar; 0 where the number is unknown.
    length: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The bars of one stage, with the limit they should keep, if there is one."""

    title: str
    bars: tuple[Bar, ...]
    limit: str = ""
    limit_x: float = 0

    @property
    def height(self) -> int:
        """Height of the panel."""
        return TOP + ROW * len(self.bars) + 4


def panel(title: str, limit: Any, rows: Sequence[tuple[str, Any, str]]) -> Panel:
    """Lay out coefficients.

    Args:
        title: the stage's name.
        limit: the largest coefficient allowed.
        rows: label, coefficient (None where unknown) and outcome, from top to bottom.
    """
    line = exact(limit) or 0
    known = [value for _, given, _ in rows if (value := exact(given)) is not None]
    longest = max([*known, line * 6 / 5]) or 1
    scale = WIDTH / float(longest)
    bars = [
        Bar(
            label=label,
            value=figure(value, "coefficient", against=line),
            outcome=outcome,
            y=TOP + ROW * position,
            length=round(float(exact(value) or 0) * scale, 1),
        )
        for position, (label, value, outcome) in enumerate(rows)
    ]
    return Panel(title=title, limit=number(line, 2), limit_x=round(float(line) * scale, 1), bars=tuple(bars))


def share_panel(title: str, rows: Sequence[tuple[str, Any]]) -> Panel:
    """Lay out shares of one; the whole width is all.

    Args:
        title: the stage's name.
        rows: label and share (None where unknown), from top to bottom.
    """
    bars = []
    for position, (label, value) in enumerate(rows):
        share = exact(value)
        outcome = "undetermined" if share is None else "met"
        length = round(float(share or 0) * WIDTH, 1)
        text = figure(share, "percent", against=1)
        bars.append(Bar(label=label, value=text, outcome=outcome, y=TOP + ROW * position, length=length))
    return Panel(title=title, bars=tuple(bars))


def picture(panels: Sequence[Panel]) -> bytes:
    """Draw *panels* side by side as a PNG for print."""
    import pylopdf_fonts_zh_cn
    import resvg_py

    svg = _template().render(panels=panels, width=WIDTH, gap=40)
    font = Path(pylopdf_fonts_zh_cn.__file__).parent / "NotoSansSC-Regular.otf"
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            background="#ffffff",
            width=1800,
            skip_system_fonts=True,
            font_files=[str(font)],
            font_family="Noto Sans SC",
            sans_serif_family="Noto Sans SC",
        )
    )


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True)
    return environment.get_template("assessments/chart.svg")

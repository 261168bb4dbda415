"""The fonts of official papers (GB/T 9704), set by name in every script."""

from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

#: Fonts by what they are for, as the standard names them.
TITLE, BODY, HEADING, SUBHEADING = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"
LATIN = "Times New Roman"


def xml(part: Any) -> Any:
    """The element behind a paragraph, run, table or cell: python-docx shows it under no public name."""
    return part._element  # noqa: SLF001


def set_font(properties: Any, font: str) -> None:
    """Name *font* for Chinese and the standard's one for everything else in run *properties*."""
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    fonts.attrib.clear()
    for script, name in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", font)):
        fonts.set(qn(f"w:{script}"), name)

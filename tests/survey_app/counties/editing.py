"""Edit a workbook as people, other programs and attackers do: cell by cell, or in its raw parts."""

import io
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from survey_app.counties.workbook.parsing.addresses import cell_place

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Edited:
    """A workbook's parts in memory; `save` writes them as a file again."""

    def __init__(self, content: bytes):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self.parts = {name: archive.read(name) for name in archive.namelist()}
        targets = {
            relation.get("Id"): relation.get("Target")
            for relation in ET.fromstring(self.parts["xl/_rels/workbook.xml.rels"])
        }
        book = ET.fromstring(self.parts["xl/workbook.xml"])
        self.sheets = {
            sheet.get("name"): f"xl/{targets[sheet.get(_RELATION)]}"
            for sheet in book.iter(f"{{{MAIN}}}sheet")
        }

    def put(self, sheet: str, cell: str, value) -> "Edited":
        """Set a cell: text, a number, or raw XML given as bytes (``b'<v>NaN</v>'``)."""
        if isinstance(value, str):
            return self.raw(
                sheet, cell, f't="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is>'
            )
        if isinstance(value, bytes):
            return self.raw(sheet, cell, value.decode())
        return self.raw(sheet, cell, "/>" if value is None else f"><v>{value!r}</v>")

    def raw(self, sheet: str, cell: str, rest: str) -> "Edited":
        """Set a cell's XML after its address: attributes, ``>`` and content."""
        part = self.sheets[sheet]
        text = self.parts[part].decode()
        element = (
            f'<c r="{cell}" {rest}' if rest.startswith("/") or rest == "/>" else f'<c r="{cell}" {rest}</c>'
        )
        element = element.replace('" >', '">')
        old = re.compile(rf'<c r="{cell}"[^>]*?(/>|>.*?</c>)', re.DOTALL)
        if old.search(text):
            text = old.sub(lambda _: element, text, count=1)
        else:
            text = self._insert(text, cell, element)
        self.parts[part] = text.encode()
        return self

    def _insert(self, text: str, cell: str, element: str) -> str:
        row, column = cell_place(cell)
        opening = re.search(rf'<row r="{row + 1}"[^>]*?(/)?>', text)
        if opening is None:
            later = [m for m in re.finditer(r'<row r="(\d+)"', text) if int(m[1]) > row + 1]
            at = later[0].start() if later else text.index("</sheetData>")
            return f'{text[:at]}<row r="{row + 1}">{element}</row>{text[at:]}'
        if opening[1]:
            return text.replace(opening[0], f"{opening[0][:-2]}>{element}</row>", 1)
        end = text.index("</row>", opening.end())
        cells = list(re.finditer(r'<c r="([A-Z]+\d+)"', text[opening.end() : end]))
        after = [m for m in cells if cell_place(m[1])[1] > column]
        at = opening.end() + after[0].start() if after else end
        return text[:at] + element + text[at:]

    def replace(self, part: str, old: str, new: str) -> "Edited":
        """Replace a piece of a part; it has to be there."""
        part = self.sheets.get(part, part)
        text = self.parts[part].decode()
        assert old in text, (part, old)
        self.parts[part] = text.replace(old, new, 1).encode()
        return self

    def save(self, path: Path) -> Path:
        """Write the workbook."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.parts.items():
                archive.writestr(name, content)
        return path

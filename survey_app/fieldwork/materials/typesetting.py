"""Documents set as PDF: data goes in as JSON and is never read as a command; a warning is an error."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

_HERE = Path(__file__).parent

#: The templates, by what they set.
TEMPLATES = ("cards", "leaflets")


class SheetError(Exception):
    """The sheets could not be set without a warning; *said* is what the typesetter complained of."""

    code = "sheet"

    def __init__(self, said: Sequence[str]):
        super().__init__("; ".join(said))
        self.said = tuple(said)


class Typesetter:
    """Sets any number of documents with one template; fonts are read once."""

    def __init__(self, template: str | Path):
        import pylopdf_fonts_zh_cn
        import typst

        self._failure = typst.TypstError
        self._compiler = typst.Compiler(
            str(template if isinstance(template, Path) else template_file(template)),
            font_paths=[str(pylopdf_fonts_zh_cn.sans_path().parent)],
            ignore_system_fonts=True,
        )

    def typeset(self, document: dict[str, Any]) -> bytes:
        """The PDF of *document*; the same document always gives the same bytes.

        Raises:
            SheetError: the typesetter warned or failed.
        """
        try:
            made, warnings = self._compiler.compile_with_warnings(
                sys_inputs={"document": json.dumps(document, ensure_ascii=False)}, format="pdf", timestamp=0
            )
        except self._failure as error:
            raise SheetError([str(error)]) from error
        if warnings:
            raise SheetError([str(warning.message) for warning in warnings])
        return cast("bytes", made)


def typeset(template: str | Path, document: dict[str, Any]) -> bytes:
    """The PDF of one document, set with *template*: one of `TEMPLATES`, or another room's file.

    Raises:
        SheetError: the typesetter warned or failed.
    """
    return Typesetter(template).typeset(document)


def template_file(template: str) -> Path:
    """Where the template lies."""
    return _HERE / f"{template}.typ"

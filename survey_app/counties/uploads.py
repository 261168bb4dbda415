"""An uploaded county file: a workbook, read in a limited child process, or JSON."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from werkzeug.datastructures import FileStorage

from survey_app.counties.workbook.faults import WorkbookError
from survey_app.errors import JunhengError, RefusedInputError

_MEGABYTE = 1024 * 1024

#: Largest file of each kind, in bytes: a thousand schools need a tenth of it.
LARGEST = {".xlsx": 16 * _MEGABYTE, ".json": 8 * _MEGABYTE}


@dataclass(frozen=True, slots=True)
class Upload:
    """What an upload holds."""

    #: A workbook as a document, JSON as its bytes, not yet checked.
    content: dict[str, Any] | bytes
    #: Which cells of the workbook the figures stood in, block by block; none for JSON.
    cells: Sequence[dict[str, Any]] = ()


class UnfitUploadError(JunhengError):
    """The upload is not a file that could be read at all."""

    code = "upload_missing"
    status = 422


def read(upload: FileStorage | None) -> Upload:
    """Give what an upload holds.

    Raises:
        UnfitUploadError: no file, one of another kind, or one too large.
        RefusedInputError: with every fault of a workbook.
    """
    if upload is None or not upload.filename:
        raise UnfitUploadError
    name = name_of(upload)
    kind = Path(name).suffix.lower()
    if kind not in LARGEST:
        raise UnfitUploadError("upload_kind", name=name)
    content = upload.stream.read(LARGEST[kind] + 1)
    if len(content) > LARGEST[kind]:
        raise UnfitUploadError("upload_large", name=name, most=LARGEST[kind] // _MEGABYTE)
    return Upload(content) if kind == ".json" else _workbook(content)


def name_of(upload: FileStorage) -> str:
    """Give the name an upload came with, without folders and control characters, for people to read."""
    name = (upload.filename or "").replace("\\", "/").rpartition("/")[2]
    return "".join(each for each in name if each.isprintable())[-120:]


def _workbook(content: bytes) -> Upload:
    from survey_app.counties.workbook.reader import read_with_sources

    with tempfile.TemporaryDirectory(prefix="junheng-upload-") as folder:
        path = Path(folder) / "county.xlsx"
        path.write_bytes(content)
        try:
            return Upload(*read_with_sources(path))
        except WorkbookError as refused:
            raise RefusedInputError(refused.faults) from refused

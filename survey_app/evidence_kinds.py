"""What kinds of files may prove something, and how each is known by its content."""

import codecs
import io
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from survey_app.errors import JunhengError

_MEGABYTE = 1024 * 1024

#: Largest file that is taken, in bytes.
LARGEST = 20 * _MEGABYTE

#: Bounds of an Office file's archive, which is looked at and never expanded.
_MOST_ENTRIES = 2000
#: How each line of an archive's list of contents begins.
_LISTED = b"PK\x01\x02"
_LARGEST_TOTAL = 200 * _MEGABYTE
#: Below this size a high ratio is harmless: a short, regular part packs well.
_RATIO_FROM = _MEGABYTE
_HIGHEST_RATIO = 100

#: Where a PDF's last mark has to stand, counted from the end; scanners add a few bytes behind it.
_PDF_END = 2048

_PNG_START, _PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
_LINE_CHARACTERS = {"\t", "\n", "\r", "\f"}


class UnfitEvidenceError(JunhengError):
    """A file that is not taken as evidence; the code says why."""

    code = "evidence_missing"
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of file that is taken."""

    #: How names of it end, the first being the one it is stored and downloaded under.
    endings: tuple[str, ...]
    media_type: str
    #: Refuses content that is of another kind, or broken.
    check: Callable[[bytes, str], None]

    @property
    def ending(self) -> str:
        """How our names of it end."""
        return self.endings[0]


def kind_of(name: str, content: bytes) -> Kind:
    """The kind of a file called *name*: what its name says and its content confirms.

    Raises:
        UnfitEvidenceError: empty, too large, of no kind that is taken, or other than its name says.
    """
    if not content:
        raise UnfitEvidenceError("evidence_empty", name=name)
    if len(content) > LARGEST:
        raise UnfitEvidenceError("evidence_large", name=name, most=LARGEST // _MEGABYTE)
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    kind = next((each for each in KINDS if ending in each.endings), None)
    if kind is None:
        raise UnfitEvidenceError("evidence_kind", name=name)
    kind.check(content, name)
    return kind


def _refuse_unless(holds: Any, name: str, code: str = "evidence_mismatch") -> None:
    if not holds:
        raise UnfitEvidenceError(code, name=name)


def _check_pdf(content: bytes, name: str) -> None:
    _refuse_unless(content.startswith(b"%PDF-"), name)
    _refuse_unless(b"%%EOF" in content[-_PDF_END:], name, "evidence_damaged")


def _check_png(content: bytes, name: str) -> None:
    _refuse_unless(content.startswith(_PNG_START) and content[12:16] == b"IHDR", name)
    _refuse_unless(content.endswith(_PNG_END), name, "evidence_damaged")


def _check_jpeg(content: bytes, name: str) -> None:
    _refuse_unless(content.startswith(b"\xff\xd8\xff"), name)
    _refuse_unless(b"\xff\xd9" in content[3:], name, "evidence_damaged")


def _check_text(content: bytes, name: str) -> None:
    """Text in UTF-8, UTF-16 with a mark, or GB 18030; nothing but lines of it."""
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if all(each in _LINE_CHARACTERS or unicodedata.category(each) != "Cc" for each in text):
            return
    raise UnfitEvidenceError("evidence_mismatch", name=name)


def _office(part: str) -> Callable[[bytes, str], None]:
    """The check of an Office file whose archive holds *part*."""

    def check(content: bytes, name: str) -> None:
        _refuse_unless(content.startswith(b"PK\x03\x04"), name)
        # Counted before the list is read, which takes some hundred bytes of memory for each entry.
        _refuse_unless(content.count(_LISTED) <= _MOST_ENTRIES, name, "evidence_archive")
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                entries = archive.infolist()
        except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, ValueError) as error:
            raise UnfitEvidenceError("evidence_damaged", name=name) from error
        _check_entries(entries, len(content), name)
        names = {entry.filename.lower() for entry in entries}
        _refuse_unless({"[content_types].xml", part} <= names, name)
        _refuse_unless(not any(each.endswith("vbaproject.bin") for each in names), name, "evidence_macros")

    return check


def _check_entries(entries: list[zipfile.ZipInfo], size: int, name: str) -> None:
    """Refuse archives that unpack to far more than they are, or that hide or misplace what they hold."""
    _refuse_unless(not any(entry.flag_bits & 0x1 for entry in entries), name, "evidence_encrypted")
    total = sum(entry.file_size for entry in entries)
    packed = [entry for entry in entries if entry.file_size > _RATIO_FROM]
    sane = (
        len(entries) <= _MOST_ENTRIES
        and total <= min(_LARGEST_TOTAL, max(_RATIO_FROM, _HIGHEST_RATIO * size))
        and all(entry.file_size <= _HIGHEST_RATIO * max(entry.compress_size, 1) for entry in packed)
        and len({entry.filename.casefold() for entry in entries}) == len(entries)
        and not any(_leads_elsewhere(entry) for entry in entries)
    )
    _refuse_unless(sane, name, "evidence_archive")


def _leads_elsewhere(entry: zipfile.ZipInfo) -> bool:
    path = entry.filename.replace("\\", "/")
    return path.startswith("/") or ":" in path or ".." in path.split("/") or "\x00" in entry.orig_filename


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

KINDS = (
    Kind(endings=("pdf",), media_type="application/pdf", check=_check_pdf),
    Kind(endings=("png",), media_type="image/png", check=_check_png),
    Kind(endings=("jpg", "jpeg"), media_type="image/jpeg", check=_check_jpeg),
    Kind(endings=("docx",), media_type=_WORD, check=_office("word/document.xml")),
    Kind(endings=("xlsx",), media_type=_EXCEL, check=_office("xl/workbook.xml")),
    Kind(endings=("txt",), media_type="text/plain", check=_check_text),
    Kind(endings=("csv",), media_type="text/csv", check=_check_text),
)

#: What a file field accepts, as browsers take it.
ACCEPTED = ",".join(f".{ending}" for kind in KINDS for ending in kind.endings)

"""An uploaded questionnaire: a TOML file as it is, or an XLSForm workbook turned into one."""

import tempfile
from pathlib import Path

from werkzeug.datastructures import FileStorage

from survey_app.counties.uploads import UnfitUploadError, name_of
from survey_app.counties.workbook.faults import WorkbookError
from survey_app.errors import RefusedInputError
from survey_app.surveys.authoring.toml_text import toml_of
from survey_app.surveys.faults import QuestionnaireError
from survey_app.surveys.planning import reader_language

_MEGABYTE = 1024 * 1024

#: Largest file of each kind, in bytes.
LARGEST = {".toml": 2 * _MEGABYTE, ".xlsx": 8 * _MEGABYTE}


def read_upload(upload: FileStorage, *, form: str) -> tuple[str, list[str]]:
    """Give the text of the questionnaire in *upload*, and what of a workbook could not be carried over.

    Raises:
        UnfitUploadError: a file of another kind, too large, or not text.
        RefusedInputError: with every fault of a workbook.
    """
    name = name_of(upload)
    kind = Path(name).suffix.lower()
    if kind not in LARGEST:
        raise UnfitUploadError("questionnaire_kind", name=name)
    content = upload.stream.read(LARGEST[kind] + 1)
    if len(content) > LARGEST[kind]:
        raise UnfitUploadError("upload_large", name=name, most=LARGEST[kind] // _MEGABYTE)
    if kind == ".xlsx":
        return _workbook(content, form)
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        raise UnfitUploadError("questionnaire_not_utf8", name=name) from error


def _workbook(content: bytes, form: str) -> tuple[str, list[str]]:
    from survey_app.surveys.authoring.xlsform_import import import_xlsform

    with tempfile.TemporaryDirectory(prefix="junheng-upload-") as folder:
        path = Path(folder) / "form.xlsx"
        path.write_bytes(content)
        try:
            imported = import_xlsform(path, form=form)
        except (QuestionnaireError, WorkbookError) as refused:
            raise RefusedInputError(refused.faults, "draft_refused") from refused
    language = reader_language()
    return toml_of(imported.document), [each.message(language) for each in imported.losses]

"""Single answers as files: CSV with a DDI codebook, and SPSS. Rows stand in random order."""

import csv
import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

from survey_app.results.exports.codebook import Study, Variable
from survey_app.sheet_cells import harmless

#: The namespace of DDI-Codebook 2.5.
DDI = "ddi:codebook:2_5"

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

#: The oldest day an archive can name: the same answers always make the same file.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)

#: SPSS takes labels of so many bytes.
_LABEL_BYTES, _VALUE_BYTES = 250, 118


def as_csv(study: Study) -> bytes:
    """The rows as UTF-8 with a byte order mark; codes as the codebook explains them."""
    text = io.StringIO()
    writer = csv.writer(text)
    names = [variable.name for variable in study.variables]
    writer.writerow(names)
    for row in study.rows:
        cells = (row[name] for name in names)
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in cells])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def as_ddi(study: Study, *, file: str) -> bytes:
    """The codebook of *file* by DDI-Codebook 2.5."""
    ET.register_namespace("", DDI)
    book = ET.Element(f"{{{DDI}}}codeBook", {"version": "2.5"})
    about = _sub(book, "stdyDscr")
    citation = _sub(about, "citation")
    title = _sub(citation, "titlStmt")
    _sub(title, "titl", f"{study.county} {study.title}")
    _sub(title, "IDNo", f"junheng-wave-{study.wave}")
    info = _sub(about, "stdyInfo")
    for lang in ("zh", "en"):
        _sub(info, "abstract", study.rules.in_language(lang), lang=lang)
    scope = _sub(info, "sumDscr")
    _sub(scope, "geogCover", study.county)
    method = _sub(about, "method")
    _sub(_sub(method, "dataColl"), "weight", "weight")
    if study.withheld:
        left_out = "、".join(each.zh for each in study.withheld)
        _sub(method, "notes", f"结果不公布的对象不在文件中：{left_out}", lang="zh")
    part = _sub(_sub(book, "fileDscr"), "fileTxt")
    _sub(part, "fileName", file)
    size = _sub(part, "dimensns")
    _sub(size, "caseQnty", str(len(study.rows)))
    _sub(size, "varQnty", str(len(study.variables)))
    data = _sub(book, "dataDscr")
    for number, variable in enumerate(study.variables, 1):
        _variable(data, variable, number)
    ET.indent(book)
    return ET.tostring(book, encoding="utf-8", xml_declaration=True)


def _variable(data: ET.Element, variable: Variable, number: int) -> None:
    numeric = variable.kind != "text"
    kind = {"ID": f"V{number}", "name": variable.name}
    kind |= {"intrvl": "contin"} if variable.kind in ("real", "count") else {"intrvl": "discrete"}
    if variable.name == "weight":
        kind["wgt"] = "wgt"
    element = _sub(data, "var", **kind)
    for lang in ("zh", "en"):
        _sub(element, "labl", variable.label.in_language(lang), lang=lang)
    if variable.missing:
        invalid = _sub(element, "invalrng")
        for code in variable.missing:
            _sub(invalid, "item", VALUE=str(code))
    for code, label in variable.values.items():
        given = {"missing": "Y"} if code in variable.missing else {}
        category = _sub(element, "catgry", **given)
        _sub(category, "catValu", str(code))
        for lang in ("zh", "en"):
            _sub(category, "labl", label.in_language(lang), lang=lang)
    _sub(element, "varFormat", type="numeric" if numeric else "character", schema="other")


def _sub(parent: ET.Element, tag: str, text: str = "", /, *, lang: str = "", **attributes: str) -> ET.Element:
    made = ET.SubElement(parent, f"{{{DDI}}}{tag}", attributes | ({_XML_LANG: lang} if lang else {}))
    made.text = text or None
    return made


def csv_with_codebook(study: Study) -> tuple[bytes, str]:
    """A ZIP with the CSV file and its codebook; content and the name it is downloaded under."""
    name = f"answers-{study.wave}"
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in (
            (f"{name}.csv", as_csv(study)),
            (f"{name}-codebook.xml", as_ddi(study, file=f"{name}.csv")),
        ):
            entry = zipfile.ZipInfo(part, date_time=_LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return memory.getvalue(), f"{name}.zip"


def spss(study: Study) -> tuple[bytes, str]:
    """An SPSS file with labels in Chinese and missing values declared; content and name."""
    import pandas as pd
    import pyreadstat

    frame = pd.DataFrame(
        {
            variable.name: pd.Series([row[variable.name] for row in study.rows], dtype=_dtype(variable))
            for variable in study.variables
        }
    )
    with TemporaryDirectory(prefix="junheng-") as folder:
        path = Path(folder) / "answers.sav"
        pyreadstat.write_sav(
            frame,
            str(path),
            file_label=_cut(f"{study.county} {study.title}", 60),
            column_labels={each.name: _cut(each.label.zh, _LABEL_BYTES) for each in study.variables},
            variable_value_labels={
                each.name: {
                    code: _cut(label.in_language("zh"), _VALUE_BYTES) for code, label in each.values.items()
                }
                for each in study.variables
                if each.values
            },
            missing_ranges={each.name: list(each.missing) for each in study.variables if each.missing},
            variable_measure={
                each.name: "nominal" if each.kind in ("text", "code") else "scale" for each in study.variables
            },
        )
        return path.read_bytes(), f"answers-{study.wave}.sav"


def _dtype(variable: Variable) -> str:
    return {"text": "object", "real": "float64"}.get(variable.kind, "int64")


def _cut(text: str, most: int) -> str:
    """*text* in at most so many bytes, no character cut in two."""
    return text.encode("utf-8")[:most].decode("utf-8", "ignore")


#: Kinds of files of single answers: how each is made.
FORMATS: Mapping[str, Callable[[Study], tuple[bytes, str]]] = {"csv": csv_with_codebook, "sav": spss}

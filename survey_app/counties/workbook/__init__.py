"""The county workbook: a county file as a spreadsheet people fill in, and back.

>>> import tempfile, pathlib
>>> path = pathlib.Path(tempfile.mkdtemp(), "county.xlsx")
>>> county = {"format": "county/1", "county": {"code": "140522", "name": "阳城县"}, "year": 2021}
>>> county["schools"] = []
>>> write_workbook(county, path)
>>> read_workbook(path) == county
True
"""

from survey_app.counties.workbook.faults import Fault, WorkbookError
from survey_app.counties.workbook.reader import read_workbook
from survey_app.counties.workbook.writer import template_bytes, workbook_bytes, write_template, write_workbook

__all__ = [
    "Fault",
    "WorkbookError",
    "read_workbook",
    "template_bytes",
    "workbook_bytes",
    "write_template",
    "write_workbook",
]

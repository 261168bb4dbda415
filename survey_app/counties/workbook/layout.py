"""The sheets of the county workbook, in order: every part of the county file has its place."""

from survey_app.counties.workbook.county_sheets import COUNTY_SHEET, ELIGIBILITY, FIGURES
from survey_app.counties.workbook.judgement_sheets import EVIDENCE, PUBLISHED, RECOGNITION, SCORES
from survey_app.counties.workbook.school_sheets import CLASSES, GRADES, ROOM_AREAS, SCHOOLS, TEACHERS

#: The sheets that are filled in and read, in the order of the workbook.
SHEETS = (
    COUNTY_SHEET,
    SCHOOLS,
    CLASSES,
    GRADES,
    TEACHERS,
    ROOM_AREAS,
    FIGURES,
    ELIGIBILITY,
    EVIDENCE,
    SCORES,
    RECOGNITION,
    PUBLISHED,
)

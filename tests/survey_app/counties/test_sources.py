"""Every figure of a workbook is found again in the cell it stood in."""

from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from survey_app.counties.service import cells_of, import_county_file
from survey_app.counties.workbook.parsing.addresses import cell_place
from survey_app.counties.workbook.reader import read_with_sources
from survey_app.counties.workbook.sources import cells_of as cells_in
from survey_app.counties.workbook.writer import write_workbook
from survey_app.db import db
from tests.conftest import NOW
from tests.evaluation.situations import figures, hunan_county, small


@pytest.fixture(scope="module", params=[small, hunan_county])
def filled(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("sources") / "county.xlsx"
    write_workbook(request.param(), path)
    document, blocks = read_with_sources(path)
    sheets = CalamineWorkbook.from_path(str(path))
    return (
        document,
        blocks,
        {
            name: sheets.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in sheets.sheet_names
        },
    )


def test_every_number_stands_in_the_cell_that_is_named(filled):
    document, blocks, sheets = filled
    seen = 0
    for place, steps in figures(document):
        value = document
        for step in steps:
            value = value[step]
        if not isinstance(value, int | float | Decimal) or isinstance(value, bool):
            continue
        (cell,) = cells_in(blocks, place)
        sheet, _, name = cell.partition("!")
        row, column = cell_place(name)
        assert float(sheets[sheet][row][column]) == pytest.approx(float(value)), (place, cell)
        seen += 1
    assert seen > 100


def test_lists_give_the_cells_of_their_members(filled):
    document, blocks, sheets = filled
    code = document["schools"][0]["code"]
    stage, sizes = next(iter(document["schools"][0]["class_sizes"].items()))
    (run,) = cells_in(blocks, f"schools[{code}].class_sizes.{stage}")
    sheet, _, names = run.partition("!")
    first, _, last = names.partition(":")
    rows = range(cell_place(first)[0], cell_place(last or first)[0] + 1)
    assert [sheets[sheet][row][cell_place(first)[1]] for row in rows] == sizes
    assert cells_in(blocks, "figures.no_such_thing") == ()


def test_an_imported_file_keeps_its_cells(app, tmp_path):
    path = tmp_path / "county.xlsx"
    write_workbook(small(), path)
    document, blocks = read_with_sources(path)
    with app.app_context():
        given = {"source": "县情.xlsx", "by": "test", "now": NOW}
        file = import_county_file(db.session, document, cells=blocks, **given)
        place = f"schools[{document['schools'][1]['code']}].teaching_area"
        assert cells_of(file, place) == cells_in(blocks, place) != ()
        changed = {**document, "year": document["year"] + 1}
        assert cells_of(import_county_file(db.session, changed, **given), place) == ()

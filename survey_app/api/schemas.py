"""What operations take and give, as one table per thing: it is read, written and described from here."""

from functools import cache

import marshmallow as ma
from marshmallow import validate

from evaluation.loader import list_schemes
from survey_app.api.bodies import Nested, Strict, Whole, WholeInAddress, Word
from survey_app.results.rates.sheets import SHEETS
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.planning import DEFAULT_SCHEME

_F = ma.fields

#: Pages asked for at once hold so many rows at the most.
MOST_ROWS = 100


class PageQuery(Strict):
    """Which page of a list."""

    limit = WholeInAddress(1, MOST_ROWS, load_default=50)
    page = WholeInAddress(1, 100_000, load_default=1)


class SchemeQuery(Strict):
    """By which scheme."""

    scheme = Word(64, required=True, metadata={"example": DEFAULT_SCHEME})


class RatesQuery(Strict):
    """Which table of rates."""

    by = _F.String(
        load_default=next(iter(SHEETS)),
        validate=validate.OneOf(list(SHEETS), error="choice"),
        error_messages={"invalid": "type"},
    )


GroupSizes = Strict.from_dict({group: Whole(0, 10**12 - 1) for group in GROUPS}, name="GroupSizes")


class PlanBody(Strict):
    """A county to plan a survey for."""

    population = Whole(1, 10**12 - 1, required=True)
    scheme = Word(64, load_default=DEFAULT_SCHEME)
    group_sizes = Nested(GroupSizes, load_default=dict)


class RunBody(Strict):
    """What to judge: a county file, by a scheme, with a released survey if one is named."""

    county_file = Whole(1, 2**31 - 1, required=True)
    scheme = Word(64, required=True)
    wave = Whole(1, 2**31 - 1, load_default=None, allow_none=True)


class CountyFileRow(ma.Schema):
    """A version of a county file."""

    id = _F.Integer(required=True)
    county = _F.String(required=True)
    name = _F.String(required=True)
    year = _F.Integer(required=True)
    version = _F.Integer(required=True)
    digest = _F.String(required=True)
    source = _F.String(required=True)
    imported_at = _F.DateTime(required=True)


class SchemeRow(ma.Schema):
    """A scheme."""

    id = _F.String(required=True)
    title = _F.String(required=True)
    document = _F.String(required=True)
    extends = _F.String(required=True, allow_none=True)


class WaveRow(ma.Schema):
    """A survey."""

    id = _F.Integer(required=True)
    county = _F.String(required=True)
    name = _F.String(required=True)
    title = _F.String(required=True)
    state = _F.String(required=True)
    scheme = _F.String(required=True)
    opens_at = _F.DateTime(required=True)
    closes_at = _F.DateTime(required=True)
    released_at = _F.DateTime(required=True, allow_none=True)
    verifies = _F.Integer(required=True, allow_none=True)


class FormLine(ma.Schema):
    """A line of 表Ⅵ; what is withheld is null."""

    label = _F.String(required=True)
    distributed = _F.Integer(required=True, allow_none=True)
    returned = _F.Integer(required=True, allow_none=True)
    valid = _F.Integer(required=True, allow_none=True)
    satisfied = _F.Integer(required=True, allow_none=True)
    rate = _F.Float(required=True, allow_none=True)
    withheld = _F.Boolean(required=True)


class FormVI(ma.Schema):
    """The recognition table of a released survey."""

    wave = _F.Integer(required=True)
    lines = _F.List(_F.Nested(FormLine), required=True)


class RunRow(ma.Schema):
    """An evaluation run."""

    id = _F.Integer(required=True)
    county = _F.String(required=True)
    name = _F.String(required=True)
    number = _F.Integer(required=True)
    level = _F.String(required=True)
    county_file = _F.Integer(required=True)
    wave = _F.Integer(required=True, allow_none=True)
    application = _F.Integer(required=True, allow_none=True)
    supersedes = _F.Integer(required=True, allow_none=True)
    scheme = _F.String(required=True)
    scheme_digest = _F.String(required=True)
    input_digest = _F.String(required=True)
    result_digest = _F.String(required=True)
    computed_verdict = _F.String(required=True)
    verdict = _F.String(required=True)
    made_at = _F.DateTime(required=True)
    made_by = _F.String(required=True)


class Verification(ma.Schema):
    """What judging a run again gave; holds is null where scheme or program are others by now."""

    holds = _F.Boolean(required=True, allow_none=True)
    input_whole = _F.Boolean(required=True)
    result_whole = _F.Boolean(required=True)
    scheme_same = _F.Boolean(required=True)
    program_same = _F.Boolean(required=True)
    result_same = _F.Boolean(required=True, allow_none=True)
    scheme_digest = _F.String(required=True, allow_none=True)
    result_digest = _F.String(required=True, allow_none=True)


class StepRow(ma.Schema):
    """A signature or a return, with its seal."""

    number = _F.Integer(required=True)
    level = _F.String(required=True)
    action = _F.String(required=True)
    run = _F.Integer(required=True)
    reason = _F.String(required=True)
    seal = _F.String(required=True)
    made_at = _F.DateTime(required=True)
    made_by = _F.String(required=True)


class ApplicationRow(ma.Schema):
    """An application for recognition."""

    id = _F.Integer(required=True)
    county = _F.String(required=True)
    name = _F.String(required=True)
    year = _F.Integer(required=True)
    number = _F.Integer(required=True)
    scheme = _F.String(required=True)
    state = _F.String(required=True)
    level = _F.String(required=True, allow_none=True)
    opened_at = _F.DateTime(required=True)


class ApplicationDocument(ApplicationRow):
    """An application with its steps."""

    steps = _F.List(_F.Nested(StepRow), required=True)


class TaskRow(ma.Schema):
    """A task of a county's ledger; money in yuan by year."""

    number = _F.Integer(required=True)
    title = _F.String(required=True)
    measure = _F.String(required=True)
    origin = _F.String(required=True)
    scheme = _F.String(required=True)
    finding = _F.String(required=True)
    school = _F.String(required=True, allow_none=True)
    stage = _F.String(required=True, allow_none=True)
    department = _F.String(required=True)
    phase = _F.String(required=True)
    deadline = _F.Date(required=True, allow_none=True)
    state = _F.String(required=True)
    percent = _F.Integer(required=True, allow_none=True)
    budgets = _F.Dict(keys=_F.String(), values=_F.Integer(), required=True)
    made_at = _F.DateTime(required=True)


@cache
def page(row: type[ma.Schema]) -> type[ma.Schema]:
    """The schema of a page of *row*."""
    return ma.Schema.from_dict(
        {
            "items": _F.List(_F.Nested(row), required=True),
            "page": _F.Integer(required=True),
            "next_page": _F.Integer(required=True, allow_none=True),
        },
        name=f"{row.__name__}Page",
    )


def scheme_ids() -> list[str]:
    """The schemes that are installed."""
    return list(list_schemes())

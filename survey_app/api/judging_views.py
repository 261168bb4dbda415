"""Schemes, sample plans and evaluations that store nothing."""

from typing import Any

from flask import Response, request

from evaluation.errors import UnknownSchemeError
from evaluation.loader import load_scheme
from survey_app.api.bodies import InputFault
from survey_app.api.operations import bp, document, needs, page_of, with_body
from survey_app.api.problems import language
from survey_app.api.schemas import PageQuery, PlanBody, SchemeQuery, SchemeRow, page, scheme_ids
from survey_app.assessments.judging import judge_text
from survey_app.assessments.scheme_table import heading, scheme_document
from survey_app.canonical import canonical
from survey_app.errors import NotFoundError, RefusedInputError
from survey_app.surveys.planning import make_plan


@bp.route("/schemes")
@needs(None, 422)
@bp.arguments(PageQuery, location="query")
@bp.response(200, page(SchemeRow))
def schemes(asked: dict[str, int]) -> dict[str, Any]:
    """Every scheme there is."""
    return page_of([heading(load_scheme(each), language()) for each in scheme_ids()], asked)


@bp.route("/schemes/<scheme_id>")
@needs(None, 404)
@bp.response(200, {"$ref": "#/components/schemas/Scheme"})
@bp.alt_response(304, "NOT_MODIFIED")
def scheme(scheme_id: str) -> Response:
    """Everything a scheme says, item by item."""
    try:
        found = load_scheme(scheme_id)
    except UnknownSchemeError as unknown:
        raise NotFoundError from unknown
    return document(scheme_document(found, language()))


@bp.route("/plans", methods=["POST"])
@needs("plans:compute", 413, 415, 422)
@bp.arguments(PlanBody)
@bp.response(200, {"$ref": "#/components/schemas/Plan"})
def plan(asked: dict[str, Any]) -> Response:
    """The sample plan of a county: how many people in which groups, with the working. Nothing is stored."""
    made = make_plan(asked["population"], scheme_id=asked["scheme"], group_sizes=asked["group_sizes"])
    return document(made.document(language()))


@bp.route("/evaluations", methods=["POST"])
@needs("plans:compute", 413, 415, 422)
@bp.arguments(SchemeQuery, location="query")
@with_body("CountyFile", "县情数据文件 / a county file")
@bp.response(200, {"$ref": "#/components/schemas/Verdict"})
def evaluation(asked: dict[str, str]) -> Response:
    """Judge a county file by a scheme. Nothing is stored."""
    try:
        judged = judge_text(request.get_data(), asked["scheme"])
    except UnknownSchemeError as unknown:
        raise unknown_scheme(asked["scheme"]) from unknown
    return document(canonical(judged.document(language())))


def unknown_scheme(scheme_id: str) -> RefusedInputError:
    """The refusal of a scheme that is not installed."""
    return RefusedInputError(
        [InputFault(where="scheme", value=scheme_id, rule="unknown_scheme")], "api_refused"
    )

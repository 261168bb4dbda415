"""Pages of auditors: the trail of who did what, and whether it is whole."""

import csv
import io
import json
import re
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_login import current_user

from survey_app import audit, security
from survey_app.accounts.forms import TrailForm
from survey_app.accounts.names import logins_of, names_of
from survey_app.audit_words import described
from survey_app.db import db
from survey_app.errors import ForbiddenError
from survey_app.formatting import instant
from survey_app.sheet_cells import harmless

bp = Blueprint("audit", __name__, url_prefix="/audit")
bp.before_request(security.require_login)

#: Rows of a page, and of a downloaded list.
_PAGE = 100
_ALL = 100_000

_DIGEST = re.compile("[0-9a-f]{32,64}")

#: What an address may say beside the filters.
_NO_FILTERS = {"before", "check"}


@bp.get("/")
def index() -> str | tuple[str, int]:
    """The newest deeds of the reader's regions, filtered as the address says."""
    scopes = _scopes()
    form = TrailForm(request.args, meta={"csrf": False})
    valid = form.validate()
    before, checked = request.args.get("before", type=int), request.args.get("check") == "1"
    rows = _rows(scopes, form, before=before, most=_PAGE + 1) if valid else []
    page = render_template(
        "accounts/trail.html",
        form=form,
        names=names_of(db.session, (row.actor for row in rows)),
        rows=[(row, described(row.action), in_short(row.details)) for row in rows[:_PAGE]],
        older=rows[_PAGE - 1].number if len(rows) > _PAGE else None,
        checked=checked,
        altered=audit.first_altered(db.session) if checked else None,
        count=audit.length(db.session),
        asked={name: value for name, value in request.args.items() if name not in _NO_FILTERS and value},
    )
    return page, 200 if valid else 422


@bp.get("/trail.csv")
def download() -> Response:
    """The same list as a file, with the hashes that chain its rows."""
    scopes = _scopes()
    form = TrailForm(request.args, meta={"csrf": False})
    rows = _rows(scopes, form, most=_ALL) if form.validate() else []
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["number", "at", "actor", "action", "region", "details", "previous_hash", "hash"])
    for row in rows:
        facts = [instant(row.at), row.actor, row.action, row.region_code, row.details]
        writer.writerow([row.number, *map(harmless, facts), row.previous_hash, row.hash])
    content = text.getvalue().encode("utf-8-sig")
    headers = {"Content-Disposition": 'attachment; filename="audit-trail.csv"'}
    return Response(content, content_type="text/csv; charset=utf-8", headers=headers)


def in_short(details: str) -> str:
    """The facts of a row in one line; digests by their beginning, as a reader compares them.

    >>> in_short('{"digest":"33eaa9b12281b647ae75e8378070b4eb","wave":2}')
    'digest 33eaa9b12281… · wave 2'
    """
    return " · ".join(f"{name} {_brief(value)}" for name, value in json.loads(details).items())


def _brief(value: Any) -> str:
    if isinstance(value, dict):
        return "（" + "，".join(f"{name} {_brief(each)}" for name, each in value.items()) + "）"
    if isinstance(value, list):
        return "、".join(map(_brief, value))
    text = str(value)
    return f"{text[:12]}…" if _DIGEST.fullmatch(text) else text


def _rows(
    scopes: list[str], form: TrailForm, *, most: int, before: int | None = None
) -> list[audit.AuditEntry]:
    typed = form.actor.data or ""
    actors = logins_of(db.session, typed) if typed else []
    return audit.trail(db.session, scopes, **form.wanted, actors=actors, before=before, most=most)


def _scopes() -> list[str]:
    scopes = security.regions_for("audit.view")
    if not scopes or not current_user.is_authenticated:
        raise ForbiddenError
    return scopes

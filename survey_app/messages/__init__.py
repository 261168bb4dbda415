"""Every sentence a refusal becomes: code -> Chinese text with {facts}; English in the catalogue.

A sentence says what happened, with the numbers, and what to do next. It stands in the module of the room
that says it, in the table of its concept; a new table is named below, or its codes are never found.
"""

import gettext as _gettext
from functools import cache
from pathlib import Path
from typing import Any

from survey_app.messages import (
    accounts,
    api,
    assessments,
    counties,
    evidence,
    fieldwork,
    general,
    respond,
    results,
    supervision,
    surveys,
)

_TRANSLATIONS = Path(__file__).parents[1] / "translations"

#: Every table of sentences, along the path of the rooms.
_TABLES: tuple[dict[str, str], ...] = (
    general.PAGES,
    general.PREPARED,
    general.COMMANDS,
    evidence.EVIDENCE,
    counties.UPLOAD,
    counties.WORKBOOK,
    counties.COUNTY_FILE,
    accounts.SIGNING_IN,
    accounts.ACCOUNTS,
    accounts.APPOINTMENTS,
    accounts.PASSWORDS,
    surveys.QUESTIONNAIRES,
    surveys.WAVES,
    fieldwork.ACCESS,
    fieldwork.OPEN_ENTRIES,
    fieldwork.SAMPLES,
    fieldwork.LISTS,
    fieldwork.OPENING,
    fieldwork.BOARD,
    fieldwork.MATERIALS,
    fieldwork.TELEPHONE,
    respond.ANSWERS,
    results.RELEASE,
    results.INTEGRITY,
    results.ESTIMATION,
    results.ARCHIVE,
    assessments.EVALUATION,
    assessments.REMEDIES,
    assessments.RUNS,
    assessments.JUDGEMENT,
    assessments.APPLICATIONS,
    assessments.OVERRIDES,
    assessments.VERIFYING,
    supervision.SCHEDULE,
    supervision.RECOGNITION,
    supervision.DISPATCH,
    supervision.LISTING,
    supervision.LEDGER,
    api.TOKENS,
    api.API,
)

MESSAGES: dict[str, str] = {code: text for table in _TABLES for code, text in table.items()}


def sentence(code: str, *, lang: str | None = None, **facts: Any) -> str:
    """Say *code* with its *facts*, in *lang* (``zh`` or ``en``) or the reader's language."""
    return _translated(MESSAGES.get(code, MESSAGES["refused"]), lang).format_map(_Facts(facts))


class _Facts(dict):
    """Facts for a sentence; one that is absent shows as a dash instead of breaking the page."""

    def __missing__(self, key: str) -> str:
        return "—"


def _translated(text: str, lang: str | None) -> str:
    if lang is None:
        from flask import has_app_context

        if has_app_context():
            from flask_babel import gettext

            return gettext(text)
    return _catalogue().gettext(text) if lang == "en" else text


@cache
def _catalogue() -> _gettext.NullTranslations:
    return _gettext.translation("messages", _TRANSLATIONS, ["en"], fallback=True)

"""What pages say of periods and of a report's counties, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from survey_app.supervision.dispatch import words
from survey_app.supervision.dispatch.periods import Period
from survey_app.supervision.schedule.words import sentence_of


def period_said(period: Period) -> str:
    """Name a period and what its report is about."""
    if not period.quarter:
        return _("%(year)d 年情况报告（全部县）", year=period.year)
    return _("%(year)d 年第 %(quarter)d 季度调度（到期的县）", year=period.year, quarter=period.quarter)


def doing_said(doing: Mapping[str, Any]) -> str:
    """Say what was done."""
    return words.doing_said(doing, _)


def next_said(step: Mapping[str, Any]) -> str:
    """Say what is next."""
    return words.next_said(step, _)


def work_said(work: Mapping[str, int]) -> list[str]:
    """Say what became of tasks."""
    return words.work_said(work, _)


def reason_said(reason: Mapping[str, Any]) -> str:
    """Say why a county is at risk."""
    return sentence_of(reason["key"], reason["facts"])

"""The form of a report to make: about which period."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField

from survey_app.supervision.dispatch.periods import Period
from survey_app.supervision.dispatch.wording import period_said


class PeriodForm(FlaskForm):
    """Which period, as ``2026-4`` for a quarter and ``2026-0`` for a year."""

    period = SelectField(_l("哪一期"))

    def offer(self, periods: Iterable[Period]) -> None:
        """Offer *periods*."""
        self.period.choices = [(f"{each.year}-{each.quarter}", period_said(each)) for each in periods]

    @property
    def chosen(self) -> Period:
        """The period that was chosen."""
        year, _dash, quarter = str(self.period.data).partition("-")
        return Period(int(year), int(quarter))

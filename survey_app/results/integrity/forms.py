"""Forms of the sub-room."""

from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, ValidationError

from survey_app.clock import BEIJING, day_after
from survey_app.lines import AtMost, some_lines

#: What a review decides, as the page calls it.
DECISIONS: dict[str, Any] = {
    "checking": _l("正在核查"),
    "explained": _l("有正当原因"),
    "confirmed": _l("确认有问题"),
}


class ReviewForm(FlaskForm):
    """What was found out about a flag."""

    decision = RadioField(
        _l("核查情况"),
        choices=[SelectChoice(value, label) for value, label in DECISIONS.items()],
        validators=[InputRequired(_l("请选择核查情况"))],
    )
    note = TextAreaField(
        _l("说明"),
        validators=[
            DataRequired(_l("请写明依据：问了谁，看了什么，结果怎样")),
            AtMost(2000),
            some_lines,
        ],
    )


class SampleForm(FlaskForm):
    """The days of a verification sample."""

    opens_on = DateField(_l("开始日期"), validators=[InputRequired(_l("请选择日期"))])
    closes_on = DateField(_l("截止日期（当天 24 时截止）"), validators=[InputRequired(_l("请选择日期"))])

    def __init__(self, today: date, **given: object):
        super().__init__(**given)
        self._today = today

    @property
    def opens_at(self) -> datetime:
        """The first instant of the first day, in Beijing; only after the form was found to be right."""
        assert self.opens_on.data is not None  # noqa: S101  it is required
        return datetime.combine(self.opens_on.data, time(), BEIJING)

    @property
    def closes_at(self) -> datetime:
        """The last instant of the last day."""
        assert self.closes_on.data is not None  # noqa: S101  it is required
        return day_after(self.closes_on.data)

    def validate_closes_on(self, field: DateField) -> None:
        """Refuse days that are over, or in the wrong order."""
        if field.data is None or self.opens_on.data is None:
            return
        if field.data < self.opens_on.data:
            raise ValidationError(_("截止日期早于开始日期。请改为开始当天或以后。"))
        if field.data < self._today:
            raise ValidationError(_("截止日期已经过去。请改为今天或以后。"))

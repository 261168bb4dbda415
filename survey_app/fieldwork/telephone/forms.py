"""The room's forms."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from survey_app.clock import BEIJING
from survey_app.days import sensible
from survey_app.fieldwork.telephone.back_checks import FINDINGS
from survey_app.lines import AtMost, one_line, some_lines

_FOUND = (_l("对方确认访问过"), _l("对方否认访问过"), _l("没有联系上"))

#: Longest remark in characters.
_LONGEST = 500


def _choices(words: Mapping[str, Any]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in words.items()]


class Checkboxes(SelectMultipleField):
    """Several of some choices, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class CasesForm(FlaskForm):
    """Whom to call, and from which day on."""

    groups = Checkboxes(_l("调查对象"), validators=[DataRequired(_l("请至少选一类对象"))])
    starts = DateField(_l("从哪一天开始打（可以不填）"), validators=[Optional(), sensible])

    @property
    def starts_at(self) -> datetime | None:
        """The first instant of that day in Beijing."""
        day = self.starts.data
        return datetime.combine(day, time(), BEIJING) if day else None


class AssignForm(FlaskForm):
    """Cases of the pool for interviewers, or back from them."""

    way = RadioField(
        _l("做什么"),
        choices=_choices(
            {
                "evenly": _l("平均分给所有访问员"),
                "one": _l("分给一名访问员"),
                "back": _l("从一名访问员收回"),
            }
        ),
        default="evenly",
        validators=[DataRequired(_l("请选一项"))],
    )
    interviewer = SelectField(_l("访问员"), coerce=int, validate_choice=False)
    n = IntegerField(
        _l("人数（不填为全部）"),
        validators=[Optional(), NumberRange(min=1, max=100_000, message=_l("请填 1 以上的整数"))],
    )


class OutcomeForm(FlaskForm):
    """What came of a call."""

    outcome = RadioField(_l("这次通话的结果"), validators=[DataRequired(_l("请选一项结果"))])
    day = DateField(_l("再打的日期"), validators=[Optional(), sensible])
    hour = TimeField(_l("再打的时间（北京时间）"), validators=[Optional()])
    agreed = BooleanField(_l("这是和对方说好的时间"), default=True)
    remark = StringField(
        _l("备注（不写姓名、号码和回答）"),
        validators=[AtMost(_LONGEST), one_line],
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse a day without a time, or a time without a day."""
        fit = super().validate(extra_validators)
        if (self.day.data is None) == (self.hour.data is None):
            return fit
        missing = self.day if self.day.data is None else self.hour
        missing.errors = [*missing.errors, gettext("日期和时间要一起填")]  # ty: ignore[invalid-assignment]
        return False

    @property
    def again_at(self) -> datetime | None:
        """The time named, if both parts are there."""
        day, hour = self.day.data, self.hour.data
        if day is None or not isinstance(hour, time):
            return None
        return datetime.combine(day, hour, BEIJING)


class DecisionForm(FlaskForm):
    """What the supervisor decides about a case."""

    decision = RadioField(
        _l("处理"),
        choices=_choices(
            {
                "again": _l("再打一次"),
                "returned": _l("放回待分配"),
                "refused": _l("到此为止"),
                "withdrawn": _l("撤回，不再联系"),
            }
        ),
        validators=[DataRequired(_l("请选一项"))],
    )
    interviewer = SelectField(_l("由谁再打"), coerce=int, validate_choice=False)
    remark = StringField(_l("理由"), validators=[AtMost(200), one_line])


class SeedForm(FlaskForm):
    """The seed of a draw of back-checks."""

    seed = StringField(
        _l("种子"),
        validators=[
            DataRequired(_l("请填写种子，或用系统给出的一个")),
            AtMost(128),
            one_line,
        ],
    )


class FindingForm(FlaskForm):
    """What a back-check found."""

    finding = RadioField(
        _l("回访结果"),
        choices=_choices(dict(zip(FINDINGS, _FOUND, strict=True))),
        validators=[DataRequired(_l("请选一项"))],
    )
    remark = TextAreaField(
        _l("备注（不写姓名和号码）"),
        validators=[AtMost(_LONGEST), some_lines],
    )

"""Forms of the room."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, NumberRange, Optional

from survey_app.lines import AtMost, one_line, some_lines


class ApplicationForm(FlaskForm):
    """For which year, under which scheme."""

    year = IntegerField(
        _l("申请年份"),
        validators=[
            InputRequired(_l("请填写申请年份。")),
            NumberRange(2012, 2100, _l("请填写四位数的年份，例如 2026。")),
        ],
    )
    scheme = SelectField(_l("评估细则"), validators=[InputRequired(_l("请选择评估细则。"))])


class LevelRunForm(FlaskForm):
    """What a level judges: which file, with which survey."""

    county_file = SelectField(
        _l("县情数据"), coerce=int, validators=[InputRequired(_l("请选择一份县情数据。"))]
    )
    #: 0: none.
    wave = SelectField(_l("社会认可度调查"), coerce=int)


class SignForm(FlaskForm):
    """One's password again, and the code where one has a second factor."""

    run = HiddenField()
    password = PasswordField(_l("您的密码"), validators=[InputRequired(_l("请再输入一次您的密码。"))])
    code = StringField(_l("验证码"), validators=[Optional(), AtMost(16), one_line])


class ReasonForm(FlaskForm):
    """Why something is returned or withdrawn."""

    reason = TextAreaField(
        _l("理由"),
        validators=[
            InputRequired(_l("请写明理由。")),
            AtMost(2000),
            some_lines,
        ],
    )


class OverrideForm(FlaskForm):
    """How a finding is to be read, and why."""

    outcome = SelectField(_l("改判为"), validators=[InputRequired(_l("请选择改判的结论。"))])
    reason = TextAreaField(
        _l("理由"),
        validators=[
            InputRequired(_l("请写明理由。")),
            AtMost(2000),
            some_lines,
        ],
    )


class DecisionForm(FlaskForm):
    """What the second person says."""

    accepted = SelectField(_l("决定"), validators=[InputRequired(_l("请选择一个决定。"))])
    note = TextAreaField(_l("说明"), validators=[AtMost(500), some_lines])

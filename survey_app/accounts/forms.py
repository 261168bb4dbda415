"""The room's forms."""

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, EqualTo, Optional, Regexp, ValidationError

from survey_app.accounts.roles import LABELS
from survey_app.audit_words import ACTIONS
from survey_app.clock import day_after
from survey_app.days import sensible
from survey_app.lines import AtMost, one_line
from survey_app.messages import sentence
from survey_app.security import Held, may

_EVERYTHING: Any = _l("全部")


def _stripped(text: str | None) -> str | None:
    return text.strip() if text else text


class SignInForm(FlaskForm):
    """Login and password."""

    login = StringField(_l("登录名"), validators=[DataRequired(_l("请输入登录名")), AtMost(128), one_line])
    password = PasswordField(_l("密码"), validators=[DataRequired(_l("请输入密码")), AtMost(1024)])


class _NewPassword(FlaskForm):
    password = PasswordField(_l("新密码"), default="", validators=[DataRequired(_l("请输入新密码"))])
    repeated = PasswordField(
        _l("再输入一次新密码"),
        validators=[DataRequired(_l("请再输入一次")), EqualTo("password", _l("两次输入的密码不一样"))],
    )


class FirstRunForm(_NewPassword):
    """The first administrator."""

    login = StringField(_l("登录名"), validators=[DataRequired(_l("请输入登录名")), AtMost(128), one_line])
    name = StringField(_l("姓名"), validators=[DataRequired(_l("请输入姓名")), AtMost(64), one_line])


class NewPasswordForm(_NewPassword):
    """A new password for somebody."""


class OwnPasswordForm(_NewPassword):
    """A new password for oneself."""

    current = PasswordField(_l("现在的密码"), validators=[DataRequired(_l("请输入现在的密码"))])


class SecondFactorForm(FlaskForm):
    """The six digits that the telephone shows."""

    code = StringField(
        _l("验证码"),
        filters=[_stripped],
        validators=[DataRequired(_l("请输入手机上显示的 6 位数字")), AtMost(64), one_line],
    )


class EndForm(FlaskForm):
    """The last day of an account; empty for none."""

    last_day = DateField(_l("最后一天"), validators=[Optional(), sensible])


class TrailForm(FlaskForm):
    """Which rows of the audit trail to show."""

    action = SelectField(
        _l("操作"),
        choices=[SelectChoice("", _EVERYTHING), *(SelectChoice(*each) for each in ACTIONS.items())],
        validators=[Optional()],
        default="",
    )
    actor = StringField(
        _l("操作人（姓名或登录名）"), filters=[_stripped], validators=[Optional(), AtMost(64), one_line]
    )
    since = DateField(_l("从"), validators=[Optional(), sensible])
    until = DateField(_l("到（含当天）"), validators=[Optional(), sensible])

    def validate_until(self, field: DateField) -> None:
        """Refuse a span that ends before it begins."""
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError(_("结束日期早于开始日期"))

    @property
    def wanted(self) -> dict[str, Any]:
        """The filters as `audit.trail` takes them, but for whose logins the name stands."""
        since, until = self.since.data, self.until.data
        return {
            "action": self.action.data or "",
            "since": day_after(since - timedelta(days=1)) if since else None,
            "until": day_after(until) if until else None,
        }


class AppointmentForm(FlaskForm):
    """One role for one region, or for one school of it."""

    role = SelectField(
        _l("角色"),
        validators=[DataRequired(_l("请选择角色"))],
        default="county",
        choices=[SelectChoice(role, label) for role, label in LABELS.items()],
    )
    region = StringField(
        _l("地区代码"),
        filters=[_stripped],
        validators=[
            DataRequired(_l("请输入地区代码")),
            Regexp(r"[0-9]{6}$", message=_l("请输入 6 位行政区划代码")),
        ],
    )

    school = StringField(_l("学校代码"), default="", filters=[_stripped], validators=[AtMost(64), one_line])

    def validate_region(self, field: StringField) -> None:
        """Let an administrator appoint for their own regions only."""
        if not field.errors and not may("users.manage", field.data or ""):
            raise ValidationError(sentence("region_not_yours", region=field.data))

    @property
    def held(self) -> Held:
        """The role as it would be held."""
        return Held(self.role.data or "", self.region.data or "", self.school.data or "")


class NewAccountForm(AppointmentForm):
    """A new account with its first role; its owner sets the password."""

    login = StringField(_l("登录名"), validators=[DataRequired(_l("请输入登录名")), AtMost(128), one_line])
    name = StringField(_l("姓名"), validators=[DataRequired(_l("请输入姓名")), AtMost(64), one_line])


class ConfirmForm(FlaskForm):
    """Nothing but the CSRF field: the page itself says what the button does."""

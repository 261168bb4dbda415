"""The room's forms."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, EqualTo, Length, Regexp, ValidationError

from survey_app.accounts.roles import LABELS
from survey_app.messages import sentence
from survey_app.security import may


def _stripped(text: str | None) -> str | None:
    return text.strip() if text else text


class SignInForm(FlaskForm):
    """Login and password."""

    login = StringField(_l("登录名"), validators=[DataRequired(_l("请输入登录名")), Length(max=128)])
    password = PasswordField(_l("密码"), validators=[DataRequired(_l("请输入密码")), Length(max=1024)])


class _NewPassword(FlaskForm):
    password = PasswordField(_l("新密码"), default="", validators=[DataRequired(_l("请输入新密码"))])
    repeated = PasswordField(
        _l("再输入一次新密码"),
        validators=[DataRequired(_l("请再输入一次")), EqualTo("password", _l("两次输入的密码不一样"))],
    )


class FirstRunForm(_NewPassword):
    """The first administrator."""

    login = StringField(_l("登录名"), validators=[DataRequired(_l("请输入登录名"))])
    name = StringField(_l("姓名"), validators=[DataRequired(_l("请输入姓名")), Length(max=64)])


class NewPasswordForm(_NewPassword):
    """A new password for somebody."""


class OwnPasswordForm(_NewPassword):
    """A new password for oneself."""

    current = PasswordField(_l("现在的密码"), validators=[DataRequired(_l("请输入现在的密码"))])


class AppointmentForm(FlaskForm):
    """One role for one region."""

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

    def validate_region(self, field: StringField) -> None:
        """Let an administrator appoint for their own regions only."""
        if not field.errors and not may("users.manage", field.data or ""):
            raise ValidationError(sentence("region_not_yours", region=field.data))

    @property
    def pair(self) -> tuple[str, str]:
        """The role and the region's code."""
        return self.role.data or "", self.region.data or ""


class NewAccountForm(AppointmentForm, _NewPassword):
    """A new account with its first role."""

    login = StringField(_l("登录名"), validators=[DataRequired(_l("请输入登录名"))])
    name = StringField(_l("姓名"), validators=[DataRequired(_l("请输入姓名")), Length(max=64)])


class ConfirmForm(FlaskForm):
    """Nothing but the CSRF field: the page itself says what the button does."""

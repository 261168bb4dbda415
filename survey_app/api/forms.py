"""The room's forms."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, InputRequired, NumberRange

from survey_app.api.tokens import LONGEST_DAYS, Wish
from survey_app.lines import AtMost, one_line


def _stripped(text: str | None) -> str | None:
    return text.strip() if text else text


class TokenForm(FlaskForm):
    """A token as its owner wants it."""

    name = StringField(
        _l("名称"),
        filters=[_stripped],
        validators=[DataRequired(_l("请写明给哪个程序用")), AtMost(64), one_line],
    )
    scopes = SelectMultipleField(_l("范围"), validators=[DataRequired(_l("请至少选一项"))])
    region = StringField(
        _l("地区代码"),
        filters=[_stripped],
        validators=[DataRequired(_l("请输入地区代码")), AtMost(12), one_line],
    )
    days = IntegerField(
        _l("有效天数"),
        default=90,
        validators=[
            InputRequired(_l("请输入天数")),
            NumberRange(1, LONGEST_DAYS, _l("请输入 1 到 365 之间的天数")),
        ],
    )

    @property
    def wish(self) -> Wish:
        """The token that is asked for."""
        return Wish(
            name=self.name.data or "",
            scopes=self.scopes.data or (),
            region_code=self.region.data or "",
            days=self.days.data or 0,
        )


class RevokeForm(FlaskForm):
    """Why a token ends."""

    reason = StringField(
        _l("原因"),
        filters=[_stripped],
        validators=[DataRequired(_l("请写明原因")), AtMost(200), one_line],
    )

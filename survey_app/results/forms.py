"""Forms of the room."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import ValidationError


class CloseForm(FlaskForm):
    """Closing cannot be undone, so the wave's title is typed."""

    title = StringField(_l("输入这轮调查的名称，以确认截止"))

    def __init__(self, title: str, **given):
        super().__init__(**given)
        self._wanted = title

    def validate_title(self, field: StringField) -> None:
        """The title must be the wave's own."""
        if "".join((field.data or "").split()) != "".join(self._wanted.split()):
            raise ValidationError(_("与“%(title)s”不一致，请照样输入。", title=self._wanted))


class ReleaseForm(FlaskForm):
    """Releasing asks for nothing but the button."""

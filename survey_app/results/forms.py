"""Forms of the room."""

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, ValidationError

from survey_app.clock import BEIJING
from survey_app.lines import AtMost, one_line, some_lines
from survey_app.surveys.details import WRITTEN

_REASON = [DataRequired(_l("请写明原因")), AtMost(500), some_lines]

#: What is typed off the page, to be compared with it.
_TYPED = [AtMost(200), one_line]


class _TypedTitle(FlaskForm):
    """What cannot be undone asks for the wave's title."""

    title = StringField(validators=_TYPED)

    def __init__(self, title: str, **given):
        super().__init__(**given)
        self._wanted = title

    def validate_title(self, field: StringField) -> None:
        """The title must be the wave's own."""
        if "".join((field.data or "").split()) != "".join(self._wanted.split()):
            raise ValidationError(_("与“%(title)s”不一致，请照样输入。", title=self._wanted))


class CloseForm(_TypedTitle):
    """Closing cannot be undone, so the wave's title is typed."""

    title = StringField(_l("输入这轮调查的名称，以确认截止"), validators=_TYPED)


class AbortForm(_TypedTitle):
    """Calling a wave off destroys its answers, so the title is typed and a reason given."""

    reason = TextAreaField(_l("取消的原因"), validators=_REASON)
    title = StringField(_l("输入这轮调查的名称，以确认取消"), validators=_TYPED)


class ExtendForm(FlaskForm):
    """A later last instant, in Beijing time, with the reason."""

    closes_at = DateTimeLocalField(
        _l("新的截止时间"),
        format=[WRITTEN, f"{WRITTEN}:%S"],
        validators=[InputRequired(_l("请填写新的截止时间"))],
    )
    reason = TextAreaField(_l("延期的原因"), validators=_REASON)

    @property
    def instant(self) -> datetime:
        """The new last instant, aware."""
        if self.closes_at.data is None:
            raise ValueError("the form has not been validated")
        return self.closes_at.data.replace(tzinfo=BEIJING)


class ReleaseForm(FlaskForm):
    """Releasing asks for nothing but the button."""

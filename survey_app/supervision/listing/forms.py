"""The form of listed supervision: why a county is put under it, or taken from it."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from survey_app.lines import some_lines
from survey_app.supervision.schedule.forms import words_needed


class ReasonForm(FlaskForm):
    """Why."""

    reason = TextAreaField(
        _l("理由"),
        validators=[
            InputRequired(message=_l("请写明理由")),
            Length(max=2000, message=_l("最多 2000 个字")),
            words_needed,
            some_lines,
        ],
    )

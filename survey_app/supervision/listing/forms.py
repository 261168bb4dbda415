"""The form of listed supervision: why a county is put under it, or taken from it."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import InputRequired

from survey_app.lines import AtMost, some_lines
from survey_app.supervision.schedule.forms import words_needed


class ReasonForm(FlaskForm):
    """Why."""

    reason = TextAreaField(
        _l("理由"),
        validators=[
            InputRequired(message=_l("请写明理由")),
            AtMost(2000),
            words_needed,
            some_lines,
        ],
    )

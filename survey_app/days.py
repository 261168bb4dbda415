"""Days that forms take: those that every zone and every database can hold."""

from datetime import date

from flask_babel import gettext as _
from wtforms import Field, Form
from wtforms.validators import ValidationError

#: First and last year; earlier and later ones were mistyped.
_YEARS = range(2000, 3000)


def sensible(_form: Form, field: Field) -> None:
    """Refuse a day, or an instant, whose year somebody mistyped (a validator of a form's field).

    Raises:
        ValidationError: it was.
    """
    if isinstance(field.data, date) and field.data.year not in _YEARS:
        raise ValidationError(_("年份要在 2000 到 2999 之间，请检查"))

"""Forms of the room."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.validators import InputRequired


class RunForm(FlaskForm):
    """What to judge: which file, by which scheme, with which survey."""

    county_file = SelectField(
        _l("县情数据"), coerce=int, validators=[InputRequired(_l("请选择一份县情数据。"))]
    )
    scheme = SelectField(_l("评估细则"), validators=[InputRequired(_l("请选择评估细则。"))])
    #: 0: none.
    wave = SelectField(_l("社会认可度调查"), coerce=int)

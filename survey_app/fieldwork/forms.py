"""The room's forms."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length


class DrawForm(FlaskForm):
    """The seed of a draw."""

    seed = StringField(
        _l("种子"),
        validators=[
            DataRequired(_l("请填写种子，或用系统给出的一个")),
            Length(max=128, message=_l("种子最多 128 个字符")),
        ],
    )

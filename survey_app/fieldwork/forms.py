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


class CommitForm(FlaskForm):
    """A seed whose digest is published, to be drawn with later."""

    secret = StringField(
        _l("保密的种子"),
        validators=[
            DataRequired(_l("请填写种子，或用系统给出的一个")),
            Length(max=128, message=_l("种子最多 128 个字符")),
        ],
    )

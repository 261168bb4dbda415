"""The room's forms."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, HiddenField, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired

from survey_app.lines import AtMost, one_line

#: Names that the page itself has put there.
_KEY = [AtMost(128), one_line]


class DrawForm(FlaskForm):
    """The seed of a draw."""

    seed = StringField(
        _l("种子"),
        validators=[
            DataRequired(_l("请填写种子，或用系统给出的一个")),
            AtMost(128),
            one_line,
        ],
    )


class CommitForm(FlaskForm):
    """A seed whose digest is published, to be drawn with later."""

    secret = StringField(
        _l("保密的种子"),
        validators=[
            DataRequired(_l("请填写种子，或用系统给出的一个")),
            AtMost(128),
            one_line,
        ],
    )


class ListForm(FlaskForm):
    """A file of counted lists."""

    file = FileField(_l("名册文件"), validators=[FileRequired(_l("请选择要上传的文件"))])


class ConfirmForm(FlaskForm):
    """Why lists that differ from the registered totals are right."""

    remark = StringField(
        _l("差异的原因"),
        validators=[
            DataRequired(_l("请写明差异的原因")),
            AtMost(500),
            one_line,
        ],
    )


class ReplaceForm(FlaskForm):
    """Why a drawn school or person is replaced."""

    reason = SelectField(_l("原因"), validators=[DataRequired(_l("请选择原因"))])
    remark = StringField(
        _l("情况说明"),
        validators=[
            DataRequired(_l("请写明情况，例如文件号、日期或联系经过")),
            AtMost(500),
            one_line,
        ],
    )


class ReplaceSchoolForm(ReplaceForm):
    """A drawn school that cannot take part."""

    group = HiddenField(validators=_KEY)
    psu = HiddenField(validators=_KEY)


class ReplacePersonForm(ReplaceForm):
    """A card whose person cannot take part: the number of its batch, and its own."""

    batch = SelectField(_l("批次"), coerce=int, validators=[InputRequired(_l("请选择批次"))])
    serial = IntegerField(_l("卡号"), validators=[InputRequired(_l("请填写卡上的序号"))])


class ContactsForm(FlaskForm):
    """A file of names and telephone numbers, and the day after which they are erased."""

    file = FileField(_l("联系方式文件"), validators=[FileRequired(_l("请选择要上传的文件"))])
    erase_on = DateField(_l("清除日期"), validators=[InputRequired(_l("请填写清除日期"))])

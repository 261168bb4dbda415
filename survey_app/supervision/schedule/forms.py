"""Forms of the schedule: which one is taken over, what a document is called, a recognition made elsewhere."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import DateField, HiddenField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Optional

from survey_app.days import sensible
from survey_app.lines import AtMost, one_line, some_lines


def words_needed(_form: FlaskForm, field: Any) -> None:
    """Refuse a reason of blanks only (a validator of a form's field)."""
    if not (field.data or "").strip():
        raise ValidationError(_("请写明理由"))


class StoredForm(FlaskForm):
    """A schedule that comes with the product."""

    stored = SelectField(_l("时间表"), validators=[InputRequired(message=_l("请选择时间表"))])


class UploadForm(FlaskForm):
    """A schedule as files."""

    province = SelectField(_l("省份"))
    files = MultipleFileField(_l("文件"))
    title = StringField(_l("文件标题"), validators=[Optional(), AtMost(200), one_line])
    document = StringField(_l("文号"), validators=[Optional(), AtMost(100), one_line])
    issuer = StringField(_l("发文机关"), validators=[Optional(), AtMost(200), one_line])
    issued = DateField(_l("发文日期"), validators=[Optional(), sensible])

    def named(self) -> bool:
        """Say at each field of the document what is missing; whether nothing is."""
        needed: list[tuple[Any, str]] = [
            (self.title, _("请写明文件标题")),
            (self.document, _("请写明文号")),
            (self.issuer, _("请写明发文机关")),
            (self.issued, _("请写明发文日期")),
        ]
        for field, words in needed:
            if not field.data or not str(field.data).strip():
                field.errors = [*field.errors, words]
        return not self.errors


class KeepForm(FlaskForm):
    """The schedule that was looked at."""

    looked_at = HiddenField()


class RecognitionForm(FlaskForm):
    """A recognition made outside this installation."""

    recognised_on = DateField(
        _l("通过日期"), validators=[InputRequired(message=_l("请填写通过国家认定的日期")), sensible]
    )
    document = StringField(
        _l("依据的文件"),
        validators=[
            InputRequired(message=_l("请写明公布认定结果的文件")),
            AtMost(200),
            one_line,
        ],
    )


class WithdrawForm(FlaskForm):
    """A recorded recognition is taken back."""

    reason = TextAreaField(
        _l("撤回的理由"),
        validators=[
            InputRequired(message=_l("请写明理由")),
            AtMost(500),
            words_needed,
            some_lines,
        ],
    )

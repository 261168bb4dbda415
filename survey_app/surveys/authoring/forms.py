"""Forms of the authoring pages."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired

from survey_app.lines import AtMost, one_line, some_lines
from survey_app.surveys.authoring.drafts import LONGEST_TITLE
from survey_app.surveys.authoring.publishing import LONGEST_REMARK


class NewDraftForm(FlaskForm):
    """Whose draft, and what it begins with."""

    region = SelectField(_l("地区"), validators=[DataRequired(_l("请选择地区"))], validate_choice=True)
    start = SelectField(_l("从哪一份开始"), validate_choice=True)
    title = StringField(
        _l("名称"),
        validators=[
            DataRequired(_l("请填写名称")),
            AtMost(LONGEST_TITLE),
            one_line,
        ],
    )
    upload = FileField(_l("上传文件"))
    #: Only where a text is at hand already.
    source = TextAreaField(_l("问卷文件（TOML）"))


class DraftForm(FlaskForm):
    """The text of a draft, over the revision it was read from."""

    title = StringField(
        _l("名称"),
        validators=[
            DataRequired(_l("请填写名称")),
            AtMost(LONGEST_TITLE),
            one_line,
        ],
    )
    source = TextAreaField(_l("问卷文件（TOML）"))
    upload = FileField(_l("上传文件"))
    revision = HiddenField()


class PublishForm(FlaskForm):
    """What changed, in a sentence."""

    remark = TextAreaField(
        _l("这一版改了什么"),
        validators=[
            DataRequired(_l("请用一两句话写明改了什么")),
            AtMost(LONGEST_REMARK),
            some_lines,
        ],
    )

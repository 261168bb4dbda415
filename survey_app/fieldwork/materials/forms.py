"""Forms of materials and the ledger."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, NumberRange, ValidationError

from survey_app.fieldwork.materials.words import STANDARD, words
from survey_app.lines import AtMost, is_line, one_line

#: How much of their own a county may add to the letter.
_PARAGRAPHS, _LETTERS = 3, 400


class PrepareForm(FlaskForm):
    """What is wanted, and how the letter to parents reads."""

    scope = SelectField(_l("范围"))
    wording = RadioField(_l("致家长的信"), default=STANDARD)
    own_words = TextAreaField(_l("信末补充的话（可不填）"))

    def __init__(self, schools: dict[str, str], **given: Any):
        super().__init__(**given)
        self.scope.choices = [("", _l("全县")), *((code, f"{code} {name}") for code, name in schools.items())]
        self.wording.choices = [(name, letter.label) for name, letter in words().letters.items()]

    @property
    def paragraphs(self) -> list[str]:
        """The county's own words, a paragraph each."""
        return [line for line in map(str.strip, (self.own_words.data or "").splitlines()) if line]

    def validate_own_words(self, _field: Any) -> None:
        """Refuse what would not fit the page or cannot be printed."""
        if len(self.paragraphs) > _PARAGRAPHS or sum(map(len, self.paragraphs)) > _LETTERS:
            raise ValidationError(_l("最多 3 段，共 400 个字"))
        if not all(map(is_line, self.paragraphs)):
            raise ValidationError(_l("文字里有不能打印的控制字符，请删去后重试"))


class _LineForm(FlaskForm):
    """A line of the ledger."""

    remark = StringField(_l("备注（可不填）"), validators=[AtMost(500), one_line])


class HandedForm(_LineForm):
    """Who receives the batch."""

    receiver = StringField(
        _l("接收人"),
        validators=[
            DataRequired(_l("请填写接收人的姓名和单位")),
            AtMost(64),
            one_line,
        ],
    )


class ReturnedForm(_LineForm):
    """Who brings back how many cards."""

    receiver = SelectField(_l("退回人"), validators=[InputRequired(_l("请选择退回人"))])
    cards = IntegerField(
        _l("退回张数"),
        validators=[InputRequired(_l("请填写退回的张数")), NumberRange(min=1, message=_l("至少 1 张"))],
    )


class LostForm(_LineForm):
    """What is known about a lost batch."""

    remark = StringField(
        _l("经过"),
        validators=[
            DataRequired(_l("请写明怎样丢失、由谁报告")),
            AtMost(500),
            one_line,
        ],
    )


class FoundForm(_LineForm):
    """Where a lost batch was, and that nobody opened it."""

    remark = StringField(
        _l("经过"),
        validators=[
            DataRequired(_l("请写明在哪里找到、信封是否完好")),
            AtMost(500),
            one_line,
        ],
    )


class ReplacedForm(_LineForm):
    """The number of the batch, typed in: its old cards will never be valid again."""

    number = IntegerField(_l("输入批号以确认"))

    def __init__(self, number: int, **given: Any):
        super().__init__(**given)
        self._number = number

    def validate_number(self, field: Any) -> None:
        """Make sure that this batch is meant."""
        if field.data != self._number:
            raise ValidationError(_l("请输入本批的批号，确认换发"))

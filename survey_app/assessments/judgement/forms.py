"""Forms of judgements, visits, comments and requests for correction."""

from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import (
    DateField,
    DecimalField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    AnyOf,
    DataRequired,
    InputRequired,
    NumberRange,
    ValidationError,
)
from wtforms.widgets import CheckboxInput, ListWidget

from evaluation.numerals import shown
from survey_app.assessments.judgement.entering import Value, needs_note
from survey_app.days import sensible
from survey_app.lines import AtMost, one_line, some_lines

#: Files that one judgement can bring along at once.
MOST_FILES = 8

_PEOPLE = _l("请填 1 到 100000 的整数")

_LONG = AtMost(2000)
_SHORT = AtMost(500)

#: Kind of judgement -> what can be said of it.
_ANSWERS = {
    "attestation": [("true", _l("达到")), ("false", _l("没有达到"))],
    "veto": [("false", _l("没有发生")), ("true", _l("发生过"))],
}


class JudgementForm(FlaskForm):
    """What is judged of one thing, its grounds and its evidence."""

    answer = RadioField(_l("判断"), validate_choice=False)
    points = DecimalField(_l("得分（分）"))
    note = TextAreaField(_l("说明"), validators=[_LONG, some_lines])
    kept = SelectMultipleField(
        _l("沿用已有的材料"),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    files = MultipleFileField(_l("上传佐证材料"))
    title = StringField(_l("材料名称"), validators=[AtMost(200), one_line])

    def __init__(self, kind: str, maximum: Any = None, **given: Any):
        super().__init__(**given)
        self._kind, self._maximum = kind, maximum
        self.answer.choices = _ANSWERS.get(kind, [])

    @property
    def value(self) -> Value:
        """What was judged."""
        return self.points.data if self._kind == "points" else self.answer.data == "true"

    def validate_answer(self, field: RadioField) -> None:
        """One of the two, unless points are asked."""
        if self._kind != "points" and field.data not in dict(_ANSWERS[self._kind]):
            raise ValidationError(_("请选择一项"))

    def validate_points(self, field: Any) -> None:
        """From 0 to the maximum, with two places at most."""
        if self._kind != "points":
            return
        given = field.data
        if given is None or not given.is_finite() or not 0 <= given <= self._maximum:
            field.errors = []
            raise ValidationError(_("请填 0 到 %(maximum)s 之间的分数", maximum=shown(self._maximum)))
        if given != given.quantize(Decimal("0.01")):
            raise ValidationError(_("最多两位小数"))

    def validate_note(self, field: TextAreaField) -> None:
        """A refusal and an offence give their grounds."""
        if self._kind == "points" or self.answer.data not in dict(_ANSWERS[self._kind]):
            return
        if needs_note(self._kind, self.value) and not (field.data or "").strip():
            raise ValidationError(_("这样判断时，请写明理由"))

    def validate_files(self, field: MultipleFileField) -> None:
        """Not more at once than a request can carry."""
        if len([each for each in field.data or [] if each.filename]) > MOST_FILES:
            raise ValidationError(_("一次最多上传 %(n)d 份", n=MOST_FILES))


class ReasonForm(FlaskForm):
    """Why something is taken back."""

    reason = TextAreaField(_l("原因"), validators=[DataRequired(_l("请写明原因")), _SHORT, some_lines])


class VisitForm(FlaskForm):
    """People of one group asked at one place."""

    visited_on = DateField(_l("走访日期"), validators=[InputRequired(_l("请填写走访日期")), sensible])
    place = StringField(
        _l("走访地点"),
        validators=[
            DataRequired(_l("请填写走访地点")),
            AtMost(128),
            one_line,
        ],
    )
    #: Empty: no school.
    school = SelectField(_l("学校"))
    group = SelectField(_l("访问对象"))
    interviewed = IntegerField(
        _l("实地走访人数（人）"),
        validators=[
            InputRequired(_l("请填写人数")),
            NumberRange(1, 100_000, message=_l("请填 1 到 100000 的整数")),
        ],
    )
    satisfied = IntegerField(
        _l("满意人数（人）"),
        validators=[
            InputRequired(_l("请填写人数")),
            NumberRange(0, 100_000, message=_l("请填 0 到 100000 的整数")),
        ],
    )
    note = TextAreaField(_l("说明"), validators=[_LONG, some_lines])

    def validate_satisfied(self, field: IntegerField) -> None:
        """No more satisfied than asked."""
        asked = self.interviewed.data
        if field.data is not None and asked is not None and field.data > asked:
            said = _("满意人数 %(satisfied)d 多于走访人数 %(asked)d", satisfied=field.data, asked=asked)
            raise ValidationError(said)


class AboutForm(FlaskForm):
    """What somebody speaks of."""

    #: 0: the application as a whole.
    run = SelectField(_l("针对的评估"), coerce=int)
    finding = SelectField(_l("针对的指标"))
    school = SelectField(_l("针对的学校"))


class RemarkForm(AboutForm):
    """A comment."""

    text = TextAreaField(_l("意见"), validators=[DataRequired(_l("请填写意见")), _LONG, some_lines])


class CorrectionForm(AboutForm):
    """What is to be corrected, and by when."""

    text = TextAreaField(
        _l("要求补正的内容"), validators=[DataRequired(_l("请写明要补正什么")), _LONG, some_lines]
    )
    due_on = DateField(_l("期限"), validators=[InputRequired(_l("请填写期限")), sensible])


class AnswerForm(FlaskForm):
    """The county's answer: a newer file, a reason, or both."""

    #: 0: no file, the figures stay.
    county_file = SelectField(_l("改正后的县情数据"), coerce=int)
    text = TextAreaField(_l("答复"), validators=[_LONG, some_lines])


class DecisionForm(FlaskForm):
    """Whether an answer is enough, or the request is taken back."""

    decision = StringField(validators=[AnyOf(["accept", "refuse"])])

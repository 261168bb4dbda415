"""Forms of the ledger: a task, what happened to it, which gaps become tasks, which schools merge."""

from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from survey_app.days import sensible
from survey_app.lines import AtMost, one_line, some_lines
from survey_app.supervision.ledger.plans import WAN

#: Years that budgets can be of.
_YEARS = range(2000, 2100)
_MOST_WAN = Decimal(10) ** 8


def budgets_of(text: str) -> dict[int, int]:
    r"""Read lines of a year and an amount in 万元 as year → yuan.

    >>> budgets_of("2026 120.5\n2027：80")
    {2026: 1205000, 2027: 800000}

    Raises:
        ValueError: a line that is none; its text is the argument.
    """
    found: dict[int, int] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        parts = line.replace("：", " ").replace(":", " ").replace("万元", " ").replace(",", "").split()
        try:
            year, amount = int(parts[0]), Decimal(parts[1])
        except (ValueError, IndexError, InvalidOperation) as error:
            raise ValueError(line) from error
        fits = len(parts) == 2 and year in _YEARS and year not in found
        # A number that is none cannot be compared, and one beyond all bounds cannot be multiplied.
        if not (fits and amount.is_finite() and 0 <= amount <= _MOST_WAN) or amount * WAN % 1:
            raise ValueError(line)
        found[year] = int(amount * WAN)
    return found


class ChangeForm(FlaskForm):
    """Who does a task, until when and for how much."""

    department = StringField(
        _l("责任部门"),
        validators=[
            InputRequired(message=_l("请写明由哪个部门负责")),
            AtMost(128),
            one_line,
        ],
    )
    helpers = StringField(_l("配合部门（可不填）"), validators=[AtMost(500), one_line])
    deadline = DateField(_l("完成期限（可不填）"), validators=[Optional(), sensible])
    budgets = TextAreaField(_l("分年度资金（可不填）"), validators=[AtMost(2000), some_lines])
    measure = TextAreaField(_l("措施（可不填）"), validators=[AtMost(2000), some_lines])

    def validate_budgets(self, field: Any) -> None:
        """Refuse lines that are no year with an amount."""
        try:
            budgets_of(field.data or "")
        except ValueError as error:
            raise ValidationError(
                _l("“%(line)s”看不懂。每行写一个年份和金额（万元），例如 2026 120.5", line=str(error)[:60])
            ) from error

    @property
    def helping(self) -> list[str]:
        """The helping departments, one each."""
        text = (self.helpers.data or "").replace("，", "、").replace(",", "、")
        return [part.strip() for part in text.split("、") if part.strip()]


class TaskForm(ChangeForm):
    """A task of the county's own."""

    title = StringField(
        _l("任务"),
        validators=[
            InputRequired(message=_l("请写明要做什么")),
            AtMost(200),
            one_line,
        ],
    )
    finding = SelectField(_l("针对的指标"), validators=[Optional()])


class StepForm(FlaskForm):
    """What happened to a task."""

    step = SelectField(_l("做什么"))
    percent = IntegerField(
        _l("完成进度（%，只在报告进展时填）"),
        validators=[Optional(), NumberRange(min=0, max=100, message=_l("请填 0 到 100 的整数"))],
    )
    text = TextAreaField(_l("说明"), validators=[AtMost(2000), some_lines])
    evidence = FileField(_l("佐证文件（可不选）"))


class GapsForm(FlaskForm):
    """Which gaps become tasks."""

    gaps = SelectMultipleField(_l("差距"))
    deadline = DateField(_l("完成期限（可不填）"), validators=[Optional(), sensible])
    department = StringField(
        _l("没有列明责任部门的，由谁负责"),
        default="教育局",
        validators=[
            InputRequired(message=_l("请写明由哪个部门负责")),
            AtMost(128),
            one_line,
        ],
    )


class PlanForm(FlaskForm):
    """Which plan's tasks are taken over."""

    plan = SelectField(_l("计划"))


class RemedyForm(FlaskForm):
    """Which run a plan of remedies is for, and at what prices."""

    run = SelectField(_l("针对哪次评估"), coerce=int)
    costs = FileField(_l("单价文件（.toml，可不选）"))


class TrialForm(FlaskForm):
    """Mergers to be tried."""

    title = StringField(
        _l("名称"),
        validators=[
            InputRequired(message=_l("请给这次试算起个名字，例如：三所小学并入中心校")),
            AtMost(200),
            one_line,
        ],
    )
    run = SelectField(_l("从哪次评估算起"), coerce=int)
    equipment = BooleanField(_l("教学仪器设备随学生走"))
    rooms = BooleanField(_l("网络多媒体教室随学生走"))
    file = FileField(_l("或上传并校文件（.toml，可不选）"))

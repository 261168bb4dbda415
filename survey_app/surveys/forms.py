"""The room's forms."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError

from evaluation.loader import load_scheme, schemes_for
from survey_app.clock import BEIJING
from survey_app.surveys.planning import reader_language

#: How long a wave stays open unless somebody says otherwise.
USUAL_DAYS = 5

_MOST_PEOPLE = 10_000_000


class _Count(NumberRange):
    """A range of whole numbers; WTForms' own fails on a number that no float can hold."""

    def __call__(self, form: Any, field: Any) -> None:
        if field.data is not None:
            field.data = max(-1, min(field.data, _MOST_PEOPLE + 1))
        super().__call__(form, field)


_PEOPLE = [
    InputRequired(_l("请填写名单人数")),
    _Count(1, _MOST_PEOPLE, _l("请填写 1 至 %(max)s 之间的整数")),
]
#: As browsers send it, with or without seconds; the first is how it is shown.
_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
_OPENING_HOUR, _CLOSING_HOUR = 8, 18


class WaveForm(FlaskForm):
    """What has to be declared for a new wave; times are Beijing time."""

    title = StringField(_l("调查名称"), validators=[DataRequired(_l("请填写调查名称")), Length(max=128)])
    scheme_id = SelectField(_l("依据的细则"))
    opens_at = DateTimeLocalField(
        _l("开始时间"), format=_FORMATS, validators=[InputRequired(_l("请填写开始时间"))]
    )
    closes_at = DateTimeLocalField(
        _l("截止时间"), format=_FORMATS, validators=[InputRequired(_l("请填写截止时间"))]
    )
    deputy = IntegerField(_l("人大代表名单人数"), validators=_PEOPLE)
    cppcc_member = IntegerField(_l("政协委员名单人数"), validators=_PEOPLE)
    public = IntegerField(_l("其他群众名单人数"), validators=_PEOPLE)
    contact = StringField(
        _l("咨询联系方式"), validators=[DataRequired(_l("请填写联系方式")), Length(max=200)]
    )
    pressure_contact = StringField(
        _l("干扰举报方式"), validators=[DataRequired(_l("请填写举报方式")), Length(max=200)]
    )

    def __init__(self, now: datetime, *, county: str, year: int, known_sizes: Mapping[str, int]):
        """Offer the usual days after *now*, a title for *year*, known sizes, the *county*'s schemes first."""
        opens = now.astimezone(BEIJING).replace(hour=_OPENING_HOUR, minute=0, second=0, microsecond=0)
        opens += timedelta(days=1)
        closes = (opens + timedelta(days=USUAL_DAYS - 1)).replace(hour=_CLOSING_HOUR)
        usual: dict[str, Any] = {
            "title": f"{year}年义务教育优质均衡社会认可度调查",
            "opens_at": opens.replace(tzinfo=None),
            "closes_at": closes.replace(tzinfo=None),
            **known_sizes,
        }
        super().__init__(data=usual)
        self._now = now
        language = reader_language()
        self.scheme_id.choices = [
            SelectChoice(value=scheme.id, label=f"{scheme.document} · {getattr(scheme.title, language)}")
            for scheme in map(load_scheme, schemes_for(county))
            if scheme.sample is not None
        ]

    def validate_closes_at(self, field: DateTimeLocalField) -> None:
        """The end lies after the beginning and in the future."""
        if field.data is None:
            return
        if self.opens_at.data is not None and field.data <= self.opens_at.data:
            raise ValidationError(_l("截止时间应晚于开始时间"))
        if field.data.replace(tzinfo=BEIJING) <= self._now:
            raise ValidationError(_l("截止时间已经过去"))

    @property
    def window(self) -> tuple[datetime, datetime]:
        """First and last instant, aware."""
        opens, closes = self.opens_at.data, self.closes_at.data
        if opens is None or closes is None:
            raise ValueError("the form has not been validated")
        return opens.replace(tzinfo=BEIJING), closes.replace(tzinfo=BEIJING)

    @property
    def group_sizes(self) -> dict[str, int]:
        """Sizes of the county's lists by group."""
        fields = {"deputy": self.deputy, "cppcc_member": self.cppcc_member, "public": self.public}
        return {group: int(field.data or 0) for group, field in fields.items()}

"""The room's forms: one for each of the first three steps of a wave."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional, ValidationError

from evaluation.scheme import Scheme
from survey_app.canonical import canonical
from survey_app.clock import BEIJING
from survey_app.counties.models import CountyFile
from survey_app.days import sensible
from survey_app.lines import AtMost, one_line
from survey_app.surveys.authoring import Choice
from survey_app.surveys.details import WRITTEN, Details
from survey_app.surveys.faults import RuleSetError
from survey_app.surveys.groups import FORMS, GROUPS, LOCALITIES
from survey_app.surveys.planning import PlanFault, reader_language
from survey_app.surveys.rule_choices import CHOICES, choice_words
from survey_app.surveys.rules import RuleSet
from survey_app.surveys.school_lists import COUNTY_GROUPS
from survey_app.surveys.wave_plans import PlanInput

#: How long a wave stays open unless somebody says otherwise.
USUAL_DAYS = 5

_MOST_PEOPLE = 10_000_000
_MOST_EFFECTS = 6

#: As browsers send it, with or without seconds; the first is how it is shown.
_FORMATS = [WRITTEN, f"{WRITTEN}:%S"]
_OPENING_HOUR, _CLOSING_HOUR = 8, 18

_NUMBER = re.compile(r"\d{1,3}(\.\d{1,2})?", re.ASCII)
_LIST_SEPARATORS = re.compile(r"[\s,，、;；]+")

#: Faults that name a thing of several fields stand at the first of them.
_FIELD_OF = {"localities": "urban"}


class _Count(NumberRange):
    """A range of whole numbers; WTForms' own fails on a number that no float can hold."""

    def __call__(self, form: Any, field: Any) -> None:
        if field.data is not None:
            field.data = max(-1, min(field.data, _MOST_PEOPLE + 1))
        super().__call__(form, field)


_RANGE = _Count(1, _MOST_PEOPLE, _l("请填写 1 至 %(max)s 之间的整数"))
_FEW = [AtMost(200), one_line]
_PEOPLE = [InputRequired(_l("请填写名单人数")), _RANGE]


class StepForm(FlaskForm):
    """A step that can be changed: it carries what was seen, and whether a loss is agreed to."""

    seen = HiddenField()
    agreed = BooleanField(_l("我知道，同意作废"))

    @property
    def seen_values(self) -> dict[str, str]:
        """The values as they were when the page was opened; none where the field was tampered with."""
        try:
            values = json.loads(self.seen.data or "{}")
        except ValueError:
            return {}
        if not isinstance(values, dict):
            return {}
        return {str(name): str(value) for name, value in values.items()}

    def see(self, values: Mapping[str, str]) -> None:
        """Remember *values* as those that the reader has before them."""
        self.seen.data = canonical(dict(values))

    def shown(self, name: str, value: str) -> str:
        """A value of the field *name* as its reader knows it."""
        choices = getattr(self._fields.get(name), "choices", None) or []
        return next((str(each.label) for each in choices if str(each.value) == value), value)


def put_faults(form: FlaskForm, faults: Iterable[PlanFault]) -> None:
    """Say each fault beside its field; one that has none stands above the form."""
    for fault in faults:
        names = (fault.where, _FIELD_OF.get(fault.where, ""), fault.value)
        field = next((form[name] for name in names if name in form), None)
        if field is None:
            form.form_errors.append(fault.message)
        else:
            field.errors = [*field.errors, fault.message]


class DetailsForm(StepForm):
    """Title, days and contacts of a wave; times are Beijing time."""

    title = StringField(
        _l("调查名称"), validators=[DataRequired(_l("请填写调查名称")), AtMost(128), one_line]
    )
    opens_at = DateTimeLocalField(
        _l("开始时间"), format=_FORMATS, validators=[InputRequired(_l("请填写开始时间")), sensible]
    )
    closes_at = DateTimeLocalField(
        _l("截止时间"), format=_FORMATS, validators=[InputRequired(_l("请填写截止时间")), sensible]
    )
    contact = StringField(
        _l("咨询联系方式"), validators=[DataRequired(_l("请填写联系方式")), AtMost(200), one_line]
    )
    pressure_contact = StringField(
        _l("干扰举报方式"), validators=[DataRequired(_l("请填写举报方式")), AtMost(200), one_line]
    )
    county_file = SelectField(_l("依据的县情数据"))

    def __init__(
        self, now: datetime, *, files: Sequence[CountyFile], written: Mapping[str, str] | None = None
    ):
        """Show the wave's details as *written*, or the usual ones for a new wave of the newest file."""
        known: dict[str, Any] = dict(written or usual_details(now, files[0]))
        for name in ("opens_at", "closes_at"):
            known[name] = datetime.strptime(known[name], WRITTEN)  # noqa: DTZ007  shown without a zone
        known.setdefault("county_file", str(files[0].id))
        super().__init__(data=known)
        self._now = now
        self.county_file.choices = [
            SelectChoice(value=str(file.id), label=_file_label(file)) for file in files
        ]
        if self.seen.data is None:
            self.see(written or {})

    def validate_closes_at(self, field: DateTimeLocalField) -> None:
        """The end lies after the beginning and in the future."""
        if field.data is None:
            return
        if self.opens_at.data is not None and field.data <= self.opens_at.data:
            raise ValidationError(_l("截止时间应晚于开始时间"))
        if field.data.replace(tzinfo=BEIJING) <= self._now:
            raise ValidationError(_l("截止时间已经过去"))

    @property
    def details(self) -> Details:
        """What was filled in."""
        opens, closes = self.opens_at.data, self.closes_at.data
        if opens is None or closes is None:
            raise ValueError("the form has not been validated")
        return Details(
            title=self.title.data or "",
            opens_at=opens.replace(tzinfo=BEIJING),
            closes_at=closes.replace(tzinfo=BEIJING),
            contact=self.contact.data or "",
            pressure_contact=self.pressure_contact.data or "",
        )


def usual_details(now: datetime, file: CountyFile) -> dict[str, str]:
    """A title for the file's year, and the usual days from tomorrow morning."""
    opens = now.astimezone(BEIJING).replace(hour=_OPENING_HOUR, minute=0, second=0, microsecond=0)
    opens += timedelta(days=1)
    closes = (opens + timedelta(days=USUAL_DAYS - 1)).replace(hour=_CLOSING_HOUR)
    return {
        "title": f"{file.year}年义务教育优质均衡社会认可度调查",
        "opens_at": f"{opens:{WRITTEN}}",
        "closes_at": f"{closes:{WRITTEN}}",
    }


def _file_label(file: CountyFile) -> Any:
    return _l("%(year)d 年第 %(version)d 版", year=file.year, version=file.version)


class RulesForm(StepForm):
    """The scheme, the rules by which questionnaires are judged, and the questionnaires."""

    scheme_id = SelectField(_l("依据的细则"))
    validity = RadioField(_l("怎样算有效问卷"))
    dont_know_below = StringField(_l("“不了解”少于所答评价题的百分之几"), validators=_FEW)
    satisfaction = RadioField(_l("怎样算满意问卷"))
    satisfied_from = StringField(_l("满意的分数线"), validators=_FEW)
    dont_know = RadioField(_l("“不了解”怎样计分"))
    weighting = RadioField(_l("各类对象怎样合成一个认可度"))
    posters = RadioField(_l("扫海报填写的问卷算不算"))
    source = StringField(
        _l("规则出自哪份文件（没有就空着）"),
        validators=[AtMost(200), one_line],
    )
    form_public = SelectField(_l("社会卷"))
    form_staff = SelectField(_l("校长教师卷"))
    form_student = SelectField(_l("学生卷"))

    def __init__(
        self,
        *,
        schemes: Sequence[Scheme],
        questionnaires: Mapping[str, Sequence[Choice]],
        county: str,
        written: Mapping[str, str],
    ):
        """Show the wave's rules as *written*; offer these schemes and questionnaires."""
        super().__init__(data=dict(written))
        language = reader_language()
        self.scheme_id.choices = [
            SelectChoice(value=scheme.id, label=f"{scheme.document} · {getattr(scheme.title, language)}")
            for scheme in schemes
        ]
        for concern, names in CHOICES.items():
            self[concern].choices = [
                SelectChoice(value=name, label=choice_words(concern, name).in_language(language))
                for name in names
            ]
        for form in FORMS:
            self[f"form_{form}"].choices = [
                SelectChoice(
                    value=str(choice.version_id or ""), label=_choice_label(choice, language, county)
                )
                for choice in questionnaires[form]
            ]
        if self.seen.data is None:
            self.see(written)

    def validate_dont_know_below(self, field: StringField) -> None:
        """A whole percentage."""
        text = (field.data or "").strip()
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= 100):
            raise ValidationError(_l("请填写 1 至 100 之间的整数"))

    def validate_satisfied_from(self, field: StringField) -> None:
        """A rating."""
        text = (field.data or "").strip()
        if not _NUMBER.fullmatch(text) or not 1 < Fraction(text) <= 5:
            raise ValidationError(_l("请填写大于 1、不超过 5 的数，最多两位小数，例如 4"))

    def validate_source(self, field: StringField) -> None:
        """One line."""
        if not (field.data or "").isprintable():
            raise ValidationError(_l("应为一行文字"))

    @property
    def rules(self) -> RuleSet:
        """The rules that were chosen.

        Raises:
            RuleSetError: they cannot be declared together.
        """
        document = {concern: self[concern].data for concern in CHOICES}
        document["dont_know_below"] = str(Fraction(int(self.dont_know_below.data or "0"), 100))
        document["satisfied_from"] = str(Fraction((self.satisfied_from.data or "0").strip()))
        document["source"] = (self.source.data or "").strip()
        return RuleSet.from_content(canonical(document))

    @property
    def versions(self) -> dict[str, int | None]:
        """Form → the version that was chosen; None for the built-in questionnaire."""
        chosen = {form: self[f"form_{form}"].data for form in FORMS}
        return {form: int(version) if version else None for form, version in chosen.items()}

    def put_rule_faults(self, error: RuleSetError) -> None:
        """Say what the rules refuse beside the fields concerned."""
        for fault in error.faults:
            said = fault.message(reader_language())
            if fault.key in self:
                self[fault.key].errors = [*self[fault.key].errors, said]
            else:
                self.form_errors.append(said)


def _choice_label(choice: Choice, language: str, county: str) -> Any:
    title = choice.title.in_language(language, county=county)
    if not choice.number:
        return _l("%(title)s（系统自带）", title=title)
    return _l(
        "%(title)s（%(region)s第 %(number)d 版）",
        title=title,
        region=choice.region_name,
        number=choice.number,
    )


class PlanForm(StepForm):
    """Sizes of the county's lists, expected response, invitations and balances."""

    deputy = IntegerField(_l("人大代表名单人数"), validators=_PEOPLE)
    cppcc_member = IntegerField(_l("政协委员名单人数"), validators=_PEOPLE)
    public = IntegerField(_l("其他群众名单人数"), validators=_PEOPLE)
    balance_bands = BooleanField(_l("小学和初中的家长、学生份数大致相等"))
    urban = IntegerField(_l("城区常住人口"), validators=[Optional(), _RANGE])
    town = IntegerField(_l("镇区常住人口"), validators=[Optional(), _RANGE])
    rural = IntegerField(_l("乡村常住人口"), validators=[Optional(), _RANGE])
    design_effects = StringField(_l("设计效应"), validators=_FEW)

    def __init__(self, *, written: Mapping[str, str], usual: Mapping[str, str], groups: Sequence[str]):
        """Show the plan as *written*, and *usual* values where nothing is."""
        known: dict[str, Any] = {**usual, **written}
        known["balance_bands"] = bool(known.get("balance_bands"))
        counts = {name for name in known if self._is_count(name)}
        known = {
            name: int(value) if name in counts else value for name, value in known.items() if value != ""
        }
        super().__init__(data=known)
        self.groups = groups
        language = reader_language()
        for group in GROUPS.values():
            if group.id not in groups:
                del self[f"rate_{group.id}"]
                del self[f"invite_{group.id}"]
                continue
            name = group.label.in_language(language)
            self[f"rate_{group.id}"].label.text = _("%(group)s预期应答率", group=name)
            self[f"invite_{group.id}"].label.text = _("%(group)s邀请人数", group=name)
        if self.seen.data is None:
            self.see(written)

    def validate_design_effects(self, field: StringField) -> None:
        """A few numbers of 1 or a little less to a hundred."""
        texts = _parts(field.data)
        if not 1 <= len(texts) <= _MOST_EFFECTS or not all(
            _NUMBER.fullmatch(text) and 0 < Fraction(text) <= 100 for text in texts
        ):
            raise ValidationError(
                _l("请填写 1 至 %(most)d 个大于 0 的数，用逗号隔开，例如 1, 2, 4", most=_MOST_EFFECTS)
            )

    @property
    def given(self) -> PlanInput:
        """What was filled in."""
        return PlanInput(
            group_sizes={group: int(self[group].data or 0) for group in COUNTY_GROUPS},
            response_rates={
                group: Fraction((self[f"rate_{group}"].data or "").strip()) / 100 for group in self.groups
            },
            invitations={
                group: n for group in self.groups if (n := self[f"invite_{group}"].data) is not None
            },
            balance_bands=bool(self.balance_bands.data),
            localities=self._localities,
            design_effects=tuple(map(Fraction, _parts(self.design_effects.data))),
        )

    @staticmethod
    def _is_count(name: str) -> bool:
        return name in {*COUNTY_GROUPS, *LOCALITIES} or name.startswith("invite_")

    @property
    def _localities(self) -> dict[str, int]:
        """Residents by locality; empty where none was filled in."""
        residents = {name: int(self[name].data or 0) for name in LOCALITIES}
        return residents if any(residents.values()) else {}


def _parts(text: str | None) -> list[str]:
    return [part for part in _LIST_SEPARATORS.split((text or "").strip()) if part]


def _check_rate(_form: PlanForm, field: StringField) -> None:
    text = (field.data or "").strip()
    if not _NUMBER.fullmatch(text) or not 0 < Fraction(text) <= 100:
        raise ValidationError(_l("请填写大于 0、不超过 100 的百分数，例如 85"))


for _group in GROUPS.values():
    setattr(PlanForm, f"rate_{_group.id}", StringField(validators=[*_FEW, _check_rate]))
    setattr(PlanForm, f"invite_{_group.id}", IntegerField(validators=[Optional(), _RANGE]))

"""The form for a code that many may use; its rules stand in `open_entries`."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import Optional

from survey_app.fieldwork.open_entries.points import TURNS, Site
from survey_app.lines import AtMost, one_line
from survey_app.surveys.groups import GROUPS


class PointForm(FlaskForm):
    """What has to be said of a class's or village's code, or a poster."""

    site = SelectField(_l("对象和学校"), validate_choice=False)
    place = StringField(_l("名称"), validators=[AtMost(200), one_line])
    cap = IntegerField(_l("这个码最多收多少份"), validators=[Optional()])
    cell_cap = IntegerField(_l("同类的码合计最多收多少份"), validators=[Optional()])
    rotates_every = SelectField(_l("二维码"), validate_choice=False)

    def __init__(self, sites: Iterable[Site], language: str):
        """Offer the drawn schools and the ways in which a code is shown."""
        super().__init__()
        self.site.choices = [("", _("请选择"))] + [
            (each.key, f"{GROUPS[each.group].label.in_language(language)} · {each.name}") for each in sites
        ]
        self.rotates_every.choices = [("", _("印在纸上，不变"))] + [
            (str(seconds), _("放在屏幕上，每 %(n)d 秒换一次", n=seconds)) for seconds in TURNS
        ]

    @property
    def turn(self) -> int | None:
        """Seconds between two codes; None for a printed one."""
        chosen = self.rotates_every.data or ""
        return int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 6 else None

    def show(self, faults: Iterable) -> None:
        """Put what was refused beside its fields."""
        for fault in faults:
            beside: Any = getattr(self, fault.where, self.place)
            beside.errors = [*beside.errors, fault.message]


class CapForm(FlaskForm):
    """A new cap."""

    cap = IntegerField(_l("合计上限"), validators=[Optional()])

"""What a wave says of itself first: its title, its days, whom to ask and where to report pressure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from survey_app.clock import BEIJING
from survey_app.formatting import instant
from survey_app.lines import is_line
from survey_app.surveys.models import Wave
from survey_app.surveys.planning import PlanFault, fault

_LONGEST_TITLE = 128
_LONGEST_CONTACT = 200

#: Years in which a survey can take place: a date outside them was mistyped.
_EARLIEST, _LATEST = 2000, 2100

#: How a form writes an instant, in Beijing time.
WRITTEN = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """Title, window and contacts of a wave."""

    title: str
    #: First and last instant at which answers are taken, aware.
    opens_at: datetime
    closes_at: datetime
    contact: str
    pressure_contact: str

    @property
    def faults(self) -> list[PlanFault]:
        """Everything that is wrong with them."""
        return [*self._faults_of_words(), *self._faults_of_window()]

    @property
    def columns(self) -> dict[str, str | datetime]:
        """The columns of a wave that they fill."""
        return {
            "title": self.title.strip(),
            "opens_at": self.opens_at,
            "closes_at": self.closes_at,
            "contact": self.contact.strip(),
            "pressure_contact": self.pressure_contact.strip(),
        }

    def _faults_of_words(self) -> list[PlanFault]:
        given: Mapping[str, tuple[str, int, str]] = {
            "title": (self.title, _LONGEST_TITLE, "title_empty"),
            "contact": (self.contact, _LONGEST_CONTACT, "contact_empty"),
            "pressure_contact": (self.pressure_contact, _LONGEST_CONTACT, "contact_empty"),
        }
        faults = [
            fault(name, rule, text, most=longest)
            for name, (text, longest, rule) in given.items()
            if not 0 < len(text.strip()) <= longest
        ]
        broken = [name for name, (text, *_) in given.items() if not is_line(text.strip())]
        return faults + [fault(name, "not_a_line", given[name][0]) for name in broken]

    def _faults_of_window(self) -> list[PlanFault]:
        years = range(_EARLIEST, _LATEST + 1)
        odd = [each for each in (self.opens_at, self.closes_at) if each.year not in years]
        if odd:
            return [fault("closes_at", "window_years", odd[0].year, first=_EARLIEST, last=_LATEST)]
        if self.opens_at < self.closes_at:
            return []
        return [fault("closes_at", "window_empty", f"{instant(self.opens_at)} – {instant(self.closes_at)}")]


def details_as_written(wave: Wave) -> dict[str, str]:
    """Title, window, contacts and county file of *wave* as its form writes them."""
    return {
        "title": wave.title,
        "opens_at": f"{wave.opens_at.astimezone(BEIJING):{WRITTEN}}",
        "closes_at": f"{wave.closes_at.astimezone(BEIJING):{WRITTEN}}",
        "contact": wave.contact,
        "pressure_contact": wave.pressure_contact,
        "county_file": str(wave.county_file_id),
    }

"""What the cells of the table of counties say where that is more than a figure."""

from fractions import Fraction

from flask_babel import gettext as _
from markupsafe import Markup

from survey_app.assessments.figures import figure, limit
from survey_app.assessments.words import STAGES
from survey_app.formatting import ABSENT
from survey_app.supervision.province.ordering import NO_RUN, change
from survey_app.supervision.province.standings import Standing
from survey_app.supervision.province.words import LIGHTS, VERDICTS

_LIGHT = Markup(
    '<span class="light {0}" title="{2}"><span aria-hidden="true">{1}</span>'
    '<span class="visually-hidden">{2}</span></span>'
)
_MOVED = Markup(' <span class="moved {0}" title="{2}"><span aria-hidden="true">{1}</span></span>')
_BENEATH = Markup('<span class="beneath small">{0}</span>')


def lights() -> dict[str, Markup]:
    """Each outcome as a sign in its colour, with the word for those who do not see it."""
    return {key: _LIGHT.format(key, sign, _(word)) for key, (sign, word) in LIGHTS.items()}


def distance(standing: Standing) -> str:
    """How many items and schools a county misses, and how many lack figures."""
    if standing.run_id is None:
        return ABSENT
    missed = _("%(items)d 项、%(schools)d 校", items=standing.missed, schools=standing.schools_failing)
    if not standing.undetermined and not standing.schools_unknown:
        return missed if standing.missed or standing.schools_failing else _("不差")
    unknown = _(
        "缺数据 %(items)d 项、%(schools)d 校",
        items=standing.undetermined,
        schools=standing.schools_unknown,
    )
    return Markup("{0}{1}").format(missed, _BENEATH.format(unknown))


def rate_moved(standing: Standing) -> str:
    """Whether the recognition rate rose or fell since the year before; empty where it did not."""
    now, before = standing.recognition, standing.before
    if now is None or now.rate is None or before is None or before.rate is None:
        return ""
    return _moved(now.rate, before.rate, before.year, figure(before.rate, "percent"), rising="better")


def worst_moved(standing: Standing) -> str:
    """Whether the worst coefficient rose or fell since the year before; empty where it did not."""
    now, before = standing.worst, standing.before
    if now is None or before is None or before.worst is None:
        return ""
    shown = figure(before.worst.value, "coefficient")
    return _moved(now.ratio, before.worst.ratio, before.year, shown, rising="worse")


def standing_moved(standing: Standing) -> str:
    """Whether a county stands better than the year before, in a word."""
    by = change(standing)
    if by is None:
        return ABSENT
    if by == 0:
        return _("→ 持平")
    return _("↑ 变好") if by > 0 else _("↓ 变差")


def _moved(now: Fraction, then: Fraction, year: int, shown: str, *, rising: str) -> str:
    if now == then:
        return ""
    falling = {"better": "worse", "worse": "better"}[rising]
    said = _("%(year)d 年为 %(value)s", year=year, value=shown)
    return _MOVED.format(rising if now > then else falling, "↑" if now > then else "↓", said)


def in_words(standing: Standing) -> str:
    """What a county's panel shows, for those who do not see it."""
    worst, said = standing.worst, standing.recognition
    parts = [_(VERDICTS[standing.verdict or NO_RUN])]
    if worst is not None:
        parts.append(
            _(
                "最差差异系数 %(key)s %(stage)s %(value)s，上限 %(limit)s",
                key=worst.key,
                stage=_(STAGES[worst.stage]),
                value=figure(worst.value, "coefficient", worst.limit),
                limit=limit(worst.limit),
            )
        )
    if said is not None and said.rate is not None:
        parts.append(
            _(
                "社会认可度 %(rate)s，标准 %(limit)s",
                rate=figure(said.rate, "percent", said.limit),
                limit=limit(said.limit, "percent"),
            )
        )
    return _("；").join(parts)

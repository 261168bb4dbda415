"""The path as navigation: the rooms in the order a county's people and schools flow through them."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An entry of the top bar."""

    label: object
    endpoint: str
    #: The blueprints whose pages light this entry up.
    rooms: tuple[str, ...]
    #: Shown to whoever has this permission anywhere, be it for one school.
    permission: str


PATH = (
    Place(label=_l("县情"), endpoint="counties.index", rooms=("counties",), permission="county.view"),
    Place(
        label=_l("调查"),
        endpoint="surveys.index",
        rooms=("surveys", "questionnaires"),
        permission="wave.view",
    ),
    Place(
        label=_l("实施"),
        endpoint="fieldwork.index",
        rooms=("fieldwork", "frames", "draws", "contacts", "board", "entries", "materials"),
        permission="wave.view",
    ),
    Place(label=_l("学校"), endpoint="school.index", rooms=("school",), permission="school.view"),
    Place(
        label=_l("电话访问"),
        endpoint="telephone.desk",
        rooms=("telephone", "interview"),
        permission="phone.work",
    ),
    Place(
        label=_l("电话督导"),
        endpoint="telephone.index",
        rooms=("telephone", "interview"),
        permission="phone.supervise",
    ),
    Place(
        label=_l("结果"),
        endpoint="results.index",
        rooms=("results", "rates", "comparing", "open_answers", "integrity", "exports"),
        permission="results.view",
    ),
    Place(
        label=_l("评估"),
        endpoint="assessments.index",
        rooms=("assessments", "packs", "applications", "overrides", "judgement", "visits", "corrections"),
        permission="run.view",
    ),
    Place(
        label=_l("督导"),
        endpoint="province.index",
        rooms=("province", "schedule", "listing", "dispatch", "ledger"),
        permission="supervision.view",
    ),
    Place(label=_l("操作记录"), endpoint="audit.index", rooms=("audit",), permission="audit.view"),
    Place(label=_l("账号"), endpoint="users.index", rooms=("users",), permission="users.manage"),
)

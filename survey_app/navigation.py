"""The path as navigation: the rooms in the order a county's people and schools flow through them."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An entry of the top bar."""

    label: object
    endpoint: str
    #: The blueprint whose pages light this entry up.
    room: str
    #: Shown to whoever has this permission anywhere.
    permission: str


PATH = (
    Place(label=_l("县情"), endpoint="counties.index", room="counties", permission="county.view"),
    Place(label=_l("调查"), endpoint="surveys.index", room="surveys", permission="wave.view"),
    Place(label=_l("实施"), endpoint="fieldwork.index", room="fieldwork", permission="wave.view"),
    Place(label=_l("结果"), endpoint="results.index", room="results", permission="results.view"),
    Place(label=_l("评估"), endpoint="assessments.index", room="assessments", permission="run.view"),
    Place(label=_l("账号"), endpoint="users.index", room="users", permission="users.manage"),
)

"""The demo county: 阳城县 as it described itself in 2021, with simulated schools.

The plan gives county totals, means and judgements and no single school. `build` makes schools for which
every published figure holds, and says for each figure where it comes from.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

from survey_app.counties.simulated_schools import PLANS, make_stage

#: The seed of the schools that the demo shows.
DEFAULT_SEED = 140522

_DATA = Path(__file__).with_name("yangcheng.toml")
_TOTALS = ("schools", "pupils", "employees", "above_qualification", "backbone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A figure that the county published."""

    #: Where it stands in the county file.
    path: str
    label: str
    value: str
    #: The sentence it is taken from, and that sentence's place in the document.
    wording: str
    section: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """A family of figures that were made up."""

    path: str
    label: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where the figures of the demo county come from, for its pages."""

    #: Title and date of the document.
    document: str
    date: str
    seed: int
    published: tuple[Published, ...]
    simulated: tuple[Simulated, ...]
    #: What a reader should know of the document that no single figure shows.
    remarks: tuple[str, ...]
    #: Simulated sizes of the lists of people outside the schools, by respondent group.
    small_groups: Mapping[str, int]


def build(*, seed: int = DEFAULT_SEED) -> tuple[dict[str, Any], Provenance]:
    """Return the county file of 阳城县 and the provenance of its figures.

    The same seed gives the same schools on every platform. Left out, because not published: PE and arts
    teachers of a school (so R3 stays undetermined), places, funds, pay and rotation figures.
    """
    data = _data()
    rng = Random(seed)  # noqa: S311  simulated schools, not secrets
    document = {
        "format": "county/1",
        "county": dict(data["county"]),
        "year": 2021,
        "schools": [
            *(
                school
                for plan in PLANS
                for school in make_stage(plan, data["stages"][plan.stage], data["simulation"], rng)
            ),
            _special_school(data["special"]),
        ],
        "figures": {"special_education": {"pupils": data["special"]["pupils"]}},
        "attestations": _attestations(data),
        "eligibility": dict(data["eligibility"]),
        "totals": {
            name: {stage: figures[name] for stage, figures in data["stages"].items()} for name in _TOTALS
        },
        "stated": [_stated(data, entry) for entry in data["stated"]],
    }
    return document, _provenance(data, seed)


def _special_school(special: Mapping[str, int]) -> dict[str, Any]:
    """Return the special school; how its pupils and staff divide by stage is simulated."""
    primary = special["pupils"] * 5 // 8
    junior = special["pupils"] - primary
    staff = special["employees"] * 5 // 8
    return {
        "code": "YC-T01",
        "name": "城关特殊教育学校",
        "kind": "special",
        "locality": "town",
        "ownership": "public",
        "boarding": False,
        "township": "城关镇",
        "built_year": 2008,
        "pupils": {"primary": primary, "junior": junior},
        "teachers": {
            "primary": {"total": staff - 1, "employees": staff},
            "junior": {"total": special["employees"] - staff, "employees": special["employees"] - staff},
        },
    }


def _attestations(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: {"met": entry["met"], "note": _source(data, entry)}
        for entry in data["stated"]
        for key in entry.get("attests", ())
    }


def _stated(data: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    known = {key: entry[key] for key in ("indicator", "stage", "value", "met") if key in entry}
    return known | {"source": _source(data, entry)}


def _source(data: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    return f"{data['source']['title']}{entry['clause']}"


def _provenance(data: Mapping[str, Any], seed: int) -> Provenance:
    return Provenance(
        document=data["source"]["title"],
        date=data["source"]["date"],
        seed=seed,
        published=tuple(Published(**entry) for entry in data["published"]),
        simulated=tuple(Simulated(**entry) for entry in data["simulated"]),
        remarks=tuple(entry["text"] for entry in data["remarks"]),
        small_groups=MappingProxyType(dict(data["small_groups"])),
    )


@cache
def _data() -> Mapping[str, Any]:
    with _DATA.open("rb") as file:
        return tomllib.load(file)

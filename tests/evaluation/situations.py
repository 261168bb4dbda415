"""A small county that meets everything, and ways to change it: the ground of the rule cases."""

import copy
import json
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from evaluation import Finding, Verdict, evaluate, load_scheme, read_county

GOLDEN = Path(__file__).parents[1] / "golden" / "county"

_STAFF = {
    "total": 20,
    "above_qualification": 18,
    "backbone": 4,
    "pe_arts": 4,
    "certified": 20,
    "trained": 20,
}

_SCHOOL = {
    "locality": "town",
    "ownership": "public",
    "boarding": False,
    "built_year": 2018,
    "migrant_share": 0.1,
    "indoor_sports_area": 100,
    "teaching_area": 1780,
    "sports_ground_area": 2700,
    "equipment_value": 720000,
    "multimedia_rooms": 8,
    "music_rooms": [96],
    "art_rooms": [90],
    "funded_pupils": 240,
    "public_funds": 200000,
    "training_funds": 10000,
}


def school(code: str, stage: str, kind: str | None = None) -> dict[str, Any]:
    """Return a school of 240 pupils in six classes that meets every demand."""
    return copy.deepcopy(_SCHOOL) | {
        "code": code,
        "name": f"{code}学校",
        "kind": kind or stage,
        "pupils": {stage: 240},
        "class_sizes": {stage: [40] * 6},
        "teachers": {stage: dict(_STAFF)},
        "nearby_pupils": {stage: 240},
    }


ATTESTED = [
    "layout",
    "unified_standards",
    "performance_pay",
    "posts",
    "tilted_to_rural",
    "left_behind_care",
    "charters",
    "informatised_teaching",
    "moral_culture",
    "curriculum",
    "burden",
]
VETOES = [
    "exam_admission",
    "illegal_choice",
    "key_schools",
    "unfilled_posts",
    "serious_incident",
    "falsification",
]


def county() -> dict[str, Any]:
    """Return a county file that meets everything: P1 and P2 (primary), J1 and J2 (junior)."""
    return {
        "format": "county/1",
        "county": {"code": "140999", "name": "试验县", "resident_population": 100000},
        "year": 2024,
        "schools": [
            school("P1", "primary"),
            school("P2", "primary"),
            school("J1", "junior"),
            school("J2", "junior"),
        ],
        "figures": {
            "special_education": {"funds": 600000, "pupils": 100},
            "pay": {"teacher_mean": 90000, "civil_servant_mean": 90000},
            "rotation": {"eligible": 100, "rotated": 10, "rotated_backbone": 2},
            "senior_places": {"places": 200, "allotted": 100, "allotted_rural": 60},
            "migrant_children": {"eligible": 100, "in_public": 80, "in_purchased_private": 5},
            "retention": {
                "graduates": 190,
                "entrants": 201,
                "transferred_in": 4,
                "transferred_out": 4,
                "deaths": 1,
            },
            "disabled_children": {"children": 100, "enrolled": 95},
            "labour": {"practice_hours": 35, "comprehensive_hours": 70, "bases": 1, "teachers": 1},
            "monitoring": [
                {"subject": subject, "level": 3, "difference": 0.149, "source": "national", "year": 2023}
                for subject in ("语文", "数学")
            ],
        },
        "attestations": {key: {"met": True} for key in ATTESTED},
        "eligibility": {
            "application_year": 2025,
            "basic_balance_year": 2022,
            "basic_indicators_missed": 0,
            "composite_difference": [
                {"year": year, "primary": 0.6, "junior": 0.5} for year in (2022, 2023, 2024)
            ],
            "incident": False,
            "outcry": False,
        },
        "vetoes": dict.fromkeys(VETOES, False),
        "recognition": {
            "questionnaires": {"distributed": 200, "valid": 200, "satisfied": 170},
            "groups": {"parent": {"distributed": 100, "valid": 100, "satisfied": 85}},
            "visits": {"distributed": 20, "valid": 20, "satisfied": 17},
        },
    }


#: What only the rules of Hunan ask to be attested, and the points they award.
HUNAN_ATTESTED = [
    *("10.1", "10.2", "10.5", "13.1", "16.2", "17.1", "18.1", "18.3", "19.1"),
    *("25.measures", "28.1.budget", "28.2", "31.2", "36.1", "36.2"),
]
HUNAN_POINTS = {
    f"{item}.{number}": points
    for item, given in {
        "8": {1: 3, 3: 3},
        "9": {1: 1, 2: 2, 3: 2},
        "23": {1: 2, 2: 1, 3: 2},
        "27": {1: 1, 2: 3, 3: 1, 4: 2, 5: 2, 6: 1},
        "29": {1: 3, 2: 2, 3: 5},
        "30": {1: 1, 2: 2, 3: 1, 4: 1, 5: 1, 6: 1, 7: 2},
        "32": {1: 3, 2: 6, 3: 5, 4: 3, 5: 3},
        "33": {1: 3, 2: 2, 3: 3, 4: 2},
        "34": {1: 4, 2: 6},
        "35": {1: 2, 2: 2, 3: 4, 4: 2},
    }.items()
    for number, points in given.items()
}


def hunan_county() -> dict[str, Any]:
    """Return a county file that meets everything in Hunan, with all 100 points."""
    document = county()
    del document["eligibility"], document["figures"]["labour"]
    document["county"]["code"] = "430699"
    for row in document["schools"]:
        row["training_funds"] = 16000
    document["figures"] |= {
        "pupils_per_post": {"primary": 19, "junior": 13.5},
        "funds_per_pupil": {"primary": 600, "junior": 800},
        "education_spending": [
            {"year": year, "total": 1000000 + year, "per_pupil": 10000} for year in range(2020, 2025)
        ],
    }
    shared = ("performance_pay", "posts", "tilted_to_rural")
    document["attestations"] = {key: {"met": True} for key in (*shared, *HUNAN_ATTESTED)}
    document["scores"] = dict(HUNAN_POINTS)
    document["recognition"]["topics"] = {"8.4": 0.85, "30.8": 0.85}
    return document


def haicheng_county() -> dict[str, Any]:
    """Return a county file that meets everything in Haicheng, by the plan's body and by its list."""
    return changed(county(), {"attestations.informatisation_rules": {"met": True}})


def lingchuan_county() -> dict[str, Any]:
    """Return a county file that keeps every commitment of Lingchuan."""
    document = changed(county(), {"figures.rotation.due": 10, "figures.migrant_children.in_public": 85})
    document["figures"]["funds_per_pupil"] = {"primary": 650, "junior": 800}
    return document


#: Scheme → the county that meets everything it asks.
GROUNDS = {
    "shanxi-2022": county,
    "national-2017": county,
    "yangcheng-2021": county,
    "haicheng-2023": haicheng_county,
    "haicheng-2023@annex": haicheng_county,
    "lingchuan-2021": lingchuan_county,
    "hunan-2023": hunan_county,
}


def small() -> dict[str, Any]:
    """Return the example county file."""
    return json.loads((GOLDEN / "small.json").read_text(encoding="utf-8"))


def figures(node: Any, path: str = "", steps: tuple[Any, ...] = ()) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Every figure of a document, with its place; a list of rooms, classes or years is one figure."""
    if path == "schools":
        for position, school in enumerate(node):
            yield from figures(school, f"schools[{school['code']}]", (*steps, position))
    elif isinstance(node, dict) and set(node) != {"met"} and set(node) != {"met", "note"}:
        for key, each in node.items():
            yield from figures(each, f"{path}.{key}" if path else key, (*steps, key))
    else:
        yield path, steps


def changed(document: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return the document with values set at paths; a school is named by its code, "absent" takes away.

    ``{"P1.pupils.primary": 50, "figures.pay": "absent", "figures.monitoring.0.level": 2}``
    """
    document = copy.deepcopy(document)
    by_code = {row["code"]: row for row in document["schools"]}
    for path, value in changes.items():
        head, _, rest = path.partition(".")
        node: Any = by_code.get(head, document)
        steps = (rest if head in by_code else path).split(".")
        for step in steps[:-1]:
            node = node[int(step)] if isinstance(node, list) else node.setdefault(step, {})
        key: Any = int(steps[-1]) if isinstance(node, list) else steps[-1]
        if value == "absent":
            node.pop(key, None) if isinstance(node, dict) else node.pop(key)
        else:
            node[key] = value
    return document


def situation(case: dict[str, Any], scheme: str = "shanxi-2022") -> dict[str, Any]:
    """Return the county file of a rule case: the scheme's ground, added schools, changes, keys with dots."""
    document = GROUNDS.get(scheme, county)()
    for code, row in case.get("add", {}).items():
        row = dict(row)
        stage = row.pop("like")
        document["schools"].append(school(code, stage) | row)
    document["schools"] = [row for row in document["schools"] if row["code"] not in case.get("without", [])]
    document = changed(document, case.get("change", {}))
    for place, entries in case.get("keys", {}).items():
        node = document
        for step in place.split("."):
            node = node[step]
        for key, value in entries.items():
            node.pop(key, None) if value == "absent" else node.update({key: value})
    return document


def judged(document: dict[str, Any], scheme: str = "shanxi-2022") -> Verdict:
    """Return the verdict on a county file."""
    return evaluate(read_county(document), load_scheme(scheme))


_KEY = re.compile(r"^(?P<id>[^@/]+)(@(?P<school>[^/]+))?(/(?P<stage>.+))?$")


def found(verdict: Verdict, key: str) -> Finding | None:
    """Return the finding a case names, e.g. ``R4@P1/primary``, ``G3@P1``, ``R1.difference/junior``."""
    parts = _KEY.match(key)
    assert parts, key
    try:
        return verdict.of(parts["id"], school=parts["school"], stage=parts["stage"])
    except LookupError:
        return None


def exact(text: str) -> Fraction:
    """Return the exact number a case writes as ``4.5`` or ``1/3``."""
    return Fraction(text)

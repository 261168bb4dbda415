"""Synthetic counties: invented county files of the usual size and mixture, the same for the same seed.

They look like a county's file (kinds of school, town and country, teaching points, classes, rooms) and
describe no real place. *gaps* takes figures away; *planted* puts figures exactly on a standard, where an
evaluation in floating point would err.
"""

import random
from collections.abc import Iterator
from typing import Any

#: How many schools of each kind a county has: about seventy school parts.
KINDS = {
    "primary": 36,
    "teaching_point": 8,
    "junior": 10,
    "nine_year": 7,
    "complete_secondary": 2,
    "twelve_year": 1,
    "special": 1,
    "vocational": 1,
}

#: Stages of a kind and their usual number of pupils, from and to.
STAGES = {
    "primary": {"primary": (120, 1300)},
    "teaching_point": {"primary": (15, 130)},
    "junior": {"junior": (250, 1500)},
    "nine_year": {"primary": (150, 900), "junior": (120, 700)},
    "complete_secondary": {"junior": (300, 1100), "senior": (400, 1500)},
    "twelve_year": {"primary": (300, 1000), "junior": (200, 800), "senior": (200, 800)},
    "special": {},
    "vocational": {"senior": (300, 1500)},
}

#: Per pupil or per hundred pupils, primary and junior; the seven resource standards of 2017.
STANDARDS = {
    "above_qualification": (4.2, 5.3),
    "backbone": (1.0, 1.0),
    "pe_arts": (0.9, 0.9),
    "teaching_area": (4.5, 5.8),
    "sports_ground_area": (7.5, 10.2),
    "equipment_value": (2000, 2500),
    "multimedia_rooms": (2.3, 2.4),
}

COMPULSORY = ("primary", "junior")

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


def counties(number: int, *, seed: int = 1, **options: Any) -> Iterator[dict[str, Any]]:
    """Yield *number* county files; see :func:`county` for the options."""
    for place in range(number):
        yield county(place, seed=seed, **options)


def county(
    place: int, *, seed: int = 1, gaps: float = 0.0005, planted: float = 0.0, size: float = 1.0
) -> dict[str, Any]:
    """Return one county file.

    Args:
        place: which county; its code and everything random in it follow from this and the seed.
        seed: another seed gives other counties.
        gaps: the share of figures that are absent.
        planted: the share of a school's amounts that lie exactly on a standard.
        size: schools relative to the usual number.
    """
    rng = random.Random(f"{seed}/{place}/{gaps}/{planted}/{size}")
    wealth = rng.uniform(0.95, 1.7)
    schools: list[dict[str, Any]] = []
    for kind, usual in KINDS.items():
        for _ in range(round(usual * size * rng.uniform(0.85, 1.15))):
            schools.append(_school(rng, f"S{len(schools):03}", kind, wealth, planted))
    _merge(rng, schools)
    document = {
        "format": "county/1",
        "county": {"code": f"{100000 + place}", "name": f"模拟{place}县", "resident_population": 300_000},
        "year": rng.choice((2024, 2025)),
        "schools": schools,
        **_county_figures(rng, wealth),
    }
    if gaps:
        _take_away(rng, document["figures"], gaps)
        for each in schools:
            _take_away(rng, each, gaps, kept=("code", "name", "kind", "counted", "merge_into"))
    return document


def _school(rng: random.Random, code: str, kind: str, wealth: float, planted: float) -> dict[str, Any]:
    """Return a school: its pupils first, then what they have."""
    pupils = {stage: rng.randint(*limits) for stage, limits in STAGES[kind].items()}
    if kind in ("primary", "nine_year") and rng.random() < 0.1:
        pupils["kindergarten"] = rng.randint(20, 90)
    locality = "rural" if kind == "teaching_point" else rng.choice(("urban", "town", "town", "rural"))
    compulsory = {stage: count for stage, count in pupils.items() if stage in COMPULSORY}
    weighted = [(COMPULSORY.index(stage), count) for stage, count in compulsory.items()] or [(0, 20)]
    everyone = sum(pupils.values()) or 20
    levels = {name: rng.uniform(1.02, 1.4) * wealth for name in STANDARDS}
    on_it = {name for name in STANDARDS if rng.random() < planted}
    factor = {name: rng.choice((1, 1, 0.85)) if name in on_it else levels[name] for name in STANDARDS}

    def needs(name: str, digits: int | None = 2) -> float:
        """Return what the whole school needs of a shared amount to stand where it stands."""
        each = max(STANDARDS[name][stage] for stage, _ in weighted)
        return round(each * everyone * factor[name], digits)

    hall = round(rng.choice((0, 0, 200, 612.5)), 1)
    classes = {
        stage: _classes(rng, count, 45 if stage == "primary" else 50) for stage, count in compulsory.items()
    }
    rooms = max(-(-sum(map(len, classes.values())) // 12), 1)
    music = rng.choice((96, 96, 96, 98.5, 73, 54)) if rng.random() < 0.1 / wealth else 96
    school = {
        "code": code,
        "name": f"模拟{code}学校",
        "kind": kind,
        "locality": locality,
        "ownership": "private" if rng.random() < 0.06 else "public",
        "boarding": kind in ("junior", "complete_secondary") and rng.random() < 0.4,
        "migrant_share": round(rng.random() * 0.6, 3),
        "built_year": rng.randint(1985, 2022),
        "pupils": pupils,
        "class_sizes": classes,
        "teachers": {stage: _staff(rng, stage, count, factor) for stage, count in compulsory.items()},
        "teaching_area": round(needs("teaching_area") + hall, 2),
        "indoor_sports_area": hall,
        "sports_ground_area": round(max(needs("sports_ground_area") - hall, 0), 2),
        "equipment_value": needs("equipment_value"),
        "multimedia_rooms": int(-(-needs("multimedia_rooms", 6) // 100)),
        "music_rooms": [music] * rooms,
        "art_rooms": [90 if rng.random() < 0.97 else 67] * rooms,
        "nearby_pupils": dict(compulsory),
        "funded_pupils": max(everyone, 100),
        "public_funds": everyone * 1000,
        "training_funds": everyone * 50,
    }
    if locality == "urban" and rng.random() < 0.1:
        school |= {"dense_centre": True, "extra_sports_area": 450.25}
    return school


def _classes(rng: random.Random, pupils: int, limit: int) -> list[int]:
    """Return class sizes that add up to *pupils*; now and then one class is beyond its limit."""
    number = -(-pupils // (limit - rng.randint(1, 12)))
    sizes = [pupils // number + (place < pupils % number) for place in range(number)]
    if rng.random() < 0.001 and number > 1:
        sizes = [limit + 1, sizes[0] + sizes[1] - limit - 1, *sizes[2:]]
    return [max(each, 0) for each in sizes]


def _staff(rng: random.Random, stage: str, pupils: int, factor: dict[str, float]) -> dict[str, int]:
    """Return the teachers of a stage; counts are whole, so they lie a little above what is needed."""
    place = COMPULSORY.index(stage)
    counts = {
        name: int(-(-round(STANDARDS[name][place] * pupils * factor[name], 6) // 100))
        for name in ("above_qualification", "backbone", "pe_arts")
    }
    total = max(-(-pupils // 15), counts["above_qualification"] + 1, counts["pe_arts"])
    staff = counts | {"total": total, "certified": total, "trained": total, "employees": total + 4}
    if stage == "primary" and rng.random() < 0.2:
        staff["pe_arts_visiting"] = rng.randint(1, 2)
    return staff


def _merge(rng: random.Random, schools: list[dict[str, Any]]) -> None:
    """Let some teaching points have no count of their own; one of them goes through another."""
    primaries = [each["code"] for each in schools if each["kind"] == "primary"]
    points = [each for each in schools if each["kind"] == "teaching_point"]
    for before, point in zip([None, *points], points, strict=False):
        if primaries and rng.random() < 0.4:
            through = before is not None and before.get("counted") is False and rng.random() < 0.3
            target = before["code"] if through else rng.choice(primaries)
            point |= {"counted": False, "merge_into": target}


def _county_figures(rng: random.Random, wealth: float) -> dict[str, Any]:
    """Return what the county says beside its schools; poor counties miss more of it."""
    short = 0.3 / wealth**6
    return {
        "figures": {
            "special_education": {"funds": 650000 if rng.random() > short else 550000, "pupils": 100},
            "pay": {"teacher_mean": 91000 if rng.random() > short else 88000, "civil_servant_mean": 90000},
            "rotation": {"eligible": 400, "rotated": 48, "rotated_backbone": 12},
            "senior_places": {"places": 800, "allotted": 480, "allotted_rural": 200},
            "migrant_children": {"eligible": 300, "in_public": 280, "in_purchased_private": 10},
            "retention": {
                "graduates": 960,
                "entrants": 1000,
                "transferred_in": 10,
                "transferred_out": 12,
                "deaths": 1,
            },
            "disabled_children": {"children": 90, "enrolled": 88},
            "labour": {"practice_hours": 40, "comprehensive_hours": 70, "bases": 3, "teachers": 9},
            "funds_per_pupil": {"primary": 720, "junior": 940},
            "pupils_per_post": {"primary": 17.5, "junior": 12.8},
            "monitoring": [
                {"subject": subject, "level": 3, "difference": 0.12, "source": "national", "year": 2024}
                for subject in ("语文", "数学", "科学", "体育", "艺术", "德育")
            ],
        },
        "attestations": {key: {"met": True} for key in ATTESTED},
        "eligibility": {
            "application_year": rng.choice((2024, 2025, 2025, 2026)),
            "basic_balance_year": 2017,
            "basic_indicators_missed": 0,
            "composite_difference": [
                {"year": year, "primary": 0.4, "junior": 0.35} for year in range(2021, 2026)
            ],
            "incident": False,
            "outcry": False,
        },
        "vetoes": dict.fromkeys(VETOES, False),
        "recognition": {
            "questionnaires": {"distributed": 450, "valid": 440, "satisfied": rng.randint(370, 430)},
            "visits": {"distributed": 30, "valid": 30, "satisfied": 28},
        },
    }


def _take_away(rng: random.Random, table: dict[str, Any], gaps: float, *, kept: tuple[str, ...] = ()) -> None:
    """Make figures absent, here and there."""
    optional = {"locality", "ownership", "boarding", "pupils", *kept}
    for key in list(table):
        value = table[key]
        if key not in optional and not isinstance(value, dict) and rng.random() < gaps:
            del table[key]
        elif isinstance(value, dict):
            _take_away(rng, value, gaps)

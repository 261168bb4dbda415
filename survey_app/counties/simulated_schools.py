"""Schools of a county that published its totals only: made up, varied, and adding up exactly.

Town schools are large, village schools small; small schools have more floor, ground and equipment for
each pupil. All randomness is integers from one seeded generator and all sharing out is exact, so a seed
gives the same schools on every platform.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

from survey_app.counties.apportionment import apportion

TOWNSHIPS = (
    "城关镇",
    "东河镇",
    "南山镇",
    "北川镇",
    "西岭镇",
    "青石镇",
    "白杨镇",
    "柳林镇",
    "上庄镇",
    "下庄镇",
    "桥头镇",
    "石坡乡",
    "松岭乡",
    "杏花乡",
    "清泉乡",
)
_NUMERALS = "一二三四五六七八九"
_SEAT = TOWNSHIPS[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePlan:
    """How the schools of one stage are laid out."""

    stage: str
    #: Letter of the made-up codes, and the words of the made-up names.
    letter: str
    school_word: str
    centre_word: str
    #: Schools in the county seat; usual pupils of a school in the seat, a centre and a village.
    seat_schools: int
    usual: tuple[int, int, int]
    grades: tuple[str, ...]
    boarding: int
    #: Fewest schools below R7's floor, and between floor and standard.
    fewest_short: int
    fewest_near: int


PLANS = (
    StagePlan(
        stage="primary",
        letter="X",
        school_word="小学",
        centre_word="中心小学",
        seat_schools=7,
        usual=(960, 290, 95),
        grades=("1", "2", "3", "4", "5", "6"),
        boarding=19,
        fewest_short=4,
        fewest_near=6,
    ),
    StagePlan(
        stage="junior",
        letter="C",
        school_word="初级中学",
        centre_word="初级中学",
        seat_schools=4,
        usual=(820, 230, 120),
        grades=("7", "8", "9"),
        boarding=19,
        fewest_short=2,
        fewest_near=4,
    ),
)


def make_stage(
    plan: StagePlan, published: Mapping[str, Any], simulation: Mapping[str, Any], rng: Random
) -> list[dict[str, Any]]:
    """Return the schools of one stage, whose totals are the *published* ones.

    *published* also holds the standards that every school meets, but for R7; *simulation* the share of
    R7's standard around which the schools scatter, and the areas of music and art rooms.
    """
    schools = _places(plan, published["schools"], rng)
    pupils = apportion(published["pupils"], [school.pop("weight") for school in schools])
    for school, number in zip(schools, pupils, strict=True):
        school["pupils"] = {plan.stage: number}
    _add_classes(plan, schools, published["standards"]["largest_class"], rng)
    _add_teachers(plan, schools, pupils, published, rng)
    _add_areas(schools, pupils, published, rng)
    _add_multimedia_rooms(plan, schools, pupils, published, Fraction(simulation["floor"]), rng)
    _add_music_and_art_rooms(schools, simulation, rng)
    return schools


def varied(rng: Random, middle: int, percent: int) -> int:
    """Return a number that scatters around *middle* to one side more than to the other, as sizes do."""
    value = middle * 1000
    for _ in range(4):
        value = value * rng.randrange(100 - percent, 101 + percent) // 100
    return max(value // 1000, 1)


def _places(plan: StagePlan, count: int, rng: Random) -> list[dict[str, Any]]:
    """Return code, name, township, locality, boarding and a weight of every school."""
    schools = []
    others = TOWNSHIPS[1:]
    for number in range(count):
        seat = number < plan.seat_schools
        rank = 0 if seat else (number - plan.seat_schools) // len(others)
        township = _SEAT if seat else others[(number - plan.seat_schools) % len(others)]
        centre = not seat and rank == 0
        usual = plan.usual[0 if seat else 1 if centre else 2]
        schools.append(
            {
                "code": f"YC-{plan.letter}{number + 1:02d}",
                "name": _name(plan, township, number if seat else rank, seat=seat),
                "kind": plan.stage,
                "locality": "town" if seat or (centre and township.endswith("镇")) else "rural",
                "ownership": "public",
                "boarding": False,
                "township": township,
                "built_year": 2019 if seat and number == 0 else rng.randrange(1978, 2016),
                "weight": varied(rng, usual, 22),
            }
        )
    board_first = schools[plan.seat_schools :] + schools[: plan.seat_schools]
    for school in board_first[: plan.boarding]:
        school["boarding"] = True
    return schools


def _name(plan: StagePlan, township: str, rank: int, *, seat: bool) -> str:
    if seat:
        return f"城关第{_NUMERALS[rank]}{plan.school_word}"
    return (
        f"{township}{plan.centre_word}" if rank == 0 else f"{township}第{_NUMERALS[rank]}{plan.school_word}"
    )


def _add_classes(plan: StagePlan, schools: Sequence[dict[str, Any]], largest: int, rng: Random) -> None:
    for school in schools:
        number = school["pupils"][plan.stage]
        by_grade = apportion(number, [rng.randrange(92, 109) for _ in plan.grades])
        school["grade_pupils"] = dict(zip(plan.grades, by_grade, strict=True))
        school["class_sizes"] = {
            plan.stage: [size for grade in by_grade for size in _classes(grade, largest)]
        }


def _classes(pupils: int, largest: int) -> list[int]:
    """Return classes of about equal size, none above *largest*."""
    count = -(-pupils // largest)
    return apportion(pupils, [1] * count)


def _add_teachers(
    plan: StagePlan,
    schools: Sequence[dict[str, Any]],
    pupils: Sequence[int],
    published: Mapping[str, Any],
    rng: Random,
) -> None:
    needed = [_at_least(published["standards"]["R1"], number, per=100) for number in pupils]
    employees = apportion(
        published["employees"],
        [varied(rng, number + 60, 3) for number in pupils],
        lowest=[least + 3 for least in needed],
    )
    totals = [max(staff * rng.randrange(90, 98) // 100, 4) for staff in employees]
    qualified = apportion(
        published["above_qualification"],
        [varied(rng, total, 5) for total in totals],
        lowest=needed,
        highest=totals,
    )
    backbone = apportion(
        published["backbone"],
        [varied(rng, total, 8) for total in totals],
        lowest=[_at_least(published["standards"]["R2"], number, per=100) for number in pupils],
        highest=totals,
    )
    for school, *figures in zip(schools, totals, qualified, backbone, employees, strict=True):
        names = ("total", "above_qualification", "backbone", "employees")
        school["teachers"] = {plan.stage: dict(zip(names, figures, strict=True))}


def _add_areas(
    schools: Sequence[dict[str, Any]],
    pupils: Sequence[int],
    published: Mapping[str, Any],
    rng: Random,
) -> None:
    """Share out areas in tenths of a square metre and equipment in 元."""
    everyone = sum(pupils)
    teaching = _shared(published, "teaching_area", "R4", pupils, rng, parts=10, fixed=110)
    sports = _shared(published, "sports_area", "R5", pupils, rng, parts=10, fixed=70)
    value = _shared(published, "equipment_value", "R6", pupils, rng, parts=1, fixed=60)
    for place, school in enumerate(schools):
        hall = rng.randrange(3000, 9000) if pupils[place] > everyone // 20 else 0
        school["teaching_area"] = (teaching[place] + hall) / 10
        school["indoor_sports_area"] = hall / 10
        school["sports_ground_area"] = (sports[place] - hall) / 10
        school["equipment_value"] = value[place]


def _shared(
    published: Mapping[str, Any],
    amount: str,
    indicator: str,
    pupils: Sequence[int],
    rng: Random,
    *,
    parts: int,
    fixed: int,
) -> list[int]:
    """Share out the amount whose mean per pupil is published, in *parts* of its unit.

    Every school counts *fixed* pupils more than it has, so small schools get more for each pupil.
    """
    total = round(Fraction(published[amount]) * sum(pupils) * parts)
    weights = [varied(rng, number + fixed, 7) for number in pupils]
    lowest = [_at_least(published["standards"][indicator], number * parts) for number in pupils]
    return apportion(total, weights, lowest=lowest)


def _add_multimedia_rooms(
    plan: StagePlan,
    schools: Sequence[dict[str, Any]],
    pupils: Sequence[int],
    published: Mapping[str, Any],
    floor_share: Fraction,
    rng: Random,
) -> None:
    """Share out the rooms: some schools below the floor, some between floor and standard, the rest above."""
    total = round(Fraction(published["multimedia_rooms"]) * sum(pupils) / 100)
    standard = Fraction(published["standards"]["R7"])
    floor = standard * floor_share
    while True:
        bounds = [_room_bounds(number, standard, floor, rng) for number in pupils]
        lowest, highest = [low for low, _ in bounds], [high for _, high in bounds]
        if not sum(lowest) <= total <= sum(highest):
            continue
        rooms = apportion(
            total, [varied(rng, number, 4) for number in pupils], lowest=lowest, highest=highest
        )
        rates = [Fraction(100 * own, number) for own, number in zip(rooms, pupils, strict=True)]
        short = sum(rate < floor for rate in rates)
        near = sum(floor <= rate < standard for rate in rates)
        if short >= plan.fewest_short and near >= plan.fewest_near:
            break
    for school, own in zip(schools, rooms, strict=True):
        school["multimedia_rooms"] = own


def _room_bounds(pupils: int, standard: Fraction, floor: Fraction, rng: Random) -> tuple[int, int]:
    """Return the fewest and most rooms of a school that is short, near the standard, or above it."""
    at_floor, at_standard = _at_least(floor, pupils, per=100), _at_least(standard, pupils, per=100)
    most = _at_least(Fraction(4), pupils, per=100)
    short = (max(_at_least(Fraction("1.5"), pupils, per=100), 1), at_floor - 1)
    near = (at_floor, at_standard - 1)
    above = (at_standard, max(most, at_standard))
    wanted = rng.choice((short, near, near, above, above))
    return wanted if wanted[0] <= wanted[1] else above


def _add_music_and_art_rooms(
    schools: Sequence[dict[str, Any]], simulation: Mapping[str, Any], rng: Random
) -> None:
    """Give every school rooms of both kinds; about one school in five has too few or too small ones."""
    for school in schools:
        classes = sum(len(sizes) for sizes in school["class_sizes"].values())
        needed = -(-classes // 12)
        lacking = rng.randrange(5) == 0
        count = max(needed - 1, 1) if lacking else needed
        too_small = lacking and count == needed
        built = "later" if school["built_year"] > 2016 else "until_2016"
        for rooms in ("music_rooms", "art_rooms"):
            least = simulation[rooms][built] * 10
            low, high = (least // 2, least * 7 // 10) if too_small else (least, least + 250)
            school[rooms] = [rng.randrange(low, high) / 10 for _ in range(count)]


def _at_least(standard: str | Fraction, amount: int, *, per: int = 1) -> int:
    """Return the smallest whole number that reaches *standard* for every *per* of *amount*."""
    product = Fraction(standard) * amount / per
    return -(-product.numerator // product.denominator)

"""A schedule as it is kept: the whole document in one written form, and back."""

from functools import lru_cache

from evaluation import Schedule
from evaluation.schedule import Division
from survey_app.canonical import canonical
from survey_app.counties import regions

#: What the kept form calls itself; a reader refuses what it does not know.
FORMAT = "recognition-schedule/1"


def content_of(schedule: Schedule) -> str:
    """Write *schedule* in canonical form: heads, claims, own plans, counties, divisions, source's digest."""
    return canonical({"format": FORMAT, "schedule": schedule.model_dump(mode="json")})


@lru_cache(maxsize=16)
def schedule_of(content: str) -> Schedule:
    """Read what `content_of` wrote.

    Raises:
        ValueError: it is something else.
    """
    head, tail = f'{{"format":"{FORMAT}","schedule":', "}"
    if not (content.startswith(head) and content.endswith(tail)):
        raise ValueError(content[:60])
    return Schedule.model_validate_json(content.removeprefix(head).removesuffix(tail))


def divisions_of(province: str) -> list[Division]:
    """Give the counties that GB/T 2260 lists below a province, each with its city.

    A county that no city stands above counts with the province itself.

    >>> [(each.city, each.county) for each in divisions_of("140000")][:2]
    [('太原市', '小店区'), ('太原市', '迎泽区')]
    """
    return [
        Division(city=regions.region(area.parent_code or province).name, code=area.code, county=area.name)
        for area in regions.tree().values()
        if area.level == "county" and area.code[:2] == province[:2]
    ]


def province_of(schedule: Schedule) -> str | None:
    """Give the code of the province that a schedule's divisions lie in; None where it is not one."""
    found = {each.code[:2] for each in schedule.divisions}
    return f"{found.pop()}0000" if len(found) == 1 else None


def codes_of(schedule: Schedule) -> dict[tuple[str, str], str]:
    """Give the code of each county that the divisions have, by city and county."""
    return {(each.city, each.county): each.code for each in schedule.divisions}

